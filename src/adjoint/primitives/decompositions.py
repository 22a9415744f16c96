"""Decompositions: `cholesky`, `qr`, `eigh`, `eig`, `svd`, of stacks of matrices.

Each rule turns the tangent into the coordinates of the factors, divides by what separates their columns,
and turns back. Eigenvalues or singular values that differ by at most n eps times the largest count as
equal; the derivative of their vectors is NaN, unless what meets it is exactly zero: so functions of the
values alone have their derivative there too.

The signs and phases of vectors are a choice of LAPACK's. Rules follow it where it is a smooth one (`eig`,
`qr`); else the tangent of a vector stands upright on it, right for whatever does not depend on the phase.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import NOT_LINEAR, Primitive
from .arithmetic import divide, multiply, negative, subtract
from .batching import one_by_one
from .comparison import equal, less_equal
from .complex import absolute, conjugate, imag, make_complex, real
from .contraction import matmul
from .indexing import concatenate
from .matrices import (
    FIELDS,
    across,
    adjoint,
    diagonal,
    down,
    drawn_hermitian,
    everywhere,
    first,
    hermitian_part,
    part,
    product,
    require_matrices,
    require_square,
    square_type,
    times_columns,
    weighted_squares,
    where,
)
from .ordering import argmax
from .promotion import to_dtype
from .reduction import reduce_max, reduce_min
from .solving import inverse
from .structure import add, broadcast, reduce_sum, reshape, scale, select, zeros

NAN = float("nan")


def _real_diagonal(x: Any) -> Any:
    d = diagonal(x)
    return real(d) if dtypes.is_complex(aval_of(d).dtype) else d


def noise(values: Any, count: int) -> Any:
    """`count` eps times the largest of the values: what differs by no more is equal."""
    aval = aval_of(values)
    dtype = dtypes.real_dtype(aval.dtype)
    if not aval.shape[-1]:
        return zeros(Aval(aval.shape[:-1], dtype))
    return multiply(count * dtypes.eps(dtype), reduce_max(absolute(values), axes=(aval.ndim - 1,)))


def _repeated(numbers: Any, count: int) -> Any:
    """Numbers (...) as vectors (..., count) of equal entries."""
    lead = aval_of(numbers).shape
    return broadcast(reshape(numbers, shape=(*lead, 1)), shape=(*lead, count))


def extreme(values: Any, *, largest: bool) -> Any:
    """The largest or smallest along the last axis; all that are equal to it but for noise share evenly."""
    axis, count = aval_of(values).ndim - 1, aval_of(values).shape[-1]
    found = (reduce_max if largest else reduce_min)(values, axes=(axis,))
    apart = absolute(subtract(values, _repeated(found, count)))
    won = to_dtype(less_equal(apart, _repeated(noise(values, count), count)), aval_of(values).dtype)
    share = divide(won, _repeated(reduce_sum(won, axes=(axis,)), count))
    return reduce_sum(scale(share, values), axes=(axis,))


def _inverted(differences: Any, least: Any) -> Any:
    """1 / differences, NaN where they are at most `least`."""
    near = less_equal(absolute(differences), everywhere(least, differences))
    return select(near, NAN, divide(1.0, select(near, 1.0, differences)))


def inverse_gaps(values: Any, least: Any) -> Any:
    """1 / (w_j - w_i), zero on the diagonal."""
    n = aval_of(values).shape[-1]
    gaps = subtract(across(values, n), down(values, n))
    return where(np.eye(n, dtype=bool), 0.0, _inverted(gaps, least))


def _paired(left: Any, right: Any) -> Any:
    """For each column of L and R the real part of l^H r."""
    products = scale(conjugate(left), right) if dtypes.is_complex(aval_of(left).dtype) else scale(left, right)
    ndim = aval_of(products).ndim
    total = reduce_sum(products, axes=(ndim - 2,))
    return real(total) if dtypes.is_complex(aval_of(total).dtype) else total


def _rest_follows(known: Any, moved: Any, rest: Any) -> Any:
    """How the columns that complete `known` to a basis move when those do: no more than they must."""
    return negative(product(known, adjoint(moved), rest))


# --- Cholesky ------------------------------------------------------------------------------------


def _cholesky_jvp(t: Any, a: Any, *, out: Any, upper: bool) -> Any:
    """DL = L phi(L^-1 dA L^-H), where phi takes the lower triangle, and of the diagonal half."""
    low = adjoint(out) if upper else out
    n = aval_of(a).shape[-1]
    x = inverse(low)
    inner = product(x, hermitian_part(t), adjoint(x))
    half = np.tri(n) - np.eye(n) / 2
    weights = np.broadcast_to(half.astype(aval_of(a).dtype), aval_of(a).shape)
    moved = matmul(low, scale(weights, inner))
    return adjoint(moved) if upper else moved


cholesky = Primitive(
    name="cholesky",
    type=square_type("cholesky"),
    evaluate=lambda a, *, upper: np.linalg.cholesky(a, upper=upper),
    jvp=(_cholesky_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.cholesky({0}, upper={upper})",
    domain=Samples(
        lambda d: [
            Sample((drawn_hermitian(d, *n),), {"upper": upper}, symmetric=(0,))
            for n, upper in (((3,), False), ((3,), True), ((2, 2), False), ((0,), False))
        ],
        FIELDS,
    ),
)
"""L with L L^H = A, or U with U^H U = A, of (A + A^H) / 2: its derivative is symmetric."""


# --- QR ------------------------------------------------------------------------------------------


def _qr_type(a: Aval, *, complete: bool) -> tuple[Aval, Aval]:
    rows, columns = require_matrices("qr", a)
    inner = rows if complete else min(rows, columns)
    lead = a.shape[:-2]
    return Aval((*lead, rows, inner), a.dtype), Aval((*lead, inner, columns), a.dtype)


def _qr(a: Any, *, complete: bool) -> Any:
    return np.linalg.qr(a, "complete" if complete else "reduced")


def _qr_jvp(t: Any, a: Any, *, out: Any, complete: bool) -> Any:
    """From dA = dQ R + Q dR follows Q^H dA R^-1 = Q^H dQ + dR R^-1.

    The first part is skew-Hermitian, the second upper triangular with a real diagonal.
    """
    (*_, rows, columns), aval = aval_of(a).shape, aval_of(a)
    k = min(rows, columns)
    q, r = out if rows == k or not complete else (part(out[0], None, first(k)), part(out[1], first(k)))
    square, moved = (r, t) if columns == k else (part(r, None, first(k)), part(t, None, first(k)))
    x = matmul(moved, inverse(square))
    c = matmul(adjoint(q), x)
    low = where(np.tri(k, k, -1, dtype=bool), c, 0.0)
    turn = subtract(low, adjoint(low))
    if dtypes.is_complex(aval.dtype):
        turn = where(np.eye(k, dtype=bool), make_complex(0.0, imag(c)), turn)
    dq = matmul(q, turn)
    if rows > k:
        dq = add(dq, subtract(x, matmul(q, c)))
    dr = where(~np.tri(k, columns, -1, dtype=bool), subtract(matmul(adjoint(q), t), matmul(turn, r)), 0.0)
    if not complete or rows == k:
        return dq, dr
    rest = _rest_follows(q, dq, part(out[0], None, slice(k, rows, 1)))
    below = zeros(Aval((*aval.shape[:-2], rows - k, columns), aval.dtype))
    axis = aval.ndim - 2
    return concatenate(dq, rest, axis=axis + 1), concatenate(dr, below, axis=axis)


def _qr_seen(q: Any, r: Any) -> tuple[Any, ...]:
    k = min(aval_of(q).shape[-2], aval_of(r).shape[-1])
    return weighted_squares(q, k), weighted_squares(adjoint(r), k), matmul(q, r)


def _tall_and_wide(d: Draw) -> list[Any]:
    """Matrices with singular values far apart."""
    shapes = ((4, 2), (2, 3), (3, 3), (2, 3, 2), (0, 2), (2, 0))
    return [
        d.array(*s, low=-0.4, high=0.4)
        + np.eye(*s[-2:], dtype=d.dtype) * np.arange(1, s[-1] + 1, dtype=d.dtype)
        for s in shapes
    ]


qr = Primitive(
    name="qr",
    type=_qr_type,
    evaluate=_qr,
    jvp=(_qr_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="qr({0}, complete={complete})",
    domain=Samples(
        lambda d: [Sample((a,), {"complete": c}) for a in _tall_and_wide(d) for c in (False, True)],
        FIELDS,
        seen=_qr_seen,
    ),
    many=True,
)
"""Q and R; `complete` with a square Q, whose further columns move no more than they must."""


# --- eigenvalues ---------------------------------------------------------------------------------


def _eigh_type(a: Aval, *, uplo: str) -> tuple[Aval, Aval]:
    require_square("eigh", a)
    return Aval(a.shape[:-1], dtypes.real_dtype(a.dtype)), Aval(a.shape, a.dtype)


def eigh_jvp(t: Any, a: Any, *, out: Any, uplo: str) -> Any:
    """With P = V^H dA V: dw = diag(P), dV = V (P_ij / (w_j - w_i)), of A's Hermitian part."""
    w, v = out
    aval = aval_of(v)
    p = product(adjoint(v), hermitian_part(t), v)
    apart = to_dtype(inverse_gaps(w, noise(w, aval.shape[-1])), aval.dtype)
    return _real_diagonal(p), matmul(v, scale(apart, p))


