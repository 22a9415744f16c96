"""Programs as text: golden prints, names, literals, parameters."""

import re
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad
from adjoint.array.traced import Traced
from adjoint.core.avals import Aval, aval_of
from adjoint.core.equation import Literal, Variable
from adjoint.core.printer import literal_text, name_variables, param_text
from adjoint.core.program import Program
from adjoint.core.trace import stage
from adjoint.primitives.arithmetic import multiply
from adjoint.primitives.indexing import slice_
from adjoint.primitives.structure import reduce_sum, select
from adjoint.primitives.trigonometric import sin

F64 = np.dtype(np.float64)
VECTOR, NUMBER = Aval((3,), F64), Aval((), F64)


def test_a_program() -> None:
    def function(x: Any, y: Any) -> list[Any]:
        product = multiply(x, y)
        return [reduce_sum(sin(product), axes=(0,)), product]

    program = stage(function, [VECTOR, VECTOR], name="example", hints=["x", "y"])
    assert str(program) == (
        "def example(x: float64[3], y: float64[3]) -> float64[], float64[3]:\n"
        "    a: float64[3] = multiply(x, y)\n"
        "    b: float64[3] = sin(a)\n"
        "    c: float64[] = reduce_sum(b, axes=(0,))\n"
        "    return c, a"
    )


def test_literals_and_indices() -> None:
    def function(x: Any) -> list[Any]:
        part = slice_(x, index=(slice(0, 2, 1),))
        masked = select(np.array([True, False]), part, 0.0)
        return [multiply(masked, np.array([1.5, 2.5])), multiply(-2.0, part)]

    assert str(stage(function, [VECTOR])) == (
        "def program(a: float64[3]) -> float64[2], float64[2]:\n"
        "    b: float64[2] = slice(a, index=[0:2])\n"
        "    c: float64[2] = select(array([True, False], bool[2]), b, 0.0)\n"
        "    d: float64[2] = multiply(c, array([1.5, 2.5], float64[2]))\n"
        "    e: float64[2] = multiply(-2.0, b)\n"
        "    return d, e"
    )


def test_a_derivative_is_a_program() -> None:
    program = stage(lambda x: [grad(lambda y: y * np.sin(y))(x)], [NUMBER], box=Traced, hints=["x"])
    text = str(program.without_dead())
    assert re.match(r"def program\(x: float64\[\]\) -> float64\[\]:\n", text)
    assert {"sin", "cos", "scale", "add"} <= set(re.findall(r"= (\w+)\(", text))


def test_with_the_users_lines() -> None:
    def function(x: Any) -> list[Any]:
        y = np.sin(x)
        return [y * x]

    program = stage(function, [NUMBER], box=Traced, record_lines=True)
    first = function.__code__.co_firstlineno
    places = re.findall(r"# (.*):(\d+)$", program.text(lines=True), re.MULTILINE)
    assert places == [(__file__, str(first + 1)), (__file__, str(first + 2))]
    assert "#" not in program.text()
    assert [e.line.function for e in program.equations if e.line] == ["function", "function"]


def test_empty_programs() -> None:
    x = Variable(NUMBER, "x")
    assert str(Program((x,), (), (x,))) == "def program(x: float64[]) -> float64[]:\n    return x"
    one = Literal(1.0, aval_of(1.0))
    assert str(Program((), (), (one,))) == "def program() -> weak float64[]:\n    return 1.0"


def test_names() -> None:
    hinted = [Variable(NUMBER, hint) for hint in ("x", "x", "a", None, "not a name", "return", None)]
    names = name_variables(hinted, reserved=("c", "return"))
    assert list(names.values()) == ["x", "b", "a", "d", "e", "f", "g"]
    assert list(names) == hinted


def test_very_many_names_are_distinct() -> None:
    names = list(name_variables(Variable(NUMBER) for _ in range(2000)).values())
    assert names[:2] == ["a", "b"]
    assert names[25:28] == ["z", "aa", "ab"]
    assert len(set(names)) == 2000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.5, "2.5"),
        (-1, "-1"),
        (1 + 2j, "(1+2j)"),
        (True, "True"),
        (float("inf"), "inf"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.5), "float32(0.5)"),
        (np.arange(6.0), "array([0., 1., 2., ...], float64[6])"),
        (np.zeros((2, 0)), "array([], float64[2,0])"),
        (np.array([1, 2]), "array([1, 2], int64[2])"),
    ],
)
def test_literal(value: Any, text: str) -> None:
    assert literal_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((slice(1, 5, 1), 0), "[1:5, 0]"),
        ((slice(3, None, -1),), "[3::-1]"),
        ((0, 1), "(0, 1)"),
        (F64, "float64"),
        (None, "None"),
    ],
)
def test_parameter(value: Any, text: str) -> None:
    assert param_text(value) == text
