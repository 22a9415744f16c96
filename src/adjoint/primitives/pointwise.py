"""Declaring elementwise primitives: what a family writes down is the function, its partial
derivatives and its domain; `smooth`, `steps` and `predicate` make the record of it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.domain import Domain, Interval, Pointwise
from ..core.primitive import NOT_LINEAR, JvpRule, NoDerivative, Primitive, Zero
from .evaluation import ufunc
from .structure import each, scale
from .typerules import predicate_type, same_type

POSITIVE = Interval(0.2, 3.0)
STEPS = Zero("constant between its steps")
ANSWER = Zero("an answer of yes or no")

Partial = Callable[..., Any] | Zero | NoDerivative


def _rule(partial: Partial) -> JvpRule:
    if isinstance(partial, Zero | NoDerivative):
        return partial

    def tangent(t: Any, *args: Any, out: Any) -> Any:
        return scale(partial(*args, out), t)

    return tangent


def smooth(
    name: str,
    function: Callable[..., Any],
    domain: Domain,
    *partials: Partial,
    source: str | None = None,
    evaluate: Callable[..., Any] | None = None,
) -> Primitive:
    """A function of operands of one dtype, by its `partials`: `partial(*operands, out)` for each operand.

    d out = scale(partial_x, dx) + scale(partial_y, dy)
    """
    operands = ", ".join(f"{{{i}}}" for i in range(len(partials)))
    return Primitive(
        name=name,
        type=same_type(name),
        evaluate=evaluate or ufunc(function),
        jvp=tuple(_rule(p) for p in partials),
        transpose=(NOT_LINEAR,) * len(partials),
        batch=each,
        source=source or f"np.{function.__name__}({operands})",
        domain=domain,
        elementwise=True,
    )


def steps(name: str, function: np.ufunc, domain: Pointwise, *, source: str | None = None) -> Primitive:
    """A function that is constant between its steps, so that its derivative is zero."""
    return smooth(name, function, domain, *(STEPS,) * function.nin, source=source)


def predicate(name: str, function: np.ufunc, domain: Pointwise, *, source: str | None = None) -> Primitive:
    """A function that answers yes or no."""
    operands = ", ".join(f"{{{i}}}" for i in range(function.nin))
    return Primitive(
        name=name,
        type=predicate_type(name),
        evaluate=ufunc(function),
        jvp=(ANSWER,) * function.nin,
        transpose=(NOT_LINEAR,) * function.nin,
        batch=each,
        source=source or f"np.{function.__name__}({operands})",
        domain=domain,
        elementwise=True,
    )
