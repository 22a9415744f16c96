"""Distributions that SciPy computes by splines, contours or searching: Landau's, Irwin and Hall's, and any
other by name, as a constant.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise, Sample, Samples
from ...core.primitive import NOT_LINEAR, NoDerivative, Primitive
from ...lazy import special, stats
from ..arithmetic import divide, multiply, negative, subtract
from ..comparison import greater, less
from ..exponential import log
from ..structure import WHOLE, add, each, scale, select
from .counts import WHOLE_NUMBER
from .declaring import REALS, computed, ordered_type, scipys_in_double
from .quadrature import in_blocks

_P = Interval(0.15, 0.85)

# --- Landau --------------------------------------------------------------------------------------

_STEP = 0.025
_STEPS = np.arange(-3.2, 3.2, _STEP)
_SHARE = 0.5 * (1 + np.tanh(np.pi / 2 * np.sinh(_STEPS)))
_SLOPE = _STEP * np.pi / 4 * np.cosh(_STEPS) / np.cosh(np.pi / 2 * np.sinh(_STEPS)) ** 2
_LINE = 0.04 * np.arange(-120, 121)


def _right(y: Any, order: int) -> Any:
    """The integral of (-u)^order exp(-u log u - y u) sin(πu) / π over u > 0, for y > -1."""
    reach = np.minimum(22.0, 45.0 / np.maximum(y, 1e-3))
    u = reach * _SHARE
    terms = (-u) ** order * np.exp(-special.xlogy(u, u) - y * u) * np.sin(np.pi * u) / np.pi
    return reach * np.sum(terms * _SLOPE, axis=-1, keepdims=True)


def _left(y: Any, order: int) -> Any:
    """The same from s^order exp(y s + s log s) up a line through its saddle point, exp(-y - 1)."""
    saddle = np.exp(-y - 1)
    width = np.sqrt(saddle)
    s = saddle + 1j * width * np.sinh(_LINE)
    terms = s**order * np.exp(y * s + s * np.log(s)) * np.cosh(_LINE)
    return 0.04 * width / (2 * np.pi) * np.sum(terms.real, axis=-1, keepdims=True)


def _landau_part(x: Any, *, order: int) -> Any:
    y = np.pi / 2 * x + math.log(np.pi / 2)
    right = y > -1
    found = np.where(right, _right(np.where(right, y, 1.0), order), _left(np.where(right, -1.5, y), order))
    return (np.pi / 2) ** (order + 1) * found


landau_part: Primitive = Primitive(
    name="landau_part",
    type=ordered_type("landau_part"),
    evaluate=in_blocks(_landau_part),
    jvp=(lambda t, x, *, out, order: scale(landau_part(x, order=order + 1), t),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="landau_part({0}, order={order})",
    domain=Pointwise((Interval(-2.0, 4.0),), REALS, params=({"order": 0}, {"order": 1})),
    elementwise=True,
)
"""The derivative of this order of Landau's density."""

_TWO_BY_PI = 2 / math.pi
_PLACES = Pointwise((WHOLE, WHOLE, Interval(0.5, 2.5)), REALS)
_CHANCES = Pointwise((_P, WHOLE, Interval(0.5, 2.5)), REALS)


def _standard(x: Any, m: Any, s: Any) -> Any:
    """The argument of the density: the logarithm of the scale s moves it too."""
    return subtract(divide(subtract(x, m), s), multiply(_TWO_BY_PI, log(s)))


def _drift(x: Any, m: Any, s: Any) -> Any:
    """How it falls with the scale."""
    return divide(add(divide(subtract(x, m), s), _TWO_BY_PI), s)


def _density(x: Any, m: Any, s: Any) -> Any:
    return divide(landau_part(_standard(x, m, s), order=0), s)


def _bend(x: Any, m: Any, s: Any) -> Any:
    return divide(landau_part(_standard(x, m, s), order=1), s)


landau_pdf = scipys_in_double(
    "_landau_pdf",
    _PLACES,
    lambda x, m, s, out: divide(_bend(x, m, s), s),
    lambda x, m, s, out: negative(divide(_bend(x, m, s), s)),
    lambda x, m, s, out: negative(add(divide(out, s), multiply(_drift(x, m, s), _bend(x, m, s)))),
)


