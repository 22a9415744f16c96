"""Distribution functions and their inverses: gamma, beta, chi-square, Student, F, binomial, Poisson.

Each is an incomplete gamma or beta integral in other variables, and has its slopes from it. The inverses have
theirs from the inverse function theorem, d x / d p = 1 / density(x). Counts have no derivative.
"""

import math
from typing import Any

import numpy as np

from ...core.domain import Edge, Interval, Pointwise
from ...core.primitive import NoDerivative, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..comparison import equal, less
from ..pointwise import POSITIVE, smooth
from ..rounding import floor, sign
from ..structure import add, scale, select
from .declaring import REALS, half, in_double, of_one_dtype, scipys
from .densities import beta_density, beta_moment, gamma_density, gamma_moment, student_density, student_slope

_P = Interval(0.15, 0.85)
_COUNT = Interval(2.0, 2.0)
_MANY = Interval(6.0, 6.0)
_RATE = Interval(0.5, 2.5)

_WHOLE = NoDerivative("a count is a whole number")


def _gamma_in_a(a: Any, x: Any) -> Any:
    return gamma_moment(a, x, order=1)


# --- gamma ---------------------------------------------------------------------------------------

gammaincc = scipys(
    "gammaincc",
    Pointwise((POSITIVE, POSITIVE), REALS, (Edge((2.5, 0.0), (0.0, 0.0)),)),
    lambda a, x, out: negative(_gamma_in_a(a, x)),
    lambda a, x, out: negative(gamma_density(a, x)),
)


def _gamma_quantile_in_a(a: Any, x: Any) -> Any:
    return negative(divide(_gamma_in_a(a, x), gamma_density(a, x)))


gammaincinv = scipys(
    "gammaincinv",
    Pointwise((_RATE, _P), REALS),
    lambda a, p, out: _gamma_quantile_in_a(a, out),
    lambda a, p, out: divide(1.0, gamma_density(a, out)),
)
gammainccinv = scipys(
    "gammainccinv",
    Pointwise((_RATE, _P), REALS),
    lambda a, p, out: _gamma_quantile_in_a(a, out),
    lambda a, p, out: divide(-1.0, gamma_density(a, out)),
)

chdtr = scipys(
    "chdtr",
    Pointwise((POSITIVE, POSITIVE), REALS),
    lambda v, x, out: half(_gamma_in_a(half(v), half(x))),
    lambda v, x, out: half(gamma_density(half(v), half(x))),
)
chdtrc = scipys(
    "chdtrc",
    Pointwise((POSITIVE, POSITIVE), REALS),
    lambda v, x, out: negative(half(_gamma_in_a(half(v), half(x)))),
    lambda v, x, out: negative(half(gamma_density(half(v), half(x)))),
)
chdtri = scipys(
    "chdtri",
    Pointwise((Interval(1.0, 4.0), _P), REALS),
    lambda v, p, out: _gamma_quantile_in_a(half(v), half(out)),
    lambda v, p, out: divide(-2.0, gamma_density(half(v), half(out))),
)

gdtr = scipys(
    "gdtr",
    Pointwise((_RATE, _RATE, POSITIVE), REALS),
    lambda a, b, x, out: multiply(x, gamma_density(b, multiply(a, x))),
    lambda a, b, x, out: _gamma_in_a(b, multiply(a, x)),
    lambda a, b, x, out: multiply(a, gamma_density(b, multiply(a, x))),
)
gdtrc = scipys(
    "gdtrc",
    Pointwise((_RATE, _RATE, POSITIVE), REALS),
    lambda a, b, x, out: negative(multiply(x, gamma_density(b, multiply(a, x)))),
    lambda a, b, x, out: negative(_gamma_in_a(b, multiply(a, x))),
    lambda a, b, x, out: negative(multiply(a, gamma_density(b, multiply(a, x)))),
)
gdtrix = scipys(
    "gdtrix",
    Pointwise((_RATE, _RATE, _P), REALS),
    lambda a, b, p, out: negative(divide(out, a)),
    lambda a, b, p, out: divide(_gamma_quantile_in_a(b, multiply(a, out)), a),
    lambda a, b, p, out: divide(1.0, multiply(a, gamma_density(b, multiply(a, out)))),
)

