"""Contractions: `matmul`, `dot`, `tensordot`, `outer`, `kron`, `cross`, ... as NumPy's functions.

Each becomes one matrix product: a stack of matrices times one matrix is reshaped, never repeated.
`einsum` stands in a file of its own.
"""

import math
import operator
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, Shape, aval_of
from ...errors import ShapeError
from ...primitives import structure as s
from ...primitives.contraction import matmul as product
from ...primitives.contraction import swap
from ...primitives.indexing import concatenate
from ...primitives.promotion import joint_dtype, joint_shape, to_dtype, to_shape
from ..dispatch import array_operand, into, matrix_product, normal_axis, operand
from .manipulation import moveaxis


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands as arrays of one dtype."""
    x, y = array_operand(a), array_operand(b)
    left, right = aval_of(x), aval_of(y)
    if left.dtype == right.dtype:
        return x, y
    dtype, _ = joint_dtype([left, right])
    return to_dtype(x, dtype), to_dtype(y, dtype)


def _misfit(name: str, x: Shape, y: Shape) -> ShapeError:
    return ShapeError(
        f"{name} of arrays whose shared lengths agree", f"shapes {x} and {y}", "Transpose or reshape one."
    )


def as_matrix(x: Any) -> Any:
    """All leading axes as one."""
    shape = aval_of(x).shape
    return x if len(shape) == 2 else s.reshape(x, shape=(math.prod(shape[:-1]), shape[-1]))


# --- matmul ------------------------------------------------------------------------------------------


def matmul(x1: Any, x2: Any, /, *, dtype: Any = None) -> Any:
    """As `numpy.matmul`, `x1 @ x2`: of vectors, matrices, and stacks of matrices that broadcast."""
    if dtype is None:
        fast = matrix_product(product, x1, x2)
        if fast is not None:
            return fast
    return _matmul(*_widened(x1, x2, dtype))


def _widened(x1: Any, x2: Any, dtype: Any = None) -> tuple[Any, Any]:
    """Two operands in the dtype in which NumPy's ufuncs multiply them: those alone widen bfloat16."""
    x, y = _pair(x1, x2)
    if dtype is None and aval_of(x).dtype == dtypes.bfloat16:
        dtype = np.float32
    return (x, y) if dtype is None else (to_dtype(x, np.dtype(dtype)), to_dtype(y, np.dtype(dtype)))


def _matmul(x: Any, y: Any) -> Any:
    left, right = aval_of(x).shape, aval_of(y).shape
    if not left or not right or left[-1] != right[-2:][0]:
        raise _misfit("matmul", left, right)
    if len(left) <= 2 and len(right) <= 2:
        return product(x, y)
    if len(right) <= 2:
        return s.reshape(product(as_matrix(x), y), shape=(*left[:-1], *right[1:]))
    if len(right) > 2 and math.prod(right[:-2]) == 1:
        return _with_axes(_matmul(x, s.reshape(y, shape=right[-2:])), len(right) - max(len(left), 2))
    if len(left) > 2 and math.prod(left[:-2]) == 1:
        return _with_axes(_matmul(s.reshape(x, shape=left[-2:]), y), len(left) - len(right))
    if len(left) <= 2:
        rows = as_matrix(swap(y))
        found = product(rows, x if len(left) == 1 else swap(x))
        out = (*right[:-2], right[-1], *left[:-1])
        found = s.reshape(found, shape=out)
        return found if len(left) == 1 else swap(found).copy()
    lead = joint_shape([left[:-2], right[:-2]])
    return product(to_shape(x, (*lead, *left[-2:])), to_shape(y, (*lead, *right[-2:])))


def _with_axes(x: Any, count: int) -> Any:
    """The array with so many axes of length one in front."""
    return s.reshape(x, shape=(1,) * count + aval_of(x).shape) if count > 0 else x


