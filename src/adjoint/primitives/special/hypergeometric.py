"""Hypergeometric functions, by their argument.

d/dz 2F1(a, b; c; z) = ab/c 2F1(a+1, b+1; c+1; z), and so for 1F1, 0F1 and U. The parameters have no
derivative here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative
from ..pointwise import smooth
from ..structure import WHOLE, add
from .declaring import FIELDS, REALS, no_derivative_in, of_one_dtype, real_part

_PARAMETER = Interval(0.4, 2.4)
_WHERE_SCIPY_IS_EXACT = Interval(0.3, 0.7)
"""SciPy's U loses digits where its second parameter is close to a whole number."""


def _of_real_parameters(name: str) -> Callable[..., Any]:
    """SciPy's function, whose parameters are real also beside a complex argument."""

    def function(*args: Any) -> Any:
        *parameters, z = args
        return getattr(special, name)(*map(np.real, parameters), z)

    return of_one_dtype(function)


def _hypergeometric(
    name: str,
    count: int,
    slope: Callable[..., Any],
    argument: Interval,
    dtypes: tuple[str, ...] = FIELDS,
    parameter: Interval = _PARAMETER,
) -> Primitive:
    """A function of `count` parameters and an argument; its slope is `slope(*parameters, z)`."""
    evaluate = _of_real_parameters(name)
    operands = ", ".join(f"{{{i}}}" for i in range(count + 1))
    return smooth(
        name,
        evaluate,
        Pointwise((*(parameter,) * count, argument), dtypes),
        *(no_derivative_in("its parameters", name),) * count,
        lambda *args: slope(*map(real_part, args[:-2]), args[-2]),
        source=f"{name}({operands})",
        evaluate=evaluate,
    )


def _up(x: Any) -> Any:
    return add(x, 1.0)


hyp0f1: Primitive = _hypergeometric("hyp0f1", 1, lambda b, z: divide(hyp0f1(_up(b), z), b), WHOLE)
hyp1f1: Primitive = _hypergeometric(
    "hyp1f1", 2, lambda a, b, z: multiply(divide(a, b), hyp1f1(_up(a), _up(b), z)), WHOLE
)
hyp2f1: Primitive = _hypergeometric(
    "hyp2f1",
    3,
    lambda a, b, c, z: multiply(divide(multiply(a, b), c), hyp2f1(_up(a), _up(b), _up(c), z)),
    Interval(-0.5, 0.5),
)
hyperu: Primitive = _hypergeometric(
    "hyperu",
    2,
    lambda a, b, x: negative(multiply(a, hyperu(_up(a), _up(b), x))),
    Interval(0.8, 2.0),
    REALS,
    _WHERE_SCIPY_IS_EXACT,
)

ALL = (hyp0f1, hyp1f1, hyp2f1, hyperu)
