"""An exception inside a differentiated function leaves no state behind, and escaped values are found out."""

from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap
from adjoint.array.traced import Traced
from adjoint.core.avals import Aval, aval_of
from adjoint.core.trace import stage
from adjoint.errors import TraceError

X = np.array([0.5, 1.5, 2.5])


def stage_of(function: Any, x: Any) -> Any:
    return stage(lambda y: [function(y)], [aval_of(x)], box=Traced).evaluate(x)[0]


RUN = {
    "grad": lambda function, x: grad(lambda y: function(y).sum())(x),
    "vjp": lambda function, x: vjp(function, x)[1](np.ones(np.shape(x)))[0],
    "jvp": lambda function, x: jvp(function, (x,), (np.ones(np.shape(x)),))[1],
    "vmap": lambda function, x: vmap(function)(x),
    "stage": stage_of,
    "grad of grad": lambda function, x: grad(lambda z: grad(lambda y: function(y).sum())(z).sum())(x),
    "jvp of grad": lambda function, x: jvp(grad(lambda y: function(y).sum()), (x,), (np.ones(3),))[1],
    "vmap of grad": lambda function, x: vmap(grad(lambda y: function(y)))(x),
}

modes = pytest.mark.parametrize("mode", RUN)


@modes
def test_after_an_exception_the_next_call_is_right(mode: str) -> None:
    run, right = RUN[mode], RUN[mode](np.sin, X)
    failures = []

    def fails(x: Any) -> Any:
        y = np.sin(x) * x
        failures.append(y)
        raise KeyError("of the user")

    for _ in range(3):
        with pytest.raises(KeyError, match="of the user"):
            run(fails, X)
    np.testing.assert_array_equal(run(np.sin, X), right)
    assert len(failures) == 3
    for escaped in failures:
        with pytest.raises(TraceError, match="whose transformation has ended"):
            np.sin(escaped)


@modes
def test_an_exception_inside_of_an_exception_handler(mode: str) -> None:
    """A function may catch what a derivative inside of it raises, and go on."""

    def recovers(x: Any) -> Any:
        try:
            grad(lambda y: 1 / 0)(1.0)
        except ZeroDivisionError:
            return np.sin(x)
        raise AssertionError

    np.testing.assert_array_equal(RUN[mode](recovers, X), RUN[mode](np.sin, X))


@modes
def test_an_escaped_value_raises_when_it_is_used(mode: str) -> None:
    kept: list[Any] = []

    def leaks(x: Any) -> Any:
        kept.append(np.sin(x))
        return x * kept[0]

    RUN[mode](leaks, X)
    for use in (np.cos, lambda v: v + 1.0, lambda v: 2.0 * v, lambda v: v * v, lambda v: v.sum()):
        with pytest.raises(TraceError) as caught:
            use(kept[0])
        assert "Return the value from the differentiated function" in str(caught.value)


def test_an_escaped_value_does_not_enter_another_derivative() -> None:
    kept: list[Any] = []

    def leaks(x: Any) -> Any:
        kept.append(x * x)
        return x * x

    grad(leaks)(3.0)
    with pytest.raises(TraceError):
        grad(lambda y: y * kept[0])(2.0)
    with pytest.raises(TraceError):
        jvp(lambda y: kept[0] * y, (2.0,), (1.0,))


def test_the_traceback_ends_in_the_users_line() -> None:
    def fails(x: Any) -> Any:
        return np.sin(x) + [][3]

    for mode in RUN.values():
        with pytest.raises(IndexError) as caught:
            mode(fails, X)
        assert caught.traceback[-1].name == "fails"


def test_an_exception_in_a_pullback_leaves_it_usable() -> None:
    _, pull = vjp(lambda x: np.sin(x) * x, X)
    with pytest.raises(Exception, match="shape"):
        pull(np.ones(7))
    np.testing.assert_allclose(pull(np.ones(3))[0], np.cos(X) * X + np.sin(X), rtol=1e-15)


def test_a_program_is_not_made_of_a_function_that_fails() -> None:
    def fails(x: Any) -> Any:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        stage(fails, [Aval((3,), np.dtype(np.float64))], box=Traced)
