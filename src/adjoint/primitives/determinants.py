"""Determinants: `det` by the adjugate, which is exact for singular matrices too; `slogdet`.

    d det(A) = tr(adj(A) dA)            adj(A) = det(A) A^-1 where A is regular

The adjugate has polynomial entries, so that it and its derivative exist everywhere. From the third order
on, the derivatives of `det` of matrices of more than three rows are written with the inverse: NaN at
singular ones.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive
from .arithmetic import multiply, subtract
from .batching import one_by_one
from .complex import imag, make_complex, real
from .contraction import matmul, swap
from .matrices import (
    FIELDS,
    drawn_regular,
    everywhere,
    require_square,
    square_type,
    stacked,
    trace,
    where,
)
from .solving import inverse
from .structure import add, reduce_sum, scale

# --- the adjugate --------------------------------------------------------------------------------


def _cofactors(a: Any, b: Any) -> Any:
    """Of matrices of order 3, the bilinear form whose value at (A, A) is twice the cofactors."""

    def rolled(x: Any, rows: int, columns: int) -> Any:
        return np.roll(x, (-rows, -columns), (-2, -1))

    return (
        rolled(a, 1, 1) * rolled(b, 2, 2)
        + rolled(b, 1, 1) * rolled(a, 2, 2)
        - rolled(a, 1, 2) * rolled(b, 2, 1)
        - rolled(b, 1, 2) * rolled(a, 2, 1)
    )


def _without_one(s: Any) -> Any:
    """For each entry the product of the others along the last axis."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return before * after


def _turned(x: Any) -> Any:
    return np.conjugate(np.swapaxes(x, -1, -2))


def _adjugate_by_parts(a: Any) -> Any:
    """adj(U S V^H) = det(U V^H) V adj(S) U^H."""
    u, s, vh = np.linalg.svd(a)
    sign = np.linalg.det(u @ vh)[..., None, None]
    return sign * ((_turned(vh) * _without_one(s)[..., None, :]) @ _turned(u))


def _adjugate(a: Any) -> Any:
    """det(A) A^-1 from one LU decomposition: as accurate as that, for ill-conditioned matrices too.

    G. W. Stewart, "On the adjugate matrix", Linear Algebra Appl. 283 (1998) 151-164. Only a pivot that is
    exactly zero needs the singular values.
    """
    n = a.shape[-1]
    if n < 2:
        return np.ones_like(a)
    if n == 2:
        return _tangent_of_two(a)
    if n == 3:
        return np.swapaxes(_cofactors(a, a) / 2, -1, -2)
    with np.errstate(invalid="ignore", over="ignore"):
        out = np.linalg.det(a)[..., None, None] * inverse.evaluate(a)
    missing = ~np.isfinite(out).all(axis=(-2, -1)) & np.isfinite(a).all(axis=(-2, -1))
    if missing.any():
        out[missing] = _adjugate_by_parts(a[missing])
    return out


def _tangent_of_two(e: Any) -> Any:
    """tr(E) I - E, the adjugate of order 2."""
    return np.trace(e, axis1=-2, axis2=-1)[..., None, None] * np.eye(2, dtype=e.dtype) - e


def _tangent(a: Any, e: Any) -> Any:
    """With F = U^H E V: det(U V^H) V D U^H, D_ij = -F_ij p_ij, D_ii = sum_j F_jj p_ij.

    p_ij is the product of all singular values but the i-th and the j-th, p_ii = 0.
    """
    n = a.shape[-1]
    if n < 2:
        return np.zeros_like(e)
    if n == 2:
        return _tangent_of_two(e)
    if n == 3:
        return np.swapaxes(_cofactors(a, e), -1, -2)
    if not np.isfinite(a).all():
        return np.full_like(e, np.nan)
    u, s, vh = np.linalg.svd(a)
    one = np.eye(n, dtype=bool)
    others = np.where(one, 0, _without_one(np.where(one, 1, s[..., None, :])))
    f = _turned(u) @ e @ _turned(vh)
    sums = others @ np.diagonal(f, axis1=-2, axis2=-1)[..., None]
    sign = np.linalg.det(u @ vh)[..., None, None]
    return sign * (_turned(vh) @ (one * sums - others * f) @ _turned(u)).astype(e.dtype, copy=False)


