"""The traces under a watch: as all others, and they look at what they compute.

Each operation of the user's is given a place, its value is looked at, and so is what its derivative makes of
a finite tangent or cotangent. These classes stand in for the plain ones where a trace starts under `debug`;
the plain ones know nothing of it, and cost what they cost.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.equation import Equation, Literal
from ..core.primitive import Primitive, Tracer, newest
from ..core.program import Program
from ..core.trace import StageTrace, escaped
from .batch import BatchTrace
from .closeness import closest
from .dual import DualTrace, push
from .findings import NonFinite
from .graph import Cotangents, Node, Walker, backward, ordered
from .places import BACKWARD, TANGENT, Place, Step, during, place_of
from .pullback import Runner
from .pulls import Hub, Pick, name_of
from .tape import TapeTrace
from .watch import Blame, Same, Watch, walking

# --- forward -----------------------------------------------------------------------------------


class WatchedBatch(BatchTrace):
    """Looks at the values of every example."""

    __slots__ = ("watch",)

    def __init__(self, box: type[Tracer], size: int, watch: Watch) -> None:
        super().__init__(box, size)
        self.watch = watch

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The primitive of every example."""
        with self.watch.operation(primitive) as looks:
            out = super().process(primitive, args, params)
        if looks:
            self.watch.values(place_of(primitive, args, params), out if primitive.many else (out,))
        return out

    def ended(self, results: Sequence[Any]) -> None:
        """Tell of results that are not finite."""
        self.watch.results(results)


class WatchedDual(DualTrace):
    """Looks at values, and knows which operation made a tangent that is not finite."""

    __slots__ = ("blame", "watch")

    def __init__(self, box: type[Tracer], watch: Watch) -> None:
        super().__init__(box)
        self.watch = watch
        self.blame = Blame(watch)

    def lift(self, value: Any, tangent: Any) -> Tracer:
        """A box of a value and its tangent."""
        self.blame.given(Same(tangent), tangent)
        return super().lift(value, tangent)

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The primitive's value, and its tangent, both looked at."""
        if self.closed:
            raise escaped(primitive.name)
        values = [self.lower(arg)[0] for arg in args]
        tangents = [self.lower(arg)[1] for arg in args]
        place = place_of(primitive, tuple(values), params)
        tangent: Any = None
        with self.watch.operation(primitive) as looks:
            if primitive.forward is not None:
                out, tangent = primitive.forward(values, tangents, params)
            else:
                out = primitive(*values, **params)
        outs = out if primitive.many else (out,)
        if looks:
            self.watch.values(place, outs)
        if primitive.forward is None:
            tangent = self._pushed(primitive, values, tangents, out, params, place)
        pushed = tangent if primitive.many else (tangent,)
        if primitive.many:
            self.watch.closeness(place, TANGENT, closest(primitive.name, outs), pushed)
        moving = [t for t in tangents if t is not None]
        for one in pushed:
            self.blame.judge(list(map(Same, moving)), moving, place, TANGENT, Same(one), one)
        wrapped = tuple(self._wrap(o, t) for o, t in zip(outs, pushed, strict=True))
        return wrapped if primitive.many else wrapped[0]

    def _pushed(
        self, primitive: Primitive, values: Any, tangents: Any, out: Any, params: dict[str, Any], place: Place
    ) -> Any:
        """The tangent. Where tangents are staged, the new equations are of this place."""
        stage = newest(tangents)
        equations = stage.equations if isinstance(stage, StageTrace) else []
        before = len(equations)
        with during(Step(place, TANGENT)), np.errstate(all="ignore"):
            tangent = push(primitive, values, tangents, out, params)
        self.watch.places.update(dict.fromkeys(equations[before:], place))
        return tangent

    def ended(self, values: Sequence[Any], tangents: Sequence[Any]) -> None:
        """Tell of results, and of tangents of results, that are not finite."""
        self.watch.results(values)
        self.blame.told((Same(t), t) for t in tangents)


class Steps:
    """A linear Program from tangents to tangents, run step by step under a watch."""

    __slots__ = ("program", "watch")

    def __init__(self, program: Program, watch: Watch) -> None:
        self.program, self.watch = program, watch

    def __call__(self, *tangents: Any) -> list[Any]:
        """The outputs for these tangents."""
        program, blame = self.program, Blame(self.watch)
        known: dict[Any, Any] = dict(zip(program.inputs, tangents, strict=True))
        for variable, tangent in known.items():
            blame.given(variable, tangent)
        with np.errstate(all="ignore"):
            for equation in program.equations:
                self._step(equation, known, blame)
        blame.told((a, known[a]) for a in program.outputs if not isinstance(a, Literal))
        return [np.array(a.value) if isinstance(a, Literal) else known[a] for a in program.outputs]

    def _step(self, equation: Equation, known: dict[Any, Any], blame: Blame) -> None:
        place = self.watch.places.get(equation) or place_of(equation.primitive, ())
        operands = [a.value if isinstance(a, Literal) else known[a] for a in equation.inputs]
        with during(Step(place, TANGENT)):
            result = equation.primitive(*operands, **equation.params)
        moving = [a for a in equation.inputs if not isinstance(a, Literal)]
        given = [known[a] for a in moving]
        results = result if equation.primitive.many else (result,)
        for variable, out in zip(equation.outputs, results, strict=True):
            known[variable] = out
            blame.judge(moving, given, place, TANGENT, variable, out)


# --- reverse -----------------------------------------------------------------------------------


