"""How errors are shown: ours as one message, those of the user's code as the user's own traceback.

2   the command cannot be carried out as it was typed
1   a check failed, or the user's code did
130 stopped by Ctrl-C (128 and the signal's number)
"""

import os
import traceback
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import typer

from ..errors import AdjointError, CheckError

_NOT_THE_USERS = (
    str(Path(__file__).parents[1]) + os.sep,
    str(Path(np.__file__).parent) + os.sep,
    warnings.__file__,
    "<adjoint ",
    "<frozen ",
    "<__array_function__",
)


@contextmanager
def told_plainly(file: str = "") -> Generator[None]:
    """Show what goes wrong in the block, and end the command with the status that fits.

    `file` is that of the user's code: what it calls is the user's, too, but for NumPy and this package.
    """
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _teller(file)
            yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    except MemoryError as error:
        _stop(f"error: not enough memory. Received: {error or 'no more'}. Try smaller arrays.", 1)
    except (Exception, SystemExit) as error:
        told = traceback.TracebackException.from_exception(error)
        if _from(file, told.stack) or (isinstance(error, SyntaxError) and error.filename == file):
            _stop(_trimmed(told, file), 1)
        if isinstance(error, AdjointError):
            _stop(f"error: {error}", 1 if isinstance(error, CheckError) else 2)
        raise


def _teller(file: str) -> Callable[..., None]:
    """Shows a warning with the user's line, where one is running, and not with the line of ours below it."""

    def tell(message: Warning | str, category: type[Warning], *_: Any) -> None:
        frames = _users(_from(file, traceback.extract_stack()))
        place = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
        typer.echo(f"{place}{category.__name__}: {message}", err=True)

    return tell


def _stop(text: str, status: int) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(status)


Frames = list[traceback.FrameSummary]


def _from(file: str, frames: Frames) -> Frames:
    """The frames from the first one in this file on."""
    first = next((i for i, frame in enumerate(frames) if frame.filename == file), len(frames))
    return frames[first:]


def _users(frames: Frames) -> Frames:
    return [frame for frame in frames if not frame.filename.startswith(_NOT_THE_USERS)]


def _trimmed(told: traceback.TracebackException, file: str) -> str:
    """The traceback without the frames of this package and of NumPy: it ends in the user's line.

    What caused the error is kept where it was the user's, too.
    """
    told.stack = traceback.StackSummary.from_list(_users(_from(file, told.stack)))
    one = told
    while (cause := one.__cause__ or one.__context__) is not None:
        cause.stack = traceback.StackSummary.from_list(_users(cause.stack))
        if not cause.stack:
            one.__cause__ = one.__context__ = None
            break
        one = cause
    return "".join(told.format() if told.stack else told.format_exception_only()).rstrip()
