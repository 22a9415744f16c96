"""`scipy.linalg` on traced arrays: what its rules are, and what has none, with the reason."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...lazy import scipy_linalg
from ...primitives.barrier import stop_gradient
from ...primitives.matrix.banded import toeplitz_matrix
from ..dispatch import concrete
from ..functions.joining import concatenate
from ..functions.keywords import read
from . import linalg_eigenvalues, linalg_equations, linalg_factors, linalg_functions, linalg_solving
from .linalg_operands import arrays, innermost, one_of, refused, stacks

# --- matrices made of vectors --------------------------------------------------------------------


def toeplitz(c: Any, r: Any = None) -> Any:
    """As `scipy.linalg.toeplitz`: constant along diagonals; `r` is the conjugate of `c` where not given."""
    column = read(c)
    row = np.conj(column) if r is None else read(r)
    joint = np.result_type(aval_of(column).dtype, aval_of(row).dtype)
    column, row = (np.atleast_1d(x).astype(joint) for x in (column, row))
    return toeplitz_matrix(*stacks((column, 1), (row, 1)))


def companion(a: Any) -> Any:
    """As `scipy.linalg.companion`, of coefficients of which the first is not zero."""
    (x,) = arrays(np.atleast_1d(read(a)))
    *lead, n = aval_of(x).shape
    if n < 2:
        raise ValueError("The length of `a` along the last axis must be at least 2.")
    if (plain := innermost(x)) is not None and np.any(plain[..., 0] == 0):
        raise ValueError("The first coefficient(s) of `a` (i.e. elements of `a[..., 0]`) must not be zero.")
    row = np.negative(x[..., 1:]) / x[..., :1]
    ones = np.broadcast_to(np.eye(n - 2, n - 1, dtype=aval_of(x).dtype), (*lead, n - 2, n - 1))
    return concatenate((row[..., None, :], ones), axis=-2)


def solve_circulant(
    c: Any,
    b: Any,
    singular: str = "raise",
    tol: Any = None,
    caxis: int = -1,
    baxis: int = 0,
    outaxis: int = 0,
) -> Any:
    """As `scipy.linalg.solve_circulant`: x with C x = b, by Fourier transforms along the axes.

    Where `singular` is "lstsq", the directions in which C is singular have a zero, and no gradient.
    """
    one_of(singular, "singular", ("raise", "lstsq"))
    column, right = (np.atleast_1d(read(v)) for v in (c, b))
    is_real = not any(dtypes.is_complex(aval_of(v).dtype) for v in (column, right))
    factor = np.fft.fft(np.moveaxis(column, caxis, -1), axis=-1)
    sizes = np.abs(stop_gradient(factor))
    if tol is None:
        count = aval_of(factor).shape[-1]
        tol = np.max(sizes, axis=-1, keepdims=True) * (count * np.finfo(np.float64).eps)
    near = sizes <= tol
    plain = innermost(near)
    if singular == "raise" and plain is not None and np.any(plain):
        raise np.linalg.LinAlgError("near singular circulant matrix.")
    quotient = np.fft.fft(np.moveaxis(right, baxis, -1), axis=-1) / np.where(near, 1.0, factor)
    found = np.fft.ifft(np.where(near, 0.0, quotient), axis=-1)
    found = found.real if is_real else found
    return found if outaxis == -1 else np.moveaxis(found, -1, outaxis)


# --- what is asked of a matrix -------------------------------------------------------------------


def _question(name: str) -> Callable[..., Any]:
    def function(a: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(scipy_linalg, name)(concrete(a, f"linalg.{name}"), *args, **kwargs)

    function.__name__ = name
    function.__doc__ = f"As `scipy.linalg.{name}`, of the plain matrix: no derivative passes through it."
    return function


_ANSWERS = tuple(map(_question, ("bandwidth", "issymmetric", "ishermitian")))


# --- what has no rule ----------------------------------------------------------------------------

_BASIS = "a basis that is determined only up to rotations and the order of eigenvalues"
_PIVOTS = "pivot blocks whose sizes change with the matrix"

_REFUSED = (
    refused("schur", _BASIS, "Use eig, eigvals or the function of the matrix itself: expm, logm, sqrtm."),
    refused("rsf2csf", _BASIS, "Use eig, eigvals or the function of the matrix itself."),
    refused("hessenberg", "reflections that LAPACK chooses", "Use eig, or solve with the matrix itself."),
    refused("qz", _BASIS, "Use eig(a, b) or eigvals(a, b)."),
    refused("ordqz", _BASIS, "Use eig(a, b), or solve_continuous_are for invariant subspaces of it."),
    refused("ldl", _PIVOTS, "Use cholesky, lu, or solve(assume_a='sym')."),
    refused("cossin", "bases of both halves, determined only up to rotations", "Use svd of the blocks."),
    refused("matrix_balance", "powers of two that are constant in steps", "Scale by numbers of your own."),
    refused("qr_delete", "an update of factors in place", "Use qr of the matrix that is left."),
    refused("qr_insert", "an update of factors in place", "Use qr of the larger matrix."),
    refused("qr_update", "an update of factors in place", "Use qr of A + u v^H."),
    refused(
        "clarkson_woodruff_transform",
        "a random sparse matrix drawn inside",
        "Draw it once by cwt_matrix of scipy.linalg, and multiply.",
    ),
)

_OWN = (toeplitz, companion, solve_circulant, *_ANSWERS, *_REFUSED)

_OF_ONE = ("lu_factor", "cho_factor", "qr", "rq", "svd", "polar", "lstsq", "pinv", "pinvh")

_LISTED: dict[str, dict[str, int]] = {
    **{name: {"a": 2} for name in _OF_ONE},
    "eig": {"a": 2, "b": 2},
    "eigh": {"a": 2, "b": 2},
    "orthogonal_procrustes": {"A": 2, "B": 2},
    "expm_frechet": {"A": 2, "E": 2},
    "eigh_tridiagonal": {"d": 1, "e": 1},
    "eig_banded": {"a_band": 2},
}
"""What gives a list of several results, not a tuple, where an operand has more axes than one matrix."""


def _as_listed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    axes = _LISTED.get(name.rpartition(".")[2])
    if axes is None:
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        given = {**kwargs, **dict(zip(axes, args, strict=False))}
        stacked = any(np.ndim(given[k]) > n for k, n in axes.items() if given.get(k) is not None)
        return list(found) if stacked and type(found) is tuple else found

    return call


_ALL: dict[str, Callable[..., Any]] = {
    **linalg_solving.TABLE,
    **linalg_functions.TABLE,
    **linalg_factors.TABLE,
    **linalg_eigenvalues.TABLE,
    **linalg_equations.TABLE,
    **{f"scipy.linalg.{f.__name__}": f for f in _OWN},
}

TABLE: dict[str, Callable[..., Any]] = {name: _as_listed(name, f) for name, f in _ALL.items()}
