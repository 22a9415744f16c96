"""Powers as NumPy and Python write them: `x**y`, `np.power`, `np.float_power`.

An exponent that is a whole number known beforehand takes the primitive for it, whose derivatives are
exact at any order; `x**2`, the most common of all, is `square`.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import aval_of
from ..core.primitive import Tracer
from ..primitives import powers as p
from ..primitives.arithmetic import square
from ..primitives.promotion import joint_dtype, to_dtype
from ..transforms.tape import TapeTrace
from .dispatch import elementwise, operand

_WHOLE_LIMIT = 1024
"""Beyond this an exponent need not be exact in every dtype."""

_NAN = float("nan")

_SQUARES: dict[Any, Callable[[Any], Any]] = {
    operator.pow: lambda x: x**2,
    np.power: lambda x: np.power(x, 2),
}


def power(x: Any, y: Any, operation: Callable[..., Any] = np.power) -> Any:
    """`x**y` with NumPy's broadcasting and promotion, run as `operation`.

    At x = 0 the slope in x is 0 for y > 1, 1 for y = 1, +inf for 0 < y < 1, 0 for y = 0, -inf for y < 0, and
    that in y is 0 for y >= 0; at x < 0 the slope in y is NaN.
    """
    if isinstance(y, int | float) and isinstance(x, Tracer) and y == int_of(y):
        found = _whole(x, y, operation)
        if found is not None:
            return found
    elif operation is operator.pow and aval_of(x).weak and aval_of(y).weak:
        operation = _real_power
    return elementwise(p.power, operation, x, y)


def int_of(y: float) -> int | None:
    """A number as an exponent of `integer_power`; None where it is none. NumPy's numbers count too."""
    return int(y) if type(y) is not bool and -_WHOLE_LIMIT <= y <= _WHOLE_LIMIT else None


def _whole(x: Tracer, y: Any, operation: Callable[..., Any]) -> Any:
    """`x**y` for a whole number y; None where x is neither floating nor complex."""
    weak = type(y) is float or type(y) is int
    if weak and y == 2 and isinstance(x.owner, TapeTrace):
        squared = _SQUARES.get(operation)
        if squared is not None:
            return x.owner.unary(square, squared, x)
    aval = x.aval
    if not dtypes.is_inexact(aval.dtype):
        return None
    if not weak:
        dtype, _ = joint_dtype((aval, aval_of(y)))
        x = to_dtype(x, dtype)
    if y == 2:
        return elementwise(square, lambda v: operation(v, y), x)
    return elementwise(p.integer_power, lambda v: operation(v, y), x, n=int(y))


def _real_power(x: Any, y: Any) -> Any:
    """`x**y` of Python numbers, as NumPy gives it: NaN where Python makes a complex number of real ones."""
    out = x**y
    return _NAN if type(out) is complex and type(x) is not complex and type(y) is not complex else out


def float_power(x: Any, y: Any) -> Any:
    """As `numpy.float_power`: computed in float64 or complex128 at least."""
    avals = [aval_of(operand(v)) for v in (x, y)]
    dtype = np.result_type(joint_dtype(avals)[0], np.float64)
    x = to_dtype(x, dtype)
    return power(x, y if isinstance(y, int | float) else to_dtype(y, dtype))
