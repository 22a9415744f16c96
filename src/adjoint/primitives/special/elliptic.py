"""Elliptic integrals, complete and incomplete, Carlson's, Jacobi's functions, the mean of Gauss.

R_F(x, y, z) = 1/2 ∫ ((t+x)(t+y)(t+z))^(-1/2) dt over t > 0, and so for R_C, R_D, R_J, R_G

Every derivative of these is an integral of t^k times powers of (t + x), (t + y), ...: `carlson`, closed under
derivatives, integrated numerically, to rounding. The complete integrals K(m) and E(m) hold their derivatives
of every order, by their differential equations and around m = 0 by their series.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..pointwise import POSITIVE
from ..powers import integer_power, sqrt
from ..structure import WHOLE, add, each, scale
from ..trigonometric import sin
from .declaring import REALS, by_order, computed, of_one_dtype, ordered_type, scipys
from .quadrature import algebraic_integral, in_blocks

# --- complete ------------------------------------------------------------------------------------

_SERIES = 0.4
_TERMS = 110


def _coefficients(count: int, odd: bool) -> list[float]:
    """Of K(m) = π/2 Σ c_k² m^k with c_k = (2k-1)!!/(2k)!!, or of E(m), where each is over 1 - 2k."""
    found, c = [], 1.0
    for k in range(count):
        found.append(math.pi / 2 * c * c / (1 - 2 * k if odd else 1))
        c *= (2 * k + 1) / (2 * k + 2)
    return found


_K, _E = _coefficients(_TERMS, False), _coefficients(_TERMS, True)


def _around_zero(m: Any, coefficients: list[float], order: int) -> Any:
    total: Any = np.zeros_like(m)
    for k in range(_TERMS - 1, order - 1, -1):
        total = total * m + coefficients[k] * math.perm(k, order)
    return total


def _complete(
    m: Any,
    rest: Any,
    order: int,
    coefficients: list[float],
    start: Callable[..., Any],
    step: Callable[..., Any],
) -> Any:
    """The derivative in m: `start` gives orders 0 and 1, `step(m, rest, n, now, before)` the next."""
    near = np.abs(m) < _SERIES
    v, w = np.where(near, 0.5, m), np.where(near, 0.5, rest)
    before, now = start(v, w)
    for n in range(order - 1):
        before, now = now, step(v, w, n, now, before)
    return np.where(near, _around_zero(np.where(near, m, 0.0), coefficients, order), now if order else before)


def _start_k(m: Any, rest: Any) -> tuple[Any, Any]:
    k, e = special.ellipkm1(rest), special.ellipe(m)
    return k, (e - rest * k) / (2 * m * rest)


def _step_k(m: Any, rest: Any, n: int, now: Any, before: Any) -> Any:
    """M (1-m) K[n+2] + (n+1) (1-2m) K[n+1] - (n (n+1) + 1/4) K[n] = 0."""
    return ((n * (n + 1) + 0.25) * before - (n + 1) * (rest - m) * now) / (m * rest)


def _start_e(m: Any, rest: Any) -> tuple[Any, Any]:
    k, e = special.ellipkm1(rest), special.ellipe(m)
    return e, (e - k) / (2 * m)


def _step_e(m: Any, rest: Any, n: int, now: Any, before: Any) -> Any:
    """M (1-m) E[n+2] + ((1-m) + n (1-2m)) E[n+1] + (1/4 - n²) E[n] = 0."""
    return ((n * n - 0.25) * before - (rest + n * (rest - m)) * now) / (m * rest)


def _ellipk(m: Any, *, order: int) -> Any:
    return special.ellipk(m) if order == 0 else _complete(m, 1 - m, order, _K, _start_k, _step_k)


def _ellipkm1(p: Any, *, order: int) -> Any:
    if order == 0:
        return special.ellipkm1(p)
    return (-1.0) ** order * _complete(1 - p, p, order, _K, _start_k, _step_k)


def _ellipe(m: Any, *, order: int) -> Any:
    return special.ellipe(m) if order == 0 else _complete(m, 1 - m, order, _E, _start_e, _step_e)


_INSIDE = Interval(-2.0, 0.8)
ellipk = by_order("ellipk", computed(_ellipk), _INSIDE, REALS, (Edge((0.0,), (math.pi / 8,)),))
ellipkm1 = by_order(
    "ellipkm1", computed(_ellipkm1), Interval(0.2, 2.0), REALS, (Edge((1.0,), (-math.pi / 8,)),)
)
ellipe = by_order(
    "ellipe",
    computed(_ellipe),
    _INSIDE,
    REALS,
    (Edge((0.0,), (-math.pi / 8,)), Edge((1.0,), (-math.inf,))),
)

# --- Carlson's -----------------------------------------------------------------------------------


def _carlson(*args: Any, powers: tuple[int, ...], power: int) -> Any:
    if power == 0 and sorted(powers) == [1, 1, 3]:
        ordered = [a for _, a in sorted(zip(powers, args, strict=True), key=lambda pair: pair[0])]
        return special.elliprd(*ordered) * (2 / 3)
    return algebraic_integral(list(args), powers, power)


def _carlson_of(count: int, samples: tuple[dict[str, Any], ...]) -> Primitive:
    """∫ t^power Π (t + z_i)^(-powers_i / 2) dt over t > 0, of `count` numbers z_i that are not negative."""

    def in_operand(index: int) -> Callable[..., Any]:
        def rule(t: Any, *args: Any, out: Any, powers: tuple[int, ...], power: int) -> Any:
            raised = tuple(p + 2 * (i == index) for i, p in enumerate(powers))
            return scale(multiply(-0.5 * powers[index], own(*args, powers=raised, power=power)), t)

        return rule

    name = f"carlson{count}"
    operands = ", ".join(f"{{{i}}}" for i in range(count))
    own = Primitive(
        name=name,
        type=ordered_type(name),
        evaluate=in_blocks(_carlson),
        jvp=tuple(in_operand(i) for i in range(count)),
        transpose=(NOT_LINEAR,) * count,
        batch=each,
        source=f"{name}({operands}, powers={{powers}}, power={{power}})",
        domain=Pointwise((POSITIVE,) * count, REALS, params=samples),
        elementwise=True,
    )
    return own


carlson3 = _carlson_of(3, ({"powers": (1, 1, 3), "power": 0}, {"powers": (3, 1, 1), "power": 1}))
carlson4 = _carlson_of(4, ({"powers": (1, 1, 1, 4), "power": 0},))


def _raised(powers: tuple[int, ...], index: int) -> tuple[int, ...]:
    return tuple(p + 2 * (i == index) for i, p in enumerate(powers))


def _symmetric(name: str, factor: float, powers: tuple[int, ...], domain: Pointwise) -> Primitive:
    """`factor` times the integral with these powers."""
    carlson = carlson3 if len(powers) == 3 else carlson4

    def partial(index: int) -> Callable[..., Any]:
        constant = -0.5 * factor * powers[index]
        raised = _raised(powers, index)
        return lambda *args: multiply(constant, carlson(*args[:-1], powers=raised, power=0))

    return scipys(name, domain, *(partial(i) for i in range(len(powers))))


elliprf = _symmetric("elliprf", 0.5, (1, 1, 1), Pointwise((POSITIVE,) * 3, REALS))
elliprd = _symmetric("elliprd", 1.5, (1, 1, 3), Pointwise((POSITIVE,) * 3, REALS))
elliprj = _symmetric("elliprj", 1.5, (1, 1, 1, 2), Pointwise((POSITIVE,) * 4, REALS))
elliprc = scipys(
    "elliprc",
    Pointwise((POSITIVE,) * 2, REALS),
    lambda x, y, out: multiply(-0.25, carlson3(x, y, y, powers=(3, 1, 1), power=0)),
    lambda x, y, out: multiply(-0.5, carlson3(x, y, y, powers=(1, 3, 1), power=0)),
)


def _mean_slope(x: Any, y: Any, z: Any) -> Any:
    """The slope of R_G in x: 1/8 ∫ t (t+x)^(-3/2) ((t+y)(t+z))^(-1/2) dt."""
    return multiply(0.125, carlson3(x, y, z, powers=(3, 1, 1), power=1))


elliprg = scipys(
    "elliprg",
    Pointwise((POSITIVE,) * 3, REALS),
    lambda x, y, z, out: _mean_slope(x, y, z),
    lambda x, y, z, out: _mean_slope(y, x, z),
    lambda x, y, z, out: _mean_slope(z, x, y),
)


def _agm_slope(a: Any, b: Any, out: Any) -> Any:
    """The mean is π / (2 R_F(0, a², b²))."""
    squared = square(a)
    spread = carlson3(multiply(0.0, squared), square(b), squared, powers=(1, 1, 3), power=0)
    return multiply(1.0 / math.pi, multiply(square(out), multiply(a, spread)))


agm = scipys(
    "agm",
    Pointwise((POSITIVE, POSITIVE), REALS),
    lambda a, b, out: _agm_slope(a, b, out),
    lambda a, b, out: _agm_slope(b, a, out),
)

# --- incomplete ----------------------------------------------------------------------------------


def _rest(phi: Any, m: Any) -> Any:
    """1 - m sin² φ."""
    return subtract(1.0, multiply(m, square(sin(phi))))


def _moment(phi: Any, m: Any, *, n: int, p: int) -> Any:
    """For the angle's distance from the nearest multiple of π by t = 1/sin² θ - 1/sin² φ; and whole turns."""
    turns = np.rint(phi / np.pi)
    turned = phi - np.pi * turns
    s, c = np.abs(np.sin(turned)), np.cos(turned)
    small = s < 1e-150
    s = np.where(small, 1.0, s)
    powers = (2 * n + 2 - p, 1, p)
    part = 0.5 * _carlson(1 / (s * s), (c / s) ** 2, (1 - m * s * s) / (s * s), powers=powers, power=0)
    found = np.where(small, 0.0, np.sign(turned) * part)
    if np.any(turns):
        quarter = 0.5 * _carlson(np.ones_like(m), np.zeros_like(m), 1 - m, powers=powers, power=0)
        found = found + np.where(turns == 0, 0.0, 2 * turns * quarter)
    return found


