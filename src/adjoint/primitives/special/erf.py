"""Error functions, the normal distribution, and the integrals beside them.

d erf(x) = 2/√π exp(-x²) dx        d ndtr(x) = exp(-x²/2)/√(2π) dx

Exponentials of squares are computed with the square's rounding error, so that slopes are right in the tails;
`erfcx` holds its derivatives of every order, which plain recurrences lose for large x.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import greater
from ..complex import imag, make_complex, real
from ..structure import INF, WHOLE, add, each, scale, select
from .declaring import FIELDS, REALS, by_order, computed, is_complex, ordered_type, scipys

ROOT_PI = math.sqrt(math.pi)
ROOT_2PI = math.sqrt(2.0 * math.pi)
ROOT_2 = math.sqrt(2.0)

_COMPLEX = ("complex64", "complex128")


def _exp_square(x: Any, *, rate: float) -> Any:
    if x.dtype.kind == "c":
        return np.exp(rate * x * x)
    high = np.where(np.abs(x) < 1e3, x, 0.0).astype(np.float32).astype(np.float64)  # its square is exact
    return np.where(np.abs(x) < 1e3, np.exp(rate * high * high), np.exp(rate * x * x)) * np.where(
        np.abs(x) < 1e3, np.exp(rate * (x - high) * (x + high)), 1.0
    )


exp_square = Primitive(
    name="exp_square",
    type=ordered_type("exp_square"),
    evaluate=computed(_exp_square),
    jvp=(lambda t, x, *, out, rate: scale(multiply(2.0 * rate, scale(x, out)), t),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="exp_square({0}, rate={rate})",
    domain=Pointwise(
        (WHOLE,), FIELDS, (Edge((INF,), (0.0,)),), tuple({"rate": r} for r in (-0.5, -1.0, 0.5, 1.0))
    ),
    elementwise=True,
)
"""exp(rate x²)."""


def _gauss(x: Any) -> Any:
    return exp_square(x, rate=-1.0)


_TERMS = 150


def _far_moments(x: Any, order: int) -> Any:
    """The integral of t^n exp(-t² - 2xt) over t > 0, times 2/√π, for x to the right.

    Its ratios r[n] = m[n+1] / m[n] are those of a continued fraction, r[n] = (n + 1) / (2 (x + r[n+1])).
    """
    ratio: Any = np.zeros_like(x)
    found = special.erfcx(x)
    for n in range(_TERMS + order, -1, -1):
        ratio = (n + 1) / (2 * (x + ratio))
        if n < order:
            found = found * ratio
    return found


def _near_moments(x: Any, order: int) -> Any:
    before, now = special.erfcx(x), 1 / ROOT_PI - x * special.erfcx(x)
    for n in range(order - 1):
        before, now = now, ((n + 1) * before - 2 * x * now) / 2
    return now


def _erfcx(x: Any, *, order: int) -> Any:
    if order == 0:
        return special.erfcx(x)
    far = (x.real > 1.25) | ((x.real >= 0) & (np.abs(x) > 6))
    moments = _far_moments(np.where(far, x, 1.0), order)
    return (-2.0) ** order * np.where(far, moments, _near_moments(x, order))


erfcx = by_order("erfcx", computed(_erfcx), WHOLE)


def _dawsn(x: Any, *, order: int) -> Any:
    """F' = 1 - 2 x F, F[n+1] = -2 x F[n] - 2 n F[n-1]; for large x from the series of 1/x."""
    before, now = special.dawsn(x), 1 - 2 * x * special.dawsn(x)
    if order == 0:
        return before
    for n in range(1, order):
        before, now = now, -2 * x * now - 2 * n * before
    far = np.abs(x) > 6.2
    u = np.where(far, x, 10.0)
    term = (-1.0) ** order * math.factorial(order) / (2 * u ** (order + 1))
    total, done = term, np.zeros(u.shape, bool)
    for k in range(1, 60):
        following = term * (2 * k + order) * (2 * k + order - 1) / (4 * k * u * u)
        done = done | (np.abs(following) > np.abs(term))
        term = np.where(done, 0.0, following)
        total = total + term
    return np.where(far, total, now)


dawsn = by_order("dawsn", computed(_dawsn), WHOLE, REALS)

