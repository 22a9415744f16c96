"""Eigenvectors on both sides, generalised problems, the unitary factor, and matrices given by one triangle.

A V = B V W         with M = (B V)^-1 (dA V - dB V W):  dW = diag(M),  dV = V (M_ij / (w_j - w_i))
A = U P             with R = U^H dA and O = U^H dU:     P O + O P = R - R^H
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Aval, aval_of
from ...core.domain import Draw, Sample, Samples
from ...core.primitive import NOT_LINEAR, Primitive
from ...errors import ShapeError
from ...lazy import scipy_linalg
from .. import decompositions as d
from ..arithmetic import multiply, subtract
from ..batching import one_by_one
from ..complex import conjugate
from ..contraction import matmul, swap
from ..evaluation import ByMatrix
from ..matrices import (
    FIELDS,
    adjoint,
    diagonal,
    drawn_hermitian,
    hermitian_part,
    product,
    require_matrices,
    require_square,
    square_type,
    stacked,
    times_columns,
    weighted_squares,
)
from ..promotion import to_dtype
from ..solving import inverse
from ..structure import add, reduce_sum, scale
from .equations import sylvester

# --- symmetric problems, by LAPACK's other ways --------------------------------------------------


def _eigh(a: Any, *, uplo: str, route: str) -> Any:
    lower = uplo == "L"
    if route == "tridiagonal":
        return scipy_linalg.eigh_tridiagonal(np.diagonal(a).copy(), np.diagonal(a, -1).copy())
    if route.startswith("band"):
        ab = np.stack([np.pad(np.diagonal(a, -k), (0, k)) for k in range(int(route[4:]) + 1)])
        return scipy_linalg.eig_banded(ab, lower=True)
    return scipy_linalg.eigh(a, lower=lower, driver=route)


def _eigh_type(a: Aval, *, uplo: str, route: str) -> tuple[Aval, Aval]:
    del route
    return d.eigh.type(a, uplo=uplo)


def _eigh_samples(draw: Draw) -> list[Sample]:
    return [
        Sample((drawn_hermitian(draw, *n),), {"uplo": uplo, "route": route}, symmetric=(0,))
        for n, uplo, route in (((3,), "L", "evr"), ((2, 2), "U", "evd"), ((0,), "L", "evr"))
    ]


eigh_by = replace(
    d.eigh,
    name="eigh_by",
    type=_eigh_type,
    evaluate=ByMatrix(_eigh, _eigh_type, 2, many=True),
    jvp=(lambda t, a, *, out, uplo, route: d.eigh_jvp(t, a, out=out, uplo=uplo),),
    source="eigh_by({0}, uplo={uplo!r}, route={route!r})",
    domain=Samples(_eigh_samples, FIELDS, seen=lambda w, v: (w, weighted_squares(v, aval_of(w).shape[-1]))),
)
"""As `eigh`, by another of LAPACK's ways, which choose other signs; tridiagonal and banded ones too."""


# --- eigenvectors on both sides ------------------------------------------------------------------


def _eigen_type(a: Aval, b: Aval, *, standard: bool) -> tuple[Aval, Aval, Aval]:
    del standard
    require_square("eigen", a)
    if a.shape != b.shape:
        raise ShapeError("two matrices of one shape were asked for", f"{a.shape}, {b.shape}", "A v = w B v.")
    dtype = dtypes.complex_dtype(a.dtype)
    return Aval(a.shape[:-1], dtype), Aval(a.shape, dtype), Aval(a.shape, dtype)


def _eigen(a: Any, b: Any, *, standard: bool) -> Any:
    return scipy_linalg.eig(a, None if standard else b, left=True, right=True)


def _side(v: Any, w: Any, b: Any, moved: Any) -> tuple[Any, Any]:
    """With M = (B V)^-1 moved: diag(M), and V (M_ij / (w_j - w_i)) upright on each vector."""
    n = aval_of(v).shape[-1]
    m = matmul(inverse(v if b is None else matmul(b, v)), moved)
    dv = matmul(v, scale(d.inverse_gaps(w, d.noise(w, n)), m))
    return diagonal(m), dv


def _eigen_jvp(which: int) -> Any:
    def rule(t: Any, a: Any, b: Any, *, out: Any, standard: bool) -> Any:
        w, left, right = out
        dtype, n = aval_of(w).dtype, aval_of(w).shape[-1]
        if not n or (standard and which):
            return None, None, None
        t, weight = to_dtype(t, dtype), None if standard else to_dtype(b, dtype)
        turned = conjugate(w)
        one, other = matmul(t, right), matmul(adjoint(t), left)
        if which:
            one = multiply(-1.0, times_columns(one, w))
            other = multiply(-1.0, times_columns(other, turned))
        dw, dr = _side(right, w, weight, one)
        _, dl = _side(left, turned, None if standard else adjoint(weight), other)
        fixed = d.normalised if standard else _upright
        return dw, fixed(dl, left), fixed(dr, right)

    return rule


