"""Python code objects taken apart into instructions, and put together again.

Between `disassemble` and `assemble` instructions can be put in anywhere: jumps hold the instruction that
they go to, every instruction its place in the user's source, and the ranges of exception handlers the
instructions that begin and end them. The formats of positions and handlers are those of CPython 3.11 and
later.
"""

import dis
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import CodeType
from typing import Any

_UNIT = 2
_EXTENDED = dis.opmap["EXTENDED_ARG"]
_RELATIVE = frozenset(dis.hasjrel)

Position = tuple[int | None, int | None, int | None, int | None]
"""First and last line, first and last column."""


def _cache_counts() -> dict[int, int]:
    """How many units of inline cache follow each opcode."""
    known: Any = dis._inline_cache_entries  # type: ignore[attr-defined]
    if isinstance(known, dict):
        return {dis.opmap[name]: count for name, count in known.items() if name in dis.opmap}
    return {code: count for code, count in enumerate(known) if count}


_CACHES = _cache_counts()


class Instruction:
    """An operation with its argument, or for a jump with the instruction that it goes to."""

    __slots__ = ("arg", "name", "opcode", "position", "target")

    def __init__(self, name: str, arg: int = 0, position: Position = (None, None, None, None)) -> None:
        self.name, self.opcode, self.arg, self.position = name, dis.opmap[name], arg, position
        self.target: Instruction | None = None

    def size(self) -> int:
        """Units of code: extensions of the argument, the operation, its cache."""
        return _extensions(self.arg) + 1 + _CACHES.get(self.opcode, 0)


class Handler:
    """A range of instructions whose exceptions go to `target`; `end` is the first beyond, None at the end."""

    __slots__ = ("depth", "end", "keeps_place", "start", "target")

    def __init__(
        self,
        start: Instruction,
        end: Instruction | None,
        target: Instruction,
        depth: int,
        keeps_place: bool,
    ) -> None:
        self.start, self.end, self.target, self.depth = start, end, target, depth
        self.keeps_place = keeps_place


def _extensions(arg: int) -> int:
    return 0 if arg < 256 else (arg.bit_length() - 1) // 8


