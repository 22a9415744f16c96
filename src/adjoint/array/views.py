"""Views: how an array that shares its elements with another hangs on it, and how arrays lie in memory.

NumPy decides by an array's strides whether `reshape` gives a view or a copy. A traced value lies as the
plain array that it holds, in one piece where it holds none (while a Program is staged); a view lies as its
base does, seen through the view; and what is written into an array does not move it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.primitive import Tracer


class Link:
    """How a view hangs on its base: `take(base)` reads it, `restore(base, new)` is the base changed by it."""

    __slots__ = ("base", "cached", "index", "restore", "seen", "take")

    def __init__(self, base: Any, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> None:
        self.base, self.cached, self.take, self.restore = base, part, take, restore
        self.seen = (base.value, base.extra)
        self.index: Any = None

    def part(self) -> Any:
        """The part as the base now has it."""
        base = self.base
        value, extra = base.value, base.extra
        if value is not self.seen[0] or extra is not self.seen[1]:
            part = self.take(base)
            self.cached = part if isinstance(part, Tracer) else base.owner.boxed(part)
            self.seen = (value, extra)
        return self.cached

    def write(self, new: Any) -> None:
        """Change the base so that the part is `new`."""
        self.base.become(self.restore(self.base, new))


def layout_of(x: Tracer) -> Any:
    """An array with the shape and the strides of what a traced array holds; its elements mean nothing."""
    value: Any = x
    batches = 0
    while isinstance(value, Tracer):
        inner = value.value
        if inner is None:
            return _anywhere(x)
        batches += len(aval_of(inner).shape) - len(value.aval.shape)
        value = inner
    whole = np.asarray(value)
    return _anywhere(x) if 0 in whole.shape[:batches] else whole[(0,) * batches]


def _anywhere(x: Tracer) -> Any:
    aval = x.aval
    return np.empty(aval.shape, aval.dtype)
