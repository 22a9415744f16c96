"""`custom_jvp` and `custom_vjp`: both modes from either rule, nested, mapped, traced, in containers."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from adjoint import (
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    tensor,
    trace,
    value_and_grad,
    vjp,
    vmap,
)
from adjoint.core.verify import verify
from adjoint.errors import ContainerError, DerivativeError, DtypeError, ShapeError

X = np.array([0.5, -1.0, 2.0])


@custom_jvp
def cube_forward(x):
    """Cubed."""
    return x * x * x


@cube_forward.defjvp
def _(primals, tangents):
    (x,), (dx,) = primals, tangents
    return cube_forward(x), 3 * x * x * dx


@custom_vjp
def cube_reverse(x):
    return x * x * x


cube_reverse.defvjp(lambda x: (cube_reverse(x), x), lambda x, ct: (3 * x * x * ct,))

EITHER = pytest.mark.parametrize("cube", [cube_forward, cube_reverse], ids=["jvp", "vjp"])


@EITHER
def test_every_door(cube):
    assert cube(2.0) == 8.0
    assert grad(cube)(2.0) == 12.0
    assert value_and_grad(cube)(2.0) == (8.0, 12.0)
    assert jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)
    assert linearize(cube, 2.0)[1](2.0) == 24.0
    _y, pull = vjp(cube, X)
    np.testing.assert_array_equal(pull(X)[0], 3 * X**3)
    np.testing.assert_array_equal(pull(X)[0], 3 * X**3)
    for jac in (jacfwd, jacrev, jacobian):
        np.testing.assert_allclose(jac(cube)(X), np.diag(3 * X**2), rtol=1e-15)


@EITHER
def test_every_order_in_every_mode(cube):
    forward = lambda f: lambda x: jvp(f, (x,), (1.0,))[1]  # noqa: E731
    for outer in (grad, forward):
        for inner in (grad, forward):
            assert outer(inner(cube))(2.0) == 12.0
            assert outer(inner(grad(cube)))(2.0) == 6.0
            assert outer(inner(forward(cube)))(2.0) == 6.0
    for mode in ("fwd-rev", "rev-rev"):
        np.testing.assert_allclose(hessian(lambda x: np.sum(cube(x)), mode=mode)(X), np.diag(6 * X))
    np.testing.assert_allclose(hvp(lambda x: np.sum(cube(x)), (X,), (X,)), 6 * X**2)


@EITHER
def test_mapped(cube):
    np.testing.assert_array_equal(vmap(cube)(X), X**3)
    np.testing.assert_array_equal(vmap(grad(cube))(X), 3 * X**2)
    np.testing.assert_array_equal(grad(lambda x: np.sum(vmap(cube)(x)))(X), 3 * X**2)
    np.testing.assert_array_equal(jvp(vmap(cube), (X,), (X,))[1], 3 * X**3)
    both = np.outer(X, X)
    np.testing.assert_allclose(vmap(vmap(cube))(both), both**3)
    np.testing.assert_allclose(vmap(vmap(grad(cube)))(both), 3 * both**2)
    np.testing.assert_allclose(grad(lambda x: np.sum(vmap(vmap(cube))(x)))(both), 3 * both**2)
    np.testing.assert_allclose(vmap(grad(grad(cube)))(X), 6 * X)
    np.testing.assert_allclose(vmap(lambda t: jvp(cube, (2.0,), (t,))[1])(X), 12 * X)


@EITHER
def test_traced(cube):
    program = trace(lambda x: 2.0 * cube(x))(X)
    assert f"custom(x, function={cube.__name__})" in str(program)
    verify(program.program)
    np.testing.assert_array_equal(program(X), 2 * X**3)
    np.testing.assert_array_equal(grad(lambda x: np.sum(program(x)))(X), 6 * X**2)
    np.testing.assert_array_equal(jvp(program, (X,), (X,))[1], 6 * X**3)
    np.testing.assert_array_equal(vmap(program)(np.stack([X, X]))[1], 2 * X**3)
    for derivative in (
        grad(lambda x: np.sum(cube(x))),
        lambda x: jvp(cube, (x,), (np.ones(3),))[1],
        lambda x: linearize(cube, x)[1](np.ones(3)),
        vmap(grad(cube)),
    ):
        np.testing.assert_allclose(trace(derivative)(X)(X), 3 * X**2)
    mapped = trace(vmap(cube))(X)
    np.testing.assert_array_equal(grad(lambda x: np.sum(mapped(x)))(X), 3 * X**2)


@EITHER
def test_decorated_functions_keep_name_and_text(cube):
    assert cube.__name__.startswith("cube")
    assert cube_forward.__doc__ == "Cubed."


def test_the_rule_is_what_counts():
    """A straight-through estimator: the rule is not the derivative, and holds everywhere."""

    @custom_vjp
    def step(x):
        return np.sign(x)

    step.defvjp(lambda x: (np.sign(x), None), lambda kept, ct: (ct,))
    assert grad(step)(3.0) == 1.0
    assert jvp(step, (3.0,), (2.0,)) == (1.0, 2.0)
    assert grad(lambda x: value_and_grad(step)(x)[0])(3.0) == 1.0
    assert grad(lambda x: jvp(step, (x,), (1.0,))[0])(3.0) == 1.0
    program = trace(step)(3.0)
    assert grad(program)(3.0) == 1.0
    assert vmap(grad(step))(X).tolist() == [1.0, 1.0, 1.0]


# --- containers, integers, several arguments ---------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Line:
    slope: Any
    offset: Any

    @custom_jvp
    def at(self, x):
        return self.slope * x + self.offset

    @at.defjvp
    def _at_jvp(primals, tangents):
        (line, x), (moved, dx) = primals, tangents
        return line.slope * x + line.offset, moved.slope * x + line.slope * dx + moved.offset


def test_containers_methods_and_dataclasses():
    found = grad(lambda line, x: np.sum(line.at(x)), (0, 1))(Line(2.0, 1.0), X)
    assert (found[0].slope, found[0].offset) == (pytest.approx(X.sum()), 3.0)
    np.testing.assert_array_equal(found[1], 2 * np.ones(3))
    assert jvp(lambda line: line.at(2.0), (Line(2.0, 1.0),), (Line(1.0, 10.0),)) == (5.0, 12.0)


@custom_vjp
def scaled(p, x, n=2):
    return {"power": p["a"] * x**n, "sum": (p["a"] + p["b"],)}


def _scaled_fwd(p, x, n):
    return scaled.function(p, x, n), (p, x, n)


def _scaled_bwd(kept, ct):
    p, x, n = kept
    total = np.sum(ct["power"] * x**n) + ct["sum"][0]
    return {"a": total, "b": ct["sum"][0]}, ct["power"] * p["a"] * n * x ** (n - 1), None


scaled.defvjp(_scaled_fwd, _scaled_bwd)


def test_containers_defaults_and_integers():
    p = {"a": 2.0, "b": 5.0}

    def loss(p, x):
        found = scaled(p, x, n=3)
        return np.sum(found["power"]) * found["sum"][0]

    def plain(p, x):
        return np.sum(p["a"] * x**3) * (p["a"] + p["b"])

    expected = grad(plain, (0, 1))(p, X)
    found = grad(loss, (0, 1))(p, X)
    assert found[0] == pytest.approx(expected[0])
    np.testing.assert_allclose(found[1], expected[1])
    tangents = ({"a": 1.0, "b": -1.0}, X)
    assert jvp(loss, (p, X), tangents)[1] == pytest.approx(jvp(plain, (p, X), tangents)[1])
    assert grad(lambda x: np.sum(scaled(p, x)["power"]))(X) == pytest.approx(4 * X)
    mapped = vmap(lambda x: loss(p, x))(np.stack([X, 2 * X]))
    np.testing.assert_allclose(mapped, [plain(p, X), plain(p, 2 * X)])
    shared = grad(lambda p: np.sum(vmap(lambda x: loss(p, x))(np.stack([X, 2 * X]))))(p)
    exact = grad(lambda p: plain(p, X) + plain(p, 2 * X))(p)
    assert shared == pytest.approx(exact)


def test_integer_arrays_and_functions_among_the_arguments():
    @custom_jvp
    def pick(function, x, indices):
        return function(x[indices])

    @pick.defjvp
    def _(primals, tangents):
        (function, x, indices), (no_tangent, dx, di) = primals, tangents
        assert no_tangent is None
        assert not np.any(di)
        assert np.shape(di) == np.shape(indices)
        return function(x[indices]), np.cos(x[indices]) * dx[indices]

    indices = np.array([2, 2, 0])
    found = grad(lambda x: np.sum(pick(np.sin, x, indices)))(X)
    np.testing.assert_allclose(found, [np.cos(X[0]), 0.0, 2 * np.cos(X[2])])


def test_several_outputs_of_which_one_is_an_integer():
    @custom_vjp
    def split(x):
        return np.floor(x).astype(int), x * x

    split.defvjp(lambda x: (split.function(x), x), lambda x, ct: (2 * x * ct[1],))
    assert grad(lambda x: split(x)[1])(2.5) == 5.0
    (whole, y), (none, dy) = jvp(split, (2.5,), (1.0,))
    assert (int(whole), y, int(none), dy) == (2, 6.25, 0, 5.0)


def test_no_tangent_and_no_cotangent_are_zero():
    @custom_jvp
    def still(x):
        return x * x

    still.defjvp(lambda primals, tangents: (primals[0] ** 2, None))
    assert grad(still)(2.0) == 0.0
    assert jvp(still, (2.0,), (1.0,)) == (4.0, 0.0)


# --- branches in rules, and rules that are not linear ------------------------------------------


def test_rules_may_branch_on_the_point():
    @custom_jvp
    def bend(x):
        return x if x > 0 else 2 * x

    @bend.defjvp
    def _(primals, tangents):
        (x,), (dx,) = primals, tangents
        return bend(x), dx if x > 0 else 2 * dx

    assert (grad(bend)(1.0), grad(bend)(-1.0)) == (1.0, 2.0)
    assert grad(lambda x: bend(x) ** 2)(-1.0) == -8.0
    assert grad(grad(lambda x: bend(x) ** 2))(-1.0) == 8.0
    assert linearize(bend, -1.0)[1](3.0) == 6.0


def test_a_rule_that_skips_zeros_is_still_linear():
    @custom_vjp
    def double(x):
        return 2 * x

    def back(kept, ct):
        return (2 * ct if np.any(ct != 0) else 0 * ct,)

    double.defvjp(lambda x: (2 * x, None), back)
    np.testing.assert_array_equal(jvp(double, (X,), (X,))[1], 2 * X)
    np.testing.assert_array_equal(grad(lambda x: np.sum(double(x)))(X), 2 * np.ones(3))


def test_forward_mode_through_a_rule_that_is_not_linear_is_refused_with_the_reason():
    @custom_vjp
    def clipped(x):
        return x * 1.0

    clipped.defvjp(lambda x: (x, None), lambda kept, ct: (np.where(ct > 1.0, 1.0, ct),))
    assert grad(lambda x: 5 * clipped(x))(2.0) == 1.0
    with pytest.raises(DerivativeError, match=r"clipped forward.*must be linear"):
        jvp(clipped, (2.0,), (1.0,))

    @custom_vjp
    def branching(x):
        return x * 1.0

    branching.defvjp(lambda x: (x, None), lambda kept, ct: (ct if ct < 1.5 else 1.5 + 0 * ct,))
    assert grad(lambda x: 5 * branching(x))(2.0) == 1.5
    with pytest.raises(DerivativeError, match=r"branching forward.*not linear"):
        jvp(branching, (2.0,), (1.0,))


def test_reverse_mode_through_a_tangent_rule_that_is_not_linear():
    @custom_jvp
    def odd(x):
        return x * 1.0

    odd.defjvp(lambda primals, tangents: (primals[0], tangents[0] ** 2))
    assert jvp(odd, (2.0,), (3.0,))[1] == 9.0
    with pytest.raises(DerivativeError, match=r"jvp rule of odd.*must be linear"):
        grad(odd)(2.0)


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("decorator", [custom_jvp, custom_vjp])
def test_traced_values_from_around_are_refused(decorator):
    def curried(a):
        f = decorator(lambda x: a * x)
        if decorator is custom_jvp:
            f.defjvp(lambda p, t: (a * p[0], a * t[0]))
        else:
            f.defvjp(lambda x: (a * x, None), lambda kept, ct: (a * ct,))
        return f

    with pytest.raises(DerivativeError, match=r"Pass them as arguments"):
        grad(lambda a: curried(a)(2.0))(3.0)
    with pytest.raises(DerivativeError, match=r"Pass them as arguments"):
        grad(lambda a: grad(curried(a))(2.0))(3.0)
    with pytest.raises(DerivativeError, match=r"Pass them as arguments"):
        grad(lambda a: trace(curried(a))(2.0)(3.0))(3.0)
    assert curried(3.0)(2.0) == 6.0
    assert grad(curried(3.0))(2.0) == 3.0


@pytest.mark.parametrize("decorator", [custom_jvp, custom_vjp])
def test_called_without_a_rule(decorator):
    with pytest.raises(DerivativeError, match=r"defjvp|defvjp"):
        decorator(np.sin)(2.0)
    with pytest.raises(ContainerError, match=r"of a function"):
        decorator(3.0)


def with_jvp(rule):
    f = custom_jvp(lambda x: x * 2.0)
    f.defjvp(rule)
    return f


def with_vjp(fwd, bwd):
    f = custom_vjp(lambda x: x * 2.0)
    f.defvjp(fwd, bwd)
    return f


def test_rules_that_do_not_fit():
    with pytest.raises(ContainerError, match=r"pair"):
        grad(with_jvp(lambda p, t: p[0]))(2.0)
    with pytest.raises(ShapeError, match=r"output's tangent"):
        jvp(with_jvp(lambda p, t: (p[0], np.ones(2))), (X,), (X,))
    with pytest.raises(DtypeError, match=r"output's tangent"):
        jvp(with_jvp(lambda p, t: (p[0], t[0] * 1j)), (X,), (X,))
    with pytest.raises(ContainerError, match=r"structure"):
        jvp(with_jvp(lambda p, t: (p[0], {"t": t[0]})), (X,), (X,))
    with pytest.raises(ContainerError, match=r"pair"):
        grad(with_vjp(lambda x: x, lambda k, ct: (ct,)))(2.0)
    with pytest.raises(ContainerError, match=r"tuple of 1 cotangent"):
        grad(with_vjp(lambda x: (x, None), lambda k, ct: ct))(2.0)
    with pytest.raises(ContainerError, match=r"tuple of 1 cotangent"):
        grad(with_vjp(lambda x: (x, None), lambda k, ct: (ct, ct)))(2.0)
    with pytest.raises(ShapeError, match=r"cotangent of argument 0 \(x\)"):
        grad(with_vjp(lambda x: (np.sum(x), None), lambda k, ct: (ct,)))(X)
    with pytest.raises(DtypeError, match=r"cotangent of argument 0"):
        grad(with_vjp(lambda x: (x, None), lambda k, ct: (ct * 1j,)))(2.0)


def test_the_users_error_in_a_rule_ends_the_traceback():
    def rule(primals, tangents):
        raise KeyError("mine")

    with pytest.raises(KeyError, match=r"mine") as caught:
        grad(with_jvp(rule))(2.0)
    assert caught.traceback[-1].name == "rule"


@EITHER
def test_through_the_tape_door(cube):
    x = tensor(X, requires_grad=True)
    np.sum(cube(x)).backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * X**2, rtol=1e-15)
