"""Trigonometric and hyperbolic functions, their inverses, and `sinc`."""

import math
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.domain import INEXACT, REAL, Edge, Interval, Pointwise
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive
from .arithmetic import divide, multiply, negative, square, subtract
from .batching import is_bare
from .comparison import equal
from .evaluation import ufunc
from .pointwise import POSITIVE, smooth
from .powers import hypot, sqrt
from .structure import INF, WHOLE, add, each, scale, select
from .typerules import same_type

_INSIDE = Interval(-0.8, 0.8)


def _is_complex(x: Any) -> bool:
    return aval_of(x).dtype.kind == "c"


sin = smooth("sin", np.sin, Pointwise((WHOLE,), INEXACT), lambda x, out: cos(x))
cos = smooth("cos", np.cos, Pointwise((WHOLE,), INEXACT), lambda x, out: negative(sin(x)))
tan = smooth(
    "tan",
    np.tan,
    Pointwise((Interval(-1.0, 1.0),), INEXACT),
    lambda x, out: add(1.0, square(out)),
)


under_circle = smooth(
    "under_circle",
    np.square,
    Pointwise((_INSIDE,), INEXACT, (Edge((1.0,), (-2.0,)),)),
    lambda x, out: multiply(-2.0, x),
    source="under_circle({0})",
    evaluate=lambda x: multiply.evaluate(subtract.evaluate(1.0, x), add.evaluate(1.0, x)),
)
"""1 - x², exact to rounding close to 1."""


def _circle(x: Any) -> Any:
    """1 / sqrt(1 - x²); of complex numbers so written that it has the branch of arcsin on its cuts too."""
    if not _is_complex(x):
        return divide(1.0, sqrt(under_circle(x)))
    root = multiply(sqrt(negative(subtract(x, 1.0))), sqrt(subtract(x, -1.0)))
    return divide(1.0, root)


arcsin = smooth(
    "arcsin",
    np.arcsin,
    Pointwise((_INSIDE,), INEXACT, (Edge((1.0,), (INF,)), Edge((-1.0,), (INF,)))),
    lambda x, out: _circle(x),
)
arccos = smooth(
    "arccos",
    np.arccos,
    Pointwise((_INSIDE,), INEXACT, (Edge((1.0,), (-INF,)), Edge((-1.0,), (-INF,)))),
    lambda x, out: negative(_circle(x)),
)
arctan = smooth(
    "arctan",
    np.arctan,
    Pointwise((_INSIDE,), INEXACT, (Edge((INF,), (0.0,)),)),
    lambda x, out: divide(1.0, add(1.0, square(x))),
)


def _around(x: Any, y: Any) -> Any:
    """X / (x² + y²) without overflow, 0 at the origin."""
    h = hypot(x, y)
    return select(equal(h, 0.0), 0.0, divide(divide(x, h), h))


arctan2 = smooth(
    "arctan2",
    np.arctan2,
    Pointwise((POSITIVE, POSITIVE), REAL, (Edge((0.0, 0.0), (0.0, 0.0)), Edge((-0.0, -2.0), (-0.5, 0.0)))),
    lambda y, x, out: _around(x, y),
    lambda y, x, out: negative(_around(y, x)),
)

sinh = smooth("sinh", np.sinh, Pointwise((WHOLE,), INEXACT), lambda x, out: cosh(x))
cosh = smooth("cosh", np.cosh, Pointwise((WHOLE,), INEXACT), lambda x, out: sinh(x))


def _sech2(x: Any) -> Any:
    c = np.cosh(x)
    if c.dtype.kind == "c":
        return under_circle.evaluate(tanh.evaluate(x))
    slope = np.reciprocal(c)
    slope = slope * slope
    return slope.item() if is_bare(x) else slope


sech2 = smooth(
    "sech2",
    np.cosh,
    Pointwise((Interval(-1.2, 1.2),), INEXACT, (Edge((INF,), (0.0,)),)),
    lambda x, out: multiply(-2.0, multiply(tanh(x), out)),
    source="sech2({0})",
    evaluate=_sech2,
)
"""1 / cosh², the slope of tanh: where tanh is all but 1, `1 - tanh²` has no correct digit left. NumPy's
cosh is as fast as an exponential; measured beside `1 - tanh²`, this costs a third more.
"""

