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
from ..core.trace import stage
from ..primitives.reduction import reduce_any
from ..primitives.structure import broadcast, permute, reshape, select, zeros
from .bodies import Flags, batched, in_batch, picked, pushed, reached, settled, spread, types_of


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
    place = spread(range(count, count + sum(wanted)), wanted)
    order = [i for own in form.results(range(count)) for i in (*own, *(place[k] for k in own if wanted[k]))]
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
    names = {p: count + k for k, p in enumerate(place) if p is not None}
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
            sequences = [turned(x) if flag else x for x, flag in zip(sequences, over, strict=True)]
        return [*consts, *states, *sequences]

    def results(self, found: Sequence[Any]) -> list[Any]:
        """Results, all as batches."""
        states, collected = self.own.results(found)
        marks, had = self.own.results(self.outs)
        states = [x if m else repeated(x, self.size) for x, m in zip(states, marks, strict=True)]
        if self.own.length is not None:
            collected = [
                turned(x) if m else repeated(x, self.size) for x, m in zip(collected, had, strict=True)
            ]
        return [*states, *collected]


def batched_loop(form: Form, size: int, flags: Flags, *, whole: bool = False) -> Batched:
    """The loop for operands of which the marked ones are batches; `whole`, with the state in batches."""
    grown, outs = form.moving(flags, smooth=False)
    reads = grown[: form.consts + form.states]
    apart = form.cond is not None and reached(form.cond, reads, smooth=False)[0]
    if apart or whole:
        consts, states, sequences = form.parts(grown)
        grown, outs = form.moving([*consts, *[True] * len(states), *sequences], smooth=False)
    if form.length is None:
        outs = [*outs[: form.states], *[True] * len(outs[form.states :])]
    new = (_apart if apart else _as_one)(form, size, grown, outs)
    return Batched(form, new, size, grown, outs)


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
