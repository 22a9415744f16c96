"""Where values lie while a function runs: which of them share memory, and when each is read last.

What nothing else reads any more can be overwritten (`a[i] = v` in place of a copy), or forgotten (`del`).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ...core.avals import Aval
from ...core.equation import Atom, Equation, Variable
from ...core.primitive import Primitive
from ...core.program import Program
from ...core.stack import StackAval

VIEWS = frozenset(("broadcast", "convert", "gather", "imag", "permute", "real", "reshape", "slice"))
"""Primitives whose result may share memory with their operand."""

LARGE = 1 << 15
"""Bytes from which on a value is worth a `del`."""


class Buffer:
    """Memory that values lie in. `own`: made by this function, and so its to overwrite."""

    __slots__ = ("own", "written")

    def __init__(self, *, own: bool) -> None:
        self.own = own
        self.written = False


Buffers = frozenset[Buffer]
NOWHERE: Buffers = frozenset()
"""Of numbers, which nothing can be written into."""


def fresh(aval: Aval, *, own: bool = True) -> Buffers:
    """Memory for a new value."""
    return frozenset((Buffer(own=own),)) if aval.shape or isinstance(aval, StackAval) else NOWHERE


def is_large(aval: Aval) -> bool:
    """Whether it pays to forget a value early."""
    return isinstance(aval, StackAval) or aval.size * aval.dtype.itemsize >= LARGE


def broadcasts(equation: Equation) -> bool:
    """Whether NumPy's own broadcasting serves the written text of an equation."""
    primitive = equation.primitive
    if not primitive.elementwise or primitive.name == "convert":
        return False
    if primitive.name in ("scale", "select"):
        return True
    return isinstance(primitive.source, str) and not primitive.source.startswith(f"{primitive.name}(")


class Block:
    """The equations of a Program in the order in which they are written.

    `last` is the position of a variable's last reader; `instead` holds broadcast values that NumPy
    broadcasts by itself, with what they are made of.
    """

    __slots__ = ("defined", "equations", "instead", "last", "outputs", "skipped", "users")

    def __init__(self, program: Program) -> None:
        self.equations = _moved(program)
        self.outputs = program.outputs
        self.defined = {v for e in self.equations for v in e.outputs}
        self.users: dict[Variable, list[Equation]] = {}
        for equation in self.equations:
            for atom in equation.inputs:
                if isinstance(atom, Variable):
                    self.users.setdefault(atom, []).append(equation)
        self.instead = self._stretched()
        self.skipped: set[Equation] = set()
        self.last: dict[Variable, int] = {}
        for position, equation in enumerate(self.equations):
            if not any(v in self.instead for v in equation.outputs):
                self._note(equation.inputs, position)
        self._note(self.outputs, len(self.equations))

    def _note(self, atoms: Sequence[Atom], position: int) -> None:
        """Note that what is read in the place of these is read here."""
        for atom in map(self.read, atoms):
            if isinstance(atom, Variable):
                self.last[atom] = position

    def read(self, atom: Atom) -> Atom:
        """What is read in the place of an operand."""
        while isinstance(atom, Variable) and atom in self.instead:
            atom = self.instead[atom]
        return atom

    def used_once(self, variable: Variable) -> bool:
        """Whether one equation reads it, and no result is it."""
        return len(self.users.get(variable, ())) == 1 and variable not in self.outputs

    def read_after(self, position: int) -> Iterable[Variable]:
        """The variables that are read later on."""
        return (v for v, last in self.last.items() if last > position)

    def _stretched(self) -> dict[Variable, Atom]:
        found = {
            e.outputs[0]: e.inputs[0]
            for e in self.equations
            if e.primitive.name == "broadcast"
            and e.outputs[0] not in self.outputs
            and all(map(broadcasts, self.users.get(e.outputs[0], ())))
        }
        chosen = {
            e.outputs[0]: e.inputs[0]
            for e in self.equations
            if e.primitive.name == "convert" and self._chooses(e.outputs[0], e.inputs[0])
        }
        changed = bool(found)
        while changed:
            changed = False
            for equation in self.equations:
                taken = [a for a in equation.inputs if a in found]
                if taken and not _fills(equation, found):
                    changed = True
                    for atom in taken:
                        found.pop(atom, None)  # pyright: ignore[reportArgumentType]
        return {**found, **chosen}

    def _chooses(self, variable: Variable, condition: Atom) -> bool:
        """Whether a number is a truth value that does nothing but choose between two branches."""
        users = self.users.get(variable, ())
        return (
            condition.aval.dtype.kind == "b"
            and variable not in self.outputs
            and bool(users)
            and all(
                e.primitive.name == "switch"
                and len(e.params["branches"]) == 2
                and e.inputs.index(variable) == 0
                and variable not in e.inputs[1:]
                for e in users
            )
        )


def _fills(equation: Equation, instead: dict[Variable, Atom]) -> bool:
    """Whether the operands still have the shape of the result between them."""
    shapes: list[tuple[int, ...]] = []
    for atom in equation.inputs:
        while isinstance(atom, Variable) and atom in instead:
            atom = instead[atom]
        shapes.append(atom.aval.shape)
    return np.broadcast_shapes(*shapes) == equation.outputs[0].aval.shape


_PARTS = ("embed", "scatter_add")


def _moved(program: Program) -> tuple[Equation, ...]:
    """The equations, with each that puts a part among zeros right before the one sum that it is for."""
    readers: dict[Variable, list[Equation]] = {}
    for equation in program.equations:
        for atom in equation.inputs:
            if isinstance(atom, Variable):
                readers.setdefault(atom, []).append(equation)
    later: dict[Equation, list[Equation]] = {}
    early: list[Equation] = []
    for equation in program.equations:
        if equation.primitive.name in _PARTS:
            (out,) = equation.outputs
            users = readers.get(out, [])
            if len(users) == 1 and users[0].primitive.name == "add" and out not in program.outputs:
                later.setdefault(users[0], []).append(equation)
                continue
        early.append(equation)
    if not later:
        return program.equations
    return tuple(e for equation in early for e in (*later.get(equation, ()), equation))


def memory_of(
    primitive: Primitive, inputs: Sequence[Buffers], outputs: Sequence[Variable]
) -> Iterable[Buffers]:
    """Where the results of an equation lie."""
    if primitive.name in VIEWS:
        shared = frozenset(b for buffers in inputs for b in buffers)
        return [shared if v.aval.shape else NOWHERE for v in outputs]
    return [fresh(v.aval, own=not primitive.many) for v in outputs]
