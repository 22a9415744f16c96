"""Derivatives of the modified Bessel functions in their order, scaled so that they neither grow nor vanish.

`order_of_i` is e^-z times the derivative of I[v](z) in v of this order, from the series in powers of z, all
of whose terms are positive; `order_of_k` is e^z times that of K[v](z), from its integral over
e^(-z cosh t) cosh vt.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, subtract
from ..structure import add, each, scale
from .declaring import REALS, half, ordered_type
from .noncentral import bell
from .quadrature import in_blocks

_ORDER = Interval(1.2, 2.8)
_RIGHT = Interval(0.4, 3.0)
_COUNTS = ({"order": 1}, {"order": 2})


def _polygamma(n: int, x: Any) -> Any:
    if n == 0:
        return special.psi(x)
    return (-1.0) ** (n + 1) * math.factorial(n) * special.zeta(n + 1.0, x)


def _order_of_i(v: Any, z: Any, *, order: int) -> Any:
    size = np.abs(z)
    middle = 0.5 * (np.sqrt(v * v + size * size) - v)
    first = max(0.0, float(np.min(np.floor(middle - 9 * np.sqrt(middle) - 20), initial=0.0)))
    last = min(float(np.max(middle + 9 * np.sqrt(middle) + 30, initial=30.0)), 1e5)
    k = np.arange(first, np.floor(last) + 1)
    logarithm = np.log(z / 2)
    above = v + k + 1
    terms = np.exp((2 * k + v) * logarithm - special.gammaln(k + 1) - special.gammaln(above) - z)
    rows = bell(order, 0.0, lambda m: -_polygamma(m - 1, above))
    away = logarithm - special.psi(above)
    total = np.sum(special.gammasgn(above) * terms * sum(c * away**n for n, c in enumerate(rows)), axis=-1)
    return np.where(z == 0, 0.0, total[:, None])


def _i_in_z(t: Any, v: Any, z: Any, *, out: Any, order: int) -> Any:
    """I' = I[v+1] + v/z I[v], and its derivatives in v."""
    total = add(order_of_i(add(v, 1.0), z, order=order), multiply(divide(v, z), out))
    if order:
        total = add(total, divide(multiply(float(order), order_of_i(v, z, order=order - 1)), z))
    return scale(subtract(total, out), t)


order_of_i: Primitive = Primitive(
    name="order_of_i",
    type=ordered_type("order_of_i"),
    evaluate=in_blocks(_order_of_i),
    jvp=(lambda t, v, z, *, out, order: scale(order_of_i(v, z, order=order + 1), t), _i_in_z),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="order_of_i({0}, {1}, order={order})",
    domain=Pointwise((_ORDER, _RIGHT), REALS, params=_COUNTS),
    elementwise=True,
)

_STEPS = 240


def _order_of_k(v: Any, z: Any, *, order: int) -> Any:
    """By the trapezoidal rule, which is exact to rounding for what decays so."""
    size = np.maximum(z, 1e-300)
    far = np.arccosh(1 + (45 + 8 * np.abs(v)) / size) + 0.2
    t = far * np.arange(_STEPS + 1) / _STEPS
    bell_shape = -2 * z * np.sinh(t / 2) ** 2
    side = (-1.0) ** order
    terms = 0.5 * t**order * (np.exp(bell_shape + v * t) + side * np.exp(bell_shape - v * t))
    terms[:, 0] *= 0.5
    return np.where(z > 0, far / _STEPS * np.sum(terms, axis=-1, keepdims=True), np.inf)


def _k_in_z(t: Any, v: Any, z: Any, *, out: Any, order: int) -> Any:
    below, above = (order_of_k(add(v, side), z, order=order) for side in (-1.0, 1.0))
    return scale(subtract(out, half(add(below, above))), t)


order_of_k: Primitive = Primitive(
    name="order_of_k",
    type=ordered_type("order_of_k"),
    evaluate=in_blocks(_order_of_k),
    jvp=(lambda t, v, z, *, out, order: scale(order_of_k(v, z, order=order + 1), t), _k_in_z),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="order_of_k({0}, {1}, order={order})",
    domain=Pointwise((_ORDER, _RIGHT), REALS, params=_COUNTS),
    elementwise=True,
)

ALL = (order_of_i, order_of_k)
