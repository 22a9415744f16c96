"""Cumulative functions and differences: sums, products and extremes so far; steps; areas."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, aval_of
from ...core.primitive import Primitive
from ...errors import ArgumentError, ShapeError
from ...primitives import reduction as r
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.comparison import not_equal
from ...primitives.indexing import concatenate, slice_
from ...primitives.promotion import to_dtype
from ...primitives.structure import add, broadcast, reduce_sum, reshape, select
from ..dispatch import elementwise, normal_axis
from .folds import summand
from .keywords import into, missing, number, read


def _run(primitive: Primitive, x: Any, axis: Any, out: Any) -> Any:
    aval = aval_of(x)
    if axis is None:
        x, axis = reshape(x, shape=(aval.size,)), 0
    elif aval.ndim == 0:
        x = reshape(x, shape=(1,))
    result = primitive(x, axis=normal_axis(axis, max(aval.ndim, 1)), reverse=False)
    return result if out is None else into(out, result)


def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.cumsum`."""
    return _run(r.cumsum, summand(a, dtype)[0], axis, out)


def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.cumprod`. The derivative is exact with any number of zeros among the factors."""
    return _run(r.cumprod, summand(a, dtype)[0], axis, out)


def cummax(a: Any, axis: Any = 0, out: Any = None) -> Any:
    """As `numpy.maximum.accumulate`. Ties share the derivative evenly."""
    return _run(r.cummax, read(a), axis, out)


def cummin(a: Any, axis: Any = 0, out: Any = None) -> Any:
    """As `numpy.minimum.accumulate`. Ties share the derivative evenly."""
    return _run(r.cummin, read(a), axis, out)


def _without_nan(x: Any, fill: float) -> Any:
    mask = missing(x)
    return x if mask is None else select(mask, fill, x)


def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.nancumsum`. NaN elements have the derivative zero."""
    return _run(r.cumsum, _without_nan(summand(a, dtype)[0], 0.0), axis, out)


def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.nancumprod`. NaN elements have the derivative zero."""
    return _run(r.cumprod, _without_nan(summand(a, dtype)[0], 1.0), axis, out)


def _cumulative(
    primitive: Primitive, first: float, x: Any, axis: Any, dtype: Any, out: Any, include_initial: bool
) -> Any:
    x, aval = summand(x, dtype)
    if axis is None:
        if aval.ndim > 1:
            raise ArgumentError(
                "a cumulative function along one axis", f"{aval.ndim} axes and no axis=", "Give axis=."
            )
        axis = 0
    x = reshape(x, shape=(1,)) if aval.ndim == 0 else x
    shape = aval_of(x).shape
    axis = normal_axis(axis, len(shape))
    result = primitive(x, axis=axis, reverse=False)
    if include_initial:
        edge = broadcast(aval.dtype.type(first), shape=(*shape[:axis], 1, *shape[axis + 1 :]))
        result = concatenate(edge, result, axis=axis)
    return result if out is None else into(out, result)


def cumulative_sum(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """As `numpy.cumulative_sum`."""
    return _cumulative(r.cumsum, 0.0, x, axis, dtype, out, include_initial)


def cumulative_prod(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
) -> Any:
    """As `numpy.cumulative_prod`. The derivative is exact with any number of zeros among the factors."""
    return _cumulative(r.cumprod, 1.0, x, axis, dtype, out, include_initial)


# --- differences -------------------------------------------------------------------------------


def _span(x: Any, axis: int, start: int, stop: int) -> Any:
    shape = aval_of(x).shape
    stop = max(stop, start)
    return slice_(
        x, index=tuple(slice(start, stop, 1) if i == axis else slice(0, n, 1) for i, n in enumerate(shape))
    )


def _joined(parts: list[Any], like: Any, axis: int) -> Any:
    """The parts in one dtype and joined; a number among them is one slice of the middle's shape."""
    shape = aval_of(like).shape
    arrays = [read(p) for p in parts]
    dtype = dtypes.result_type(*((aval_of(p).dtype, False) for p in arrays))
    slab = (*shape[:axis], 1, *shape[axis + 1 :])
    fitted = [number(p, Aval(slab, dtype)) if aval_of(p).ndim == 0 else to_dtype(p, dtype) for p in arrays]
    return concatenate(*fitted, axis=axis) if len(fitted) > 1 else fitted[0]


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """As `numpy.diff`."""
    if n < 0:
        raise ArgumentError("a number of differences that is not negative", str(n), "Write n >= 0.")
    x = read(a)
    if n == 0:
        return x
    if aval_of(x).ndim == 0:
        raise ShapeError("differences along an axis were asked for", "a number", "Pass an array.")
    axis = normal_axis(axis, aval_of(x).ndim)
    ends = (prepend, append)
    if any(_was_given(end) for end in ends):
        parts = [part for part in (prepend, x, append) if part is x or _was_given(part)]
        x = _joined(parts, x, axis)
    for _ in range(n):
        count = aval_of(x).shape[axis]
        step = not_equal if aval_of(x).dtype == np.bool_ else subtract
        x = step(_span(x, axis, 1, count), _span(x, axis, 0, count - 1))
    return x


def _was_given(part: Any) -> bool:
    return part is not None and part is not np._NoValue  # pyright: ignore


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """As `numpy.ediff1d`."""
    x = read(ary)
    x = reshape(x, shape=(aval_of(x).size,))
    middle = diff(x)
    ends = [None if end is None else to_dtype(read(end), aval_of(x).dtype) for end in (to_begin, to_end)]
    flat = [None if end is None else reshape(end, shape=(aval_of(end).size,)) for end in ends]
    parts = [part for part in (flat[0], middle, flat[1]) if part is not None]
    return concatenate(*parts, axis=0) if len(parts) > 1 else middle


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """As `numpy.trapezoid`: sum((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2)."""
    values = read(y)
    aval = aval_of(values)
    axis = normal_axis(axis, aval.ndim)
    count = aval.shape[axis]
    if x is None:
        width = dx
    else:
        steps = read(x)
        width = diff(steps, axis=0 if aval_of(steps).ndim == 1 else axis)
        if aval_of(steps).ndim == 1:
            width = reshape(width, shape=(*(1,) * axis, aval_of(width).size, *(1,) * (aval.ndim - axis - 1)))
    pairs = add(_span(values, axis, 1, count), _span(values, axis, 0, count - 1))
    areas = elementwise(divide, np.true_divide, elementwise(multiply, np.multiply, width, pairs), 2.0)
    return reduce_sum(areas, axes=(axis,))


TABLE: dict[Any, Any] = {
    np.cumsum: cumsum,
    np.cumprod: cumprod,
    np.nancumsum: nancumsum,
    np.nancumprod: nancumprod,
    np.cumulative_sum: cumulative_sum,
    np.cumulative_prod: cumulative_prod,
    np.diff: diff,
    np.ediff1d: ediff1d,
    np.trapezoid: trapezoid,
}
