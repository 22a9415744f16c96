"""What written code keeps alive: no trajectory that nobody reads, and nothing longer than it is read."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint

N = 50_000
ONE = N * 8
"""Bytes of one state."""


def peak(function: Callable[..., Any], *args: Any) -> float:
    """The most bytes alive at once beyond those before, in states."""
    function(*args)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    function(*args)
    most = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return most / ONE


def recurrence(x: Any) -> Any:
    last, _ = adjoint.scan(lambda s, t: (np.sin(s) * t, np.cos(s)), x, np.linspace(0.5, 1.5, 40))
    return last


def test_a_loop_of_which_the_last_state_is_read_keeps_no_trajectory() -> None:
    assert peak(adjoint.jit(recurrence), np.ones(N)) < 5


def test_a_long_chain_forgets_what_it_has_read() -> None:
    def chain(x: Any) -> Any:
        for _ in range(40):
            x = np.sin(x) * 1.5
        return x

    assert peak(adjoint.jit(chain), np.ones(N)) < 5


def test_the_way_back_keeps_one_value_a_round() -> None:
    gradient = adjoint.jit(adjoint.grad(lambda x: np.sum(recurrence(x))))
    assert 40 <= peak(gradient, np.ones(N)) < 48


def test_the_way_back_over_an_unknown_number_of_rounds_frees_as_it_goes() -> None:
    def halved(x: Any) -> Any:
        return np.sum(adjoint.while_loop(lambda s: np.max(s) > 1e-4, lambda s: np.sin(s) * 0.7, x))

    rounds = 0
    value = np.ones(N)
    while np.max(value) > 1e-4:
        value, rounds = np.sin(value) * 0.7, rounds + 1
    assert peak(adjoint.jit(adjoint.grad(halved)), np.ones(N)) < rounds + 8


def test_a_table_is_filled_in_place() -> None:
    def table(x: Any) -> Any:
        def fill(i: Any, t: Any) -> Any:
            t = t.copy()
            t[i + 1] = np.sin(t[i]) + x[i]
            return t

        return adjoint.fori_loop(0, N - 1, fill, np.zeros(N))

    assert "[" in adjoint.source(table, np.ones(N)).split("for ")[1]
    assert peak(adjoint.jit(table), np.ones(N)) < 4
