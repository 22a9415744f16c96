"""`jit`: one compilation for each signature, in every combination with the transformations."""

import traceback
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.errors import ArgumentError

X = np.array([3.0, 4.0])


def norm(x: Any) -> Any:
    return np.sqrt(np.sum(x * x))


def counted() -> tuple[Any, list[int]]:
    calls: list[int] = []

    def function(x: Any, n: int = 2, scale: Any = 1.0) -> Any:
        calls.append(1)
        return {"power": x**n, "scaled": [x * scale]}

    return function, calls


def test_staged_once_for_each_signature() -> None:
    function, calls = counted()
    fast = adjoint.jit(function)
    first = fast(X)
    fast(X + 1)
    fast(X, scale=2.0)
    fast(X, scale=3.0)
    assert len(calls) == 2
    fast(X, n=3)
    fast(X.astype(np.float32))
    fast(np.ones(3))
    assert len(calls) == 5
    np.testing.assert_array_equal(first["power"], X**2)
    np.testing.assert_array_equal(fast(X, scale=3.0)["scaled"][0], X * 3.0)


def test_with_the_transformations() -> None:
    fast = adjoint.jit(norm)
    wanted = X / 5.0
    for gradient in (adjoint.grad(fast), adjoint.jit(adjoint.grad(norm)), adjoint.jit(adjoint.grad(fast))):
        np.testing.assert_allclose(gradient(X), wanted)
    rows = np.stack([X, 2.0 * X])
    np.testing.assert_allclose(adjoint.vmap(fast)(rows), [5.0, 10.0])
    np.testing.assert_allclose(adjoint.jit(adjoint.vmap(fast))(rows), [5.0, 10.0])
    np.testing.assert_allclose(adjoint.hessian(fast)(X), adjoint.hessian(norm)(X))
    assert adjoint.jit(lambda x: fast(x) + 1.0)(X) == 6.0


def test_values_from_around() -> None:
    def outer(x: Any, y: Any) -> Any:
        return adjoint.grad(lambda z: adjoint.jit(lambda u: u * z * x)(y))(3.0)

    assert outer(2.0, 4.0) == 8.0
    assert adjoint.grad(outer)(2.0, 4.0) == 4.0


def test_types_of_results() -> None:
    double = adjoint.jit(lambda x: x * 2)
    assert type(double(2.0)) is float
    assert type(double(np.float64(2.0))) is np.float64
    assert type(double(np.float32(2.0))) is np.float32
    assert double(np.ones((2, 3), order="F")).shape == (2, 3)


def test_results_are_the_callers_own() -> None:
    same = adjoint.jit(lambda x: (x, x.T, np.zeros(3)))
    given = np.ones((2, 2))
    a, b, c = same(given)
    a[0, 0], b[1, 1], c[0] = 5.0, 6.0, 7.0
    np.testing.assert_array_equal(given, 1.0)
    assert same(given)[2][0] == 0.0


def test_static_arguments() -> None:
    class Scale:
        def __init__(self, by: float) -> None:
            self.by = by

    by_place = adjoint.jit(lambda x, s: x * s.by, static_argnums=1)
    by_name = adjoint.jit(lambda x, s: x * s.by, static_argnames="s")
    np.testing.assert_array_equal(by_place(X, Scale(2.0)), 2.0 * X)
    np.testing.assert_array_equal(by_name(X, s=Scale(3.0)), 3.0 * X)


def test_as_a_decorator() -> None:
    @adjoint.jit(static_argnames=("n",))
    def power(x: Any, n: int) -> Any:
        return x**n

    np.testing.assert_array_equal(power(X, n=3), X**3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: adjoint.jit(norm, backend="fortran"),
        lambda: adjoint.jit(norm, static_argnums=3),
        lambda: adjoint.jit(norm, static_argnames="y"),
        lambda: adjoint.jit(lambda x, s: x, static_argnums=1)(X, [1]),
    ],
)
def test_refusals(call: Any) -> None:
    with pytest.raises((ArgumentError, TypeError)):
        call()


def test_no_warnings_at_edges() -> None:
    assert adjoint.jit(lambda x: np.log(x))(0.0) == -np.inf


def test_tracebacks_show_what_was_written() -> None:
    def picked(x: Any, i: Any) -> Any:
        return np.sum(np.sin(x)[i])

    with pytest.raises(IndexError) as caught:
        adjoint.jit(picked)(X, np.array([7]))
    text = "".join(traceback.format_exception(caught.value))
    assert "<adjoint" in text
    assert "[i]" in text
