"""Difference schemes: derivatives from values of a function alone, each at the step that suits it.

    D(h) = sum_m w_m f(x + m h v) / h = f'(x) v + O(h^p)

Truncation falls as h^p, rounding grows as eps / h: together they are least near h = eps^(1/(p+1)), in
units of x. A `Line` takes the differences of a function along one direction, at that step and at others,
and tells how far off each may be.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from .space import Map, Vector, not_analytic


@dataclass(frozen=True, slots=True)
class Scheme:
    """A difference scheme: the order of its error, and its weights for each multiple of the step.

    >>> SCHEMES["central"].difference(np.exp, 0.0, 0.5)
    np.float64(1.04219...)
    """

    name: str
    order: int
    weights: dict[int, float]

    @property
    def reach(self) -> int:
        """The farthest multiple of the step at which a line takes values."""
        return max(4, 2 * max(self.weights))

    @property
    def spread(self) -> float:
        """How much of the values' rounding the sum takes up, at most."""
        return sum(map(abs, self.weights.values()))

    def step(self, eps: float) -> float:
        """The power of two next below eps^(1/(order+1)); with its reach, half of x at most."""
        exponent = math.floor(math.log2(eps) / (self.order + 1))
        return 2.0 ** min(exponent, -1 - round(math.log2(self.reach)))

    def difference(self, function: Any, point: Any, step: float) -> Any:
        """The derivative of a function of one number (or elementwise), by this scheme."""
        return sum(w * function(point + m * step) for m, w in self.weights.items()) / step


SCHEMES: Final[dict[str, Scheme]] = {
    scheme.name: scheme
    for scheme in (
        Scheme("forward", 1, {0: -1.0, 1: 1.0}),
        Scheme("central", 2, {-1: -1 / 2, 1: 1 / 2}),
        Scheme("five-point", 4, {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}),
        Scheme("richardson", 6, {-4: -1 / 360, -2: 1 / 9, -1: -32 / 45, 1: 32 / 45, 2: -1 / 9, 4: 1 / 360}),
    )
}
COMPLEX_STEP: Final = 2.0**-60
"""Of a complex step nothing is subtracted, so it may be so small that its error, h^2, is below rounding."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Differences along `direction` at one step, and what bounds their error."""

    step: float
    direction: Vector
    near: Vector
    """The differences: at the step."""
    drift: Vector
    """How far differences at twice the step lie from these."""
    truncation: Vector
    """What they may be off by the length of the step, if it falls as it should: drift / (2^p - 1)."""
    rounding: Vector
    """What they may be off by the rounding of the function's values."""
    faint: Vector
    """The same, where the values are differences of larger ones and hide their own rounding."""
    jump: Vector
    """The slope ahead less the slope behind: O(h^3) where the function is smooth."""
    far_jump: Vector
    """The same with twice the step."""
    blur: Vector
    """What rounding may do to the jump."""

    @property
    def error(self) -> Vector:
        """Both errors."""
        return self.truncation + self.rounding

    def through(self, weights: Vector | None) -> "Estimate":
        """The estimate of weighted sums of outputs, a row of weights for each; None takes each output."""
        if weights is None:
            return self
        size = np.abs(weights)
        return replace(
            self,
            near=weights @ self.near,
            drift=size @ self.drift,
            truncation=size @ self.truncation,
            rounding=size @ self.rounding,
            faint=size @ self.faint,
            jump=weights @ self.jump,
            far_jump=weights @ self.far_jump,
            blur=size @ self.blur,
        )


