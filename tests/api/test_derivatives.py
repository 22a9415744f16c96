"""`grad`, `value_and_grad`, `vjp`, `jvp`, `linearize`, `hvp`: against hand-derived values and each other."""

import dataclasses
import functools
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import optimize

from adjoint import grad, hvp, jvp, linearize, stop_gradient, trees, value_and_grad, vjp, vmap

X = np.array([0.5, -1.0, 2.0])


@dataclasses.dataclass(frozen=True)
class Layer:
    weight: Any
    bias: Any
    name: str = trees.static(default="dense")


class Pair(NamedTuple):
    left: Any
    right: Any


def wave(x):
    return x * np.sin(x)


def dwave(x):
    return np.sin(x) + x * np.cos(x)


def ddwave(x):
    return 2 * np.cos(x) - x * np.sin(x)


# --- grad --------------------------------------------------------------------------------------


def test_grad_of_a_python_float_is_a_python_float():
    assert grad(lambda x: x**2)(3.0) == 6.0
    assert type(grad(lambda x: x**2)(3.0)) is float


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradient_has_the_shape_and_dtype_of_its_argument(dtype):
    x = X.astype(dtype)
    found = grad(lambda x: np.sum(x * x))(x)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, 2 * x)
    assert type(grad(lambda x: x * x)(dtype(2))) is dtype


def test_float32_met_by_float64_keeps_a_float32_gradient():
    assert grad(lambda x: np.sum(x * X))(X.astype(np.float32)).dtype == np.float32


def test_argnums():
    def f(x, y, z):
        return x * y + z * y**2

    assert grad(f, 1)(2.0, 3.0, 5.0) == 2.0 + 2 * 5.0 * 3.0
    assert grad(f, -1)(2.0, 3.0, 5.0) == 9.0
    assert grad(f, (0, 2))(2.0, 3.0, 5.0) == (3.0, 9.0)
    assert grad(f, (2, 0))(2.0, 3.0, 5.0) == (9.0, 3.0)
    assert grad(f, [0, -1])(2.0, 3.0, 5.0) == (3.0, 9.0)
    assert grad(f, np.int64(1))(2.0, 3.0, 5.0) == 32.0


def test_argnames():
    def f(x, y, z=5.0):
        return x * y + z * y**2

    assert grad(f, argnames="y")(2.0, 3.0) == 32.0
    assert grad(f, argnames="z")(2.0, 3.0, z=5.0) == 9.0
    assert grad(f, argnames=("z", "x"))(2.0, y=3.0, z=5.0) == (9.0, 3.0)
    assert grad(f, 1, "z")(2.0, 3.0, z=5.0) == (32.0, 9.0)


def test_undifferentiated_arguments_are_as_they_were():
    seen = []

    def f(x, n, text, flag, other):
        seen.extend([n, text, flag, other])
        return x**n

    other = np.arange(3)
    assert grad(f)(2.0, 3, "a", True, other) == 12.0
    assert seen == [3, "a", True, other]


CONTAINERS = [
    {"b": 2.0, "a": X},
    [1.0, X],
    (1.0, (X, {"k": 2.0})),
    Pair(X, 3.0),
    Layer(X, 2.0),
    {"layers": [Layer(X, 1.0), Layer(X[:2], 0.5, name="out")], "none": None},
]


@pytest.mark.parametrize("tree", CONTAINERS, ids=lambda t: type(t).__name__)
def test_containers_go_in_and_come_out(tree):
    def f(tree):
        return sum(np.sum(leaf**2) for leaf in trees.leaves(tree))

    found = grad(f)(tree)
    assert type(found) is type(tree)
    assert trees.flatten(found)[1] == trees.flatten(tree)[1]
    for g, x in zip(trees.leaves(found), trees.leaves(tree), strict=True):
        np.testing.assert_allclose(g, 2 * np.asarray(x), rtol=1e-15)


