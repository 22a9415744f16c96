"""What is claimed: the derivatives that jvp and vjp give, along directions and to any order."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..api.derivatives import jvp, vjp
from ..core.avals import aval_of
from .judge import Claim
from .space import Map, Vector


def _like(value: Any, leaf: Any) -> Any:
    """A tangent or cotangent in the dtype of what it belongs to."""
    dtype = aval_of(leaf).dtype
    return value if aval_of(value).dtype == dtype else np.asarray(value).astype(dtype)[()]


def pushed(function: Callable[..., list[Any]], tangents: list[Any]) -> Callable[..., list[Any]]:
    """The derivative of a function along fixed tangents."""

    def derivative(*leaves: Any) -> list[Any]:
        return jvp(function, leaves, [_like(t, leaf) for t, leaf in zip(tangents, leaves, strict=True)])[1]

    return derivative


def pulled(function: Callable[..., list[Any]], cotangents: list[Any]) -> Callable[..., list[Any]]:
    """The gradient of a fixed sum of a function's outputs."""

    def derivative(*leaves: Any) -> list[Any]:
        values, pull = vjp(function, *leaves)
        return list(pull([_like(c, value) for c, value in zip(cotangents, values, strict=True)]))

    return derivative


def forward_claim(function: Map) -> Claim:
    """What jvp claims for each output."""

    def claim(direction: Vector) -> Vector:
        tangents = function.inputs.leaves(direction)
        found = jvp(function.function, function.inputs.leaves(function.point), tangents)[1]
        return function.outputs.vector(found)

    return claim


def reverse_claim(function: Map, weights: Vector) -> Claim:
    """What vjp claims for sums of outputs, a row of weights for each."""
    _, pull = vjp(function.function, *function.inputs.leaves(function.point))
    rows = [
        function.inputs.vector(pull(function.outputs.leaves(row)))
        for row in function.outputs.conjugate(weights)
    ]
    gradients = function.inputs.conjugate(np.stack(rows))

    def claim(direction: Vector) -> Vector:
        moved = np.flatnonzero(direction)
        return gradients[:, moved] @ direction[moved]

    return claim


def signs(rng: "np.random.Generator", *shape: int) -> Vector:
    """Random weights of either sign and no special value."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)


def terms(top: Map, direction: Vector, weights: Vector | None, order: int) -> list[Vector]:
    """Derivatives along a direction: of each output by jvp of jvp ..., or of their sum by vjp of vjp ..."""
    point, tangents = top.inputs.leaves(top.point), top.inputs.leaves(direction)
    terms: list[Vector] = []
    derived: Callable[..., list[Any]] = top.function
    if weights is None:
        for _ in range(order):
            derived = pushed(derived, tangents)
            terms.append(top.outputs.vector(derived(*point)))
        return terms
    along = top.inputs.conjugate(direction)
    cotangents = top.outputs.leaves(top.outputs.conjugate(weights)[0])
    for _ in range(order):
        derived = pulled(derived, cotangents)
        gradient = top.inputs.vector(derived(*point))
        terms.append(np.array([along @ gradient]))
        cotangents = tangents
    return terms
