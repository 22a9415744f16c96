"""Threads do not see each other: transformations have no state outside of their values."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap

THREADS = 8
ROUNDS = 40


def f(x: Any) -> Any:
    return x * np.sin(x)


def second_derivative(x: float) -> float:
    return 2 * np.cos(x) - x * np.sin(x)


def together(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives in each of the threads, all started at once."""
    start = threading.Barrier(THREADS)

    def begin(number: int) -> Any:
        start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS), timeout=120))


NESTED: dict[str, Callable[[float], Any]] = {
    "grad of grad": lambda x: grad(grad(f))(x),
    "jvp of grad": lambda x: jvp(grad(f), (x,), (1.0,))[1],
    "grad of jvp": lambda x: grad(lambda y: jvp(f, (y,), (1.0,))[1])(x),
    "jvp of jvp": lambda x: jvp(lambda y: jvp(f, (y,), (1.0,))[1], (x,), (1.0,))[1],
    "vmap of grad of grad": lambda x: vmap(grad(grad(f)))(np.array([x, x]))[1],
}


def test_nested_derivatives_in_eight_threads_at_once() -> None:
    def work(number: int) -> list[tuple[float, Any]]:
        kinds = list(NESTED.values())
        points = [0.1 + number + round_ / ROUNDS for round_ in range(ROUNDS)]
        return [(x, kinds[(number + k) % len(kinds)](x)) for k, x in enumerate(points)]

    for results in together(work):
        for x, found in results:
            assert found == pytest.approx(second_derivative(x), rel=1e-12)


@pytest.mark.parametrize("kind", NESTED)
def test_a_derivative_first_met_by_eight_threads_at_once(kind: str) -> None:
    """The caches of derived pullbacks are filled by all of them: here for a dtype of its own each time."""
    x = np.float32(0.7) if kind != "vmap of grad of grad" else 0.7
    for found in together(lambda number: NESTED[kind](x)):
        assert found == pytest.approx(second_derivative(0.7), rel=1e-5)


def test_one_pullback_called_from_many_threads() -> None:
    x = np.linspace(0.1, 3.0, 50)
    _, pull = vjp(lambda x: np.sin(x) * x + x[::-1] * x, x)

    def work(number: int) -> Any:
        cotangent = np.full(50, float(number))
        return [pull(cotangent)[0] for _ in range(ROUNDS)]

    one = np.cos(x) * x + np.sin(x) + 2 * x[::-1]
    for number, results in enumerate(together(work)):
        for found in results:
            np.testing.assert_allclose(found, number * one, rtol=1e-14)


def test_threads_inside_a_differentiated_function() -> None:
    """Values carry their trace along, so a function may compute its parts in threads of its own."""

    def function(x: Any) -> Any:
        with ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(lambda k: np.sin(x) * k, range(1, 5)))
        return parts[0] + parts[1] + parts[2] + parts[3]

    assert grad(function)(0.3) == pytest.approx(10 * np.cos(0.3), rel=1e-14)
    assert jvp(function, (0.3,), (1.0,))[1] == pytest.approx(10 * np.cos(0.3), rel=1e-14)
