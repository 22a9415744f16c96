"""Optimizers: gradient descent, with momentum, with Nesterov's, and Adam with its decoupled sibling.

All step against the gradient. A complex gradient is conjugated first: with the convention of `grad`
the loss falls fastest along the conjugate. Half-precision parameters have moments in float32.

The learning rate is a number, or a schedule: a function of the step, which counts from 0. Steps are
computed out of place, yet with few new arrays: each sum is finished in place in an array of its own.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import dtypes, trees
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import ArgumentError, ContainerError, DtypeError, ShapeError
from .transformations import GradientTransformation, is_parameter, positive

LearningRate = float | Callable[[Any], Any]


class SGDState(NamedTuple):
    """The state of `sgd`: how many steps were taken, an int64 array of shape ().

    >>> sgd(0.1).init(np.zeros(2))
    SGDState(step=array(0))
    """

    step: Any


class MomentumState(NamedTuple):
    """The state of `momentum` and `nesterov`: the steps taken, and the velocity, a tree like the parameters.

    >>> momentum(0.1).init(np.zeros(2))
    MomentumState(step=array(0), velocity=array([0., 0.]))
    """

    step: Any
    velocity: Any


class AdamState(NamedTuple):
    """The state of `adam` and `adamw`: the steps taken, and the running means of g and |g|^2.

    >>> adam(0.1).init(np.zeros(2))
    AdamState(step=array(0), mean=array([0., 0.]), square=array([0., 0.]))
    """

    step: Any
    mean: Any
    square: Any


# --- what all share ----------------------------------------------------------------------------


def _rate_checked(learning_rate: LearningRate) -> None:
    if not callable(learning_rate):
        positive("learning_rate", learning_rate, zero=True)


def _rate(learning_rate: Any, step: Any) -> Any:
    """The learning rate at a step, as a Python float where it is known, so that no dtype is widened."""
    plain = not isinstance(step, Tracer)
    value: Any = learning_rate
    if callable(learning_rate):
        value = learning_rate(int(step) if plain else step)
    if isinstance(value, Tracer):
        return value
    if np.ndim(value) or not np.isrealobj(value):
        raise ArgumentError("a schedule gives one real number", describe(value), "Return a float.")
    return float(value)


def _start() -> Any:
    return np.zeros((), np.int64)


def _next(step: Any) -> Any:
    return stored(step + 1)


def stored(value: Any) -> Any:
    """A leaf of a state: an array, also where arithmetic made a number of it."""
    return value if isinstance(value, Tracer | np.ndarray) else np.asarray(value)


def plus(fresh: Any, other: Any) -> Any:
    """The sum, in place in `fresh`, which must be nobody else's; beside it where that cannot be."""
    if isinstance(other, Tracer):
        return fresh + other
    fresh += other
    return fresh


def _working(leaf: Any) -> Any:
    """A gradient in the precision of its moments: half precision as float32."""
    dtype = aval_of(leaf).dtype
    return leaf.astype(np.float32) if dtypes.is_inexact(dtype) and dtype.itemsize == 2 else leaf


def _zeros(leaf: Any, *, real: bool = False) -> Any:
    """Zero moments for a parameter; nothing to remember for what is none."""
    if not is_parameter(leaf):
        return np.zeros(())
    aval = aval_of(leaf)
    dtype = np.dtype(np.float32) if aval.dtype.itemsize == 2 else aval.dtype
    return np.zeros(aval.shape, dtypes.real_dtype(dtype) if real else dtype)


def _finished(step: Any, gradient: Any) -> Any:
    """A step in the dtype and kind of the gradient."""
    if type(gradient) in (float, complex):
        return step if isinstance(step, Tracer) else type(gradient)(step)
    dtype = aval_of(gradient).dtype
    return step if step.dtype == dtype else step.astype(dtype)


def _own(state: Any, kind: type) -> Any:
    """A state that is this optimizer's."""
    if not isinstance(state, kind):
        raise ArgumentError(
            f"a state of the kind {kind.__name__} was asked for",
            describe(state),
            "Give the state that this optimizer's init or update gave.",
        )
    return state


def _conjugate(value: Any) -> Any:
    return np.conj(value) if dtypes.is_complex(aval_of(value).dtype) else value


