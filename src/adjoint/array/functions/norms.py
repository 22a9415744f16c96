"""Norms of vectors and matrices."""

import math
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, Shape, aval_of, describe
from ...errors import ArgumentError, ShapeError
from ...primitives import reduction as r
from ...primitives.comparison import not_equal
from ...primitives.complex import absolute
from ...primitives.decompositions import extreme, svdvals
from ...primitives.promotion import to_dtype
from ...primitives.structure import permute, reduce_sum, zeros
from ..dispatch import elementwise, normal_axes, normal_axis
from .keywords import finish, floating, read
from .statistics import real_parts

_INF = math.inf


def _euclidean(x: Any, axes: tuple[int, ...]) -> Any:
    values, all_axes = real_parts(x, axes)
    return r.norm(values, axes=all_axes, count=1.0)


def _size(x: Any) -> Any:
    return elementwise(absolute, np.absolute, x)


def _vector(x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """The norm of vectors along the axes, which are taken as one."""
    if order is None or order == 2:
        return _euclidean(x, axes)
    if isinstance(order, str):
        raise ArgumentError(
            "a norm of vectors", f"ord={order!r}", "A number is wanted; 'fro' is of matrices."
        )
    if order == _INF:
        return r.reduce_max(_size(x), axes=axes)
    if order == -_INF:
        return r.reduce_min(_size(x), axes=axes)
    if order == 1:
        return reduce_sum(_size(x), axes=axes)
    if order == 0:
        return reduce_sum(to_dtype(not_equal(x, 0.0), dtypes.real_dtype(aval_of(x).dtype)), axes=axes)
    return reduce_sum(_size(x) ** order, axes=axes) ** (1.0 / order)


def _spectral(x: Any, order: Any, rows: int, columns: int) -> Any:
    """The largest, the smallest, or the sum of the singular values."""
    aval = aval_of(x)
    if order == 2 and not aval.shape[rows] * aval.shape[columns]:
        return zeros(Aval(_lead(aval.shape, rows, columns), dtypes.real_dtype(aval.dtype)))
    rest = [i for i in range(aval.ndim) if i not in (rows, columns)]
    values = svdvals(permute(x, axes=(*rest, rows, columns)))
    if order == "nuc":
        return reduce_sum(values, axes=(aval.ndim - 2,))
    if not aval_of(values).shape[-1]:
        raise ValueError("zero-size array to reduction operation minimum which has no identity")
    return extreme(values, largest=order == 2)


def _lead(shape: Shape, *axes: int) -> Shape:
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def _matrix(x: Any, order: Any, rows: int, columns: int) -> Any:
    """The norm of matrices whose rows are counted along one axis and columns along the other."""
    if rows == columns:
        raise ShapeError("two axes of matrices were asked for", "the same axis twice", "Name two.")
    if order is None or order in ("fro", "f"):
        return _euclidean(x, (rows, columns))
    if order in (2, -2, "nuc"):
        return _spectral(x, order, rows, columns)
    if order not in (1, -1, _INF, -_INF):
        raise ArgumentError(
            "a norm of matrices", f"ord={order!r}", "Use 'fro', 'nuc', 1, -1, 2, -2, np.inf or -np.inf."
        )
    inner, outer = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = reduce_sum(_size(x), axes=(inner,))
    extreme = r.reduce_max if order > 0 else r.reduce_min
    return extreme(sums, axes=(outer - (outer > inner),))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """As `numpy.linalg.norm`. The derivative at zeros is zero; equal largest singular values share evenly."""
    values = floating(read(x))
    shape = aval_of(values).shape
    if axis is None and (ord is None or len(shape) == 1):
        axes = tuple(range(len(shape)))
        return finish(_vector(values, ord, axes), shape, axes, keepdims, None)
    if axis is None:
        if len(shape) != 2:
            raise ArgumentError("a norm of a vector or matrix", describe(x), "Name one axis, or two.")
        axis = (0, 1)
    given = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    axes = normal_axes(given, len(shape))
    if len(given) == 1:
        result = _vector(values, ord, axes)
    elif len(given) == 2:
        result = _matrix(values, ord, *(normal_axis(i, len(shape)) for i in given))
    else:
        raise ArgumentError("a norm over one axis or two", f"axis={axis}", "linalg.vector_norm takes more.")
    return finish(result, shape, axes, keepdims, None)


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    """As `numpy.linalg.vector_norm`. The derivative of the 2-norm at zeros is zero."""
    values = floating(read(x))
    shape = aval_of(values).shape
    axes = normal_axes(axis, len(shape))
    return finish(_vector(values, ord, axes), shape, axes, keepdims, None)


def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    """As `numpy.linalg.matrix_norm`. The nuclear norm "nuc" has the gradient U_r V_r^H at any rank r."""
    values = floating(read(x))
    shape = aval_of(values).shape
    if len(shape) < 2:
        raise ShapeError("a norm of matrices", describe(x), "Pass an array of two axes or more.")
    axes = (len(shape) - 2, len(shape) - 1)
    return finish(_matrix(values, ord, *axes), shape, axes, keepdims, None)


TABLE: dict[Any, Any] = {
    np.linalg.norm: norm,
    np.linalg.vector_norm: vector_norm,
    np.linalg.matrix_norm: matrix_norm,
}
