"""Simplify: less to do, the same bits, and nothing that is only nearly the same."""

from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.core.program import Program
from adjoint.core.verify import verify
from adjoint.passes import simplify

X = np.array([-0.0, 1.5, np.inf, np.nan, -2.0])


def program(function: Any, *args: Any) -> Program:
    return adjoint.trace(function)(*args).program


def names(function: Any, *args: Any) -> list[str]:
    before = program(function, *args)
    after = verify(simplify(before))
    with np.errstate(all="ignore"):
        for a, b in zip(before.evaluate(*args), after.evaluate(*args), strict=True):
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    return [e.primitive.name for e in after.equations]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 1.0,
        lambda x: x / 1.0,
        lambda x: x - 0.0,
        lambda x: x + -0.0,
        lambda x: np.negative(np.negative(x)),
        lambda x: x.reshape(5),
        lambda x: x[:],
        lambda x: np.where(np.True_, x, 2.0 * x),
        lambda x: x * np.ones(5),
        lambda x: x.reshape(5, 1).T.T.reshape(5),
    ],
)
def test_exact_algebra(function: Any) -> None:
    assert [n for n in names(function, X) if n != "reshape"] == []


@pytest.mark.parametrize(
    "function", [lambda x: x + 0.0, lambda x: x * 0.0, lambda x: x - x, lambda x: 0.0 - x]
)
def test_what_is_not_exact_stays(function: Any) -> None:
    assert len(names(function, X)) == 1


def test_constants_are_folded() -> None:
    assert names(lambda x: x * (np.sin(2.0) + np.cos(np.arange(5.0))), X) == ["multiply"]


def test_common_subexpressions_are_computed_once() -> None:
    assert names(lambda x: np.sin(x) * np.sin(x), X) == ["sin", "multiply"]


def test_dead_code_goes() -> None:
    def function(x: Any) -> Any:
        np.cos(x)
        return np.sin(x)

    assert names(function, X) == ["sin"]


def test_in_loops_and_branches() -> None:
    def function(x: Any) -> Any:
        def step(state: Any, t: Any) -> Any:
            s, unread, still = state
            return (s * 1.0 + x, np.cos(unread), still), np.tan(s)

        (last, _, still), _ = adjoint.scan(step, (x, x, x), np.arange(4.0))
        return last + still

    after = simplify(program(function, X))
    (loop,) = [e for e in after.equations if e.primitive.name == "loop"]
    form = loop.params["form"]
    assert (form.states, len(loop.outputs), len(loop.inputs)) == (1, 1, 2)
    assert [e.primitive.name for e in form.body.equations] == ["add"]
    names(function, X)


def test_a_branch_that_is_known() -> None:
    assert names(lambda x: adjoint.switch(1, [np.cos, np.sin, np.tan], x), X) == ["sin"]


def test_rules_that_derivatives_read_are_left_out() -> None:
    assert names(lambda x: adjoint.stop_gradient(x) * 2.0, X) == ["multiply"]
