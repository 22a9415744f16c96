"""Graphs as long as one likes: no recursion forward, backward or when they are freed; and memory is freed."""

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.array.traced import Traced
from adjoint.core.avals import aval_of
from adjoint.core.trace import stage

LONG = 100_000
LONGER = 1_000_000


@pytest.fixture(autouse=True)
def little_stack() -> Iterator[None]:
    """Recursion over a graph would need far more frames than these."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    yield
    sys.setrecursionlimit(before)


def chain(x: Any, length: int) -> Any:
    for _ in range(length):
        x = x * 1.0
    return x


def test_a_chain_of_100_000_operations_in_reverse() -> None:
    def function(x: Any) -> Any:
        for _ in range(LONG // 2):
            x = np.sin(x) + 1.0
        return x

    x, slope = 0.3, 1.0
    for _ in range(LONG // 2):
        x, slope = np.sin(x) + 1.0, slope * np.cos(x)
    assert grad(function)(0.3) == pytest.approx(slope, rel=1e-9, abs=0)


def test_a_chain_of_100_000_operations_forward() -> None:
    assert jvp(lambda x: chain(x, LONG), (2.0,), (3.0,)) == (2.0, 3.0)


def test_a_chain_of_100_000_operations_as_a_program() -> None:
    program = stage(lambda x: [chain(x, LONG)], [aval_of(2.0)], box=Traced)
    assert len(program.equations) == LONG
    assert program.evaluate(2.0) == [2.0]
    assert len(program.without_dead().equations) == LONG


def test_a_graph_of_a_million_operations_is_freed_without_recursion() -> None:
    """Nodes hold their parents: dropping the last one frees a million, one inside the other."""
    value, pull = vjp(lambda x: chain(x, LONGER), 2.0)
    assert value == 2.0
    del pull
    gc.collect()


def test_a_wide_graph_of_many_paths_is_walked_once() -> None:
    """X -> x + x, sixty times: 2^60 paths, sixty nodes."""

    def function(x: Any) -> Any:
        for _ in range(60):
            x = x + x
        return x

    assert grad(function)(1.0) == 2.0**60


def live_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.fixture
def traced_memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


SIZE = 100_000  # 800 kB an array


def heavy(x: Any) -> Any:
    for _ in range(10):
        x = np.sin(x) * x
    return x


@pytest.mark.usefixtures("traced_memory")
def test_memory_is_freed_when_the_pullback_is_dropped() -> None:
    x = np.linspace(0.0, 1.0, SIZE)
    vjp(heavy, x)[1](np.ones(SIZE))  # caches are filled
    before = live_bytes()
    value, pull = vjp(heavy, x)
    held = live_bytes()
    assert held - before > 10 * SIZE * 8
    del pull
    after = live_bytes()
    assert after - before < 1.5 * SIZE * 8  # the value
    assert value.nbytes == SIZE * 8


@pytest.mark.usefixtures("traced_memory")
@pytest.mark.parametrize("what", ["grad", "jvp", "an exception"])
def test_nothing_is_left_after_a_derivative(what: str) -> None:
    x = np.linspace(0.0, 1.0, SIZE)

    def failing(x: Any) -> Any:
        heavy(x)
        raise KeyError

    def run() -> None:
        if what == "grad":
            grad(lambda x: heavy(x).sum())(x)
        elif what == "jvp":
            jvp(heavy, (x,), (x,))
        else:
            with pytest.raises(KeyError):
                grad(failing)(x)

    run()
    before = live_bytes()
    run()
    assert live_bytes() - before < SIZE


def test_without_the_collector_too() -> None:
    """No reference cycle holds a graph: counting alone frees it."""
    kept: list[Any] = []

    def function(x: Any) -> Any:
        y = np.sin(x)
        kept.append(weakref.ref(y.extra))
        return (y * y).sum()

    gc.collect()
    gc.disable()
    try:
        grad(function)(np.ones(3))
        assert kept[0]() is None
        _, pull = vjp(function, np.ones(3))
        assert kept[1]() is not None
        del pull
        assert kept[1]() is None
    finally:
        gc.enable()


@pytest.mark.usefixtures("traced_memory")
def test_grad_releases_what_it_has_walked_past() -> None:
    """The backward walk gives up each node's values as it goes, so its peak stays near the forward pass's."""
    x = np.linspace(0.0, 1.0, SIZE)
    grad(lambda x: heavy(x).sum())(x)
    _, pull = vjp(heavy, x)
    held = live_bytes()
    del pull
    tracemalloc.reset_peak()
    grad(lambda x: heavy(x).sum())(x)
    peak = tracemalloc.get_traced_memory()[1]
    assert peak < held + 8 * SIZE * 8
