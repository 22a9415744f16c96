"""Writing into arrays by functions: `copyto`, `put`, `place`, `putmask`, `put_along_axis`, in place.

The array written into must be a traced one where the values are traced: a plain array cannot hold them,
and an error says so, with the line.
"""

from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...primitives import structure as s
from ...primitives.promotion import to_dtype, to_shape
from ..dispatch import array_operand, concrete, normal_axis, operand, unwritable
from ..indexing import fitted, write
from .manipulation import gathered
from .selection import along, as_mask, flattened


def _become(target: Any, new: Any, how: str) -> None:
    if isinstance(target, Tracer):
        target.become(new)  # pyright: ignore[reportAttributeAccessIssue]
    elif isinstance(new, Tracer):
        raise unwritable(how, target, new)
    else:
        target[...] = new


def _cycled(values: Any, count: int) -> Any:
    """The values in order, repeated or cut to this many."""
    flat = flattened(array_operand(values))
    size = aval_of(flat).size
    return flat if size == count or not count else gathered(flat, np.arange(count) % size, 0)


def _write_flat(target: Any, positions: Any, values: Any, how: str) -> None:
    aval = aval_of(target)
    new = write(flattened(target), positions, to_dtype(values, aval.dtype))
    _become(target, s.reshape(new, shape=aval.shape), how)


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """As `numpy.copyto`: in place."""
    aval, value = aval_of(dst), operand(src)
    source = aval_of(value)
    if not source.weak and not np.can_cast(source.dtype, aval.dtype, casting):
        raise TypeError(
            f"Cannot cast array data from {source.dtype!r} to {aval.dtype!r} by the rule {casting!r}"
        )
    new = fitted(to_dtype(array_operand(value), aval.dtype), aval.shape)
    if where is not True:
        new = s.select(to_shape(as_mask(where), aval.shape), new, dst)
    elif new is value:
        new = new.copy()
    _become(dst, new, "by np.copyto")


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """As `numpy.put`: in place."""
    positions = np.asarray(concrete(operand(ind), "an index to write at")).ravel()
    size = aval_of(a).size
    if mode == "clip":
        positions = np.clip(positions, 0, size - 1)
    elif mode == "wrap":
        positions = positions % size
    if positions.size and aval_of(operand(v)).size:
        _write_flat(a, positions, _cycled(v, positions.size), "by np.put")


def place(arr: Any, mask: Any, vals: Any) -> None:
    """As `numpy.place`: in place, the values in order where the mask holds."""
    chosen = np.asarray(concrete(operand(mask), "a boolean index"))
    positions = np.flatnonzero(chosen)
    if not positions.size:
        return
    if not aval_of(operand(vals)).size:
        raise ValueError("Cannot insert from an empty array!")
    _write_flat(arr, positions, _cycled(vals, positions.size), "by np.place")


def putmask(a: Any, /, mask: Any, values: Any) -> None:
    """As `numpy.putmask`: in place, each value at its own position where the mask holds."""
    aval = aval_of(a)
    if not aval_of(operand(values)).size:
        return
    full = s.reshape(_cycled(values, aval.size), shape=aval.shape)
    chosen = as_mask(mask)
    if aval_of(chosen).shape != aval.shape:
        raise ValueError("putmask: mask and data must be the same size")
    _become(a, s.select(chosen, to_dtype(full, aval.dtype), a), "by np.putmask")


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """As `numpy.put_along_axis`: in place."""
    index = array_operand(indices)
    shape = aval_of(arr).shape
    if axis is None:
        _write_flat(arr, index, fitted(array_operand(values), aval_of(index).shape), "by np.put_along_axis")
        return
    where = along(shape, index, normal_axis(axis, len(shape)))
    _become(arr, write(arr, where, array_operand(values)), "by np.put_along_axis")


TABLE: dict[Any, Any] = {
    np.copyto: copyto,
    np.put: put,
    np.place: place,
    np.putmask: putmask,
    np.put_along_axis: put_along_axis,
}
