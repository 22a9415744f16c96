"""How functions of SciPy's linear algebra read their operands: dtypes, stacks of matrices, right sides.

A right side with one axis is a vector; with more it is a stack of matrices, as SciPy has it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, DerivativeError
from ...primitives import structure as s
from ...primitives.promotion import joint_dtype, joint_shape, to_dtype, to_shape
from ..functions.joining import stack
from ..functions.keywords import floating, read


def innermost(x: Any) -> Any:
    """The plain array inside of a traced one, with the axes of batches in front; None where it is staged."""
    while isinstance(x, Tracer):
        x = x.value
    return x


def arrays(*operands: Any, check_finite: bool = False) -> list[Any]:
    """Operands in the one dtype in which LAPACK computes."""
    values = [floating(read(a)) for a in operands]
    avals = [aval_of(a) for a in values]
    dtype, _ = joint_dtype(avals)
    if dtype.char not in "fdFD":
        dtype = np.dtype(np.float32)
    if check_finite:
        for value in values:
            plain = innermost(value)
            if plain is not None and not np.isfinite(plain).all():
                raise ValueError("array must not contain infs or NaNs")
    return [to_dtype(a, dtype) for a in values]


def require_matrix(x: Any, *, square: bool = False) -> tuple[int, ...]:
    """The shape of a stack of matrices; an error for what is none."""
    shape = aval_of(x).shape
    if len(shape) < 2:
        raise ValueError(f"Expected at least ndim=2, got a1.ndim={len(shape)}")
    if square and shape[-1] != shape[-2]:
        raise ValueError(f"Expected square matrix, got a1.shape={shape}")
    return shape


def matrix(a: Any, *, square: bool = False, check_finite: bool = False) -> Any:
    """One operand, a stack of matrices."""
    (x,) = arrays(a, check_finite=check_finite)
    require_matrix(x, square=square)
    return x


def double(x: Any) -> Any:
    """The array in double precision, where SciPy computes so whatever it is given."""
    return to_dtype(x, np.result_type(aval_of(x).dtype, np.float64))


def stacks(*pairs: tuple[Any, int]) -> list[Any]:
    """Arrays of so many last axes each, with their leading axes broadcast against each other."""
    shapes = [aval_of(x).shape for x, _ in pairs]
    lead = joint_shape([shape[: len(shape) - n] for shape, (_, n) in zip(shapes, pairs, strict=True)])
    return [
        to_shape(x, (*lead, *shape[len(shape) - n :])) for shape, (x, n) in zip(shapes, pairs, strict=True)
    ]


def system(a: Any, b: Any, *, axes: int = 2) -> tuple[Any, Any, Callable[[Any], Any]]:
    """A matrix and right sides as columns, over the same stack; and what gives a solution b's form."""
    vector = aval_of(b).ndim == 1
    if vector:
        b = s.reshape(b, shape=(*aval_of(b).shape, 1))
    x, y = stacks((a, axes), (b, 2))
    if not vector:
        return x, y, lambda found: found
    return x, y, lambda found: s.reshape(found, shape=aval_of(found).shape[:-1])


def over_batch(*axes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function of single matrices (of so many axes each) over stacks of them, one after the other."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def over(*args: Any, **kwargs: Any) -> Any:
            count = len(axes)
            given = [read(a) for a in args[:count]]
            if all(aval_of(a).ndim == n for a, n in zip(given, axes, strict=False)):
                return function(*given, *args[count:], **kwargs)
            spread = stacks(*zip(given, axes, strict=False))
            lead = aval_of(spread[0]).shape[: aval_of(spread[0]).ndim - axes[0]]
            results = [
                function(*(x[place] for x in spread), *args[count:], **kwargs) for place in np.ndindex(lead)
            ]
            if not results:
                raise ValueError(f"`{function.__name__}` does not support zero-size batches.")
            if isinstance(results[0], tuple):
                return tuple(_joined(column, lead) for column in zip(*results, strict=True))
            return _joined(results, lead)

        over.__name__, over.__doc__ = function.__name__, function.__doc__
        return over

    return decorate


def _joined(parts: Sequence[Any], lead: tuple[int, ...]) -> Any:
    if parts[0] is None:
        return None
    whole = stack([read(part) for part in parts])
    return s.reshape(whole, shape=(*lead, *aval_of(whole).shape[1:]))


def refused(name: str, reason: str, remedy: str) -> Callable[..., Any]:
    """A function that says why it has no rule."""

    def function(*args: Any, **kwargs: Any) -> Any:
        del args, kwargs
        raise DerivativeError(f"scipy.linalg.{name} of a traced array was asked for", reason, remedy)

    function.__name__ = name
    function.__doc__ = f"Raises: {reason}."
    return function


def one_of(value: Any, name: str, options: Sequence[Any]) -> None:
    """An error for an option outside of those that there are."""
    if value not in options:
        raise ArgumentError(
            f"{name} is one of {', '.join(map(repr, options))}", repr(value), "Name one of these."
        )
