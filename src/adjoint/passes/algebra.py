"""Algebra that is exact in floating point: equations whose result is one of their operands, bit for bit.

    x * 1    x / 1    x - 0    -(-x)    x.reshape(x.shape)    x[:]    where(True, x, y)

`x + 0.0` is none of them: it makes +0.0 of -0.0.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.equation import Atom, Equation, Literal, Variable
from ..primitives.arithmetic import multiply
from ..primitives.structure import inverse, scale

Known = Mapping[Variable, Equation]
"""The equation that defines each variable."""
Rule = Callable[[Equation, Known], Atom | None]


def uniform(atom: Atom, known: Known) -> Any:
    """The number that every element is, where that is known; else None."""
    while isinstance(atom, Variable):
        equation = known.get(atom)
        if equation is None or equation.primitive.name not in ("broadcast", "reshape"):
            return None
        atom = equation.inputs[0]
    value = atom.value
    if np.ndim(value) == 0:
        return value
    first = value.flat[0] if value.size else None
    same = first is not None and value.dtype.kind in "biufc" and (value == first).all()
    return (
        first if same and (first != 0 or (np.signbit(value.real) == np.signbit(first.real)).all()) else None
    )


def numbers_for_arrays(equation: Equation, known: Known) -> Equation:
    """Arrays of one number, beside other arrays, as this number: so elementwise equations take them."""
    primitive, out = equation.primitive, equation.outputs[0].aval
    if not primitive.elementwise or not out.shape or primitive.name in ("convert", "select"):
        return equation
    atoms = list(equation.inputs)
    for place, atom in enumerate(atoms):
        value = uniform(atom, known) if atom.aval.shape else None
        others = [a.aval for i, a in enumerate(atoms) if i != place]
        if value is None or value.dtype.kind not in "fc" or out.dtype != atom.aval.dtype:
            continue
        if any(a.shape == out.shape and a.dtype == atom.aval.dtype for a in others):
            number = value.item()
            atoms[place] = Literal(number, aval_of(number))
    return replace(equation, inputs=tuple(atoms))


def plain_product(equation: Equation, known: Known) -> Equation:
    """A scaling by a number that is neither zero nor infinite as a product."""
    if equation.primitive is not scale:
        return equation
    for atom in equation.inputs:
        value = uniform(atom, known)
        if value is not None and value != 0 and np.isfinite(value):
            return replace(equation, primitive=multiply)
    return equation


def _is(value: Any, number: float) -> bool:
    """Whether a value is this number, zeros told apart by their sign."""
    if value is None or value != number:
        return False
    return bool(np.signbit(np.real(value)) == np.signbit(number)) if np.isrealobj(value) else number == 1


def _times_one(equation: Equation, known: Known) -> Atom | None:
    x, y = equation.inputs
    if _is(uniform(y, known), 1.0):
        return x
    return y if _is(uniform(x, known), 1.0) else None


def _by_one(equation: Equation, known: Known) -> Atom | None:
    return equation.inputs[0] if _is(uniform(equation.inputs[1], known), 1.0) else None


def _less_zero(equation: Equation, known: Known) -> Atom | None:
    return equation.inputs[0] if _is(uniform(equation.inputs[1], known), 0.0) else None


def _plus_nothing(equation: Equation, known: Known) -> Atom | None:
    nothing = 0.0 if equation.outputs[0].aval.dtype.kind in "iu" else -0.0
    x, y = equation.inputs
    if _is(uniform(y, known), nothing):
        return x
    return y if _is(uniform(x, known), nothing) else None


def _twice(equation: Equation, known: Known) -> Atom | None:
    (x,) = equation.inputs
    before = known.get(x) if isinstance(x, Variable) else None
    return before.inputs[0] if before is not None and before.primitive is equation.primitive else None


def _itself(equation: Equation, known: Known) -> Atom | None:
    return equation.inputs[0]


def _there_and_back(equation: Equation, known: Known) -> Atom | None:
    (x,) = equation.inputs
    before = known.get(x) if isinstance(x, Variable) else None
    if before is not None and before.primitive is equation.primitive:
        first = before.inputs[0]
        return first if first.aval.dtype == x.aval.dtype else x
    return x


def _turned_back(equation: Equation, known: Known) -> Atom | None:
    (x,) = equation.inputs
    axes = equation.params["axes"]
    if axes == tuple(range(len(axes))):
        return x
    before = known.get(x) if isinstance(x, Variable) else None
    if before is not None and before.primitive is equation.primitive:
        return before.inputs[0] if inverse(axes) == before.params["axes"] else None
    return None


def is_whole(index: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Whether a basic index takes everything, in order."""
    return len(index) == len(shape) and all(
        isinstance(part, slice) and range(*part.indices(n)) == range(n)
        for part, n in zip(index, shape, strict=True)
    )


def _all_taken(equation: Equation, known: Known) -> Atom | None:
    x = equation.inputs[0]
    return x if is_whole(equation.params["index"], x.aval.shape) else None


def _all_given(equation: Equation, known: Known) -> Atom | None:
    return equation.inputs[-1] if is_whole(equation.params["index"], equation.outputs[0].aval.shape) else None


def _decided(equation: Equation, known: Known) -> Atom | None:
    mask, x, y = equation.inputs
    value = uniform(mask, known)
    return None if value is None else x if value else y


def _one_writer(equation: Equation, known: Known) -> Atom | None:
    aval = equation.outputs[0].aval
    return None if aval.shape else Literal(np.True_, aval)


RULES: dict[str, Rule] = {
    "multiply": _times_one,
    "scale": _times_one,
    "divide": _by_one,
    "subtract": _less_zero,
    "add": _plus_nothing,
    "negative": _twice,
    "reshape": _itself,
    "broadcast": _itself,
    "convert": _there_and_back,
    "stop_gradient": _itself,
    "named": _itself,
    "permute": _turned_back,
    "slice": _all_taken,
    "assign": _all_given,
    "embed": _all_given,
    "select": _decided,
    "last_writers": _one_writer,
}
"""By primitive. What a rule gives counts only where it has the type of the result."""


def same_as(equation: Equation, known: Known) -> Atom | None:
    """The operand or constant that an equation's result is; None where it is neither."""
    rule = RULES.get(equation.primitive.name)
    if rule is None:
        return None
    found = rule(equation, known)
    return found if found is not None and found.aval == equation.outputs[0].aval else None
