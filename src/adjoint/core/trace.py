"""Evaluating and staging.

Without a traced argument a primitive is evaluated (`primitive.Primitive.__call__`). `stage` runs a
function on boxes that have an abstract value only, and collects what it does as a Program.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import AdjointError, TraceError
from .avals import Aval, aval_of
from .equation import Atom, Equation, Literal, Variable, user_line
from .lines import lines
from .primitive import Primitive, Trace, Tracer, new_level
from .program import Program


class StageTrace:
    """Builds the equations of a Program. `box` is the class of its traced values."""

    __slots__ = ("box", "closed", "equations", "level", "lie", "record_lines", "refused")

    def __init__(self, box: type[Tracer], *, record_lines: bool) -> None:
        self.level = new_level()
        self.box = box
        self.lie = box.lie
        self.record_lines = record_lines
        self.equations: list[Equation] = []
        self.closed = False
        self.refused: Exception | None = None

    def new_box(self, variable: Variable) -> Tracer:
        """A traced value for a variable."""
        return self.box(self, None, variable)

    def boxed(self, value: Any) -> Tracer:
        """A box of a constant, for what is about to be written into."""
        return self.box(self, None, Literal(value, aval_of(value)))

    def aval(self, box: Tracer) -> Aval:
        """The type of the variable."""
        return box.extra.aval

    def atom(self, value: Any) -> Atom:
        """The variable of a box of this trace; anything else becomes a literal."""
        if isinstance(value, Tracer) and value.owner is self:
            return value.extra
        if isinstance(value, Tracer):
            value = value.owner.box(value.owner, value.value, value.extra)  # it may yet be written into
        elif isinstance(value, np.ndarray) and (value.flags.writeable or not _is_fixed(value)):
            value = value.copy()  # likewise, by its owner, once the Program stands
        return Literal(value, aval_of(value))

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """One more equation."""
        if self.closed:
            raise escaped(primitive.name)
        atoms = tuple(self.atom(arg) for arg in args)
        typed = primitive.type(*(a.aval for a in atoms), **params)
        outputs = tuple(Variable(aval) for aval in (typed if primitive.many else (typed,)))
        kept = lines.get()
        line = kept.now if kept is not None else None
        if line is None and self.record_lines:
            line = user_line()
            if kept is not None and line == kept.outside:
                line = None
        self.equations.append(Equation(primitive, atoms, params, outputs, line))
        boxes = tuple(self.new_box(v) for v in outputs)
        self.lie(boxes, primitive, args, params)
        return boxes if primitive.many else boxes[0]


def _is_fixed(value: np.ndarray) -> bool:
    """Whether nobody can write into an array that is not writeable: it is whole, or lies over bytes."""
    return value.base is None or isinstance(value.base, bytes)


def stage(
    function: Callable[..., Sequence[Any]],
    avals: Sequence[Aval],
    *,
    box: type[Tracer] = Tracer,
    name: str = "program",
    hints: Sequence[str | None] | None = None,
    record_lines: bool = False,
) -> Program:
    """The Program of a function of arrays that gives a sequence of arrays, for inputs of these types."""
    trace = StageTrace(box, record_lines=record_lines)
    inputs = tuple(Variable(a, h) for a, h in zip(avals, hints or [None] * len(avals), strict=True))
    try:
        outputs = tuple(trace.atom(r) for r in function(*(trace.new_box(v) for v in inputs)))
    finally:
        trace.closed = True
    unswallowed(trace)
    kept = lines.get()
    if kept is not None:
        kept.name(inputs, trace.equations)
    return Program(inputs, tuple(trace.equations), outputs, name)


def refusal(trace: Trace, error: AdjointError) -> AdjointError:
    """The error that keeps a value in its trace, noted there: see `unswallowed`."""
    if trace.level > 0 and trace.refused is None:
        trace.refused = error
    return error


def unswallowed(trace: Trace) -> None:
    """Raise if a function has come to its end although a value of this trace was refused in it.

    It caught the error and went on without the value, so that a derivative would be wrong.
    """
    error = trace.refused
    if error is not None:
        raise TraceError(
            "a function that does not go on after an error about a traced value",
            f"one that caught: {error}",
            "Let the error out to see where it comes from, and write what it says.",
        ) from error


def escaped(name: str) -> TraceError:
    """The error for a traced value that is used after its transformation has ended."""
    return TraceError(
        f"{name} was called on a traced value whose transformation has ended",
        "a value that escaped, through a global, a closure or a container that outlived the function",
        "Return the value from the differentiated function (has_aux=True serves for extras).",
    )
