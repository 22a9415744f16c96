"""The graph that reverse mode records, and the walk back through it.

A node stands for one operation's output: it knows its parents, its pullback and what the pullback
needs. Parents only are linked, so a graph is freed when the last result that needs it is dropped.
The walk sorts the nodes that the result depends on by their numbers and goes backwards: no recursion.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from types import FunctionType
from typing import Any

import numpy as np

from ..core.avals import Aval, Shape, aval_of
from ..core.primitive import Tracer
from ..errors import GraphError, ShapeError
from ..primitives.promotion import to_dtype
from ..primitives.structure import broadcast, reduce_sum, reshape
from .dual import add_terms

_numbers = itertools.count()
_by_number = attrgetter("number")

_PLAIN_SCALARS = frozenset((float, np.float64))


class Node:
    """One operation's output in the graph.

    `pull(cotangent, *saved)` gives a cotangent, or None, for each parent. `shape` and `dtype` are the
    output's; `dtype` is the class of a Python or NumPy scalar where the output is one.
    """

    __slots__ = ("__weakref__", "dtype", "hooks", "number", "parents", "pull", "saved", "shape")

    def __init__(
        self, parents: "tuple[Node | None, ...]", pull: Any, saved: Any, shape: tuple[int, ...], dtype: Any
    ) -> None:
        self.number = next(_numbers)
        self.parents = parents
        self.pull = pull
        self.saved = saved
        self.shape = shape
        self.dtype = dtype
        self.hooks: list[Callable[[Any], Any]] | None = None

    @property
    def aval(self) -> Aval:
        """The type of the output, and so of its cotangent."""
        if isinstance(self.dtype, np.dtype):
            return Aval(self.shape, self.dtype)
        return aval_of(self.dtype(0))


def leaf(value: Any) -> Node:
    """The node of an input."""
    return Node((), None, (), *signature(value))


def signature(value: Any) -> tuple[tuple[int, ...], Any]:
    """Shape and dtype of a value as its node keeps them."""
    if type(value) is np.ndarray:
        return value.shape, value.dtype
    if isinstance(value, np.ndarray):
        own = aval_of(value)
        return own.shape, own.dtype
    if not isinstance(value, Tracer):
        return (), type(value)
    aval = value.aval
    return aval.shape, aval.dtype.type if aval.weak else aval.dtype


def ordered(roots: Sequence[Node]) -> list[Node]:
    """The nodes and all that they depend on, the newest first. Leaves that nobody watches are left out."""
    seen = set(roots)
    stack = list(roots)
    while stack:
        for parent in stack.pop().parents:
            if parent is None or parent in seen or (parent.pull is None and parent.hooks is None):
                continue
            seen.add(parent)
            stack.append(parent)
    found = list(seen)
    found.sort(key=_by_number, reverse=True)
    return found


class Cotangents:
    """The cotangents on their way: a sum for each node, and which sums are arrays of our own."""

    __slots__ = ("owned", "pending")

    def __init__(self) -> None:
        self.pending: dict[Node, Any] = {}
        self.owned: set[Node] = set()

    def add(self, node: Node, term: Any) -> None:
        """Add a term to the cotangent of a node, in place where the sum so far is nobody else's."""
        cls = type(term)
        if cls is np.ndarray:
            if term.dtype is not node.dtype and term.dtype != node.dtype:
                term = fit(term, node)
            elif term.shape != node.shape:
                term = _unbroadcast(term, term.shape, node.shape)
        elif cls not in _PLAIN_SCALARS or node.dtype not in _PLAIN_SCALARS:
            term = fit(term, node)
        before = self.pending.get(node)
        if before is None:
            self.pending[node] = term
        elif type(before) is np.ndarray and type(term) is np.ndarray:
            if node in self.owned:
                np.add(before, term, out=before)
            else:
                self.pending[node] = before + term
                self.owned.add(node)
        elif cls in _PLAIN_SCALARS and type(before) in _PLAIN_SCALARS:
            self.pending[node] = before + term
        else:
            self.pending[node] = add_terms(before, term)

    def buffer(self, node: Node) -> Any:
        """The node's sum so far as an array to be added to in place; None where it is traced."""
        before = self.pending.get(node)
        if node in self.owned and type(before) is np.ndarray:
            return before  # a sum of arrays without axes is a number
        if before is None:
            aval = node.aval
            before = np.zeros(aval.shape, aval.dtype)
        elif type(before) is np.ndarray:
            before = before.copy()
        else:
            return None
        self.pending[node] = before
        self.owned.add(node)
        return before


