"""The writer of functions: equations as lines, with their operands' names, one function at a time.

A `Module` collects functions and constants; a `Function` writes one. `statements` says how equations that
hold Programs are written.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.equation import Atom, Equation, Line, Literal, Variable
from ...core.program import Program
from ...core.stack import StackAval
from ...dtypes import bfloat16
from .comments import comment
from .names import Names, hints_in
from .places import NOWHERE, Block, Buffers, fresh, is_large, memory_of

INDENT = "    "
PREFIX = "constant_"
_SPELLED = (bool, int, float, complex, str, tuple, slice, np.dtype, type(None))
_PYTHON = {"f": "float", "c": "complex", "i": "int", "b": "bool"}
_NARROW = frozenset("efFV")
"""Kinds of dtype that a NumPy float64 would widen, where a Python float does not."""


@dataclass(frozen=True)
class Style:
    """How a module is written.

    `private`: results share no memory with operands or with each other. `frees`: large values are deleted
    when nothing reads them any more. `comments`: the user's line stands above what it computes. `spelled`:
    NumPy's numbers are written out, for text that stands by itself.
    """

    private: bool = False
    frees: bool = False
    comments: bool = False
    spelled: bool = False


Statement = Callable[["Function", Block, int, Equation], None]


@dataclass
class Module:
    """Functions that are written together, and what their text cannot spell."""

    style: Style
    statements: dict[str, Statement]
    reserved: frozenset[str]
    constants: dict[str, Any] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def constant(self, value: Any) -> str:
        """A name for a value that the text cannot spell."""
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"{PREFIX}{len(self.constants)}"
        self.constants[name] = value
        return name

    def known(self, name: str, value: Any) -> str:
        """A name for one of our own functions that the text calls."""
        while self.constants.get(name, value) is not value or name in self.used:
            name += "_"
        self.constants[name] = value
        return name

    def function(self, program: Program, name: str | None = None) -> str:
        """The name of the function that computes a Program, written now if it was not before."""
        if id(program) not in self.names:
            self.kept.append(program)
            own = self.fresh(name or program.name)
            self.names[id(program)] = own
            self.functions.append(Function(self, program).text(own))
        return self.names[id(program)]

    def fresh(self, wanted: str) -> str:
        """A name for a function that no other one has."""
        wanted = wanted if wanted.isidentifier() and wanted not in self.reserved else "program"
        name, number = wanted, 1
        while name in self.names.values() or name in self.used:
            number += 1
            name = f"{wanted}_{number}"
        return name


class Function:
    """Writes one function: names and memory of its variables, and its lines."""

    __slots__ = (
        "buffers",
        "depth",
        "line",
        "lines",
        "lists",
        "module",
        "names",
        "narrow",
        "prefer",
        "program",
        "rebound",
        "text_of",
    )

    def __init__(self, module: Module, program: Program) -> None:
        self.module, self.program = module, program
        self.names = Names({*module.reserved, *module.names.values()}, hints_in(program), PREFIX, module.used)
        self.text_of: dict[Variable, str] = {}
        self.buffers: dict[Variable, Buffers] = {}
        self.lists: set[Variable] = set()
        self.rebound: set[Variable] = set()
        self.prefer: dict[Variable, str] = {}
        self.lines: list[str] = []
        self.depth = 1
        self.line: Line | None = None
        self.narrow = is_narrow(program)

    # --- lines -------------------------------------------------------------------------------

    def emit(self, line: str) -> None:
        """One more line."""
        self.lines.append(INDENT * self.depth + line)

    def text(
        self,
        name: str,
        results: Callable[[list[str]], str] | None = None,
        *,
        names: Sequence[str] | None = None,
        parameters: Sequence[str] | None = None,
        before: Sequence[str] = (),
    ) -> str:
        """The whole function; `before` are lines that take inputs called `names` out of the parameters."""
        inputs = self.program.inputs
        for parameter in parameters or ():
            if parameter not in (names or ()):
                self.names.new(parameter)
        for variable, own in zip(inputs, names or [v.hint for v in inputs], strict=True):
            self.text_of[variable] = self.names.new(own)
            self.buffers[variable] = fresh(variable.aval, own=False)
        head = f"def {name}({', '.join(parameters or [self.text_of[v] for v in inputs])}):"
        for line in before:
            self.emit(line)
        found = self.block(self.program)
        if self.module.style.private:
            found = self.apart(self.program.outputs, found)
        self.emit(results(found) if results else _returned(found))
        return "\n".join([head, *self.lines]) + "\n"

    def block(self, program: Program, wanted: Sequence[tuple[Variable | None, Atom, str]] = ()) -> list[str]:
        """Write a Program, whose inputs have their names; the texts of its outputs.

        `wanted` are names that outputs should have, each with the variable that now has the name.
        """
        block = Block(program)
        self._prefer(block, wanted)
        for position, equation in enumerate(block.equations):
            if equation in block.skipped or any(v in block.instead for v in equation.outputs):
                continue
            self.note(equation.line)
            statement = self.module.statements.get(equation.primitive.name, write_plain)
            statement(self, block, position, equation)
            self.forget(block, position)
        return [self.operand(block.read(a)) for a in program.outputs]

    def note(self, line: Line | None) -> None:
        """The user's line as a comment, where it is another one than before."""
        if self.module.style.comments and line is not None and line != self.line:
            self.line = line
            self.emit(comment(line))

    def _prefer(self, block: Block, wanted: Sequence[tuple[Variable | None, Atom, str]]) -> None:
        places = {v: i for i, e in enumerate(block.equations) for v in e.outputs}
        for before, atom, name in wanted:
            if not isinstance(atom, Variable) or block.outputs.count(atom) > 1:
                continue
            place = places.get(atom, -1)
            if place < 0 or block.equations[place].primitive.name in self.module.statements:
                continue
            if before is None or block.last.get(before, -1) <= place:
                self.prefer[atom] = name

    # --- values ------------------------------------------------------------------------------

    def operand(self, atom: Atom) -> str:
        """An operand's text: a name, or a constant."""
        if not isinstance(atom, Literal):
            return self.text_of[atom]
        value = atom.value
        if type(value) in (float, int, complex, bool):
            return scalar_text(value)
        if self.module.style.spelled and isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return _numpy_text(value)
        return self.module.constant(value)

    def name(self, variable: Variable) -> str:
        """A new name for a variable: the one that it should have, the user's, or a short one."""
        name = self.prefer.pop(variable, None) or self.names.new(variable.hint)
        self.text_of[variable] = name
        return name

    def targets(self, equation: Equation) -> str:
        """New names for the results of an equation, as the left side of an assignment."""
        names = ", ".join([self.name(v) for v in equation.outputs])
        return f"({names},)" if equation.primitive.many and len(equation.outputs) == 1 else names

    def dtype(self, dtype: Any) -> str:
        """A dtype's text."""
        return self.module.constant(dtype) if dtype.kind not in "biufc" else f"np.{dtype.name}"

    def new_array(self, shape: tuple[int, ...], dtype: Any, maker: str = "np.empty") -> str:
        """The text that makes an array."""
        size = str(shape[0]) if len(shape) == 1 else str(shape)
        return f"{maker}({size})" if dtype == np.float64 else f"{maker}({size}, {self.dtype(dtype)})"

    def parameter(self, value: Any) -> Any:
        """A parameter as `source` gets it: what the text cannot spell, such as a function, by a name."""
        return value if is_spelled(value) else self.module.constant(value)

    # --- memory ------------------------------------------------------------------------------

    def may_overwrite(self, block: Block, position: int, atom: Atom) -> bool:
        """Whether an operand's array is this function's, and nothing reads it after this equation."""
        if not isinstance(atom, Variable) or not atom.aval.shape or block.last.get(atom, -1) > position:
            return False
        mine = self.buffers.get(atom, NOWHERE)
        if len(mine) != 1 or not all(b.own for b in mine):
            return False
        return not any(mine & self.buffers.get(v, NOWHERE) for v in block.read_after(position))

    def forget(self, block: Block, position: int) -> None:
        """Delete large values that this equation was the last to read."""
        if not self.module.style.frees or position + 1 >= len(block.equations):
            return
        gone: list[str] = []
        for variable in dict.fromkeys(a for a in block.equations[position].inputs if isinstance(a, Variable)):
            if not is_large(variable.aval) or block.last.get(variable, position) > position:
                continue
            name = self.text_of.get(variable)
            if name is None or variable not in block.defined:
                continue
            if not any(self.text_of.get(v) == name for v in block.read_after(position)):
                gone.append(name)
        if gone:
            self.emit(f"del {', '.join(dict.fromkeys(gone))}")

    def apart(self, outputs: Sequence[Atom], found: list[str]) -> list[str]:
        """Results that share no memory with operands, constants or each other."""
        seen: set[Any] = set()
        texts: list[str] = []
        for atom, text in zip(outputs, found, strict=True):
            mine = NOWHERE if isinstance(atom, Literal) else self.buffers.get(atom, NOWHERE)
            if isinstance(atom.aval, StackAval):
                texts.append(text)
                continue
            if atom.aval.shape and (not mine or mine & seen or not all(b.own for b in mine)):
                text = f"{text}.copy()"
            seen |= mine
            texts.append(text)
        return texts


