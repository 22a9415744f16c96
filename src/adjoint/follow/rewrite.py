"""Code in which every call, and every attribute that may be a property, goes through a converter.

    f(a, b)   becomes   convert(f)(a, b)
    obj.name  becomes   attribute(obj, name)
    a + b     becomes   two(a, b) + b, and so on: see `operators`

The instructions are those of the user's code with a few put in before each call and each operator, so
lines and columns, variables and closures stay as they are, and no source is needed. `VERSIONS` says which
interpreters' instructions are known here; for others there is `source`.
"""

import sys
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, Protocol

from .assembly import Handler, Instruction, Position, assemble, disassemble, heights, predecessors

VERSIONS = ((3, 11), (3, 12), (3, 13))
_NEW = sys.version_info[:2] >= (3, 13)
"""Whether the callable comes first on the stack, and nothing (or self) after it."""
_HAS_PRECALL = sys.version_info[:2] == (3, 11)

_OF_ARRAYS = frozenset(("shape", "ndim", "size", "dtype", "T", "real", "imag", "flat"))
_OF_NUMPY = frozenset(("float64", "float32", "pi", "inf", "nan", "newaxis", "linalg", "fft", "random"))
_OF_ALL = frozenset(("__name__", "__dict__"))
NO_PROPERTIES = _OF_ARRAYS | _OF_NUMPY | _OF_ALL
"""Attributes that are read as they are: those of arrays and of modules."""

_METHODS = frozenset(("LOAD_METHOD", "LOAD_ATTR", "LOAD_SUPER_ATTR"))
_MAKES_FUNCTION = frozenset(("MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE"))
_ENTERS = frozenset(("BEFORE_WITH", "BEFORE_ASYNC_WITH"))
_CALLS = frozenset(("CALL", "CALL_KW", "CALL_FUNCTION_EX"))

_GUARDED: dict[str, tuple[str, int, int]] = {
    "BINARY_OP": ("two", 2, 2),
    "COMPARE_OP": ("two", 2, 2),
    "BINARY_SUBSCR": ("one", 2, 1),
    "DELETE_SUBSCR": ("one", 2, 1),
    "STORE_SUBSCR": ("one", 2, 1),
    "BINARY_SLICE": ("one", 3, 1),
    "STORE_SLICE": ("one", 3, 1),
    "CONTAINS_OP": ("one", 1, 1),
    "UNARY_NEGATIVE": ("one", 1, 1),
    "UNARY_POSITIVE": ("one", 1, 1),
    "UNARY_INVERT": ("one", 1, 1),
    "GET_ITER": ("iterated", 1, 1),
    "GET_YIELD_FROM_ITER": ("iterated", 1, 1),
    "UNPACK_SEQUENCE": ("iterated", 1, 1),
    "UNPACK_EX": ("iterated", 1, 1),
    "LIST_EXTEND": ("iterated", 1, 1),
    "BEFORE_WITH": ("entered", 1, 1),
    "STORE_ATTR": ("assigned", 1, 1),
}
"""Instruction: the guard before it, how far down the stack what it guards is, and how many values it sees."""

_REMAINDERS = (6, 19)
"""The arguments of BINARY_OP that mean x % y and x %= y."""

_UNARY_POSITIVE = 5
"""The argument of CALL_INTRINSIC_1 that means +x, where that is no instruction of its own."""

Converter = Callable[..., Any]


class Answers(Protocol):
    """What stands in followed code: `converter.Converter`, and the guards of `operators`."""

    convert: Converter
    attribute: Converter
    guards: Any


def rewritten(code: CodeType, answers: Answers) -> CodeType:
    """The code with its calls converted, and that of the functions in it; itself where it has none."""
    consts = tuple(rewritten(c, answers) if isinstance(c, CodeType) else c for c in code.co_consts)
    changed = any(new is not old for new, old in zip(consts, code.co_consts, strict=True))
    instructions, handlers = disassemble(code)
    if not any(map(_is_of_interest, instructions)):
        return code.replace(co_consts=consts) if changed else code
    editor = _Editor(code, consts, answers)
    new, moved = editor.run(instructions, handlers)
    for handler in handlers:
        handler.start, handler.target = moved[handler.start], moved[handler.target]
        handler.end = moved[handler.end] if handler.end is not None else None
    for instruction in new:
        if instruction.target is not None:
            instruction.target = moved[instruction.target]
    return assemble(
        code,
        new,
        handlers,
        co_consts=tuple(editor.consts),
        co_stacksize=code.co_stacksize + 5,
    )


def _is_of_interest(instruction: Instruction) -> bool:
    return instruction.name in _CALLS or instruction.name == "LOAD_ATTR" or _guard_of(instruction) is not None


def _guard_of(instruction: Instruction) -> tuple[str, int, int] | None:
    if instruction.name == "BINARY_OP" and instruction.arg in _REMAINDERS:
        return ("remainder", 2, 2)
    if instruction.name == "CALL_INTRINSIC_1" and instruction.arg == _UNARY_POSITIVE:
        return _GUARDED["UNARY_POSITIVE"]
    return _GUARDED.get(instruction.name)


