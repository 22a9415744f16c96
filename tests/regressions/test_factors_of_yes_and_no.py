"""A product with a Python boolean, in any precision: its pullback asked the boolean for a dtype."""

import numpy as np
import pytest

import adjoint as ad


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
@pytest.mark.parametrize("factor", [True, False])
def test_the_factor(dtype, factor):
    x = np.array([1.0, 2.0], dtype)
    value, pull = ad.vjp(lambda x: x * factor, x)
    assert value.dtype == x.dtype
    np.testing.assert_array_equal(pull(x)[0], x * factor)
    np.testing.assert_array_equal(ad.jvp(lambda x: factor * x, (x,), (x,))[1], x * factor)