def linalg_matmul(x1: Any, x2: Any, /) -> Any:
    """As `numpy.linalg.matmul`."""
    return matmul(x1, x2)


def _conjugated(x: Any) -> Any:
    return np.conjugate(x) if dtypes.is_complex(aval_of(x).dtype) else x


def _of_vectors(x: Any, y: Any) -> Any:
    """Sums of products over the last axes of stacks of vectors."""
    left, right = aval_of(x).shape, aval_of(y).shape
    if not left or not right or left[-1] != right[-1]:
        raise _misfit("a product of vectors", left, right)
    if len(left) == 1:
        x, y, left, right = y, x, right, left
    if len(right) == 1:
        return product(x, y) if len(left) <= 2 else s.reshape(product(as_matrix(x), y), shape=left[:-1])
    lead, n = joint_shape([left[:-1], right[:-1]]), left[-1]
    rows = s.reshape(to_shape(x, (*lead, n)), shape=(*lead, 1, n))
    columns = s.reshape(to_shape(y, (*lead, n)), shape=(*lead, n, 1))
    return s.reshape(product(rows, columns), shape=lead)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As `numpy.vecdot`: sums of conj(x1) x2 over the axis."""
    x, y = _widened(x1, x2)
    if axis != -1:
        x, y = moveaxis(x, axis, -1), moveaxis(y, axis, -1)
    return _of_vectors(_conjugated(x), y)


def matvec(x1: Any, x2: Any, /) -> Any:
    """As `numpy.matvec`: matrices times vectors."""
    x, y = _widened(x1, x2)
    left, right = aval_of(x).shape, aval_of(y).shape
    if len(left) < 2 or not right or left[-1] != right[-1]:
        raise _misfit("matvec", left, right)
    if len(right) == 1:
        return _matmul(x, y)
    if len(left) == 2:
        return _matmul(y, swap(x))
    return _single(_matmul(x, s.reshape(y, shape=(*right, 1))), -1)


def vecmat(x1: Any, x2: Any, /) -> Any:
    """As `numpy.vecmat`: conjugated vectors times matrices."""
    x, y = _widened(x1, x2)
    x = _conjugated(x)
    left, right = aval_of(x).shape, aval_of(y).shape
    if not left or len(right) < 2 or left[-1] != right[-2]:
        raise _misfit("vecmat", left, right)
    if len(left) == 1 or len(right) == 2:
        return _matmul(x, y)
    return _single(_matmul(s.reshape(x, shape=(*left[:-1], 1, left[-1])), y), -2)


def _single(x: Any, axis: int) -> Any:
    """The array without an axis of length one."""
    shape = aval_of(x).shape
    axis %= len(shape)
    return s.reshape(x, shape=shape[:axis] + shape[axis + 1 :])


# --- dot and its kin ---------------------------------------------------------------------------------


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """As `numpy.dot`: over the last axis of `a` and the last but one (or only) of `b`."""
    x, y = _pair(a, b)
    left, right = aval_of(x), aval_of(y)
    if not left.ndim or not right.ndim:
        return into(out, operator.mul(x, y))
    if left.ndim <= 2 and right.ndim <= 2:
        if left.shape[-1] != right.shape[0]:
            raise _misfit("dot", left.shape, right.shape)
        fast = matrix_product(product, x, y) if left.dtype != dtypes.bfloat16 else None
        return into(out, product(x, y) if fast is None else fast)
    return into(out, tensordot(x, y, ((-1,), (-2 if right.ndim > 1 else 0,))))


def vdot(a: Any, b: Any, /) -> Any:
    """As `numpy.vdot`: the sum of conj(a) b over all elements."""
    x, y = _pair(a, b)
    sizes = aval_of(x).size, aval_of(y).size
    if sizes[0] != sizes[1]:
        raise _misfit("vdot", aval_of(x).shape, aval_of(y).shape)
    x, y = (s.reshape(v, shape=(sizes[0],)) for v in (x, y))
    return product(_conjugated(x), y)


def inner(a: Any, b: Any, /) -> Any:
    """As `numpy.inner`: over the last axes."""
    x, y = _pair(a, b)
    if not aval_of(x).ndim or not aval_of(y).ndim:
        return operator.mul(x, y)
    if aval_of(x).ndim == aval_of(y).ndim == 1:
        return product(x, y)
    return tensordot(x, y, ((-1,), (-1,)))


def outer(a: Any, b: Any, out: Any = None) -> Any:
    """As `numpy.outer`: all products of the elements of two arrays."""
    x, y = _pair(a, b)
    column = s.reshape(x, shape=(aval_of(x).size, 1))
    return into(out, product(column, s.reshape(y, shape=(1, aval_of(y).size))))


def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """As `numpy.linalg.outer`: of two vectors."""
    shapes = [aval_of(operand(v)).shape for v in (x1, x2)]
    if any(len(shape) != 1 for shape in shapes):
        raise ValueError(f"Input arrays must be one-dimensional, but they are {shapes[0]} and {shapes[1]}.")
    return outer(x1, x2)


def _summed_axes(axes: Any, left: Aval, right: Aval) -> tuple[list[int], list[int]]:
    try:
        first, second = axes
    except TypeError:
        count = operator.index(axes)
        first, second = list(range(left.ndim - count, left.ndim)), list(range(count))
    first, second = (
        [normal_axis(i, aval.ndim) for i in (part if isinstance(part, tuple | list) else (part,))]
        for part, aval in ((first, left), (second, right))
    )
    if [left.shape[i] for i in first] != [right.shape[i] for i in second]:
        raise _misfit("tensordot", left.shape, right.shape)
    return first, second


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """As `numpy.tensordot`: over the last and the first `axes`, or over named pairs of axes."""
    x, y = _pair(a, b)
    left, right = aval_of(x), aval_of(y)
    first, second = _summed_axes(axes, left, right)
    rows = [i for i in range(left.ndim) if i not in first]
    columns = [i for i in range(right.ndim) if i not in second]
    inner_length = math.prod(left.shape[i] for i in first)
    out = (*(left.shape[i] for i in rows), *(right.shape[i] for i in columns))
    x, y = _ordered(x, [*rows, *first]), _ordered(y, [*second, *columns])
    shapes = (math.prod(out[: len(rows)]), inner_length), (inner_length, math.prod(out[len(rows) :]))
    x, y = (
        v if aval_of(v).shape == n else s.reshape(v, shape=n) for v, n in zip((x, y), shapes, strict=True)
    )
    found = product(x, y)
    return found if aval_of(found).shape == out else s.reshape(found, shape=out)


def _ordered(x: Any, axes: list[int]) -> Any:
    return x if axes == list(range(len(axes))) else s.permute(x, axes=tuple(axes))


def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """As `numpy.linalg.tensordot`."""
    return tensordot(x1, x2, axes)


def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As `numpy.linalg.vecdot`."""
    return vecdot(x1, x2, axis=axis)


