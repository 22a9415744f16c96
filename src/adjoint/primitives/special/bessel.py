"""Bessel functions and their kin: J, Y, I, K, Hankel's, spherical ones, Airy's, Struve's.

2 d/dx J[v] = J[v-1] - J[v+1], and so for Y and Hankel's;   2 d/dx I[v] = I[v-1] + I[v+1];
2 d/dx K[v] = -K[v-1] - K[v+1]

Written so, they hold at x = 0 too. Of the orders, those of I and K have derivatives here.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, subtract
from ..comparison import equal
from ..exponential import exp
from ..pointwise import smooth
from ..powers import power
from ..rounding import sign, trunc
from ..structure import INF, WHOLE, add, scale, select
from .declaring import FIELDS, REALS, half, no_derivative_in, of_one_dtype, one_of, scipys
from .gamma import rgamma
from .orders import order_of_i, order_of_k

_ORDER = Interval(1.2, 2.8)
_RIGHT = Interval(0.4, 3.0)
_COMPLEX = ("complex64", "complex128")

Slope = Callable[..., Any]


def _minus(below: Any, above: Any) -> Any:
    return half(subtract(below, above))


def _plus(below: Any, above: Any) -> Any:
    return half(add(below, above))


def _of_real_order(name: str) -> Callable[..., Any]:
    """SciPy's function, whose order is real also beside complex numbers."""

    def function(v: Any, z: Any) -> Any:
        order = v.real if type(v) is complex or np.iscomplexobj(v) else v
        return getattr(special, name)(order, z)

    return of_one_dtype(function)


def _in_order(name: str, combine: Slope, dtypes: tuple[str, ...], in_order: Slope | None = None) -> Primitive:
    """A function of an order and a number, by its slope `combine(f[v-1], f[v+1], z, out)`.

    One with a slope in the order too, `in_order(v, z, out)`, is known as `real_...`.
    """
    known = name if in_order is None or name == "ive" else f"real_{name}"

    def slope(v: Any, z: Any, out: Any) -> Any:
        return combine(own(subtract(v, 1.0), z), own(add(v, 1.0), z), z, out)

    evaluate = _of_real_order(name)
    own: Primitive = smooth(
        known,
        evaluate,
        Pointwise((_ORDER, _RIGHT), dtypes),
        in_order or no_derivative_in("its order", name),
        slope,
        source=f"{known}({{0}}, {{1}})",
        evaluate=evaluate,
    )
    return own


jv = _in_order("jv", lambda low, high, z, out: _minus(low, high), FIELDS)
yv = _in_order("yv", lambda low, high, z, out: _minus(low, high), FIELDS)
iv = _in_order("iv", lambda low, high, z, out: _plus(low, high), FIELDS)
kv = _in_order("kv", lambda low, high, z, out: negative(_plus(low, high)), FIELDS)
hankel1 = _in_order("hankel1", lambda low, high, z, out: _minus(low, high), _COMPLEX)
hankel2 = _in_order("hankel2", lambda low, high, z, out: _minus(low, high), _COMPLEX)
hankel1e = _in_order(
    "hankel1e", lambda low, high, z, out: subtract(_minus(low, high), multiply(1j, out)), _COMPLEX
)
hankel2e = _in_order(
    "hankel2e", lambda low, high, z, out: add(_minus(low, high), multiply(1j, out)), _COMPLEX
)
jve = _in_order("jve", lambda low, high, z, out: _minus(low, high), REALS)
yve = _in_order("yve", lambda low, high, z, out: _minus(low, high), REALS)
ive = _in_order(
    "ive",
    lambda low, high, z, out: subtract(_plus(low, high), multiply(sign(z), out)),
    REALS,
    lambda v, z, out: order_of_i(v, z, order=1),
)
kve = _in_order("kve", lambda low, high, z, out: subtract(out, _plus(low, high)), FIELDS)

# (of real numbers, with slopes in the order too)
real_iv = _in_order(
    "iv",
    lambda low, high, z, out: _plus(low, high),
    REALS,
    lambda v, z, out: scale(exp(z), order_of_i(v, z, order=1)),
)
real_kv = _in_order(
    "kv",
    lambda low, high, z, out: negative(_plus(low, high)),
    REALS,
    lambda v, z, out: scale(exp(negative(z)), order_of_k(v, z, order=1)),
)
real_kve = _in_order(
    "kve",
    lambda low, high, z, out: subtract(out, _plus(low, high)),
    REALS,
    lambda v, z, out: order_of_k(v, z, order=1),
)

# --- of orders 0 and 1 ---------------------------------------------------------------------------

_AT_ZERO = Edge((0.0,), (0.5,))


def _steep(x: Any, slope: Any, at_zero: float) -> Any:
    """A slope that is one-sidedly infinite at 0, where its formula subtracts infinities."""
    return select(equal(x, 0.0), at_zero, slope)


