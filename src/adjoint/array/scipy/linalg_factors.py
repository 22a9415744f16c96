"""Factors as `scipy.linalg`: LU, Cholesky, QR, singular values, polar; bases of ranges and null spaces."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...primitives import decompositions as d
from ...primitives.barrier import stop_gradient
from ...primitives.comparison import equal
from ...primitives.contraction import matmul, swap
from ...primitives.indexing import embed
from ...primitives.matrices import adjoint, down, hermitian_part, where
from ...primitives.matrix.factorizations import unitary_factor
from ...primitives.matrix.triangular import column_order, factors, permutation, rows_taken
from ...primitives.matrix.triangular import lu as decompose
from ...primitives.matrix.triangular import solve_triangular as solve_triangle
from ...primitives.ordering import argsort
from ...primitives.promotion import to_dtype, to_shape
from ...primitives.structure import add, reshape
from ..dispatch import concrete
from ..functions.keywords import read
from ..functions.linalg import known
from ..functions.linalg import pinv as pseudo_inverse
from .linalg_operands import arrays, innermost, matrix, one_of, refused, require_matrix, stacks, system
from .linalg_solving import turned_by

# --- LU ------------------------------------------------------------------------------------------


def _plain(x: Any, dtype: Any = None) -> Any:
    """Integers as the plain array that they are, where they are known."""
    found = known(x)
    if found is None:
        return x if dtype is None else to_dtype(x, np.dtype(dtype))
    return np.asarray(found, dtype)


def lu(
    a: Any,
    permute_l: bool = False,
    overwrite_a: bool = False,
    check_finite: bool = True,
    p_indices: bool = False,
) -> Any:
    """As `scipy.linalg.lu`: P, L, U with A = P L U. Rows that tie for a pivot keep the order that they have.

    P is constant. The derivative at a singular U is NaN.
    """
    x = matrix(a, check_finite=check_finite)
    rows = aval_of(x).shape[-2]
    packed, pivots = decompose(x)
    low, up = factors(packed)
    order = permutation(pivots, rows=rows)
    places = argsort(order, axis=aval_of(order).ndim - 1)
    if permute_l:
        return rows_taken(low, places), up
    if p_indices:
        return _plain(places, np.int32), low, up
    lead = aval_of(places).shape[:-1]
    counted = np.broadcast_to(np.arange(rows), (*lead, rows, rows))
    matches = equal(down(places, rows), counted)
    return _plain(to_dtype(matches, dtypes.real_dtype(aval_of(x).dtype))), low, up


def lu_factor(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.lu_factor`: L and U in one matrix, and LAPACK's pivots, which are constant."""
    packed, pivots = decompose(matrix(a, check_finite=check_finite))
    return packed, _plain(pivots)


