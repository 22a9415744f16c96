"""Primitives, one family a file. `ALL` holds every first-order primitive."""

from typing import Any

from ..core.primitive import Primitive
from ..lazy import matrix_primitives, special_primitives
from . import (
    activation,
    arithmetic,
    barrier,
    bits,
    comparison,
    complex,
    contraction,
    cosine,
    decompositions,
    determinants,
    exponential,
    filtering,
    fourier,
    indexing,
    ordering,
    powers,
    random,
    reduction,
    roots,
    rounding,
    solving,
    spectral,
    structure,
    trigonometric,
)

_CORE = (
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
    *solving.ALL,
    *determinants.ALL,
    *decompositions.ALL,
    *spectral.ALL,
    *roots.ALL,
    *random.ALL,
    *reduction.ALL,
    *ordering.ALL,
    *activation.ALL,
    *fourier.ALL,
    *cosine.ALL,
    *filtering.ALL,
)

ALL: tuple[Primitive, ...]
"""Every primitive, in the order of the families; put together when it is asked for."""


def __getattr__(name: str) -> Any:
    if name == "ALL":
        return (*_CORE, *special_primitives.ALL, *matrix_primitives.ALL)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
