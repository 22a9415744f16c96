"""Reductions to one number: sum, product, mean, largest, smallest, any, all, and where they stand."""

from functools import lru_cache
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, aval_of
from ...core.primitive import Primitive, Tracer
from ...errors import ArgumentError
from ...primitives import ordering as o
from ...primitives import reduction as r
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.comparison import not_equal
from ...primitives.indexing import concatenate
from ...primitives.promotion import align, to_dtype
from ...primitives.structure import add, convert, reduce_sum, reshape, select
from ..dispatch import elementwise, folded_axes, normal_axes, normal_axis
from .keywords import NO_VALUE, finish, given, into, length, mask_of, masked, number, read, typed

_BOOL = np.dtype(np.bool_)
_COUNT = np.dtype(np.intp)
_HALF, _SINGLE, _DOUBLE = (np.dtype(t) for t in (np.float16, np.float32, np.float64))


@lru_cache(maxsize=64)
def summed_dtype(dtype: dtypes.Dtype) -> dtypes.Dtype:
    """The dtype in which NumPy adds up this one: narrow integers and bools widen."""
    return np.add.reduce(np.zeros(1, dtype)).dtype


def summand(a: Any, dtype: Any) -> tuple[Any, Aval]:
    """The operand of a sum or product, in the dtype in which NumPy computes it; and its type."""
    x, own = typed(a, dtype)
    if dtype is not None or own.dtype.kind in "fc":
        return x, own
    wide = summed_dtype(own.dtype)
    return to_dtype(x, wide), Aval(own.shape, wide)


def sum_(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.sum`."""
    x, own = summand(a, dtype)
    x = masked(x, own, where, 0)
    axes = folded_axes(axis, own.ndim)
    total = reduce_sum(x, axes=axes)
    if given(initial):
        total = add(total, number(initial, aval_of(total)))
    return finish(total, own.shape, axes, keepdims, out)


def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.prod`. The derivative is exact with any number of zeros among the factors."""
    x, own = summand(a, dtype)
    x = masked(x, own, where, 1)
    axes = folded_axes(axis, own.ndim)
    total = r.reduce_prod(x, axes=axes)
    if given(initial):
        total = multiply(total, number(initial, aval_of(total)))
    return finish(total, own.shape, axes, keepdims, out)


def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    *,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.mean`."""
    x, own = typed(a, dtype)
    half = own.dtype == _HALF and dtype is None
    if half or not dtypes.is_inexact(own.dtype):
        x = to_dtype(x, _SINGLE if half else _DOUBLE)
    axes = normal_axes(axis, own.ndim)
    mask = mask_of(where, own.shape)
    if mask is None:
        total = reduce_sum(x, axes=axes)
        result = elementwise(divide, divide, total, float(length(own.shape, axes)))
    else:
        total = reduce_sum(select(mask, x, 0.0), axes=axes)
        kind = aval_of(x).dtype
        counted = to_dtype(count(mask, axes), _SINGLE if kind == dtypes.bfloat16 else kind)
        result = elementwise(divide, divide, *align(total, counted))
    result = to_dtype(result, _HALF if half else aval_of(x).dtype)
    return finish(result, own.shape, axes, keepdims, out)


def count(mask: Any, axes: tuple[int, ...]) -> Any:
    """How many elements of a mask are true."""
    return reduce_sum(convert(mask, dtype=_COUNT, weak=False), axes=axes)


# --- largest and smallest ----------------------------------------------------------------------


def _extreme(
    primitive: Primitive,
    bound: str,
    a: Any,
    axis: Any,
    out: Any,
    keepdims: Any,
    initial: Any,
    where: Any,
) -> Any:
    x, own = typed(a)
    shape = own.shape
    axes = folded_axes(axis, len(shape))
    mask = mask_of(where, shape)
    if mask is not None:
        if not given(initial):
            raise ArgumentError(
                "the largest or smallest of some elements, by where=",
                "no initial=",
                "Give initial=, the answer for none.",
            )
        x = select(mask, x, worst(own.dtype, bound))
    if not given(initial):
        return finish(primitive(x, axes=axes), shape, axes, keepdims, out)
    rows = r.in_last(x, axes)
    own = aval_of(rows)
    column = number(initial, Aval((*own.shape[:-1], 1), own.dtype))
    last = own.ndim - 1
    result = primitive(concatenate(rows, column, axis=last), axes=(last,))
    return finish(result, shape, axes, keepdims, out)


def worst(dtype: dtypes.Dtype, bound: str) -> Any:
    """The number that loses against every other: the lowest for `bound` "max", the highest for "min"."""
    if dtype == _BOOL:
        return bound == "min"
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return int(info.min if bound == "max" else info.max)
    return -float("inf") if bound == "max" else float("inf")


def max_(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.max`. Ties share the derivative evenly."""
    return _extreme(r.reduce_max, "max", a, axis, out, keepdims, initial, where)


def min_(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As `numpy.min`. Ties share the derivative evenly."""
    return _extreme(r.reduce_min, "min", a, axis, out, keepdims, initial, where)


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE) -> Any:
    """As `numpy.ptp`: the largest less the smallest. Ties share the derivative evenly."""
    high, low = max_(a, axis, keepdims=keepdims), min_(a, axis, keepdims=keepdims)
    result = subtract(high, low)
    return result if out is None else into(out, result)


def _place(primitive: Primitive, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    x = read(a)
    shape = aval_of(x).shape
    if axis is None:
        axes = tuple(range(len(shape)))
        found = primitive(reshape(x, shape=(aval_of(x).size,)), axis=0)
    else:
        axes = (normal_axis(axis, len(shape)),)
        found = primitive(x, axis=axes[0])
    return finish(found, shape, axes, keepdims, out)


def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As `numpy.argmax`: an integer, so that no derivative passes through it."""
    return _place(o.argmax, a, axis, out, keepdims)


def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As `numpy.argmin`: an integer, so that no derivative passes through it."""
    return _place(o.argmin, a, axis, out, keepdims)


# --- yes or no ---------------------------------------------------------------------------------


def _answer(primitive: Primitive, a: Any, axis: Any, out: Any, keepdims: Any, where: Any, fill: bool) -> Any:
    x = read(a)
    shape = aval_of(x).shape
    axes = folded_axes(axis, len(shape))
    mask = mask_of(where, shape)
    if mask is not None:
        x = select(mask, not_equal(x, 0) if aval_of(x).dtype != _BOOL else x, fill)
    return finish(primitive(x, axes=axes), shape, axes, keepdims, out)


def any_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE
) -> Any:
    """As `numpy.any`."""
    return _answer(r.reduce_any, a, axis, out, keepdims, where, False)


def all_(
    a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE
) -> Any:
    """As `numpy.all`."""
    return _answer(r.reduce_all, a, axis, out, keepdims, where, True)


def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """As `numpy.count_nonzero`."""
    x = read(a)
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    found = count(x if aval_of(x).dtype == _BOOL else not_equal(x, 0), axes)
    if axis is None and not keepdims and not isinstance(found, Tracer):
        return _Count(found)
    return finish(found, shape, axes, keepdims, None)


_Count: Any = type(np.count_nonzero(np.zeros(1)))
"""An int in older versions of NumPy, a NumPy scalar in newer ones."""


TABLE: dict[Any, Any] = {
    np.sum: sum_,
    np.prod: prod,
    np.mean: mean,
    np.max: max_,
    np.amax: max_,
    np.min: min_,
    np.amin: min_,
    np.ptp: ptp,
    np.argmax: argmax,
    np.argmin: argmin,
    np.any: any_,
    np.all: all_,
    np.count_nonzero: count_nonzero,
}