def lu_solve(
    lu_and_piv: Any, b: Any, trans: Any = 0, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """As `scipy.linalg.lu_solve`: x with A x = b, A^T x = b or A^H x = b, from what `lu_factor` gives."""
    packed, pivots = lu_and_piv
    x, y = arrays(packed, b, check_finite=check_finite)
    n = require_matrix(x, square=True)[-1]
    if aval_of(y).shape[-2:][0] != n:
        raise ValueError(f"Shapes of lu {aval_of(x).shape} and b {aval_of(y).shape} are incompatible")
    x, columns, restore = system(x, y)
    order = permutation(read(pivots), rows=n)
    order = to_shape(order, (*aval_of(x).shape[:-2], n))
    turned = turned_by(x, trans)
    if not trans:
        columns = rows_taken(columns, order)
    found = solve_triangle(turned, columns, lower=True, unit=not trans, strict=False)
    found = solve_triangle(turned, found, lower=False, unit=bool(trans), strict=False)
    if trans:
        found = rows_taken(found, argsort(order, axis=aval_of(order).ndim - 1))
    return restore(found)


# --- Cholesky ------------------------------------------------------------------------------------


def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.cholesky`, which reads one triangle; the derivative is that of (A + A^H) / 2
    decomposed, and so symmetric.
    """
    return d.cholesky(matrix(a, square=True, check_finite=check_finite), upper=not lower)


def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.cho_factor`: the factor in one triangle; in the other stands what A has there."""
    x = matrix(a, square=True, check_finite=check_finite)
    aval = aval_of(x)
    mask = np.tri(aval.shape[-1], dtype=bool)
    found = d.cholesky(x, upper=not lower)
    factor = where(mask if lower else mask.T, found, x)
    return factor, np.full(aval.shape[:-2], lower) if aval.shape[:-2] else lower


def cholesky_banded(
    ab: Any, overwrite_ab: bool = False, lower: bool = False, check_finite: bool = True
) -> Any:
    """As `scipy.linalg.cholesky_banded`: the factor's band, of a Hermitian band."""
    x = matrix(ab, check_finite=check_finite)
    factor = d.cholesky(from_half_band(x, lower), upper=not lower)
    width, n = aval_of(x).shape[-2] - 1, aval_of(x).shape[-1]
    rows = []
    for k in range(width + 1):
        diagonal = np.diagonal(factor, -k if lower else k, -2, -1)
        unread = x[..., k, max(n - k, 0) :] if lower else x[..., width - k, : min(k, n)]
        rows.append(np.concatenate((diagonal, unread) if lower else (unread, diagonal), axis=-1))
    return np.stack(rows if lower else rows[::-1], axis=-2)


def from_half_band(x: Any, lower: bool) -> Any:
    """The Hermitian matrix whose diagonal and lower (or upper) diagonals are the rows of a band."""
    (*lead, count, n), dtype = aval_of(x).shape, aval_of(x).dtype
    half: Any = np.zeros((*lead, n, n), dtype)
    for k in range(min(count, n)):
        numbers = x[..., k, : n - k] if lower else x[..., count - 1 - k, k:]
        weighted = np.multiply(numbers, dtype.type(0.5 if k == 0 else 1.0))
        first = k * n if lower else k
        places = slice(first, first + (n - k - 1) * (n + 1) + 1, n + 1)
        index = (*(slice(0, m, 1) for m in lead), places)
        part = reshape(embed(weighted, index=index, shape=(*lead, n * n)), shape=(*lead, n, n))
        half = add(half, part)
    return add(half, adjoint(half))


# --- QR ------------------------------------------------------------------------------------------


def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.qr`, in the modes "full", "r" and "economic"; the order of pivots is constant."""
    one_of(mode, "mode", ("full", "r", "economic", "raw"))
    if mode == "raw":
        return _raw(a)
    x = matrix(a, check_finite=check_finite)
    return _pivoted(x, mode) if pivoting else _qr(x, mode)


_raw = refused("qr with mode='raw'", "LAPACK's reflections, which have no rule", "Use mode='economic'.")


def _qr(x: Any, mode: str) -> Any:
    rows, columns = aval_of(x).shape[-2:]
    q, r = d.qr(x, complete=mode != "economic" and rows > columns)
    return (r,) if mode == "r" else (q, r)


def _pivoted(x: Any, mode: str) -> Any:
    """In LAPACK's order of columns: the longest of what is left comes first."""
    order = column_order(x)
    return (*_qr(swap(rows_taken(swap(x), order)), mode), _plain(order, np.int32))


def _rq(a: Any, mode: str) -> Any:
    """The QR decomposition of the matrix turned about."""
    rows, columns = aval_of(a).shape[-2:]
    q, r = d.qr(adjoint(a[..., ::-1, ::-1]), complete=mode != "economic" and columns > rows)
    r, q = adjoint(r)[..., ::-1, ::-1], adjoint(q)[..., ::-1, ::-1]
    return r if mode == "r" else (r, q)


def rq(
    a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full", check_finite: bool = True
) -> Any:
    """As `scipy.linalg.rq`: R and Q with A = R Q."""
    one_of(mode, "mode", ("full", "r", "economic"))
    return _rq(matrix(a, check_finite=check_finite), mode)


def qr_multiply(
    a: Any,
    c: Any,
    mode: str = "right",
    pivoting: bool = False,
    conjugate: bool = False,
    overwrite_a: bool = False,
    overwrite_c: bool = False,
) -> Any:
    """As `scipy.linalg.qr_multiply`: c Q, or Q c where `mode` is "left", and R."""
    one_of(mode, "mode", ("left", "right"))
    x, y = arrays(a, c, check_finite=True)
    q, r, *order = qr(x, mode="economic", pivoting=pivoting)
    q = np.conj(q) if conjugate else q
    if aval_of(y).ndim == 1:
        found = np.squeeze(q @ y[:, None], -1) if mode == "left" else np.squeeze(y[None] @ q, -2)
    else:
        found = q @ y if mode == "left" else y @ q
    return (found, r, *order)


# --- singular values -----------------------------------------------------------------------------


def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """As `scipy.linalg.svd`. A singular value of zero has the slope 0 of |x| at 0; equal ones have no
    derivative of their vectors: NaN.
    """
    one_of(lapack_driver, "lapack_driver", ("gesdd", "gesvd"))
    x = matrix(a, check_finite=check_finite)
    if not compute_uv:
        return d.svdvals(x)
    rows, columns = aval_of(x).shape[-2:]
    return d.svd(x, full=bool(full_matrices and rows != columns))


def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.svdvals`."""
    return d.svdvals(matrix(a, check_finite=check_finite))


def unitary(x: Any) -> Any:
    """The unitary matrix, or that of orthonormal columns or rows, nearest to x."""
    rows, columns = aval_of(x).shape[-2:]
    return unitary_factor(x) if rows >= columns else adjoint(unitary_factor(adjoint(x)))


def polar(a: Any, side: str = "right") -> Any:
    """As `scipy.linalg.polar`: U and P with A = U P, or P U where `side` is "left".

    Equal singular values do no harm; where two add up to zero the derivative is NaN.
    """
    one_of(side, "side", ("right", "left"))
    x = matrix(a)
    u = unitary(x)
    p = matmul(adjoint(u), x) if side == "right" else matmul(x, adjoint(u))
    return u, hermitian_part(p)


def orthogonal_procrustes(A: Any, B: Any, check_finite: bool = True) -> Any:
    """As `scipy.linalg.orthogonal_procrustes`: the orthogonal R with A R nearest to B, and its scale."""
    x, y = arrays(A, B, check_finite=check_finite)
    if aval_of(x).shape[-2:] != aval_of(y).shape[-2:]:
        raise ValueError(f"the shapes of A and B differ ({aval_of(x).shape} vs {aval_of(y).shape})")
    m = np.matmul(np.conj(swap(x)), y)
    return unitary(m), np.sum(d.svdvals(m), axis=-1)


# --- bases ---------------------------------------------------------------------------------------


def _rank(x: Any, rcond: Any, name: str) -> int:
    """The rank of a matrix, which all of a stack share."""
    plain = innermost(x)
    if plain is None:
        plain = concrete(x, f"the rank in {name}")
    values = np.linalg.svd(plain, compute_uv=False)
    bound = np.finfo(values.dtype).eps * max(plain.shape[-2:]) if rcond is None else rcond
    largest = np.max(values, axis=-1, keepdims=True, initial=0.0)
    ranks = np.unique(np.sum(values > largest * bound, axis=-1))
    if ranks.size != 1:
        raise ValueError(f"{name} of matrices of different ranks, {ranks}, has no common shape")
    return int(ranks[0])


def orth(A: Any, rcond: Any = None) -> Any:
    """As `scipy.linalg.orth`: an orthonormal basis of the range, the singular vectors.

    Only the span is determined: the derivative is that of a basis that turns no more than it must, and right
    for whatever does not depend on the choice of the basis, along matrices of the same rank.
    """
    x = matrix(A)
    rank = _rank(x, rcond, "orth")
    at = stop_gradient(d.svd(x, full=False)[0])[..., :rank]
    return unitary(matmul(matmul(x, pseudo_inverse(x, rtol=rcond)), at))


def null_space(
    A: Any,
    rcond: Any = None,
    *,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """As `scipy.linalg.null_space`: an orthonormal basis of what A takes to zero; the rest as `orth`."""
    x = matrix(A, check_finite=check_finite)
    rank = _rank(x, rcond, "null_space")
    rows, columns = aval_of(x).shape[-2:]
    at = adjoint(stop_gradient(d.svd(x, full=rows != columns)[2]))[..., rank:]
    return unitary(np.subtract(at, matmul(pseudo_inverse(x, rtol=rcond), matmul(x, at))))


def subspace_angles(A: Any, B: Any) -> Any:
    """As `scipy.linalg.subspace_angles`: small ones by their sines, large ones by their cosines."""
    x, y = stacks(*((v, 2) for v in arrays(A, B, check_finite=True)))
    if aval_of(x).shape[-2] != aval_of(y).shape[-2]:
        raise ValueError(
            f"A and B must have the same number of rows, got {aval_of(x).shape} and {aval_of(y).shape}"
        )
    left, right = orth(x), orth(y)
    joint = matmul(adjoint(left), right)
    cosines = d.svdvals(joint)
    if aval_of(left).shape[-1] >= aval_of(right).shape[-1]:
        beyond = np.subtract(right, matmul(left, joint))
    else:
        beyond = np.subtract(left, matmul(right, adjoint(joint)))
    small = np.arcsin(np.clip(d.svdvals(beyond), -1.0, 1.0))
    return np.where(cosines**2 >= 0.5, small, np.arccos(np.clip(cosines[..., ::-1], -1.0, 1.0)))


_FUNCTIONS = (
    *(lu, lu_factor, lu_solve, cholesky, cho_factor, cholesky_banded, qr, rq, qr_multiply, svd, svdvals),
    *(polar, orthogonal_procrustes, orth, null_space, subspace_angles),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.linalg.{f.__name__}": f for f in _FUNCTIONS}
