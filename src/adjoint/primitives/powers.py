"""Powers and roots.

`integer_power` has its exponent as a parameter: its derivatives of any order are exact everywhere,
because the coefficient n (n-1) (n-2) ... ends in a zero. `power` takes any two numbers:

    d/dx x**y = y x**(y-1)        d/dy x**y = x**y log(x)

where a zero y makes the first zero, and a zero x the second (y >= 0).
"""

from typing import Any

import numpy as np

from ..core.domain import INEXACT, REAL, Edge, Pointwise
from ..core.primitive import NOT_LINEAR, Primitive
from .arithmetic import divide, multiply, square, subtract
from .comparison import NAN, equal, logical_and
from .exponential import log
from .pointwise import POSITIVE, smooth
from .structure import INF, WHOLE, add, each, scale, select
from .typerules import same_type

_ROOT = (Edge((0.0,), (INF,)), Edge((-0.0,), (INF,)))

sqrt = smooth(
    "sqrt",
    np.sqrt,
    Pointwise((POSITIVE,), INEXACT, _ROOT),
    lambda x, out: divide(0.5, add(out, 0.0)),
)
cbrt = smooth(
    "cbrt",
    np.cbrt,
    Pointwise((POSITIVE,), REAL, _ROOT),
    lambda x, out: divide(1.0 / 3.0, square(out)),
)


def _along(x: Any, out: Any) -> Any:
    return select(equal(out, 0.0), 0.0, divide(x, out))


hypot = smooth(
    "hypot",
    np.hypot,
    Pointwise((POSITIVE, POSITIVE), REAL, (Edge((0.0, 0.0), (0.0, 0.0)), Edge((-3.0, 4.0), (-0.6, 0.8)))),
    lambda x, y, out: _along(x, out),
    lambda x, y, out: _along(y, out),
)


def _integer_power(x: Any, *, n: int) -> Any:
    if type(x) is float or type(x) is complex:
        return np.power(x, n).item()
    return x**n


def _integer_power_tangent(t: Any, x: Any, *, out: Any, n: int) -> Any:
    if n == 0:
        return None
    if n == 1:
        return t
    if n < 0:
        x = add(x, 0.0)
    lower = x if n == 2 else square(x) if n == 3 else integer_power(x, n=n - 1)
    return scale(multiply(float(n), lower), t)


integer_power = Primitive(
    name="integer_power",
    type=lambda x, *, n: same_type("integer_power")(x),
    evaluate=_integer_power,
    jvp=(_integer_power_tangent,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="{0} ** {n}",
    domain=Pointwise(
        (POSITIVE,),
        INEXACT,
        (Edge((0.0,), (0.0,)), Edge((-2.0,), (12.0,))),
        tuple({"n": n} for n in (3, 0, 1, 2, 5, -2)),
    ),
    elementwise=True,
)


def _slope(x: Any, y: Any) -> Any:
    lower = power.evaluate(add.evaluate(x, 0.0), subtract.evaluate(y, 1.0))
    return scale.evaluate(y, lower)


power_slope = smooth(
    "power_slope",
    np.power,
    Pointwise((POSITIVE, WHOLE), INEXACT),
    lambda x, y, out: scale(y, power_slope(x, subtract(y, 1.0))),
    lambda x, y, out: scale(power(add(x, 0.0), subtract(y, 1.0)), add(1.0, scale(y, log(x)))),
    source="power_slope({0}, {1})",
    evaluate=_slope,
)
"""`y x**(y-1)`. A primitive of its own, because its slope in y, `x**(y-1) (1 + y log x)`, is an infinity
less an infinity at x = 0 where the product is differentiated by its factors.
"""


def _by_exponent(x: Any, y: Any, out: Any) -> Any:
    one = logical_and(equal(x, 0.0), equal(y, 0.0))
    return scale(select(one, 0.0, out), log(x))


power = smooth(
    "power",
    np.power,
    Pointwise(
        (POSITIVE, WHOLE),
        INEXACT,
        (
            *(Edge((zero, 2.0), (0.0, 0.0)) for zero in (0.0, -0.0)),
            *(Edge((zero, 1.0), (1.0, 0.0)) for zero in (0.0, -0.0)),
            *(Edge((zero, 0.5), (INF, 0.0)) for zero in (0.0, -0.0)),
            *(Edge((zero, 0.0), (0.0, 0.0)) for zero in (0.0, -0.0)),
            *(Edge((zero, -2.0), (-INF, -INF)) for zero in (0.0, -0.0)),
            Edge((-2.0, 3.0), (12.0, NAN)),
            Edge((-2.0, 0.0), (0.0, NAN)),
        ),
    ),
    lambda x, y, out: power_slope(x, y),
    _by_exponent,
)

ALL = (sqrt, cbrt, hypot, integer_power, power_slope, power)
