"""How array functions reach the primitives: the newest trace, promotion, broadcasting."""

import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Shape, aval_of, describe
from ..core.equation import user_line
from ..core.primitive import Primitive, Tracer, newest
from ..core.trace import refusal
from ..errors import AdjointError, AxisError, ContainerError, MutationError, ShapeError, TraceError
from ..primitives.indexing import concatenate
from ..primitives.promotion import align, joint_dtype, joint_shape, to_dtype, to_shape
from ..primitives.structure import convert, reshape, zeros
from ..transforms.tape import TapeTrace

NO_RULE = "Write it with functions that have rules, or give it one of its own by custom_jvp or custom_vjp."

_NUMBERS = (Tracer, np.ndarray, np.generic, float, int, complex)


def operand(value: Any) -> Any:
    """An operand of an array function: traced values, arrays and numbers as they are, lists as arrays."""
    if isinstance(value, _NUMBERS):
        return value
    if isinstance(value, list | tuple):
        return stacked(value) if _holds_traced(value) else np.asarray(value)
    raise ContainerError(
        "an array or a number was asked for", describe(value), "Pass NumPy arrays or Python numbers."
    )


def array_operand(value: Any) -> Any:
    """An operand of an array function as a NumPy array or scalar, traced or not: nothing weak."""
    if type(value) is np.ndarray or (isinstance(value, Tracer) and type(value.value) is np.ndarray):
        return value
    return strong(operand(value))


def shape_of(value: Any) -> Shape:
    """The shape of an operand."""
    if type(value) is np.ndarray:
        return value.shape
    if isinstance(value, Tracer) and type(value.value) is np.ndarray and isinstance(value.owner, TapeTrace):
        return value.value.shape
    return aval_of(value).shape


def _holds_traced(values: Any) -> bool:
    return any(isinstance(v, Tracer) or (isinstance(v, list | tuple) and _holds_traced(v)) for v in values)


def stacked(values: Any) -> Any:
    """Nested lists of numbers and arrays of one shape as one array: what `np.array` makes of them."""
    parts = [array_operand(value) for value in values]
    avals = [aval_of(part) for part in parts]
    if len({a.shape for a in avals}) > 1:
        raise ShapeError(
            "a list of arrays of one shape was asked for",
            ", ".join(str(a.shape) for a in avals),
            "Bring them to one shape first.",
        )
    dtype, _ = joint_dtype(avals)
    rows = [reshape(to_dtype(p, dtype), shape=(1, *a.shape)) for p, a in zip(parts, avals, strict=True)]
    return concatenate(*rows, axis=0)


def viewed(x: Any, take: Callable[[Any], Any], restore: Callable[[Any, Any], Any]) -> Any:
    """`take(x)` as a view of `x`: written into, it changes `x` to `restore(x, new)`."""
    if not isinstance(x, Tracer):
        return take(x)
    base: Any = x
    return base.viewed(take, restore)


def read_only(base: Any, new: Any) -> Any:
    """How a view that NumPy does not let one write into answers."""
    del base, new
    raise ValueError("assignment destination is read-only")


def into(out: Any, result: Any, *, stretched: bool = False) -> Any:
    """Write a result into `out=`, where one was given; a plain array cannot hold a traced value.

    A ufunc's is `stretched` to the shape of `out`.
    """
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        return result
    if isinstance(out, Tracer):
        if stretched and joint_shape([aval_of(result).shape, out.aval.shape]) == out.aval.shape:
            result = to_shape(result, out.aval.shape)
        if aval_of(result).shape != out.aval.shape:
            raise ShapeError(
                "out= needs the shape of the result", str(out.aval.shape), f"It is {aval_of(result).shape}."
            )
        target: Any = out
        target.become(to_dtype(result, out.aval.dtype))
        return out
    if isinstance(result, Tracer):
        raise unwritable("by out=", out, result)
    out[...] = result
    return out


def unwritable(how: str, array: Any, *values: Any) -> AdjointError:
    """The error for traced values that are written into a plain array, which cannot hold them."""
    error = MutationError(
        f"a traced value was to be written into a plain array {how}",
        f"{describe(array)} at {user_line()}",
        "Use the result instead, or make the array with np.zeros_like(x) of a traced x.",
    )
    trace = newest(values)
    return error if trace is None else refusal(trace, error)


_OPERATORS: dict[Any, np.ufunc] = {
    operator.truediv: np.true_divide,
    operator.floordiv: np.floor_divide,
    operator.mod: np.remainder,
    operator.pow: np.power,
}
"""The operators that may give another dtype than their operands have."""