def write_plain(function: Function, block: Block, position: int, equation: Equation) -> None:
    """An equation as an assignment."""
    right = expression(function, block, equation)
    inputs = [
        function.buffers.get(a, NOWHERE) if isinstance(a, Variable) else fresh(a.aval, own=False)
        for a in map(block.read, equation.inputs)
    ]
    function.emit(f"{function.targets(equation)} = {right}")
    found = memory_of(equation.primitive, inputs, equation.outputs)
    function.buffers.update(zip(equation.outputs, found, strict=True))


def expression(function: Function, block: Block, equation: Equation) -> str:
    """The right side of an equation."""
    primitive = equation.primitive
    atoms = [block.read(a) for a in equation.inputs]
    names = _operands(function, equation, atoms)
    params = {k: function.parameter(v) for k, v in equation.params.items()}
    source = primitive.source
    if primitive.name == "convert" and function.module.style.private:
        made = _converted(names[0], equation)
        if made is not None:
            return made
    if not isinstance(source, str):
        return source(names, [a.aval for a in equation.inputs], **params)
    weak = all(a.aval.weak for a in equation.inputs)
    widens = weak and function.narrow and source.startswith("np.")  # by NumPy's float64, arrays that it meets
    if weak and (_raises(source) or (widens and not function.module.style.spelled)):
        listed = [*names, *(f"{k}={v!r}" for k, v in params.items())]
        return f"{primitive.name}({', '.join(listed)})"
    text = source.format(*names, **params)
    return f"{text}.item()" if widens else text