def kron(a: Any, b: Any) -> Any:
    """As `numpy.kron`: the Kronecker product."""
    x, y = _pair(a, b)
    left, right = aval_of(x).shape, aval_of(y).shape
    ndim = max(len(left), len(right))
    left, right = ((1,) * (ndim - len(n)) + n for n in (left, right))
    first = s.reshape(x, shape=tuple(m for n in left for m in (n, 1)))
    second = s.reshape(y, shape=tuple(m for n in right for m in (1, n)))
    return s.reshape(
        operator.mul(first, second), shape=tuple(p * q for p, q in zip(left, right, strict=True))
    )


# --- cross, chains, powers ---------------------------------------------------------------------------


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """As `numpy.cross`: of vectors with three components."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _pair(a, b)
    x, y = moveaxis(x, axisa, -1), moveaxis(y, axisb, -1)
    lengths = aval_of(x).shape[-1], aval_of(y).shape[-1]
    if lengths != (3, 3):
        raise ShapeError(
            "cross takes vectors with three components",
            f"{lengths[0]} and {lengths[1]}",
            "Append a zero to vectors of the plane.",
        )
    (x0, x1, x2), (y0, y1, y2) = ([v[..., i] for i in range(3)] for v in (x, y))
    parts = (x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0)
    columns = [s.reshape(p, shape=(*aval_of(p).shape, 1)) for p in parts]
    return moveaxis(concatenate(*columns, axis=aval_of(columns[0]).ndim - 1), -1, axisc)


def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As `numpy.linalg.cross`."""
    return cross(x1, x2, axis=axis)


