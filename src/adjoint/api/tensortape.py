"""The trace of all tensors: the oldest one, never closed, and silent under `no_grad`.

It adds to `TapeTrace` one look at the recording mode for each operation. What tensors hold is never
overwritten, so the graph saves it as it is; plain arrays that tensors meet are the user's to change, so
of those that the graph needs it saves copies.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..array.blank import Blank
from ..backends.source import written
from ..core.avals import aval_of
from ..core.primitive import Primitive, Tracer
from ..lazy import watched
from ..primitives.barrier import stop_gradient
from ..transforms.graph import Node, backward, signature
from ..transforms.pulls import FlatPull
from ..transforms.tape import TapeTrace
from ..transforms.watching import watching
from .gradfn import operation_of
from .gradmode import plainly, unwatched


class TensorTape(TapeTrace):
    """The one trace of all tensors: level 0, never closed, silent under `no_grad`."""

    __slots__ = ()

    def __init__(self, box: type[Tracer]) -> None:
        super().__init__(box, written)
        self.level = 0

    def constant(self, value: Any) -> Any:
        """What depends on no leaf is a tensor too."""
        return self.box(self, value, None)

    def unary(
        self,
        primitive: Primitive,
        operation: Callable[..., Any],
        x: Tracer,
        params: tuple[tuple[str, Any], ...] = (),
    ) -> Any:
        """As every tape does, if recording is on."""
        mode = plainly()
        if mode:
            return TapeTrace.unary(self, primitive, operation, x, params)
        if mode is None:
            return self._watched(primitive, TensorTape.unary, (operation, x, params), (x,))
        return self.box(self, operation(x.value), None)

    def binary(
        self, primitive: Primitive, operation: Callable[..., Any], x: Any, y: Any, ndim: int = 0
    ) -> Any:
        """As every tape does, if recording is on."""
        mode = plainly()
        if mode:
            out = TapeTrace.binary(self, primitive, operation, x, y, ndim)
            if type(x) is np.ndarray or type(y) is np.ndarray:
                _protect(out.extra, (x, y))
            return out
        if mode is None:
            return self._watched(primitive, TensorTape.binary, (operation, x, y, ndim), (x, y))
        return self.box(self, operation(self.lower(x)[0], self.lower(y)[0]), None)

    def flat(self, primitive: Primitive, out: Any, parents: tuple[Node | None, ...]) -> Any:
        """What has the derivative zero hangs on its operands, which get zeros; `stop_gradient` cuts off."""
        known = [node for node in parents if node is not None]
        if not known or primitive is stop_gradient or not dtypes.is_inexact(aval_of(out).dtype):
            return self.constant(out)
        avals = tuple(None if node is None else node.aval for node in parents)
        return self.box(self, out, Node(parents, FlatPull(primitive.name), avals, *signature(out)))

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """As every tape does, if recording is on."""
        mode = plainly()
        if mode is None:
            return self._watched(primitive, TensorTape.process, (args, params), args)
        if not mode:
            out = primitive(*(self.lower(arg)[0] for arg in args), **params)
            return tuple(map(self.constant, out)) if primitive.many else self.constant(out)
        out = TapeTrace.process(self, primitive, args, params)
        if any(type(arg) is np.ndarray for arg in args):
            for result in out if primitive.many else (out,):
                _protect(operation_of(result.extra)[0], args)
        return out

    def _watched(self, primitive: Primitive, method: Any, given: tuple[Any, ...], args: Any) -> Any:
        """An operation under a watch: as without one, and what it gave is looked at."""
        watch = watching()
        with unwatched(), watch.operation(primitive) as looks:
            out = method(self, primitive, *given)
        return watched.seen(self, watch, looks, primitive, args, out)

    def backward(self, roots: Any, *, release: bool) -> dict[Node, Any]:
        """The walk back, watched where somebody watches."""
        watch = watching()
        if watch is None:
            return backward(roots, release=release)
        return watched.watched_backward(watch, roots, release=release)

    def protected(self, captured: Any) -> Any:
        """What a tensor holds is never overwritten; of plain arrays copies are saved, see `_protect`."""
        return TapeTrace.protected(self, captured) if isinstance(captured, Blank) else captured


def _protect(node: Node | None, args: tuple[Any, ...]) -> None:
    """Plain arrays belong to the user, who may change them before the walk back: save copies of them."""
    if node is not None and node.saved:
        theirs = {id(arg) for arg in args if type(arg) is np.ndarray}
        node.saved = tuple(value.copy() if id(value) in theirs else value for value in node.saved)
