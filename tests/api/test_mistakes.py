"""Bad input to the functional door: one clear error each, with what was asked, received, and the remedy."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import ArgumentError, ContainerError, DtypeError, ShapeError

X = np.array([0.5, -1.0, 2.0])
TAKERS = {
    "grad": ad.grad,
    "value_and_grad": ad.value_and_grad,
    "jacfwd": ad.jacfwd,
    "jacrev": ad.jacrev,
    "jacobian": ad.jacobian,
    "hessian": ad.hessian,
    "vjp": lambda f: lambda *x: ad.vjp(f, *x),
    "jvp": lambda f: lambda *x: ad.jvp(f, x, x),
    "linearize": lambda f: lambda *x: ad.linearize(f, *x),
    "hvp": lambda f: lambda *x: ad.hvp(f, x, x),
}
TAKER = pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)


@TAKER
def test_integers_are_told_what_to_write(taker):
    with pytest.raises(DtypeError, match=r"argument 0 \(x\).*an int: 3\. Write 3\.0\."):
        taker(lambda x: x**2)(3)
    with pytest.raises(DtypeError, match=r"an int64 array of shape \(3,\).*astype\(float\)"):
        taker(lambda x: np.sum(x**2))(np.arange(3))
    with pytest.raises(DtypeError, match=r"a bool: True"):
        taker(lambda x: x**2)(True)
    with pytest.raises(TypeError):
        taker(lambda x: x**2)(3)


@TAKER
def test_what_is_no_array(taker):
    with pytest.raises(ContainerError, match=r"a str: 'three'"):
        taker(lambda x: x)("three")
    with pytest.raises(ContainerError, match=r"argument 0 \(x\)"):
        taker(lambda x: x)(np.sin)


@TAKER
def test_results_that_are_no_arrays(taker):
    for result in ("text", lambda: 0.0, (i for i in range(2)), {1, 2}, object()):
        with pytest.raises(ContainerError, match=r"of a function that returns arrays"):
            taker(lambda x, result=result: result)(2.0)


@TAKER
def test_a_function_is_asked_for(taker):
    with pytest.raises(ContainerError, match=r"of a function.*a float: 9\.0"):
        taker(9.0)(2.0)


@TAKER
def test_no_such_floats(taker):
    with pytest.raises(DtypeError), pytest.warns(UserWarning, match="constant"):
        taker(lambda p: 1.0)({"n": 3})
    with pytest.raises(DtypeError, match=r"no floating-point array"):
        taker(lambda p: 1.0)({})


def test_no_arguments_at_all():
    for call in (
        lambda: ad.grad(lambda: 1.0)(),
        lambda: ad.vjp(lambda: 1.0),
        lambda: ad.jvp(lambda: 1.0, (), ()),
        lambda: ad.linearize(lambda: 1.0),
    ):
        with pytest.raises(ArgumentError):
            call()


@pytest.mark.parametrize("taker", [ad.grad, ad.value_and_grad])
def test_not_one_number(taker):
    with pytest.raises(ShapeError, match=r"one number.*\(3,\).*np\.sum.*jacobian or vjp"):
        taker(lambda x: x)(X)
    with pytest.raises(ContainerError, match=r"one number.*tuple"):
        taker(lambda x: (x, x))(2.0)
    with pytest.raises(ContainerError, match=r"one number.*None"):
        taker(lambda x: None)(2.0)
    with pytest.raises(DtypeError, match=r"real result.*complex.*holomorphic"):
        taker(lambda x: x * 1j)(2.0)
    with pytest.raises(DtypeError, match=r"one number.*bool.*yes or no"):
        taker(lambda x: x > 1)(2.0)


def test_a_generator_that_captures_is_refused():
    def f(x):
        yield x

    with pytest.raises(ContainerError, match=r"generator"):
        ad.grad(f)(2.0)


@pytest.mark.parametrize(
    "options",
    [
        {"argnums": 2},
        {"argnums": -3},
        {"argnums": (0, 0)},
        {"argnums": (0, -2)},
        {"argnums": ()},
        {"argnums": (0, 1.5)},
        {"argnums": "x"},
        {"argnums": 1.5},
        {"argnums": None},
        {"argnames": "z"},
        {"argnames": ("x", "x")},
        {"argnums": 0, "argnames": 3},
    ],
    ids=str,
)
def test_arguments_that_are_not_there(options):
    with pytest.raises(ArgumentError, match=r"argn"):
        ad.grad(lambda x, y: x * y, **options)(2.0, 3.0)


def test_aux_that_is_missing():
    for taker in (ad.grad, ad.jacfwd, ad.jacrev, ad.jacobian, ad.hessian):
        with pytest.raises(ContainerError, match=r"has_aux=True.*pair"):
            taker(lambda x: x, has_aux=True)(2.0)
    with pytest.raises(ContainerError, match=r"pair"):
        ad.vjp(lambda x: x, 2.0, has_aux=True)


def test_tangents_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"tangent of argument 0 \(x\), of shape \(3,\).*shape \(2,\)"):
        ad.jvp(lambda x: x, (X,), (X[:2],))
    with pytest.raises(ShapeError, match=r"tangent of argument 1 \(p\) at \['b'\]"):
        ad.jvp(lambda x, p: x, (X, {"a": 1.0, "b": X}), (X, {"a": 1.0, "b": 1.0}))
    with pytest.raises(DtypeError, match=r"tangent of argument 0 \(x\), of dtype float64.*complex"):
        ad.jvp(lambda x: x, (X,), (X * 1j,))
    with pytest.raises(DtypeError, match=r"bool"):
        ad.jvp(lambda x: x, (2.0,), (True,))
    with pytest.raises(ContainerError, match=r"a str"):
        ad.jvp(lambda x: x, (2.0,), ("1",))
    with pytest.raises(ContainerError, match=r"primals as a tuple.*Write \(x,\)"):
        ad.jvp(lambda x: x, 2.0, 1.0)
    with pytest.raises(ContainerError, match=r"tangents as a tuple"):
        ad.jvp(lambda x: x, (2.0,), 1.0)
    with pytest.raises(ArgumentError, match=r"one tangent for each of 2"):
        ad.jvp(lambda x, y: x, (2.0, 1.0), (1.0,))
    with pytest.raises(ContainerError, match=r"structure"):
        ad.jvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},))
    _, f_jvp = ad.linearize(lambda x: x, X)
    with pytest.raises(ShapeError, match=r"a linearized function.*argument 0 \(x\)"):
        f_jvp(1.0)
    with pytest.raises(ArgumentError, match=r"one tangent"):
        f_jvp(X, X)


def test_cotangents_that_do_not_fit():
    _, pull = ad.vjp(lambda x: (x, np.sum(x)), X)
    with pytest.raises(ShapeError, match=r"cotangent 0, of shape \(3,\)"):
        pull((1.0, 1.0))
    with pytest.raises(ShapeError, match=r"cotangent 1, of shape \(\)"):
        pull((X, X))
    with pytest.raises(DtypeError, match=r"cotangent 1.*complex"):
        pull((X, 1j))
    with pytest.raises(ContainerError, match=r"structure"):
        pull(X)
