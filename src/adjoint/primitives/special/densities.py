"""The densities of the gamma, beta and t distributions, and the moments that incomplete integrals differ by.

g(a, x) = x^(a-1) e^-x / Γ(a)          b(a, b, x) = x^(a-1) (1-x)^(b-1) / B(a, b)

They are computed by the saddle point (C. Loader, "Fast and accurate computation of binomial probabilities",
2000): what grows without bound in the logarithms has been subtracted by hand, so that no digit is lost for
large parameters.

A regularised incomplete gamma function is the integral of g over (0, x). Its derivatives in a are the central
moments of log t over the same interval, which have no closed form; here they are integrated numerically, to
rounding. Each is again a primitive, so that they can be differentiated to any order.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import greater
from ..exponential import log, log1p
from ..pointwise import POSITIVE, smooth
from ..powers import integer_power
from ..structure import add, each, scale, select
from .declaring import REALS, computed, ordered_type, scipys
from .gamma import polygamma, psi
from .quadrature import decaying_integral, in_blocks

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def _stirling_error(z: Any) -> Any:
    """What Stirling's formula for log Γ(z) leaves."""
    series: Any = np.zeros_like(z)
    far = np.maximum(z, 10.0)
    for c in reversed(_STIRLING):
        series = series / (far * far) + c
    near = np.where(z > 0, np.minimum(z, 10.0), 1.0)
    exact = special.gammaln(near) - (near - 0.5) * np.log(near) + near - _HALF_LOG_2PI
    return np.where(z < 10.0, exact, series / far)


def _deviance(m: Any, x: Any) -> Any:
    """M log(m / x) + x - m, exact to rounding close to m too."""
    u = (x - m) / m
    v = u / (2 + u)
    total: Any = np.zeros_like(u)
    for k in range(25, 2, -2):
        total = total * v * v + 2 / k
    close = m * v * (u - total * v * v)
    return np.where(np.abs(u) < 0.25, close, m * np.log(m / x) + x - m)


def _gamma_mass(a: Any, x: Any) -> Any:
    """X^a e^-x / Γ(a)."""
    return np.sqrt(a / (2 * np.pi)) * np.exp(-_stirling_error(a) - _deviance(a, x))


def _gamma_density(a: Any, x: Any) -> Any:
    at_zero = np.where(a < 1, np.inf, np.where(a == 1, 1.0, 0.0))
    return np.where(x == 0, at_zero, _gamma_mass(a, x) / x)


def _beta_mass(a: Any, b: Any, x: Any, rest: Any) -> Any:
    """X^a (1-x)^b / B(a, b), where `rest` is 1 - x."""
    errors = _stirling_error(a + b) - _stirling_error(a) - _stirling_error(b)
    total = a + b
    return np.sqrt(a * b / (2 * np.pi * total)) * np.exp(
        errors - _deviance(a, total * x) - _deviance(b, total * rest)
    )


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    rest = 1 - x
    inside = (x > 0) & (x < 1)
    shape = np.where(x == 0, a, b)
    at_bound = np.where(shape < 1, np.inf, np.where(shape == 1, np.where(x == 0, b, a), 0.0))
    found = _beta_mass(a, b, np.where(inside, x, 0.5), np.where(inside, rest, 0.5)) / (x * rest)
    return np.where(inside, found, np.where((x < 0) | (x > 1), np.nan, at_bound))


def _student_density(v: Any, t: Any) -> Any:
    """The constant is 1/√(2π) but for Stirling's errors, and a deviance of v/2 from v/2 + 1/2."""
    half, squared = v / 2, t * t / v
    constant = _stirling_error(half + 0.5) - _stirling_error(half) - _deviance(half, half + 0.5)
    return np.exp(constant - _HALF_LOG_2PI - (half + 0.5) * np.log1p(squared))


# --- densities -----------------------------------------------------------------------------------


