"""Functions with derivative rules of their own, as the primitive `custom`.

One primitive serves them all; which function it runs, and by which rule it is differentiated, is its
parameter `function`. A `CustomJvp` holds a rule for tangents, and reverse mode transposes that rule; a
`CustomVjp` holds a rule for cotangents, and forward mode transposes that one. What is transposed is
recorded in the tangents or cotangents alone, while the point stands as numbers, so that `if` in a rule
may look at the point.

The functions here take and give flat sequences of arrays. Containers are unpacked one floor up.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..core.avals import Aval, aval_of
from ..core.domain import REAL, Sample, Samples
from ..core.equation import Literal
from ..core.primitive import TOGETHER, Primitive, Tracer
from ..core.program import Program
from ..core.trace import stage
from ..errors import DerivativeError, TraceError
from ..primitives.structure import broadcast, ones, reduce_sum, scale, zeros
from ..primitives.trigonometric import cos, sin
from ..transforms.batch import BatchTrace
from ..transforms.graph import backward
from ..transforms.tape import TapeTrace
from ..transforms.transpose import transpose

Flat = Sequence[Any]
Run = Callable[[Flat], Flat]
TangentRule = Callable[[Flat, Flat], tuple[Flat, Flat]]
"""From operands and their tangents to outputs and theirs."""
Forward = Callable[[Flat], tuple[Flat, Any]]
"""From operands to outputs and what the way back needs."""
Backward = Callable[[Any, Flat], Flat]
"""From what `Forward` kept, and the outputs' cotangents, to the operands'; None is zero."""


class _Custom:
    """What both kinds share: running the function, its type, and its transpose where it is linear."""

    __slots__ = ("box", "name", "programs", "run")

    def __init__(self, name: str, run: Run, box: type[Tracer]) -> None:
        self.name, self.run, self.box = name, run, box
        self.programs: dict[tuple[Aval, ...], Program] = {}

    def __repr__(self) -> str:
        return self.name

    def evaluate(self, args: Flat) -> tuple[Any, ...]:
        """The outputs, for arguments that are plain."""
        outs = tuple(self.run(args))
        if any(isinstance(out, Tracer) for out in outs):
            raise self.captured()
        return outs

    def program(self, avals: tuple[Aval, ...]) -> Program:
        """The function itself, without its rule, as a Program."""
        if avals not in self.programs:
            program = stage(lambda *boxes: self.run(boxes), avals, box=self.box, name=self.name)
            atoms = (*program.outputs, *(a for e in program.equations for a in e.inputs))
            if any(isinstance(a, Literal) and isinstance(a.value, Tracer) for a in atoms):
                raise self.captured()
            self.programs[avals] = program
        return self.programs[avals]

    def captured(self) -> DerivativeError:
        """The error for a function that depends on traced values its rule knows nothing of."""
        return DerivativeError(
            f"{self.name}, a function with a derivative rule, of its arguments alone",
            "a function that uses traced values from around it",
            "Pass them as arguments, so that the rule can give their derivative.",
        )

    def values(self, args: Flat, outs: Flat) -> tuple[Any, ...]:
        """The outputs that a rule gave; at outer levels the function is called, so that its rule holds."""
        if any(isinstance(arg, Tracer) for arg in args):
            return custom(*args, function=self)
        if any(isinstance(out, Tracer) for out in outs):
            raise self.captured()
        return tuple(outs)


class CustomJvp(_Custom):
    """A function with a rule for its tangents."""

    __slots__ = ("rule",)

    def __init__(self, name: str, run: Run, rule: TangentRule, box: type[Tracer]) -> None:
        super().__init__(name, run, box)
        self.rule = rule

    def forward(self, args: Flat, tangents: Flat) -> tuple[Flat, Flat]:
        """Outputs and tangents, by the rule."""
        outs, pushed = self.rule(args, _filled(args, tangents))
        return self.values(args, outs), pushed

    def reverse(self, args: Flat, active: tuple[int, ...]) -> tuple[Flat, Any, Any]:
        """Outputs, and the rule recorded in its tangents, to be transposed."""
        found: list[Flat] = []

        def linear(*moves: Any) -> Flat:
            given: list[Any] = [None] * len(args)
            for index, move in zip(active, moves, strict=True):
                given[index] = move
            outs, pushed = self.rule(args, _filled(args, given))
            found[:] = [outs]
            return pushed

        avals = [aval_of(args[i]) for i in active]
        transposed = Transposed(f"the jvp rule of {self.name}", linear, avals, self.box)
        return self.values(args, found[0]), _TransposedPull(self.name, len(args), active), (transposed,)

    def batched(self, size: int, flags: Sequence[bool]) -> "CustomJvp":
        """The same function of batches."""

        def rule(args: Flat, tangents: Flat) -> tuple[Flat, Flat]:
            batch = BatchTrace(self.box, size)
            try:
                outs, pushed = self.rule(_lifted(batch, args, flags), _lifted(batch, tangents, flags))
                return [_whole(batch, o) for o in outs], [_whole(batch, t) for t in pushed]
            finally:
                batch.closed = True

        return CustomJvp(self.name, _batched_run(self, size, flags), rule, self.box)


class CustomVjp(_Custom):
    """A function with a rule for its cotangents: `ahead` computes and keeps, `back` comes back."""

    __slots__ = ("ahead", "back")

    def __init__(self, name: str, run: Run, ahead: Forward, back: Backward, box: type[Tracer]) -> None:
        super().__init__(name, run, box)
        self.ahead, self.back = ahead, back

    def forward(self, args: Flat, tangents: Flat) -> tuple[Flat, Flat]:
        """Outputs, and tangents by the transpose of the rule for cotangents."""
        outs, kept = self.ahead(args)
        outs = self.values(args, outs)
        avals = [aval_of(out) for out in outs]
        moving = [i for i, aval in enumerate(avals) if dtypes.is_inexact(aval.dtype)]
        active = [i for i, tangent in enumerate(tangents) if tangent is not None]
        pushed: list[Any] = [None] * len(outs)
        if not active or not moving:
            return outs, pushed

        def linear(*cotangents: Any) -> Flat:
            given = [zeros(aval) for aval in avals]
            for index, cotangent in zip(moving, cotangents, strict=True):
                given[index] = cotangent
            found = self.back(kept, given)
            return [zeros(aval_of(args[i])) if found[i] is None else found[i] for i in active]

        what = f"{self.name} forward, by the transpose of its vjp rule"
        transposed = Transposed(what, linear, [avals[i] for i in moving], self.box)
        for index, tangent in zip(moving, transposed([tangents[i] for i in active]), strict=True):
            pushed[index] = tangent
        return outs, pushed

    def reverse(self, args: Flat, active: tuple[int, ...]) -> tuple[Flat, Any, Any]:
        """Outputs, and the rule as the pullback."""
        outs, kept = self.ahead(args)
        return self.values(args, outs), _RulePull(self.name, self.back, active), (kept,)

    def batched(self, size: int, flags: Sequence[bool]) -> "CustomVjp":
        """The same function of batches. What every example shares gets the sum of the cotangents."""

        def ahead(args: Flat) -> tuple[Flat, Any]:
            batch = BatchTrace(self.box, size)
            try:
                outs, kept = self.ahead(_lifted(batch, args, flags))
                leaves, structure = trees.flatten(kept)
                own = [isinstance(leaf, Tracer) and leaf.owner is batch for leaf in leaves]
                values = [leaf.value if mine else leaf for leaf, mine in zip(leaves, own, strict=True)]
                return [_whole(batch, o) for o in outs], (structure, own, values)
            finally:
                batch.closed = True

        def back(kept: Any, cotangents: Flat) -> Flat:
            structure, own, values = kept
            batch = BatchTrace(self.box, size)
            try:
                residuals = trees.unflatten(structure, _lifted(batch, values, own))
                found = self.back(residuals, [batch.lift(ct) for ct in cotangents])
                return [
                    None if ct is None else _gathered(batch, ct, flag)
                    for ct, flag in zip(found, flags, strict=True)
                ]
            finally:
                batch.closed = True

        return CustomVjp(self.name, _batched_run(self, size, flags), ahead, back, self.box)


# --- transposing a linear function -------------------------------------------------------------


class Transposed:
    """The transpose of a linear function, which is run here on no numbers to record it as a Program.

    A function that cannot be recorded, since it asks for numbers, is recorded on a tape instead, once
    it is known to be linear there.
    """

    __slots__ = ("avals", "box", "function", "program", "what")

    def __init__(
        self, what: str, function: Callable[..., Flat], avals: Sequence[Aval], box: type[Tracer]
    ) -> None:
        self.what, self.function, self.avals, self.box = what, function, avals, box
        self.program: Program | None = None
        try:
            self.program = stage(function, avals, box=box).without_dead()
        except TraceError as error:
            self._check_linear(error)

    def __call__(self, cotangents: Flat) -> list[Any]:
        """Cotangents of the inputs for cotangents of the outputs; None is zero."""
        try:
            if self.program is not None:
                return transpose(self.program, [True] * len(self.avals), [], cotangents)
            return self._by_tape(cotangents)
        except DerivativeError as error:
            raise self._refused(error.received) from error

    def _by_tape(self, cotangents: Flat) -> list[Any]:
        trace = TapeTrace(self.box, _run_by_binding)
        leaves = [trace.lift(ones(aval)) for aval in self.avals]
        try:
            outs = self.function(*leaves)
        finally:
            trace.closed = True
        nodes = [trace.lower(out)[1] for out in outs]
        roots = [(n, ct) for n, ct in zip(nodes, cotangents, strict=True) if n is not None and ct is not None]
        found = backward(roots, release=True)
        return [found.get(leaf.extra) for leaf in leaves]

    def _check_linear(self, error: TraceError) -> None:
        """Multiples of the inputs must give the same multiples of the outputs, to the bit."""
        plain = [np.asarray(ones(aval))[()] for aval in self.avals]
        once = self.function(*plain)
        for factor in (2, -1, 0):
            scaled = self.function(*((factor * x).astype(x.dtype) for x in plain))
            pairs = [(a, b) for a, b in zip(once, scaled, strict=True) if not isinstance(a, Tracer)]
            if not all(np.array_equal(factor * np.asarray(a), np.asarray(b)) for a, b in pairs):
                raise self._refused("a rule that is not linear and decides by these values") from error

    def _refused(self, received: str) -> DerivativeError:
        return DerivativeError(
            f"{self.what}, which must be linear to be transposed",
            received,
            "A tangent rule is linear in its tangents, a cotangent rule in its cotangents.",
        )


def _run_by_binding(program: Program) -> Callable[..., Any]:
    return program.evaluate


class _TransposedPull:
    """The pullback of a function with a rule for tangents."""

    __slots__ = ("active", "count", "name")

    def __init__(self, name: str, count: int, active: tuple[int, ...]) -> None:
        self.name, self.count, self.active = name, count, active

    def __call__(self, cotangents: Flat, transposed: Transposed) -> list[Any]:
        """A cotangent, or None, for each operand."""
        found: list[Any] = [None] * self.count
        for index, cotangent in zip(self.active, transposed(cotangents), strict=True):
            found[index] = cotangent
        return found


class _RulePull:
    """The pullback of a function with a rule for cotangents."""

    __slots__ = ("active", "back", "name")

    def __init__(self, name: str, back: Backward, active: tuple[int, ...]) -> None:
        self.name, self.back, self.active = name, back, active

    def __call__(self, cotangents: Flat, kept: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        found = self.back(kept, cotangents)
        return [ct if index in self.active else None for index, ct in enumerate(found)]


# --- parts -------------------------------------------------------------------------------------


def _filled(args: Flat, tangents: Flat) -> list[Any]:
    """Tangents with zeros for what stands still."""
    return [zeros(aval_of(a)) if t is None else t for a, t in zip(args, tangents, strict=True)]


def _lifted(batch: BatchTrace, values: Flat, flags: Sequence[bool]) -> list[Any]:
    return [batch.lift(v) if flag else v for v, flag in zip(values, flags, strict=True)]


def _whole(batch: BatchTrace, value: Any) -> Any:
    if isinstance(value, Tracer) and value.owner is batch:
        return value.value
    return broadcast(value, shape=(batch.size, *aval_of(value).shape))


def _gathered(batch: BatchTrace, cotangent: Any, batched: bool) -> Any:
    every = _whole(batch, cotangent)
    return every if batched else reduce_sum(every, axes=(0,))


def _batched_run(function: _Custom, size: int, flags: Sequence[bool]) -> Run:
    def run(args: Flat) -> Flat:
        batch = BatchTrace(function.box, size)
        try:
            return [_whole(batch, out) for out in function.run(_lifted(batch, args, flags))]
        finally:
            batch.closed = True

    return run


# --- the primitive -----------------------------------------------------------------------------


def _type(*avals: Aval, function: Any) -> tuple[Aval, ...]:
    return tuple(atom.aval for atom in function.program(avals).outputs)


def _transpose(index: int, cotangents: Any, *args: Any, function: Any) -> Any:
    """The transpose of the function itself, in all operands that are linear together."""
    program = function.program(tuple(aval_of(arg) for arg in args))
    linear = [isinstance(arg, Aval) for arg in args]
    values = [arg for arg in args if not isinstance(arg, Aval)]
    found = transpose(program, linear, values, cotangents)[sum(linear[:index])]
    return zeros(args[index]) if found is None else found


def _batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    return primitive(*args, function=params["function"].batched(size, tuple(batched)))


def _source(names: list[str], avals: Any, *, function: Any) -> str:
    del avals
    return f"custom({', '.join(names)}, function={function})"


def _sine_rule(args: Flat, tangents: Flat) -> tuple[Flat, Flat]:
    return [sin(args[0])], [scale(cos(args[0]), tangents[0])]


def _sine_samples() -> tuple[CustomJvp, CustomVjp]:
    """The sine, with either kind of rule."""
    forward = CustomJvp("sine", lambda args: [sin(args[0])], _sine_rule, Tracer)
    reverse = CustomVjp(
        "sine",
        lambda args: [sin(args[0])],
        lambda args: ([sin(args[0])], args[0]),
        lambda kept, cotangents: [scale(cos(kept), cotangents[0])],
        Tracer,
    )
    return forward, reverse


custom = Primitive(
    name="custom",
    type=_type,
    evaluate=lambda *args, function: function.evaluate(args),
    jvp=(TOGETHER,),
    transpose=(_transpose,),
    batch=_batch,
    source=_source,
    domain=Samples(lambda d: [Sample((d.array(3),), {"function": f}) for f in _sine_samples()], REAL),
    variadic=True,
    many=True,
    forward=lambda args, tangents, params: params["function"].forward(args, tangents),
    reverse=lambda args, active, params: params["function"].reverse(args, active),
)

ALL = (custom,)
