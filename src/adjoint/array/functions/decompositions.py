"""Decompositions: `eigh`, `eig`, `svd`, `qr`, `cholesky` and what is read off them, as NumPy's `linalg`.

Vectors are determined up to a sign, a phase, or, where values are equal, a rotation: LAPACK chooses. The
derivative is right for whatever does not depend on that choice; for equal values it is NaN, except in
functions of the values alone.
"""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...errors import DerivativeError
from ...primitives import decompositions as d
from ...primitives.complex import absolute, real
from ...primitives.matrices import adjoint, times_columns
from ...primitives.ordering import argsort, take_along
from ...primitives.promotion import to_shape
from ...primitives.rounding import copysign
from .keywords import read
from .linalg import known, matrices

_EMPTY = np.empty((0, 0))  # so that LAPACK need not wake
EigResult: Any = type(np.linalg.eig(_EMPTY))
EighResult: Any = type(np.linalg.eigh(_EMPTY))
QRResult: Any = type(np.linalg.qr(_EMPTY))
SVDResult: Any = type(np.linalg.svd(_EMPTY))
"""NumPy's named tuples."""


# --- eigenvalues ---------------------------------------------------------------------------------


def eigh(a: Any, UPLO: str = "L") -> Any:
    """As `numpy.linalg.eigh`, which reads one triangle; the derivative is that of (A + A^H) / 2 decomposed,
    of a matrix that is not Hermitian that of the triangle.

    Eigenvalues that differ by at most n eps |A| count as equal: the derivative of their vectors is NaN.
    """
    (x,) = matrices(a, square=True)
    uplo = _triangle(UPLO)
    return EighResult(*d.eigh(_hermitian(x, uplo), uplo=uplo))


def _triangle(name: str) -> str:
    if name.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return name.upper()


def _hermitian(x: Any, uplo: str) -> Any:
    """The matrix that LAPACK takes one of which it reads a triangle for: itself where it is Hermitian.

    Whoever fills one triangle only has a function of that triangle.
    """
    value = known(x)
    if value is None or not value.size:
        return x
    other = np.conj(np.swapaxes(value, -1, -2))
    room = np.sqrt(np.finfo(value.dtype).eps) * np.max(np.abs(value))
    if not np.any(np.abs(value - other) > room):
        return x
    below = np.tril(x, -1) if uplo == "L" else np.triu(x, 1)
    middle = np.real(x) * np.eye(value.shape[-1], dtype=value.dtype)
    return below + np.conj(np.swapaxes(below, -1, -2)) + middle


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """As `numpy.linalg.eigvalsh`; the derivative is symmetric, as that of `eigh`.

    Functions that are unchanged by reordering the eigenvalues have their exact gradient also at equal ones.
    """
    (x,) = matrices(a, square=True)
    uplo = _triangle(UPLO)
    return d.eigvalsh(_hermitian(x, uplo), uplo=uplo)


def eig(a: Any) -> Any:
    """As `numpy.linalg.eig`. Where it is not known yet whether all eigenvalues are real, as in a staged
    function or a batch, they are complex numbers.
    """
    (x,) = matrices(a, square=True)
    w, v = d.eig(x)
    if not dtypes.is_complex(aval_of(x).dtype):
        plain = known(w)
        if plain is not None and not np.any(plain.imag):
            return EigResult(real(w), real(v))
    return EigResult(w, v)


def eigvals(a: Any) -> Any:
    """As `numpy.linalg.eigvals`; complex as those of `eig`."""
    return eig(a)[0]


# --- singular values -----------------------------------------------------------------------------


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """As `numpy.linalg.svd`. A singular value of zero has the slope 0 of |x| at 0, so that the nuclear norm
    has the gradient U_r V_r^H; equal ones have no derivative of their vectors: NaN.
    """
    (x,) = matrices(a, square=hermitian)
    if hermitian:
        return _of_hermitian(x, compute_uv)
    if not compute_uv:
        return d.svdvals(x)
    rows, columns = aval_of(x).shape[-2:]
    return SVDResult(*d.svd(x, full=bool(full_matrices and rows != columns)))


def _of_hermitian(x: Any, compute_uv: bool) -> Any:
    """The singular values of a Hermitian matrix are its eigenvalues' sizes, largest first."""
    if not compute_uv:
        return np.flip(np.sort(absolute(d.eigvalsh(x, uplo="L"))), -1)
    w, u = d.eigh(x, uplo="L")
    last = aval_of(w).ndim - 1
    sizes = absolute(w)
    order = np.flip(argsort(sizes, axis=last), -1)
    values = take_along(sizes, order, axis=last)
    signs = take_along(copysign(1.0, w), order, axis=last)
    u = take_along(u, to_shape(order[..., None, :], aval_of(u).shape), axis=last + 1)
    return SVDResult(u, values, adjoint(times_columns(u, signs)))


def svdvals(x: Any, /) -> Any:
    """As `numpy.linalg.svdvals`. A singular value of zero has the slope 0 of |x| at 0."""
    return svd(x, compute_uv=False)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """As `numpy.linalg.matrix_rank`: an integer, so that no derivative passes through it."""
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    x = read(A)
    if aval_of(x).ndim < 2:
        return np.any(x != 0).astype(np.dtype(np.intp))
    values = svd(x, compute_uv=False, hermitian=hermitian)
    if tol is None:
        relative = max(aval_of(x).shape[-2:]) * dtypes.eps(aval_of(values).dtype)
        relative = relative if rtol is None else read(rtol)[..., None]
        tol = np.max(values, axis=-1, keepdims=True, initial=0.0) * relative
    else:
        tol = read(tol)[..., None]
    return np.count_nonzero(values > tol, axis=-1)


# --- triangular factors --------------------------------------------------------------------------


def qr(a: Any, mode: str = "reduced") -> Any:
    """As `numpy.linalg.qr`, in the modes "reduced", "complete" and "r"."""
    if mode not in ("reduced", "complete", "r", "raw"):
        raise ValueError(f"Unrecognized mode '{mode}'")
    if mode == "raw":
        raise DerivativeError(
            "linalg.qr with mode='raw'", "LAPACK's reflections, which have no rule", "Use mode='reduced'."
        )
    (x,) = matrices(a)
    rows, columns = aval_of(x).shape[-2:]
    q, r = d.qr(x, complete=mode == "complete" and rows > columns)
    return r if mode == "r" else QRResult(q, r)


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """As `numpy.linalg.cholesky`, which reads one triangle; the derivative is that of (A + A^H) / 2
    decomposed, and so symmetric; of a matrix that is not Hermitian that of the triangle.
    """
    (x,) = matrices(a, square=True)
    return d.cholesky(_hermitian(x, "U" if upper else "L"), upper=bool(upper))


TABLE: dict[Any, Any] = {
    np.linalg.eigh: eigh,
    np.linalg.eigvalsh: eigvalsh,
    np.linalg.eig: eig,
    np.linalg.eigvals: eigvals,
    np.linalg.svd: svd,
    np.linalg.svdvals: svdvals,
    np.linalg.matrix_rank: matrix_rank,
    np.linalg.qr: qr,
    np.linalg.cholesky: cholesky,
}