def test_integers_in_containers_are_constants_with_a_warning_at_the_users_line():
    with pytest.warns(UserWarning, match=r"an int: 3 in argument 0 \(p\)") as record:
        found = grad(lambda p: p["x"] ** p["n"])({"x": 2.0, "n": 3})
    assert found == {"x": 12.0, "n": 0}
    assert record[0].filename == __file__


def test_output_that_does_not_depend_on_the_input():
    for x in (X, X.astype(np.float32), np.zeros((0, 2)), np.array(1.0)):
        found = grad(lambda x: 1.0)(x)
        assert found.shape == x.shape
        assert found.dtype == x.dtype
        assert not found.any()
    assert grad(lambda x: 0)(3.0) == 0.0
    assert grad(lambda x, y: y, 0)(3.0, 2.0) == 0.0


def test_gradients_are_arrays_of_the_callers_own():
    for f in (np.sum, lambda x: np.sum(x + x), lambda x: 1.0, lambda x: np.sum(x[::-1].reshape(3, 1))):
        found = grad(f)(X)
        found += 1
        found[0] = 5.0
    first, second = grad(lambda x, y: np.sum(x + y), (0, 1))(X, X)
    first[0] = 7.0
    assert second[0] == 1.0


def test_value_and_grad_and_aux():
    assert value_and_grad(wave)(2.0) == (wave(2.0), pytest.approx(dwave(2.0), rel=1e-15))
    (value, aux), found = value_and_grad(lambda x: (x**2, {"twice": 2 * x, "text": "t"}), has_aux=True)(3.0)
    assert (value, aux, found) == (9.0, {"twice": 6.0, "text": "t"}, 6.0)
    assert grad(lambda x: (x**2, None), has_aux=True)(3.0) == (6.0, None)


def test_complex_convention():
    z = 1.0 + 2.0j
    assert grad(lambda z: np.real(z * np.conj(z)))(z) == pytest.approx(2 * np.conj(z))
    assert grad(lambda z: z**2, holomorphic=True)(z) == pytest.approx(2 * z)


def test_control_flow_loops_and_recursion():
    def f(x):
        total = 0.0
        while total < 10:
            total = total + x * x
        return total if x > 0 else -total

    assert grad(f)(2.0) == 3 * 4.0
    assert grad(f)(-2.0) == 3 * 4.0


def test_orders():
    x = 0.7
    found = [functools.reduce(lambda f, _: grad(f), range(n), wave)(x) for n in range(5)]
    exact = [
        x * np.sin(x),
        np.sin(x) + x * np.cos(x),
        2 * np.cos(x) - x * np.sin(x),
        -3 * np.sin(x) - x * np.cos(x),
        -4 * np.cos(x) + x * np.sin(x),
    ]
    np.testing.assert_allclose(found, exact, rtol=1e-14)


def test_decorator_keeps_name_and_text():
    @grad
    def cube(x):
        """Cubed."""
        return x**3

    assert cube.__name__ == "cube"
    assert cube.__doc__ == "Cubed."
    assert cube(2.0) == 12.0
    assert grad(functools.partial(lambda n, x: x**n, 3))(2.0) == 12.0


def test_scipy_minimize_as_one_types_it():
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    found = optimize.minimize(rosenbrock, np.zeros(4), jac=grad(rosenbrock))
    assert found.success
    np.testing.assert_allclose(found.x, 1.0, atol=1e-5)
    both = optimize.minimize(value_and_grad(rosenbrock), np.zeros(4), jac=True, method="L-BFGS-B")
    np.testing.assert_allclose(both.x, 1.0, atol=1e-4)


def test_the_users_error_ends_the_traceback():
    def f(x):
        return x["missing"]

    with pytest.raises(KeyError) as caught:
        grad(lambda x: f({"x": x}))(1.0)
    assert caught.traceback[-1].path.name == "test_derivatives.py"
    assert caught.traceback[-1].name == "f"


# --- vjp ---------------------------------------------------------------------------------------


