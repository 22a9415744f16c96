"""Arrays as text: `array2string`, `array_str`, `array_repr`. No derivative passes through."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.primitive import Tracer
from .polynomials import plain_or_none


def _of_plain(original: Callable[..., Any]) -> Callable[..., Any]:
    def function(a: Any, *args: Any, **options: Any) -> str:
        plain = plain_or_none(a)
        if plain is None and isinstance(a, Tracer):
            return repr(a)
        return original(plain, *args, **options)

    function.__name__ = original.__name__
    function.__doc__ = f"As `numpy.{original.__name__}`; where the elements are not known, their type."
    return function


TABLE: dict[Any, Any] = {f: _of_plain(f) for f in (np.array2string, np.array_str, np.array_repr)}
