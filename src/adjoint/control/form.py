"""What a loop is, and what it becomes: over values and tangents, over batches.

    (constants, state, x_i)  ->  (state, y_i)      with tangents beside, or with a batch along each first axis

Operands are constants, the state, and sequences, in this order; results the state and what is collected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.avals import Aval, aval_of
from ..core.equation import Variable
from ..core.program import Holder, Program
from ..core.stack import StackAval
from ..core.trace import stage
from ..primitives.reduction import reduce_any
from ..primitives.structure import broadcast, permute, reshape, select, zeros
from .bodies import (
    Flags,
    batched,
    batched_types,
    in_batch,
    picked,
    pushed,
    reached,
    settled,
    spread,
    types_of,
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Form(Holder):
    """What a loop is besides its operands."""

    body: Program
    cond: Program | None
    consts: int
    states: int
    length: int | None
    reverse: bool = False
    live: int | None = None
    """Where the length is not known, which of the collected results tells whether a round took place; and, in
    the loop that goes back, which of the sequences does. Examples of a batch may differ in it.
    """

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


# --- values and tangents ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pushed:
    """The loop over values and tangents: the form that it has, and where its operands and results stand.

    `moving` are the operands that get a tangent, `wanted` the results that have one.
    """

    own: Form
    form: Form
    moving: list[bool]
    wanted: list[bool]
    order: list[int]

    def operands(self, args: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """Operands, with the tangents of those that move beside them; None is zero."""
        full = [
            (zeros(aval_of(a)) if t is None else t) if moves else None
            for a, t, moves in zip(args, tangents, self.moving, strict=True)
        ]
        return _beside(self.own, args, full)

    def flags(self, values: Flags, tangents: Flags | None = None) -> list[bool]:
        """Marks of its operands, for marks of values and of their tangents."""
        given = tangents or [False] * len(values)
        return _beside(self.own, values, [t if m else None for t, m in zip(given, self.moving, strict=True)])

    def pairs(self, results: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Results, and the tangent of each, or None."""
        found = dict(zip(self.order, results, strict=True))
        count = len(self.wanted)
        return [found[k] for k in range(count)], [found.get(count + k) for k in range(count)]

    def results(self, values: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """The inverse of `pairs`."""
        both = [*values, *tangents]
        return [both[k] for k in self.order]


def pushed_loop(form: Form, flags: Flags) -> Pushed:
    """The loop over values and tangents for operands of which the marked ones have tangents."""
    moving, wanted = form.moving(flags)
    program = _ordered(pushed(form.body, moving, wanted), form, moving)
    count = len(wanted)
    place: Sequence[Any] = spread(range(count, count + sum(wanted)), wanted)
    order: list[int] = [
        i for own in form.results(range(count)) for i in (*own, *(place[k] for k in own if wanted[k]))
    ]
    consts, own, _ = form.parts(moving)
    cond = form.cond
    if cond is not None:
        types = form.parts(types_of(form.body.inputs))
        cond = _with_more(cond, form, picked(types[0], consts), picked(types[1], own))
    outputs = tuple(program.outputs[i] for i in order)
    new = replace(
        form,
        body=Program(program.inputs, program.equations, outputs, program.name),
        cond=cond,
        consts=form.consts + sum(consts),
        states=form.states + sum(own),
    )
    names: dict[Any, int] = {p: count + k for k, p in enumerate(place) if p is not None}
    return Pushed(form, new, moving, wanted, [names.get(i, i) for i in order])


# --- batches ---------------------------------------------------------------------------------------


def turned(x: Any) -> Any:
    """A batch of sequences as a sequence of batches, or the other way round."""
    return permute(x, axes=(1, 0, *range(2, aval_of(x).ndim)))


def repeated(x: Any, size: int) -> Any:
    """A batch of what all examples share."""
    return broadcast(x, shape=(size, *aval_of(x).shape))


@dataclass(frozen=True, slots=True)
class Batched:
    """The loop over batches: the form that it has, and which operands and results are batches."""

    own: Form
    form: Form
    size: int
    flags: list[bool]
    outs: list[bool]

    def operands(self, args: Sequence[Any], given: Flags) -> list[Any]:
        """Operands of which the `given` are batches."""
        full = [
            repeated(x, self.size) if flag and not had else x
            for x, had, flag in zip(args, given, self.flags, strict=True)
        ]
        consts, states, sequences = self.own.parts(full)
        if self.own.length is not None:
            over = self.own.parts(self.flags)[2]
            sequences = [
                turned(x) if flag and not isinstance(aval_of(x), StackAval) else x
                for x, flag in zip(sequences, over, strict=True)
            ]
        return [*consts, *states, *sequences]

    def results(self, found: Sequence[Any]) -> list[Any]:
        """Results, all as batches."""
        states, collected = self.own.results(found)
        marks, had = self.own.results(self.outs)
        states = [x if m else repeated(x, self.size) for x, m in zip(states, marks, strict=True)]
        if self.own.length is not None:
            types = types_of(self.own.body.outputs[self.own.states :])
            collected = [
                x if isinstance(aval, StackAval) else turned(x) if m else repeated(x, self.size)
                for x, m, aval in zip(collected, had, types, strict=True)
            ]
        return [*states, *collected]


def batched_loop(form: Form, size: int, flags: Flags, *, whole: bool = False) -> Batched:
    """The loop for operands of which the marked ones are batches; `whole`, with the state in batches."""
    if any(isinstance(atom.aval, StackAval) for atom in form.body.outputs):  # all, that their elements are
        flags = [f or not isinstance(v.aval, StackAval) for f, v in zip(flags, form.body.inputs, strict=True)]
    grown, outs = form.moving(flags, smooth=False)
    if whole or _is_apart(form, grown) or (form.live is not None and form.cond is None):
        consts, states, sequences = form.parts(grown)
        grown, outs = form.moving([*consts, *[True] * len(states), *sequences], smooth=False)
    if form.length is None:
        outs = [*outs[: form.states], *[True] * len(outs[form.states :])]
    new = (_apart if _is_apart(form, grown) else _as_one)(form, size, grown, outs)
    return Batched(form, new, size, grown, outs)


def _is_apart(form: Form, flags: Flags) -> bool:
    """Whether examples end at different times."""
    reads = flags[: form.consts + form.states]
    return form.cond is not None and reached(form.cond, reads, smooth=False)[0]


def _as_one(form: Form, size: int, flags: Flags, outs: Flags) -> Form:
    """All examples run for the same number of rounds."""
    cond = form.cond
    if cond is not None:
        cond = batched(cond, size, flags[: form.consts + form.states], [False])
    new = replace(form, body=batched(form.body, size, flags, outs), cond=cond)
    if form.live is None or cond is not None or not form.parts(flags)[2][form.live]:
        return new
    return replace(new, body=_where_live(new))


def _apart(form: Form, size: int, flags: Flags, outs: Flags) -> Form:
    """It goes on while any example does; those that have ended keep their state."""
    assert form.cond is not None
    cond, body, reads = form.cond, form.body, flags[: form.consts + form.states]
    avals = batched_types(types_of(body.inputs), size, flags)

    def goes_on(*boxes: Any) -> list[Any]:
        return [reduce_any(in_batch(cond, size, boxes, reads, [True])[0], axes=(0,))]

    def step(*boxes: Any) -> list[Any]:
        (live,) = in_batch(cond, size, boxes, reads, [True])
        found = in_batch(body, size, boxes, flags, outs)
        old = boxes[form.consts : form.consts + form.states]
        kept = [_where(live, new, before) for new, before in zip(found, old, strict=False)]
        collected = found[form.states :]
        if form.live is not None:
            collected[form.live] = live
        return [*kept, *collected]

    return replace(
        form,
        body=stage(step, avals, name=body.name).without_dead(),
        cond=stage(goes_on, avals[: len(reads)], name=cond.name).without_dead(),
    )


def _where_live(form: Form) -> Program:
    """The body of a loop that goes back, in which examples stand still in rounds that they did not take."""
    assert form.live is not None
    place = form.consts + form.states + form.live

    def step(*boxes: Any) -> list[Any]:
        found = form.body.evaluate(*boxes)
        states, collected = form.results(found)
        kept = [_where(boxes[place], new, old) for new, old in zip(states, form.parts(boxes)[1], strict=True)]
        return [*kept, *(_where(boxes[place], new, zeros(aval_of(new))) for new in collected)]

    return stage(step, types_of(form.body.inputs), name=form.body.name).without_dead()


def _where(live: Any, new: Any, old: Any) -> Any:
    shape = aval_of(new).shape
    mask = broadcast(reshape(live, shape=(shape[0], *(1,) * (len(shape) - 1))), shape=shape)
    return select(mask, new, old)
