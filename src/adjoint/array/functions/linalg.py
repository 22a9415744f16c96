"""Solving and determinants: `solve`, `inv`, `pinv`, `lstsq`, `det`, `slogdet`, ... as NumPy's `linalg`.

What all functions of `numpy.linalg` share stands here too: `matrices` reads an operand.
"""

import math
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import Shape, aval_of
from ...core.primitive import Tracer
from ...errors import TraceError
from ...primitives import determinants, solving
from ...primitives import structure as s
from ...primitives.promotion import joint_dtype, joint_shape, to_dtype, to_shape
from ..dispatch import concrete
from .contractions import matmul
from .keywords import NO_VALUE, floating, read
from .selection import where

LinAlgError = np.linalg.LinAlgError
SlogdetResult: Any = type(np.linalg.slogdet(np.empty((0, 0))))
"""NumPy's named tuple (of nothing, so that LAPACK need not wake)."""


def matrices(*operands: Any, square: bool = False) -> list[Any]:
    """Operands in the one dtype in which NumPy computes, the first of them (stacks of) matrices."""
    arrays = [floating(read(a)) for a in operands]
    avals = [aval_of(a) for a in arrays]
    for aval in avals:
        if aval.dtype.char not in "fdFD":
            raise TypeError(f"array type {aval.dtype} is unsupported in linalg")
    if avals[0].ndim < 2:
        raise LinAlgError(f"{avals[0].ndim}-dimensional array given. Array must be at least two-dimensional")
    if square and avals[0].shape[-1] != avals[0].shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    dtype, _ = joint_dtype(avals)
    return [to_dtype(a, dtype) for a in arrays]


def known(value: Any) -> Any:
    """The plain value where it is known now; None where it is staged, or a batch of them."""
    try:
        return concrete(value, "")
    except TraceError:
        return None


# --- solving -------------------------------------------------------------------------------------


def solve(a: Any, b: Any) -> Any:
    """As `numpy.linalg.solve`: right sides with one axis are vectors, all others are (stacks of) matrices."""
    x, y = matrices(a, b, square=True)
    left, right = aval_of(x).shape, aval_of(y).shape
    if not right or right[-2:][0] != left[-1]:
        raise ValueError(f"solve: {left} and {right} have different numbers of equations")
    if len(right) == 1:
        column = s.reshape(y, shape=(*right, 1))
        found = solving.solve(x, to_shape(column, (*left[:-1], 1)))
        return s.reshape(found, shape=left[:-1])
    lead = joint_shape([left[:-2], right[:-2]])
    if len(left) == 2 and lead:
        return _columns(x, y)
    return solving.solve(to_shape(x, (*lead, *left[-2:])), to_shape(y, (*lead, *right[-2:])))


def _columns(x: Any, y: Any) -> Any:
    """One matrix and a stack of right sides, which become columns of one."""
    *lead, rows, columns = aval_of(y).shape
    count = len(lead)
    joined = s.permute(y, axes=(count, *range(count), count + 1))
    found = solving.solve(x, s.reshape(joined, shape=(rows, math.prod(lead) * columns)))
    split = s.reshape(found, shape=(rows, *lead, columns))
    return s.permute(split, axes=(*range(1, count + 1), 0, count + 1))


def inv(a: Any) -> Any:
    """As `numpy.linalg.inv`."""
    (x,) = matrices(a, square=True)
    return solving.inv(x)


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """As `numpy.linalg.tensorsolve`."""
    x, y = floating(read(a)), floating(read(b))
    ndim = aval_of(x).ndim
    if axes is not None:
        order = list(range(ndim))
        for axis in axes:
            order.remove(axis)
            order.insert(ndim, axis)
        x = s.permute(x, axes=tuple(order))
    unknown: Shape = aval_of(x).shape[-(ndim - aval_of(y).ndim) :]  # all axes, where b has as many
    size = math.prod(unknown)
    if aval_of(x).size != size**2:
        raise LinAlgError("prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim]) is wanted")
    found = solve(s.reshape(x, shape=(size, size)), s.reshape(y, shape=(aval_of(y).size,)))
    return s.reshape(found, shape=unknown)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """As `numpy.linalg.tensorinv`."""
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    x = floating(read(a))
    shape = aval_of(x).shape
    rows = math.prod(shape[ind:])
    columns = aval_of(x).size // rows if rows else 0
    found = inv(s.reshape(x, shape=(rows, columns)))
    return s.reshape(found, shape=shape[ind:] + shape[:ind])


