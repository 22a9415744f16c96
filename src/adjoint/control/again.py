"""Checkpoints: one primitive, `again`, a Program whose pullback computes it anew instead of keeping it.

y = body(x)           of which only x is kept
x_bar                 from x and y_bar, by running the body once more and going back through it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import TOGETHER, Primitive
from ..core.program import Program
from ..core.trace import stage
from ..primitives.arithmetic import multiply
from ..primitives.structure import broadcast, zeros
from ..primitives.trigonometric import sin
from .bodies import batched, joint, picked, pushed, reached, spread, types_of


def _forward(args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]) -> tuple[Any, Any]:
    body: Program = params["body"]
    moving = [t is not None for t in tangents]
    wanted = reached(body, moving)
    result = again(*args, *picked(tangents, moving), body=pushed(body, moving, wanted))
    return result[: len(wanted)], tuple(spread(result[len(wanted) :], wanted))


def _reverse(args: Sequence[Any], active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    body: Program = params["body"]
    moving = tuple(i in active for i in range(len(args)))
    return again(*args, body=body), _Pull(body, moving, tuple(reached(body, moving))), tuple(args)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """Runs the body once more, and back."""

    body: Program
    moving: tuple[bool, ...]
    wanted: tuple[bool, ...]
    name = "again"

    def __call__(self, cotangents: Sequence[Any], *args: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        whole = joint(self.body, self.moving, self.wanted)
        both = Program(whole.inputs, whole.equations, whole.outputs[len(self.wanted) :], whole.name)
        found = again(*args, *picked(cotangents, self.wanted), body=both.without_dead())
        return spread(found, self.moving)


def _transpose(place: int, cotangents: Any, *args: Any, body: Program) -> Any:
    """The transpose in operands in which the body is linear: the pullback, at zero as anywhere."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _reverse(values, linear, {"body": body})
    found = pull(cotangents, *saved)[place]
    return zeros(args[place]) if found is None else found


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    body: Program = params["body"]
    outs = reached(body, flags, smooth=False)
    result = primitive(*args, body=batched(body, size, flags, outs))
    return tuple(
        x if f else broadcast(x, shape=(size, *aval_of(x).shape)) for x, f in zip(result, outs, strict=True)
    )


def _source(names: list[str], avals: Any, *, body: Program) -> str:
    del avals
    return f"again({', '.join(names)}, body={body})"


def _samples(d: Draw) -> list[Sample]:
    body = stage(lambda x, y: [sin(multiply(x, y)), multiply(y, y)], [Aval((3,), d.dtype)] * 2)
    return [Sample((d.array(3), d.array(3)), {"body": body})]


again = Primitive(
    name="again",
    type=lambda *avals, body: tuple(types_of(body.outputs)),
    evaluate=lambda *args, body: tuple(body.evaluate(*args)),
    jvp=(TOGETHER,),
    transpose=(_transpose,),
    batch=_batch,
    source=_source,
    domain=Samples(_samples, ("float64",)),
    variadic=True,
    many=True,
    forward=_forward,
    reverse=_reverse,
)

ALL = (again,)
