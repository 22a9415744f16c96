"""Reading and writing parts of traced arrays, with every kind of index that NumPy takes.

An index is brought to a normal form: integers and slices become the primitives `slice` and
`assign`; integer and boolean arrays become `gather` and `scatter`. One element of an array on a tape is
read and written without the detour, so that a loop over the elements costs little.
"""

import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Shape, aval_of
from ..core.primitive import Tracer
from ..core.trace import escaped
from ..errors import ShapeError
from ..primitives.indexing import Index, assign, gather, indexed_shape, scatter, slice_
from ..primitives.promotion import joint_shape, to_shape
from ..primitives.structure import permute, reshape, select
from ..transforms.dual import DualTrace
from ..transforms.graph import Node
from ..transforms.inplace import AssignPull, SlicePull
from ..transforms.tape import TapeTrace
from .dispatch import cast, concrete, shape_of, stacked

_BOOL = np.dtype(np.bool_)
_ONLY = (
    "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
    "are valid indices"
)

# --- basic indices -----------------------------------------------------------------------------------


def _is_integer(part: Any) -> bool:
    """Whether one entry of an index is a plain integer, a NumPy array of no axes included."""
    if type(part) is int or isinstance(part, np.integer):
        return True
    if isinstance(part, np.ndarray):
        return part.ndim == 0 and part.dtype.kind in "iu"
    return isinstance(part, int) and not isinstance(part, bool)


def is_basic_part(part: Any) -> bool:
    """Whether one entry of an index is an integer, a slice, `...` or `None`."""
    return isinstance(part, slice) or part is None or part is Ellipsis or _is_integer(part)


def is_basic(index: Any) -> bool:
    """Whether the index has integers, slices, `...` and `None` only, so that NumPy gives a view."""
    if isinstance(index, tuple):
        return all(is_basic_part(part) for part in index)
    return is_basic_part(index)


def has_dots(index: Any) -> bool:
    """Whether `...` stands in a basic index, so that NumPy gives an array even where it has no axes."""
    return index is Ellipsis or (isinstance(index, tuple) and any(part is Ellipsis for part in index))


def _bound(value: Any) -> int | None:
    return None if value is None else operator.index(concrete(value, "a slice"))


def _normal_slice(part: slice, length: int) -> slice:
    try:
        start, stop, step = part.indices(length)
    except TypeError:  # a traced bound, or none that NumPy takes either
        start, stop, step = slice(_bound(part.start), _bound(part.stop), _bound(part.step)).indices(length)
    if start < 0:  # backwards from before the first element
        return slice(0, 0, 1)
    return slice(start, None if stop < 0 else stop, step)


def _normal_integer(part: Any, length: int, axis: int) -> int:
    position = operator.index(part)
    if not -length <= position < length:
        raise IndexError(f"index {position} is out of bounds for axis {axis} with size {length}")
    return position + length if position < 0 else position


