"""NumPy's keywords, shared by the reductions: axis, dtype, keepdims, where, initial, out."""

import math
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, Shape, aval_of
from ...core.primitive import Tracer
from ...primitives.comparison import not_equal
from ...primitives.indexing import slice_
from ...primitives.promotion import to_dtype, to_shape
from ...primitives.structure import kept, reshape, select
from ..dispatch import into, operand, strong

NO_VALUE: Any = np._NoValue  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
"""What NumPy puts where a keyword was not given."""


def given(option: Any) -> bool:
    """Whether a keyword was given."""
    return option is not None and option is not NO_VALUE


def read(a: Any, dtype: Any = None) -> Any:
    """The operand of an array function, traced or an array, in the dtype where one is given."""
    a = operand(a)
    x = strong(a) if isinstance(a, Tracer) else np.asarray(a)
    return x if dtype is None else to_dtype(x, np.dtype(dtype))


def typed(a: Any, dtype: Any = None) -> tuple[Any, Aval]:
    """The operand of an array function, and its type: `read` for what must be fast."""
    x = read(a, dtype) if dtype is not None or not isinstance(a, Tracer) else a
    aval = aval_of(x)
    return (x, aval) if not aval.weak else (strong(x), Aval(aval.shape, aval.dtype))


def floating(x: Any) -> Any:
    """The array as it is where it is floating or complex, else in float64: as statistics are computed."""
    return x if dtypes.is_inexact(aval_of(x).dtype) else to_dtype(x, np.dtype(np.float64))


def length(shape: Shape, axes: tuple[int, ...]) -> int:
    """How many elements a reduction over the axes joins into one."""
    return math.prod(shape[i] for i in axes)


def mask_of(where: Any, shape: Shape) -> Any:
    """The mask that `where=` gives for this shape; None where all elements count."""
    if not given(where) or where is True:
        return None
    return to_shape(to_dtype(read(where), np.dtype(np.bool_)), shape)


def masked(x: Any, own: Aval, where: Any, fill: Any) -> Any:
    """The array with `fill` where `where=` says no."""
    mask = mask_of(where, own.shape)
    return x if mask is None else select(mask, x, fill)


def shaped(x: Any, shape: Shape) -> Any:
    """The array in this shape; a number where that is the shape of one, as NumPy's reductions give."""
    own = aval_of(x).shape
    if own == shape:
        return x
    return reshape(x, shape=shape) if shape else slice_(x, index=(0,) * len(own))


def finish(result: Any, shape: Shape, axes: tuple[int, ...], keepdims: Any, out: Any) -> Any:
    """A reduction's result as `keepdims=` and `out=` ask for it; `shape` is what was reduced."""
    if given(keepdims) and keepdims:
        result = reshape(result, shape=kept(shape, axes))
    return result if out is None else into(out, result)


def number(value: Any, like: Aval) -> Any:
    """A scalar such as `initial=`, as an array of this type."""
    return to_shape(to_dtype(read(value), like.dtype), like.shape)


def missing(x: Any) -> Any:
    """Which elements are NaN; None for a dtype that has none."""
    return not_equal(x, x) if dtypes.is_inexact(aval_of(x).dtype) else None
