"""The public methods of SciPy's distributions: what they do around a density or a probability, with `where`.

SciPy's own compute on the elements that pass their checks, and fill in the rest; which these are must then be
known. Here every element is computed, those outside at a point inside, and the results are chosen: so a batch
is followed too, and less is recorded. Values, bounds and NaN are SciPy's.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...lazy import stats
from ...primitives.barrier import stop_gradient
from ..dispatch import concrete
from ..handing import Following
from .reading import arrays

_BASE = "scipy.stats._distn_infrastructure"


def _flat(x: Any, args: Any, loc: Any, scale: Any) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of a result, and all operands as vectors of its length."""
    operands = arrays(x, loc, scale, *args)
    return aval_of(operands[0]).shape, [o.reshape(-1) for o in operands]


def _inner_point(low: Any, high: Any) -> Any:
    """A point inside of the support."""
    low, high = stop_gradient(low), stop_gradient(high)
    below, above = np.isfinite(low), np.isfinite(high)
    single = np.where(below, low + 1.0, np.where(above, high - 1.0, 0.0))
    return np.where(below & above, 0.5 * (low + high), single)


def _plain(value: Any) -> Any:
    """The numbers behind a value, with all batches of them."""
    while isinstance(value, Tracer):
        value = concrete(value, "the number of terms of a sum") if value.value is None else value.value
    return np.asarray(value)


def summed(follow: Any, self: Any, x: Any, *shapes: Any) -> Any:
    """The distribution function of counts, as the sum of their probabilities: one sum for all elements."""
    x, *rest = arrays(x, *shapes)
    top = np.floor(x)
    low = int(np.min(_plain(follow(self._get_support)(*rest)[0])))
    count = np.arange(low, int(np.max(_plain(top), initial=low)) + 1.0)
    whole = (*aval_of(x).shape, count.size)
    wide = [np.broadcast_to(s[..., None], whole).reshape(-1) for s in rest]
    terms = follow(self._pmf)(np.broadcast_to(count, whole).reshape(-1), *wide).reshape(whole)
    return np.sum(np.where(count <= top[..., None], terms, 0.0), axis=-1)


def _kept(x: Any, inside: Any, low: Any, high: Any) -> Any:
    """The points, those that are not inside moved there."""
    return x if _known_all(inside) else np.where(inside, x, _inner_point(*arrays(low, high, x)[:2]))


def _known_all(mask: Any) -> bool:
    """Whether a mask is known, and true everywhere."""
    while isinstance(mask, Tracer):
        if mask.value is None or mask.owner.aval(mask).shape != aval_of(mask.value).shape:
            return False
        mask = mask.value
    return bool(np.all(mask))


def _shaped(result: Any, shape: tuple[int, ...]) -> Any:
    result = result.reshape(shape)
    return result if shape else result[()]


def _continuous(
    name: str, outside: float, beyond: float | None, *, upper: bool = False
) -> Callable[..., Any]:
    """A method of a point: `outside` the support it is this, and from its far end on it is `beyond`."""
    log = name.startswith("log")
    density = name.endswith("pdf")

    def method(follow: Any, self: Any, x: Any, *args: Any, **options: Any) -> Any:
        shapes, loc, scale = follow(self._parse_args)(*args, **options)
        shape, (x, loc, scale, *shapes) = _flat(x, shapes, loc, scale)
        y = (x - loc) / scale
        low, high = follow(self._get_support)(*shapes)
        valid = follow(self._argcheck)(*shapes) & (scale > 0)
        mask = self._support_mask if density else self._open_support_mask
        inside = valid & follow(mask)(y, *shapes)
        with np.errstate(all="ignore"):
            found = follow(getattr(self, f"_{name}"))(_kept(y, inside, low, high), *shapes)
            if density:
                found = found - np.log(scale) if log else found / scale
        if not _known_all(inside):
            rest = np.full(aval_of(y).shape, outside)
            if beyond is not None:
                rest = np.where(y <= low if upper else y >= high, beyond, rest)
            rest = np.where(valid & (y == y), rest, self.badvalue)
            found = np.where(inside, found, rest)
        return _shaped(found, shape)

    return method


def _quantile(name: str) -> Callable[..., Any]:
    upper = name == "isf"

    def method(follow: Any, self: Any, q: Any, *args: Any, **options: Any) -> Any:
        shapes, loc, scale = follow(self._parse_args)(*args, **options)
        shape, (q, loc, scale, *shapes) = _flat(q, shapes, loc, scale)
        valid = follow(self._argcheck)(*shapes) & (scale > 0) & (loc == loc)
        inside = valid & (q > 0) & (q < 1)
        every = _known_all(inside)
        with np.errstate(all="ignore"):
            found = follow(getattr(self, f"_{name}"))(q if every else np.where(inside, q, 0.5), *shapes)
        found = found * scale + loc
        if not every:
            low, high = (bound * scale + loc for bound in follow(self._get_support)(*shapes))
            low, high = (low - 1.0, high) if not isinstance(self, stats.rv_continuous) else (low, high)
            first, last = (high, low) if upper else (low, high)
            rest = np.where(valid & (q == 0), first, np.where(valid & (q == 1), last, self.badvalue))
            found = np.where(inside, found, rest)
        return _shaped(found, shape)

    return method


