"""Primitives of SciPy's linear algebra, a subject a file."""

from . import banded, equations, factorizations, functions, triangular

ALL = (
    *equations.ALL,
    *functions.ALL,
    *triangular.ALL,
    *factorizations.ALL,
    *banded.ALL,
)
"""Every primitive among them."""
