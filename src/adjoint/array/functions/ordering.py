"""Ordering: sorting, partitioning, and where values stand among sorted ones. All orders are stable."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, DtypeError
from ...primitives import ordering as o
from ...primitives.arithmetic import subtract
from ...primitives.indexing import gather, slice_
from ...primitives.promotion import to_dtype
from ...primitives.structure import reshape
from ..dispatch import concrete, normal_axis
from .keywords import read


def _laid_out(a: Any, axis: Any) -> tuple[Any, int]:
    x = read(a)
    aval = aval_of(x)
    if axis is None:
        return reshape(x, shape=(aval.size,)), 0
    return x, normal_axis(axis, aval.ndim)


def _refuse_fields(order: Any) -> None:
    if order is not None:
        raise ArgumentError("an order of plain numbers", f"order={order!r}", "Fields are not differentiated.")


def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """As `numpy.argsort` with a stable order: integers, so that no derivative passes through them."""
    del kind, stable
    _refuse_fields(order)
    x, position = _laid_out(a, axis)
    return o.argsort(x, axis=position)


def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """As `numpy.sort`. The derivative is that of the stable order's permutation."""
    del kind, stable
    _refuse_fields(order)
    x, position = _laid_out(a, axis)
    return o.rearrange(x, o.argsort(x, axis=position), axis=position)


def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As `numpy.partition`: all elements sorted, which is one of the results that NumPy may give."""
    del kind
    _check_places(a, kth, axis)
    return sort(a, axis, order=order)


def argpartition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As `numpy.argpartition`: the stable order, which is one of the results that NumPy may give."""
    del kind
    _check_places(a, kth, axis)
    return argsort(a, axis, order=order)


def _check_places(a: Any, kth: Any, axis: Any) -> None:
    x, position = _laid_out(a, axis)
    length = aval_of(x).shape[position]
    for place in np.atleast_1d(concrete(kth, "a place to partition at")):
        if not -length <= place < length:
            raise ArgumentError(f"a place among {length} elements", f"kth={place}", "Places count from 0.")


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """As `numpy.searchsorted`: integers, so that no derivative passes through them."""
    if side not in ("left", "right"):
        raise ArgumentError("side 'left' or 'right'", repr(side), "The default is 'left'.")
    edges, values = read(a), read(v)
    if sorter is not None:
        edges = gather(edges, read(sorter))
    dtype = dtypes.result_type(*((aval_of(x).dtype, False) for x in (edges, values)))
    return o.searchsorted(to_dtype(edges, dtype), to_dtype(values, dtype), side=side)


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """As `numpy.digitize`: integers, so that no derivative passes through them."""
    values, edges = read(x), read(bins)
    if aval_of(values).dtype.kind == "c":
        raise DtypeError("real numbers to put into bins", str(aval_of(values)), "Take real or abs first.")
    plain = np.asarray(concrete(edges, "the direction of the bins"))
    side = "left" if right else "right"
    steps = np.diff(plain)
    if (steps >= 0).all():
        return searchsorted(edges, values, side)
    if not (steps <= 0).all():
        raise ArgumentError("bins that increase or decrease", f"{plain}", "Sort them first.")
    count = len(plain)
    backwards = slice_(edges, index=(slice(count - 1, None, -1),))
    return subtract(count, searchsorted(backwards, values, side))


def lexsort(keys: Any, axis: int = -1) -> Any:
    """As `numpy.lexsort`: integers, so that no derivative passes through them."""
    plain = keys if isinstance(keys, Tracer | np.ndarray) else [concrete(k, "lexsort") for k in keys]
    return np.lexsort(concrete(plain, "lexsort"), axis)


TABLE: dict[Any, Any] = {
    np.sort: sort,
    np.argsort: argsort,
    np.partition: partition,
    np.argpartition: argpartition,
    np.searchsorted: searchsorted,
    np.digitize: digitize,
    np.lexsort: lexsort,
}
