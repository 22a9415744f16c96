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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.equation import Variable
from ..core.primitive import TOGETHER, Primitive
from ..core.program import Holder, Program
from ..core.stack import Stack, StackAval
from ..core.trace import stage
from ..errors import DerivativeError, DtypeError
from ..primitives.arithmetic import multiply
from ..primitives.comparison import less
from ..primitives.reduction import reduce_any
from ..primitives.structure import add, broadcast, permute, reshape, select, zeros
from ..primitives.trigonometric import sin
from .bodies import Flags, batched, halves, in_batch, picked, pushed, reached, settled, spread, types_of


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Form(Holder):
    """What a loop is besides its operands."""

    body: Program
    cond: Program | None
    consts: int
    states: int
    length: int | None
    reverse: bool = False

    def programs(self) -> Iterator[tuple[str, Program]]:
        """The condition, where there is one, and the body."""
        if self.cond is not None:
            yield "while", self.cond
        yield "do", self.body

    def __repr__(self) -> str:
        rounds = "stack" if self.length is None and self.cond is None else self.length
        return f"({self.consts} constants, {self.states} states" + (
            ")" if rounds is None else f", {rounds} rounds{' backwards' * self.reverse})"
        )

    def parts(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Constants, state and sequences among operands."""
        a, b = self.consts, self.consts + self.states
        return list(values[:a]), list(values[a:b]), list(values[b:])

    def results(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The state and what is collected among results."""
        return list(values[: self.states]), list(values[self.states :])

    def moving(self, flags: Flags, *, smooth: bool = True) -> tuple[list[bool], list[bool]]:
        """Marks of operands, grown by what the state hands on; and the marks of the results."""
        consts, states, sequences = self.parts(flags)
        states = settled(
            states, lambda s: reached(self.body, [*consts, *s, *sequences], smooth=smooth)[: self.states]
        )
        grown = [*consts, *states, *sequences]
        return grown, [*states, *reached(self.body, grown, smooth=smooth)[self.states :]]


def _ordered(program: Program, form: Form, extra: Flags) -> Program:
    """A Program whose inputs end with others for the marked ones, with those beside their like."""
    count = len(extra)
    added = spread(range(count, count + sum(extra)), extra)
    own = form.parts(range(count))
    new = form.parts(added)
    order = [i for a, b in zip(own, new, strict=True) for i in (*a, *(k for k in b if k is not None))]
    return Program(tuple(program.inputs[i] for i in order), program.equations, program.outputs, program.name)


def _beside(form: Form, values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Operands in the order of `_ordered`, for others that are None where there is none."""
    own, new = form.parts(values), form.parts(others)
    return [v for a, b in zip(own, new, strict=True) for v in (*a, *(o for o in b if o is not None))]


def _with_more(cond: Program, form: Form, consts: Sequence[Aval], states: Sequence[Aval]) -> Program:
    """The condition of a loop with more constants and state, which it does not read."""
    own, state = cond.inputs[: form.consts], cond.inputs[form.consts :]
    inputs = (*own, *map(Variable, consts), *state, *map(Variable, states))
    return Program(inputs, cond.equations, cond.outputs, cond.name)


# --- type and value ----------------------------------------------------------------------------


def _element(aval: Aval) -> Aval:
    return aval.element if isinstance(aval, StackAval) else Aval(aval.shape[1:], aval.dtype)


def _collected(form: Form, aval: Aval) -> Aval:
    if form.length is None:
        return StackAval(aval.shape, aval.dtype)
    return Aval((form.length, *aval.shape), aval.dtype)


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


def _rounds(form: Form, fixed: list[Any], state: list[Any], sequences: list[Any]) -> Iterable[int]:
    if form.cond is not None:
        return itertools.count()
    count = len(sequences[0]) if form.length is None else form.length
    return reversed(range(count)) if form.reverse else range(count)


def _evaluate(*args: Any, form: Form) -> tuple[Any, ...]:
    fixed, state, sequences = form.parts(args)
    sequences = [s.view(np.ndarray) if type(s) is Stack else s for s in sequences]
    found: list[list[Any]] = [[] for _ in form.body.outputs[form.states :]]
    for i in _rounds(form, fixed, state, sequences):
        if form.cond is not None and not form.cond.evaluate(*fixed, *state)[0]:
            break
        out = form.body.evaluate(*fixed, *state, *(s[i] for s in sequences))
        state, new = form.results(out)
        for values, value in zip(found, new, strict=True):
            values.append(value)
    avals = types_of(form.body.outputs[form.states :])
    return (*state, *(_gathered(form, v, a) for v, a in zip(found, avals, strict=True)))


def _gathered(form: Form, values: list[Any], aval: Aval) -> Any:
    whole = np.empty((len(values), *aval.shape), aval.dtype)
    for i, value in enumerate(reversed(values) if form.reverse else values):
        whole[i] = value
    return Stack.of(whole) if form.length is None else whole


# --- forward -----------------------------------------------------------------------------------


def _forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    form: Form = params["form"]
    moving, outs_move = form.moving([t is not None for t in tangents])
    tangents = [
        zeros(aval_of(a)) if t is None and m else t for a, t, m in zip(args, tangents, moving, strict=True)
    ]
    program = _ordered(pushed(form.body, moving, outs_move), form, moving)
    states, collected = form.results(range(len(outs_move)))
    place = spread(range(len(outs_move), len(outs_move) + sum(outs_move)), outs_move)
    order = [i for own in (states, collected) for i in (*own, *(place[k] for k in own if outs_move[k]))]
    consts, own, _ = form.parts(moving)
    cond = form.cond
    if cond is not None:
        moved = form.parts([aval_of(a) for a in args])
        cond = _with_more(cond, form, picked(moved[0], consts), picked(moved[1], own))
    new = replace(
        form,
        body=Program(
            program.inputs, program.equations, tuple(program.outputs[i] for i in order), program.name
        ),
        cond=cond,
        consts=form.consts + sum(consts),
        states=form.states + sum(own),
    )
    result = loop(*_beside(form, args, tangents), form=new)
    found = dict(zip(order, result, strict=True))
    pairs = [(found[k], None if p is None else found[p]) for k, p in enumerate(place)]
    return tuple(v for v, _ in pairs), tuple(t for _, t in pairs)


# --- reverse -----------------------------------------------------------------------------------


def _reverse(args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    form: Form = params["form"]
    moving, outs_move = form.moving([i in active for i in range(len(args))])
    cut = halves(form.body, moving, outs_move)
    fixed = {variable: k for k, variable in enumerate(cut.ahead.inputs[: form.consts])}
    hoisted = [v for v in cut.residuals if v in fixed]
    stored = [v for v in cut.residuals if v not in fixed]
    outs = cut.ahead.outputs[: len(outs_move)]
    if form.length is None and not stored:
        stored = list(cut.ahead.inputs[form.consts :][:1])  # for the number of rounds
    body = Program(cut.ahead.inputs, cut.ahead.equations, (*outs, *stored), form.body.name)
    result = loop(*args, form=replace(form, body=body))
    values = tuple(args[fixed[v]] for v in hoisted)
    pull = _Pull(
        form, tuple(moving), tuple(outs_move), cut.back, tuple(hoisted), tuple(stored), tuple(active)
    )
    return result[: len(outs)], pull, (*values, *result[len(outs) :])


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """The loop that goes back over what the first one has stored."""

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
        body = self._body(len(fixed), sums, own_types, arrived)
        new = Form(body, None, len(fixed), len(sums) + len(state), form.length, not form.reverse)
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
            *(v.aval for v in self.stored),
            *picked(collected, arrived),
        ]

        def step(*boxes: Any) -> list[Any]:
            supply = iter(boxes)
            known: dict[Any, Any] = {v: next(supply) for v in self.hoisted}
            totals = [next(supply) for _ in sums]
            state = [next(supply) for _ in states]
            known.update({v: next(supply) for v in self.stored})
            cts = [
                next(supply) if came else zeros(aval) for came, aval in zip(arrived, collected, strict=True)
            ]
            residuals = [
                known[v] for v in self.back.inputs[: len(self.back.inputs) - len(state) - sum(wanted)]
            ]
            found = self.back.evaluate(*residuals, *state, *picked(cts, wanted))
            added = [add(a, b) for a, b in zip(totals, found[: len(totals)], strict=True)]
            return [*added, *found[len(totals) :]]

        return stage(step, avals, name=f"{form.body.name}_back").without_dead()


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


def _turned(x: Any, *, inwards: bool) -> Any:
    """A batch of sequences as a sequence of batches, or the other way round."""
    del inwards
    axes = aval_of(x).ndim
    return permute(x, axes=(1, 0, *range(2, axes)))


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    form: Form = params["form"]
    grown, outs = form.moving(flags, smooth=False)
    apart = form.cond is not None and reached(form.cond, grown[: form.consts + form.states], smooth=False)[0]
    if apart:
        consts, states, sequences = form.parts(grown)
        grown, outs = form.moving([*consts, *[True] * len(states), *sequences], smooth=False)
    if form.length is None:
        outs = [*outs[: form.states], *[True] * len(outs[form.states :])]
    consts, states, sequences = form.parts(args)
    given, own, over = form.parts(flags)
    states = [
        x if had or not wants else broadcast(x, shape=(size, *aval_of(x).shape))
        for x, had, wants in zip(states, own, form.parts(grown)[1], strict=True)
    ]
    if form.length is not None:
        sequences = [_turned(x, inwards=True) if had else x for x, had in zip(sequences, over, strict=True)]
    new = _apart(form, size, grown, outs) if apart else _as_one(form, size, grown, outs)
    result = primitive(*consts, *states, *sequences, form=new)
    states, collected = form.results(result)
    marks, had = form.results(outs)
    states = [
        x if m else broadcast(x, shape=(size, *aval_of(x).shape)) for x, m in zip(states, marks, strict=True)
    ]
    if form.length is not None:
        collected = [
            _turned(x, inwards=False) if m else broadcast(x, shape=(size, *aval_of(x).shape))
            for x, m in zip(collected, had, strict=True)
        ]
    del given
    return (*states, *collected)


def _as_one(form: Form, size: int, flags: Flags, outs: Flags) -> Form:
    """All examples run for the same number of rounds."""
    cond = form.cond
    if cond is not None:
        cond = batched(cond, size, flags[: form.consts + form.states], [False])
    return replace(form, body=batched(form.body, size, flags, outs), cond=cond)


def _apart(form: Form, size: int, flags: Flags, outs: Flags) -> Form:
    """It goes on while any example does; those that have ended keep their state."""
    assert form.cond is not None
    cond, body, reads = form.cond, form.body, flags[: form.consts + form.states]
    avals = [
        Aval((size, *a.shape), a.dtype) if f else a for a, f in zip(types_of(body.inputs), flags, strict=True)
    ]

    def goes_on(*boxes: Any) -> list[Any]:
        return [reduce_any(in_batch(cond, size, boxes, reads, [True])[0], axes=(0,))]

    def step(*boxes: Any) -> list[Any]:
        (live,) = in_batch(cond, size, boxes, reads, [True])
        found = in_batch(body, size, boxes, flags, outs)
        old = boxes[form.consts : form.consts + form.states]
        kept = [_where(live, new, before) for new, before in zip(found, old, strict=False)]
        return [*kept, *found[form.states :]]

    return replace(
        form,
        body=stage(step, avals, name=body.name).without_dead(),
        cond=stage(goes_on, avals[: len(reads)], name=cond.name).without_dead(),
    )


def _where(live: Any, new: Any, old: Any) -> Any:
    shape = aval_of(new).shape
    mask = broadcast(reshape(live, shape=(shape[0], *(1,) * (len(shape) - 1))), shape=shape)
    return select(mask, new, old)


# --- the primitive -----------------------------------------------------------------------------


def _source(names: list[str], avals: Any, *, form: Form) -> str:
    del avals
    return f"loop({', '.join(names)}, form={form})"


def _samples(d: Draw) -> list[Sample]:
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

ALL = (loop,)
