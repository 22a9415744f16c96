"""Comparing arrays: answers of yes or no, taken from the plain values."""

from typing import Any

import numpy as np

from ..dispatch import concrete


def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """As `numpy.isclose`."""
    plain = [concrete(v, "isclose") for v in (a, b, rtol, atol)]
    return np.isclose(*plain, equal_nan=equal_nan)


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