def _gamma_density_in_x(a: Any, x: Any, out: Any) -> Any:
    """g(a-1, x) - g(a, x); where a - 1 is no parameter, by the quotient."""
    large = greater(a, 1.0)
    lower = gamma_density(select(large, subtract(a, 1.0), 1.0), x)
    return subtract(select(large, lower, scale(out, scale(subtract(a, 1.0), divide(1.0, x)))), out)


gamma_density: Primitive = smooth(
    "gamma_density",
    _gamma_density,
    Pointwise(
        (POSITIVE, POSITIVE),
        REALS,
        (Edge((1.0, 0.0), (-math.inf, -1.0)), Edge((2.0, 0.0), (0.0, 1.0)), Edge((3.0, 0.0), (0.0, 0.0))),
    ),
    lambda a, x, out: scale(out, subtract(log(x), psi(a))),
    _gamma_density_in_x,
    source="gamma_density({0}, {1})",
    evaluate=computed(_gamma_density),
)


def _over(p: Any, x: Any) -> Any:
    """P / x, 0 where p is."""
    return scale(p, divide(1.0, x))


def _beta_density_in_x(a: Any, b: Any, x: Any, out: Any) -> Any:
    grows = _over(subtract(a, 1.0), x)
    shrinks = _over(subtract(b, 1.0), subtract(1.0, x))
    return scale(out, subtract(grows, shrinks))


beta_density: Primitive = smooth(
    "beta_density",
    _beta_density,
    Pointwise((POSITIVE, POSITIVE, Interval(0.2, 0.8)), REALS),
    lambda a, b, x, out: scale(out, subtract(log(x), _log_mean(a, b))),
    lambda a, b, x, out: scale(out, subtract(log1p(negative(x)), _log_mean(b, a))),
    _beta_density_in_x,
    source="beta_density({0}, {1}, {2})",
    evaluate=computed(_beta_density),
)


def student_slope(v: Any, t: Any, out: Any) -> Any:
    """The slope of the t distribution's density in its degrees of freedom."""
    squared, more = square(t), add(v, 1.0)
    levels = subtract(psi(multiply(0.5, more)), psi(multiply(0.5, v)))
    levels = subtract(levels, add(divide(1.0, v), log1p(divide(squared, v))))
    falls = divide(multiply(more, squared), multiply(v, add(v, squared)))
    return multiply(multiply(0.5, out), add(levels, falls))


student_density: Primitive = smooth(
    "student_density",
    _student_density,
    Pointwise((Interval(1.5, 5.0), Interval(-3.0, 3.0)), REALS),
    student_slope,
    lambda v, t, out: negative(multiply(out, divide(multiply(add(v, 1.0), t), add(v, square(t))))),
    source="student_density({0}, {1})",
    evaluate=computed(_student_density),
)
"""(1 + t²/v)^-(v+1)/2 / (√v B(1/2, v/2))."""


def _log_mean(a: Any, b: Any) -> Any:
    """The mean of log t under the beta density."""
    return subtract(psi(a), psi(add(a, b)))


# --- moments over a part -------------------------------------------------------------------------


def _central(cumulants: Callable[[int, int], Any], i: int, j: int) -> Any:
    """The central moment of orders i and j of two variables with these cumulants."""
    if i == 0 and j == 0:
        return 1.0
    if i == 0:
        return _central(lambda p, q: cumulants(q, p), j, i)
    total: Any = 0.0
    for p in range(i):
        for q in range(j + 1):
            if p + q:
                ways = math.comb(i - 1, p) * math.comb(j, q)
                total = total + ways * cumulants(p + 1, q) * _central(cumulants, i - 1 - p, j - q)
    return total


def _plain_polygamma(order: int, x: Any) -> Any:
    if order == 0:
        return special.psi(x)
    return (-1.0) ** (order + 1) * math.factorial(order) * special.zeta(order + 1.0, x)


