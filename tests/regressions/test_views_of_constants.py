"""A part of an array of constants, such as `np.zeros_like(x)`, shares its elements as any other part does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

X = np.array([[0.5, 0.6, 0.7], [0.8, 0.9, 1.0]])


def stale(x: Any) -> Any:
    y = np.zeros_like(x)
    row = y[0]
    y[0, 0] = x[0, 0]
    return np.sum(row**2)


def by_rows(x: Any) -> Any:
    y = np.zeros_like(x)
    for row, values in zip(y, x, strict=True):
        row[:] = values
    return np.sum(y**2)


def through_transpose(x: Any) -> Any:
    y = np.zeros_like(x)
    y.T[0] = x[:, 0]
    return np.sum(y**2)


def base_became_constant(x: Any) -> Any:
    y = x * 1.0
    part = y[::-1]
    np.copyto(y, 0.1)
    return np.sum(np.sin(part) * x)


@pytest.mark.parametrize("f", [stale, by_rows, through_transpose, base_became_constant])
def test_value_and_derivative(f: Callable[[Any], Any]) -> None:
    """NumPy's value; the derivative by central differences, in both modes, in a batch and in a Program."""
    step = 1e-6
    wanted = np.zeros_like(X)
    for i in np.ndindex(X.shape):
        moved = np.zeros_like(X)
        moved[i] = step
        wanted[i] = (f(X + moved) - f(X - moved)) / (2 * step)
    value, slope = ad.value_and_grad(f)(X)
    assert value == pytest.approx(f(X), rel=1e-12)
    for found in (
        slope,
        ad.jacfwd(f)(X),
        ad.vmap(ad.grad(f))(np.stack([X, X]))[1],
        ad.trace(ad.grad(f))(X)(X),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9)