def _axes_used(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    if isinstance(part, np.ndarray | Tracer | bool | np.bool_):
        aval = aval_of(part)
        return aval.ndim if aval.dtype == _BOOL else 1
    return 1


def expanded(index: Any, ndim: int) -> list[Any]:
    """The index as a list with an entry for every axis, `None`s between; `...` and missing ones filled."""
    parts = list(index) if isinstance(index, tuple) else [index]
    used = sum(map(_axes_used, parts))
    if used > ndim:
        raise IndexError(f"too many indices for array: array is {ndim}-dimensional, but {used} were indexed")
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(dots) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    at = dots[0] if dots else len(parts)
    parts[at : at + len(dots)] = [slice(None)] * (ndim - used)
    return parts


def basic(shape: Shape, index: Any) -> tuple[Index, Shape]:
    """The normal form of a basic index, and the shape of the result with the `None`s in it."""
    normal: list[Any] = []
    result: list[int] = []
    axis = 0
    plain = type(index) is slice or type(index) is int
    for part in (index,) if plain and shape else expanded(index, len(shape)):
        if part is None:
            result.append(1)
            continue
        length = shape[axis]
        if isinstance(part, slice):
            one = _normal_slice(part, length)
            result.append(len(range(*one.indices(length))))
        else:
            one = _normal_integer(part, length, axis)
        normal.append(one)
        axis += 1
    for length in shape[axis:]:
        normal.append(slice(0, length, 1))
        result.append(length)
    return tuple(normal), tuple(result)


def read_basic(x: Any, index: Any) -> Any:
    """`x[index]` for a basic index."""
    normal, result = basic(shape_of(x), index)
    out = slice_(x, index=normal)
    return out if shape_of(out) == result else reshape(out, shape=result)


def write_basic(x: Any, index: Any, value: Any) -> Any:
    """A new array: `x` with `x[index] = value` for a basic index and a value of the array's dtype."""
    shape = aval_of(x).shape
    normal, result = basic(shape, index)
    value = fitted(value, result)
    target = indexed_shape(shape, normal)
    return assign(x, value if target == result else reshape(value, shape=target), index=normal)


# --- integer and boolean arrays ----------------------------------------------------------------------


def _arrays(index: Any) -> tuple[Any, ...]:
    """The entries of an index, lists as arrays; an error for what is no index."""
    found: list[Any] = []
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, list | tuple | range):
            part = _listed(part)
        if isinstance(part, np.ndarray | Tracer | bool | np.bool_):
            kind = aval_of(part).dtype.kind
            if kind not in "iub":
                if isinstance(part, np.ndarray) and part.ndim == 0:
                    raise IndexError(_ONLY)
                raise IndexError("arrays used as indices must be of integer (or boolean) type")
        elif not is_basic_part(part):
            raise IndexError(_ONLY)
        found.append(part)
    return tuple(found)


def _listed(part: Any) -> Any:
    traced = any(isinstance(p, Tracer) for p in part)
    array = stacked(part) if traced else np.asarray(part)
    return array.astype(np.intp) if not traced and array.size == 0 else array


def _by_integers(index: Any, shape: Shape) -> tuple[list[Any], list[Any]]:
    """The index as basic entries, in which a whole slice stands for each integer array, and the arrays
    among `None`s: a boolean array has become the integer arrays of its true positions.
    """
    simple: list[Any] = []
    arrays: list[Any] = []
    axis = 0
    for part in expanded(_arrays(index), len(shape)):
        if part is None or isinstance(part, slice):
            simple.append(part)
            arrays.append(None)
            axis += part is not None
            continue
        if not isinstance(part, Tracer):
            part = np.asarray(part)
        aval = aval_of(part)
        if aval.dtype != _BOOL:
            entries = [_in_range(part, shape[axis], axis)]
            axis += 1
        elif not aval.ndim:  # one more axis, of length one or none
            known = bool(concrete(part, "a boolean index"))
            simple.append(None)
            arrays.append(np.zeros(int(known), np.intp))
            continue
        else:
            _check_mask(aval.shape, shape, axis)
            entries = list(np.nonzero(concrete(part, "a boolean index")))
            axis += aval.ndim
        simple.extend([slice(None)] * len(entries))
        arrays.extend(entries)
    return simple, arrays


def _check_mask(mask: Shape, shape: Shape, axis: int) -> None:
    for i, length in enumerate(mask):
        if length != shape[axis + i]:
            raise IndexError(
                f"boolean index did not match indexed array along axis {axis + i}; size of axis is "
                f"{shape[axis + i]} but size of corresponding boolean axis is {length}"
            )


def _in_range(indices: Any, length: int, axis: int) -> Any:
    """Integer indices, counted from the front and in range where they are known."""
    if isinstance(indices, Tracer):
        return indices
    if indices.size:
        low, high = indices.min(), indices.max()
        if low < -length or high >= length:
            wrong = low if low < -length else high
            raise IndexError(f"index {wrong} is out of bounds for axis {axis} with size {length}")
        if low < 0:
            indices = np.where(indices < 0, indices + length, indices)
    return indices.astype(np.intp, copy=False)


def _to_front(index: Any, arrays: Sequence[Any]) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """The axes that arrays index, all others, and whether the result has the former in front.

    NumPy leaves axes that stand together in their place, and brings all others to the front; arrays with
    `...` between them stand apart, even where it means no axis.
    """
    axes = tuple(i for i, part in enumerate(arrays) if part is not None)
    rest = tuple(i for i, part in enumerate(arrays) if part is None)
    together = axes == tuple(range(axes[0], axes[0] + len(axes)))
    indexing = [part is not None and not isinstance(part, slice) for part in index]
    dots = [i for i, part in enumerate(index) if part is Ellipsis]
    apart = any(any(indexing[:i]) and any(indexing[i + 1 :]) for i in dots)
    return axes, rest, axes[0] == 0 or apart or not together


