"""Functions whose derivatives are wrong on purpose: sin, by primitives with a rule that is off."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint.core.domain import Interval, Pointwise
from adjoint.core.primitive import NOT_LINEAR, Primitive
from adjoint.primitives.arithmetic import multiply, negative
from adjoint.primitives.evaluation import ufunc
from adjoint.primitives.structure import each, scale
from adjoint.primitives.trigonometric import cos
from adjoint.primitives.typerules import same_type


def primitive(name: str, evaluate: Callable[..., Any], rule: Callable[..., Any], **options: Any) -> Primitive:
    """An elementwise primitive of one operand with this jvp rule."""
    return Primitive(
        name=name,
        type=same_type(name),
        evaluate=evaluate,
        jvp=(rule,),
        transpose=(NOT_LINEAR,),
        batch=each,
        source=options.pop("source", "np.sin({0})"),
        domain=Pointwise((Interval(-2.0, 2.0),), ("float64",)),
        **options,
    )


def sin_with(slope: Callable[[Any], Any], name: str = "wrong_sin", **options: Any) -> Primitive:
    """The sine with this derivative, which is differentiated by its own rules."""
    return primitive(name, ufunc(np.sin), lambda t, x, *, out: scale(slope(x), t), **options)


def pulled(slope: Callable[[Any], Any]) -> Callable[..., Any]:
    """A pullback by hand for one operand, with this derivative."""
    return lambda values, outs, active, params: (lambda ct, x: (scale(slope(x), ct),), tuple(values))


def factor(x: Any) -> Any:
    """The cosine, a thousandth too large."""
    return multiply(1.001, cos(x))


def sign(x: Any) -> Any:
    """The cosine with the wrong sign."""
    return negative(cos(x))


def zero(x: Any) -> Any:
    """Nothing: a rule that forgot its term."""
    return multiply(0.0, x)


second = primitive(
    "wrong_cos", ufunc(np.cos), lambda t, x, *, out: scale(multiply(-1.001, sin(x)), t), source="np.cos({0})"
)
"""The cosine with a wrong derivative: right as the slope of the sine, wrong as its curvature."""

sin = sin_with(cos, "right_sin")
"""The sine as it should be."""
