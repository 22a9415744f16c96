"""`ufunc.at`: an in-place operation at indices that may occur more than once, as `np.add.at(x, i, v)`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.primitive import Tracer
from ..primitives.indexing import scatter_add
from ..primitives.promotion import to_dtype
from ..primitives.structure import reshape
from .dispatch import array_operand, concrete, unwritable
from .indexing import fitted


def at(ufunc: Any, function: Callable[..., Any], x: Any, indices: Any, *values: Any) -> None:
    """`x[indices] = ufunc(x[indices], values)`, once for each time that an index occurs."""
    if not isinstance(x, Tracer):
        raise unwritable(f"by np.{ufunc.__name__}.at", x, *values)
    target: Any = x
    parts = indices if isinstance(indices, tuple) else (indices,)
    known = tuple(concrete(p, "an index of ufunc.at") if isinstance(p, Tracer) else p for p in parts)
    shape = aval_of(x).shape
    places = np.arange(aval_of(x).size).reshape(shape)[known]
    operands = [fitted(array_operand(value), places.shape) for value in values]
    if ufunc in (np.add, np.subtract) and np.unique(places).size < places.size:
        value = reshape(to_dtype(operands[0], aval_of(x).dtype), shape=(places.size,))
        total = scatter_add(value, places.reshape(-1), shape=(aval_of(x).size,))
        target.become(function(x, reshape(total, shape=shape)))
        return
    if np.unique(places).size == places.size:
        target[known] = function(target[known], *operands)
        return
    for place in np.ndindex(places.shape):
        element = np.unravel_index(places[place], shape)
        target[element] = function(target[element], *(operand[place] for operand in operands))
