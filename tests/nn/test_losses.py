"""Losses: values against their definitions, gradients against p - y, edges, and labels that are refused."""

import math

import numpy as np
import pytest
from scipy import special

from adjoint import nn, random
from adjoint.api.derivatives import grad, jvp
from adjoint.api.vectorize import vmap
from adjoint.errors import AdjointError, DataError, DtypeError, ShapeError

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(0, 3, (5, 4))
LABELS = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4)[LABELS]
P = special.softmax(LOGITS, axis=1)


def test_mse_is_the_mean_over_all_elements():
    y, t = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
    assert nn.mse(y, t) == pytest.approx(((y - t) ** 2).sum() / 12, rel=1e-15)
    np.testing.assert_allclose(grad(nn.mse)(y, t), 2 * (y - t) / 12, rtol=1e-15)
    np.testing.assert_allclose(grad(nn.mse, 1)(y, t), -2 * (y - t) / 12, rtol=1e-15)
    assert nn.mse(3.0, 1.0) == 4.0


@pytest.mark.parametrize("labels", [LABELS, ONE_HOT, LABELS.astype(np.uint8), ONE_HOT.astype(bool)])
def test_cross_entropy(labels):
    expected = -np.mean(np.log(P[np.arange(5), LABELS]))
    assert nn.softmax_cross_entropy(LOGITS, labels) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(
        grad(nn.softmax_cross_entropy)(LOGITS, labels), (P - ONE_HOT) / 5, rtol=1e-12, atol=1e-16
    )


def test_one_example():
    one = nn.softmax_cross_entropy(LOGITS[0], 2)
    assert one == pytest.approx(-math.log(P[0, 2]), rel=1e-14)
    np.testing.assert_allclose(grad(nn.softmax_cross_entropy)(LOGITS[0], 2), P[0] - np.eye(4)[2], rtol=1e-12)


def test_leading_axes_count_as_examples():
    stacked = LOGITS[:4].reshape(2, 2, 4)
    assert nn.softmax_cross_entropy(stacked, LABELS[:4].reshape(2, 2)) == pytest.approx(
        nn.softmax_cross_entropy(LOGITS[:4], LABELS[:4])
    )


def test_probabilities_as_labels():
    q = special.softmax(RNG.normal(size=(5, 4)), axis=1)
    assert nn.softmax_cross_entropy(LOGITS, q) == pytest.approx(-np.mean(np.sum(q * np.log(P), axis=1)))
    np.testing.assert_allclose(grad(nn.softmax_cross_entropy)(LOGITS, q), (P - q) / 5, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(
        grad(lambda labels: nn.softmax_cross_entropy(LOGITS, labels))(q),
        -special.log_softmax(LOGITS, axis=1) / 5,
        rtol=1e-14,
    )


def test_sure_predictions_are_stable():
    logits = np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0]])
    assert nn.softmax_cross_entropy(logits, np.array([0, 1])) == 0.0
    assert nn.softmax_cross_entropy(logits, np.array([2, 0])) == 2e4
    np.testing.assert_array_equal(
        grad(nn.softmax_cross_entropy)(logits, np.array([2, 0])), [[0.5, 0, -0.5], [-0.5, 0.5, 0]]
    )


@pytest.mark.parametrize("labels", [np.array([0, 2]), np.eye(3)[[0, 2]]])
def test_impossible_classes(labels):
    """A class masked by -inf costs nothing where it is not the label."""
    logits = np.array([[1.0, -math.inf, 2.0], [0.0, -math.inf, 3.0]])
    p = special.softmax(logits, axis=1)
    found = nn.softmax_cross_entropy(logits, labels)
    assert found == pytest.approx(-np.mean(np.log([p[0, 0], p[1, 2]])))
    slopes = grad(nn.softmax_cross_entropy)(logits, labels)
    np.testing.assert_allclose(slopes, (p - np.eye(3)[[0, 2]]) / 2, rtol=1e-12, atol=1e-16)
    tangent = jvp(lambda z: nn.softmax_cross_entropy(z, labels), (logits,), (np.ones((2, 3)),))[1]
    assert tangent == pytest.approx(0.0, abs=1e-15)


def test_dtype_is_kept():
    logits = LOGITS.astype(np.float32)
    for labels in (LABELS, ONE_HOT, ONE_HOT.astype(np.float32)):
        assert nn.softmax_cross_entropy(logits, labels).dtype == np.float32
        assert grad(nn.softmax_cross_entropy)(logits, labels).dtype == np.float32
    assert nn.mse(logits, np.zeros((5, 4), np.float32)).dtype == np.float32


