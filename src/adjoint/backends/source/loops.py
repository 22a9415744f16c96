"""How loops are written: `for` and `while`, with what is collected in an array or in a list."""

import re
from dataclasses import dataclass
from typing import Any

from ...core.equation import Atom, Equation, Literal, Variable
from ...core.stack import StackAval
from .places import NOWHERE, Block, Buffer, Buffers, fresh
from .statements import all_buffers, assign
from .writer import Function

WHILE = 72
"""A longer condition stands in lines of its own."""


@dataclass(slots=True)
class _State:
    """A variable of a loop's state: what it starts from, its name, its memory, and what it becomes."""

    variable: Variable
    start: Atom
    name: str
    after: Atom
    out: Variable
    buffers: Buffers
    init: int
    ours: bool
    """Whether the start is an array that only this loop reads."""


def write_loop(function: Function, block: Block, position: int, equation: Equation) -> None:
    """A loop. Its state is overwritten in place, unless that would spoil what somebody reads."""
    kept: set[int] = set()
    while True:
        mark = function.names.mark()
        lines, lists, line = len(function.lines), set(function.lists), function.line
        prefer = dict(function.prefer)
        spoiled = Looping(function, block, position, equation, kept).write()
        if not spoiled:
            return
        function.names.reset(mark)
        del function.lines[lines:]
        function.lists, function.line, function.prefer = lists, line, prefer
        kept |= spoiled


