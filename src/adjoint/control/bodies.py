"""Programs transformed: pushed forward, pulled back in two halves, and for whole batches.

What loops, branches and checkpoints hold are Programs, and their derivatives are Programs too:

    pushed    (x, x_dot)  ->  (y, y_dot)
    halves    x  ->  (y, residuals)    and    (residuals, y_bar)  ->  x_bar
    batched   every example at once
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.equation import Atom, Equation, Literal, Variable
from ..core.lines import lines
from ..core.primitive import Primitive, Tracer, Zero
from ..core.program import Program
from ..core.stack import Stack, StackAval
from ..core.trace import stage
from ..primitives.promotion import to_dtype
from ..primitives.structure import add, broadcast, zeros
from ..transforms.batch import BatchTrace
from ..transforms.graph import backward
from ..transforms.lined import duals_of, tape_of

Flags = Sequence[bool]


def types_of(atoms: Sequence[Atom]) -> list[Aval]:
    """The types of a Program's inputs or outputs."""
    return [atom.aval for atom in atoms]


def fitted(value: Any, aval: Aval) -> Any:
    """A result in the dtype that a Program's output has."""
    return to_dtype(value, aval.dtype, aval.weak)


def picked(values: Sequence[Any], flags: Flags) -> list[Any]:
    """The values that are marked."""
    return [value for value, flag in zip(values, flags, strict=True) if flag]


def spread(values: Sequence[Any], flags: Flags, otherwise: Any = None) -> list[Any]:
    """The values in the places that are marked, and `otherwise` in the rest: the inverse of `picked`."""
    supply = iter(values)
    return [next(supply) if flag else otherwise for flag in flags]


def by_binding(program: Program) -> Callable[..., Any]:
    """A Program as a function of arrays."""
    return program.evaluate


# --- what depends on what ----------------------------------------------------------------------


def _passes(primitive: Primitive, index: int) -> bool:
    """Whether a derivative passes through an operand."""
    return primitive.forward is not None or not isinstance(primitive.jvp_rule(index), Zero)


def reached(program: Program, flags: Flags, *, smooth: bool = True) -> list[bool]:
    """Which outputs depend on the marked inputs; `smooth`, which by a derivative that need not be zero."""
    known = set(picked(program.inputs, flags))
    for equation in program.equations:
        for index, atom in enumerate(equation.inputs):
            if atom in known and (not smooth or _passes(equation.primitive, index)):
                known.update(v for v in equation.outputs if not smooth or dtypes.is_inexact(v.aval.dtype))
    return [atom in known for atom in program.outputs]


def settled(flags: list[bool], step: Callable[[list[bool]], Sequence[bool]]) -> list[bool]:
    """Marks that a loop hands on to itself: grown until a further round adds none."""
    while True:
        more = [a or b for a, b in zip(flags, step(flags), strict=True)]
        if more == flags:
            return flags
        flags = more


# --- forward -----------------------------------------------------------------------------------


def pushed(program: Program, moving: Flags, wanted: Flags) -> Program:
    """From inputs, and tangents of those that move, to outputs, and tangents of those that are wanted."""
    avals = types_of(program.inputs)
    outs = types_of(program.outputs)

    def both(*boxes: Any) -> list[Any]:
        trace = duals_of(Tracer)
        tangents = spread(boxes[len(avals) :], moving)
        lifted = [
            trace.lift(value, tangent) if moves else value
            for value, tangent, moves in zip(boxes, tangents, moving, strict=False)
        ]
        pairs = [trace.lower(out) for out in program.evaluate(*lifted)]
        trace.closed = True
        values = [fitted(value, aval) for (value, _), aval in zip(pairs, outs, strict=True)]
        pushed = [
            fitted(zeros(aval) if t is None else t, aval) for (_, t), aval in zip(pairs, outs, strict=True)
        ]
        return [*values, *picked(pushed, wanted)]

    return stage(both, [*avals, *picked(avals, moving)], name=f"{program.name}_jvp").without_dead()


# --- back --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Halves:
    """A Program's pullback: `ahead` gives the outputs and then the residuals, which `back` takes first.

    `residuals` are the variables of `ahead` that `back` reads; `back` takes them and the cotangents of the
    wanted outputs, and gives those of the inputs that move.
    """

    ahead: Program
    back: Program
    residuals: tuple[Variable, ...]


def joint(program: Program, moving: Flags, wanted: Flags) -> Program:
    """From inputs, and cotangents of wanted outputs, to outputs, and cotangents of the inputs that move."""
    avals = types_of(program.inputs)
    outs = types_of(program.outputs)

    def both(*boxes: Any) -> list[Any]:
        trace = tape_of(Tracer, by_binding)
        values = boxes[: len(avals)]
        leaves = [trace.lift(v) if moves else v for v, moves in zip(values, moving, strict=True)]
        pairs = [trace.lower(out) for out in program.evaluate(*leaves)]
        trace.closed = True
        roots = [
            (node, ct)
            for (_, node), ct in zip(pairs, spread(boxes[len(avals) :], wanted), strict=True)
            if node is not None and ct is not None
        ]
        found = backward(roots, release=True)
        cts = [found.get(leaf.extra) for leaf in picked(leaves, moving)]
        own = picked(avals, moving)
        return [
            *(fitted(value, aval) for (value, _), aval in zip(pairs, outs, strict=True)),
            *(fitted(zeros(a) if ct is None else ct, a) for ct, a in zip(cts, own, strict=True)),
        ]

    return stage(both, [*avals, *picked(outs, wanted)], name=program.name).without_dead()