def _tangent_jvp(t: Any, a: Any, e: Any, *, out: Any) -> Any:
    """The second derivative of the adjugate.

    With M = E A^-1 and N = T A^-1:

    det(A) A^-1 [(tr M tr N - tr NM) I - tr(N) M - tr(M) N + NM + MN].
    """
    n = aval_of(a).shape[-1]
    if n < 3:
        return None
    if n == 3:
        return adjugate_tangent(e, t)
    x = inverse(a)
    m, moved = matmul(e, x), matmul(t, x)
    both = matmul(moved, m)
    numbers = subtract(scale(trace(m), trace(moved)), trace(both))
    bracket = add(add(both, matmul(m, moved)), where(np.eye(n, dtype=bool), everywhere(numbers, a), 0.0))
    bracket = subtract(bracket, scale(m, everywhere(trace(moved), m)))
    bracket = subtract(bracket, scale(everywhere(trace(m), m), moved))
    return multiply(everywhere(det(a), a), matmul(x, bracket))  # no strong zero: it would swallow the NaN


def _squares(d: Draw) -> list[Any]:
    """Square matrices of the orders that have rules of their own, and a singular one."""
    regular = [drawn_regular(d, *n) for n in ((1,), (2,), (3,), (4,), (5, 2))]
    return [*regular, d.array(3, 2) @ d.array(2, 3), d.array(0, 0)]


adjugate_tangent = Primitive(
    name="adjugate_tangent",
    type=lambda a, e: square_type("adjugate_tangent")(e),
    evaluate=_tangent,
    jvp=(_tangent_jvp, LINEAR),
    transpose=(NOT_LINEAR, lambda ct, a, e: swap(adjugate_tangent(a, swap(ct)))),
    batch=stacked,
    source="adjugate_tangent({0}, {1})",
    domain=Samples(lambda d: [Sample((a, d.array(*a.shape)), {}) for a in _squares(d)], FIELDS),
)
"""The derivative of the adjugate at A along E: the second derivative of `det`, exact for singular A too."""

adjugate = Primitive(
    name="adjugate",
    type=square_type("adjugate"),
    evaluate=_adjugate,
    jvp=(lambda t, a, *, out: adjugate_tangent(a, t),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="adjugate({0})",
    domain=Samples(lambda d: [Sample((a,), {}) for a in _squares(d)], FIELDS),
)
"""The transposed matrix of cofactors: `det(A) A^-1` where A is regular."""


# --- the determinant -----------------------------------------------------------------------------


def _numbers_type(name: str) -> Any:
    def rule(a: Aval) -> Aval:
        require_square(name, a)
        return Aval(a.shape[:-2], a.dtype)

    return rule


def _summed_products(partial: Any, t: Any) -> Any:
    """tr(X T), by `scale`: numbers of matrices."""
    ndim = aval_of(t).ndim
    return reduce_sum(scale(swap(partial), t), axes=(ndim - 2, ndim - 1))


det = Primitive(
    name="det",
    type=_numbers_type("det"),
    evaluate=np.linalg.det,
    jvp=(lambda t, a, *, out: _summed_products(adjugate(a), t),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.det({0})",
    domain=Samples(lambda d: [Sample((a,), {}) for a in (*_squares(d), drawn_regular(d, 4, 2))], FIELDS),
)


def _slogdet_type(a: Aval) -> tuple[Aval, Aval]:
    sign = _numbers_type("slogdet")(a)
    return sign, Aval(sign.shape, dtypes.real_dtype(a.dtype))


def _slogdet_jvp(t: Any, a: Any, *, out: Any) -> Any:
    """D log det A = tr(A^-1 dA): its real part moves the logarithm, its imaginary part turns the sign."""
    moved = _summed_products(inverse(a), t)
    if not dtypes.is_complex(aval_of(a).dtype):
        return None, moved
    return scale(out[0], make_complex(0.0, imag(moved))), real(moved)


slogdet = Primitive(
    name="slogdet",
    type=_slogdet_type,
    evaluate=np.linalg.slogdet,
    jvp=(_slogdet_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.slogdet({0})",
    domain=Samples(lambda d: [Sample((drawn_regular(d, *n),), {}) for n in ((3,), (2, 2), (0,))], FIELDS),
    many=True,
)

ALL = (adjugate_tangent, adjugate, det, slogdet)
