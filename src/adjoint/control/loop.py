"""Loops: one primitive, `loop`, for `while`, `for` and `scan`, closed under every transformation.

    state_0 given;   state_{i+1}, y_i = body(constants, state_i, x_i);   result: the last state, and all y

Operands are constants, the state, and sequences read one element a round. It ends when `cond(constants,
state)` is false; or after `length` rounds; or, where neither is given, at the end of its sequences, which are
then stacks. What the body gives beyond the state is collected: in an array where the length is known, else
in a stack.

Forward, a loop over values and tangents. In reverse, the loop collects what its body's pullback reads, and
another one goes back over it, whose state is the cotangent of the state. In a batch, examples that have ended
stand still while others go on.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.equation import Equation, Literal, Variable
from ..core.primitive import TOGETHER, Primitive
from ..core.program import Program
from ..core.stack import Stack, StackAval, stack_of
from ..core.trace import stage
from ..errors import DerivativeError, DtypeError
from ..primitives.arithmetic import multiply
from ..primitives.comparison import less
from ..primitives.structure import add, zeros
from ..primitives.trigonometric import sin
from ..transforms.pulls import TakesGaps
from .bodies import Flags, Halves, fitted, halves, picked, pulled, spread, types_of
from .form import Form, batched_loop, pushed_loop

Visit = Callable[[list[Any]], None]


# --- type and value ----------------------------------------------------------------------------


def _element(aval: Aval) -> Aval:
    return aval.element if isinstance(aval, StackAval) else Aval(aval.shape[1:], aval.dtype)


def _collected(form: Form, aval: Aval) -> Aval:
    if _is_stacked(form, aval):
        return stack_of(aval)
    return Aval((form.length or 0, *aval.shape), aval.dtype)


def _is_stacked(form: Form, aval: Aval) -> bool:
    """Whether values are collected in a stack."""
    return form.length is None or isinstance(aval, StackAval)


def _type(*avals: Aval, form: Form) -> tuple[Aval, ...]:
    consts, states, sequences = form.parts(avals)
    asked = types_of(form.body.inputs)
    given = [*consts, *states, *map(_element, sequences)]
    states_out, collected = form.results(types_of(form.body.outputs))
    if asked != given or states_out != states:
        raise DtypeError(
            "a loop whose body takes its operands, and gives a state of the type that it takes",
            f"a body from {asked} to {states_out} for {given}",
            "Give the state the dtype and shape from the start that it has after one round.",
        )
    return (*states, *(_collected(form, aval) for aval in collected))


def _rounds(form: Form, sequences: list[Any]) -> Iterable[int]:
    if form.cond is not None:
        return itertools.count()
    count = len(sequences[0]) if form.length is None else form.length
    return reversed(range(count)) if form.reverse else range(count)


def run(form: Form, args: Sequence[Any], visit: Visit | None = None) -> tuple[Any, ...]:
    """The results for plain operands; `visit` is shown the state before each round."""
    fixed, state, sequences = form.parts(args)
    sequences = [np.asarray(s) if type(s) is Stack else s for s in sequences]
    avals = types_of(form.body.outputs[form.states :])
    found = [_collector(form, aval) for aval in avals]
    for i in _rounds(form, sequences):
        if form.cond is not None and not form.cond.evaluate(*fixed, *state)[0]:
            break
        if visit is not None:
            visit(state)
        out = form.body.evaluate(*fixed, *state, *(s[i] for s in sequences))
        state, new = form.results(out)
        for values, value in zip(found, new, strict=True):
            if type(values) is list:
                values.append(value)
            else:
                values[i] = value
    return (*state, *(_gathered(form, v, a) for v, a in zip(found, avals, strict=True)))


def _collector(form: Form, aval: Aval) -> Any:
    return [] if _is_stacked(form, aval) else np.empty(_collected(form, aval).shape, aval.dtype)


def _gathered(form: Form, values: Any, aval: Aval) -> Any:
    if type(values) is not list:
        return values
    return Stack.gathered(values[::-1] if form.reverse else values, aval)


# --- forward -----------------------------------------------------------------------------------


def _forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    both = pushed_loop(params["form"], [t is not None for t in tangents])
    values, moved = both.pairs(loop(*both.operands(args, tangents), form=both.form))
    return tuple(values), tuple(moved)


# --- reverse -----------------------------------------------------------------------------------


def _reverse(args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    form: Form = params["form"]
    moving, outs_move = form.moving([i in active for i in range(len(args))])
    cut = halves(form.body, tuple(moving), tuple(outs_move))
    place = {variable: k for k, variable in enumerate(cut.ahead.inputs)}
    steady, values = _steady(cut, args[: form.consts])
    hoisted = [*(v for v in cut.residuals if place.get(v, form.consts) < form.consts), *steady]
    there = [v for v in cut.residuals if place.get(v, -1) >= form.consts + form.states]
    stored = [v for v in cut.residuals if v not in hoisted and v not in there]
    outs = cut.ahead.outputs[: len(outs_move)]
    ends, live = form.cond is not None, form.live
    if ends and live is None:
        live = len(outs) - form.states + len(stored)
    body = Program(cut.ahead.inputs, cut.ahead.equations, (*outs, *stored, *[_YES] * ends), form.body.name)
    result = loop(*args, form=replace(form, body=body.without_dead(), live=live))
    marks = [] if live is None or ends else [form.parts(args)[2][live]]
    pull = _Pull(form, tuple(moving), tuple(outs_move), cut.back, tuple(hoisted), (*there, *stored), active)
    known = [args[place[v]] for v in (*hoisted, *there) if v in place]
    known[len(hoisted) - len(steady) : len(hoisted) - len(steady)] = values
    return result[: len(outs)], pull, (*known, *result[len(outs) :], *marks)


def _steady(cut: Halves, consts: Sequence[Any]) -> tuple[list[Variable], list[Any]]:
    """The residuals that are the same in each round, following from constants alone; and their values."""
    inputs = cut.ahead.inputs[: len(consts)]
    known = set(inputs)
    equations: list[Equation] = []
    for equation in cut.ahead.equations:
        if all(isinstance(a, Literal) or a in known for a in equation.inputs):
            known.update(equation.outputs)
            equations.append(equation)
    found = [v for v in cut.residuals if v in known and v not in inputs]
    program = Program(inputs, tuple(equations), tuple(found), cut.ahead.name).without_dead()
    return found, program.evaluate(*consts) if found else []


_YES = Literal(np.True_, Aval((), np.dtype(np.bool_)))


def _kept(aval: Aval) -> Aval:
    """The type of an element of what a loop has collected: a Python number has become an array's."""
    return Aval(aval.shape, aval.dtype) if aval.weak else aval


