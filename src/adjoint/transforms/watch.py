"""The watch that `debug` keeps: what it looks for, what it does when it finds it, and its reports.

A `Watch` belongs to one block; `Blame` follows derivatives that are not finite to where they were made.
"""

import warnings
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..core.equation import Equation
from ..core.primitive import Primitive
from ..errors import NonFiniteError
from ..primitives.evaluation import absorbing
from .closeness import Close, close_record, vectors_move
from .findings import Absorbed, Kinds, NonFinite, concrete, core, finding
from .places import FORWARD, Place, current, lines
from .watching import watch, watching

_running: ContextVar[bool] = ContextVar("adjoint_running", default=False)
"""Whether an operation of the user's is being computed: what older traces do for it is not theirs to tell."""

Record = NonFinite | Absorbed | Close

CHOICES = ("raise", "warn", "report", "ignore")


@dataclass(frozen=True, slots=True)
class Modes:
    """What to do about each kind of finding: one of CHOICES."""

    nan: str = "ignore"
    inf: str = "ignore"
    absorbed: str = "ignore"


@dataclass(eq=False)
class Findings:
    """What was found in one block."""

    nonfinite: list[NonFinite] = field(default_factory=list)
    absorbed: list[Absorbed] = field(default_factory=list)
    close: list[Close] = field(default_factory=list)

    def take(self, record: "Record") -> None:
        """Take down a record; what was absorbed is counted by its line."""
        if isinstance(record, NonFinite):
            self.nonfinite.append(record)
            return
        if isinstance(record, Close):
            self.close.append(record)
            return
        for known in self.absorbed:
            if known.place() == record.place():
                known.entries += record.entries
                known.times += record.times
                return
        self.absorbed.append(replace(record))


class Same:
    """A key for a value that is equal to itself only, and keeps it alive."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


class Watch:
    """Looks at every value and derivative of the traces that start under it."""

    __slots__ = ("_errors", "findings", "held", "kinds", "modes", "outer", "places")

    def __init__(self, modes: Modes, findings: Findings, outer: "Watch | None") -> None:
        self.modes, self.findings, self.outer = modes, findings, outer
        self.kinds = Kinds(modes.nan != "ignore", modes.inf != "ignore")
        told = modes.nan in ("raise", "warn") and modes.inf in ("raise", "warn")
        self._errors: dict[str, Any] = dict.fromkeys(("divide", "over", "invalid"), "ignore") if told else {}
        self.places: dict[Equation, Place] = {}
        self.held: dict[Same, NonFinite] = {}

    @contextmanager
    def operation(self, primitive: Primitive) -> Generator[bool]:
        """An operation runs in this block; whether it is for the trace that runs it to look at its value.

        The newest trace looks, which sees it as the user does; the older ones that compute it for that one do
        not. NumPy's own warnings are left out where this watch says more.
        """
        inner = _running.get()
        calls_users = primitive.forward is not None or primitive.reverse is not None
        token = _running.set(not calls_users)
        try:
            with np.errstate(**self._errors):
                yield not inner
        finally:
            _running.reset(token)

    # --- values ------------------------------------------------------------------------------

    def values(self, place: Place, outs: Iterable[Any], operands: Sequence[Any] | None = None) -> None:
        """Look at the values that an operation gave.

        What a line of the user's own makes is told at once. What a package makes may be masked before it
        comes back: it is held, and told when a line of the user's takes it up or a result has it.
        """
        if place.within is not None:
            return
        for out in outs:
            found = self.kinds.made(place, out)
            if found is None:
                record = self.held_of(place.operands if operands is None else operands, out)
            else:
                record = finding(place, FORWARD, out, found)
            if record is not None:
                self.held[Same(core(out))] = record
                if place.via is None:
                    self.release(record)

    def held_of(self, values: Sequence[Any], out: Any) -> NonFinite | None:
        """What is held of values, where a result still is not finite."""
        if self.held and self.kinds.spoiled(out):
            for value in values:
                record = self.held.get(Same(core(value)))
                if record is not None:
                    return record
        return None

    def release(self, record: NonFinite) -> None:
        """Tell, once, what was held."""
        if not any(known is record for known in self.findings.nonfinite):
            self.tell(record)

    def results(self, values: Iterable[Any]) -> None:
        """Tell what is held of a function's results."""
        for value in values:
            record = self.held_of((value,), value)
            if record is not None:
                self.release(record)

    # --- derivatives -------------------------------------------------------------------------

    def slope(self, place: Place, phase: str, given: Sequence[Any], out: Any) -> NonFinite:
        """The record of a derivative that is not finite although what came in was."""
        array, _ = concrete(out)
        return finding(place, phase, out, self.kinds.among(array), given)

    def tell(self, record: "Record") -> None:
        """Take down, in this block's findings and in those of the blocks around it; raise or warn."""
        block: Watch | None = self
        while block is not None:
            block.findings.take(record)
            block = block.outer
        if isinstance(record, Absorbed):
            mode = self.modes.absorbed
        elif isinstance(record, Close):
            mode = "warn" if self.modes.nan in ("raise", "warn") else "report"
        else:
            mode = self.modes.nan if np.isnan(record.value) else self.modes.inf
        if mode == "raise":
            error = NonFiniteError(record.asked(), record.received(), record.remedy())
            error.record = record
            raise error
        if mode == "warn":
            _warn(record)

    def closeness(self, place: Place, phase: str, found: Any, moving: Sequence[Any]) -> None:
        """Warn of vectors whose derivative divides by a small gap, where they move."""
        if self.kinds.nan and found is not None and vectors_move(place.operation, moving):
            self.tell(close_record(place, phase, found))

    # --- strong zeros ------------------------------------------------------------------------

    def absorbed(self, partial: Any, tangent: Any, product: Any) -> None:
        """A product by `scale` is not finite: take down where a zero factor makes it zero."""
        swallowed = ((partial == 0) | (tangent == 0)) & ~np.isfinite(product)
        entries = int(np.count_nonzero(swallowed))
        if not entries:
            return
        factors = [np.broadcast_to(x, np.shape(product))[swallowed] for x in (partial, tangent)]
        nan = any(np.isnan(x).any() for x in factors)
        inf = any(np.isinf(x).any() for x in factors)
        step = current()
        place = Place("scale", *lines()) if step is None else step.place
        own = place.outermost
        self.tell(
            Absorbed(
                operation=own.operation,
                phase=FORWARD if step is None else step.phase,
                line=own.line,
                via=own.via,
                factor="inf or nan" if nan and inf else "nan" if nan else "inf",
                step=None if own is place else place.operation,
                order=place.depth + (step is not None),
                entries=entries,
            )
        )


