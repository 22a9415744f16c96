"""`checkpoint`: a function that is computed once more on the way back, so that little is kept of it."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from .. import trees
from ..array.traced import Traced
from ..backends.source import written
from ..control import structured
from ..control.again import Keep, again, named, nothing
from ..control.mincut import ByPolicy, Within
from ..control.rerun import Function as Rerun
from ..control.rerun import Opened, rerun
from ..core.avals import Aval, aval_of, describe
from ..core.primitive import Tracer
from ..errors import ArgumentError, TraceError
from .arguments import Function, checked, is_array, outputs
from .following import run, settled
from .rounds import has_number

Policy = Sequence[str] | Callable[[str, Aval], bool] | None


def checkpoint(function: Function, *, policy: Policy = None, budget_bytes: int | None = None) -> Function:
    """The same function, which keeps little for the way back and computes the rest once more.

    Values and derivatives are those of the function. In between, what it has computed is not held: memory
    for time. The arguments are kept, and what `policy` or `budget_bytes` choose.

    By itself the function is run again, as Python: it may ask for numbers, and call itself. With a policy or
    a budget it is recorded as a Program, from which is chosen; if that cannot be, it is run again whole.

    Args:
        function: takes and returns arrays or containers of arrays. It gives the same result when it is called
            again with the same arguments, and does not write into them.
        policy: what is kept: names of operations ("matmul", "exp") and names given by `checkpoint_name`; or a
            predicate of the name and the type (`.shape`, `.dtype`) of a result.
        budget_bytes: how much may be kept besides the arguments. What is kept is chosen by a minimum cut, so
            that the least work is done twice.

    Returns:
        A function of the same arguments.

    Raises:
        ArgumentError: a policy that is no names and no predicate, or a budget below zero.
        DerivativeError: the function takes traced values from a global or from an attribute.

    >>> layer = checkpoint(lambda w, x: np.tanh(w @ x))
    >>> adjoint.grad(lambda w, x: np.sum(layer(w, layer(w, x))))(np.eye(2), np.zeros(2))
    array([[0., 0.],
           [0., 0.]])
    >>> saving = checkpoint(lambda w, x: np.tanh(w @ x), policy=["matmul"])
    >>> small = checkpoint(lambda w, x: np.tanh(w @ x), budget_bytes=1000)
    """
    checked("checkpoint", function)
    keep = _keep(policy, budget_bytes)

    @wraps(function)
    def kept_small(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = trees.flatten((args, kwargs))
        leaves = [settled(leaf) for leaf in leaves]
        call = _Call(function, leaves, structure)
        operands = [leaf for leaf, taken in zip(leaves, call.taken, strict=True) if taken]
        opened = Opened(function)
        traced = [v for v in (*operands, *opened.values) if isinstance(v, Tracer)]
        if not traced:
            return run(function, *args, **kwargs)
        known = all(has_number(v) for v in traced)
        if keep is nothing and known:
            return _run_again(call, operands, opened)
        try:
            return _staged(call, operands, keep)
        except TraceError:
            if not known:
                raise
        return _run_again(call, operands, opened)

    return kept_small


def _keep(policy: Policy, budget: int | None) -> Keep:
    """What picks the values to be kept."""
    if policy is not None and budget is not None:
        raise ArgumentError("checkpoint with a policy or a budget", "both", "Give one of them.")
    if budget is not None:
        if isinstance(budget, bool) or not isinstance(budget, int) or budget < 0:
            raise ArgumentError("checkpoint with budget_bytes from 0", repr(budget), "Write an integer.")
        return Within(budget)
    if policy is None:
        return nothing
    if callable(policy):
        return ByPolicy(predicate=policy)
    if isinstance(policy, str) or not all(isinstance(name, str) for name in policy):
        raise ArgumentError(
            "checkpoint with policy= a list of names, or a predicate",
            repr(policy),
            'Write policy=["matmul"], or names given by checkpoint_name.',
        )
    return ByPolicy(frozenset(policy))


class _Call:
    """One call: its arguments taken apart, and the structure of what comes out, once it is known."""

    __slots__ = ("constants", "function", "name", "result", "structure", "taken")

    def __init__(self, function: Function, leaves: Sequence[Any], structure: trees.Structure) -> None:
        self.function, self.structure = function, structure
        name = getattr(function, "__name__", "function")
        self.name = name if name.isidentifier() else "function"
        self.taken = [is_array(leaf) and not isinstance(leaf, int) for leaf in leaves]
        self.constants = [None if taken else leaf for leaf, taken in zip(leaves, self.taken, strict=True)]
        self.result: trees.Structure = trees.LEAF

    def run(self, function: Function, operands: Sequence[Any]) -> list[Any]:
        """The leaves of the result of a function in place of the user's."""
        supply = iter(operands)
        whole = [
            next(supply) if taken else leaf for leaf, taken in zip(self.constants, self.taken, strict=True)
        ]
        args, kwargs = trees.unflatten(self.structure, whole)
        leaves, self.result = outputs(f"checkpoint of {self.name}", run(function, *args, **kwargs))
        return leaves


def _run_again(call: _Call, operands: Sequence[Any], opened: Opened) -> Any:
    count = len(operands)

    def flat(values: Sequence[Any]) -> list[Any]:
        return call.run(opened.with_values(values[count:]), values[:count])

    function = Rerun(call.name, flat, Traced, written)
    found = rerun(*operands, *opened.values, function=function)
    return trees.unflatten(call.result, found)


def _staged(call: _Call, operands: Sequence[Any], keep: Keep) -> Any:
    def flat(*boxes: Any) -> list[Any]:
        return call.run(call.function, boxes)

    flat.__name__ = call.name
    avals = [aval_of(v) for v in operands]
    staged = structured.Staged(flat, [trees.LEAF] * len(avals), avals, Traced)
    found = again(*staged.captured, *operands, body=staged.program, keep=keep)
    return trees.unflatten(call.result, found)


def checkpoint_name(x: Any, name: str) -> Any:
    """The value itself, under a name that a policy of `checkpoint` can say.

    Args:
        x: an array.
        name: what `checkpoint(f, policy=[name])` calls it.

    Returns:
        The value of x; its derivative is that of x.

    Raises:
        ArgumentError: the name is no string.

    >>> def layer(w, x):
    ...     return np.tanh(checkpoint_name(w @ x, "before tanh"))
    >>> frugal = adjoint.checkpoint(layer, policy=["before tanh"])
    >>> adjoint.grad(lambda x: np.sum(frugal(np.eye(2), x)))(np.zeros(2))
    array([1., 1.])
    """
    if not isinstance(name, str):
        raise ArgumentError("checkpoint_name with a name", describe(name), "Write a string.")
    return named(settled(x), label=name)