# --- pseudo-inverses -----------------------------------------------------------------------------


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = NO_VALUE) -> Any:
    """As `numpy.linalg.pinv`. The derivative is along matrices of the same rank; of a `hermitian` matrix
    it is symmetric.
    """
    (x,) = matrices(a, square=hermitian)
    aval = aval_of(x)
    if rcond is not None and rtol is not NO_VALUE:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    if rcond is None:
        rcond = 1e-15 if rtol is NO_VALUE else rtol
    if rcond is None:
        rcond = max(aval.shape[-2:]) * dtypes.eps(aval.dtype)
    if not isinstance(rcond, Tracer):
        rcond = float(rcond) if np.ndim(rcond) == 0 else np.asarray(rcond)
    if type(rcond) is not float:
        rcond = to_shape(rcond, aval.shape[:-2])
    return solving.pinv(x, rcond, hermitian=bool(hermitian))


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """As `numpy.linalg.lstsq`: solution, residuals, rank and singular values.

    The derivative is along matrices of the same rank. Where the rank is not known yet, as in a staged
    function, the residuals are those of full rank.
    """
    x, y = matrices(a, b)
    aval = aval_of(x)
    shape = aval_of(y).shape
    if aval.ndim != 2 or len(shape) not in (1, 2):
        raise LinAlgError(
            f"{max(aval.ndim, len(shape))}-dimensional array given. Array must be two-dimensional"
        )
    (rows, columns), eps = aval.shape, dtypes.eps(aval.dtype)
    if shape[0] != rows:
        raise LinAlgError("Incompatible dimensions")
    limit = eps * max(rows, columns) if rcond is None else float(rcond)
    limit = eps if limit < 0 else limit
    right = s.reshape(y, shape=(rows, 1)) if len(shape) == 1 else y
    found = solving.lstsq(x, right, rcond=limit)
    values = np.linalg.svdvals(x)
    rank = np.sum(values > limit * np.max(values, initial=0.0))
    number = known(rank)
    if rows <= columns or (number is not None and number != columns):
        residuals: Any = np.zeros(0, dtypes.real_dtype(aval.dtype))
    else:
        residuals = np.sum(np.abs(right - matmul(x, found)) ** 2, axis=0)
    solution = s.reshape(found, shape=(columns,)) if len(shape) == 1 else found
    return solution, residuals, rank if number is None else np.int32(number), values


# --- determinants --------------------------------------------------------------------------------


def det(a: Any) -> Any:
    """As `numpy.linalg.det`. The first two derivatives are exact for singular matrices too."""
    (x,) = matrices(a, square=True)
    return determinants.det(x)


def slogdet(a: Any) -> Any:
    """As `numpy.linalg.slogdet`. The derivative at a singular matrix is NaN."""
    (x,) = matrices(a, square=True)
    return SlogdetResult(*determinants.slogdet(x))


# --- condition -----------------------------------------------------------------------------------


def cond(x: Any, p: Any = None) -> Any:
    """As `numpy.linalg.cond`: infinite for a singular matrix."""
    (values,) = matrices(x, square=p not in (None, 2, -2))
    if not aval_of(values).size:
        raise LinAlgError("cond is not defined on empty arrays")
    if p in (None, 2, -2):
        sizes = np.linalg.svdvals(values)
        top, low = sizes[..., 0], sizes[..., -1]
        with np.errstate(all="ignore"):
            found = low / top if p == -2 else top / low
    else:
        found = _norm(values, p) * _norm(solving.inverse(values), p)
    holds_nan = np.isnan(values).any(axis=(-2, -1))
    return where(np.isnan(found) & ~holds_nan, np.inf, found)


def _norm(x: Any, order: Any) -> Any:
    return np.linalg.norm(x, order, axis=(-2, -1))


TABLE: dict[Any, Any] = {
    np.linalg.solve: solve,
    np.linalg.inv: inv,
    np.linalg.tensorsolve: tensorsolve,
    np.linalg.tensorinv: tensorinv,
    np.linalg.pinv: pinv,
    np.linalg.lstsq: lstsq,
    np.linalg.det: det,
    np.linalg.slogdet: slogdet,
    np.linalg.cond: cond,
}