class Looping:
    """One loop being written; `kept` are the states that are not overwritten."""

    def __init__(
        self, function: Function, block: Block, position: int, equation: Equation, kept: set[int]
    ) -> None:
        self.function, self.block, self.position, self.equation = function, block, position, equation
        self.form: Any = equation.params["form"]
        self.kept = kept
        self.inputs = [block.read(a) for a in equation.inputs]
        self.states: list[_State] = []
        self.outs = equation.outputs[: len(self.form.body.outputs)]
        self.index = ""
        self.lists: list[str] = []
        self.after: list[str] = []

    def write(self) -> set[int]:
        """Write it; the states that were overwritten although something else reads their memory."""
        function, form = self.function, self.form
        self._constants()
        for k in range(form.states):
            self.states.append(self._start(k))
        collected = self._collected()
        head, taken = self._head(collected)
        index = self.index
        extra = self.extra()
        start = len(function.lines)
        function.depth += 1
        if form.cond is not None:
            head = self._condition()
        for text in (*extra, *taken):
            function.emit(text)
        wanted = [(s.variable, s.after, s.name) for s in self.states]
        found = function.block(form.body, wanted)
        for (out, name), text, atom in zip(
            collected, found[form.states :], form.body.outputs[form.states :], strict=True
        ):
            if name is not None:
                self._collect(out, name, text, atom, index)
        assign(function, [(s.name, text) for s, text in zip(self.states, found, strict=False)])
        if len(function.lines) == start:
            function.emit("pass")
        function.depth -= 1
        function.lines.insert(start, "    " * function.depth + head)
        if form.reverse and form.length is None:  # rows stand in the order of the sequences
            self.after.extend(f"{name}.reverse()" for _, name in collected if name is not None)
        for text in self.after:
            function.emit(text)
        function.line = None
        spoiled = self._spoiled(collected)
        if not spoiled:
            self._results(collected)
        return spoiled

    def extra(self) -> list[str]:
        """Further lines before each round."""
        return []

    # --- before the loop ---------------------------------------------------------------------

    def _constants(self) -> None:
        function, form = self.function, self.form
        bodies = [form.body] if form.cond is None else [form.body, form.cond]
        for program in bodies:
            for variable, atom in zip(program.inputs[: form.consts], self.inputs, strict=False):
                function.text_of[variable] = function.operand(atom)
                function.buffers[variable] = fresh(variable.aval, own=False)
                if isinstance(atom, Variable) and atom in function.lists:
                    function.lists.add(variable)

    def _start(self, k: int) -> _State:
        function, block, form = self.function, self.block, self.form
        variable, out = form.body.inputs[form.consts + k], self.equation.outputs[k]
        start = self.inputs[form.consts + k]
        ours = self._dies(start) and function.may_overwrite(block, self.position, start)
        ours = ours and self._alone(start)
        hint = variable.hint or out.hint or (start.hint if isinstance(start, Variable) else None)
        known = function.operand(start)
        if self._dies(start) and self._rebinds(start) and variable.hint in (None, known):
            name = known
        else:
            name = function.names.new(hint)
        init = len(function.lines)
        text = function.operand(start)
        function.emit(f"{name} = {text}" if name != text else "")
        buffers: Buffers = NOWHERE
        if variable.aval.shape:
            buffers = frozenset((Buffer(own=k not in self.kept),))
        state = _State(variable, start, name, form.body.outputs[k], out, buffers, init, ours)
        twins = [variable] if form.cond is None else [variable, form.cond.inputs[form.consts + k]]
        function.rebound.update(twins)
        for twin in twins:
            function.text_of[twin], function.buffers[twin] = name, buffers
        return state

    def _dies(self, atom: Atom) -> bool:
        """Whether a variable is read here for the last time, and once."""
        return (
            isinstance(atom, Variable)
            and self.block.last.get(atom, -1) == self.position
            and self.inputs.count(atom) == 1
        )

    def _alone(self, atom: Atom) -> bool:
        """Whether no other operand shares an operand's memory."""
        mine = _memory(self.function, atom)
        others = (a for a in self.inputs if isinstance(a, Variable) and a is not atom)
        return not any(mine & self.function.buffers.get(a, NOWHERE) for a in others)

    def _rebinds(self, atom: Any) -> bool:
        """Whether a variable's name may be given to the state that starts from it."""
        function, block = self.function, self.block
        name = function.text_of[atom]
        others = (v for v in (*block.read_after(self.position), *self.inputs) if v is not atom)
        free = atom in block.defined or atom in function.rebound or atom in function.program.inputs
        return free and not any(isinstance(v, Variable) and function.text_of.get(v) == name for v in others)

    def _collected(self) -> list[tuple[Variable, str | None]]:
        """What is collected, each with its name; None where nothing reads it."""
        function, form = self.function, self.form
        found: list[tuple[Variable, str | None]] = []
        for out, atom in zip(self.outs[form.states :], form.body.outputs[form.states :], strict=True):
            if out not in self.block.last:
                found.append((out, None))
                continue
            hint = out.hint or (f"{atom.hint}_all" if isinstance(atom, Variable) and atom.hint else None)
            name = function.names.new(hint)
            if form.length is None:
                function.emit(f"{name} = []")
            else:
                function.emit(
                    f"{name} = {function.new_array((form.length, *atom.aval.shape), atom.aval.dtype)}"
                )
            found.append((out, name))
        return found

    # --- the head ----------------------------------------------------------------------------

    def _head(self, collected: list[tuple[Variable, str | None]]) -> tuple[str, list[str]]:
        """The line of `for`, and the lines that take elements of sequences; `index` becomes its index."""
        function, form = self.function, self.form
        if form.cond is not None:
            return "", []
        a = form.consts + form.states
        read = {v for e in form.body.equations for v in e.inputs} | set(form.body.outputs)
        pairs = [(v, s) for v, s in zip(form.body.inputs[a:], self.inputs[a:], strict=True) if v in read]
        names = [function.names.new(v.hint) for v, _ in pairs]
        count = str(form.length) if form.length is not None else f"len({function.operand(self.inputs[a])})"
        rounds = f"range({count})"
        if form.reverse:
            rounds = f"reversed({rounds})"
        needed = form.length is not None and (
            self.equation.primitive.name == "sweep" or any(name is not None for _, name in collected)
        )
        taken: list[str] = []
        index = function.names.new("i") if needed or not all(map(self._pops, self.inputs[a:])) else "_"
        for (variable, sequence), name in zip(pairs, names, strict=True):
            text = function.operand(sequence)
            pops = index == "_" or self._pops(sequence)
            taken.append(f"{name} = {text}.pop()" if pops else f"{name} = {text}[{index}]")
            function.text_of[variable] = name
            function.buffers[variable] = fresh(variable.aval, own=False)
        self.index = index
        return f"for {index} in {rounds}:", taken

    def _pops(self, sequence: Atom) -> bool:
        """Whether a list may be emptied while the loop goes back over it: nothing else reads it."""
        return (
            self.form.reverse
            and self.form.length is None
            and sequence in self.function.lists
            and sequence in self.block.defined
            and self._dies(sequence)
        )

    def _condition(self) -> str:
        """The line of `while`; a longer condition stands below it, before a `break`."""
        function, form = self.function, self.form
        start, line = len(function.lines), function.line
        function.line = None
        (found,) = function.block(form.cond)
        written = [t.strip() for t in function.lines[start:] if not t.strip().startswith("#")]
        function.line = line
        text = _inlined(written, found)
        if text is not None and len(text) <= WHILE:
            del function.lines[start:]
            return f"while {text}:"
        function.emit(f"if not {found}:")
        function.lines.append("    " * (function.depth + 1) + "break")
        return "while True:"

    # --- in the loop and after it ------------------------------------------------------------

    def _collect(self, out: Variable, name: str, text: str, atom: Atom, index: str) -> None:
        function = self.function
        if self.form.length is not None:
            function.emit(f"{name}[{index}] = {text}")
        elif atom.aval.weak or isinstance(atom, Literal):
            function.emit(f"{name}.append({function.dtype(atom.aval.dtype)}({text}))")
        else:
            function.emit(f"{name}.append({text})")

    def _spoiled(self, collected: list[tuple[Variable, str | None]]) -> set[int]:
        """The states that were overwritten although what they become, or what is kept, shares memory."""
        function, form = self.function, self.form
        outs = [_memory(function, a) for a in form.body.outputs]
        held = [
            buffers
            for (_, name), buffers in zip(collected, outs[form.states :], strict=True)
            if name is not None and form.length is None
        ]
        spoiled: set[int] = set()
        for k, state in enumerate(self.states):
            if not any(b.written for b in state.buffers):
                continue
            others = [*(b for i, b in enumerate(outs[: form.states]) if i != k), *held]
            if not all(b.own for b in outs[k]) or any(outs[k] & other for other in others):
                spoiled.add(k)
        return spoiled

    def _results(self, collected: list[tuple[Variable, str | None]]) -> None:
        function = self.function
        for state in self.states:
            written = any(b.written for b in state.buffers)
            if written and not state.ours:
                self._copied(state)
            function.text_of[state.out] = state.name
            function.buffers[state.out] = self._left(state, written)
        outs = self.form.body.outputs[self.form.states :]
        for (out, name), atom in zip(collected, outs, strict=True):
            if name is not None:
                function.text_of[out] = name
                function.buffers[out] = fresh(out.aval, own=not isinstance(out.aval, StackAval))
                if isinstance(out.aval, StackAval):
                    function.buffers[out] |= _memory(function, atom)
                    function.lists.add(out)
        _without_blank(function, [s.init for s in self.states])

    def _copied(self, state: _State) -> None:
        """Let a state that is overwritten start from a copy."""
        lines = self.function.lines
        if lines[state.init].strip():
            lines[state.init] += ".copy()"
        else:
            lines[state.init] = "    " * self.function.depth + f"{state.name} = {state.name}.copy()"

    def _left(self, state: _State, written: bool) -> Buffers:
        """Where a state lies when the loop has ended."""
        function = self.function
        if not state.out.aval.shape:
            return NOWHERE
        start = _memory(function, state.start)
        if written:
            if not state.ours:
                return fresh(state.out.aval)
            for buffer in start:
                buffer.written = True
            return start
        last = _memory(function, state.after)
        around = all_buffers(function, self.equation) | fresh(state.out.aval, own=False)
        if last & state.buffers or not all(b.own for b in last):
            return around
        return last if self.form.length else last | start


