"""The recorded graph as one walks it: `grad_fn`, its inputs, and the leaves at its ends.

    y = sin(x) * x:   multiply -> (sin -> (accumulate_grad of x), accumulate_grad of x)

`GradFn` shows a node of the graph; `Leaf` is the node of a tensor that requires gradients, and keeps
the gradient. Nothing here points from a node to the results computed from it, and a leaf holds its
tensor weakly: a graph is freed by reference counting when its last result is dropped.
"""

import ast
import linecache
import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, describe
from ..core.equation import Line
from ..core.primitive import Tracer
from ..errors import DtypeError, GraphError, MutationError, ShapeError
from ..transforms.graph import Node, fit, freed, signature
from ..transforms.pulls import Pick, name_of
from ..transforms.tape import TapeTrace
from .elements import unboxed

_accumulating = Lock()


class Leaf(Node):
    """The node of a tensor that requires gradients: its gradient so far, and where it was made."""

    __slots__ = ("grad", "line", "owner")

    def __init__(self, owner: Tracer, line: Line | None) -> None:
        value = owner.value
        if type(value) is np.ndarray:
            Node.__init__(self, (), None, (), value.shape, value.dtype)
        else:
            Node.__init__(self, (), None, (), *signature(value))
        self.grad: Any = None
        self.line = line
        self.owner = weakref.ref(owner)

    def accumulate(self, trace: TapeTrace, cotangent: Any) -> None:
        """Add a cotangent to the gradient."""
        with _accumulating:
            self.grad = accumulated(trace, self.grad, cotangent)

    @property
    def name(self) -> str:
        """The user's name for the tensor where its line tells it."""
        return (None if self.line is None else _variable(self.line)) or "tensor"

    def written(self) -> MutationError:
        """The error for an in-place operation while recording is on."""
        return MutationError(
            "an in-place operation was asked for on a tensor that requires gradients and is a leaf",
            f"{self.name}, a {self.aval}" + ("" if self.line is None else f" made at {self.line}"),
            "Update it under `with no_grad():`, write x = x + y, or work on x.clone().",
        )


def accumulated(trace: TapeTrace, before: Any, cotangent: Any) -> Any:
    """The sum so far with one more term, in the same tensor where there is one."""
    if before is None:
        return trace.boxed(cotangent)
    before.become(trace.boxed(before.value + cotangent))
    return before


class Retained:
    """The hook of `retain_grad`: keeps the gradient of a result."""

    __slots__ = ("grad", "trace")

    def __init__(self, trace: TapeTrace) -> None:
        self.trace = trace
        self.grad: Any = None

    def __call__(self, cotangent: Any) -> None:
        """Add what passes; a copy, for the walk goes on working in its array."""
        with _accumulating:
            self.grad = accumulated(self.trace, self.grad, _own(cotangent))


def retained(node: Node) -> Retained | None:
    """The hook of `retain_grad`, always a node's last, if it has one."""
    last = node.hooks[-1] if node.hooks else None
    return last if isinstance(last, Retained) else None


def _own(value: Any) -> Any:
    return value.copy() if type(value) is np.ndarray else value


class HookHandle:
    """What `register_hook` gives: `remove()` takes the hook away; so does the end of a `with` block."""

    __slots__ = ("_hook", "_node")

    def __init__(self, node: Node, hook: Callable[[Any], Any]) -> None:
        self._node, self._hook = weakref.ref(node), hook
        hooks = node.hooks if node.hooks is not None else []
        hooks.insert(len(hooks) - (retained(node) is not None), hook)
        node.hooks = hooks

    def remove(self) -> None:
        """Take the hook away; nothing happens where it is gone already."""
        node = self._node()
        if node is not None and node.hooks is not None:
            node.hooks = [hook for hook in node.hooks if hook is not self._hook] or None

    def __enter__(self) -> "HookHandle":
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def hooked(trace: TapeTrace, node: Node, function: Callable[[Any], Any]) -> HookHandle:
    """Call `function` with each cotangent of the node as a tensor; what it gives replaces it."""
    aval = node.aval

    def hook(cotangent: Any) -> Any:
        own = _own(cotangent)
        box = trace.boxed(own)
        result = function(box)
        if result is None and box.value is not own:
            result = box  # changed in place
        return None if result is None else plain_cotangent("a hook's result", result, aval)

    return HookHandle(node, hook)


