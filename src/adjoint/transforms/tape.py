"""Reverse mode: a box holds a value and a node of the graph; operations record, the walk back reads.

Elementwise operations keep NumPy's own broadcasting and promotion: they run as the user wrote them,
one trace further out, and the walk sums what was repeated. Their pullbacks are derived once for each
combination of dtypes, whatever the shapes. Linear primitives use their transpose rules directly;
all other pullbacks are derived once for each signature.
"""

from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.primitive import LINEAR, Primitive, Tracer, Zero, new_level
from ..core.trace import escaped
from ..primitives.batching import is_bare
from .graph import Node, backward, leaf, signature
from .inplace import IN_PLACE
from .pullback import Runner
from .pulls import (
    DerivedPull,
    DirectPull,
    Hub,
    Params,
    Pick,
    derive_once,
    fused,
    is_direct,
    kind_of,
    operands_read,
)

_ndarray = np.ndarray
_FIRST, _SECOND, _BOTH = (0,), (1,), (0, 1)


def _as_numpy(error: Exception, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """What NumPy gives for Python numbers on which Python's operator raises: infinity or NaN."""
    if not all(map(is_bare, args)):
        raise error
    return primitive.evaluate(*args, **params)


def is_writable(value: Any) -> bool:
    """Whether a value is an array that can hold others with derivatives."""
    if type(value) is _ndarray:
        return value.ndim > 0 and dtypes.is_inexact(value.dtype)
    if not isinstance(value, Tracer):
        return False
    aval = value.aval
    return aval.shape != () and dtypes.is_inexact(aval.dtype)


def _same_content(copy: Any, captured: Any) -> bool:
    """Whether an array is still what was copied, bit for bit where that is quickly seen."""
    return bool(np.array_equal(copy, captured))


class TapeTrace:
    """Records a graph. A box's `extra` is its node, None for a constant."""

    __slots__ = ("box", "captured", "closed", "level", "refused", "run")

    def __init__(self, box: type[Tracer], run: Runner) -> None:
        self.level = new_level()
        self.box = box
        self.run = run
        self.closed = False
        self.refused: Exception | None = None
        self.captured: dict[int, tuple[ref[Any], ref[Any]]] = {}

    def lift(self, value: Any) -> Tracer:
        """A box of an input."""
        if type(value) is _ndarray:
            return self.box(self, value, Node((), None, (), value.shape, value.dtype))
        return self.box(self, value, leaf(value))

    backward = staticmethod(backward)
    """How one walks back: a trace that is watched has a way of its own."""

    def boxed(self, value: Any) -> Tracer:
        """A box of a constant, for what is about to be written into."""
        return self.box(self, value, None)

    def constant(self, value: Any) -> Any:
        """What an operation gives that depends on no input: an array that traced values can be written into,
        or a number, an answer, a count as it is.
        """
        return self.boxed(value) if is_writable(value) else value

    def flat(self, primitive: Primitive, out: Any, parents: "tuple[Node | None, ...]") -> Any:
        """What an operation gives whose derivative is zero: a constant."""
        del primitive, parents
        return self.constant(out)

    def aval(self, box: Tracer) -> Aval:
        """The type of the boxed value."""
        return aval_of(box.value)

    def lower(self, value: Any) -> "tuple[Any, Node | None]":
        """Value and node of what may be a box of this trace; a constant has no node."""
        if isinstance(value, Tracer) and value.owner is self:
            return value.value, value.extra
        return value, None

    def unary(
        self,
        primitive: Primitive,
        operation: Callable[..., Any],
        x: Tracer,
        params: tuple[tuple[str, Any], ...] = (),
    ) -> Any:
        """Record an elementwise operation on one operand, run as `operation` one trace further out."""
        value, node = x.value, x.extra
        try:
            out = operation(value)
        except (ZeroDivisionError, OverflowError) as error:
            out = _as_numpy(error, primitive, (value,), dict(params))
        if node is None:
            return self.constant(out)
        if self.closed:
            raise escaped(primitive.name)
        kind = value.dtype if type(value) is _ndarray else kind_of(value)
        pull = fused(primitive, (kind,), _FIRST, self.run, 0, params)
        if pull is None:
            return self.flat(primitive, out, (node,))
        shape, dtype = (out.shape, out.dtype) if type(out) is _ndarray else signature(out)
        return self.box(self, out, Node((node,), pull.run, pull.save(value, out), shape, dtype))

    def binary(
        self, primitive: Primitive, operation: Callable[..., Any], x: Any, y: Any, ndim: int = 0
    ) -> Any:
        """Record an elementwise operation, or a product of matrices (`ndim` 2), on two operands."""
        x_node = y_node = None
        if isinstance(x, Tracer) and x.owner is self:
            x, x_node = x.value, x.extra
        if isinstance(y, Tracer) and y.owner is self:
            y, y_node = y.value, y.extra
        try:
            out = operation(x, y)
        except (ZeroDivisionError, OverflowError) as error:
            out = _as_numpy(error, primitive, (x, y), {})
        if x_node is None:
            if y_node is None:
                return self.constant(out)
            active = _SECOND
        else:
            active = _FIRST if y_node is None else _BOTH
        if self.closed:
            raise escaped(primitive.name)
        kinds = (
            x.dtype if type(x) is _ndarray else kind_of(x),
            y.dtype if type(y) is _ndarray else kind_of(y),
        )
        pull = fused(primitive, kinds, active, self.run, ndim)
        if pull is None:
            return self.flat(primitive, out, (x_node, y_node))
        if active is _FIRST and 1 in pull.needed:
            y = self.protected(y)
        elif active is _SECOND and 0 in pull.needed:
            x = self.protected(x)
        shape, dtype = (out.shape, out.dtype) if type(out) is _ndarray else signature(out)
        return self.box(self, out, Node((x_node, y_node), pull.run, pull.save(x, y, out), shape, dtype))

    def protected(self, captured: Any) -> Any:
        """A captured array as it is now, whatever is written into it later: copied once per content."""
        if isinstance(captured, Tracer):
            return captured.owner.box(captured.owner, captured.value, captured.extra)
        if type(captured) is not _ndarray or (captured.base is None and not captured.flags.writeable):
            return captured
        known = self.captured.get(id(captured))
        copy = known[1]() if known is not None and known[0]() is captured else None
        if copy is not None and _same_content(copy, captured):
            return copy
        copy = captured.copy()
        self.captured[id(captured)] = (ref(captured), ref(copy))
        return copy

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Record a primitive: the general way."""
        if len(args) == 1 and primitive.jvp[0] is LINEAR and not primitive.elementwise:
            return self._linear(primitive, args[0], params)
        pairs = [self.lower(arg) for arg in args]
        values = tuple(value for value, _ in pairs)
        parents = tuple(node for _, node in pairs)
        if primitive.reverse is not None and any(node is not None for node in parents):
            if self.closed:
                raise escaped(primitive.name)
            active = tuple(i for i, node in enumerate(parents) if node is not None)
            out, pull, saved = primitive.reverse(values, active, params)
            return self._boxes(parents, out, pull, self._guarded(saved, values, parents))
        out = primitive(*values, **params)
        active = tuple(
            i for i, n in enumerate(parents) if n is not None and not isinstance(primitive.jvp_rule(i), Zero)
        )
        if primitive.many:
            return self._record_many(primitive, values, parents, active, out, params)
        if not active or not dtypes.is_inexact(out.dtype if type(out) is _ndarray else aval_of(out).dtype):
            return self.flat(primitive, out, parents)
        if self.closed:
            raise escaped(primitive.name)
        pull, saved = self._pullback(primitive, values, parents, (out,), active, params)
        return self.box(self, out, Node(parents, pull, saved, *signature(out)))

    def _linear(self, primitive: Primitive, box: Tracer, params: dict[str, Any]) -> Any:
        """Record a primitive that is linear in its one operand, of which nothing need be kept."""
        value, node = box.value, box.extra
        out = primitive(value, **params)
        dtype = out.dtype if type(out) is _ndarray else aval_of(out).dtype
        if node is None or not dtypes.is_inexact(dtype):
            return self.constant(out)
        if self.closed:
            raise escaped(primitive.name)
        in_place = IN_PLACE.get(primitive)
        if in_place is not None:
            pull, saved = in_place((value,), **params)
        else:
            pull, saved = DirectPull(primitive, (0,), params), (aval_of(value),)
        return self.box(self, out, Node((node,), pull, saved, *signature(out)))

    def _record_many(
        self,
        primitive: Primitive,
        values: Any,
        parents: Any,
        active: tuple[int, ...],
        out: Any,
        params: dict[str, Any],
    ) -> Any:
        if not active:
            return tuple(self.constant(o) for o in out)
        if self.closed:
            raise escaped(primitive.name)
        return self._boxes(
            parents, out, *self._pullback(primitive, values, parents, tuple(out), active, params)
        )

    def _boxes(self, parents: Any, out: Any, pull: Any, saved: Any) -> Any:
        """Boxes of many outputs, each with a node that hands its cotangent to the node they share."""
        avals = tuple(aval_of(o) for o in out)
        hub = Node(parents, Hub(pull, avals), saved, (), float)
        boxes: list[Any] = []
        for index, (o, aval) in enumerate(zip(out, avals, strict=True)):
            if dtypes.is_inexact(aval.dtype):
                boxes.append(self.box(self, o, Node((hub,), Pick(index, len(avals)), (), *signature(o))))
            else:
                boxes.append(self.constant(o))
        return tuple(boxes)

    def _pullback(
        self,
        primitive: Primitive,
        values: Any,
        parents: Any,
        outs: Any,
        active: tuple[int, ...],
        params: dict[str, Any],
    ) -> tuple[Any, Any]:
        """The pullback, and what it needs of operands and outputs."""
        if primitive.pullback is not None:
            pull, saved = primitive.pullback(values, outs, active, params)
            return pull, self._guarded(saved, values, parents)
        in_place = IN_PLACE.get(primitive)
        if in_place is not None and active[0] == 0:
            pull, saved = in_place(values, **params)
            return pull, self._guarded(saved, values, parents)
        if not primitive.elementwise and is_direct(primitive, active):
            read = operands_read(primitive, values, active)
            kept = [
                self._kept(v, n) if r else aval_of(v) for v, n, r in zip(values, parents, read, strict=True)
            ]
            return DirectPull(primitive, active, params), tuple(kept)
        avals = tuple(aval_of(v) for v in values)
        if primitive.elementwise:
            avals = tuple(Aval((), a.dtype, a.weak) for a in avals)
        derived = derive_once(primitive, avals, active, Params(params), self.run)
        everything, owners = (*values, *outs), (*parents, *(True for _ in outs))
        return DerivedPull(derived, len(values)), tuple(
            self._kept(everything[i], owners[i]) for i in derived.needed
        )

    def _guarded(self, saved: Any, values: Any, parents: Any) -> Any:
        """What a pullback saved, with captured arrays as they are now."""
        captured = {id(v) for v, node in zip(values, parents, strict=True) if node is None}
        return tuple(self.protected(s) if id(s) in captured else s for s in saved)

    def _kept(self, value: Any, owner: Any) -> Any:
        return self.protected(value) if owner is None else value
