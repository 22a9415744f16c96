"""Diagonals and triangles: `diag`, `diagonal`, `trace`, `tril`, `triu`, `fill_diagonal`, ... as NumPy's."""

from typing import Any

import numpy as np

from ...core.avals import Aval, aval_of
from ...primitives import structure as s
from ...primitives.indexing import assign, embed, slice_
from ...primitives.promotion import to_dtype, to_shape
from ..dispatch import array_operand, into, normal_axis, read_only, viewed
from .manipulation import gathered, ravel

_SMALL = {"b": np.dtype(np.intp), "i": np.dtype(np.intp), "u": np.dtype(np.uintp)}


def _along(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal stands among the elements of a matrix."""
    start, count = (
        (offset, min(rows, columns - offset))
        if offset >= 0
        else (
            -offset * columns,
            min(rows + offset, columns),
        )
    )
    if count <= 0:
        return slice(0, 0, 1)
    return slice(start, start + (count - 1) * (columns + 1) + 1, columns + 1)


def take_diagonal(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    """A diagonal of two axes as the last axis."""
    if type(x) is np.ndarray:
        return np.diagonal(x, offset, axis1, axis2)  # lies as NumPy's does
    shape = aval_of(x).shape
    rest = [i for i in range(len(shape)) if i not in (axis1, axis2)]
    if [*rest, axis1, axis2] != list(range(len(shape))):
        x = s.permute(x, axes=(*rest, axis1, axis2))
    rows, columns = shape[axis1], shape[axis2]
    lead = tuple(shape[i] for i in rest)
    flat = s.reshape(x, shape=(*lead, rows * columns))
    return slice_(flat, index=(*(slice(0, n, 1) for n in lead), _along(rows, columns, offset)))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """As `numpy.diagonal`: a view that cannot be written into."""
    x = array_operand(a)
    n = aval_of(x).ndim
    if n < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    first, second = normal_axis(axis1, n), normal_axis(axis2, n)
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")
    return viewed(x, lambda base: take_diagonal(base, offset, first, second), read_only)


def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """As `numpy.linalg.diagonal`: of the last two axes."""
    return diagonal(x, offset, -2, -1)


def diag(v: Any, k: int = 0) -> Any:
    """As `numpy.diag`: a matrix of a vector, or a matrix's diagonal."""
    x = array_operand(v)
    shape = aval_of(x).shape
    if len(shape) == 2:
        return diagonal(x, k)
    if len(shape) != 1:
        raise ValueError("Input must be 1- or 2-d.")
    n = shape[0] + abs(k)
    flat = embed(x, index=(_along(n, n, k),), shape=(n * n,))
    return s.reshape(flat, shape=(n, n))


def diagflat(v: Any, k: int = 0) -> Any:
    """As `numpy.diagflat`."""
    return diag(ravel(v), k)


def summed(x: Any, axes: tuple[int, ...], dtype: Any = None) -> Any:
    """The sum over axes in the dtype in which NumPy sums: short integers widened."""
    own = aval_of(x).dtype
    if dtype is None:
        wide = _SMALL.get(own.kind, own)
        dtype = wide if wide.itemsize > own.itemsize else own
    return s.reduce_sum(to_dtype(x, np.dtype(dtype)), axes=axes)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.trace`."""
    found = diagonal(a, offset, axis1, axis2)
    return into(out, summed(found, (aval_of(found).ndim - 1,), dtype))


def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """As `numpy.linalg.trace`: of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


def _triangle(x: Any, mask: Any) -> Any:
    aval = aval_of(x)
    shape = np.broadcast_shapes(mask.shape, aval.shape)
    return s.select(np.broadcast_to(mask, shape), to_shape(x, shape), s.zeros(Aval(shape, aval.dtype)))


def tril(m: Any, k: int = 0) -> Any:
    """As `numpy.tril`: the lower triangle."""
    x = array_operand(m)
    return _triangle(x, np.tri(*aval_of(x).shape[-2:], k=k, dtype=bool))


def triu(m: Any, k: int = 0) -> Any:
    """As `numpy.triu`: the upper triangle."""
    x = array_operand(m)
    return _triangle(x, ~np.tri(*aval_of(x).shape[-2:], k=k - 1, dtype=bool))


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """As `numpy.fill_diagonal`: in place."""
    shape = aval_of(a).shape
    if len(shape) < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if len(shape) == 2:
        step = shape[1] + 1
        if not wrap:
            end = shape[1] * shape[1]
    else:
        if len(set(shape)) > 1:
            raise ValueError("All dimensions of input must be of equal length")
        step = 1 + int(np.cumprod(shape[:-1]).sum())
    flat = slice(*slice(None, end, step).indices(aval_of(a).size))
    count = len(range(flat.start, flat.stop, flat.step))
    values = ravel(val)
    size = aval_of(values).size
    if size != count:
        values = gathered(values, np.arange(count) % size, 0)
    values = to_dtype(values, aval_of(a).dtype)
    own = s.reshape(a, shape=(aval_of(a).size,))
    new = s.reshape(assign(own, values, index=(flat,)), shape=shape)
    into(a, new)


def _indices_from(triangle: Any) -> Any:
    def function(arr: Any, k: int = 0) -> tuple[Any, ...]:
        shape = aval_of(arr).shape
        if len(shape) != 2:
            raise ValueError("input array must be 2-d")
        return triangle(shape[-2], k=k, m=shape[-1])

    function.__name__ = f"{triangle.__name__}_from"
    function.__doc__ = f"As `numpy.{triangle.__name__}_from`: plain indices."
    return function


def diag_indices_from(arr: Any) -> tuple[Any, ...]:
    """As `numpy.diag_indices_from`: plain indices."""
    shape = aval_of(arr).shape
    if len(shape) < 2:
        raise ValueError("input array must be at least 2-d")
    if len(set(shape)) > 1:
        raise ValueError("All dimensions of input must be of equal length")
    return np.diag_indices(shape[0], len(shape))


TABLE: dict[Any, Any] = {
    np.diagonal: diagonal,
    np.linalg.diagonal: matrix_diagonal,
    np.diag: diag,
    np.diagflat: diagflat,
    np.trace: trace,
    np.linalg.trace: matrix_trace,
    np.tril: tril,
    np.triu: triu,
    np.fill_diagonal: fill_diagonal,
    np.tril_indices_from: _indices_from(np.tril_indices),
    np.triu_indices_from: _indices_from(np.triu_indices),
    np.diag_indices_from: diag_indices_from,
}
