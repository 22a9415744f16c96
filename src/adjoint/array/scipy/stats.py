"""Methods of SciPy's distributions that are not followed as they stand: searches, integrals, draws, fits.

A quantile that SciPy finds by searching has its slopes from x - (F(x) - p) / f(x), an integral that it takes
numerically from an integral of ours, of the density as it is followed; the values are SciPy's. Formulas that
differ from SciPy's stand in `densities`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import DerivativeError
from ...lazy import stats
from ...primitives.barrier import stop_gradient
from ...primitives.promotion import align
from ...primitives.special.landau import distribution_value
from ...primitives.structure import scale
from ..dispatch import concrete
from ..handing import Following, not_following
from .densities import DISTRIBUTIONS, METHODS
from .reading import arrays, moving

_BASE = "scipy.stats._distn_infrastructure"


# --- by searching, by integrating ----------------------------------------------------------------


def _as_constant(self: Any, method: str, args: list[Any]) -> Any:
    """What SciPy's own method gives, without slopes."""
    known = getattr(stats, self.name or "", None)
    if type(known) is type(self):
        return distribution_value(*map(stop_gradient, args), distribution=self.name, method=method)
    plain = [concrete(a, f"the {method} of a distribution of one's own") for a in args]
    return np.asarray(getattr(self, method)(*plain))


def _searched(method: str, probability: str) -> Callable[..., Any]:
    """A quantile. Newton's step twice, from the solution: each doubles the order of slopes that are right."""
    sense = -1.0 if probability == "_sf" else 1.0

    def quantile(follow: Any, self: Any, q: Any, *shapes: Any) -> Any:
        q, *rest = arrays(q, *shapes)
        x = _as_constant(self, method, [q, *rest])
        if not isinstance(self, stats.rv_continuous):
            return x  # (a step function)
        if not isinstance(x, Tracer) and not np.size(x):
            return x
        goal = moving(q)
        for _ in range(2):
            density = sense * follow(self._pdf)(x, *rest)
            slope, away = align(1.0 / density, moving(follow(getattr(self, probability))(x, *rest)) - goal)
            x = x - scale(slope, away)
        return x

    return quantile


_STEP = 0.05
_STEPS = np.arange(-4.4, 4.4, _STEP)
_SHARE = 0.5 * (1 + np.tanh(np.pi / 2 * np.sinh(_STEPS)))
_SHARE_SLOPE = _STEP * np.pi / 4 * np.cosh(_STEPS) / np.cosh(np.pi / 2 * np.sinh(_STEPS)) ** 2
_REACH = np.exp(np.pi / 2 * np.sinh(_STEPS))
_REACH_SLOPE = _STEP * np.pi / 2 * np.cosh(_STEPS) * _REACH


def _nodes(x: Any, bound: Any, sense: float) -> tuple[Any, Any]:
    """Points between x and a bound of the support, and their weights, along a new axis."""
    far = ~np.isfinite(concrete(bound, "the support of a distribution"))
    width = np.where(far, 1.0, sense * (bound - x)[..., None])
    return x[..., None] + sense * width * np.where(far[..., None], _REACH, _SHARE), width * np.where(
        far[..., None], _REACH_SLOPE, _SHARE_SLOPE
    )


def _integrated(method: str) -> Callable[..., Any]:
    """A probability: SciPy's value, and the slopes of the integral over the smaller side."""
    upper = method == "_sf"

    def probability(follow: Any, self: Any, x: Any, *shapes: Any) -> Any:
        x, *rest = arrays(x, *shapes)
        value = _as_constant(self, method, [x, *rest])
        if not aval_of(x).size:
            return value
        low, high = (arrays(b, x)[0] for b in follow(self._get_support)(*rest))
        below = _nodes(x, low, -1.0)
        above = _nodes(x, high, 1.0)
        right = ((value > 0.5) != upper)[..., None]
        points, weights = (np.where(right, b, a) for a, b in zip(below, above, strict=True))
        whole = aval_of(points).shape
        each = [np.broadcast_to(s[..., None], whole).reshape(-1) for s in rest]
        density = follow(self._pdf)(points.reshape(-1), *each).reshape(whole)
        part = np.sum(np.where(np.isfinite(density), density * weights, 0.0), axis=-1)
        sign = np.where(right[..., 0] != upper, -1.0, 1.0)
        return value + moving(sign * part)

    return probability


