"""Choosing elements: `take`, `where`, `select`, `clip`, `compress`, `delete`, `insert`, ... as NumPy's.

Which elements are chosen has no derivative; what is chosen keeps its own. A branch of `where` that was
not taken contributes exactly nothing, whatever its value.
"""

from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...primitives import structure as s
from ...primitives.comparison import maximum, minimum
from ...primitives.indexing import concatenate
from ...primitives.promotion import align, joint_dtype, joint_shape, to_dtype, to_shape
from ..dispatch import (
    array_operand,
    concrete,
    elementwise,
    into,
    newest,
    normal_axes,
    normal_axis,
    operand,
    shape_of,
)
from ..indexing import write
from .manipulation import gathered, moveaxis, picked

_BOOL = np.dtype(np.bool_)


def flattened(x: Any) -> Any:
    """The elements in order, not as a view."""
    return s.reshape(x, shape=(aval_of(x).size,))


def _known(value: Any, purpose: str) -> Any:
    return np.asarray(concrete(operand(value), purpose))


# --- by position -------------------------------------------------------------------------------------


def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """As `numpy.take`."""
    x = array_operand(a)
    if axis is None:
        x, axis = flattened(x), 0
    elif not aval_of(x).ndim:
        x = s.reshape(x, shape=(1,))
    axis = normal_axis(axis, aval_of(x).ndim)
    index = operand(indices)
    if mode != "raise":
        n = aval_of(x).shape[axis]
        index = np.clip(index, 0, n - 1) if mode == "clip" else index % n
    if not isinstance(index, Tracer):
        index = np.asarray(index)
        if index.size == 0:
            index = index.astype(np.intp)
    return into(out, gathered(x, index, axis).copy())


