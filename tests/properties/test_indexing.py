"""Random index expressions, reading and writing: NumPy's values, and cotangents as the explicit scatter of
ones.
"""

from hypothesis import given, note

from . import exact
from .indices import ASSIGNED, UPDATED, Wrongly, mistakes, readings, writings
from .programs import Program
from .shares import examples


@examples
@given(readings())
def test_reading(program: Program):
    note(program.script)
    exact.in_every_mode(program, exact.assigned)


@examples
@given(writings(ASSIGNED))
def test_writing(program: Program):
    note(program.script)
    exact.in_every_mode(program, exact.assigned)


@examples
@given(writings(UPDATED))
def test_updating(program: Program):
    note(program.script)
    exact.in_every_mode(program, exact.added)


@examples
@given(mistakes())
def test_errors_of_indices(wrong: Wrongly):
    note(wrong.program.script)
    exact.refused(wrong.program, wrong.error)
