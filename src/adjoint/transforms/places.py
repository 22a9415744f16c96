"""Places: which operation of the user's a value or a derivative comes from, while somebody watches.

A `Place` is one operation that was recorded: its name, the user's line, its operands. A `Step` is the
derivative of one that is being computed now; `current` tells it, so that what happens inside of a pullback is
known to be no operation of the user's, but a step of that one's derivative.
"""

import sys
import sysconfig
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ..core.equation import Line, is_users
from ..core.primitive import Primitive

FORWARD = "forward pass"
TANGENT = "forward-mode derivative"
BACKWARD = "backward pass"

_INSTALLED = tuple(
    {
        path.rstrip("/\\")
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(name))
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One operation. `within` is the step that it belongs to, where it is none of the user's own.

    `line` is the user's; `via` the line in a package that the user's line led to, where there is one.
    """

    operation: str
    line: Line | None = None
    via: Line | None = None
    operands: tuple[Any, ...] = ()
    params: tuple[tuple[str, Any], ...] = ()
    elementwise: bool = False
    within: "Step | None" = None

    @property
    def outermost(self) -> "Place":
        """The user's operation whose derivative, or whose derivative's derivative, this one serves."""
        place = self
        while place.within is not None:
            place = place.within.place
        return place

    @property
    def depth(self) -> int:
        """How many derivatives deep the operation lies: 0 for the user's own."""
        place, depth = self, 0
        while place.within is not None:
            place, depth = place.within.place, depth + 1
        return depth


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The derivative of an operation, as it is being computed: forward or backward."""

    place: Place
    phase: str


_step: ContextVar[Step | None] = ContextVar("adjoint_step", default=None)

current = _step.get
"""The derivative that is being computed here and now; None in the user's own code."""


@contextmanager
def during(step: Step) -> Generator[None]:
    """What happens in this block is part of the step."""
    token = _step.set(step)
    try:
        yield
    finally:
        _step.reset(token)


def place_of(primitive: Primitive, operands: tuple[Any, ...], params: Any = ()) -> Place:
    """The place of an operation that is done now, with the user's line or with the step it is part of."""
    step = current()
    line, via = lines() if step is None else (step.place.line, step.place.via)
    fixed = dict(params)
    name = getattr(fixed.get("function"), "name", primitive.name)  # the user's, if it has a rule of its own
    return Place(name, line, via, operands, tuple(fixed.items()), primitive.elementwise, step)


def lines() -> tuple[Line | None, Line | None]:
    """The user's innermost line, and the innermost one of a package below it, where there is one."""
    innermost: Line | None = None
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if is_users(code.co_filename):
            line = Line(code.co_filename, frame.f_lineno, code.co_name)
            if not code.co_filename.startswith(_INSTALLED):
                return line, innermost
            innermost = innermost or line
        frame = frame.f_back
    return innermost, None
