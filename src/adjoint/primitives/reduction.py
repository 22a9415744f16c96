"""Reductions and cumulative operations: largest, product, norm, any, all; sums and products so far.

A sum is a structure (see `structure.reduce_sum`); here stands the rest. Ties share evenly. Products
divide by nothing: their derivatives are products of the other factors, and the derivative of a
cumulative product is a `linear_recurrence`, which is closed under differentiation, so that zeros among
the factors are exact at every order. The `norm` of zeros has the derivative zero.
"""

import math
from typing import Any

import numpy as np

from ..core.avals import Aval, Shape, aval_of
from ..core.domain import ANY, INEXACT, INTEGER, NUMBER, REAL, Draw, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive, Zero
from ..errors import ShapeError
from .arithmetic import divide, multiply
from .batching import with_params
from .comparison import equal, not_equal
from .evaluation import finite
from .evaluation import scale as scale_arrays
from .indexing import concatenate, repeated, slice_
from .pointwise import ANSWER
from .structure import (
    broadcast,
    convert,
    permute,
    reduce_axes,
    reduce_sum,
    reduced_type,
    reshape,
    scale,
    select,
)
from .typerules import BOOL

_COLUMNS_AS_LISTS = 32
"""Up to so many columns a recurrence runs faster over Python's numbers than over rows of an array."""

_LONG = 4096
"""From so many rows on a recurrence of few columns runs faster in blocks, side by side."""


def _reductions(draw: Draw) -> list[Sample]:
    return [
        Sample((draw.array(2, 3),), {"axes": (0, 1)}),
        Sample((draw.array(2, 3, 2),), {"axes": (1,)}),
        Sample((draw.array(2),), {"axes": ()}),
        Sample((draw.array(0, 3),), {"axes": (1,)}),
    ]


# --- largest and smallest ----------------------------------------------------------------------


def _shares(x: Any, *, axes: tuple[int, ...], largest: bool) -> Any:
    extreme = (np.maximum if largest else np.minimum).reduce(x, axis=axes, keepdims=True)
    won = x == extreme
    with np.errstate(all="ignore"):  # where nobody won: 0 * (1 / 0)
        winners = np.add.reduce(won.view(np.int8), axis=axes, keepdims=True, dtype=np.int64)
        share = np.true_divide(1.0, winners).astype(x.dtype)
        return (won * share).astype(x.dtype, copy=False)


shares = Primitive(
    name="shares",  # 1, divided evenly among the winners over the axes; NaN where a NaN let nobody win
    type=lambda x, *, axes, largest: x,
    evaluate=_shares,
    jvp=(Zero("constant while the order stands"),),
    transpose=(NOT_LINEAR,),
    batch=reduce_axes,
    source="shares({0}, axes={axes}, largest={largest})",
    domain=Samples(
        lambda d: [
            Sample(s.args, {**s.params, "largest": largest})
            for s in _reductions(d)
            for largest in (True, False)
        ],
        REAL,
    ),
)


def _extreme_jvp(largest: bool) -> Any:
    def rule(t: Any, x: Any, *, out: Any, axes: tuple[int, ...]) -> Any:
        del out
        return reduce_sum(scale(shares(x, axes=axes, largest=largest), t), axes=axes)

    return rule


def _extreme_type(x: Aval, *, axes: tuple[int, ...]) -> Aval:
    out = reduced_type(x, axes=axes)
    if out.size and not x.size:
        raise ShapeError(
            "the largest or smallest of at least one element was asked for",
            f"an array of shape {x.shape}",
            "Give initial=, the answer for none.",
        )
    return out


def _extreme(name: str, function: np.ufunc, source: str) -> Primitive:
    return Primitive(
        name=name,
        type=_extreme_type,
        evaluate=lambda x, *, axes: function.reduce(x, axis=axes),
        jvp=(_extreme_jvp(function is np.maximum),),
        transpose=(NOT_LINEAR,),
        batch=reduce_axes,
        source=source,
        domain=Samples(_reductions, (*REAL, *INTEGER)),
    )


reduce_max = _extreme("reduce_max", np.maximum, "np.max({0}, axis={axes})")
reduce_min = _extreme("reduce_min", np.minimum, "np.min({0}, axis={axes})")


# --- yes or no ---------------------------------------------------------------------------------


def _answer(name: str, function: np.ufunc, source: str) -> Primitive:
    return Primitive(
        name=name,
        type=lambda x, *, axes: Aval(reduced_type(x, axes=axes).shape, BOOL),
        evaluate=lambda x, *, axes: function.reduce(x, axis=axes, dtype=BOOL),
        jvp=(ANSWER,),
        transpose=(NOT_LINEAR,),
        batch=reduce_axes,
        source=source,
        domain=Samples(_reductions, ANY),
    )