j0 = scipys("j0", Pointwise((WHOLE,), REALS, (Edge((0.0,), (0.0,)),)), lambda x, out: negative(j1(x)))
j1 = scipys("j1", Pointwise((WHOLE,), REALS, (_AT_ZERO,)), lambda x, out: _minus(j0(x), jv(2.0, x)))
y0 = scipys("y0", Pointwise((_RIGHT,), REALS, (Edge((0.0,), (INF,)),)), lambda x, out: negative(y1(x)))
y1 = scipys(
    "y1",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (INF,)),)),
    lambda x, out: _steep(x, _minus(y0(x), yv(2.0, x)), INF),
)
i0 = scipys("i0", Pointwise((WHOLE,), REALS, (Edge((0.0,), (0.0,)),)), lambda x, out: i1(x))
i1 = scipys("i1", Pointwise((WHOLE,), REALS, (_AT_ZERO,)), lambda x, out: _plus(i0(x), iv(2.0, x)))
i0e = scipys(
    "i0e",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (0.0,)),)),
    lambda x, out: subtract(i1e(x), multiply(sign(x), out)),
)
i1e = scipys(
    "i1e",
    Pointwise((_RIGHT,), REALS, (_AT_ZERO,)),
    lambda x, out: subtract(_plus(i0e(x), ive(2.0, x)), multiply(sign(x), out)),
)
k0 = scipys("k0", Pointwise((_RIGHT,), REALS, (Edge((0.0,), (-INF,)),)), lambda x, out: negative(k1(x)))
k1 = scipys(
    "k1",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (-INF,)),)),
    lambda x, out: negative(_plus(k0(x), kv(2.0, x))),
)
k0e = scipys(
    "k0e",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (-INF,)),)),
    lambda x, out: _steep(x, subtract(out, k1e(x)), -INF),
)
k1e = scipys(
    "k1e",
    Pointwise((_RIGHT,), REALS, (Edge((0.0,), (-INF,)),)),
    lambda x, out: _steep(x, subtract(out, _plus(k0e(x), kve(2.0, x))), -INF),
)


# --- with an integer as their order --------------------------------------------------------------


def _truncated(name: str, general: Primitive) -> Primitive:
    """SciPy's function of a whole order, by the slopes of that of any order."""

    def slope(n: Any, x: Any, out: Any) -> Any:
        whole = trunc(n)
        low, high = general(subtract(whole, 1.0), x), general(add(whole, 1.0), x)
        return _minus(low, high) if name == "yn" else negative(_plus(low, high))

    def evaluate(n: Any, x: Any) -> Any:
        return getattr(special, name)(np.trunc(n), x)

    return smooth(
        name,
        evaluate,
        Pointwise((Interval(2.0, 2.0), _RIGHT), REALS),
        no_derivative_in("its order", name),
        slope,
        source=f"{name}({{0}}, {{1}})",
        evaluate=of_one_dtype(evaluate),
    )


yn = _truncated("yn", yv)
kn = _truncated("kn", kv)


_SIGNS = {
    "spherical_jn": (1.0, -1.0),
    "spherical_yn": (1.0, -1.0),
    "spherical_in": (1.0, 1.0),
    "spherical_kn": (-1.0, -1.0),
}


def spherical_slope(function: Primitive, n: Any, z: Any) -> Any:
    """(2n + 1) d/dz f[n] = ±n f[n-1] ± (n+1) f[n+1]."""
    below, above = _SIGNS[function.name]
    following = add(n, 1.0)
    lower = multiply(below, scale(n, function(subtract(n, 1.0), z)))
    upper = multiply(above, multiply(following, function(following, z)))
    return divide(add(lower, upper), add(n, following))


def _spherical(name: str) -> Primitive:
    def evaluate(n: Any, z: Any) -> Any:
        out = getattr(special, name)(np.asarray(n).astype(np.int64), z)
        return np.asarray(out).astype(np.result_type(n, z), copy=False)[()]

    own: Primitive = smooth(
        name,
        evaluate,
        Pointwise((Interval(2.0, 2.0), _RIGHT), REALS),
        no_derivative_in("its order", name),
        lambda n, z, out: spherical_slope(own, n, z),
        source=f"{name}({{0}}, {{1}})",
        evaluate=of_one_dtype(evaluate),
    )
    return own


spherical_jn, spherical_yn, spherical_in, spherical_kn = map(_spherical, _SIGNS)

# --- Airy ----------------------------------------------------------------------------------------

airy = one_of(
    "airy",
    (
        lambda x, out: airy(x, part=1),
        lambda x, out: multiply(x, airy(x, part=0)),
        lambda x, out: airy(x, part=3),
        lambda x, out: multiply(x, airy(x, part=2)),
    ),
    WHOLE,
    FIELDS,
)

# --- Struve --------------------------------------------------------------------------------------


def _forcing(v: Any, x: Any) -> Any:
    """(x/2)^v / (√π gamma(v + 3/2))."""
    return multiply(1.0 / math.sqrt(math.pi), multiply(power(half(x), v), rgamma(add(v, 1.5))))


def _struve(name: str, combine: Slope) -> Primitive:
    own: Primitive = scipys(
        name,
        Pointwise((_ORDER, _RIGHT), REALS),
        no_derivative_in("its order", name),
        lambda v, x, out: combine(own(subtract(v, 1.0), x), own(add(v, 1.0), x), _forcing(v, x)),
    )
    return own


struve = _struve("struve", lambda low, high, forcing: half(add(subtract(low, high), forcing)))
modstruve = _struve("modstruve", lambda low, high, forcing: half(add(add(low, high), forcing)))

ALL = (
    *(jv, yv, iv, kv, hankel1, hankel2, hankel1e, hankel2e, jve, yve, ive, kve, real_iv, real_kv, real_kve),
    *(j0, j1, y0, y1, i0, i1, i0e, i1e, k0, k1, k0e, k1e, yn, kn, airy, struve, modstruve),
    *(spherical_jn, spherical_yn, spherical_in, spherical_kn),
)
