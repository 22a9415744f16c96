"""The writer: names that cannot collide, constants, and Python numbers that behave as NumPy's."""

from typing import Any

import numpy as np
import pytest

from adjoint.array.traced import Traced
from adjoint.backends.source import source_text, written
from adjoint.core.avals import Aval, aval_of
from adjoint.core.program import Program
from adjoint.core.trace import stage
from adjoint.dtypes import bfloat16
from adjoint.primitives.arithmetic import divide, multiply
from adjoint.primitives.structure import add, scale

F64 = np.dtype(np.float64)
VECTOR, NUMBER = Aval((3,), F64), aval_of(1.0)
X = np.array([1.0, 2.0, 3.0])


def test_the_text_is_what_runs() -> None:
    program = stage(lambda x: [add(multiply(2.0, x), 1.0)], [VECTOR], name="line", hints=["x"])
    assert source_text(program) == "def line(x):\n    a = 2.0 * x\n    b = a + 1.0\n    return (b,)\n"
    np.testing.assert_array_equal(written(program)(X)[0], 2 * X + 1)


@pytest.mark.parametrize("name", ["scale", "np", "<lambda>", "lambda", "sin", "halved", "two words"])
def test_a_program_may_have_any_name(name: str) -> None:
    program = stage(lambda x: [scale(x, x)], [VECTOR], name=name)
    np.testing.assert_array_equal(written(program)(X)[0], X * X)


@pytest.mark.parametrize("hint", ["np", "scale", "constant_0", "constant_", "lambda", "sin", "None"])
def test_a_variable_may_have_any_name(hint: str) -> None:
    constant = np.array([5.0, 6.0, 7.0])
    program = stage(lambda x: [np.sin(scale(x, x)) * constant], [VECTOR], box=Traced, hints=[hint])
    np.testing.assert_array_equal(written(program)(X)[0], np.sin(X * X) * constant)


def test_constants_that_text_cannot_spell() -> None:
    program = stage(lambda x: [add(x, X), multiply(x, float("inf")), multiply(-1.0, x)], [VECTOR])
    assert "constant_0" in source_text(program)
    assert "np.inf" in source_text(program)
    assert "(-1.0)" in source_text(program)
    for a, b in zip(written(program)(X), [X + X, X * np.inf, -X], strict=True):
        np.testing.assert_array_equal(a, b)


def test_python_numbers_divide_as_numpys_do() -> None:
    program = stage(lambda x, y: [divide(x, y)], [NUMBER, NUMBER])
    with np.errstate(divide="ignore"):
        assert written(program)(1.0, 0.0) == (float("inf"),)


def test_python_numbers_are_weak_beside_bfloat16() -> None:
    program = stage(lambda x: [multiply(2.0, x)], [Aval((3,), bfloat16)])
    (found,) = written(program)(X.astype(bfloat16))
    assert found.dtype == bfloat16


def test_no_results() -> None:
    empty: Any = Program((), (), ())
    assert written(empty)() == ()
