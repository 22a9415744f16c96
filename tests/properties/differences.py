"""What derivatives are compared with: differences of a plain run, with a bound for their error.

    D(h) = sum_m w_m f(x + m h v) / h        of orders 4 and 6, at three steps

Element by element the step is taken at which the two orders and two steps agree best; their disagreement
and the rounding of the values bound the error. Where slope ahead and slope behind differ there is a kink,
and where no step gives a sharp number the differences say nothing: such elements are not judged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FOUR = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
SIX = {-4: -1 / 360, -2: 1 / 9, -1: -32 / 45, 1: 32 / 45, 2: -1 / 9, 4: 1 / 360}
STEPS = (2.0**-6, 2.0**-9, 2.0**-12)
EPS = 2.0**-52
SHARP = 1e-4
"""An error above this, relative to the largest derivative, is no verdict."""

Line = Callable[[float], Sequence[Any]]
"""The results of a function at a number: f(x + t v)."""


@dataclass(frozen=True)
class Slope:
    """A derivative by differences: what it may be off by, and which elements are judged."""

    value: Any
    error: Any
    judged: Any


def wide(value: Any) -> Any:
    """The value as complex numbers of double precision."""
    return np.asarray(value).astype(np.complex128)


def slopes(line: Line) -> list[Slope]:
    """The derivative of each result at 0; results whose shape changes nearby are not judged at all."""
    middle = [wide(v) for v in line(0.0)]
    found: list[list[Slope]] = [[] for _ in middle]
    for step in STEPS:
        values = {m: [wide(v) for v in line(m * step)] for m in (-4, -2, -1, 1, 2, 4)}
        for k, at in enumerate(middle):
            column = {m: results[k] for m, results in values.items()}
            if all(v.shape == at.shape for v in column.values()):
                found[k].append(_estimate(at, column, step))
    return [_best(estimates, at.shape) for estimates, at in zip(found, middle, strict=True)]


def _estimate(middle: Any, column: dict[int, Any], step: float) -> Slope:
    with np.errstate(all="ignore"):
        moved = {m: v - middle for m, v in column.items()}
        six = sum(w * moved[m] for m, w in SIX.items()) / step
        four = sum(w * moved[m] for m, w in FOUR.items()) / step
        ahead = (4 * moved[1] - moved[2]) / (2 * step)
        behind = (moved[-2] - 4 * moved[-1]) / (2 * step)
        tallest = np.max([np.abs(v) for v in column.values()], axis=0) if column else 0.0
        error = np.abs(six - four) + 8 * EPS * tallest / step
        smooth = np.abs(ahead - behind) <= 64 * step**2 * (1 + np.abs(six)) + error
        return Slope(six, np.where(np.isfinite(error), error, np.inf), smooth & np.isfinite(six))


def _best(estimates: list[Slope], shape: tuple[int, ...]) -> Slope:
    """The sharpest of several, element by element.

    A second sharp one must agree, and none contradict: a staircase looks like a slope from afar. Nothing is
    judged where the shortest step sees a kink.
    """
    best = Slope(np.zeros(shape), np.full(shape, np.inf), np.zeros(shape, bool))
    for one in estimates:
        take = one.error < best.error
        best = Slope(
            np.where(take, one.value, best.value),
            np.where(take, one.error, best.error),
            np.where(take, one.judged, best.judged),
        )
    finite = np.isfinite(best.error)
    size = np.max(np.abs(best.value), initial=1.0, where=finite)
    judged = best.judged & finite & (best.error <= SHARP * size)
    agreeing = np.zeros(shape, int)
    for one in estimates:
        with np.errstate(invalid="ignore"):
            near = np.abs(one.value - best.value) <= 20 * (one.error + best.error) + 1e-9 * size
        sharp = one.error <= SHARP * size
        agreeing += near & sharp
        judged &= near | ~sharp
    judged &= agreeing >= 2
    if estimates:
        judged &= estimates[-1].judged
    return Slope(best.value, best.error, judged)


def disagreement(tangent: Any, slope: Slope, slack: float = 1e-9) -> str:
    """Where a derivative is not the slope within its error; nothing where it is."""
    got = wide(tangent)
    if got.shape != slope.value.shape:
        return f"a tangent of shape {got.shape} where the value has {slope.value.shape}"
    size = np.max(np.abs(slope.value), initial=1.0, where=slope.judged)
    with np.errstate(invalid="ignore"):
        off = ~(np.abs(got - slope.value) <= 20 * slope.error + slack * size) & slope.judged
    if not off.any():
        return ""
    places = np.argwhere(off)[:3].tolist()
    bound = f"up to\n{slope.error}\nat {places}"
    return f"the derivative is\n{tangent}\nby differences it is\n{slope.value}\n{bound}"
