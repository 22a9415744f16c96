"""Derivatives by differences: central ones, extrapolated to step zero, with an estimate of their error.

Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Adv. Eng. Software 4 (1982) 75-76: the steps shrink
by a factor, Neville's tableau extrapolates, and the entry that differs least from its neighbours is taken,
here for each element on its own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

SHRINK = 1.6
LEVELS = 11


def derivative(function: Callable[[float], Any], step: float) -> tuple[Any, Any, float]:
    """The derivative at 0 of a function of one real number, the error estimated for each element, and the
    largest value that the function took.

    `function` gives a float64 or complex128 array; it is called at up to `step` on either side.
    """
    best: Any = None
    error: Any = None
    row: list[Any] = []
    size = 0.0
    for level in range(LEVELS):
        h = step / SHRINK**level
        right, left = function(h), function(-h)
        size = max(size, np.max(np.abs(right), initial=0.0), np.max(np.abs(left), initial=0.0))
        new = [(right - left) / (2 * h)]
        for order, coarser in enumerate(row, start=1):
            factor = SHRINK ** (2 * order)
            new.append((factor * new[-1] - coarser) / (factor - 1))
            doubt = np.maximum(np.abs(new[-1] - new[-2]), np.abs(new[-1] - coarser))
            if best is None:
                best, error = new[-1], doubt
                continue
            better = doubt < error
            best, error = np.where(better, new[-1], best), np.where(better, doubt, error)
        row = new
    return best, error, size
