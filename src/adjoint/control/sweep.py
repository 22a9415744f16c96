"""Loops that keep few of their states: `sweep` runs ahead, `rewind` goes back and runs parts of it again.

    sweep     operands  ->  results, and with `keep` the states that its schedule keeps
    rewind    operands, cotangents of results, kept states  ->  cotangents of operands

What `rewind` gives is the pullback of the loop, whatever the schedule. So its own derivatives are loops of
the same schedule over values and tangents (T is the loop so pushed, with a cotangent for each half):

    its tangent along (x_dot, y_bar_dot)    what going back over T from (y_bar_dot, y_bar) gives to x
    its cotangents for w                    to y_bar T's tangent along w, to x what T from (0, y_bar) gives

The start is among the operands. Other kept states follow from them: no derivative passes through those.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import TOGETHER, Primitive, newest
from ..core.stack import Stack, stack_of
from ..primitives.indexing import slice_
from ..primitives.structure import zeros
from .bodies import halves, picked, spread, types_of
from .form import Form, batched_loop, pushed_loop, repeated, turned
from .loop import loop, run
from .loop import samples as loop_samples
from .schedules import Keeper, Rounds, Schedule, unwind

_COUNT = np.dtype(np.intp)

# --- ahead -------------------------------------------------------------------------------------


def _kept_types(form: Form, schedule: Schedule) -> list[Aval]:
    """The types of what is kept: each state's values, and the number of rounds where it is not known."""
    states = types_of(form.body.inputs)[form.consts : form.consts + form.states]
    if form.length is None:
        return [*(stack_of(a) for a in states), Aval((), _COUNT)]
    return [Aval((len(schedule.places(form.length)[1:]), *a.shape), a.dtype) for a in states]


def _sweep_type(*avals: Aval, form: Form, schedule: Schedule, keep: bool) -> tuple[Aval, ...]:
    outs = loop.type(*avals, form=form)
    return (*outs, *_kept_types(form, schedule)) if keep else outs


def _sweep_evaluate(*args: Any, form: Form, schedule: Schedule, keep: bool) -> tuple[Any, ...]:
    if not keep:
        return run(form, args)
    types = types_of(form.body.inputs)[form.consts : form.consts + form.states]
    if form.length is None:
        keeper = Keeper(schedule, None)
        outs = run(form, args, keeper)
        columns = zip(*keeper.kept[1:], strict=True) if keeper.kept[1:] else ([] for _ in types)
        stacks = (Stack.gathered(list(c), a) for c, a in zip(columns, types, strict=True))
        return (*outs, *stacks, _COUNT.type(keeper.rounds))
    places = schedule.places(form.length)
    rows = {place: row for row, place in enumerate(places[1:])}
    kept = [np.empty((len(rows), *a.shape), a.dtype) for a in types]
    rounds = itertools.count()

    def visit(state: list[Any]) -> None:
        row = rows.get(next(rounds))
        if row is not None:
            for whole, value in zip(kept, state, strict=True):
                whole[row] = value

    return (*run(form, args, visit), *kept)


def _sweep_forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    both = pushed_loop(params["form"], [t is not None for t in tangents])
    results = sweep(*both.operands(args, tangents), **{**params, "form": both.form})
    count = len(both.order)
    values, moved = both.pairs(results[:count])
    kept = list(results[count:])
    if kept:
        kept = [*kept[: both.own.states], *kept[both.form.states :]]
    return (*values, *kept), (*moved, *(None for _ in kept))


