"""Order statistics: median, quantiles, percentiles. Ties follow the stable order."""

import math
from typing import Any, NamedTuple

import numpy as np

from ... import dtypes
from ...core.avals import Aval, Shape, aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, DtypeError, ShapeError
from ...primitives import reduction as r
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.comparison import less
from ...primitives.indexing import gather, slice_
from ...primitives.ordering import argsort, take_along
from ...primitives.promotion import align, to_dtype, to_shape
from ...primitives.structure import add, kept, permute, reduce_sum, reshape, select
from ..dispatch import concrete, elementwise, into, normal_axes, operand, strong
from .folds import mean
from .keywords import finish, floating, given, missing, read, shaped

_NAN = float("nan")
_INTEGER = np.dtype(np.intp)


def median(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False
) -> Any:
    """As `numpy.median`. Of an even number of elements, each of the middle two has the derivative 1/2."""
    del overwrite_input
    x = floating(read(a))
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    rows = r.in_last(x, axes)
    *lead, n = aval_of(rows).shape
    if n == 0:
        return mean(x, axes, keepdims=keepdims, out=out)
    last = len(lead)
    start, stop = (n - 1) // 2, n // 2 + 1
    order = argsort(rows, axis=last)
    places = slice_(order, index=(*(slice(0, m, 1) for m in lead), slice(start, stop, 1)))
    total = reduce_sum(take_along(rows, places, axis=last), axes=(last,))
    result = elementwise(multiply, multiply, total, unless_missing(rows, 1.0 / (stop - start)))
    result = to_dtype(result, aval_of(x).dtype)
    return finish(result, shape, axes, keepdims, out)


def unless_missing(rows: Any, weight: float) -> Any:
    """The weight for each row; NaN for one that holds a NaN."""
    found = r.reduce_any(missing(rows), axes=(aval_of(rows).ndim - 1,))
    if not isinstance(found, Tracer) and not np.any(found):
        return weight
    aval = aval_of(rows)
    return select(found, _NAN, number_like(weight, Aval(aval.shape[:-1], aval.dtype)))


def number_like(value: float, aval: Aval) -> Any:
    """A number as an array of this type."""
    return to_shape(aval.dtype.type(value), aval.shape)


class Places(NamedTuple):
    """Between which of n sorted elements quantiles lie: `low`, `high`, and how far from low to high."""

    low: Any
    high: Any
    part: Any


def places(n: int, quantiles: Any, method: str) -> Places:
    """Where plain quantiles of n sorted elements lie: at the same quantiles of 0, 1, ..., n - 1."""
    whole = np.quantile(np.arange(max(n, 1), dtype=np.float64), quantiles, method=method)  # pyright: ignore
    low = np.floor(whole)
    high = np.minimum(low + 1, max(n - 1, 0))
    return Places(low.astype(_INTEGER), high.astype(_INTEGER), whole - low)


def places_of(counts: Any, most: int, wanted: "Asked") -> Places:
    """`places` for rows of these many elements, `most` at most: along a new last axis, the quantiles."""
    if wanted.plain is None:
        return moving_places(reshape(counts, shape=(*aval_of(counts).shape, 1)), wanted.moving, wanted.method)
    known = not isinstance(counts, Tracer)
    needed = np.unique(counts) if known else np.arange(most + 1)
    table = np.zeros((3, most + 1, wanted.plain.size))
    for n in needed:
        table[:, n] = places(int(n), wanted.plain, wanted.method)
    low, high, part = (column[counts] if known else gather(column, counts) for column in table)
    return Places(to_dtype(low, _INTEGER), to_dtype(high, _INTEGER), part)


_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
"""The methods that are continuous in the quantile, by their alpha and beta (Hyndman and Fan, 1996)."""


def moving_places(counts: Any, quantiles: Any, method: str) -> Places:
    """`places` of traced quantiles, differentiable in them: n q + alpha + q (1 - alpha - beta) - 1."""
    alpha, beta = _CONTINUOUS[method]
    n, q = align(to_dtype(read(counts), np.dtype(np.float64)), to_dtype(quantiles, np.dtype(np.float64)))
    whole = add(multiply(q, add(n, 1.0 - alpha - beta)), alpha - 1.0)
    top = subtract(n, 1.0)
    whole = select(less(whole, 0.0), 0.0, select(less(top, whole), top, whole))
    below = select(less(n, 2.0), 0.0, subtract(n, 2.0))
    low = to_dtype(select(less(below, whole), below, whole), _INTEGER)
    high = select(less(n, 2.0), 0, add(low, 1))
    return Places(low, high, subtract(whole, to_dtype(low, np.dtype(np.float64))))


def taken(rows: Any, order: Any, index: Any) -> Any:
    """The elements of sorted rows at these indices: one row of indices for all, or one for each."""
    shape = (*aval_of(rows).shape[:-1], aval_of(index).shape[-1])
    last = len(shape) - 1
    return take_along(rows, take_along(order, to_shape(index, shape), axis=last), axis=last)


def interpolated(low: Any, high: Any, part: Any) -> Any:
    """The number low + part * (high - low), taken from the nearer end as NumPy does."""
    part = to_shape(part, aval_of(low).shape)
    step = subtract(high, low)
    up = add(low, multiply(step, part))
    down = subtract(high, multiply(step, subtract(1.0, part)))
    return select(less(part, 0.5), up, down)


class Asked(NamedTuple):
    """Flat quantiles as asked for, `plain` or `moving` on a trace; their shape; the dtype of the result."""

    plain: Any
    moving: Any
    shape: Shape
    dtype: dtypes.Dtype
    method: str


