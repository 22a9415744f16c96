"""Activations from their input and from their output, softmax's Jacobian, and the losses behind them."""

import numpy as np
import pytest

from adjoint import nn
from adjoint.api.derivatives import grad
from adjoint.api.jacobians import hessian, jacfwd, jacobian, jacrev

RNG = np.random.default_rng(1)
X = RNG.normal(0, 2, (4, 3))
each_jacobian = pytest.mark.parametrize("jac", [jacobian, jacfwd, jacrev])


def elementwise(function, x=X):
    return grad(lambda v: np.sum(function(v)))(x)


def close(found, expected, rtol=1e-12):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-15)


def test_from_the_input():
    close(elementwise(nn.relu), (X > 0).astype(float))
    close(elementwise(nn.leaky_relu), np.where(X > 0, 1.0, 0.01))
    close(elementwise(nn.sigmoid), np.exp(-X) / (1 + np.exp(-X)) ** 2)
    close(elementwise(np.tanh), 1 / np.cosh(X) ** 2)


def test_from_the_output():
    y = nn.relu(X)
    close(elementwise(nn.relu), (y > 0).astype(float))
    y = nn.leaky_relu(X)
    close(elementwise(nn.leaky_relu), np.where(y > 0, 1.0, 0.01))
    y = nn.sigmoid(X)
    close(elementwise(nn.sigmoid), y * (1 - y))
    y = np.tanh(X)
    close(elementwise(np.tanh), 1 - y**2)


def test_tanh_and_sigmoid_are_one_function():
    """Tanh x = 2 s(2x) - 1, so tanh' = 4 s'(2x)."""
    close(np.tanh(X), 2 * nn.sigmoid(2 * X) - 1, rtol=1e-11)
    close(elementwise(np.tanh), 4 * elementwise(nn.sigmoid, 2 * X))


@each_jacobian
def test_an_elementwise_function_has_a_diagonal_jacobian(jac):
    x = X[0]
    y = nn.sigmoid(x)
    close(jac(nn.sigmoid)(x), np.diag(y * (1 - y)))  # (3, 3)


@each_jacobian
def test_softmax(jac):
    """J = diag(p) - p p^T, shape (n, n): symmetric, its rows sum to zero."""
    x = X[0]
    p = np.exp(x) / np.exp(x).sum()
    J = jac(nn.softmax)(x)
    close(J, np.diag(p) - np.outer(p, p))
    close(J, J.T)
    np.testing.assert_allclose(J.sum(axis=1), 0, atol=1e-16)


@each_jacobian
def test_log_softmax(jac):
    """J = I - 1 p^T: every row has p subtracted."""
    x = X[0]
    p = np.exp(x) / np.exp(x).sum()
    close(jac(nn.log_softmax)(x), np.eye(3) - p)


def test_logsumexp_has_softmax_as_gradient_and_its_jacobian_as_hessian():
    x = X[0]
    p = np.exp(x) / np.exp(x).sum()
    close(grad(nn.logsumexp)(x), p)
    close(hessian(nn.logsumexp)(x), np.diag(p) - np.outer(p, p))


def test_softmax_and_cross_entropy():
    """One example: dL/dz = p - y. A mean over N examples: (P - Y) / N, once."""
    z, y = X[0], np.array([0.0, 1.0, 0.0])
    p = np.exp(z) / np.exp(z).sum()
    close(grad(lambda z: -np.sum(y * np.log(nn.softmax(z))))(z), p - y)
    close(grad(nn.softmax_cross_entropy)(z, y), p - y)
    Y = np.eye(3)[[0, 2, 1, 1]]
    P = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    close(grad(nn.softmax_cross_entropy)(X, Y), (P - Y) / 4)
    close(grad(nn.softmax_cross_entropy)(X, Y.argmax(axis=1)), (P - Y) / 4)


def test_sigmoid_and_binary_cross_entropy():
    """dL/dz = s(z) - t."""
    z, t = X[0], np.array([1.0, 0.0, 1.0])

    def loss(z):
        s = nn.sigmoid(z)
        return -np.sum(t * np.log(s) + (1 - t) * np.log(1 - s))

    close(grad(loss)(z), nn.sigmoid(z) - t)


def test_mse_is_a_mean_over_all_elements():
    """L = mean((Y - T)^2) over the N m elements of Y (N, m): dL/dY = 2 (Y - T) / (N m)."""
    T = RNG.normal(size=X.shape)
    close(grad(nn.mse)(X, T), 2 * (X - T) / 12)
    close(grad(lambda Y: np.mean((Y - T) ** 2))(X), 2 * (X - T) / 12)
    close(hessian(lambda y: nn.mse(y, T[0]))(X[0]), 2 / 3 * np.eye(3))