def _clipped(p: Any) -> Any:
    """Between 0 and 1, where rounding may have left it; with the slopes that it has."""
    return p + stop_gradient(np.clip(p, 0.0, 1.0) - p)


def _discrete(name: str, outside: float, beyond: float | None, *, upper: bool = False) -> Callable[..., Any]:
    """The same for a count."""
    mass = name.endswith("pmf")

    def method(follow: Any, self: Any, k: Any, *args: Any, **options: Any) -> Any:
        shapes, loc, _ = follow(self._parse_args)(*args, **options)
        shape, (k, loc, _, *shapes) = _flat(k, shapes, loc, 1.0)
        count = k - loc
        low, high = follow(self._get_support)(*shapes)
        valid = follow(self._argcheck)(*shapes)
        inside = valid & (count >= low) & ((count <= high) if mass else (count < high))
        if mass and not isinstance(self, stats._distn_infrastructure.rv_sample):
            inside = inside & follow(self._nonzero)(count, *shapes)
        with np.errstate(all="ignore"):
            kept = (
                count if _known_all(inside) else np.where(inside, count, np.where(np.isfinite(low), low, 0.0))
            )
            found = follow(getattr(self, f"_{name}"))(kept, *shapes)
        found = found if name.startswith("log") else _clipped(found)
        if not _known_all(inside):
            rest = np.full(aval_of(count).shape, outside)
            if beyond is not None:
                rest = np.where(count < low if upper else count >= high, beyond, rest)
            rest = np.where(valid & (count == count), rest, self.badvalue)
            found = np.where(inside, found, rest)
        return _shaped(found, shape)

    return method


def apply_where(
    follow: Any, cond: Any, args: Any, f1: Any, f2: Any = None, /, *, fill_value: Any = None, xp: Any = None
) -> Any:
    """As `array_api_extra.apply_where`: `f1` where the condition holds, elsewhere `f2` or a value."""
    operands = arrays(*(args if isinstance(args, tuple) else (args,)))
    if _known_all(cond):
        return follow(f1)(*operands)
    if f2 is not None and _known_all(~cond):
        return follow(f2)(*operands)
    with np.errstate(all="ignore"):
        other = fill_value if f2 is None else follow(f2)(*operands)
        return np.where(cond, other if _known_all(~cond) else follow(f1)(*operands), other)


def lazyselect(follow: Any, condlist: Any, choicelist: Any, arrays_: Any, default: Any = 0) -> Any:
    """As SciPy's `_lazyselect`: the first choice whose condition holds."""
    operands = arrays(*arrays_)
    found = np.full(aval_of(operands[0]).shape, float(concrete(default, "a default")))
    with np.errstate(all="ignore"):
        for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
            if not _known_all(~condition):
                found = np.where(condition, follow(choice)(*operands), found)
    return found


_INF = float("inf")
_CONTINUOUS = {
    "pdf": _continuous("pdf", 0.0, None),
    "logpdf": _continuous("logpdf", -_INF, None),
    "cdf": _continuous("cdf", 0.0, 1.0),
    "logcdf": _continuous("logcdf", -_INF, 0.0),
    "sf": _continuous("sf", 0.0, 1.0, upper=True),
    "logsf": _continuous("logsf", -_INF, 0.0, upper=True),
    "ppf": _quantile("ppf"),
    "isf": _quantile("isf"),
}
_DISCRETE = {
    "pmf": _discrete("pmf", 0.0, None),
    "logpmf": _discrete("logpmf", -_INF, None),
    "cdf": _discrete("cdf", 0.0, 1.0),
    "logcdf": _discrete("logcdf", -_INF, 0.0),
    "sf": _discrete("sf", 0.0, 1.0, upper=True),
    "logsf": _discrete("logsf", -_INF, 0.0, upper=True),
    "ppf": _quantile("ppf"),
    "isf": _quantile("isf"),
}

TABLE: dict[str, Any] = {
    **{f"{_BASE}.rv_continuous.{name}": Following(rule) for name, rule in _CONTINUOUS.items()},
    **{f"{_BASE}.rv_discrete.{name}": Following(rule) for name, rule in _DISCRETE.items()},
    f"{_BASE}.rv_discrete._cdf": Following(summed),
    "scipy._lib.array_api_extra._lib._funcs.apply_where": Following(apply_where),
    "scipy._lib._util._lazyselect": Following(lazyselect),
}
"""By dotted name, our function for a method or a helper of SciPy's."""
