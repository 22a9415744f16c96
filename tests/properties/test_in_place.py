"""Random programs of assignments and views: in place as in NumPy, in every mode."""

from hypothesis import given, note

from . import modes
from .programs import Program
from .shares import examples
from .statements import writing_programs


@examples
@given(writing_programs())
def test_writes_first_order(program: Program):
    note(program.script)
    modes.first_derivatives(program)


@examples
@given(writing_programs())
def test_writes_in_other_traces(program: Program):
    note(program.script)
    modes.other_traces(program)


@examples
@given(writing_programs(most=6))
def test_writes_second_order(program: Program):
    note(program.script)
    modes.second_derivatives(program)