pdtr = scipys(
    "pdtr",
    Pointwise((_COUNT, POSITIVE), REALS),
    _WHOLE,
    lambda k, m, out: negative(gamma_density(add(floor(k), 1.0), m)),
)
pdtrc = scipys(
    "pdtrc",
    Pointwise((_COUNT, POSITIVE), REALS),
    _WHOLE,
    lambda k, m, out: gamma_density(add(floor(k), 1.0), m),
)

# --- beta ----------------------------------------------------------------------------------------


def _beta_in_a(a: Any, b: Any, x: Any) -> Any:
    return beta_moment(a, b, x, i=1, j=0)


def _beta_in_b(a: Any, b: Any, x: Any) -> Any:
    return beta_moment(a, b, x, i=0, j=1)


betaincc = scipys(
    "betaincc",
    Pointwise((POSITIVE, POSITIVE, _P), REALS),
    lambda a, b, x, out: negative(_beta_in_a(a, b, x)),
    lambda a, b, x, out: negative(_beta_in_b(a, b, x)),
    lambda a, b, x, out: negative(beta_density(a, b, x)),
)


def _quantile(name: str, sense: float) -> Primitive:
    return scipys(
        name,
        Pointwise((_RATE, _RATE, _P), REALS),
        lambda a, b, p, out: negative(divide(_beta_in_a(a, b, out), beta_density(a, b, out))),
        lambda a, b, p, out: negative(divide(_beta_in_b(a, b, out), beta_density(a, b, out))),
        lambda a, b, p, out: divide(sense, beta_density(a, b, out)),
    )


betaincinv = _quantile("betaincinv", 1.0)
betainccinv = _quantile("betainccinv", -1.0)


def _binomial(name: str, sense: float) -> Primitive:
    def evaluate(k: Any, n: Any, p: Any) -> Any:
        out = getattr(special, name)(k, np.asarray(n).astype(np.int64), p)
        return np.asarray(out).astype(np.result_type(k, n, p), copy=False)[()]

    def slope(k: Any, n: Any, p: Any, out: Any) -> Any:
        whole = floor(k)
        return multiply(sense, beta_density(add(whole, 1.0), subtract(n, whole), p))

    return smooth(
        name,
        evaluate,
        Pointwise((_COUNT, _MANY, _P), REALS),
        _WHOLE,
        _WHOLE,
        slope,
        source=f"{name}({{0}}, {{1}}, {{2}})",
        evaluate=of_one_dtype(evaluate),
    )


bdtr = _binomial("bdtr", -1.0)
bdtrc = _binomial("bdtrc", 1.0)
nbdtr = scipys(
    "nbdtr",
    Pointwise((_COUNT, _MANY, _P), REALS),
    _WHOLE,
    _WHOLE,
    lambda k, n, p, out: beta_density(n, add(k, 1.0), p),
)
nbdtrc = scipys(
    "nbdtrc",
    Pointwise((_COUNT, _MANY, _P), REALS),
    _WHOLE,
    _WHOLE,
    lambda k, n, p, out: negative(beta_density(n, add(k, 1.0), p)),
)

# --- F -------------------------------------------------------------------------------------------


def _f_parts(m: Any, n: Any, x: Any) -> tuple[Any, Any, Any, Any]:
    """A, b and y of the beta integral for degrees of freedom m and n; and n + m x."""
    total = add(n, multiply(m, x))
    return half(m), half(n), divide(multiply(m, x), total), total


