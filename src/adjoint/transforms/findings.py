"""What a watch finds: a NaN or an infinity that an operation made, and what a strong zero has swallowed.

`spoiled` looks for elements that are not finite; `made` tells those that the operation itself has made from
those that it was given: a NaN of operands that are none, an infinity of finite operands. A `NonFinite` and an
`Absorbed` are the records of a report.
"""

import linecache
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import aval_of
from ..core.equation import Line
from ..core.primitive import Tracer
from .batch import BatchTrace
from .places import BACKWARD, FORWARD, Place


def concrete(value: Any) -> tuple[Any, int]:
    """The plain array inside of any boxes, and how many of its first axes count examples.

    None for what has no elements yet, and for what is no number with a fraction.
    """
    depth = 0
    while isinstance(value, Tracer):
        depth += isinstance(value.owner, BatchTrace)
        value = value.value
    if value is None:
        return None, 0
    array = np.asarray(value)
    return (array, depth) if dtypes.is_inexact(array.dtype) else (None, 0)


def core(value: Any) -> Any:
    """What the boxes hold, whatever it is."""
    while isinstance(value, Tracer):
        value = value.value
    return value


def _aligned(operand: Any, shape: tuple[int, ...], depth: int) -> Any:
    """The elements of an operand beside those of a result of this shape; None where they do not align."""
    array, own = concrete(operand)
    if array is None:
        array, own = np.asarray(core(operand)), 0
    if own and own == depth and array.ndim < len(shape):
        array = array.reshape(*array.shape[:own], *(1,) * (len(shape) - array.ndim), *array.shape[own:])
    elif own not in (0, depth):
        return None
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which values are looked for: NaN, infinities, or both."""

    nan: bool
    inf: bool

    def among(self, array: Any) -> Any:
        """Where an array is not finite, in a way that is looked for."""
        if self.nan and self.inf:
            return ~np.isfinite(array)
        if self.nan:
            return np.isnan(array)
        return np.isinf(array) if self.inf else np.zeros(array.shape, bool)

    def spoiled(self, value: Any) -> bool:
        """Whether any element is not finite."""
        array, _ = concrete(value)
        return array is not None and bool(self.among(array).any())

    def made(self, place: Place, out: Any) -> Any:
        """Where a result holds what its operation has made itself; None where it has made nothing."""
        array, depth = concrete(out)
        if array is None or not (found := self.among(array)).any():
            return None
        operands = [_aligned(x, array.shape, depth) for x in place.operands] if place.elementwise else []
        if not place.elementwise or any(x is None for x in operands):
            operands = [np.asarray(x) for x, _ in map(concrete, place.operands) if x is not None]
            had_nan = any(np.isnan(x).any() for x in operands)
            had_any = had_nan or any(not np.isfinite(x).all() for x in operands)
        else:
            had_nan = _any(np.isnan, operands)
            had_any = had_nan | _any(lambda x: ~np.isfinite(x), operands)
        found = (np.isnan(array) & ~np.asarray(had_nan)) | (np.isinf(array) & ~np.asarray(had_any))
        found &= self.among(array)
        return found if found.any() else None


def _any(test: Any, arrays: list[Any]) -> Any:
    total: Any = np.False_
    for array in arrays:
        if dtypes.is_inexact(array.dtype):
            total = total | test(array)
    return total


@dataclass(frozen=True, slots=True)
class NonFinite:
    """A NaN or an infinity, and the operation that made it.

    `operation` is the user's, at `line`; `phase` says whether its value was computed ("forward pass"), its
    tangent ("forward-mode derivative") or its pullback ("backward pass"). In derivatives of derivatives
    `step` is the operation inside of the user's operation's derivative, and `order` counts derivatives.
    `value` is the first element that is not finite, at `index`; `example` is its place in a batch.
    `operands` are the operands' elements there, or their types where they have none; `given` are those of the
    tangents or cotangents that came in. `count` tells how many elements are not finite.
    """

    operation: str
    phase: str
    line: Line | None
    via: Line | None
    value: Any
    index: tuple[int, ...]
    example: tuple[int, ...]
    operands: tuple[Any, ...]
    given: tuple[Any, ...]
    count: int
    params: tuple[tuple[str, Any], ...] = ()
    step: str | None = None
    order: int = 0

    def asked(self) -> str:
        """What was made, by what, where."""
        what = f"{self.operation} gave {_text(self.value)}"
        if self.step is not None:
            what = f"{self.step}, a step in the derivative of {self.operation}, gave {_text(self.value)}"
        return f"{what} in the {self.phase}{where(self)}"

    def received(self) -> str:
        """Of which operands, and at which index."""
        named = [f"{k}={v!r}" for k, v in self.params if isinstance(v, int | float | str | tuple)]
        call = f"{self.step or self.operation}({', '.join([*map(_text, self.operands), *named])})"
        if self.given:
            moving = ("cotangent" if self.phase == BACKWARD else "tangent") + "s" * (len(self.given) > 1)
            call = f"the {moving} {', '.join(map(_text, self.given))} of {call}"
        if self.index:
            call += f" at index {self.index}"
        if self.example:
            call += f" of example {', '.join(map(str, self.example))}"
        return call + (f", the first of {self.count} elements" if self.count > 1 else "")

    def remedy(self) -> str:
        """What to write instead."""
        pass_by = "" if np.isnan(self.value) else " Or let infinities pass: debug(nan=..., inf='ignore')."
        if self.phase == FORWARD:
            return f"Guard its operands by np.where before the operation, not only after it.{pass_by}"
        return f"Its slope is not finite there: keep its operands away, by np.where before it.{pass_by}"

    def __str__(self) -> str:
        return f"{self.asked()}: {self.received()}"


@dataclass(slots=True)
class Absorbed:
    """Where an exact zero met an infinite or NaN factor in a derivative, and the product was taken for zero.

    `entries` counts the elements, `times` the products that had any. `factor` is what was swallowed: "inf",
    "nan" or both. The rest is as in `NonFinite`.
    """

    operation: str
    phase: str
    line: Line | None
    via: Line | None
    factor: str
    step: str | None = None
    order: int = 0
    entries: int = 0
    times: int = 1

    def place(self) -> tuple[Any, ...]:
        """What records of one place have in common."""
        return self.operation, self.phase, self.line, self.via, self.factor, self.step, self.order

    def asked(self) -> str:
        """What was swallowed, by what, where."""
        step = "" if self.step is None else f"{self.step}, a step in the derivative of "
        zero = f"0 * {self.factor} was taken for 0 in the derivative of {step}{self.operation}"
        return f"{zero}, in the {self.phase}{where(self)}"

    def received(self) -> str:
        """How many."""
        return f"{self.entries} element{'s' * (self.entries != 1)}"

    def remedy(self) -> str:
        """What to write instead."""
        return "Where 0 is not the derivative there, write the function so that no slope is infinite."

    def __str__(self) -> str:
        return f"{self.asked()}: {self.received()}"


def where(record: Any) -> str:
    """The user's line, its text, and the package's line that it led to."""
    if record.line is None:
        return ", of an operation that was recorded outside of the debug block"
    text = code_at(record.line)
    via = "" if record.via is None else f", called from it at {record.via}"
    return f" at {record.line}{f' `{text}`' if text else ''}{via}"


def code_at(line: Line) -> str:
    """The text of a line of source, without its indentation; empty where it is not to be had."""
    return linecache.getline(line.file, line.number).strip()


def _text(value: Any) -> str:
    """An element, or a value whose element is not known, in a word."""
    if isinstance(value, str):
        return value
    return str(value.item() if isinstance(value, np.generic | np.ndarray) else value)


def finding(place: Place, phase: str, out: Any, marked: Any, given: Sequence[Any] = ()) -> NonFinite:
    """The record of the first element of `out` that is marked."""
    array, depth = concrete(out)
    at = tuple(int(i) for i in np.unravel_index(np.argmax(marked), marked.shape))
    own = place.outermost
    return NonFinite(
        operation=own.operation,
        phase=phase,
        line=own.line,
        via=own.via,
        value=array[at].item(),
        index=at[depth:],
        example=at[:depth],
        operands=tuple(_element(x, place, array.shape, depth, at) for x in place.operands),
        given=tuple(_element(x, place, array.shape, depth, at) for x in given),
        count=int(marked.sum()),
        params=place.params,
        step=None if own is place else place.operation,
        order=place.depth + (phase != FORWARD),
    )


def _element(value: Any, place: Place, shape: tuple[int, ...], depth: int, at: tuple[int, ...]) -> Any:
    """An operand's element at an index, where it has one there; else its type."""
    aval = aval_of(value)
    beside = None
    if place.elementwise or aval.size == 1 or aval.shape == shape[depth:]:
        beside = _aligned(value, shape, depth)
    if beside is None:
        return str(aval)
    return beside[at].item() if place.elementwise or aval.size == 1 else f"{_text(beside[at])} in {aval}"
