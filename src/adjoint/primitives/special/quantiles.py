"""Distribution functions and quantiles that SciPy's continuous distributions take from C: Cauchy, inverse
Gauss, the skew normal, Tukey's lambda, the cosine distribution.

x(p, θ) with F(x, θ) = p has d x / d p = 1 / f(x) and d x / d θ = -F_θ / f(x): each quotient is simplified by
hand, since both vanish in the tails.
"""

import math
from typing import Any

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import Primitive
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import equal, less_equal
from ..exponential import expm1, log
from ..pointwise import POSITIVE
from ..powers import power, sqrt
from ..structure import INF, WHOLE, add, select
from ..trigonometric import cos, sin
from .declaring import REALS, half, in_double, scipys
from .elementary import boxcox, exprel
from .erf import ROOT_2, ROOT_2PI, erfcx, exp_square, ndtr

_P = Interval(0.15, 0.85)
_RATE = Interval(0.5, 2.5)

# --- Cauchy --------------------------------------------------------------------------------------


def _cauchy_slope(p: Any, width: Any) -> Any:
    """Width π / sin²(πp)."""
    return multiply(width, divide(math.pi, square(sin(multiply(math.pi, p)))))


cauchy_ppf = scipys(
    "_cauchy_ppf",
    Pointwise((_P, WHOLE, POSITIVE), REALS),
    lambda p, place, width, out: _cauchy_slope(p, width),
    lambda p, place, width, out: add(multiply(0.0, width), 1.0),
    lambda p, place, width, out: divide(subtract(out, place), width),
)
cauchy_isf = scipys(
    "_cauchy_isf",
    Pointwise((_P, WHOLE, POSITIVE), REALS),
    lambda p, place, width, out: negative(_cauchy_slope(p, width)),
    lambda p, place, width, out: add(multiply(0.0, width), 1.0),
    lambda p, place, width, out: divide(subtract(out, place), width),
)

# --- cosine --------------------------------------------------------------------------------------


def _cosine_density(x: Any) -> Any:
    """(1 + cos x) / 2π between -π and π."""
    inside = less_equal(square(x), math.pi * math.pi)
    return select(inside, divide(square(cos(half(x))), math.pi), 0.0)


cosine_cdf = scipys(
    "_cosine_cdf",
    Pointwise((WHOLE,), REALS, (Edge((4.0,), (0.0,)),)),
    lambda x, out: _cosine_density(x),
)
cosine_invcdf = scipys(
    "_cosine_invcdf", Pointwise((_P,), REALS), lambda p, out: divide(1.0, _cosine_density(out))
)

# --- inverse Gauss -------------------------------------------------------------------------------


def _gauss_density(x: Any, m: Any, s: Any) -> Any:
    """sqrt(s / (2π x³)) exp(-s (x - m)² / (2 m² x))."""
    away = divide(multiply(sqrt(divide(s, x)), subtract(x, m)), m)
    return multiply(exp_square(away, rate=-0.5), divide(sqrt(divide(s, x)), multiply(ROOT_2PI, x)))


def _mills(x: Any, m: Any, s: Any) -> Any:
    """The normal tail beyond sqrt(s / x) (x + m) / m, over its density."""
    far = divide(multiply(sqrt(divide(s, x)), add(x, m)), m)
    return multiply(math.sqrt(math.pi / 2), erfcx(divide(far, ROOT_2), order=0))


def _gauss_in_mean(x: Any, m: Any, s: Any) -> Any:
    """-F_m / f = 2 s / m² M sqrt(x³ / s)."""
    front = multiply(2.0, divide(sqrt(multiply(s, x)), square(m)))
    return multiply(multiply(front, x), _mills(x, m, s))


def _gauss_in_shape(x: Any, m: Any, s: Any) -> Any:
    """-F_s / f = x / s - 2 / m M sqrt(x³ / s)."""
    grown = multiply(divide(multiply(2.0, x), m), multiply(sqrt(divide(x, s)), _mills(x, m, s)))
    return subtract(divide(x, s), grown)


def _inverse_gauss(name: str, sense: float) -> Primitive:
    return scipys(
        name,
        Pointwise((_P, _RATE, _RATE), REALS),
        lambda p, m, s, out: divide(sense, _gauss_density(out, m, s)),
        lambda p, m, s, out: _gauss_in_mean(out, m, s),
        in_double(lambda p, m, s, out: _gauss_in_shape(out, m, s)),
    )


invgauss_ppf = _inverse_gauss("_invgauss_ppf", 1.0)
invgauss_isf = _inverse_gauss("_invgauss_isf", -1.0)

# --- the skew normal -----------------------------------------------------------------------------


def _standard(x: Any, place: Any, width: Any) -> Any:
    return divide(subtract(x, place), width)


def _skew_density(z: Any, a: Any) -> Any:
    """2 φ(z) Φ(az), with z already taken from its place and width."""
    return multiply(multiply(2.0 / ROOT_2PI, exp_square(z, rate=-0.5)), ndtr(multiply(a, z)))


