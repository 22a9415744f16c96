"""Statistics of samples that SciPy computes in C, and those that have no derivative here: kernel density
estimates, Siegel's slopes, the density of inverse Wishart matrices, parameters found by searching.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import DerivativeError
from ...lazy import special
from ..handing import not_following
from .reading import together


def _levels(self: Any, points: Any) -> tuple[Any, Any]:
    """For each point and kernel of an estimate, the logarithm of the kernel's height; and the weights."""
    points, data, root = together(points, self.dataset, self.cho_cov)
    points = points if points.ndim > 1 else points[None, :] if points.ndim else points[None, None]
    if points.shape[0] != self.d:
        if points.shape[0] != 1 or points.shape[1] != self.d:
            raise ValueError(f"points have dimension {points.shape[0]}, dataset has dimension {self.d}")
        points = points.reshape(self.d, 1)
    apart = points[:, :, None] - data[:, None, :]
    flat = np.linalg.solve(root, apart.reshape(self.d, -1)).reshape(apart.shape)
    height = -0.5 * self.d * np.log(2 * np.pi) - np.sum(np.log(np.diagonal(root)))
    return height - 0.5 * np.sum(flat * flat, axis=0), self.weights


def kde_evaluate(self: Any, points: Any) -> Any:
    """As `gaussian_kde.evaluate`: in the points, the data, the weights and the bandwidth."""
    levels, weights = _levels(self, points)
    return np.sum(weights * np.exp(levels), axis=1)


def kde_logpdf(self: Any, x: Any) -> Any:
    """As `gaussian_kde.logpdf`."""
    levels, weights = _levels(self, x)
    terms = levels + np.log(weights)
    top = np.max(terms, axis=1, keepdims=True)
    return np.log(np.sum(np.exp(terms - top), axis=1)) + top[:, 0]


def siegelslopes(y: Any, x: Any, method: str) -> tuple[Any, Any]:
    """As SciPy's kernel of `siegelslopes`: medians of medians of the slopes between pairs."""
    y, x = together(y, x)
    slopes: list[Any] = []
    intercepts: list[Any] = []
    for j in range(x.shape[0]):
        apart = x - x[j]
        others = np.nonzero(np.asarray(apart != 0))[0]
        slopes.append(np.median((y - y[j])[others] / apart[others]))
        if method == "separate":
            intercepts.append(np.median((y[j] * x - y * x[j])[others] / apart[others]))
    slope = np.median(np.stack(slopes))
    return slope, np.median(np.stack(intercepts)) if method == "separate" else np.median(y - slope * x)


def poisson_binom(k: Any, args: Any, kind: str) -> Any:
    """As SciPy's kernel of `poisson_binom`: the number of successes, one trial after the other."""
    none = np.ones_like(args[0])
    found = [none]
    for p in args:
        before = [*found, 0.0 * none]
        found = [c * (1.0 - p) for c in before]
        found = [c + (b * p if b is not None else 0.0) for c, b in zip(found, (None, *before), strict=False)]
    chosen = np.equal if kind == "pmf" else np.greater_equal
    return sum(np.where(chosen(k, j), c, 0.0) for j, c in enumerate(found))


def invwishart_logpdf(self: Any, x: Any, dim: int, df: Any, log_det_scale: Any, C: Any) -> Any:
    """As SciPy's method: x has its matrices along the last axis, C is the scale's Cholesky factor."""
    x, root = together(x, C)
    matrices = np.transpose(x, (2, 0, 1))
    trace = np.sum(root * np.linalg.solve(matrices, np.broadcast_to(root, matrices.shape)), axis=(1, 2))
    level = np.linalg.slogdet(matrices)[1]
    constant = 0.5 * df * dim * np.log(2.0) + special.multigammaln(0.5 * df, dim)
    return 0.5 * df * log_det_scale - 0.5 * trace - constant - 0.5 * (df + dim + 1) * level


def _refused(name: str, instead: str) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        raise DerivativeError(
            f"the derivative of scipy.stats.{name} was asked for", "a parameter found by searching", instead
        )

    function.__name__ = name
    return function


_INSTEAD = "Call it on plain data, and pass the number it finds: lmbda=..."
_BY_SEARCH = {
    "boxcox_normmax": _INSTEAD,
    "yeojohnson_normmax": _INSTEAD,
    "ppcc_max": "Call it on plain data, or maximise scipy.stats.probplot's r yourself.",
    "fit": "Minimise -np.sum(dist.logpdf(data, ...)) yourself: its gradient is exact.",
}
_STATS = "scipy.stats"

TABLE: dict[str, Any] = {
    f"{_STATS}._kde.gaussian_kde.evaluate": kde_evaluate,
    f"{_STATS}._kde.gaussian_kde.logpdf": kde_logpdf,
    f"{_STATS}._stats_pythran.siegelslopes": siegelslopes,
    f"{_STATS}._stats_pythran._poisson_binom": poisson_binom,
    f"{_STATS}._multivariate.invwishart_gen._logpdf": not_following(invwishart_logpdf),
    **{f"{_STATS}.{name}": _refused(name, instead) for name, instead in _BY_SEARCH.items()},
}
"""By dotted name, our function for a function or method of SciPy's."""
