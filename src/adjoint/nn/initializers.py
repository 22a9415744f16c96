"""Initialisers: how the weights of a layer are drawn, so that signals keep their size from layer to layer.

Each is a function of a random key and a shape (inputs, outputs), the shape of a `Linear`'s weight.
All draw from a distribution with mean 0 and

    variance = gain^2 / fan,   fan = inputs ("fan_in"), outputs ("fan_out") or their mean ("fan_avg")

normal, or uniform on (-b, b) with b = sqrt(3 variance). The gain makes up for what the activation
behind the layer takes away: sqrt(2) for relu, sqrt(2 / (1 + slope^2)) for leaky_relu, 5/3 for tanh,
1 for a linear layer and sigmoid. For another gain or mode write
`functools.partial(he_normal, mode="fan_out")`.
"""

import math
from typing import Any

import numpy as np

from .. import random
from ..errors import ArgumentError, ShapeError

_FLOAT = np.dtype(np.float64)
_RELU = math.sqrt(2.0)


def _variance(shape: tuple[int, ...], mode: str, gain: float) -> float:
    if len(shape) != 2 or 0 in shape:
        raise ShapeError(
            "the shape (inputs, outputs) of a weight was asked for", str(shape), "Both are at least 1."
        )
    inputs, outputs = shape
    fans = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}
    if mode not in fans:
        raise ArgumentError("a fan mode was asked for", repr(mode), f"Take one of {', '.join(fans)}.")
    if not (math.isfinite(gain) and gain >= 0):
        raise ArgumentError("a gain from 0 up was asked for", repr(gain), "Write gain=1.0.")
    return gain**2 / fans[mode]


def _normal(key: Any, shape: tuple[int, ...], variance: float, dtype: Any) -> Any:
    return (math.sqrt(variance) * random.normal(key, shape)).astype(dtype)


def _uniform(key: Any, shape: tuple[int, ...], variance: float, dtype: Any) -> Any:
    bound = math.sqrt(3.0 * variance)
    return random.uniform(key, shape, -bound, bound).astype(dtype)


def he_normal(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_in", gain: float = _RELU, dtype: Any = _FLOAT
) -> Any:
    """He's initialiser (Kaiming), normal: for layers followed by relu.

        W ~ N(0, gain^2 / fan),   gain = sqrt(2), fan = inputs

    Args:
        key: a random key.
        shape: (inputs, outputs).
        mode: "fan_in", "fan_out" or "fan_avg".
        gain: a number from 0 up.
        dtype: real and floating.

    Returns:
        The weights.

    Raises:
        ShapeError: the shape is not (inputs, outputs).
        ArgumentError: the mode, the gain or the key is none.

    Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015, eq. 10.

    >>> W = he_normal(random.key(0), (200, 300))
    >>> f"{W.var() * 200:.2f}"
    '1.99'
    """
    return _normal(key, shape, _variance(shape, mode, gain), dtype)


def he_uniform(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_in", gain: float = _RELU, dtype: Any = _FLOAT
) -> Any:
    """He's initialiser (Kaiming), uniform: for layers followed by relu.

        W ~ U(-b, b),   b = gain sqrt(3 / fan),   gain = sqrt(2), fan = inputs

    Arguments and errors are those of `he_normal`.

    >>> W = he_uniform(random.key(0), (6, 100))
    >>> bool(np.all(np.abs(W) <= 1.0))
    True
    """
    return _uniform(key, shape, _variance(shape, mode, gain), dtype)


def xavier_normal(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_avg", gain: float = 1.0, dtype: Any = _FLOAT
) -> Any:
    """Xavier's initialiser (Glorot), normal: for layers followed by tanh or sigmoid.

        W ~ N(0, gain^2 2 / (inputs + outputs)),   gain = 1

    Arguments and errors are those of `he_normal`.

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, eq. 12.

    >>> W = xavier_normal(random.key(0), (200, 300))
    >>> f"{W.var() * 250:.2f}"
    '1.00'
    """
    return _normal(key, shape, _variance(shape, mode, gain), dtype)


def xavier_uniform(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_avg", gain: float = 1.0, dtype: Any = _FLOAT
) -> Any:
    """Xavier's initialiser (Glorot), uniform: for layers followed by tanh or sigmoid.

        W ~ U(-b, b),   b = gain sqrt(6 / (inputs + outputs)),   gain = 1

    Arguments and errors are those of `he_normal`.

    Source: Glorot, Bengio, AISTATS 2010, eq. 16.

    >>> W = xavier_uniform(random.key(0), (2, 4))
    >>> bool(np.all(np.abs(W) <= 1.0))
    True
    """
    return _uniform(key, shape, _variance(shape, mode, gain), dtype)


def lecun_normal(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_in", gain: float = 1.0, dtype: Any = _FLOAT
) -> Any:
    """LeCun's initialiser, normal: outputs have the variance of the inputs.

        W ~ N(0, gain^2 / inputs),   gain = 1

    Arguments and errors are those of `he_normal`.

    Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, eq. 16.

    >>> W = lecun_normal(random.key(0), (200, 300))
    >>> f"{W.var() * 200:.2f}"
    '1.00'
    """
    return _normal(key, shape, _variance(shape, mode, gain), dtype)


def lecun_uniform(
    key: Any, shape: tuple[int, ...], *, mode: str = "fan_in", gain: float = 1.0, dtype: Any = _FLOAT
) -> Any:
    """LeCun's initialiser, uniform: outputs have the variance of the inputs.

        W ~ U(-b, b),   b = gain sqrt(3 / inputs),   gain = 1

    Arguments and errors are those of `he_normal`.

    >>> W = lecun_uniform(random.key(0), (3, 100))
    >>> bool(np.all(np.abs(W) <= 1.0))
    True
    """
    return _uniform(key, shape, _variance(shape, mode, gain), dtype)


def zeros(key: Any, shape: tuple[int, ...], *, dtype: Any = _FLOAT) -> Any:
    """Zeros: for biases. As weights they would leave all units of a layer alike for ever.

    Args:
        key: not used; all initialisers have one.
        shape: any.
        dtype: of the result.

    Returns:
        The zeros.

    >>> zeros(random.key(0), (3,))
    array([0., 0., 0.])
    """
    del key
    return np.zeros(shape, dtype)
