"""Checkpoints: one primitive, `again`, a Program whose pullback computes it anew.

y = body(x)           of which x is kept, and what `keep` picks of what is between
x_bar                 from these and y_bar, by computing the rest once more and going back through it

`checkpoint_name` gives a value a name by which it can be picked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import ANY, Draw, Sample, Samples
from ..core.equation import Atom, Equation, Variable
from ..core.primitive import LINEAR, TOGETHER, Primitive
from ..core.program import Program
from ..core.trace import stage
from ..primitives.arithmetic import multiply
from ..primitives.structure import broadcast, each, zeros
from ..primitives.trigonometric import sin
from ..primitives.typerules import same_type
from .bodies import Halves, batched, joint, picked, pushed, reached, spread, types_of

Keep = Callable[[Program, int], frozenset[Variable]]
"""Picks what is kept of a Program's first so many equations, by the variables that they define."""


def nothing(program: Program, early: int) -> frozenset[Variable]:
    """Keeps nothing but the operands."""
    del program, early
    return frozenset()


# --- a Program -----------------------------------------------------------------------------------


def _forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    body: Program = params["body"]
    moving = [t is not None for t in tangents]
    wanted = reached(body, moving)
    new = {**params, "body": pushed(body, moving, wanted)}
    result = again(*args, *picked(tangents, moving), **new)
    return result[: len(wanted)], tuple(spread(result[len(wanted) :], wanted))


def _reverse(args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    body: Program = params["body"]
    moving = [i in active for i in range(len(args))]
    wanted = reached(body, moving)
    cut = parted(body, moving, wanted, params["keep"])
    found = again(*args, **{**params, "body": cut.ahead})
    place = {variable: k for k, variable in enumerate(cut.ahead.inputs)}
    outs, kept = found[: len(wanted)], iter(found[len(wanted) :])
    saved = tuple(args[place[v]] if v in place else next(kept) for v in cut.residuals)
    return outs, _Pull(cut.back, len(saved), tuple(moving), tuple(wanted)), saved


def parted(program: Program, moving: Sequence[bool], wanted: Sequence[bool], keep: Keep) -> Halves:
    """The pullback cut so that it reads what `keep` picks, and inputs, and computes the rest once more.

    `ahead` gives the outputs and then what is kept; the residuals are these and the inputs that `back` reads.
    """
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
    kept = keep(Program(whole.inputs, (*early, *rest), cotangents, whole.name), len(early))
    repeat = [e for e in early if not all(v in kept for v in e.outputs)]
    live = _live((*(_with_fresh(e, kept) for e in repeat), *rest), cotangents)
    defined = {v for e in live for v in e.outputs}
    read = {a for e in live for a in e.inputs if isinstance(a, Variable)} | {
        a for a in cotangents if isinstance(a, Variable)
    }
    residuals = tuple(
        v
        for v in (*whole.inputs[:count], *(v for e in early for v in e.outputs if v in kept))
        if v in read and v not in defined
    )
    stored = tuple(v for v in residuals if v not in whole.inputs)
    ahead = Program(whole.inputs[:count], tuple(early), (*whole.outputs[:outs], *stored), program.name)
    back = Program((*residuals, *whole.inputs[count:]), live, cotangents, f"{program.name}_back")
    return Halves(ahead.without_dead(), back, residuals)


def _with_fresh(equation: Equation, kept: frozenset[Variable]) -> Equation:
    """An equation that is run once more; a result of it that is kept is not defined a second time."""
    outputs = tuple(Variable(v.aval, v.hint) if v in kept else v for v in equation.outputs)
    return Equation(equation.primitive, equation.inputs, equation.params, outputs, equation.line)


def _live(equations: Sequence[Equation], outputs: Sequence[Atom]) -> tuple[Equation, ...]:
    """The equations that something reads."""
    live = set(outputs)
    found: list[Equation] = []
    for equation in reversed(equations):
        if any(v in live for v in equation.outputs):
            found.append(equation)
            live.update(equation.inputs)
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """Computes once more what was not kept, and goes back."""

    back: Program
    saved: int
    moving: tuple[bool, ...]
    wanted: tuple[bool, ...]
    name = "again"

    def __call__(self, cotangents: Sequence[Any], *saved: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        found = again(*saved, *picked(cotangents, self.wanted), body=self.back, keep=nothing)
        return spread(found, self.moving)


def _transpose(place: int, cotangents: Any, *args: Any, **params: Any) -> Any:
    """The transpose in operands in which the body is linear: the pullback, at zero as anywhere."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _reverse(values, linear, params)
    found = pull(cotangents, *saved)[place]
    return zeros(args[place]) if found is None else found


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    body: Program = params["body"]
    outs = reached(body, flags, smooth=False)
    result = primitive(*args, **{**params, "body": batched(body, size, flags, outs)})
    return tuple(
        x if f else broadcast(x, shape=(size, *aval_of(x).shape)) for x, f in zip(result, outs, strict=True)
    )


def _source(names: list[str], avals: Any, *, body: Program, keep: Keep) -> str:
    del avals
    return f"again({', '.join(names)}, body={body}, keep={keep})"


def _samples(d: Draw) -> list[Sample]:
    body = stage(lambda x, y: [sin(multiply(x, y)), multiply(y, y)], [Aval((3,), d.dtype)] * 2)
    return [Sample((d.array(3), d.array(3)), {"body": body, "keep": keep}) for keep in (nothing, everything)]


def everything(program: Program, early: int) -> frozenset[Variable]:
    """Keeps every value."""
    return frozenset(v for e in program.equations[:early] for v in e.outputs)


again = Primitive(
    name="again",
    type=lambda *avals, body, keep: tuple(types_of(body.outputs)),
    evaluate=lambda *args, body, keep: tuple(body.evaluate(*args)),
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


# --- a name --------------------------------------------------------------------------------------


def _itself(x: Any, *, label: str) -> Any:
    del label
    return x.copy("K") if isinstance(x, np.ndarray) else x


named = Primitive(
    name="named",
    type=lambda aval, *, label: same_type("named")(aval),
    evaluate=_itself,
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, label: ct,),
    batch=each,
    source=lambda names, avals, *, label: f"{names[0]}.copy()",
    domain=Samples(lambda d: [Sample((d.array(2, 3),), {"label": "h"})], ANY),
)

ALL = (again, named)
"""The primitives of this file."""
