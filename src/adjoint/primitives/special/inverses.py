"""Inverses of distribution functions in their parameters: gdtria, btdtria, stdtridf, pdtri, bdtri, ...

p = F(x, θ) solved for θ: dθ/dp = 1 / F_θ, dθ/dx = -F_x / F_θ.
"""

from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...lazy import special
from ..arithmetic import divide, multiply, negative, subtract
from ..pointwise import smooth
from ..rounding import floor
from ..structure import add
from .counts import WHOLE_NUMBER
from .declaring import REALS, computed, half, in_double, scipys_in_double
from .densities import beta_density, beta_moment, gamma_density, gamma_moment, student_density
from .distributions import student_in_freedom
from .erf import ROOT_2PI, exp_square, ndtri

_P = Interval(0.3, 0.6)
_RATE = Interval(0.8, 2.5)
_COUNT = Interval(2.0, 2.0)
_MANY = Interval(6.0, 6.0)


def _gamma(a: Any, x: Any) -> Any:
    return gamma_moment(a, x, order=1)


gdtria = scipys_in_double(
    "gdtria",
    Pointwise((_P, _RATE, _RATE), REALS),
    lambda p, b, x, out: divide(1.0, multiply(x, gamma_density(b, multiply(out, x)))),
    lambda p, b, x, out: negative(
        divide(_gamma(b, multiply(out, x)), multiply(x, gamma_density(b, multiply(out, x))))
    ),
    lambda p, b, x, out: negative(divide(out, x)),
)
gdtrib = scipys_in_double(
    "gdtrib",
    Pointwise((_RATE, _P, _RATE), REALS),
    lambda a, p, x, out: negative(
        divide(multiply(x, gamma_density(out, multiply(a, x))), _gamma(out, multiply(a, x)))
    ),
    lambda a, p, x, out: divide(1.0, _gamma(out, multiply(a, x))),
    lambda a, p, x, out: negative(
        divide(multiply(a, gamma_density(out, multiply(a, x))), _gamma(out, multiply(a, x)))
    ),
)
chdtriv = scipys_in_double(
    "chdtriv",
    Pointwise((_P, _RATE), REALS),
    lambda p, x, out: divide(2.0, _gamma(half(out), half(x))),
    lambda p, x, out: negative(divide(gamma_density(half(out), half(x)), _gamma(half(out), half(x)))),
)
pdtri = scipys_in_double(
    "pdtri",
    Pointwise((_COUNT, _P), REALS),
    WHOLE_NUMBER,
    lambda k, p, out: divide(-1.0, gamma_density(add(floor(k), 1.0), out)),
)
pdtrik = scipys_in_double(
    "pdtrik",
    Pointwise((_P, Interval(3.0, 5.0)), REALS),
    lambda p, m, out: divide(-1.0, _gamma(add(out, 1.0), m)),
    lambda p, m, out: negative(divide(gamma_density(add(out, 1.0), m), _gamma(add(out, 1.0), m))),
)


def _beta(a: Any, b: Any, x: Any, i: int) -> Any:
    return beta_moment(a, b, x, i=i, j=1 - i)


btdtria = scipys_in_double(
    "btdtria",
    Pointwise((_P, _RATE, _P), REALS),
    lambda p, b, x, out: divide(1.0, _beta(out, b, x, 1)),
    lambda p, b, x, out: negative(divide(_beta(out, b, x, 0), _beta(out, b, x, 1))),
    lambda p, b, x, out: negative(divide(beta_density(out, b, x), _beta(out, b, x, 1))),
)
btdtrib = scipys_in_double(
    "btdtrib",
    Pointwise((_RATE, _P, _P), REALS),
    lambda a, p, x, out: negative(divide(_beta(a, out, x, 1), _beta(a, out, x, 0))),
    lambda a, p, x, out: divide(1.0, _beta(a, out, x, 0)),
    lambda a, p, x, out: negative(divide(beta_density(a, out, x), _beta(a, out, x, 0))),
)


def _bdtri(k: Any, n: Any, y: Any) -> Any:
    return special.bdtri(k, n.astype(np.int64), y)


bdtri = smooth(
    "bdtri",
    _bdtri,
    Pointwise((_COUNT, _MANY, _P), REALS),
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    in_double(
        lambda k, n, y, out: divide(-1.0, beta_density(add(floor(k), 1.0), subtract(n, floor(k)), out))
    ),
    source="bdtri({0}, {1}, {2})",
    evaluate=computed(_bdtri),
)
nbdtri = scipys_in_double(
    "nbdtri",
    Pointwise((_COUNT, _MANY, _P), REALS),
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    lambda k, n, y, out: divide(1.0, beta_density(n, add(k, 1.0), out)),
)
stdtridf = scipys_in_double(
    "stdtridf",
    Pointwise((Interval(0.8, 0.82), Interval(1.0, 1.1)), REALS),
    lambda p, t, out: divide(1.0, student_in_freedom(out, t)),
    lambda p, t, out: negative(divide(student_density(out, t), student_in_freedom(out, t))),
)
nrdtrimn = scipys_in_double(
    "nrdtrimn",
    Pointwise((_P, _RATE, _RATE), REALS),
    lambda p, s, x, out: negative(multiply(s, _normal_sparsity(p))),
    lambda p, s, x, out: negative(ndtri(p)),
    lambda p, s, x, out: add(multiply(0.0, x), 1.0),
)
nrdtrisd = scipys_in_double(
    "nrdtrisd",
    Pointwise((Interval(0.2, 0.9), Interval(0.6, 0.8), Interval(1.1, 1.9)), REALS),
    lambda m, p, x, out: divide(-1.0, ndtri(p)),
    lambda m, p, x, out: negative(divide(multiply(out, _normal_sparsity(p)), ndtri(p))),
    lambda m, p, x, out: divide(1.0, ndtri(p)),
)


def _normal_sparsity(p: Any) -> Any:
    """The slope of the normal quantile."""
    return divide(ROOT_2PI, exp_square(ndtri(p), rate=-0.5))


ALL = (
    *(gdtria, gdtrib, chdtriv, pdtri, pdtrik, btdtria, btdtrib, bdtri, nbdtri, stdtridf),
    *(nrdtrimn, nrdtrisd),
)