def _gamma_moment(a: Any, x: Any, *, order: int) -> Any:
    """From the boundary x outwards, to the side of the mode on which it lies: by t = x + v, or t = x e^-v."""
    lower = x < a
    mean, logarithm = special.psi(a), np.log(x)
    apart = np.where(lower, a - x + np.minimum(x, np.sqrt(x)), (x - (a - 1) + np.sqrt(a)) / x)

    def integrand(v: Any) -> Any:
        grown = np.log1p(v / x)
        shape = np.where(lower, -x * np.expm1(-v) - a * v, (a - 1) * grown - v)
        return np.exp(shape) * (logarithm + np.where(lower, -v, grown) - mean) ** order

    front = np.where(lower, _gamma_mass(a, x), _gamma_density(a, x))
    part = front * decaying_integral(integrand, 1 / apart)
    whole = 0.0 if order == 1 else _central(lambda p, q: _plain_polygamma(p - 1, a), order, 0)
    found = np.where(lower, part, whole - part)
    return np.where(x == 0, 0.0, np.where(x == np.inf, whole, found))


def _beta_cumulants(a: Any, b: Any) -> Callable[[int, int], Any]:
    @functools.cache
    def cumulant(p: int, q: int) -> Any:
        joint = _plain_polygamma(p + q - 1, a + b)
        own = 0.0 if p and q else _plain_polygamma(p + q - 1, a if p else b)
        return own - joint

    return cumulant


def _beta_moment(a: Any, b: Any, x: Any, *, i: int, j: int) -> Any:
    """From the boundary x outwards, to the side of the mean on which it lies: mirrored, that is (0, x)."""
    inside = (x > 0) & (x < 1)
    u = np.where(inside, x, 0.5)
    lower = u * (a + b) < a
    own, other = np.where(lower, a, b), np.where(lower, b, a)
    u, rest = np.where(lower, u, 1 - u), np.where(lower, 1 - u, u)
    total = special.psi(a + b)
    mean, other_mean, logarithm = special.psi(own) - total, special.psi(other) - total, np.log(u)
    odds = u / rest
    decay = np.abs(own - (other - 1) * odds) + np.sqrt(np.maximum(other - 1, 0.0) * odds / rest)

    def integrand(v: Any) -> Any:
        shape = np.exp((other - 1) * np.log1p(-odds * np.expm1(-v)) - own * v)
        first, second = logarithm - v - mean, np.log1p(-u * np.exp(-v)) - other_mean
        if i == j:
            return shape * (first * second) ** i
        return shape * np.where(lower, first**i * second**j, first**j * second**i)

    part = _beta_mass(own, other, u, rest) / rest * decaying_integral(integrand, 1 / decay)
    whole = 0.0 if i + j == 1 else _central(_beta_cumulants(a, b), i, j)
    found = np.where(lower, part, whole - part)
    return np.where(inside, found, np.where(x == 0, 0.0, np.where(x == 1, whole, np.nan)))


def _trigamma(x: Any) -> Any:
    return polygamma(x, order=1)


def _gamma_moment_of(a: Any, x: Any, order: int) -> Any:
    return gamma_moment(a, x, order=order) if order else gammainc(a, x)


def _gamma_moment_in_a(t: Any, a: Any, x: Any, *, out: Any, order: int) -> Any:
    moved = multiply(float(order), multiply(_trigamma(a), _gamma_moment_of(a, x, order - 1)))
    return scale(subtract(gamma_moment(a, x, order=order + 1), moved), t)


def _gamma_moment_in_x(t: Any, a: Any, x: Any, *, out: Any, order: int) -> Any:
    away = integer_power(subtract(log(x), psi(a)), n=order)
    return scale(scale(gamma_density(a, x), away), t)


