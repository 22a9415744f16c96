"""Each obstacle that plain code puts in NumPy's way, and what following makes of it: values and slopes."""

import cmath
import math
from collections.abc import Iterable, Sized
from typing import Any

import numpy as np
import pytest

import adjoint as ad

A = np.array([1.0, 2.0, 3.0])
M = np.arange(6.0).reshape(2, 3)


def filled(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return np.sum(out * A)


def filled_matrix(x: Any) -> Any:
    out = np.eye(3)
    out[0, 1] = x[0]
    out[2] = x * 2.0
    return np.sum(out @ out)


def part_filled(x: Any) -> Any:
    out = np.empty((2, 3))
    out[0] = x
    view = out[1]
    view[:] = x * x
    out *= 2.0
    return np.sum(out * M)


def computed_and_filled(x: Any) -> Any:
    out = np.nan * np.ones(3)
    other = np.multiply(np.zeros((2, 3)), -1.0) - np.ones(3) / 2.0
    for i in range(3):
        out[i] = x[i] ** 2
    other[1] += x
    (-other)[0, 0] = 7.0
    return np.sum(out * A) + np.sum(other**2)


def copied(x: Any) -> Any:
    state = A.copy()
    state[1:] += x[1:] * state[:-1]
    return np.sum(state**2)


def added_at(x: Any) -> Any:
    out = np.zeros(2)
    np.add.at(out, np.array([0, 1, 0]), x)
    return np.sum(out**3)


def put_in_place(x: Any) -> Any:
    out = np.zeros(3)
    np.copyto(out, x)
    np.place(out, np.array([True, False, False]), [7.0])
    return np.sum(out * out)


def of_lists(x: Any) -> Any:
    return np.max([x[0], x[1]]) * np.mean([x[i] * i for i in range(3)]) + np.hypot([x[0]], [x[1]])[0]


def conversions(x: Any) -> Any:
    total = float(x[0]) * np.float64(x[1]) + complex(x[2]).real
    return float(np.asarray(x, dtype=float)[1]) * total


def rounded(x: Any) -> Any:
    return x[0] * int(x[1]) + math.floor(x[2]) * x[1] + round(x[2], 1)


def asked(x: Any) -> Any:
    assert isinstance(x, np.ndarray)
    assert isinstance(x[0], (float, np.floating))
    assert type(x) is np.ndarray
    assert not np.isscalar(x)
    assert isinstance(x, Iterable)
    assert isinstance(x, Sized | int)
    assert not isinstance(x[0], (Iterable, Sized))
    return np.sum(x) if hasattr(x, "shape") else 0.0


def in_containers(x: Any) -> Any:
    parts = {"a": [x[0], x[1]], "b": (x[2],)}
    return sum(parts["a"]) * max(parts["b"]) + min([x[0], x[1]], key=lambda v: -v) + sum(map(math.exp, x))


def printed(x: Any) -> Any:
    print(f"{x[0]:.3f} {x} {x!r}", str(x[1]))
    return np.sum(x)


FUNCTIONS = {
    "np.nan * np.ones": computed_and_filled,
    "np.array of traced": lambda x: np.sum(np.array([x[0], x[1] * x[2], 2.0]) ** 2),
    "np.array of rows": lambda x: np.sum(np.array([[x[0], 1.0], [x[1], x[2]]]) @ np.array([x[0], x[1]])),
    "np.array of arrays": lambda x: np.sum(np.array([x, x * x]) * M),
    "np.array of traced array": lambda x: np.sum(np.array(x, dtype=float, ndmin=2) * M),
    "np.asarray": lambda x: np.sum(np.asarray(x) ** 2) + np.asanyarray(x)[0] * np.ascontiguousarray(x)[1],
    "np.asarray_chkfinite": lambda x: np.sum(np.asarray_chkfinite(x) ** 3),
    "np.require": lambda x: np.sum(np.require(x, float, ["C"]) ** 3),
    "np.full": lambda x: np.sum(np.full(3, x[0] * x[1]) * A),
    "np.full_like of plain": lambda x: np.sum(np.full_like(M, x[0]) * M),
    "np.arange": lambda x: np.sum(np.arange(x[0], 4.0 + x[0], x[1] + 1.0) ** 2),
    "np.linspace": lambda x: np.sum(np.linspace(x[0], x[1], 5) ** 2),
    "a.dot of plain": lambda x: np.sum(M.dot(x) ** 2) + A.dot(x),
    "np.ndarray.dot": lambda x: np.ndarray.dot(x, A) + np.ndarray.sum(x),
    "math": lambda x: math.sin(x[0]) * math.log(x[1], 3.0) + math.hypot(x[1], x[2]) + math.pow(x[0], 2),
    "math of many": lambda x: math.fsum([x[0], x[1]]) * math.prod(x) + math.dist(x, A),
    "cmath": lambda x: (cmath.exp(1j * x[0]) * cmath.sqrt(x[1])).real,
    "np.vectorize": lambda x: np.sum(np.vectorize(lambda t, p: math.exp(t) if t > 0.7 else t**p)(x, 2.0)),
    "np.vectorize with signature": lambda x: np.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(x, A),
    "np.apply_along_axis": lambda x: np.sum(np.apply_along_axis(lambda r: r * r[0], 1, x * M)),
    "np.fromfunction": lambda x: np.sum(np.fromfunction(lambda i, j: x[0] ** i + j, (2, 3))),
    "filled": filled,
    "filled matrix": filled_matrix,
    "part filled": part_filled,
    "copied": copied,
    "added at": added_at,
    "put in place": put_in_place,
    "of lists": of_lists,
    "conversions": conversions,
    "rounded": rounded,
    "asked": asked,
    "in containers": in_containers,
    "printed": printed,
}
X = np.array([0.5, 1.25, 0.8])


def slopes(function: Any, x: Any) -> Any:
    """The gradient by differences of the fourth order."""
    found = np.zeros_like(x)
    for i in range(x.size):

        def at(step: float, i: int = i) -> Any:
            moved = x.copy()
            moved[i] += step
            return function(moved)

        h = 1e-3
        found[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_slope(name: str) -> None:
    function = FUNCTIONS[name]
    wanted = slopes(function, X)
    value, found = ad.value_and_grad(function)(X)
    np.testing.assert_allclose(value, function(X), rtol=1e-14)
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-8)
    direction = np.array([0.3, -0.7, 1.1])
    np.testing.assert_allclose(
        ad.jvp(function, (X,), (direction,))[1], wanted @ direction, rtol=1e-8, atol=1e-8
    )
    np.testing.assert_allclose(ad.jacrev(function)(X), found, rtol=1e-14)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("rounded", "printed")])
