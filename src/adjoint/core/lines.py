"""The user's lines in Programs that transformations make: whose line a derived equation belongs to.

While a `tracing_lines` block runs, equations that are staged take over the line of what they are derived
from: the equation that is evaluated, or the operation that a backward pass goes through (`during`).
"""

import ast
import linecache
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from .equation import Equation, Line, Variable, user_line
from .primitive import Tracer


class BackLine(Line):
    """A line that is gone back through."""

    __slots__ = ()
    back = True


class Lines:
    """The line that equations are derived from now; None where the user's own line is running.

    `outside` is the line that asked for it all, which is nobody's. `pairs` are variables of derivatives, each
    with the variable whose derivative it is and what to add to its name.
    """

    __slots__ = ("now", "outside", "pairs")

    def __init__(self, outside: Line | None) -> None:
        self.outside = outside
        self.now: Line | None = None
        self.pairs: list[tuple[Variable, Variable, str]] = []

    def pair(self, derivative: Any, value: Any, suffix: str) -> None:
        """Note that a staged value is the derivative of another one."""
        found, of = variable_of(derivative), variable_of(value)
        if found is not None and of is not None and found is not of:
            self.pairs.append((found, of, suffix))

    def name(self, inputs: Sequence[Variable], equations: Sequence[Equation]) -> None:
        """Give variables the names that the user assigns on their lines; derivatives are named after them.

        Of the equations of a line the last is what is assigned; where some have derivatives, of those.
        """
        primals = {id(of) for _, of, _ in self.pairs}
        derived = {id(found) for found, _, _ in self.pairs}
        runs: dict[Line, list[Variable]] = {}
        for equation in equations:
            if equation.primitive.name in ("broadcast", "convert"):
                continue
            if equation.line is not None and type(equation.line) is Line:
                runs.setdefault(equation.line, []).extend(equation.outputs)
        for line, variables in runs.items():
            name = None if line.function == "<lambda>" else target_of(line)
            own = [v for v in variables if id(v) not in derived]
            own = [v for v in own if id(v) in primals] or own
            if name and own and own[-1].hint is None and not any(v.hint == name for v in variables):
                own[-1].hint = name
        for found, of, suffix in self.pairs:
            if found.hint is None and of.hint is not None and found not in inputs:
                found.hint = of.hint + suffix

    def named(self, variables: Sequence[Variable], values: Sequence[Any]) -> None:
        """Hand the names of variables on to what they have become in a Program that is being staged."""
        for variable, value in zip(variables, values, strict=True):
            found = variable_of(value)
            if found is not None and found.hint is None:
                found.hint = variable.hint

    @contextmanager
    def during(self, line: Line | None) -> Generator[None]:
        """Equations that are staged in this block belong to this line."""
        before, self.now = self.now, line or self.now
        try:
            yield
        finally:
            self.now = before


def variable_of(value: Any) -> Variable | None:
    """The variable of a staged value, under whatever other traces; None where it is none."""
    while isinstance(value, Tracer):
        if isinstance(value.extra, Variable):
            return value.extra
        value = value.value
    return None


@lru_cache(maxsize=64)
def _targets(text: str) -> dict[int, str]:
    """The name that each line of a file's text assigns, where it is one."""
    found: dict[int, str] = {}
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            target = node.target
        else:
            continue
        while isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            found.update((number, target.id) for number in range(node.lineno, (node.end_lineno or 0) + 1))
    return found


def target_of(line: Line) -> str | None:
    """The name that the user's line assigns."""
    return _targets("".join(linecache.getlines(line.file))).get(line.number)


@contextmanager
def without_lines() -> Generator[None]:
    """Keep none in this block: what is staged here serves many lines."""
    token: Any = lines.set(None)
    try:
        yield
    finally:
        lines.reset(token)


lines: ContextVar[Lines | None] = ContextVar("adjoint_lines", default=None)
"""Who keeps lines here and now; None where nobody does."""


@contextmanager
def tracing_lines() -> Generator[Lines]:
    """Keep the user's lines in all that is staged in this block."""
    kept = Lines(user_line())
    token: Any = lines.set(kept)
    try:
        yield kept
    finally:
        lines.reset(token)


def hint_of(value: Any) -> str | None:
    """The user's name for a staged value, where it is known."""
    variable = variable_of(value)
    return None if variable is None else variable.hint
