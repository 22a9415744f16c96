"""Activation functions and normalisers of arrays, with the derivative that each has at its edges.

All take real arrays of any shape, numbers or lists, plain or traced, and give arrays of the same
shape and dtype (integers are widened to floats). NaN stays NaN.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..array.dispatch import as_float, elementwise, newest, normal_axes, normal_axis, operand, strong
from ..core.avals import aval_of, describe
from ..core.primitive import Primitive
from ..errors import DtypeError
from ..primitives import activation
from ..primitives.structure import kept, reshape


def real(name: str, x: Any) -> Any:
    """An operand that must be real, as floats."""
    x = operand(x)
    if dtypes.is_complex(aval_of(x).dtype):
        raise DtypeError(f"{name} of real numbers was asked for", describe(x), "Take np.real or np.abs.")
    return as_float(x)


def _each(primitive: Primitive, function: Any, x: Any) -> Any:
    """An elementwise primitive on what may be traced; `function` is the public one."""
    x = real(primitive.name, x)
    return primitive.evaluate(x) if newest((x,)) is None else elementwise(primitive, function, x)


def relu(x: Any) -> Any:
    """The rectifier.

        y = max(x, 0),   dy/dx = 1 where x > 0, 0 where x < 0; at the kink x = 0 it is 0

    Args:
        x: real, any shape.

    Returns:
        The shape and dtype of x.

    Raises:
        DtypeError: x is complex.

    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return _each(activation.relu, relu, x)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """The rectifier that lets a little through.

        y = x where x > 0, slope * x elsewhere;   dy/dx = 1 or slope; at the kink x = 0 it is slope

    Args:
        x: real, any shape.
        slope: a number, from 0 to 1 as a rule.

    Returns:
        The shape and dtype of x.

    Raises:
        DtypeError: x is complex.

    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]), 0.1)
    array([-0.2,  0. ,  3. ])
    """
    x = real("leaky_relu", x)
    return np.where(x > 0, x, slope * x)


def sigmoid(x: Any) -> Any:
    """The logistic function, exact to rounding in both tails and never overflowing.

        y = 1 / (1 + exp(-x)),   dy/dx = y (1 - y)

    Args:
        x: real, any shape. At -inf and +inf it is 0 and 1, with derivative 0.

    Returns:
        The shape and dtype of x.

    Raises:
        DtypeError: x is complex.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return _each(activation.logistic, sigmoid, x)


def softmax(x: Any, axis: int = -1) -> Any:
    """Positive numbers that sum to one along an axis.

        p_i = exp(x_i) / sum_j exp(x_j),   dp_i/dx_j = p_i (delta_ij - p_j)

    Computed as exp(log_softmax(x)), so nothing overflows. Entries of -inf have p = 0; a row of
    nothing but -inf is NaN, as SciPy's, and so is one with +inf.

    Args:
        x: real, with the axis.
        axis: along which to normalise.

    Returns:
        The shape and dtype of x.

    Raises:
        DtypeError: x is complex.
        ShapeError: x has no such axis.

    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    return np.exp(log_softmax(x, axis))


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of softmax.

        y_i = x_i - log(sum_j exp(x_j)),   dy_i/dx_j = delta_ij - p_j

    Args:
        x: real, with the axis. Edges are those of softmax: NaN for a row of -inf and for one with +inf.
        axis: along which to normalise.

    Returns:
        The shape and dtype of x.

    Raises:
        DtypeError: x is complex.
        ShapeError: x has no such axis.

    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    x = strong(real("log_softmax", x))
    return activation.log_softmax(x, axes=(normal_axis(axis, aval_of(x).ndim),))


def logsumexp(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The logarithm of a sum of exponentials, which neither overflows nor vanishes.

        y = log(sum_j exp(x_j)),   dy/dx_j = exp(x_j - y)

    Where entries are -inf their derivative is 0, also where all are (y = -inf); where one is +inf
    its derivative is 1 and all others' 0, and several share evenly. No entry at all gives -inf.

    Args:
        x: real, any shape.
        axis: an axis, a tuple of them, or None for all.
        keepdims: keep the summed axes, of length 1.

    Returns:
        The shape of x without the axes.

    Raises:
        DtypeError: x is complex.
        ShapeError: x has no such axis.

    >>> round(float(logsumexp(np.array([1000.0, 1000.0]))) - 1000.0, 4)
    0.6931
    """
    x = strong(real("logsumexp", x))
    shape = aval_of(x).shape
    axes = normal_axes(axis, len(shape))
    out = activation.logsumexp(x, axes=axes)
    return reshape(out, shape=kept(shape, axes)) if keepdims else out
