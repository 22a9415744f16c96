"""One function with adjoint: its gradient against differences, and what it costs."""

import time
import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

import adjoint as ad
from adjoint.array.traced import Traced
from adjoint.core.primitive import Tracer

from .differences import gradient
from .entry import Entry, weights_of

Row = dict[str, Any]


def weighted(entry: Entry) -> Callable[[Any], Any]:
    """The function's outputs summed with fixed weights."""
    weights = weights_of(np.shape(entry.call(entry.x.copy(), *entry.constants)))

    def function(x: Any) -> Any:
        return np.sum(np.asarray(entry.call(x, *entry.constants)) * weights)

    return function


def measured(entry: Entry, repeats: int = 5) -> Row:
    """The row of a function; `error` where it raised."""
    warnings.simplefilter("ignore")
    row: Row = {"name": entry.name}
    function, x = weighted(entry), entry.x
    wanted, doubt = gradient(function, x)
    size = float(np.max(np.abs(wanted)))
    row |= {"wanted": wanted.tolist(), "doubt": float(np.max(doubt)) / size}
    try:
        start = time.perf_counter()
        found = np.asarray(ad.grad(function)(x))
        row["first"] = time.perf_counter() - start
        direction = weights_of(x.shape)
        tangent = ad.jvp(function, (x,), (direction,))[1]
        row["writes"] = writes(function, x)
    except Exception as error:
        return row | {"refusal": f"{type(error).__name__}: {error}"}
    row["error"] = float(np.max(np.abs(found - wanted))) / size
    row["modes"] = abs(float(tangent) - float(np.sum(found * direction))) / (
        size * float(np.sum(np.abs(direction)))
    )
    row["plain"] = least(lambda: function(x), repeats)
    row["later"] = least(lambda: ad.grad(function)(x), repeats)
    return row


def writes(function: Callable[[Any], Any], x: Any) -> int:
    """How often a traced value is written into an array."""
    count = 0
    write = Traced.__setitem__

    def counted(self: Any, index: Any, value: Any) -> None:
        nonlocal count
        count += isinstance(value, Tracer)
        write(self, index, value)

    with mock.patch.object(Traced, "__setitem__", counted):
        ad.grad(function)(x)
    return count


def least(function: Callable[[], object], repeats: int) -> float:
    """The least time of a call, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        count = 0
        while count == 0 or time.perf_counter() - start < 0.01:
            function()
            count += 1
        best = min(best, (time.perf_counter() - start) / count)
    return best
