"""SciPy's distances between all pairs: `cdist`, `pdist`, `squareform`; single ones are followed.

Where two points coincide the derivative of their distance is zero.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import newest
from ...errors import DerivativeError, ShapeError
from ...lazy import distance
from ...primitives.promotion import to_dtype
from ..dispatch import into, stacked
from ..functions.keywords import read
from ..handing import Handed

DOUBLE = np.dtype(np.float64)


def _sum(values: Any, w: Any) -> Any:
    return np.sum(values if w is None else values * w, axis=-1)


def _minkowski(u: Any, v: Any, w: Any, p: Any = 2) -> Any:
    steps = np.abs(u - v)
    if np.ndim(p) == 0 and p == np.inf:
        return _chebyshev(u, v, w)
    return _sum(steps**p, w) ** (1.0 / p)


def _chebyshev(u: Any, v: Any, w: Any) -> Any:
    steps = np.abs(u - v)
    return np.max(steps if w is None else np.where(w > 0, steps, 0.0), axis=-1)


def _canberra(u: Any, v: Any, w: Any) -> Any:
    total = np.abs(u) + np.abs(v)
    return _sum(np.where(total == 0, 0.0, np.abs(u - v) / np.where(total == 0, 1.0, total)), w)


def _cosine(u: Any, v: Any, w: Any) -> Any:
    return 1.0 - _sum(u * v, w) / np.sqrt(_sum(u * u, w) * _sum(v * v, w))


def _correlation(u: Any, v: Any, w: Any) -> Any:
    count = aval_of(u).shape[-1] if w is None else np.sum(w)
    u, v = (x - _sum(x, w)[..., None] / count for x in (u, v))
    return _cosine(u, v, w)


def _entropy(p: Any, q: Any) -> Any:
    empty = p == 0
    return np.where(empty, 0.0, p * np.log(np.where(empty, 1.0, p) / np.where(empty, 1.0, q)))


def _jensenshannon(u: Any, v: Any, w: Any, base: Any = None) -> Any:
    del w
    u, v = (x / np.sum(x, axis=-1, keepdims=True) for x in (u, v))
    middle = (u + v) / 2
    total = np.sum(_entropy(u, middle) + _entropy(v, middle), axis=-1)
    return np.sqrt((total if base is None else total / np.log(base)) / 2)


_METRICS: dict[str, Callable[..., Any]] = {
    "euclidean": lambda u, v, w: np.sqrt(_sum((u - v) * (u - v), w)),
    "sqeuclidean": lambda u, v, w: _sum((u - v) * (u - v), w),
    "cityblock": lambda u, v, w: _sum(np.abs(u - v), w),
    "chebyshev": _chebyshev,
    "minkowski": _minkowski,
    "canberra": _canberra,
    "braycurtis": lambda u, v, w: _sum(np.abs(u - v), w) / _sum(np.abs(u + v), w),
    "cosine": _cosine,
    "correlation": _correlation,
    "seuclidean": lambda u, v, w, V: np.sqrt(np.sum((u - v) * (u - v) / V, axis=-1)),
    "mahalanobis": lambda u, v, w, VI: np.sqrt(np.sum(((u - v) @ VI) * (u - v), axis=-1)),
    "jensenshannon": _jensenshannon,
    "hamming": lambda u, v, w: (
        _sum(to_dtype(read(u != v), DOUBLE), w) / (aval_of(u).shape[-1] if w is None else np.sum(w))
    ),
}

_ALIASES = {
    **dict.fromkeys(("euclid", "eu", "e"), "euclidean"),
    **dict.fromkeys(("sqeuclid", "sqe"), "sqeuclidean"),
    **dict.fromkeys(("manhattan", "city-block", "cblock", "cb", "c"), "cityblock"),
    **dict.fromkeys(("chebychev", "chebyshev", "cheby", "cheb", "ch"), "chebyshev"),
    **dict.fromkeys(("mi", "m", "pnorm"), "minkowski"),
    **dict.fromkeys(("cos",), "cosine"),
    **dict.fromkeys(("co",), "correlation"),
    **dict.fromkeys(("se", "s"), "seuclidean"),
    **dict.fromkeys(("mahal", "mah"), "mahalanobis"),
    **dict.fromkeys(("js",), "jensenshannon"),
    **dict.fromkeys(("matching", "hamm", "ha", "h"), "hamming"),
}


def _points(x: Any) -> Any:
    x = to_dtype(read(x), DOUBLE)
    if aval_of(x).ndim != 2:
        raise ShapeError("points as the rows of a matrix", str(aval_of(x)), "Reshape them.")
    return x


def _chosen(metric: str, every: Any, options: dict[str, Any]) -> Callable[[Any, Any], Any]:
    name = metric.lower()
    name = _ALIASES.get(name, name)
    found = _METRICS.get(name)
    if found is None:
        raise DerivativeError(
            "the derivative of distances was asked for",
            f"metric {metric!r}, of yes and no",
            f"Use one of {', '.join(_METRICS)}.",
        )
    options = {k: v for k, v in options.items() if v is not None}
    if name == "seuclidean" and "V" not in options:
        options["V"] = np.var(every(), axis=0, ddof=1)
    if name == "mahalanobis" and "VI" not in options:
        options["VI"] = np.transpose(np.linalg.inv(np.cov(np.transpose(every()))))
    w = options.pop("w", None)
    return lambda u, v: found(u, v, w, **options)


def _one_by_one(metric: Any, pairs: Any, options: dict[str, Any]) -> Any:
    found = [metric(u, v, **options) for u, v in pairs]
    return stacked(found) if newest(found) is not None else np.asarray(found, dtype=np.float64)


def cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """As `scipy.spatial.distance.cdist`: the distance of each row of XA from each row of XB."""
    if callable(metric):
        a, b = _points(XA), _points(XB)
        shape = aval_of(a).shape[0], aval_of(b).shape[0]
        found = _one_by_one(metric, itertools.product(a, b), kwargs)
        return np.reshape(found, shape)
    if newest((XA, XB, *kwargs.values())) is None:
        return distance.cdist(XA, XB, metric, out=out, **kwargs)
    a, b = _points(XA), _points(XB)
    measure = _chosen(metric, lambda: np.concatenate([a, b]), kwargs)
    return into(out, measure(a[:, None, :], b[None, :, :]))


def pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """As `scipy.spatial.distance.pdist`: the distances of all pairs of rows, of each pair once."""
    if not callable(metric) and newest((X, *kwargs.values())) is None:
        return distance.pdist(X, metric, out=out, **kwargs)
    x = _points(X)
    if callable(metric):
        return _one_by_one(metric, itertools.combinations(list(x), 2), kwargs)
    first, second = np.triu_indices(aval_of(x).shape[0], 1)
    return into(out, _chosen(metric, lambda: x, kwargs)(x[first], x[second]))


def squareform(X: Any, force: str = "no", checks: bool = True) -> Any:
    """As `scipy.spatial.distance.squareform`: the distances of pairs as a symmetric matrix, and back."""
    x = read(X)
    shape = aval_of(x).shape
    wanted = force.lower()
    if len(shape) == 1:
        if wanted == "tovector":
            raise ValueError("Forcing 'tovector' but input X is not a matrix")
        n = max(1, int(np.ceil(np.sqrt(shape[0] * 2))))
        if n * (n - 1) != 2 * shape[0]:
            raise ValueError("Incompatible vector size: it must be a binomial coefficient n choose 2")
        places = np.zeros((n, n), np.intp)
        places[np.triu_indices(n, 1)] = np.arange(shape[0])
        places += places.T
        return (
            np.where(np.eye(n, dtype=bool), 0.0, x[places])
            if shape[0]
            else np.zeros((1, 1), aval_of(x).dtype)
        )
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError("The matrix argument must be square.")
    if wanted == "tomatrix":
        raise ValueError("Forcing 'tomatrix' but input X is not a vector")
    del checks
    return x[np.triu_indices(shape[0], 1)]


TABLE: dict[str, Callable[..., Any]] = {
    "scipy.spatial.distance.cdist": Handed(cdist),
    "scipy.spatial.distance.pdist": Handed(pdist),
    "scipy.spatial.distance.squareform": squareform,
}
