"""SciPy's quadrature of functions: `quad`, with derivatives by Leibniz' rule; `odeint` is refused.

d/dp of the integral of f from a to b  =  f(b) db/dp - f(a) da/dp + the integral of df/dp

`trapezoid`, `simpson`, `cumulative_simpson`, `romb`, `fixed_quad`, `solve_ivp` are SciPy's own Python and are
followed.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...core.primitive import newest
from ...errors import DerivativeError
from ...lazy import integrate
from ..dispatch import concrete
from ..handing import Handed
from ..traced import Traced

Rule = list[tuple[float, bool, float]]
"""Points of an interval of length 1: how far from an end, whether from the last one, and the weight."""


def _gauss() -> Rule:
    x, share = np.polynomial.legendre.leggauss(21)
    return [(0.5 * (1.0 + float(u)), False, 0.5 * float(w)) for u, w in zip(x, share, strict=True)]


def _double_exponential() -> Rule:
    """Points that crowd at both ends, where the integrand may be singular: x = tanh(pi/2 sinh s)."""
    s = np.arange(-56, 57) / 10
    near = 1.0 / (1.0 + np.exp(np.pi * np.sinh(np.abs(s))))
    share = 0.1 * np.pi * np.cosh(s) * near * (1.0 - near)
    return [(float(q), bool(at > 0), float(w)) for q, at, w in zip(near, s, share, strict=True)]


_RULES = (_gauss(), _double_exponential())
_END = np.polynomial.legendre.leggauss(4)
"""Exact for powers up to 7 of the way to a moved end: derivatives up to the eighth order in the ends."""


def quad(
    func: Any,
    a: Any,
    b: Any,
    args: Any = (),
    full_output: Any = 0,
    epsabs: float = 1.49e-8,
    epsrel: float = 1.49e-8,
    limit: int = 50,
    points: Any = None,
    weight: Any = None,
    wvar: Any = None,
    wopts: Any = None,
    maxp1: int = 50,
    limlst: int = 50,
    complex_func: bool = False,
) -> Any:
    """As `scipy.integrate.quad`, differentiable in the ends, in `args` and in what the integrand closes over.

    The value is SciPy's. Derivatives of any order are taken on the intervals into which SciPy has cut the
    integral, with 21 points on each, or 113 that crowd at its ends; an integrand of which neither reproduces
    the value to 100 times the tolerance is refused, since its derivative would be as far off.
    """
    args = args if isinstance(args, tuple) else (args,)
    options = {"epsabs": epsabs, "epsrel": epsrel, "limit": limit, "points": points}
    options |= {"weight": weight, "wvar": wvar, "wopts": wopts, "maxp1": maxp1, "limlst": limlst}
    if complex_func:
        parts = [
            quad(lambda x, *p, take=take: take(func(x, *p)), a, b, args, 1, **options)
            for take in (np.real, np.imag)
        ]
        whole = parts[0][0] + 1j * parts[1][0], parts[0][1] + 1j * parts[1][1]
        return (*whole, {"real": parts[0][2:], "imag": parts[1][2:]}) if full_output else whole
    low, high = (float(concrete(end, "the end of an integral")) for end in (a, b))

    def plain(x: float) -> float:
        return float(concrete(func(x, *args), "the integrand of quad"))

    value, error, *more = integrate.quad(plain, low, high, full_output=1, **options)
    rest = tuple(more) if full_output else ()
    if not full_output and len(more) > 1:
        integrate.quad(plain, low, high, **options)  # once more, for SciPy's own warning
    moved = _moved(func, a, b, args, (low, high), more[0], value, max(epsabs, epsrel * abs(value)), weight)
    return (value if moved is None else value + moved, error, *rest)


def _moved(
    func: Any,
    a: Any,
    b: Any,
    args: Any,
    ends: tuple[float, float],
    info: Any,
    value: float,
    tolerance: float,
    weight: Any,
) -> Any:
    """A zero that moves as the integral does; None where nothing is traced."""
    if newest((a, b, *args, func(_inner(*ends), *args))) is None:
        return None
    if weight is not None:
        raise DerivativeError(
            "the derivative of quad with a weight was asked for", repr(weight), "Write the weight into func."
        )
    total = _summed(func, args, ends, info, value, tolerance)
    still = total - concrete(total, "quad") if isinstance(total, Traced) else 0.0
    return still + _at_end(func, b, ends[1], args) - _at_end(func, a, ends[0], args)


def _inner(low: float, high: float) -> float:
    """A point between the ends."""
    if np.isfinite(low) and np.isfinite(high):
        return low + 0.37 * (high - low)
    return low + 1.0 if np.isfinite(low) else high - 1.0 if np.isfinite(high) else 0.3


def _summed(
    func: Any, args: Any, ends: tuple[float, float], info: Any, value: float, tolerance: float
) -> Any:
    """The integral by points on SciPy's own intervals, by the first rule that reproduces the value."""
    known = 0.0
    for rule in _RULES:
        total: Any = sum((share * func(x, *args) for x, share in _nodes(*ends, info, rule)), 0.0)
        known = float(concrete(total, "quad"))
        if abs(known - value) <= 100 * tolerance:
            return total
    raise DerivativeError(
        "the derivative of an integral was asked for",
        f"an integrand on whose intervals a sum gives {known}, where quad gives {value}",
        "Substitute away the singularity, or name it in points=.",
    )


