"""`np.vectorize` and its kin on traced arrays: the function is called on every element, and traced there."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..array import functions as f
from ..array.blank import plain_leaf
from ..array.dispatch import stacked
from ..core.avals import aval_of
from ..primitives.promotion import to_dtype
from ..primitives.structure import reshape
from .arrays import asarray, holds_traced
from .scalars import float_, is_traced


def vectorize_call(original: Callable[..., Any], convert: Callable[[Any], Any]) -> Callable[..., Any]:
    """As the loop in `numpy.vectorize`, where the function has no signature of axes."""

    def function(self: Any, func: Any, args: Any) -> Any:
        if not holds_traced(args):
            return original(self, convert(func), plain_leaf(args))
        if self.signature is not None:
            return convert(type(self)._vectorize_call_with_signature)(self, func, args)
        arrays = [asarray(arg) for arg in args]
        shape = np.broadcast_shapes(*(aval_of(a).shape for a in arrays))
        wide = [f.TABLE[np.broadcast_to](a, shape) for a in arrays]
        followed = convert(func)
        results = [followed(*(_element(a, index) for a in wide)) for index in np.ndindex(*shape)]
        if not results:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        otypes = self.otypes or ""
        if not isinstance(results[0], tuple):
            return _together(results, shape, *otypes[:1])
        columns = enumerate(zip(*results, strict=True))
        return tuple(_together(column, shape, *otypes[i : i + 1]) for i, column in columns)

    return function


def _element(array: Any, index: tuple[int, ...]) -> Any:
    """An element as NumPy hands it to a Python function: float64 as a float."""
    element = array[index]
    if not is_traced(element):
        return np.asarray(plain_leaf(element)).item()
    return float_(element) if aval_of(element).dtype == np.float64 else element


def _together(results: Any, shape: tuple[int, ...], otype: Any = None) -> Any:
    whole = reshape(stacked(list(results)), shape=shape)
    return to_dtype(whole, np.dtype(otype)) if otype is not None else whole