def test_hessian_of_cross_entropy():
    direction = RNG.normal(size=(5, 4))
    moved = jvp(grad(lambda z: nn.softmax_cross_entropy(z, LABELS)), (LOGITS,), (direction,))[1]
    expected = P * direction - P * np.sum(P * direction, axis=1, keepdims=True)
    np.testing.assert_allclose(moved, expected / 5, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("labels", [LABELS, ONE_HOT])
def test_examples_one_by_one_under_vmap(labels):
    """The gradients of single examples: their mean is the gradient of the mean."""
    each = vmap(grad(nn.softmax_cross_entropy))(LOGITS, labels)
    np.testing.assert_allclose(each, P - ONE_HOT, rtol=1e-12, atol=1e-16)
    losses = vmap(lambda label: nn.softmax_cross_entropy(LOGITS[0], label))(labels)
    np.testing.assert_allclose(np.min(losses), -np.log(P[0].max()), rtol=1e-13)
    with pytest.raises(DataError, match="the label 4"):
        vmap(nn.softmax_cross_entropy)(LOGITS, LABELS + 1)


# --- penalties ---------------------------------------------------------------------------------


def test_penalties_over_a_tree():
    layer = nn.Linear(random.key(0), 3, 2)
    tree = {"layer": layer, "steps": 4, "offset": np.array([2.0, 0.0])}
    squares = np.sum(layer.weight**2) + 4.0
    assert nn.l2_penalty(tree, 0.1) == pytest.approx(0.1 * squares)
    assert nn.l1_penalty(tree, 0.1) == pytest.approx(0.1 * (np.sum(np.abs(layer.weight)) + 2.0))
    slopes = grad(lambda v: nn.l2_penalty(v, 0.1))(layer)
    np.testing.assert_allclose(slopes.weight, 0.2 * layer.weight)
    slopes = grad(lambda v: nn.l1_penalty(v, 0.1))(layer)
    np.testing.assert_allclose(slopes.weight, 0.1 * np.sign(layer.weight))
    assert np.array_equal(slopes.bias, [0, 0])
    assert nn.l2_penalty({}) == 0.0
    assert nn.l2_penalty([np.array([3 + 4j])]) == 25.0


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "error", "said"), [
    (lambda: nn.mse(np.zeros((3, 1)), np.zeros(3)), ShapeError, r"\(3, 1\) and \(3,\)"),
    (lambda: nn.mse(np.zeros(0), np.zeros(0)), ShapeError, "at least one element"),
    (lambda: nn.mse(np.zeros(2, complex), np.zeros(2)), DtypeError, "real"),
    (lambda: nn.softmax_cross_entropy(LOGITS, LABELS[:4]), ShapeError, r"\(5,\) \(integers\) or \(5, 4\)"),
    (lambda: nn.softmax_cross_entropy(LOGITS, LABELS[:, None]), ShapeError, "one integer, or one row"),
    (lambda: nn.softmax_cross_entropy(LOGITS, LABELS + 1), DataError, "the label 4"),
    (lambda: nn.softmax_cross_entropy(LOGITS, LABELS - 1), DataError, "the label -1"),
    (lambda: nn.softmax_cross_entropy(LOGITS, LABELS.astype(float)), DtypeError, "integer labels"),
    (lambda: nn.softmax_cross_entropy(LOGITS, ONE_HOT * 2), DataError, "sum to 1"),
    (lambda: nn.softmax_cross_entropy(LOGITS, -ONE_HOT), DataError, "not negative"),
    (lambda: nn.softmax_cross_entropy(LOGITS, ONE_HOT * math.nan), DataError, "sum to 1"),
    (lambda: nn.softmax_cross_entropy(LOGITS, ONE_HOT * 1j), DtypeError, "one-hot"),
    (lambda: nn.softmax_cross_entropy(np.zeros((0, 4)), np.zeros(0, int)), ShapeError, "logits"),
    (lambda: nn.softmax_cross_entropy(1.0, 0), ShapeError, "logits"),
    (lambda: nn.softmax_cross_entropy(LOGITS + 0j, LABELS), DtypeError, "real"),
])  # fmt: skip
def test_refused(call, error, said):
    with pytest.raises(error, match=said) as caught:
        call()
    assert isinstance(caught.value, AdjointError)


def test_refused_inside_grad_too():
    with pytest.raises(DataError, match="the label 9"):
        grad(lambda z: nn.softmax_cross_entropy(z, np.array([0, 9, 0, 0, 0])))(LOGITS)
