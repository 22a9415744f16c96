"""How errors are shown: ours as one message, those of the user's code as the user's own traceback.

2   the command cannot be carried out as it was typed
1   a check failed, or the user's code did
130 stopped by Ctrl-C (128 and the signal's number)
"""

import os
import traceback
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import typer

from ..errors import AdjointError, CheckError

_WARNINGS = warnings.__file__
_HERE = str(Path(__file__).parent) + os.sep
_NOT_THE_USERS = (
    str(Path(__file__).parents[1]) + os.sep,
    str(Path(np.__file__).parent) + os.sep,
    "<adjoint ",
    "<frozen ",
    "<__array_function__",
)


@contextmanager
def told_plainly() -> Generator[None]:
    """Show what goes wrong in the block, and end the command with the status that fits."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _told
            yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    except MemoryError as error:
        _stop(f"error: not enough memory. Received: {error or 'no more'}. Try smaller arrays.", 1)
    except SyntaxError as error:
        _stop(users_traceback(error), 1)
    except (Exception, SystemExit) as error:
        if not _is_the_users(error):
            if isinstance(error, AdjointError):
                _stop(f"error: {error}", 1 if isinstance(error, CheckError) else 2)
            raise
        _stop(users_traceback(error), 1)


def _told(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    """A warning with the user's line, where one is running, and not with the line of ours below it."""
    running = traceback.extract_stack()[:-1]
    frames = _users_frames(traceback.StackSummary.from_list([f for f in running if f.filename != _WARNINGS]))
    place = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
    typer.echo(f"{place}{category.__name__}: {message}", err=True)


def _stop(text: str, status: int) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(status)


def _users_frames(frames: traceback.StackSummary) -> traceback.StackSummary:
    """Those of the user's code: what ran above the command line's frames, and is not ours or NumPy's."""
    own = [i for i, frame in enumerate(frames) if frame.filename.startswith(_HERE)]
    above = frames[own[-1] + 1 :] if own else frames
    return traceback.StackSummary.from_list(
        [frame for frame in above if not frame.filename.startswith(_NOT_THE_USERS)]
    )


def _is_the_users(error: BaseException) -> bool:
    """Whether an error was raised while code of the user's ran."""
    return bool(_users_frames(traceback.extract_tb(error.__traceback__)))


def users_traceback(error: BaseException) -> str:
    """The traceback without the frames of this package and of NumPy: it ends in the user's line."""
    told = traceback.TracebackException.from_exception(error)
    _trim(told)
    if told.stack:
        return "".join(told.format()).rstrip()
    return "".join(told.format_exception_only()).rstrip()


def _trim(told: traceback.TracebackException) -> None:
    """Leave the user's frames, in what caused the error too; a cause within ours is ours to know."""
    one: traceback.TracebackException | None = told
    while one is not None:
        one.stack = _users_frames(one.stack)
        if one.__cause__ is not None and not _users_frames(one.__cause__.stack):
            one.__cause__ = None
        if one.__context__ is not None and not _users_frames(one.__context__.stack):
            one.__context__ = None
        one = one.__cause__ or one.__context__
