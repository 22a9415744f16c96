"""Branches: one primitive, `switch`, of which one Program runs, chosen by a number.

    result = branches[index](operands)

Forward, a switch between the branches' derivatives. In reverse, the switch also gives what the pullbacks read
(zeros in the place of what other branches would give), and another switch goes back. In a batch whose
examples choose differently every branch runs, and each example takes its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.equation import Atom, Literal, Variable
from ..core.primitive import TOGETHER, Primitive
from ..core.program import Program
from ..core.stack import StackAval
from ..core.trace import stage
from ..errors import DtypeError
from ..primitives.arithmetic import multiply
from ..primitives.comparison import equal, less_equal
from ..primitives.structure import add, broadcast, reshape, select, zeros
from ..primitives.trigonometric import sin
from .bodies import Halves, batched, halves, nothing_of, picked, pushed, reached, spread, types_of

Branches = tuple[Program, ...]


def _type(index: Aval, *avals: Aval, branches: Branches) -> tuple[Aval, ...]:
    outs = types_of(branches[0].outputs)
    fits = all(types_of(b.inputs) == list(avals) and types_of(b.outputs) == outs for b in branches)
    if index.shape or index.dtype.kind not in "iu" or not fits:
        listed = "; ".join(str(types_of(b.outputs)) for b in branches)
        raise DtypeError(
            "a whole number, and branches that take the operands and give results of the same types",
            f"{index}, and branches that give {listed}",
            "Give every branch the same shapes and dtypes.",
        )
    return tuple(outs)


def _chosen(index: Any, branches: Branches) -> Program:
    return branches[min(max(int(index), 0), len(branches) - 1)]


def _evaluate(index: Any, *args: Any, branches: Branches) -> tuple[Any, ...]:
    return tuple(_chosen(index, branches).evaluate(*args))


def _union(branches: Branches, flags: Sequence[bool], *, smooth: bool = True) -> list[bool]:
    """The results that depend on marked operands in some branch."""
    rows = [reached(b, flags, smooth=smooth) for b in branches]
    return [any(column) for column in zip(*rows, strict=True)]


# --- forward and reverse -----------------------------------------------------------------------


def _forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    branches: Branches = params["branches"]
    moving = [t is not None for t in tangents[1:]]
    wanted = _union(branches, moving)
    new = tuple(pushed(b, moving, wanted) for b in branches)
    result = switch(*args, *picked(tangents[1:], moving), branches=new)
    return result[: len(wanted)], tuple(spread(result[len(wanted) :], wanted))


def _reverse(args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    branches: Branches = params["branches"]
    moving = [i in active for i in range(1, len(args))]
    wanted = _union(branches, moving)
    cuts = [halves(b, tuple(moving), tuple(wanted)) for b in branches]
    kept = [v.aval for cut in cuts for v in cut.residuals]
    ahead = tuple(_with_gaps(cut, k, cuts, len(wanted)) for k, cut in enumerate(cuts))
    result = switch(*args, branches=ahead)
    back = tuple(_from_all(cut, k, cuts, kept) for k, cut in enumerate(cuts))
    return result[: len(wanted)], _Pull(back, tuple(moving), tuple(wanted)), (args[0], *result[len(wanted) :])


def _with_gaps(cut: Halves, own: int, cuts: Sequence[Halves], outs: int) -> Program:
    """The first half of a branch, with zeros for what the other branches put away."""
    count = len(cut.ahead.inputs)

    def first(*boxes: Any) -> list[Any]:
        found = cut.ahead.evaluate(*boxes)
        rest = [
            found[outs:] if k == own else [nothing_of(v.aval) for v in other.residuals]
            for k, other in enumerate(cuts)
        ]
        return [*found[:outs], *(value for values in rest for value in values)]

    return stage(first, types_of(cut.ahead.inputs[:count]), name=cut.ahead.name).without_dead()


def _from_all(cut: Halves, own: int, cuts: Sequence[Halves], kept: list[Aval]) -> Program:
    """The second half of a branch, which reads its own residuals among those of all."""
    start = sum(len(other.residuals) for other in cuts[:own])
    own_count = len(cut.residuals)
    cotangents = cut.back.inputs[own_count:]
    inputs = [*(Variable(a) for a in kept), *cotangents]
    inputs[start : start + own_count] = cut.back.inputs[:own_count]
    return Program(tuple(inputs), cut.back.equations, cut.back.outputs, cut.back.name)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """The switch that goes back."""

    branches: Branches
    moving: tuple[bool, ...]
    wanted: tuple[bool, ...]
    name = "switch"

    def __call__(self, cotangents: Sequence[Any], index: Any, *kept: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        found = switch(index, *kept, *picked(cotangents, self.wanted), branches=self.branches)
        return [None, *spread(found, self.moving)]


def _transpose(place: int, cotangents: Any, *args: Any, branches: Branches) -> Any:
    """The transpose in operands in which all branches are linear: the pullback, at zero as anywhere."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _reverse(values, linear, {"branches": branches})
    found = pull(cotangents, *saved)[place]
    return zeros(args[place]) if found is None else found


