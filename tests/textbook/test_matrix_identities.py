"""Identities of matrix calculus: traces, quadratic forms, determinants of small matrices, norms.

Layout: the gradient of a number in a matrix has the matrix's shape.
"""

import numpy as np
import pytest

from adjoint.api.derivatives import grad
from adjoint.api.jacobians import hessian

RNG = np.random.default_rng(2)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_trace_of_a_product_with_a_transpose():
    """Gradients of tr(A^T B): in A it is B, in B it is A, all (m, n)."""
    A, B = draw(3, 4), draw(3, 4)
    dA, dB = grad(lambda A, B: np.trace(A.T @ B), (0, 1))(A, B)
    close(dA, B)
    close(dB, A)


def test_trace_of_a_product():
    """Gradients of tr(A B), A (m, n) and B (n, m): in A it is B^T, in B it is A^T."""
    A, B = draw(3, 4), draw(4, 3)
    dA, dB = grad(lambda A, B: np.trace(A @ B), (0, 1))(A, B)
    close(dA, B.T)
    close(dB, A.T)


def test_trace_of_three():
    """The gradient of tr(A X B) in X is A^T B^T, the shape of X."""
    A, X, B = draw(2, 3), draw(3, 4), draw(4, 2)
    close(grad(lambda X: np.trace(A @ X @ B))(X), A.T @ B.T)


def test_trace_itself():
    close(grad(np.trace)(draw(3, 3)), np.eye(3))


def test_inner_product_and_frobenius_norm():
    A, B = draw(3, 4), draw(3, 4)
    close(grad(lambda A: np.sum(A * B))(A), B)
    close(grad(lambda A: np.trace(A.T @ A))(A), 2 * A)
    close(grad(lambda A: np.sqrt(np.sum(A**2)))(A), A / np.sqrt(np.sum(A**2)))


def test_quadratic_form():
    """Gradients of x^T A x: in x (A + A^T) x, in A x x^T; the Hessian in x is A + A^T."""
    A, x = draw(3, 3), draw(3)
    dx, dA = grad(lambda x, A: x @ (A @ x), (0, 1))(x, A)
    close(dx, (A + A.T) @ x)
    close(dA, np.outer(x, x))
    close(hessian(lambda x: x @ (A @ x))(x), A + A.T)


def test_bilinear_form():
    """The gradient of a^T X b in X is a b^T; that of b^T X^T a is the same."""
    a, X, b = draw(3), draw(3, 4), draw(4)
    close(grad(lambda X: a @ X @ b)(X), np.outer(a, b))
    close(grad(lambda X: b @ X.T @ a)(X), np.outer(a, b))


def test_least_squares():
    """L = |Aw - t|^2: gradient 2 A^T (A w - t), Hessian 2 A^T A; zero at the normal equations' solution."""
    A, w, t = draw(6, 3), draw(3), draw(6)

    def loss(w):
        return np.sum((A @ w - t) ** 2)

    close(grad(loss)(w), 2 * A.T @ (A @ w - t))
    close(hessian(loss)(w), 2 * A.T @ A)
    best = np.linalg.lstsq(A, t, rcond=None)[0]
    np.testing.assert_allclose(grad(loss)(best), 0, atol=1e-13)


@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_ridge(strength):
    """With the penalty lambda |w|^2 the gradient gains 2 lambda w, the Hessian 2 lambda I."""
    A, w, t = draw(6, 3), draw(3), draw(6)

    def loss(w):
        return np.sum((A @ w - t) ** 2) + strength * np.sum(w**2)

    close(grad(loss)(w), 2 * A.T @ (A @ w - t) + 2 * strength * w)
    close(hessian(loss)(w), 2 * A.T @ A + 2 * strength * np.eye(3))
