"""One reverse pass over a function of arrays: what `grad`, `vjp` and `jacrev` share."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..array.traced import Traced
from ..backends.source import written
from ..primitives.structure import zeros
from ..transforms.graph import Node, backward
from ..transforms.tape import TapeTrace

_MUTABLE = (np.ndarray, Traced)


class Recording:
    """A tape with its inputs, made for one call of a function.

    `inputs` are the traced inputs; what happens to them in place leaves the recording's own nodes alone.
    """

    __slots__ = ("inputs", "nodes", "trace")

    def __init__(self, values: Sequence[Any], *, keep: bool) -> None:
        self.trace = TapeTrace(Traced, written)
        if keep:
            values = [v.copy() if isinstance(v, _MUTABLE) else v for v in values]
        lift = self.trace.lift
        self.inputs = [lift(value) for value in values]
        self.nodes: list[Node] = [box.extra for box in self.inputs]

    def close(self) -> None:
        """End the recording: traced values of it raise from now on."""
        self.trace.closed = True

    def lower(self, output: Any) -> tuple[Any, Node | None]:
        """Value and node of an output."""
        return self.trace.lower(output)

    def pull(self, pairs: Iterable[tuple[Node | None, Any]], *, release: bool) -> list[Any]:
        """Cotangents of the inputs for cotangents of output nodes."""
        found: dict[Node, Any] = {}
        live = [(node, ct) for node, ct in pairs if node is not None]
        if live:
            found = backward(live, release=release)
        return [mine(found, node) if node in found else zeros_of(node) for node in self.nodes]


def zeros_of(node: Node) -> Any:
    """The zero gradient of an input that nothing depends on."""
    aval = node.aval
    return np.zeros(aval.shape, aval.dtype) if aval.shape else zeros(aval)


def mine(found: dict[Node, Any], node: Node) -> Any:
    """A gradient as an array that is the caller's alone to change."""
    if _references(found, node) > _ALONE:
        return np.array(found[node])
    value = found[node]
    if type(value) is np.float64 and node.dtype is float:
        return float(value)
    if type(value) is np.ndarray and (value.base is not None or not value.flags.writeable):
        return np.array(value)
    return value


def _references(found: dict[Node, Any], node: Node) -> int:
    value = found[node]
    return sys.getrefcount(value) if type(value) is np.ndarray else 0


def _alone() -> int:
    node = Node((), None, (), (), float)
    return _references({node: np.zeros(1)}, node)


_ALONE = _alone()
