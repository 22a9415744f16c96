"""`dual`: numbers with a tangent, computed with by hand."""

import numpy as np
import pytest

from adjoint import dual, grad, jvp
from adjoint.errors import ContainerError, DtypeError, ShapeError, TraceError

X = np.array([0.5, -1.0, 2.0])


def test_value_and_tangent():
    y = dual(3.0, 1.0) ** 2
    assert (y.value, y.primal, y.tangent) == (9.0, 9.0, 6.0)
    assert repr(y) == "dual(9.0, 6.0)"
    assert str(y) == repr(y)


def test_repr_of_arrays():
    assert repr(dual(np.array([1.0, 2.0]), np.array([1.0, 0.0]))) == "dual(array([1., 2.]), array([1., 0.]))"


def test_duals_made_apart_are_of_one_algebra():
    x, y = dual(3.0, 1.0), dual(4.0, 2.0)
    product = x * y
    assert (product.value, product.tangent) == (12.0, 3.0 * 2.0 + 1.0 * 4.0)
    quotient = x / y
    assert quotient.tangent == pytest.approx((1.0 * 4.0 - 3.0 * 2.0) / 16.0)


def test_epsilon_squared_is_zero():
    e = dual(0.0, 1.0)
    assert ((e * e).value, (e * e).tangent) == (0.0, 0.0)


def test_numpy_functions():
    y = np.sin(dual(X, np.ones(3)))
    np.testing.assert_allclose(y.tangent, np.cos(X), rtol=1e-15)
    total = np.sum(dual(X, X) * X)
    assert total.tangent == pytest.approx(X @ X)


def test_as_jvp_gives_it():
    def f(x):
        return np.tanh(x @ x) * x

    y = f(dual(X, X[::-1]))
    value, tangent = jvp(f, (X,), (X[::-1],))
    np.testing.assert_array_equal(y.value, value)
    np.testing.assert_array_equal(y.tangent, tangent)


def test_a_constant_has_tangent_zero():
    y = np.floor(dual(2.5, 1.0))
    assert (y.value, y.tangent) == (2.0, 0.0)
    assert (dual(2.5, 1.0) * 0.0).tangent == 0.0


def test_comparisons_and_branches():
    x = dual(2.0, 1.0)
    assert x > 1.0
    assert x != 1.0
    assert (x if x > 0 else -x).tangent == 1.0


def test_parts_of_arrays_are_duals_and_views():
    x = dual(X, np.ones(3))
    part = x[1:]
    assert repr(part) == "dual(array([-1.,  2.]), array([1., 1.]))"
    assert x[0].tangent == 1.0
    part[0] = 5.0
    assert repr(x) == "dual(array([0.5, 5. , 2. ]), array([1., 0., 1.]))"
    assert X[1] == -1.0


def test_the_tangent_is_converted():
    assert dual(3.0, 1).tangent == 1.0
    assert dual(np.float32(3.0), 1.0).tangent.dtype == np.float32


def test_outside_of_a_gradient():
    y = grad(lambda x: x**3)(dual(2.0, 1.0))
    assert (y.value, y.tangent) == (12.0, 12.0)


def test_refusals():
    with pytest.raises(DtypeError, match=r"Write 3\.0"):
        dual(3, 1.0)
    with pytest.raises(DtypeError, match=r"astype"):
        dual(np.arange(3), 1.0)
    with pytest.raises(DtypeError, match=r"tangent dx"):
        dual(3.0, 1j)
    with pytest.raises(ShapeError, match=r"tangent dx"):
        dual(X, 1.0)
    with pytest.raises(ContainerError):
        dual("3", 1.0)
    with pytest.raises(TraceError, match=r"jvp"):
        dual(dual(3.0, 1.0), 1.0)
    with pytest.raises(TraceError, match=r"jvp"):
        grad(lambda x: (dual(x, 1.0) * x).tangent)(3.0)
