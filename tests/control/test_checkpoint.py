"""`checkpoint`: right derivatives in every transform, and what it keeps."""

import functools
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.control.again import parted
from adjoint.control.mincut import ByPolicy, Within, size_of
from adjoint.errors import ArgumentError, DerivativeError

W = np.array([[0.7, -0.4, 1.1], [0.2, 0.9, -0.3], [-0.5, 0.1, 0.6]])
X = np.array([0.3, -0.2, 0.5])

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "matmul": {"policy": ["matmul"]},
    "named": {"policy": ["h"]},
    "predicate": {"policy": lambda name, aval: aval.shape == (3,) and name != "tanh"},
    "no budget": {"budget_bytes": 0},
    "some budget": {"budget_bytes": 50},
    "large budget": {"budget_bytes": 10**6},
}


def layer(w: Any, x: Any) -> Any:
    return np.tanh(adjoint.checkpoint_name(w @ x, "h")) * np.sin(x)


def asking(w: Any, x: Any) -> Any:
    h = w @ x
    return np.tanh(h) * np.sin(x) if np.sum(h) < 1e9 else h


def model(function: Callable[..., Any]) -> Callable[..., Any]:
    def whole(w: Any, x: Any) -> Any:
        return np.sum(function(w, function(w * 2.0, function(w, x))) ** 2)

    return whole


def capturing(options: dict[str, Any]) -> Callable[..., Any]:
    def whole(w: Any, x: Any) -> Any:
        def inner(x: Any) -> Any:
            return layer(w, x)

        again = adjoint.checkpoint(inner, **options)
        return np.sum(again(adjoint.checkpoint(lambda x: layer(w * 2.0, again(x)), **options)(x)) ** 2)

    return whole


def plainly(w: Any, x: Any) -> Any:
    return np.sum(layer(w, layer(w * 2.0, layer(w, x))) ** 2)


HOW: dict[str, Callable[..., Any]] = {
    "grad": lambda f: adjoint.grad(f, (0, 1)),
    "jvp": lambda f: lambda w, x: adjoint.jvp(f, (w, x), (np.cos(w), np.cos(x)))[1],
    "hessian": lambda f: lambda w, x: adjoint.hessian(lambda x: f(w, x))(x),
    "reverse over reverse": lambda f: (
        lambda w, x: adjoint.grad(lambda w: np.sum(adjoint.grad(f)(w, x) ** 2))(w)
    ),
    "reverse over forward": lambda f: lambda w, x: adjoint.jacrev(adjoint.jacfwd(f))(w, x),
    "vmap": lambda f: lambda w, x: adjoint.vmap(adjoint.grad(f), (0, None))(np.stack([w, -w]), x),
    "grad of vmap": lambda f: adjoint.grad(
        lambda w, x: np.sum(adjoint.vmap(f, (None, 0))(w, np.multiply.outer(np.arange(3.0), x)))
    ),
    "linearize": lambda f: lambda w, x: adjoint.linearize(f, w, x)[1](np.cos(w), x),
    "trace": lambda f: lambda w, x: adjoint.trace(adjoint.grad(f))(w, x)(w, x),
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_like_the_function(options: dict[str, Any], how: str):
    close(HOW[how](model(adjoint.checkpoint(layer, **options)))(W, X), HOW[how](model(layer))(W, X))


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_captured_values_and_nesting(options: dict[str, Any], how: str):
    close(HOW[how](capturing(options))(W, X), HOW[how](plainly)(W, X))


@pytest.mark.parametrize("how", [name for name in HOW if name != "trace" and "vmap" not in name])
@pytest.mark.parametrize("options", [{}, {"policy": ["matmul"]}, {"budget_bytes": 99}], ids=str)
def test_a_function_that_asks_for_numbers(options: dict[str, Any], how: str):
    close(HOW[how](model(adjoint.checkpoint(asking, **options)))(W, X), HOW[how](model(asking))(W, X))


def test_containers_keywords_integers_and_plain_calls():
    @adjoint.checkpoint
    def f(p: Any, *, times: int, note: str) -> Any:
        assert type(times) is int
        assert note == "n"
        return {"y": p["a"] ** times, "z": (p["b"], None)}

    found = adjoint.grad(lambda p: f(p, times=3, note="n")["y"] + f(p, times=2, note="n")["z"][0])
    assert found({"a": 2.0, "b": 1.0}) == {"a": 12.0, "b": 1.0}
    assert f({"a": 2.0, "b": 1.0}, times=2, note="n") == {"y": 4.0, "z": (1.0, None)}


def test_what_closures_hold():
    def scaled(k: Any, w: Any, x: Any) -> Any:
        return np.sin(x * k) * w["a"]

    def f(a: Any, x: Any) -> Any:
        weights = {"a": a}

        def helper(x: Any, factor: Any = a * 2.0) -> Any:
            return scaled(factor, weights, x)

        one = adjoint.checkpoint(functools.partial(scaled, a, weights))
        two = adjoint.checkpoint(lambda x: helper(x) + helper(helper(x)))
        return np.sum(one(two(x)))

    def by_hand(a: Any, x: Any) -> Any:
        def helper(x: Any) -> Any:
            return np.sin(x * a * 2.0) * a

        y = helper(x) + helper(helper(x))
        return np.sum(np.sin(y * a) * a)

    close(adjoint.grad(f, (0, 1))(0.7, X), adjoint.grad(by_hand, (0, 1))(0.7, X))


def test_values_from_elsewhere_are_refused():
    class Box:
        value: Any = None

    box = Box()

    def f(x: Any) -> Any:
        box.value = x * 2.0
        return adjoint.checkpoint(lambda y: y * box.value)(3.0 + 0.0 * x)

    with pytest.raises(DerivativeError, match="Pass them as arguments"):
        adjoint.grad(f)(2.0)


def test_options_are_checked():
    for options in (
        {"policy": "matmul"},
        {"policy": [3]},
        {"budget_bytes": -1},
        {"budget_bytes": 0.5},
        {"policy": ["sin"], "budget_bytes": 1},
    ):
        with pytest.raises(ArgumentError):
            adjoint.checkpoint(layer, **options)
    with pytest.raises(ArgumentError, match="string"):
        adjoint.checkpoint_name(X, 3)


# --- what is kept --------------------------------------------------------------------------------


def chain(w: Any, x: Any) -> Any:
    for k in range(8):
        x = np.tanh(w @ x) + (k % 3) * np.sin(x)
    return x


def chain_program() -> Any:
    traced = adjoint.trace(chain)(np.eye(64), np.ones((64, 16)))
    return traced.program


def test_a_policy_keeps_what_it_names():
    program = chain_program()
    cut = parted(program, [True, True], [True], ByPolicy(frozenset(("matmul",))))
    own = {v for e in cut.ahead.equations if e.primitive.name == "matmul" for v in e.outputs}
    assert set(cut.residuals) - set(cut.ahead.inputs) == own
    repeated = [e.primitive.name for e in cut.back.equations]
    assert repeated.count("matmul") == 2 * 8  # those of the way back, and none of the way ahead


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 0.8, 1.0])
def test_a_minimum_cut_stays_within_its_budget(share: float):
    program = chain_program()
    everything = parted(program, [True, True], [True], Within(10**9))
    whole = bytes_kept(everything)
    assert whole > 200_000
    budget = int(share * whole)
    cut = parted(program, [True, True], [True], Within(budget))
    assert bytes_kept(cut) <= budget
    assert bytes_kept(cut) >= 0.6 * budget  # and makes use of it
    assert len(cut.back.equations) >= len(everything.back.equations)


