"""Layers: immutable dataclasses whose leaves are their parameters.

A `Module` is abstract, every other class here is final. A layer is a tree: `grad` of a loss with
respect to a layer is a layer that holds the gradients in place of the parameters, and `optim`
makes from the two the next layer. What is no parameter (a slope, an axis) is a `static()` field.
To write one of your own, subclass `Module` as a frozen dataclass and give it `__call__`.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from .. import random
from ..array.dispatch import operand
from ..core.avals import aval_of, describe
from ..errors import ArgumentError, ContainerError, ShapeError
from ..trees import static
from .functions import leaky_relu, relu, sigmoid, softmax
from .initializers import he_normal, zeros

Initializer = Callable[..., Any]


class Module(ABC):
    """A function with parameters: `module(x)` applies it.

    >>> @dataclass(frozen=True, eq=False)
    ... class Scale(Module):
    ...     factor: Any
    ...
    ...     def __call__(self, x: Any) -> Any:
    ...         return self.factor * x
    >>> Scale(np.array([1.0, 2.0]))(np.ones(2))
    array([1., 2.])
    """

    @abstractmethod
    def __call__(self, x: Any) -> Any:
        """The layer's output for the input x."""


@final
@dataclass(frozen=True, eq=False, init=False, repr=False)
class Linear(Module):
    """A linear layer, in the convention of rows.

        Y = X W + b

        dL/dW = X^T D,   dL/db = sum of the rows of D,   dL/dX = D W^T,   where D = dL/dY

    Args:
        key: a random key.
        inputs: features of an example that come in.
        outputs: features that go out.
        init: draws the weight, as the functions of `initializers`: init(key, shape, dtype=...).
        init_bias: draws the bias; None for a layer without one.
        dtype: of the parameters.

    Attributes:
        weight: W, shape (inputs, outputs).
        bias: b, shape (outputs,); or None.

    Raises:
        ArgumentError: a number of features is no integer from 1 up, or the key is no key.
        ShapeError: when applied, the input's last axis has not `inputs` features.

    >>> layer = Linear(random.key(0), 3, 2)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    >>> layer
    Linear(3, 2)
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        key: Any,
        inputs: int,
        outputs: int,
        *,
        init: Initializer = he_normal,
        init_bias: Initializer | None = zeros,
        dtype: Any = np.float64,
    ) -> None:
        shape = (_features("inputs", inputs), _features("outputs", outputs))
        weight_key, bias_key = random.split(key)
        bias = None if init_bias is None else init_bias(bias_key, shape[1:], dtype=dtype)
        object.__setattr__(self, "weight", init(weight_key, shape, dtype=dtype))
        object.__setattr__(self, "bias", bias)

    def __call__(self, x: Any) -> Any:
        """`x @ weight + bias` for x of shape (..., inputs)."""
        x = operand(x)
        shape, inputs = aval_of(x).shape, aval_of(self.weight).shape[0]
        if not shape or shape[-1] != inputs:
            raise ShapeError(
                f"an input of shape (..., {inputs}) was asked for by {self!r}",
                describe(x),
                "Examples are rows: give X of shape (n, inputs), transposed where they are columns.",
            )
        product = x @ self.weight
        return product if self.bias is None else product + self.bias

    def __repr__(self) -> str:
        inputs, outputs = aval_of(self.weight).shape
        return f"Linear({inputs}, {outputs}{', no bias' if self.bias is None else ''})"


def _features(name: str, count: Any) -> int:
    try:
        number = operator.index(count)
    except TypeError:
        number = 0
    if number < 1:
        raise ArgumentError(f"{name} must be an integer from 1 up", describe(count), f"Write {name}=10.")
    return number


@final
@dataclass(frozen=True)
class ReLU(Module):
    """The rectifier max(x, 0) as a layer; its derivative at 0 is 0.

    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __call__(self, x: Any) -> Any:
        """`relu(x)`."""
        return relu(x)


@final
@dataclass(frozen=True)
class LeakyReLU(Module):
    """The rectifier that lets slope * x through below 0; its derivative at 0 is the slope.

    >>> LeakyReLU(0.5)(np.array([-1.0, 2.0]))
    array([-0.5,  2. ])
    """

    slope: float = static(default=0.01)

    def __call__(self, x: Any) -> Any:
        """`leaky_relu(x, slope)`."""
        return leaky_relu(x, self.slope)


@final
@dataclass(frozen=True)
class Sigmoid(Module):
    """The logistic function 1 / (1 + exp(-x)) as a layer.

    >>> Sigmoid()(np.array([0.0, 1000.0]))
    array([0.5, 1. ])
    """

    def __call__(self, x: Any) -> Any:
        """`sigmoid(x)`."""
        return sigmoid(x)


@final
@dataclass(frozen=True)
class Tanh(Module):
    """The hyperbolic tangent as a layer.

    >>> Tanh()(np.array([0.0, 1000.0]))
    array([0., 1.])
    """

    def __call__(self, x: Any) -> Any:
        """`np.tanh(x)`."""
        return np.tanh(operand(x))


@final
@dataclass(frozen=True)
class Softmax(Module):
    """Softmax along an axis as a layer. Losses take logits, so none belongs before a cross-entropy.

    >>> Softmax()(np.zeros((1, 4)))
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    axis: int = static(default=-1)

    def __call__(self, x: Any) -> Any:
        """`softmax(x, axis)`."""
        return softmax(x, self.axis)


@final
@dataclass(frozen=True, eq=False, init=False, repr=False)
class Sequential(Module):
    """Layers one after the other: the first gets the input, the last gives the output.

    Args:
        *layers: modules. A bare function is no tree; write a module for it.

    Raises:
        ContainerError: something is no module.

    >>> first, second = random.split(random.key(0))
    >>> network = Sequential(Linear(first, 64, 32), ReLU(), Linear(second, 32, 10))
    >>> network(np.ones((5, 64))).shape
    (5, 10)
    >>> network
    Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
    """

    layers: tuple[Module, ...]

    def __init__(self, *layers: Module) -> None:
        for place, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise ContainerError(
                    f"layer {place} of a Sequential must be a module",
                    describe(layer),
                    "Take one such as nn.ReLU(), or write a subclass of nn.Module.",
                )
        object.__setattr__(self, "layers", layers)

    def __call__(self, x: Any) -> Any:
        """The last layer's output."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __getitem__(self, place: int) -> Module:
        return self.layers[place]

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"
