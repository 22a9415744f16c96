"""Forward mode: a box holds a value and a tangent, and every operation computes both.

    out = f(x, y)    out_dot = (df/dx) x_dot + (df/dy) y_dot

`push` is the chain rule for one primitive, used by this trace and by the derivation of pullbacks.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.primitive import JOINTLY, LINEAR, NoDerivative, Primitive, Tracer, new_level
from ..core.trace import escaped
from ..errors import DerivativeError
from ..primitives.structure import add, zeros


def add_terms(a: Any, b: Any) -> Any:
    """The sum of two tangents or cotangents, where None is nothing."""
    if a is None:
        return b
    return a if b is None else add(a, b)


def _joint_term(
    primitive: Primitive, args: Sequence[Any], tangents: Sequence[Any], params: dict[str, Any]
) -> Any:
    operands: list[Any] = []
    for index, (arg, tangent) in enumerate(zip(args, tangents, strict=True)):
        if primitive.jvp_rule(index) is not JOINTLY:
            operands.append(arg)
        else:
            operands.append(zeros(aval_of(arg)) if tangent is None else tangent)
    return primitive(*operands, **params)


def _term(
    primitive: Primitive, index: int, tangent: Any, args: Sequence[Any], out: Any, params: dict[str, Any]
) -> Any:
    rule = primitive.jvp_rule(index)
    if rule is LINEAR:
        return primitive(*args[:index], tangent, *args[index + 1 :], **params)
    if isinstance(rule, NoDerivative):
        raise DerivativeError(
            f"the derivative of {primitive.name} was asked for", f"operand {index}", rule.reason
        )
    return rule(tangent, *args, out=out, **params) if callable(rule) else None


def push(
    primitive: Primitive, args: Sequence[Any], tangents: Sequence[Any], out: Any, params: dict[str, Any]
) -> Any:
    """The tangent of `out = primitive(*args)`; None where it is zero. `many` primitives get a tuple."""
    if primitive.forward is not None:
        return primitive.forward(args, tangents, params)[1]
    terms: list[Any] = []
    joint = False
    for index, tangent in enumerate(tangents):
        if tangent is None:
            continue
        if primitive.jvp_rule(index) is JOINTLY:
            joint = True
        else:
            terms.append(_term(primitive, index, tangent, args, out, params))
    if joint:
        terms.append(_joint_term(primitive, args, tangents, params))
    if primitive.many:
        columns = [term for term in terms if term is not None]
        return tuple(_sum(column) for column in zip(*columns, strict=True)) if columns else (None,) * len(out)
    return _sum(terms)


def _sum(terms: Sequence[Any]) -> Any:
    total = None
    for term in terms:
        total = add_terms(total, term)
    return total


class DualTrace:
    """Carries tangents along. A box's `extra` is its tangent."""

    __slots__ = ("box", "closed", "level", "refused")

    def __init__(self, box: type[Tracer]) -> None:
        self.level = new_level()
        self.box = box
        self.closed = False
        self.refused: Exception | None = None

    def lift(self, value: Any, tangent: Any) -> Tracer:
        """A box of a value and its tangent."""
        return self.box(self, value, tangent)

    def boxed(self, value: Any) -> Tracer:
        """A box of a constant, for what is about to be written into."""
        return self.box(self, value, None)

    def lower(self, value: Any) -> tuple[Any, Any]:
        """Value and tangent of what may be a box of this trace; a constant has no tangent."""
        if isinstance(value, Tracer) and value.owner is self:
            return value.value, value.extra
        return value, None

    def aval(self, box: Tracer) -> Aval:
        """The type of the boxed value."""
        return aval_of(box.value)

    def process(self, primitive: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The primitive's value, and its tangent by `push`."""
        if self.closed:
            raise escaped(primitive.name)
        pairs = [self.lower(arg) for arg in args]
        values = [value for value, _ in pairs]
        tangents = [t for _, t in pairs]
        if primitive.forward is not None:
            out, tangent = primitive.forward(values, tangents, params)
        else:
            out = primitive(*values, **params)
            with np.errstate(all="ignore"):
                tangent = push(primitive, values, tangents, out, params)
        if primitive.many:
            return tuple(self._wrap(o, t) for o, t in zip(out, tangent, strict=True))
        return self._wrap(out, tangent)

    def ended(self, values: Sequence[Any], tangents: Sequence[Any]) -> None:
        """Be told the results and their tangents: of use to a trace that is watched."""

    def _wrap(self, out: Any, tangent: Any) -> Any:
        aval = aval_of(out)
        if not dtypes.is_inexact(aval.dtype) or (tangent is None and aval.shape == ()):
            return out
        return self.box(self, out, tangent)  # with axes a constant too: it may be written into
