"""Solving as `scipy.linalg`: general, triangular, banded and Toeplitz systems, inverses, least squares."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...primitives import determinants, solving
from ...primitives import structure as s
from ...primitives.barrier import stop_gradient
from ...primitives.complex import conjugate, make_complex, real
from ...primitives.contraction import matmul, swap
from ...primitives.decompositions import eigvalsh, svdvals
from ...primitives.matrices import adjoint, where
from ...primitives.matrix.banded import band_turned, toeplitz_matrix
from ...primitives.matrix.banded import solve_banded as solve_band
from ...primitives.matrix.banded import solve_toeplitz as solve_levinson
from ...primitives.matrix.factorizations import mirrored
from ...primitives.matrix.triangular import solve_triangular as solve_triangle
from ...primitives.matrix.triangular import triangle
from ..dispatch import concrete
from ..functions import linalg, norms
from ..functions.joining import concatenate
from .linalg_operands import arrays, double, matrix, one_of, over_batch, require_matrix, stacks, system

_GENERAL = (None, "general", "gen", "banded")
_POSITIVE = ("pos", "positive definite")
_SYMMETRIC = ("sym", "symmetric")
_HERMITIAN = ("her", "hermitian")


def _structured(x: Any, assume_a: Any, lower: bool) -> Any:
    """The matrix as it is read: the part that `assume_a` names, mirrored where it is symmetric.

    The derivative of a symmetric one is symmetric.
    """
    if assume_a in _GENERAL:
        return x
    if assume_a in (*_POSITIVE, *_SYMMETRIC, *_HERMITIAN):
        return mirrored(x, lower=bool(lower), turned=assume_a not in _SYMMETRIC)
    n = aval_of(x).shape[-1]
    if assume_a in ("diagonal", "tridiagonal"):
        width = int(assume_a == "tridiagonal")
        rows = np.arange(n)
        return where(np.abs(rows[:, None] - rows) <= width, x, 0.0)
    if assume_a in ("upper triangular", "lower triangular"):
        return triangle(x, lower=assume_a == "lower triangular")
    raise ValueError(f"{assume_a} is not a recognized matrix structure")


def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Any:
    """As `scipy.linalg.solve`: x with A x = b, or A^T x = b.

    Where `assume_a` says that A is symmetric, Hermitian or positive, one triangle is read and the gradient is
    symmetric; of a diagonal, banded or triangular one, what is read has a gradient.
    """
    x, y = arrays(a, b, check_finite=check_finite)
    if aval_of(x).ndim < 2:
        x = s.reshape(x, shape=(1, aval_of(x).size))
    if not aval_of(y).ndim:
        y = s.reshape(y, shape=(1,))
    shape = require_matrix(x, square=True)
    if transposed and dtypes.is_complex(aval_of(x).dtype):
        raise NotImplementedError(
            "scipy.linalg.solve can currently not solve a^T x = b or a^H x = b for complex matrices."
        )
    if aval_of(x).size == 1:
        return np.divide(y, s.reshape(x, shape=()))
    rows = aval_of(y).shape[-2:][0]
    if rows != shape[-1]:
        raise ValueError(f"incompatible shapes: a1.shape={shape} and b1.shape={aval_of(y).shape}")
    x = _structured(x, assume_a, lower)
    return linalg.solve(swap(x) if transposed else x, y)


def inv(
    a: Any,
    overwrite_a: bool = False,
    check_finite: bool = True,
    *,
    assume_a: str | None = None,
    lower: bool = False,
) -> Any:
    """As `scipy.linalg.inv`; of a matrix that is assumed symmetric the gradient is so."""
    x = matrix(a, square=True, check_finite=check_finite)
    return solving.inv(_structured(x, assume_a, lower))


def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.det`. The first two derivatives are exact for singular matrices too."""
    return determinants.det(double(matrix(a, square=True, check_finite=check_finite)))


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.norm`. The derivative at zeros is zero; equal largest singular values share evenly."""
    (x,) = arrays(a, check_finite=check_finite)
    return norms.norm(x, ord, axis, keepdims)


# --- triangular ----------------------------------------------------------------------------------

_TRANSPOSED = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


def turned_by(x: Any, trans: Any) -> Any:
    """The matrix, its transpose, or its conjugate transpose, as `trans` says."""
    return (x, swap(x), adjoint(x))[trans] if trans else x


def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.solve_triangular`: of A one triangle is read, and has a gradient."""
    x, y = arrays(a, b, check_finite=check_finite)
    shape = require_matrix(x, square=True)
    if aval_of(y).shape[-2:][0] != shape[-1]:
        raise ValueError(f"shapes of a {shape} and b {aval_of(y).shape} are incompatible")
    turn = _TRANSPOSED[trans]
    x, columns, restore = system(x, y)
    below = bool(lower) != bool(turn)
    return restore(
        solve_triangle(turned_by(x, turn), columns, lower=below, unit=bool(unit_diagonal), strict=True)
    )


def cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.cho_solve`: x with L L^H x = b, from the factor that `cho_factor` gives."""
    c, lower = c_and_lower
    x, y = arrays(c, b, check_finite=check_finite)
    require_matrix(x, square=True)
    x, columns, restore = system(x, y)
    low = bool(np.all(lower))
    first, second = (x, adjoint(x)) if low else (adjoint(x), x)
    found = solve_triangle(first, columns, lower=True, unit=False, strict=True)
    return restore(solve_triangle(second, found, lower=False, unit=False, strict=True))