def test_second_derivative(name: str) -> None:
    function = FUNCTIONS[name]
    hessian = ad.hessian(function)(X)
    rows = [slopes(lambda x, i=i: ad.grad(function)(x)[i], X) for i in range(3)]
    np.testing.assert_allclose(hessian, rows, rtol=1e-7, atol=1e-7)


MAPPED = ("np.array of traced", "np.asarray", "np.full", "a.dot of plain", "math", "filled", "part filled")


@pytest.mark.parametrize("name", MAPPED)
def test_mapped_and_staged(name: str) -> None:
    function = FUNCTIONS[name]
    batch = np.stack([X, X + 0.25])
    np.testing.assert_allclose(ad.vmap(function)(batch), [function(x) for x in batch], rtol=1e-14)
    np.testing.assert_allclose(ad.vmap(ad.grad(function))(batch)[1], ad.grad(function)(batch[1]), rtol=1e-12)
    program = ad.trace(function)(X)
    np.testing.assert_allclose(program(batch[1]), function(batch[1]), rtol=1e-14)
    assert "traced" not in str(program)


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda x: math.sqrt(x - 2.0), ValueError),
        (lambda x: math.log(x * 0.0), ValueError),
        (lambda x: math.exp(1000.0 * x), OverflowError),
        (lambda x: float(np.array([x, x])), TypeError),
        (lambda x: int(x + math.inf), OverflowError),
        (lambda x: np.zeros(3)[5] * x, IndexError),
    ],
)
def test_raises_as_untraced(function: Any, error: Any) -> None:
    with pytest.raises(error):
        function(1.0)
    with pytest.raises(error):
        ad.grad(function)(1.0)


@pytest.mark.parametrize("made", [np.zeros, np.ones, np.empty])
def test_constants_come_out_plain(made: Any) -> None:
    def function(x: Any) -> Any:
        kept = made(3)
        return x * 2.0, {"kept": kept, "part": kept[1:], "whole": np.array([1.0, 2.0])}

    value, aux = ad.value_and_grad(function, has_aux=True)(2.0)[0]
    assert value == 4.0
    for array in aux.values():
        assert type(array) is np.ndarray
    found = ad.vjp(lambda x: (made(2), x), 1.0)[0]
    assert type(found[0]) is np.ndarray


def test_a_constant_saved_then_overwritten() -> None:
    def function(x: Any) -> Any:
        weights = np.zeros(3)
        weights[0] = 5.0
        first = np.sum(x * weights)
        weights[0] = 7.0
        np.add.at(weights, [1], 1.0)
        return first + np.sum(x * weights)

    np.testing.assert_array_equal(ad.grad(function)(np.ones(3)), [12.0, 1.0, 0.0])


def test_nothing_traced_is_pythons_own() -> None:
    def function(x: Any) -> Any:
        assert float("1.5") == 1.5
        assert type(float(2)) is float
        assert int("11", 2) == 3
        assert type(int(2.5)) is int
        assert complex(1, 2) == 1 + 2j
        assert type(np.array([1, 2])) is np.ndarray
        assert type(np.zeros(3, dtype=int)) is np.ndarray
        assert isinstance(np.zeros(3), np.ndarray)
        assert math.sin(1.0) == np.sin(1.0)
        assert int is int
        assert type("Name", (), {}).__name__ == "Name"
        assert round(2.567, 1) == 2.6
        return x

    assert ad.grad(function)(1.0) == 1.0
