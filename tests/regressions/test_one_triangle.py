"""Code that fills one triangle only, as LAPACK reads it, is differentiated as the function that it is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

from ..follow.test_obstacles import slopes

X = np.array([4.0, 0.5, 5.0, 0.3, 0.7, 6.0])


def lower(x: Any) -> Any:
    return np.array([[x[0], 0.0, 0.0], [x[1], x[2], 0.0], [x[3], x[4], x[5]]])


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "eigvalsh": lambda x: np.linalg.eigvalsh(lower(x))[0],
    "eigh": lambda x: np.linalg.eigh(lower(x))[1][0, 0] ** 2,
    "eigh of the upper": lambda x: np.linalg.eigh(lower(x).T, "U")[1][1, 0] ** 2,
    "complex": lambda x: np.linalg.eigvalsh(lower(x) + 1j * lower(x * 0.3))[1],
    "cholesky": lambda x: np.sum(np.linalg.cholesky(lower(x)) ** 3),
    "cholesky of the upper": lambda x: np.sum(np.linalg.cholesky(lower(x).T, upper=True) ** 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_triangle(name: str) -> None:
    found = ad.grad(FUNCTIONS[name])(X)
    np.testing.assert_allclose(found, slopes(FUNCTIONS[name], X), rtol=1e-7, atol=1e-9)


def test_symmetric_matrices_have_symmetric_gradients() -> None:
    a = lower(X) + lower(X).T
    for function in (lambda m: np.linalg.eigvalsh(m)[0], lambda m: np.sum(np.linalg.cholesky(m) ** 3)):
        gradient = ad.grad(function)(a)
        np.testing.assert_array_equal(gradient, gradient.T)
        nearly = ad.grad(function)(a + np.triu(np.full((3, 3), 1e-15)))
        np.testing.assert_allclose(nearly, gradient, rtol=1e-12)
