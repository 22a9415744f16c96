"""Triangular systems and the LU decomposition.

L x = b             dx = L^-1 (db - dL x)
P A = L U           with M = L^-1 P dA U^-1:  dL = L tril(M, -1),  dU = triu(M) U
"""

from typing import Any

import numpy as np

from ...core.avals import Aval, aval_of
from ...core.domain import Draw, Sample, Samples
from ...core.primitive import LINEAR, NOT_LINEAR, Primitive, Zero
from ...lazy import scipy_linalg
from ..arithmetic import negative
from ..batching import one_by_one
from ..contraction import matmul, swap
from ..evaluation import ByMatrix
from ..indexing import concatenate
from ..matrices import FIELDS, first, part, product, require_matrices, require_square, where
from ..ordering import take_along
from ..solving import right_sides, solve_batch
from ..structure import add, broadcast, reshape

PIVOT = np.dtype(np.int32)
_PLACE = np.dtype(np.intp)


# --- triangular systems --------------------------------------------------------------------------


def triangle(x: Any, *, lower: bool, unit: bool = False) -> Any:
    """The lower or upper triangle, without the diagonal where that is one of ones."""
    rows, columns = aval_of(x).shape[-2:]
    mask = np.tri(rows, columns, -1 if unit else 0, dtype=bool)
    return where(mask if lower else ~np.tri(rows, columns, 0 if unit else -1, dtype=bool), x, 0.0)


def _solve_type(a: Aval, b: Aval, **params: Any) -> Aval:
    del params
    require_square("solve_triangular", a)
    return right_sides("solve_triangular", a, b)


def _solve(a: Any, b: Any, *, lower: bool, unit: bool, strict: bool) -> Any:
    try:
        return scipy_linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit, check_finite=False)
    except np.linalg.LinAlgError:
        if strict:
            raise
        return np.full_like(b, np.nan)


def _solve_jvp(t: Any, a: Any, b: Any, *, out: Any, lower: bool, unit: bool, strict: bool) -> Any:
    moved = matmul(triangle(t, lower=lower, unit=unit), out)
    return negative(solve_triangular(a, moved, lower=lower, unit=unit, strict=strict))


def _solve_transpose(ct: Any, a: Any, b: Aval, *, lower: bool, unit: bool, strict: bool) -> Any:
    return solve_triangular(swap(a), ct, lower=not lower, unit=unit, strict=strict)


def _samples(d: Draw) -> list[Sample]:
    def drawn(n: int, k: int, *lead: int) -> tuple[Any, Any]:
        return d.array(*lead, n, n) + 3 * np.eye(n, dtype=d.dtype), d.array(*lead, n, k)

    return [
        Sample(drawn(*shape), {"lower": lower, "unit": unit, "strict": True})
        for shape, lower, unit in (
            ((3, 2), True, False),
            ((3, 1), False, True),
            ((2, 2, 2), False, False),
            ((0, 2), True, False),
        )
    ]


solve_triangular = Primitive(
    name="solve_triangular",
    type=_solve_type,
    evaluate=ByMatrix(_solve, _solve_type, 2),
    jvp=(_solve_jvp, LINEAR),
    transpose=(NOT_LINEAR, _solve_transpose),
    batch=solve_batch,
    source="solve_triangular({0}, {1}, lower={lower}, unit={unit}, strict={strict})",
    domain=Samples(_samples, FIELDS),
)
"""`L^-1 b`, where of L one triangle is read. A singular one raises where `strict`, else gives NaN."""


# --- LU ------------------------------------------------------------------------------------------


def _lu_type(a: Aval) -> tuple[Aval, Aval]:
    rows, columns = require_matrices("lu", a)
    return Aval(a.shape, a.dtype), Aval((*a.shape[:-2], min(rows, columns)), PIVOT)


def _lu(a: Any) -> Any:
    (getrf,) = scipy_linalg.get_lapack_funcs(("getrf",), (a,))
    return getrf(a)[:2]