tanh = smooth(
    "tanh",
    np.tanh,
    Pointwise((Interval(-1.2, 1.2),), INEXACT, (Edge((INF,), (0.0,)), Edge((-INF,), (0.0,)))),
    lambda x, out: sech2(x),
)
arcsinh = smooth(
    "arcsinh",
    np.arcsinh,
    Pointwise((_INSIDE,), INEXACT),
    lambda x, out: divide(1.0, sqrt(subtract(square(x), -1.0)) if _is_complex(x) else hypot(1.0, x)),
)
arccosh = smooth(
    "arccosh",
    np.arccosh,
    Pointwise((Interval(1.2, 3.0),), INEXACT, (Edge((1.0,), (INF,)),)),
    lambda x, out: divide(1.0, multiply(sqrt(subtract(x, 1.0)), sqrt(subtract(x, -1.0)))),
)
arctanh = smooth(
    "arctanh",
    np.arctanh,
    Pointwise((_INSIDE,), INEXACT, (Edge((1.0,), (INF,)), Edge((-1.0,), (INF,)))),
    lambda x, out: divide(1.0, under_circle(x)),
)


def _angle_unit(name: str, function: np.ufunc) -> Primitive:
    """A change of the unit of angles: linear, and its own transpose."""
    own = Primitive(
        name=name,
        type=same_type(name),
        evaluate=ufunc(function),
        jvp=(LINEAR,),
        transpose=(lambda ct, x: own(ct),),
        batch=each,
        source=f"np.{name}({{0}})",
        domain=Pointwise((WHOLE,), REAL),
        elementwise=True,
    )
    return own


deg2rad = _angle_unit("deg2rad", np.deg2rad)
rad2deg = _angle_unit("rad2deg", np.rad2deg)


def _series(u: Any, order: int) -> Any:
    """The derivative of sin(u)/u by its series at 0: sum of (-1)^k u^(2k-n) / ((2k+1) (2k-n)!)."""
    first = (order + 1) // 2
    last = first + 14 + 3 * (order + 1) // 2
    total: Any = 0.0
    for k in range(last, first - 1, -1):
        total = total * u * u + (-1) ** k / ((2 * k + 1) * math.factorial(2 * k - order))
    return total * u if order % 2 else total


def _recurrence(x: Any, order: int) -> Any:
    """The derivative of sin(u)/u at u = πx, away from 0: n f(n-1) + u f(n) is the n-th derivative of sin."""
    turned = np.pi * (x - 2.0 * np.rint(np.real(x) / 2.0))
    sines, u = (np.sin(turned), np.cos(turned)), np.pi * x
    found = sines[0] / u
    for n in range(1, order + 1):
        found = ((-1) ** (n // 2) * sines[n % 2] - n * found) / u
    return found


def _sinc(x: Any, *, order: int) -> Any:
    plain = np.asarray(x)
    if order == 0:
        out = np.sinc(plain)
    else:
        wide = plain.astype(np.result_type(plain, np.float64), copy=False)
        small = np.abs(wide) <= (order + 1) / np.pi
        inner = _series(np.pi * np.where(small, wide, 0.0), order)
        out = np.pi**order * np.where(small, inner, _recurrence(np.where(small, 1.0, wide), order))
    out = np.asarray(out).astype(plain.dtype, copy=False)
    return out.item() if is_bare(x) else out if out.ndim else out[()]


sinc = Primitive(
    name="sinc",
    type=lambda x, *, order: same_type("sinc")(x),
    evaluate=_sinc,
    jvp=(lambda t, x, *, out, order: scale(sinc(x, order=order + 1), t),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="sinc({0}, order={order})",
    domain=Pointwise(
        (WHOLE,),
        ("float32", "float64", "complex64", "complex128"),
        (Edge((0.0,), (0.0,)),),
        tuple({"order": n} for n in range(4)),
    ),
    elementwise=True,
)
"""The derivative of this order of sin(πx) / (πx)."""

ALL = (
    sin,
    cos,
    tan,
    arcsin,
    arccos,
    arctan,
    under_circle,
    arctan2,
    sinh,
    cosh,
    sech2,
    tanh,
    arcsinh,
    arccosh,
    arctanh,
    deg2rad,
    rad2deg,
    sinc,
)
