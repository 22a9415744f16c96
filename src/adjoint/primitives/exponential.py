"""Exponentials and logarithms.

A logarithm's slope is +inf at either zero.
"""

import math
from typing import Any

import numpy as np

from ..core.domain import INEXACT, REAL, Edge, Interval, Pointwise
from .arithmetic import divide, multiply, subtract
from .comparison import equal, logical_and
from .pointwise import POSITIVE, smooth
from .structure import INF, WHOLE, add, select

LN2 = math.log(2.0)

_AT_ZERO = (Edge((0.0,), (INF,)), Edge((-0.0,), (INF,)))

exp = smooth(
    "exp",
    np.exp,
    Pointwise((WHOLE,), INEXACT, (Edge((-INF,), (0.0,)),)),
    lambda x, out: out,
)
exp2 = smooth("exp2", np.exp2, Pointwise((WHOLE,), INEXACT), lambda x, out: multiply(LN2, out))
expm1 = smooth("expm1", np.expm1, Pointwise((WHOLE,), INEXACT), lambda x, out: exp(x))

log = smooth(
    "log",
    np.log,
    Pointwise((POSITIVE,), INEXACT, _AT_ZERO),
    lambda x, out: divide(1.0, add(x, 0.0)),
)
log2 = smooth(
    "log2",
    np.log2,
    Pointwise((POSITIVE,), INEXACT, _AT_ZERO),
    lambda x, out: divide(1.0 / LN2, add(x, 0.0)),
)
log10 = smooth(
    "log10",
    np.log10,
    Pointwise((POSITIVE,), INEXACT, _AT_ZERO),
    lambda x, out: divide(1.0 / math.log(10.0), add(x, 0.0)),
)
log1p = smooth(
    "log1p",
    np.log1p,
    Pointwise((Interval(-0.7, 2.0),), INEXACT, (Edge((-1.0,), (INF,)),)),
    lambda x, out: divide(1.0, add(1.0, x)),
)

_LIMITS = (
    Edge((-INF, -INF), (0.0, 0.0)),
    Edge((-INF, 1.0), (0.0, 1.0)),
    Edge((INF, 1.0), (1.0, 0.0)),
    Edge((INF, INF), (0.5, 0.5)),
    Edge((1.0, 1.0), (0.5, 0.5)),
)


def _share(x: Any, y: Any, power: Any) -> Any:
    """e^x / (e^x + e^y): nothing for either of two -inf, half for each of two +inf."""
    share = divide(1.0, add(1.0, power(subtract(y, x))))
    share = select(logical_and(equal(x, INF), equal(y, INF)), 0.5, share)
    return select(logical_and(equal(x, -INF), equal(y, -INF)), 0.0, share)


logaddexp = smooth(
    "logaddexp",
    np.logaddexp,
    Pointwise((WHOLE, WHOLE), REAL, _LIMITS),
    lambda x, y, out: _share(x, y, exp),
    lambda x, y, out: _share(y, x, exp),
)
logaddexp2 = smooth(
    "logaddexp2",
    np.logaddexp2,
    Pointwise((WHOLE, WHOLE), REAL, _LIMITS),
    lambda x, y, out: _share(x, y, exp2),
    lambda x, y, out: _share(y, x, exp2),
)

ALL = (exp, exp2, expm1, log, log2, log10, log1p, logaddexp, logaddexp2)
