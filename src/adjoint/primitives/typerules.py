"""Type rules that many primitives share: from the operands' abstract values to the result's."""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, Shape
from ..errors import DtypeError, ShapeError

BOOL = np.dtype(np.bool_)


def joint_shape(name: str, avals: tuple[Aval, ...]) -> Shape:
    """The one shape of operands that have equal shapes, or are Python scalars."""
    shapes = {a.shape for a in avals if not (a.weak and a.shape == ())}
    if len(shapes) > 1:
        raise ShapeError(
            f"{name} takes operands of one shape", ", ".join(map(str, avals)), "Broadcast them first."
        )
    return shapes.pop() if shapes else ()


def joint_dtype(name: str, avals: tuple[Aval, ...]) -> tuple[dtypes.Dtype, bool]:
    """The one dtype of operands, which weak ones adopt; and whether all are weak."""
    strong = {a.dtype for a in avals if not a.weak}
    if len(strong) > 1:
        raise DtypeError(
            f"{name} takes operands of one dtype", ", ".join(map(str, avals)), "Convert them first."
        )
    if strong:
        return strong.pop(), False
    return dtypes.result_type(*((a.dtype, True) for a in avals)), True


def same_type(name: str) -> Any:
    """The rule of elementwise primitives whose result has the operands' type."""

    def rule(*avals: Aval, **params: Any) -> Aval:
        del params
        shape = joint_shape(name, avals)
        dtype, weak = joint_dtype(name, avals)
        return Aval(shape, dtype, weak)

    return rule


def predicate_type(name: str) -> Any:
    """The rule of elementwise primitives that answer yes or no."""

    def rule(*avals: Aval, **params: Any) -> Aval:
        del params
        _, weak = joint_dtype(name, avals)
        return Aval(joint_shape(name, avals), BOOL, weak)

    return rule


def real_type(name: str) -> Any:
    """The rule of elementwise primitives whose result is real: abs, real, imag, angle."""

    def rule(*avals: Aval, **params: Any) -> Aval:
        del params
        dtype, weak = joint_dtype(name, avals)
        return Aval(joint_shape(name, avals), dtypes.real_dtype(dtype), weak)

    return rule
