"""Contractions: sums of products over shared axes.

`matmul` takes vectors, matrices, and stacks of matrices with equal leading axes; everything else that
NumPy contracts (`dot`, `tensordot`, `einsum`) is written with it. Its sums are IEEE's: a zero does not
absorb an infinity here, so the rules are matrix products too, never products through `scale`.

    z = x y        x_bar = z_bar y^T        y_bar = x^T z_bar
"""

import math
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import NUMBER, Draw, Sample, Samples
from ..core.primitive import LINEAR, Primitive
from ..dtypes import bfloat16
from ..errors import ShapeError
from .indexing import repeated
from .structure import permute, reshape
from .typerules import joint_dtype


def _matmul(x: Any, y: Any) -> Any:
    out = np.matmul(x, y)
    return out if out.dtype is x.dtype or out.dtype == x.dtype else out.astype(x.dtype)


def _source(names: list[str], avals: list[Aval]) -> str:
    if avals[0].dtype == bfloat16:  # which NumPy itself would widen to float32
        return f"matmul({names[0]}, {names[1]})"
    return f"{names[0]} @ {names[1]}"


def swap(x: Any) -> Any:
    """The matrices transposed."""
    n = aval_of(x).ndim
    return permute(x, axes=(*range(n - 2), n - 1, n - 2))


def outer(x: Any, y: Any) -> Any:
    """All products of two vectors' elements, by a matrix product."""
    return matmul(reshape(x, shape=(aval_of(x).size, 1)), reshape(y, shape=(1, aval_of(y).size)))


def _times(number: Any, vector: Any) -> Any:
    """A vector times a number, by a matrix product."""
    return reshape(outer(vector, number), shape=aval_of(vector).shape)


def _type(x: Aval, y: Aval) -> Aval:
    dtype, _ = joint_dtype("matmul", (x, y))
    few = 1 <= x.ndim <= 2 and 1 <= y.ndim <= 2
    stacked = x.ndim == y.ndim >= 2 and x.shape[:-2] == y.shape[:-2]
    if not (few or stacked) or x.shape[-1] != y.shape[0 if y.ndim == 1 else -2]:
        raise ShapeError(
            "matrices that can be multiplied were asked for",
            f"shapes {x.shape} and {y.shape}",
            "The last length of the first is the second's last but one (or only) length.",
        )
    columns = y.shape[-1:] if y.ndim > 1 else ()
    return Aval((*x.shape[:-1], *columns), dtype)


def _transpose_left(ct: Any, x: Aval, y: Any) -> Any:
    if aval_of(y).ndim == 1:
        return _times(ct, y) if x.ndim == 1 else outer(ct, y)
    return matmul(y, ct) if x.ndim == 1 else matmul(ct, swap(y))


def _transpose_right(ct: Any, x: Any, y: Aval) -> Any:
    if aval_of(x).ndim == 1:
        return _times(ct, x) if y.ndim == 1 else outer(x, ct)
    return matmul(ct, x) if y.ndim == 1 else matmul(swap(x), ct)


def _batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """One product where a batch stands on one side only, else a stack of products."""
    del params
    x, y = args
    xs, ys = aval_of(x).shape, aval_of(y).shape
    if not batched[1] and len(ys) <= 2:
        rows = reshape(x, shape=(math.prod(xs[:-1]), xs[-1]))
        return reshape(primitive(rows, y), shape=(*xs[:-1], *ys[1:]))
    if not batched[0] and len(ys) == 2:
        return primitive(y, x if len(xs) == 1 else swap(x))
    x, y = repeated(size, batched, args)
    xs, ys = aval_of(x).shape, aval_of(y).shape
    left = reshape(x, shape=(size, 1, xs[1])) if len(xs) == 2 else x
    right = reshape(y, shape=(size, ys[1], 1)) if len(ys) == 2 else y
    columns = ys[-1:] if len(ys) > 2 else ()
    return reshape(primitive(left, right), shape=(*xs[:-1], *columns))


def _pairs(d: Draw) -> list[Sample]:
    shapes = (
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 2, 3), (2, 3, 1)),
        ((2, 0), (0, 3)),
        ((0, 2), (2,)),
    )
    return [Sample((d.array(*left), d.array(*right)), {}) for left, right in shapes]


matmul = Primitive(
    name="matmul",
    type=_type,
    evaluate=_matmul,
    jvp=(LINEAR, LINEAR),
    transpose=(_transpose_left, _transpose_right),
    batch=_batch,
    source=_source,
    domain=Samples(_pairs, NUMBER),
)

ALL = (matmul,)