def test_vjp_pulls_back_again_and_again():
    y, pull = vjp(lambda a, b: a @ b, np.arange(6.0).reshape(2, 3), X)
    np.testing.assert_array_equal(y, np.arange(6.0).reshape(2, 3) @ X)
    for ct in (np.array([1.0, 0.0]), np.array([0.0, 2.0])):
        a_bar, b_bar = pull(ct)
        np.testing.assert_array_equal(a_bar, np.outer(ct, X))
        np.testing.assert_array_equal(b_bar, ct @ np.arange(6.0).reshape(2, 3))


def test_vjp_of_containers_with_aux():
    y, pull, aux = vjp(lambda p, x: ({"y": p["w"] * x}, "more"), {"w": 2.0}, 3.0, has_aux=True)
    assert (y, aux) == ({"y": 6.0}, "more")
    assert pull({"y": 1.0}) == ({"w": 3.0}, 2.0)
    assert pull({"y": 1}) == ({"w": 3.0}, 2.0)


def test_vjp_of_an_array_changed_afterwards():
    x = X.copy()
    _, pull = vjp(lambda x: x * x, x)
    x[:] = 0.0
    np.testing.assert_array_equal(pull(np.ones(3))[0], 2 * X)


def test_vjp_of_what_does_not_depend():
    _y, pull = vjp(lambda x: (np.ones(2), x), X)
    np.testing.assert_array_equal(pull((np.ones(2), X))[0], X)


# --- jvp and linearize -------------------------------------------------------------------------


def test_jvp_by_hand():
    y, dy = jvp(lambda a, b: (a * b, a), (2.0, X), (1.0, np.ones(3)))
    np.testing.assert_array_equal(y[0], 2 * X)
    np.testing.assert_array_equal(dy[0], X + 2.0)
    assert (y[1], dy[1]) == (2.0, 1.0)


def test_jvp_of_what_does_not_depend_is_zero_and_ones_own():
    _, (first, second) = jvp(lambda x: (np.ones(2), np.floor(x)), (X,), (X,))
    assert not first.any()
    assert not second.any()
    first[0] = second[0] = 1.0


def test_tangents_are_converted_as_numbers_of_a_lesser_kind():
    assert jvp(lambda x: x * x, (3.0,), (1,)) == (9.0, 6.0)
    _, dy = jvp(lambda x: x * x, (X.astype(np.float32),), (np.ones(3),))
    assert dy.dtype == np.float32
    assert jvp(lambda z: z * z, (1j,), (1.0,)) == (-1 + 0j, 2j)


def test_jvp_of_containers_with_aux():
    y, dy, aux = jvp(lambda p: (p["w"] ** 2, p), ({"w": 3.0},), ({"w": 1.0},), has_aux=True)
    assert (y, dy, aux) == (9.0, 6.0, {"w": 3.0})


def test_linearize_runs_the_function_once_on_numbers():
    calls = []

    def f(x, p):
        calls.append(None)
        if np.sum(x) > 0:
            return {"y": x * p["a"], "z": np.sin(p["a"])}
        return {"y": -x, "z": 0.0}

    y, f_jvp = linearize(f, X, {"a": 2.0})
    np.testing.assert_array_equal(y["y"], 2 * X)
    for dx, da in ((np.ones(3), 0.0), (X, 3.0)):
        found = f_jvp(dx, {"a": da})
        np.testing.assert_allclose(found["y"], 2 * dx + X * da, rtol=1e-15)
        assert found["z"] == pytest.approx(np.cos(2.0) * da)
    assert len(calls) == 1


def test_linearize_keeps_the_point_as_it_was():
    x = X.copy()
    weight = np.ones(3)

    def f(x):
        y = x * weight
        weight[:] = 100.0
        return y * x

    _, f_jvp = linearize(f, x)
    x[:] = weight[:] = 7.0
    np.testing.assert_array_equal(f_jvp(np.ones(3)), 2 * X)


