"""Arithmetic: negative, subtract, multiply, divide, square, reciprocal; `add` stands in structure."""

from typing import Any

import numpy as np

from ..core.domain import INEXACT, NUMBER, Edge, Interval, Pointwise
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive
from .evaluation import ufunc
from .pointwise import POSITIVE, smooth
from .structure import INF, WHOLE, each, scale
from .typerules import same_type

negative = Primitive(
    name="negative",
    type=same_type("negative"),
    evaluate=ufunc(np.negative),
    jvp=(LINEAR,),
    transpose=(lambda ct, x: negative(ct),),
    batch=each,
    source="-{0}",
    domain=Pointwise((WHOLE,), NUMBER),
    elementwise=True,
)

subtract = Primitive(
    name="subtract",
    type=same_type("subtract"),
    evaluate=ufunc(np.subtract),
    jvp=(lambda t, x, y, *, out: t, lambda t, x, y, *, out: negative(t)),
    transpose=(lambda ct, x, y: ct, lambda ct, x, y: negative(ct)),
    batch=each,
    source="{0} - {1}",
    domain=Pointwise((WHOLE, WHOLE), NUMBER),
    elementwise=True,
)

multiply = Primitive(
    name="multiply",
    type=same_type("multiply"),
    evaluate=ufunc(np.multiply),
    jvp=(lambda t, x, y, *, out: scale(y, t), lambda t, x, y, *, out: scale(x, t)),
    transpose=(lambda ct, x, y: scale(y, ct), lambda ct, x, y: scale(x, ct)),
    batch=each,
    source="{0} * {1}",
    domain=Pointwise((WHOLE, WHOLE), NUMBER, (Edge((INF, 0.0), (0.0, INF)),)),
    elementwise=True,
)

_true_divide = ufunc(np.true_divide)


def _divide(x: Any, y: Any) -> Any:
    if type(x) is float and type(y) is float and y != 0.0:
        return x / y
    return _true_divide(x, y)


divide = Primitive(
    name="divide",
    type=same_type("divide"),
    evaluate=_divide,
    jvp=(
        lambda t, x, y, *, out: scale(divide(1.0, y), t),
        lambda t, x, y, *, out: scale(negative(divide(out, y)), t),
    ),
    transpose=(lambda ct, x, y: scale(divide(1.0, y), ct), NOT_LINEAR),
    batch=each,
    source="{0} / {1}",
    domain=Pointwise((WHOLE, POSITIVE), INEXACT),
    elementwise=True,
)

square = smooth(
    "square",
    np.square,
    Pointwise((Interval(-2.0, 2.0),), NUMBER, (Edge((0.0,), (0.0,)),)),
    lambda x, out: multiply(2.0, x),
    source="{0} * {0}",
)

reciprocal = smooth(
    "reciprocal",
    np.reciprocal,
    Pointwise((POSITIVE,), INEXACT, (Edge((0.0,), (-INF,)), Edge((-0.0,), (-INF,)))),
    lambda x, out: negative(square(out)),
)

ALL = (negative, subtract, multiply, divide, square, reciprocal)
