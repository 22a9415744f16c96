"""Training on the digits, step by step: the state of a run, one step of it, and its epochs.

A run is a sequence of steps that the options fix completely: same options, same bytes. Its state can be
saved after any step and continued from there.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from .. import nn, optim, random, trees
from ..api.derivatives import value_and_grad
from ..data import Digits, batches
from ..errors import ArgumentError, FileError

ACTIVATIONS: dict[str, tuple[Callable[[], Any], Callable[..., Any]]] = {
    "relu": (nn.ReLU, nn.he_normal),
    "leaky-relu": (nn.LeakyReLU, nn.he_normal),
    "tanh": (nn.Tanh, nn.xavier_normal),
    "sigmoid": (nn.Sigmoid, nn.xavier_normal),
}
"""For each activation, its module and the initialiser that suits it."""

OPTIMIZERS: dict[str, tuple[Callable[[float], Any], float]] = {
    "sgd": (optim.sgd, 0.5),
    "momentum": (optim.momentum, 0.1),
    "nesterov": (optim.nesterov, 0.1),
    "adam": (optim.adam, 0.003),
    "adamw": (optim.adamw, 0.003),
}
"""For each optimizer, how to make it and its learning rate where none is given."""


@dataclass(frozen=True, slots=True)
class Options:
    """What fixes a run."""

    epochs: int = 40
    batch_size: int = 32
    hidden: int = 64
    optimizer: str = "adam"
    lr: float | None = None
    seed: int = 0
    activation: str = "relu"

    def checked(self) -> "Options":
        """These options, with the learning rate filled in, or an error that names the wrong one."""
        _one_of("--activation", self.activation, ACTIVATIONS)
        _one_of("--optimizer", self.optimizer, OPTIMIZERS)
        for name in ("epochs", "batch_size", "hidden"):
            if getattr(self, name) < 1:
                option = "--" + name.replace("_", "-")
                raise ArgumentError(
                    f"{option} of at least 1 was asked for", str(getattr(self, name)), "Give a count."
                )
        if self.seed < 0:
            raise ArgumentError("a seed of at least 0 was asked for", str(self.seed), "Give a count.")
        lr = OPTIMIZERS[self.optimizer][1] if self.lr is None else self.lr
        if not (np.isfinite(lr) and lr > 0):
            raise ArgumentError("a positive learning rate was asked for", f"--lr {lr}", "Try 0.01.")
        return replace(self, lr=lr)

    def text(self) -> dict[str, str]:
        """The options as text, for a file's metadata."""
        return {name: str(value) for name, value in asdict(self).items()}


def _one_of(option: str, value: str, known: dict[str, Any]) -> None:
    if value not in known:
        raise ArgumentError(f"{option} knows {', '.join(known)}", repr(value), "Choose one of them.")


@dataclass
class Sums:
    """What the steps of an epoch add up: loss, right answers, squared gradient norms, examples, steps."""

    loss: float = 0.0
    right: float = 0.0
    norms: Any = field(default_factory=lambda: np.zeros(2))
    examples: float = 0.0
    steps: float = 0.0


@dataclass
class State:
    """Where a run stands: the next step is batch `batch` of epoch `epoch` (both from 0)."""

    model: Any
    optimizer: Any
    epoch: int
    batch: int
    sums: Sums
    rows: list[list[float]]


def model_of(options: Options) -> Any:
    """The two-layer network: 64 pixels, the hidden units, 10 logits."""
    activation, init = ACTIVATIONS[options.activation]
    first, second = random.split(random.key(options.seed))
    return nn.Sequential(
        nn.Linear(first, 64, options.hidden, init=init),
        activation(),
        nn.Linear(second, options.hidden, 10, init=init),
    )


def optimizer_of(options: Options) -> Any:
    """The optimizer, as a pair (init, update)."""
    assert options.lr is not None
    return OPTIMIZERS[options.optimizer][0](options.lr)


def start(options: Options) -> State:
    """The state before the first step."""
    model = model_of(options)
    return State(model, optimizer_of(options).init(model), 0, 0, Sums(), [])


def loss(model: Any, images: Any, labels: Any) -> Any:
    """Softmax cross-entropy of the network's logits, the mean over the batch, and the logits."""
    logits = model(images)
    return nn.softmax_cross_entropy(logits, labels), logits


COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "gradient_norm_1",
    "gradient_norm_2",
)
"""What a row of the metrics holds; norms are root mean squares over the steps of an epoch, a layer each."""


def steps(state: State, options: Options, digits: Digits) -> Iterator[State]:
    """Run to the last epoch; gives the state after each step, the same object with new contents."""
    optimizer = optimizer_of(options)
    slope = value_and_grad(loss, has_aux=True)
    data = (digits.train_images, digits.train_labels)
    while state.epoch < options.epochs:
        pending = list(batches(data, options.batch_size, options.seed, state.epoch))
        for images, labels in pending[state.batch :]:
            (value, logits), gradient = slope(state.model, images, labels)
            updates, state.optimizer = optimizer.update(gradient, state.optimizer, state.model)
            state.model = optim.apply_updates(state.model, updates)
            _add(state.sums, float(value), logits, labels, gradient)
            state.batch += 1
            if state.batch == len(pending):
                _finish_epoch(state, digits)
            yield state


def _add(sums: Sums, value: float, logits: Any, labels: Any, gradient: Any) -> None:
    sums.loss += value * len(labels)
    sums.right += float(np.sum(np.argmax(logits, axis=1) == labels))
    layers = [layer for layer in gradient.layers if trees.leaves(layer)]
    sums.norms = sums.norms + [
        sum(float(np.sum(leaf**2)) for leaf in trees.leaves(layer)) for layer in layers
    ]
    sums.examples += len(labels)
    sums.steps += 1


def _finish_epoch(state: State, digits: Digits) -> None:
    sums = state.sums
    test_loss, logits = loss(state.model, digits.test_images, digits.test_labels)
    test_accuracy = float(np.mean(np.argmax(logits, axis=1) == digits.test_labels))
    norms = np.sqrt(sums.norms / sums.steps)
    train = [sums.loss / sums.examples, sums.right / sums.examples]
    state.rows.append([state.epoch + 1, *train, float(test_loss), test_accuracy, *map(float, norms)])
    state.epoch, state.batch, state.sums = state.epoch + 1, 0, Sums()


def accuracy(model: Any, digits: Digits) -> float:
    """The share of test images that the network reads right."""
    return float(np.mean(np.argmax(model(digits.test_images), axis=1) == digits.test_labels))


def to_tensors(state: State) -> dict[str, Any]:
    """A state as named arrays."""
    tensors = {f"model{path}": np.asarray(leaf) for path, leaf in _named(state.model)}
    tensors |= {f"optimizer{path}": np.asarray(leaf) for path, leaf in _named(state.optimizer)}
    tensors["place"] = np.array([state.epoch, state.batch])
    sums = state.sums
    tensors["sums"] = np.array([sums.loss, sums.right, *sums.norms, sums.examples, sums.steps])
    tensors["rows"] = np.array(state.rows).reshape(len(state.rows), len(COLUMNS))
    return tensors


def from_tensors(tensors: dict[str, Any], options: Options, file: str) -> State:
    """The state that `to_tensors` took apart."""
    state = start(options)
    try:
        state.model = _filled(state.model, "model", tensors)
        state.optimizer = _filled(state.optimizer, "optimizer", tensors)
        state.epoch, state.batch = (int(v) for v in tensors["place"])
        parts = [float(v) for v in tensors["sums"]]
        state.sums = Sums(parts[0], parts[1], np.array(parts[2:-2]), parts[-2], parts[-1])
        state.rows = [[int(row[0]), *map(float, row[1:])] for row in tensors["rows"]]
    except (KeyError, ValueError) as error:
        raise FileError(
            "the state of a run was asked for", f"{file}: {error}", "Start the run anew."
        ) from None
    return state


def _named(tree: Any) -> list[tuple[str, Any]]:
    return list(zip(trees.paths(tree), trees.leaves(tree), strict=True))


def _filled(tree: Any, name: str, tensors: dict[str, Any]) -> Any:
    leaves: list[Any] = []
    for path, leaf in _named(tree):
        found, old = tensors[f"{name}{path}"], np.asarray(leaf)
        if found.shape != old.shape or found.dtype != old.dtype:
            raise ValueError(f"{name}{path} has shape {found.shape} and dtype {found.dtype}")
        leaves.append(found)
    return trees.unflatten(trees.flatten(tree)[1], leaves)
