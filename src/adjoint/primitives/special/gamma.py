"""The gamma function and its kin: logarithms, polygamma, beta, binomial coefficients.

d gamma(x) = gamma(x) psi(x) dx        d gammaln(x) = psi(x) dx        psi' = polygamma(1)

`rgamma`, 1 / gamma, is smooth at the poles 0, -1, ... of gamma, where it is zero; what is made of it has
its slopes there from it.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...lazy import special
from ..arithmetic import multiply, negative, subtract
from ..comparison import equal, less
from ..complex import real
from ..pointwise import POSITIVE, STEPS
from ..structure import add, scale, select
from ..trigonometric import cos
from .declaring import FIELDS, REALS, by_order, computed, is_complex, scipys

_EVEN_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
_FAR = 24
"""From here on, nine terms of the asymptotic series are exact to rounding."""


def _far_polygamma(z: Any, order: int) -> Any:
    """(-1)^(n+1) (d/dz)^n psi by its asymptotic series, n >= 1 and |z| large."""
    total = math.factorial(order - 1) / z**order + math.factorial(order) / (2 * z ** (order + 1))
    for k, b in enumerate(_EVEN_BERNOULLI, start=1):
        total = total + b * math.factorial(2 * k + order - 1) / (math.factorial(2 * k) * z ** (2 * k + order))
    return total


def _cotangents(z: Any, order: int) -> Any:
    """(d/dz)^n of π cot πz, from the polynomials in c = cot: c' = -π (1 + c²)."""
    turned = np.pi * (z - np.rint(z.real))
    c = np.cos(turned) / np.sin(turned)
    poly = np.polynomial.Polynomial((0.0, 1.0))
    for _ in range(order):
        poly = -(poly.deriv() * np.polynomial.Polynomial((1.0, 0.0, 1.0)))
    side = np.where(z.imag > 0, 1.0, -1.0)
    far = -2j * side * (2j * side) ** order * np.exp(2j * side * turned)  # cot is ∓i to rounding there
    return np.pi ** (order + 1) * np.where(np.abs(z.imag) > 8, far, poly(c))


def _complex_polygamma(z: Any, order: int) -> Any:
    """By recurrence to the right and the asymptotic series there; by reflection from the left half plane."""
    mirrored = z.real < 0.5
    right = np.where(mirrored, 1 - z, z)
    total = _far_polygamma(right + _FAR, order)
    for k in range(_FAR):
        total = total + math.factorial(order) / (right + k) ** (order + 1)
    found = (-1) ** (order + 1) * total
    # psi(1 - z) - psi(z) = π cot πz
    return np.where(mirrored, (-1) ** order * found - _cotangents(z, order), found)


def _polygamma(x: Any, *, order: int) -> Any:
    if order == 0:
        return special.psi(x)
    if x.dtype.kind == "c":
        return _complex_polygamma(x, order)
    return (-1.0) ** (order + 1) * special.gamma(order + 1.0) * special.zeta(order + 1.0, x)


polygamma = by_order("polygamma", computed(_polygamma), Interval(0.3, 3.0))


def digamma(x: Any) -> Any:
    """The logarithmic derivative of gamma."""
    return polygamma(x, order=0)


psi = scipys(
    "psi",
    Pointwise((Interval(0.3, 3.0),), FIELDS),
    lambda x, out: polygamma(x, order=1),
)
gammaln = scipys("gammaln", Pointwise((Interval(0.3, 3.0),), REALS), lambda x, out: psi(x))
loggamma = scipys("loggamma", Pointwise((Interval(0.3, 3.0),), FIELDS), lambda x, out: psi(x))
gamma = scipys("gamma", Pointwise((Interval(0.3, 3.0),), FIELDS), lambda x, out: multiply(out, psi(x)))
gammasgn = scipys("gammasgn", Pointwise((Interval(-1.9, -1.1),), REALS), STEPS)


def rgamma_slope(x: Any, out: Any) -> Any:
    """The slope of 1 / gamma; left of 1/2 by reflection, 1 / gamma(x) = gamma(1 - x) sin(πx) / π."""
    right = negative(multiply(out, psi(x)))
    mirror = subtract(1.0, x)
    left = subtract(multiply(cos(multiply(math.pi, x)), gamma(mirror)), multiply(out, psi(mirror)))
    return select(less(real(x) if is_complex(x) else x, 0.5), left, right)


_POLES = ((0.0, 1.0), (-1.0, -1.0), (-3.0, -6.0))
rgamma = scipys(
    "rgamma",
    Pointwise((Interval(-1.6, 0.45),), FIELDS, tuple(Edge((x,), (slope,)) for x, slope in _POLES)),
    lambda x, out: rgamma_slope(x, out),
)


def _beta_part(x: Any, y: Any) -> Any:
    """The slope of the logarithm of beta in x: psi(x) - psi(x + y)."""
    return subtract(psi(x), psi(add(x, y)))


beta = scipys(
    "beta",
    Pointwise((POSITIVE, POSITIVE), REALS),
    lambda x, y, out: multiply(out, _beta_part(x, y)),
    lambda x, y, out: multiply(out, _beta_part(y, x)),
)
betaln = scipys(
    "betaln",
    Pointwise((POSITIVE, POSITIVE), REALS),
    lambda x, y, out: _beta_part(x, y),
    lambda x, y, out: _beta_part(y, x),
)


def _reciprocal_slope(x: Any) -> Any:
    return rgamma_slope(x, rgamma(x))


def _poch_slope(x: Any, m: Any, out: Any) -> Any:
    """By the ratio of gamma functions; where 1 / gamma(x) is zero, by its slope there."""
    raised = add(x, m)
    usual = multiply(out, subtract(psi(raised), psi(x)))
    return select(equal(out, 0.0), multiply(gamma(raised), _reciprocal_slope(x)), usual)


poch = scipys(
    "poch",
    Pointwise((POSITIVE, POSITIVE), REALS, (Edge((-0.0, 2.0), (1.0, 0.0)),)),
    _poch_slope,
    lambda x, m, out: scale(out, psi(add(x, m))),
)


def _ratio(n: Any, k: Any) -> Any:
    return add(subtract(n, k), 1.0)


def _binom_in_n(n: Any, k: Any, out: Any) -> Any:
    zero = multiply(multiply(gamma(add(n, 1.0)), rgamma(add(k, 1.0))), _reciprocal_slope(_ratio(n, k)))
    return select(equal(out, 0.0), zero, multiply(out, subtract(psi(add(n, 1.0)), psi(_ratio(n, k)))))


def _binom_in_k(n: Any, k: Any, out: Any) -> Any:
    top = gamma(add(n, 1.0))
    above = multiply(rgamma(add(k, 1.0)), _reciprocal_slope(_ratio(n, k)))
    below = multiply(rgamma(_ratio(n, k)), _reciprocal_slope(add(k, 1.0)))
    usual = multiply(out, subtract(psi(_ratio(n, k)), psi(add(k, 1.0))))
    return select(equal(out, 0.0), multiply(top, subtract(below, above)), usual)


binom = scipys(
    "binom",
    Pointwise((Interval(4.1, 6.0), Interval(0.6, 2.9)), REALS),
    _binom_in_n,
    _binom_in_k,
)

ALL = (polygamma, psi, gammaln, loggamma, gamma, gammasgn, rgamma, beta, betaln, poch, binom)
