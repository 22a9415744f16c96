"""The verifier finds each kind of fault in a Program, and names where it is."""

import numpy as np
import pytest

from adjoint.core.avals import Aval, aval_of
from adjoint.core.equation import Equation, Literal, Variable
from adjoint.core.primitive import Primitive
from adjoint.core.program import Program
from adjoint.core.trace import stage
from adjoint.core.verify import verify
from adjoint.errors import ProgramError
from adjoint.primitives.arithmetic import multiply
from adjoint.primitives.structure import add, reduce_sum
from adjoint.primitives.trigonometric import sin

F64 = np.dtype(np.float64)
VECTOR, NUMBER, SINGLE = Aval((3,), F64), Aval((), F64), Aval((3,), np.dtype(np.float32))


def equation(primitive: Primitive, inputs: list, outputs: list, **params: object) -> Equation:
    return Equation(primitive, tuple(inputs), params, tuple(outputs), None)


def program(inputs: list, equations: list, outputs: list) -> Program:
    return Program(tuple(inputs), tuple(equations), tuple(outputs))


X, Y, Z = Variable(VECTOR, "x"), Variable(VECTOR, "y"), Variable(VECTOR, "z")
ONE, SMALL, WEAK = Variable(NUMBER), Variable(SINGLE), Variable(Aval((), F64, True))
SINE = equation(sin, [X], [Y])
SHORT = Literal(np.ones(2), VECTOR)

FAULTS = {
    # what is wrong: (inputs, equations, outputs, what the error says)
    "an input twice": ([X, X], [], [X], "defined twice, again among the inputs"),
    "an output that is an input": ([X], [equation(sin, [X], [X])], [X], "twice, again in equation 0"),
    "a variable assigned twice": ([X], [SINE, SINE], [Y], "defined twice, again in equation 1"),
    "use before definition": ([X], [equation(sin, [Z], [Y]), equation(sin, [X], [Z])], [Y], "before it is"),
    "a variable of nowhere": ([X], [equation(add, [X, Z], [Y])], [Y], "before it is defined, in equation 0"),
    "a result of nowhere": ([X], [SINE], [Z], "before it is defined, among the outputs"),
    "a wrong shape": ([X], [equation(sin, [X], [ONE])], [ONE], "the type rule gives"),
    "a wrong dtype": ([X], [equation(sin, [X], [SMALL])], [SMALL], "the type rule gives"),
    "weak where it is not": (
        [X],
        [equation(reduce_sum, [X], [WEAK], axes=(0,))],
        [WEAK],
        "the type rule gives",
    ),
    "too many outputs": ([X], [equation(sin, [X], [Y, Z])], [Y], "the type rule gives"),
    "no output": ([X], [equation(sin, [X], [])], [X], "the type rule gives"),
    "operands of two dtypes": (
        [X, SMALL],
        [equation(multiply, [X, SMALL], [Y])],
        [Y],
        "equation 0.*one dtype",
    ),
    "an axis out of range": (
        [X],
        [equation(reduce_sum, [X], [ONE], axes=(4,))],
        [ONE],
        "equation 0.*axes",
    ),
    "a literal of another type": ([X], [equation(add, [X, SHORT], [Y])], [Y], "literal"),
    "an output of another type": ([X], [], [SHORT], "literal"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    *parts, says = FAULTS[fault]
    with pytest.raises(ProgramError, match=says) as caught:
        verify(program(*parts))
    assert "an error of adjoint" in str(caught.value)


def test_a_sound_program_is_given_back() -> None:
    x, y = Variable(VECTOR), Variable(VECTOR)
    sound = program(
        [x], [equation(multiply, [x, Literal(2.0, aval_of(2.0))], [y])], [y, x, Literal(1.0, aval_of(1.0))]
    )
    assert verify(sound) is sound


def test_while_tests_run_each_program_verifies_itself() -> None:
    x, y = Variable(VECTOR), Variable(VECTOR)
    with pytest.raises(ProgramError):
        program([x], [], [y])
    assert stage(lambda x: [sin(x)], [VECTOR]).equations
