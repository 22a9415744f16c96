"""`x[rows, ..., columns]` brings the indexed axes to the front, also where the dots stand for no axis."""

import numpy as np
import pytest

import adjoint as ad

MASK, NONE = np.array([True]), np.array([False])


@pytest.mark.parametrize(
    "index",
    [(None, MASK, ..., MASK), (None, MASK, ..., NONE), (None, [0, 0], ..., [0, 0]), (None, [0, 0], [0, 0])],
    ids=str,
)
def test_as_numpy(index):
    x = np.array([[3.0]])
    for got in (ad.jvp(lambda x: x[index], (x,), (x,))[0], ad.trace(lambda x: x[index])(x)(x)):
        np.testing.assert_array_equal(got, x[index])
        assert got.shape == x[index].shape
