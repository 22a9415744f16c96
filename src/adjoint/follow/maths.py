"""Functions of Python's `math`, `cmath` and `statistics` on traced numbers.

They take one number and give one, raise where `math` raises, and have the slopes of NumPy's functions.
"""

import cmath
import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..array.dispatch import concrete
from ..core.primitive import Tracer
from ..errors import TraceError
from ..lazy import special
from .scalars import complex_, float_, is_traced


def _checked(original: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Raise what the function raises at this point, where the point is known."""
    values: list[Any] = []
    for arg in args:
        value = arg
        while isinstance(value, Tracer) and value.value is not None:
            value = value.value
        if isinstance(value, Tracer) or np.size(value) != 1:
            return  # not known yet, or a batch of them
        values.append(value)
    original(*values)


def _real(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    return _number(original, ours, float_)


def _number(
    original: Callable[..., Any], ours: Callable[..., Any], convert: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not any(map(is_traced, args)):
            return original(*args, **kwargs)
        _checked(original, args)
        return convert(ours(*map(convert, args), **kwargs))

    return function


def _integer(original: Callable[..., Any]) -> Callable[..., Any]:
    """A function that rounds: its plain integer, since its slope is zero wherever it has one."""

    @functools.wraps(original)
    def function(x: Any) -> Any:
        return original(concrete(x, f"math.{original.__name__}(...)") if is_traced(x) else x)

    return function


def _question(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        what = f"math.{original.__name__}(...)"
        return original(*(concrete(a, what) if is_traced(a) else a for a in args), **kwargs)

    return function


def _of_many(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """A function of sequences of numbers."""

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        rows = [list(a) if not isinstance(a, Tracer) and np.iterable(a) else a for a in args]
        if not any(is_traced(a) or (isinstance(a, list) and any(map(is_traced, a))) for a in rows):
            return original(*rows, **kwargs)
        return float_(ours(*rows, **kwargs))

    return function


def _log(x: Any, base: Any = math.e) -> Any:
    return np.log(x) if base == math.e else np.log(x) / np.log(base)


def _sum(values: Any) -> Any:
    return functools.reduce(operator.add, values, 0.0)


def _prod(values: Any, *, start: Any = 1) -> Any:
    return functools.reduce(operator.mul, values, start)


def _dist(p: Any, q: Any) -> Any:
    return np.sqrt(_sum((a - b) ** 2 for a, b in zip(p, q, strict=True)))


def _sumprod(p: Any, q: Any) -> Any:
    return _sum(a * b for a, b in zip(p, q, strict=True))


def _hypot(*values: Any) -> Any:
    return functools.reduce(np.hypot, values, 0.0)


def _remainder(x: Any, y: Any) -> Any:
    return x - y * np.rint(x / y)


_REAL: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "exp2")},
    **{name: getattr(np, name) for name in ("expm1", "log1p", "log2", "log10", "sqrt", "cbrt", "fabs")},
    **{name: getattr(np, name) for name in ("fmod", "copysign", "degrees", "radians", "nextafter")},
    **{f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": np.arctan2,
    "pow": np.power,
    "log": _log,
    "hypot": _hypot,
    "remainder": _remainder,
    "fma": lambda x, y, z: x * y + z,
    "ldexp": lambda x, i: x * 2.0**i,
    "erf": lambda x: special.erf(x),
    "erfc": lambda x: special.erfc(x),
    "gamma": lambda x: special.gamma(x),
    "lgamma": lambda x: special.gammaln(x),
}
_COMPLEX = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log10", "sqrt")
_QUESTIONS = ("isnan", "isinf", "isfinite", "isclose")


def _refused(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def function(*args: Any) -> Any:
        if any(map(is_traced, args)):
            raise TraceError(
                f"math.{original.__name__} of a traced number was asked for",
                "a function without a rule",
                "Write it with functions that have one.",
            )
        return original(*args)

    return function


TABLE: dict[Any, Callable[..., Any]] = {
    **{getattr(math, n): _real(getattr(math, n), ours) for n, ours in _REAL.items() if n in vars(math)},
    **{getattr(math, n): _integer(getattr(math, n)) for n in ("floor", "ceil", "trunc")},
    **{getattr(math, n): _question(getattr(math, n)) for n in _QUESTIONS},
    **{getattr(math, n): _refused(getattr(math, n)) for n in ("frexp", "modf", "ulp")},
    math.fsum: _of_many(math.fsum, _sum),
    math.prod: _of_many(math.prod, _prod),
    math.dist: _of_many(math.dist, _dist),
    **{getattr(math, n): _of_many(getattr(math, n), _sumprod) for n in ("sumprod",) if n in vars(math)},
    **{getattr(cmath, n): _number(getattr(cmath, n), getattr(np, n), complex_) for n in _COMPLEX},
    cmath.log: _number(cmath.log, _log, complex_),
}
