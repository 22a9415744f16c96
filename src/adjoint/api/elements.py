"""What goes into a tensor, what stands for it in errors, and how it is shown."""

from typing import Any

import numpy as np

from .. import dtypes
from ..array.blank import plain_leaf
from ..core.avals import aval_of, describe
from ..core.equation import user_line
from ..core.primitive import Tracer
from ..errors import ContainerError, DtypeError, ShapeError, TraceError


def plain_elements(x: Any, dtype: Any) -> Any:
    """The elements of what becomes a tensor, as an array of our own or a NumPy scalar."""
    if type(x) is np.ndarray and dtype is None and x.dtype == np.float64 and x.ndim:
        return x.copy("K")
    x = plain_leaf(x)
    if isinstance(x, Tracer):
        raise TraceError(
            "tensor() was asked for of a value that another transformation traces",
            f"{describe(x)} at {user_line()}",
            "Use the value as it is: it has the same operations.",
        )
    if isinstance(x, np.ndarray):
        aval_of(x)  # refuses masked arrays and their like
    try:
        array = np.array(x, dtype)
    except ValueError as error:
        raise ContainerError("tensor() needs an array of numbers", describe(x), str(error)) from error
    if not (dtypes.is_inexact(array.dtype) or array.dtype.kind in "biu"):
        raise ContainerError("tensor() needs an array of numbers", describe(x), "Convert it first.")
    return unboxed(array)


def unboxed(array: np.ndarray) -> Any:
    """An array without axes as the NumPy scalar that it holds."""
    return array if array.ndim else array[()]


def check_floating(x: Any) -> None:
    """Only floating and complex numbers have derivatives."""
    if not dtypes.is_inexact(x.value.dtype):
        raise DtypeError(
            "requires_grad=True needs a floating or complex dtype",
            f"{describe(x)}: {text_of(x, threshold=6)}",
            f"Write {float(x.value)!r}." if not x.shape else "Give dtype=float, or write x.astype(float).",
        )


def one_for(x: Any) -> Any:
    """The cotangent of a result that is one real number."""
    aval = x.aval
    if aval.size != 1:
        raise ShapeError(
            "backward() without a gradient needs a tensor of one element",
            describe(x),
            "Sum it first, or give backward(gradient=...) a cotangent of this shape.",
        )
    if dtypes.is_complex(aval.dtype):
        raise DtypeError(
            "backward() without a gradient needs a real result",
            describe(x),
            "Take its abs or real part, or give backward(gradient=...).",
        )
    return np.ones(aval.shape, aval.dtype) if aval.shape else aval.dtype.type(1)


def text_of(x: Any, threshold: int | None) -> str:
    """How a tensor is shown; above `threshold` elements (NumPy's, if None) only its ends."""
    array = np.asarray(x.value)
    limit = np.get_printoptions()["threshold"] if threshold is None else threshold
    notes = [np.array2string(array, separator=", ", prefix="tensor(", threshold=limit)]
    if array.size > limit or (array.size == 0 and array.ndim > 1):
        notes.append(f"shape={array.shape}")
    if array.dtype != np.float64:
        notes.append(f"dtype={array.dtype}")
    if not x.is_leaf:
        notes.append(f"grad_fn={x.grad_fn!r}")
    elif x.requires_grad:
        notes.append("requires_grad=True")
    return f"tensor({', '.join(notes)})"