def test_linearize_can_be_differentiated_and_mapped():
    second = grad(lambda x: linearize(wave, x)[1](1.0))(2.0)
    assert second == pytest.approx(ddwave(2.0), rel=1e-14)
    _, f_jvp = linearize(lambda x: x * X, X)
    np.testing.assert_array_equal(vmap(f_jvp)(np.eye(3)), np.diag(X))
    assert linearize(lambda x: (x, "aux"), 2.0, has_aux=True)[2] == "aux"


def test_linearize_of_what_does_not_depend():
    _, f_jvp = linearize(lambda x: (np.ones(2), x), 1.0)
    np.testing.assert_array_equal(f_jvp(3.0)[0], np.zeros(2))


def test_forward_and_reverse_agree():
    def f(x):
        return np.sum(np.tanh(np.outer(x, x)) @ x)

    v = np.array([1.0, 2.0, -1.0])
    assert jvp(f, (X,), (v,))[1] == pytest.approx(grad(f)(X) @ v, rel=1e-14)
    assert linearize(f, X)[1](v) == pytest.approx(grad(f)(X) @ v, rel=1e-14)


# --- hvp ---------------------------------------------------------------------------------------


def test_hvp():
    np.testing.assert_allclose(hvp(lambda x: np.sum(wave(x)), (X,), (X,)), ddwave(X) * X, rtol=1e-14)
    found = hvp(lambda x, p: x**2 * p["a"], (2.0, {"a": 3.0}), (1.0, {"a": 10.0}))
    assert found == (2 * 3.0 + 2 * 2.0 * 10.0, {"a": 2 * 2.0})
    assert hvp(lambda x: (x**3, "aux"), (2.0,), (1.0,), has_aux=True) == (12.0, "aux")


# --- nesting -----------------------------------------------------------------------------------


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(1.0) == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (2.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
    assert grad(lambda x: x * jvp(lambda y: x * y, (2.0,), (1.0,))[1])(3.0) == 6.0
    assert jvp(lambda x: grad(lambda y: (x * y) ** 2)(x), (2.0,), (1.0,))[1] == 6 * 4.0
    assert grad(lambda x: vjp(lambda y: y * x, 5.0)[1](1.0)[0] * x)(3.0) == 6.0
    assert grad(lambda x: linearize(lambda y: y * x * y, 5.0)[1](1.0))(3.0) == 10.0


MODES = {
    "reverse": grad,
    "forward": lambda f: lambda x: jvp(f, (x,), (1.0,))[1],
    "linearized": lambda f: lambda x: linearize(f, x)[1](1.0),
    "pulled": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "mapped": lambda f: lambda x: np.sum(vmap(grad(f))(x * np.ones(1))),
}


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("middle", MODES)
@pytest.mark.parametrize("inner", MODES)
def test_every_mode_of_every_mode(outer, middle, inner):
    third = MODES[outer](MODES[middle](MODES[inner](wave)))(0.7)
    assert third == pytest.approx(-3 * np.sin(0.7) - 0.7 * np.cos(0.7), rel=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_stop_gradient_at_every_order(mode):
    d = MODES[mode]
    assert d(lambda x: stop_gradient(x) ** 2)(3.0) == 0.0
    assert d(lambda x: x * stop_gradient(x * x))(3.0) == 9.0
    assert d(d(lambda x: x * stop_gradient(x) * x))(3.0) == 6.0


def test_stop_gradient_gives_containers_of_plain_copies():
    found = []

    def f(x):
        y = x * 2.0
        stopped = stop_gradient({"y": y, "text": "t"})
        found.append(stopped)
        y[0] = 100.0
        return np.sum(y) + np.sum(stopped["y"])

    np.testing.assert_array_equal(grad(f)(X), [0.0, 2.0, 2.0])
    assert type(found[0]["y"]) is np.ndarray
    assert found[0]["text"] == "t"
    np.testing.assert_array_equal(found[0]["y"], 2 * X)
    assert grad(lambda x: x * float(stop_gradient(x)))(3.0) == 3.0