@dataclass(frozen=True, slots=True, eq=False)
class _Pull(TakesGaps):
    """The loop that goes back over what the first one has stored, and over sequences that it was given."""

    form: Form
    moving: tuple[bool, ...]
    wanted: tuple[bool, ...]
    back: Program
    hoisted: tuple[Variable, ...]
    stored: tuple[Variable, ...]
    active: tuple[int, ...]
    name = "loop"

    def __call__(self, cotangents: Sequence[Any], *saved: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        form = self.form
        fixed, stored = saved[: len(self.hoisted)], saved[len(self.hoisted) :]
        states, collected = form.results(
            [ct if want else None for ct, want in zip(cotangents, self.wanted, strict=True)]
        )
        consts, own, sequences = form.parts(self.moving)
        types = types_of(form.body.inputs)
        sums = [zeros(aval) for aval in picked(types[: form.consts], consts)]
        own_types = picked(types[form.consts : form.consts + form.states], own)
        state = [
            zeros(aval) if ct is None else ct for ct, aval in zip(picked(states, own), own_types, strict=True)
        ]
        arrived = [ct is not None for ct in collected]
        live = None if form.length is not None else len(self.stored)
        body = self._body(len(fixed), sums, own_types, arrived)
        new = Form(body, None, len(fixed), len(sums) + len(state), form.length, not form.reverse, live)
        result = loop(*fixed, *sums, *state, *stored, *picked(collected, arrived), form=new)
        found, over = new.results(result)
        whole = [
            *spread(found[: len(sums)], consts),
            *spread(found[len(sums) :], own),
            *spread(over, sequences),
        ]
        return [ct if i in self.active else None for i, ct in enumerate(whole)]

    def _body(self, fixed: int, sums: list[Any], states: list[Aval], arrived: Flags) -> Program:
        """One round back: from (hoisted, sums, cotangent of the state, stored, cotangents of what was
        collected) to (sums, cotangent of the state, cotangents of the sequences' elements).
        """
        form = self.form
        collected = types_of(form.body.outputs[form.states :])
        wanted = self.wanted[form.states :]
        avals = [
            *(v.aval for v in self.hoisted),
            *map(aval_of, sums),
            *states,
            *(_kept(v.aval) for v in self.stored),
            *[_YES.aval] * (form.length is None),
            *picked(collected, arrived),
        ]

        def step(*boxes: Any) -> list[Any]:
            supply = iter(boxes)
            known: dict[Any, Any] = {v: next(supply) for v in self.hoisted}
            totals = [next(supply) for _ in sums]
            state = [next(supply) for _ in states]
            known.update({v: fitted(next(supply), v.aval) for v in self.stored})
            if form.length is None:
                next(supply)  # whether the round took place, which batches look at
            cts = [next(supply) if came else None for came in arrived]
            residuals = [
                known[v] for v in self.back.inputs[: len(self.back.inputs) - len(state) - sum(wanted)]
            ]
            found = pulled(self.back, len(residuals), [*residuals, *state, *picked(cts, wanted)])
            added = [add(a, b) for a, b in zip(totals, found[: len(totals)], strict=True)]
            return [*added, *found[len(totals) :]]

        own = form.parts(form.body.inputs)
        bars = [[f"{v.hint}_bar" if v.hint else None for v in part] for part in own]
        moving = form.parts(self.moving)
        hints = [
            *(v.hint for v in self.hoisted),
            *picked(bars[0], moving[0]),
            *picked(bars[1], moving[1]),
            *(v.hint for v in self.stored),
            *["live"] * (form.length is None),
            *(None for came in arrived if came),
        ]
        name = f"{form.body.name}_back"
        return stage(step, avals, name=name, hints=hints).without_dead()


def _transpose(index: int, cotangents: Any, *args: Any, form: Form) -> Any:
    """The transpose in operands in which the loop is linear: its pullback, at zero as anywhere."""
    if any(isinstance(arg, StackAval) for arg in args):
        raise DerivativeError(
            "the transpose of a loop that is linear in a stack",
            "a stack of unknown length",
            "Use vjp instead.",
        )
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _reverse(values, linear, {"form": form})
    found = pull(cotangents, *saved)[index]
    return zeros(args[index]) if found is None else found


# --- batches -----------------------------------------------------------------------------------


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    whole = batched_loop(params["form"], size, flags)
    return tuple(whole.results(primitive(*whole.operands(args, flags), form=whole.form)))


# --- the primitive -----------------------------------------------------------------------------


def _source(names: list[str], avals: Any, *, form: Form) -> str:
    del avals
    return f"loop({', '.join(names)}, form={form})"


def samples(d: Draw) -> list[Sample]:
    """A scan, one backwards, and a while loop."""
    number = Aval((3,), d.dtype)
    count = Aval((), np.dtype(np.intp))
    step = stage(lambda w, s, x: [sin(add(multiply(w, s), x)), multiply(s, x)], [number] * 3)
    limit = stage(lambda w, s, i: [less(i, np.intp(4))], [number, number, count])
    grow = stage(lambda w, s, i: [sin(multiply(w, s)), add(i, np.intp(1))], [number, number, count])
    return [
        Sample((d.array(3), d.array(3), d.array(4, 3)), {"form": Form(step, None, 1, 1, 4)}),
        Sample((d.array(3), d.array(3), d.array(4, 3)), {"form": Form(step, None, 1, 1, 4, True)}),
        Sample((d.array(3), d.array(3), np.intp(0)), {"form": Form(grow, limit, 1, 2, None)}),
    ]


loop = Primitive(
    name="loop",
    type=_type,
    evaluate=lambda *args, form: run(form, args),
    jvp=(TOGETHER,),
    transpose=(_transpose,),
    batch=_batch,
    source=_source,
    domain=Samples(samples, ("float64",)),
    variadic=True,
    many=True,
    forward=_forward,
    reverse=_reverse,
)

ALL = (loop,)
