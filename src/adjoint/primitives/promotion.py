"""Promotion and broadcasting as NumPy does them, written out as primitives."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, Shape, aval_of
from ..core.primitive import Tracer
from ..errors import DtypeError, ShapeError
from .batching import is_bare
from .structure import broadcast, convert, fit

_WEAK_BESIDE_BFLOAT16: dict[str, dtypes.Dtype] = {
    "b": dtypes.bfloat16,
    "i": dtypes.bfloat16,
    "f": np.dtype(np.float32),
    "c": np.dtype(np.complex64),
}


def joint_dtype(avals: Sequence[Aval]) -> tuple[dtypes.Dtype, bool]:
    """The dtype that NumPy computes in for these operands, and whether all are weak."""
    weak = all(a.weak for a in avals)
    operands = [(a.dtype, a.weak) for a in avals]
    if any(a.dtype == dtypes.bfloat16 for a in avals):
        operands = [(_beside_bfloat16(d, w), False) for d, w in operands]
    return dtypes.result_type(*operands), weak


def _beside_bfloat16(dtype: dtypes.Dtype, weak: bool) -> dtypes.Dtype:
    """What NumPy's ufuncs take an operand for beside bfloat16, where they do not know floats as weak.

    `bfloat16 * 2.0` is computed in float32, `bfloat16 * 2` in bfloat16, with int16 or float16 in float32.
    """
    if weak:
        return _WEAK_BESIDE_BFLOAT16[dtype.kind]
    if dtype == np.float16 or (dtype.kind in "iu" and dtype.itemsize > 1):
        return np.promote_types(dtype, np.float32)
    return dtype


def joint_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape that these shapes broadcast to."""
    if len(set(shapes)) == 1:
        return shapes[0]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        listed = " and ".join(map(str, shapes))
        raise ShapeError(
            "operands that broadcast together were asked for", listed, "Axes align at the end."
        ) from error


def to_dtype(value: Any, dtype: dtypes.Dtype, weak: bool = False) -> Any:
    """The value in this dtype; itself where it has it already."""
    aval = aval_of(value)
    if aval.dtype == dtype and aval.weak == weak:
        return value
    if dtype.kind in "fVO" and _is_moving(value) and dtypes.loses_derivatives(dtype):
        raise DtypeError(
            f"a conversion to {dtype} was asked for, which has no derivatives",
            f"a traced {aval}",
            "Convert to float16 or bfloat16 at the least, or stop_gradient(x) first.",
        )
    return convert(value, dtype=dtype, weak=weak)


def _is_moving(value: Any) -> bool:
    """Whether a value is traced for a derivative, or may be: a constant or a batch of constants is not."""
    while isinstance(value, Tracer):
        if value.extra is not None:
            return True
        value = value.value
    return False


def to_shape(value: Any, shape: Shape) -> Any:
    """The value broadcast to this shape; itself where it has it already."""
    return value if aval_of(value).shape == shape else broadcast(value, shape=shape)


def align(*args: Any, dtype: dtypes.Dtype | None = None) -> list[Any]:
    """The operands in one dtype (the joint one, unless given) and one shape.

    Python scalars stay as they are: elementwise primitives take them with any array.
    """
    avals = [aval_of(a) for a in args]
    found, weak = joint_dtype(avals)
    target = found if dtype is None else dtype
    shape = joint_shape([a.shape for a in avals])
    aligned: list[Any] = []
    for value in args:
        if is_bare(value) and type(value) is not bool and (weak or not _widens(value, target)):
            aligned.append(value)
        else:
            aligned.append(fit(to_dtype(value, target, weak), shape))
    return aligned


def _widens(value: Any, target: dtypes.Dtype) -> bool:
    """Whether a Python scalar is of another kind than the array it meets, so that it must be converted."""
    if target == dtypes.bfloat16:
        return True
    kind = "fic"[(float, int, complex).index(type(value))]
    return {"c": "c", "f": "fc", "i": "iufc"}[kind].find(target.kind) < 0
