"""Pullbacks of indexing that work in place, so that a loop over an array's elements stays linear.

Reading `x[i]` adds one element to the cotangent of x; writing `x[i] = v` takes one element out of
it and hands the rest on. On traced cotangents they are the transpose rules like any other.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.primitive import Primitive
from ..primitives.indexing import add_at, assign, embed, gather, indexed_shape, scatter_add, slice_
from ..primitives.structure import zeros
from .graph import Cotangents, Node, Walker

_PLAIN = (np.ndarray, np.generic, float)


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN)


class SlicePull(Walker):
    """The pullback of `x[index]` for a basic index."""

    __slots__ = ("index", "shape")
    name = "slice"

    def __init__(self, index: tuple[Any, ...], shape: tuple[int, ...]) -> None:
        self.index, self.shape = index, shape

    def __call__(self, ct: Any, *saved: Any) -> tuple[Any, ...]:
        """The whole cotangent, zero outside of the index."""
        return (embed(ct, index=self.index, shape=self.shape),)

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Add into the part that was read."""
        parent = node.parents[0]
        if parent is not None and type(ct) is np.ndarray and parent not in cotangents.pending:
            cotangents.pending[parent] = embed(ct, index=self.index, shape=self.shape)
            cotangents.owned.add(parent)
            return True
        buffer = cotangents.buffer(parent) if parent is not None and _is_plain(ct) else None
        if buffer is None:
            return False
        buffer[self.index] += ct
        return True


class GatherPull(Walker):
    """The pullback of `x[indices]` for integer arrays."""

    __slots__ = ("shape",)
    name = "gather"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __call__(self, ct: Any, *indices: Any) -> tuple[Any, ...]:
        """The whole cotangent; an element that was read twice gets the sum."""
        return (scatter_add(ct, *indices, shape=self.shape), *(None,) * len(indices))

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Add into the elements that were read."""
        parent = node.parents[0]
        if parent is None or not _is_plain(ct) or not all(map(_is_plain, node.saved)):
            return False
        buffer = cotangents.buffer(parent)
        if buffer is None:
            return False
        add_at(buffer, node.saved, ct)
        return True


class AssignPull(Walker):
    """The pullback of `x` with `x[index] = v`."""

    __slots__ = ("dtype", "index", "shape")
    name = "assign"

    def __init__(self, index: tuple[Any, ...], shape: tuple[int, ...], dtype: Any) -> None:
        self.index, self.shape, self.dtype = index, shape, dtype

    def __call__(self, ct: Any, *saved: Any) -> tuple[Any, ...]:
        """What was overwritten gets nothing; the value gets the rest."""
        hole = zeros(Aval(indexed_shape(self.shape, self.index), self.dtype))
        return assign(ct, hole, index=self.index), slice_(ct, index=self.index)

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Hand the same array on, with zeros where it was overwritten."""
        if type(ct) is not np.ndarray:
            return False
        array, value = node.parents
        if not owned:
            ct = ct.copy()
        if value is not None:
            part = ct[self.index]
            cotangents.add(value, part.copy() if type(part) is np.ndarray else part)
        if array is not None:
            ct[self.index] = 0
            if array in cotangents.pending:
                cotangents.add(array, ct)
            else:
                cotangents.pending[array] = ct
                cotangents.owned.add(array)
        return True


def _slice_pull(args: Sequence[Any], index: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    return SlicePull(index, aval_of(args[0]).shape), ()


def _gather_pull(args: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    return GatherPull(aval_of(args[0]).shape), tuple(args[1:])


def _assign_pull(args: Sequence[Any], index: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    aval = aval_of(args[0])
    return AssignPull(index, aval.shape, aval.dtype), ()


IN_PLACE: dict[Primitive, Callable[..., tuple[Any, tuple[Any, ...]]]] = {
    slice_: _slice_pull,
    gather: _gather_pull,
    assign: _assign_pull,
}
"""For a primitive, the pullback and what it saves, from the operands and the parameters."""