def _warn(record: "Record") -> None:
    """A RuntimeWarning, as NumPy's are, at the user's own line."""
    if record.line is None:
        warnings.warn(str(record), RuntimeWarning, stacklevel=2)
    else:
        warnings.warn_explicit(str(record), RuntimeWarning, record.line.file, record.line.number)


def begin(modes: Modes, findings: Findings) -> tuple[Any, Any]:
    """Start to watch; what comes back ends it."""
    new = Watch(modes, findings, watching())
    wanted = modes.absorbed != "ignore"
    return watch.set(new), absorbing.set(new.absorbed if wanted else None)


def end(tokens: tuple[Any, Any]) -> None:
    """Watch as before."""
    watch.reset(tokens[0])
    absorbing.reset(tokens[1])


_walk: "ContextVar[Blame | None]" = ContextVar("adjoint_walk", default=None)

walking = _walk.get
"""The blame of the walk back that is under way and is watched."""


class Blame:
    """Which record a value that is not finite goes back to, as derivatives hand it on.

    Derivatives are judged by what reaches a result: an infinite slope that meets an exact zero later is
    absorbed, and is nobody's business but `absorbed`'s. So each one that is not finite carries the record of
    the operation that made it, and that is told where a result has it. What the user gave has None.
    """

    __slots__ = ("by", "watch")

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.by: dict[Any, NonFinite | None] = {}

    def given(self, key: Any, value: Any) -> None:
        """A tangent or cotangent of the user's: what is not finite in it, nobody made."""
        if self.watch.kinds.spoiled(value):
            self.by.setdefault(key, None)

    def hand_on(self, source: Any, target: Any, value: Any) -> None:
        """A derivative made of another by a step that cannot spoil it."""
        if source in self.by and self.watch.kinds.spoiled(value):
            self.by.setdefault(target, self.by[source])

    def judge(
        self, sources: Sequence[Any], given: Sequence[Any], place: Place, phase: str, target: Any, out: Any
    ) -> None:
        """A derivative made of others by the derivative of an operation."""
        if target in self.by or not self.watch.kinds.spoiled(out):
            return
        for source in sources:
            if source in self.by:
                self.by[target] = self.by[source]
                return
        self.by[target] = self.watch.slope(place, phase, given, out)

    @contextmanager
    def walk(self) -> Generator[None]:
        """What walks back in this block tells this blame."""
        token = _walk.set(self)
        try:
            yield
        finally:
            _walk.reset(token)

    def told(self, results: Iterable[tuple[Any, Any]]) -> None:
        """Tell of each result that is not finite the record that it goes back to."""
        told: list[NonFinite] = []
        for key, value in results:
            record = self.by.get(key)
            if record is not None and record not in told and self.watch.kinds.spoiled(value):
                told.append(record)
                self.watch.tell(record)
