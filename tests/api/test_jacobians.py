"""`jacfwd`, `jacrev`, `jacobian`, `hessian`: against hand-derived values, differences and each other."""

import numpy as np
import pytest

from adjoint import grad, hessian, jacfwd, jacobian, jacrev, jvp, vmap
from adjoint.errors import ArgumentError, DtypeError

X = np.array([0.5, -1.0, 2.0])
A = np.arange(6.0).reshape(2, 3) / 3
ALL = pytest.mark.parametrize("jac", [jacfwd, jacrev, jacobian])


def differences(f, x, h=1e-6):
    columns = []
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.stack(columns, -1).reshape(np.shape(f(x)) + x.shape)


FUNCTIONS = {
    "wide": lambda x: np.tanh(A @ x),
    "tall": lambda x: np.tanh(A.T @ x[:2]) * x[2],
    "matrix": lambda x: np.sin(x[:, None] * x),
    "scalar": lambda x: np.sum(x**3),
    "loop": lambda x: np.stack([x[0] * x[1], np.sin(x[2]), x[0] ** 2]),
}


@ALL
@pytest.mark.parametrize("name", FUNCTIONS)
def test_against_differences(jac, name):
    f = FUNCTIONS[name]
    found = jac(f)(X)
    assert found.shape == np.shape(f(X)) + X.shape
    np.testing.assert_allclose(found, differences(f, X), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found, jacfwd(f)(X), rtol=1e-14, atol=1e-15)


@ALL
def test_linear_map_is_its_matrix(jac):
    np.testing.assert_array_equal(jac(lambda x: A @ x)(X), A)


@ALL
def test_shapes_are_output_then_input(jac):
    w = np.ones((2, 3))
    found = jac(lambda w: w @ X)(w)
    assert found.shape == (2, 2, 3)
    np.testing.assert_array_equal(found, np.einsum("ij,k->ijk", np.eye(2), X))
    assert jac(lambda x: np.zeros((2, 0)) * x)(2.0).shape == (2, 0)
    assert jac(lambda x: np.sum(x))(np.zeros((0, 2))).shape == (0, 2)


@ALL
def test_output_tree_times_input_tree(jac):
    def f(p, x):
        return {"u": p["a"] * x, "v": (np.sum(x),)}

    found = jac(f, argnums=(0, 1))({"a": 2.0}, X)
    np.testing.assert_array_equal(found["u"][0]["a"], X)
    np.testing.assert_array_equal(found["u"][1], 2 * np.eye(3))
    assert found["v"][0][0]["a"] == 0.0
    np.testing.assert_array_equal(found["v"][0][1], np.ones(3))


@ALL
def test_arguments_by_name_and_aux(jac):
    found, aux = jac(lambda x, y: (x * y, {"x": x}), argnames="y", has_aux=True)(2.0, y=X)
    np.testing.assert_array_equal(found, 2 * np.eye(3))
    assert aux == {"x": 2.0}


@ALL
def test_scalars(jac):
    found = jac(lambda x: x**2)(3.0)
    assert found == 6.0
    assert np.shape(found) == ()


@ALL
def test_dtype(jac):
    assert jac(lambda x: x * x)(X.astype(np.float32)).dtype == np.float32


@ALL
def test_holomorphic(jac):
    z = X + 1j
    np.testing.assert_allclose(jac(lambda z: z**2, holomorphic=True)(z), np.diag(2 * z), rtol=1e-15)
    with pytest.raises(DtypeError, match=r"holomorphic=True"):
        jac(lambda z: z**2)(z)
    with pytest.raises(DtypeError, match=r"complex numbers"):
        jac(lambda x: x**2, holomorphic=True)(X)


@ALL
def test_in_place_and_branches(jac):
    def f(x):
        out = np.zeros_like(x)
        for i in range(3):
            out[i] = x[i] ** 2 if x[i] > 0 else x[0] * x[i]
        return out

    expected = [[2 * X[0], 0, 0], [X[1], X[0], 0], [0, 0, 2 * X[2]]]
    np.testing.assert_allclose(jac(f)(X), expected, rtol=1e-15)


@ALL
def test_results_are_the_callers_own(jac):
    for f in (lambda x: x, lambda x: np.ones(2), np.sum):
        found = jac(f)(X)
        found += 1.0


@ALL
@pytest.mark.parametrize("outer", [jacfwd, jacrev, jacobian])
def test_jacobian_of_jacobian(jac, outer):
    found = outer(jac(lambda x: np.sum(x) * x))(X)
    expected = np.einsum("ij,k->ijk", np.eye(3), np.ones(3))
    np.testing.assert_allclose(found, expected + expected.transpose(0, 2, 1), rtol=1e-15)


@ALL
def test_under_the_other_transformations(jac):
    np.testing.assert_allclose(grad(lambda x: np.sum(jac(np.sin)(x)))(X), -np.sin(X), rtol=1e-14)
    np.testing.assert_allclose(jvp(jac(np.sin), (X,), (X,))[1], np.diag(-np.sin(X) * X), rtol=1e-14)
    found = vmap(jac(np.sin))(np.stack([X, 2 * X]))
    np.testing.assert_allclose(found, [np.diag(np.cos(X)), np.diag(np.cos(2 * X))], rtol=1e-14)


MODES = pytest.mark.parametrize("mode", ["fwd-rev", "rev-rev"])


@MODES
def test_hessian(mode):
    found = hessian(lambda x: x[0] ** 2 * x[1] + np.sin(x[2]), mode=mode)(X)
    np.testing.assert_allclose(found, [[-2, 1, 0], [1, 0, 0], [0, 0, -np.sin(2.0)]], atol=1e-15)


@MODES
def test_hessian_of_containers(mode):
    found = hessian(lambda p: p["a"] ** 2 * p["b"], mode=mode)({"a": 2.0, "b": 3.0})
    assert found == {"a": {"a": 6.0, "b": 4.0}, "b": {"a": 4.0, "b": 0.0}}
    table = hessian(lambda x, y: x**2 * y, argnums=(0, 1), mode=mode)(2.0, 3.0)
    assert table == ((6.0, 4.0), (4.0, 0.0))


@MODES
def test_hessian_with_aux(mode):
    assert hessian(lambda x: (x**3, "aux"), has_aux=True, mode=mode)(2.0) == (12.0, "aux")


def test_hessian_in_an_unknown_mode():
    with pytest.raises(ArgumentError, match=r"'fwd-rev' or 'rev-rev'"):
        hessian(np.sum, mode="fwd-fwd")
