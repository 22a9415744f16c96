"""Simplify: constants folded, exact algebra, common subexpressions once, what nothing reads left out.

The result computes the same bits. It is a Program to be run, not to be differentiated: marks that only
derivatives read are taken out of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.equation import Atom, Equation, Literal, Variable
from ..core.program import Program
from ..errors import AdjointError
from ..lazy import checkpoints
from ..transforms.pulls import Params
from .algebra import numbers_for_arrays, plain_product, same_as
from .dead import constants_into, still_states, without_unread
from .sequences import rows_remade

_FOLDED = 256
"""Elements up to which a constant is computed once and for all."""
_ROUNDS = 8
_PLAIN = (bool, int, float, complex, str, type(None))
_WEIGHT = {"scale": 2, "custom": 2, "rerun": 2}
"""What can become another equation, and is then simpler."""


@lru_cache(maxsize=256)
def simplify(program: Program) -> Program:
    """The same Program, with less to do.

    >>> from adjoint import trace
    >>> print(simplify(trace(lambda x: (x * 1.0 - 0.0) * (2.0 + 3.0))(np.ones(3)).program))
    def program(x: float64[3]) -> float64[3]:
        a: float64[3] = multiply(x, 5.0)
        return a
    """
    for _ in range(_ROUNDS):
        less = without_unread(_Pass(program).result())
        if _size(less) == _size(program):
            break
        program = less
    return program


def _size(program: Program) -> int:
    """How much there is of it; a constant counts less than a variable."""
    count = 0
    pending = [program]
    while pending:
        part = pending.pop()
        atoms = [a for e in part.equations for a in e.inputs]
        count += (
            sum(_WEIGHT.get(e.primitive.name, 1) for e in part.equations)
            + len(atoms)
            + sum(isinstance(a, Variable) for a in atoms)
        )
        pending.extend(_held(part.equations))
    return count


def _held(equations: Sequence[Equation]) -> list[Program]:
    found: list[Program] = []
    for equation in equations:
        name, params = equation.primitive.name, equation.params
        if name == "loop":
            form = params["form"]
            found.extend(p for p in (form.body, form.cond) if p is not None)
        elif name == "switch":
            found.extend(params["branches"])
        elif name == "again":
            found.append(params["body"])
    return found


class _Pass:
    """One walk through a Program: `now` is what each variable has become."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.now: dict[Variable, Atom] = {}
        self.known: dict[Variable, Equation] = {}
        self.seen: dict[Any, tuple[Variable, ...]] = {}
        self.equations: list[Equation] = []

    def result(self) -> Program:
        """The Program after this walk."""
        program = self.program
        for equation in program.equations:
            self.take(equation)
        outputs = tuple(map(self.read, program.outputs))
        return Program(program.inputs, tuple(self.equations), outputs, program.name)

    def read(self, atom: Atom) -> Atom:
        """What an operand has become."""
        return self.now.get(atom, atom) if isinstance(atom, Variable) else atom

    def take(self, equation: Equation) -> None:
        """One equation: gone, or as it stands, or other ones in its place."""
        equation = replace(equation, inputs=tuple(map(self.read, equation.inputs)))
        equation = _as_program(equation)
        chosen = _chosen(equation) or _own(equation)
        if chosen is not None:
            self.inline(chosen, equation)
            return
        equation, still = still_states(equation)
        for variable, atom in still.items():
            self.become(variable, atom)
        if not equation.outputs:
            return
        if equation.primitive.name == "loop":
            equation = constants_into(rows_remade(equation, self.known))
        equation = _inside(equation)
        equation = plain_product(numbers_for_arrays(equation, self.known), self.known)
        same = same_as(equation, self.known)
        if same is None:
            same = _folded(equation)
        if same is not None:
            self.become(equation.outputs[0], same)
            return
        key = _key(equation)
        first = self.seen.get(key) if key is not None else None
        if first is not None:
            for variable, atom in zip(equation.outputs, first, strict=True):
                self.become(variable, atom)
            return
        if key is not None:
            self.seen[key] = equation.outputs
        self.known.update(dict.fromkeys(equation.outputs, equation))
        self.equations.append(equation)

    def become(self, variable: Variable, atom: Atom) -> None:
        """Note what a variable is; the user's name for it goes along."""
        if isinstance(atom, Variable) and atom.hint is None and atom not in self.program.inputs:
            atom.hint = variable.hint
        self.now[variable] = atom

    def inline(self, program: Program, equation: Equation) -> None:
        """The equations of a Program in the place of the one that held it."""
        operands = equation.inputs[1:] if equation.primitive.name == "switch" else equation.inputs
        for variable, atom in zip(program.inputs, operands, strict=True):
            self.now[variable] = atom
        for inner in program.equations:
            fresh = tuple(Variable(v.aval, v.hint) for v in inner.outputs)
            inputs = tuple(map(self.read, inner.inputs))
            self.now.update(zip(inner.outputs, fresh, strict=True))
            self.take(replace(inner, inputs=inputs, outputs=fresh, line=inner.line or equation.line))
        for variable, atom in zip(equation.outputs, program.outputs, strict=True):
            final = self.read(atom)
            self.now[variable] = self.read(final)