erf = scipys(
    "erf",
    Pointwise((WHOLE,), FIELDS, (Edge((0.0,), (2.0 / ROOT_PI,)), Edge((INF,), (0.0,)))),
    lambda x, out: multiply(2.0 / ROOT_PI, _gauss(x)),
)
erfc = scipys(
    "erfc",
    Pointwise((WHOLE,), FIELDS, (Edge((INF,), (0.0,)),)),
    lambda x, out: multiply(-2.0 / ROOT_PI, _gauss(x)),
)
erfi = scipys(
    "erfi",
    Pointwise((WHOLE,), FIELDS),
    lambda x, out: multiply(2.0 / ROOT_PI, exp_square(x, rate=1.0)),
)
erfinv = scipys(
    "erfinv",
    Pointwise((Interval(-0.9, 0.9),), REALS, (Edge((1.0,), (INF,)), Edge((-1.0,), (INF,)))),
    lambda x, out: multiply(0.5 * ROOT_PI, exp_square(out, rate=1.0)),
)
erfcinv = scipys(
    "erfcinv",
    Pointwise((Interval(0.1, 1.9),), REALS, (Edge((0.0,), (-INF,)), Edge((2.0,), (-INF,)))),
    lambda x, out: multiply(-0.5 * ROOT_PI, exp_square(out, rate=1.0)),
)
wofz = scipys(
    "wofz",
    Pointwise((WHOLE,), _COMPLEX),
    lambda z, out: multiply(-1j, erfcx(multiply(-1j, z), order=1)),
)

ndtr = scipys(
    "ndtr",
    Pointwise((WHOLE,), FIELDS),
    lambda x, out: multiply(1.0 / ROOT_2PI, exp_square(x, rate=-0.5)),
)


def _hazard(x: Any) -> Any:
    """The slope of log_ndtr, density over distribution."""
    below = divide(math.sqrt(2.0 / math.pi), erfcx(multiply(-1.0 / ROOT_2, x), order=0))
    if is_complex(x):
        return below
    above = divide(multiply(1.0 / ROOT_2PI, exp_square(x, rate=-0.5)), ndtr(x))
    return select(greater(x, 0.0), above, below)


log_ndtr = scipys(
    "log_ndtr",
    Pointwise((WHOLE,), FIELDS, (Edge((INF,), (0.0,)),)),
    lambda x, out: _hazard(x),
)
ndtri = scipys(
    "ndtri",
    Pointwise((Interval(0.1, 0.9),), REALS, (Edge((0.0,), (INF,)), Edge((1.0,), (INF,)))),
    lambda x, out: multiply(ROOT_2PI, exp_square(out, rate=0.5)),
)
ndtri_exp = scipys(
    "ndtri_exp",
    Pointwise((Interval(-3.0, -0.2),), REALS),
    lambda x, out: divide(1.0, _hazard(out)),
)


def _owens_in_h(h: Any, a: Any, out: Any) -> Any:
    inner = erf(multiply(1.0 / ROOT_2, multiply(a, h)))
    return multiply(-0.5 / ROOT_2PI, multiply(exp_square(h, rate=-0.5), inner))


def _owens_in_a(h: Any, a: Any, out: Any) -> Any:
    spread = add(1.0, square(a))
    both = multiply(exp_square(h, rate=-0.5), exp_square(multiply(h, a), rate=-0.5))
    return divide(multiply(0.5 / math.pi, both), spread)


owens_t = scipys("owens_t", Pointwise((WHOLE, WHOLE), REALS), _owens_in_h, _owens_in_a)


def _voigt_slopes(x: Any, sigma: Any, width: Any) -> Any:
    """w'(z) / (2 √π σ²) at z = (x + i width) / (σ √2), as a complex number."""
    z = divide(make_complex(x, width), make_complex(multiply(ROOT_2, sigma), 0.0))
    return divide(wofz_slope(z), make_complex(multiply(2.0 * ROOT_PI, square(sigma)), 0.0))


def wofz_slope(z: Any) -> Any:
    """w'(z)."""
    return multiply(-1j, erfcx(multiply(-1j, z), order=1))


def _voigt_in_sigma(x: Any, sigma: Any, width: Any, out: Any) -> Any:
    """The profile V(x, σ, γ) is of degree -1, x V_x + σ V_σ + γ V_γ = -V."""
    slopes = _voigt_slopes(x, sigma, width)
    moved = subtract(multiply(x, real(slopes)), multiply(width, imag(slopes)))
    return negative(divide(add(out, moved), sigma))


voigt_profile = scipys(
    "voigt_profile",
    Pointwise((WHOLE, Interval(0.5, 2.0), Interval(0.3, 1.5)), REALS),
    lambda x, sigma, width, out: real(_voigt_slopes(x, sigma, width)),
    _voigt_in_sigma,
    lambda x, sigma, width, out: negative(imag(_voigt_slopes(x, sigma, width))),
)

ALL = (
    *(exp_square, erf, erfc, erfcx, erfi, erfinv, erfcinv, dawsn, wofz),
    *(ndtr, log_ndtr, ndtri, ndtri_exp, owens_t, voigt_profile),
)