def halves(program: Program, moving: tuple[bool, ...], wanted: tuple[bool, ...]) -> Halves:
    """The pullback cut where the cotangents come in: what does not depend on them is computed ahead.

    What it reads of residuals is all that is kept.
    """
    return _halves(program, moving, wanted, lines.get() is not None)


@lru_cache(maxsize=256)
def _halves(program: Program, moving: tuple[bool, ...], wanted: tuple[bool, ...], lined: bool) -> Halves:
    del lined
    whole = joint(program, moving, wanted)
    count, outs = len(program.inputs), len(program.outputs)
    late = set(whole.inputs[count:])
    early: list[Equation] = []
    rest: list[Equation] = []
    for equation in whole.equations:
        if any(atom in late for atom in equation.inputs):
            late.update(equation.outputs)
            rest.append(equation)
        else:
            early.append(equation)
    cotangents = whole.outputs[outs:]
    rest = [*_looked_at(early, rest, cotangents), *rest]
    there = late | {v for e in rest for v in e.outputs}
    read = [*(a for e in rest for a in e.inputs), *cotangents]
    kept = tuple(dict.fromkeys(a for a in read if isinstance(a, Variable) and a not in there))
    ahead = Program(whole.inputs[:count], tuple(early), (*whole.outputs[:outs], *kept), program.name)
    back = Program((*kept, *whole.inputs[count:]), tuple(rest), cotangents, f"{program.name}_back")
    return Halves(ahead.without_dead(), back.without_dead(), kept)


_VIEWS = frozenset(("permute", "reshape", "broadcast"))


def _looked_at(
    early: Sequence[Equation], rest: Sequence[Equation], outputs: Sequence[Atom]
) -> list[Equation]:
    """The equations of the first half that but look at a value in another shape, and that the second reads:
    it does so by itself, for the value is no larger, and may be kept already.
    """
    needed = {*(a for e in rest for a in e.inputs), *outputs}
    found: list[Equation] = []
    for equation in reversed(early):
        if equation.primitive.name in _VIEWS and equation.outputs[0] in needed:
            found.append(equation)
            needed.update(equation.inputs)
    return found[::-1]


def nothing_of(aval: Aval) -> Any:
    """What stands in the place of a value that is not read: zeros, or an empty stack."""
    return Stack.gathered([], aval.element) if isinstance(aval, StackAval) else zeros(aval)


def pulled(back: Program, residuals: int, values: Sequence[Any]) -> list[Any]:
    """The results of a way back, of whose cotangents some are None: nobody reads what they would be of.

    What depends on these alone is left out, not computed as zero.
    """
    late = set(back.inputs[residuals:])
    known: dict[Any, Any] = dict(zip(back.inputs, values, strict=True))
    kept = lines.get()

    def read(atom: Atom) -> Any:
        return atom.value if isinstance(atom, Literal) else known[atom]

    for equation in back.equations:
        operands = [read(a) for a in equation.inputs]
        moving = [a in late for a in equation.inputs]
        if any(moving):
            late.update(equation.outputs)
        gaps = any(x is None for x in operands)
        if gaps and all(x is None for x in picked(operands, moving)):
            known.update(dict.fromkeys(equation.outputs))
            continue
        if gaps and equation.primitive is add:
            known[equation.outputs[0]] = next(x for x in operands if x is not None)
            continue
        full = [zeros(a.aval) if x is None else x for x, a in zip(operands, equation.inputs, strict=True)]
        with nullcontext() if kept is None else kept.during(equation.line):
            result = equation.primitive(*full, **equation.params)
        results = result if equation.primitive.many else (result,)
        known.update(zip(equation.outputs, results, strict=True))
        if kept is not None:
            kept.named(equation.outputs, results)
    found = [read(a) for a in back.outputs]
    return [zeros(a.aval) if x is None else x for x, a in zip(found, back.outputs, strict=True)]


# --- batches -----------------------------------------------------------------------------------


def batched(program: Program, size: int, flags: Flags, wanted: Flags) -> Program:
    """The Program of all examples: marked inputs and wanted outputs have the batch along the first axis."""
    avals = batched_types(types_of(program.inputs), size, flags)

    def every(*boxes: Any) -> list[Any]:
        return in_batch(program, size, boxes, flags, wanted)

    return stage(every, avals, name=f"{program.name}_batch").without_dead()


def batched_types(avals: Sequence[Aval], size: int, flags: Flags) -> list[Aval]:
    """The types of what is marked with a batch along the first axis: of a stack, of its elements."""
    return [
        replace(a, shape=(size, *a.shape), weak=False) if f else a for a, f in zip(avals, flags, strict=True)
    ]


def in_batch(program: Program, size: int, values: Sequence[Any], flags: Flags, wanted: Flags) -> list[Any]:
    """The outputs for inputs of which the marked ones are batches."""
    trace = BatchTrace(Tracer, size)
    outs = program.evaluate(*(trace.lift(v) if f else v for v, f in zip(values, flags, strict=True)))
    trace.closed = True
    return [whole(trace, out) if want else out for out, want in zip(outs, wanted, strict=True)]


def whole(trace: BatchTrace, value: Any) -> Any:
    """A result as a batch; what all examples share is repeated."""
    if isinstance(value, Tracer) and value.owner is trace:
        return value.value
    if isinstance(aval_of(value), StackAval):
        return value
    return broadcast(value, shape=(trace.size, *aval_of(value).shape))
