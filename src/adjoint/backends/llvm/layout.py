"""Where values lie: a buffer, an offset and strides, through reshaping, slicing and broadcasting without
copies.

A `Layout` names the variable whose memory it is in (its root). Offsets and strides count elements.
"""

from dataclasses import dataclass, replace
from typing import Any

from ...core.avals import Aval, Shape
from ...core.equation import Atom
from ...errors import AdjointError


class NoLowering(AdjointError, NotImplementedError):
    """A Program with something that has no native code yet: NumPy runs it."""


def unsupported(what: str, received: object) -> NoLowering:
    """The error for what has no native code; `what` names the primitive or the type."""
    return NoLowering(f"native code for {what}", str(received), "Run the Program by its NumPy source.")


def row_major(shape: Shape) -> Shape:
    """The strides of an array in one piece.

    >>> row_major((2, 3, 4))
    (12, 4, 1)
    """
    strides: list[int] = []
    step = 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def squeezed(shape: Shape) -> Shape:
    """The shape without its axes of length 1.

    >>> squeezed((4, 1, 3))
    (4, 3)
    """
    return tuple(length for length in shape if length != 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A view of the memory of a root."""

    root: Any
    shape: Shape
    strides: Shape
    offset: int = 0

    @staticmethod
    def whole(root: Atom | Any, aval: Aval) -> "Layout":
        """All of a root in one piece."""
        return Layout(root, aval.shape, row_major(aval.shape))

    def steps(self) -> Shape:
        """The strides of the axes that are longer than 1."""
        return tuple(s for s, n in zip(self.strides, self.shape, strict=True) if n != 1)

    def is_plain(self) -> bool:
        """Whether it runs through its memory from the start, one element after another."""
        return self.offset == 0 and self.steps() == row_major(squeezed(self.shape))

    def broadcast(self, shape: Shape) -> "Layout":
        """Repeated without moving."""
        lead = len(shape) - len(self.shape)
        strides = (0,) * lead + tuple(
            0 if n == 1 and m != 1 else s
            for s, n, m in zip(self.strides, self.shape, shape[lead:], strict=True)
        )
        return replace(self, shape=shape, strides=strides)

    def permute(self, axes: tuple[int, ...]) -> "Layout":
        """With its axes in another order."""
        return replace(
            self, shape=tuple(self.shape[a] for a in axes), strides=tuple(self.strides[a] for a in axes)
        )

    def slice(self, index: tuple[Any, ...]) -> "Layout":
        """`x[index]` for a basic index with an entry for every axis."""
        offset, shape, strides = self.offset, [], []
        for part, length, stride in zip(index, self.shape, self.strides, strict=True):
            if isinstance(part, slice):
                places = range(*part.indices(length))
                shape.append(len(places))
                strides.append(stride * places.step)
                offset += stride * (places.start if places else 0)
            else:
                offset += stride * (part % length)
        return replace(self, shape=tuple(shape), strides=tuple(strides), offset=offset)

    def reshape(self, shape: Shape) -> "Layout | None":
        """In another shape; None where that needs a copy.

        >>> Layout(None, (2, 3), (1, 2)).reshape((6,)) is None
        True
        >>> Layout(None, (2, 3), (6, 2)).reshape((6, 1)).strides
        (2, 0)
        """
        if 0 in shape:
            return replace(self, shape=shape, strides=(0,) * len(shape))
        runs = merged(squeezed(self.shape), [self.steps()])
        lengths, (steps,) = runs
        strides = [0] * len(shape)
        left = list(zip(lengths, steps, strict=True))
        room, step = 1, 0
        for axis in reversed(range(len(shape))):
            if shape[axis] == 1:
                continue
            if room == 1:
                room, step = left.pop()
            if room % shape[axis]:
                return None
            strides[axis] = step
            step *= shape[axis]
            room //= shape[axis]
        return replace(self, shape=shape, strides=tuple(strides))


def merged(lengths: Shape, strides: list[Shape]) -> tuple[Shape, list[Shape]]:
    """Neighbouring axes made one wherever all the strides allow it.

    >>> merged((2, 3), [(3, 1), (0, 0)])
    ((6,), [(1,), (0,)])
    """
    if not lengths:
        return lengths, strides
    joined: list[int] = [lengths[-1]]
    kept: list[list[int]] = [[s[-1]] for s in strides]
    for axis in reversed(range(len(lengths) - 1)):
        if all(s[axis] == k[0] * joined[0] for s, k in zip(strides, kept, strict=True)):
            joined[0] *= lengths[axis]
        else:
            joined.insert(0, lengths[axis])
            for s, k in zip(strides, kept, strict=True):
                k.insert(0, s[axis])
    return tuple(joined), [tuple(k) for k in kept]


def gemm_form(layout: Layout, column: bool) -> tuple[bool, int] | None:
    """How BLAS reads a matrix: whether it is turned, and the step between its rows; None where it cannot.

    A vector is one row, or one `column`. Of a stack every matrix lies alike, one after another.

    >>> gemm_form(Layout(None, (3, 4), (1, 3)), False)
    (True, 3)
    """
    shape, strides = layout.shape, layout.strides
    if len(shape) == 1:
        wide = replace(layout, shape=(1, shape[0]), strides=(shape[0], strides[0]))
        tall = replace(layout, shape=(shape[0], 1), strides=(strides[0], 1))
        return gemm_form(tall if column else wide, False)
    if len(shape) > 2:
        one = replace(layout, shape=shape[-2:], strides=strides[-2:])
        size = shape[-2] * shape[-1]
        stacked = Layout(None, shape[:-2], tuple(s * size for s in row_major(shape[:-2])))
        lead = replace(stacked, strides=strides[:-2])
        return gemm_form(one, False) if lead.steps() == stacked.steps() else None
    rows, columns, down, right = *shape, *strides
    if (columns == 1 or right == 1) and (rows == 1 or down >= columns):
        return False, max(down if rows > 1 else columns, columns, 1)
    if (rows == 1 or down == 1) and (columns == 1 or right >= rows):
        return True, max(right if columns > 1 else rows, rows, 1)
    return None
