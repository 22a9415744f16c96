"""A part without axes that is an array in NumPy, and no number, shares its element with the whole."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.5, 0.6, 0.7])


def read_late(part: Any) -> Any:
    def f(x: Any) -> Any:
        y = x * 1.0
        one = part(y)
        y[0] = x[1] * x[2]
        return one**2 + np.sum(y)

    return f


def written(part: Any) -> Any:
    def f(x: Any) -> Any:
        y = x * 1.0
        one = part(y)
        one += x[2]
        return np.sum(y**2)

    return f


PARTS = [
    lambda y: np.squeeze(y[:1]),
    lambda y: y[:1].reshape(()),
    lambda y: y[0, ...],
    lambda y: y[0],
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("make", [read_late, written])
def test_value_and_derivative(make: Callable[..., Any], part: Callable[..., Any]) -> None:
    """NumPy's value; the derivative by central differences, in both modes, in a batch and in a Program."""
    f = make(part)
    step = 1e-6
    wanted = [(f(X + e) - f(X - e)) / (2 * step) for e in step * np.eye(3)]
    value, slope = ad.value_and_grad(f)(X)
    assert value == pytest.approx(f(X), rel=1e-12)
    for found in (
        slope,
        ad.jacfwd(f)(X),
        ad.vmap(ad.grad(f))(np.stack([X, X]))[1],
        ad.trace(ad.grad(f))(X)(X),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9)
