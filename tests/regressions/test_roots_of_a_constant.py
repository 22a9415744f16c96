"""A constant polynomial has no roots: an array of float64 without elements, as in NumPy, of complex ones
too.
"""

import numpy as np
import pytest

import adjoint as ad


@pytest.mark.parametrize("p", [np.array([2.0]), np.array([2.0 + 1j]), np.array([0.0, 3.0 - 1j])], ids=str)
def test_no_roots(p):
    for got in (ad.jvp(np.roots, (p,), (p,))[0], ad.vjp(np.roots, p)[0]):
        assert got.dtype == np.roots(p).dtype
        assert got.shape == (0,)
