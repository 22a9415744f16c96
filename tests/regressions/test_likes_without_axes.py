"""`np.zeros_like(x[0])` is an array without axes, so `+=` writes into it, and an alias sees that."""

import numpy as np
import pytest

import adjoint as ad


@pytest.mark.parametrize("like", [np.zeros_like, np.ones_like, lambda x: np.full_like(x, x)])
def test_an_alias_sees_what_is_added(like):
    def f(x):
        a = like(x[0])
        b = a
        b += x[1]
        a *= x[1]
        return a + 2.0 * b

    x = np.array([0.5, 2.0])
    value, tangent = ad.jvp(f, (x,), (np.array([1.0, 10.0]),))
    h = 1e-6
    d = h * np.array([1.0, 10.0])
    assert value == f(x)
    np.testing.assert_allclose(tangent, (f(x + d) - f(x - d)) / (2 * h), rtol=1e-8)
    np.testing.assert_allclose(ad.grad(f)(x) @ [1.0, 10.0], tangent, rtol=1e-14)
    np.testing.assert_allclose(ad.vmap(f)(np.stack([x, x + 1])), [f(x), f(x + 1)], rtol=1e-14)
