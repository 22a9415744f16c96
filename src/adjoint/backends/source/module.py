"""Modules that stand by themselves: a Program as a file that imports NumPy, and SciPy where it is used.

    docstring, imports, constants, small functions, the functions of bodies, and last the one asked for

The text is formatted as formatters leave it. Definitions carried from this package are fenced off from them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.primitive import Primitive
from ...core.program import Program
from ...dtypes import bfloat16
from .arrays import array_text, number_text
from .carry import Carrier
from .helpers import HELPERS
from .layout import laid_out
from .running import BUILT_IN, all_primitives, called_in, primitives_in, types_in
from .writer import Function, Module, Style

STANDALONE = Style(private=True, frees=True, comments=True, spelled=True)
_KNOWN = frozenset((*BUILT_IN, "float", "int", "complex", "bool", "if", "while", "return", "in"))
_FENCES = "# fmt: off\n", "# fmt: on\n"


@dataclass(frozen=True)
class Signature:
    """How the last function is called, and what it returns.

    `parameters` are its names, `unpacked` lines that take the Program's inputs out of them, by which names;
    `result` makes the text of the result from those of the Program's outputs.
    """

    name: str
    about: str
    parameters: Sequence[str]
    inputs: Sequence[str]
    unpacked: Sequence[str]
    result: Callable[[list[str]], str]


def module_text(program: Program, module: Module, signature: Signature) -> str:
    """The text of a module whose last function is the Program."""
    last = _last(program, module, signature)
    functions = [*module.functions, last]
    body = "\n\n".join(functions)
    own = primitives_in(program)
    taken = {*own, *module.names.values(), *module.constants, signature.name, "np", *HELPERS}
    avals = list(types_in(program))
    half = any(a.dtype == bfloat16 for a in avals)
    narrow = any(a.weak for a in avals) and any(a.dtype.char in "fF" for a in avals)
    carrier = Carrier(taken, half=half, narrow=narrow)
    constants = [_constant(name, value) for name, value in module.constants.items() if _is_array(value)]
    for name, value in module.constants.items():
        if not _is_array(value):
            carrier.taken.discard(name)
            carrier.define(name, value)
    helpers, carried = _helpers(body, own, carrier, {*module.names.values(), signature.name})
    blocks = [_laid(text) for text in (*helpers, *functions)]
    imports = {"import numpy as np", *carrier.imports}
    whole = "".join([*constants, *carried, *blocks])
    for name in ("base64", "ml_dtypes"):
        if f"{name}." in whole:
            imports.add(f"import {name}")
    needs = [name for key, name in _PACKAGES.items() if any(key in i.split() for i in map(_root, imports))]
    head = [f'"""{signature.about} It needs {" and ".join(needs)} alone.\n"""\n', _imports(imports)]
    if constants:
        head.append("\n".join(c.rstrip("\n") for c in constants) + "\n")
    text = "\n".join(head)
    if carried:
        text += "\n" + _FENCES[0] + "".join(carried).rstrip("\n") + "\n" + _FENCES[1]
    return text + "".join("\n\n" + block.strip("\n") + "\n" for block in blocks)


def _last(program: Program, module: Module, signature: Signature) -> str:
    """The function that was asked for."""
    function = Function(module, program)
    text = function.text(
        signature.name,
        lambda found: f"return {signature.result(found)}",
        names=signature.inputs,
        parameters=signature.parameters,
        before=signature.unpacked,
    )
    return '@np.errstate(all="ignore")\n' + text


_PACKAGES = {"numpy": "NumPy", "scipy": "SciPy", "ml_dtypes": "ml_dtypes"}


def _root(line: str) -> str:
    return line.split()[1].partition(".")[0]


def _imports(imports: set[str]) -> str:
    """Import lines: the standard library, then the others."""
    ordered = sorted(imports, key=lambda line: (line.startswith("from"), line))
    standard = [line for line in ordered if _root(line) in _STANDARD]
    others = [line for line in ordered if line not in standard]
    groups = ["\n".join(group) for group in (standard, others) if group]
    return "\n\n".join(groups) + "\n"


_STANDARD = (
    "base64",
    "math",
    "functools",
    "contextvars",
    "dataclasses",
    "collections",
    "itertools",
    "typing",
)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic)


def _constant(name: str, value: Any) -> str:
    text = array_text(value) if value.shape else number_text(value[()])
    first, *rest = text.splitlines()
    if rest:
        return f"{name} = {text}\n"
    return "\n".join(laid_out(f"{name} = {first}")) + "\n"


def _helpers(
    body: str, own: dict[str, Primitive], carrier: Carrier, defined: set[str]
) -> tuple[list[str], list[str]]:
    """The small functions that a text calls: those written by hand, and those carried."""
    by_hand: set[str] = set()
    for word in called_in(body):
        if word in HELPERS:
            by_hand.add(word)
        if word in HELPERS or word in _KNOWN or word in defined:
            continue
        primitive = own.get(word) or all_primitives().get(word)
        if primitive is not None:
            carrier.taken.discard(word)
            carrier.define(word, primitive.evaluate)
    return [HELPERS[word] for word in sorted(by_hand | carrier.by_hand)], [
        "\n" + text for text in carrier.definitions
    ]


_POWER = re.compile(r"(?<![\w.)\]])([\w.]+) \*\* (-?[\w.]+)(?![\w.(\[])")
_QUOTED = re.compile(r"'([^'\"\\]*)'")


def _laid(text: str) -> str:
    """Text with its long lines broken."""
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        if not line.lstrip().startswith("#"):
            line = _POWER.sub(r"\1**\2", _QUOTED.sub(r'"\1"', line))
        lines.extend(laid_out(line))
    return "\n".join(lines) + "\n"