def _sweep_reverse(
    args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]
) -> tuple[Any, Any, Any]:
    form, schedule = params["form"], params["schedule"]
    moving, wanted = form.moving([i in active for i in range(len(args))])
    count = len(wanted)
    if params["keep"] or newest(args) is not None:
        found = sweep(*args, form=form, schedule=schedule, keep=True)
        pull = _Pull(form, schedule, tuple(moving), tuple(wanted), active, [])
        return found if params["keep"] else found[:count], pull, (*args, *found[count:])
    keeper = Keeper(schedule, form.length)
    outs = run(form, args, keeper)
    held: list[Any] = [keeper.rounds, keeper.kept]
    return outs, _Pull(form, schedule, tuple(moving), tuple(wanted), active, held), tuple(args)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """The pullback of a sweep: one rewind.

    Where all is plain, the kept states are handed over by `held` and given up one by one, so that no more of
    them are alive than there are slots. Whoever goes back a second time runs ahead once more.
    """

    form: Form
    schedule: Schedule
    moving: tuple[bool, ...]
    wanted: tuple[bool, ...]
    active: tuple[int, ...]
    held: list[Any]
    name = "sweep"

    def __call__(self, cotangents: Sequence[Any], *saved: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        count = len(self.moving)
        args, kept = saved[:count], saved[count:]
        cts = picked(cotangents[: len(self.wanted)], self.wanted)
        params = {"form": self.form, "moving": self.moving, "wanted": self.wanted}
        if not kept and self.held and newest(cts) is None:
            n, states = self.held
            self.held.clear()
            found = _gone_over(args, cts, n, states, schedule=self.schedule, **params)
        else:
            if not kept:
                kept = sweep(*args, form=self.form, schedule=self.schedule, keep=True)[len(self.wanted) :]
            found = rewind(*args, *cts, *kept, schedule=self.schedule, **params)
        return [ct if i in self.active else None for i, ct in enumerate(spread(found, self.moving))]


def _sweep_transpose(place: int, cotangents: Any, *args: Any, **params: Any) -> Any:
    """The transpose in operands in which the loop is linear: its pullback, at zero as anywhere."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _sweep_reverse(values, linear, params)
    found = pull(cotangents, *saved)[place]
    return zeros(args[place]) if found is None else found


def _sweep_batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    keep, form = params["keep"], params["form"]
    whole = batched_loop(form, size, flags, whole=keep)
    found = primitive(*whole.operands(args, flags), **{**params, "form": whole.form})
    count = len(whole.outs)
    results = whole.results(found[:count])
    if not keep:
        return tuple(results)
    kept = found[count : count + form.states]
    if form.length is None:
        return (*results, *kept, repeated(found[-1], size))
    return (*results, *map(turned, kept))


# --- back --------------------------------------------------------------------------------------


def _split(form: Form, moving: Sequence[bool], wanted: Sequence[bool], values: Sequence[Any]) -> Any:
    """Operands, cotangents and kept states among what a rewind takes."""
    a, b = len(moving), len(moving) + sum(wanted)
    return list(values[:a]), list(values[a:b]), list(values[b:])


def _rewind_type(
    *avals: Aval, form: Form, schedule: Schedule, moving: tuple[bool, ...], wanted: tuple[bool, ...]
) -> tuple[Aval, ...]:
    args, _, _ = _split(form, moving, wanted, avals)
    return tuple(Aval(a.shape, a.dtype) for a in picked(args, moving))


def _rewind_evaluate(
    *values: Any, form: Form, schedule: Schedule, moving: tuple[bool, ...], wanted: tuple[bool, ...]
) -> tuple[Any, ...]:
    args, cts, kept = _split(form, moving, wanted, values)
    n = int(kept.pop()) if form.length is None else form.length
    rows = range(len(schedule.places(n)[1:]))
    states = [form.parts(args)[1], *([np.asarray(values)[row] for values in kept] for row in rows)]
    return _gone_over(args, cts, n, states, form, schedule, moving, wanted)


def _gone_over(
    args: Any, cts: Any, n: int, states: list[Any], form: Form, schedule: Schedule, moving: Any, wanted: Any
) -> tuple[Any, ...]:
    """The cotangents of all that moves, from the states that are kept; the list is used up."""
    walk = _Walk(form, args, cts, moving, wanted)
    unwind(schedule, n, states, Rounds(walk.ahead, walk.taped, walk.back))
    return walk.found()


class _Walk:
    """The way back over a loop with plain values: the steps of it, and the cotangents so far."""

    __slots__ = (
        "args",
        "collected",
        "consts",
        "cut",
        "form",
        "moving",
        "over",
        "residuals",
        "state",
        "wanted",
    )

    def __init__(self, form: Form, args: Any, cts: Any, moving: Any, wanted: Any) -> None:
        self.form, self.wanted = form, wanted
        self.args = form.parts(args)
        self.cut = halves(form.body, moving, wanted)
        states, self.collected = form.results(spread(cts, wanted))
        self.state = picked(states, wanted[: form.states])
        types = form.parts(types_of(form.body.inputs))
        flags = form.parts(moving)
        self.consts: list[Any] = [np.zeros(a.shape, a.dtype) for a in picked(types[0], flags[0])]
        self.over = [np.zeros(x.shape, x.dtype) for x in picked(self.args[2], flags[2])]

    def operands(self, state: Any, i: int) -> list[Any]:
        fixed, _, sequences = self.args
        return [*fixed, *state, *(x[self.row(i)] for x in sequences)]

    def row(self, i: int) -> int:
        assert self.form.length is not None or not self.args[2]
        return self.form.length - 1 - i if self.form.reverse and self.form.length is not None else i

    def ahead(self, state: Any, start: int, stop: int) -> Any:
        for i in range(start, stop):
            state = self.form.body.evaluate(*self.operands(state, i))[: self.form.states]
        return state

    def taped(self, state: Any, i: int) -> tuple[Any, Any]:
        found = self.cut.ahead.evaluate(*self.operands(state, i))
        return found[: self.form.states], found[len(self.wanted) :]

    def back(self, i: int, residuals: Any) -> None:
        row = self.row(i)
        own = [None if ct is None else ct[row] for ct in self.collected]
        cts = [ct for ct, want in zip(own, self.wanted[self.form.states :], strict=True) if want]
        found = self.cut.back.evaluate(*residuals, *self.state, *cts)
        a, b = len(self.consts), len(self.consts) + len(self.state)
        self.consts = [total + new for total, new in zip(self.consts, found[:a], strict=True)]
        self.state = found[a:b]
        for whole, new in zip(self.over, found[b:], strict=True):
            whole[row] = new

    def found(self) -> tuple[Any, ...]:
        """The cotangents of all operands that move."""
        consts = [x if x.ndim else x[()] for x in map(np.asarray, self.consts)]
        return (*consts, *self.state, *self.over)


def _rewind_forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    form, schedule = params["form"], params["schedule"]
    moving, wanted = params["moving"], params["wanted"]
    own, cts, kept = _split(form, moving, wanted, args)
    moves, cts_move, _ = _split(form, moving, wanted, tangents)
    cts_move = [zeros(aval_of(ct)) if t is None else t for ct, t in zip(cts, cts_move, strict=True)]
    if all(t is None for t in (*moves, *tangents[len(moves) : len(moves) + len(cts)])):
        return rewind(*args, **params), (None,) * sum(moving)
    if all(t is None for t in moves):
        return rewind(*args, **params), rewind(*own, *cts_move, *kept, **params)
    both = pushed_loop(form, [m or t is not None for m, t in zip(moving, moves, strict=True)])
    operands = both.operands(own, moves)
    ahead = sweep(*operands, form=both.form, schedule=schedule, keep=True)
    spread_moves, spread_cts = spread(cts_move, wanted), spread(cts, wanted)
    values = both.flags(moving)
    tangent_flags = both.flags([False] * len(moving), moving)
    flags = [a or b for a, b in zip(values, tangent_flags, strict=True)]
    found = _gone_back(both.form, schedule, operands, ahead, flags, both.results(spread_moves, spread_cts))
    pushed = picked(found, values)
    return tuple(picked(found, tangent_flags)), tuple(pushed)


def _gone_back(
    form: Form, schedule: Schedule, args: Any, ahead: Any, flags: Sequence[bool], cotangents: Any
) -> list[Any]:
    """The cotangents of marked operands of a loop that a sweep has run, None for all others."""
    moving, wanted = form.moving(flags)
    outs, kept = ahead[: len(wanted)], ahead[len(wanted) :]
    cts = [
        zeros(aval_of(out)) if ct is None else ct
        for out, ct in zip(picked(outs, wanted), picked(cotangents, wanted), strict=True)
    ]
    found = rewind(
        *args, *cts, *kept, form=form, schedule=schedule, moving=tuple(moving), wanted=tuple(wanted)
    )
    return spread(found, moving)


def _rewind_reverse(
    args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]
) -> tuple[Any, Any, Any]:
    return rewind(*args, **params), _RewindPull(active, params), tuple(args)


@dataclass(frozen=True, slots=True, eq=False)
class _RewindPull:
    """The pullback of a rewind: the loop over values and tangents, ahead and back."""

    active: tuple[int, ...]
    params: dict[str, Any]
    name = "rewind"

    def __call__(self, cotangents: Sequence[Any], *values: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        form, schedule = self.params["form"], self.params["schedule"]
        moving, wanted = self.params["moving"], self.params["wanted"]
        args, cts, kept = _split(form, moving, wanted, values)
        both = pushed_loop(form, moving)
        operands = both.operands(args, spread(cotangents, moving))
        ahead = sweep(*operands, form=both.form, schedule=schedule, keep=True)
        pushed = picked(both.pairs(ahead[: len(both.order)])[1], wanted)
        own: list[Any] = [None] * len(args)
        flags = [i in self.active for i in range(len(args))]
        if any(flags):
            given = both.results([None] * len(wanted), spread(cts, wanted))
            values_flags = both.flags(flags)
            found = _gone_back(both.form, schedule, operands, ahead, values_flags, given)
            own = spread(picked(found, values_flags), flags)
        whole = [*own, *pushed, *(None for _ in kept)]
        return [ct if i in self.active else None for i, ct in enumerate(whole)]


def _rewind_transpose(place: int, cotangents: Any, *args: Any, **params: Any) -> Any:
    """It is linear in the cotangents that it takes: their transpose is the tangent of the loop."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    found = _RewindPull(linear, params)(cotangents, *values)[place]
    return zeros(args[place]) if found is None else found


def _rewind_batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    form, moving, wanted = params["form"], params["moving"], params["wanted"]
    own, cts, kept = _split(form, moving, wanted, args)
    own_flags, ct_flags, kept_flags = _split(form, moving, wanted, flags)
    asked = [a or b for a, b in zip(own_flags, moving, strict=True)]
    whole = batched_loop(form, size, asked, whole=True)
    operands = whole.operands(own, own_flags)
    cts = [x if had else repeated(x, size) for x, had in zip(cts, ct_flags, strict=True)]
    if form.length is not None:
        kept = [turned(x if had else repeated(x, size)) for x, had in zip(kept, kept_flags, strict=True)]
        states = sum(wanted[: form.states])
        cts = [*cts[:states], *map(turned, cts[states:])]
    elif all(kept_flags):
        kept = [*kept[:-1], slice_(kept[-1], index=(0,))]
    else:  # one pass ahead for all examples together
        ahead = sweep(*operands, form=whole.form, schedule=params["schedule"], keep=True)
        kept = list(ahead[len(wanted) :])
    found = primitive(*operands, *cts, *kept, **{**params, "form": whole.form})
    consts, states, _ = map(sum, form.parts(moving))
    return (*found[: consts + states], *map(turned, found[consts + states :]))


# --- the primitives ----------------------------------------------------------------------------


def _source(name: str) -> Callable[..., str]:
    def source(names: list[str], avals: Any, **params: Any) -> str:
        del avals
        return f"{name}({', '.join((*names, *(f'{k}={v}' for k, v in params.items())))})"

    return source


def _schedules(d: Draw) -> list[Sample]:
    """The loop's samples under a schedule."""
    one, back, dynamic = loop_samples(d)
    kinds = [(one, Schedule("every", 3)), (back, Schedule("binomial", 2)), (dynamic, Schedule("doubling", 2))]
    return [Sample(s.args, {**s.params, "schedule": kind, "keep": False}) for s, kind in kinds]


def _rewound(d: Draw) -> list[Sample]:
    """A rewind of the scans, of which only the start is kept: what else is kept must fit the operands."""
    params = {"schedule": Schedule("none"), "moving": (True,) * 3, "wanted": (True,) * 2}
    cotangents = d.array(3), d.array(4, 3), np.zeros((0, 3), d.dtype)
    return [Sample((*s.args, *cotangents), {"form": s.params["form"], **params}) for s in loop_samples(d)[:2]]


sweep = Primitive(
    name="sweep",
    type=_sweep_type,
    evaluate=_sweep_evaluate,
    jvp=(TOGETHER,),
    transpose=(_sweep_transpose,),
    batch=_sweep_batch,
    source=_source("sweep"),
    domain=Samples(_schedules, ("float64",)),
    variadic=True,
    many=True,
    forward=_sweep_forward,
    reverse=_sweep_reverse,
)

rewind = Primitive(
    name="rewind",
    type=_rewind_type,
    evaluate=_rewind_evaluate,
    jvp=(TOGETHER,),
    transpose=(_rewind_transpose,),
    batch=_rewind_batch,
    source=_source("rewind"),
    domain=Samples(_rewound, ("float64",)),
    variadic=True,
    many=True,
    forward=_rewind_forward,
    reverse=_rewind_reverse,
)

ALL = (sweep, rewind)
"""The primitives of this file."""
