"""`np.add.at(a, index, v)` takes every index that `a[index]` takes.

A tuple of an ellipsis, slices or arrays was made an array before it was used as an index.
"""

import numpy as np
import pytest

import adjoint as ad

INDICES = [
    ...,
    (..., 0),
    (slice(None), 1),
    (0, slice(1, 3)),
    ([0, 1], [1, 0]),
    (slice(None), [0, 0]),
    [0, 1, 1],
    (None, 0),
    (),
    (1, 2),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.multiply])
def test_any_index(ufunc, index):
    x = np.arange(6.0).reshape(2, 3)

    def f(x):
        a = np.copy(x)
        ufunc.at(a, index, 2.0)
        return a

    np.testing.assert_array_equal(ad.jvp(f, (x,), (x,))[0], f(x))
    np.testing.assert_array_equal(ad.vjp(f, x)[0], f(x))


def test_an_array_without_axes():
    def f(x):
        a = np.copy(x)
        np.add.at(a, ..., 2.0)
        return a

    assert ad.jvp(f, (np.array(1.5),), (np.array(1.0),)) == (3.5, 1.0)
