"""Compiled code without a rule that refuses a traced array: the error names the line and the way out."""

import numpy as np
import pytest
from scipy import optimize, signal

import adjoint as ad
from adjoint.errors import DerivativeError

X = np.array([0.3, 1.2, 0.7, 2.1])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: signal.find_peaks(np.tile(x, 3))[0],
        lambda x: optimize.nnls(np.vander(np.arange(4.0), 2), x)[0],
    ],
)
def test_the_line_is_named(f):
    with pytest.raises(
        DerivativeError, match=r"compiled code without a rule(.|\n)*\.py:\d+(.|\n)*stop_gradient"
    ):
        ad.jvp(f, (X,), (X,))


def test_constants_raise_what_the_function_raises():
    with pytest.raises(TypeError) as caught:
        ad.grad(lambda x: np.random.default_rng(0).random("a") * x)(1.0)
    assert not isinstance(caught.value, DerivativeError)


def test_the_way_out():
    def f(x):
        peaks, _ = signal.find_peaks(ad.stop_gradient(np.tile(x, 3)))
        return np.sum(np.tile(x, 3)[peaks] ** 2)

    np.testing.assert_allclose(ad.grad(f)(X), [0.0, 2 * 3 * 1.2, 0.0, 2 * 2 * 2.1])


def test_a_draw_with_a_traced_parameter():
    with pytest.raises(DerivativeError, match=r"normal with a traced parameter.*standard_normal"):
        ad.grad(lambda x: np.random.default_rng(0).normal(x))(1.0)