def _converted(name: str, equation: Equation) -> str | None:
    """A number of another type, made by that type; None where that would not do."""
    before, after = equation.inputs[0].aval, equation.outputs[0].aval
    if (
        after.shape
        or after.dtype.kind not in "biufc"
        or (before.dtype.kind == "c" and after.dtype.kind != "c")
    ):
        return None
    if not after.weak:
        return f"np.{after.dtype.name}({name})" if before.weak else None
    return f"{_PYTHON[after.dtype.kind]}({name})" if after.dtype.kind in _PYTHON else None


def _operands(function: Function, equation: Equation, atoms: list[Atom]) -> list[str]:
    """The operands' text; NumPy has to be told that Python scalars are weak beside bfloat16."""
    half = equation.primitive.elementwise and any(a.aval.dtype == bfloat16 for a in equation.inputs)
    names = [function.operand(a) for a in atoms]
    return [f"halved({n})" if half and a.aval.weak else n for n, a in zip(names, atoms, strict=True)]


def _variables(program: Program) -> list[Variable]:
    return [*program.inputs, *(v for e in program.equations for v in e.outputs)]


def is_narrow(program: Program) -> bool:
    """Whether there are weak numbers beside arrays of less than double precision."""
    avals = [v.aval for v in _variables(program)]
    return any(a.weak for a in avals) and any(not a.weak and a.dtype.char in _NARROW for a in avals)


def _returned(found: list[str]) -> str:
    results = "".join(f"{text}, " for text in found)
    if len(found) == 1:
        return f"return ({found[0]},)"
    return f"return ({results.removesuffix(', ')})" if results else "return ()"


def _raises(source: str) -> bool:
    """Whether Python's operator raises on its own numbers where NumPy's gives an infinity or NaN."""
    return "/" in source or "**" in source or "%" in source


def is_spelled(value: Any) -> bool:
    """Whether a parameter's `repr` is its text."""
    return isinstance(value, _SPELLED) and (type(value) is not tuple or all(map(is_spelled, value)))


def scalar_text(value: Any) -> str:
    """A Python scalar as an operand: negative ones in brackets, infinities and NaN by name."""
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "(-np.inf)"
    text = repr(value)
    return f"({text})" if text.startswith("-") else text


def _numpy_text(value: Any) -> str:
    inner = scalar_text(value.item()).removeprefix("(").removesuffix(")")
    return f"np.{value.dtype.name}({inner})" if value.dtype.kind != "b" else f"np.bool_({inner})"