def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """As `numpy.linalg.multi_dot`: a chain of matrix products in the cheapest order."""
    parts = [array_operand(a) for a in arrays]
    if len(parts) < 2:
        raise ValueError("Expecting at least two arrays.")
    first, last = aval_of(parts[0]).ndim, aval_of(parts[-1]).ndim
    parts[0] = s.reshape(parts[0], shape=(1, aval_of(parts[0]).size)) if first == 1 else parts[0]
    parts[-1] = s.reshape(parts[-1], shape=(aval_of(parts[-1]).size, 1)) if last == 1 else parts[-1]
    if any(aval_of(p).ndim != 2 for p in parts):
        raise ShapeError(
            "a chain of matrices", str([aval_of(p).shape for p in parts]), "Only its ends may be vectors."
        )
    lengths = [aval_of(parts[0]).shape[0], *(aval_of(p).shape[1] for p in parts)]
    cuts = _cheapest(lengths)

    def chain(i: int, j: int) -> Any:
        return parts[i] if i == j else dot(chain(i, cuts[i, j]), chain(cuts[i, j] + 1, j))

    result = chain(0, len(parts) - 1)
    shape = aval_of(result).shape
    kept = shape[1 if first == 1 else 0 : 1 if last == 1 else 2]
    return into(out, s.reshape(result, shape=kept) if kept != shape else result)


def _cheapest(lengths: list[int]) -> dict[tuple[int, int], int]:
    """Where to cut each part of a chain of matrices, by the classic dynamic programme."""
    count = len(lengths) - 1
    cost = {(i, i): 0 for i in range(count)}
    cuts: dict[tuple[int, int], int] = {}
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            costs = {
                k: cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1]
                for k in range(i, j)
            }
            cuts[i, j] = min(costs, key=lambda k: costs[k])
            cost[i, j] = costs[cuts[i, j]]
    return cuts


def matrix_power(a: Any, n: Any) -> Any:
    """As `numpy.linalg.matrix_power`: by repeated squaring; a negative power is one of the inverse."""
    x = array_operand(a)
    aval, n = aval_of(x), operator.index(n)
    if aval.ndim < 2 or aval.shape[-1] != aval.shape[-2]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")
    if n < 0:
        x, n = np.linalg.inv(x), -n
    if n == 0:
        return to_shape(np.eye(aval.shape[-1], dtype=aval.dtype), aval.shape)
    result = None
    while n:
        if n & 1:
            result = x if result is None else _matmul(result, x)
        n >>= 1
        x = _matmul(x, x) if n else x
    return array_operand(result).copy() if result is a else result


TABLE: dict[Any, Any] = {
    np.linalg.matmul: linalg_matmul,
    np.dot: dot,
    np.vdot: vdot,
    np.inner: inner,
    np.outer: outer,
    np.linalg.outer: linalg_outer,
    np.tensordot: tensordot,
    np.linalg.tensordot: linalg_tensordot,
    np.linalg.vecdot: linalg_vecdot,
    np.kron: kron,
    np.cross: cross,
    np.linalg.cross: linalg_cross,
    np.linalg.multi_dot: multi_dot,
    np.linalg.matrix_power: matrix_power,
}