class _Editor:
    """Puts conversions into one list of instructions."""

    def __init__(self, code: CodeType, consts: tuple[Any, ...], answers: Answers) -> None:
        self.code, self.answers = code, answers
        self.consts: list[Any] = list(consts)
        self.places: dict[Any, int] = {}
        self.convert, self.attribute = self._const(answers.convert), self._const(answers.attribute)

    def _const(self, value: Any) -> int:
        """Where in the constants a name or a function of ours stands."""
        if value not in self.places:
            self.places[value] = len(self.consts)
            self.consts.append(value)
        return self.places[value]

    def run(
        self, instructions: Sequence[Instruction], handlers: Sequence[Handler]
    ) -> tuple[list[Instruction], dict[Instruction, Instruction]]:
        """The new instructions, and for each old one where a jump to it now goes."""
        before = self._calls(instructions, heights(instructions, handlers))
        new: list[Instruction] = []
        moved: dict[Instruction, Instruction] = {}
        for instruction in instructions:
            steps = [*before.get(instruction, ()), *self._guard(instruction), *self._attribute(instruction)]
            moved[instruction] = steps[0]
            new += steps
        return new, moved

    # --- calls -------------------------------------------------------------------------------

    def _calls(
        self, instructions: Sequence[Instruction], height: dict[Instruction, int]
    ) -> dict[Instruction, list[Instruction]]:
        """What to put in before which instruction, so that callables are converted on the stack."""
        found: dict[Instruction, list[Instruction]] = {}
        earlier = predecessors(instructions, height)
        for at, call in enumerate(instructions):
            if call.name not in _CALLS or call not in height:
                continue
            place = at - (_HAS_PRECALL and call.name == "CALL")
            place -= instructions[place - 1].name == "KW_NAMES"
            if call.name == "CALL_FUNCTION_EX":
                first = 3 + (call.arg & 1)
            else:
                first = call.arg + 2 + (call.name == "CALL_KW")
            empty = _is_empty(instructions[place], height[instructions[place]] - first, height, earlier)
            if empty is not None:
                depth = first - 1 if empty and not _NEW else first
                found[instructions[place]] = self._converted(depth, call.position)
        return found

    def _converted(self, depth: int, position: Position) -> list[Instruction]:
        load = [("PUSH_NULL", 0), ("LOAD_CONST", self.convert)]
        call = [("PRECALL", 1)] * _HAS_PRECALL + [("CALL", 1)]
        steps = [
            *(load[::-1] if _NEW else load),
            ("COPY", depth + 2),
            *call,
            ("SWAP", depth + 1),
            ("POP_TOP", 0),
        ]
        return [Instruction(name, arg, position) for name, arg in steps]

    # --- operators ---------------------------------------------------------------------------

    def _guard(self, instruction: Instruction) -> list[Instruction]:
        """What puts a guarded value in an operand's place."""
        guard = _guard_of(instruction)
        if guard is None:
            return []
        name, depth, count = guard
        load = [("PUSH_NULL", 0), ("LOAD_CONST", self._const(getattr(self.answers.guards, name)))]
        steps = [*(load[::-1] if _NEW else load), *[("COPY", depth + 2)] * count]
        steps += [*[("PRECALL", count)] * _HAS_PRECALL, ("CALL", count), ("SWAP", depth + 1), ("POP_TOP", 0)]
        return [Instruction(name, arg, instruction.position) for name, arg in steps]

    # --- attributes --------------------------------------------------------------------------

    def _attribute(self, instruction: Instruction) -> list[Instruction]:
        """An attribute that is called becomes a plain one with nothing beside it; others are converted."""
        name, arg, position = instruction.name, instruction.arg, instruction.position
        if name not in _METHODS:
            return [instruction]
        if not _gives_method(instruction):
            return self._looked_up(instruction) if name == "LOAD_ATTR" else [instruction]
        plain = "LOAD_ATTR" if name == "LOAD_METHOD" else name
        steps = [(plain, arg if _HAS_PRECALL else arg & ~1), ("PUSH_NULL", 0), ("SWAP", 2)]
        return [Instruction(name, arg, position) for name, arg in (steps[:2] if _NEW else steps)]

    def _looked_up(self, instruction: Instruction) -> list[Instruction]:
        arg, position = instruction.arg, instruction.position
        name = self.code.co_names[arg if _HAS_PRECALL else arg >> 1]
        if name in NO_PROPERTIES:
            return [instruction]
        steps = [("LOAD_CONST", self.attribute), ("SWAP", 2)]
        steps = [*steps, *_NOTHING] if _NEW else [*_NOTHING, *steps]
        steps += [("LOAD_CONST", self._const(name))]
        steps += [("PRECALL", 2)] * _HAS_PRECALL + [("CALL", 2)]
        return [Instruction(name, arg, position) for name, arg in steps]


_NOTHING = [("PUSH_NULL", 0), ("SWAP", 2)]


def _gives_method(instruction: Instruction) -> bool:
    """Whether an instruction reads an attribute that is about to be called."""
    if instruction.name == "LOAD_METHOD":
        return True
    return instruction.name in _METHODS and not _HAS_PRECALL and bool(instruction.arg & 1)


def _is_empty(
    here: Instruction,
    slot: int,
    height: dict[Instruction, int],
    earlier: dict[Instruction, Instruction],
) -> bool | None:
    """Whether the first place on the stack that a call takes is empty, so that the callable comes second.

    None for calls that no converter need see: of comprehensions, of `__exit__`, of AssertionError; and
    where it cannot be told.
    """
    lowest = height[here]
    while True:
        instruction = earlier.get(here)
        if instruction is None:
            return None
        before, after = height[instruction], height[here]
        if instruction.name == "SWAP" and before - instruction.arg <= slot + 1:
            return None  # no compiler's work: which is the callable is not seen
        if _gives_method(instruction) and after == slot + 2 <= lowest:
            return True
        if instruction.name in _MAKES_FUNCTION and after == slot + 1 == lowest:
            return None
        if instruction.name in _ENTERS and before == slot + 1:
            return None
        if before <= slot:
            if instruction.name in ("LOAD_ASSERTION_ERROR", "LOAD_BUILD_CLASS"):
                return None
            return instruction.name == "PUSH_NULL" or (
                instruction.name == "LOAD_GLOBAL" and instruction.arg & 1 == 1
            )
        lowest, here = min(lowest, before), instruction