def read_advanced(x: Any, index: Any) -> Any:
    """`x[index]` where integer or boolean arrays occur: slices first, then one gather."""
    simple, arrays = _by_integers(index, aval_of(x).shape)
    if any(part is None or part != slice(None) for part in simple):
        x = read_basic(x, tuple(simple))
    axes, rest, front = _to_front(index if isinstance(index, tuple) else (index,), arrays)
    indices = _broadcast([arrays[i] for i in axes])
    if axes + rest != tuple(range(len(arrays))):
        x = permute(x, axes=(*axes, *rest))
    out = gather(x, *indices)
    if front:
        return out
    lead, first = len(aval_of(indices[0]).shape), axes[0]
    back = (*range(lead, lead + first), *range(lead), *range(lead + first, aval_of(out).ndim))
    return permute(out, axes=back)


def _broadcast(indices: list[Any]) -> list[Any]:
    try:
        lead = joint_shape([aval_of(a).shape for a in indices])
    except ShapeError:
        shapes = " ".join(str(aval_of(a).shape) for a in indices)
        raise IndexError(
            f"shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}"
        ) from None
    return [to_shape(a, lead) for a in indices]


# --- writing -----------------------------------------------------------------------------------------


def write(x: Any, index: Any, value: Any) -> Any:
    """A new array: `x` with `x[index] = value`."""
    aval = aval_of(x)
    value = cast(value, aval.dtype)
    if is_basic(index):
        return write_basic(x, index, value)
    index = _arrays(index)
    if len(index) == 1 and isinstance(index[0], Tracer) and aval_of(index[0]).dtype == _BOOL:
        mask = aval_of(index[0]).shape
        if mask == aval.shape and aval_of(value).size == 1:
            return select(index[0], to_shape(reshape(value, shape=()), mask), x)
    if any(isinstance(part, Tracer) and aval_of(part).dtype != _BOOL for part in index):
        return _write_traced(x, index, value)
    known = tuple(concrete(part, "an index to write at") for part in index)
    positions = np.arange(aval.size).reshape(aval.shape)[known]
    flat = reshape(x, shape=(aval.size,))
    values = reshape(fitted(value, positions.shape), shape=(positions.size,))
    return reshape(scatter(flat, values, positions.reshape(-1)), shape=aval.shape)


def _write_traced(x: Any, index: Any, value: Any) -> Any:
    """As `write`, where integer arrays are traced: their part is read, scattered into, and written."""
    simple, arrays = _by_integers(index, aval_of(x).shape)
    part = read_basic(x, tuple(simple))
    axes, rest, front = _to_front(index, arrays)
    indices = _broadcast([arrays[i] for i in axes])
    lead, first = aval_of(indices[0]).shape, 0 if front else axes[0]
    shape = aval_of(part).shape
    others = tuple(shape[i] for i in rest)
    value = fitted(value, (*others[:first], *lead, *others[first:]))
    count = len(lead)
    order = (*range(first, first + count), *range(first), *range(first + count, count + len(others)))
    back = [0] * len(shape)
    for to, axis in enumerate((*axes, *rest)):
        back[axis] = to
    new = scatter(permute(part, axes=(*axes, *rest)), permute(value, axes=order), *indices)
    return write_basic(x, tuple(simple), permute(new, axes=tuple(back)))


def fitted(value: Any, shape: Shape) -> Any:
    """A value to be written, broadcast to where it goes; leading axes of length one are dropped."""
    whole = aval_of(value).shape
    own = whole
    while len(own) > len(shape) and own[0] == 1:
        own = own[1:]
    if len(own) > len(shape) or any(n not in (1, m) for n, m in zip(own[::-1], shape[::-1], strict=False)):
        raise ShapeError(
            f"a value that broadcasts to {shape} was asked for",
            f"one of shape {whole}",
            "Axes align at the end.",
        )
    value = reshape(value, shape=own) if own != whole else value
    return to_shape(value, shape)


