"""The Python array API standard on traced arrays: what it asks of an array besides NumPy's methods.

`x.__array_namespace__()` is `adjoint.numpy`, so that functions written for any array library, such as SciPy's
and scikit-learn's under their array API switches, compute with traced arrays and keep their derivatives.
"""

from typing import Any, Self

import numpy as np

from ..lazy import module_named
from .leaving import leaving
from .methods import ArrayMethods

_DEVICE = (1, 0)
"""The processor, as DLPack counts devices."""


class StandardArray(ArrayMethods):
    """What the standard asks of an array: its namespace, its device, and how it is handed to others."""

    __slots__ = ()

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        """The functions for arrays like this one: `adjoint.numpy`."""
        example: Any = np.empty(0)
        example.__array_namespace__(api_version=api_version)  # NumPy knows the versions
        return module_named("adjoint.numpy")

    @property
    def device(self) -> str:
        """Where the elements are: always "cpu"."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Self:
        """The array itself: there is one device, "cpu"."""
        example: Any = np.empty(0)
        example.to_device(device, stream=stream)  # raises what NumPy raises
        return self

    def __dlpack_device__(self) -> tuple[int, int]:
        return _DEVICE

    __dlpack__ = leaving("handing it over by DLPack", "Pass stop_gradient(x) to another library on purpose.")
