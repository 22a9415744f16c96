"""How loops that keep few of their states are written: the way ahead that keeps them, and the way back.

The way back runs parts of the loop again, as the schedule says; what a round computes stands in functions.
"""

from typing import Any

from ...control.bodies import halves
from ...core.equation import Equation, Variable
from ...core.program import Program
from ...lazy import schedules
from ...passes import simplify
from .loops import Looping
from .places import NOWHERE, Block, fresh
from .statements import all_buffers
from .writer import Function


def write_sweep(function: Function, block: Block, position: int, equation: Equation) -> None:
    """The way ahead: a loop, which keeps the states that its schedule says."""
    states = set(range(equation.params["form"].states))
    keeps = equation.params["keep"]
    (_Sweep if keeps else Looping)(function, block, position, equation, states).write()


class _Sweep(Looping):
    """A loop with the states that it keeps in lists."""

    def extra(self) -> list[str]:
        """The lists, before the loop; and in it, before each round, what fills them."""
        function, form = self.function, self.form
        schedule = self.equation.params["schedule"]
        count = len(form.body.outputs)
        self.lists = [function.names.new(f"{s.name}_kept") for s in self.states]
        for name in self.lists:
            function.emit(f"{name} = []")
        outs = self.equation.outputs[count:]
        for name, out in zip(self.lists, outs, strict=False):
            function.text_of[out], function.buffers[out] = name, fresh(out.aval, own=False)
            function.lists.add(out)
        keep = [f"    {n}.append({s.name})" for n, s in zip(self.lists, self.states, strict=True)]
        if form.length is not None:
            places = schedule.places(form.length)[1:]
            return [f"if {self._among(schedule, places)}:", *keep] if places and keep else []
        return self._counted(schedule, keep, outs[-1])

    def _among(self, schedule: Any, places: list[int]) -> str:
        """The condition that a state is kept before the round of this index."""
        last = self.form.length - 1
        if schedule.kind == "every":
            number = f"({last} - {self.index})" if self.form.reverse else self.index
            return f"{number} % {schedule.size} == 0 and {self.index} != {last if self.form.reverse else 0}"
        rows = [last - p for p in places] if self.form.reverse else places
        return f"{self.index} in ({', '.join(map(str, rows))}{',' * (len(rows) == 1)})"

    def _counted(self, schedule: Any, keep: list[str], out: Variable) -> list[str]:
        """As `_among` where the number of rounds is not known: they are counted."""
        function = self.function
        rounds = function.names.new("rounds")
        function.emit(f"{rounds} = 0")
        function.text_of[out], function.buffers[out] = rounds, NOWHERE
        if schedule.kind == "none":
            return [f"{rounds} += 1"]
        spacing = function.names.new("spacing")
        function.emit(f"{spacing} = {schedule.size if schedule.kind == 'every' else 1}")
        lines = [f"if {rounds} % {spacing} == 0:", *keep] if keep else []
        if schedule.kind == "doubling" and keep:
            lines.append(f"if len({self.lists[0]}) > {schedule.kept_at_most()}:")
            lines.extend(f"    del {name}[1::2]" for name in self.lists)
            lines.append(f"    {spacing} *= 2")
        self.after = [f"del {name}[:1]" for name in self.lists]
        return [*lines, f"{rounds} += 1"]


def write_rewind(function: Function, block: Block, position: int, equation: Equation) -> None:
    """The way back: three functions, what a round is ahead, what it puts away, and what it is back."""
    _Rewind(function, block, equation).write()


