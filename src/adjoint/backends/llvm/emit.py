"""A Program as one native function: its steps one after another, loops and branches among them.

    void program(ptr inputs, ptr outputs, ptr constants, ptr arena)

takes tables of pointers: to each input and output, to each constant array, and the arena.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...control.form import Form
from ...core.equation import Atom, Literal
from ...core.program import Program
from .kernels import NestWriter, kind
from .layout import Layout, unsupported
from .library import LIBRARY_CALLS
from .memory import Arena, Buffer
from .schedule import Call, Nest, Root, Schedule
from .simplify import expanded, simplified
from .text import BYTES, Function, Module, loop


@dataclass(slots=True)
class Compiled:
    """The text of a Program's function, and what has to be given to it."""

    module: Module
    constants: list[np.ndarray]
    arena: Arena
    arena_bytes: int
    nests: int
    program: Program


@dataclass(slots=True)
class _State:
    """What all the Programs inside of one share."""

    f: Function
    arena: Arena
    register_bytes: int
    constants: list[np.ndarray] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    buffers: dict[str, Buffer] = field(default_factory=dict)
    nests: int = 0

    def buffer(self, count: int, name: str) -> str:
        """A new buffer's pointer."""
        pointer = f"%b{len(self.buffers)}"
        self.buffers[pointer] = self.arena.new(count, name)
        return pointer

    def constant(self, value: Any) -> str:
        """The pointer to a constant array."""
        own = np.ascontiguousarray(value)
        number = len(self.constants)
        self.constants.append(own)
        self._load(f"%k{number}", "%constants", number)
        return f"%k{number}"

    def _load(self, name: str, table: str, number: int) -> None:
        self.head.append(f"  {name}.at = getelementptr ptr, ptr {table}, i64 {number}")
        self.head.append(f"  {name} = load ptr, ptr {name}.at")

    def given(self, stem: str, table: str, count: int) -> list[str]:
        """The pointers of a table."""
        names = [f"%{stem}{k}" for k in range(count)]
        for k, name in enumerate(names):
            self._load(name, table, k)
        return names


