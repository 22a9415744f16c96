"""Solving: `solve`, `inv`, `pinv`, `lstsq`, of stacks of matrices.

    x = A^-1 b          dx = A^-1 (db - dA x)
    X = A^-1            dX = -X dA X
    P = A^+             dP = -P dA P + P P^H dA^H (I - A P) + (I - P A) dA^H P^H P

The derivative of a pseudo-inverse is that along matrices of the same rank (Golub and Pereyra, "The
differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate", SIAM J.
Numer. Anal. 10 (1973) 413-432); `lstsq` is the pseudo-inverse times the right side.
"""

from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive, Zero
from ..errors import ShapeError
from .arithmetic import negative, subtract
from .batching import one_by_one
from .contraction import matmul, swap
from .indexing import repeated
from .matrices import (
    FIELDS,
    adjoint,
    drawn_hermitian,
    drawn_regular,
    hermitian_part,
    product,
    require_matrices,
    require_square,
    square_type,
    stacked,
)
from .structure import add, broadcast, permute, reshape
from .typerules import joint_dtype

TOLERANCE = Zero("a tolerance")


# --- solve ---------------------------------------------------------------------------------------


def right_sides(name: str, a: Aval, b: Aval) -> Aval:
    """The type of the solution of a x = b."""
    rows, columns = require_matrices(name, a)
    dtype, _ = joint_dtype(name, (a, b))
    if b.shape[:-1] != (*a.shape[:-2], rows):
        raise ShapeError(
            f"{name} takes matrices and right sides of as many rows",
            f"{a.shape} and {b.shape}",
            "Reshape one.",
        )
    return Aval((*a.shape[:-2], columns, b.shape[-1]), dtype)


def _solve_type(a: Aval, b: Aval) -> Aval:
    require_square("solve", a)
    return right_sides("solve", a, b)


def solve_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """A batch of right sides alone becomes more columns for the one matrix."""
    a, b = args
    if batched[0]:
        return stacked(primitive, size, batched, args, params)
    *lead, rows, columns = aval_of(b).shape[1:]
    axes = (*range(1, len(lead) + 2), 0, len(lead) + 2)
    joined = reshape(permute(b, axes=axes), shape=(*lead, rows, size * columns))
    found = primitive(a, joined, **params)
    out = aval_of(found).shape[-2]
    split = reshape(found, shape=(*lead, out, size, columns))
    count = len(lead)
    return permute(split, axes=(count + 1, *range(count + 1), count + 2))


def _systems(d: Draw) -> list[Sample]:
    return [
        Sample((drawn_regular(d, 3), d.array(3, 2)), {}),
        Sample((drawn_regular(d, 2, 2), d.array(2, 2, 1)), {}),
        Sample((drawn_regular(d, 2), d.array(2, 0)), {}),
        Sample((drawn_regular(d, 0), d.array(0, 2)), {}),
    ]


solve = Primitive(
    name="solve",
    type=_solve_type,
    evaluate=np.linalg.solve,
    jvp=(lambda t, a, b, *, out: negative(solve(a, matmul(t, out))), LINEAR),
    transpose=(NOT_LINEAR, lambda ct, a, b: solve(swap(a), ct)),
    batch=solve_batch,
    source="np.linalg.solve({0}, {1})",
    domain=Samples(_systems, FIELDS),
)
"""`A^-1 b` of matrices (..., n, n) and right sides (..., n, k)."""


# --- inverses ------------------------------------------------------------------------------------


