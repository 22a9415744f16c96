"""Ufuncs that read whole axes: matrix products; the methods `reduce`, `accumulate`, `reduceat` and `outer`.

`UFUNC_METHODS` maps (ufunc, method) to functions, `PRODUCTS` the generalized ufuncs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import aval_of
from ..errors import ArgumentError
from ..primitives import structure as s
from ..primitives.indexing import gather, scatter_add
from ..primitives.promotion import to_dtype
from .at import at
from .dispatch import concrete, normal_axis, strong
from .functions import contractions, joining, manipulation, reductions
from .indexing import read_basic
from .ufuncs import UFUNCS

Ufunc = Callable[..., Any]

PRODUCTS: dict[Any, Ufunc] = {
    np.matmul: contractions.matmul,
    np.vecdot: contractions.vecdot,
    np.matvec: contractions.matvec,
    np.vecmat: contractions.vecmat,
}


def outer(function: Ufunc, x: Any, y: Any) -> Any:
    """As `ufunc.outer`: the function of every element of x with every element of y."""
    x, y = strong(x), strong(y)
    left, right = aval_of(x).shape, aval_of(y).shape
    return function(s.reshape(x, shape=(*left, *(1,) * len(right))), y)


def _along_first(function: Ufunc, x: Any, axis: int = 0, **options: Any) -> Any:
    return function(x, axis=axis, **options)


def _parts(x: Any, axis: int) -> list[Any]:
    """The parts of an array along an axis."""
    aval = aval_of(x)
    place = normal_axis(axis, aval.ndim)
    return [read_basic(x, (*(slice(None),) * place, i)) for i in range(aval.shape[place])]


def fold(function: Ufunc, x: Any, axis: int = 0, keepdims: bool = False) -> Any:
    """As `ufunc.reduce` of a function of two numbers: one part after the other, from the first on."""
    total, *rest = _nonempty(_parts(x, axis))
    for part in rest:
        total = function(total, part)
    if not keepdims:
        return total
    return s.reshape(total, shape=s.kept(aval_of(x).shape, (normal_axis(axis, aval_of(x).ndim),)))


def accumulate(function: Ufunc, x: Any, axis: int = 0) -> Any:
    """As `ufunc.accumulate` of a function of two numbers: all that `fold` passes through."""
    first, *rest = _nonempty(_parts(x, axis))
    found = [first]
    for part in rest:
        found.append(function(found[-1], part))
    return joining.stack(found, axis=axis)


def reduceat(function: Ufunc, ufunc: Any, x: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    """As `ufunc.reduceat`: from each index to the next one, or the element alone where that is not behind."""
    x = strong(x) if dtype is None else to_dtype(strong(x), np.dtype(dtype))
    aval = aval_of(x)
    place = normal_axis(axis, aval.ndim)
    starts = np.asarray(concrete(indices, "where a part begins"))
    n = aval.shape[place]
    np.add.reduceat(np.zeros(n), starts)  # refuses what NumPy refuses
    stops = [*starts[1:], n]
    parts = [slice(a, b) if a < b else slice(a, a + 1) for a, b in zip(starts, stops, strict=True)]
    if ufunc is np.add and dtypes.is_inexact(aval.dtype):
        return _sums(x, parts, place)
    lead = (slice(None),) * place
    return joining.stack([function(read_basic(x, (*lead, part)), axis=place) for part in parts], axis=place)


def _sums(x: Any, parts: list[slice], axis: int) -> Any:
    """The sums of stretches along an axis, in one step."""
    rows = manipulation.moveaxis(x, axis, 0)
    counts = [part.stop - part.start for part in parts]
    taken = np.concatenate([np.arange(part.start, part.stop) for part in parts]).astype(np.intp)
    shape = (len(parts), *aval_of(rows).shape[1:])
    found = scatter_add(gather(rows, taken), np.repeat(np.arange(len(parts)), counts), shape=shape)
    return manipulation.moveaxis(found, 0, axis)


def _nonempty(parts: list[Any]) -> list[Any]:
    if not parts:
        raise ArgumentError(
            "a reduction of nothing was asked for",
            "an axis of length 0",
            "Only sums, products and the like have an answer for none.",
        )
    return parts


def _methods() -> dict[tuple[Any, str], Ufunc]:
    found: dict[tuple[Any, str], Ufunc] = {}
    for ufunc, function in UFUNCS.items():
        found[ufunc, "at"] = partial(at, ufunc, function)
        if ufunc.nin == 2 and ufunc.nout == 1:
            found[ufunc, "outer"] = partial(outer, function)
        if {"dd->d", "ll->l"} & set(ufunc.types):
            found[ufunc, "reduce"] = partial(fold, function)
            found[ufunc, "reduceat"] = partial(reduceat, partial(fold, function), ufunc)
            found[ufunc, "accumulate"] = partial(accumulate, function)
    for ufunc, function in reductions.FOLDS.items():
        found[ufunc, "reduce"] = partial(_along_first, function)
        found[ufunc, "reduceat"] = partial(reduceat, function, ufunc)
    for ufunc, function in reductions.ACCUMULATIONS.items():
        found[ufunc, "accumulate"] = partial(_along_first, function)
    return found


UFUNC_METHODS: dict[tuple[Any, str], Ufunc] = _methods()
"""For a ufunc and the name of a method, our function."""
