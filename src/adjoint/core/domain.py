"""Domains: where a primitive is defined and smooth, as samples that every rule is swept through.

`Pointwise` serves elementwise primitives: for each operand an interval in which the primitive is
smooth, and edges with the slopes that hold there. `Samples` serves all others: a function that
draws operands and parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dtypes import Dtype

HALF = ("float16", "bfloat16")
REAL = (*HALF, "float32", "float64")
COMPLEX = ("complex64", "complex128")
INEXACT = (*REAL, *COMPLEX)
INTEGER = ("int8", "int32", "int64", "uint8")
NUMBER = (*INEXACT, *INTEGER)
ANY = (*NUMBER, "bool")


@dataclass(frozen=True, slots=True)
class Interval:
    """An open interval from which operands are drawn; complex ones have both parts in it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A point at a kink, a tie or a bound, and the partial derivative in each operand there."""

    point: tuple[Any, ...]
    slopes: tuple[float | complex, ...]


@dataclass(frozen=True, slots=True)
class Pointwise:
    """The domain of an elementwise primitive."""

    operands: tuple[Interval, ...]
    dtypes: tuple[str, ...]
    edges: tuple[Edge, ...] = ()
    params: tuple[dict[str, Any], ...] = ({},)


@dataclass(frozen=True, slots=True)
class Sample:
    """Operands and parameters of one call.

    `symmetric` are the operands, by position, that are symmetric (Hermitian) matrices and move as such.
    """

    args: tuple[Any, ...]
    params: dict[str, Any]
    symmetric: tuple[int, ...] = ()


class Draw:
    """Draws operands of one dtype from a seeded generator.

    >>> Draw(np.random.default_rng(0), np.dtype(np.float32)).array(2, 3).shape
    (2, 3)
    """

    def __init__(self, rng: "np.random.Generator", dtype: Dtype) -> None:
        self.rng, self.dtype = rng, dtype

    def array(self, *shape: int, low: float = -2.0, high: float = 2.0) -> Any:
        """An array of the dtype, uniform between `low` and `high`."""
        if self.dtype.kind == "b":
            return self.rng.random(shape) < 0.5
        if self.dtype.kind in "iu":
            low = max(low, 0.0) if self.dtype.kind == "u" else low
            return self.rng.integers(int(low), int(high) + 1, shape).astype(self.dtype)
        values = self.rng.uniform(low, high, shape)
        if self.dtype.kind == "c":
            return (values + 1j * self.rng.uniform(low, high, shape)).astype(self.dtype)
        return values.astype(self.dtype) if shape else np.asarray(values).astype(self.dtype)

    def mask(self, *shape: int) -> Any:
        """A boolean array."""
        return self.rng.random(shape) < 0.5


@dataclass(frozen=True, slots=True)
class Samples:
    """The domain of a primitive with shapes and parameters of its own.

    Where the results are determined only up to a choice, such as the signs of eigenvectors, `seen` makes of
    them, with primitives, what no choice changes: that is differentiated and compared.
    """

    make: Callable[[Draw], list[Sample]]
    dtypes: tuple[str, ...]
    seen: Callable[..., tuple[Any, ...]] | None = None


Domain = Pointwise | Samples
