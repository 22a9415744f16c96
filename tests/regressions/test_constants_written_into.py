"""What is computed from traced constants is an array that traced values can be written into."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import TraceError

X = np.array([0.6, -1.7, 2.3])
PLAIN = np.zeros(3)


def of_one(x: Any) -> Any:
    y = np.zeros_like(x) + 1.0
    y[0] = x[0]
    return np.sum(y**2)


def of_two(x: Any) -> Any:
    y = np.exp(np.zeros_like(x) * np.ones_like(x))
    y[1:] *= x[:2]
    return np.sum(y**3)


def of_steps(x: Any) -> Any:
    y = np.floor(x)
    y[1] = x[1] * 2.0
    return np.sum(np.sin(y))


def of_parts(x: Any) -> Any:
    y = np.zeros_like(x)[1:] - np.sign(x[1:])
    y[0] += x[2]
    return np.sum(y**2)


def of_structure(x: Any) -> Any:
    y = np.concatenate([np.zeros_like(x), np.round(x)]).reshape(2, 3).T @ np.ones((2, 2))
    y[0, 1] = x[0]
    return np.sum(y**2)


@pytest.mark.parametrize("f", [of_one, of_two, of_steps, of_parts, of_structure])
def test_value_and_derivative(f: Callable[[Any], Any]) -> None:
    """NumPy's value; the derivative by central differences, in every trace, and nested."""
    step = 1e-6
    wanted = [(f(X + e) - f(X - e)) / (2 * step) for e in step * np.eye(3)]
    value, slope = ad.value_and_grad(f)(X)
    assert value == pytest.approx(f(X), rel=1e-12)
    t = ad.tensor(X, requires_grad=True)
    f(t).backward()
    for found in (
        slope,
        ad.jacfwd(f)(X),
        t.grad.numpy(),
        ad.vmap(ad.grad(f))(np.stack([X, X]))[1],
        ad.trace(ad.grad(f))(X)(X),
        ad.jvp(ad.grad(f), (X,), (X,))[0],
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


def test_answers_counts_and_numbers_stay_plain() -> None:
    """Booleans, integers and numbers without axes are what NumPy gives."""

    def f(x: Any) -> Any:
        assert type(x > 0.0) is np.ndarray
        assert type(np.argsort(x)) is np.ndarray
        assert type(np.floor(x).astype(int)) is np.ndarray
        assert type(np.sum(np.zeros_like(x))) is np.float64
        assert type(ad.stop_gradient(x)) is np.ndarray
        return np.sum(x)

    ad.grad(f)(X)
    ad.grad(lambda x: np.sum(ad.grad(f)(x)))(X)
    ad.jvp(f, (X,), (X,))
    ad.jvp(ad.grad(f), (X,), (X,))


def one_element(x: Any) -> Any:
    PLAIN[0] = x[0]
    return x[0]


def all_elements(x: Any) -> Any:
    PLAIN[:] = x
    return x[0]


@pytest.mark.parametrize("f", [one_element, all_elements])
def test_remedy_where_a_plain_array_is_written_into(f: Callable[[Any], Any]) -> None:
    """The error says how to make the array, not how to lose the derivative."""
    with pytest.raises((TraceError, ValueError)) as caught:
        ad.grad(f)(X)
    error = caught.value if isinstance(caught.value, TraceError) else caught.value.__cause__
    assert isinstance(error, TraceError)
    assert "np.zeros_like(x)" in error.remedy
    assert "stop_gradient" not in str(error)
    with pytest.raises(TraceError) as caught:
        ad.grad(lambda x: np.array([1.0]).item() * x.__float__())(2.0)
    assert "stop_gradient" in str(caught.value)
