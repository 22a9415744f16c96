"""Exponential, trigonometric and Fresnel integrals, integrals of Bessel and Airy functions, Lambert's W.

The slope of an integral is its integrand: Ei' = e^x / x, Si' = sin x / x, S' = sin(πx²/2), ...
W(z) e^W(z) = z gives W' = e^-W / (1 + W).
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import greater_equal, less, maximum
from ..complex import absolute
from ..exponential import exp
from ..pointwise import smooth
from ..rounding import trunc
from ..structure import WHOLE, add, each, scale, select
from ..trigonometric import cos, cosh, sin, sinc
from .bessel import i0, j0, k0, modstruve, struve, y0
from .declaring import (
    FIELDS,
    REALS,
    by_order,
    computed,
    no_derivative_in,
    of_one_dtype,
    one_of,
    ordered_type,
    scipys,
)
from .elementary import exprel

_RIGHT = Interval(0.4, 3.0)


def _over(numerator: Any, x: Any) -> Any:
    """A quotient that is +inf at either zero."""
    return divide(numerator, add(x, 0.0))


expi = scipys("expi", Pointwise((_RIGHT,), FIELDS), lambda x, out: _over(exp(x), x))
exp1 = scipys("exp1", Pointwise((_RIGHT,), FIELDS), lambda x, out: negative(_over(exp(negative(x)), x)))


def _expn(n: Any, x: Any) -> Any:
    return special.expn(np.trunc(n), x)


def _expn_slope(n: Any, x: Any, out: Any) -> Any:
    """-E[n-1]; from n = 0 on down by (n - 1) E[n] = e^-x - x E[n-1]."""
    whole = trunc(n)
    usual = expn(maximum(subtract(whole, 1.0), 0.0), x)
    lowest = divide(add(exp(negative(x)), out), x)
    return negative(select(greater_equal(whole, 1.0), usual, lowest))


expn: Primitive = smooth(
    "expn",
    _expn,
    Pointwise((Interval(2.0, 2.0), _RIGHT), REALS),
    no_derivative_in("its order", "expn"),
    _expn_slope,
    source="expn({0}, {1})",
    evaluate=of_one_dtype(_expn),
)


def _sine_quotient(x: Any) -> Any:
    """Sin x / x."""
    near = less(absolute(x), 1.0)
    return select(near, sinc(divide(x, math.pi), order=0), divide(sin(x), select(near, 1.0, x)))


def _sinhrel(x: Any, *, order: int) -> Any:
    """By its series around 0, and as the even part of exprel away from it."""
    near = np.abs(x) < order + 1
    u = np.where(near, x, 0.0)
    series: Any = np.zeros_like(u)
    for k in range(40 + order - order % 2, order - 1, -1):
        series = series * u + (math.perm(k, order) / math.factorial(k + 1) if k % 2 == 0 else 0.0)
    apart = exprel.evaluate(x, order=order) + (-1.0) ** order * exprel.evaluate(-x, order=order)
    return np.where(near, series, apart / 2)


sinhrel = by_order("sinhrel", computed(_sinhrel), WHOLE, FIELDS, (Edge((0.0,), (0.0,)),))
"""Sinh x / x."""


sici = one_of(
    "sici",
    (lambda x, out: _sine_quotient(x), lambda x, out: _over(cos(x), x)),
    _RIGHT,
    FIELDS,
    (Edge((0.0,), (1.0,)),),
)
shichi = one_of(
    "shichi",
    (lambda x, out: sinhrel(x, order=0), lambda x, out: _over(cosh(x), x)),
    _RIGHT,
    FIELDS,
    (Edge((0.0,), (1.0,)),),
)


def _phase(x: Any) -> Any:
    return multiply(math.pi / 2, square(x))


fresnel = one_of(
    "fresnel",
    (lambda x, out: sin(_phase(x)), lambda x, out: cos(_phase(x))),
    WHOLE,
    FIELDS,
    (Edge((0.0,), (0.0,)),),
)

itj0y0 = one_of("itj0y0", (lambda x, out: j0(x), lambda x, out: y0(x)), _RIGHT)
iti0k0 = one_of("iti0k0", (lambda x, out: i0(x), lambda x, out: k0(x)), _RIGHT)
itstruve0 = scipys("itstruve0", Pointwise((_RIGHT,), REALS), lambda x, out: struve(0.0, x))
itmodstruve0 = scipys("itmodstruve0", Pointwise((_RIGHT,), REALS), lambda x, out: modstruve(0.0, x))

# --- Lambert's W ---------------------------------------------------------------------------------


def _lambertw_slope(t: Any, z: Any, *, out: Any, branch: int, tolerance: float) -> Any:
    return scale(divide(exp(negative(out)), add(1.0, out)), t)


def _lambertw(z: Any, *, branch: int, tolerance: float) -> Any:
    out = special.lambertw(z, branch, tolerance)
    return out.item() if type(z) is complex else out


lambertw = Primitive(
    name="lambertw",
    type=ordered_type("lambertw"),
    evaluate=_lambertw,
    jvp=(_lambertw_slope,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="lambertw({0}, branch={branch}, tolerance={tolerance})",
    domain=Pointwise(
        (Interval(0.3, 3.0),),
        ("complex128",),
        (Edge((0j,), (1.0 + 0j,)),),
        tuple({"branch": k, "tolerance": 1e-15} for k in (0, -1, 2)),
    ),
    elementwise=True,
)
wrightomega = scipys("wrightomega", Pointwise((WHOLE,), FIELDS), lambda z, out: divide(out, add(1.0, out)))

ALL = (
    *(expi, exp1, expn, sici, sinhrel, shichi, fresnel),
    *(itj0y0, iti0k0, itstruve0, itmodstruve0, lambertw, wrightomega),
)