def _at_end(func: Any, end: Any, known: float, args: Any) -> Any:
    """The integral from where an end is to where it moves."""
    if not isinstance(end, Traced) or not np.isfinite(known):
        return 0.0
    step: Any = end - known
    x, share = _END
    return step * sum(
        0.5 * w * func(known + 0.5 * (1.0 + u) * step, *args) for u, w in zip(x, share, strict=True)
    )


def _nodes(low: float, high: float, info: Any, rule: Rule) -> Iterator[tuple[float, float]]:
    """The points and weights on SciPy's intervals; of infinite ones as QUADPACK folds them onto (0, 1]."""
    if low == high:
        return
    sign = 1.0 if low < high else -1.0
    low, high = min(low, high), max(low, high)
    finite = bool(np.isfinite(low)), bool(np.isfinite(high))
    count = info["last"]
    for start, stop in zip(info["alist"][:count].tolist(), info["blist"][:count].tolist(), strict=True):
        start, stop = min(start, stop), max(start, stop)
        for way, from_stop, share in rule:
            t = stop - way * (stop - start) if from_stop else start + way * (stop - start)
            part = sign * share * (stop - start)
            if t in (start, stop):
                continue  # rounded onto an end, where the integrand may be infinite, with next to no weight
            if all(finite):
                yield t, part
                continue
            out, part = (1.0 - t) / t, part / (t * t)
            if finite[0] or not finite[1]:
                yield (low if finite[0] else 0.0) + out, part
            if not finite[0]:
                yield (high if finite[1] else 0.0) - out, part


def odeint(func: Any, y0: Any, t: Any, args: Any = (), **options: Any) -> Any:
    """As `scipy.integrate.odeint`, of plain arguments only: its solver is Fortran that calls back."""
    args = args if isinstance(args, tuple) else (args,)
    given = [y0, t, *args]
    first: list[Any] = []
    if newest(given) is None:
        at = (np.asarray(y0), np.asarray(t).reshape(-1)[0])
        slope = func(*(at[::-1] if options.get("tfirst") else at), *args)
        first = list(slope) if isinstance(slope, list | tuple) else [slope]
    if newest([*given, *(first)]) is not None:
        raise DerivativeError(
            "the derivative of odeint was asked for",
            "traced values, which its compiled solver cannot carry",
            "Use scipy.integrate.solve_ivp(lambda t, y: func(y, t), (t[0], t[-1]), y0, t_eval=t).",
        )
    return integrate.odeint(func, y0, t, args, **options)


TABLE: dict[str, Callable[..., Any]] = {
    "scipy.integrate.quad": Handed(quad),
    "scipy.integrate.odeint": Handed(odeint),
}
