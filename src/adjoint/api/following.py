"""The user's function as the transforms run it: followed into its calls, so that plain NumPy code serves.

Every transform calls the function by `run`, which follows it, and takes results by `settled`.
"""

import os
from types import TracebackType
from typing import Any

from .. import trees
from ..array.blank import Blank
from ..core.equation import is_users
from ..core.primitive import Tracer
from ..errors import AdjointError, TraceError
from ..follow.converter import CONVERTER


def followed(function: Any) -> Any:
    """The copy of a function in which every call is answered by a rule where it has one.

    Functions, methods, classes, objects that can be called: whatever the callee, what is called in its
    place has the same lines, globals and closure. One that needs no copy is given back.
    """
    return CONVERTER.convert(function)


def run(function: Any, *args: Any, **kwargs: Any) -> Any:
    """The user's function, called: followed, and an error in it ends in the user's line."""
    try:
        return followed(function)(*args, **kwargs)
    except Exception as error:
        disguised = _is_disguise(error) or _is_of_package(error.__traceback__)
        _cut(error.__traceback__)
        refused = _refused(error, (args, kwargs)) if disguised else None
        if refused is not None:
            raise refused.with_traceback(error.__traceback__) from None
        raise


def _refused(error: Exception, given: Any) -> Exception | None:
    """The error of ours behind this one: its cause, or what a trace of the arguments has noted."""
    if isinstance(error, AdjointError):
        return None
    if isinstance(error.__cause__, TraceError):
        return error.__cause__
    noted = (leaf.owner.refused for leaf in trees.leaves(given) if isinstance(leaf, Tracer))
    return next((found for found in noted if found is not None), None)


def _is_of_package(frames: TracebackType | None) -> bool:
    """Whether an error was raised by an installed package: what it makes of an error of ours."""
    last = ""
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        last = file if is_users(file) else last
        frames = frames.tb_next
    return f"{os.sep}site-packages{os.sep}" in last


def _is_disguise(error: Exception) -> bool:
    """Whether this is what C code makes of an error in `float(x)`: NumPy on `plain[0] = x`, or a loop that
    does not look. What the user raises from our error is theirs.
    """
    if type(error) is SystemError:
        return True
    return type(error) is ValueError and str(error).startswith("setting an array element with a sequence")


_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_INSTALLED = os.path.join(_STANDARD, "site-packages") + os.sep


def _cut(frames: TracebackType | None) -> None:
    """Take off a traceback what stands below its last frame of the user's, where there is one.

    A function of the standard library is the user's where the user called it.
    """
    last, users = None, False
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        if not file.startswith(_STANDARD) or file.startswith(_INSTALLED):
            users = is_users(file)
        if users:
            last = frames
        frames = frames.tb_next
    if last is not None:
        last.tb_next = None


def settled(value: Any) -> Any:
    """A result, with arrays of constants as the plain arrays that they are."""
    return value.value if isinstance(value, Blank) and value.is_constant() else value
