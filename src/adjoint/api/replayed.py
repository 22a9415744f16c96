"""Loops with few states kept, whose functions ask for numbers: parts of them are checkpoints of Python code.

With P(n, c) the rounds of a part that may keep c states, `checkpoint` of P(m, c) and then P(n - m, c - 1) is
binomial checkpointing: on the way back the first part is run again, and parted anew.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import trees
from ..control.schedules import Schedule, split
from ..control.structured import given, sequences
from ..core.primitive import Tracer
from .arguments import Function
from .checkpointing import checkpoint
from .following import run
from .rounds import State, answer, pair, stacked, while_rounds, with_stable_types

Rounds = Callable[[Any, int, int], tuple[Any, list[Any]]]
"""From the state before a round, that round and the one to stop at, to the state then and all ys."""


def _parted(rounds: Rounds, state: Any, start: int, stop: int, slots: int) -> tuple[Any, list[Any]]:
    """Binomial checkpointing of a part."""
    found: list[Any] = []
    while stop - start > 1:
        middle = start + split(stop - start, slots) if slots > 1 else stop - 1
        state, ys = checkpoint(partial(_parted, rounds, start=start, stop=middle, slots=slots))(state)
        found.extend(ys)
        start, slots = middle, max(slots - 1, 1)
    state, ys = rounds(state, start, stop)
    return state, [*found, *ys]


def _all(rounds: Rounds, state: Any, n: int, schedule: Schedule) -> tuple[Any, list[Any]]:
    """All rounds, kept as a schedule says."""
    if schedule.kind in ("binomial", "doubling"):
        return _parted(rounds, state, 0, n, schedule.size)
    starts = schedule.places(n)
    found: list[Any] = []
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        state, ys = checkpoint(lambda value, a=start, b=stop: rounds(value, a, b))(state)
        found.extend(ys)
    return state, found


def scan_replayed(
    function: Function, init: Any, xs: Any, length: int | None, *, reverse: bool, schedule: Schedule
) -> tuple[Any, Any]:
    """As `scan`."""
    rows, structure, n = sequences("scan", xs, length)
    order = range(n)[::-1] if reverse else range(n)

    def loop(state: State) -> Any:
        def rounds(value: Any, start: int, stop: int) -> tuple[Any, list[Any]]:
            ys: list[Any] = []
            for i in order[start:stop]:
                new, y = pair(run(function, value, trees.unflatten(structure, [row[i] for row in rows])))
                value = state.after(new)
                ys.append(y)
            return value, ys

        last, ys = _all(rounds, state.start, n, schedule)
        flat = [trees.flatten(y) for y in (ys[::-1] if reverse else ys)]
        columns = zip(*(leaves for leaves, _ in flat), strict=True)
        return last, trees.unflatten(flat[0][1], [stacked(column) for column in columns])

    return with_stable_types("scan", init, loop)


def while_replayed(cond: Function, body: Function, init: Any, schedule: Schedule) -> Any:
    """As `while_loop`: a first run on numbers tells how many rounds there are."""
    leaves, structure = given("while_loop", init)
    count = [0]

    def counted(value: Any) -> bool:
        more = answer(run(cond, value))
        count[0] += more
        return more

    def loop(state: State) -> Any:
        def rounds(value: Any, start: int, stop: int) -> tuple[Any, list[Any]]:
            for _ in range(start, stop):
                value = state.after(run(body, value))
            return value, []

        return _all(rounds, state.start, count[0], schedule)[0]

    while_rounds(counted, body, trees.unflatten(structure, _numbers(leaves)))
    return with_stable_types("while_loop", init, loop)


def _numbers(leaves: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for leaf in leaves:
        value = leaf
        while isinstance(value, Tracer):
            value = value.value
        found.append(value)
    return found
