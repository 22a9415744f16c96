"""Covariances and correlations of variables that were observed together."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...errors import ArgumentError, ShapeError
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.complex import conjugate, real
from ...primitives.contraction import matmul
from ...primitives.indexing import concatenate, gather
from ...primitives.powers import sqrt
from ...primitives.promotion import to_dtype, to_shape
from ...primitives.structure import permute, reshape
from ..dispatch import elementwise
from .folds import sum_
from .keywords import floating, given, read
from .statistics import average


def _variables(m: Any, rowvar: bool, dtype: Any) -> Any:
    """Observations with one row for each variable."""
    x = to_dtype(floating(read(m)), dtype)
    aval = aval_of(x)
    if aval.ndim > 2:
        raise ShapeError("variables in rows or columns", f"{aval.ndim} axes", "Pass a matrix or a vector.")
    if aval.ndim < 2:
        return reshape(x, shape=(1, aval.size))
    return x if rowvar else permute(x, axes=(1, 0))


def _common(parts: list[Any], dtype: Any) -> Any:
    if dtype is not None:
        return np.dtype(dtype)
    found = [aval_of(read(p)).dtype for p in parts]
    return dtypes.result_type(*((d, False) for d in (*found, np.dtype(np.float64))))


def _divisor(count: int, ddof: Any, weights: Any, aweights: Any) -> Any:
    if weights is None:
        return float(max(count - ddof, 0))
    total = sum_(weights)
    if ddof == 0:
        return total
    if not given(aweights):
        return total - ddof
    return total - ddof * sum_(weights * read(aweights)) / total


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """As `numpy.cov`: C[i, j] = sum_k (x[i, k] - mean_i) conj(x[j, k] - mean_j) / (n - ddof)."""
    common = _common([m] if y is None else [m, y], dtype)
    x = _variables(m, rowvar, common)
    if y is not None:
        x = concatenate(x, _variables(y, rowvar, common), axis=0)
    rows, count = aval_of(x).shape
    ddof = (0 if bias else 1) if ddof is None else ddof
    if ddof != int(ddof):
        raise ArgumentError("an integer ddof", repr(ddof), "Write ddof=0 or ddof=1.")
    given_weights = [read(w) for w in (fweights, aweights) if given(w)]
    weights = given_weights[0] if given_weights else None
    if len(given_weights) == 2:
        weights = elementwise(multiply, np.multiply, *given_weights)
    means = average(x, axis=1, weights=weights, keepdims=True)
    x = subtract(x, to_shape(means, (rows, count)))
    right = x if weights is None else multiply(x, to_shape(to_dtype(weights, common), (rows, count)))
    right = permute(right, axes=(1, 0))
    products = matmul(x, conjugate(right) if dtypes.is_complex(common) else right)
    result = elementwise(divide, np.true_divide, products, _divisor(count, ddof, weights, aweights))
    return result if rows > 1 else reshape(result, shape=())


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """As `numpy.corrcoef`: C[i, j] / sqrt(C[i, i] C[j, j])."""
    c = cov(x, y, rowvar, dtype=dtype)
    aval = aval_of(c)
    if aval.ndim == 0:
        return divide(c, c)
    n = aval.shape[0]
    diagonal = gather(c, np.arange(n), np.arange(n))
    deviations = sqrt(real(diagonal) if dtypes.is_complex(aval.dtype) else diagonal)
    for shape in ((n, 1), (1, n)):
        scale = to_dtype(to_shape(reshape(deviations, shape=shape), (n, n)), aval.dtype)
        c = divide(c, scale)
    return c


TABLE: dict[Any, Any] = {np.cov: cov, np.corrcoef: corrcoef}
