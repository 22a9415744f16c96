"""Random programs as text: plain NumPy source that anyone can read and run, and what is needed to run it
here.

A program is a function's lines, the text of its inputs, and the text of arrays that it captures. Every run
gets fresh inputs and fresh captured arrays, since a program may write into both.
"""

from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import scipy
import scipy.special

import adjoint

PRELUDE = {"np": np, "scipy": scipy, "special": scipy.special, "ad": adjoint}
IMPORTS = "import numpy as np\nimport scipy\nfrom scipy import special\nimport adjoint as ad\n"


@dataclass(frozen=True, repr=False)
class Program:
    """`inputs` and `captured` are pairs of a name and an expression; `results` are what is returned."""

    inputs: tuple[tuple[str, str], ...]
    captured: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    flags: frozenset[str] = field(default=frozenset(), compare=False)
    """`by value`: its shapes or branches depend on values, so that batches and stages refuse it.
    `followed`: NumPy's protocols do not reach all of it, so that tensors refuse it. `rounded`: some values
    are equal to NumPy's up to rounding only. `once`: its second derivatives are not compared. `writes`: it
    writes in place. `casts`: it names a dtype, so that in double precision it would be another function.
    """

    @cached_property
    def text(self) -> str:
        """The function's source."""
        head = f"def f({', '.join(name for name, _ in self.inputs)}):\n"
        body = "".join(f"    {line}\n" for block in self.lines for line in block.split("\n"))
        return f"{head}{body}    return {', '.join(self.results)}\n"

    @cached_property
    def script(self) -> str:
        """The whole as a script, to read and to run."""
        captured = "".join(f"{name} = {expression}\n" for name, expression in self.captured)
        inputs = "".join(f"{name} = {expression}\n" for name, expression in self.inputs)
        names = "".join(f"{name}, " for name, _ in self.inputs)
        value, reverse = f"print(f({names[:-2]}))\n", f"print(ad.vjp(f, {names[:-2]}))\n"
        check = f"{value}{reverse}print(ad.jvp(f, ({names}), ({names})))\n"
        return f"{IMPORTS}\n{captured}{inputs}\n{self.text}\n{check}"

    @cached_property
    def _code(self) -> CodeType:
        whole = compile(self.text, "<random program>", "exec")
        return next(c for c in whole.co_consts if isinstance(c, CodeType))

    def function(self, *, double: bool = False) -> Any:
        """The function, with captured arrays of its own."""
        captured = {name: evaluated(text, double) for name, text in self.captured}
        return FunctionType(self._code, {**PRELUDE, **captured, "__builtins__": __builtins__}, "f")

    def arguments(self, *, double: bool = False) -> tuple[Any, ...]:
        """Fresh inputs."""
        return tuple(evaluated(text, double) for _, text in self.inputs)

    def at(self, values: Any, *, double: bool = False) -> list[Any]:
        """The results of a plain run at these values, laid out in memory as the inputs are."""
        fresh = [filled(x, v) for x, v in zip(self.arguments(double=double), values, strict=True)]
        with np.errstate(all="ignore"):
            return listed(self.function(double=double)(*fresh))

    def __repr__(self) -> str:
        return f"<a program of {len(self.lines)} lines: its text stands above>"


def evaluated(text: str, double: bool = False) -> Any:
    """The value of an expression; in double precision on request."""
    if double:
        text = text.replace("np.float32", "np.float64").replace("np.complex64", "np.complex128")
    return eval(text, dict(PRELUDE))


def filled(fresh: Any, value: Any) -> Any:
    """The value, in the memory of a fresh array."""
    if type(fresh) is not np.ndarray:
        return type(fresh)(value)
    fresh[...] = value
    return fresh


def listed(result: Any) -> list[Any]:
    """What a function returned, as a list."""
    return list(result) if isinstance(result, tuple | list) else [result]