# --- batches -----------------------------------------------------------------------------------


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    branches: Branches = params["branches"]
    apart, *own = flags
    outs = [True] * len(branches[0].outputs) if apart else _union(branches, own, smooth=False)
    new = tuple(batched(b, size, own, outs) for b in branches)
    if apart:
        rows = zip(*(b.evaluate(*args[1:]) for b in new), strict=True)
        atoms = zip(*(b.outputs for b in new), strict=True)
        return tuple(_each(args[0], *pair) for pair in zip(rows, atoms, strict=True))
    result = primitive(*args, branches=new)
    return tuple(
        x if f else broadcast(x, shape=(size, *aval_of(x).shape)) for x, f in zip(result, outs, strict=True)
    )


def _each(index: Any, values: Sequence[Any], atoms: Sequence[Atom]) -> Any:
    """Of several batches, for each example the one that it chose; out of range, the nearest.

    Of stacks in the same place, the one that a branch has filled: what it reads there is its own.
    """
    if isinstance(atoms[0].aval, StackAval):
        return next((s for s, a in zip(values, atoms, strict=True) if not isinstance(a, Literal)), values[0])
    result = values[-1]
    shape = aval_of(result).shape
    for k, value in enumerate(values[:-1]):
        chose = equal(index, k) if k else _at_most_zero(index)
        mask = broadcast(reshape(chose, shape=(shape[0], *(1,) * (len(shape) - 1))), shape=shape)
        result = select(mask, value, result)
    return result


def _at_most_zero(index: Any) -> Any:
    from_below = aval_of(index).dtype.type(0)
    return less_equal(index, broadcast(from_below, shape=aval_of(index).shape))


# --- the primitive -----------------------------------------------------------------------------


def _source(names: list[str], avals: Any, *, branches: Branches) -> str:
    del avals
    return f"switch({', '.join(names)}, branches={branches})"


def _samples(d: Draw) -> list[Sample]:
    types = [Aval((3,), d.dtype)] * 2
    first = stage(lambda x, y: [multiply(sin(x), y), add(x, x)], types)
    second = stage(lambda x, y: [multiply(x, y), zeros(types[0])], types)
    return [Sample((np.intp(k), d.array(3), d.array(3)), {"branches": (first, second)}) for k in (0, 1)]


switch = Primitive(
    name="switch",
    type=_type,
    evaluate=_evaluate,
    jvp=(TOGETHER,),
    transpose=(_transpose,),
    batch=_batch,
    source=_source,
    domain=Samples(_samples, ("float64",)),
    variadic=True,
    many=True,
    forward=_forward,
    reverse=_reverse,
)

ALL = (switch,)
