"""The gradient of a polynomial of a Python integer's degree at complex numbers in single precision.

The written pullback asked the real part of Python's number for `item`, which only NumPy's have.
"""

import numpy as np
import pytest
from scipy import special

import adjoint as ad


@pytest.mark.parametrize("name", ["eval_laguerre", "eval_legendre", "eval_chebyt", "eval_sh_chebyt"])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_reverse_is_forward(name, dtype):
    z = np.array([1.0 + 1.0j, 0.5], dtype)

    def f(z):
        return getattr(special, name)(3, z)

    value, pull = ad.vjp(f, z)
    assert pull(value)[0].dtype == dtype
    np.testing.assert_allclose(pull(value)[0], ad.jvp(f, (z,), (value,))[1], rtol=1e-5)
