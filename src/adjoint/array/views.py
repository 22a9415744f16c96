"""Views: how an array that shares its elements with another hangs on it, and how arrays lie in memory.

NumPy decides by an array's strides whether `reshape` gives a view or a copy. A traced value lies as the
plain array that it holds; one that holds none, while a Program is staged, as NumPy would let the result
lie. A view lies as its base does, seen through the view; and what is written into an array does not move it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.equation import Literal, Variable
from ..core.primitive import Primitive, Tracer
from ..dtypes import Dtype
from ..primitives import decompositions, determinants, random, solving
from ..primitives import reduction as r
from ..primitives.activation import log_softmax
from ..primitives.contraction import matmul
from ..primitives.evaluation import ByMatrix
from ..primitives.indexing import assign, concatenate, embed, gather, scatter, scatter_add, slice_
from ..primitives.structure import broadcast, permute, reduce_sum, reshape


class Whole:
    """The array that a chain of views hangs on; `torn` once one of them hangs on it no more."""

    __slots__ = ("array", "torn")

    def __init__(self, array: Any) -> None:
        self.array, self.torn = array, False


class Link:
    """How a view hangs on its base: `take(base)` reads it, `restore(base, new)` is the base changed by it.

    The base may be a view itself, and so on. A look at the whole tells whether anything has changed; if so,
    the chain is walked without recursion, each link once.
    """

    __slots__ = ("base", "cached", "index", "nested", "restore", "seen", "seen_whole", "take", "whole")

    def __init__(self, base: Any, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> None:
        self.base, self.take, self.restore = base, take, restore
        link = getattr(base, "_link", None)
        self.nested = link is not None
        self.whole: Whole = link.whole if type(link) is Link else Whole(base)
        self.cached = _boxed(part)
        self.seen = (base.value, base.extra)
        self.seen_whole = (self.whole.array.value, self.whole.array.extra)
        self.index: Any = None

    def _chain(self) -> "list[Link]":
        """This link and those of the views that it hangs on, outwards."""
        chain: list[Link] = [self]
        while chain[-1].nested and type(link := chain[-1].base._link) is Link:
            chain.append(link)
        return chain

    def part(self) -> Any:
        """The part as the base now has it."""
        whole = self.whole
        value, extra = whole.array.value, whole.array.extra
        if value is not self.seen_whole[0] or extra is not self.seen_whole[1] or whole.torn:
            for link in reversed(self._chain()):
                link._renew()
                link.seen_whole = (value, extra)
        return self.cached

    def _renew(self) -> None:
        """Read the part again if the base, which is as it now is, has changed."""
        base = source = self.base
        if self.nested and type(link := base._link) is Link:
            source = link.cached
        value, extra = source.value, source.extra
        if value is not self.seen[0] or extra is not self.seen[1]:
            part = self.take(base)
            self.cached = _boxed(part) if isinstance(part, Tracer) else source.owner.boxed(part)
            self.seen = (value, extra)

    def write(self, new: Any) -> None:
        """Change the base so that the part is `new`."""
        chain = self._chain()
        for link in chain:
            new = link.restore(link.base, new)
        chain[-1].base.become(new)

    def layout(self) -> Any:
        """As the base lies, seen through the view."""
        chain = self._chain()
        layout = chain[-1].base.layout()
        for link in reversed(chain):
            layout = link.take(layout)
        return layout


def _boxed(part: Any) -> Any:
    """A part that hangs on nothing: a view's elements as they are now."""
    if getattr(part, "_link", None) is None:
        return part
    owner: Any = part.owner
    return owner.box(owner, part.value, part.extra)


# --- how arrays lie --------------------------------------------------------------------------------------


def layout_of(x: Tracer) -> Any:
    """An array with the shape and the strides of what a traced array holds; its elements mean nothing."""
    value: Any = x
    batches = 0
    while isinstance(value, Tracer) and value.value is not None:
        inner = value.value
        batches += len(aval_of(inner).shape) - len(value.aval.shape)
        value = inner
    if not isinstance(value, Tracer):
        whole = np.asarray(value)
    elif value is not x:
        whole = value.layout()
    elif isinstance(x.extra, Literal) and isinstance(x.extra.value, np.ndarray):
        whole = x.extra.value
    else:
        return Tracer.layout(x)
    return Tracer.layout(x) if 0 in whole.shape[:batches] else whole[(0,) * batches]


def hollow(layout: np.ndarray) -> np.ndarray:
    """An array that lies as this one does, without its elements where that can be."""
    found = np.empty_like(layout)
    return found if found.strides == layout.strides else layout


