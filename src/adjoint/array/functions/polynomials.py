"""Polynomials by their coefficients, the highest power first: `polymul`, `polyfit`, `roots`, ... as NumPy's.

Where NumPy gives a `poly1d` for one, so do these: it holds traced coefficients. Where NumPy drops leading
zeros, but it is not known which coefficients are zero, as in a batch or a staged function, none is dropped.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import TraceError
from ...primitives import structure as s
from ...primitives.complex import real
from ...primitives.indexing import concatenate
from ...primitives.matrices import diagonal as diagonal_of
from ...primitives.matrices import product
from ...primitives.promotion import to_dtype
from ...primitives.roots import polynomial_roots
from ..dispatch import array_operand, as_float, concrete, newest
from .contractions import dot, outer
from .creation import zeros_like
from .joining import stack
from .linalg import inv, lstsq
from .series import convolve


def plain_or_none(value: Any, purpose: str = "a decision") -> Any:
    """The plain value of what may be traced; None in a batch and in a staged function."""
    if not isinstance(value, Tracer):
        return np.asarray(value)
    try:
        return np.asarray(concrete(value, purpose))
    except TraceError:
        return None


def coefficients(p: Any) -> Any:
    """The coefficients of a polynomial as an array: a `poly1d` holds its own."""
    x = array_operand(p.coeffs if isinstance(p, np.poly1d) else p)
    return x if aval_of(x).ndim else s.reshape(x, shape=(1,))


def _as_given(result: Any, *given: Any) -> Any:
    """A `poly1d` where one was given."""
    return np.poly1d(result) if any(isinstance(p, np.poly1d) for p in given) else result


def _without_leading_zeros(p: Any) -> Any:
    if aval_of(p).ndim != 1:
        raise ValueError("Polynomial must be 1d only.")
    plain = plain_or_none(p)
    if plain is None:
        return p
    found = np.flatnonzero(plain)
    if found.size:
        return p[found[0] :]
    return p[-1:] if aval_of(p).size else np.zeros(1, aval_of(p).dtype)


# --- arithmetic --------------------------------------------------------------------------------------


def _sum(name: str, operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def function(a1: Any, a2: Any) -> Any:
        x, y = coefficients(a1), coefficients(a2)
        n = max(aval_of(x).size, aval_of(y).size)
        return _as_given(operation(_padded(x, n), _padded(y, n)), a1, a2)

    function.__name__ = name
    function.__doc__ = f"As `numpy.{name}`."
    return function


def _padded(p: Any, n: int) -> Any:
    aval = aval_of(p)
    if aval.size == n:
        return p
    return concatenate(np.zeros(n - aval.size, aval.dtype), p, axis=0)


polyadd = _sum("polyadd", lambda x, y: x + y)
polysub = _sum("polysub", lambda x, y: x - y)


def polymul(a1: Any, a2: Any) -> Any:
    """As `numpy.polymul`: without the leading zeros of the factors."""
    x, y = (_without_leading_zeros(coefficients(a)) for a in (a1, a2))
    return _as_given(convolve(x, y), a1, a2)


def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """As `numpy.polydiv`: the quotient and the remainder, without leading coefficients close to 0."""
    rest, divisor = coefficients(u) + 0.0, coefficients(v) + 0.0
    m, n = aval_of(rest).size - 1, aval_of(divisor).size - 1
    dtype = dtypes.result_type(*((aval_of(p).dtype, False) for p in (rest, divisor)))
    rest, scale = to_dtype(rest, dtype), 1.0 / divisor[0]
    quotient: list[Any] = []
    divided: list[Any] = []
    for _ in range(m - n + 1):
        quotient.append(scale * rest[0])
        head = rest[: n + 1] - quotient[-1] * divisor
        divided.append(head[:1])
        rest = concatenate(head[1:], rest[n + 1 :], axis=0)
    whole = concatenate(*divided, rest, axis=0)
    plain = plain_or_none(whole)
    if plain is not None:
        first = 0
        while np.allclose(plain[first], 0, rtol=1e-14) and first < plain.size - 1:
            first += 1
        rest = whole[first:]
    found = to_dtype(stack(quotient), dtype) if quotient else np.zeros(1, dtype)
    return _as_given(found, u, v), _as_given(rest, u, v)


def polyval(p: Any, x: Any) -> Any:
    """As `numpy.polyval`: by Horner's scheme, the highest power first."""
    factors = coefficients(p)
    if isinstance(x, np.poly1d):
        total: Any = 0
        for factor in factors:
            total = total * x + factor
        return total
    points = array_operand(x)
    total = zeros_like(points) if newest((points,)) is not None else np.zeros_like(points)
    for factor in factors:
        total = total * points + factor
    return total


