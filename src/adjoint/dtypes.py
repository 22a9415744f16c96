"""Dtypes: which have derivatives, how they promote, how precise they are.

Promotion is NumPy's own (NEP 50): Python scalars are *weak* and adopt the dtype of the arrays
they meet; everything else follows `numpy.result_type`. `bfloat16` comes from ml_dtypes.
"""

from typing import Any

import ml_dtypes
import numpy as np

Dtype = np.dtype[Any]

bfloat16: Dtype = np.dtype(ml_dtypes.bfloat16)

PYTHON_SCALARS: dict[type, Dtype] = {
    float: np.dtype(np.float64),
    int: np.dtype(np.int64),
    complex: np.dtype(np.complex128),
    bool: np.dtype(np.bool_),
}
"""The Python scalars that are weak, and the dtype each stands for where no array decides."""

_WEAK: dict[str, Any] = {"f": 0.0, "i": 0, "c": 0j, "b": False}
_REAL: dict[Dtype, Dtype] = {
    np.dtype(np.complex64): np.dtype(np.float32),
    np.dtype(np.complex128): np.dtype(np.float64),
    np.dtype(np.clongdouble): np.dtype(np.longdouble),
}
_NATIVE: tuple[Dtype, ...] = tuple(
    map(
        np.dtype,
        (np.float16, np.float32, np.float64, np.complex64, np.complex128, np.longdouble, np.clongdouble),
    )
)
_INEXACT: frozenset[Dtype] = frozenset((bfloat16, *_NATIVE, *(d.newbyteorder() for d in _NATIVE)))


def is_inexact(dtype: Dtype) -> bool:
    """Whether values of this dtype have derivatives: floating or complex, bfloat16 included."""
    return dtype in _INEXACT


def loses_derivatives(dtype: Dtype) -> bool:
    """Whether numbers of this dtype are not whole and yet have no derivatives: float8 and its kin, objects.

    >>> loses_derivatives(np.dtype(ml_dtypes.float8_e5m2)), loses_derivatives(np.dtype(ml_dtypes.int4))
    (True, False)
    """
    if dtype.kind not in "fVO" or dtype in _INEXACT:
        return False
    try:
        return dtype.kind == "O" or ml_dtypes.finfo(dtype) is not None
    except ValueError:
        return False


def is_complex(dtype: Dtype) -> bool:
    """Whether the dtype is complex."""
    return dtype.kind == "c"


def is_float(dtype: Dtype) -> bool:
    """Whether the dtype is real and floating, bfloat16 included."""
    return dtype in _INEXACT and dtype.kind != "c"


def real_dtype(dtype: Dtype) -> Dtype:
    """The dtype of the real part: float64 for complex128; a real dtype is its own."""
    return _REAL.get(dtype) or _REAL.get(dtype.newbyteorder("="), dtype)


def complex_dtype(dtype: Dtype) -> Dtype:
    """The complex dtype whose parts have this real dtype (complex64 for what is narrower)."""
    return np.result_type(dtype, np.complex64) if dtype != bfloat16 else np.dtype(np.complex64)


def result_type(*operands: tuple[Dtype, bool]) -> Dtype:
    """NumPy's promotion of operands given as (dtype, weak).

    >>> result_type((np.dtype(np.float32), False), (np.dtype(np.float64), True))
    dtype('float32')
    """
    return np.result_type(*(_WEAK[dtype.kind] if weak else dtype for dtype, weak in operands))


def eps(dtype: Dtype) -> float:
    """The spacing of the dtype at one, of its real part for complex dtypes."""
    return float(ml_dtypes.finfo(real_dtype(dtype)).eps)