def _chosen(equation: Equation) -> Program | None:
    """The branch of a switch whose index is known."""
    if equation.primitive.name != "switch" or not isinstance(equation.inputs[0], Literal):
        return None
    branches = equation.params["branches"]
    return branches[min(max(int(equation.inputs[0].value), 0), len(branches) - 1)]


def _own(equation: Equation) -> Program | None:
    """The Program of a function that has a derivative rule of its own, which no longer matters."""
    return _staged(equation) if equation.primitive.name == "custom" else None


def _as_program(equation: Equation) -> Equation:
    """A checkpoint of a Python function as one of its Program."""
    program = _staged(equation) if equation.primitive.name == "rerun" else None
    if program is None:
        return equation
    params = {"body": program, "keep": checkpoints.nothing}
    return replace(equation, primitive=checkpoints.again, params=params)


def _staged(equation: Equation) -> Program | None:
    """The Program of a Python function; None where it asks for numbers."""
    try:
        return equation.params["function"].program(tuple(a.aval for a in equation.inputs))
    except AdjointError:
        return None


def _inside(equation: Equation) -> Equation:
    """The equation with the Programs that it holds simplified."""
    name, params = equation.primitive.name, equation.params
    if name == "loop":
        form = params["form"]
        cond = None if form.cond is None else simplify(form.cond)
        new: dict[str, Any] = {"form": replace(form, body=simplify(form.body), cond=cond)}
    elif name == "switch":
        new = {"branches": tuple(map(simplify, params["branches"]))}
    elif name == "again":
        new = {**params, "body": simplify(params["body"])}
    else:
        return equation
    return replace(equation, params=new)


def _folded(equation: Equation) -> Literal | None:
    """The value of an equation of constants, where it is small."""
    primitive = equation.primitive
    if primitive.many or primitive.forward is not None or not equation.inputs:
        return None
    if not all(isinstance(a, Literal) for a in equation.inputs):
        return None
    aval = equation.outputs[0].aval
    if aval.size > _FOLDED or (primitive.name == "broadcast" and aval.shape):
        return None
    values = [a.value for a in equation.inputs if isinstance(a, Literal)]
    try:
        with np.errstate(all="ignore"):
            value = primitive.evaluate(*values, **equation.params)
    except ArithmeticError:
        return None
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return Literal(value, aval) if aval_of(value) == aval else None


def _key(equation: Equation) -> Any:
    """What two equations have in common that compute the same; None where that is not known."""
    if equation.primitive.forward is not None:
        return None
    atoms = tuple(_atom_key(a) for a in equation.inputs)
    try:
        key = (equation.primitive, atoms, Params(equation.params))
        hash(key)
    except TypeError:
        return None
    return key


def _atom_key(atom: Atom) -> Any:
    if isinstance(atom, Variable):
        return atom
    value = atom.value
    if type(value) in _PLAIN or isinstance(value, np.generic):
        return (type(value), repr(value))
    return id(value)
