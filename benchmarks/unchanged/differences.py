"""Gradients by differences of sixth order: at ten steps, the best pair of neighbours kept."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.diagnose.differences import SCHEMES

_SCHEME = SCHEMES["richardson"]
_STEPS = 2.0 ** np.arange(-15.0, -4.0)


def gradient(function: Callable[[Any], float], x: Any) -> tuple[Any, Any]:
    """The gradient of a function of an array, and for each entry how far two steps disagree."""
    found, doubt = np.zeros(x.size), np.zeros(x.size)
    flat = x.reshape(-1)
    for i in range(x.size):
        size = abs(flat[i]) or 1.0

        def line(t: float, i: int = i, size: float = size) -> float:
            moved = flat.copy()
            moved[i] += t * size
            return float(function(moved.reshape(x.shape)))

        slopes = np.array([_SCHEME.difference(line, 0.0, step) for step in _STEPS]) / size
        apart = np.abs(np.diff(slopes))
        apart[~np.isfinite(apart)] = np.inf
        best = int(np.argmin(apart))
        found[i], doubt[i] = slopes[best], apart[best]
    return found.reshape(x.shape), doubt.reshape(x.shape)
