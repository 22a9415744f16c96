"""Chain rules, level curves, gradient descent on a parabola, Taylor's approximations and their error."""

import itertools

import numpy as np
import pytest

from adjoint import optim
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.jacobians import hessian, jacfwd, jacobian, jacrev

RNG = np.random.default_rng(3)


def close(found, expected, rtol=1e-12):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-14)


# --- chain rules -------------------------------------------------------------------------------


def test_of_numbers():
    """(f o g)'(x) = f'(g(x)) g'(x)."""
    x = 0.7
    outer, inner = np.exp, lambda x: np.sin(x**2)
    close(grad(lambda x: outer(inner(x)))(x), grad(outer)(inner(x)) * grad(inner)(x))
    close(grad(lambda x: outer(inner(x)))(x), np.exp(np.sin(x**2)) * np.cos(x**2) * 2 * x)


def test_of_several_paths():
    """df/dt = f_x x' + f_y y' for f(x(t), y(t))."""
    t = 0.4
    f = lambda x, y: x**2 * np.sin(y)  # noqa: E731
    x, y = np.cos(t), np.exp(t)
    fx, fy = grad(f, (0, 1))(x, y)
    close(grad(lambda t: f(np.cos(t), np.exp(t)))(t), fx * -np.sin(t) + fy * np.exp(t))


A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))
POINT = RNG.normal(size=3)


def inner(x):
    """From (3,) to (4,)."""
    return np.tanh(A @ x)


def outer(y):
    """From (4,) to (2,)."""
    return np.sin(B @ y) * np.array([1.0, 2.0])


@pytest.mark.parametrize("jac", [jacobian, jacfwd, jacrev])
def test_of_vectors(jac):
    """J_(f o g)(x) = J_f(g(x)) J_g(x): (2, 4) times (4, 3) is (2, 3)."""
    close(jac(lambda x: outer(inner(x)))(POINT), jac(outer)(inner(POINT)) @ jac(inner)(POINT))


def test_products_with_jacobians():
    """Jvp is J v, from right to left; vjp is w^T J, from left to right; <w, J v> is one number."""
    J, v, w = jacobian(inner)(POINT), RNG.normal(size=3), RNG.normal(size=4)
    value, forward = jvp(inner, (POINT,), (v,))
    again, pullback = vjp(inner, POINT)
    (backward,) = pullback(w)
    close(value, again)
    close(forward, J @ v)
    close(backward, J.T @ w)
    close(w @ forward, backward @ v)


def test_products_chain_without_a_jacobian():
    v, w = RNG.normal(size=3), RNG.normal(size=2)
    y, moved = jvp(inner, (POINT,), (v,))
    _, moved = jvp(outer, (y,), (moved,))
    close(jvp(lambda x: outer(inner(x)), (POINT,), (v,))[1], moved)
    (pulled,) = vjp(outer, y)[1](w)
    (pulled,) = vjp(inner, POINT)[1](pulled)
    close(vjp(lambda x: outer(inner(x)), POINT)[1](w)[0], pulled)


# --- geometry ----------------------------------------------------------------------------------


def test_the_gradient_is_perpendicular_to_level_curves():
    """Along a curve on which f is constant, grad f . tangent = 0: ellipses of f = x^2/4 + y^2."""
    f = lambda p: p[0] ** 2 / 4 + p[1] ** 2  # noqa: E731
    for level in (0.5, 1.0, 3.0):
        for angle in np.linspace(0.1, 6.0, 9):
            curve = lambda a, r=level**0.5: np.stack([2 * r * np.cos(a), r * np.sin(a)])  # noqa: E731
            point, tangent = jvp(curve, (angle,), (1.0,))
            assert f(point) == pytest.approx(level)
            slope = grad(f)(point)
            assert abs(slope @ tangent) < 1e-14 * np.linalg.norm(slope) * np.linalg.norm(tangent) * 10


