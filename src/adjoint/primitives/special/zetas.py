"""Hurwitz's and Riemann's zeta functions, and generalised harmonic numbers, in all their arguments.

ζ(s, q) = Σ (k + q)^-s over k = 0, 1, ...          H(n, a) = Σ k^-a over k = 1 ... n

The derivatives in the exponent are the same sums with powers of -log(k + q). Those that go on without end
are summed by Euler and Maclaurin's formula: each is a primitive with `order`, and its slope the next order.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, subtract
from ..pointwise import POSITIVE
from ..structure import add, each, scale
from .counts import WHOLE_NUMBER
from .declaring import REALS, computed, ordered_type, scipys

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
_EXPONENT = Interval(1.5, 4.0)


def _tail(s: Any, m: Any, order: int) -> Any:
    """The sum of (-log t)^order t^-s over t = m, m + 1, ...: integral, half a term, corrections.

    A derivative of t^-s P(log t) is t^-(s+1) (P' - s P)(log t): P is held by its coefficients.
    """
    logarithm, sign = np.log(m), (-1.0) ** order
    terms = [math.perm(order, i) * logarithm ** (order - i) / (s - 1) ** (i + 1) for i in range(order + 1)]
    total = sign * m ** (1 - s) * sum(terms) + 0.5 * sign * logarithm**order * m**-s
    coefficients: list[Any] = [np.zeros_like(s)] * order + [sign * np.ones_like(s)]
    for step in range(2 * len(_BERNOULLI) - 1):
        slopes = [(i + 1) * c for i, c in enumerate(coefficients[1:])] + [0.0]
        coefficients = [d - (s + step) * c for d, c in zip(slopes, coefficients, strict=True)]
        if step % 2 == 0:
            found = sum(c * logarithm**i for i, c in enumerate(coefficients)) * m ** (-s - step - 1)
            total = total - _BERNOULLI[step // 2] / math.factorial(step + 2) * found
    return total


def _zeta_log(s: Any, q: Any, *, order: int) -> Any:
    count = 14
    total: Any = np.zeros_like(s)
    for k in range(count):
        taken = (k < 6) | (s > 0)
        total = total + np.where(taken, (-np.log(q + k)) ** order * (q + k) ** -s, 0.0)
    return total + _tail(s, q + np.where(s > 0, count, 6), order)


def _zeta_log_in_s(t: Any, s: Any, q: Any, *, out: Any, order: int) -> Any:
    return scale(zeta_log(s, q, order=order + 1), t)


def _zeta_log_in_q(t: Any, s: Any, q: Any, *, out: Any, order: int) -> Any:
    higher = add(s, 1.0)
    total = multiply(s, zeta_log(higher, q, order=order))
    if order:
        total = add(total, multiply(float(order), zeta_log(higher, q, order=order - 1)))
    return scale(negative(total), t)


zeta_log: Primitive = Primitive(
    name="zeta_log",
    type=ordered_type("zeta_log"),
    evaluate=computed(_zeta_log),
    jvp=(_zeta_log_in_s, _zeta_log_in_q),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="zeta_log({0}, {1}, order={order})",
    domain=Pointwise((_EXPONENT, POSITIVE), REALS, params=({"order": 1}, {"order": 2})),
    elementwise=True,
)
"""The derivative of ζ(s, q) in s of this order."""

zeta: Primitive = scipys(
    "zeta",
    Pointwise((_EXPONENT, POSITIVE), REALS),
    lambda s, q, out: zeta_log(s, q, order=1),
    lambda s, q, out: negative(multiply(s, zeta(add(s, 1.0), q))),
)
"""Hurwitz's zeta function, the sum of (k + q)^-s over k = 0, 1, ..."""


def _riemann_slope(s: Any, out: Any) -> Any:
    return zeta_log(s, add(multiply(0.0, s), 1.0), order=1)


riemann_zeta = scipys("_riemann_zeta", Pointwise((_EXPONENT,), REALS), _riemann_slope)
zetac = scipys("zetac", Pointwise((_EXPONENT,), REALS), _riemann_slope)

# --- sums that end -------------------------------------------------------------------------------


def _harmonic(n: Any, a: Any, *, order: int) -> Any:
    if order == 0:
        return np.where(n < 1, 0.0, special._ufuncs._gen_harmonic(np.maximum(n, 1.0), a))
    found = np.zeros(n.shape)
    for place in np.ndindex(n.shape):
        logarithms = np.log(np.arange(1.0, n[place] + 1.0))
        found[place] = np.sum((-logarithms) ** order * np.exp(-a[place] * logarithms))
    return found


gen_harmonic: Primitive = Primitive(
    name="gen_harmonic",
    type=ordered_type("gen_harmonic"),
    evaluate=computed(_harmonic),
    jvp=(WHOLE_NUMBER, lambda t, n, a, *, out, order: scale(gen_harmonic(n, a, order=order + 1), t)),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="gen_harmonic({0}, {1}, order={order})",
    domain=Pointwise((Interval(6.0, 6.0), Interval(0.5, 2.5)), REALS, params=({"order": 0}, {"order": 1})),
    elementwise=True,
)
"""The derivative of H(n, a) in a of this order."""


def _normalized_slope(j: Any, k: Any, n: Any, a: Any, out: Any) -> Any:
    """(H'(k) - H'(j-1) - out H'(n)) / H(n)."""
    part = subtract(gen_harmonic(k, a, order=1), gen_harmonic(subtract(j, 1.0), a, order=1))
    return divide(subtract(part, multiply(out, gen_harmonic(n, a, order=1))), gen_harmonic(n, a, order=0))


_TWO, _FOUR, _SIX = Interval(2.0, 2.0), Interval(4.0, 4.0), Interval(6.0, 6.0)


def _normalized(j: Any, k: Any, n: Any, a: Any) -> Any:
    return special._ufuncs._normalized_gen_harmonic(j, k, n, a)


normalized_gen_harmonic = Primitive(
    name="normalized_gen_harmonic",
    type=ordered_type("normalized_gen_harmonic"),
    evaluate=computed(_normalized),
    jvp=(
        *(WHOLE_NUMBER,) * 3,
        lambda t, j, k, n, a, *, out: scale(_normalized_slope(j, k, n, a, out), t),
    ),
    transpose=(NOT_LINEAR,) * 4,
    batch=each,
    source="normalized_gen_harmonic({0}, {1}, {2}, {3})",
    domain=Pointwise((_TWO, _FOUR, _SIX, Interval(0.5, 2.5)), REALS),
    elementwise=True,
)
"""(H(k, a) - H(j-1, a)) / H(n, a)."""

ALL = (zeta_log, zeta, riemann_zeta, zetac, gen_harmonic, normalized_gen_harmonic)
