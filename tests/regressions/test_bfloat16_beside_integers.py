"""A bfloat16 array beside a Python integer: NumPy computes in bfloat16, and so does the derivative."""

import ml_dtypes
import numpy as np
import pytest

import adjoint as ad

FUNCTIONS = {
    "x / 2": (lambda x: x / 2, 0.5),
    "2 / x": (lambda x: 2 / x, -0.5),
    "x * 2": (lambda x: x * 2, 2.0),
    "2 - x": (lambda x: 2 - x, -1.0),
    "x ** 2": (lambda x: x**2, 4.0),
    "hypot": (lambda x: np.hypot(x, 0), 1.0),
}


@pytest.mark.parametrize("transform", [ad.grad, ad.jacfwd])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_derivative_beside_an_integer(name, transform):
    function, want = FUNCTIONS[name]
    for x in (ml_dtypes.bfloat16(2), np.full((), 2, ml_dtypes.bfloat16)):
        found = transform(function)(x)
        assert found.dtype == ml_dtypes.bfloat16
        assert float(found) == want


def test_a_cross_entropy_in_bfloat16():
    x = np.array([0.0, 0.0], ml_dtypes.bfloat16)
    slope = ad.grad(lambda x: ad.nn.softmax_cross_entropy(x, np.array(1)))(x)
    assert slope.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(slope.astype(float), [0.5, -0.5])