def _moment_in_phi(t: Any, phi: Any, m: Any, *, out: Any, n: int, p: int) -> Any:
    raised = integer_power(square(sin(phi)), n=n)
    return scale(multiply(raised, integer_power(sqrt(_rest(phi, m)), n=-p)), t)


def _moment_in_m(t: Any, phi: Any, m: Any, *, out: Any, n: int, p: int) -> Any:
    return scale(multiply(0.5 * p, elliptic_moment(phi, m, n=n + 1, p=p + 2)), t)


elliptic_moment: Primitive = Primitive(
    name="elliptic_moment",
    type=ordered_type("elliptic_moment"),
    evaluate=in_blocks(_moment),
    jvp=(_moment_in_phi, _moment_in_m),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="elliptic_moment({0}, {1}, n={n}, p={p})",
    domain=Pointwise((WHOLE, Interval(-1.0, 0.8)), REALS, params=({"n": 1, "p": 3}, {"n": 1, "p": 1})),
    elementwise=True,
)
"""The integral of sin(θ)^2n (1 - m sin² θ)^(-p/2) over 0 < θ < φ."""

ellipkinc = scipys(
    "ellipkinc",
    Pointwise((WHOLE, Interval(-1.0, 0.8)), REALS, (Edge((0.0, 0.5), (1.0, 0.0)),)),
    lambda phi, m, out: divide(1.0, sqrt(_rest(phi, m))),
    lambda phi, m, out: multiply(0.5, elliptic_moment(phi, m, n=1, p=3)),
)
ellipeinc = scipys(
    "ellipeinc",
    Pointwise((WHOLE, Interval(-1.0, 0.8)), REALS, (Edge((0.0, 0.5), (1.0, 0.0)),)),
    lambda phi, m, out: sqrt(_rest(phi, m)),
    lambda phi, m, out: multiply(-0.5, elliptic_moment(phi, m, n=1, p=1)),
)