reduce_any = _answer("reduce_any", np.logical_or, "np.any({0}, axis={axes})")
reduce_all = _answer("reduce_all", np.logical_and, "np.all({0}, axis={axes})")


# --- along one axis ----------------------------------------------------------------------------


def _directed(function: str) -> Any:
    """The source of a cumulative function that can run from the end."""

    def source(names: list[str], avals: Any, *, axis: int, reverse: bool) -> str:
        keeps = f", dtype={names[0]}.dtype" if avals[0].dtype.kind in "iu" else ""
        if not reverse:
            return f"np.{function}({names[0]}, axis={axis}{keeps})"
        return f"np.flip(np.{function}(np.flip({names[0]}, {axis}), axis={axis}{keeps}), {axis})"

    return source


def _ran(function: Any) -> Any:
    def evaluate(x: Any, *, axis: int, reverse: bool) -> Any:
        if not reverse:
            return function(x, axis=axis, dtype=x.dtype)
        return np.flip(function(np.flip(x, axis), axis=axis, dtype=x.dtype), axis)

    return evaluate


def _axis_type(x: Aval, *, axis: int, reverse: bool) -> Aval:
    del reverse
    if not 0 <= axis < x.ndim:
        raise ShapeError(f"an axis of an array with {x.ndim} axes was asked for", str(axis), "Count from 0.")
    return Aval(x.shape, x.dtype)


_next_axis = with_params(lambda size, params: {**params, "axis": params["axis"] + 1})


def _runs(draw: Draw) -> list[Sample]:
    return [
        Sample((draw.array(4),), {"axis": 0, "reverse": False}),
        Sample((draw.array(2, 3),), {"axis": 1, "reverse": True}),
        Sample((draw.array(3, 2),), {"axis": 0, "reverse": False}),
        Sample((draw.array(0, 2),), {"axis": 0, "reverse": True}),
    ]


def previous(x: Any, first: float, *, axis: int, reverse: bool) -> Any:
    """Each element's predecessor along the axis, `first` before the first."""
    aval = aval_of(x)
    length = aval.shape[axis]
    if length == 0:
        return x
    one = (*aval.shape[:axis], 1, *aval.shape[axis + 1 :])
    edge = broadcast(aval.dtype.type(first), shape=one)
    kept = slice(1, length, 1) if reverse else slice(0, length - 1, 1)
    index = tuple(kept if i == axis else slice(0, n, 1) for i, n in enumerate(aval.shape))
    rest = slice_(x, index=index)
    return concatenate(rest, edge, axis=axis) if reverse else concatenate(edge, rest, axis=axis)


cumsum = Primitive(
    name="cumsum",
    type=_axis_type,
    evaluate=_ran(np.cumsum),
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, axis, reverse: cumsum(ct, axis=axis, reverse=not reverse),),
    batch=_next_axis,
    source=_directed("cumsum"),
    domain=Samples(_runs, NUMBER),
)


def _column(a: Any, b: Any) -> list[Any]:
    y: Any = 0.0
    out: list[Any] = []
    for factor, term in zip(a, b, strict=True):
        y = factor * y + term if factor and y else term
        out.append(y)
    return out


def _by_columns(a: Any, b: Any) -> Any:
    wide = np.promote_types(b.dtype, np.float64) if b.dtype.kind in "fc" else np.dtype(np.float64)
    columns = zip(a.astype(wide).T.tolist(), b.astype(wide).T.tolist(), strict=True)
    return np.array([_column(x, y) for x, y in columns], wide).reshape(b.shape[::-1]).T.astype(b.dtype)


def _by_rows(a: Any, b: Any, product: Any) -> Any:
    out = b.copy()
    for i in range(1, len(out)):
        out[i] += product(a[i], out[i - 1])
    return out


