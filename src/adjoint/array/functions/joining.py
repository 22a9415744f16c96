"""Joining and splitting: `concatenate`, `stack`, `block`, `split`, `pad`, ... as NumPy's functions.

The pieces of `split` and its kin are views, as in NumPy.
"""

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...errors import ArgumentError
from ...primitives import structure as s
from ...primitives.indexing import assign, embed
from ...primitives.indexing import concatenate as joined
from ...primitives.promotion import joint_dtype, to_dtype
from ..dispatch import array_operand, into, newest, normal_axis
from . import contractions
from .manipulation import atleast_1d, atleast_2d, atleast_3d, gathered, moveaxis

# --- joining -------------------------------------------------------------------------------------------


def _operands(arrays: Any) -> list[Any]:
    parts = [array_operand(a) for a in arrays]
    if not parts:
        raise ValueError("need at least one array to concatenate")
    return parts


def concatenate(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """As `numpy.concatenate`."""
    parts = _operands(arrays)
    if axis is None:
        parts, axis = [s.reshape(p, shape=(aval_of(p).size,)) for p in parts], 0
    avals = [aval_of(p) for p in parts]
    if any(not a.shape for a in avals):
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    ndims = {a.ndim for a in avals}
    if len(ndims) > 1:
        raise ValueError(f"all the input arrays must have same number of dimensions, but got {sorted(ndims)}")
    target = joint_dtype(avals)[0] if dtype is None else np.dtype(dtype)
    if any(not np.can_cast(a.dtype, target, casting) for a in avals):  # pyright: ignore[reportArgumentType]
        raise TypeError(f"Cannot cast the arrays to {target} according to the rule {casting!r}")
    along = normal_axis(axis, avals[0].ndim)
    return into(out, joined(*(to_dtype(p, target) for p in parts), axis=along))


def stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """As `numpy.stack`."""
    parts = [array_operand(a) for a in arrays]
    if not parts:
        raise ValueError("need at least one array to stack")
    shape = aval_of(parts[0]).shape
    if any(aval_of(p).shape != shape for p in parts):
        raise ValueError("all input arrays must have the same shape")
    axis = normal_axis(axis, len(shape) + 1)
    longer = (*shape[:axis], 1, *shape[axis:])
    rows = [s.reshape(p, shape=longer) for p in parts]
    return concatenate(rows, axis, out, dtype=dtype, casting=casting)


def array(values: Any, dtype: Any = None) -> Any:
    """What `numpy.array` makes of nested lists in which traced values occur."""
    found = array_operand(values)
    return found.copy() if dtype is None else to_dtype(found, np.dtype(dtype))


def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """As `numpy.vstack`."""
    return concatenate([atleast_2d(a) for a in tup], 0, dtype=dtype, casting=casting)


def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """As `numpy.hstack`."""
    parts = [atleast_1d(a) for a in tup]
    axis = 0 if parts and aval_of(parts[0]).ndim == 1 else 1
    return concatenate(parts, axis, dtype=dtype, casting=casting)


def dstack(tup: Any) -> Any:
    """As `numpy.dstack`."""
    return concatenate([atleast_3d(a) for a in tup], 2)


def column_stack(tup: Any) -> Any:
    """As `numpy.column_stack`."""
    parts = _operands(tup)
    sizes = [aval_of(p) for p in parts]
    columns = [
        p if a.ndim > 1 else s.reshape(p, shape=(a.size, 1)) for p, a in zip(parts, sizes, strict=True)
    ]
    return concatenate(columns, 1)


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    if not arrays:
        raise ValueError("List at arrays cannot be empty")
    depths = {_depth(a) for a in arrays}
    if len(depths) > 1:
        raise ValueError("List depths are mismatched in the nested list of block")
    return depths.pop() + 1


def _most_axes(arrays: Any) -> int:
    return max(map(_most_axes, arrays)) if isinstance(arrays, list) else aval_of(array_operand(arrays)).ndim


def block(arrays: Any) -> Any:
    """As `numpy.block`."""
    depth = _depth(arrays)
    ndim = max(depth, _most_axes(arrays))

    def build(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return concatenate([build(p, level - 1) for p in part], -level)
        x = array_operand(part)
        shape = aval_of(x).shape
        return s.reshape(x, shape=(1,) * (ndim - len(shape)) + shape)

    return build(arrays, depth)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """As `numpy.append`."""
    return concatenate((arr, values), axis)


# --- splitting -----------------------------------------------------------------------------------------


def _cut(x: Any, bounds: list[Any], axis: int) -> list[Any]:
    lead = (slice(None),) * axis
    return [x[(*lead, slice(a, b))] for a, b in itertools.pairwise(bounds)]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As `numpy.array_split`: views."""
    x = array_operand(ary)
    axis = normal_axis(axis, aval_of(x).ndim)
    length = aval_of(x).shape[axis]
    if np.ndim(indices_or_sections):
        return _cut(x, [0, *(operator.index(i) for i in indices_or_sections), None], axis)
    count = operator.index(indices_or_sections)
    if count <= 0:
        raise ValueError("number sections must be larger than 0.")
    each, more = divmod(length, count)
    bounds = np.cumsum([0] + [each + 1] * more + [each] * (count - more))
    return _cut(x, bounds.tolist(), axis)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As `numpy.split`: views."""
    x = array_operand(ary)
    if not np.ndim(indices_or_sections):
        along = normal_axis(axis, aval_of(x).ndim)
        if aval_of(x).shape[along] % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
    return array_split(x, indices_or_sections, axis)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """As `numpy.hsplit`: views."""
    n = aval_of(array_operand(ary)).ndim
    if n == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if n > 1 else 0)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """As `numpy.vsplit`: views."""
    if aval_of(array_operand(ary)).ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """As `numpy.dsplit`: views."""
    if aval_of(array_operand(ary)).ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """As `numpy.unstack`: views."""
    x = array_operand(x)
    if not aval_of(x).ndim:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(moveaxis(x, axis, 0))


# --- padding -------------------------------------------------------------------------------------------

_BY_POSITION = ("edge", "reflect", "symmetric", "wrap")
_LINEAR = ("reflect", "symmetric", "mean", "linear_ramp")
_BY_EXTREME = {"maximum": np.max, "minimum": np.min, "median": np.median}


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    if isinstance(pad_width, dict):
        pairs = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            pairs[axis] = (width, width) if isinstance(width, int) else tuple(width)
        pad_width = pairs
    widths = np.asarray(pad_width)
    if widths.dtype.kind != "i":
        raise TypeError("`pad_width` must be of integral type.")
    found = np.broadcast_to(widths, (ndim, 2)).tolist()
    if any(n < 0 for pair in found for n in pair):
        raise ValueError("index can't contain negative values")
    return [(a, b) for a, b in found]


def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """As `numpy.pad`, in every mode but those given as a function.

    Modes that copy or average are linear; `maximum`, `minimum` and `median` have those functions'
    derivatives.
    """
    x = array_operand(array)
    widths = _widths(pad_width, aval_of(x).ndim)
    if mode in ("constant", "empty"):
        return _constant(x, widths, kwargs.pop("constant_values", 0))
    if mode not in (*_BY_POSITION, *_LINEAR, *_BY_EXTREME):
        raise ArgumentError("pad takes one of NumPy's modes by its name", repr(mode), "Pad by hand.")
    for axis, (before, after) in enumerate(widths):
        if before or after:
            x = _padded(x, axis, before, after, mode, kwargs)
    return x.copy() if x is array else x


def _padded(x: Any, axis: int, before: int, after: int, mode: Any, options: dict[str, Any]) -> Any:
    n = aval_of(x).shape[axis]
    if mode in _BY_EXTREME:
        return _by_extreme(x, axis, before, after, _BY_EXTREME[mode], options)
    odd = options.get("reflect_type", "even") == "odd"
    if mode in _BY_POSITION and not odd:
        return gathered(x, np.pad(np.arange(n), (before, after), mode=mode), axis).copy()  # pyright: ignore
    options = dict(options)
    ends = options.pop("end_values", 0) if mode == "linear_ramp" else 0
    padded: Any = np.pad
    weights = padded(np.eye(n), ((before, after), (0, 0)), mode=mode, **options)
    ndim = aval_of(x).ndim
    out = contractions.tensordot(weights.astype(aval_of(x).dtype), x, axes=([1], [axis]))
    out = moveaxis(out, 0, axis)
    if not np.any(ends):
        return out
    ramp = np.pad(np.zeros(n), (before, after), mode=mode, end_values=np.broadcast_to(ends, (ndim, 2))[axis])
    return out + ramp.reshape((-1,) + (1,) * (ndim - axis - 1))


def _by_extreme(
    x: Any, axis: int, before: int, after: int, function: Callable[..., Any], options: dict[str, Any]
) -> Any:
    """What stands before and after: an extreme of the first and of the last `stat_length` slices."""
    shape = aval_of(x).shape
    n = shape[axis]
    given = options.get("stat_length")
    first, last = (n, n) if given is None else np.broadcast_to(given, (len(shape), 2))[axis].tolist()
    lead = (slice(None),) * axis
    ends = [(x[(*lead, slice(0, first))], before), (x[(*lead, slice(max(n - last, 0), None))], after)]
    low, high = (
        s.broadcast(
            function(part, axis=axis, keepdims=True), shape=(*shape[:axis], width, *shape[axis + 1 :])
        )
        for part, width in ends
    )
    return concatenate((low, x, high), axis)


def _constant(x: Any, widths: list[tuple[int, int]], values: Any) -> Any:
    aval = aval_of(x)
    index = tuple(slice(a, a + n, 1) for (a, _), n in zip(widths, aval.shape, strict=True))
    whole = tuple(a + n + b for (a, b), n in zip(widths, aval.shape, strict=True))
    if newest((values,)) is None and not np.any(values):
        return embed(x, index=index, shape=whole)
    if newest((values,)) is None:
        frame = np.pad(np.zeros(aval.shape, aval.dtype), widths, constant_values=values)
    elif aval_of(values).shape:
        raise ArgumentError(
            "pad takes one traced constant for all sides", str(aval_of(values)), "Pad one side at a time."
        )
    else:
        frame = s.broadcast(to_dtype(values, aval.dtype), shape=whole)
    return assign(frame, x, index=index)


TABLE: dict[Any, Any] = {
    np.concatenate: concatenate,
    np.stack: stack,
    np.vstack: vstack,
    np.hstack: hstack,
    np.dstack: dstack,
    np.column_stack: column_stack,
    np.block: block,
    np.append: append,
    np.array_split: array_split,
    np.split: split,
    np.hsplit: hsplit,
    np.vsplit: vsplit,
    np.dsplit: dsplit,
    np.unstack: unstack,
    np.pad: pad,
}
