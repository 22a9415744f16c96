"""Losses, and the penalties that are added to them. Each is one number, so `grad` takes it as it is."""

from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.dispatch import operand, strong
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import DataError, DtypeError, ShapeError
from ..primitives.indexing import gather
from ..primitives.promotion import to_dtype
from .functions import log_softmax, real


def mse(predictions: Any, targets: Any) -> Any:
    """The mean squared error over all elements.

        L = (1/N) sum (y - t)^2,   dL/dy = 2 (y - t) / N,   N = the number of all elements

    N counts the rows and the columns: for predictions of shape (n, m) it is n m, and the mean is
    not taken again over the batch.

    Args:
        predictions: real, any shape.
        targets: the same shape; a (n,) beside a (n, 1) is refused, since it would broadcast to (n, n).

    Returns:
        A number.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        DtypeError: an operand is complex.

    >>> mse(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2)))
    np.float64(7.5)
    """
    predictions, targets = real("mse", predictions), real("mse", targets)
    shape, other = aval_of(predictions).shape, aval_of(targets).shape
    if shape != other or 0 in shape:
        raise ShapeError(
            "predictions and targets of one shape, with at least one element, were asked for",
            f"{shape} and {other}",
            "Reshape one to the other, for example targets.reshape(predictions.shape).",
        )
    return np.mean((predictions - targets) ** 2)


def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """The cross-entropy of softmax(logits) against labels, the mean over the examples.

        L = -(1/n) sum_i sum_k y_ik log p_ik,   p = softmax(logits),   dL/dlogits = (p - y) / n

    From logits, so that nothing overflows: give what the last linear layer gives, without a softmax.

    Args:
        logits: real, shape (n, classes), or (classes,) for one example; further leading axes count
            as examples.
        labels: integers of the shape without the last axis, from 0 to classes - 1; or one-hot rows
            (or any probabilities: each row sums to 1) of the same shape as the logits.

    Returns:
        A number.

    Raises:
        ShapeError: the shapes do not fit, or there is no example or no class.
        DtypeError: the logits are complex, or the labels neither integers nor floats.
        DataError: a label is out of range, or a row of probabilities is no distribution.

    >>> logits = np.array([[2.0, 0.0], [0.0, 0.0]])
    >>> softmax_cross_entropy(logits, np.array([0, 1]))
    np.float64(0.4100...)
    >>> softmax_cross_entropy(logits, np.eye(2))
    np.float64(0.4100...)
    """
    logits, labels = real("softmax_cross_entropy", logits), operand(labels)
    shape = aval_of(logits).shape
    if not shape or 0 in shape:
        raise ShapeError("logits of shape (n, classes) were asked for", f"shape {shape}", "Give both axes.")
    logs = log_softmax(logits)
    aval = aval_of(labels)
    if aval.shape == shape:
        picked = _by_distribution(logs, _distributions(labels))
    elif aval.shape == shape[:-1]:
        picked = _by_number(logs, _numbers(labels, shape[-1]))
    else:
        raise ShapeError(
            f"labels of shape {shape[:-1]} (integers) or {shape} (one-hot) were asked for",
            describe(labels),
            "Give one integer, or one row, for each row of the logits.",
        )
    return -np.sum(picked) / (aval_of(logs).size // shape[-1])


def _numbers(labels: Any, classes: int) -> Any:
    """Integer labels as indices, once those that are known are in range: one, or a whole batch of them."""
    if aval_of(labels).dtype.kind not in "iu":
        raise DtypeError(
            "integer labels were asked for", describe(labels), "Write labels.astype(int), or one-hot rows."
        )
    plain = labels
    while isinstance(plain, Tracer):
        plain = plain.value
    known = np.zeros(0, np.intp) if plain is None else np.asarray(plain)
    wrong = known[(known < 0) | (known >= classes)]
    if wrong.size:
        raise DataError(
            f"labels from 0 to {classes - 1} were asked for",
            f"the label {int(wrong[0])}",
            "Number the classes from 0, and give the last layer one output for each.",
        )
    return to_dtype(strong(labels), np.dtype(np.intp))


def _by_number(logs: Any, labels: Any) -> Any:
    classes, count = aval_of(logs).shape[-1], aval_of(labels).size
    return gather(np.reshape(logs, (-1, classes)), np.arange(count), np.reshape(labels, (count,)))


_SUM_TOLERANCE = 1e-3
"""Rows of probabilities in half precision sum to one within this."""


def _distributions(labels: Any) -> Any:
    if aval_of(labels).dtype.kind == "c" or aval_of(labels).dtype.kind not in "iubfV":
        raise DtypeError("one-hot labels were asked for", describe(labels), "Give zeros and ones.")
    if not isinstance(labels, Tracer):
        plain = labels.astype(np.float64)
        if not (plain.min() >= 0 and np.abs(plain.sum(axis=-1) - 1).max() <= _SUM_TOLERANCE):
            raise DataError(
                "rows of labels that are not negative and sum to 1 were asked for",
                describe(labels),
                "Give one-hot rows, for example np.eye(classes)[numbers].",
            )
    return labels


def _by_distribution(logs: Any, labels: Any) -> Any:
    """The products y log p, zero where y is zero although p may vanish."""
    if aval_of(labels).dtype != aval_of(logs).dtype:
        labels = labels.astype(aval_of(logs).dtype)
    impossible = np.where(logs == -np.inf, labels == 0, False)
    return labels * np.where(impossible, 0.0, logs)


def l2_penalty(tree: Any, strength: Any = 1.0) -> Any:
    """A regulariser: the sum of squares of all parameters, times a strength.

        strength * R(theta),   R = sum theta^2,   gradient 2 strength theta

    Args:
        tree: a layer or any container of floating arrays; integers in it are left out. Take the
            weights alone where biases shall stay free: `l2_penalty([layer.weight for layer in ...])`.
        strength: a number (lambda in the textbooks).

    Returns:
        A number; complex parameters count with their squared absolute value.

    >>> l2_penalty({"w": np.array([3.0, 4.0])}, 0.1)
    np.float64(2.5)
    """
    return strength * sum((np.sum(_squares(leaf)) for leaf in _parameters(tree)), 0.0)


def _squares(x: Any) -> Any:
    return np.real(x * np.conj(x)) if dtypes.is_complex(aval_of(x).dtype) else x * x


def l1_penalty(tree: Any, strength: Any = 1.0) -> Any:
    """A regulariser: the sum of absolute values of all parameters, times a strength.

        strength * R(theta),   R = sum |theta|,   gradient strength sign(theta), 0 at theta = 0

    Args:
        tree: as for `l2_penalty`.
        strength: a number.

    Returns:
        A number.

    >>> l1_penalty({"w": np.array([3.0, -4.0])}, 0.5)
    np.float64(3.5)
    """
    return strength * sum((np.sum(np.abs(leaf)) for leaf in _parameters(tree)), 0.0)


def _parameters(tree: Any) -> list[Any]:
    kinds = (Tracer, np.ndarray, np.generic, float, complex)
    return [x for x in trees.leaves(tree) if isinstance(x, kinds) and dtypes.is_inexact(aval_of(x).dtype)]
