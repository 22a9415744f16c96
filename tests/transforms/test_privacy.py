"""Whose array is it: gradients belong to the caller, the caller's arrays stay as they are, what is captured
is kept as it was when it was used.
"""

import itertools
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp

X = np.array([1.0, 2.0, 3.0])

FUNCTIONS = {
    "identity": lambda x: x,
    "sum": lambda x: x + x,
    "negative": lambda x: -x,
    "reversed": lambda x: x[::-1],
    "a part": lambda x: x[1:],
    "reshaped": lambda x: x.reshape(3, 1),
    "spread": lambda x: np.ones((2, 3)) + x,
    "constant": lambda x: np.ones(3),
    "product": lambda x: x * x,
    "read twice": lambda x: x[:2] + x[1:],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_gradient_is_a_private_writeable_array(name: str) -> None:
    function = FUNCTIONS[name]
    x = X.copy()
    value, pull = vjp(function, x)
    cotangent = np.ones(np.shape(value))
    (first,), (second,) = pull(cotangent), pull(cotangent)
    np.testing.assert_array_equal(first, second)
    for found in (first, second):
        assert type(found) is np.ndarray
        assert found.flags.writeable
        assert found.shape == x.shape
    for a, b in itertools.combinations([first, second, x, cotangent, value], 2):
        assert not np.shares_memory(a, b) or ((a is x or b is x) and value in (a, b))
    kept = first.copy()
    second[...] = np.nan
    cotangent[...] = np.nan
    x[...] = np.nan
    np.testing.assert_array_equal(pull(np.ones(np.shape(value)))[0], kept)
    np.testing.assert_array_equal(first, kept)


def test_gradients_of_several_arguments_share_nothing() -> None:
    """X + y hands the same cotangent to both."""
    a, b = grad(lambda x, y: (x + y).sum(), argnums=(0, 1))(X, X)
    assert not np.shares_memory(a, b)
    a[...] = 7.0
    np.testing.assert_array_equal(b, np.ones(3))


def test_the_same_array_as_two_arguments() -> None:
    a, b = grad(lambda x, y: (x * x * y).sum(), argnums=(0, 1))(X, X)
    np.testing.assert_array_equal(a, 2 * X * X)
    np.testing.assert_array_equal(b, X * X)


def test_tangents_are_private_too() -> None:
    tangent = np.ones(3)
    _, out = jvp(lambda x: x, (X,), (tangent,))
    out[...] = 5.0
    np.testing.assert_array_equal(tangent, np.ones(3))


def test_the_callers_arrays_are_never_modified() -> None:
    """Not by the function's writing into its argument, not by the walk back."""

    def writes(x: Any) -> Any:
        x[0] = 10.0
        x *= 2.0
        return x * x

    x, cotangent = X.copy(), np.ones(3)
    value, pull = vjp(writes, x)
    np.testing.assert_array_equal(value, [400.0, 16.0, 36.0])
    np.testing.assert_array_equal(pull(cotangent)[0], [0.0, 16.0, 24.0])
    value, tangent = jvp(writes, (x,), (cotangent,))
    np.testing.assert_array_equal(tangent, [0.0, 16.0, 24.0])
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(cotangent, np.ones(3))


def test_a_read_only_argument() -> None:
    x = X.copy()
    x.flags.writeable = False
    np.testing.assert_array_equal(grad(lambda x: (x * x).sum())(x), 2 * X)


def test_a_pullback_is_called_as_often_as_one_likes() -> None:
    _, pull = vjp(lambda x: np.sin(x) * x, X)
    first = pull(np.ones(3))[0]
    for scale in (1.0, 2.0, 4.0):
        np.testing.assert_array_equal(pull(np.full(3, scale))[0], scale * first)


OPERATIONS = {
    "x * c": (lambda x, c: x * c, lambda x, c: c),
    "c * x": (lambda x, c: c * x, lambda x, c: c),
    "x / c": (lambda x, c: x / c, lambda x, c: 1 / c),
    "c / x": (lambda x, c: c / x, lambda x, c: -c / x**2),
    "x @ c": (lambda x, c: (x @ c) * np.ones(3), lambda x, c: 3 * c),
    "c @ x": (lambda x, c: (c @ x) * np.ones(3), lambda x, c: 3 * c),
    "view of c": (lambda x, c: x * c[::-1], lambda x, c: c[::-1]),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("when", ["before the end", "before the pullback"])
def test_a_captured_array_is_kept_as_it_was_when_used(name: str, when: str) -> None:
    operation, derivative = OPERATIONS[name]
    captured = np.array([5.0, 7.0, 11.0])
    right = derivative(X, captured.copy())

    def function(x: Any) -> Any:
        result = operation(x, captured)
        if when == "before the end":
            captured[...] = -1.0
        return result

    _, pull = vjp(function, X)
    captured[...] = 0.5
    np.testing.assert_allclose(pull(np.ones(3))[0], right, rtol=1e-15)


def test_a_captured_array_used_with_two_contents() -> None:
    weights = np.zeros(3)

    def function(x: Any) -> Any:
        total = 0.0
        for k in range(3):
            weights[...] = 0.0
            weights[k] = k + 1.0
            total = total + (x * weights).sum()
        return total

    np.testing.assert_array_equal(grad(function)(X), [1.0, 2.0, 3.0])


def test_indices_captured_and_changed() -> None:
    index = np.array([0, 2])
    _, pull = vjp(lambda x: x[index], X)
    index[...] = 1
    np.testing.assert_array_equal(pull(np.ones(2))[0], [1.0, 0.0, 1.0])


def test_the_argument_changed_between_value_and_pullback() -> None:
    x = X.copy()
    _, pull = vjp(lambda x: x * x, x)
    x[...] = 100.0
    np.testing.assert_array_equal(pull(np.ones(3))[0], 2 * X)