def along(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that takes `indices` along the axis, and every other axis as it is."""
    aval = aval_of(indices)
    if aval.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if aval.ndim != len(shape):
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    parts: list[Any] = []
    for i, n in enumerate(shape):
        lead, rest = (1,) * i, (1,) * (len(shape) - 1 - i)
        parts.append(indices if i == axis else np.arange(n).reshape((*lead, n, *rest)))
    return tuple(parts)


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """As `numpy.take_along_axis`."""
    x, index = array_operand(arr), array_operand(indices)
    if axis is None:
        if aval_of(index).ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        x, axis = flattened(x), 0
    shape = aval_of(x).shape
    return picked(x, along(shape, index, normal_axis(axis, len(shape))))


def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """As `numpy.compress`; the condition must be known."""
    mask = _known(condition, "the condition of compress")
    if mask.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, np.nonzero(mask)[0], axis, out)


def extract(condition: Any, arr: Any) -> Any:
    """As `numpy.extract`; the condition must be known."""
    return take(flattened(array_operand(arr)), np.nonzero(_known(condition, "extract").ravel())[0])


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """As `numpy.trim_zeros`; which elements are zero must be known."""
    if trim.lower() not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    x = array_operand(filt)
    plain = _known(x, "which elements trim_zeros leaves away")
    found = np.argwhere(plain)
    parts = [slice(None)] * plain.ndim
    for i in normal_axes(axis, plain.ndim):
        start, stop = (found[:, i].min(), found[:, i].max() + 1) if found.size else (0, 0)
        front = "f" in trim.lower() or not found.size
        back = "b" in trim.lower() or not found.size
        parts[i] = slice(int(start) if front else None, int(stop) if back else None)
    return x[tuple(parts)] if parts else x


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """As `numpy.delete`."""
    x = array_operand(arr)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normal_axis(axis, aval_of(x).ndim)
    return gathered(x, np.delete(np.arange(aval_of(x).shape[axis]), _plain_object(obj)), axis).copy()


def _plain_object(obj: Any) -> Any:
    return concrete(obj, "the positions to change") if isinstance(obj, Tracer) else obj


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """As `numpy.insert`."""
    x, new = array_operand(arr), array_operand(values)
    if axis is None:
        x, axis = flattened(x), 0
    axis = normal_axis(axis, aval_of(x).ndim)
    shape = aval_of(x).shape
    n = shape[axis]
    places = _places(_plain_object(obj), n)
    new = to_dtype(new, aval_of(x).dtype)
    if places.size == 1:
        missing = max(len(shape) - aval_of(new).ndim, 0)
        new = s.reshape(new, shape=(1,) * missing + aval_of(new).shape)
        new = moveaxis(new, 0, axis) if places.ndim == 0 else new
        count = aval_of(new).shape[axis]
    else:
        count = places.size
    order = np.insert(np.arange(n), places, np.arange(n, n + count))
    new = to_shape(new, (*shape[:axis], count, *shape[axis + 1 :]))
    return gathered(concatenate(x, new, axis=axis), order, axis).copy()


def _places(obj: Any, length: int) -> Any:
    """The positions before which `insert` inserts, as an array of integers."""
    if isinstance(obj, slice):
        return np.arange(*obj.indices(length))
    found = np.asarray(obj)
    if found.dtype == _BOOL:
        return np.flatnonzero(found)
    return found if found.size else found.astype(np.intp)


# --- by condition ------------------------------------------------------------------------------------


def as_mask(condition: Any) -> Any:
    """A condition as booleans."""
    x = operand(condition)
    return x if aval_of(x).dtype == _BOOL else to_dtype(array_operand(x), _BOOL)


def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """As `numpy.where`. What is not chosen contributes nothing to the derivative.

    With the condition alone the positions where it holds, which must be known.
    """
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    mask, x, y = as_mask(condition), operand(x), operand(y)
    if _fit_together(mask, x, y):
        return s.select(mask, x, y)
    x, y = align(x, y)
    avals = aval_of(x), aval_of(y)
    if avals[0].weak and avals[1].weak:
        x = to_dtype(array_operand(x), joint_dtype(avals)[0])
    shape = joint_shape([aval_of(mask).shape, *(a.shape for a in avals)])
    return s.select(to_shape(mask, shape), s.fit(x, shape), s.fit(y, shape))


def _fit_together(mask: Any, x: Any, y: Any) -> bool:
    """Whether the operands of `where` are as `select` takes them, beyond doubt: the common case."""
    shape = shape_of(mask)
    if type(y) is float:
        return shape == shape_of(x) and bool(shape) and x.dtype.char in "fdFD"
    if type(x) is float:
        return shape == shape_of(y) and bool(shape) and y.dtype.char in "fdFD"
    return shape == shape_of(x) == shape_of(y) and bool(shape) and x.dtype == y.dtype


def nonzero(a: Any) -> tuple[Any, ...]:
    """As `numpy.nonzero`: plain positions, of an array whose values are known."""
    return np.nonzero(_known(a, "nonzero, which gives as many positions as there are,"))


def flatnonzero(a: Any) -> Any:
    """As `numpy.flatnonzero`: plain positions."""
    return np.flatnonzero(_known(a, "flatnonzero, which gives as many positions as there are,"))


def argwhere(a: Any) -> Any:
    """As `numpy.argwhere`: plain positions."""
    return np.argwhere(_known(a, "argwhere, which gives as many positions as there are,"))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """As `numpy.select`: the first choice whose condition holds. What is not chosen contributes nothing."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if not len(condlist):
        raise ValueError("select with an empty condition list is not possible")
    choices = [operand(c) for c in (*choicelist, default)]
    dtype, _ = joint_dtype([aval_of(c) for c in choices])
    conditions = [operand(c) for c in condlist]
    for i, condition in enumerate(conditions):
        if aval_of(condition).dtype != _BOOL:
            raise TypeError(f"invalid entry {i} in condlist: should be boolean ndarray")
    *choices, result = (to_dtype(array_operand(c), dtype) for c in choices)
    shape = joint_shape([aval_of(v).shape for v in (*conditions, *choices, result)])
    result = to_shape(result, shape)
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        result = s.select(to_shape(condition, shape), to_shape(choice, shape), result)
    return result


def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """As `numpy.choose`."""
    number = operand(a)
    options = [array_operand(c) for c in choices]
    dtype, _ = joint_dtype([aval_of(o) for o in options])
    count = len(options)
    if mode == "wrap":
        number = number % count
    elif mode == "clip":
        number = np.clip(number, 0, count - 1)
    elif newest((number,)) is None and np.any((np.asarray(number) < 0) | (np.asarray(number) >= count)):
        raise ValueError("invalid entry in choice array")
    shape = joint_shape([aval_of(v).shape for v in (number, *options)])
    options = [to_shape(to_dtype(o, dtype), shape) for o in options]
    result = options[-1]
    for position in range(count - 2, -1, -1):
        chosen = to_shape(as_mask(number == position), shape)
        result = s.select(chosen, options[position], result)
    return into(out, result)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As `numpy.piecewise`: each function sees the elements for which its condition holds, which must
    be known.
    """
    x = array_operand(x)
    shape = aval_of(x).shape
    single = not isinstance(condlist, list | tuple) or (
        not isinstance(condlist[0], list | tuple | np.ndarray | Tracer) and len(shape) != 0
    )
    masks = [_known(c, "a condition of piecewise").astype(bool) for c in ([condlist] if single else condlist)]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(np.broadcast_arrays(*masks), axis=0))
    if len(funclist) != len(masks):
        raise ValueError(
            f"with {len(masks)} condition(s), either that many or one more functions are expected"
        )
    trace = newest((x,))
    whole = np.zeros(shape, aval_of(x).dtype)
    result = whole if trace is None else trace.boxed(whole)
    for mask, function in zip(masks, funclist, strict=True):
        if not callable(function):
            result = write(result, mask, function)
        elif mask.any():
            result = write(result, mask, function(x[mask], *args, **kw))
    return result


# --- by bounds ---------------------------------------------------------------------------------------

_NO_VALUE: Any = np._NoValue  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]


def clip(
    a: Any,
    a_min: Any = _NO_VALUE,
    a_max: Any = _NO_VALUE,
    out: Any = None,
    *,
    min: Any = _NO_VALUE,
    max: Any = _NO_VALUE,
    dtype: Any = None,
) -> Any:
    """As `numpy.clip`: `minimum(maximum(a, low), high)`.

    At a bound the slope is shared evenly, .5 to the array and .5 to the bound.
    """
    low, high = (given if given is not _NO_VALUE else other for given, other in ((a_min, min), (a_max, max)))
    if (a_min is not _NO_VALUE and min is not _NO_VALUE) or (a_max is not _NO_VALUE and max is not _NO_VALUE):
        raise ValueError("give the bounds once: as a_min and a_max, or as min and max")
    x = array_operand(a)
    if dtype is not None:
        x = to_dtype(x, np.dtype(dtype))
    plain = x
    if low is not None and low is not _NO_VALUE:
        x = elementwise(maximum, np.maximum, x, operand(low))
    if high is not None and high is not _NO_VALUE:
        x = elementwise(minimum, np.minimum, x, operand(high))
    return into(out, x.copy() if x is plain else x)


TABLE: dict[Any, Any] = {
    np.take: take,
    np.take_along_axis: take_along_axis,
    np.compress: compress,
    np.extract: extract,
    np.trim_zeros: trim_zeros,
    np.delete: delete,
    np.insert: insert,
    np.where: where,
    np.nonzero: nonzero,
    np.flatnonzero: flatnonzero,
    np.argwhere: argwhere,
    np.select: select,
    np.choose: choose,
    np.piecewise: piecewise,
    np.clip: clip,
}
