"""Kelvin's functions, parabolic cylinders, Legendre's associated functions, Wright's, Kolmogorov's.

Each by the differential equation or the recurrence that it satisfies: ber' is berp, and
berp' = -bei - berp / x, beip' = ber - beip / x, as for ker and kei.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import equal, greater
from ..exponential import exp
from ..powers import sqrt
from ..structure import add, each, scale, select
from .bessel import i0, j0, k0, struve, y0
from .declaring import REALS, computed, half, no_derivative_in, one_of, ordered_type, scipys

_RIGHT = Interval(0.4, 3.0)
_SHAPE = Interval(0.6, 1.6)
_MIDDLE = Interval(0.5, 1.4)
_CHANCE = Interval(0.15, 0.85)


def _over(numerator: Any, x: Any, at_zero: float) -> Any:
    """A quotient whose limit at 0 is known."""
    return select(equal(x, 0.0), at_zero, divide(numerator, x))


ber = scipys("ber", Pointwise((_RIGHT,), REALS, (Edge((0.0,), (0.0,)),)), lambda x, out: berp(x))
bei = scipys("bei", Pointwise((_RIGHT,), REALS, (Edge((0.0,), (0.0,)),)), lambda x, out: beip(x))
ker = scipys("ker", Pointwise((_RIGHT,), REALS), lambda x, out: kerp(x))
kei = scipys("kei", Pointwise((_RIGHT,), REALS), lambda x, out: keip(x))
berp: Primitive = scipys(
    "berp",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (0.0,)),)),
    lambda x, out: negative(add(bei(x), _over(out, x, 0.0))),
)
beip: Primitive = scipys(
    "beip",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (0.5,)),)),
    lambda x, out: subtract(ber(x), _over(out, x, 0.5)),
)
kerp: Primitive = scipys(
    "kerp", Pointwise((_RIGHT,), REALS), lambda x, out: negative(add(kei(x), divide(out, x)))
)
keip: Primitive = scipys("keip", Pointwise((_RIGHT,), REALS), lambda x, out: subtract(ker(x), divide(out, x)))

airye = one_of(
    "airye",
    (
        lambda x, out: add(airye(x, part=1), multiply(_root(x), airye(x, part=0))),
        lambda x, out: add(multiply(x, airye(x, part=0)), multiply(_root(x), airye(x, part=1))),
        lambda x, out: subtract(airye(x, part=3), multiply(_root(x), airye(x, part=2))),
        lambda x, out: subtract(multiply(x, airye(x, part=2)), multiply(_root(x), airye(x, part=3))),
    ),
    _RIGHT,
)


def _root(x: Any) -> Any:
    """What the scaling grows by: it is by exp(2/3 x^(3/2)) to the right, and there is none to the left."""
    return sqrt(select(greater(x, 0.0), x, 0.0))


it2j0y0 = one_of(
    "it2j0y0",
    (lambda x, out: _over(subtract(1.0, j0(x)), x, 0.0), lambda x, out: negative(divide(y0(x), x))),
    _RIGHT,
)
it2i0k0 = one_of(
    "it2i0k0",
    (lambda x, out: _over(subtract(i0(x), 1.0), x, 0.0), lambda x, out: negative(divide(k0(x), x))),
    _RIGHT,
)
it2struve0 = scipys(
    "it2struve0",
    Pointwise((_RIGHT,), REALS),
    lambda x, out: negative(_over(struve(0.0, x), x, 2 / math.pi)),
)

# --- Legendre, Wright ----------------------------------------------------------------------------


def _legendre_slope(m: Any, v: Any, x: Any, out: Any) -> Any:
    """(v x P[v] - (v + m) P[v-1]) / (x² - 1)."""
    below = scale(add(v, m), lpmv(m, subtract(v, 1.0), x))
    return divide(subtract(multiply(v, multiply(x, out)), below), subtract(square(x), 1.0))


lpmv: Primitive = scipys(
    "lpmv",
    Pointwise((Interval(1.0, 1.0), Interval(3.0, 3.0), Interval(-0.8, 0.8)), REALS),
    no_derivative_in("its order", "lpmv"),
    no_derivative_in("its degree", "lpmv"),
    _legendre_slope,
)

wright_bessel: Primitive = scipys(
    "wright_bessel",
    Pointwise((_SHAPE, _SHAPE, _RIGHT), REALS),
    no_derivative_in("its parameters", "wright_bessel"),
    no_derivative_in("its parameters", "wright_bessel"),
    lambda a, b, x, out: wright_bessel(a, add(a, b), x),
)
log_wright_bessel: Primitive = scipys(
    "log_wright_bessel",
    Pointwise((_SHAPE, _SHAPE, _RIGHT), REALS),
    no_derivative_in("its parameters", "log_wright_bessel"),
    no_derivative_in("its parameters", "log_wright_bessel"),
    lambda a, b, x, out: exp(subtract(log_wright_bessel(a, add(a, b), x), out)),
)

# --- parabolic cylinders -------------------------------------------------------------------------


def _cylinder(name: str, bend: Callable[[Any, Any], Any]) -> Primitive:
    """A function and its slope, `part` 0 and 1; the slope's own slope is `bend(v, x)` times the function."""

    def evaluate(v: Any, x: Any, *, part: int) -> Any:
        return getattr(special, name)(v, x)[part]

    def in_x(t: Any, v: Any, x: Any, *, out: Any, part: int) -> Any:
        return scale(multiply(bend(v, x), own(v, x, part=0)) if part else own(v, x, part=1), t)

    own = Primitive(
        name=name,
        type=ordered_type(name),
        evaluate=computed(evaluate),
        jvp=(no_derivative_in("its order", name), in_x),
        transpose=(NOT_LINEAR, NOT_LINEAR),
        batch=each,
        source=f"{name}({{0}}, {{1}}, part={{part}})",
        domain=Pointwise((_SHAPE, _RIGHT), REALS, params=({"part": 0}, {"part": 1})),
        elementwise=True,
    )
    return own


