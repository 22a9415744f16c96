"""Random NumPy programs: values as NumPy's, forward as reverse, both as differences; twice, in batches,
staged.
"""

from hypothesis import given, note

from . import modes
from .expressions import programs
from .programs import Program
from .shares import examples


@examples
@given(programs())
def test_first_derivatives(program: Program):
    note(program.script)
    modes.first_derivatives(program)


@examples
@given(programs())
def test_other_traces(program: Program):
    note(program.script)
    modes.other_traces(program)


@examples
@given(programs(most=5))
def test_second_derivatives(program: Program):
    note(program.script)
    modes.second_derivatives(program)


@examples
@given(programs(dtypes=("float32", "float32", "float64", "complex64")))
def test_single_precision(program: Program):
    note(program.script)
    modes.single_precision(program)
