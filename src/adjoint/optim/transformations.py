"""Gradient transformations: what an optimizer is, how several are chained, and clipping.

A transformation takes a gradient, a tree like the parameters, and gives another such tree and a
new state. States are named tuples of arrays, so that they can be saved leaf by leaf.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np

from .. import dtypes, trees
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import ArgumentError, DtypeError, ShapeError
from ..primitives.promotion import to_dtype

_LEAST = 1e-290
"""Sums of squares below it may have lost digits."""

_ARRAYS = (Tracer, np.ndarray, np.generic, float, int, complex)


class GradientTransformation(NamedTuple):
    """A pair of functions.

    Attributes:
        init: `init(params)` gives the state before the first step.
        update: `update(gradient, state, params=None)` gives (step, new state). The step is what
            `apply_updates` adds to the parameters.

    >>> halve = GradientTransformation(
    ...     lambda params: (), lambda g, state, params=None: (trees.map_leaves(lambda v: v / 2, g), state)
    ... )
    >>> halve.update({"w": 1.0}, ())
    ({'w': 0.5}, ())
    """

    init: Callable[[Any], Any]
    update: Callable[..., Any]


def is_parameter(leaf: Any) -> bool:
    """Whether a leaf is floating or complex, and so has a gradient; all other leaves stay as they are."""
    return isinstance(leaf, _ARRAYS) and dtypes.is_inexact(aval_of(leaf).dtype)


def apply_updates(params: Any, updates: Any) -> Any:
    """The parameters after a step.

        theta' = theta + u

    Args:
        params: a tree of arrays and numbers. Leaves that are not floating stay as they are.
        updates: the step, a tree of the same structure and shapes.

    Returns:
        The new parameters, each leaf in its parameter's dtype.

    Raises:
        ContainerError: the structures differ.
        ShapeError: a leaf's shape differs from its parameter's.
        DtypeError: the step of a floating leaf is not floating.

    >>> apply_updates({"w": np.array([1.0, 2.0])}, {"w": np.array([0.5, -0.5])})
    {'w': array([1.5, 1.5])}
    """
    return trees.map_leaves(_moved, params, updates)


def _moved(parameter: Any, update: Any) -> Any:
    if not is_parameter(parameter):
        return parameter
    own, step = aval_of(parameter), aval_of(update)
    if not dtypes.is_inexact(step.dtype):
        raise DtypeError(
            f"a step of floats for a parameter of dtype {own.dtype} was asked for",
            describe(update),
            "Give the optimizer a gradient of floats: it passes integers on as they are.",
        )
    if own.shape != step.shape:
        raise ShapeError(
            f"a step of shape {own.shape} was asked for", describe(update), "It has its parameter's shape."
        )
    moved = parameter + update
    if type(parameter) in (float, complex):
        return moved if isinstance(moved, Tracer) else type(parameter)(moved)
    return moved if moved.dtype == own.dtype else moved.astype(own.dtype)


def chain(*transformations: GradientTransformation) -> GradientTransformation:
    """One transformation after the other: the step of each is the gradient of the next.

    Args:
        *transformations: such as clipping first and an optimizer last.

    Returns:
        A transformation whose state is the tuple of theirs.

    >>> optimizer = chain(clip_by_global_norm(1.0), clip_by_value(0.7))
    >>> optimizer.update(np.array([3.0, 4.0]), optimizer.init(np.zeros(2)))
    (array([0.6, 0.7]), (ClipState(), ClipState()))
    """

    def init(params: Any) -> Any:
        return tuple(t.init(params) for t in transformations)

    def update(gradient: Any, state: Any, params: Any = None) -> Any:
        if len(state) != len(transformations):
            raise ArgumentError(
                f"the states of {len(transformations)} transformations were asked for",
                f"{len(state)} of them",
                "Give the state that this chain's init or update gave.",
            )
        states: list[Any] = []
        for transformation, own in zip(transformations, state, strict=True):
            gradient, new = transformation.update(gradient, own, params)
            states.append(new)
        return gradient, tuple(states)

    return GradientTransformation(init, update)


class ClipState(NamedTuple):
    """Clipping remembers nothing.

    >>> clip_by_value(1.0).init(np.zeros(2))
    ClipState()
    """


def _stateless(change: Callable[[Any], Any]) -> GradientTransformation:
    return GradientTransformation(
        lambda params: ClipState(), lambda gradient, state, params=None: (change(gradient), state)
    )


def global_norm(tree: Any) -> Any:
    """The Euclidean norm of all floating leaves together: sqrt(sum |g|^2), summed in double precision.

    >>> global_norm({"w": np.array([3.0]), "b": np.array([4.0])})
    np.float64(5.0)
    """
    leaves = [g for g in trees.leaves(tree) if is_parameter(g)]
    total: Any = np.float64(0.0)
    for g in leaves:
        total = total + _sum_of_squares(g)
    if not any(isinstance(g, Tracer) for g in leaves) and not _LEAST < total < np.inf:
        largest = max((np.max(np.abs(g), initial=0.0) for g in leaves), default=0.0)
        if 0.0 < largest < np.inf:  # the squares leave the range of the numbers
            return largest * np.sqrt(sum(_sum_of_squares(np.asarray(g) / largest) for g in leaves))
    return np.sqrt(total)


def _sum_of_squares(g: Any) -> Any:
    if isinstance(g, Tracer):
        magnitude: Any = np.abs(cast("Any", g))
        return np.sum(magnitude * magnitude)
    wide = np.asarray(g).astype(np.complex128 if dtypes.is_complex(aval_of(g).dtype) else np.float64)
    with np.errstate(over="ignore"):
        return np.vdot(wide, wide).real


def clip_by_global_norm(max_norm: float) -> GradientTransformation:
    """Shortens the whole gradient, in its direction, to a norm of at most `max_norm`.

        g' = g min(1, max_norm / ||g||),   ||g|| over all leaves together

    Args:
        max_norm: a number above 0.

    Returns:
        A transformation. A gradient that holds NaN or infinity is NaN after it, never hidden.

    Raises:
        ArgumentError: the number is not above 0.

    Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013, algorithm 1.

    >>> clip = clip_by_global_norm(1.0)
    >>> clip.update(np.array([3.0, 4.0]), clip.init(None))[0]
    array([0.6, 0.8])
    """
    positive("max_norm", max_norm)

    def clip(gradient: Any) -> Any:
        norm = global_norm(gradient)
        if norm <= max_norm:
            return gradient
        factor = max_norm / norm
        return trees.map_leaves(lambda g: scaled(g, factor), gradient)

    return _stateless(clip)


def clip_by_value(limit: float) -> GradientTransformation:
    """Cuts every element of the gradient to the interval from -limit to limit.

        g' = max(-limit, min(g, limit))

    Args:
        limit: a number above 0.

    Returns:
        A transformation. NaN stays NaN.

    Raises:
        ArgumentError: the number is not above 0.
        DtypeError: when applied, a leaf is complex: it has no order.

    >>> clip = clip_by_value(1.0)
    >>> clip.update(np.array([-3.0, 0.5]), clip.init(None))[0]
    array([-1. ,  0.5])
    """
    positive("limit", limit)

    def clip(g: Any) -> Any:
        if not is_parameter(g):
            return g
        dtype = aval_of(g).dtype
        if dtypes.is_complex(dtype):
            raise DtypeError(
                "clip_by_value of a real gradient was asked for",
                describe(g),
                "Use clip_by_global_norm, which keeps the phase.",
            )
        clipped = np.clip(g, -limit, limit)
        return float(clipped) if type(g) is float else to_dtype(clipped, dtype)

    return _stateless(lambda gradient: trees.map_leaves(clip, gradient))


def scaled(g: Any, factor: Any) -> Any:
    """A leaf times a real number, in the leaf's own dtype."""
    if not is_parameter(g):
        return g
    if type(g) in (float, complex) and not isinstance(factor, Tracer):
        return g * float(factor)
    product = g * factor
    return to_dtype(product, aval_of(g).dtype)


def positive(name: str, value: Any, *, zero: bool = False) -> None:
    """Refuse what is no finite number above 0 (or from 0 up); a traced number passes."""
    if isinstance(value, Tracer):
        return
    number = isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and (value > 0 or (zero and value == 0))):
        raise ArgumentError(
            f"{name} must be a finite number {'from 0 up' if zero else 'above 0'}",
            describe(value),
            f"Write {name}={0.0 if zero else 1.0}, for example.",
        )