# --- derivative and integral -------------------------------------------------------------------------


def polyder(p: Any, m: int = 1) -> Any:
    """As `numpy.polyder`: the coefficients of the m-th derivative."""
    if int(m) < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    found = coefficients(p)
    for _ in range(int(m)):
        found = found[:-1] * np.arange(aval_of(found).size - 1, 0, -1)
    return _as_given(found, p)


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """As `numpy.polyint`: the coefficients of the m-th antiderivative, with the constants `k`."""
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    constants = np.zeros(m) if k is None else array_operand(k)
    constants = s.reshape(constants, shape=(1,)) if not aval_of(constants).ndim else constants
    count = aval_of(constants).size
    if count == 1 and m > 1:
        constants = s.broadcast(constants, shape=(m,))
    elif count < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    found = coefficients(p)
    for i in range(m):
        higher, last = found / np.arange(aval_of(found).size, 0, -1), constants[i : i + 1]
        dtype = dtypes.result_type(*((aval_of(v).dtype, False) for v in (higher, last)))
        found = concatenate(to_dtype(higher, dtype), to_dtype(last, dtype), axis=0)
    return _as_given(found, p)


# --- roots -------------------------------------------------------------------------------------------


def poly(seq_of_zeros: Any) -> Any:
    """As `numpy.poly`: the coefficients of the polynomial with these roots, or of a matrix's characteristic
    one. That of a matrix is smooth, whatever the multiplicity of its eigenvalues.

    det(z - A) = z^n + c_1 z^(n-1) + ...  with  M_0 = I,  c_k = -tr(A M_(k-1)) / k,  M_k = A M_(k-1) + c_k I
    """
    x = array_operand(seq_of_zeros)
    x = s.reshape(x, shape=(1,)) if not aval_of(x).ndim else x
    shape = aval_of(x).shape
    if len(shape) == 2 and shape[0] == shape[1] != 0:
        return _characteristic(as_float(x))
    if len(shape) != 1:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    if not shape[0]:
        return 1.0
    x = as_float(x)
    one = np.ones(1, aval_of(x).dtype)
    found = one
    for i in range(shape[0]):
        found = concatenate(found, 0.0 * one, axis=0) - concatenate(0.0 * one, x[i] * found, axis=0)
    if dtypes.is_complex(aval_of(x).dtype):
        zeros = plain_or_none(x)
        if zeros is not None and np.array_equal(np.sort(zeros), np.sort(zeros.conj())):
            return real(found)
    return found


def _characteristic(a: Any) -> Any:
    aval = aval_of(a)
    n = aval.shape[0]
    eye = np.eye(n, dtype=aval.dtype)
    power, found = eye, [aval.dtype.type(1)]
    for k in range(1, n + 1):
        moved = product(a, power)
        factor = s.reduce_sum(diagonal_of(moved), axes=(0,)) / -k
        found.append(to_dtype(factor, aval.dtype))
        power = moved + factor * eye
    return stack(found)


