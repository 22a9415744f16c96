"""Perturbation confusion: an inner derivative must not take an outer variable for its own.

The cases are the literature's: Siskind and Pearlmutter, "Nesting forward-mode AD in a functional framework",
HOSC 21 (2008) 361-376; Manzyuk, Pearlmutter, Radul, Rush and Siskind, "Perturbation confusion in forward
automatic differentiation of higher-order functions", JFP 29 (2019) e12.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap
from adjoint.errors import ContainerError


def forward(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jvp(function, (x,), (1.0,))[1]


def reverse(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: vjp(function, x)[1](1.0)[0]


MODES = {"forward": forward, "reverse": reverse, "grad": grad}
PAIRS = list(itertools.product(MODES.values(), repeat=2))
NAMES = ["-".join(pair) for pair in itertools.product(MODES, repeat=2)]
pairs = pytest.mark.parametrize(("outer", "inner"), PAIRS, ids=NAMES)


@pairs
def test_constant_perturbation(outer: Any, inner: Any) -> None:
    """D (x -> x D (y -> x + y) 1) 1 = 1, and 2 where the two perturbations are confused."""
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@pairs
def test_product_perturbation(outer: Any, inner: Any) -> None:
    """D (x -> x D (y -> x y) 2) 3 = D (x -> x^2) 3 = 6."""
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0


@pairs
def test_inner_function_ignores_its_variable(outer: Any, inner: Any) -> None:
    assert outer(lambda x: x * inner(lambda y: x * x)(2.0))(3.0) == 0.0


@pairs
def test_outer_variable_is_the_point_of_the_inner_derivative(outer: Any, inner: Any) -> None:
    """D (x -> D (y -> x y^3) x) 2 = D (x -> 3 x^3) 2 = 36."""
    assert outer(lambda x: inner(lambda y: x * y * y * y)(x))(2.0) == 36.0


@pairs
def test_inner_point_is_a_new_variable(outer: Any, inner: Any) -> None:
    """The inner point is a new variable, whatever its value: D (x -> D (y -> x) x) 2 = 0."""
    assert outer(lambda x: inner(lambda y: x)(x))(2.0) == 0.0


@pytest.mark.parametrize("modes", list(itertools.product(MODES.values(), repeat=3)))
def test_three_levels(modes: Any) -> None:
    """d/dx [x d/dy (y d/dz (x y z))] = d/dx [x d/dy (x y^2)] = d/dx [2 x^2 y] = 4 x y."""
    first, second, third = modes
    x, y, z = 3.0, 5.0, 7.0
    assert first(lambda x: x * second(lambda y: y * third(lambda z: x * y * z)(z))(y))(x) == 4 * x * y


@pairs
def test_a_closure_over_a_value_of_the_outer_level(outer: Any, inner: Any) -> None:
    """The tangent of a value that is made outside belongs to the outer derivative only."""

    def function(x: Any) -> Any:
        square = x * x
        return inner(lambda y: square * y + np.sin(y) * x)(0.5)

    x = 1.5
    assert outer(function)(x) == pytest.approx(2 * x + np.cos(0.5))


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_the_amazing_bug_is_refused(mode: Any) -> None:
    """D of a curried function: D (x -> (g -> y -> g (y + x))) gives functions, which capture traced values.

    Tagging alone gets D s 0 (D s 0 exp) 1 wrong, silently. Here a returned closure is refused.
    """

    def shift(x: Any) -> Any:
        return lambda g: lambda y: g(y + x)

    with pytest.raises(ContainerError, match="return what it computes"):
        mode(shift)(0.0)


def test_the_amazing_bug_uncurried_is_right() -> None:
    """The same derivative taken of numbers: the shift operator's derivative, twice, of exp."""

    def derivative_of_shift(g: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda y: forward(lambda x: g(y + x))(0.0)

    assert derivative_of_shift(derivative_of_shift(np.exp))(1.0) == pytest.approx(np.exp(1.0))
    assert derivative_of_shift(derivative_of_shift(lambda x: x * x * x))(2.0) == 12.0


@pytest.mark.parametrize(
    "escaping",
    [
        lambda x: lambda: x,
        lambda x: (x, lambda: x),
        lambda x: {"f": lambda y: x * y},
        lambda x: (x for _ in "a"),
    ],
    ids=["closure", "closure in a tuple", "closure in a dict", "generator"],
)
def test_what_captures_traced_values_is_refused(escaping: Any) -> None:
    with pytest.raises(ContainerError):
        vjp(escaping, 1.0)
    with pytest.raises(ContainerError):
        jvp(escaping, (1.0,), (1.0,))
    with pytest.raises(ContainerError):
        vmap(escaping)(np.ones(2))


@pairs
def test_batches_are_not_confused_either(outer: Any, inner: Any) -> None:
    """Two batches, and a derivative between them: sum_j d/dx [x_i y_j] over all pairs."""
    xs, ys = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])

    def row(x: Any) -> Any:
        return vmap(lambda y: inner(lambda z: z * y * x)(x))(ys)

    np.testing.assert_array_equal(vmap(row)(xs), np.outer(xs, ys))
    total = vmap(outer(lambda x: row(x).sum()))(xs)
    np.testing.assert_array_equal(total, np.full(3, ys.sum()))
