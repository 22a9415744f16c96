"""Programs: a function as typed equations in single assignment.

A Program is immutable. `Program.evaluate(*values)` runs its equations by binding their
primitives: on arrays it computes, on traced values it is transformed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .equation import Atom, Equation, Literal, Variable
from .lines import lines
from .printer import program_text


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Inputs, equations and outputs.

    >>> from adjoint import trace
    >>> print(trace(lambda x: 3.0 * x)(2.0))
    def program(x: weak float64[]) -> weak float64[]:
        a: weak float64[] = multiply(3.0, x)
        return a
    """

    inputs: tuple[Variable, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Atom, ...]
    name: str = "program"

    def evaluate(self, *values: Any) -> list[Any]:
        """The outputs for these inputs, by binding each equation's primitive in turn."""
        known: dict[Variable, Any] = dict(zip(self.inputs, values, strict=True))
        kept = lines.get()

        def read(atom: Atom) -> Any:
            return atom.value if isinstance(atom, Literal) else known[atom]

        for equation in self.equations:
            operands = [read(a) for a in equation.inputs]
            if kept is None:
                result = equation.primitive(*operands, **equation.params)
            else:
                with kept.during(equation.line):
                    result = equation.primitive(*operands, **equation.params)
                kept.named(equation.outputs, result if equation.primitive.many else (result,))
            if equation.primitive.many:
                known.update(zip(equation.outputs, result, strict=True))
            else:
                known[equation.outputs[0]] = result
        found = [read(a) for a in self.outputs]
        return [v.copy() if _is_kept(a) else v for a, v in zip(self.outputs, found, strict=True)]

    def without_dead(self) -> "Program":
        """The same Program without the equations that nothing reads."""
        live = {a for a in self.outputs if not isinstance(a, Literal)}
        kept: list[Equation] = []
        for equation in reversed(self.equations):
            if any(v in live for v in equation.outputs):
                kept.append(equation)
                live.update(a for a in equation.inputs if not isinstance(a, Literal))
        return Program(self.inputs, tuple(reversed(kept)), self.outputs, self.name)

    def text(self, *, lines: bool = False) -> str:
        """Readable text; with `lines`, each equation with its place in the user's source."""
        return program_text(self, programs_of, lines=lines)

    def __str__(self) -> str:
        return self.text()


class Holder:
    """A parameter that holds Programs, such as the form of a loop."""

    __slots__ = ()

    def programs(self) -> Iterator[tuple[str, Program]]:
        """Each under the name of what it does."""
        raise NotImplementedError


def programs_of(params: Mapping[str, Any]) -> Iterator[tuple[str, Program]]:
    """The Programs among parameters: bodies, conditions, branches."""
    for name, value in params.items():
        if isinstance(value, Program):
            yield name, value
        elif isinstance(value, Holder):
            yield from value.programs()
        elif isinstance(value, tuple):
            parts: tuple[Any, ...] = value
            yield from ((f"{name}[{k}]", part) for k, part in enumerate(parts) if isinstance(part, Program))


def _is_kept(output: Atom) -> bool:
    """Whether an output is an array that belongs to the Program: the caller gets a copy."""
    return isinstance(output, Literal) and isinstance(output.value, np.ndarray)