class _Writer:
    """Writes the steps of one Program; `pointers` says where its inputs and outputs are."""

    def __init__(self, state: _State, program: Program, inputs: list[str], outputs: list[str | None]) -> None:
        self.state = state
        self.program = simplified(expanded(program))
        self.schedule = Schedule(self.program)
        self.pointers: dict[Any, str] = dict(zip(self.program.inputs, inputs, strict=True))
        self.outputs: list[str] = []
        for root, place in zip(self.schedule.results, outputs, strict=True):
            if place is not None:
                self.pointers[root] = place

    def pointer(self, root: Any) -> str:
        """Where a root is in memory."""
        state = self.state
        found = self.pointers.get(root)
        if found is None:
            if isinstance(root, Literal):
                found = state.constant(np.asarray(root.value, root.aval.dtype))
            else:
                found = state.buffer(
                    root.aval.size * BYTES[kind(root)], getattr(root, "hint", None) or "copy"
                )
            self.pointers[root] = found
        if found in state.buffers:
            state.arena.use(state.buffers[found])
        return found

    def write(self) -> list[str]:
        """Write all steps; the pointers to the outputs."""
        for index, step in enumerate(self.schedule.steps):
            if isinstance(step, Nest):
                self._nest(index)
            else:
                self._call(step)
            self.state.arena.tick()
        return [self.pointer(root) for root in self.schedule.results]

    def _nest(self, index: int) -> None:
        state = self.state
        name = f"nest{state.nests}"
        state.nests += 1
        roots = NestWriter(state.f.module, self.schedule, index, state.register_bytes).write(name)
        given = ", ".join(f"ptr {self.pointer(root)}" for root in roots)
        state.f.line(f"call void @{name}({given})")

    def _call(self, step: Call) -> None:
        name = step.equation.primitive.name
        if name == "loop":
            self._loop(step)
        elif name == "switch":
            self._switch(step)
        else:
            operands = [self.place(layout) for layout in step.operands]
            outs = [self.pointer(out) for out in step.equation.outputs]
            LIBRARY_CALLS[name](self.state.f, step.equation, step.operands, operands, outs)

    def place(self, layout: Layout) -> str:
        """The pointer to an operand in memory."""
        return self.state.f.at(self.pointer(layout.root), layout.offset * BYTES[kind(layout.root)])

    # --- control -------------------------------------------------------------------------------

    def _inside(self, program: Program, inputs: list[str], outputs: list[str | None]) -> list[str]:
        return _Writer(self.state, program, inputs, outputs).write()

    def copy(self, source: str, target: str, count: int) -> None:
        """So many bytes from one place to another."""
        f = self.state.f
        if source == target or count == 0:
            return
        f.module.declare("declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        f.line(f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {count}, i1 false)")

    def _loop(self, step: Call) -> None:
        """Rounds whose state stands in the loop's results; a round writes the next one beside it."""
        form: Form = step.equation.params["form"]
        if form.length is None and (form.cond is None or len(form.body.outputs) > form.states):
            raise unsupported("a loop that gathers a stack", form)
        f, arena = self.state.f, self.state.arena
        consts, states, sequences = form.parts([self.place(o) for o in step.operands])
        outs = [self.pointer(out) for out in step.equation.outputs]
        sizes = [_bytes(v) for v in step.equation.outputs[: form.states]]
        for source, target, count in zip(states, outs, sizes, strict=False):
            self.copy(source, target, count)
        fresh = [self.state.buffer(count, "state") for count in sizes]
        collected = step.equation.outputs[form.states :]
        arena.tick()
        start = arena.clock - 1
        elements = [_bytes(v) for v in form.body.inputs[form.consts + form.states :]]

        def body(i: str) -> None:
            f.lines.append("")
            at = [f.at(p, _times(f, i, n)) for p, n in zip(sequences, elements, strict=True)]
            rows = [
                f.at(p, _times(f, i, _bytes(a)))
                for p, a, v in zip(
                    outs[form.states :], form.body.outputs[form.states :], collected, strict=True
                )
            ]
            self._inside(form.body, [*consts, *outs[: form.states], *at], [*fresh, *rows])
            for source, target, count in zip(fresh, outs, sizes, strict=False):
                self.copy(source, target, count)
                arena.use(self.state.buffers[source])

        if form.length is not None:
            self._counted(form.length, form.reverse, body)
        else:
            self._while(form, [*consts, *outs[: form.states]], body)
        arena.close_loop(start)

    def _counted(self, length: int, reverse: bool, body: Any) -> None:
        f = self.state.f

        def one(i: str, carried: list[str]) -> list[str]:
            body(f.value(f"sub i64 {length - 1}, {i}") if reverse else i)
            return carried

        loop(f, 0, length, 1, [], one)

    def _while(self, form: Form, inputs: list[str], body: Any) -> None:
        f = self.state.f
        assert form.cond is not None
        test, inside, after = f.label("test"), f.label("round"), f.label("after")
        f.jump(test)
        f.begin(test)
        (answer,) = self._inside(form.cond, inputs, [None])
        f.branch(f.value(f"icmp ne i8 {f.value(f'load i8, ptr {answer}')}, 0"), inside, after)
        f.begin(inside)
        body("0")
        f.jump(test)
        f.begin(after)

    def _switch(self, step: Call) -> None:
        """One of several Programs, which all write to the same places."""
        f, arena, equation = self.state.f, self.state.arena, step.equation
        branches: tuple[Program, ...] = equation.params["branches"]
        index, *operands = [self.place(o) for o in step.operands]
        outs = [self.pointer(out) for out in equation.outputs]
        own = kind(equation.inputs[0])
        number = f.value(f"load i{own[1:]}, ptr {index}")
        labels = [f.label("branch") for _ in branches]
        after = f.label("after")
        cases = " ".join(f"i{own[1:]} {k}, label %{label}" for k, label in enumerate(labels[:-1]) if k)
        low = f.value(f"icmp {'u' if own[0] == 'u' else 's'}le i{own[1:]} {number}, 0")
        number = f.value(f"select i1 {low}, i{own[1:]} 0, i{own[1:]} {number}")
        first = f"i{own[1:]} 0, label %{labels[0]}" if len(labels) > 1 else ""
        f.line(f"switch i{own[1:]} {number}, label %{labels[-1]} [ {first} {cases} ]")
        start = arena.clock
        for label, branch in zip(labels, branches, strict=True):
            f.begin(label)
            self._inside(branch, operands, list(outs))
            f.jump(after)
        f.begin(after)
        arena.close_loop(start)


def _bytes(atom: Atom | Root) -> int:
    return atom.aval.size * BYTES[kind(atom)]


def _times(f: Function, i: str, count: int) -> str:
    return f.value(f"mul i64 {i}, {count}")


def emit(program: Program, *, fused: bool, register_bytes: int) -> Compiled:
    """The module of a Program, whose entry is the function `program`."""
    module = Module(fused)
    state = _State(Function(module), Arena(), register_bytes)
    inputs = state.given("in", "%inputs", len(program.inputs))
    outputs = state.given("out", "%outputs", len(program.outputs))
    writer = _Writer(state, program, inputs, list(outputs))
    writer.write()
    size = state.arena.plan()
    f = state.f
    f.line("ret void")
    for name, buffer in state.buffers.items():
        state.head.append(f"  {name} = getelementptr i8, ptr %arena, i64 {buffer.offset}")
    f.lines[:0] = state.head
    f.finish("program", "void", "ptr %inputs, ptr %outputs, ptr %constants, ptr %arena", "")
    return Compiled(module, state.constants, state.arena, size, state.nests, writer.program)
