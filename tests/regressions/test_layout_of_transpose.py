"""A transpose that moves no axis lies as its array does, so that `ravel` copies where NumPy's does."""

from typing import Any

import numpy as np

import adjoint as ad


def test_strided() -> None:
    """`ravel` of every second element is a copy, whichever way they were named."""
    x = np.array([1.5, -0.7, 2.0, 0.3])

    def f(x: Any) -> Any:
        y = x * 1.0
        apart = np.moveaxis(y[::2], 0, -1).ravel()
        y[0] = 9.0
        return np.sum(apart)

    assert f(x) == 3.5
    value, slope = ad.value_and_grad(f)(x)
    assert value == 3.5
    np.testing.assert_array_equal(slope, [1.0, 0.0, 1.0, 0.0])
