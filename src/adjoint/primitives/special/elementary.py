"""Functions close to the elementary ones: ratios exact at 0, Box-Cox, entropies, Huber's losses, degrees.

`exprel`, (e^x - 1) / x, and `log1prel`, log(1 + x) / x, hold their derivatives of every order, so that what
is made of them is right at the point where it is nought by nought.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...lazy import special
from ..activation import logistic
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import equal, greater, less_equal, logical_and
from ..exponential import LN2, log, log1p
from ..pointwise import POSITIVE
from ..powers import hypot, power, power_slope
from ..rounding import sign
from ..structure import INF, WHOLE, add, scale, select
from ..trigonometric import arcsinh, sin, tanh
from .declaring import FIELDS, REALS, by_order, computed, scipys

# --- ratios --------------------------------------------------------------------------------------


def _exprel(x: Any, *, order: int) -> Any:
    """The integral of s^n e^(xs) over 0 < s < 1: by n m[n] + x m[n+1] = e^x away from 0, by series around it.

    To the left of 0 the series is that of e^x times the integral of (1 - s)^n e^(-xs), without cancellation.
    """
    if order == 0 and x.dtype.kind != "c":
        return special.exprel(x)
    near, mirrored = np.abs(x) < order + 2, np.real(x) < 0
    u = np.where(near, np.where(mirrored, -x, x), 0.0)
    grown = np.ones_like(u)
    right = left = shrunk = grown / (order + 1)
    for k in range(1, 40 + 3 * order):
        grown = grown * u / k
        shrunk = shrunk * u / (order + k + 1)
        right, left = right + grown / (order + k + 1), left + shrunk
    series = np.where(mirrored, np.exp(-u) * left, right)
    v = np.where(near, 1.0, x)
    found = np.expm1(v) / v
    for n in range(order):
        found = (np.exp(v) - (n + 1) * found) / v
    return np.where(near, series, found)


exprel = by_order("exprel", computed(_exprel), WHOLE, FIELDS, (Edge((0.0,), (0.5,)),))


def _log1prel(x: Any, *, order: int) -> Any:
    """By x f[n] + n f[n-1] = (log(1 + x))[n] away from 0, by series around it."""
    near = np.abs(x) < 0.4
    u = np.where(near, x, 0.0)
    series: Any = np.zeros_like(u)
    for k in range(90, order - 1, -1):
        series = series * u + (-1.0) ** k * math.perm(k, order) / (k + 1)
    v = np.where(near, 1.0, x)
    found = np.log1p(v) / v
    for n in range(1, order + 1):
        found = ((-1.0) ** (n - 1) * math.factorial(n - 1) / (1 + v) ** n - n * found) / v
    return np.where(near, series, found)


log1prel = by_order("log1prel", computed(_log1prel), Interval(-0.7, 2.0), FIELDS, (Edge((0.0,), (-0.5,)),))

spence = scipys(
    "spence",
    Pointwise((POSITIVE,), FIELDS, (Edge((1.0,), (-1.0,)), Edge((0.0,), (-INF,)))),
    lambda x, out: negative(log1prel(subtract(x, 1.0), order=0)),
)

# --- exponentials and logarithms -----------------------------------------------------------------

cosm1 = scipys("cosm1", Pointwise((WHOLE,), REALS), lambda x, out: negative(sin(x)))
exp10 = scipys(
    "exp10", Pointwise((Interval(-1.0, 1.0),), REALS), lambda x, out: multiply(math.log(10.0), out)
)
logit = scipys(
    "logit",
    Pointwise((Interval(0.1, 0.9),), REALS, (Edge((0.0,), (INF,)), Edge((1.0,), (INF,)))),
    lambda x, out: divide(1.0, multiply(add(x, 0.0), subtract(1.0, x))),
)
log_expit = scipys(
    "log_expit",
    Pointwise((WHOLE,), REALS, (Edge((-INF,), (1.0,)), Edge((INF,), (0.0,)))),
    lambda x, out: logistic(negative(x)),
)


def _quotient(x: Any, y: Any) -> Any:
    """X / y, 0 where x is, with the slope 1 / y in x there too."""
    return select(equal(y, 0.0), scale(x, divide(1.0, y)), divide(x, y))


xlogy = scipys(
    "xlogy",
    Pointwise((WHOLE, POSITIVE), FIELDS, (Edge((0.0, 0.0), (-INF, 0.0)), Edge((0.0, 1.0), (0.0, 0.0)))),
    lambda x, y, out: log(y),
    lambda x, y, out: _quotient(x, y),
)
xlog1py = scipys(
    "xlog1py",
    Pointwise((WHOLE, Interval(-0.6, 2.0)), FIELDS, (Edge((0.0, -1.0), (-INF, 0.0)),)),
    lambda x, y, out: log1p(y),
    lambda x, y, out: _quotient(x, add(1.0, y)),
)
powm1 = scipys(
    "powm1",
    Pointwise((POSITIVE, WHOLE), REALS),
    lambda x, y, out: power_slope(x, y),
    lambda x, y, out: scale(power(x, y), log(x)),
)


# --- Box and Cox ---------------------------------------------------------------------------------


def _boxcox_in_rate(logarithm: Any, rate: Any) -> Any:
    """log² x exprel'(λ log x); at x = 0 the function is -1/λ."""
    usual = multiply(square(logarithm), exprel(multiply(rate, logarithm), order=1))
    return select(equal(logarithm, -INF), square(divide(1.0, rate)), usual)