def _without_blank(function: Function, places: list[int]) -> None:
    for place in reversed(places):
        if not function.lines[place].strip():
            del function.lines[place]


def _memory(function: Function, atom: Atom) -> Buffers:
    return fresh(atom.aval, own=False) if isinstance(atom, Literal) else function.buffers.get(atom, NOWHERE)


_ASSIGNED = re.compile(r"(\w+) = (.+)")
_ATOM = re.compile(r"[\w.]+(\([^()]*\))?")


def _inlined(lines: list[str], result: str) -> str | None:
    """Assignments, each read once, as one expression; None where they are none."""
    values: dict[str, str] = {}
    for line in lines:
        match = _ASSIGNED.fullmatch(line)
        if match is None:
            return None
        text = _filled(match[2], values)
        if text is None:
            return None
        values[match[1]] = text
    return _filled(result, values, whole=True)


def _filled(text: str, values: dict[str, str], *, whole: bool = False) -> str | None:
    for name in [n for n in values if re.search(rf"\b{n}\b", text)]:
        if len(re.findall(rf"\b{name}\b", text)) > 1:
            return None
        value = values.pop(name)
        simple = whole or _ATOM.fullmatch(value)
        text = re.sub(rf"\b{name}\b", lambda _, v=value, s=simple: v if s else f"({v})", text)
    return text
