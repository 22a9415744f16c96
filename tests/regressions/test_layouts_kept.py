"""Arrays lie in memory as NumPy's do, since that decides what `ravel` and `reshape` let one write through.

`vjp` copied its arguments into one piece; `+x`, `conj` of real numbers and `astype` to the same dtype lost
order; `ravel("K")` made a view of what lies backwards, and the copy that `ravel` makes counted as strided.
"""

import numpy as np
import pytest

import adjoint as ad

WHOLE = np.array([np.arange(i, i + 6.0) for i in range(0, 24, 6)])
ARRAYS = {
    "transposed": WHOLE.T,
    "strided": WHOLE[:, ::2],
    "part": WHOLE[1:3, 1:4],
    "backwards": WHOLE[::-1],
    "backwards twice": WHOLE[::-1, ::-1],
    "column": WHOLE[:, 1],
    "three axes": WHOLE.reshape(2, 3, 4).transpose(2, 0, 1)[:, ::-1],
    "Fortran": np.asfortranarray(WHOLE),
}
COPIES = {
    "itself": lambda x: x,
    "plus": lambda x: +x,
    "conj": np.conj,
    "astype": lambda x: x.astype(x.dtype),
    "ones_like": lambda x: np.ones_like(x).astype(x.dtype),
    "sin": np.sin,
    "ravel": np.ravel,
    "flatten": lambda x: x.flatten("F"),
}
VIEWS = {
    **{f"ravel {order}": (lambda a, order=order: a.ravel(order)) for order in "CFAK"},
    "reshape": lambda a: a.reshape(-1),
    "reshape F": lambda a: np.reshape(a, -1, order="F"),
}


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("view", VIEWS)
def test_writes_go_as_far_as_in_numpy(array, copy, view):
    def f(x):
        a = COPIES[copy](x)
        b = VIEWS[view](a)
        b[1:] = 0.5 * b[:-1]
        a[0] = 7.0
        return a, b

    x = ARRAYS[array]
    want = f(_alike(x))
    for got in (ad.vjp(f, _alike(x))[0], ad.jvp(f, (_alike(x),), (x * 1.0,))[0]):
        for g, w in zip(got, want, strict=True):
            np.testing.assert_array_equal(g, w)


def _alike(x):
    """A fresh array that lies as this one does."""
    whole = WHOLE.copy()
    if x.base is None:
        return x.copy("K")
    offset = x.__array_interface__["data"][0] - WHOLE.__array_interface__["data"][0]
    return np.ndarray(x.shape, x.dtype, whole.data, offset, x.strides)


def test_what_is_gathered_in_a_batch_lies_in_one_piece():
    def f(x):
        a = x[[0, 0]]
        a.ravel()[1:] = 5.0
        return a

    for x in (np.array([[1.0, 2.0], [3.0, 4.0]]), np.arange(12.0).reshape(2, 3, 2)):
        np.testing.assert_array_equal(ad.vmap(f)(x), np.stack([f(v) for v in x]))