# --- Jacobi's ------------------------------------------------------------------------------------


def _ellipj(u: Any, m: Any, *, part: int) -> Any:
    return of_one_dtype(lambda v, w: special.ellipj(v, w)[part])(u, m)


def _ellipj_in_u(t: Any, u: Any, m: Any, *, out: Any, part: int) -> Any:
    sn, cn, dn = (ellipj(u, m, part=k) for k in range(3))
    slopes: tuple[Callable[[], Any], ...] = (
        lambda: multiply(cn, dn),
        lambda: negative(multiply(sn, dn)),
        lambda: negative(multiply(m, multiply(sn, cn))),
        lambda: dn,
    )
    return scale(slopes[part](), t)


def _ellipj_in_m(t: Any, u: Any, m: Any, *, out: Any, part: int) -> Any:
    """F(φ | m) stays u, so that the amplitude φ moves by -dn dF/dm."""
    sn, cn, dn, phi = (ellipj(u, m, part=k) for k in range(4))
    moved = negative(multiply(dn, multiply(0.5, elliptic_moment(phi, m, n=1, p=3))))
    swing = multiply(m, multiply(sn, multiply(cn, moved)))
    slopes: tuple[Callable[[], Any], ...] = (
        lambda: multiply(cn, moved),
        lambda: negative(multiply(sn, moved)),
        lambda: negative(divide(add(multiply(0.5, square(sn)), swing), dn)),
        lambda: moved,
    )
    return scale(slopes[part](), t)


ellipj: Primitive = Primitive(
    name="ellipj",
    type=ordered_type("ellipj"),
    evaluate=_ellipj,
    jvp=(_ellipj_in_u, _ellipj_in_m),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="ellipj({0}, {1}, part={part})",
    domain=Pointwise((WHOLE, Interval(0.1, 0.8)), REALS, params=tuple({"part": k} for k in range(4))),
    elementwise=True,
)

ALL = (
    *(ellipk, ellipkm1, ellipe, carlson3, carlson4, elliprf, elliprd, elliprj, elliprc, elliprg, agm),
    *(elliptic_moment, ellipkinc, ellipeinc, ellipj),
)
