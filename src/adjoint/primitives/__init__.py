"""Primitives, one family a file. `ALL` holds every first-order primitive."""

from . import (
    activation,
    arithmetic,
    barrier,
    bits,
    comparison,
    complex,
    contraction,
    exponential,
    indexing,
    ordering,
    powers,
    random,
    reduction,
    rounding,
    structure,
    trigonometric,
)

ALL = (
    *structure.ALL,
    *barrier.ALL,
    *indexing.ALL,
    *arithmetic.ALL,
    *comparison.ALL,
    *rounding.ALL,
    *complex.ALL,
    *exponential.ALL,
    *powers.ALL,
    *trigonometric.ALL,
    *bits.ALL,
    *contraction.ALL,
    *random.ALL,
    *reduction.ALL,
    *ordering.ALL,
    *activation.ALL,
)
"""Every primitive, in the order of the families."""
