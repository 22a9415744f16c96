"""The parts of a Program: variables, literals, equations, and the user's line of each.

Equation = outputs <- primitive(inputs, parameters)
an input of an equation is a variable or a literal (a constant with its value)
"""

import os
import sys
from dataclasses import dataclass
from opcode import opmap
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from .avals import Aval
from .primitive import Primitive

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NOT_THE_USERS = (_PACKAGE, os.path.dirname(os.path.abspath(np.__file__)) + os.sep, "<adjoint ")
"""NumPy calls us back from inside of its own functions; and what we write and run has such names."""


class Variable:
    """A variable, equal only to itself. `hint` is the user's name for it, where one is known."""

    __slots__ = ("aval", "hint")

    def __init__(self, aval: Aval, hint: str | None = None) -> None:
        self.aval = aval
        self.hint = hint

    def __repr__(self) -> str:
        return f"<variable {self.hint or ''}: {self.aval}>"


class Literal:
    """A constant inside a Program."""

    __slots__ = ("aval", "value")

    def __init__(self, value: Any, aval: Aval) -> None:
        self.value = value
        self.aval = aval

    def __repr__(self) -> str:
        return f"<literal {self.value!r}>"


Atom = Variable | Literal


class Line(NamedTuple):
    """Where in the user's files an operation stands."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """`outputs = primitive(*inputs, **params)`, as written at `line`."""

    primitive: Primitive
    inputs: tuple[Atom, ...]
    params: dict[str, Any]
    outputs: tuple[Variable, ...]
    line: Line | None


def user_line() -> Line | None:
    """The innermost line that is being executed outside of this package and of NumPy."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while (code := frame.f_code).co_filename.startswith(_NOT_THE_USERS):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return Line(code.co_filename, frame.f_lineno, code.co_name)


_WRITES = frozenset(opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in opmap)


def writes_into_an_array() -> bool:
    """Whether the user's line is about to write into a part of something: `a[i] = v`."""
    frame = _user_frame()
    return frame is not None and frame.f_code.co_code[frame.f_lasti] in _WRITES


def is_users(file: str) -> bool:
    """Whether a file is the user's own, or of a package that they use: not of this one, nor of NumPy."""
    return not file.startswith(_NOT_THE_USERS)


def _user_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame = frame.f_back
    return frame
