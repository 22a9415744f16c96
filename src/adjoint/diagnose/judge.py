"""Verdicts: whether a claimed derivative equals the differences taken of its function.

`judge` compares along one line, output by output. Where the differences are too blunt to tell, it takes
them again with shorter or longer steps; what no step can tell is no verdict, and no verdict is no pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from .differences import Estimate, Line, Scheme, resolution
from .space import Space, Vector


class Code(IntEnum):
    """What one comparison says, from best to worst."""

    AGREES = 0
    FAINT = 1
    """Both are zero up to the rounding of the differences."""
    BLUNT = 2
    """The differences are not sharp enough to tell: the step is too long."""
    NOISY = 3
    """The differences are not sharp enough to tell: rounding hides them."""
    KINK = 4
    DIFFERS = 5
    INFINITE = 6
    """A derivative or every difference is NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When numbers agree: the relative and absolute error allowed, beside that of the differences."""

    rtol: float
    atol: float
    sharp: float
    """The error that differences may have, relative to the derivative, and still judge it."""
    least: float
    """The same where no step does better."""
    floor: Vector
    """What rounding alone may leave of each derivative that is zero."""

    def compare(self, claimed: Vector, estimate: Estimate) -> tuple[Vector, Vector]:
        """A code for each output, and the error allowed."""
        own = np.maximum(np.abs(claimed), np.abs(estimate.near))
        error, jump = np.abs(claimed - estimate.near), np.abs(estimate.jump)
        blur = 3 * estimate.error
        allowed = self.atol + self.rtol * own + blur + self.floor
        sharp = blur <= self.atol + self.sharp * own
        vague = np.where(sharp | (estimate.truncation > estimate.rounding), Code.BLUNT, Code.NOISY)
        code = np.where(sharp & (error <= allowed), Code.AGREES, vague)
        # To accuse takes more: near a kink the drift may by chance be less than the error.
        code[sharp & (error > allowed + 3 * estimate.drift + jump)] = Code.DIFFERS
        code[np.maximum(own, estimate.drift) <= 3 * estimate.faint] = Code.FAINT
        bent = (jump > 10 * estimate.blur) & (jump > self.sharp * own + self.atol + self.floor)
        code[bent & (np.abs(estimate.far_jump) < 1.5 * jump)] = Code.KINK
        code[~np.isfinite(claimed)] = Code.INFINITE
        return code, allowed


def rule_for(
    scheme: Scheme | None, eps: float, rtol: float | None, atol: float | None, floor: Vector
) -> Rule:
    """The rule for a scheme (None is the complex step) in a precision.

        rtol = 4 eps^min(p/(p+1), 7/10)

    is a scheme's least error, and allows for the derivative's own rounding.
    """
    power = min(scheme.order / (scheme.order + 1), 0.7) if scheme is not None else 0.7
    if rtol is None:
        sharp = min(max(64 * eps**power, resolution(eps)), 0.5)
        return Rule(4 * eps**power, atol or 0.0, sharp, max(sharp, min(sharp**0.5, 1e-3)), floor)
    return Rule(rtol, atol or 0.0, rtol, rtol, floor)


@dataclass(slots=True)
class Judgement:
    """The worst output along one line, with what it was judged by."""

    code: Code
    output: int
    claimed: float
    found: float
    allowed: float
    step: float
    direction: Vector
    size: float
    """The largest derivative along the line, of all outputs."""

    @property
    def badness(self) -> float:
        """How it ranks among others: by code, then by error as a share of what is allowed."""
        error = abs(self.claimed - self.found)
        share = error / self.allowed if self.allowed > 0 else (1.0 if error else 0.0)
        return float(self.code) + min(share / (1 + share), 0.999) if np.isfinite(share) else self.code + 0.999


Claim = Callable[[Vector], Vector]
"""The derivative along a direction, as the library gives it: a number for each output."""


class _Trials:
    """The comparisons made along a line at several steps, output by output."""

    def __init__(
        self, claim: Claim, weights: Vector | None, rule: Rule, outputs: Space, scale: float
    ) -> None:
        self.claim, self.weights, self.rule, self.outputs = claim, weights, rule, outputs
        self.scale = scale
        self.rows: dict[int, tuple[Estimate, Vector, Vector, Vector]] = {}
        self.final: Any = None
        self.chosen: Any = None
        self.accused: Any = None
        self.last = 0

    def add(self, level: int, found: Estimate) -> None:
        """One more comparison; what is decided stays decided."""
        estimate = found.through(self.weights)
        claimed = self.claim(found.direction)
        code, allowed = self.rule.compare(claimed, estimate)
        self.rows[level] = (estimate, claimed, code, allowed)
        if level > 0:  # a longer step has no say beyond kinks, nor where it misses an oscillation
            missed = estimate.drift > self.rule.sharp * np.abs(estimate.near) + estimate.faint
            code[(code == Code.DIFFERS) & (missed | ~self.hushed())] = Code.BLUNT
        if self.final is None:
            self.final, self.chosen = code.copy(), np.full(code.shape, level)
            self.accused, self.last = code == Code.DIFFERS, level
            return
        better = _is_open(self.final) & ((code < self.final) | ~_is_open(code))
        better |= self.accused & ~self._confirmed(level, estimate, code)
        self.final[better], self.chosen[better] = code[better], level
        self.accused, self.last = better & (code == Code.DIFFERS), level

    def _confirmed(self, level: int, estimate: Estimate, code: Vector) -> Vector:
        """Whether another step bears out what the last one said: it differs too, or cannot tell.

        The slopes must not grow as the step shrinks, as they do where both steps miss an oscillation.
        """
        other = self.rows[self.last][0]
        short, long = (estimate, other) if level < self.last else (other, estimate)
        steady = np.abs(short.near) <= 2 * np.abs(long.near) + 3 * short.faint
        silent = np.isin(code, (Code.NOISY, Code.FAINT)) & (level <= 0)
        return ((code == Code.DIFFERS) & steady) | silent

    def open(self) -> Vector:
        """Which outputs another step may yet decide; an accusation must be confirmed."""
        return _is_open(self.final) | self.accused

    def hushed(self) -> Vector:
        """Which outputs rounding hides at the base step, so that longer ones may tell."""
        return np.isin(self.rows[0][2], (Code.NOISY, Code.FAINT))

    def next(self, shorter: list[int], longer: list[int]) -> list[int]:
        """The levels among which the next one is: a list to take from, or an empty one to stop."""
        if self.final is None:
            return shorter
        waiting = self.open()
        blunt = self.accused | np.isin(self.final, (Code.BLUNT, Code.KINK))
        if shorter and (blunt & waiting).any():
            return shorter
        return longer if 0 in self.rows and (self.hushed() & waiting).any() else []

    def still(self) -> bool:
        """Whether what is open has not moved at all, and claims not to."""
        (estimate, claimed, _, _), waiting = self.rows[0], self.open()
        return not np.any(claimed[waiting]) and not np.any(estimate.near[waiting])

    def close(self) -> None:
        """Decide the rest: kinks at every short step, and small slopes beside larger ones.

        A slope that is near zero beside those at longer steps (of x**5 + 1 at 0), or beside those of the
        other outputs, is never sharp beside itself. It agrees where it does so at every step that can
        tell, and the sharpest is sharp beside the larger ones.
        """
        levels = sorted(self.rows)
        rows = [self.rows[level] for level in levels]
        codes = np.array([code for _, _, code, _ in rows])
        short = np.array(levels) <= 0
        nears = np.array([np.abs(estimate.near) for estimate, *_ in rows])
        deaf = (codes == Code.KINK) | ((codes == Code.BLUNT) & ~short[:, None])
        errors = np.array([np.abs(claimed - estimate.near) for estimate, claimed, *_ in rows])
        bounds = np.array([allowed + 3 * (e.drift + e.faint) for e, _, _, allowed in rows])
        holds = ((errors <= bounds) | deaf).all(axis=0)
        blurs = np.where(deaf, np.inf, [3 * estimate.error for estimate, *_ in rows])
        best = np.argmin(blurs, axis=0)
        slopes = nears[best, np.arange(len(best))]
        large = np.maximum(np.maximum(nears.max(axis=0), self.others(slopes)), self.scale)
        claims = np.abs(np.array([claimed for _, claimed, *_ in rows]))
        faint = (codes == Code.FAINT) & short[:, None] & (claims <= self.rule.floor + self.rule.atol)
        blur, own = blurs.min(axis=0), np.maximum(np.abs(rows[0][1]), slopes)
        known = blur <= np.maximum(self.rule.sharp * large, self.rule.least * own) + self.rule.atol
        self.final[self.accused] = Code.BLUNT
        waiting, bent = _is_open(self.final), self._bent([k for k in levels if k <= 0])
        self.chosen[waiting] = np.array(levels)[best][waiting]
        bent &= ~(holds & (blur <= self.rule.sharp * large + self.rule.atol))
        self.chosen[waiting & bent] = max(k for k in levels if k <= 0)
        self.final[waiting & bent] = Code.KINK
        told = (known | faint.any(axis=0)) & ~deaf.all(axis=0)
        agrees = waiting & ~bent & holds & told
        self.final[agrees] = Code.AGREES
        for i, row in enumerate(rows):  # what was held against them is what they were allowed
            here = agrees & (best == i)
            row[3][here] = bounds[i][here]

    def _bent(self, short: list[int]) -> Vector:
        """Which outputs have a kink at every short step at which rounding would not hide it."""
        top = np.abs(self.rows[short[-1]][0].jump)
        seen = [
            (code == Code.KINK) | (10 * estimate.blur >= top)
            for estimate, _, code, _ in (self.rows[level] for level in short)
        ]
        return np.all(seen, axis=0) & (self.rows[short[-1]][2] == Code.KINK)

    def others(self, near: Vector) -> Vector:
        """The root mean square of the slopes of each output's own array."""
        if self.weights is not None:
            return np.abs(near)
        found = np.empty_like(near)
        for k in range(len(self.outputs.avals)):
            part = self.outputs.part(k)
            with np.errstate(over="ignore"):
                found[part] = np.sqrt(np.mean(near[part] ** 2)) if len(near[part]) else 0.0
        return found

    def worst(self) -> Judgement:
        """The output that ranks worst."""
        found = [self._judgement(i) for i in self._suspects()]
        return max(found, key=lambda judgement: judgement.badness)

    def _suspects(self) -> list[int]:
        """One output for each level: its worst code, and among those the largest error for its tolerance."""
        suspects: list[int] = []
        for level in np.unique(self.chosen):
            estimate, claimed, _, allowed = self.rows[int(level)]
            with np.errstate(all="ignore"):
                share = np.abs(claimed - estimate.near) / allowed
            share = np.where(np.isnan(share), np.where(np.isfinite(claimed), 0.0, np.inf), share)
            here = np.flatnonzero(self.chosen == level)
            here = here[self.final[here] == self.final[here].max()]
            suspects.append(int(here[np.argmax(share[here])]))
        return suspects

    def _judgement(self, i: int) -> Judgement:
        estimate, claimed, _, allowed = self.rows[int(self.chosen[i])]
        return Judgement(
            Code(int(self.final[i])),
            i,
            float(claimed[i]),
            float(estimate.near[i]),
            float(allowed[i]),
            estimate.step,
            estimate.direction,
            float(np.max(np.abs(claimed))),
        )


def _is_open(code: Vector) -> Vector:
    return (code > Code.AGREES) & (code < Code.DIFFERS)


def judge(line: Line, claim: Claim, weights: Vector | None, rule: Rule, scale: float = 0.0) -> Judgement:
    """The verdict on a claimed derivative along a line; `weights` are the sums of outputs it speaks of.

    `scale` is the size of derivatives beside which smaller ones may be rounding.
    """
    trials = _Trials(claim, weights, rule, line.function.outputs, scale)
    shorter, longer = [-4, -8, -10, -12, -14, -17, -20], line.growth()
    level = 0
    while True:
        estimate = line.at(level)
        if estimate is not None:
            trials.add(level, estimate)
            if not trials.open().any():
                return trials.worst()
        elif level > 0:
            longer = []
        if level == 0 and estimate is not None and line.scale >= 0.25 and trials.still():
            break
        queue = trials.next(shorter, longer)
        if not queue:
            break
        level = queue.pop(0)
    if trials.final is None:
        nan = float("nan")
        claimed = float(claim(line.direction)[0])
        return Judgement(Code.INFINITE, 0, claimed, nan, nan, line.base, line.direction, nan)
    trials.close()
    return trials.worst()