@in_double
def _f_in_m(m: Any, n: Any, x: Any) -> Any:
    a, b, y, total = _f_parts(m, n, x)
    moved = divide(multiply(n, x), square(total))
    return add(half(_beta_in_a(a, b, y)), multiply(beta_density(a, b, y), moved))


@in_double
def _f_in_n(m: Any, n: Any, x: Any) -> Any:
    a, b, y, total = _f_parts(m, n, x)
    return subtract(half(_beta_in_b(a, b, y)), multiply(beta_density(a, b, y), divide(y, total)))


def _f_density(m: Any, n: Any, x: Any) -> Any:
    a, b, y, total = _f_parts(m, n, x)
    return multiply(beta_density(a, b, y), divide(multiply(m, n), square(total)))


_FREEDOM = Interval(1.5, 5.0)
fdtr = scipys(
    "fdtr",
    Pointwise((_FREEDOM, _FREEDOM, POSITIVE), REALS),
    lambda m, n, x, out: _f_in_m(m, n, x),
    lambda m, n, x, out: _f_in_n(m, n, x),
    lambda m, n, x, out: _f_density(m, n, x),
)
fdtrc = scipys(
    "fdtrc",
    Pointwise((_FREEDOM, _FREEDOM, POSITIVE), REALS),
    lambda m, n, x, out: negative(_f_in_m(m, n, x)),
    lambda m, n, x, out: negative(_f_in_n(m, n, x)),
    lambda m, n, x, out: negative(_f_density(m, n, x)),
)
fdtri = scipys(
    "fdtri",
    Pointwise((_FREEDOM, _FREEDOM, _P), REALS),
    lambda m, n, p, out: negative(divide(_f_in_m(m, n, out), _f_density(m, n, out))),
    lambda m, n, p, out: negative(divide(_f_in_n(m, n, out), _f_density(m, n, out))),
    lambda m, n, p, out: divide(1.0, _f_density(m, n, out)),
)

# --- Student -------------------------------------------------------------------------------------


@in_double
def student_in_freedom(v: Any, t: Any) -> Any:
    """The slope of the t distribution's function in its degrees of freedom.

    From I_y(1/2, v/2) with y = t²/(v + t²) close to the middle, from I_(1-y)(v/2, 1/2) in the tails.

    At t = 0 it is zero, with the slope of the density's.
    """
    squared, shape = square(t), half(v)
    total = add(v, squared)
    y, rest = divide(squared, total), divide(v, total)
    middle = subtract(half(_beta_in_b(0.5, shape, y)), scale(beta_density(0.5, shape, y), divide(y, total)))
    tail = add(
        half(_beta_in_a(shape, 0.5, rest)),
        scale(beta_density(shape, 0.5, rest), divide(y, total)),
    )
    found = select(less(squared, v), middle, negative(tail))
    at_zero = multiply(t, student_slope(v, t, student_density(v, t)))
    return select(equal(t, 0.0), at_zero, multiply(half(sign(t)), found))


stdtr = scipys(
    "stdtr",
    Pointwise(
        (_FREEDOM, Interval(0.3, 3.0)), REALS, (Edge((3.0, 0.0), (0.0, 2.0 / (math.pi * math.sqrt(3.0)))),)
    ),
    lambda v, t, out: student_in_freedom(v, t),
    lambda v, t, out: student_density(v, t),
)
stdtrit = scipys(
    "stdtrit",
    Pointwise((_FREEDOM, Interval(0.55, 0.9)), REALS),
    lambda v, p, out: negative(divide(student_in_freedom(v, out), student_density(v, out))),
    lambda v, p, out: divide(1.0, student_density(v, out)),
)

ALL = (
    *(gammaincc, gammaincinv, gammainccinv, chdtr, chdtrc, chdtri, gdtr, gdtrc, gdtrix, pdtr, pdtrc),
    *(betaincc, betaincinv, betainccinv, bdtr, bdtrc, nbdtr, nbdtrc, fdtr, fdtrc, fdtri, stdtr, stdtrit),
)
