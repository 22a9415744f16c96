"""Programs that are loops at heart, written with the loops and branches that `adjoint` offers."""

from typing import Any

import numpy as np

import adjoint


def newton(x: Any) -> Any:
    """The square root by Newton's method, to a tolerance."""

    def better(root: Any) -> Any:
        return 0.5 * (root + x / root)

    return adjoint.while_loop(lambda root: np.abs(root * root - x) > 1e-12, better, x)


def bisection(c: Any) -> Any:
    """A root of x**3 - c between 0 and 2, and then one step that sees c."""

    def halve(state: Any) -> Any:
        low, high = state
        middle = 0.5 * (low + high)
        left = middle**3 < c
        return np.where(left, middle, low), np.where(left, high, middle)

    low, high = adjoint.while_loop(lambda s: s[1] - s[0] > 1e-9, halve, (0.0 * c, 2.0 + 0.0 * c))
    root = 0.5 * (low + high)
    return root - (root**3 - c) / (3.0 * root**2)


def runge_kutta(start: Any, rate: Any) -> Any:
    """A damped oscillation, and the mean of its energies."""

    def slope(y: Any) -> Any:
        return np.stack([y[1], -np.sin(rate * y[0]) - 0.1 * y[1]])

    def step(y: Any, t: Any) -> Any:
        a = slope(y)
        b = slope(y + 0.05 * a)
        c = slope(y + 0.05 * b)
        d = slope(y + 0.1 * c)
        new = y + 0.1 / 6.0 * (a + 2.0 * b + 2.0 * c + d)
        return new, np.sum(new * new) + 0.0 * t

    last, energies = adjoint.scan(step, start, np.arange(20.0))
    return np.mean(energies) + last[0]


def horner(coefficients: Any, x: Any) -> Any:
    """A polynomial from the highest power down."""
    return adjoint.scan(lambda s, c: (s * x + c, s), 0.0 * x, coefficients, reverse=True)[0]


def table(x: Any) -> Any:
    """Dynamic programming: a table that is filled in place."""

    def fill(i: Any, t: Any) -> Any:
        t = t.copy()
        t[i + 1] = np.logaddexp(t[i], x[i]) * np.cos(t[i])
        return t

    return np.sum(adjoint.fori_loop(0, 6, fill, np.zeros(7)) ** 2)


def nested(x: Any) -> Any:
    """A loop in a loop, with a branch in it."""

    def inner(j: Any, s: Any) -> Any:
        return adjoint.cond(s > 1.0, lambda v: v * 0.5, lambda v: v * v + x[j], s)

    def outer(s: Any, row: Any) -> Any:
        s = adjoint.fori_loop(0, 3, inner, s * row)
        return s, np.sin(s)

    last, kept = adjoint.scan(outer, np.float64(0.3), x)
    return last + np.sum(kept)


def chosen(x: Any, y: Any) -> Any:
    """Three branches."""
    k = np.where(x > y, 0, np.where(x > 0.0, 1, 2))
    return adjoint.switch(k, [lambda a, b: a * b, lambda a, b: np.sin(a) + b, lambda a, b: a - b * b], x, y)


def collatz(x: Any) -> Any:
    """Two states of which one stops the loop, and an array that grows with it."""

    def step(state: Any) -> Any:
        n, v = state
        return n // 2, v * x[0] + x

    return np.sum(adjoint.while_loop(lambda s: s[0] > 1, step, (40, x))[1])


def again(w: Any, x: Any) -> Any:
    """Layers that are computed once more on the way back."""
    layer = adjoint.checkpoint(lambda h: np.tanh(w @ h) + h)
    for _ in range(3):
        x = layer(x)
    return np.sum(x * x)


def swept(w: Any, x: Any) -> Any:
    """A recurrence of which every third state is kept."""
    return adjoint.scan(
        lambda s, row: (np.tanh(w * s) + row, np.sum(s)), x, np.ones((10, 2)) * 0.1, checkpoint=3
    )[1].sum()


def vector(n: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).uniform(0.2, 1.2, n)


PROGRAMS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "newton": (newton, (2.0,)),
    "bisection": (bisection, (1.7,)),
    "runge_kutta": (runge_kutta, (np.array([1.0, 0.0]), 0.8)),
    "horner": (horner, (vector(5), 0.7)),
    "table": (table, (vector(6),)),
    "nested": (nested, (vector(3),)),
    "chosen, the second": (chosen, (0.4, 0.9)),
    "chosen, the third": (chosen, (-0.4, 0.9)),
    "collatz": (collatz, (vector(3),)),
    "again": (again, (vector(4).reshape(2, 2), vector(2, 1))),
    "swept": (swept, (vector(2), vector(2, 1))),
    "logsumexp": (lambda x: np.logaddexp.reduce(x) + np.max(x), (vector(4),)),
    "linear algebra": (
        lambda a, b: np.sum(np.linalg.solve(a @ a.T + np.eye(3), b)),
        (vector(9).reshape(3, 3), vector(3)),
    ),
    "indices": (lambda x: np.sum(x[np.array([0, 2, 2])] * x[::-1][:3]), (vector(4),)),
    "containers": (lambda p, x: {"y": p["w"] * x, "z": [p["b"]]}, ({"w": 2.0, "b": 3.0}, vector(2))),
    "single precision": (lambda x: np.sum(np.tanh(2.0 * x)), (vector(3).astype(np.float32),)),
    "complex": (lambda x: np.abs(np.sum(np.exp(1j * x))), (vector(3),)),
}