class WatchedPick(Pick):
    """Hands the cotangent of one output on, and what it goes back to."""

    __slots__ = ()

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Put the cotangent in its place."""
        blame = walking()
        if blame is not None:
            blame.hand_on(node, node.parents[0], ct)
        return super().walk(cotangents, node, ct, owned)


class WatchedPull(Walker):
    """The pullback of an operation with its place."""

    __slots__ = ("close", "held", "place", "pull")

    def __init__(self, pull: Any, place: Place) -> None:
        self.pull, self.place = pull, place
        self.held: NonFinite | None = None
        self.close: Any = None

    @property
    def name(self) -> str:
        """The name of the primitive."""
        return name_of(self.pull)

    def __call__(self, ct: Any, *saved: Any) -> Any:
        """As the pullback itself."""
        return self.pull(ct, *saved)

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """As the pullback itself, and under a watch its results are looked at."""
        blame, pull = walking(), self.pull
        if blame is None:
            return _walks(pull, cotangents, node, ct, owned)
        with during(Step(self.place, BACKWARD)):
            if _walks(pull, cotangents, node, ct, owned):
                for parent in node.parents:
                    if parent is not None:
                        blame.hand_on(node, parent, cotangents.pending.get(parent))
                return True
            given = [c for c in ct if c is not None] if isinstance(pull, Hub) else [ct]
            if self.close is not None:
                blame.watch.closeness(self.place, BACKWARD, self.close, ct)
            for parent, term in zip(node.parents, pull(ct, *node.saved), strict=True):
                if parent is not None and term is not None:
                    blame.judge((node,), given, self.place, BACKWARD, parent, term)
                    self._summed(blame, cotangents, parent, term)
        return True

    def _summed(self, blame: Blame, cotangents: Cotangents, parent: Node, term: Any) -> None:
        """Add a term to what reaches a parent; the sum may overflow."""
        before = cotangents.pending.get(parent)
        summands = (term,) if before is None else (_as_now(before), term)
        cotangents.add(parent, term)
        place = Place("add", operands=summands, elementwise=True, within=Step(self.place, BACKWARD))
        blame.judge((), (), place, BACKWARD, parent, cotangents.pending[parent])


def _walks(pull: Any, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
    return isinstance(pull, Walker) and pull.walk(cotangents, node, ct, owned)


def with_place(node: Node, place: Place | None) -> None:
    """Let a node know its place; without one, the name of its operation is all that is known."""
    pull = node.pull
    if pull is None or isinstance(pull, WatchedPull | WatchedPick):
        return
    if isinstance(pull, Pick):
        node.pull = WatchedPick(pull.index, pull.count)
        hub = node.parents[0]
        if hub is not None:
            with_place(hub, place)
    else:
        node.pull = WatchedPull(pull, place or Place(name_of(pull)))


def watched_backward(watch: Watch, roots: Sequence[tuple[Node, Any]], *, release: bool) -> dict[Node, Any]:
    """`backward` under a watch: tells of gradients that are not finite, and which operation made them so."""
    blame = Blame(watch)
    for node in ordered([node for node, _ in roots]):
        with_place(node, None)
    for node, ct in roots:
        held = node.pull.held if isinstance(node.pull, WatchedPull) else None
        if held is not None:
            watch.release(held)
        blame.given(node, ct)
    with blame.walk():
        found = backward(roots, release=release)
    blame.told(found.items())
    return found


class WatchedTape(TapeTrace):
    """Looks at values, and records places."""

    __slots__ = ("watch",)

    def __init__(self, box: type[Tracer], run: Runner, watch: Watch) -> None:
        super().__init__(box, run)
        self.watch = watch

    def backward(self, roots: Sequence[tuple[Node, Any]], *, release: bool) -> dict[Node, Any]:
        """The walk back, watched."""
        return watched_backward(self.watch, roots, release=release)

    def unary(self, primitive: Primitive, operation: Any, x: Any, params: tuple[Any, ...] = ()) -> Any:
        """Record an elementwise operation on one operand."""
        with self.watch.operation(primitive) as looks:
            out = super().unary(primitive, operation, x, params)
        return seen(self, self.watch, looks, primitive, (x,), out, params)

    def binary(self, primitive: Primitive, operation: Any, x: Any, y: Any, ndim: int = 0) -> Any:
        """Record an operation on two operands."""
        with self.watch.operation(primitive) as looks:
            out = super().binary(primitive, operation, x, y, ndim)
        return seen(self, self.watch, looks, primitive, (x, y), out)

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Record a primitive."""
        with self.watch.operation(primitive) as looks:
            out = super().process(primitive, args, params)
        return seen(self, self.watch, looks, primitive, args, out, params)


def seen(
    trace: TapeTrace, watch: Watch, looks: bool, primitive: Primitive, args: Any, out: Any, params: Any = ()
) -> Any:
    """What an operation on a tape gave, looked at, and its nodes with their place."""
    values = [trace.lower(arg)[0] for arg in args]
    own = tuple(_as_now(v) if v is a else v for v, a in zip(values, args, strict=True))
    place = place_of(primitive, own, params)
    pairs = [trace.lower(o) for o in (out if primitive.many else (out,))]
    outs = [value for value, _ in pairs]
    if looks:
        watch.values(place, outs, values)
    for value, node in pairs:
        if node is not None:
            with_place(node, place)
            own_node = node.parents[0] if isinstance(node.pull, Pick) else node
            pull: Any = None if own_node is None else own_node.pull
            if isinstance(pull, WatchedPull):  # and no input that an operation handed on as it is
                pull.held = watch.held_of((value,), value)
                if primitive.many:
                    pull.close = closest(primitive.name, outs)
    return out


def _as_now(value: Any) -> Any:
    """What the trace does not own, as it is now: it may yet be written into."""
    if isinstance(value, Tracer):
        return value.owner.box(value.owner, value.value, value.extra)
    return value.copy() if type(value) is np.ndarray else value