boxcox = scipys(
    "boxcox",
    Pointwise(
        (POSITIVE, WHOLE),
        REALS,
        (Edge((2.0, 0.0), (0.5, LN2 * LN2 / 2)), Edge((0.0, 2.0), (0.0, 0.25)), Edge((0.0, 1.0), (1.0, 1.0))),
    ),
    lambda x, rate, out: power(add(x, 0.0), subtract(rate, 1.0)),
    lambda x, rate, out: _boxcox_in_rate(log(x), rate),
)
boxcox1p = scipys(
    "boxcox1p",
    Pointwise((Interval(-0.7, 2.0), WHOLE), REALS, (Edge((1.0, 0.0), (0.5, LN2 * LN2 / 2)),)),
    lambda x, rate, out: power(add(1.0, x), subtract(rate, 1.0)),
    lambda x, rate, out: _boxcox_in_rate(log1p(x), rate),
)


def _inverse_in_rate(power_of: Any, y: Any, rate: Any) -> Any:
    """(1 + λy)^(1/λ) is exp(y log1prel(λy))."""
    return multiply(multiply(power_of, square(y)), log1prel(multiply(rate, y), order=1))


def _inverse_in_y(power_of: Any, y: Any, rate: Any) -> Any:
    return divide(power_of, add(1.0, multiply(rate, y)))


inv_boxcox = scipys(
    "inv_boxcox",
    Pointwise((WHOLE, Interval(-0.4, 0.4)), REALS, (Edge((0.0, 0.0), (1.0, 0.0)),)),
    lambda y, rate, out: _inverse_in_y(out, y, rate),
    lambda y, rate, out: _inverse_in_rate(out, y, rate),
)
inv_boxcox1p = scipys(
    "inv_boxcox1p",
    Pointwise((WHOLE, Interval(-0.4, 0.4)), REALS, (Edge((0.0, 0.0), (1.0, 0.0)),)),
    lambda y, rate, out: _inverse_in_y(add(1.0, out), y, rate),
    lambda y, rate, out: _inverse_in_rate(add(1.0, out), y, rate),
)

# --- entropies -----------------------------------------------------------------------------------

entr = scipys(
    "entr",
    Pointwise((POSITIVE,), REALS, (Edge((0.0,), (INF,)), Edge((-0.0,), (INF,)))),
    lambda x, out: subtract(-1.0, log(x)),
)


