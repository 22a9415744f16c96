"""`vmap` against the loop that it replaces, with every kind of axes."""

import numpy as np
import pytest

from adjoint import grad, jvp, vjp, vmap
from adjoint.errors import ArgumentError, ContainerError, ShapeError, TraceError

X = np.arange(12.0).reshape(4, 3) / 7
Y = np.cos(X)


def test_against_a_loop():
    found = vmap(lambda x, y: np.sin(x) @ y)(X, Y)
    np.testing.assert_allclose(found, [np.sin(x) @ y for x, y in zip(X, Y, strict=True)], rtol=1e-15)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_axes_in_and_out(axis):
    found = vmap(lambda x: x * x[0], in_axes=axis, out_axes=axis)(X)
    moved = np.moveaxis(X, axis, 0)
    np.testing.assert_array_equal(found, np.moveaxis([x * x[0] for x in moved], 0, axis))


def test_none_passes_an_argument_whole():
    found = vmap(lambda w, x: w @ x, in_axes=(None, 0))(np.ones((2, 3)), X)
    np.testing.assert_allclose(found, X @ np.ones((3, 2)), rtol=1e-15)
    np.testing.assert_array_equal(vmap(lambda w, x: w * x, (None, 0))(2.0, X), 2 * X)
    np.testing.assert_array_equal(vmap(lambda w, x: w * x, [None, 0])(2, X), 2 * X)


def test_containers_of_axes():
    def f(p, x):
        return {"y": p["w"] @ x + p["b"], "w": p["w"]}

    p = {"w": np.ones((2, 3)), "b": np.arange(4.0)}
    found = vmap(f, in_axes=({"w": None, "b": 0}, 0), out_axes={"y": 1, "w": None})(p, X)
    np.testing.assert_allclose(found["y"], (X.sum(1) + p["b"]) * np.ones((2, 1)), rtol=1e-15)
    assert found["w"] is p["w"]
    pairs = vmap(lambda p: (p[0] + p[1][0], p[1][1]), in_axes=((0, (1, None)),))((X, (X.T, 1.0)))
    np.testing.assert_array_equal(pairs[0], 2 * X)
    np.testing.assert_array_equal(pairs[1], np.ones(4))


def test_one_axis_serves_a_whole_container_and_keywords():
    found = vmap(lambda p, *, y: p["a"] * p["b"] * y)({"a": X, "b": Y}, y=X)
    np.testing.assert_array_equal(found, X * Y * X)


def test_results_that_do_not_depend_are_repeated_and_ones_own():
    found = vmap(lambda x: (x, np.ones(2), 3.0))(X)
    assert found[1].shape == (4, 2)
    assert found[2].shape == (4,)
    found[1][0] = 5.0
    assert found[1][1, 0] == 1.0


def test_nested():
    found = vmap(vmap(lambda x, y: x * y, (0, None)), (None, 0))(X[0], Y[:, 0])
    np.testing.assert_array_equal(found, np.outer(Y[:, 0], X[0]))
    np.testing.assert_allclose(vmap(vmap(np.sin))(X), np.sin(X), rtol=0)


def test_of_derivatives_and_derivatives_of():
    np.testing.assert_allclose(vmap(grad(lambda x: np.sum(np.sin(x))))(X), np.cos(X), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(np.sin)(x)))(X), np.cos(X), rtol=1e-15)
    np.testing.assert_allclose(vmap(grad(np.sin))(X[0]), np.cos(X[0]), rtol=1e-15)
    found = vmap(lambda x, t: jvp(np.sin, (x,), (t,))[1])(X, Y)
    np.testing.assert_allclose(found, np.cos(X) * Y, rtol=1e-15)
    _, pull = vjp(np.sin, X[0])
    np.testing.assert_allclose(vmap(pull)(np.eye(3))[0], np.diag(np.cos(X[0])), rtol=1e-15)
    found = jvp(lambda x: vmap(lambda x: x @ x)(x), (X,), (Y,))[1]
    np.testing.assert_allclose(found, 2 * (X * Y).sum(1), rtol=1e-15)


def test_a_shared_weight_gets_the_sum_of_the_gradients():
    found = grad(lambda w: np.sum(vmap(lambda w, x: w @ x, (None, 0))(w, X)))(np.ones(3))
    np.testing.assert_allclose(found, X.sum(0), rtol=1e-15)


def test_per_example_gradients_of_a_python_float():
    found = vmap(grad(lambda w, x: w * np.sum(x)), in_axes=(None, 0))(2.0, X)
    np.testing.assert_allclose(found, X.sum(1), rtol=1e-15)


def test_size_zero():
    assert vmap(lambda x: np.sin(x) * 2)(np.zeros((0, 3))).shape == (0, 3)


def test_sizes_that_differ_name_the_arguments():
    with pytest.raises(ShapeError, match=r"4 of .* 0 \(a\), axis 0; 3 of .* 1 \(b\) at \['k'\], axis -1"):
        vmap(lambda a, b: a, in_axes=(0, -1))(X, {"k": X})
    with pytest.raises(ShapeError, match=r"4 of argument 0 .*; 2 of argument 'z', axis 0"):
        vmap(lambda a, *, z: a)(X, z=np.ones(2))


def test_axes_that_are_not_there():
    with pytest.raises(ShapeError, match=r"axis 0 of argument 1 \(b\).*a float: 2.0"):
        vmap(lambda a, b: a)(X, 2.0)
    with pytest.raises(ShapeError, match=r"axis 2"):
        vmap(lambda a: a, in_axes=2)(X)
    with pytest.raises(ShapeError, match=r"out_axes=2"):
        vmap(lambda a: a[0], out_axes=2)(X)


def test_axes_that_do_not_fit():
    with pytest.raises(ArgumentError, match=r"1 positional argument"):
        vmap(lambda a: a, in_axes=(0, 0))(X)
    with pytest.raises(ContainerError, match=r"fits its container"):
        vmap(lambda a: a, in_axes=({"k": 0},))(X)
    with pytest.raises(ContainerError, match=r"fits its container"):
        vmap(lambda a: a["k"], in_axes=({"j": 0},))({"k": X})
    with pytest.raises(ArgumentError, match=r"none mapped"):
        vmap(lambda a: a, in_axes=None)(X)
    with pytest.raises(ArgumentError, match=r"out_axes=None"):
        vmap(lambda a: a, out_axes=None)(X)


def test_python_control_flow_is_refused_with_its_line():
    with pytest.raises(TraceError, match=r"test_vectorize\.py:\d+.*np\.where"):
        vmap(lambda x: x if x[0] > 0 else -x)(X)
    with pytest.raises(TraceError):
        vmap(lambda x: int(x[0]))(X)


def test_control_flow_on_what_every_example_shares():
    np.testing.assert_array_equal(vmap(lambda n, x: x if n > 1 else -x, (None, 0))(2.0, X), X)
