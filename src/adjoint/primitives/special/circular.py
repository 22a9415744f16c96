"""The von Mises distribution on the circle: its distribution function, which SciPy computes in C.

f(κ, x) = exp(κ cos x) / (2π I0(κ))          F(κ, x) = 1/2 + ∫ f(κ, t) dt over 0 < t < x

The derivatives in κ are the integrals of f (cos t - A)^order, where A = I1 / I0 is the mean of cos: they are
`mises_moment`.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special, von_mises
from ..arithmetic import divide, multiply, square, subtract
from ..comparison import less
from ..exponential import exp
from ..pointwise import smooth
from ..powers import integer_power
from ..structure import WHOLE, add, each, scale, select
from ..trigonometric import cos, sin
from .bessel import i0, i0e, i1e, ive
from .declaring import REALS, computed, half, ordered_type
from .quadrature import in_blocks

_RATE = Interval(0.5, 4.0)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_WIDE = 9.5


def _mean(k: Any) -> Any:
    return divide(i1e(k), i0e(k))


def _variance(k: Any) -> Any:
    """1/2 (1 + I2 / I0) - A²: the slope of the mean of cos."""
    return subtract(half(add(1.0, divide(ive(2.0, k), i0e(k)))), square(_mean(k)))


def mises_density(k: Any, x: Any) -> Any:
    """The density; for large κ as exp(-2κ sin²(x/2)) / (2π e^-κ I0(κ)), whose parts have a kink at κ = 0."""
    near = less(k, 1.0)
    small, large = select(near, k, 0.0), select(near, 1.0, k)
    around = divide(exp(multiply(small, cos(x))), i0(small))
    away = multiply(multiply(-2.0, large), square(sin(half(x))))
    return divide(select(near, around, divide(exp(away), i0e(large))), 2 * math.pi)


def _mises_moment(k: Any, x: Any, *, order: int) -> Any:
    mean = special.i1e(k) / special.i0e(k)

    def up_to(angle: Any) -> Any:
        reach = np.minimum(np.abs(angle), _WIDE / np.sqrt(np.maximum(k, 1e-300)))
        t = 0.5 * reach * (_NODES + 1)
        density = np.exp(-2 * k * np.sin(t / 2) ** 2) / (2 * np.pi * special.i0e(k))
        away = 1.0 - mean - 2 * np.sin(t / 2) ** 2
        return 0.5 * reach * np.sign(angle) * np.sum(_WEIGHTS * density * away**order, axis=-1, keepdims=True)

    turns = np.rint(x / (2 * np.pi))
    whole = up_to(np.full_like(x, np.pi))
    return up_to(x - 2 * np.pi * turns) + (1 + 2 * turns) * whole


def _moment_in_k(t: Any, k: Any, x: Any, *, out: Any, order: int) -> Any:
    total = mises_moment(k, x, order=order + 1)
    if order:
        lower = mises_moment(k, x, order=order - 1) if order > 1 else mises_cdf(x, k)
        total = subtract(total, multiply(float(order), multiply(_variance(k), lower)))
    return scale(total, t)


def _moment_in_x(t: Any, k: Any, x: Any, *, out: Any, order: int) -> Any:
    away = integer_power(subtract(cos(x), _mean(k)), n=order)
    return scale(multiply(mises_density(k, x), away), t)


mises_moment: Primitive = Primitive(
    name="mises_moment",
    type=ordered_type("mises_moment"),
    evaluate=in_blocks(_mises_moment),
    jvp=(_moment_in_k, _moment_in_x),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="mises_moment({0}, {1}, order={order})",
    domain=Pointwise((_RATE, WHOLE), REALS, params=({"order": 1}, {"order": 2})),
    elementwise=True,
)


def _mises_cdf(x: Any, k: Any) -> Any:
    return np.asarray(von_mises.von_mises_cdf(k, x)).reshape(x.shape)


mises_cdf: Primitive = smooth(
    "mises_cdf",
    _mises_cdf,
    Pointwise((WHOLE, _RATE), REALS),
    lambda x, k, out: mises_density(k, x),
    lambda x, k, out: mises_moment(k, x, order=1),
    source="mises_cdf({0}, {1})",
    evaluate=computed(_mises_cdf),
)

ALL = (mises_moment, mises_cdf)