class Walker:
    """A pullback that takes its step in place: linear work in a loop over an array's elements.

    Where it cannot, it is called like any other pullback.
    """

    __slots__ = ()

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Hand `ct`, an array, on to the parents; False to be called as a function instead."""
        del cotangents, node, ct, owned
        return False


@np.errstate(all="ignore")
def backward(roots: Sequence[tuple[Node, Any]], *, release: bool) -> dict[Node, Any]:
    """The cotangents of the leaves, for these cotangents of the roots.

    With `release`, each node gives up what it saved once it has been passed.
    """
    cotangents = Cotangents()
    pending, add = cotangents.pending, cotangents.add
    for node, cotangent in roots:
        add(node, cotangent)
    for node in ordered([node for node, _ in roots]):
        ct = pending.pop(node, None)
        if ct is None:
            continue
        if node.hooks is not None:
            ct = _hooked(node, ct)
        pull, saved = node.pull, node.saved
        if pull is None:
            pending[node] = ct
            continue
        if saved is None:
            raise freed()
        if type(pull) is FunctionType or not _walked(pull, cotangents, node, ct):
            for parent, term in zip(node.parents, pull(ct, *saved)):  # noqa: B905 (the hot loop)
                if parent is None or term is None:
                    continue
                if (
                    parent not in pending
                    and type(term) is np.ndarray
                    and term.dtype is parent.dtype
                    and term.shape == parent.shape
                ):
                    pending[parent] = term
                else:
                    add(parent, term)
        if release:
            node.saved = None
    return pending


def _walked(pull: Any, cotangents: Cotangents, node: Node, ct: Any) -> bool:
    return isinstance(pull, Walker) and pull.walk(cotangents, node, ct, node in cotangents.owned)


def fit(term: Any, node: Node) -> Any:
    """A cotangent in the shape and dtype of its node: what broadcasting repeated is summed, what
    promotion widened is narrowed.
    """
    aval = node.aval
    found = aval_of(term)
    if found.shape != aval.shape:
        term = _unbroadcast(term, found.shape, aval.shape)
    if found.dtype != aval.dtype or found.weak != aval.weak:
        term = to_dtype(term, aval.dtype, aval.weak and aval.shape == ())
    return term


@lru_cache(maxsize=4096)
def _repeated_axes(shape: Shape, target: Shape) -> tuple[int, ...] | None:
    """The axes along which broadcasting repeated an array of shape `target`; None if it cannot have."""
    lead = len(shape) - len(target)
    if lead < 0 or any(n not in (1, m) for n, m in zip(target, shape[lead:], strict=True)):
        return None
    return (*range(lead), *(lead + i for i, n in enumerate(target) if shape[lead + i] != n))


def _unbroadcast(term: Any, shape: Shape, target: Shape) -> Any:
    axes = _repeated_axes(shape, target)
    if axes is not None:
        summed = np.add.reduce(term, axis=axes) if type(term) is np.ndarray else reduce_sum(term, axes=axes)
        return summed if len(axes) == len(shape) - len(target) else reshape(summed, shape=target)
    if all(n == 1 for n in shape):
        return broadcast(reshape(term, shape=()), shape=target)
    raise ShapeError(
        f"a cotangent of shape {target} was asked for", f"one of shape {shape}", "It has its output's shape."
    )


def _hooked(node: Node, ct: Any) -> Any:
    for hook in tuple(node.hooks or ()):
        changed = hook(ct)
        if changed is not None:
            ct = fit(changed, node)
    return ct


def freed() -> GraphError:
    """The error for a second walk through a graph that the first has released."""
    return GraphError(
        "a second backward pass through the same graph was asked for",
        "a graph that the first pass has freed",
        "Call the first one with retain_graph=True.",
    )
