"""Comparing: order and equality, logic, what a number is, the larger and the smaller of two.

Ties share evenly: `maximum(x, x)` has slopes .5 and .5. A NaN makes the slopes of `maximum` and
`minimum` NaN; `fmax` and `fmin` pass it over.
"""

from typing import Any

import numpy as np

from ..core.domain import ANY, INEXACT, INTEGER, REAL, Edge, Interval, Pointwise
from .arithmetic import subtract
from .evaluation import finite, ufunc
from .pointwise import POSITIVE, STEPS, predicate, smooth
from .structure import INF, WHOLE, select

ORDERED = (*REAL, *INTEGER, "bool")
NAN = float("nan")

_PAIR = Pointwise((WHOLE, WHOLE), ORDERED)
_ANY_PAIR = Pointwise((WHOLE, WHOLE), ANY)
_ANY_ONE = Pointwise((WHOLE,), ANY)

less = predicate("less", np.less, _PAIR, source="{0} < {1}")
less_equal = predicate("less_equal", np.less_equal, _PAIR, source="{0} <= {1}")
greater = predicate("greater", np.greater, _PAIR, source="{0} > {1}")
greater_equal = predicate("greater_equal", np.greater_equal, _PAIR, source="{0} >= {1}")
equal = predicate("equal", np.equal, _ANY_PAIR, source="{0} == {1}")
not_equal = predicate("not_equal", np.not_equal, _ANY_PAIR, source="{0} != {1}")

logical_and = predicate("logical_and", np.logical_and, _ANY_PAIR)
logical_or = predicate("logical_or", np.logical_or, _ANY_PAIR)
logical_xor = predicate("logical_xor", np.logical_xor, _ANY_PAIR)
logical_not = predicate("logical_not", np.logical_not, _ANY_ONE)

isnan = predicate("isnan", np.isnan, _ANY_ONE)
isinf = predicate("isinf", np.isinf, _ANY_ONE)
isfinite = predicate("isfinite", np.isfinite, _ANY_ONE)
signbit = predicate("signbit", np.signbit, Pointwise((WHOLE,), REAL))

_step = ufunc(np.heaviside)


_FAST = {np.dtype(np.float32), np.dtype(np.float64)}


def _larger_of_arrays(x: Any, y: Any, dtype: Any) -> Any:
    """Three comparisons, which NumPy does many at a time; its `heaviside` goes one by one."""
    won, tied = np.greater(x, y), np.equal(x, y)
    found = won.astype(dtype)
    if tied.any():
        np.copyto(found, 0.5, where=tied)
    known = won | tied | np.less(x, y)
    if not known.all():
        np.copyto(found, NAN, where=~known)
    return found


def _larger(x: Any, y: Any) -> Any:
    dtypes = {v.dtype if type(v) is np.ndarray else type(v) for v in (x, y)} - {float}
    if len(dtypes) == 1 and dtypes <= _FAST:
        return _larger_of_arrays(x, y, dtypes.pop())
    difference = subtract.evaluate(x, y)
    if np.iscomplexobj(difference):
        share = np.where(np.equal(x, y), 0.5, np.greater(x, y))
        if type(difference) is complex:
            return difference * 0.0 + share.item()
        return difference * 0.0 + share.astype(difference.dtype)
    found = _step(difference, 0.5)
    if finite(found):
        return found
    repaired = np.where(np.equal(x, y), 0.5, found)
    if type(found) is float:
        return repaired.item()
    repaired = repaired.astype(found.dtype, copy=False)
    return repaired if repaired.ndim else repaired[()]


larger = smooth(
    "larger",
    np.heaviside,
    Pointwise((Interval(-2.0, -0.2), POSITIVE), INEXACT, (Edge((INF, INF), (0.0, 0.0)),)),
    STEPS,
    STEPS,
    source="larger({0}, {1})",
    evaluate=_larger,
)
"""1 where x > y, .5 where they are equal (infinities included), 0 where x < y; NaN beside a NaN.

Complex numbers stand in NumPy's order: by their real parts, then by their imaginary ones.
"""


def _share(x: Any, y: Any, share: Any, out: Any) -> Any:
    """`share`, but all for the one operand that is not NaN, and NaN where both are."""
    alone = select(isnan(x), 0.0, select(isnan(y), 1.0, share))
    return select(isnan(out), NAN, alone)


_APART = (Interval(-2.0, 0.4), Interval(0.6, 2.0))
_TIES = tuple(Edge((v, v), (0.5, 0.5)) for v in (0.0, 1.5, INF, -INF))
_MAXIMUM = (*_TIES, Edge((0.0, -0.0), (0.5, 0.5)), Edge((INF, 1.0), (1.0, 0.0)), Edge((NAN, 1.0), (NAN, NAN)))
_FMAX = (*_TIES, Edge((NAN, 1.0), (0.0, 1.0)), Edge((1.0, NAN), (1.0, 0.0)), Edge((NAN, NAN), (NAN, NAN)))
_MINIMUM = (*_TIES, Edge((INF, 1.0), (0.0, 1.0)), Edge((1.0, NAN), (NAN, NAN)))

maximum = smooth(
    "maximum",
    np.maximum,
    Pointwise(_APART, ANY, _MAXIMUM),
    lambda x, y, out: larger(x, y),
    lambda x, y, out: larger(y, x),
)

minimum = smooth(
    "minimum",
    np.minimum,
    Pointwise(_APART, ANY, _MINIMUM),
    lambda x, y, out: larger(y, x),
    lambda x, y, out: larger(x, y),
)

fmax = smooth(
    "fmax",
    np.fmax,
    Pointwise(_APART, ANY, _FMAX),
    lambda x, y, out: _share(x, y, larger(x, y), out),
    lambda x, y, out: _share(y, x, larger(y, x), out),
)

fmin = smooth(
    "fmin",
    np.fmin,
    Pointwise(_APART, ANY, _FMAX),
    lambda x, y, out: _share(x, y, larger(y, x), out),
    lambda x, y, out: _share(y, x, larger(x, y), out),
)

ALL = (
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    logical_and,
    logical_or,
    logical_xor,
    logical_not,
    isnan,
    isinf,
    isfinite,
    signbit,
    larger,
    maximum,
    minimum,
    fmax,
    fmin,
)
