"""Stacks of matrices, in the primitives' own functions: what the rules of linear algebra are written with.

Matrices stand on the last two axes. `adjoint` is the conjugate transpose, `across` repeats a vector
in every row of a matrix, `down` in every column; `diagonal` takes what its name says.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import Draw
from ..core.primitive import Primitive
from ..errors import ShapeError
from .arithmetic import multiply
from .complex import conjugate
from .contraction import matmul, swap
from .indexing import Index, repeated, slice_
from .promotion import to_dtype
from .structure import add, broadcast, reduce_sum, reshape, scale, select

FIELDS = ("float32", "float64", "complex64", "complex128")
"""The dtypes that LAPACK computes in."""


def require_square(name: str, x: Aval) -> int:
    """The order of square matrices; an error for others."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name} takes square matrices", str(x.shape), "The last two lengths are equal.")
    return x.shape[-1]


def require_matrices(name: str, x: Aval) -> tuple[int, int]:
    """The numbers of rows and columns; an error for what is no stack of matrices."""
    if x.ndim < 2:
        raise ShapeError(f"{name} takes matrices", str(x.shape), "Pass an array of two axes or more.")
    return x.shape[-2], x.shape[-1]


def square_type(name: str) -> Callable[..., Aval]:
    """The type rule of functions from square matrices to square matrices."""

    def rule(x: Aval, **params: Any) -> Aval:
        del params
        require_square(name, x)
        return Aval(x.shape, x.dtype)

    return rule


def stacked(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """The batch rule of what takes stacks of matrices as it is."""
    return primitive(*repeated(size, batched, args), **params)


def product(*factors: Any) -> Any:
    """The matrix product of stacks of equal leading axes, from the left to the right."""
    first, *rest = factors
    for factor in rest:
        first = matmul(first, factor)
    return first


def adjoint(x: Any) -> Any:
    """The conjugate transpose."""
    turned = swap(x)
    return conjugate(turned) if dtypes.is_complex(aval_of(x).dtype) else turned


def hermitian_part(x: Any) -> Any:
    """(X + X^H) / 2."""
    return multiply(0.5, add(x, adjoint(x)))


def across(d: Any, rows: int) -> Any:
    """Vectors (..., n) as matrices (..., rows, n) of equal rows."""
    shape = aval_of(d).shape
    return broadcast(reshape(d, shape=(*shape[:-1], 1, shape[-1])), shape=(*shape[:-1], rows, shape[-1]))


def down(d: Any, columns: int) -> Any:
    """Vectors (..., n) as matrices (..., n, columns) of equal columns."""
    shape = aval_of(d).shape
    return broadcast(reshape(d, shape=(*shape, 1)), shape=(*shape, columns))


def everywhere(number: Any, like: Any) -> Any:
    """Numbers (...) as matrices of the shape of `like` (..., m, n), constant each."""
    shape = aval_of(like).shape
    return broadcast(reshape(number, shape=(*shape[:-2], 1, 1)), shape=shape)


def times_columns(x: Any, d: Any) -> Any:
    """X diag(d), by `scale`: a real `d` may stand beside a complex X."""
    aval = aval_of(x)
    return scale(across(to_dtype(d, aval.dtype), aval.shape[-2]), x)


def part(x: Any, rows: slice | None = None, columns: slice | None = None) -> Any:
    """Some rows and columns; `None` stands for all of them."""
    shape = aval_of(x).shape
    index: Index = tuple(slice(0, n, 1) for n in shape)
    kept = [index[axis] if s is None else s for axis, s in ((-2, rows), (-1, columns))]
    return slice_(x, index=(*index[:-2], *kept))


def first(count: int) -> slice:
    """The first `count`."""
    return slice(0, count, 1)


def diagonal(x: Any) -> Any:
    """The diagonals of matrices."""
    *lead, rows, columns = aval_of(x).shape
    count = min(rows, columns)
    flat = reshape(x, shape=(*lead, rows * columns))
    along = slice(0, max(count - 1, 0) * (columns + 1) + min(count, 1), columns + 1)
    return slice_(flat, index=(*(slice(0, n, 1) for n in lead), along))


def trace(x: Any) -> Any:
    """The traces of matrices."""
    return reduce_sum(diagonal(x), axes=(aval_of(x).ndim - 2,))


def where(mask: Any, x: Any, y: Any) -> Any:
    """`select` by a mask of one matrix (m, n) for the whole stack; one of x and y may be a number."""
    shape = aval_of(y if type(x) is float else x).shape
    return select(np.broadcast_to(mask, shape), x, y)


# --- samples for the sweep -----------------------------------------------------------------------


def drawn_regular(d: Draw, n: int, *lead: int) -> Any:
    """Well-conditioned square matrices."""
    return d.array(*lead, n, n, low=-0.5, high=0.5) + 2 * np.eye(n, dtype=d.dtype)


def drawn_hermitian(d: Draw, n: int, *lead: int) -> Any:
    """Hermitian matrices, positive definite, their eigenvalues far apart."""
    x = d.array(*lead, n, n, low=-0.3, high=0.3)
    return symmetrised(x) + np.diag(2 * np.arange(1, n + 1)).astype(d.dtype)


def symmetrised(x: Any) -> Any:
    """The Hermitian part of an array: how a Hermitian operand may move."""
    return (x + np.conjugate(np.swapaxes(x, -1, -2))) / 2


def weighted_squares(x: Any, count: int) -> Any:
    """X diag(1, ..., count, 1/2, ..., 1/2) X^H: what of orthonormal columns no sign or phase changes.

    Of the columns after the first `count` only the space that they span is seen.
    """
    columns = aval_of(x).shape[-1]
    weights = np.concatenate([np.arange(1.0, count + 1), np.full(columns - count, 0.5)])
    spread = np.broadcast_to(weights, (*aval_of(x).shape[:-2], columns))
    return matmul(times_columns(x, spread), adjoint(x))
