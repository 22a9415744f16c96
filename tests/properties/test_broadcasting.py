"""Random operands of every dtype in shapes that broadcast: NumPy's dtypes and values, gradients in the
inputs'.
"""

from hypothesis import given, note

from . import modes
from .programs import Program
from .promotion import THREE, TWO, promotions
from .shares import examples


@examples
@given(promotions(TWO))
def test_promotion(program: Program):
    note(program.script)
    modes.types_and_values(program)


@examples
@given(promotions(THREE))
def test_promotion_of_three(program: Program):
    note(program.script)
    modes.types_and_values(program)
