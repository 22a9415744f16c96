"""A gradient in double precision is as sharp, whatever the precision of the constants in the function.

The pullback of `x / k` computed 1 / k in the precision of k.
"""

import numpy as np
import pytest

import adjoint as ad

X = np.array([0.578, 1.567])

FUNCTIONS = {
    "division": lambda x, k: x / k,
    "power of a constant": lambda x, k: k**x,
    "power": lambda x, k: x**k,
    "arctan2": lambda x, k: np.arctan2(x, k),
    "logaddexp": lambda x, k: np.logaddexp(x, k),
    "hypot": lambda x, k: np.hypot(x, k),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("k", [np.float32(0.3), np.array([0.3, 0.7], np.float32), np.float16(0.3)], ids=repr)
def test_reverse_is_forward(name, k):
    f = FUNCTIONS[name]
    _, tangent = ad.jvp(lambda x: f(x, k), (X,), (np.ones(2),))
    _, pull = ad.vjp(lambda x: f(x, k), X)
    np.testing.assert_allclose(pull(np.ones(2))[0], tangent, rtol=1e-14)
    wide = np.asarray(k, np.float64)
    np.testing.assert_allclose(tangent, ad.jvp(lambda x: f(x, wide), (X,), (np.ones(2),))[1], rtol=1e-14)


def test_a_complex_constant():
    k = np.complex64(0.578 + 1.388j)
    _, pull = ad.vjp(lambda x: x / k, X)
    np.testing.assert_allclose(pull(np.ones(2, complex))[0], (1 / np.complex128(k)).real, rtol=1e-14)
