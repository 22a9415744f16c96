"""Primitives: an operation together with all its rules, and how a call finds its trace.

A primitive is a record. Its fields say what it gives for abstract values (`type`), what it
computes (`evaluate`), how each operand's tangent reaches the output (`jvp`), how a cotangent of
the output reaches each operand in which it is linear (`transpose`), what it does to a batch
(`batch`), how it is written as NumPy source (`source`) and where it is smooth (`domain`).

Conventions, the same in every rule: arrays are positional, parameters are keyword-only; a rule is
written with the primitives' own functions, so that it can itself be differentiated; operands of
elementwise primitives have equal shapes, or are Python scalars.

Calling a primitive *binds* it: among the arguments the newest trace is found, by its level, and
handles the operation; without a traced argument the primitive is evaluated. So dispatch is by
data, and no global state says which transformation is running.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from .avals import Aval
from .domain import Domain

_levels = itertools.count(1)


class Trace(Protocol):
    """What handles the operations on its boxes: dual, tape, batch or stage."""

    level: int
    closed: bool
    refused: Exception | None
    """The first error that kept a value in this trace."""

    def boxed(self, value: Any) -> "Tracer":
        """A box of a constant, for what is about to be written into."""
        ...

    def process(self, primitive: "Primitive", args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The outcome of the primitive for arguments among which are boxes of this trace."""
        ...

    def aval(self, box: "Tracer") -> Aval:
        """The abstract value of a box of this trace."""
        ...


def new_level() -> int:
    """The next trace's level: later traces are inner ones and handle an operation first."""
    return next(_levels)


class Tracer:
    """A box: a value that belongs to a trace, with what the trace remembers of it.

    `owner` is the trace, `value` the value one trace further out (a stage has none), `extra` the trace's own:
    a tangent, a tape node, a variable.
    """

    __slots__ = ("extra", "owner", "value")

    def __init__(self, owner: Any, value: Any, extra: Any) -> None:
        self.owner, self.value, self.extra = owner, value, extra

    @property
    def aval(self) -> Aval:
        """Shape, dtype and weakness of the boxed value."""
        return self.owner.aval(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.aval.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the elements."""
        return self.aval.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.aval.shape)

    def layout(self) -> Any:
        """An array that lies in memory as this one does in NumPy: in one piece, where nothing is known."""
        return np.empty(self.aval.shape, self.aval.dtype)

    @staticmethod
    def lie(boxes: "Sequence[Any]", primitive: Any, args: Sequence[Any], params: dict[str, Any]) -> None:
        """Note how the results of a staged operation will lie in memory, for a class that asks."""


def newest(args: Iterable[Any]) -> Any:
    """The newest trace among the arguments; None where none is traced."""
    top: Any = None
    level = -2
    for arg in args:
        if isinstance(arg, Tracer) and arg.owner.level > level:
            top = arg.owner
            level = top.level
    return top


class Fact:
    """A rule that is no function but a written fact, and why it holds."""

    __slots__ = ("reason",)

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.reason!r})"


class Zero(Fact):
    """A jvp rule: the derivative in this operand is zero, and why (rounding, comparing, indexing)."""

    __slots__ = ()


class NoDerivative(Fact):
    """A jvp rule: there is no derivative in this operand, and why."""

    __slots__ = ()


class Linear(Fact):
    """A jvp rule: linear in this operand while the others stand; its tangent goes through the primitive."""

    __slots__ = ()


class Jointly(Fact):
    """A jvp rule: linear in all operands so marked together; all their tangents go through at once."""

    __slots__ = ()


class Together(Fact):
    """A jvp rule: `forward` and `reverse` of the primitive serve all operands at once."""

    __slots__ = ()


class NotLinear(Fact):
    """A transpose rule for an operand in which the primitive is not linear."""

    __slots__ = ()


LINEAR: Final = Linear()
JOINTLY: Final = Jointly()
TOGETHER: Final = Together()
NOT_LINEAR: Final = NotLinear()

JvpRule = Callable[..., Any] | Linear | Jointly | Together | Zero | NoDerivative
"""For one operand: `rule(tangent, *args, out, **params)`, or a written fact."""
TransposeRule = Callable[..., Any] | NotLinear
"""For one operand: `rule(cotangent, *args, **params)`, linear operands given as their `Aval`."""


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """An operation and all its rules.

    `jvp` and `transpose` hold one rule for each operand. Where the operation takes any number of
    operands (`variadic`) the single transpose rule is told which by its first argument, `index`.
    `batch(primitive, size, batched, args, params)` gets its batched operands with the batch along
    their first axis, and gives its results likewise. `source` is a format string over operands by
    position and parameters by name, or a function `(names, avals, **params)`. An `elementwise`
    primitive has one rule for any shape. A `many` primitive gives a tuple.
    """

    name: str
    type: Callable[..., Any]
    evaluate: Callable[..., Any]
    jvp: tuple[JvpRule, ...]
    transpose: tuple[TransposeRule, ...]
    batch: Callable[..., Any]
    source: str | Callable[..., str]
    domain: Domain
    elementwise: bool = False
    variadic: bool = False
    many: bool = False
    pullback: Callable[..., Any] | None = None
    """A pullback by hand, `pullback(cotangent, args, out, active, params)`: for measured need only."""
    forward: Callable[..., Any] | None = None
    """Values and tangents in one run, `forward(args, tangents, params)`: for what holds functions."""
    reverse: Callable[..., Any] | None = None
    """Values, pullback and what it saves in one run, `reverse(args, active, params)`: likewise."""

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Bind: hand the operation to the newest trace among the arguments, else evaluate it."""
        top = newest(args)
        if top is None:
            return self.evaluate(*args, **params)
        return top.process(self, args, params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def jvp_rule(self, index: int) -> JvpRule:
        """The jvp rule of the operand at this position."""
        return self.jvp[0] if self.variadic else self.jvp[index]

    def transpose_rule(self, index: int) -> TransposeRule:
        """The transpose rule of the operand at this position."""
        return self.transpose[0] if self.variadic else self.transpose[index]

    def cotangent(self, index: int, cotangent: Any, args: Sequence[Any], params: dict[str, Any]) -> Any:
        """What the output's cotangent gives to an operand in which the primitive is linear."""
        rule: Any = self.transpose_rule(index)
        if self.variadic:
            return rule(index, cotangent, *args, **params)
        return rule(cotangent, *args, **params)
