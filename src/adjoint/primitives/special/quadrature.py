"""Integrals that have no closed form, to rounding: by sums over nodes that lie along a last axis.

`in_blocks` hands a definition its operands as columns, a block at a time, so that the nodes of many elements
fit into memory.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .declaring import computed

_BLOCK = 4096
"""Elements that are integrated for at a time."""


def in_blocks(function: Callable[..., Any]) -> Callable[..., Any]:
    """A definition by a function of columns, on arrays of any shape."""

    def evaluate(*args: Any, **params: Any) -> Any:
        columns = [a.reshape(-1, 1) for a in args]
        parts = [
            function(*(c[k : k + _BLOCK] for c in columns), **params)
            for k in range(0, max(args[0].size, 1), _BLOCK)
        ]
        return np.concatenate(parts).reshape(args[0].shape)

    return computed(evaluate)


_DECAY_STEP = 0.09375
_STEPS = np.arange(-3.75, 9.0, _DECAY_STEP)
_NODES = np.exp(_STEPS - np.exp(-_STEPS))
_WEIGHTS = _DECAY_STEP * _NODES * (1 + np.exp(-_STEPS))


def decaying_integral(integrand: Callable[[Any], Any], width: Any) -> Any:
    """The integral over v > 0 of what decays over about `width`, by v = width exp(y - e^-y).

    H. Takahasi and M. Mori, "Double exponential formulas for numerical integration", 1974.
    """
    terms = integrand(width * _NODES)
    return width * np.sum(np.where(np.isfinite(terms), terms, 0.0) * _WEIGHTS, axis=-1, keepdims=True)


_LOG_STEP = 0.375
_DIGITS = 40.0
"""Beyond e^-40 of the largest, terms do not count."""


def _power(y: Any, p: int) -> Any:
    """Y^(p/2) for a whole p."""
    found = np.sqrt(y) if p % 2 else np.ones_like(y)
    for _ in range(p // 2):
        found = found * y
    return found


def algebraic_integral(zs: list[Any], powers: tuple[int, ...], power: int) -> Any:
    """The integral of t^power Π (t + z_i)^(-powers_i / 2) over t > 0, of columns z_i that are not negative.

    By equal steps in log t, where the integrand's poles keep the distance π from the path.
    """
    size = np.maximum.reduce(zs)
    scaled = [z / size for z in zs]
    least = min(float(np.min(z, initial=1.0, where=z > 0)) for z in scaled)
    held = max((p for z, p in zip(scaled, powers, strict=True) if np.any(z == 0)), default=0)
    low = np.log(least) - _DIGITS / max(power + 1 - held / 2, 0.5)
    high = _DIGITS / (sum(powers) / 2 - power - 1)
    t = np.exp(_LOG_STEP * np.arange(low // _LOG_STEP, high // _LOG_STEP))
    product: Any = 1.0
    for z, p in zip(scaled, powers, strict=True):
        product = product * _power(t + z, p)
    total = _LOG_STEP * np.sum(t ** (power + 1) / product, axis=-1, keepdims=True)
    negative = np.logical_or.reduce([z < 0 for z in zs])
    return np.where(negative, np.nan, total * size ** (power + 1 - sum(powers) / 2))