def _by_leaf(
    function: Callable[..., tuple[Any, ...]], gradient: Any, *states: Any, count: int
) -> tuple[Any, ...]:
    """`function` of each leaf of the gradient and of the states; a tree for each of its `count` results."""
    _, structure = trees.flatten(states[0] if states else gradient)
    leaves, *columns = (trees.flatten_as(structure, tree) for tree in (gradient, *states))
    rows: list[tuple[Any, ...]] = []
    for leaf, *own in zip(leaves, *columns, strict=True):
        if not is_parameter(leaf):
            rows.append((leaf, *own[: count - 1]))
            continue
        if own and aval_of(leaf).shape != aval_of(own[0]).shape:
            raise ShapeError(
                f"a gradient of shape {aval_of(own[0]).shape} was asked for",
                describe(leaf),
                "It has its parameter's shape, as in the tree that init was given.",
            )
        if own and dtypes.is_complex(aval_of(leaf).dtype) and not dtypes.is_complex(aval_of(own[0]).dtype):
            raise DtypeError(
                f"a gradient of {aval_of(own[0]).dtype} numbers was asked for, as its parameter has",
                describe(leaf),
                "Take its real part, or start with a complex parameter.",
            )
        rows.append(function(leaf, *own))
    return (
        tuple(trees.unflatten(structure, column) for column in zip(*rows, strict=True))
        if rows
        else ((gradient,) * count)
    )


# --- gradient descent --------------------------------------------------------------------------


def sgd(learning_rate: LearningRate) -> GradientTransformation:
    """Gradient descent; stochastic where the gradient is that of a minibatch.

        u = -eta g

    Args:
        learning_rate: eta, a number from 0 up, or a function of the step.

    Returns:
        A transformation with state `SGDState`.

    Raises:
        ArgumentError: the learning rate is negative or not finite.

    Source: Robbins, Monro, "A stochastic approximation method", 1951.

    >>> optimizer = sgd(0.5)
    >>> step, state = optimizer.update(np.array([2.0]), optimizer.init(np.zeros(1)))
    >>> step, state
    (array([-1.]), SGDState(step=array(1)))
    """
    _rate_checked(learning_rate)

    def update(gradient: Any, state: Any, params: Any = None) -> Any:
        del params
        eta = _rate(learning_rate, _own(state, SGDState).step)

        def one(g: Any) -> tuple[Any]:
            return (_finished(_conjugate(_working(g)) * -eta, g),)

        (step,) = _by_leaf(one, gradient, count=1)
        return step, SGDState(_next(state.step))

    return GradientTransformation(lambda params: SGDState(_start()), update)


def momentum(
    learning_rate: LearningRate, decay: float = 0.9, *, nesterov: bool = False
) -> GradientTransformation:
    """Gradient descent with momentum (the heavy ball).

        v' = mu v + g,   u = -eta v'              nesterov: u = -eta (g + mu v')

    Args:
        learning_rate: eta, a number from 0 up, or a function of the step. A steady gradient moves
            the parameters by eta / (1 - mu) times it.
        decay: mu, from 0 up, below 1.
        nesterov: look ahead, see `nesterov`.

    Returns:
        A transformation with state `MomentumState`.

    Raises:
        ArgumentError: the learning rate is negative or not finite, or the decay out of range.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    >>> optimizer = momentum(0.1, 0.5)
    >>> first, state = optimizer.update(np.array([1.0]), optimizer.init(np.zeros(1)))
    >>> second, state = optimizer.update(np.array([1.0]), state)
    >>> first, second
    (array([-0.1]), array([-0.15]))
    """
    _rate_checked(learning_rate)
    _fraction("decay", decay)

    def init(params: Any) -> MomentumState:
        return MomentumState(_start(), trees.map_leaves(_zeros, params))

    def update(gradient: Any, state: Any, params: Any = None) -> Any:
        del params
        eta = _rate(learning_rate, _own(state, MomentumState).step)

        def one(g: Any, v: Any) -> tuple[Any, Any]:
            work = _working(g)
            v = plus(v * decay, work)
            step = plus(v * decay, work) if nesterov else v
            return _finished(_conjugate(step * -eta), g), stored(v)

        step, velocity = _by_leaf(one, gradient, state.velocity, count=2)
        return step, MomentumState(_next(state.step), velocity)

    return GradientTransformation(init, update)


def nesterov(learning_rate: LearningRate, decay: float = 0.9) -> GradientTransformation:
    """Gradient descent with Nesterov's momentum, which looks where the velocity leads.

        v' = mu v + g,   u = -eta (g + mu v')

    Nesterov's method with the gradient taken at theta + mu (velocity), written in the point looked
    at instead of theta, so that the gradient is always taken at the parameters.

    Args:
        learning_rate: eta, a number from 0 up, or a function of the step.
        decay: mu, from 0 up, below 1.

    Returns:
        A transformation with state `MomentumState`.

    Raises:
        ArgumentError: the learning rate is negative or not finite, or the decay out of range.

    Source: Nesterov 1983; Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and
    momentum in deep learning", ICML 2013; in this form Bengio et al., arXiv:1212.0901, eq. 7.

    >>> optimizer = nesterov(0.1, 0.5)
    >>> optimizer.update(np.array([1.0]), optimizer.init(np.zeros(1)))[0]
    array([-0.15])
    """
    return momentum(learning_rate, decay, nesterov=True)


