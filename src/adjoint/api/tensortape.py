"""The trace of all tensors: the oldest one, never closed, and silent under `no_grad`.

It adds to `TapeTrace` one look at the recording mode for each operation. What tensors hold is never
overwritten, so the graph saves it as it is; plain arrays that tensors meet are the user's to change, so
of those that the graph needs it saves copies.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..backends.source import written
from ..core.avals import aval_of
from ..core.primitive import Primitive, Tracer
from ..primitives.barrier import stop_gradient
from ..transforms.graph import Node, signature
from ..transforms.pulls import FlatPull
from ..transforms.tape import TapeTrace
from .gradfn import operation_of
from .gradmode import recording


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
        if recording():
            return TapeTrace.unary(self, primitive, operation, x, params)
        return self.box(self, operation(x.value), None)

    def binary(
        self, primitive: Primitive, operation: Callable[..., Any], x: Any, y: Any, ndim: int = 0
    ) -> Any:
        """As every tape does, if recording is on."""
        if recording():
            out = TapeTrace.binary(self, primitive, operation, x, y, ndim)
            if type(x) is np.ndarray or type(y) is np.ndarray:
                _protect(out.extra, (x, y))
            return out
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
        if not recording():
            out = primitive(*(self.lower(arg)[0] for arg in args), **params)
            return tuple(map(self.constant, out)) if primitive.many else self.constant(out)
        out = TapeTrace.process(self, primitive, args, params)
        if any(type(arg) is np.ndarray for arg in args):
            for result in out if primitive.many else (out,):
                _protect(operation_of(result.extra)[0], args)
        return out

    def protected(self, captured: Any) -> Any:
        """What a tensor holds is never overwritten; of plain arrays copies are saved, see `_protect`."""
        return captured


def _protect(node: Node | None, args: tuple[Any, ...]) -> None:
    """Plain arrays belong to the user, who may change them before the walk back: save copies of them."""
    if node is not None and node.saved:
        theirs = {id(arg) for arg in args if type(arg) is np.ndarray}
        node.saved = tuple(value.copy() if id(value) in theirs else value for value in node.saved)
