"""Which states of a loop are kept, and which are computed again on the way back.

    none       the start: the way back runs the loop again, and keeps every round while it goes
    every k    each k-th state: n / k states, and k rounds at a time
    binomial   at most c states, with as few steps forward as can be (Griewank & Walther's `revolve`)
    doubling   at most c states of a loop whose length shows when it ends: every 2^j-th of them

With c slots, of which the first holds the start, and at most r visits of each round one can go back over
beta(c, r) = C(c + r, c) rounds. For n rounds, r the least number with n <= beta(c, r), the optimum is

    t(n, c) = r n - C(c + r, c + 1)

steps forward, besides the n rounds that are run once each to be gone back over.

Griewank & Walther, "Algorithm 799: revolve", ACM TOMS 26 (2000), 19-45.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb, isqrt
from typing import Any


def visits(n: int, slots: int) -> int:
    """The least r with n <= beta(slots, r).

    >>> visits(10, 3)
    2
    """
    r = 0
    while comb(slots + r, slots) < n:
        r += 1
    return r


def least_steps(n: int, slots: int) -> int:
    """The least number of steps forward to go back over n rounds with so many slots, t(n, c).

    >>> [least_steps(n, 3) for n in (1, 4, 10, 20)]
    [0, 3, 15, 45]
    """
    r = visits(n, slots)
    return r * n - comb(slots + r, slots + 1) if n else 0


def split(n: int, slots: int) -> int:
    """How far ahead of the start of n rounds the next state is kept, for the least number of steps."""
    r = visits(n, slots)
    most = comb(slots + r - 1, slots)
    return max(1, min(most, n - comb(slots + r - 2, slots - 1)))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of schedule, and its number: `k` of every, the slots of binomial and doubling.

    >>> Schedule("every", 4).places(10), Schedule("doubling", 6).places(10)
    ([0, 4, 8], [0, 4, 8])
    >>> Schedule("binomial", 3).places(10)  # three slots, and the state at which it turns round
    [0, 4, 7, 9]
    """

    kind: str
    size: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.size}" if self.size else self.kind

    def places(self, n: int) -> list[int]:
        """The rounds before which the state is kept when a loop of n rounds has run."""
        if self.kind == "none" or not n:
            return [0][:n]
        if self.kind == "binomial":
            return _marks(n, self.size)
        return list(range(0, n, self.size if self.kind == "every" else _spacing(n, self.kept_at_most())))

    def kept_at_most(self) -> int:
        """The slots that the way ahead may fill: for doubling a half, the rest serves the way back."""
        return max(1, self.size // 2)

    def slots(self, segment: int) -> int | None:
        """How many states may be kept on the way back over a segment; None for every round."""
        return self.size - segment if self.kind in ("binomial", "doubling") else None


def _marks(n: int, slots: int) -> list[int]:
    """The states that binomial checkpointing keeps on its first way ahead: one for each slot, and that at
    which it turns round.
    """
    places, start = [0], 0
    while n - start > 1 and slots > 1:
        start += split(n - start, slots)
        slots -= 1
        places.append(start)
    return [*places, n - 1] if start < n - 1 else places


def _spacing(n: int, most: int) -> int:
    spacing = 1
    while -(-n // spacing) > most:
        spacing *= 2
    return spacing


class Keeper:
    """Keeps states while a loop runs, whose length may not be known."""

    __slots__ = ("kept", "places", "rounds", "schedule", "spacing")

    def __init__(self, schedule: Schedule, length: int | None) -> None:
        self.schedule = schedule
        self.places = None if length is None else frozenset(schedule.places(length))
        self.spacing = schedule.size if schedule.kind == "every" else 1
        self.rounds = 0
        self.kept: list[Any] = []

    def __call__(self, state: Any) -> None:
        """Be shown the state before the next round."""
        if self.places is not None:
            wanted = self.rounds in self.places
        elif self.schedule.kind == "none":
            wanted = self.rounds == 0
        else:
            wanted = self.rounds % self.spacing == 0
        if wanted:
            self.kept.append(state)
        if self.schedule.kind == "doubling" and len(self.kept) > self.schedule.kept_at_most():
            self.kept = self.kept[::2]
            self.spacing *= 2
        self.rounds += 1


@dataclass(frozen=True, slots=True)
class Rounds:
    """What goes back needs of a loop: `ahead(state, start, stop)` gives the state after these rounds, and
    `taped(state, i)` the state after round i and what the way back reads, which `back(i, that)` does.
    """

    ahead: Callable[[Any, int, int], Any]
    taped: Callable[[Any, int], tuple[Any, Any]]
    back: Callable[[int, Any], None]


def unwind(schedule: Schedule, n: int, kept: list[Any], rounds: Rounds) -> None:
    """Go back over n rounds, from the states that `schedule` kept: the list is used up."""
    starts = schedule.places(n)
    del kept[len(starts) :]
    ends = [*starts[1:], n]
    for segment in reversed(range(len(starts))):
        slots, state = schedule.slots(segment), kept.pop()
        if slots is None:
            _all_kept(state, starts[segment], ends[segment], rounds)
        else:
            _binomial(state, starts[segment], ends[segment], slots, rounds)


def _all_kept(state: Any, start: int, stop: int, rounds: Rounds) -> None:
    tape: list[Any] = []
    for i in range(start, stop):
        state, read = rounds.taped(state, i)
        tape.append(read)
    for i in reversed(range(start, stop)):
        rounds.back(i, tape.pop())


def _binomial(state: Any, start: int, stop: int, slots: int, rounds: Rounds) -> None:
    pending: list[tuple[Any, int, int, int]] = [(state, start, stop, max(slots, 1))]
    for part in _parts(pending):
        state, start, stop, slots = part
        if stop - start == 1:
            rounds.back(start, rounds.taped(state, start)[1])
            continue
        middle = start + split(stop - start, slots) if slots > 1 else stop - 1
        pending.append((state, start, middle, slots))
        pending.append((rounds.ahead(state, start, middle), middle, stop, max(slots - 1, 1)))


def _parts(pending: list[Any]) -> Iterator[Any]:
    while pending:
        yield pending.pop()


def root(n: int) -> int:
    """The least k with k k >= n."""
    return isqrt(max(n - 1, 0)) + 1
