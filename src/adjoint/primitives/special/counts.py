"""Binomial and negative binomial probabilities, as SciPy's distributions of counts compute them.

P(k; n, p) = C(n, k) p^k (1-p)^(n-k)          N(k; n, p) = C(k+n-1, k) p^n (1-p)^k

Their slopes are differences of probabilities of neighbours, so that they are right at p = 0 and p = 1 too.
Counts are whole numbers and have no derivative; the size n of the negative binomial is any positive number.
"""

from typing import Any

from ...core.domain import Interval, Pointwise
from ...core.primitive import NoDerivative, Primitive
from ..arithmetic import divide, multiply, negative, subtract
from ..comparison import greater, less
from ..exponential import log
from ..pointwise import STEPS
from ..structure import add, scale, select
from .declaring import REALS, in_double, scipys
from .densities import beta_density, beta_moment
from .gamma import psi

_P = Interval(0.15, 0.85)
_COUNT = Interval(2.0, 2.0)
_MANY = Interval(6.0, 6.0)
_SIZE = Interval(1.5, 5.0)

WHOLE_NUMBER = NoDerivative("a count is a whole number")


def _chance(k: Any, n: Any, p: Any) -> Any:
    """P(k; n, p), 0 where k is not among 0 ... n."""
    low, high = less(k, 0.0), greater(k, n)
    inside = select(low, 0.0, select(high, n, k))
    return select(low, 0.0, select(high, 0.0, binom_pmf(inside, n, p)))


def _below(n: Any) -> Any:
    return select(greater(n, 1.0), subtract(n, 1.0), 0.0)


def _binomial_slope(k: Any, n: Any, p: Any) -> Any:
    fewer = _below(n)
    return multiply(n, subtract(_chance(subtract(k, 1.0), fewer, p), _chance(k, fewer, p)))


binom_pmf: Primitive = scipys(
    "_binom_pmf",
    Pointwise((_COUNT, _MANY, _P), REALS),
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    lambda k, n, p, out: _binomial_slope(k, n, p),
)
binom_cdf = scipys(
    "_binom_cdf",
    Pointwise((_COUNT, _MANY, _P), REALS),
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    lambda k, n, p, out: negative(multiply(n, _chance(k, _below(n), p))),
)
binom_sf = scipys(
    "_binom_sf",
    Pointwise((_COUNT, _MANY, _P), REALS),
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    lambda k, n, p, out: multiply(n, _chance(k, _below(n), p)),
)


@in_double
def _nbinom_in_n(k: Any, n: Any, p: Any, out: Any) -> Any:
    return scale(out, add(log(p), subtract(psi(add(k, n)), psi(n))))


@in_double
def _nbinom_in_p(k: Any, n: Any, p: Any, out: Any) -> Any:
    """N / p (N(k; n, p) - N(k-1; n+1, p))."""
    some = greater(k, 0.0)
    before = nbinom_pmf(select(some, subtract(k, 1.0), 0.0), add(n, 1.0), p)
    return multiply(divide(n, p), subtract(out, select(some, before, 0.0)))


nbinom_pmf: Primitive = scipys(
    "_nbinom_pmf", Pointwise((_COUNT, _SIZE, _P), REALS), WHOLE_NUMBER, _nbinom_in_n, _nbinom_in_p
)


def _nbinom_moment(k: Any, n: Any, p: Any) -> Any:
    return beta_moment(n, add(k, 1.0), p, i=1, j=0)


nbinom_cdf = scipys(
    "_nbinom_cdf",
    Pointwise((_COUNT, _SIZE, _P), REALS),
    WHOLE_NUMBER,
    lambda k, n, p, out: _nbinom_moment(k, n, p),
    lambda k, n, p, out: beta_density(n, add(k, 1.0), p),
)
nbinom_sf = scipys(
    "_nbinom_sf",
    Pointwise((_COUNT, _SIZE, _P), REALS),
    WHOLE_NUMBER,
    lambda k, n, p, out: negative(_nbinom_moment(k, n, p)),
    lambda k, n, p, out: negative(beta_density(n, add(k, 1.0), p)),
)

_QUANTILES = Pointwise((Interval(0.41, 0.41), Interval(4.0, 4.0), Interval(0.37, 0.37)), REALS)
binom_ppf = scipys("_binom_ppf", _QUANTILES, STEPS, WHOLE_NUMBER, STEPS)
binom_isf = scipys("_binom_isf", _QUANTILES, STEPS, WHOLE_NUMBER, STEPS)
nbinom_ppf = scipys("_nbinom_ppf", _QUANTILES, STEPS, STEPS, STEPS)
nbinom_isf = scipys("_nbinom_isf", _QUANTILES, STEPS, STEPS, STEPS)

ALL = (
    *(binom_pmf, binom_cdf, binom_sf, nbinom_pmf, nbinom_cdf, nbinom_sf),
    *(binom_ppf, binom_isf, nbinom_ppf, nbinom_isf),
)
BEHIND = ALL
