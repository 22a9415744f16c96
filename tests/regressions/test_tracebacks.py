"""The traceback of an error in the user's function ends in the user's line."""

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

X = np.array([1.0, 2.0, 3.0])


def wrong(x: Any) -> Any:
    return np.sum(x @ np.ones((2, 2)))  # the line


def unequal(x: Any) -> Any:
    return np.sum(x + np.ones(2))  # the line


def refused(x: Any) -> Any:
    return np.sum(x) * x.__float__()  # the line


def own(x: Any) -> Any:
    raise KeyError("mine")  # the line


def of_numpy(x: Any) -> Any:
    np.linalg.solve(np.ones((2, 3)), np.ones(2))  # the line
    return np.sum(x)


@ad.custom_jvp
def ruled(x: Any) -> Any:
    return np.sum(x)


@ruled.defjvp
def ruled_jvp(primals: Any, tangents: Any) -> Any:
    return np.sum(primals[0]), tangents[0].reshape(7)  # the line


@ad.custom_vjp
def pulled(x: Any) -> Any:
    return np.sum(x)


def pulled_back(kept: Any, cotangent: Any) -> Any:
    return (np.ones(2) + kept * cotangent,)  # the line


pulled.defvjp(lambda x: (np.sum(x), x), pulled_back)

TRANSFORMS: list[Callable[[Any], Any]] = [
    lambda f: ad.grad(f)(X),
    lambda f: ad.value_and_grad(f)(X),
    lambda f: ad.vjp(f, X),
    lambda f: ad.jvp(f, (X,), (X,)),
    lambda f: ad.linearize(f, X),
    lambda f: ad.jacfwd(f)(X),
    lambda f: ad.jacrev(f)(X),
    lambda f: ad.jacobian(f)(X),
    lambda f: ad.hessian(f)(X),
    lambda f: ad.hvp(f, (X,), (X,)),
    lambda f: ad.vmap(f)(X[None]),
    lambda f: ad.trace(f)(X),
    lambda f: ad.grad(ad.grad(f))(X),
    lambda f: ad.vmap(ad.grad(f))(X[None]),
    lambda f: ad.jacfwd(ad.trace(ad.grad(f)))(X),
    lambda f: ad.grad(lambda x: np.sum(ad.jacfwd(lambda y: f(y * x))(x)))(X),
    lambda f: ad.grad(f)(ad.tensor(X, requires_grad=True)),
]


def last_line(error: BaseException) -> traceback.FrameSummary:
    return traceback.extract_tb(error.__traceback__)[-1]


@pytest.mark.parametrize("f", [wrong, unequal, refused, own, of_numpy])
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_ends_in_the_users_line(transform: Callable[[Any], Any], f: Callable[[Any], Any]) -> None:
    """Whatever raised, and however deep the transformations are nested."""
    with pytest.raises((ValueError, TypeError, KeyError)) as caught:
        transform(f)
    last = last_line(caught.value)
    assert last.filename == __file__
    assert last.name == f.__name__
    assert (last.line or "").endswith("# the line")


@pytest.mark.parametrize("f", [ruled, pulled])
def test_rules(f: Callable[[Any], Any]) -> None:
    """A rule is the user's function too."""
    for transform in (ad.grad, ad.jacfwd, lambda g: ad.grad(lambda x: g(x * 2.0))):
        with pytest.raises(ValueError, match=r"shape|broadcast") as caught:
            transform(f)(X)
        assert (last_line(caught.value).line or "").endswith("# the line")


def test_of_an_inner_transformation() -> None:
    """What a transformation refuses ends where it was called."""

    def outer(x: Any) -> Any:
        return ad.grad(lambda y: y * x)(x)  # the line

    with pytest.raises(ValueError, match="one number") as caught:
        ad.grad(outer)(X)
    assert last_line(caught.value).name == "outer"


def test_nothing_else_changes() -> None:
    """The exception is the one that was raised, with its cause; one without a user's frame stays whole."""
    error = ValueError("mine")

    def f(x: Any) -> Any:
        try:
            _ = x @ np.ones((2, 2))
        except ValueError as cause:
            raise error from cause

    with pytest.raises(ValueError, match="mine") as caught:
        ad.grad(f)(X)
    assert caught.value is error
    assert isinstance(error.__cause__, ValueError)
    with pytest.raises(TypeError) as missing:
        ad.grad(len)(1.0)
    assert "adjoint" in last_line(missing.value).filename
