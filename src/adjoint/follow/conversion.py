"""What NumPy's own Python functions take their operands apart with, for traced operands."""

from typing import Any

import numpy as np

from ..array.blank import plain_leaf
from ..array.dispatch import strong
from ..core.avals import aval_of
from ..core.primitive import Tracer
from .arrays import asarray, holds_traced

Original: Any = np._core._multiarray_umath._array_converter  # type: ignore[attr-defined]


def array_converter(*operands: Any) -> Any:
    """As NumPy's `_array_converter`."""
    if holds_traced(operands):
        return ArrayConverter(operands)
    return Original(*map(plain_leaf, operands))


class ArrayConverter:
    """Operands as arrays, and results as the operands were."""

    def __init__(self, operands: tuple[Any, ...]) -> None:
        self.operands = tuple(map(asarray, operands))
        self.given = operands
        self.scalar_input = tuple(aval_of(a).shape == () for a in self.operands)

    def __len__(self) -> int:
        return len(self.operands)

    def __getitem__(self, index: Any) -> Any:
        return self.operands[index]

    def as_arrays(self, *, subok: bool = True, pyscalars: str = "convert_if_no_array") -> tuple[Any, ...]:
        """The operands as arrays."""
        del subok, pyscalars
        return self.operands

    def result_type(self, extra_dtype: Any = None, ensure_inexact: bool = False) -> Any:
        """The dtype that all operands have in common."""
        kinds = [aval_of(a).dtype for a in self.operands]
        kinds += [extra_dtype] * (extra_dtype is not None) + [np.float64] * ensure_inexact
        return np.result_type(*kinds)

    def wrap(self, arr: Any, /, to_scalar: bool | None = None) -> Any:
        """A result; traced ones are what they are."""
        del to_scalar
        return strong(arr) if isinstance(arr, Tracer) else arr
