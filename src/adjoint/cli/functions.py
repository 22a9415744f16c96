"""The user's function for `adjoint grad`, `check` and `trace`: found in a file, and the point for it.

`load("model.py:loss")` runs the file and gives the function; `arguments` reads the values of `--at`.
"""

import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..data.files import failure, read_bytes
from ..errors import ArgumentError, DataError, DtypeError, FileError

Function = Callable[..., Any]

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

MAGIC = b"\x93NUMPY"
"""How a .npy file begins."""


# --- the function ------------------------------------------------------------------------------


def file_of(place: str) -> str:
    """The file in `FILE.py:function`, under the name that its frames have."""
    return str(Path(place.rpartition(":")[0]))


def load(place: str) -> Function:
    """The function at `FILE.py:function`."""
    file, colon, name = place.rpartition(":")
    if not (colon and file and name):
        raise ArgumentError(
            "a function is named as FILE.py:function",
            repr(place),
            "Write the file, a colon and the function's name: model.py:loss.",
        )
    module = _run(Path(file))
    function = vars(module).get(name)
    if not callable(function):
        there = "no function of that name" if function is None else f"{name} = {_shown(function)}"
        known = ", ".join(_functions(module)) or "none"
        raise ArgumentError(f"{name!r} is a function in {file}", there, f"The functions there are: {known}.")
    return function


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _functions(module: ModuleType) -> list[str]:
    """The functions that a file defines."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not isinstance(value, type)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]


def _run(path: Path) -> ModuleType:
    """The file as a module, run as Python runs a script: its folder is searched for what it imports."""
    source = read_bytes(path)
    name = path.stem if path.stem not in sys.modules else f"{path.stem} ({path})"
    module = ModuleType(name)
    module.__file__ = str(path.resolve())
    sys.modules[name] = module  # where dataclasses and pickles look for it
    sys.path.insert(0, str(path.resolve().parent))
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        if isinstance(error, SyntaxError) and error.filename:
            raise
        raise FileError(f"{path} is a file of Python", str(error), "Name a .py file.") from None
    exec(code, vars(module))
    return module


# --- the point ---------------------------------------------------------------------------------


def arguments(function: Function, at: Sequence[str]) -> list[Any]:
    """The point of `--at`, a value for each argument of the function.

    One list of k numbers for a function of k > 1 required arguments is one number for each.
    """
    values = [_value(text) for text in at]
    least, most = _counts(function)
    first = values[0]
    if len(values) == 1 < least and isinstance(first, np.ndarray) and first.shape == (least,):
        return [float(v) for v in first] if first.dtype.kind == "f" else list(first)
    if not least <= len(values) <= most:
        raise ArgumentError(
            f"{_name(function)} takes {_amount(least, most)}",
            f"{len(values)} with --at" + (f", of shape {np.shape(first)}" if len(values) == 1 else ""),
            "Write --at once for each argument, in order.",
        )
    return values


def names(function: Function, count: int) -> list[str]:
    """How the first arguments are called."""
    known = [p.name for p in _parameters(function) if p.kind in POSITIONAL][:count]
    return known + [f"argument {i}" for i in range(len(known), count)]


def _name(function: Function) -> str:
    return getattr(function, "__name__", None) or _shown(function)


def _parameters(function: Function) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # written in C, without a signature
        return [inspect.Parameter("arguments", inspect.Parameter.VAR_POSITIONAL)]


def _counts(function: Function) -> tuple[int, float]:
    """How many arguments a function needs, and how many it takes."""
    parameters = _parameters(function)
    required = [p for p in parameters if p.default is p.empty]
    by_name = [p.name for p in required if p.kind is p.KEYWORD_ONLY]
    if by_name:
        raise ArgumentError(
            f"{_name(function)} is called with the values of --at, by position",
            f"required arguments by name: {', '.join(by_name)}",
            "Give them defaults, or write a function that passes them.",
        )
    most = float("inf") if any(p.kind is p.VAR_POSITIONAL for p in parameters) else 0
    most += sum(p.kind in POSITIONAL for p in parameters)
    if not most:
        raise ArgumentError(
            f"{_name(function)} is differentiated by its arguments",
            "a function that takes none",
            "Give it an argument.",
        )
    return sum(p.kind in POSITIONAL for p in required), most


def _amount(least: int, most: float) -> str:
    if most == least:
        return f"{least} argument{'' if least == 1 else 's'}"
    return f"{least} arguments or more" if most == float("inf") else f"{least} to {most:.0f} arguments"


def _value(text: str) -> Any:
    """One value of `--at`: a number, an array of numbers, or the array in a file."""
    if text.endswith(".npy"):
        return _finite(_read_array(Path(text)), text)
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            "--at takes numbers with commas between them, or an array file",
            repr(text),
            "Write --at 1.0,2.0 or --at x.npy.",
        ) from None
    return _finite(numbers[0] if len(numbers) == 1 else np.array(numbers), text)


def _read_array(path: Path) -> Any:
    asked = f"{path} is an array that numpy.save wrote"
    try:
        with path.open("rb") as file:
            known = file.read(len(MAGIC)) == MAGIC
        array = np.load(path, allow_pickle=False) if known else None
    except OSError as error:
        raise failure("read", path, error) from None
    except (ValueError, EOFError, MemoryError) as error:
        objects = "allow_pickle" in str(error)
        fault = "an array of Python objects" if objects else " ".join(str(error).split())
        raise FileError(asked, fault, "Save an array of numbers with numpy.save.") from None
    if not isinstance(array, np.ndarray):
        raise FileError(asked, "a file of another kind", "Save one array with numpy.save.")
    if array.dtype.kind in "iub":
        return array.astype(np.float64)[()]
    if array.dtype.kind not in "fc" or array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        raise DtypeError(
            f"{path} holds floating-point numbers", f"dtype {array.dtype}", "Save it with astype(float)."
        )
    return array.astype(array.dtype.newbyteorder("="))[()]


def _finite(value: Any, text: str) -> Any:
    wrong = np.argwhere(~np.isfinite(np.atleast_1d(value)))
    if len(wrong):
        index = tuple(int(i) for i in wrong[0])
        raise DataError(
            "--at takes finite numbers",
            f"{np.atleast_1d(value)[index]}" + (f" at index {index} of {text}" if np.ndim(value) else ""),
            "Take out NaN and infinities.",
        )
    return value
