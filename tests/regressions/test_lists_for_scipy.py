"""SciPy's functions take lists where they take arrays, with traced numbers beside them or inside."""

import numpy as np
import pytest
from scipy import signal, stats

import adjoint as ad

CASES = [
    lambda x: stats.norm.logpdf([0.0, 1.0], x[0]),
    lambda x: stats.norm.logpdf(x, [0.0, 1, 2, 3], [1, 2, 3, x[0]]),
    lambda x: stats.norm([x[0], 1.0], 2).cdf((1, 2.0)),
    lambda x: stats.norm.ppf([0.1, 0.2], x[0]),
    lambda x: stats.poisson.logpmf([0, 2], x[0]),
    lambda x: stats.binom(5, [x[0], x[1] / 3]).logpmf([1, 2]),
    lambda x: signal.lfilter(x[:2], [1.0, x[0]], x),
    lambda x: signal.lfilter([1.0, x[0]], 1.0, [x[0], 2.0, 3.0]),
]


@pytest.mark.parametrize("f", CASES)
def test_lists(f):
    x, d, h = np.array([0.3, 1.2, 0.7, 2.1]), np.array([0.1, -0.2, 0.3, 0.05]), 1e-3
    value, tangent = ad.jvp(f, (x,), (d,))
    np.testing.assert_allclose(value, f(x), rtol=1e-13)
    near, far = ((f(x + k * d) - f(x - k * d)) / (2 * k) for k in (h, 2 * h))
    np.testing.assert_allclose(tangent, (4 * near - far) / 3, rtol=1e-7, atol=1e-9)
    weights = np.cos(np.arange(np.size(value)))
    slope = ad.grad(lambda x: np.sum(weights * f(x)))(x)
    np.testing.assert_allclose(slope @ d, weights @ tangent, rtol=1e-12)
