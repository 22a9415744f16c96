"""Statistics: variance, standard deviation, weighted average."""

from typing import Any, NamedTuple

import numpy as np

from ... import dtypes
from ...core.avals import Aval, Shape, aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, ShapeError
from ...primitives import reduction as r
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.comparison import less
from ...primitives.complex import imag, real
from ...primitives.indexing import concatenate
from ...primitives.powers import sqrt
from ...primitives.promotion import align, to_dtype, to_shape
from ...primitives.structure import broadcast, reduce_sum, reshape, select
from ..dispatch import elementwise, normal_axes
from .folds import count, mean, sum_
from .keywords import NO_VALUE, finish, floating, given, length, mask_of, read

_NAN = float("nan")


class _Deviations(NamedTuple):
    """What lies between the elements and their mean, with how much divides the sum of its squares."""

    values: Any
    shape: Shape
    axes: tuple[int, ...]
    bottom: Any


def _deviations(
    a: Any, axis: Any, dtype: Any, ddof: Any, where: Any, center: Any, correction: Any
) -> _Deviations:
    if given(correction):
        if ddof != 0:
            raise ArgumentError("ddof or correction", "both", "They mean the same: give one.")
        ddof = correction
    x = floating(read(a, dtype))
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    middle = center if given(center) else mean(x, axes, keepdims=True, where=where)
    values = elementwise(subtract, np.subtract, x, middle)
    mask = mask_of(where, shape)
    if mask is None:
        return _Deviations(values, shape, axes, float(max(length(shape, axes) - ddof, 0)))
    kind = dtypes.real_dtype(aval_of(x).dtype)
    counted = to_dtype(count(mask, axes), np.dtype(np.float32) if kind == dtypes.bfloat16 else kind)
    left = elementwise(subtract, np.subtract, counted, float(ddof))
    bottom = select(less(left, 0.0), 0.0, left)
    return _Deviations(select(mask, values, 0.0), shape, axes, bottom)


def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = NO_VALUE,
    *,
    where: Any = NO_VALUE,
    mean: Any = NO_VALUE,
    correction: Any = NO_VALUE,
) -> Any:
    """As `numpy.var`."""
    d = _deviations(a, axis, dtype, ddof, where, mean, correction)
    values, axes = real_parts(d.values, d.axes)
    total = reduce_sum(elementwise(multiply, np.multiply, values, values), axes=axes)
    result = _divided(total, d.bottom)
    return finish(_as_asked(result, dtype), d.shape, d.axes, keepdims, out)


def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = NO_VALUE,
    *,
    where: Any = NO_VALUE,
    mean: Any = NO_VALUE,
    correction: Any = NO_VALUE,
) -> Any:
    """As `numpy.std`. The derivative at equal elements is zero."""
    d = _deviations(a, axis, dtype, ddof, where, mean, correction)
    values, axes = real_parts(d.values, d.axes)
    if isinstance(d.bottom, float):
        result = r.norm(values, axes=axes, count=d.bottom)
    else:
        result = _divided(r.norm(values, axes=axes, count=1.0), sqrt(d.bottom))
    return finish(_as_asked(result, dtype), d.shape, d.axes, keepdims, out)


def _divided(total: Any, bottom: Any) -> Any:
    """The quotient in the total's dtype, as NumPy computes it in place."""
    return to_dtype(elementwise(divide, divide, *align(total, bottom)), aval_of(total).dtype)


def _as_asked(result: Any, dtype: Any) -> Any:
    return result if dtype is None else to_dtype(result, np.dtype(dtype))


def real_parts(x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """Real numbers with the same squares in sum, and the axes to sum over: two for each complex one."""
    aval = aval_of(x)
    if not dtypes.is_complex(aval.dtype):
        return x, axes
    pair = [reshape(part(x), shape=(1, *aval.shape)) for part in (real, imag)]
    return concatenate(*pair, axis=0), (0, *(axis + 1 for axis in axes))


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NO_VALUE
) -> Any:
    """As `numpy.average`."""
    x = read(a)
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    if not given(weights):
        result = mean(x, axes, keepdims=keepdims)
        bottom: Any = aval_of(result).dtype.type(length(shape, axes))
    else:
        share = _weights(read(weights), shape, axis, axes)
        avals = [Aval((), aval_of(v).dtype) for v in (x, share)]
        dtype = dtypes.result_type(*((v.dtype, False) for v in avals))
        if not dtypes.is_inexact(aval_of(x).dtype):
            dtype = dtypes.result_type((dtype, False), (np.dtype(np.float64), False))
        bottom = sum_(share, axes, dtype, keepdims=keepdims)
        if not isinstance(bottom, Tracer) and np.any(bottom == 0.0):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        weighted = elementwise(multiply, np.multiply, to_dtype(x, dtype), to_dtype(share, dtype))
        result = divide(sum_(weighted, axes, keepdims=keepdims), bottom)
    return (result, to_shape(bottom, aval_of(result).shape)) if returned else result


def _weights(weights: Any, shape: Shape, axis: Any, axes: tuple[int, ...]) -> Any:
    """The weights in the shape of the array: given so, or in that of the axes that are averaged."""
    own = aval_of(weights).shape
    if own == shape:
        return weights
    if axis is None or own != tuple(shape[i] for i in axes):
        raise ShapeError(
            f"weights of shape {shape}, or of that of the axes averaged over",
            str(own),
            "Name the axes, or broadcast the weights.",
        )
    spread = reshape(weights, shape=tuple(n if i in axes else 1 for i, n in enumerate(shape)))
    return broadcast(spread, shape=shape)


TABLE: dict[Any, Any] = {
    np.var: var,
    np.std: std,
    np.average: average,
}