def _inverse_or_nan(a: Any) -> Any:
    """The inverses; NaN for singular matrices, where NumPy raises for the whole stack."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            return np.full_like(a, np.nan)
        parts = [_inverse_or_nan(x) for x in a.reshape(-1, *a.shape[-2:])]
        return np.stack(parts).reshape(a.shape)


def _inverse(name: str, evaluate: Any, source: str) -> Primitive:
    return Primitive(
        name=name,
        type=square_type(name),
        evaluate=evaluate,
        jvp=(lambda t, a, *, out: negative(product(out, t, out)),),
        transpose=(NOT_LINEAR,),
        batch=one_by_one,
        source=source,
        domain=Samples(lambda d: [Sample((drawn_regular(d, *n),), {}) for n in ((3,), (2, 2), (0,))], FIELDS),
    )


inv = _inverse("inv", np.linalg.inv, "np.linalg.inv({0})")

inverse = _inverse("inverse", _inverse_or_nan, "inverse({0})")
"""`inv` for the rules of functions that have a value at a singular matrix: NaN there."""


def _pinv_jvp(t: Any, a: Any, rcond: Any, *, out: Any, hermitian: bool) -> Any:
    p = out
    moved = hermitian_part(t) if hermitian else t
    turned = adjoint(moved)
    within = negative(product(p, moved, p))
    left = product(p, adjoint(p), subtract(turned, product(turned, a, p)))
    right = product(subtract(turned, product(p, a, turned)), adjoint(p), p)
    return add(add(within, left), right)


def _pinv_type(a: Aval, rcond: Aval, *, hermitian: bool) -> Aval:
    rows, columns = require_matrices("pinv", a)
    if hermitian:
        require_square("pinv", a)
    return Aval((*a.shape[:-2], columns, rows), a.dtype)


def _pinv_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    (a,) = repeated(size, batched[:1], args[:1])
    rcond = args[1]
    if batched[1] and aval_of(rcond).ndim == 1:
        lead = aval_of(a).shape[:-2]
        rcond = broadcast(reshape(rcond, shape=(size, *(1,) * (len(lead) - 1))), shape=lead)
    return primitive(a, rcond, **params)


def _any_shape(d: Draw) -> list[Any]:
    """Tall, wide and square matrices of full rank, and a stack of them."""
    shapes = ((4, 2), (2, 3), (3, 3), (2, 3, 2))
    return [d.array(*s, low=-0.3, high=0.3) + 2 * np.eye(*s[-2:], dtype=d.dtype) for s in shapes]


pinv = Primitive(
    name="pinv",
    type=_pinv_type,
    evaluate=lambda a, rcond, *, hermitian: np.linalg.pinv(a, rcond, hermitian),
    jvp=(_pinv_jvp, TOLERANCE),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=_pinv_batch,
    source="np.linalg.pinv({0}, {1}, {hermitian})",
    domain=Samples(
        lambda d: [
            *(Sample((a, 1e-4), {"hermitian": False}) for a in _any_shape(d)),
            Sample((d.array(0, 3), 1e-4), {"hermitian": False}),
            Sample((drawn_regular(d, 2, 2), np.full(2, 1e-4)), {"hermitian": False}),
            Sample((drawn_hermitian(d, 3), 1e-4), {"hermitian": True}, symmetric=(0,)),
        ],
        FIELDS,
    ),
)
"""`A^+`, with singular values of at most `rcond` times the largest taken as zeros."""


# --- least squares -------------------------------------------------------------------------------


def _least_squares(a: Any, b: Any, *, rcond: float) -> Any:
    if a.ndim == 2:
        return np.linalg.lstsq(a, b, rcond)[0]
    lead = a.shape[:-2]
    out = np.empty((*lead, a.shape[-1], b.shape[-1]), a.dtype)
    for place in np.ndindex(lead):
        out[place] = np.linalg.lstsq(a[place], b[place], rcond)[0]
    return out


def _lstsq_jvp(t: Any, a: Any, b: Any, *, out: Any, rcond: float) -> Any:
    p = pinv(a, rcond, hermitian=False)
    turned, back = adjoint(t), adjoint(p)
    residual = subtract(b, matmul(a, out))
    inside = subtract(product(back, turned, residual), matmul(t, out))
    beyond = product(turned, back, out)
    return add(matmul(p, subtract(inside, matmul(a, beyond))), beyond)


def _lstsq_source(names: list[str], avals: list[Aval], *, rcond: float) -> str:
    if avals[0].ndim > 2:
        return f"lstsq({names[0]}, {names[1]}, rcond={rcond})"
    return f"np.linalg.lstsq({names[0]}, {names[1]}, {rcond})[0]"


lstsq = Primitive(
    name="lstsq",
    type=lambda a, b, *, rcond: right_sides("lstsq", a, b),
    evaluate=_least_squares,
    jvp=(_lstsq_jvp, LINEAR),
    transpose=(NOT_LINEAR, lambda ct, a, b, *, rcond: lstsq(swap(a), ct, rcond=rcond)),
    batch=solve_batch,
    source=_lstsq_source,
    domain=Samples(
        lambda d: [Sample((a, d.array(*a.shape[:-1], 2)), {"rcond": 1e-4}) for a in _any_shape(d)], FIELDS
    ),
)
"""`A^+ b`: the least-squares solution of the least norm, of matrices (..., m, n) and (..., m, k)."""

ALL = (solve, inv, inverse, pinv, lstsq)
