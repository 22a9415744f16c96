"""Evaluating: elementwise primitives as NumPy ufuncs, with Python scalars kept weak; others by the matrix."""

import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import aval_of

_SCALARS = (float, int, complex)

absorbing: ContextVar[Callable[[Any, Any, Any], None] | None] = ContextVar("adjoint_absorbing", default=None)
"""Who wants to hear of a product by `scale` that is not finite: is handed both factors, and the product."""


def ufunc(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy ufunc as the definition of a primitive.

    Python scalars alone give a Python scalar; beside arrays they adopt the arrays' dtype, bfloat16
    included (which NumPy itself would widen).

    >>> ufunc(np.multiply)(2.0, 3.0)
    6.0
    """

    def evaluate(*args: Any) -> Any:
        strong = [a.dtype for a in args if type(a) not in _SCALARS and type(a) is not bool]
        if not strong:
            return function(*args).item()
        if strong[0] == dtypes.bfloat16 and len(strong) < len(args):
            args = tuple(halved(a) for a in args)
        return function(*args)

    return evaluate


def halved(value: Any) -> Any:
    """A Python scalar in bfloat16, which NumPy does not know to be weak there; other values as they are."""
    return dtypes.bfloat16.type(value) if type(value) in _SCALARS else value


def finite(values: Any) -> bool:
    """Whether every element is finite; where it says no, a sum of squares may merely overflow.

    A dot product reads the values once and is the fastest test that NumPy has.
    """
    if type(values) is np.ndarray and values.dtype.char in "fdFD":
        return math.isfinite(np.vdot(values, values).real)
    return bool(np.isfinite(values).all())


def scale(partial: Any, tangent: Any) -> Any:
    """`partial * tangent`, zero where either factor is exactly zero, whatever the other is.

    >>> with np.errstate(invalid="ignore"):  # as all derivatives are computed
    ...     scale(np.array([np.inf, 2.0, np.nan]), np.array([0.0, 3.0, 0.0]))
    array([0., 6., 0.])
    """
    product = partial * tangent
    kind = type(product)
    if kind is np.float64 or kind is float or kind is complex:
        if product - product == 0.0:
            return product
    elif product.dtype.char == "f" and {None, dtypes.bfloat16} == {_dtype(partial), _dtype(tangent)}:
        return scale(halved(partial), halved(tangent))
    elif finite(product):
        return product
    note = absorbing.get()
    if note is not None:
        note(partial, tangent, product)
    if kind is float or kind is complex:
        return kind(0) if partial == 0 or tangent == 0 else product
    repaired = np.where((partial == 0) | (tangent == 0), product.dtype.type(0), product)
    return repaired if repaired.ndim else repaired[()]


def _dtype(value: Any) -> Any:
    return None if type(value) in _SCALARS or type(value) is bool else value.dtype


class ByMatrix:
    """A function of single matrices as a function of stacks of them: results in one piece, of the given type.

    The last `axes` of the first operand are one matrix's; all others count the matrices, in every operand.
    With `axes` 0 the function takes whole stacks. A function with `many` results gives a tuple.
    """

    __slots__ = ("axes", "function", "many", "typed")

    def __init__(
        self, function: Callable[..., Any], typed: Callable[..., Any], axes: int, many: bool = False
    ) -> None:
        self.function, self.typed, self.axes, self.many = function, typed, axes, many

    def __call__(self, *args: Any, **params: Any) -> Any:
        """The results for stacks of matrices."""
        found = self.typed(*map(aval_of, args), **params)
        outs = [np.empty(a.shape, a.dtype) for a in (found if self.many else (found,))]
        if any(out.size for out in outs):
            lead = args[0].shape[: args[0].ndim - self.axes] if self.axes else ()
            for place in np.ndindex(lead):
                results = self.function(*(x[place] for x in args), **params)
                for out, result in zip(outs, results if self.many else (results,), strict=True):
                    out[place] = result
        return tuple(outs) if self.many else outs[0]
