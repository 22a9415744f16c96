"""Transposing a linear Program: from cotangents of its outputs to cotangents of its linear inputs.

    y = A x   gives   x_bar = A^T y_bar

The equations are walked backwards; each primitive's transpose rule takes one step.
"""

from collections.abc import Sequence
from typing import Any

from ..core.equation import Atom, Equation, Literal, Variable
from ..core.primitive import NOT_LINEAR
from ..core.program import Program
from ..errors import DerivativeError
from ..primitives.structure import zeros
from .dual import add_terms


def transpose(
    program: Program, linear: Sequence[bool], values: Sequence[Any], cotangents: Sequence[Any]
) -> list[Any]:
    """Cotangents of the inputs marked `linear`, None where nothing reaches them.

    `values` are those of the other inputs; the Program's equations that depend on no linear input
    are run with them, all others are transposed.
    """
    known: dict[Variable, Any] = {}
    rest = iter(values)
    moving: set[Variable] = set()
    for variable, is_linear in zip(program.inputs, linear, strict=True):
        if is_linear:
            moving.add(variable)
        else:
            known[variable] = next(rest)
    backwards = _run_known(program, known, moving)

    found: dict[Variable, Any] = {}
    for atom, cotangent in zip(program.outputs, cotangents, strict=True):
        if cotangent is not None and atom in moving:
            found[atom] = add_terms(found.get(atom), cotangent)
    for equation in reversed(backwards):
        outs = [found.pop(v, None) for v in equation.outputs]
        if any(ct is not None for ct in outs):
            _step(equation, outs, known, moving, found)
    return [found.get(v) for v, is_linear in zip(program.inputs, linear, strict=True) if is_linear]


def _run_known(program: Program, known: dict[Variable, Any], moving: set[Variable]) -> list[Equation]:
    """Run what depends on no linear input; give the equations that do."""
    later: list[Equation] = []
    for equation in program.equations:
        if any(a in moving for a in equation.inputs):
            moving.update(equation.outputs)
            later.append(equation)
            continue
        result = equation.primitive(*(_read(a, known) for a in equation.inputs), **equation.params)
        known.update(zip(equation.outputs, result if equation.primitive.many else (result,), strict=True))
    return later


def _read(atom: Atom, known: dict[Variable, Any]) -> Any:
    return atom.value if isinstance(atom, Literal) else known[atom]


def _step(
    equation: Equation,
    outs: list[Any],
    known: dict[Variable, Any],
    moving: set[Variable],
    found: dict[Variable, Any],
) -> None:
    primitive = equation.primitive
    operands = [a.aval if a in moving else _read(a, known) for a in equation.inputs]
    full = [zeros(v.aval) if ct is None else ct for ct, v in zip(outs, equation.outputs, strict=True)]
    cotangent = tuple(full) if primitive.many else full[0]
    for index, atom in enumerate(equation.inputs):
        if isinstance(atom, Literal) or atom not in moving:
            continue
        if primitive.transpose_rule(index) is NOT_LINEAR:
            raise DerivativeError(
                f"the transpose of {primitive.name} was asked for",
                f"operand {index}, in which it is not linear",
                "A tangent rule must be linear in its tangents, a pullback in its cotangents.",
            )
        term = primitive.cotangent(index, cotangent, operands, equation.params)
        found[atom] = add_terms(found.get(atom), term)
