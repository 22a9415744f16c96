"""`x[-9::-1]` of a short array is empty, as in NumPy: backwards from before the first element.

It was the whole array backwards.
"""

import numpy as np
import pytest

import adjoint as ad

SLICES = [slice(-4, None, -1), slice(-9, None, -2), slice(-5, -6, -1), slice(-3, -9, -1), slice(9, None, -1)]


@pytest.mark.parametrize("part", SLICES, ids=str)
def test_reading_and_writing(part):
    x = np.array([1.0, 2.0, 3.0])

    def read(x):
        return x[part]

    def written(x):
        a = x * 1.0
        a[part] = a[part] * 5.0
        return a

    for f in (read, written):
        want = f(x)
        for got in (ad.jvp(f, (x,), (x,))[0], ad.vjp(f, x)[0], ad.trace(f)(x)(x), ad.vmap(f)(x[None])[0]):
            np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(ad.vjp(f, x)[1](np.ones_like(want))[0], ad.jacfwd(f)(x).sum(0))