def _quarter(v: Any, x: Any) -> Any:
    """x² / 4 - v - 1/2."""
    return subtract(square(half(x)), add(v, 0.5))


pbdv = _cylinder("pbdv", _quarter)
pbvv = _cylinder("pbvv", _quarter)

# --- Kolmogorov ----------------------------------------------------------------------------------

_TERMS = 60


def _kolmogorov_part(x: Any, *, order: int) -> Any:
    """From 2 Σ (-1)^(k-1) exp(-2 k² x²), term by term: Hermite's polynomials of 2 k x."""
    total: Any = np.zeros_like(x)
    for k in range(1, _TERMS):
        step = 2.0 * k
        shape = special.eval_hermitenorm(order, step * x) * np.exp(-2.0 * k * k * x * x)
        total = total + (-1.0) ** (k - 1) * (-step) ** order * shape
    return np.where(x < 0.12, 0.0, 2.0 * total)  # (there it is below 1e-35)


kolmogorov_part: Primitive = Primitive(
    name="kolmogorov_part",
    type=ordered_type("kolmogorov_part"),
    evaluate=computed(_kolmogorov_part),
    jvp=(lambda t, x, *, out, order: scale(kolmogorov_part(x, order=order + 1), t),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="kolmogorov_part({0}, order={order})",
    domain=Pointwise((_MIDDLE,), REALS, params=({"order": 1}, {"order": 2})),
    elementwise=True,
)
"""The derivative of this order, 1 or more, of Kolmogorov's tail probability."""


def _fall(x: Any) -> Any:
    return kolmogorov_part(x, order=1)


kolmogorov = scipys("kolmogorov", Pointwise((_MIDDLE,), REALS), lambda x, out: _fall(x))
kolmogc = scipys("_kolmogc", Pointwise((_MIDDLE,), REALS), lambda x, out: negative(_fall(x)))
kolmogi = scipys("kolmogi", Pointwise((_CHANCE,), REALS), lambda p, out: divide(1.0, _fall(out)))
kolmogci = scipys("_kolmogci", Pointwise((_CHANCE,), REALS), lambda p, out: divide(-1.0, _fall(out)))

PAIRS = {airye: 4, it2j0y0: 2, it2i0k0: 2}
"""Functions of one number with several results, and how many."""

CYLINDERS = (pbdv, pbvv)
ALL = (
    *(ber, bei, ker, kei, berp, beip, kerp, keip, *PAIRS, it2struve0, lpmv, wright_bessel, log_wright_bessel),
    *(*CYLINDERS, kolmogorov_part, kolmogorov, kolmogc, kolmogi, kolmogci),
)
BEHIND = (kolmogc, kolmogci)
