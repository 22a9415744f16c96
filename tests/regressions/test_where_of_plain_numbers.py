"""`np.where` of a traced condition and plain numbers of two kinds takes the wider kind, as NumPy does.

`np.where(x > 0, 3, 0.3)` was an array of integers, in batches and Programs: 0.3 became 0.
"""

import numpy as np
import pytest

import adjoint as ad

CHOICES = [(3, 0.3), (0.3, 3), (True, 2), (1, 2), (1.5, 2j), (False, 0.5)]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_wider_kind(choice):
    x = np.array([1.0, -1.0])

    def f(x):
        return np.where(x > 0, *choice)

    for got in (ad.vmap(f)(x), ad.trace(f)(x)(x), ad.jvp(f, (x,), (x,))[0], ad.vjp(f, x)[0]):
        np.testing.assert_array_equal(got, f(x))
        assert got.dtype == f(x).dtype