def plain_cotangent(what: str, value: Any, aval: Aval) -> Any:
    """A cotangent that the user gives, as an array of our own with the shape and dtype of its tensor."""
    while isinstance(value, Tracer):
        value = value.value
    array = np.array(value)
    if array.shape == aval.shape and array.dtype is aval.dtype and array.ndim:
        return array
    if array.shape != aval.shape:
        raise ShapeError(
            f"{what} needs the shape {aval.shape} of the tensor that it belongs to",
            describe(array) if array.shape else f"the number {array}",
            "Give one cotangent for each element (np.ones_like of the tensor sums them).",
        )
    number = dtypes.is_inexact(array.dtype) or array.dtype.kind in "biu"
    if not number or (dtypes.is_complex(array.dtype) and not dtypes.is_complex(aval.dtype)):
        raise DtypeError(f"{what} needs numbers of the dtype {aval.dtype}", describe(array), "Convert it.")
    return unboxed(array if array.dtype == aval.dtype else array.astype(aval.dtype))


class GradFn:
    """The operation that made a tensor. Walk it by `next_functions`, or call it with a cotangent.

    >>> x = adjoint.tensor(2.0, requires_grad=True)
    >>> y = np.sin(x) * x
    >>> y.grad_fn
    <multiply>
    >>> [function for function, _ in y.grad_fn.next_functions]
    [<sin>, <accumulate_grad>]
    >>> y.grad_fn(1.0)
    (tensor(2.), tensor(0.90929743))
    """

    __slots__ = ("_node", "_trace")

    def __init__(self, trace: TapeTrace, node: Node) -> None:
        self._trace, self._node = trace, node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and other._node is self._node

    def __hash__(self) -> int:
        return id(self._node)

    def __repr__(self) -> str:
        return f"<{self.name()}>"

    def name(self) -> str:
        """The name of the operation; `accumulate_grad` for a leaf."""
        if isinstance(self._node, Leaf):
            return "accumulate_grad"
        return name_of(operation_of(self._node)[0].pull)

    @property
    def next_functions(self) -> "tuple[tuple[GradFn | None, int], ...]":
        """For each input the operation that made it, None for a constant, and which of its outputs it is."""
        parents = operation_of(self._node)[0].parents
        return tuple((None if n is None else GradFn(self._trace, n), operation_of(n)[1]) for n in parents)

    @property
    def inputs(self) -> tuple[str, ...]:
        """A name for each input: the user's variable for a leaf, the operation for a result.

        >>> rate = adjoint.tensor(2.0, requires_grad=True)
        >>> (np.sin(rate) * rate).grad_fn.inputs
        ('sin', 'rate')
        """
        parents = operation_of(self._node)[0].parents
        return tuple(map(_input_name, parents))

    @property
    def variable(self) -> Any:
        """The tensor of a leaf; None where it is gone, and for all other operations."""
        return self._node.owner() if isinstance(self._node, Leaf) else None

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the inputs, None for constants; of a leaf, add to its gradient."""
        ct = plain_cotangent(f"{self.name()}(cotangent)", cotangent, self._node.aval)
        if isinstance(self._node, Leaf):
            self._node.accumulate(self._trace, ct)
            return ()
        node, index = operation_of(self._node)
        if node.saved is None:
            raise freed()
        if node is not self._node:
            ct = [ct if i == index else None for i in range(self._node.pull.count)]
        with np.errstate(all="ignore"):
            terms = node.pull(ct, *node.saved)
            return tuple(
                None if parent is None or term is None else self._trace.boxed(fit(term, parent))
                for parent, term in zip(node.parents, terms, strict=True)
            )


def operation_of(node: Node | None) -> tuple[Any, int]:
    """The node of the operation that a node is an output of, and which output it is."""
    if node is not None and isinstance(node.pull, Pick):
        return node.parents[0], node.pull.index
    return node, 0


def _input_name(node: Node | None) -> str:
    if node is None:
        return "constant"
    return node.name if isinstance(node, Leaf) else name_of(operation_of(node)[0].pull)


def no_graph(asked: str) -> GraphError:
    """The error for a gradient of what depends on no leaf."""
    return GraphError(
        f"{asked} was asked for",
        "a tensor that depends on no tensor with requires_grad=True, or was computed under no_grad()",
        "Make the inputs with tensor(x, requires_grad=True), and compute outside of no_grad().",
    )


def _variable(line: Line) -> str | None:
    """The variable that the statement at this line assigns a call's result to, if there is just one."""
    try:
        tree = ast.parse("".join(linecache.getlines(line.file)))
    except SyntaxError:
        return None
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.lineno <= line.number <= (node.end_lineno or node.lineno):
                found.extend(map(ast.unparse, targets))
    return found[0] if len(found) == 1 else None
