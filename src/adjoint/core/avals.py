"""Abstract values: shape, dtype, and whether the value is a weak Python scalar.

`Aval` is what type rules compute with. `aval_of` reads it off any value: an array, a NumPy
scalar, a Python scalar, a traced value, or an `Aval` itself.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import ContainerError

Shape = tuple[int, ...]


@dataclass(slots=True, unsafe_hash=True)  # never changed; `frozen` would double the cost of making one
class Aval:
    """What is known of a value before it is computed.

    >>> Aval((2, 3), np.dtype(np.float32))
    float32[2,3]
    >>> aval_of(3.0)
    weak float64[]
    """

    shape: Shape
    dtype: dtypes.Dtype
    weak: bool = False

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def __repr__(self) -> str:
        return f"{'weak ' * self.weak}{self.dtype}[{','.join(map(str, self.shape))}]"


_PYTHON = {kind: Aval((), dtype, weak=True) for kind, dtype in dtypes.PYTHON_SCALARS.items()}


def aval_of(value: Any) -> Aval:
    """The abstract value of a value; an error for what is no array and no number."""
    kind = type(value)
    if kind is np.ndarray or isinstance(value, np.generic):
        return Aval(value.shape, value.dtype)
    if kind in _PYTHON:
        return _PYTHON[kind]
    if isinstance(value, Aval):
        return value
    aval = getattr(value, "aval", None)
    if aval is not None:
        return aval
    if isinstance(value, np.ndarray):
        if kind.__mul__ is not np.ndarray.__mul__ or kind.__array_ufunc__ is not np.ndarray.__array_ufunc__:
            raise ContainerError(
                "an array with NumPy's own operations was asked for",
                f"a {kind.__name__} of shape {value.shape}, a subclass with operations of its own",
                "Pass x.view(np.ndarray); what a mask leaves out is written np.where(mask, 0.0, x).",
            )
        return Aval(value.shape, value.dtype)
    raise ContainerError(
        "an array or a number was asked for", describe(value), "Pass NumPy arrays or Python numbers."
    )


def describe(value: Any) -> str:
    """A value in a few words for an error: its type, and shape and dtype where it has them.

    >>> describe(np.zeros((2, 3)))
    'a float64 array of shape (2, 3)'
    >>> describe("digits")
    "a str: 'digits'"
    """
    kind = type(value).__name__
    if hasattr(value, "aval"):
        return f"a traced {value.aval.dtype} array of shape {value.aval.shape}"
    if isinstance(value, np.ndarray):
        return f"{_article(str(value.dtype))} {value.dtype} array of shape {value.shape}"
    text = repr(value)
    return f"{_article(kind)} {kind}: {text if len(text) < 80 else text[:77] + '...'}"


def _article(word: str) -> str:
    return "an" if word[:1] in "aeioAEIO" else "a"
