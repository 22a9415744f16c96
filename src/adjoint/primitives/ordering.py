"""Ordering: the stable order, the place of the largest, the place of a value among sorted ones.

These answers are integers, so that no derivative passes through them; values are then taken by
`rearrange` or `take_along`, whose derivative is the permutation.
"""

import math
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.domain import ANY, INTEGER, REAL, Draw, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive, Zero
from ..errors import ShapeError
from .arithmetic import multiply
from .batching import with_params
from .indexing import concatenate, gather, repeated, slice_
from .structure import add, broadcast, reshape

PLACES = Zero("positions are integers")
_INTEGER = np.dtype(np.intp)

_next_axis = with_params(lambda size, params: {"axis": params["axis"] + 1})


def _samples(draw: Draw) -> list[Sample]:
    return [
        Sample((draw.array(4),), {"axis": 0}),
        Sample((draw.array(2, 3),), {"axis": 1}),
        Sample((draw.array(3, 2),), {"axis": 0}),
    ]


_SHORT = 4096


def _argsort(x: Any, *, axis: int) -> Any:
    """The stable order, by NumPy's fastest sort where no two elements are equal."""
    if x.size > _SHORT and x.dtype.char in "fd":
        order = np.argsort(x, axis=axis)
        ranked = np.moveaxis(_taken(x, order, axis=axis), axis, -1)
        if (ranked[..., 1:] > ranked[..., :-1]).all():
            return order
    return np.argsort(x, axis=axis, kind="stable")


argsort = Primitive(
    name="argsort",
    type=lambda x, *, axis: Aval(x.shape, _INTEGER),
    evaluate=_argsort,
    jvp=(PLACES,),
    transpose=(NOT_LINEAR,),
    batch=_next_axis,
    source="argsort({0}, axis={axis})",
    domain=Samples(_samples, ANY),
)


def _place_type(x: Aval, *, axis: int) -> Aval:
    if x.shape[axis] == 0:
        raise ShapeError(
            "the place of the largest or smallest of at least one element was asked for",
            f"an array of shape {x.shape}",
            "Test for an empty array first.",
        )
    return Aval((*x.shape[:axis], *x.shape[axis + 1 :]), _INTEGER)


def _place(name: str, function: Any) -> Primitive:
    return Primitive(
        name=name,
        type=_place_type,
        evaluate=lambda x, *, axis: function(x, axis=axis),
        jvp=(PLACES,),
        transpose=(NOT_LINEAR,),
        batch=_next_axis,
        source=f"np.{name}({{0}}, axis={{axis}})",
        domain=Samples(_samples, ANY),
    )


argmax = _place("argmax", np.argmax)
argmin = _place("argmin", np.argmin)


def _searchsorted_batch(
    primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]
) -> Any:
    if not batched[0]:
        return primitive(*args, **params)
    rows: list[Any] = []
    for i in range(size):
        found = primitive(*(_row(a, i) if b else a for a, b in zip(args, batched, strict=True)), **params)
        rows.append(reshape(found, shape=(1, *aval_of(found).shape)))
    return concatenate(*rows, axis=0)


def _row(x: Any, i: int) -> Any:
    return slice_(x, index=(i, *(slice(0, n, 1) for n in aval_of(x).shape[1:])))


def _ordered(draw: Draw) -> Any:
    return np.sort(draw.array(5))


searchsorted = Primitive(
    name="searchsorted",
    type=lambda a, v, *, side: Aval(v.shape, _INTEGER),
    evaluate=lambda a, v, *, side: np.searchsorted(a, v, side=side),
    jvp=(PLACES, PLACES),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=_searchsorted_batch,
    source="np.searchsorted({0}, {1}, side={side!r})",
    domain=Samples(
        lambda d: [
            Sample((_ordered(d), d.array(3)), {"side": "left"}),
            Sample((_ordered(d), d.array(2, 2)), {"side": "right"}),
        ],
        (*REAL, *INTEGER),
    ),
)


# --- in another order ----------------------------------------------------------------------------


def _taken(x: Any, order: Any, *, axis: int) -> Any:
    return x.take(order) if x.ndim == 1 else np.take_along_axis(x, order, axis)


def _put(x: Any, order: Any, *, axis: int) -> Any:
    out = np.empty_like(x)
    if x.ndim == 1:
        out[order] = x
    else:
        np.put_along_axis(out, order, x, axis)
    return out


def _moved(name: str, evaluate: Any, back: Any) -> Primitive:
    return Primitive(
        name=name,
        type=lambda x, order, *, axis: Aval(x.shape, x.dtype),
        evaluate=evaluate,
        jvp=(LINEAR, PLACES),
        transpose=(lambda ct, x, order, *, axis: back()(ct, order, axis=axis), NOT_LINEAR),
        batch=lambda primitive, size, batched, args, params: primitive(
            *repeated(size, batched, args), axis=params["axis"] + 1
        ),
        source=f"{name}({{0}}, {{1}}, axis={{axis}})",
        domain=Samples(
            lambda d: [
                Sample((s.args[0], np.argsort(d.array(*s.args[0].shape), s.params["axis"])), s.params)
                for s in _samples(d)
            ],
            ANY,
        ),
    )


rearrange = _moved("rearrange", _taken, lambda: restore)
"""The elements along the axis in the order given, in which each stands once."""

restore = _moved("restore", _put, lambda: rearrange)
"""Each element back in the place from which `rearrange` took it."""


def take_along(x: Any, indices: Any, *, axis: int) -> Any:
    """The elements at these positions along the axis, as `numpy.take_along_axis`.

    `indices` has the shape of `x`, but for the axis; its integers count from the front.
    """
    shape = aval_of(x).shape
    if len(shape) == 1:
        return gather(x, indices)
    picked = aval_of(indices).shape
    outer, stride = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    starts = np.arange(outer)[:, None] * (shape[axis] * stride) + np.arange(stride)
    starts = starts.reshape((*shape[:axis], 1, *shape[axis + 1 :]))
    flat = add(indices if stride == 1 else multiply(indices, stride), broadcast(starts, shape=picked))
    return gather(reshape(x, shape=(math.prod(shape),)), flat)


ALL = (argsort, argmax, argmin, searchsorted, rearrange, restore)