def _log_ratio(x: Any, y: Any) -> Any:
    """log(x / y) that neither overflows nor underflows; at (0, 0) as at (0, y)."""
    ratio = divide(x, y)
    plain = logical_and(greater(ratio, 1e-300), less_equal(ratio, 1e300))
    apart = subtract(log(x), log(y))
    found = select(plain, log(select(plain, ratio, 1.0)), apart)
    return select(logical_and(equal(x, 0.0), equal(y, 0.0)), -INF, found)


_NOTHING = (Edge((0.0, 1.0), (-INF, 0.0)),)
rel_entr = scipys(
    "rel_entr",
    Pointwise((POSITIVE, POSITIVE), REALS, (*_NOTHING, Edge((0.0, 0.0), (-INF, 0.0)))),
    lambda x, y, out: add(_log_ratio(x, y), 1.0),
    lambda x, y, out: negative(_quotient(x, y)),
)
kl_div = scipys(
    "kl_div",
    Pointwise((POSITIVE, POSITIVE), REALS, (Edge((0.0, 1.0), (-INF, 1.0)), Edge((0.0, 0.0), (-INF, 1.0)))),
    lambda x, y, out: _log_ratio(x, y),
    lambda x, y, out: subtract(1.0, _quotient(x, y)),
)

# --- losses --------------------------------------------------------------------------------------


def _absolute(x: Any) -> Any:
    return multiply(sign(x), x)


def _is_inner(delta: Any, r: Any) -> Any:
    return less_equal(_absolute(r), delta)


huber = scipys(
    "huber",
    Pointwise(
        (Interval(0.6, 0.9), Interval(1.0, 2.0)),
        REALS,
        (Edge((1.0, 0.5), (0.0, 0.5)), Edge((1.0, -1.0), (0.0, -1.0)), Edge((1.0, 0.0), (0.0, 0.0))),
    ),
    lambda delta, r, out: select(_is_inner(delta, r), 0.0, subtract(_absolute(r), delta)),
    lambda delta, r, out: select(_is_inner(delta, r), r, multiply(sign(r), delta)),
)


def _steepness(delta: Any, r: Any) -> Any:
    """sqrt(1 + (r / delta)²)."""
    return hypot(1.0, divide(r, delta))


def _pseudo_huber_in_delta(delta: Any, r: Any, out: Any) -> Any:
    """Delta (s - 1)² / s with s = sqrt(1 + u²), u = r / delta; s - 1 is u² / (s + 1)."""
    s = _steepness(delta, r)
    above = divide(square(divide(r, delta)), add(s, 1.0))
    return divide(multiply(delta, square(above)), s)


# (the slope in r, r / s, is written so that it does not become a difference of like terms at order 2)
pseudo_huber = scipys(
    "pseudo_huber",
    Pointwise((Interval(0.5, 2.0), WHOLE), REALS),
    _pseudo_huber_in_delta,
    lambda delta, r, out: multiply(delta, tanh(arcsinh(divide(r, delta)))),
)

# --- degrees -------------------------------------------------------------------------------------

_DEGREE = math.pi / 180.0
_ANGLES = Interval(20.0, 80.0)

sindg = scipys("sindg", Pointwise((_ANGLES,), REALS), lambda x, out: multiply(_DEGREE, cosdg(x)))
cosdg = scipys("cosdg", Pointwise((_ANGLES,), REALS), lambda x, out: multiply(-_DEGREE, sindg(x)))
tandg = scipys("tandg", Pointwise((_ANGLES,), REALS), lambda x, out: multiply(_DEGREE, add(1.0, square(out))))
cotdg = scipys(
    "cotdg", Pointwise((_ANGLES,), REALS), lambda x, out: multiply(-_DEGREE, add(1.0, square(out)))
)

ALL = (
    *(exprel, log1prel, spence, cosm1, exp10, logit, log_expit, xlogy, xlog1py, powm1),
    *(boxcox, boxcox1p, inv_boxcox, inv_boxcox1p, entr, rel_entr, kl_div, huber, pseudo_huber),
    *(sindg, cosdg, tandg, cotdg),
)
