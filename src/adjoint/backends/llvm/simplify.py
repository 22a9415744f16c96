"""A Program made smaller before it is compiled, with the same values.

Composed primitives are written out, what is computed twice is computed once, and steps that change nothing
fall away. All of it is exact in IEEE arithmetic.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ...core.avals import Aval, aval_of
from ...core.equation import Atom, Equation, Literal, Variable
from ...core.program import Program
from ...core.trace import stage
from ...primitives.arithmetic import divide, multiply, subtract
from ...primitives.comparison import equal, isfinite
from ...primitives.exponential import exp, log
from ...primitives.powers import sqrt
from ...primitives.reduction import reduce_max, reduce_min
from ...primitives.structure import add, convert, reduce_sum, select, spread

# --- composed primitives -------------------------------------------------------------------------


def _shares(x: Any, *, axes: tuple[int, ...], largest: bool) -> Any:
    aval = aval_of(x)
    top = (reduce_max if largest else reduce_min)(x, axes=axes)
    won = convert(equal(x, spread(top, aval.shape, axes)), dtype=aval.dtype, weak=False)
    share = divide(1.0, reduce_sum(won, axes=axes))
    return multiply(won, spread(share, aval.shape, axes))


def _norm(x: Any, *, axes: tuple[int, ...], count: float) -> Any:
    total = reduce_sum(multiply(x, x), axes=axes)
    return sqrt(total if count == 1 else divide(total, count))


def _shifted(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    top = reduce_max(x, axes=axes)
    shift = select(isfinite(top), top, 0.0)
    low = subtract(x, spread(shift, aval_of(x).shape, axes))
    return low, shift, log(reduce_sum(exp(low), axes=axes))


def _logsumexp(x: Any, *, axes: tuple[int, ...]) -> Any:
    _, shift, total = _shifted(x, axes)
    return add(total, shift)


def _again(*args: Any, body: Program, **params: Any) -> Any:
    del params
    return _run(body, args)


COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "shares": _shares,
    "norm": _norm,
    "logsumexp": _logsumexp,
    "again": _again,
}
"""Primitives by name that are compiled as others put together."""


def _run(program: Program, values: Any) -> list[Any]:
    known: dict[Atom, Any] = dict(zip(program.inputs, values, strict=True))
    for equation in program.equations:
        args = [a.value if isinstance(a, Literal) else known[a] for a in equation.inputs]
        made = COMPOSED.get(equation.primitive.name, equation.primitive)(*args, **equation.params)
        known.update(zip(equation.outputs, made if equation.primitive.many else (made,), strict=True))
    return [a.value if isinstance(a, Literal) else known[a] for a in program.outputs]


def expanded(program: Program) -> Program:
    """The Program with its composed primitives written out."""
    while any(e.primitive.name in COMPOSED for e in program.equations):
        taken = program
        program = stage(lambda *xs, p=taken: _run(p, xs), [v.aval for v in program.inputs], name=program.name)
    return program


# --- the same once, and nothing for nothing ------------------------------------------------------


def uniform(atom: Atom) -> Any:
    """The one number that a constant has in every element; None for all else."""
    if not isinstance(atom, Literal):
        return None
    value = atom.value
    if not isinstance(value, np.ndarray):
        return value
    if value.size == 0:
        return None
    first = value.reshape(-1)[:1] if all(value.strides) else value[(slice(0, 1),) * value.ndim].reshape(-1)
    same = not any(value.strides) or bool((value == first[0]).all())
    return first[0] if same and (first[0] != 0 or _is_positive_zero(value)) else None


def _is_positive_zero(value: np.ndarray) -> bool:
    return value.dtype.kind != "f" or not np.signbit(value).any()


_SPELLED = (bool, int, float, complex, str, np.dtype, type(None))


def _key(value: Any) -> Any:
    """A parameter as a part of a dictionary's key; raises TypeError for what does not go by value."""
    if isinstance(value, slice):
        return ("slice", value.start, value.stop, value.step)
    if isinstance(value, tuple):
        return tuple(map(_key, value))
    if isinstance(value, _SPELLED):
        return (type(value), str(value))
    raise TypeError


def _equation_key(equation: Equation, inputs: tuple[Atom, ...]) -> Any:
    operands = []
    for atom in inputs:
        value = uniform(atom)
        operands.append(id(atom) if value is None else (str(atom.aval), str(value)))
    return equation.primitive, tuple(operands), tuple((k, _key(v)) for k, v in equation.params.items())


def _neutral(equation: Equation, inputs: tuple[Atom, ...], out: Aval) -> Atom | None:
    """The operand that the equation hands on as it is."""
    name = equation.primitive.name
    if name in ("reshape", "broadcast", "permute", "convert", "stop_gradient"):
        same = inputs[0].aval == out and isinstance(inputs[0], Variable)
        moved = name == "permute" and equation.params["axes"] != tuple(range(len(out.shape)))
        return inputs[0] if same and not moved else None
    if name == "reduce_sum" and not equation.params["axes"]:
        return inputs[0]
    places = {"multiply": (0, 1), "scale": (0, 1), "divide": (1,)}.get(name, ())
    for place in places:
        other = inputs[1 - place]
        if uniform(inputs[place]) == 1 and other.aval == out and isinstance(other, Variable):
            return other
    return None


def _plain_product(equation: Equation, inputs: tuple[Atom, ...]) -> Equation:
    """A product by `scale` as a plain one where a factor is known to be finite and not zero."""
    numbers = [uniform(a) for a in inputs]
    known = any(isinstance(n, (float, np.floating)) and n != 0 and math.isfinite(n) for n in numbers)
    primitive = multiply if equation.primitive.name == "scale" and known else equation.primitive
    return Equation(primitive, inputs, equation.params, equation.outputs, equation.line)


def simplified(program: Program) -> Program:
    """The Program with each value computed once and read where it is wanted."""
    instead: dict[Variable, Atom] = {}
    known: dict[Any, tuple[Variable, ...]] = {}
    kept: list[Equation] = []

    def current(atom: Atom) -> Atom:
        return instead.get(atom, atom) if isinstance(atom, Variable) else atom

    for equation in program.equations:
        inputs = tuple(map(current, equation.inputs))
        same = _neutral(equation, inputs, equation.outputs[0].aval) if len(equation.outputs) == 1 else None
        if same is not None:
            instead[equation.outputs[0]] = same
            continue
        try:
            key = _equation_key(equation, inputs)
        except TypeError:
            key = equation
        if key in known:
            instead.update(zip(equation.outputs, known[key], strict=True))
            continue
        known[key] = equation.outputs
        kept.append(_plain_product(equation, inputs))
    outputs = tuple(map(current, program.outputs))
    return Program(program.inputs, tuple(kept), outputs, program.name).without_dead()