def laid(value: Any, layout: np.ndarray) -> Any:
    """The same elements, in memory in the order in which `layout` has them."""
    if not isinstance(value, Tracer):
        if isinstance(value, np.ndarray):
            found = np.empty_like(layout, dtype=value.dtype)
            if found.strides != value.strides:
                found[...] = value
                return found
        return value
    inner = value.value
    if inner is None:
        box: Any = value.owner.box(value.owner, None, value.extra)
        box._layout = hollow(layout)
        return box
    if len(aval_of(inner).shape) > layout.ndim:
        layout = _batch_of(layout, aval_of(inner).shape[0])
    found = value.owner.box(value.owner, laid(inner, layout), value.extra)
    return found if isinstance(found, Tracer) else value.owner.boxed(found)


def copied(array: np.ndarray) -> np.ndarray:
    """A copy that lies as the array does: axes in the same order and direction, apart where they are apart.

    What `reshape` and `ravel` may view of the one, they may view of the other.
    """
    found = np.array(array, order="K")
    if found.strides == array.strides or not array.size or 0 in array.strides:
        return found
    item = extent = array.itemsize
    strides, offset, joined = [0] * array.ndim, 0, item
    for i in sorted(range(array.ndim), key=lambda i: abs(array.strides[i])):
        stride, length = array.strides[i], array.shape[i]
        if length == 1:
            continue
        own = extent if abs(stride) == joined else extent + item
        strides[i] = own if stride > 0 else -own
        offset += own * (length - 1) * (stride < 0)
        extent, joined = own * length, abs(stride) * length
    found = np.ndarray(array.shape, array.dtype, np.empty(extent, np.uint8), offset, strides)
    found[...] = array
    return found


def _batch_of(layout: np.ndarray, size: int) -> np.ndarray:
    """So many arrays of this layout, one after another in memory."""
    order = sorted(range(layout.ndim), key=lambda i: -abs(layout.strides[i]))
    whole = np.empty((size, *(layout.shape[i] for i in order)), layout.dtype)
    back = [0] * layout.ndim
    for position, axis in enumerate(order):
        back[axis] = position + 1
    return whole.transpose(0, *back)


# --- how the results of staged operations will lie -------------------------------------------------------

_PARTS = frozenset((slice_, permute, broadcast, reshape))
"""What gives a view of its operand, or may."""

_IN_ONE_PIECE = frozenset((matmul, *decompositions.ALL, *determinants.ALL, *solving.ALL, *random.ALL)) - {
    decompositions.qr
}
"""What always gives an array in one piece, and may cost much."""

_FOLDS = (reduce_sum, r.reduce_prod, r.reduce_max, r.reduce_min, r.reduce_any, r.reduce_all, r.norm, r.shares)
_MOVES = (assign, scatter, gather, concatenate, embed, scatter_add)
_FOLLOWING = frozenset((*_FOLDS, *_MOVES, decompositions.qr, log_softmax))
"""What gives an array in one piece where its operands are so; else by how they lie."""


def may_scatter(primitive: Primitive) -> bool:
    """Whether the result of a primitive may lie in pieces where its operands do not."""
    if primitive.elementwise or primitive.forward is not None:
        return False
    known = primitive in _FOLLOWING or primitive in _IN_ONE_PIECE
    return not known and not isinstance(primitive.evaluate, ByMatrix)


def is_scattered(value: Any) -> bool:
    """Whether an operand lies in memory otherwise than in one piece, in order."""
    if isinstance(value, Tracer):
        if type(value.extra) is Variable and getattr(value, "_link", None) is None:
            return getattr(value, "_layout", None) is not None
        return not value.layout().flags.c_contiguous
    return type(value) is np.ndarray and not value.flags.c_contiguous


def layouts_after(
    boxes: Sequence[Tracer], primitive: Primitive, args: Sequence[Any], params: dict[str, Any]
) -> Sequence[Any]:
    """How the results of a primitive lie; nothing where they lie in one piece."""
    one_piece = primitive in _IN_ONE_PIECE or isinstance(primitive.evaluate, ByMatrix)
    if one_piece or primitive.forward is not None:
        return ()
    layouts = [a.layout() if isinstance(a, Tracer) else a if type(a) is np.ndarray else None for a in args]
    if primitive.elementwise:
        return (_joint([lay for lay in layouts if lay is not None], boxes[0].aval.dtype),)
    if primitive not in _PARTS:
        layouts = [None if lay is None else np.zeros_like(lay) for lay in layouts]
    try:
        with np.errstate(all="ignore"):
            found = primitive.evaluate(*(0.0 if lay is None else lay for lay in layouts), **params)
    except (ArithmeticError, ValueError):  # nothing is known at zeros
        return ()
    return found if primitive.many else (found,)


def _joint(layouts: Sequence[np.ndarray], dtype: Dtype) -> np.ndarray:
    """How the result of a ufunc lies."""
    flags: Any = [["readonly"]] * len(layouts) + [["writeonly", "allocate"]]
    kinds: Any = [None] * len(layouts) + [dtype]
    return np.nditer([*layouts, None], ["zerosize_ok"], flags, kinds, order="K").operands[-1]
