"""Checkpointing schedules: the fewest steps, right derivatives to any order, few states alive."""

import tracemalloc
from collections.abc import Callable
from functools import cache
from math import comb
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.control.schedules import Keeper, Rounds, Schedule, least_steps, root, unwind, visits

W = np.array([0.7, -0.4, 1.1])
XS = np.sin(np.arange(33.0)).reshape(11, 3)


# --- the table -----------------------------------------------------------------------------------


@cache
def by_trying(n: int, slots: int) -> int:
    """The optimum by dynamic programming: the next state is kept after m steps, whichever m is best."""
    if n <= 1:
        return 0
    if slots == 1:
        return n * (n - 1) // 2
    return min(m + by_trying(n - m, slots - 1) + by_trying(m, slots) for m in range(1, n))


class Counter:
    """Goes back over rounds whose state is their number, and counts."""

    def __init__(self) -> None:
        self.steps = 0
        self.taped: list[int] = []
        self.passed: list[int] = []

    def ahead(self, state: int, start: int, stop: int) -> int:
        assert state == start < stop
        self.steps += stop - start
        return stop

    def tape(self, state: int, i: int) -> tuple[int, int]:
        assert state == i
        self.taped.append(i)
        return i + 1, i

    def back(self, i: int, read: int) -> None:
        assert i == read
        self.passed.append(i)

    def run(self, schedule: Schedule, n: int, *, length_is_known: bool = True) -> None:
        keeper = Keeper(schedule, n if length_is_known else None)
        for i in range(n):
            keeper(i)
        assert keeper.kept == schedule.places(n)
        assert keeper.rounds == n
        unwind(schedule, n, keeper.kept, Rounds(self.ahead, self.tape, self.back))
        assert self.passed == list(range(n))[::-1]
        assert sorted(self.taped) == list(range(n))


@pytest.mark.parametrize("slots", range(1, 12))
def test_binomial_takes_the_fewest_steps(slots: int):
    for n in range(1, 90):
        counter = Counter()
        counter.run(Schedule("binomial", slots), n)
        first = n - 1  # on the way ahead to where it turns round
        r = visits(n, slots)
        assert comb(slots + r, slots) >= n > (comb(slots + r - 1, slots) if r else 0)
        assert first + counter.steps == least_steps(n, slots) == by_trying(n, slots)


def test_the_formula_at_lengths_that_cannot_be_tried():
    for n, slots in [(10_000, 3), (10_000, 20), (4096, 12), (1000, 50)]:
        counter = Counter()
        counter.run(Schedule("binomial", slots), n)
        assert n - 1 + counter.steps == least_steps(n, slots)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 40])
def test_other_schedules_pass_each_round_once(size: int):
    for n in range(34):
        for schedule in (Schedule("every", size), Schedule("none"), Schedule("doubling", size)):
            for known in (True, False):
                Counter().run(schedule, n, length_is_known=known)


