"""Systems whose matrix is given by few numbers: banded ones by their diagonals, Toeplitz ones by two vectors.

A band has upper + lower + 1 rows, ab[upper + i - j, j] = A[i, j], as LAPACK has it.

    A x = b             dx = A^-1 (db - dA x)
"""

from typing import Any

import numpy as np

from ...core.avals import Aval, aval_of
from ...core.domain import Draw, Sample, Samples
from ...core.primitive import LINEAR, NOT_LINEAR, Primitive
from ...errors import ShapeError
from ...lazy import scipy_linalg
from ..arithmetic import negative
from ..contraction import matmul
from ..evaluation import ByMatrix
from ..indexing import concatenate, embed, gather, slice_
from ..matrices import FIELDS, down, stacked
from ..structure import add, permute, scale
from ..typerules import joint_dtype

# --- bands ---------------------------------------------------------------------------------------


def _every(shape: Any) -> tuple[slice, ...]:
    return tuple(slice(0, n, 1) for n in shape)


def _overlap(n: int, offset: int) -> tuple[slice, slice]:
    """The places j, and i = j + offset, that both lie in 0 ... n - 1."""
    low, high = max(0, -offset), n - max(0, offset)
    return slice(low, max(low, high), 1), slice(low + offset, max(low, high) + offset, 1)


def banded_product(ab: Any, x: Any, *, lower: int, upper: int) -> Any:
    """A x for a band (..., lower + upper + 1, n) and columns x (..., n, k)."""
    *lead, n, k = aval_of(x).shape
    total: Any = None
    for row in range(lower + upper + 1):
        columns, rows = _overlap(n, row - upper)
        numbers = slice_(ab, index=(*_every(lead), row, columns))
        taken = slice_(x, index=(*_every(lead), columns, slice(0, k, 1)))
        index = (*_every(lead), rows, slice(0, k, 1))
        term = embed(scale(down(numbers, k), taken), index=index, shape=(*lead, n, k))
        total = term if total is None else add(total, term)
    return total


def band_turned(ab: Any, *, lower: int, upper: int) -> Any:
    """The band of the transposed matrix, which has `lower` diagonals above and `upper` below."""
    *lead, _, n = aval_of(ab).shape
    rows: list[Any] = []
    for row in reversed(range(lower + upper + 1)):
        columns, places = _overlap(n, row - upper)
        part = slice_(ab, index=(*_every(lead), slice(row, row + 1, 1), columns))
        rows.append(embed(part, index=(*_every(lead), slice(0, 1, 1), places), shape=(*lead, 1, n)))
    return concatenate(*rows, axis=len(lead))


def _solve_type(ab: Aval, b: Aval, *, lower: int, upper: int) -> Aval:
    dtype, _ = joint_dtype("solve_banded", (ab, b))
    if ab.shape[-2] != lower + upper + 1 or ab.shape[-1] != b.shape[-2] or ab.shape[:-2] != b.shape[:-2]:
        raise ShapeError(
            f"a band of {lower + upper + 1} rows, as long as the right sides, was asked for",
            f"{ab.shape} and {b.shape}",
            "Each row of the band is a diagonal.",
        )
    return Aval(b.shape, dtype)


def _solve(ab: Any, b: Any, *, lower: int, upper: int) -> Any:
    return scipy_linalg.solve_banded((lower, upper), ab, b, check_finite=False)


def _solve_jvp(t: Any, ab: Any, b: Any, *, out: Any, lower: int, upper: int) -> Any:
    moved = banded_product(t, out, lower=lower, upper=upper)
    return negative(solve_banded(ab, moved, lower=lower, upper=upper))


def _solve_transpose(ct: Any, ab: Any, b: Aval, *, lower: int, upper: int) -> Any:
    turned = band_turned(ab, lower=lower, upper=upper)
    return solve_banded(turned, ct, lower=upper, upper=lower)


def _bands(d: Draw) -> list[Sample]:
    def drawn(lower: int, upper: int, n: int, k: int, *lead: int) -> Sample:
        ab = d.array(*lead, lower + upper + 1, n, low=-0.6, high=0.6)
        ab[..., upper, :] += 3
        return Sample((ab, d.array(*lead, n, k)), {"lower": lower, "upper": upper})

    return [drawn(1, 1, 4, 2), drawn(0, 2, 3, 1), drawn(2, 0, 3, 1, 2), drawn(2, 1, 5, 1)]


