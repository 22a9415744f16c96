"""Functions of symmetric matrices: against NumPy, differences, polynomials; equal and close eigenvalues."""

from typing import Any

import mpmath
import numpy as np
import pytest
from tests.array.agreeing import agrees, close, difference, draw

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp
from adjoint.api.vectorize import vmap
from adjoint.errors import ArgumentError, DerivativeError
from adjoint.linalg import symmetric_function
from adjoint.primitives.spectral import divided_differences


def hermitian(x: Any) -> Any:
    return (x + np.conj(np.swapaxes(x, -1, -2))) / 2


def with_eigenvalues(*w: float, dtype: Any = float) -> Any:
    q = np.linalg.qr(draw(len(w), len(w), dtype=dtype))[0]
    return hermitian((q * np.array(w)) @ q.conj().T)


POINTS = {
    "apart": with_eigenvalues(1.0, 2.0, 4.0),
    "equal": with_eigenvalues(1.0, 1.0, 2.0),
    "identity": np.eye(3),
    "close": with_eigenvalues(1.0, 1.0 + 1e-9, 2.0),
    "near": with_eigenvalues(1.0, 1.01, 1.03),
    "complex": with_eigenvalues(1.0, 1.0, 2.0, dtype=complex),
    "a stack": np.stack([np.eye(3), with_eigenvalues(1.0, 2.0, 3.0)]),
}


@pytest.mark.parametrize("x", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("f", [np.exp, np.sqrt, lambda w: w**3, lambda w: np.tanh(w / 2)])
def test_function(f: Any, x: Any) -> None:
    agrees(lambda x: symmetric_function(f, hermitian(x)), x, second=x.dtype == float, batch=f is not np.sqrt)


@pytest.mark.parametrize("x", POINTS.values(), ids=POINTS)
def test_powers_are_matrix_products(x: Any) -> None:
    """Any order of derivative of f(A) = A^4 is that of the products, wherever the eigenvalues stand."""
    moves = [hermitian(draw(*x.shape, seed=seed, dtype=x.dtype)) for seed in range(3)]
    left: Any = lambda x: symmetric_function(lambda w: w**4, x)  # noqa: E731
    right: Any = lambda x: x @ x @ x @ x  # noqa: E731
    for move in moves:
        left, right = (lambda x, g=g, move=move: jvp(g, (x,), (move,))[1] for g in (left, right))
        close(left(x), right(x), "forward", 1e-12)


def test_gradients_are_symmetric_and_exact() -> None:
    for x in POINTS.values():
        found = grad(lambda x: np.trace(symmetric_function(np.exp, x), axis1=-2, axis2=-1).real.sum())(x)
        np.testing.assert_allclose(found, np.conj(symmetric_function(np.exp, x)), rtol=1e-13, atol=1e-13)
    weights = draw(3, 3)
    found = grad(lambda x: np.sum(weights * symmetric_function(np.exp, x)))(np.eye(3))
    np.testing.assert_allclose(found, np.e * hermitian(weights), rtol=1e-14)


def test_divided_differences_to_the_last_digits() -> None:
    """Of exp at nodes from equal to far apart, against 60 digits."""
    with mpmath.workdps(60):
        for gap in (0.0, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 5.0):
            w = np.array([0.3, 0.3 + gap])
            exact = [mpmath.mpf(float(v)) for v in w]
            step = exact[1] - exact[0]
            want = mpmath.exp(exact[0]) * (mpmath.expm1(step) / step if step else 1)
            found = divided_differences(lambda x, order: np.exp(x), w, 1)[0, 1]
            assert abs(found / want - 1) < 1e-14, gap
            second = (mpmath.exp(exact[1]) - want) / step if step else mpmath.exp(exact[0]) / 2
            found = divided_differences(lambda x, order: np.exp(x), w, 2)[0, 1, 1]
            assert abs(found / second - 1) < 1e-12, gap


def test_near_the_end_of_a_domain() -> None:
    """The slopes of sqrt between 1e-12 and 1 differ by a factor of a million."""
    x = with_eigenvalues(1e-12, 2e-12, 1.0)
    w, v = np.linalg.eigh(x)
    move = hermitian(draw(3, 3))
    roots = np.sqrt(w)
    want = v @ ((v.T @ move @ v) / (roots[:, None] + roots)) @ v.T
    np.testing.assert_allclose(
        jvp(lambda x: symmetric_function(np.sqrt, x), (x,), (move,))[1], want, rtol=1e-10
    )


def test_in_every_trace() -> None:
    x = POINTS["equal"]
    slope = grad(lambda x: np.sum(symmetric_function(np.exp, x) ** 2))
    np.testing.assert_allclose(trace(slope)(x)(x), slope(x), rtol=1e-12)
    np.testing.assert_allclose(vmap(slope)(np.stack([x, 2 * x])), [slope(x), slope(2 * x)], rtol=1e-12)
    single = symmetric_function(np.exp, x.astype(np.float32))
    assert single.dtype == np.float32
    assert slope(x.astype(np.float32)).dtype == np.float32
    assert slope(np.zeros((0, 0))).shape == (0, 0)
    move = hermitian(draw(3, 3))
    (want,) = difference(lambda h: slope(x + h * move))
    close(jvp(slope, (x,), (move,))[1], want, "the second derivative", 1e-8)


def test_mistakes() -> None:
    with pytest.raises(DerivativeError, match="around it"):
        grad(lambda t: np.sum(symmetric_function(lambda w: np.exp(t * w), np.eye(2))))(1.0)
    with pytest.raises(ArgumentError, match="element by element"):
        symmetric_function(np.sum, np.eye(2))
    with pytest.raises(ArgumentError, match="element by element"):
        symmetric_function(lambda w: np.exp(1j * w), np.eye(2))
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        symmetric_function(np.exp, np.ones((2, 3)))
