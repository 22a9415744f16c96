"""Functions of numbers that NumPy has as functions, not as ufuncs: parts of complex numbers, rounding."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...lazy import special, special_functions
from ...primitives import arithmetic, comparison, rounding
from ...primitives import complex as z
from ...primitives import structure as s
from ..dispatch import array_operand, as_float, concrete, elementwise, into, operand, viewed
from ..ufuncs import angle, positive, sinc


def _is_complex(x: Any) -> bool:
    return dtypes.is_complex(aval_of(x).dtype)


def real(val: Any) -> Any:
    """As `numpy.real`; a view."""
    x = operand(val)
    if not _is_complex(x):
        return x
    return viewed(
        x,
        lambda base: elementwise(z.real, np.real, base),
        lambda base, new: z.make_complex(new, z.imag(base)),
    )


def imag(val: Any) -> Any:
    """As `numpy.imag`; a view, or zeros for a real array."""
    x = operand(val)
    if not _is_complex(x):
        return s.zeros(aval_of(x))
    return viewed(
        x,
        lambda base: elementwise(z.imag, np.imag, base),
        lambda base, new: z.make_complex(z.real(base), new),
    )


def real_if_close(a: Any, tol: float = 100) -> Any:
    """As `numpy.real_if_close`; whether the imaginary part is close to zero must be known."""
    x = array_operand(a)
    if not _is_complex(x):
        return x
    bound = tol * dtypes.eps(aval_of(x).dtype) if tol > 1 else tol
    return real(x) if np.all(np.abs(np.imag(concrete(x, "real_if_close"))) < bound) else x


def round_(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """As `numpy.round`: to even where it is between; the derivative is zero."""
    x = array_operand(a)
    if not dtypes.is_inexact(aval_of(x).dtype) and decimals >= 0:
        return into(out, positive(x))
    if decimals == 0:
        return into(out, elementwise(rounding.rint, np.rint, x))
    unit = float(10 ** abs(decimals))
    up, down = (np.multiply, np.true_divide) if decimals > 0 else (np.true_divide, np.multiply)
    rule = {np.multiply: arithmetic.multiply, np.true_divide: arithmetic.divide}
    whole = elementwise(rounding.rint, np.rint, elementwise(rule[up], up, as_float(x), unit))
    return into(out, elementwise(rule[down], down, whole, unit))


def fix(x: Any, out: Any = None) -> Any:
    """As `numpy.fix`: towards zero."""
    return into(out, elementwise(rounding.trunc, np.trunc, as_float(array_operand(x))))


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """As `numpy.nan_to_num`: what is replaced contributes nothing to the derivative."""
    array = array_operand(x)
    aval = aval_of(array)
    if not dtypes.is_inexact(aval.dtype):
        return array
    if _is_complex(array):
        parts = (nan_to_num(part(array), True, nan, posinf, neginf) for part in (z.real, z.imag))
        return z.make_complex(*parts)
    limits = np.finfo(aval.dtype) if aval.dtype != dtypes.bfloat16 else dtypes.ml_dtypes.finfo(aval.dtype)
    above = float(limits.max) if posinf is None else posinf
    below = float(limits.min) if neginf is None else neginf
    found = s.select(comparison.isnan(array), nan, array)
    found = s.select(comparison.equal(array, s.INF), above, found)
    found = s.select(comparison.equal(array, -s.INF), below, found)
    if copy:
        return found
    return into(x, found)


def i0(x: Any) -> Any:
    """As `numpy.i0`: the modified Bessel function of the first kind, of order 0."""
    values = as_float(array_operand(x))
    if _is_complex(values):
        raise TypeError("i0 not supported for complex values")
    return special_functions.rule_of(special.i0)(values)


def isposinf(x: Any, out: Any = None) -> Any:
    """As `numpy.isposinf`."""
    return into(out, comparison.equal(array_operand(x), s.INF))


def isneginf(x: Any, out: Any = None) -> Any:
    """As `numpy.isneginf`."""
    return into(out, comparison.equal(array_operand(x), -s.INF))


def iscomplex(x: Any) -> Any:
    """As `numpy.iscomplex`: where the imaginary part is not zero."""
    return comparison.not_equal(imag(x), 0)


def isreal(x: Any) -> Any:
    """As `numpy.isreal`: where the imaginary part is zero."""
    return comparison.equal(imag(x), 0)


TABLE: dict[Any, Any] = {
    np.real: real,
    np.imag: imag,
    np.angle: angle,
    np.real_if_close: real_if_close,
    np.sinc: sinc,
    np.round: round_,
    np.around: round_,
    np.fix: fix,
    np.nan_to_num: nan_to_num,
    np.i0: i0,
    np.isposinf: isposinf,
    np.isneginf: isneginf,
    np.iscomplex: iscomplex,
    np.isreal: isreal,
}
