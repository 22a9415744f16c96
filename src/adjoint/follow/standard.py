"""Which library an array function computes with, where traced and plain arrays meet in one call.

SciPy and scikit-learn ask all arguments of a function for their namespace and refuse two of them. A
constant beside a traced array is NumPy's, so in followed code the traced array answers for all. What they
then call of NumPy's own internals, to solve by the standard's rules, is NumPy's function.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..lazy import lazy
from .scalars import is_traced

_COMPATIBLE = (
    "scipy._lib.array_api_compat",
    "sklearn.externals.array_api_compat",
    "array_api_compat",
)
_ASKING = ("scipy._lib._array_api", *(f"{package}.common._helpers" for package in _COMPATIBLE))


def _namespace_of(module: str) -> Callable[..., Any]:
    asked = lazy(module)

    def array_namespace(*arrays: Any, **options: Any) -> Any:
        """The namespace of the first traced array."""
        return asked.array_namespace(next(filter(is_traced, arrays), *arrays[:1]), **options)

    return array_namespace


RULES: dict[str, Callable[..., Any]] = {
    **{f"{module}.array_namespace": _namespace_of(module) for module in _ASKING},
    **{f"{package}.numpy.linalg.solve": np.linalg.solve for package in _COMPATIBLE},
}
