"""The user's function for `adjoint grad`, `check` and `trace`: found in a file, called at a point.

`load("model.py:loss")` imports the file and gives the function; `arguments` reads the values of `--at`.
An error in the user's file or function is shown as the user's own traceback, without our frames.
"""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import typer

from ..errors import AdjointError, ArgumentError, DataError, FileError

_PACKAGE = str(Path(__file__).parents[1])


def load(place: str) -> Callable[..., Any]:
    """The function at `FILE.py:function`."""
    file, colon, name = place.rpartition(":")
    if not colon or not file or not name:
        raise ArgumentError(
            "a place like FILE.py:function was asked for", repr(place), "Name the file, then the function."
        )
    path = Path(file)
    if not path.is_file():
        raise FileError("a Python file was asked for", f"{file}, which is not there", "Check the path.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise FileError("a Python file was asked for", file, "Its name ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent.resolve()))
    spec.loader.exec_module(module)
    function = vars(module).get(name)
    if not callable(function):
        known = ", ".join(n for n, v in vars(module).items() if inspect.isfunction(v)) or "none"
        raise ArgumentError(
            f"a function {name!r} in {file} was asked for", f"functions: {known}", "Check the name."
        )
    return function


def arguments(function: Callable[..., Any], at: Sequence[str]) -> list[Any]:
    """The point of `--at`: an option for each argument, or one list of numbers for all.

    `--at 1.0,2.0` is one array of two numbers for a function of one argument, and two numbers for a
    function of two. `--at x.npy` reads an array.
    """
    if not at:
        raise ArgumentError("a point was asked for", "no --at", "Write --at 1.0,2.0 or --at x.npy.")
    values = [_value(text) for text in at]
    required = _required(function)
    if (
        len(values) == 1
        and required > 1
        and isinstance(values[0], np.ndarray)
        and values[0].shape == (required,)
    ):
        return [float(v) for v in values[0]]
    if len(values) != required:
        raise ArgumentError(
            f"a value for each of {required} arguments was asked for",
            f"{len(values)} with --at",
            "Repeat --at for each one.",
        )
    return values


def _required(function: Callable[..., Any]) -> int:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters) or 1


def _value(text: str) -> Any:
    if text.endswith(".npy"):
        return _finite(_read_array(text), text)
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            "numbers were asked for with --at", repr(text), "Write --at 1.0,2.0 or --at x.npy."
        ) from None
    return _finite(numbers[0] if len(numbers) == 1 else np.array(numbers), text)


def _read_array(file: str) -> Any:
    try:
        array = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise FileError(
            "an array file was asked for with --at", f"{file}: {error}", "Write it with numpy.save."
        ) from None
    if array.dtype.kind in "iub":
        return array.astype(float)
    if array.dtype.kind not in "fc":
        raise DataError(
            "an array of numbers was asked for with --at", f"{file} of dtype {array.dtype}", "Save floats."
        )
    return array if array.ndim else array[()]


def _finite(value: Any, text: str) -> Any:
    if not np.isfinite(value).all():
        raise DataError("finite numbers were asked for with --at", text, "Take NaN and infinities out.")
    return value


@contextmanager
def shown_plainly() -> Iterator[None]:
    """Errors of ours as one message, errors of the user's code as the user's traceback; exit status 1."""
    try:
        yield
    except AdjointError as error:
        _stop(f"error: {error}" + _place(error))
    except (typer.Exit, KeyboardInterrupt):
        raise
    except Exception as error:  # whatever the user's code raises is the user's to see
        _stop(users_traceback(error))


def _is_ours(file: str) -> bool:
    return file.startswith((_PACKAGE, "<adjoint ", "<frozen "))


def users_traceback(error: BaseException) -> str:
    """The traceback without the frames of this package: it ends in the user's line."""
    trimmed = traceback.TracebackException.from_exception(error)
    one: traceback.TracebackException | None = trimmed
    while one is not None:
        frames = [frame for frame in one.stack if not _is_ours(frame.filename) and not _is_launcher(frame)]
        one.stack = traceback.StackSummary.from_list(frames)
        one = one.__cause__ or one.__context__
    return "".join(trimmed.format()).rstrip()


def _is_launcher(frame: traceback.FrameSummary) -> bool:
    file = frame.filename.replace("\\", "/")
    return (
        "/typer/" in file or "/click/" in file or file.endswith(("/bin/adjoint", "/adjoint.exe/__main__.py"))
    )


def _place(error: BaseException) -> str:
    """Where in the user's file an error of ours was raised, if it was raised on the way."""
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if not _is_ours(f.filename) and not _is_launcher(f)
    ]
    return f"\n  at {frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _stop(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(1)
