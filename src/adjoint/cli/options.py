"""What one can choose of a run: its options, the activations and the optimizers by name."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from ..errors import ArgumentError
from ..nn import LeakyReLU, Module, ReLU, Sigmoid, Tanh, he_normal, xavier_normal
from ..optim import GradientTransformation, adam, adamw, momentum, nesterov, sgd

ACTIVATIONS: Mapping[str, tuple[Callable[[], Module], Callable[..., Any]]] = MappingProxyType(
    {
        "relu": (ReLU, he_normal),
        "leaky-relu": (LeakyReLU, he_normal),
        "tanh": (Tanh, xavier_normal),
        "sigmoid": (Sigmoid, xavier_normal),
    }
)
"""For each activation, its module and the initialiser that suits it."""

OPTIMIZERS: Mapping[str, tuple[Callable[[float], GradientTransformation], float]] = MappingProxyType(
    {
        "sgd": (sgd, 0.3),
        "momentum": (momentum, 0.03),
        "nesterov": (nesterov, 0.03),
        "adam": (adam, 0.003),
        "adamw": (adamw, 0.003),
    }
)
"""For each optimizer, how to make it, and its learning rate where none is given."""

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Options:
    """What fixes a run: the same options give the same bytes."""

    epochs: int = 30
    batch_size: int = 32
    hidden: int = 64
    optimizer: str = "adam"
    lr: float | None = None
    seed: int = 0
    activation: str = "relu"

    def checked(self) -> "Options":
        """These options with the learning rate filled in, or an error that names the wrong one."""
        _one_of("--activation", self.activation, ACTIVATIONS)
        _one_of("--optimizer", self.optimizer, OPTIMIZERS)
        for option, value, least in (
            ("--epochs", self.epochs, 1),
            ("--batch-size", self.batch_size, 1),
            ("--hidden", self.hidden, 1),
            ("--seed", self.seed, 0),
        ):
            _in_range(option, value, least)
        lr = OPTIMIZERS[self.optimizer][1] if self.lr is None else self.lr
        if not (isfinite(lr) and lr > 0):
            raise ArgumentError("--lr is a finite number above 0", f"--lr {lr}", "Try --lr 0.01.")
        return replace(self, lr=lr)

    def learning_rate(self) -> float:
        """The learning rate, which checked options have."""
        assert self.lr is not None
        return self.lr

    def text(self) -> dict[str, str]:
        """The options as one types them, for people."""
        return {name.replace("_", "-"): str(value) for name, value in asdict(self).items()}


def _one_of(option: str, value: str, known: Mapping[str, Any]) -> None:
    if value not in known:
        raise ArgumentError(f"{option} is one of {', '.join(known)}", repr(value), "Choose one of them.")


def _in_range(option: str, value: int, least: int) -> None:
    if not least <= value <= LARGEST:
        raise ArgumentError(
            f"{option} is a whole number from {least} to {LARGEST}", str(value), f"Try {option} {least}."
        )
