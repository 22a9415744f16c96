"""`tolist()` keeps its elements in the trace, and what `grad` follows, `check_grads` follows."""

from typing import Any

import numpy as np

import adjoint as ad


def test_tolist_keeps_the_derivative():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])

    def f(x: Any) -> Any:
        (a, b), (c, d) = x.tolist()
        return a * b + c * d

    np.testing.assert_array_equal(ad.grad(f)(x), [[2.0, 1.0], [4.0, 3.0]])
    np.testing.assert_array_equal(ad.jvp(f, (x,), (np.ones((2, 2)),))[1], 10.0)


def test_checks_follow_as_grad_does():
    def f(x: Any) -> Any:
        return float(x[0]) ** 2 + np.array([x[0], x[1]]).sum()

    x = np.array([1.5, 2.0])
    np.testing.assert_allclose(ad.grad(f)(x), [4.0, 1.0])
    assert ad.check_grads(f, x).passed
