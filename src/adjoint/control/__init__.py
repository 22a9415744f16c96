"""Primitives that hold functions or Programs. `ALL` names them for the tests that sweep every primitive.

Loops, branches and checkpoints are imported when `ALL` is first asked for: few programs have one.
"""

from typing import Any

from ..core.primitive import Primitive
from ..lazy import branches, checkpoints, loops, reruns, sweeps
from . import custom

ALL: tuple[Primitive, ...]
"""Every primitive of this floor."""


def __getattr__(name: str) -> Any:
    if name == "ALL":
        return (*custom.ALL, *loops.ALL, *branches.ALL, *checkpoints.ALL, *sweeps.ALL, *reruns.ALL)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
