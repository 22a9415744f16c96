"""The writer: a Program as NumPy source, and as the function that this source defines.

What one reads is what runs: `written(program)` compiles exactly the text of `source_text(program)`. Loops
stay loops, branches stay branches, and what is computed again stands in a function of its own.
"""

from collections.abc import Callable
from typing import Any

from ...core.equation import Equation
from ...core.program import Program
from ...lazy import loop_writer, sweep_writer
from . import statements
from .names import KEYWORDS
from .places import Block
from .running import BUILT_IN, primitives_in, run_source
from .writer import Function, Module, Statement, Style


def _loop(function: Function, block: Block, position: int, equation: Equation) -> None:
    loop_writer.write_loop(function, block, position, equation)


def _sweep(function: Function, block: Block, position: int, equation: Equation) -> None:
    sweep_writer.write_sweep(function, block, position, equation)


def _rewind(function: Function, block: Block, position: int, equation: Equation) -> None:
    sweep_writer.write_rewind(function, block, position, equation)


STATEMENTS: dict[str, Statement] = {
    "loop": _loop,
    "sweep": _sweep,
    "rewind": _rewind,
    "switch": statements.write_switch,
    "again": statements.write_call,
    "assign": statements.write_assign,
    "scatter": statements.write_scatter,
    "embed": statements.write_part,
    "scatter_add": statements.write_part,
}
PLAIN = Style()
PRIVATE = Style(private=True, frees=True, comments=True)


def module_of(program: Program, style: Style) -> Module:
    """A module in which this Program is to be written."""
    return Module(style, STATEMENTS, frozenset((*BUILT_IN, *KEYWORDS, *primitives_in(program))))


def source_text(program: Program, style: Style = PLAIN) -> str:
    """The Program as the text of one Python function over NumPy arrays, after those that it calls."""
    module = module_of(program, style)
    module.function(program)
    return "\n\n".join(module.functions)


def written(program: Program, style: Style = PLAIN) -> Callable[..., tuple[Any, ...]]:
    """The function that the Program's source defines. Tracebacks into it show that source."""
    module = module_of(program, style)
    name = module.function(program)
    text = "\n\n".join(module.functions)
    file = f"<adjoint {program.name} {abs(hash(text)):x}>"
    return run_source(text, file, name, module.constants, primitives_in(program))
