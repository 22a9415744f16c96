"""One reverse pass over a function of arrays: what `grad`, `vjp` and `jacrev` share."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..array.traced import Traced
from ..array.views import copied
from ..backends.source import written
from ..primitives.structure import zeros
from ..transforms.graph import Node
from ..transforms.watching import tape
from .following import settled


class Recording:
    """A tape with its inputs, made for one call of a function.

    `inputs` are the traced inputs; what happens to them in place leaves the recording's own nodes alone.
    """

    __slots__ = ("inputs", "nodes", "trace")

    def __init__(self, values: Sequence[Any], *, keep: bool) -> None:
        self.trace = tape(Traced, written)
        self.inputs: list[Any] = []
        self.nodes: list[Node] = []
        lift = self.trace.lift
        for value in values:
            box = lift(_kept(value) if keep else value)
            self.inputs.append(box)
            self.nodes.append(box.extra)

    def close(self) -> None:
        """End the recording: traced values of it raise from now on."""
        self.trace.closed = True

    def lower(self, output: Any) -> tuple[Any, Node | None]:
        """Value and node of an output."""
        return self.trace.lower(output)

    def pull(self, pairs: Iterable[tuple[Any, Any]], *, release: bool) -> list[Any]:
        """Cotangents of the inputs for cotangents of output nodes."""
        found = self.trace.backward([pair for pair in pairs if pair[0] is not None], release=release)
        return [_taken(found, node) for node in self.nodes]


def _kept(value: Any) -> Any:
    """A copy of what the caller may write into."""
    if type(value) is np.ndarray and value.flags.c_contiguous:
        return value.copy()
    if isinstance(value, np.ndarray):
        return copied(value)
    return value.copy("K") if isinstance(value, Traced) else value


def _taken(found: dict[Node, Any], node: Node) -> Any:
    """The gradient of an input, as an array that is the caller's alone to change."""
    value = found.pop(node, None)
    if type(value) is not np.ndarray:
        value = settled(value)
    if value is None:
        aval = node.aval
        return np.zeros(aval.shape, aval.dtype) if aval.shape else zeros(aval)
    if type(value) is np.ndarray:
        if sys.getrefcount(value) > _ALONE or value.base is not None or not value.flags.writeable:
            return value.copy()
    elif type(value) is np.float64 and node.dtype is float:
        return float(value)
    return value


def _alone() -> int:
    """The count of references to an array that is a local's alone, as this Python counts them."""
    value = {0: np.zeros(1)}.pop(0, None)
    return sys.getrefcount(value)


_ALONE = _alone()
