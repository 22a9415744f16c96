"""Ufuncs that read whole axes: matrix products, and the methods `reduce`, `accumulate` and `outer`.

`UFUNC_METHODS` maps (ufunc, method) to functions, `PRODUCTS` the generalized ufuncs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..errors import ArgumentError
from ..primitives import structure as s
from .at import at
from .dispatch import normal_axis, strong
from .functions import contractions, joining, reductions
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
            found[ufunc, "accumulate"] = partial(accumulate, function)
    for ufunc, function in reductions.FOLDS.items():
        found[ufunc, "reduce"] = partial(_along_first, function)
    for ufunc, function in reductions.ACCUMULATIONS.items():
        found[ufunc, "accumulate"] = partial(_along_first, function)
    return found


UFUNC_METHODS: dict[tuple[Any, str], Ufunc] = _methods()
"""For a ufunc and the name of a method, our function."""