def disassemble(code: CodeType) -> tuple[list[Instruction], list[Handler]]:
    """The instructions of a code object, in order, and its exception handlers."""
    found: list[Instruction] = []
    starts: dict[int, Instruction] = {}
    jumps: list[tuple[Instruction, int]] = []
    positions = list(code.co_positions())
    raw = code.co_code
    at, arg, first = 0, 0, 0
    while at < len(raw):
        opcode, arg = raw[at], arg << 8 | raw[at + 1]
        if opcode == _EXTENDED:
            at += _UNIT
            continue
        instruction = Instruction(dis.opname[opcode], arg, positions[at // _UNIT])
        starts[first] = starts[at] = instruction
        found.append(instruction)
        at += _UNIT * (1 + _CACHES.get(opcode, 0))
        if opcode in _RELATIVE:
            jumps.append((instruction, at + _UNIT * (-arg if "BACKWARD" in instruction.name else arg)))
        arg, first = 0, at
    for instruction, place in jumps:
        instruction.target = starts[place]
    table: Any = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    handlers = [
        Handler(starts[e.start], starts.get(e.end), starts[e.target], e.depth, e.lasti) for e in table
    ]
    return found, handlers


def heights(instructions: Sequence[Instruction], handlers: Sequence[Handler]) -> dict[Instruction, int]:
    """How many values are on the stack before each instruction that can be reached."""
    found: dict[Instruction, int] = {}
    places = {instruction: i for i, instruction in enumerate(instructions)}
    pending: list[tuple[Instruction, int]] = [(h.target, h.depth + 1 + h.keeps_place) for h in handlers]
    pending.append((instructions[0], 0))
    while pending:
        instruction, height = pending.pop()
        while instruction not in found:
            found[instruction] = height
            arg = instruction.arg if instruction.opcode >= dis.HAVE_ARGUMENT else None
            if instruction.target is not None:
                effect = dis.stack_effect(instruction.opcode, arg, jump=True)
                pending.append((instruction.target, height + effect))
            height += dis.stack_effect(instruction.opcode, arg, jump=False)
            place = places[instruction] + 1
            if instruction.name in _NEVER_GO_ON or place == len(instructions):
                break
            instruction = instructions[place]
    return found


def predecessors(
    instructions: Sequence[Instruction], height: dict[Instruction, int]
) -> dict[Instruction, Instruction]:
    """For each instruction one after which it can run: the one above it, else the first that jumps to it."""
    found = {
        below: above
        for above, below in pairwise(instructions)
        if above in height and above.name not in _NEVER_GO_ON
    }
    for instruction in instructions:
        if instruction in height and instruction.target is not None:
            found.setdefault(instruction.target, instruction)
    return found


_JUMPS = frozenset(("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"))
_NEVER_GO_ON = _JUMPS | {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT"}


def assemble(
    code: CodeType, instructions: Sequence[Instruction], handlers: Sequence[Handler], **changes: Any
) -> CodeType:
    """A code object like `code` with these instructions."""
    offsets, length = _settled(instructions)
    return code.replace(
        co_code=b"".join(map(_encoded, instructions)),
        co_linetable=b"".join(_places(instructions, code.co_firstlineno)),
        co_exceptiontable=b"".join(_ranges(handlers, offsets, length)),
        **changes,
    )


def _settled(instructions: Sequence[Instruction]) -> tuple[dict[Instruction, int], int]:
    """The offsets of all instructions in units, with the arguments of jumps brought up to date."""
    while True:
        offsets: dict[Instruction, int] = {}
        end = 0
        for instruction in instructions:
            offsets[instruction] = end
            end += instruction.size()
        longer = False
        for instruction in instructions:
            if instruction.target is None:
                continue
            size = instruction.size()
            instruction.arg = abs(offsets[instruction.target] - offsets[instruction] - size)
            longer |= instruction.size() != size
        if not longer:
            return offsets, end


def _encoded(instruction: Instruction) -> bytes:
    arg = instruction.arg
    out = bytearray()
    for shift in range(8 * _extensions(arg), 0, -8):
        out += bytes((_EXTENDED, arg >> shift & 0xFF))
    out += bytes((instruction.opcode, arg & 0xFF))
    return bytes(out) + b"\0\0" * _CACHES.get(instruction.opcode, 0)


# --- positions and handlers ------------------------------------------------------------------------


def _places(instructions: Sequence[Instruction], line: int) -> Iterator[bytes]:
    """The table of positions: one entry for at most eight units."""
    for instruction in instructions:
        first, last, column, end = instruction.position
        left = instruction.size()
        while left > 0:
            units = min(left, 8)
            left -= units
            if first is None:
                yield bytes((0x80 | 15 << 3 | units - 1,))
                continue
            if column is None or end is None or last is None:
                yield bytes((0x80 | 13 << 3 | units - 1,)) + _signed(first - line)
            else:
                numbers = _varint(last - first) + _varint(column + 1) + _varint(end + 1)
                yield bytes((0x80 | 14 << 3 | units - 1,)) + _signed(first - line) + numbers
            line = first


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 64:
        out.append(64 | value & 63)
        value >>= 6
    out.append(value)
    return bytes(out)


def _signed(value: int) -> bytes:
    return _varint(-value << 1 | 1 if value < 0 else value << 1)


def _ranges(handlers: Sequence[Handler], offsets: dict[Instruction, int], length: int) -> Iterator[bytes]:
    """The table of handlers, big end first, the first byte of each entry marked."""
    for handler in handlers:
        start = offsets[handler.start]
        end = length if handler.end is None else offsets[handler.end]
        numbers = (start, end - start, offsets[handler.target], handler.depth << 1 | handler.keeps_place)
        entry = bytearray()
        for number in numbers:
            entry += _big_varint(number)
        entry[0] |= 128
        yield bytes(entry)


def _big_varint(value: int) -> bytes:
    out = bytearray((value & 63,))
    value >>= 6
    while value:
        out.insert(0, 64 | value & 63)
        value >>= 6
    return bytes(out)
