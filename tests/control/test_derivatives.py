"""Every loop and branch against the same thing written as Python, under every transform and in each other."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint

W = np.array([0.7, -0.4, 1.1])
XS = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6], [-0.7, 0.2, 0.9], [0.25, -0.35, 0.15], [0.6, 0.05, -0.1]])


def scanned(w: Any, xs: Any, **options: Any) -> Any:
    def step(state: Any, x: Any) -> Any:
        h = np.tanh(w * state["h"] + x)
        return {"h": h, "n": state["n"] + 1}, {"y": h * x, "old": (state["h"], None)}

    last, ys = adjoint.scan(step, {"h": np.ones(3), "n": 0}, xs, **options)
    return np.sum(last["h"] * last["n"]) + np.sum(np.sin(ys["y"])) + np.sum(ys["old"][0] ** 2)


def scanned_by_hand(w: Any, xs: Any, reverse: bool = False) -> Any:
    h, total = np.ones(3), 0.0
    for x in xs[::-1] if reverse else xs:
        total = total + np.sum(h**2)
        h = np.tanh(w * h + x)
        total = total + np.sum(np.sin(h * x))
    return np.sum(h * 5.0) + total


def backwards(w: Any, xs: Any) -> Any:
    return scanned(w, xs, reverse=True)


def unrolled(w: Any, xs: Any) -> Any:
    return scanned(w, xs, unroll=2)


def unrolled_backwards(w: Any, xs: Any) -> Any:
    return scanned(w, xs, unroll=3, reverse=True)


def halved(w: Any, xs: Any) -> Any:
    """How often it is halved depends on the values."""

    def body(state: Any) -> Any:
        x, total = state
        return np.sin(x) * 0.5 * w, total + x * w

    last, total = adjoint.while_loop(lambda s: np.sum(s[0] ** 2) > 0.05, body, (xs[0] * 4.0, np.zeros(3)))
    return np.sum(last * total)


def halved_by_hand(w: Any, xs: Any) -> Any:
    x, total = xs[0] * 4.0, np.zeros(3)
    while np.sum(x**2) > 0.05:
        x, total = np.sin(x) * 0.5 * w, total + x * w
    return np.sum(x * total)


def counted(w: Any, xs: Any) -> Any:
    return np.sum(adjoint.fori_loop(1, 4, lambda i, s: np.cos(s * w) + i * xs[i], xs[0]))


def counted_by_hand(w: Any, xs: Any) -> Any:
    s = xs[0]
    for i in range(1, 4):
        s = np.cos(s * w) + i * xs[i]
    return np.sum(s)


def chosen(w: Any, xs: Any) -> Any:
    def up(x: Any, y: Any) -> Any:
        return {"a": x * y * w, "b": y}

    def down(x: Any, y: Any) -> Any:
        return {"a": np.exp(x), "b": x * w}

    found = adjoint.cond(w[0] + xs[0, 0] > 0.8, up, down, xs[0], xs[1])
    return np.sum(found["a"] * found["b"])


def chosen_by_hand(w: Any, xs: Any) -> Any:
    x, y = xs[0], xs[1]
    a = np.where(w[0] + xs[0, 0] > 0.8, x * y * w, np.exp(x))
    return np.sum(a * np.where(w[0] + xs[0, 0] > 0.8, y, x * w))


def switched(w: Any, xs: Any) -> Any:
    k = (xs[1, 0] > 0.2).astype(int) if isinstance(xs, np.ndarray) else np.where(xs[1, 0] > 0.2, 1, 0)
    return np.sum(adjoint.switch(k, [lambda x: np.sin(x * w), lambda x: x**3 + w], xs[2]))


def switched_by_hand(w: Any, xs: Any) -> Any:
    return np.sum(np.where(xs[1, 0] > 0.2, xs[2] ** 3 + w, np.sin(xs[2] * w)))


def joined(w: Any, xs: Any) -> Any:
    def both(a: Any, b: Any) -> Any:
        return a[0] * b[0], a[1] * b[0] + b[1]

    m, c = adjoint.associative_scan(both, (np.sin(xs) * w, xs))
    return np.sum(m[-1] * 3.0 + c[2] * c[-1])


def joined_by_hand(w: Any, xs: Any) -> Any:
    m, c, cs = np.ones(3), np.zeros(3), []
    for x in xs:
        m, c = m * np.sin(x) * w, c * np.sin(x) * w + x
        cs.append(c)
    return np.sum(m * 3.0 + cs[2] * cs[-1])


def mapped(w: Any, xs: Any) -> Any:
    return np.sum(adjoint.map(lambda x: np.tanh(x @ w) * x, xs) ** 2)


def mapped_by_hand(w: Any, xs: Any) -> Any:
    return sum(np.sum((np.tanh(x @ w) * x) ** 2) for x in xs)


def nested(w: Any, xs: Any) -> Any:
    """A branch in a while loop in a scan, all of which use what is around them."""

    def step(state: Any, x: Any) -> Any:
        def body(s: Any) -> Any:
            y, k = s
            return adjoint.cond(np.sum(y) > 0.0, lambda y: np.sin(y) * w, lambda y: y * x + 0.1, y), k + 1

        y, _ = adjoint.while_loop(lambda s: (s[1] < 3) & (np.sum(s[0] ** 2) > 1e-3), body, (state + x, 0))
        return y, np.sum(y * w)

    last, ys = adjoint.scan(step, w * 0.5, xs)
    return np.sum(last**2) + np.sum(ys * ys)


def nested_by_hand(w: Any, xs: Any) -> Any:
    state, total = w * 0.5, 0.0
    for x in xs:
        y, k = state + x, 0
        while k < 3 and np.sum(y**2) > 1e-3:
            y, k = (np.sin(y) * w if np.sum(y) > 0.0 else y * x + 0.1), k + 1
        state = y
        total = total + np.sum(y * w) ** 2
    return np.sum(state**2) + total


PAIRS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "scan": (scanned, scanned_by_hand),
    "scan backwards": (backwards, lambda w, xs: scanned_by_hand(w, xs, True)),
    "unrolled": (unrolled, scanned_by_hand),
    "unrolled backwards": (unrolled_backwards, lambda w, xs: scanned_by_hand(w, xs, True)),
    "while": (halved, halved_by_hand),
    "fori": (counted, counted_by_hand),
    "cond": (chosen, chosen_by_hand),
    "switch": (switched, switched_by_hand),
    "associative": (joined, joined_by_hand),
    "map": (mapped, mapped_by_hand),
    "nested": (nested, nested_by_hand),
}

TRANSFORMS: dict[str, Callable[..., Any]] = {
    "value": lambda f: f,
    "grad": lambda f: adjoint.grad(f, (0, 1)),
    "jvp": lambda f: lambda w, xs: adjoint.jvp(f, (w, xs), (np.cos(w), np.sin(xs)))[1],
    "hessian": lambda f: lambda w, xs: adjoint.hessian(lambda w: f(w, xs))(w),
    "reverse over reverse": lambda f: (
        lambda w, xs: adjoint.grad(lambda w: np.sum(adjoint.grad(f)(w, xs) ** 2))(w)
    ),
    "forward over forward": lambda f: lambda w, xs: adjoint.jacfwd(adjoint.jacfwd(f))(w, xs),
}


@pytest.mark.parametrize("how", TRANSFORMS)
@pytest.mark.parametrize("name", PAIRS)
def test_like_python(name: str, how: str):
    ours, by_hand = PAIRS[name]
    found, wanted = TRANSFORMS[how](ours)(W, XS), TRANSFORMS[how](by_hand)(W, XS)
    close(found, wanted)


@pytest.mark.parametrize("how", ["value", "grad", "jvp", "hessian"])
@pytest.mark.parametrize("name", PAIRS)
def test_staged(name: str, how: str):
    """As a Program, which is a loop still."""
    ours, by_hand = PAIRS[name]
    program = adjoint.trace(TRANSFORMS[how](ours))(W, XS)
    close(program(W, XS), TRANSFORMS[how](by_hand)(W, XS))


@pytest.mark.parametrize("how", ["value", "grad", "jvp"])
@pytest.mark.parametrize("name", PAIRS)
def test_batches(name: str, how: str):
    """Of examples that go on for different numbers of rounds, and choose different branches."""
    ours, by_hand = PAIRS[name]
    ws = np.stack([W, W * 0.5, -W, W * 1.3])
    xs = np.stack([XS, -XS, XS * 2.0, XS * 0.1])
    found = adjoint.vmap(TRANSFORMS[how](ours))(ws, xs)
    each = [TRANSFORMS[how](by_hand)(w, x) for w, x in zip(ws, xs, strict=True)]
    close(found, tuple(map(np.stack, zip(*each, strict=True))) if how == "grad" else np.stack(each))


@pytest.mark.parametrize("name", PAIRS)
def test_gradient_of_a_batch(name: str):
    ours, by_hand = PAIRS[name]
    ws = np.stack([W, W * 0.5, -W])
    found = adjoint.grad(lambda ws: np.sum(adjoint.vmap(ours, (0, None))(ws, XS)))(ws)
    close(found, np.stack([adjoint.grad(by_hand)(w, XS) for w in ws]))


def close(found: Any, wanted: Any) -> None:
    if isinstance(found, tuple):
        for a, b in zip(found, wanted, strict=True):
            close(a, b)
        return
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)
