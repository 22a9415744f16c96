"""NumPy's ufuncs on traced arrays: `UFUNCS` maps each to a function of its operands.

Most are one primitive with NumPy's broadcasting and promotion; a few are made of others. Those that
read whole axes (`np.matmul`, `np.add.reduce`) stand in `gufuncs`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import aval_of
from ..core.primitive import Primitive
from ..primitives import arithmetic as a
from ..primitives import bits as b
from ..primitives import comparison as c
from ..primitives import complex as z
from ..primitives import exponential as x
from ..primitives import powers as p
from ..primitives import rounding as r
from ..primitives import structure as s
from ..primitives import trigonometric as t
from ..primitives.promotion import joint_shape, to_dtype, to_shape
from ..transforms.tape import TapeTrace
from .dispatch import as_float, elementwise, newest, strong
from .powers import float_power, power

Ufunc = Callable[..., Any]

_PLAIN: tuple[tuple[Primitive, np.ufunc], ...] = (
    (s.add, np.add),
    (a.negative, np.negative),
    (a.subtract, np.subtract),
    (a.multiply, np.multiply),
    (a.divide, np.true_divide),
    (a.square, np.square),
    (a.reciprocal, np.reciprocal),
    (c.less, np.less),
    (c.less_equal, np.less_equal),
    (c.greater, np.greater),
    (c.greater_equal, np.greater_equal),
    (c.equal, np.equal),
    (c.not_equal, np.not_equal),
    (c.logical_and, np.logical_and),
    (c.logical_or, np.logical_or),
    (c.logical_xor, np.logical_xor),
    (c.logical_not, np.logical_not),
    (c.isnan, np.isnan),
    (c.isinf, np.isinf),
    (c.isfinite, np.isfinite),
    (c.signbit, np.signbit),
    (c.maximum, np.maximum),
    (c.minimum, np.minimum),
    (c.fmax, np.fmax),
    (c.fmin, np.fmin),
    (r.floor, np.floor),
    (r.ceil, np.ceil),
    (r.trunc, np.trunc),
    (r.rint, np.rint),
    (r.spacing, np.spacing),
    (r.floor_divide, np.floor_divide),
    (r.remainder, np.remainder),
    (r.fmod, np.fmod),
    (r.nextafter, np.nextafter),
    (r.copysign, np.copysign),
    (r.heaviside, np.heaviside),
    (z.absolute, np.absolute),
    (z.absolute, np.fabs),
    (x.exp, np.exp),
    (x.exp2, np.exp2),
    (x.expm1, np.expm1),
    (x.log, np.log),
    (x.log2, np.log2),
    (x.log10, np.log10),
    (x.log1p, np.log1p),
    (x.logaddexp, np.logaddexp),
    (x.logaddexp2, np.logaddexp2),
    (p.sqrt, np.sqrt),
    (p.cbrt, np.cbrt),
    (p.hypot, np.hypot),
    (t.sin, np.sin),
    (t.cos, np.cos),
    (t.tan, np.tan),
    (t.arcsin, np.arcsin),
    (t.arccos, np.arccos),
    (t.arctan, np.arctan),
    (t.arctan2, np.arctan2),
    (t.sinh, np.sinh),
    (t.cosh, np.cosh),
    (t.tanh, np.tanh),
    (t.arcsinh, np.arcsinh),
    (t.arccosh, np.arccosh),
    (t.arctanh, np.arctanh),
    (t.deg2rad, np.deg2rad),
    (t.deg2rad, np.radians),
    (t.rad2deg, np.rad2deg),
    (t.rad2deg, np.degrees),
    (b.bitwise_and, np.bitwise_and),
    (b.bitwise_or, np.bitwise_or),
    (b.bitwise_xor, np.bitwise_xor),
    (b.invert, np.invert),
    (b.left_shift, np.left_shift),
    (b.right_shift, np.right_shift),
)
"""A ufunc and the primitive that it is."""


def positive(x: Any) -> Any:
    """As `numpy.positive`: the same numbers in an array of their own."""
    own = strong(x)
    if not aval_of(own).shape:  # a number, where NumPy is given an array without axes too
        return elementwise(a.negative, np.negative, elementwise(a.negative, np.negative, own))
    return own.copy("K")


def sign(x: Any) -> Any:
    """As `numpy.sign`; of a complex number `x / |x|`."""
    return elementwise(z.unit if dtypes.is_complex(aval_of(x).dtype) else r.sign, np.sign, x)


def conjugate(x: Any) -> Any:
    """As `numpy.conjugate`; a real number is its own."""
    if aval_of(x).dtype.kind == "c":
        return elementwise(z.conjugate, np.conjugate, x)
    return positive(x)


def real(x: Any) -> Any:
    """As `numpy.real`; a real array is its own real part."""
    return elementwise(z.real, np.real, x) if aval_of(x).dtype.kind == "c" else x


def imag(x: Any) -> Any:
    """As `numpy.imag`; zeros for a real array."""
    aval = aval_of(x)
    return elementwise(z.imag, np.imag, x) if aval.dtype.kind == "c" else s.zeros(aval)


def angle(x: Any, deg: bool = False) -> Any:
    """As `numpy.angle`: the argument of complex numbers, 0 at 0 and with slope 0 there.

    arg(x + iy) = arctan2(y, x)
    """
    x = as_float(strong(x))
    aval = aval_of(x)
    if aval.dtype.kind == "c":
        found = elementwise(t.arctan2, np.arctan2, imag(x), real(x))
    else:
        found = elementwise(t.arctan2, np.arctan2, 0.0, x)
    return elementwise(a.multiply, np.multiply, found, 180.0 / np.pi) if deg else found


def sinc(x: Any) -> Any:
    """As `numpy.sinc`: sin(πx) / (πx), 1 at 0, with exact derivatives of any order there."""
    x = strong(x)
    if not dtypes.is_inexact(aval_of(x).dtype):
        x = to_dtype(x, np.dtype(np.float64))
    return elementwise(t.sinc, np.sinc, x, order=0)


def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    """As `numpy.divmod`: the floor of the quotient, and the remainder."""
    return (
        elementwise(r.floor_divide, np.floor_divide, x, y),
        elementwise(r.remainder, np.remainder, x, y),
    )


def clip(x: Any, low: Any, high: Any) -> Any:
    """What the method `clip` of a plain array calls: `minimum(maximum(x, low), high)`."""
    return elementwise(c.minimum, np.minimum, elementwise(c.maximum, np.maximum, x, low), high)


def modf(x: Any) -> tuple[Any, Any]:
    """As `numpy.modf`: the fraction, with slope 1, and the whole part, with slope 0."""
    x = as_float(x)
    return (
        elementwise(r.fraction, lambda v: np.modf(v)[0], x),
        elementwise(r.trunc, lambda v: np.modf(v)[1], x),
    )


def frexp(x: Any) -> tuple[Any, Any]:
    """As `numpy.frexp`: the m and n of `x = m * 2**n`; n is an integer, so m has slope `2**-n`."""
    x = as_float(x)
    n = elementwise(r.exponent, lambda v: np.frexp(v)[1], x)
    return ldexp(x, elementwise(a.negative, np.negative, n)), n


def ldexp(x: Any, n: Any) -> Any:
    """As `numpy.ldexp`: `x * 2**n` for integers n."""
    x = as_float(x)
    trace = newest((x, n))
    if trace is None:
        return np.ldexp(x, n)
    if isinstance(trace, TapeTrace):
        return trace.binary(r.ldexp, np.ldexp, x, n)
    shape = joint_shape([aval_of(x).shape, aval_of(n).shape])
    return r.ldexp(to_shape(x, shape), to_shape(n, shape))


PRIMITIVES: dict[Any, Primitive] = {
    function: primitive for primitive, function in _PLAIN if function.nin == 1
}
"""The ufuncs of one operand that are one primitive: the short way in."""

UFUNCS: dict[Any, Ufunc] = {
    **{function: partial(elementwise, primitive, function) for primitive, function in _PLAIN},
    np.power: power,
    np.float_power: float_power,
    np.positive: positive,
    np.sign: sign,
    np.conjugate: conjugate,
    np.divmod: divmod_,
    np.modf: modf,
    np.frexp: frexp,
    np.ldexp: ldexp,
}

INTERNAL: dict[Any, Ufunc] = {np._core.umath.clip: clip}  # type: ignore[attr-defined]
"""Ufuncs without a public name, which NumPy's methods call."""