def _squared(x: Any, size: int) -> Any:
    """The columns of a triangular factor, or its rows, completed by those of the unit matrix."""
    aval = aval_of(x)
    (*lead, rows, columns), last = aval.shape, aval.ndim - 1
    if rows == columns:
        return x
    ones = np.broadcast_to(np.eye(size, dtype=aval.dtype), (*lead, size, size))
    if columns < size:
        return concatenate(x, np.ascontiguousarray(ones[..., :, columns:]), axis=last)
    return concatenate(x, np.ascontiguousarray(ones[..., rows:, :]), axis=last - 1)


def factors(packed: Any) -> tuple[Any, Any]:
    """L with its ones, and U."""
    rows, columns = aval_of(packed).shape[-2:]
    k, dtype = min(rows, columns), aval_of(packed).dtype
    low = triangle(part(packed, None, first(k)), lower=True, unit=True)
    ones = np.broadcast_to(np.eye(rows, k, dtype=dtype), aval_of(low).shape)
    return add(low, ones), triangle(part(packed, first(k)), lower=False)


def rows_taken(x: Any, places: Any) -> Any:
    """The rows of matrices (..., m, n) in the order of places (..., m)."""
    shape = aval_of(x).shape
    spread = broadcast(reshape(places, shape=(*aval_of(places).shape, 1)), shape=shape)
    return take_along(x, spread, axis=len(shape) - 2)


def _lu_jvp(t: Any, a: Any, *, out: Any) -> Any:
    packed, pivots = out
    rows, columns = aval_of(a).shape[-2:]
    if not min(rows, columns):
        return None, None
    low, up = factors(packed)
    low, up = _squared(low, rows), _squared(up, columns)
    moved = rows_taken(t, permutation(pivots, rows=rows))
    left = solve_triangular(low, moved, lower=True, unit=True, strict=False)
    inner = swap(solve_triangular(swap(up), swap(left), lower=True, unit=False, strict=False))
    below, above = triangle(inner, lower=True, unit=True), triangle(inner, lower=False)
    return add(product(low, below), product(above, up)), None


def _permutation(pivots: Any, *, rows: int) -> Any:
    order = np.arange(rows)
    for i, place in enumerate(pivots):
        order[[i, place]] = order[[place, i]]
    return order


def _permutation_type(pivots: Aval, *, rows: int) -> Aval:
    return Aval((*pivots.shape[:-1], rows), _PLACE)


permutation = Primitive(
    name="permutation",
    type=_permutation_type,
    evaluate=ByMatrix(_permutation, _permutation_type, 1),
    jvp=(Zero("pivots are integers"),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="permutation({0}, rows={rows})",
    domain=Samples(
        lambda d: [
            Sample((np.array([2, 1, 2], d.dtype),), {"rows": 4}),
            Sample((np.array([[1, 1], [0, 1]], d.dtype),), {"rows": 2}),
        ],
        ("int32", "int64"),
    ),
)
"""The order of rows that LAPACK's pivots make."""


def _tall_wide_square(d: Draw) -> list[Sample]:
    shapes = ((3, 3), (4, 2), (2, 3), (2, 2, 2), (0, 2))
    return [
        Sample((d.array(*s, low=-0.4, high=0.4) + np.roll(2 * np.eye(*s[-2:], dtype=d.dtype), 1, -2),), {})
        for s in shapes
    ]


lu = Primitive(
    name="lu",
    type=_lu_type,
    evaluate=ByMatrix(_lu, _lu_type, 2, many=True),
    jvp=(_lu_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="lu({0})",
    domain=Samples(_tall_wide_square, FIELDS),
    many=True,
)
"""L below the diagonal and U above it in one matrix, and LAPACK's pivots; singular U: derivative NaN."""


def _column_order(a: Any) -> Any:
    return scipy_linalg.qr(a, mode="r", pivoting=True)[-1]


def _order_type(a: Aval) -> Aval:
    return Aval((*a.shape[:-2], require_matrices("column_order", a)[1]), _PLACE)


column_order = Primitive(
    name="column_order",
    type=_order_type,
    evaluate=ByMatrix(_column_order, _order_type, 2),
    jvp=(Zero("an order is made of integers"),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="column_order({0})",
    domain=Samples(_tall_wide_square, FIELDS),
)
"""The order of columns in LAPACK's pivoted QR decomposition: the longest of what is left comes first."""

ALL = (solve_triangular, permutation, lu, column_order)
