"""Transformations nest to any order in any mix: every sequence of up to four of them, against closed forms.

f(x) = x sin(x)        f^(n)(x) = x sin(x + n pi/2) + n sin(x + (n-1) pi/2)
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, value_and_grad, vjp
from adjoint.api.vectorize import vmap
from adjoint.array.traced import Traced
from adjoint.core.avals import aval_of
from adjoint.core.trace import stage

Function = Callable[[Any], Any]


def f(x: Any) -> Any:
    return x * np.sin(x)


def derivative_of_f(order: int, x: Any) -> Any:
    return x * np.sin(x + order * math.pi / 2) + order * np.sin(x + (order - 1) * math.pi / 2)


def ones_of(x: Any) -> Any:
    return np.ones(np.shape(x)) if np.shape(x) else 1.0


def dual(function: Function) -> Function:
    """The derivative, forward."""
    return lambda x: jvp(function, (x,), (ones_of(x),))[1]


def tape(function: Function) -> Function:
    """The derivative, in reverse."""

    def derivative(x: Any) -> Any:
        value, pull = vjp(function, x)
        (found,) = pull(ones_of(value))
        return found

    return derivative


def batch(function: Function) -> Function:
    """The function itself, as the second of three examples."""

    def middle(x: Any) -> Any:
        column = np.array([0.5, 1.0, -2.0]).reshape(3, *(1,) * len(np.shape(x)))
        return vmap(function)(x * column)[1]

    return middle


def staged(function: Function) -> Function:
    """The function itself, by way of its Program."""

    def through_program(x: Any) -> Any:
        (value,) = stage(lambda y: [function(y)], [aval_of(x)], box=Traced).evaluate(x)
        return value

    return through_program


TRANSFORMATIONS = {"dual": dual, "tape": tape, "batch": batch, "stage": staged}
SEQUENCES = [s for length in (1, 2, 3, 4) for s in itertools.product(TRANSFORMATIONS, repeat=length)]
POINTS = {"float": 0.7, "float64": np.float64(-1.3), "array": np.array([0.3, -2.0])}


@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("sequence", SEQUENCES, ids="-of-".join)
def test_every_sequence(sequence: tuple[str, ...], kind: str) -> None:
    function: Function = f
    for name in reversed(sequence):
        function = TRANSFORMATIONS[name](function)
    x = POINTS[kind]
    order = sum(name in ("dual", "tape") for name in sequence)
    found = function(x)
    assert np.shape(found) == np.shape(x)
    np.testing.assert_allclose(found, derivative_of_f(order, x), rtol=1e-13, atol=1e-13)


def test_grad_to_the_eighth_order() -> None:
    function: Function = f
    for order in range(1, 9):
        function = grad(function)
        assert function(0.7) == pytest.approx(derivative_of_f(order, 0.7), rel=1e-12)


def test_value_and_grad_of_value_and_grad() -> None:
    (value, first), (again, second) = jvp(value_and_grad(f), (0.7,), (1.0,))
    assert (value, again) == (pytest.approx(f(0.7)), pytest.approx(first))
    assert second == pytest.approx(derivative_of_f(2, 0.7))


def test_hessian_by_every_pair_of_modes() -> None:
    x = np.array([0.3, -2.0, 1.1])
    weights = np.array([[1.0, 2.0, 3.0], [0.5, 0.0, 1.0], [0.0, -1.0, 2.0]])

    def energy(x: Any) -> Any:
        return (np.sin(x) * (weights @ x)).sum()

    def gradient_forward(x: Any) -> Any:
        return vmap(lambda v: jvp(energy, (x,), (v,))[1])(np.eye(3))

    gradient_reverse = grad(energy)
    # d2/dx_i dx_j of sum_k sin(x_k) (W x)_k
    c, s = np.diag(np.cos(x)), np.diag(np.sin(x))
    exact = c @ weights + weights.T @ c - s @ np.diag(weights @ x)
    for gradient in (gradient_forward, gradient_reverse):
        np.testing.assert_allclose(gradient(x), np.cos(x) * (weights @ x) + weights.T @ np.sin(x), rtol=1e-13)
        forward = vmap(lambda v, g=gradient: jvp(g, (x,), (v,))[1])(np.eye(3))
        pull = vjp(gradient, x)[1]
        reverse = vmap(lambda v, pull=pull: pull(v)[0])(np.eye(3))
        np.testing.assert_allclose(forward, exact, rtol=1e-12)
        np.testing.assert_allclose(reverse, exact, rtol=1e-12)


def test_python_control_flow_inside_every_order() -> None:
    def power(x: Any) -> Any:
        result = x
        while result < 50:
            result = result * x
        return result

    assert power(3.0) == 81.0
    assert grad(power)(3.0) == 4 * 27.0
    assert grad(grad(power))(3.0) == 12 * 9.0
    assert jvp(grad(grad(power)), (3.0,), (1.0,))[1] == 24 * 3.0


def test_a_program_is_transformed_like_a_function() -> None:
    program = stage(lambda x: [f(x)], [aval_of(0.7)], box=Traced)

    def run(x: Any) -> Any:
        return program.evaluate(x)[0]

    assert grad(grad(run))(0.7) == pytest.approx(derivative_of_f(2, 0.7))
    np.testing.assert_allclose(
        vmap(grad(run))(np.array([0.7, 2.0])), derivative_of_f(1, np.array([0.7, 2.0]))
    )


def test_linear_and_constant_functions_at_every_order() -> None:
    assert grad(lambda x: 3.0 * x)(2.0) == 3.0
    assert grad(grad(lambda x: 3.0 * x))(2.0) == 0.0
    assert grad(lambda x: 5.0)(2.0) == 0.0
    assert grad(grad(lambda x: 5.0))(2.0) == 0.0
    assert jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5.0, 0.0)
    assert jvp(grad(lambda x: 3.0 * x), (2.0,), (1.0,)) == (3.0, 0.0)
