"""Activations and normalisers: values against SciPy and mpmath, slopes at every edge, forward and reverse."""

import math

import ml_dtypes
import mpmath
import numpy as np
import pytest
from scipy import special

from adjoint import nn
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.errors import ContainerError, DtypeError, ShapeError

INF = math.inf


def slope(function, x, order: int = 1):
    """The derivative of a function of one number, which forward and reverse must agree on."""
    derivative = function
    for _ in range(order):
        derivative = grad(derivative)
    inner = function
    for _ in range(order - 1):
        inner = grad(inner)
    forward = jvp(inner, (x,), (1.0,))[1]
    reverse = derivative(x)
    assert np.array_equal(forward, reverse, equal_nan=True), (forward, reverse)
    return reverse


def gradient(function, x):
    """The gradient of a function of a vector, which directional derivatives must agree with."""
    reverse = grad(function)(x)
    forward = [jvp(function, (x,), (e,))[1] for e in np.eye(len(x))]
    np.testing.assert_array_equal(reverse, forward)
    return reverse


@pytest.mark.parametrize(("x", "expected"), [
    (-2.0, 0.0), (3.0, 1.0), (0.0, 0.0), (-0.0, 0.0), (INF, 1.0), (-INF, 0.0), (5e-324, 1.0),
])  # fmt: skip
def test_relu(x, expected):
    assert slope(nn.relu, x) == expected
    assert slope(nn.relu, x, 2) == 0.0
    assert nn.relu(x) == max(x, 0.0)


def test_relu_of_arrays():
    x = np.array([[-1.0, 0.0], [2.0, -0.0]])
    assert np.array_equal(nn.relu(x), [[0, 0], [2, 0]])
    assert np.array_equal(grad(lambda v: np.sum(nn.relu(v)))(x), [[0, 0], [1, 0]])
    assert np.array_equal(nn.relu([-1.0, 2.0]), [0, 2])
    assert nn.relu(np.array([-1, 2])).dtype == np.float64


@pytest.mark.parametrize("function", [nn.relu, nn.leaky_relu, nn.sigmoid, nn.softmax, nn.log_softmax])
def test_nan_is_not_hidden(function):
    assert np.isnan(function(np.array([math.nan]))).all()


@pytest.mark.parametrize(("x", "expected"), [(-2.0, 0.1), (3.0, 1.0), (0.0, 0.1), (-0.0, 0.1)])
def test_leaky_relu(x, expected):
    assert slope(lambda v: nn.leaky_relu(v, 0.1), x) == expected
    assert nn.leaky_relu(x, 0.1) == (x if x > 0 else 0.1 * x)
    assert slope(lambda s: nn.leaky_relu(x, s), 0.3) == min(x, 0.0)


def exact_sigmoid(x: float) -> tuple[float, float]:
    with mpmath.workprec(1200):
        y = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        return float(y), float(y * (1 - y))


@pytest.mark.parametrize("x", [-745.0, -700.0, -40.0, -3.0, -1e-9, 0.0, 0.5, 2.0, 36.0, 40.0, 700.0])
def test_sigmoid_is_exact_in_both_tails(x):
    value, derivative = exact_sigmoid(x)
    assert nn.sigmoid(x) == pytest.approx(value, rel=4e-16, abs=5e-324)
    assert slope(nn.sigmoid, x) == pytest.approx(derivative, rel=6e-16, abs=5e-324)


def test_sigmoid_far_out():
    x = np.array([-INF, -1e300, -1000.0, 1000.0, 1e300, INF])
    assert np.array_equal(nn.sigmoid(x), [0, 0, 0, 1, 1, 1])
    assert np.array_equal(grad(lambda v: np.sum(nn.sigmoid(v)))(x), np.zeros(6))
    assert slope(nn.sigmoid, 0.0) == 0.25
    assert slope(nn.sigmoid, 0.0, 2) == 0.0
    assert slope(nn.sigmoid, 0.0, 3) == pytest.approx(-0.125)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_normalisers_are_scipys(axis):
    x = np.random.default_rng(0).normal(0, 30, (3, 4))
    x[1, 2] = -INF
    np.testing.assert_allclose(nn.softmax(x, axis), special.softmax(x, axis), rtol=1e-13)
    np.testing.assert_allclose(nn.log_softmax(x, axis), special.log_softmax(x, axis), rtol=1e-14)
    np.testing.assert_allclose(nn.logsumexp(x, axis), special.logsumexp(x, axis), rtol=1e-15)
    kept = nn.logsumexp(x, axis, keepdims=True)
    assert kept.shape == special.logsumexp(x, axis, keepdims=True).shape
    assert nn.logsumexp(x) == pytest.approx(special.logsumexp(x), rel=1e-15)
    assert nn.logsumexp(x, (0, 1)) == nn.logsumexp(x)


