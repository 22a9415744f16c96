"""Checks of orders 2 and 3, and of elementwise operations as a tape runs them."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint import dtypes
from adjoint.api.derivatives import jvp, vjp
from adjoint.array.dispatch import elementwise, newest
from adjoint.core.avals import aval_of
from adjoint.core.primitive import Primitive
from adjoint.primitives.promotion import align

from .comparing import ROUNDING, closed, directions, inner, near, primals, same_kind, spacing, weights
from .samples import cases, like, smooth
from .slopes import against_differences


def forward_of(function: Callable[..., Any], move: Sequence[Any]) -> Callable[..., Any]:
    """The directional derivative, as a function of the point."""
    return lambda *at: jvp(function, at, move)[1]


def reverse_of(function: Callable[..., Any], move: Sequence[Any], w: Sequence[Any]) -> Callable[..., Any]:
    """<w, the directional derivative>, taken in reverse: <J^T w, v>, one term for each operand."""

    def directional(*at: Any) -> Any:
        found = vjp(function, *at)[1](tuple(w))
        return tuple(_multiply(v, g) for v, g in zip(move, found, strict=True))

    return directional


def _multiply(move: Any, found: Any) -> Any:
    aval = aval_of(found)
    return np.multiply(move, found) if aval.shape else move * found


def check_orders(primitive: Primitive, dtype: Any) -> None:
    """Orders 2 and 3: forward over forward equals differences, and reverse over reverse equals it."""
    for case in cases(primitive, dtype):
        active = smooth(primitive, case)
        if not active or case.label == "empty":
            continue
        at, moves = primals(case, active), directions(case, active, 3)
        function = closed(primitive, case, active)
        what = f"{primitive.name}, {case.label}"
        w = weights(function(*at))
        forward, reverse, seeds, noise = function, function, list(w), 0.0
        for order, move in enumerate(moves, start=1):
            previous = forward
            forward = forward_of(forward, move)
            found = forward(*at)
            noise = against_differences(previous, at, move, found, f"{what}, order {order} forward", noise)
            reverse = reverse_of(reverse, move, seeds)
            backward = reverse(*at)
            seeds = [like(np.ones(aval_of(b).shape), b) for b in backward]
            (left, a), (right, b) = inner(found, w), inner(backward, seeds)
            spaced = max(dtypes.eps(dtype), *map(spacing, found), 0.0)
            tolerance = ROUNDING * spaced * max(a, b, _scale(function, at, w)) * 4**order
            assert abs(left - right) <= tolerance, f"{what}, order {order}: forward {left}, reverse {right}"


def _scale(function: Callable[..., Any], at: Sequence[Any], w: Any) -> float:
    return inner(function(*at), w)[1]


def check_fused(primitive: Primitive, dtype: Any) -> None:
    """On a tape NumPy broadcasts and promotes inside the operation: as with operands aligned beforehand."""
    case = cases(primitive, dtype)[0]
    active = smooth(primitive, case)
    if not primitive.elementwise or case.params or len(case.args) > 2 or len(active) < len(case.args):
        return

    def fused(*xs: Any) -> Any:
        if newest(xs) is None:
            return primitive.evaluate(*align(*xs))
        return elementwise(primitive, fused, *xs)

    for at in _mixtures(case.args, dtype):
        what = f"{primitive.name} of {', '.join(str(aval_of(x)) for x in at)}"
        value, tangent = jvp(fused, at, at)
        out, pull = vjp(fused, *at)
        near([out], [value], what)
        w = weights([out])
        found = pull(w[0])
        for cotangent, x in zip(found, at, strict=True):
            same_kind(cotangent, x, what)
        (left, a), (right, b) = inner([tangent], w), inner(at, found)
        spaced = max(dtypes.eps(aval_of(x).dtype) for x in at)
        assert abs(left - right) <= ROUNDING * spaced * (a + b), f"{what}: {left}, {right}"
        forward = jvp(forward_of(fused, at), at, at)[1]
        seeds = [like(np.ones(aval_of(x).shape), x) for x in at]
        reverse = reverse_of(reverse_of(lambda *xs: (fused(*xs),), at, w), at, seeds)(*at)
        (left, a), (right, b) = inner([forward], w), inner(reverse, seeds)
        scale = max(a, b, inner([out], w)[1], inner([tangent], w)[1])
        assert abs(left - right) <= 4 * ROUNDING * spaced * scale, f"{what}, order 2: {left}, {right}"


def _mixtures(args: Sequence[Any], dtype: Any) -> Iterator[list[Any]]:
    """The operands in shapes that broadcast, as Python scalars, and in two dtypes."""
    shapes = [(2, 3), (1, 3), (3,), ()]
    for combination in itertools.product(shapes, repeat=len(args)):
        yield [like(np.resize(a, shape), a) for a, shape in zip(args, combination, strict=True)]
    python = complex if dtype.kind == "c" else float
    scalars = [python(np.ravel(a)[0]) for a in args]
    yield scalars
    if len(args) == 2:
        yield [scalars[0], args[1]]
        yield [args[0], scalars[1]]
        if dtype == np.float64:
            yield [args[0], args[1].astype(np.float32)]
            yield [args[0].astype(np.float32), args[1][0]]
