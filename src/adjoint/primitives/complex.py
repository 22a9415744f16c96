"""Complex numbers: their parts, their conjugates, absolute values.

Cotangents pair with tangents without conjugation: `<ct, t> = Re(ct * t)`. So the gradient of a real
function of z = x + iy is `df/dx - i df/dy`; the parts and the conjugate are linear in this sense.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import COMPLEX, INEXACT, NUMBER, Edge, Pointwise
from ..core.primitive import JOINTLY, LINEAR, NOT_LINEAR, Primitive
from .arithmetic import divide, negative
from .batching import is_bare
from .evaluation import ufunc
from .pointwise import POSITIVE
from .rounding import sign
from .structure import WHOLE, each, scale
from .typerules import joint_dtype, joint_shape, real_type, same_type

conjugate = Primitive(
    name="conjugate",
    type=same_type("conjugate"),
    evaluate=ufunc(np.conjugate),
    jvp=(LINEAR,),
    transpose=(lambda ct, x: conjugate(ct),),
    batch=each,
    source="np.conjugate({0})",
    domain=Pointwise((WHOLE,), INEXACT),
    elementwise=True,
)

real = Primitive(
    name="real",
    type=real_type("real"),
    evaluate=lambda x: x.real,
    jvp=(LINEAR,),
    transpose=(lambda ct, x: make_complex(ct, 0.0),),
    batch=each,
    source="({0}).real",  # Python's numbers have it too, and stay Python's
    domain=Pointwise((WHOLE,), COMPLEX),
    elementwise=True,
)

imag = Primitive(
    name="imag",
    type=real_type("imag"),
    evaluate=lambda x: x.imag,
    jvp=(LINEAR,),
    transpose=(lambda ct, x: make_complex(0.0, negative(ct)),),
    batch=each,
    source="({0}).imag",
    domain=Pointwise((WHOLE,), COMPLEX),
    elementwise=True,
)


def _make_type(x: Aval, y: Aval) -> Aval:
    dtype, weak = joint_dtype("make_complex", (x, y))
    return Aval(joint_shape("make_complex", (x, y)), dtypes.complex_dtype(dtype), weak)


def _make(x: Any, y: Any) -> Any:
    if is_bare(x) and is_bare(y):
        return complex(x, y)
    out = np.empty(np.broadcast_shapes(np.shape(x), np.shape(y)), np.result_type(x, y, np.complex64))
    out.real = x
    out.imag = y
    return out if out.ndim else out[()]


make_complex = Primitive(
    name="make_complex",
    type=_make_type,
    evaluate=_make,
    jvp=(JOINTLY, JOINTLY),
    transpose=(lambda ct, x, y: real(ct), lambda ct, x, y: negative(imag(ct))),
    batch=each,
    source="make_complex({0}, {1})",
    domain=Pointwise((WHOLE, WHOLE), ("float32", "float64")),
    elementwise=True,
)
"""`x + iy`, exact for infinite parts too."""


def _turn(t: Any, x: Any, *, out: Any) -> Any:
    """The part of dx across x turns the unit number; the part along x does not."""
    across = scale(divide(1.0, absolute(x)), imag(scale(conjugate(out), t)))
    return scale(out, make_complex(0.0, across))


unit = Primitive(
    name="unit",
    type=same_type("unit"),
    evaluate=ufunc(np.sign),
    jvp=(_turn,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="np.sign({0})",
    domain=Pointwise((POSITIVE,), COMPLEX, (Edge((0j,), (0j,)),)),
    elementwise=True,
)
"""`x / |x|` of complex numbers, 0 at 0: their sign."""


def _absolute_tangent(t: Any, x: Any, *, out: Any) -> Any:
    if aval_of(x).dtype.kind == "c":
        return real(scale(conjugate(unit(x)), t))
    return scale(sign(x), t)


absolute = Primitive(
    name="absolute",
    type=real_type("absolute"),
    evaluate=ufunc(np.absolute),
    jvp=(_absolute_tangent,),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="np.abs({0})",
    domain=Pointwise((POSITIVE,), NUMBER, tuple(Edge((z,), (0.0,)) for z in (0.0, -0.0, 0j))),
    elementwise=True,
)

ALL = (conjugate, real, imag, make_complex, unit, absolute)
