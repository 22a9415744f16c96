"""A ufunc writes its result into a larger `out=` over and over, as NumPy does; it raised."""

import numpy as np
import pytest

import adjoint as ad

FUNCTIONS = {
    "matmul": lambda x: np.matmul(x, x, out=x),
    "add": lambda x: np.add(x[0], x[1], out=x),
    "sin": lambda x: np.sin(x[:1], out=x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_tangents(name):
    def f(x):
        a = x * 1.0
        return FUNCTIONS[name](a)

    x = np.array([1.0, 2.0])
    value, pull = ad.vjp(f, x)
    np.testing.assert_array_equal(value, f(x))
    np.testing.assert_allclose(pull(np.array([1.0, 0.0]))[0], ad.jacfwd(f)(x)[0])


def test_a_smaller_one_is_refused():
    for run in (lambda f: f(np.ones(3)), lambda f: ad.grad(f)(np.ones(3))):
        with pytest.raises(ValueError):  # noqa: PT011 (NumPy's, and ours with other words)
            run(lambda x: np.sum(np.add(x, x, out=x[:1])))
