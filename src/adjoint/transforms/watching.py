"""Whether somebody debugs here and now, and the traces that start so.

Where nobody does, the traces are the plain ones, and this question, once for each, is all that it costs. What
watches (`watched`, `watch` and below) is imported when the first block of `debug` begins.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ..core.primitive import Tracer
from ..core.program import Program
from ..lazy import watched
from .batch import BatchTrace
from .dual import DualTrace
from .lined import duals_of, tape_of
from .pullback import Runner
from .tape import TapeTrace

watch: ContextVar[Any] = ContextVar("adjoint_watch", default=None)

watching: Callable[[], Any] = watch.get
"""The watch of this thread and context; None where nobody debugs."""


def tape(box: type[Tracer], run: Runner) -> TapeTrace:
    """A tape that starts here, watched where somebody watches."""
    found = watching()
    return tape_of(box, run) if found is None else watched.WatchedTape(box, run, found)


def duals(box: type[Tracer]) -> DualTrace:
    """A trace of duals that starts here."""
    found = watching()
    return duals_of(box) if found is None else watched.WatchedDual(box, found)


def batch(box: type[Tracer], size: int) -> BatchTrace:
    """A trace of a batch that starts here."""
    found = watching()
    return BatchTrace(box, size) if found is None else watched.WatchedBatch(box, size, found)


def evaluator(program: Program) -> Callable[..., list[Any]]:
    """What runs a linear Program from tangents to tangents: under a watch, step by step."""
    found = watching()
    return program.evaluate if found is None else watched.Steps(program, found)