def test_normalisers_do_not_overflow():
    x = np.array([1000.0, 1001.0, -1000.0])
    np.testing.assert_allclose(nn.softmax(x), special.softmax(x), rtol=1e-15)
    assert nn.logsumexp(x) == pytest.approx(1001 + math.log1p(math.exp(-1)), rel=1e-15)
    np.testing.assert_allclose(gradient(nn.logsumexp, x), special.softmax(x), rtol=1e-13)


def test_a_row_of_nothing():
    row = np.full(3, -INF)
    with np.errstate(invalid="ignore"):
        assert np.isnan(nn.softmax(row)).all()
        assert np.isnan(grad(lambda v: nn.softmax(v)[0])(row)).all()
    assert nn.logsumexp(row) == -INF
    assert nn.logsumexp(np.zeros(0)) == -INF


@pytest.mark.parametrize(("x", "expected"), [
    ([-INF, 0.0, 0.0], [0.0, 0.5, 0.5]),
    ([-INF, -INF, 2.0], [0.0, 0.0, 1.0]),
    ([-INF, -INF, -INF], [0.0, 0.0, 0.0]),
    ([1.0, INF, 800.0], [0.0, 1.0, 0.0]),
    ([-INF, INF, 0.0], [0.0, 1.0, 0.0]),
    ([INF, INF, 0.0], [0.5, 0.5, 0.0]),
])  # fmt: skip
def test_logsumexp_at_infinity(x, expected):
    x = np.array(x)
    assert nn.logsumexp(x) == np.logaddexp.reduce(x)
    assert np.array_equal(gradient(nn.logsumexp, x), expected)


def test_masked_entries_have_no_slope():
    x = np.array([1.0, -INF, 2.0])
    p = special.softmax(x)
    pullback = vjp(nn.softmax, x)[1]
    (row,) = pullback(np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(row, p[0] * (np.eye(3)[0] - p), rtol=1e-13, atol=1e-17)
    assert row[1] == 0.0


def test_second_derivatives():
    x = np.array([0.3, -1.0, 2.0])
    p = special.softmax(x)
    direction = np.array([1.0, 2.0, -0.5])
    hessian_times = jvp(grad(nn.logsumexp), (x,), (direction,))[1]
    np.testing.assert_allclose(hessian_times, p * direction - p * (p @ direction), rtol=1e-13)
    backwards = grad(lambda v: np.sum(grad(nn.logsumexp)(v) * direction))(x)
    np.testing.assert_allclose(backwards, hessian_times, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
@pytest.mark.parametrize(
    "function", [nn.relu, nn.leaky_relu, nn.sigmoid, nn.softmax, nn.log_softmax, nn.logsumexp]
)
def test_dtypes_are_kept(function, dtype):
    x = np.array([-1.0, 0.5], dtype)
    if function is not nn.leaky_relu or dtype != ml_dtypes.bfloat16:  # NumPy widens bfloat16 * float
        assert function(x).dtype == dtype
    assert grad(lambda v: np.sum(function(v)))(x).dtype == dtype


def test_what_is_refused():
    for function in (nn.relu, nn.sigmoid, nn.softmax, nn.logsumexp):
        with pytest.raises(DtypeError, match="real"):
            function(np.array([1j]))
        with pytest.raises(ContainerError):
            function("digits")
    with pytest.raises(ShapeError, match="axis"):
        nn.softmax(np.zeros(3), axis=1)
    with pytest.raises(ShapeError):
        nn.softmax(1.0)
    with pytest.raises(ShapeError):
        nn.logsumexp(np.zeros((2, 2)), (0, 0))
