"""Shapes and axes: `reshape`, `transpose`, `squeeze`, `flip`, `roll`, ... as NumPy's functions.

What shares memory with its argument in NumPy is a view here too: writing into either shows in both.
Elements of an array that does not lie in one piece are copied by `reshape`, as in NumPy.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.avals import Shape, aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, ShapeError
from ...primitives import structure as s
from ...primitives.indexing import concatenate
from ...primitives.promotion import joint_shape, to_shape
from ..dispatch import array_operand, concrete, normal_axis, operand, read_only, shape_of, viewed
from ..indexing import read_advanced, read_basic

# --- one order of elements, other axes ---------------------------------------------------------------


def resolved(shape: Shape, wanted: Any) -> Shape:
    """The shape asked for, as a tuple, with its -1 filled in."""
    lengths = wanted if isinstance(wanted, tuple | list) else np.atleast_1d(np.asarray(wanted)).tolist()
    found = tuple(operator.index(n) for n in lengths)
    size = math.prod(shape)
    if found.count(-1) == 1:
        known = -math.prod(found)
        if known and size % known == 0:
            return tuple(size // known if n == -1 else n for n in found)
    if any(n < 0 for n in found) or math.prod(found) != size:
        raise ShapeError(
            f"an array of size {size} cannot be reshaped so",
            f"shape {found} for an array of shape {shape}",
            "The lengths multiply to the size; one of them may be -1.",
        )
    return found


def _reversed(x: Any) -> Any:
    n = aval_of(x).ndim
    return x if n < 2 else s.permute(x, axes=tuple(range(n))[::-1])


def _reshaped(x: Any, shape: Shape, order: str) -> Any:
    if order == "C":
        return s.reshape(x, shape=shape)
    return _reversed(s.reshape(_reversed(x), shape=shape[::-1]))


def _order_of(x: Any, order: str) -> Any:
    if order not in ("C", "F", "A", "K"):
        raise ArgumentError("order must be 'C', 'F', 'A' or 'K'", repr(order), "'C' is what NumPy takes.")
    if order == "A":
        flags = _layout(x).flags
        return "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    return order


def _layout(x: Any) -> Any:
    if not isinstance(x, Tracer):
        return np.asarray(x)
    array: Any = x
    return array.layout()


def _shares(x: Any, shape: Shape, order: Any) -> bool:
    """Whether NumPy would reshape this array without copying its elements."""
    layout = _layout(x)
    if order == "C" and layout.flags.c_contiguous:
        return True
    return np.may_share_memory(layout, np.reshape(layout, shape, order=order))


def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """As `numpy.reshape`; a view where NumPy gives one."""
    x = array_operand(a)
    own = shape_of(x)
    wanted, order = resolved(own, shape), _order_of(x, order)
    if copy or not _shares(x, wanted, order):
        if copy is False:
            raise ValueError("Unable to avoid creating a copy while reshaping.")
        return _reshaped(x, wanted, order).copy(order)
    return viewed(
        x, lambda base: _reshaped(base, wanted, order), lambda base, new: _reshaped(new, own, order)
    )


def ravel(a: Any, order: str = "C") -> Any:
    """As `numpy.ravel`; a view where NumPy gives one."""
    x = array_operand(a)
    if order == "K":
        x = _by_memory(x)
        return reshape(x, -1) if _layout(x).flags.c_contiguous else flatten(x)
    order = _order_of(x, order)
    flags = _layout(x).flags
    in_one_piece = flags.c_contiguous if order == "C" else flags.f_contiguous
    return reshape(x, -1, order) if in_one_piece else flatten(x, order)


def _by_memory(x: Any) -> Any:
    """The axes in the order in which they lie in memory."""
    strides = _layout(x).strides
    return transpose(x, sorted(range(len(strides)), key=lambda i: -abs(strides[i])))


def flatten(a: Any, order: str = "C") -> Any:
    """As `numpy.ndarray.flatten`: the elements in order, as a copy."""
    x = array_operand(a)
    if order == "K":
        return flatten(_by_memory(x))
    return _reshaped(x, (aval_of(x).size,), _order_of(x, order)).copy()


def elements(a: Any) -> Any:
    """The elements in order, as `numpy.ndarray.flat`: written into, the array changes."""
    x = array_operand(a)
    own = aval_of(x)
    return viewed(
        x,
        lambda base: s.reshape(base, shape=(own.size,)),
        lambda base, new: s.reshape(new, shape=own.shape),
    )


def _regrouped(x: Any, shape: Shape) -> Any:
    """The array with axes of length one put in or left out, which never copies; a view."""
    own = aval_of(x).shape
    return viewed(x, lambda base: s.reshape(base, shape=shape), lambda base, new: s.reshape(new, shape=own))


def expand_dims(a: Any, axis: Any) -> Any:
    """As `numpy.expand_dims`; a view."""
    x = array_operand(a)
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    ndim = aval_of(x).ndim + len(axes)
    new = {normal_axis(i, ndim) for i in axes}
    if len(new) < len(axes):
        raise ValueError("repeated axis")
    lengths = iter(aval_of(x).shape)
    return _regrouped(x, tuple(1 if i in new else next(lengths) for i in range(ndim)))


def squeeze(a: Any, axis: Any = None) -> Any:
    """As `numpy.squeeze`; a view."""
    x = array_operand(a)
    shape = aval_of(x).shape
    if axis is None:
        return _regrouped(x, tuple(n for n in shape if n != 1))
    gone = {normal_axis(i, len(shape)) for i in (axis if isinstance(axis, tuple | list) else (axis,))}
    if any(shape[i] != 1 for i in gone):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return _regrouped(x, tuple(n for i, n in enumerate(shape) if i not in gone))


def _at_least(count: int) -> Any:
    def place(x: Any) -> Any:
        shape = aval_of(x).shape
        if len(shape) >= count:
            return x
        if count == 3:
            return _regrouped(x, (*(1,) * (2 - max(len(shape), 1)), *(shape or (1,)), 1))
        return _regrouped(x, (1,) * (count - len(shape)) + shape)

    def function(*arys: Any) -> Any:
        found = tuple(place(array_operand(a)) for a in arys)
        return found[0] if len(found) == 1 else found

    function.__name__ = f"atleast_{count}d"
    function.__doc__ = f"As `numpy.atleast_{count}d`; views."
    return function


atleast_1d, atleast_2d, atleast_3d = map(_at_least, (1, 2, 3))

# --- other orders of axes -----------------------------------------------------------------------------


def _same(base: Any) -> Any:
    """All of an array, lying as it does."""
    whole: Any = base
    return whole.copy() if isinstance(base, Tracer) else base


def _permuted(x: Any, axes: tuple[int, ...]) -> Any:
    if axes == tuple(range(len(axes))):
        return viewed(x, _same, lambda base, new: new) if axes else x
    back = s.inverse(axes)
    return viewed(x, lambda base: s.permute(base, axes=axes), lambda base, new: s.permute(new, axes=back))


def transpose(a: Any, axes: Any = None) -> Any:
    """As `numpy.transpose`; a view."""
    x = array_operand(a)
    n = len(shape_of(x))
    if axes is None:
        return _permuted(x, tuple(range(n))[::-1])
    order = axes if isinstance(axes, tuple | list) else (axes,)
    if len(order) != n:
        raise ValueError("axes don't match array")
    found = tuple(normal_axis(i, n) for i in order)
    if len(set(found)) < n:
        raise ValueError("repeated axis in transpose")
    return _permuted(x, found)


def matrix_transpose(x: Any, /) -> Any:
    """As `numpy.matrix_transpose`; a view."""
    x = array_operand(x)
    n = aval_of(x).ndim
    if n < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {n}")
    return _permuted(x, (*range(n - 2), n - 1, n - 2))


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """As `numpy.swapaxes`; a view."""
    x = array_operand(a)
    order = list(range(aval_of(x).ndim))
    i, j = normal_axis(axis1, len(order)), normal_axis(axis2, len(order))
    order[i], order[j] = j, i
    return _permuted(x, tuple(order))


def _axis_list(axis: Any, ndim: int, name: str) -> list[int]:
    given = axis if isinstance(axis, tuple | list) else (axis,)
    found = [normal_axis(i, ndim) for i in given]
    if len(set(found)) < len(found):
        raise ValueError(f"repeated axis in `{name}` argument")
    return found


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """As `numpy.moveaxis`; a view."""
    x = array_operand(a)
    n = aval_of(x).ndim
    start, end = _axis_list(source, n, "source"), _axis_list(destination, n, "destination")
    if len(start) != len(end):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [i for i in range(n) if i not in start]
    for to, origin in sorted(zip(end, start, strict=True)):
        order.insert(to, origin)
    return _permuted(x, tuple(order))


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """As `numpy.rollaxis`; a view."""
    x = array_operand(a)
    n = aval_of(x).ndim
    axis = normal_axis(axis, n)
    start = normal_axis(start, n + 1) if start >= 0 else start + n
    start -= axis < start
    order = [i for i in range(n) if i != axis]
    order.insert(start, axis)
    return _permuted(x, tuple(order))


# --- repeating and turning ----------------------------------------------------------------------------


def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """As `numpy.broadcast_to`; a view that cannot be written into."""
    del subok
    x = array_operand(array)
    wanted = tuple(shape) if isinstance(shape, tuple | list) else (operator.index(shape),)
    return viewed(x, lambda base: s.broadcast(base, shape=wanted), read_only)


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """As `numpy.broadcast_arrays`: views that cannot be written into."""
    del subok
    parts = [array_operand(a) for a in args]
    shape = joint_shape([aval_of(p).shape for p in parts])
    return tuple(p if aval_of(p).shape == shape else broadcast_to(p, shape) for p in parts)


def flip(m: Any, axis: Any = None) -> Any:
    """As `numpy.flip`; a view."""
    x = array_operand(m)
    n = aval_of(x).ndim
    axes = range(n) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    turned = {normal_axis(i, n) for i in axes}
    return x[tuple(slice(None, None, -1) if i in turned else slice(None) for i in range(n))]


def flipud(m: Any) -> Any:
    """As `numpy.flipud`; a view."""
    if aval_of(array_operand(m)).ndim < 1:
        raise ValueError("Input must be >= 1-d.")
    return flip(m, 0)


def fliplr(m: Any) -> Any:
    """As `numpy.fliplr`; a view."""
    if aval_of(array_operand(m)).ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """As `numpy.rot90`; a view."""
    x = array_operand(m)
    n = aval_of(x).ndim
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    first, second = (normal_axis(i, n) for i in axes)
    if first == second:
        raise ValueError("Axes must be different.")
    k %= 4
    if k == 0:
        return x[...]
    if k == 2:
        return flip(flip(x, first), second)
    if k == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second)


def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """As `numpy.roll`."""
    x = array_operand(a)
    shape = aval_of(x).shape
    if axis is None:
        flat = roll(s.reshape(x, shape=(aval_of(x).size,)), np.sum(concrete(shift, "a shift")), 0)
        return s.reshape(flat, shape=shape)
    for by, along in np.broadcast(concrete(shift, "a shift"), axis):
        x = _rolled(x, int(by), normal_axis(along, len(shape)))
    return x.copy() if x is a else x


def _rolled(x: Any, shift: int, axis: int) -> Any:
    n = aval_of(x).shape[axis]
    cut = -shift % n if n else 0
    if cut == 0:
        return x
    lead = (slice(None),) * axis
    first, last = read_basic(x, (*lead, slice(cut, None))), read_basic(x, (*lead, slice(None, cut)))
    return concatenate(first, last, axis=axis)


def gathered(x: Any, positions: Any, axis: int) -> Any:
    """The slices at these positions, a plain or traced array of integers with one axis, along an axis."""
    return picked(x, (*(slice(None),) * axis, positions))


def picked(x: Any, index: tuple[Any, ...]) -> Any:
    """`x[index]` with integer arrays in it, where either may be traced."""
    return read_advanced(x, index) if any(isinstance(part, Tracer) for part in index) else x[index]


def tile(A: Any, reps: Any) -> Any:
    """As `numpy.tile`."""
    x = array_operand(A)
    times = tuple(map(operator.index, reps if isinstance(reps, tuple | list | np.ndarray) else (reps,)))
    shape = aval_of(x).shape
    ndim = max(len(shape), len(times))
    shape, times = (1,) * (ndim - len(shape)) + shape, (1,) * (ndim - len(times)) + times
    apart = s.reshape(x, shape=tuple(m for n in shape for m in (1, n)))
    repeated = s.broadcast(apart, shape=tuple(m for r, n in zip(times, shape, strict=True) for m in (r, n)))
    return s.reshape(repeated, shape=tuple(r * n for r, n in zip(times, shape, strict=True)))


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """As `numpy.repeat`."""
    x = array_operand(a)
    if axis is None:
        x, axis = s.reshape(x, shape=(aval_of(x).size,)), 0
    shape = aval_of(x).shape
    axis = normal_axis(axis, len(shape))
    counts = np.asarray(concrete(operand(repeats), "a number of repeats"))
    if counts.size != 1:
        return gathered(x, np.repeat(np.arange(shape[axis]), counts), axis).copy()
    times = operator.index(counts.reshape(-1)[0])
    if times < 0:
        raise ValueError("repeats may not contain negative values.")
    apart = s.reshape(x, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
    repeated = s.broadcast(apart, shape=(*shape[: axis + 1], times, *shape[axis + 1 :]))
    return s.reshape(repeated, shape=(*shape[:axis], shape[axis] * times, *shape[axis + 1 :]))


def resize(a: Any, new_shape: Any) -> Any:
    """As `numpy.resize`: the elements repeated, or cut, to fill the shape."""
    x = array_operand(a)
    shape = tuple(new_shape) if isinstance(new_shape, tuple | list) else (operator.index(new_shape),)
    if any(n < 0 for n in shape):
        raise ValueError("all elements of `new_shape` must be non-negative")
    size, new = aval_of(x).size, math.prod(shape)
    if not size:
        return to_shape(np.zeros((), aval_of(x).dtype), shape)
    flat = s.reshape(x, shape=(size,))
    return s.reshape(gathered(flat, np.arange(new) % size, 0), shape=shape)


TABLE: dict[Any, Any] = {
    np.reshape: reshape,
    np.ravel: ravel,
    np.expand_dims: expand_dims,
    np.squeeze: squeeze,
    np.atleast_1d: atleast_1d,
    np.atleast_2d: atleast_2d,
    np.atleast_3d: atleast_3d,
    np.transpose: transpose,
    np.matrix_transpose: matrix_transpose,
    np.linalg.matrix_transpose: matrix_transpose,
    np.swapaxes: swapaxes,
    np.moveaxis: moveaxis,
    np.rollaxis: rollaxis,
    np.broadcast_to: broadcast_to,
    np.broadcast_arrays: broadcast_arrays,
    np.flip: flip,
    np.flipud: flipud,
    np.fliplr: fliplr,
    np.rot90: rot90,
    np.roll: roll,
    np.tile: tile,
    np.repeat: repeat,
    np.resize: resize,
}
