"""Comparing arrays: answers of yes or no."""

from typing import Any

import numpy as np

from ...errors import TraceError
from ..dispatch import concrete, operand


def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """As `numpy.isclose`: |a - b| <= atol + rtol |b|, infinities of one sign being close."""
    x, y, relative, absolute = given = [operand(v) for v in (a, b, rtol, atol)]
    try:
        return np.isclose(*(concrete(v, "isclose") for v in given), equal_nan=equal_nan)
    except TraceError:  # of examples, or staged
        pass
    found = (np.abs(x - y) <= absolute + relative * np.abs(y)) & np.isfinite(y) | (x == y)
    return found | (np.isnan(x) & np.isnan(y)) if equal_nan else found


def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> bool:
    """As `numpy.allclose`."""
    plain = [concrete(v, "allclose") for v in (a, b, rtol, atol)]
    return np.allclose(*plain, equal_nan=equal_nan)


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """As `numpy.array_equal`."""
    return np.array_equal(concrete(a1, "array_equal"), concrete(a2, "array_equal"), equal_nan)


def array_equiv(a1: Any, a2: Any) -> bool:
    """As `numpy.array_equiv`."""
    return np.array_equiv(concrete(a1, "array_equiv"), concrete(a2, "array_equiv"))


TABLE: dict[Any, Any] = {
    np.isclose: isclose,
    np.allclose: allclose,
    np.array_equal: array_equal,
    np.array_equiv: array_equiv,
}