def test_doubling_keeps_no_more_than_it_may():
    for n in range(1, 400):
        for slots in (1, 2, 5, 16):
            keeper = Keeper(Schedule("doubling", slots), None)
            most = 0
            for i in range(n):
                keeper(i)
                most = max(most, len(keeper.kept))
            assert most <= max(1, slots // 2)
    assert [root(n) for n in (1, 2, 4, 5, 9, 10)] == [1, 2, 2, 3, 3, 4]


# --- derivatives ---------------------------------------------------------------------------------


def scanned(w: Any, xs: Any, **options: Any) -> Any:
    def step(state: Any, x: Any) -> Any:
        h = np.tanh(w * state["h"] + x)
        return {"h": h, "n": state["n"] + 1}, h * x

    last, ys = adjoint.scan(step, {"h": np.ones(3), "n": 0}, xs, **options)
    return np.sum(last["h"] * last["n"]) + np.sum(np.sin(ys))


def asking(w: Any, xs: Any, **options: Any) -> Any:
    """The same with a body that asks for a number, so that it cannot be staged."""

    def step(state: Any, x: Any) -> Any:
        inner = w * state["h"] + x
        h = np.tanh(inner) if np.sum(inner) < 1e9 else inner
        return {"h": h, "n": state["n"] + 1}, h * x

    last, ys = adjoint.scan(step, {"h": np.ones(3), "n": 0}, xs, **options)
    return np.sum(last["h"] * last["n"]) + np.sum(np.sin(ys))


def halved(w: Any, xs: Any, **options: Any) -> Any:
    def body(state: Any) -> Any:
        x, k = state
        return np.sin(x) * 0.9 * w, k + 1

    last, k = adjoint.while_loop(lambda s: np.sum(s[0] ** 2) > 1e-4, body, (xs[0] * 4.0 + 1.0, 0), **options)
    return np.sum(last * 100.0) * k


def halved_asking(w: Any, xs: Any, **options: Any) -> Any:
    def body(state: Any) -> Any:
        x, k = state
        return (np.sin(x) if k < 100 else x) * 0.9 * w, k + 1

    last, k = adjoint.while_loop(lambda s: np.sum(s[0] ** 2) > 1e-4, body, (xs[0] * 4.0 + 1.0, 0), **options)
    return np.sum(last * 100.0) * k


KNOWN: list[dict[str, Any]] = [
    {"checkpoint": "none"},
    {"checkpoint": 1},
    {"checkpoint": 4},
    {"checkpoint": 100},
    {"checkpoint": "sqrt"},
    {"checkpoint": "binomial"},
    {"checkpoint": "binomial", "slots": 1},
    {"checkpoint": "binomial", "slots": 3},
    {"checkpoint": "binomial", "slots": 3, "reverse": True},
    {"checkpoint": 4, "reverse": True},
    {"checkpoint": 2, "unroll": 2},
    {"checkpoint": "doubling", "slots": 4},
]
DYNAMIC: list[dict[str, Any]] = [
    {"checkpoint": "none"},
    {"checkpoint": 3},
    {"checkpoint": "doubling"},
    {"checkpoint": "doubling", "slots": 4},
]
CASES = [
    *((scanned, options) for options in KNOWN),
    *((asking, options) for options in KNOWN),
    *((halved, options) for options in DYNAMIC),
    *((halved_asking, options) for options in DYNAMIC),
]
HOW: dict[str, Callable[..., Any]] = {
    "grad": lambda f: adjoint.grad(f, (0, 1)),
    "hessian": lambda f: lambda w, xs: adjoint.hessian(lambda w: f(w, xs))(w),
    "reverse over reverse": lambda f: (
        lambda w, xs: adjoint.grad(lambda w, xs: np.sum(adjoint.grad(f)(w, xs) ** 2), (0, 1))(w, xs)
    ),
    "reverse over forward": lambda f: (
        lambda w, xs: adjoint.grad(lambda w: adjoint.jvp(f, (w, xs), (np.cos(w), np.cos(xs)))[1])(w)
    ),
    "forward over reverse": lambda f: (
        lambda w, xs: adjoint.jvp(adjoint.grad(f, (0, 1)), (w, xs), (np.cos(w), np.cos(xs)))[1]
    ),
    "cotangents that move": lambda f: (
        lambda w, xs: adjoint.grad(
            lambda w, c: np.sum(adjoint.vjp(lambda w: f(w, xs), w)[1](np.sum(c))[0] ** 2), (0, 1)
        )(w, w)
    ),
    "third": lambda f: lambda w, xs: adjoint.jacfwd(adjoint.jacrev(adjoint.grad(f)))(w, xs),
}


def name_of(case: Any) -> str:
    function, options = case
    return f"{function.__name__}-{'-'.join(map(str, options.values()))}"


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_derivative_does_not_depend_on_the_schedule(case: Any, how: str):
    function, options = case
    plain = {"reverse": True} if options.get("reverse") else {}
    found = HOW[how](lambda w, xs: function(w, xs, **options))(W, XS)
    wanted = HOW[how](lambda w, xs: function(w, xs, **plain))(W, XS)
    for a, b in zip(adjoint_leaves(found), adjoint_leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("how", ["grad", "hessian", "reverse over reverse"])
@pytest.mark.parametrize("case", [c for c in CASES if c[0] in (scanned, halved)], ids=name_of)
def test_staged(case: Any, how: str):
    function, options = case
    plain = {"reverse": True} if options.get("reverse") else {}
    program = adjoint.trace(HOW[how](lambda w, xs: function(w, xs, **options)))(W, XS)
    wanted = HOW[how](lambda w, xs: function(w, xs, **plain))(W, XS)
    for a, b in zip(adjoint_leaves(program(W, XS)), adjoint_leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", [c for c in CASES if c[0] in (scanned, halved)], ids=name_of)
def test_batches(case: Any):
    function, options = case
    plain = {"reverse": True} if options.get("reverse") else {}
    ws = np.stack([W, W * 0.5, -W])
    for over in ((0, None), (0, 0), (None, 0)):
        xs = XS if over[1] is None else np.stack([XS, -XS, 0.3 * XS])
        w = W if over[0] is None else ws
        found = adjoint.vmap(adjoint.grad(lambda w, xs: function(w, xs, **options), (0, 1)), over)(w, xs)
        wanted = adjoint.vmap(adjoint.grad(lambda w, xs: function(w, xs, **plain), (0, 1)), over)(w, xs)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def adjoint_leaves(tree: Any) -> list[Any]:
    return [x for part in tree for x in adjoint_leaves(part)] if isinstance(tree, tuple) else [tree]


# --- memory --------------------------------------------------------------------------------------


def peak_of(run: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_few_states_are_alive():
    n, start = 400, np.full(4000, 0.3)

    def last(s: Any, **options: Any) -> Any:
        return np.sum(adjoint.scan(lambda s, _: (np.sin(s) + s, None), s, length=n, **options)[0])

    def peak(**options: Any) -> float:
        gradient = adjoint.grad(lambda s: last(s, **options))
        return peak_of(lambda: gradient(start)) / start.nbytes

    kept_all = peak()
    assert n < kept_all < 1.2 * n
    assert peak(checkpoint="sqrt") < 2.2 * root(n) + 12
    assert peak(checkpoint="binomial", slots=8) < 8 + 12


def test_a_loop_of_unknown_length_keeps_to_its_slots():
    def last(s: Any, **options: Any) -> Any:
        state = adjoint.while_loop(
            lambda s: s[1] < 300, lambda s: (np.sin(s[0]) + s[0], s[1] + 1), (s, 0), **options
        )
        return np.sum(state[0])

    start = np.full(4000, 0.3)
    gradient = adjoint.grad(lambda s: last(s, checkpoint="doubling", slots=12))
    assert peak_of(lambda: gradient(start)) / start.nbytes < 12 + 14


def test_a_trajectory_that_nobody_reads_is_not_kept():
    """Only the last state is wanted, and the way back over a linear step reads nothing."""
    n, start = 300, np.full(4000, 0.3)

    def last(s: Any) -> Any:
        return np.sum(adjoint.scan(lambda s, _: (s * 0.5 + 1.0, None), s, length=n)[0])

    assert peak_of(lambda: adjoint.grad(last)(start)) < 14 * start.nbytes
    assert peak_of(lambda: last(start)) < 8 * start.nbytes


def test_sequences_are_not_stored_twice():
    xs = np.ones((300, 4000))
    xs.flags.writeable = False  # or the tape keeps a copy, should somebody write into it

    def last(w: Any) -> Any:
        return np.sum(adjoint.scan(lambda s, x: (s * 0.5 + w * x, None), np.zeros(4000), xs)[0])

    w = np.ones(4000)
    assert peak_of(lambda: adjoint.grad(last)(w)) < 0.2 * xs.nbytes