# --- banded --------------------------------------------------------------------------------------


def solve_banded(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.solve_banded`: the gradient in `ab` is that of each entry, 0 where none is read."""
    lower, upper = (int(concrete(n, "the width of a band")) for n in l_and_u)
    x, y = arrays(ab, b, check_finite=check_finite)
    shape = require_matrix(x)
    if shape[-1] != aval_of(y).shape[-2:][0]:
        raise ValueError("shapes of ab and b are not compatible.")
    if lower + upper + 1 != shape[-2]:
        raise ValueError(
            f"invalid values for the number of lower and upper diagonals: l+u+1 ({lower + upper + 1}) does"
            f" not equal ab.shape[0] ({shape[-2]})"
        )
    x, columns, restore = system(x, y)
    return restore(solve_band(x, columns, lower=lower, upper=upper))


def _rows(x: Any, first: int, last: int) -> Any:
    return x[..., first:last, :]


def hermitian_band(x: Any, lower: bool) -> tuple[Any, int]:
    """The whole band of a Hermitian matrix from its lower or upper half, and how wide a half is."""
    width = aval_of(x).shape[-2] - 1
    at = 0 if lower else width
    middle, complex_ = _rows(x, at, at + 1), dtypes.is_complex(aval_of(x).dtype)
    if complex_:
        middle = make_complex(real(middle), 0.0)
    half = _rows(x, 1, width + 1) if lower else _rows(x, 0, width)
    if not width:
        return middle, 0
    below, above = (width, 0) if lower else (0, width)
    other = band_turned(x, lower=below, upper=above)
    other = _rows(other, 0, width) if lower else _rows(other, 1, width + 1)
    other = conjugate(other) if complex_ else other
    parts = (other, middle, half) if lower else (half, middle, other)
    return concatenate(parts, axis=-2), width


def solveh_banded(
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    lower: bool = False,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.solveh_banded`: an entry beside the diagonal stands for two of the matrix."""
    x, y = arrays(ab, b, check_finite=check_finite)
    if require_matrix(x)[-1] != aval_of(y).shape[-2:][0]:
        raise ValueError("shapes of ab and b are not compatible.")
    x, columns, restore = system(x, y)
    band, width = hermitian_band(x, bool(lower))
    return restore(solve_band(band, columns, lower=width, upper=width))


def cho_solve_banded(cb_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """As `scipy.linalg.cho_solve_banded`, from the factor that `cholesky_banded` gives."""
    cb, lower = cb_and_lower
    x, y = arrays(cb, b, check_finite=check_finite)
    width = require_matrix(x)[-2] - 1
    x, columns, restore = system(x, y)
    low = bool(np.all(lower))
    below, above = (width, 0) if low else (0, width)
    other = band_turned(x, lower=below, upper=above)
    other = conjugate(other) if dtypes.is_complex(aval_of(x).dtype) else other
    first, second = (x, other) if low else (other, x)
    found = solve_band(first, columns, lower=width, upper=0)
    return restore(solve_band(second, found, lower=0, upper=width))


# --- Toeplitz ------------------------------------------------------------------------------------


def column_and_row(c_or_cr: Any) -> tuple[Any, Any]:
    """First column and first row, which is the column's conjugate where it is not given."""
    if isinstance(c_or_cr, tuple):
        return c_or_cr
    return c_or_cr, np.conj(c_or_cr)


def _doubles(*operands: Any, check_finite: bool) -> list[Any]:
    return [double(x) for x in arrays(*operands, check_finite=check_finite)]


def solve_toeplitz(c_or_cr: Any, b: Any, check_finite: bool = True) -> Any:
    """As `scipy.linalg.solve_toeplitz`: x with T x = b, by Levinson's recursion."""
    c, r, y = _doubles(*column_and_row(c_or_cr), b, check_finite=check_finite)
    c, columns, restore = system(c, y, axes=1)
    c, r, columns = stacks((c, 1), (r, 1), (columns, 2))
    return restore(solve_levinson(c, r, columns))


def matmul_toeplitz(c_or_cr: Any, x: Any, check_finite: bool = False, workers: Any = None) -> Any:
    """As `scipy.linalg.matmul_toeplitz`: T x, for m by n matrices T too."""
    c, r, y = _doubles(*column_and_row(c_or_cr), x, check_finite=check_finite)
    c, columns, restore = system(c, y, axes=1)
    c, r, columns = stacks((c, 1), (r, 1), (columns, 2))
    return restore(matmul(toeplitz_matrix(c, r), columns))


# --- pseudo-inverses -----------------------------------------------------------------------------


def _limit(sizes: Any, atol: Any, rtol: Any, shape: Any) -> Any:
    """The relative bound below which singular values count as zeros: no derivative passes through it."""
    atol = 0.0 if atol is None else atol
    rtol = max(shape[-2:]) * dtypes.eps(aval_of(sizes).dtype) if rtol is None else rtol
    if not isinstance(atol, Tracer) and not isinstance(rtol, Tracer) and (atol < 0 or rtol < 0):
        raise ValueError("atol and rtol values must be positive.")
    largest = stop_gradient(np.max(sizes, axis=-1, initial=0.0))
    with np.errstate(all="ignore"):
        return rtol + np.where(largest > 0, atol / largest, 0.0)


def pinv(
    a: Any, *, atol: Any = None, rtol: Any = None, return_rank: bool = False, check_finite: bool = True
) -> Any:
    """As `scipy.linalg.pinv`. The derivative is along matrices of the same rank."""
    x = matrix(a, check_finite=check_finite)
    return _pseudo_inverse(x, svdvals(x), atol, rtol, return_rank, hermitian=False)


def pinvh(
    a: Any,
    atol: Any = None,
    rtol: Any = None,
    lower: bool = True,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.pinvh`: of a Hermitian matrix, along those of the same rank; it is symmetric."""
    x = matrix(a, square=True, check_finite=check_finite)
    x = x if lower else adjoint(x)
    return _pseudo_inverse(x, np.abs(eigvalsh(x, uplo="L")), atol, rtol, return_rank, hermitian=True)


def _pseudo_inverse(x: Any, sizes: Any, atol: Any, rtol: Any, return_rank: bool, *, hermitian: bool) -> Any:
    shape = aval_of(x).shape
    limit = _limit(sizes, atol, rtol, shape)
    found = solving.pinv(x, np.broadcast_to(limit, shape[:-2]) + 0.0, hermitian=hermitian)
    if not return_rank:
        return found
    largest = np.max(sizes, axis=-1, initial=0.0)
    return found, np.sum(sizes > (limit * largest)[..., None], axis=-1)


@over_batch(2, 2)
def _lstsq(a: Any, b: Any, cond: Any, driver: str, vector: bool) -> Any:
    if vector:
        b = b[:, 0]
    rows, columns = aval_of(a).shape
    found, residuals, rank, values = linalg.lstsq(
        a, b, dtypes.eps(aval_of(a).dtype) if cond is None else cond
    )
    if driver == "gelsy" or not aval_of(residuals).size or rows <= columns:
        residuals = np.zeros(0, aval_of(found).dtype)
    elif vector:
        residuals = residuals[0]
    rank = rank if isinstance(rank, Tracer) else int(rank)
    return found, residuals, rank, None if driver == "gelsy" else values


def lstsq(
    a: Any,
    b: Any,
    cond: Any = None,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    lapack_driver: str | None = None,
) -> Any:
    """As `scipy.linalg.lstsq`: solution, residuals, rank, singular values (None for "gelsy").

    The derivative is along matrices of the same rank.
    """
    driver = "gelsd" if lapack_driver is None else lapack_driver
    one_of(driver, "lapack_driver", ("gelsd", "gelsy", "gelss"))
    x, y = arrays(a, b, check_finite=check_finite)
    shape = require_matrix(x)
    vector = aval_of(y).ndim == 1
    if aval_of(y).shape[-2:][0] != shape[-2]:
        raise ValueError(
            "Shape mismatch: a and b should have the same number of rows"
            f" ({shape[-2]} != {aval_of(y).shape[-2:][0]})."
        )
    columns = s.reshape(y, shape=(*aval_of(y).shape, 1)) if vector else y
    return _lstsq(x, columns, cond, driver, vector)


_FUNCTIONS = (
    *(solve, inv, det, norm, solve_triangular, cho_solve, solve_banded, solveh_banded, cho_solve_banded),
    *(solve_toeplitz, matmul_toeplitz, pinv, pinvh, lstsq),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.linalg.{f.__name__}": f for f in _FUNCTIONS}