# --- in place, on a tape -----------------------------------------------------------------------------


def _references(holder: Any) -> int:
    return sys.getrefcount(holder.value)


def _tangent_references(holder: Any) -> int:
    return sys.getrefcount(holder.extra)


def _alone(count: Callable[[Any], int]) -> int:
    return count(Tracer(None, np.zeros(1), np.zeros(1)))


_ALONE, _TANGENT_ALONE = _alone(_references), _alone(_tangent_references)
"""How many references a value has that only its box holds."""


def _element(index: Any, shape: Shape) -> Index | None:
    """The normal form of an index of one element, by plain integers; None for any other index."""
    if type(index) is int:
        if len(shape) != 1:
            return None
        length = shape[0]
        if not -length <= index < length:
            raise IndexError(f"index {index} is out of bounds for axis 0 with size {length}")
        return (index if index >= 0 else index + length,)
    if type(index) is not tuple or len(index) != len(shape) or not index:
        return None
    for part in index:
        if type(part) is not int:
            return None
    return tuple(map(_normal_integer, index, shape, range(len(shape))))


def read_element(x: Any, index: Any) -> Any:
    """One element of an array on a tape, by plain integers; None for any other index or array."""
    trace = x.owner
    if type(trace) is not TapeTrace:
        return None
    value = x.value
    if type(value) is not np.ndarray:
        return None
    normal = _element(index, value.shape)
    if normal is None:
        return None
    node = x.extra
    element = value[normal]
    if node is None:
        return element
    if trace.closed:
        raise escaped("slice")
    return trace.box(trace, element, Node((node,), SlicePull(normal, value.shape), (), (), type(element)))


def write_in_place(box: Any, index: Any, value: Any) -> bool:
    """Write one basic part of an array that nobody else holds, on a tape, without copying the rest.

    False where that cannot be: then `write` makes a new array.
    """
    trace = box.owner
    if type(trace) is DualTrace:
        return _write_dual(box, index, *trace.lower(value))
    if not isinstance(trace, TapeTrace):
        return False
    payload, (plain, node) = box.value, trace.lower(value)
    if type(payload) is not np.ndarray or isinstance(plain, Tracer) or payload.base is not None:
        return False
    shape, dtype = payload.shape, payload.dtype
    del payload
    if _references(box) != _ALONE or not dtypes.is_inexact(dtype):
        return False
    normal = _place(index, shape, plain, node is not None)
    if normal is None:
        return False
    box.value[normal] = plain
    if node is not None or box.extra is not None:
        box.extra = Node((box.extra, node), AssignPull(normal, shape, dtype), (), shape, dtype)
    return True


def _place(index: Any, shape: Shape, plain: Any, exact: bool) -> Index | None:
    """The normal form of a basic index that a value can be written at as it is, `exact` where it must not be
    broadcast; None for any other.
    """
    normal = _element(index, shape)
    if normal is None and is_basic(index):
        normal, result = basic(shape, index)
        own = aval_of(plain).shape
        if indexed_shape(shape, normal) != result or (own != result and (exact or len(own) > len(result))):
            return None
    return normal


def _write_dual(box: Any, index: Any, plain: Any, tangent: Any) -> bool:
    """The same in forward mode, where a value and its tangent are plain arrays that nobody else holds."""
    payload, moved = box.value, box.extra
    if type(payload) is not np.ndarray or payload.base is not None or isinstance(plain, Tracer):
        return False
    if isinstance(tangent, Tracer) or (
        moved is not None and (type(moved) is not np.ndarray or moved.base is not None)
    ):
        return False
    shape, dtype, moves = payload.shape, payload.dtype, moved is not None
    del payload, moved
    if _references(box) != _ALONE or not dtypes.is_inexact(dtype):
        return False
    if moves and _tangent_references(box) != _TANGENT_ALONE:
        return False
    normal = _place(index, shape, plain, tangent is not None)
    if normal is None:
        return False
    box.value[normal] = plain
    if moves or tangent is not None:
        if not moves:
            box.extra = np.zeros(shape, dtype)
        box.extra[normal] = 0.0 if tangent is None else tangent
    return True
