"""Eigenvalues as `scipy.linalg`: general and Hermitian problems, generalised, tridiagonal and banded ones.

Vectors are determined up to a phase; the derivative is right for whatever does not depend on it. For equal
eigenvalues it is NaN, except in functions of the values alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...errors import ArgumentError
from ...primitives import decompositions as d
from ...primitives.complex import real
from ...primitives.contraction import matmul
from ...primitives.matrices import adjoint
from ...primitives.matrix.factorizations import eigen, eigh_by, mirrored
from ...primitives.matrix.triangular import solve_triangular
from ..dispatch import concrete
from .linalg_factors import from_half_band
from .linalg_operands import arrays, innermost, matrix, one_of, require_matrix, stacks

# --- general -------------------------------------------------------------------------------------


def _pair(a: Any, b: Any, check_finite: bool) -> tuple[Any, Any]:
    """Two stacks of square matrices; the second may be missing."""
    if b is None:
        return matrix(a, square=True, check_finite=check_finite), None
    x, y = arrays(a, b, check_finite=check_finite)
    if require_matrix(x, square=True)[-2:] != require_matrix(y, square=True)[-2:]:
        raise ValueError("a and b must have the same shape")
    left, right = stacks((x, 2), (y, 2))
    return left, right


def _without_homogeneous(option: bool) -> None:
    if option:
        raise ArgumentError(
            "eigenvalues of traced matrices",
            "homogeneous_eigvals=True",
            "Pairs are determined only up to a factor: ask for their quotients.",
        )


def _narrowed(x: Any, w: Any, *vectors: Any) -> tuple[Any, ...]:
    """Vectors as real ones where all eigenvalues of a real matrix are known to be real."""
    plain = None if dtypes.is_complex(aval_of(x).dtype) else innermost(w)
    if plain is not None and not np.any(plain.imag):
        return tuple(real(v) for v in vectors)
    return vectors


def eig(
    a: Any,
    b: Any = None,
    left: bool = False,
    right: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """As `scipy.linalg.eig`: eigenvalues (always complex), and left and right vectors of A v = w B v.

    The vectors' tangents keep what LAPACK's normalisation keeps: norm 1 and, without B, a largest component
    that is real; with B the phase stands.
    """
    _without_homogeneous(homogeneous_eigvals)
    x, y = _pair(a, b, check_finite)
    if y is None and not left:
        w, vr = d.eig(x)
        return (w, *_narrowed(x, w, vr)) if right else w
    w, vl, vr = eigen(x, x if y is None else y, standard=y is None)
    vl, vr = _narrowed(x, w, vl, vr)
    found = [w, *([vl] if left else []), *([vr] if right else [])]
    return tuple(found) if len(found) > 1 else w


def eigvals(
    a: Any,
    b: Any = None,
    overwrite_a: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """As `scipy.linalg.eigvals`: always complex."""
    return eig(a, b, right=False, check_finite=check_finite, homogeneous_eigvals=homogeneous_eigvals)


# --- Hermitian -----------------------------------------------------------------------------------

_DRIVERS = {None: "evr", "evr": "evr", "ev": "ev", "evd": "evd", "evx": "evx"}
_GENERALISED = {None: "evd", "gvd": "evd", "gv": "ev", "gvx": "evx"}


def _among(w: Any, by_index: Any, by_value: Any) -> slice | None:
    """Which eigenvalues were asked for; None for all."""
    if by_index is not None and by_value is not None:
        raise ValueError("Either index or value subset can be requested.")
    if by_index is not None:
        low, high = (int(i) for i in by_index)
        if not 0 <= low <= high < aval_of(w).shape[-1]:
            raise ValueError(f"Requested eigenvalue indices are not valid: start={low}, end={high}")
        return slice(low, high + 1)
    if by_value is not None:
        low, high = by_value
        plain = concrete(w, "a choice of eigenvalues by value")
        inside = np.flatnonzero((plain > low) & (plain <= high))
        return slice(inside[0], inside[-1] + 1) if inside.size else slice(0, 0)
    return None


def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: str | None = None,
) -> Any:
    """As `scipy.linalg.eigh`, which reads one triangle; the derivative is that of (A + A^H) / 2 and
    (B + B^H) / 2: by B = L L^H a problem of L^-1 A L^-H, or of L^H A L for the types 2 and 3.

    Eigenvalues that differ by at most n eps |A| count as equal: the derivative of their vectors is NaN.
    """
    x, y = _pair(a, b, check_finite)
    uplo = "L" if lower else "U"
    drivers = _DRIVERS if y is None else _GENERALISED
    one_of(driver, "driver", tuple(drivers))
    low: Any = None
    if y is not None:
        one_of(type, "type", (1, 2, 3))
        x, low = _reduced(mirrored(x, lower=lower, turned=True), y, lower, type)
        uplo = "L"
    if eigvals_only and low is None:
        w, v = d.eigvalsh(x, uplo=uplo), None
    else:
        w, v = eigh_by(x, uplo=uplo, route=drivers[driver])
    chosen = _among(w, subset_by_index, subset_by_value)
    if chosen is not None:
        w, v = w[..., chosen], None if v is None else v[..., chosen]
    if eigvals_only:
        return w
    if low is None:
        return w, v
    if type == 3:
        return w, matmul(low, v)
    return w, solve_triangular(adjoint(low), v, lower=False, unit=False, strict=True)


def _reduced(x: Any, y: Any, lower: bool, kind: int) -> tuple[Any, Any]:
    """The matrix of the problem without B, and the factor of B."""
    low = d.cholesky(y, upper=not lower)
    low = low if lower else adjoint(low)
    if kind != 1:
        return matmul(adjoint(low), matmul(x, low)), low
    once = solve_triangular(low, x, lower=True, unit=False, strict=True)
    return adjoint(solve_triangular(low, adjoint(once), lower=True, unit=False, strict=True)), low


def eigvalsh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: str | None = None,
) -> Any:
    """As `scipy.linalg.eigvalsh`: functions unchanged by reordering have their gradient at equal ones too."""
    return eigh(
        a,
        b,
        lower=lower,
        eigvals_only=True,
        type=type,
        check_finite=check_finite,
        subset_by_index=subset_by_index,
        subset_by_value=subset_by_value,
        driver=driver,
    )


# --- tridiagonal and banded ----------------------------------------------------------------------


def _selected(x: Any, route: str, eigvals_only: bool, select: Any, select_range: Any) -> Any:
    kind = {0: "a", 1: "v", 2: "i", "all": "a", "value": "v", "index": "i"}.get(select, select)
    one_of(kind, "select", ("a", "v", "i"))
    if eigvals_only:
        w, v = d.eigvalsh(x, uplo="L"), None
    else:
        w, v = eigh_by(x, uplo="L", route=route)
    chosen = _among(w, select_range if kind == "i" else None, select_range if kind == "v" else None)
    if chosen is not None:
        w, v = w[..., chosen], None if v is None else v[..., chosen]
    return w if eigvals_only else (w, v)


def eigh_tridiagonal(
    d: Any,
    e: Any,
    eigvals_only: bool = False,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """As `scipy.linalg.eigh_tridiagonal`, of the diagonal d (n,) and what stands beside it, e (n - 1,)."""
    x, y = arrays(d, e, check_finite=check_finite)
    if dtypes.is_complex(aval_of(x).dtype):
        raise TypeError("Only real arrays currently supported")
    if aval_of(x).shape[-1] != aval_of(y).shape[-1] + 1:
        raise ValueError(f"d ({aval_of(x).shape}) must have one more element than e ({aval_of(y).shape})")
    x, y = stacks((x, 1), (y, 1))
    beside = np.concatenate((y, np.zeros((*aval_of(x).shape[:-1], 1), aval_of(x).dtype)), axis=-1)
    whole = from_half_band(np.stack((x, beside), axis=-2), lower=True)
    return _selected(whole, "tridiagonal", eigvals_only, select, select_range)


def eigvalsh_tridiagonal(
    d: Any,
    e: Any,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """As `scipy.linalg.eigvalsh_tridiagonal`."""
    return eigh_tridiagonal(d, e, True, select, select_range, check_finite)


def eig_banded(
    a_band: Any,
    lower: bool = False,
    eigvals_only: bool = False,
    overwrite_a_band: bool = False,
    select: Any = "a",
    select_range: Any = None,
    max_ev: int = 0,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.eig_banded`: an entry beside the diagonal stands for two of the matrix."""
    x = matrix(a_band, check_finite=check_finite)
    route = f"band{aval_of(x).shape[-2] - 1}"
    return _selected(from_half_band(x, lower), route, eigvals_only, select, select_range)


def eigvals_banded(
    a_band: Any,
    lower: bool = False,
    overwrite_a_band: bool = False,
    select: Any = "a",
    select_range: Any = None,
    check_finite: bool = True,
) -> Any:
    """As `scipy.linalg.eigvals_banded`."""
    return eig_banded(a_band, lower, True, False, select, select_range, 0, check_finite)


_FUNCTIONS = (
    *(eig, eigvals, eigh, eigvalsh),
    *(eigh_tridiagonal, eigvalsh_tridiagonal, eig_banded, eigvals_banded),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.linalg.{f.__name__}": f for f in _FUNCTIONS}