def _by_blocks(a: Any, b: Any) -> Any:
    """All blocks of rows at once, each from zero; then what each hands on to the next.

    None where a product of factors leaves the range of its dtype, so that what is handed on would be lost.
    """
    rows, columns = b.shape
    count = math.isqrt(rows)
    length = -(-rows // count)
    wide = np.promote_types(b.dtype, np.float64)
    padding = ((0, count * length - rows), (0, 0))
    # A step takes one row of every block, so these rows are laid next to each other.
    steps, out = (
        np.ascontiguousarray(np.pad(v.astype(wide), padding).reshape(count, length, columns).swapaxes(0, 1))
        for v in (a, b)
    )
    with np.errstate(all="ignore"):  # in that case
        factors = steps.copy()
        for i in range(1, length):
            out[i] += steps[i] * out[i - 1]
            factors[i] *= factors[i - 1]
        handed = out[-1].copy()
        for block in range(1, count):
            handed[block] += factors[-1, block] * handed[block - 1]
        out[:, 1:] += factors[:, 1:] * handed[:-1]
    if not (finite(out) and finite(factors)) or _underflows(steps, factors):
        return None
    return np.ascontiguousarray(out.swapaxes(0, 1).reshape(-1, columns)[:rows], dtype=b.dtype)


def _underflows(steps: Any, products: Any) -> bool:
    """Whether a product of factors is (nearly) zero with no zero among them."""
    size, tiny = np.abs(products), np.finfo(products.dtype).tiny
    if size.min(initial=1.0) >= tiny:
        return False
    return bool(((size < tiny) & ~np.logical_or.accumulate(steps == 0, axis=0)).any())


def _recurrence(a: Any, b: Any, *, axis: int, reverse: bool) -> Any:
    order = (axis, *(i for i in range(b.ndim) if i != axis))
    turned = b.transpose(order)
    flat = (b.shape[axis], math.prod(turned.shape[1:]))
    rows_a, rows_b = a.transpose(order).reshape(flat), turned.reshape(flat)
    if reverse:
        rows_a, rows_b = rows_a[::-1], rows_b[::-1]
    out = None
    if flat[0] >= _LONG and flat[1] <= _COLUMNS_AS_LISTS and b.dtype.char in "fdFD":
        out = _by_blocks(rows_a, rows_b)
    if out is None and flat[1] <= _COLUMNS_AS_LISTS:
        out = _by_columns(rows_a, rows_b)
    elif out is None:
        out = _by_rows(rows_a, rows_b, np.multiply)
        if not finite(out):
            out = _by_rows(rows_a, rows_b, scale_arrays)
    if reverse:
        out = out[::-1]
    return np.ascontiguousarray(np.moveaxis(out.reshape(turned.shape), 0, axis))


def _recurrence_type(a: Aval, b: Aval, *, axis: int, reverse: bool) -> Aval:
    if a.shape != b.shape:
        raise ShapeError(
            "factors and terms of one shape were asked for", f"{a} and {b}", "Broadcast them first."
        )
    return _axis_type(b, axis=axis, reverse=reverse)


def _recurrence_to_factors(t: Any, a: Any, b: Any, *, out: Any, axis: int, reverse: bool) -> Any:
    before = previous(out, 0.0, axis=axis, reverse=reverse)
    return linear_recurrence(a, scale(before, t), axis=axis, reverse=reverse)


def _recurrence_transpose(ct: Any, a: Any, b: Aval, *, axis: int, reverse: bool) -> Any:
    return linear_recurrence(
        previous(a, 0.0, axis=axis, reverse=not reverse), ct, axis=axis, reverse=not reverse
    )


def _recurrence_batch(
    primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]
) -> Any:
    return primitive(*repeated(size, batched, args), **{**params, "axis": params["axis"] + 1})


linear_recurrence = Primitive(
    name="linear_recurrence",  # y[i] = a[i] * y[i - 1] + b[i], y before the first is zero
    type=_recurrence_type,
    evaluate=_recurrence,
    jvp=(_recurrence_to_factors, LINEAR),
    transpose=(NOT_LINEAR, _recurrence_transpose),
    batch=_recurrence_batch,
    source="linear_recurrence({0}, {1}, axis={axis}, reverse={reverse})",
    domain=Samples(
        lambda d: [
            Sample((*s.args, d.array(*s.args[0].shape)), s.params)
            for s in [*_runs(d), Sample((d.array(3, 40),), {"axis": 0, "reverse": True})]
        ],
        INEXACT,
    ),
)


def _cumprod_jvp(t: Any, x: Any, *, out: Any, axis: int, reverse: bool) -> Any:
    before = previous(out, 1.0, axis=axis, reverse=reverse)
    return linear_recurrence(x, scale(before, t), axis=axis, reverse=reverse)


def _with_zeros(samples: list[Sample]) -> list[Sample]:
    """The samples once more, with a zero among the elements."""
    found = list(samples)
    for sample in samples:
        x = sample.args[0].copy()
        x.reshape(-1)[1:2] = 0
        found.append(Sample((x,), sample.params))
    return found


cumprod = Primitive(
    name="cumprod",
    type=_axis_type,
    evaluate=_ran(np.cumprod),
    jvp=(_cumprod_jvp,),
    transpose=(NOT_LINEAR,),
    batch=_next_axis,
    source=_directed("cumprod"),
    domain=Samples(lambda d: _with_zeros(_runs(d)), (*INEXACT, *INTEGER)),
)


