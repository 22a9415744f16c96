"""Rounding, remainders, signs, and the parts of a floating-point number.

Steps have derivative zero, and so has a step itself: `sign(0)`, `floor(2)`. Remainders are straight
between their steps: `x - floor(x / y) * y` has slopes 1 and `-floor(x / y)`, at a step too.
"""

from typing import Any

import numpy as np

from ..core.avals import Aval
from ..core.domain import INTEGER, REAL, Draw, Edge, Interval, Pointwise, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive
from .arithmetic import divide, multiply, negative, subtract
from .batching import is_bare
from .comparison import equal
from .evaluation import ufunc
from .pointwise import POSITIVE, STEPS, smooth, steps
from .structure import WHOLE, each, scale, select
from .typerules import joint_shape, same_type

_BETWEEN = Interval(1.1, 1.4)
_ROUND = Pointwise((_BETWEEN,), REAL, (Edge((2.0,), (0.0,)), Edge((0.0,), (0.0,))))
_DIVISION = (Interval(6.9, 7.6), Interval(2.6, 3.1))
"""Quotients between 2 and 3."""
_MIXED = ("float16", "float32", "float64")

floor = steps("floor", np.floor, _ROUND)
ceil = steps("ceil", np.ceil, _ROUND)
trunc = steps("trunc", np.trunc, _ROUND)
rint = steps("rint", np.rint, Pointwise((_BETWEEN,), REAL, (Edge((1.5,), (0.0,)),)))
spacing = steps("spacing", np.spacing, Pointwise((_BETWEEN,), REAL))
sign = steps("sign", np.sign, Pointwise((POSITIVE,), (*REAL, *INTEGER), (Edge((0.0,), (0.0,)),)))

floor_divide = steps("floor_divide", np.floor_divide, Pointwise(_DIVISION, (*REAL, *INTEGER)))

remainder = Primitive(
    name="remainder",
    type=same_type("remainder"),
    evaluate=ufunc(np.remainder),
    jvp=(
        lambda t, x, y, *, out: t,
        lambda t, x, y, *, out: scale(negative(floor_divide(x, y)), t),
    ),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="np.remainder({0}, {1})",
    domain=Pointwise(
        _DIVISION, (*REAL, *INTEGER), (Edge((3.0, 1.0), (1.0, -3.0)), Edge((-0.5, 2.0), (1.0, 1.0)))
    ),
    elementwise=True,
)

fmod = Primitive(
    name="fmod",
    type=same_type("fmod"),
    evaluate=ufunc(np.fmod),
    jvp=(
        lambda t, x, y, *, out: t,
        lambda t, x, y, *, out: scale(negative(rint(divide(subtract(x, out), y))), t),
    ),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="np.fmod({0}, {1})",
    domain=Pointwise(
        _DIVISION, (*REAL, *INTEGER), (Edge((3.0, 1.0), (1.0, -3.0)), Edge((-2.5, 2.0), (1.0, 1.0)))
    ),
    elementwise=True,
)

fraction = Primitive(
    name="fraction",
    type=same_type("fraction"),
    evaluate=ufunc(lambda x: np.modf(x)[0]),
    jvp=(lambda t, x, *, out: t,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="np.modf({0})[0]",
    domain=Pointwise((_BETWEEN,), REAL, (Edge((2.0,), (1.0,)),)),
    elementwise=True,
)
"""What `trunc` takes off, with the sign of x."""

nextafter = Primitive(
    name="nextafter",
    type=same_type("nextafter"),
    evaluate=ufunc(np.nextafter),
    jvp=(lambda t, x, y, *, out: t, STEPS),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="np.nextafter({0}, {1})",
    domain=Pointwise((Interval(-2.0, -0.2), POSITIVE), REAL),
    elementwise=True,
)
"""It moves with x; the direction y says no more than up or down."""

copysign = smooth(
    "copysign",
    np.copysign,
    Pointwise((POSITIVE, POSITIVE), REAL, (Edge((0.0, 1.0), (0.0, 0.0)), Edge((2.0, -0.0), (-1.0, 0.0)))),
    lambda x, y, out: multiply(sign(x), copysign(1.0, y)),
    STEPS,
)

heaviside = Primitive(
    name="heaviside",
    type=same_type("heaviside"),
    evaluate=ufunc(np.heaviside),
    jvp=(STEPS, lambda t, x, y, *, out: select(equal(x, 0.0), t, 0.0)),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=each,
    source="np.heaviside({0}, {1})",
    domain=Pointwise((POSITIVE, WHOLE), REAL, (Edge((0.0, 0.25), (0.0, 1.0)), Edge((-0.0, 2.0), (0.0, 1.0)))),
    elementwise=True,
)

exponent = Primitive(
    name="exponent",
    type=lambda x: Aval(x.shape, np.dtype(np.int32)),
    evaluate=lambda x: np.frexp(x)[1],
    jvp=(STEPS,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="np.frexp({0})[1]",
    domain=Pointwise((_BETWEEN,), REAL),
    elementwise=True,
)
"""The n of `x = m * 2**n` with m between .5 and 1."""


def _ldexp_type(x: Aval, n: Aval) -> Aval:
    return Aval(joint_shape("ldexp", (x, n)), x.dtype, x.weak and n.weak)


def _ldexp(x: Any, n: Any) -> Any:
    out = np.ldexp(x, n)
    return out.item() if is_bare(x) and is_bare(n) else out


def _ldexp_samples(draw: Draw) -> list[Sample]:
    n = np.array([[-3, 0, 2], [1, 5, -1]], np.int32)
    return [Sample((draw.array(2, 3), n), {}), Sample((draw.array(3), n[0].astype(np.int64)), {})]


ldexp = Primitive(
    name="ldexp",
    type=_ldexp_type,
    evaluate=_ldexp,
    jvp=(LINEAR, STEPS),
    transpose=(lambda ct, x, n: ldexp(ct, n), NOT_LINEAR),
    batch=each,
    source="np.ldexp({0}, {1})",
    domain=Samples(_ldexp_samples, _MIXED),
    elementwise=True,
)
"""`x * 2**n` for integers n."""

ALL = (
    floor,
    ceil,
    trunc,
    rint,
    spacing,
    sign,
    floor_divide,
    remainder,
    fmod,
    fraction,
    nextafter,
    copysign,
    heaviside,
    exponent,
    ldexp,
)
