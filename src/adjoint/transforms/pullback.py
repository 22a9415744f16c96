"""Pullbacks, derived: linearise a primitive's jvp, transpose it, keep the result as a Program.

    out_dot = J x_dot  (the jvp rule, staged)      x_bar = J^T out_bar  (transposed)

One truth serves both modes. The derived Program computes the operands' cotangents from the output's,
from the operands and from the output; of these only what it reads need be kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.avals import Aval
from ..core.lines import without_lines
from ..core.primitive import Primitive
from ..core.program import Program
from ..core.trace import stage
from ..primitives.structure import zeros
from .dual import push
from .transpose import transpose

Runner = Callable[[Program], Callable[..., Any]]
"""Turns a Program into a function that runs it on arrays: the writer, or `Program.evaluate`."""


@dataclass(frozen=True, slots=True, eq=False)
class Pullback:
    """A derived pullback: `run(*cotangents, *needed)` gives one cotangent for each active operand.

    `needed` are positions among `(*args, *outputs)`. `run` works on arrays, the Program on
    traced values.
    """

    primitive: Primitive
    active: tuple[int, ...]
    needed: tuple[int, ...]
    program: Program
    run: Callable[..., Any]


_LETTERS = ("x", "y", "z", "u", "v", "w")


def operand_names(count: int) -> list[str]:
    """Names for operands in emitted source: x, y, z, ..., or x0, x1, ... for many."""
    return list(_LETTERS[:count]) if count <= len(_LETTERS) else [f"x{i}" for i in range(count)]


def derive(
    primitive: Primitive, avals: Sequence[Aval], active: tuple[int, ...], params: dict[str, Any], run: Runner
) -> Pullback:
    """The pullback of a primitive for operands of these types, with respect to the active ones."""
    typed = primitive.type(*avals, **params)
    outs: tuple[Aval, ...] = tuple(typed) if primitive.many else (typed,)
    count = len(avals)

    def tangent_map(*boxes: Any) -> list[Any]:
        args, out = boxes[:count], boxes[count : count + len(outs)]
        tangents: list[Any] = [None] * count
        for index, box in zip(active, boxes[count + len(outs) :], strict=True):
            tangents[index] = box
        result = push(primitive, args, tangents, out if primitive.many else out[0], params)
        results = result if primitive.many else (result,)
        return [zeros(a) if r is None else r for r, a in zip(results, outs, strict=True)]

    with without_lines():
        forward = stage(tangent_map, [*avals, *outs, *(avals[i] for i in active)])
    linear = [False] * (count + len(outs)) + [True] * len(active)

    def pull(*boxes: Any) -> list[Any]:
        found = transpose(forward, linear, boxes[len(outs) :], boxes[: len(outs)])
        return [zeros(avals[i]) if ct is None else ct for i, ct in zip(active, found, strict=True)]

    names = operand_names(count)
    out_names = ["out"] if len(outs) == 1 else [f"out{i}" for i in range(len(outs))]
    hints = [*(f"{n}_bar" for n in out_names), *names, *out_names]
    with without_lines():
        whole = stage(pull, [*outs, *avals, *outs], name=f"{primitive.name}_pullback", hints=hints)
    whole = whole.without_dead()
    return _trimmed(primitive, active, whole, len(outs), run)


def _trimmed(
    primitive: Primitive, active: tuple[int, ...], whole: Program, outs: int, run: Runner
) -> Pullback:
    """Drop the inputs that nothing reads."""
    used = {a for e in whole.equations for a in e.inputs} | set(whole.outputs)
    residuals = whole.inputs[outs:]
    needed = tuple(i for i, v in enumerate(residuals) if v in used)
    inputs = (*whole.inputs[:outs], *(residuals[i] for i in needed))
    program = Program(inputs, whole.equations, whole.outputs, whole.name)
    return Pullback(primitive, active, needed, program, run(program))