gamma_moment: Primitive = Primitive(
    name="gamma_moment",
    type=ordered_type("gamma_moment"),
    evaluate=in_blocks(_gamma_moment),
    jvp=(_gamma_moment_in_a, _gamma_moment_in_x),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="gamma_moment({0}, {1}, order={order})",
    domain=Pointwise((POSITIVE, POSITIVE), REALS, params=({"order": 1}, {"order": 2})),
    elementwise=True,
)
"""The integral of g(a, t) (log t - psi(a))^order over 0 < t < x."""


def _beta_moment_of(a: Any, b: Any, x: Any, i: int, j: int) -> Any:
    return beta_moment(a, b, x, i=i, j=j) if i or j else betainc(a, b, x)


def _beta_moment_in_a(t: Any, a: Any, b: Any, x: Any, *, out: Any, i: int, j: int) -> Any:
    joint = _trigamma(add(a, b))
    total = beta_moment(a, b, x, i=i + 1, j=j)
    if i:
        own = subtract(_trigamma(a), joint)
        total = subtract(total, multiply(float(i), multiply(own, _beta_moment_of(a, b, x, i - 1, j))))
    if j:
        total = add(total, multiply(float(j), multiply(joint, _beta_moment_of(a, b, x, i, j - 1))))
    return scale(total, t)


def _beta_moment_in_b(t: Any, a: Any, b: Any, x: Any, *, out: Any, i: int, j: int) -> Any:
    joint = _trigamma(add(a, b))
    total = beta_moment(a, b, x, i=i, j=j + 1)
    if j:
        own = subtract(_trigamma(b), joint)
        total = subtract(total, multiply(float(j), multiply(own, _beta_moment_of(a, b, x, i, j - 1))))
    if i:
        total = add(total, multiply(float(i), multiply(joint, _beta_moment_of(a, b, x, i - 1, j))))
    return scale(total, t)


def _beta_moment_in_x(t: Any, a: Any, b: Any, x: Any, *, out: Any, i: int, j: int) -> Any:
    slope = beta_density(a, b, x)
    if i:
        slope = scale(slope, integer_power(subtract(log(x), _log_mean(a, b)), n=i))
    if j:
        slope = scale(slope, integer_power(subtract(log1p(negative(x)), _log_mean(b, a)), n=j))
    return scale(slope, t)


beta_moment: Primitive = Primitive(
    name="beta_moment",
    type=ordered_type("beta_moment"),
    evaluate=in_blocks(_beta_moment),
    jvp=(_beta_moment_in_a, _beta_moment_in_b, _beta_moment_in_x),
    transpose=(NOT_LINEAR,) * 3,
    batch=each,
    source="beta_moment({0}, {1}, {2}, i={i}, j={j})",
    domain=Pointwise(
        (POSITIVE, POSITIVE, Interval(0.2, 0.8)),
        REALS,
        params=tuple({"i": i, "j": j} for i, j in ((1, 0), (1, 1))),
    ),
    elementwise=True,
)
"""The integral of b(a, b, t) (log t - mean)^i (log(1-t) - mean)^j over 0 < t < x."""

gammainc: Primitive = scipys(
    "gammainc",
    Pointwise((POSITIVE, POSITIVE), REALS, (Edge((2.5, 0.0), (0.0, 0.0)), Edge((1.0, 0.0), (0.0, 1.0)))),
    lambda a, x, out: gamma_moment(a, x, order=1),
    lambda a, x, out: gamma_density(a, x),
)
betainc: Primitive = scipys(
    "betainc",
    Pointwise((POSITIVE, POSITIVE, Interval(0.2, 0.8)), REALS, (Edge((2.0, 2.0, 0.0), (0.0, 0.0, 0.0)),)),
    lambda a, b, x, out: beta_moment(a, b, x, i=1, j=0),
    lambda a, b, x, out: beta_moment(a, b, x, i=0, j=1),
    lambda a, b, x, out: beta_density(a, b, x),
)

ALL = (gamma_density, beta_density, student_density, gamma_moment, beta_moment, gammainc, betainc)
