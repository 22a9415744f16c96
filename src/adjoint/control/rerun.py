"""Checkpoints of Python functions: the primitive `rerun`, whose pullback calls the function once more.

    y = f(x)              of which only x is kept
    x_bar                 by running f again on a fresh tape, and walking back over that

The function runs on numbers, so `if` and `while` in it follow them, and it may call itself. `Opened` finds
the traced values that a function has taken from around it, so that they become operands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, is_dataclass
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import TOGETHER, Primitive, Tracer, newest
from ..core.program import Program
from ..core.trace import stage
from ..errors import DerivativeError
from ..primitives.structure import broadcast, zeros
from ..primitives.trigonometric import sin
from ..transforms.batch import BatchTrace
from ..transforms.dual import DualTrace
from ..transforms.pullback import Runner
from ..transforms.tape import TapeTrace
from .bodies import by_binding, picked, spread

Flat = Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of arrays, to be run whenever its results or derivatives are wanted."""

    name: str
    run: Callable[[Flat], Flat]
    box: type[Tracer]
    runner: Runner

    def __repr__(self) -> str:
        return self.name

    def __call__(self, args: Flat) -> tuple[Any, ...]:
        """The results; operands that are arrays cannot be written into."""
        outs = tuple(self.run([_read_only(arg) for arg in args]))
        top, allowed = newest(outs), newest(args)
        if top is not None and (allowed is None or top.level > allowed.level):
            raise DerivativeError(
                f"a checkpoint of {self.name}, a function of its arguments and of what its closure holds",
                "one that takes traced values from elsewhere: a global, or an attribute of an object",
                "Pass them as arguments, so that they are known when it is run again.",
            )
        return outs

    def _like(self, name: str, run: Callable[[Flat], Flat]) -> "Function":
        return Function(f"{self.name}_{name}", run, self.box, self.runner)

    def pushed(self, count: int, flags: Sequence[bool]) -> "Function":
        """From operands, and tangents of the marked ones, to results and the tangents of all of them."""

        def both(values: Flat) -> Flat:
            trace = DualTrace(self.box)
            pairs = zip(values[:count], spread(values[count:], flags), strict=True)
            outs = self.run([x if t is None else trace.lift(x, t) for x, t in pairs])
            trace.closed = True
            found = [trace.lower(out) for out in outs]
            return [*(v for v, _ in found), *(zeros(aval_of(v)) if t is None else t for v, t in found)]

        return self._like("jvp", both)

    def pulled(self, count: int, active: Sequence[int], wanted: Sequence[bool]) -> "Function":
        """From operands, and cotangents of the wanted results, to those of the active operands."""

        def back(values: Flat) -> Flat:
            trace = TapeTrace(self.box, self.runner)
            args: list[Any] = list(values[:count])
            for i in active:
                args[i] = trace.lift(args[i])
            nodes = [args[i].extra for i in active]
            outs = self.run(args)
            trace.closed = True
            ends = [trace.lower(out)[1] for out in outs]
            roots = zip(ends, spread(values[count:], wanted), strict=True)
            found = trace.backward(
                [(n, ct) for n, ct in roots if n is not None and ct is not None], release=True
            )
            return [zeros(n.aval) if (ct := found.get(n)) is None else ct for n in nodes]

        return self._like("vjp", back)

    def batched(self, size: int, flags: Sequence[bool]) -> "Function":
        """The function of batches: of all results, and of the marked operands."""

        def every(values: Flat) -> Flat:
            trace = BatchTrace(self.box, size)
            outs = self.run([trace.lift(v) if f else v for v, f in zip(values, flags, strict=True)])
            trace.closed = True
            return [
                out.value
                if isinstance(out, Tracer) and out.owner is trace
                else broadcast(out, shape=(size, *aval_of(out).shape))
                for out in outs
            ]

        return self._like("batch", every)

    def program(self, avals: Sequence[Aval]) -> Program:
        """The function as a Program."""
        return stage(lambda *boxes: self.run(boxes), avals, box=self.box, name=self.name)


def _read_only(value: Any) -> Any:
    if type(value) is not np.ndarray or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view


# --- the primitive -------------------------------------------------------------------------------


def _forward(args: Flat, tangents: Flat, params: dict[str, Any]) -> tuple[Any, Any]:
    flags = [t is not None for t in tangents]
    both = params["function"].pushed(len(args), flags)
    moves = picked(tangents, flags)
    # Values stay known where directions are not: where those are a batch, or not there yet.
    bind = newest(args) is newest(moves)
    found = rerun(*args, *moves, function=both) if bind else both([*args, *moves])
    half = len(found) // 2
    return found[:half], found[half:]


def _reverse(args: Flat, active: tuple[int, ...], params: dict[str, Any]) -> tuple[Any, Any, Any]:
    outs = rerun(*args, **params)
    wanted = tuple(dtypes.is_inexact(aval_of(out).dtype) for out in outs)
    return outs, _Pull(params["function"], active, wanted), tuple(args)