def asked(x: Any, q: Any, method: str, hundred: float) -> Asked:
    """Quantiles, or percentiles with `hundred` = 100, as a caller gave them."""
    aval = aval_of(x)
    if aval.dtype.kind == "c":
        raise DtypeError("quantiles of real numbers", str(aval), "Take real or abs first.")
    if isinstance(q, Tracer) and method in _CONTINUOUS:
        return _moving(aval, q, method, hundred)
    known = concrete(q, "which quantile to take") if isinstance(q, Tracer) else q
    if not isinstance(known, int | float):
        known = np.asarray(operand(known))
    plain = np.true_divide(known, hundred)
    if not np.all((plain >= 0) & (plain <= 1)):
        raise ArgumentError(f"quantiles between 0 and {hundred:g}", str(known), "NaN is none either.")
    share = known if hundred == 1 else known / hundred
    found = np.quantile(np.zeros(1, aval.dtype), share, method=method)  # pyright: ignore
    return Asked(np.reshape(plain, -1), None, np.shape(plain), np.asarray(found).dtype, method)


def _moving(aval: Aval, q: Any, method: str, hundred: float) -> Asked:
    own = aval_of(q)
    elements = aval.dtype if dtypes.is_inexact(aval.dtype) else np.dtype(np.float64)
    dtype = dtypes.result_type((elements, False), (own.dtype, own.weak))
    flat = reshape(divide(floating(strong(q)), hundred), shape=(own.size,))
    return Asked(None, flat, own.shape, dtype, method)


def laid_out(values: Any, wanted: Asked, shape: Shape, axes: tuple[int, ...], keepdims: Any) -> Any:
    """Values with the quantiles along the last axis, as NumPy lays them out: the quantiles first."""
    last = aval_of(values).ndim - 1
    first = permute(values, axes=(last, *range(last)))
    rest = tuple(1 if i in axes else n for i, n in enumerate(shape) if keepdims or i not in axes)
    return shaped(first, (*wanted.shape, *rest))


def _quantile(
    a: Any, q: Any, hundred: float, axis: Any, out: Any, method: str, keepdims: Any, weights: Any
) -> Any:
    if given(weights):
        return weighted(np.quantile, a, q, hundred, axis, out, method, keepdims, weights)
    x = read(a)
    wanted = asked(x, q, method, hundred)
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    rows = r.in_last(x, axes)
    n = aval_of(rows).shape[-1]
    if n == 0:
        raise ShapeError("a quantile of at least one element", f"shape {shape}", "Test for emptiness first.")
    moving = wanted.plain is None
    place = moving_places(n, wanted.moving, method) if moving else places(n, wanted.plain, method)
    order = argsort(rows, axis=aval_of(rows).ndim - 1)
    low = to_dtype(taken(rows, order, place.low), wanted.dtype)
    weight = unless_missing(rows, 1.0) if dtypes.is_inexact(aval_of(rows).dtype) else 1.0
    if moving or place.part.any():
        high = to_dtype(taken(rows, order, place.high), wanted.dtype)
        low = interpolated(low, high, to_dtype(place.part, wanted.dtype))
    if type(weight) is not float:
        column = reshape(to_dtype(weight, wanted.dtype), shape=(*aval_of(weight).shape, 1))
        low = multiply(low, to_shape(column, aval_of(low).shape))
    return finish(laid_out(low, wanted, shape, axes, keepdims), shape, axes, False, out)


def weighted(
    original: Any,
    a: Any,
    q: Any,
    hundred: float,
    axis: Any,
    out: Any,
    method: str,
    keepdims: Any,
    weights: Any,
) -> Any:
    """Weighted quantiles: each is one of the elements, which one must be known. Ties follow the stable order.

    NumPy is asked for the quantile of the elements' places in their order.
    """
    x = floating(read(a))
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    plain, shares, wanted = (np.asarray(concrete(v, "a weighted quantile")) for v in (x, read(weights), q))
    rows = r.in_last(plain, axes)
    *lead, n = rows.shape
    if shares.shape == shape:
        shares = r.in_last(shares, axes)
    elif axis is None or shares.shape != tuple(shape[i] for i in axes):
        raise ShapeError(
            "weights of the array's shape, or of that of the axes", str(shares.shape), "Broadcast them."
        )
    else:
        shares = np.broadcast_to(shares.reshape(-1), rows.shape)
    order = np.argsort(rows, axis=-1, kind="stable")
    ranks = np.empty(rows.shape)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(n, dtype=np.float64), rows.shape), -1)
    ranks = np.where(np.isnan(rows), np.nan, ranks)
    rank = original(ranks, wanted / hundred, axis=-1, weights=shares, method=method)
    last = np.where(np.isnan(rank), n - 1, rank).astype(_INTEGER)  # the order has NaN at its end
    column = np.moveaxis(last.reshape(wanted.size, *lead), 0, -1)
    found = np.take_along_axis(order, column, -1) + n * np.arange(math.prod(lead)).reshape(*lead, 1)
    flat = reshape(r.in_last(x, axes), shape=(rows.size,))
    result = reshape(gather(flat, np.moveaxis(found, -1, 0)), shape=rank.shape)
    if given(keepdims) and keepdims:
        result = reshape(result, shape=(*wanted.shape, *kept(shape, axes)))
    return into(out, result)


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """As `numpy.quantile`: differentiable in the array, and in `q` where the method is continuous.

    Ties are taken in the stable order.
    """
    del overwrite_input
    return _quantile(a, q, 1.0, axis, out, method, keepdims, weights)


def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """As `numpy.percentile`: differentiable in the array, and in `q` where the method is continuous.

    Ties are taken in the stable order.
    """
    del overwrite_input
    return _quantile(a, q, 100.0, axis, out, method, keepdims, weights)


TABLE: dict[Any, Any] = {
    np.median: median,
    np.quantile: quantile,
    np.percentile: percentile,
}
