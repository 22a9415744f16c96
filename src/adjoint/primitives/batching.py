"""Batch rules that many primitives share.

A rule is called as `rule(primitive, size, batched, args, params)`. Batched operands have the batch
along their first axis; so have the results.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..core.avals import aval_of
from ..core.primitive import Primitive

Batched = Sequence[bool]


def one_by_one(
    primitive: Primitive, size: int, batched: Batched, args: Sequence[Any], params: dict[str, Any]
) -> Any:
    """The rule of a primitive with one operand whose parameters do not mention axes."""
    del size, batched
    return primitive(*args, **params)


def shifted(axes: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of an example as axes of the batch: each one further."""
    return tuple(axis + 1 for axis in axes)


def with_params(change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """The rule of a primitive with one operand: the same with parameters `change(size, params)`."""

    def rule(
        primitive: Primitive, size: int, batched: Batched, args: Sequence[Any], params: dict[str, Any]
    ) -> Any:
        del batched
        return primitive(*args, **change(size, params))

    return rule


def is_bare(value: Any) -> bool:
    """Whether an operand is a Python scalar, which every shape accepts."""
    return type(value) in (float, int, complex, bool)


def ndim_of(value: Any) -> int:
    """The number of axes of an operand."""
    return len(aval_of(value).shape)