@dataclass(frozen=True, slots=True, eq=False)
class _Pull:
    """Runs the function again, and goes back over it."""

    function: Function
    active: tuple[int, ...]
    wanted: tuple[bool, ...]
    name = "rerun"

    def __call__(self, cotangents: Flat, *args: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        back = self.function.pulled(len(args), self.active, self.wanted)
        found = rerun(*args, *picked(cotangents, self.wanted), function=back)
        result: list[Any] = [None] * len(args)
        for i, ct in zip(self.active, found, strict=True):
            result[i] = ct
        return result


def _transpose(place: int, cotangents: Any, *args: Any, **params: Any) -> Any:
    """The transpose in operands in which the function is linear: the pullback, at zero as anywhere."""
    linear = tuple(i for i, arg in enumerate(args) if isinstance(arg, Aval))
    values = [zeros(arg) if isinstance(arg, Aval) else arg for arg in args]
    _, pull, saved = _reverse(values, linear, params)
    return pull(cotangents, *saved)[place]


def _batch(primitive: Primitive, size: int, flags: Any, args: Any, params: dict[str, Any]) -> Any:
    return primitive(*args, function=params["function"].batched(size, tuple(flags)))


def _source(names: list[str], avals: Any, *, function: Any) -> str:
    del avals
    return f"rerun({', '.join(names)}, function={function})"


def _samples(d: Draw) -> list[Sample]:
    function = Function("sine", lambda args: [sin(args[0])], Tracer, by_binding)
    return [Sample((d.array(3),), {"function": function})]


rerun = Primitive(
    name="rerun",
    type=lambda *avals, function: tuple(atom.aval for atom in function.program(avals).outputs),
    evaluate=lambda *args, function: function(args),
    jvp=(TOGETHER,),
    transpose=(_transpose,),
    batch=_batch,
    source=_source,
    domain=Samples(_samples, ("float64",)),
    variadic=True,
    many=True,
    forward=_forward,
    reverse=_reverse,
)

ALL = (rerun,)
"""The primitive of this file."""


# --- what a function has taken from around it ------------------------------------------------------


class Opened:
    """The traced values in a function's closure, defaults and bound arguments: `values`, and the function
    with others in their places.
    """

    __slots__ = ("function", "places", "values")

    def __init__(self, function: Any) -> None:
        self.function = function
        self.values: list[Tracer] = []
        self.places: dict[int, int] = {}
        _copied(function, self._noted, {})

    def _noted(self, value: Tracer) -> Any:
        if id(value) not in self.places:
            self.places[id(value)] = len(self.values)
            self.values.append(value)
        return value

    def with_values(self, values: Flat) -> Any:
        """The function with these in the places of the traced values."""
        if not self.values:
            return self.function
        return _copied(self.function, lambda old: values[self.places[id(old)]], {})


def _copied(value: Any, change: Callable[[Tracer], Any], memo: dict[int, Any]) -> Any:
    """A copy of a function, or of what one holds, with every traced value changed; all else is itself."""
    if isinstance(value, Tracer):
        return change(value) if value.owner.level > 0 else value
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, FunctionType):
        return _function(value, change, memo)
    if isinstance(value, MethodType):
        return MethodType(_copied(value.__func__, change, memo), _copied(value.__self__, change, memo))
    if isinstance(value, partial):
        parts = [_copied(part, change, memo) for part in (value.func, *value.args)]
        return partial(*parts, **{k: _copied(v, change, memo) for k, v in value.keywords.items()})
    if isinstance(value, dict | list | tuple) or (is_dataclass(value) and not isinstance(value, type)):
        leaves, structure = trees.flatten(value)
        if structure is not trees.LEAF:
            return trees.unflatten(structure, [_copied(leaf, change, memo) for leaf in leaves])
    return value


def _function(value: FunctionType, change: Callable[[Tracer], Any], memo: dict[int, Any]) -> Any:
    if not (value.__closure__ or value.__defaults__ or value.__kwdefaults__):
        return value
    cells = tuple(CellType() for _ in value.__closure__ or ())
    new = FunctionType(value.__code__, value.__globals__, value.__name__, None, cells or None)
    memo[id(value)] = new
    for cell, old in zip(cells, value.__closure__ or (), strict=True):
        try:
            found = old.cell_contents
        except ValueError:  # not yet assigned
            continue
        cell.cell_contents = _copied(found, change, memo)
    new.__defaults__ = tuple(_copied(v, change, memo) for v in value.__defaults__ or ()) or None
    new.__kwdefaults__ = {
        k: _copied(v, change, memo) for k, v in (value.__kwdefaults__ or {}).items()
    } or None
    new.__dict__.update(value.__dict__)
    return new
