"""What the tests of reductions share: differences, directions, the pullback of one argument."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.api.derivatives import vjp

X = np.array([[0.7, -1.2, 2.5], [1.9, 0.3, -0.4]])
MASK = np.array([[True, False, True], [False, True, True]])


def moves(x: Any, seed: int = 3) -> Any:
    return np.random.default_rng(seed).uniform(-1, 1, np.shape(x))[()]


def derivative(function: Callable[[float], Any]) -> Any:
    """The derivative at 0 of a function of one number, by five points."""
    h = 2e-3
    near, far = function(h) - function(-h), function(2 * h) - function(-2 * h)
    return (8 * near - far) / (12 * h)


def reverse(function: Callable[..., Any], x: Any) -> Any:
    """The value, and the pullback to the one argument."""
    value, pull = vjp(function, x)
    return value, lambda w: pull(w)[0]