def _running_jvp(t: Any, x: Any, *, out: Any, axis: int, reverse: bool) -> Any:
    """Winners share evenly: sums over each run of equal outputs, divided by the winners so far in it."""
    dtype = aval_of(x).dtype
    last = previous(out, float("nan"), axis=axis, reverse=reverse)
    same = convert(equal(out, last), dtype=dtype, weak=False)
    won = convert(equal(x, out), dtype=dtype, weak=False)
    won = select(not_equal(out, out), float("nan"), won)
    count = linear_recurrence(same, won, axis=axis, reverse=reverse)
    total = linear_recurrence(same, scale(won, t), axis=axis, reverse=reverse)
    return scale(divide(1.0, count), total)


def _running(name: str, function: np.ufunc, ufunc: str) -> Primitive:
    return Primitive(
        name=name,
        type=_axis_type,
        evaluate=_ran(function.accumulate),
        jvp=(_running_jvp,),
        transpose=(NOT_LINEAR,),
        batch=_next_axis,
        source=_directed(f"{ufunc}.accumulate"),
        domain=Samples(_runs, (*REAL, *INTEGER)),
    )


cummax = _running("cummax", np.maximum, "maximum")
cummin = _running("cummin", np.minimum, "minimum")


# --- product -----------------------------------------------------------------------------------


def in_last(x: Any, axes: tuple[int, ...]) -> Any:
    """The array with these axes joined into one, the last."""
    shape = aval_of(x).shape
    rest = tuple(i for i in range(len(shape)) if i not in axes)
    order = (*rest, *axes)
    turned = x if order == tuple(range(len(shape))) else permute(x, axes=order)
    joined = (*(shape[i] for i in rest), math.prod(shape[i] for i in axes))
    return turned if aval_of(turned).shape == joined else reshape(turned, shape=joined)


def from_last(x: Any, axes: tuple[int, ...], shape: Shape) -> Any:
    """What `in_last` made of an array of this shape, put back."""
    rest = tuple(i for i in range(len(shape)) if i not in axes)
    order = (*rest, *axes)
    split = reshape(x, shape=tuple(shape[i] for i in order))
    return permute(split, axes=tuple(order.index(i) for i in range(len(shape))))


def _prod_jvp(t: Any, x: Any, *, out: Any, axes: tuple[int, ...]) -> Any:
    row = in_last(x, axes)
    last = aval_of(row).ndim - 1
    before = previous(cumprod(row, axis=last, reverse=False), 1.0, axis=last, reverse=False)
    after = previous(cumprod(row, axis=last, reverse=True), 1.0, axis=last, reverse=True)
    others = from_last(multiply(before, after), axes, aval_of(x).shape)
    return reduce_sum(scale(others, t), axes=axes)


def _prod_source(names: list[str], avals: Any, *, axes: tuple[int, ...]) -> str:
    keeps = f", dtype={names[0]}.dtype" if avals[0].dtype.kind in "iu" else ""
    return f"np.prod({names[0]}, axis={axes}{keeps})"


reduce_prod = Primitive(
    name="reduce_prod",
    type=reduced_type,
    evaluate=lambda x, *, axes: np.multiply.reduce(x, axis=axes, dtype=x.dtype),
    jvp=(_prod_jvp,),
    transpose=(NOT_LINEAR,),
    batch=reduce_axes,
    source=_prod_source,
    domain=Samples(lambda d: _with_zeros(_reductions(d)), (*INEXACT, *INTEGER)),
)


# --- norm --------------------------------------------------------------------------------------


def _norm(x: Any, *, axes: tuple[int, ...], count: float) -> Any:
    total = np.add.reduce(x * x, axis=axes, dtype=x.dtype)
    if count != 1:
        total = np.true_divide(total, x.dtype.type(count))
    return np.sqrt(total)


def _norm_jvp(t: Any, x: Any, *, out: Any, axes: tuple[int, ...], count: float) -> Any:
    """X . t / (count * norm), with 1 / 0 = 0."""
    bottom = out if count == 1 else multiply(count, out)
    inverse = select(equal(bottom, 0.0), 0.0, divide(1.0, bottom))
    return scale(inverse, reduce_sum(scale(x, t), axes=axes))


norm = Primitive(
    name="norm",  # sqrt(sum(x**2) / count), of real arrays
    type=lambda x, *, axes, count: reduced_type(x, axes=axes),
    evaluate=_norm,
    jvp=(_norm_jvp,),
    transpose=(NOT_LINEAR,),
    batch=reduce_axes,
    source="norm({0}, axes={axes}, count={count})",
    domain=Samples(
        lambda d: [
            Sample(s.args, {**s.params, "count": count})
            for s in _reductions(d)
            for count in (1.0, 3.0)
            if s.params["axes"]
        ],
        REAL,
    ),
)

ALL = (
    shares,
    reduce_max,
    reduce_min,
    reduce_any,
    reduce_all,
    cumsum,
    linear_recurrence,
    cumprod,
    cummax,
    cummin,
    reduce_prod,
    norm,
)
