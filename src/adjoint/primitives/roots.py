"""The roots of polynomials, by their coefficients: exact derivatives where the roots are simple.

A root r of p has p(r) = 0, so that dr = -dp(r) / p'(r): also for a root at 0, whose coefficient NumPy's own
algorithm drops. A root of higher multiplicity has no derivative: NaN.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import NOT_LINEAR, Primitive
from ..errors import ShapeError
from .arithmetic import divide, multiply, negative
from .indexing import slice_
from .matrices import FIELDS, stacked
from .promotion import to_dtype
from .structure import add, broadcast, reduce_sum, scale, zeros


def _evaluate(p: Any) -> Any:
    dtype = dtypes.complex_dtype(p.dtype)
    out = np.empty((*p.shape[:-1], p.shape[-1] - 1), dtype)
    for place in np.ndindex(p.shape[:-1]):
        found = np.roots(p[place])
        if found.size != out.shape[-1]:
            raise ShapeError(
                f"{out.shape[-1]} roots of a polynomial were asked for",
                "a leading coefficient of 0",
                "Divide by the leading coefficient first, or leave it out.",
            )
        out[place] = found
    return out


def _type(p: Aval) -> Aval:
    return Aval((*p.shape[:-1], p.shape[-1] - 1), dtypes.complex_dtype(p.dtype))


def _coefficient(p: Any, place: int, like: Aval) -> Any:
    """One coefficient of each polynomial, for every root."""
    shape = aval_of(p).shape
    index = (*(slice(0, n, 1) for n in shape[:-1]), slice(place, place + 1, 1))
    return broadcast(to_dtype(slice_(p, index=index), like.dtype), shape=like.shape)


def _value(p: Any, r: Any, order: int) -> Any:
    """The polynomials at their roots, or their first derivatives, by Horner's scheme."""
    aval, degree = aval_of(r), aval_of(p).shape[-1] - 1
    total: Any = None
    for place in range(degree + 1 - order):
        term = _coefficient(p, place, aval)
        if order:
            term = multiply(float(degree - place), term)
        total = term if total is None else add(multiply(total, r), term)
    return total


def _jvp(t: Any, p: Any, *, out: Any) -> Any:
    if not aval_of(out).size:
        return zeros(aval_of(out))
    return scale(negative(divide(1.0, _value(p, out, 1))), _value(t, out, 0))


def _seen(roots: Any) -> tuple[Any, ...]:
    """Sums of powers, whatever the order of the roots."""
    last = aval_of(roots).ndim - 1
    square = multiply(roots, roots)
    return tuple(reduce_sum(v, axes=(last,)) for v in (roots, square, multiply(square, roots)))


def _apart(d: Draw, *lead: int) -> Any:
    """The coefficients of polynomials whose roots lie apart."""
    base = np.array([1.0, -3.0, -1.0, 3.0]) + d.array(*lead, 4, low=-0.2, high=0.2)
    return base.astype(d.dtype)


polynomial_roots = Primitive(
    name="polynomial_roots",
    type=_type,
    evaluate=_evaluate,
    jvp=(_jvp,),
    transpose=(NOT_LINEAR,),
    batch=stacked,
    source="polynomial_roots({0})",
    domain=Samples(
        lambda d: [
            Sample((_apart(d),), {}),
            Sample((_apart(d, 2),), {}),
            Sample((np.array([1.0, 0.5, 2.0, 0.0]).astype(d.dtype),), {}),
            Sample((d.array(1),), {}),
        ],
        FIELDS,
        seen=_seen,
    ),
)
"""The roots of polynomials (..., n + 1), the highest power first, as complex numbers (..., n)."""

ALL = (polynomial_roots,)