# --- logarithms of probabilities -----------------------------------------------------------------


def logcdf(follow: Any, self: Any, x: Any, *shapes: Any) -> Any:
    """Log F, from the other side where F is close to 1."""
    below = follow(self._cdf)(x, *shapes)
    above = follow(self._sf)(x, *shapes)
    low = below < 0.5
    with np.errstate(divide="ignore"):
        left = np.log(np.where(low, below, 1.0))
        return np.where(low, left, np.log1p(-np.where(low, 0.0, above)))


def logsf(follow: Any, self: Any, x: Any, *shapes: Any) -> Any:
    """log(1 - F), from the other side where F is close to 0."""
    below = follow(self._cdf)(x, *shapes)
    above = follow(self._sf)(x, *shapes)
    low = above < 0.5
    with np.errstate(divide="ignore"):
        right = np.log(np.where(low, above, 1.0))
        return np.where(low, right, np.log1p(-np.where(low, 0.0, below)))


# --- refused -------------------------------------------------------------------------------------


def fit(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
    """Refused: what a search settles on has no slopes of its own."""
    raise DerivativeError(
        f"the derivative of {type(self).__name__.removesuffix('_gen')}.fit was asked for",
        "parameters found by searching",
        "Minimise -np.sum(dist.logpdf(data, ...)) yourself: its gradient is exact.",
    )


def rvs(
    self: Any, *args: Any, loc: Any = 0, scale: Any = 1, size: Any = None, random_state: Any = None
) -> Any:
    """Draws move with the place and the scale; a shape parameter that varies is refused."""
    shapes, rest = args[: self.numargs], args[self.numargs :]
    loc, scale, size = (*rest, *(loc, scale, size)[len(rest) :])
    if any(isinstance(s, Tracer) for s in shapes):
        raise DerivativeError(
            f"the derivative of draws from {self.name} in a shape parameter was asked for",
            "random numbers that are made by rejection or in C",
            "Draw uniform numbers q outside, and use the quantile: dist.ppf(q, shape).",
        )
    if size is None:
        size = np.broadcast_shapes(*(np.shape(v) for v in (*shapes, loc, scale)))
    draws = self.rvs(*shapes, size=size, random_state=random_state)
    return draws * scale + loc


TABLE: dict[str, Any] = {
    f"{_BASE}.rv_generic._ppf": Following(_searched("_ppf", "_cdf")),
    f"{_BASE}.rv_generic.rvs": not_following(rvs),
    f"{_BASE}.rv_continuous._cdf": Following(_integrated("_cdf")),
    f"{_BASE}.rv_continuous._logcdf": Following(logcdf),
    f"{_BASE}.rv_continuous._logsf": Following(logsf),
    f"{_BASE}.rv_continuous.fit": not_following(fit),
    "scipy.stats._discrete_distns.nbinom_gen._logcdf": Following(logcdf),
    f"{DISTRIBUTIONS}.genhyperbolic_gen._cdf": Following(_integrated("_cdf")),
    f"{DISTRIBUTIONS}.genhyperbolic_gen._sf": Following(_integrated("_sf")),
    f"{DISTRIBUTIONS}.geninvgauss_gen._cdf": Following(_integrated("_cdf")),
    f"{DISTRIBUTIONS}.norminvgauss_gen._sf": Following(_integrated("_sf")),
    f"{DISTRIBUTIONS}.norminvgauss_gen._isf": Following(_searched("_isf", "_sf")),
    **{name: not_following(rule) for name, rule in METHODS.items()},
}
"""By dotted name, our function for a function or method of SciPy's."""