solve_banded = Primitive(
    name="solve_banded",
    type=_solve_type,
    evaluate=ByMatrix(_solve, _solve_type, 2),
    jvp=(_solve_jvp, LINEAR),
    transpose=(NOT_LINEAR, _solve_transpose),
    batch=stacked,
    source="solve_banded({0}, {1}, lower={lower}, upper={upper})",
    domain=Samples(_bands, FIELDS),
)
"""`A^-1 b` for the band of A and right sides (..., n, k)."""


# --- Toeplitz ------------------------------------------------------------------------------------


def toeplitz_matrix(c: Any, r: Any) -> Any:
    """The matrices of first columns c (..., m) and first rows r (..., n), of which r[0] is not read."""
    rows, columns, last = aval_of(c).shape[-1], aval_of(r).shape[-1], aval_of(c).ndim - 1
    lead = _every(aval_of(c).shape[:-1])
    backwards = slice(columns - 1, 0, -1) if columns > 1 else slice(0, 0, 1)
    values = concatenate(slice_(r, index=(*lead, backwards)), c, axis=last) if columns > 1 else c
    places = np.arange(rows)[:, None] - np.arange(columns) + max(columns - 1, 0)
    if last:
        axes = (last, *range(last))
        taken = gather(permute(values, axes=axes), places)
        return permute(taken, axes=(*range(2, last + 2), 0, 1))
    return gather(values, places)


def _toeplitz_type(c: Aval, r: Aval, b: Aval) -> Aval:
    dtype, _ = joint_dtype("solve_toeplitz", (c, r, b))
    if c.shape != r.shape or c.shape != b.shape[:-1]:
        raise ShapeError(
            "a column, a row and right sides of one length were asked for",
            f"{c.shape}, {r.shape}, {b.shape}",
            "T x = b.",
        )
    return Aval(b.shape, dtype)


def _solve_toeplitz(c: Any, r: Any, b: Any) -> Any:
    return scipy_linalg.solve_toeplitz((c, r), b, check_finite=False)


def _toeplitz_moved(t: Any, c: Any, r: Any, out: Any) -> Any:
    return negative(solve_toeplitz(c, r, matmul(t, out)))


def _zero(x: Any) -> Any:
    return np.zeros(aval_of(x).shape, aval_of(x).dtype)


def _toeplitz_transpose(ct: Any, c: Any, r: Any, b: Aval) -> Any:
    """The transposed matrix has r as its column; its corner stays c[0]."""
    *lead, n = aval_of(c).shape
    corner = slice_(c, index=(*_every(lead), slice(0, 1, 1)))
    rest = slice_(r, index=(*_every(lead), slice(1, n, 1)))
    return solve_toeplitz(concatenate(corner, rest, axis=len(lead)), c, ct)


def _toeplitz_samples(d: Draw) -> list[Sample]:
    def drawn(n: int, k: int, *lead: int) -> Sample:
        c = d.array(*lead, n, low=-0.5, high=0.5)
        c[..., 0] += 3
        return Sample((c, d.array(*lead, n, low=-0.5, high=0.5), d.array(*lead, n, k)), {})

    return [drawn(4, 2), drawn(3, 1, 2), drawn(1, 1)]


solve_toeplitz = Primitive(
    name="solve_toeplitz",
    type=_toeplitz_type,
    evaluate=ByMatrix(_solve_toeplitz, _toeplitz_type, 1),
    jvp=(
        lambda t, c, r, b, *, out: _toeplitz_moved(toeplitz_matrix(t, _zero(r)), c, r, out),
        lambda t, c, r, b, *, out: _toeplitz_moved(toeplitz_matrix(_zero(c), t), c, r, out),
        LINEAR,
    ),
    transpose=(NOT_LINEAR, NOT_LINEAR, _toeplitz_transpose),
    batch=stacked,
    source="solve_toeplitz({0}, {1}, {2})",
    domain=Samples(_toeplitz_samples, ("float64", "complex128")),
)
"""`T^-1 b` by Levinson's recursion, for a column c and a row r (..., n) and right sides (..., n, k)."""

ALL = (solve_banded, solve_toeplitz)