def _integral(name: str, sense: float) -> Primitive:
    return scipys_in_double(
        name,
        _PLACES,
        lambda x, m, s, out: multiply(sense, _density(x, m, s)),
        lambda x, m, s, out: multiply(-sense, _density(x, m, s)),
        lambda x, m, s, out: multiply(-sense, multiply(multiply(s, _drift(x, m, s)), _density(x, m, s))),
    )


def _quantile(name: str, sense: float) -> Primitive:
    return scipys_in_double(
        name,
        _CHANCES,
        lambda p, m, s, out: divide(sense, _density(out, m, s)),
        lambda p, m, s, out: add(multiply(0.0, s), 1.0),
        lambda p, m, s, out: multiply(s, _drift(out, m, s)),
    )


landau_cdf, landau_sf = _integral("_landau_cdf", 1.0), _integral("_landau_sf", -1.0)
landau_ppf, landau_isf = _quantile("_landau_ppf", 1.0), _quantile("_landau_isf", -1.0)

# --- sums of uniform variables -------------------------------------------------------------------


def _irwinhall(x: Any, n: Any, *, part: str) -> Any:
    found = np.asarray(getattr(stats.irwinhall, f"_{part}")(np.clip(x, 0.0, n), n)).reshape(x.shape)
    return np.where((x > n) | (x < 0), float(part == "cdf") * (x > n), found)


def _irwinhall_in_x(t: Any, x: Any, n: Any, *, out: Any, part: str) -> Any:
    """The density for a sum of n is a difference of two of those for n - 1."""
    if part == "cdf":
        return scale(irwinhall(x, n, part="pdf"), t)
    some = greater(n, 1.0)
    fewer = select(some, subtract(n, 1.0), 1.0)
    slope = subtract(irwinhall(x, fewer, part="pdf"), irwinhall(subtract(x, 1.0), fewer, part="pdf"))
    inside = select(less(x, 0.0), 0.0, select(greater(x, n), 0.0, slope))
    return scale(select(some, inside, 0.0), t)


irwinhall: Primitive = Primitive(
    name="irwinhall",
    type=ordered_type("irwinhall"),
    evaluate=computed(_irwinhall),
    jvp=(_irwinhall_in_x, WHOLE_NUMBER),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="irwinhall({0}, {1}, part={part!r})",
    domain=Pointwise(
        (Interval(2.1, 2.9), Interval(6.0, 6.0)), REALS, params=({"part": "pdf"}, {"part": "cdf"})
    ),
    elementwise=True,
)
"""The density ("pdf") or distribution function ("cdf") of the sum of n uniform variables."""

# --- by name -------------------------------------------------------------------------------------


def _distribution_value(*args: Any, distribution: str, method: str) -> Any:
    found = getattr(getattr(stats, distribution), method)(*(a.reshape(-1) for a in args))
    return np.asarray(found, np.float64).reshape(args[0].shape)


def _batched(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    return each(primitive, size, batched, args, params)


distribution_value = Primitive(
    name="distribution_value",
    type=ordered_type("distribution_value"),
    evaluate=computed(_distribution_value),
    jvp=(NoDerivative("what it is used for adds the slopes of the distribution function"),),
    transpose=(NOT_LINEAR,),
    batch=_batched,
    source=lambda names, avals, *, distribution, method: (
        f"distribution_value({', '.join(names)}, distribution={distribution!r}, method={method!r})"
    ),
    domain=Samples(
        lambda d: [
            Sample(
                (d.array(2, low=0.2, high=0.8), d.array(2, low=0.5, high=2.0)),
                {"distribution": "argus", "method": "_ppf"},
            )
        ],
        ("float64",),
    ),
    elementwise=True,
    variadic=True,
)
"""What a method of one of SciPy's distributions gives, where that is found by searching: as a constant."""

ALL = (
    *(landau_part, landau_pdf, landau_cdf, landau_sf, landau_ppf, landau_isf),
    *(irwinhall, distribution_value),
)
BEHIND = (landau_pdf, landau_cdf, landau_sf, landau_ppf, landau_isf)
