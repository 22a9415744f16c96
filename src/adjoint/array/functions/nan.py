"""The functions that pass NaN by: `nansum` and its kin. NaN elements have the derivative zero."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError
from ...primitives import reduction as r
from ...primitives.arithmetic import multiply
from ...primitives.comparison import equal
from ...primitives.ordering import argsort
from ...primitives.promotion import to_dtype, to_shape
from ...primitives.structure import add, reshape, select
from ..dispatch import normal_axes
from .folds import argmax, argmin, count, max_, mean, min_, prod, sum_, worst
from .keywords import NO_VALUE, finish, floating, given, mask_of, missing, read, shaped
from .quantiles import (
    Asked,
    asked,
    interpolated,
    laid_out,
    median,
    percentile,
    places_of,
    quantile,
    taken,
    weighted,
)
from .statistics import std, var


def _valid(x: Any, where: Any = NO_VALUE) -> Any:
    """Which elements count: those that are no NaN and that `where=` names."""
    good = equal(x, x)
    mask = mask_of(where, aval_of(x).shape)
    return good if mask is None else select(good, mask, False)


def _passing(function: Any) -> Any:
    """A reduction that takes `where=`, made to pass NaN by."""

    def reduction(a: Any, *args: Any, where: Any = NO_VALUE, **options: Any) -> Any:
        x = read(a)
        return function(x, *args, where=_valid(x, where), **options)

    reduction.__name__ = f"nan{function.__name__.rstrip('_')}"
    reduction.__doc__ = f"As `numpy.nan{function.__name__.rstrip('_')}`."
    return reduction


nansum = _passing(sum_)
nanprod = _passing(prod)
nanmean = _passing(mean)
nanvar = _passing(var)
nanstd = _passing(std)


def _extreme(
    function: Any, bound: str, a: Any, axis: Any, out: Any, keepdims: Any, initial: Any, where: Any
) -> Any:
    x = read(a)
    if not dtypes.is_inexact(aval_of(x).dtype):
        return function(x, axis, out, keepdims, initial, where)
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    good = _valid(x)
    filled = select(good, x, worst(aval_of(x).dtype, bound))
    result = function(filled, axes, None, False, initial, where)
    if not given(initial):
        result = select(r.reduce_any(good, axes=axes), result, float("nan"))
    return finish(result, shape, axes, keepdims, out)


def nanmax(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.nanmax`. Ties share the derivative evenly; NaN elements have zero."""
    return _extreme(max_, "max", a, axis, out, keepdims, initial, where)


def nanmin(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.nanmin`. Ties share the derivative evenly; NaN elements have zero."""
    return _extreme(min_, "min", a, axis, out, keepdims, initial, where)


def _place(function: Any, bound: str, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    x = read(a)
    if missing(x) is None:
        return function(x, axis, out, keepdims=keepdims)
    good = _valid(x)
    some = r.reduce_any(good, axes=normal_axes(axis, aval_of(x).ndim))
    if not isinstance(some, Tracer) and not np.all(some):
        raise ArgumentError("the place of the largest or smallest", "NaN only", "Test for NaN first.")
    filled = select(good, x, worst(aval_of(x).dtype, bound))
    return function(filled, axis, out, keepdims=keepdims)


def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As `numpy.nanargmax`: an integer, so that no derivative passes through it."""
    return _place(argmax, "max", a, axis, out, keepdims)


def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As `numpy.nanargmin`: an integer, so that no derivative passes through it."""
    return _place(argmin, "min", a, axis, out, keepdims)


def nanmedian(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = NO_VALUE
) -> Any:
    """As `numpy.nanmedian`. The elements that are no NaN are taken in their stable order."""
    x = floating(read(a))
    keep = given(keepdims) and keepdims
    shape = aval_of(x).shape
    if 0 in shape:
        return median(x, axis, out, overwrite_input, keep)
    axes = normal_axes(axis, len(shape))
    rows = r.in_last(x, axes)
    place, order, some = _counted(rows, asked(rows, [0.5], "linear", 1.0))
    low, high = (taken(rows, order, index) for index in _middle(place))
    both = add(multiply(low, 0.5), multiply(high, 0.5))
    result = select(some, shaped(both, aval_of(some).shape), float("nan"))
    return finish(result, shape, axes, keep, out)


def _middle(place: Any) -> tuple[Any, Any]:
    """The two middle places: the same one twice where one element is the middle."""
    return place.low, select(equal(place.part, 0.0), place.low, place.high)


def _counted(rows: Any, wanted: Asked) -> tuple[Any, Any, Any]:
    """Where the quantiles of each row lie among what is no NaN there; the order; whether there is any."""
    good = _valid(rows)
    last = aval_of(rows).ndim - 1
    counts = count(good, (last,))
    some = r.reduce_any(good, axes=(last,))
    most = aval_of(rows).shape[-1]
    return places_of(counts, most, wanted), argsort(rows, axis=last), some


def _quantile(
    function: Any,
    a: Any,
    q: Any,
    hundred: float,
    axis: Any,
    out: Any,
    method: str,
    keepdims: Any,
    weights: Any,
) -> Any:
    x = read(a)
    keep = given(keepdims) and keepdims
    if given(weights):
        return weighted(np.nanquantile, a, q, hundred, axis, out, method, keep, weights)
    if missing(x) is None or 0 in aval_of(x).shape:
        return function(x, q, axis, out, method=method, keepdims=keep)
    wanted = asked(x, q, method, hundred)
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    rows = r.in_last(x, axes)
    place, order, some = _counted(rows, wanted)
    low, high = (to_dtype(taken(rows, order, i), wanted.dtype) for i in (place.low, place.high))
    values = interpolated(low, high, to_dtype(place.part, wanted.dtype))
    column = to_shape(reshape(some, shape=(*aval_of(some).shape, 1)), aval_of(values).shape)
    values = select(column, values, float("nan"))
    return finish(laid_out(values, wanted, shape, axes, keep), shape, axes, False, out)


def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = NO_VALUE,
    *,
    weights: Any = None,
) -> Any:
    """As `numpy.nanquantile`. The elements that are no NaN are taken in their stable order."""
    del overwrite_input
    return _quantile(quantile, a, q, 1.0, axis, out, method, keepdims, weights)


def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = NO_VALUE,
    *,
    weights: Any = None,
) -> Any:
    """As `numpy.nanpercentile`. The elements that are no NaN are taken in their stable order."""
    del overwrite_input
    return _quantile(percentile, a, q, 100.0, axis, out, method, keepdims, weights)


TABLE: dict[Any, Any] = {
    np.nansum: nansum,
    np.nanprod: nanprod,
    np.nanmean: nanmean,
    np.nanvar: nanvar,
    np.nanstd: nanstd,
    np.nanmax: nanmax,
    np.nanmin: nanmin,
    np.nanargmax: nanargmax,
    np.nanargmin: nanargmin,
    np.nanmedian: nanmedian,
    np.nanquantile: nanquantile,
    np.nanpercentile: nanpercentile,
}