class Line:
    """A function along one direction, in units of x.

    `noise` is the rounding of its values as seen, `hidden` what it may be where they are derivatives.
    """

    def __init__(
        self,
        function: Map,
        scheme: Scheme,
        eps: float,
        direction: Vector,
        noise: tuple[Vector, Vector],
        *,
        analytic: bool,
    ) -> None:
        self.function, self.scheme, self.direction = function, scheme, direction
        self.noise, self.hidden = noise
        self.analytic = analytic
        self.eps = eps
        self.base = scheme.step(eps)
        self.scale = float(np.max(np.abs(direction), initial=0.0))
        self._known: dict[int, Estimate | None] = {}

    def growth(self) -> list[int]:
        """The levels above the base step that are worth a try: to half of x, or of one for small x."""
        if self.analytic:
            return []
        room = 0.5 / (self.base * self.scheme.reach * min(self.scale, 1.0))
        top = min(int(math.log2(room)), 60) if room > 1 else 0
        return sorted({level for level in (4, 8, 16, 32, top) if 0 < level <= top})

    def at(self, level: int) -> Estimate | None:
        """The differences with a step of base 2^level; None where a value is not finite."""
        if level not in self._known:
            with np.errstate(all="ignore"):
                self._known[level] = self._estimate(self.base * 2.0**level)
        return self._known[level]

    def _estimate(self, step: float) -> Estimate | None:
        function, reach = self.function, self.scheme.reach
        move = function.inputs.snap(function.point, self.direction * step, reach)
        values = {0: function.value}
        for m in sorted({1, 2, 4, reach}):
            for sign in (m, -m):
                values[sign] = function.at(function.point + sign * move)
        if not all(np.isfinite(value).all() for value in values.values()):
            return None
        order, weights = self.scheme.order, self.scheme.weights
        tallest = np.max([np.abs(value) for value in values.values()], axis=0)
        noise = np.maximum(self.noise, function.output_eps / 2 * tallest)
        hidden = np.maximum(self.hidden, noise)
        moved = {m: value - function.value for m, value in values.items()}
        near = sum(w * moved[m] for m, w in weights.items()) / step
        far = sum(w * moved[2 * m] for m, w in weights.items()) / (2 * step)
        estimate = Estimate(
            step=step,
            direction=move / step,
            near=near,
            drift=np.abs(near - far),
            truncation=np.abs(near - far) / (2**order - 1),
            rounding=self.scheme.spread * noise / step,
            faint=self.scheme.spread * hidden / step,
            jump=_jump(moved, 1) / step,
            far_jump=_jump(moved, 2) / (2 * step),
            blur=8 * hidden / step,
        )
        return self._exact(estimate) if self.analytic else estimate

    def _exact(self, guard: Estimate) -> Estimate:
        """The complex step where plain differences agree with it; they must, where they are sharp."""
        near = self.function.beside(guard.direction * COMPLEX_STEP) / COMPLEX_STEP
        own = np.maximum(np.abs(near), np.abs(guard.near))
        sharp = (3 * guard.error <= resolution(self.eps) * own) | (guard.drift <= guard.rounding)
        if np.any(sharp & ~(np.abs(near - guard.near) <= resolution(self.eps) * own + 4 * guard.error)):
            raise not_analytic("a complex step that differs from plain differences")
        return replace(
            guard,
            near=near,
            drift=np.where(sharp, 0.0, guard.drift),
            truncation=np.where(sharp, 0.0, guard.truncation),
            rounding=np.where(sharp, 4 * self.eps * np.abs(near), guard.rounding),
        )


def resolution(eps: float) -> float:
    """How sharp differences must be, relative to the derivative, before they may judge it."""
    return eps**0.375


def _jump(moved: dict[int, Vector], m: int) -> Vector:
    """Slope ahead less slope behind, times the step m: each of second order, from changes of the value."""
    return 2 * (moved[m] + moved[-m]) - (moved[2 * m] + moved[-2 * m]) / 2


def measure_noise(function: Map, directions: Sequence[Vector]) -> Vector:
    """The rounding of a function's values near its point.

        eps / 2 (|f| + |f'(x) x|)

    is what one rounding costs, and more is seen where larger numbers cancel inside: the fourth difference
    over a short way holds little but rounding, 70^(1/2) times one. Of three lengths the least is taken
    (curvature shows in the longest); where an output's own sample is small by luck, the median of all serves.

    R. W. Hamming, Introduction to Applied Numerical Analysis (1971), ch. 6: the difference table.
    """
    eps, point = function.output_eps, function.point
    lengths = [2.0 ** round(share * math.log2(eps)) for share in (0.25, 0.45, 0.6)]
    unit, seen = np.abs(function.value), np.zeros((len(lengths), function.outputs.size))
    with np.errstate(all="ignore"):
        for direction in directions:
            for k, length in enumerate(lengths):
                far, near, ahead, beyond = (
                    function.at(point + m * length * direction) - function.value for m in (-2, -1, 1, 2)
                )
                seen[k] = np.maximum(seen[k], _finite(np.abs(far - 4 * near - 4 * ahead + beyond)))
                if k == 0:
                    unit = np.maximum(
                        unit, np.abs(function.value) + _finite(np.abs(ahead - near) / length / 2)
                    )
        one = eps / 2 * unit
        sample = seen.min(axis=0) / math.sqrt(70)
        usual = float(np.median((sample / one)[one > 0])) if (one > 0).any() else 0.0
    return np.maximum(one, 3 * np.maximum(sample, min(usual, 1 / eps) * one))


def _finite(values: Vector) -> Vector:
    return np.where(np.isfinite(values), values, 0.0)
