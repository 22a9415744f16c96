"""Orthogonal polynomials of any degree: Legendre, Chebyshev, Jacobi, Gegenbauer, Laguerre, Hermite.

d/dx P[n](a, b) = (n + a + b + 1)/2 P[n-1](a+1, b+1) for Jacobi's, and one such line for each family.

The degree, and the parameters of a family, have no derivative here. A degree that is a whole number is
computed by recurrence, as SciPy does for integers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import Primitive
from ...lazy import special
from ..arithmetic import multiply, negative, subtract
from ..comparison import equal
from ..pointwise import smooth
from ..structure import WHOLE, add, scale, select
from .declaring import FIELDS, REALS, half, no_derivative_in, of_one_dtype, real_part

_DEGREE = Interval(3.0, 3.0)
_PARAMETER = Interval(0.5, 1.5)
_SHIFTED = Interval(0.1, 0.9)


def _of_degree(name: str) -> Callable[..., Any]:
    """SciPy's function, with whole numbers as its degree where they are such; in one dtype."""

    def function(n: Any, *rest: Any) -> Any:
        *parameters, x = rest
        degree, dtype = np.asarray(np.real(n)), np.result_type(n, *rest)
        plain = [np.real(p) for p in parameters]
        if dtype.kind != "c" and np.all(degree == np.rint(degree)):
            degree = degree.astype(np.int64)
        return np.asarray(getattr(special, name)(degree, *plain, x)).astype(dtype, copy=False)[()]

    return of_one_dtype(function)


def _polynomial(
    name: str, slope: Callable[..., Any], *, x: Interval = WHOLE, parameters: int = 0, complex: bool = True
) -> Primitive:
    """A family, by the slope `slope(n, *parameters, x)`; that of degree 0 is zero."""

    def partial(n: Any, *rest: Any) -> Any:
        *inner, x, _ = rest
        degree = real_part(n)
        return select(equal(degree, 0.0), 0.0, slope(degree, *map(real_part, inner), x))

    reason = no_derivative_in("its degree", name)
    operands = ", ".join(f"{{{i}}}" for i in range(parameters + 2))
    return smooth(
        name,
        _of_degree(name),
        Pointwise((_DEGREE, *(_PARAMETER,) * parameters, x), FIELDS if complex else REALS),
        reason,
        *(no_derivative_in("its parameters", name),) * parameters,
        partial,
        source=f"{name}({operands})",
        evaluate=_of_degree(name),
    )


def _less(n: Any) -> Any:
    return subtract(n, 1.0)


def _jacobi_slope(n: Any, a: Any, b: Any, x: Any) -> Any:
    factor = half(add(add(n, 1.0), add(a, b)))
    return multiply(factor, eval_jacobi(_less(n), add(a, 1.0), add(b, 1.0), x))


def _gegenbauer_slope(n: Any, a: Any, x: Any) -> Any:
    return multiply(multiply(2.0, a), eval_gegenbauer(_less(n), add(a, 1.0), x))


eval_jacobi: Primitive = _polynomial("eval_jacobi", _jacobi_slope, parameters=2)
eval_gegenbauer: Primitive = _polynomial("eval_gegenbauer", _gegenbauer_slope, parameters=1)
eval_genlaguerre: Primitive = _polynomial(
    "eval_genlaguerre",
    lambda n, a, x: negative(eval_genlaguerre(_less(n), add(a, 1.0), x)),
    parameters=1,
)
eval_sh_jacobi: Primitive = _polynomial(
    "eval_sh_jacobi",
    lambda n, p, q, x: scale(n, eval_sh_jacobi(_less(n), add(p, 2.0), add(q, 1.0), x)),
    x=_SHIFTED,
    parameters=2,
)


def _second(n: Any, x: Any) -> Any:
    """Gegenbauer's polynomial for a = 2, of degree n - 1: half of a slope of Chebyshev's."""
    return eval_gegenbauer(_less(n), 2.0, x)


def _doubled(x: Any) -> Any:
    return subtract(multiply(2.0, x), 1.0)


eval_legendre = _polynomial(
    "eval_legendre", lambda n, x: multiply(half(add(n, 1.0)), eval_jacobi(_less(n), 1.0, 1.0, x))
)
eval_sh_legendre = _polynomial(
    "eval_sh_legendre",
    lambda n, x: multiply(add(n, 1.0), eval_jacobi(_less(n), 1.0, 1.0, _doubled(x))),
    x=_SHIFTED,
)
eval_chebyu = _polynomial("eval_chebyu", lambda n, x: multiply(2.0, _second(n, x)))
eval_chebyt = _polynomial("eval_chebyt", lambda n, x: multiply(n, eval_chebyu(_less(n), x)))
eval_chebys = _polynomial("eval_chebys", lambda n, x: _second(n, half(x)))
eval_chebyc = _polynomial("eval_chebyc", lambda n, x: multiply(n, eval_chebys(_less(n), x)))
eval_sh_chebyu = _polynomial(
    "eval_sh_chebyu", lambda n, x: multiply(4.0, _second(n, _doubled(x))), x=_SHIFTED
)
eval_sh_chebyt = _polynomial(
    "eval_sh_chebyt",
    lambda n, x: multiply(multiply(2.0, n), eval_sh_chebyu(_less(n), x)),
    x=_SHIFTED,
)
eval_laguerre = _polynomial("eval_laguerre", lambda n, x: negative(eval_genlaguerre(_less(n), 1.0, x)))
eval_hermite: Primitive = _polynomial(
    "eval_hermite", lambda n, x: multiply(2.0, scale(n, eval_hermite(_less(n), x))), complex=False
)
eval_hermitenorm: Primitive = _polynomial(
    "eval_hermitenorm", lambda n, x: scale(n, eval_hermitenorm(_less(n), x)), complex=False
)

ALL = (
    *(eval_jacobi, eval_gegenbauer, eval_genlaguerre, eval_sh_jacobi, eval_legendre, eval_sh_legendre),
    *(eval_chebyu, eval_chebyt, eval_chebys, eval_chebyc, eval_sh_chebyu, eval_sh_chebyt),
    *(eval_laguerre, eval_hermite, eval_hermitenorm),
)