def promoted(operation: Any, args: Any) -> list[Any]:
    """Operands of one shape, in the dtype in which NumPy's `operation` computes: integers may be widened."""
    avals = [aval_of(a) for a in args]
    dtype, weak = joint_dtype(avals)
    ufunc = _OPERATORS.get(operation, operation)
    if dtypes.is_inexact(dtype) or not isinstance(ufunc, np.ufunc):
        return align(*args)
    kinds = [type(zeros(a)) if a.weak and a.dtype.kind != "b" else a.dtype for a in avals]
    found = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout))
    return align(*(to_dtype(a, t, weak) for a, t in zip(args, found, strict=False)))


def elementwise(primitive: Primitive, operation: Callable[..., Any], *args: Any, **params: Any) -> Any:
    """An elementwise primitive with NumPy's broadcasting and promotion.

    `operation` is what NumPy itself would run on the operands. On a tape it runs, fused; every other
    trace gets operands of one shape and dtype.
    """
    trace = newest(args)
    if isinstance(trace, TapeTrace):
        if len(args) == 2:
            return trace.binary(primitive, operation, args[0], args[1])
        if len(args) == 1:
            return trace.unary(primitive, operation, args[0], tuple(params.items()))
    elif trace is None:
        return operation(*args)
    return primitive(*promoted(operation, args), **params)


def matrix_product(primitive: Primitive, x: Any, y: Any) -> Any:
    """`x @ y` of two matrices on a tape, recorded without a look at their shapes; else None."""
    trace = newest((x, y))
    if isinstance(trace, TapeTrace):
        left, right = trace.lower(x)[0], trace.lower(y)[0]
        if _axes(left) == 2 and _axes(right) == 2:
            return trace.binary(primitive, operator.matmul, x, y, 2)
    return None


def _axes(value: Any) -> int:
    return value.ndim if type(value) is np.ndarray else aval_of(value).ndim


def strong(value: Any) -> Any:
    """The operand as a NumPy function sees it: Python scalars have become NumPy's."""
    aval = aval_of(value)
    return convert(value, dtype=aval.dtype, weak=False) if aval.weak else value


def cast(value: Any, dtype: dtypes.Dtype) -> Any:
    """The value in this dtype, as `astype` and assignment convert: with NumPy's warning where the
    imaginary part is lost.
    """
    if dtype.kind in "c" or aval_of(value).dtype.kind != "c" or dtype.kind == "b":
        return to_dtype(value, dtype)
    if type(value) is complex:
        raise TypeError(f"a complex number does not fit into an array of {dtype}: write its real part")
    warnings.warn(
        "Casting complex values to real discards the imaginary part",
        np.exceptions.ComplexWarning,
        stacklevel=3,
    )
    return to_dtype(value, dtype)


def as_float(value: Any) -> Any:
    """The operand in the dtype in which NumPy computes functions of real numbers: integers widened."""
    aval = aval_of(value)
    if dtypes.is_inexact(aval.dtype):
        return value
    width = {1: np.float16, 2: np.float32}.get(aval.dtype.itemsize, np.float64)
    return to_dtype(value, np.dtype(width))


def normal_axis(axis: Any, ndim: int) -> int:
    """The axis counted from the front."""
    position = int(axis)
    if not -ndim <= position < ndim:
        raise AxisError(
            f"an axis of an array with {ndim} axes was asked for",
            f"axis {axis}",
            f"Use {-ndim} to {ndim - 1}.",
        ) from None
    return position % ndim


def normal_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the front, in order: all for None."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    found = tuple(sorted(normal_axis(a, ndim) for a in axes))
    if len(set(found)) < len(found):
        raise ShapeError("distinct axes were asked for", str(axis), "Name each axis once.")
    return found


def folded_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes of a ufunc's fold: NumPy takes axis 0 and -1 of an array without axes too."""
    return () if not ndim and axis in (0, -1) else normal_axes(axis, ndim)


def concrete(value: Any, purpose: str) -> Any:
    """The plain value of what may be traced, for decisions that no derivative passes through.

    Raises where there is none: a staged value, or a batch of them.
    """
    while isinstance(value, Tracer):
        if value.value is None or value.owner.aval(value).shape != aval_of(value.value).shape:
            line = user_line()
            raise TraceError(
                f"{purpose} needs a value that is known now",
                f"a traced {value.aval} at {line}",
                "Write it with np.where or another array operation, or pass the value as a plain argument.",
            )
        value = value.value
    return value