def _fraction(name: str, value: Any) -> None:
    positive(name, value, zero=True)
    if not isinstance(value, Tracer) and value >= 1:
        raise ArgumentError(f"{name} must be below 1", describe(value), f"Write {name}=0.9.")


# --- Adam --------------------------------------------------------------------------------------


def adam(
    learning_rate: LearningRate = 1e-3, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> GradientTransformation:
    """Adam: momentum, each element scaled by the size of its recent gradients.

        m' = b1 m + (1 - b1) g,   v' = b2 v + (1 - b2) |g|^2,   t' = t + 1
        u = -eta (m' / (1 - b1^t')) / (sqrt(v' / (1 - b2^t')) + eps)

    Args:
        learning_rate: eta, a number from 0 up, or a function of the step.
        b1: decay of the mean of g, from 0 up, below 1.
        b2: decay of the mean of |g|^2, from 0 up, below 1.
        eps: above 0; it stands outside of the root.

    Returns:
        A transformation with state `AdamState`.

    Raises:
        ArgumentError: an argument is out of range.

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    >>> optimizer = adam(0.1)
    >>> optimizer.update(np.array([5.0, -0.5]), optimizer.init(np.zeros(2)))[0]
    array([-0.1,  0.1])
    """
    return _adam(learning_rate, b1, b2, eps, 0.0)


def adamw(
    learning_rate: LearningRate = 1e-3,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> GradientTransformation:
    """Adam with decoupled weight decay: the parameters shrink by themselves, past Adam's scaling.

        u = (Adam's u) - eta lambda theta

    Not the same as Adam with the penalty (lambda/2) |theta|^2 in the loss: there the penalty's
    gradient is divided by sqrt(v) too.

    Args:
        learning_rate: eta, a number from 0 up, or a function of the step.
        b1: as for `adam`.
        b2: as for `adam`.
        eps: as for `adam`.
        weight_decay: lambda, from 0 up. All floating leaves decay.

    Returns:
        A transformation with state `AdamState`; its update needs the parameters.

    Raises:
        ArgumentError: an argument is out of range.
        ContainerError: when applied, no parameters were given.

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2
    (with lambda multiplied by eta, as most implementations have it).

    >>> optimizer, theta = adamw(0.1, weight_decay=0.5), np.array([2.0])
    >>> optimizer.update(np.array([0.0]), optimizer.init(theta), theta)[0]
    array([-0.1])
    """
    positive("weight_decay", weight_decay, zero=True)
    return _adam(learning_rate, b1, b2, eps, weight_decay)


def _adam(learning_rate: Any, b1: Any, b2: Any, eps: Any, weight_decay: Any) -> GradientTransformation:
    _rate_checked(learning_rate)
    _fraction("b1", b1)
    _fraction("b2", b2)
    positive("eps", eps)
    decays = isinstance(weight_decay, Tracer) or weight_decay != 0

    def init(params: Any) -> AdamState:
        square = trees.map_leaves(lambda leaf: _zeros(leaf, real=True), params)
        return AdamState(_start(), trees.map_leaves(_zeros, params), square)

    def update(gradient: Any, state: Any, params: Any = None) -> Any:
        if decays and params is None:
            raise ContainerError("the parameters were asked for", "none", "Call update(g, state, params).")
        eta, count = _rate(learning_rate, _own(state, AdamState).step), _next(state.step)
        times = count if isinstance(count, Tracer) else int(count)
        ahead, back = -eta / (1 - b1**times), 1 / (1 - b2**times)

        def one(g: Any, m: Any, v: Any, parameter: Any = None) -> tuple[Any, Any, Any]:
            work = _working(g)
            m, v = _mean(m, work, b1), _mean(v, _squared(work), b2)
            step = _conjugate(m * ahead / plus(np.sqrt(v * back), eps))
            if parameter is not None:
                step = plus(step, _working(parameter) * (-eta * weight_decay))
            return _finished(step, g), stored(m), stored(v)

        more = (params,) if decays else ()
        step, mean, square = _by_leaf(one, gradient, state.mean, state.square, *more, count=3)
        return step, AdamState(count, mean, square)

    return GradientTransformation(init, update)


def _mean(mean: Any, new: Any, decay: Any) -> Any:
    """The running mean: decay * mean + (1 - decay) * new."""
    return plus(mean * decay, new * (1 - decay))


def _squared(g: Any) -> Any:
    return np.real(g * np.conj(g)) if dtypes.is_complex(aval_of(g).dtype) else g * g
