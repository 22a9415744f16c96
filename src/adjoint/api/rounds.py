"""Loops and branches run by Python, as the user's functions stand, where every value is known.

The same rules hold as for staged ones: the state keeps its structure, its shapes, and the dtypes that it has
after a round.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.dispatch import concrete
from ..control.rerun import Opened
from ..control.structured import given, same_structure, sequences, strong, widened
from ..core.avals import Aval, aval_of, describe
from ..core.primitive import Tracer
from ..errors import ContainerError, DtypeError, ShapeError
from ..primitives.indexing import concatenate
from ..primitives.promotion import to_dtype
from ..primitives.structure import reshape
from .arguments import Function
from .following import run, settled

Step = Callable[[Any], Any]
_ARRAYS = (Tracer, np.ndarray, np.generic, float, int, complex)


def traced_values(functions: Sequence[Function], *containers: Any) -> list[Tracer]:
    """The traced values among arguments, and in what functions have taken from around them."""
    leaves = [settled(leaf) for tree in containers for leaf in trees.leaves(tree)]
    traced = [leaf for leaf in leaves if isinstance(leaf, Tracer)]
    return [*traced, *(value for function in functions for value in Opened(function).values)]


def is_known(value: Any) -> bool:
    """Whether a value has a number behind it that is the same for all examples."""
    while isinstance(value, Tracer):
        if value.value is None or value.owner.aval(value).shape != aval_of(value.value).shape:
            return False
        value = value.value
    return True


def has_number(value: Any) -> bool:
    """Whether there are numbers behind a value, if only for every example its own."""
    while isinstance(value, Tracer):
        value = value.value
    return value is not None


class Wider(Exception):
    """A round gave dtypes that the state had not."""

    def __init__(self, avals: list[Aval]) -> None:
        super().__init__()
        self.avals = avals


class State:
    """The state of a loop: its structure and types, which every round must keep."""

    __slots__ = ("asked", "avals", "start", "structure")

    def __init__(self, asked: str, init: Any, avals: list[Aval] | None = None) -> None:
        self.asked = asked
        leaves, self.structure = given(asked, init)
        self.avals = avals or [aval_of(leaf) for leaf in leaves]
        self.start = self.tree([to_dtype(v, a.dtype) for v, a in zip(leaves, self.avals, strict=True)])

    def tree(self, leaves: Sequence[Any]) -> Any:
        """The state with these leaves."""
        return trees.unflatten(self.structure, leaves)

    def after(self, found: Any) -> Any:
        """What a round gave, as the next state."""
        leaves, structure = trees.flatten(found)
        if structure is not self.structure:
            same_structure("a body", structure, self.structure)
        for k, (leaf, aval) in enumerate(zip(leaves, self.avals, strict=True)):
            if type(leaf) is np.ndarray and leaf.shape == aval.shape and leaf.dtype == aval.dtype:
                continue
            leaves[k] = self._fitted(k, leaf, aval)
        return self.tree(leaves)

    def _fitted(self, k: int, leaf: Any, aval: Aval) -> Any:
        leaf = settled(leaf)
        if not isinstance(leaf, _ARRAYS):
            path = trees.paths(self.start)[k]
            raise ContainerError(
                f"{self.asked} of arrays, or containers of them",
                describe(leaf) + (f" at {path}" if path else ""),
                "Keep what is no array out of it: a function can take it from around it.",
            )
        found = aval_of(leaf)
        if found.shape != aval.shape:
            path = trees.paths(self.start)[k]
            raise ShapeError(
                f"{self.asked} whose state keeps its shape",
                f"{path or 'it'} goes from {aval} to {found}",
                "Start with the shape that it has after a round, and keep it.",
            )
        (wide,) = widened([aval], [found])
        if wide != aval:
            raise Wider([wide if i == k else a for i, a in enumerate(self.avals)])
        return strong(to_dtype(leaf, aval.dtype))


def with_stable_types(asked: str, init: Any, loop: Callable[[State], Any]) -> Any:
    """What a loop gives from a state in dtypes that it keeps: it begins anew where a round widens them."""
    avals: list[Aval] | None = None
    while True:
        try:
            return loop(State(asked, init, avals))
        except Wider as wider:
            avals = wider.avals


# --- loops ---------------------------------------------------------------------------------------


def answer(result: Any) -> bool:
    """What a condition says."""
    result = settled(result)
    if not isinstance(result, bool | np.bool_ | np.ndarray | Tracer) or (
        (aval := aval_of(result)).shape or aval.dtype.kind != "b"
    ):
        raise DtypeError("a condition that is one truth value", describe(result), "Write a comparison.")
    return bool(concrete(result, "the condition of while_loop"))


def while_rounds(cond: Function, body: Function, init: Any) -> Any:
    """The state after `while cond(state): state = body(state)`."""

    def loop(state: State) -> Any:
        value = state.start
        while answer(run(cond, value)):
            value = state.after(run(body, value))
        return value

    return with_stable_types("while_loop", init, loop)


def scan_rounds(
    function: Function, init: Any, xs: Any, length: int | None, *, reverse: bool
) -> tuple[Any, Any]:
    """The last state, and the ys, stacked."""
    rows, structure, count = sequences("scan", xs, length)
    order = range(count)[::-1] if reverse else range(count)

    def loop(state: State) -> Any:
        value, columns, shape = state.start, [], None
        for i in order:
            result = run(function, value, trees.unflatten(structure, [row[i] for row in rows]))
            new, y = pair(result)
            value = state.after(new)
            leaves, own = trees.flatten(y)
            if shape is not None and own != shape:
                same_structure("a body of scan whose y is the same container each round", own, shape)
            shape = own
            columns.append(leaves)
        return value, trees.unflatten(
            shape, map(stacked, zip(*columns[:: -1 if reverse else 1], strict=True))
        )

    return with_stable_types("scan", init, loop)


def pair(result: Any) -> Any:
    """What a round of scan gave: a state and a y."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise ContainerError(
            "a body of scan that gives (state, y)", describe(result), "Return a pair; y may be None."
        )
    return result


def stacked(values: Sequence[Any]) -> Any:
    """Values of one shape along a new first axis."""
    values = [settled(v) for v in values]
    if not any(isinstance(v, Tracer) for v in values):
        return np.stack(values)
    avals = [aval_of(v) for v in values]
    dtype = dtypes.result_type(*((a.dtype, False) for a in avals))
    rows = [strong(to_dtype(v, dtype)) for v in values]
    return concatenate(*(reshape(v, shape=(1, *aval_of(v).shape)) for v in rows), axis=0)
