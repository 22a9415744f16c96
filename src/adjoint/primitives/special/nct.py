"""The noncentral t distribution, that of (Z + d) / S with Z normal and S² the mean of v squares.

F(t) = ∫ Φ(t s - d) h(s) ds          h the density of S

Its derivatives are integrals of the same kind: `nct_part` holds those with the normal density, a power of s,
Hermite's polynomial of degree `degree` and the `order`-th derivative of h in v; `nct_whole` those with Φ.
They are integrated numerically over log s, around the peak of the integrand.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, negative
from ..structure import each, scale
from .declaring import REALS, ordered_type, scipys_in_double
from .noncentral import bell
from .quadrature import in_blocks

_FREEDOM = Interval(1.5, 5.0)
_PLACE = Interval(-1.5, 1.5)
_AWAY = Interval(-2.0, 2.0)
_P = Interval(0.15, 0.85)

_STEP = 0.04
_STEPS = np.arange(-5.6, 3.6, _STEP)


def _polygamma(n: int, x: Any) -> Any:
    if n == 0:
        return special.psi(x)
    return (-1.0) ** (n + 1) * math.factorial(n) * special.zeta(n + 1.0, x)


def _cumulant(v: Any, m: int) -> Any:
    """The m-th derivative in v, m >= 2, of the logarithm of the density of S."""
    return 0.5 * (-1) ** m * math.factorial(m - 2) / v ** (m - 1) - 0.5**m * _polygamma(m - 1, v / 2)


def _spread(v: Any, order: int, s: Any) -> Any:
    """What the density of S is multiplied by in its derivative in v."""
    first = 0.5 * np.log(v / 2) + 0.5 - 0.5 * special.psi(v / 2) + np.log(s) - 0.5 * s * s
    return sum(c * first**n for n, c in enumerate(bell(order, 0.0, lambda m: _cumulant(v, m))))


def _log_density(v: Any, s: Any) -> Any:
    """The logarithm of the density of S, times s."""
    return math.log(2.0) + v / 2 * np.log(v / 2) - special.gammaln(v / 2) + v * np.log(s) - v * s * s / 2


def _peak(v: Any, d: Any, t: Any, power: int) -> tuple[Any, Any]:
    """Where s^power h(s) s φ(t s - d) is largest, and its width in log s."""
    total, rate = v + t * t, v + power
    root = np.sqrt(t * t * d * d + 4 * total * rate)
    s = np.where(t * d > 0, (t * d + root) / (2 * total), 2 * rate / (root - t * d))
    return s, 1 / np.sqrt(total * s * s + rate)


def _nct_part(v: Any, d: Any, t: Any, *, power: int, degree: int, order: int) -> Any:
    peak, width = _peak(v, d, t, power)
    s = peak * np.exp(width * np.sinh(_STEPS))
    z = t * s - d
    weight = np.exp(_log_density(v, s) - z * z / 2) / math.sqrt(2 * math.pi) * s**power
    terms = weight * special.eval_hermitenorm(degree, z) * _spread(v, order, s) * np.cosh(_STEPS)
    return _STEP * width * np.sum(np.where(np.isfinite(terms), terms, 0.0), axis=-1, keepdims=True)


def _nct_whole(v: Any, d: Any, t: Any, *, order: int) -> Any:
    """Of the side, of 0 and 1, on which F lies."""
    right = t > d
    t, d = np.where(right, -t, t), np.where(right, -d, d)
    peak, width = _peak(v, d, t, 0)
    near = t - d > -1
    peak, width = np.where(near, 1.0, peak), np.where(near, 1 / np.sqrt(2 * v), width)
    s = peak * np.exp(width * np.sinh(_STEPS))
    terms = np.exp(_log_density(v, s)) * special.ndtr(t * s - d) * _spread(v, order, s) * np.cosh(_STEPS)
    found = _STEP * width * np.sum(np.where(np.isfinite(terms), terms, 0.0), axis=-1, keepdims=True)
    return np.where(right, (1.0 if order == 0 else 0.0) - found, found)


def _part_in_v(t: Any, v: Any, d: Any, x: Any, *, out: Any, power: int, degree: int, order: int) -> Any:
    return scale(nct_part(v, d, x, power=power, degree=degree, order=order + 1), t)


def _part_in_d(t: Any, v: Any, d: Any, x: Any, *, out: Any, power: int, degree: int, order: int) -> Any:
    return scale(nct_part(v, d, x, power=power, degree=degree + 1, order=order), t)


def _part_in_t(t: Any, v: Any, d: Any, x: Any, *, out: Any, power: int, degree: int, order: int) -> Any:
    return scale(negative(nct_part(v, d, x, power=power + 1, degree=degree + 1, order=order)), t)


nct_part: Primitive = Primitive(
    name="nct_part",
    type=ordered_type("nct_part"),
    evaluate=in_blocks(_nct_part),
    jvp=(_part_in_v, _part_in_d, _part_in_t),
    transpose=(NOT_LINEAR,) * 3,
    batch=each,
    source="nct_part({0}, {1}, {2}, power={power}, degree={degree}, order={order})",
    domain=Pointwise(
        (_FREEDOM, _PLACE, _AWAY),
        REALS,
        params=tuple({"power": p, "degree": r, "order": n} for p, r, n in ((1, 0, 0), (0, 1, 1))),
    ),
    elementwise=True,
)

nct_whole: Primitive = Primitive(
    name="nct_whole",
    type=ordered_type("nct_whole"),
    evaluate=in_blocks(_nct_whole),
    jvp=(
        lambda t, v, d, x, *, out, order: scale(nct_whole(v, d, x, order=order + 1), t),
        lambda t, v, d, x, *, out, order: scale(negative(_part(v, d, x, 0, 0, order)), t),
        lambda t, v, d, x, *, out, order: scale(_part(v, d, x, 1, 0, order), t),
    ),
    transpose=(NOT_LINEAR,) * 3,
    batch=each,
    source="nct_whole({0}, {1}, {2}, order={order})",
    domain=Pointwise((_FREEDOM, _PLACE, _AWAY), REALS, params=({"order": 1},)),
    elementwise=True,
)


def _part(v: Any, d: Any, x: Any, power: int, degree: int, order: int) -> Any:
    return nct_part(v, d, x, power=power, degree=degree, order=order)


def _density(v: Any, d: Any, x: Any) -> Any:
    return _part(v, d, x, 1, 0, 0)


def _in_v(v: Any, d: Any, x: Any) -> Any:
    return nct_whole(v, d, x, order=1)


def _in_d(v: Any, d: Any, x: Any) -> Any:
    return negative(_part(v, d, x, 0, 0, 0))


nctdtr = scipys_in_double(
    "nctdtr",
    Pointwise((_FREEDOM, _PLACE, _AWAY), REALS),
    lambda v, d, x, out: _in_v(v, d, x),
    lambda v, d, x, out: _in_d(v, d, x),
    lambda v, d, x, out: _density(v, d, x),
)
nctdtrit = scipys_in_double(
    "nctdtrit",
    Pointwise((_FREEDOM, _PLACE, _P), REALS),
    lambda v, d, p, out: negative(divide(_in_v(v, d, out), _density(v, d, out))),
    lambda v, d, p, out: negative(divide(_in_d(v, d, out), _density(v, d, out))),
    lambda v, d, p, out: divide(1.0, _density(v, d, out)),
)
nct_pdf = scipys_in_double(
    "_nct_pdf",
    Pointwise((_AWAY, _FREEDOM, _PLACE), REALS),
    lambda x, v, d, out: negative(_part(v, d, x, 2, 1, 0)),
    lambda x, v, d, out: _part(v, d, x, 1, 0, 1),
    lambda x, v, d, out: _part(v, d, x, 1, 1, 0),
)
nct_sf = scipys_in_double(
    "_nct_sf",
    Pointwise((_AWAY, _FREEDOM, _PLACE), REALS),
    lambda x, v, d, out: negative(_density(v, d, x)),
    lambda x, v, d, out: negative(_in_v(v, d, x)),
    lambda x, v, d, out: negative(_in_d(v, d, x)),
)
nct_isf = scipys_in_double(
    "_nct_isf",
    Pointwise((_P, _FREEDOM, _PLACE), REALS),
    lambda p, v, d, out: divide(-1.0, _density(v, d, out)),
    lambda p, v, d, out: negative(divide(_in_v(v, d, out), _density(v, d, out))),
    lambda p, v, d, out: negative(divide(_in_d(v, d, out), _density(v, d, out))),
)

ALL = (nct_part, nct_whole, nctdtr, nctdtrit, nct_pdf, nct_sf, nct_isf)
BEHIND = (nct_pdf, nct_sf, nct_isf)
