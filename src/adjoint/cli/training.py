"""Training on the digits, step by step: the state of a run, one step of it, and all of them.

A run is a sequence of states that its options fix completely: same options, same bytes. A state is
never changed, each step makes the next; so any of them can be saved, and gone on from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import random, trees
from ..api.derivatives import value_and_grad
from ..data import Digits, batches
from ..errors import DataError
from ..nn import Linear, Sequential, softmax_cross_entropy
from ..optim import GradientTransformation, apply_updates
from .options import ACTIVATIONS, OPTIMIZERS, Options

COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "gradient_norm_hidden",
    "gradient_norm_output",
)
"""What a row of the metrics holds. Training loss and accuracy are means over the epoch's steps, as they went
along; a gradient norm is the root of the mean of the squared norms of a layer's gradients in these steps."""

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the steps of an epoch add up."""

    loss: float = 0.0
    right: float = 0.0
    squares: tuple[float, ...] = (0.0, 0.0)
    """The squared norms of the gradient, a layer each."""
    examples: float = 0.0
    steps: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands: the next step takes batch `batch` of epoch `epoch`, both counted from 0."""

    model: Sequential
    optimizer: Any
    epoch: int = 0
    batch: int = 0
    sums: Sums = field(default_factory=Sums)
    rows: tuple[Row, ...] = ()


def start(options: Options) -> State:
    """The state before the first step: a network of 64 pixels, the hidden units and 10 logits."""
    activation, init = ACTIVATIONS[options.activation]
    first, second = random.split(random.key(options.seed))
    model = Sequential(
        Linear(first, 64, options.hidden, init=init),
        activation(),
        Linear(second, options.hidden, 10, init=init),
    )
    return State(model, optimizer(options).init(model))


def optimizer(options: Options) -> GradientTransformation:
    """The optimizer that the options name."""
    return OPTIMIZERS[options.optimizer][0](options.learning_rate())


def loss(model: Any, images: Any, labels: Any) -> tuple[Any, Any]:
    """The mean of the cross-entropy of softmax over the images, and the logits."""
    logits = model(images)
    return softmax_cross_entropy(logits, labels), logits


def accuracy(logits: Any, labels: Any) -> float:
    """The share of images that are read right."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))


def count_batches(options: Options, digits: Digits) -> int:
    """How many steps an epoch has."""
    return -(-len(digits.train_labels) // options.batch_size)


def states(state: State, options: Options, digits: Digits) -> Iterator[State]:
    """The states after each step, to the end of the last epoch."""
    rule = optimizer(options)
    slope = value_and_grad(loss, has_aux=True)
    data = (digits.train_images, digits.train_labels)
    while state.epoch < options.epochs:
        walk = list(batches(data, options.batch_size, options.seed, state.epoch))
        for images, labels in walk[state.batch :]:
            (value, logits), gradient = slope(state.model, images, labels)
            _require_finite(float(value), state, options)
            updates, memory = rule.update(gradient, state.optimizer, state.model)
            model = apply_updates(state.model, updates)
            sums = _added(state.sums, float(value), logits, labels, gradient)
            state = replace(state, model=model, optimizer=memory, batch=state.batch + 1, sums=sums)
            if state.batch == len(walk):
                state = _next_epoch(state, options, digits)
            yield state


def _require_finite(value: float, state: State, options: Options) -> None:
    if not np.isfinite(value):
        raise DataError(
            "the loss stays finite while a network learns",
            f"{value} in epoch {state.epoch + 1}, step {state.batch + 1}, with --lr {options.lr}",
            "Start again with a smaller --lr; the run's folder stands as after its last whole epoch.",
        )


def _added(sums: Sums, value: float, logits: Any, labels: Any, gradient: Any) -> Sums:
    layers = [trees.leaves(layer) for layer in gradient.layers if trees.leaves(layer)]
    own = [sum(float(np.sum(leaf * leaf)) for leaf in leaves) for leaves in layers]
    return Sums(
        sums.loss + value * len(labels),
        sums.right + float(np.sum(np.argmax(logits, axis=1) == labels)),
        tuple(before + new for before, new in zip(sums.squares, own, strict=True)),
        sums.examples + len(labels),
        sums.steps + 1,
    )


def _next_epoch(state: State, options: Options, digits: Digits) -> State:
    """The state at the beginning of the next epoch, with a row for the one that ends."""
    sums = state.sums
    test_loss, logits = loss(state.model, digits.test_images, digits.test_labels)
    _require_finite(float(test_loss), state, options)
    norms = (float(np.sqrt(total / sums.steps)) for total in sums.squares)
    train = (sums.loss / sums.examples, sums.right / sums.examples)
    row = (state.epoch + 1, *train, float(test_loss), accuracy(logits, digits.test_labels), *norms)
    return replace(state, epoch=state.epoch + 1, batch=0, sums=Sums(), rows=(*state.rows, row))