def _upright(moved: Any, v: Any) -> Any:
    """The tangent of vectors of norm 1 without its part along them."""
    rows = aval_of(v).ndim - 2
    along = reduce_sum(scale(conjugate(v), moved), axes=(rows,))
    return subtract(moved, times_columns(v, along))


def _eigen_samples(draw: Draw) -> list[Sample]:
    def drawn(n: int, *lead: int) -> tuple[Any, Any]:
        a = draw.array(*lead, n, n, low=-0.4, high=0.4) + np.diag(2 * np.arange(1, n + 1)).astype(draw.dtype)
        return a, draw.array(*lead, n, n, low=-0.3, high=0.3) + np.eye(n, dtype=draw.dtype)

    return [
        Sample(drawn(*n), {"standard": standard})
        for n, standard in (((3,), True), ((3,), False), ((2, 2), False), ((0,), True))
    ]


def _projectors(w: Any, left: Any, right: Any) -> tuple[Any, ...]:
    n = aval_of(w).shape[-1]
    return w, weighted_squares(left, n), weighted_squares(right, n)


eigen = Primitive(
    name="eigen",
    type=_eigen_type,
    evaluate=ByMatrix(_eigen, _eigen_type, 2, many=True),
    jvp=(_eigen_jvp(0), _eigen_jvp(1)),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=stacked,
    source="eigen({0}, {1}, standard={standard})",
    domain=Samples(_eigen_samples, FIELDS, seen=_projectors),
    many=True,
)
"""Eigenvalues, left and right eigenvectors of A v = w B v, always complex; `standard` takes B for 1."""


# --- the unitary factor --------------------------------------------------------------------------


def _unitary_type(a: Aval) -> Aval:
    rows, columns = require_matrices("unitary_factor", a)
    if rows < columns:
        raise ShapeError("unitary_factor takes matrices with no fewer rows than columns", f"{a.shape}", "")
    return Aval(a.shape, a.dtype)


def _unitary(a: Any) -> Any:
    u, _, vh = scipy_linalg.svd(a, full_matrices=False)
    return u @ vh


def _unitary_jvp(t: Any, a: Any, *, out: Any) -> Any:
    rows, columns = aval_of(a).shape[-2:]
    p = hermitian_part(matmul(adjoint(out), a))
    r = matmul(adjoint(out), t)
    moved = matmul(out, sylvester(p, p, subtract(r, adjoint(r))))
    if rows == columns:
        return moved
    x = matmul(t, inverse(p))
    return add(moved, subtract(x, product(out, adjoint(out), x)))


unitary_factor = Primitive(
    name="unitary_factor",
    type=_unitary_type,
    evaluate=ByMatrix(_unitary, _unitary_type, 2),
    jvp=(_unitary_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="unitary_factor({0})",
    domain=Samples(
        lambda draw: [
            Sample((draw.array(*s, low=-0.4, high=0.4) + 2 * np.eye(*s[-2:], dtype=draw.dtype),), {})
            for s in ((3, 3), (4, 2), (2, 2, 2), (2, 0))
        ],
        FIELDS,
    ),
)
"""U of the polar decomposition A = U P: the unitary matrix, or orthonormal columns, nearest to A."""


# --- one triangle --------------------------------------------------------------------------------


def _mirrored(a: Any, *, lower: bool, turned: bool) -> Any:
    n = a.shape[-1]
    low = a if lower else np.swapaxes(a, -1, -2)
    other = np.swapaxes(low, -1, -2)
    if turned:
        low, other = (low, np.conj(other)) if lower else (np.conj(low), other)
    out = np.where(np.tri(n, dtype=bool), low, other)
    if turned and out.dtype.kind == "c":
        diagonals: Any = np.diagonal(a, axis1=-2, axis2=-1)
        out[..., np.arange(n), np.arange(n)] = diagonals.real
    return out


def _mirrored_jvp(t: Any, a: Any, *, out: Any, lower: bool, turned: bool) -> Any:
    return hermitian_part(t) if turned else multiply(0.5, add(t, swap(t)))


mirrored = Primitive(
    name="mirrored",
    type=square_type("mirrored"),
    evaluate=_mirrored,
    jvp=(_mirrored_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="mirrored({0}, lower={lower}, turned={turned})",
    domain=Samples(
        lambda draw: [
            Sample((drawn_hermitian(draw, *n),), {"lower": lower, "turned": True}, symmetric=(0,))
            for n, lower in (((3,), True), ((2, 2), False), ((0,), True))
        ],
        FIELDS,
    ),
)
"""The Hermitian matrix (symmetric, unless `turned`) that one triangle gives; its derivative is that of
(A + A^H) / 2.
"""

ALL = (eigh_by, eigen, unitary_factor, mirrored)
