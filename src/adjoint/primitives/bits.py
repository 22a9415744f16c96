"""Bits of integers and booleans. None has a derivative to speak of: they serve masks and counters."""

import numpy as np

from ..core.domain import INTEGER, Interval, Pointwise
from ..core.primitive import Primitive
from .pointwise import steps

_WHOLE = Interval(-5.0, 5.0)
_SHIFT = Interval(0.0, 3.0)
_BITS = (*INTEGER, "bool")


def _pair(name: str, function: np.ufunc, symbol: str) -> Primitive:
    return steps(name, function, Pointwise((_WHOLE, _WHOLE), _BITS), source=f"{{0}} {symbol} {{1}}")


def _shift(name: str, function: np.ufunc, symbol: str) -> Primitive:
    return steps(name, function, Pointwise((_WHOLE, _SHIFT), INTEGER), source=f"{{0}} {symbol} {{1}}")


bitwise_and = _pair("bitwise_and", np.bitwise_and, "&")
bitwise_or = _pair("bitwise_or", np.bitwise_or, "|")
bitwise_xor = _pair("bitwise_xor", np.bitwise_xor, "^")
invert = steps("invert", np.invert, Pointwise((_WHOLE,), _BITS))
left_shift = _shift("left_shift", np.left_shift, "<<")
right_shift = _shift("right_shift", np.right_shift, ">>")

ALL = (bitwise_and, bitwise_or, bitwise_xor, invert, left_shift, right_shift)
