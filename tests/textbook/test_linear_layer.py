"""The linear layer, in both conventions, with all shapes said.

    columns: x (n,), W (m, n), b (m,):     z = W x + b     N examples are the columns of X (n, N)
    rows:    X (N, n), W (n, m), b (m,):   Y = X W + b     N examples are the rows of X

delta and Delta are dL/dz and dL/dY for any loss L; here L = sum(sin(z)), so delta = cos(z).
"""

import numpy as np
import pytest

from adjoint import nn, random
from adjoint.api.derivatives import grad, vjp
from adjoint.api.jacobians import jacfwd, jacobian, jacrev

RNG = np.random.default_rng(0)
N, n, m = 5, 3, 2
JACOBIANS = [jacobian, jacfwd, jacrev]


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


def test_columns_one_example():
    x, W, b = RNG.normal(size=n), RNG.normal(size=(m, n)), RNG.normal(size=m)
    dW, dx, db = grad(lambda W, x, b: np.sum(np.sin(W @ x + b)), (0, 1, 2))(W, x, b)
    delta = np.cos(W @ x + b)  # (m,)
    close(dW, np.outer(delta, x))  # delta x^T: (m, n), as W
    close(dx, W.T @ delta)  # (n,), as x
    close(db, delta)  # (m,), as b


def test_columns_many_examples():
    X, W, b = RNG.normal(size=(n, N)), RNG.normal(size=(m, n)), RNG.normal(size=(m, 1))
    dW, dX, db = grad(lambda W, X, b: np.sum(np.sin(W @ X + b)), (0, 1, 2))(W, X, b)
    delta = np.cos(W @ X + b)  # (m, N)
    close(dW, delta @ X.T)  # (m, n): the sum over examples is in the product
    close(dX, W.T @ delta)  # (n, N)
    close(db, delta.sum(axis=1, keepdims=True))  # (m, 1)


def test_rows():
    X, W, b = RNG.normal(size=(N, n)), RNG.normal(size=(n, m)), RNG.normal(size=m)
    dX, dW, db = grad(lambda X, W, b: np.sum(np.sin(X @ W + b)), (0, 1, 2))(X, W, b)
    delta = np.cos(X @ W + b)  # (N, m)
    close(dW, X.T @ delta)  # (n, m), as W
    close(db, delta.sum(axis=0))  # (m,), as b
    close(dX, delta @ W.T)  # (N, n), as X


def test_the_two_conventions_are_each_others_transpose():
    X, W, b = RNG.normal(size=(N, n)), RNG.normal(size=(n, m)), RNG.normal(size=m)
    rows = grad(lambda W: np.sum(np.sin(X @ W + b)))(W)
    columns = grad(lambda V: np.sum(np.sin(V @ X.T + b[:, None])))(W.T)
    close(columns, rows.T)


def test_the_layer_of_nn_is_in_rows():
    layer, X = nn.Linear(random.key(0), n, m), RNG.normal(size=(N, n))
    Y, pullback = vjp(lambda layer, X: layer(X), layer, X)
    delta = RNG.normal(size=Y.shape)
    slopes, dX = pullback(delta)
    close(slopes.weight, X.T @ delta)
    close(slopes.bias, delta.sum(axis=0))
    close(dX, delta @ layer.weight.T)


@pytest.mark.parametrize("jac", JACOBIANS)
def test_the_jacobian_in_x_is_W(jac):
    x, W, b = RNG.normal(size=n), RNG.normal(size=(m, n)), RNG.normal(size=m)
    close(jac(lambda x: W @ x + b)(x), W)  # (m, n)
    close(jac(lambda b: W @ x + b)(b), np.eye(m))


@pytest.mark.parametrize("jac", JACOBIANS)
def test_the_jacobian_in_W_by_vec(jac):
    """d(Wx)/dvec(W), shape (m, m n): I (x) x^T where vec takes row by row, x^T (x) I column by column."""
    x, W = RNG.normal(size=n), RNG.normal(size=(m, n))
    whole = jac(lambda W: W @ x)(W)  # (m, m, n): d z_i / d W_kl = delta_ik x_l
    close(whole, np.eye(m)[:, :, None] * x)
    close(whole.reshape(m, m * n), np.kron(np.eye(m), x))
    close(whole.transpose(0, 2, 1).reshape(m, n * m), np.kron(x, np.eye(m)))
    by_rows = jac(lambda w: w.reshape(m, n) @ x)(W.reshape(-1))
    close(by_rows, np.kron(np.eye(m), x))
    by_columns = jac(lambda w: w.reshape(n, m).T @ x)(W.T.reshape(-1))
    close(by_columns, np.kron(x, np.eye(m)))


def test_rows_of_a_batch_do_not_mix():
    """The Jacobian dY_ij / dX_kl is delta_ik W_lj, shape (N, m, N, n)."""
    X, W = RNG.normal(size=(N, n)), RNG.normal(size=(n, m))
    close(jacobian(lambda X: X @ W)(X), np.einsum("ik,lj->ijkl", np.eye(N), W))