def roots(p: Any) -> Any:
    """As `numpy.roots`, with dr = -dp(r) / p'(r) for each root r, one at 0 too.

    A root of higher multiplicity has no derivative: NaN. In a batch and in a staged function, where it is
    not known whether all roots are real, and that no leading coefficient is zero, they are complex numbers.
    """
    x = coefficients(p)
    if aval_of(x).ndim != 1:
        raise ValueError("Input must be a rank-1 array.")
    x = as_float(x)
    plain = plain_or_none(x)
    if plain is None:
        return polynomial_roots(x)
    nonzero = np.flatnonzero(plain)
    if not nonzero.size or nonzero[0] == plain.size - 1:
        return np.array([])
    found = polynomial_roots(x[nonzero[0] :])
    if np.isrealobj(plain) and not np.any(np.imag(concrete(found, "the roots"))):
        return real(found)
    return found


# --- least squares -----------------------------------------------------------------------------------


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """As `numpy.vander`: the powers of x in columns."""
    points = array_operand(x)
    if aval_of(points).ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    size = aval_of(points).size
    count = size if N is None else int(N)
    if count <= 0:
        return np.vander(np.zeros(size, aval_of(points).dtype), count)
    dtype = dtypes.result_type((aval_of(points).dtype, False), (np.dtype(int), False))
    columns = [np.ones(size, dtype)]
    for _ in range(count - 1):
        columns.append(columns[-1] * points)
    return stack(columns if increasing else columns[::-1], axis=1)


def polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    """As `numpy.polyfit`: differentiable in the points, the values and the weights."""
    order = int(deg) + 1
    points, values = array_operand(x) + 0.0, array_operand(y) + 0.0
    left, right = _system(points, values, order, w)
    rcond = aval_of(points).size * np.finfo(aval_of(points).dtype).eps if rcond is None else rcond
    lengths = np.sqrt((left * left).sum(axis=0))
    left = left / lengths
    c, residuals, rank, singular = lstsq(left, right, rcond)
    c = (c.T / lengths).T
    known = plain_or_none(rank)
    if known is not None and known != order and not full:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=2)
    if full:
        return c, residuals, rank, singular, rcond
    if not cov:
        return c
    spread = inv(dot(left.T, left)) / outer(lengths, lengths)
    if isinstance(cov, str) and cov == "unscaled":
        factor: Any = 1
    elif aval_of(points).size <= order:
        raise ValueError("the number of data points must exceed order to scale the covariance matrix")
    else:
        factor = residuals / (aval_of(points).size - order)
    return c, (spread if aval_of(values).ndim == 1 else spread[:, :, np.newaxis]) * factor


def _system(points: Any, values: Any, order: int, w: Any) -> tuple[Any, Any]:
    """Both sides of the least squares problem, with weights where they are given."""
    left, right = aval_of(points), aval_of(values)
    if order < 1:
        raise ValueError("expected deg >= 0")
    if left.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if not left.size:
        raise TypeError("expected non-empty vector for x")
    if right.ndim < 1 or right.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if left.shape[0] != right.shape[0]:
        raise TypeError("expected x and y to have same length")
    powers = vander(points, order)
    if w is None:
        return powers, values
    weights = array_operand(w) + 0.0
    if aval_of(weights).ndim != 1:
        raise TypeError("expected a 1-d array for weights")
    if aval_of(weights).shape[0] != right.shape[0]:
        raise TypeError("expected w and y to have the same length")
    column = s.reshape(weights, shape=(right.shape[0], 1))
    return powers * column, values * (column if right.ndim == 2 else weights)


TABLE: dict[Any, Any] = {
    np.polyadd: polyadd,
    np.polysub: polysub,
    np.polymul: polymul,
    np.polydiv: polydiv,
    np.polyval: polyval,
    np.polyder: polyder,
    np.polyint: polyint,
    np.poly: poly,
    np.roots: roots,
    np.vander: vander,
    np.polyfit: polyfit,
}
