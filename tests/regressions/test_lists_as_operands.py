"""A list or a tuple beside a traced array in an operator is an array, as in NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

X = np.array([1.5, -0.7, 2.0])


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda x: np.sum(x * [1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]),
        (lambda x: np.sum([1.0, 2.0, 3.0] * x), [1.0, 2.0, 3.0]),
        (lambda x: np.sum((1.0, 2.0, 3.0) - x), [-1.0, -1.0, -1.0]),
        (lambda x: np.sum([x[0], x[1]] * x[:2]), [3.0, -1.4, 0.0]),
        (lambda x: x @ [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        (lambda x: [1.0, 2.0, 3.0] @ x, [1.0, 2.0, 3.0]),
        (lambda x: np.sum(x ** [1, 2, 3]), [1.0, -1.4, 12.0]),
    ],
)
def test_operators(f: Callable[[Any], Any], wanted: list[float]) -> None:
    """Both modes."""
    np.testing.assert_allclose(ad.grad(f)(X), wanted)
    np.testing.assert_allclose(ad.jacfwd(f)(X), wanted)