def _eigh_samples(d: Draw) -> list[Sample]:
    return [
        Sample((drawn_hermitian(d, *n),), {"uplo": uplo}, symmetric=(0,))
        for n, uplo in (((3,), "L"), ((3,), "U"), ((2, 2), "L"), ((1,), "L"), ((0,), "L"))
    ]


eigh = Primitive(
    name="eigh",
    type=_eigh_type,
    evaluate=lambda a, *, uplo: np.linalg.eigh(a, uplo),
    jvp=(eigh_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.eigh({0}, {uplo!r})",
    domain=Samples(
        _eigh_samples,
        FIELDS,
        seen=lambda w, v: (w, weighted_squares(v, aval_of(w).shape[-1])),
    ),
    many=True,
)
"""Eigenvalues in ascending order, and eigenvectors, of (A + A^H) / 2: the derivative is symmetric."""


def _eigvalsh_jvp(t: Any, a: Any, *, out: Any, uplo: str) -> Any:
    """The diagonal of V^H dA V."""
    _, v = eigh(a, uplo=uplo)
    return _paired(v, matmul(hermitian_part(t), v))


eigvalsh = Primitive(
    name="eigvalsh",
    type=lambda a, *, uplo: _eigh_type(a, uplo=uplo)[0],
    evaluate=lambda a, *, uplo: np.linalg.eigvalsh(a, uplo),
    jvp=(_eigvalsh_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.eigvalsh({0}, {uplo!r})",
    domain=Samples(_eigh_samples, FIELDS),
)
"""The eigenvalues alone: a shorter way to them, and to their derivative."""


def _eig(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    dtype = dtypes.complex_dtype(a.dtype)
    return w.astype(dtype, copy=False), v.astype(dtype, copy=False)


def _eig_type(a: Aval) -> tuple[Aval, Aval]:
    require_square("eig", a)
    dtype = dtypes.complex_dtype(a.dtype)
    return Aval(a.shape[:-1], dtype), Aval(a.shape, dtype)


def normalised(moved: Any, v: Any) -> Any:
    """The tangent of vectors that keep, as LAPACK's, the norm 1 and a largest component that is real."""
    aval = aval_of(v)
    rows = aval.ndim - 2
    along = _paired(v, moved)
    largest = across(argmax(absolute(real(v)), axis=rows), aval.shape[-1])
    places = np.broadcast_to(np.arange(aval.shape[-1])[:, None], aval.shape)
    chosen = equal(places, largest)
    at, by = (reduce_sum(select(chosen, x, 0.0), axes=(rows,)) for x in (v, moved))
    turn = imag(scale(divide(1.0, at), by))
    return subtract(moved, times_columns(v, make_complex(along, turn)))


def _eig_jvp(t: Any, a: Any, *, out: Any) -> Any:
    """With P = V^-1 dA V: dw = diag(P), dV = V (P_ij / (w_j - w_i)), and what keeps V normalised."""
    w, v = out
    n = aval_of(v).shape[-1]
    p = product(inverse(v), to_dtype(t, aval_of(v).dtype), v)
    if not n:
        return diagonal(p), None
    moved = matmul(v, scale(inverse_gaps(w, noise(w, n)), p))
    return diagonal(p), normalised(moved, v)


def _general(d: Draw, n: int, *lead: int) -> Any:
    return d.array(*lead, n, n, low=-0.4, high=0.4) + np.diag(2 * np.arange(1, n + 1)).astype(d.dtype)


def _eig_samples(d: Draw) -> list[Sample]:
    """Real eigenvalues, pairs of complex ones, stacks."""
    turning = d.array(3, 3, low=-0.2, high=0.2) + np.array([[1, -2, 0], [1, 1, 0], [0, 0, 4]]).astype(d.dtype)
    return [
        Sample((a,), {}) for a in (_general(d, 3), turning, _general(d, 2, 2), d.array(1, 1), d.array(0, 0))
    ]


def _eig_seen(w: Any, v: Any) -> tuple[Any, ...]:
    """Vectors times their first components, which no sign changes."""
    if not aval_of(w).shape[-1]:
        return w, v
    top = reduce_sum(part(v, first(1)), axes=(aval_of(v).ndim - 2,))
    return w, times_columns(v, top)


eig = Primitive(
    name="eig",
    type=_eig_type,
    evaluate=_eig,
    jvp=(_eig_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="eig({0})",
    domain=Samples(_eig_samples, FIELDS, seen=_eig_seen),
    many=True,
)
"""Eigenvalues and right eigenvectors, always complex; NumPy gives real ones where all are."""


# --- singular values -----------------------------------------------------------------------------


def _svd_type(a: Aval, *, full: bool) -> tuple[Aval, Aval, Aval]:
    rows, columns = require_matrices("svd", a)
    k = min(rows, columns)
    lead = a.shape[:-2]
    return (
        Aval((*lead, rows, rows if full else k), a.dtype),
        Aval((*lead, k), dtypes.real_dtype(a.dtype)),
        Aval((*lead, columns if full else k, columns), a.dtype),
    )


def _side(turn: Any, vectors: Any, beyond: Any, inverse_values: Any) -> Any:
    """The tangent of the vectors of one side: turned among themselves, and out of their span."""
    rows, k = aval_of(vectors).shape[-2:]
    moved = matmul(vectors, turn)
    return moved if rows == k else add(moved, scale(across(inverse_values, rows), beyond))


def _completed(vectors: Any, moved: Any, known: Any) -> Any:
    """The tangent of a whole basis of which `known` are the first columns."""
    *_, rows, columns = aval_of(vectors).shape
    k = aval_of(known).shape[-1]
    if columns == k:
        return moved
    rest = _rest_follows(known, moved, part(vectors, None, slice(k, rows, 1)))
    return concatenate(moved, rest, axis=aval_of(vectors).ndim - 1)


def _svd_jvp(t: Any, a: Any, *, out: Any, full: bool) -> Any:
    """With P = U^H dA V, E its Hermitian and O its skew part: dS = diag(E), and rotations.

    U^H dU = E_ij / (s_j - s_i) + O_ij / (s_j + s_i)    V^H dV = E_ij / (s_j - s_i) - O_ij / (s_j + s_i)
    """
    s, dtype = out[1], aval_of(a).dtype
    k = aval_of(s).shape[-1]
    if not k:
        return None, None, None
    u, v = part(out[0], None, first(k)), adjoint(part(out[2], first(k)))
    least_gap = noise(s, max(aval_of(a).shape[-2:]))
    right, left = matmul(t, v), matmul(adjoint(t), u)
    p = matmul(adjoint(u), right)
    turned = adjoint(p)
    even, odd = multiply(0.5, add(p, turned)), multiply(0.5, subtract(p, turned))
    even = scale(to_dtype(inverse_gaps(s, least_gap), dtype), even)
    odd = scale(to_dtype(_inverted(add(across(s, k), down(s, k)), least_gap), dtype), odd)
    least = less_equal(s, _repeated(least_gap, k))
    inverse_s = to_dtype(select(least, NAN, divide(1.0, s)), dtype)
    du = _side(add(even, odd), u, subtract(right, matmul(u, p)), inverse_s)
    dv = _side(subtract(even, odd), v, subtract(left, matmul(v, turned)), inverse_s)
    ds = select(least, 0.0, _real_diagonal(p))
    if full:
        du, dv = _completed(out[0], du, u), _completed(adjoint(out[2]), dv, v)
    return du, ds, adjoint(dv)


def _svd_seen(u: Any, s: Any, vh: Any) -> tuple[Any, ...]:
    k = aval_of(s).shape[-1]
    v = adjoint(vh)
    inner = matmul(part(u, None, first(k)), part(vh, first(k)))
    return weighted_squares(u, k), s, weighted_squares(v, k), inner


svd = Primitive(
    name="svd",
    type=_svd_type,
    evaluate=lambda a, *, full: np.linalg.svd(a, full),
    jvp=(_svd_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.svd({0}, {full})",
    domain=Samples(
        lambda d: [Sample((a,), {"full": full}) for a in _tall_and_wide(d) for full in (False, True)],
        FIELDS,
        seen=_svd_seen,
    ),
    many=True,
)
"""U, the singular values in descending order, V^H; `full` with square U and V^H, whose further columns and
rows move no more than they must. A singular value that is zero but for rounding has the slope of |x| at 0.
"""


def _svdvals_jvp(t: Any, a: Any, *, out: Any) -> Any:
    """The diagonal of U^H dA V; 0 for values that are zero."""
    k = aval_of(out).shape[-1]
    if not k:
        return None
    u, s, vh = svd(a, full=False)
    moved = _paired(u, matmul(t, adjoint(vh)))
    return select(less_equal(s, _repeated(noise(s, max(aval_of(a).shape[-2:])), k)), 0.0, moved)


svdvals = Primitive(
    name="svdvals",
    type=lambda a: _svd_type(a, full=False)[1],
    evaluate=lambda a: np.linalg.svd(a, compute_uv=False),
    jvp=(_svdvals_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="np.linalg.svd({0}, compute_uv=False)",
    domain=Samples(lambda d: [Sample((a,), {}) for a in _tall_and_wide(d)], FIELDS),
)
"""The singular values alone: a shorter way to them, and to their derivative."""

ALL = (cholesky, qr, eigh, eigvalsh, eig, svd, svdvals)
