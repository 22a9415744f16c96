"""Numbers in the other byte order, as files often hold them, have derivatives."""

from typing import Any

import numpy as np
import pytest

import adjoint as ad

SWAPPED = np.dtype(np.float64).newbyteorder()


@pytest.mark.parametrize("dtype", [np.float64, SWAPPED])
def test_gradient(dtype: np.dtype) -> None:
    """As an input, and where `astype` brings it about."""
    x = np.array([1.0, 2.0]).astype(dtype)

    def f(v: Any) -> Any:
        return np.sum(v.astype(SWAPPED) ** 2)

    np.testing.assert_array_equal(ad.grad(f)(x), [2.0, 4.0])
    np.testing.assert_array_equal(ad.jacfwd(f)(x), [2.0, 4.0])
    np.testing.assert_array_equal(ad.hessian(f)(x), 2 * np.eye(2))
