"""What the rules for SciPy's functions share: operands of one dtype, parameters that must be plain."""

from collections.abc import Callable
from typing import Any

from ... import dtypes
from ...core.avals import aval_of, describe
from ...core.primitive import Tracer
from ...errors import DerivativeError
from ...primitives.barrier import stop_gradient
from ...primitives.promotion import align, joint_dtype, to_dtype
from ..dispatch import as_float, operand, strong
from ..functions.keywords import floating, read


def together(*values: Any) -> list[Any]:
    """Operands as inexact arrays of their joint dtype."""
    arrays = [floating(read(v)) for v in values]
    dtype, _ = joint_dtype([aval_of(a) for a in arrays])
    return [to_dtype(a, dtype) for a in arrays]


def is_complex(x: Any) -> bool:
    """Whether an operand is of complex numbers."""
    return dtypes.is_complex(aval_of(x).dtype)


def refused(name: str, received: str, remedy: str) -> Callable[..., Any]:
    """What stands for a function of SciPy's that has no derivative here: an error that says what to use."""

    def function(*args: Any, **options: Any) -> Any:
        del args, options
        raise DerivativeError(f"the derivative of {name} was asked for", received, remedy)

    function.__name__ = name
    return function


def fixed(value: Any, what: str) -> Any:
    """A parameter in which there is no derivative: a traced one is refused, never taken for a constant."""
    if isinstance(value, Tracer):
        raise DerivativeError(
            f"the derivative in {what} was asked for",
            describe(value),
            "It has none here: pass a plain number, or stop_gradient(x).",
        )
    if isinstance(value, list | tuple):
        return type(value)(fixed(v, what) for v in value)
    return value


def arrays(*values: Any) -> list[Any]:
    """Operands of one shape and dtype, as floating arrays; lists too."""
    return align(*(as_float(strong(operand(v))) for v in values))


def moving(value: Any) -> Any:
    """The value less itself as a constant: zero, with its slopes."""
    return value - stop_gradient(value)