class _Rewind:
    """One rewind being written."""

    def __init__(self, function: Function, block: Block, equation: Equation) -> None:
        params = equation.params
        self.function, self.equation = function, equation
        self.form: Any = params["form"]
        self.moving, self.wanted = params["moving"], params["wanted"]
        texts = [function.operand(block.read(a)) for a in equation.inputs]
        a, b = len(self.moving), len(self.moving) + sum(self.wanted)
        self.fixed, self.start, self.rows = self.form.parts(texts[:a])
        self.cts, self.kept = texts[a:b], texts[b:]
        self.cut = halves(self.form.body, self.moving, self.wanted)
        self.i = function.names.new("i")

    def write(self) -> None:
        """The functions, and the call of what goes through the rounds with them."""
        function, form = self.function, self.form
        names = [function.name(v) for v in self.equation.outputs]
        moves = form.parts(self.moving)
        sums, states = sum(moves[0]), sum(self.wanted[: form.states])
        own = [v.aval for v in self.equation.outputs]
        for name, aval in zip(names[:sums], own, strict=False):
            zero = function.new_array(aval.shape, aval.dtype, "np.zeros")
            function.emit(f"{name} = {zero if aval.shape else f'np.{aval.dtype.name}(0)'}")
        for name, text in zip(names[sums : sums + states], self.cts, strict=False):
            function.emit(f"{name} = {text}")
        for name, aval in zip(names[sums + states :], own[sums + states :], strict=True):
            function.emit(f"{name} = {function.new_array(aval.shape, aval.dtype, 'np.zeros')}")
        ahead, taped, back = self._ahead(), self._taped(), self._back(names, sums, states)
        module = function.module
        schedule = module.constant(self.equation.params["schedule"])
        count = f"int({self.kept.pop()})" if form.length is None else str(form.length)
        states_text = f"({', '.join(self.start)}{',' * (len(self.start) == 1)})"
        rows = f"*zip({', '.join(self.kept)})" if self.kept else ""
        unwind, rounds = module.known("unwind", schedules.unwind), module.known("Rounds", schedules.Rounds)
        listed = f"[{', '.join(t for t in (states_text, rows) if t)}]"
        function.emit(f"{unwind}({schedule}, {count}, {listed}, {rounds}({ahead}, {taped}, {back}))")
        for variable in self.equation.outputs:
            mine = all_buffers(function, self.equation) | fresh(variable.aval, own=False)
            function.buffers[variable] = mine if variable.aval.shape else NOWHERE

    def _define(self, name: str, parameters: str, lines: list[str]) -> str:
        function = self.function
        own = function.names.new(name)
        if function.lines and function.lines[-1]:
            function.lines.append("")
        function.emit(f"def {own}({parameters}):")
        for line in lines:
            function.emit(f"    {line}")
        function.lines.append("")
        return own

    def _operands(self) -> str:
        """The operands of the body in round i."""
        return ", ".join([*self.fixed, "*state", *(f"{x}[{self._row()}]" for x in self.rows)])

    def _row(self) -> str:
        """The row of sequences that round i reads."""
        form = self.form
        return f"{form.length - 1} - {self.i}" if form.reverse and form.length is not None else self.i

    def _ahead(self) -> str:
        body = self.form.body
        step = Program(body.inputs, body.equations, body.outputs[: self.form.states], body.name)
        name = self.function.module.function(simplify(step.without_dead()))
        lines = [
            f"for {self.i} in range(start, stop):",
            f"    state = {name}({self._operands()})",
            "return state",
        ]
        return self._define("ahead", "state, start, stop", lines)

    def _taped(self) -> str:
        ahead = self.cut.ahead
        name = self.function.module.function(simplify(ahead), f"{self.form.body.name}_ahead")
        lines = [
            f"found = {name}({self._operands()})",
            f"return found[:{self.form.states}], found[{len(self.wanted)}:]",
        ]
        return self._define("taped", f"state, {self.i}", lines)

    def _back(self, names: list[str], sums: int, states: int) -> str:
        name = self.function.module.function(simplify(self.cut.back))
        carried = names[: sums + states]
        rows = [f"{ct}[{self._row()}]" for ct in self.cts[states:]]
        found = ", ".join(["*kept", *names[sums : sums + states], *rows])
        lines = [f"nonlocal {', '.join(carried)}"] if carried else []
        lines.append(f"found = {name}({found})")
        lines.extend(f"{total} = {total} + found[{k}]" for k, total in enumerate(names[:sums]))
        lines.extend(f"{n} = found[{sums + k}]" for k, n in enumerate(names[sums : sums + states]))
        over = names[sums + states :]
        lines.extend(f"{n}[{self._row()}] = found[{sums + states + k}]" for k, n in enumerate(over))
        return self._define("back", f"{self.i}, kept", lines)