def test_a_minimum_cut_keeps_what_is_dear_and_small():
    """A product of matrices is dear; its sine is cheap, and read on the way back."""

    def f(a: Any, b: Any) -> Any:
        return np.sin(np.exp(np.cos(a @ b)))

    program = adjoint.trace(f)(np.ones((20, 300)), np.ones((300, 20))).program
    cut = parted(program, [True, True], [True], Within(20 * 20 * 8))
    (kept,) = set(cut.residuals) - set(cut.ahead.inputs)
    assert [e.primitive.name for e in cut.ahead.equations if kept in e.outputs] == ["matmul"]


def test_more_budget_is_never_more_work():
    program = chain_program()
    lengths = []
    for budget in range(0, 400_001, 40_000):
        cut = parted(program, [True, True], [True], Within(budget))
        lengths.append(len(cut.back.equations))
    assert lengths == sorted(lengths, reverse=True)


def bytes_kept(cut: Any) -> int:
    return size_of([v for v in cut.residuals if v not in cut.ahead.inputs])


def held_between(function: Callable[..., Any], *args: Any) -> int:
    """Bytes that are held when the way ahead has ended and the way back not begun."""
    adjoint.vjp(function, *args)[1](function(*args))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        pulled = adjoint.vjp(function, *args)
        held = tracemalloc.get_traced_memory()[0] - before
        del pulled
        return held
    finally:
        tracemalloc.stop()


def test_bytes_that_are_held():
    w, x = np.eye(64), np.ones((64, 400))
    one = x.nbytes
    copies = w.nbytes + 2 * one  # of the arguments, and the result
    plain = held_between(chain, w, x)
    assert plain > 16 * one
    assert held_between(adjoint.checkpoint(chain), w, x) < copies + 0.3 * one
    for budget in (3 * one, 7 * one):
        held = held_between(adjoint.checkpoint(chain, budget_bytes=budget), w, x)
        assert budget - 2 * one < held - copies < budget + 0.3 * one


# --- recursion -----------------------------------------------------------------------------------


def minors(a: Any, kept: Callable[..., Any]) -> Any:
    """The determinant by its minors: n! products."""
    n = len(a)
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        rest = np.concatenate([a[1:, :j], a[1:, j + 1 :]], axis=1)
        total = total + (-1.0) ** j * a[0, j] * kept(lambda m: minors(m, kept))(rest)
    return total


def test_a_recursive_function_does_not_store_its_tree():
    a = np.cos(np.arange(36.0) ** 2).reshape(6, 6)
    found = adjoint.grad(lambda a: minors(a, adjoint.checkpoint))(a)
    np.testing.assert_allclose(found, np.linalg.det(a) * np.linalg.inv(a).T, rtol=1e-9)

    def peak(kept: Callable[..., Any], n: int) -> int:
        a = np.cos(np.arange(float(n * n)) ** 2).reshape(n, n)
        adjoint.grad(lambda a: minors(a, kept))(a)  # what is derived once and kept is not of this call
        tracemalloc.start()
        try:
            adjoint.grad(lambda a: minors(a, kept))(a)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(adjoint.checkpoint, 6) < 0.1 * peak(lambda f: f, 6)
    assert peak(adjoint.checkpoint, 6) < 2.0 * peak(adjoint.checkpoint, 5)


def close(found: Any, wanted: Any) -> None:
    if isinstance(found, tuple):
        for a, b in zip(found, wanted, strict=True):
            close(a, b)
        return
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)
