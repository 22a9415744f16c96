"""The Taylor-remainder test: derivatives are right if what they leave over falls fast enough.

    R(h) = | f(x + h v) - sum_{j <= k} h^j / j! D^j f(x)[v, ..., v] | = O(h^(k+1))

The slope of log R over log h is the verdict: k + 1 or more for right derivatives, 1 for a wrong first one
and 2 for a wrong second one, however small the mistake, once h is small.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .differences import measure_noise
from .space import Map, Vector

BAND: Final = 0.3
"""How far below its theory a measured order may lie."""
WINDOW: Final = 5


@dataclass(frozen=True, slots=True)
class Order:
    """A measured order of convergence; infinite where the remainder is rounding."""

    mode: str
    needed: int
    measured: float

    @property
    def passed(self) -> bool:
        """Whether the order is the needed one, or above it."""
        return self.measured >= self.needed - BAND

    def __str__(self) -> str:
        found = "no remainder but rounding" if math.isinf(self.measured) else f"order {self.measured:.2f}"
        return (
            f"Taylor remainder, {self.mode}: {found}, {self.needed} needed{'' if self.passed else ': FAILED'}"
        )


def convergence(
    function: Map, direction: Vector, terms: Sequence[Vector], weights: Vector | None, eps: float, mode: str
) -> Order:
    """The order of the remainder that derivatives along a direction leave.

    `terms` holds those of orders 1, 2, ..., of each output or of their sums by the rows of `weights`.
    """

    def through(vector: Vector) -> Vector:
        return vector if weights is None else weights @ vector

    noise = measure_noise(function, [direction])
    size = noise if weights is None else np.abs(weights) @ noise
    base = 32 * float(np.linalg.norm(size))
    lengths: list[float] = []
    remainders: list[float] = []
    floors: list[float] = []
    below = 0
    for i in range(2, 2 + math.ceil(-0.8 * math.log2(eps))):
        h = 2.0**-i
        moved = through(function.at(function.point + h * direction) - function.value)
        series = sum(h**j / math.factorial(j) * term for j, term in enumerate(terms, start=1))
        left = float(np.linalg.norm(moved - series))
        if not math.isfinite(left):
            continue
        # The point is rounded in proportion to its size, v's, and so the value by eps times the slope there.
        steepness = sum(h**j / math.factorial(j) * np.linalg.norm(term) for j, term in enumerate(terms))
        floors.append(base + 32 * eps * float(steepness))
        below = 0 if left > floors[-1] else below + 1
        lengths.append(h)
        remainders.append(left)
        if below == 2:
            break
    else:  # it never sank: what is left at the end is rounding that did not show near the point
        last = max((4 * left for left in remainders[-4:]), default=0.0)
        floors = [max(floor, last) for floor in floors]
    return Order(mode, len(terms) + 1, _slope(lengths, remainders, floors, len(terms) + 1))


def _slope(
    lengths: Sequence[float], remainders: Sequence[float], floors: Sequence[float], needed: int
) -> float:
    """The slope over the shortest steps whose remainder is above the floor of rounding."""
    if not remainders:
        return float("nan")
    above = [i for i, left in enumerate(remainders) if left > floors[i]]
    if not above:
        return float("inf")
    end = above[-1] + 1
    fell = end < len(remainders) and remainders[end - 1] > floors[end] * 2.0 ** (needed + 1)
    window = slice(max(0, end - WINDOW), end)
    x, y = np.log2(lengths[window]), np.log2(np.maximum(remainders[window], floors[window]))
    # A fall to rounding in one step is steeper than any order: there the function is a polynomial. Two
    # points, at the longest steps, say nothing of a limit.
    if fell or len(x) < 3:
        return float("inf")
    return float(np.polyfit(x, y, 1)[0])