def test_the_gradient_is_the_steepest_direction():
    f = lambda p: np.sin(p[0]) * np.exp(p[1])  # noqa: E731
    point = np.array([0.3, -0.2])
    slope = grad(f)(point)
    rises = [jvp(f, (point,), (np.array([np.cos(a), np.sin(a)]),))[1] for a in np.linspace(0, 2 * np.pi, 721)]
    assert max(rises) == pytest.approx(np.linalg.norm(slope), rel=1e-4)
    best = np.linspace(0, 2 * np.pi, 721)[int(np.argmax(rises))]
    np.testing.assert_allclose([np.cos(best), np.sin(best)], slope / np.linalg.norm(slope), atol=1e-2)


# --- gradient descent --------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [0.1, 0.5, 0.9])
def test_gradient_descent_on_a_parabola(eta):
    """L = (w - 3)^2: w_k - 3 = (1 - 2 eta)^k (w_0 - 3); eta = 1/2 arrives in one step."""
    slope, w = grad(lambda w: (w - 3) ** 2), 0.0
    optimizer = optim.sgd(eta)
    state = optimizer.init(w)
    for k in range(1, 11):
        step, state = optimizer.update(slope(w), state)
        w = optim.apply_updates(w, step)
        assert w - 3 == pytest.approx((1 - 2 * eta) ** k * -3, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(("eta", "fate"), [(0.99, "near"), (1.0, "cycle"), (1.01, "far")])
def test_the_largest_stable_step(eta, fate):
    """It converges for eta < 1 = 2 / L'', swings for ever at 1, and diverges beyond."""
    slope, w = grad(lambda w: (w - 3) ** 2), 0.0
    for _ in range(400):
        w = w - eta * slope(w)
    distance = abs(w - 3)
    assert {"near": distance < 0.01, "cycle": distance == 3.0, "far": distance > 100}[fate]


# --- Taylor ------------------------------------------------------------------------------------


def order_of_error(error) -> float:
    """The p of error = C h^p, from halving h."""
    sizes = [error(0.02 / 2**i) for i in range(5)]
    return float(np.mean([np.log2(a / b) for a, b in itertools.pairwise(sizes)]))


def test_first_and_second_order_of_a_number():
    f, x = lambda x: np.exp(np.sin(x)), 0.8
    d1, d2 = grad(f)(x), grad(grad(f))(x)
    assert order_of_error(lambda h: abs(f(x + h) - f(x))) == pytest.approx(1, abs=0.1)
    assert order_of_error(lambda h: abs(f(x + h) - f(x) - d1 * h)) == pytest.approx(2, abs=0.1)
    assert order_of_error(lambda h: abs(f(x + h) - f(x) - d1 * h - d2 * h**2 / 2)) == pytest.approx(
        3, abs=0.1
    )


def test_first_and_second_order_of_a_vector():
    """f(x + h v) = f + h g.v + h^2/2 v.Hv + O(h^3), with g (n,), H (n, n)."""
    f = lambda x: np.sum(np.exp(np.sin(A @ x)))  # noqa: E731
    v = np.array([1.0, -0.5, 0.25])
    g, H = grad(f)(POINT), hessian(f)(POINT)
    close(H, H.T)
    first = lambda h: f(POINT) + h * g @ v  # noqa: E731
    assert order_of_error(lambda h: abs(f(POINT + h * v) - first(h))) == pytest.approx(2, abs=0.2)
    second = lambda h: first(h) + h**2 / 2 * (v @ H @ v)  # noqa: E731
    assert order_of_error(lambda h: abs(f(POINT + h * v) - second(h))) == pytest.approx(3, abs=0.2)


def test_newtons_step_is_exact_on_a_quadratic():
    """The second-order approximation of a quadratic is the quadratic."""
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    f = lambda w: 0.5 * w @ (matrix @ w) - np.array([1.0, -4.0]) @ w  # noqa: E731
    w = np.array([5.0, -7.0])
    step = np.linalg.solve(hessian(f)(w), -grad(f)(w))
    np.testing.assert_allclose(grad(f)(w + step), 0, atol=1e-13)