def _skew_in_a(z: Any, a: Any) -> Any:
    """F_a = -exp(-z² (1 + a²) / 2) / (π (1 + a²))."""
    bend = add(1.0, square(a))
    return negative(divide(exp_square(multiply(z, sqrt(bend)), rate=-0.5), multiply(math.pi, bend)))


skewnorm_cdf = scipys(
    "_skewnorm_cdf",
    Pointwise((WHOLE, WHOLE, _RATE, WHOLE), REALS),
    lambda x, m, s, a, out: divide(_skew_density(_standard(x, m, s), a), s),
    lambda x, m, s, a, out: negative(divide(_skew_density(_standard(x, m, s), a), s)),
    lambda x, m, s, a, out: negative(
        multiply(_standard(x, m, s), divide(_skew_density(_standard(x, m, s), a), s))
    ),
    lambda x, m, s, a, out: _skew_in_a(_standard(x, m, s), a),
)


def _skew_quantile_in_a(z: Any, a: Any) -> Any:
    """-F_a / f, where the density of z has been taken out of both."""
    bend = add(1.0, square(a))
    tail = divide(exp_square(multiply(z, a), rate=-0.5), ndtr(multiply(a, z)))
    return divide(multiply(1.0 / ROOT_2PI, tail), bend)


def _skew_quantile(name: str, sense: float) -> Primitive:
    return scipys(
        name,
        Pointwise((_P, WHOLE, _RATE, WHOLE), REALS),
        lambda p, m, s, a, out: divide(multiply(sense, s), _skew_density(_standard(out, m, s), a)),
        lambda p, m, s, a, out: add(multiply(0.0, s), 1.0),
        lambda p, m, s, a, out: _standard(out, m, s),
        lambda p, m, s, a, out: multiply(s, _skew_quantile_in_a(_standard(out, m, s), a)),
    )


skewnorm_ppf = _skew_quantile("_skewnorm_ppf", 1.0)
skewnorm_isf = _skew_quantile("_skewnorm_isf", -1.0)

# --- Tukey's lambda ------------------------------------------------------------------------------


def tukey_quantile(p: Any, shape: Any) -> Any:
    """(p^λ - (1-p)^λ) / λ, and its limit log(p / (1 - p)) at λ = 0."""
    return subtract(boxcox(p, shape), boxcox(subtract(1.0, p), shape))


def _tukey_sparsity(p: Any, shape: Any) -> Any:
    """The slope of the quantile in p."""
    less_one = subtract(shape, 1.0)
    return add(power(p, less_one), power(subtract(1.0, p), less_one))


def _tukey_in_shape(p: Any, shape: Any) -> Any:
    """What the quantile moves by with λ: log² p exprel'(λ log p), less the same of 1 - p."""

    def part(q: Any) -> Any:
        logarithm = log(q)
        return multiply(square(logarithm), exprel(multiply(shape, logarithm), order=1))

    return subtract(part(p), part(subtract(1.0, p)))


def _inner(out: Any) -> tuple[Any, Any]:
    """Whether a value lies between 0 and 1, and the value, or 1/2 where it does not."""
    outside = equal(multiply(out, subtract(1.0, out)), 0.0)
    return outside, select(outside, 0.5, out)


def _tukey_slope(x: Any, shape: Any, out: Any) -> Any:
    outside, p = _inner(out)
    return select(outside, 0.0, divide(1.0, _tukey_sparsity(p, shape)))


def _tukey_shape_slope(x: Any, shape: Any, out: Any) -> Any:
    outside, p = _inner(out)
    return select(outside, 0.0, negative(divide(_tukey_in_shape(p, shape), _tukey_sparsity(p, shape))))


tklmbda = scipys(
    "tklmbda",
    Pointwise((Interval(-1.2, 1.2), Interval(0.2, 0.6)), REALS, (Edge((7.0, 0.5), (0.0, 0.0)),)),
    _tukey_slope,
    in_double(_tukey_shape_slope),
)

# --- logarithms of probabilities -----------------------------------------------------------------

log1mexp = scipys(
    "_log1mexp",
    Pointwise((Interval(-3.0, -0.2),), REALS, (Edge((-INF,), (0.0,)), Edge((0.0,), (-INF,)))),
    lambda x, out: negative(_inverse_expm1(x)),
)
"""log(1 - e^x) for x <= 0."""


def _inverse_expm1(x: Any) -> Any:
    """1 / (e^-x - 1), +inf at either zero."""
    return divide(1.0, add(expm1(negative(x)), 0.0))


ALL = (
    *(cauchy_ppf, cauchy_isf, cosine_cdf, cosine_invcdf, invgauss_ppf, invgauss_isf),
    *(skewnorm_cdf, skewnorm_ppf, skewnorm_isf, tklmbda, log1mexp),
)
BEHIND = tuple(p for p in ALL if p is not tklmbda)
