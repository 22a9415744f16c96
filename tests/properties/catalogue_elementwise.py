"""Templates of elementwise functions: NumPy's operators and ufuncs, SciPy's special functions.

The functions and the intervals in which they are smooth are read off the library's own table, so that a new
one is drawn without a word here; the values are NumPy's and SciPy's.
"""

from typing import Any

import numpy as np
import scipy.special

from adjoint.array import special as rules
from adjoint.array.ufuncs import _PLAIN, UFUNCS
from adjoint.core.primitive import NoDerivative, Primitive
from adjoint.primitives.special import ALL as SPECIAL

from .writer import Template, Writer, rounded

OPERATORS: list[Template] = [
    # (NumPy's own numbers and arrays round powers and the size of complex numbers differently)
    lambda w: f"{w.array()} + {w.beside()}",
    lambda w: f"{w.array()} - {w.beside()}",
    lambda w: f"{w.array()} * {w.beside()}",
    lambda w: f"{w.array()} * {w.beside()} + {w.beside()}",
    lambda w: f"{w.number()} - {w.array()}",
    lambda w: f"{w.number()} / {w.inside(0.5, 2.0)}",
    lambda w: f"{w.array()} / {w.inside(0.5, 2.0)}",
    lambda w: f"-{w.array()}",
    lambda w: f"+{w.array()}",
    rounded(lambda w: f"abs({w.array()})"),
    lambda w: f"{w.array()} ** {w.choose([2, 3, 1, 0, 2.0])}",
    rounded(lambda w: f"{w.inside(0.3, 2.0)} ** {w.choose([-1, -2, 0.5, 1.7, -0.3])}"),
    rounded(lambda w: f"{w.inside(0.3, 2.0)} ** {w.real()}"),
    rounded(lambda w: f"{w.choose([2, 0.7, 3.0])} ** {w.inside(-1.5, 1.5)}"),
    lambda w: f"{w.real()} // {w.choose([0.7, 2, 1.3])}",
    lambda w: f"{w.real()} % {w.choose([0.7, 2, 1.3])}",
    lambda w: f"divmod({w.real()}, {w.choose([0.7, 2, 1.3])})",
    lambda w: f"({w.real()} > {w.choose([0.05, -0.35])}) * {w.array()}",
    lambda w: f"{w.array()}.{w.choose(['real', 'imag', 'conj()', 'copy()', 'T', 'conjugate()'])}",
    lambda w: f"{w.array()} + {w.constant(np.shape(w.last))}",
    lambda w: f"{w.constant(())} * {w.array()}",
]

METHODS: list[Template] = [
    lambda w: (
        f"np.{w.choose(['add', 'subtract', 'multiply', 'maximum', 'minimum', 'hypot', 'logaddexp'])}.reduce("
        f"{w.real(1)}, axis={w.axis()})"
    ),
    lambda w: (
        f"np.{w.choose(['add', 'multiply', 'maximum', 'minimum', 'subtract'])}.accumulate("
        f"{w.real(1)}, axis={w.axis()})"
    ),
    lambda w: (
        f"np.{w.choose(['add', 'multiply', 'subtract', 'maximum', 'arctan2'])}.outer({w.real()}, {w.real()})"
    ),
    lambda w: f"np.add({w.array()}, {w.beside()}, dtype=np.complex128)",
    lambda w: f"np.multiply({w.array()}, {w.beside()}, out=np.zeros_like({w.array()} * 1.0))",
    lambda w: f"np.exp({w.inside(-1, 1)}, where={w.constant((), 'bool')}, out=np.ones_like({w.real()}))",
    lambda w: f"np.sin({w.real()}, dtype=np.float64)",
]

WHOLE = {
    # ufuncs whose operands have no domain of their own in the table
    "power": lambda w: f"np.power({w.inside(0.3, 2.0)}, {w.real()})",
    "float_power": lambda w: f"np.float_power({w.inside(0.3, 2.0)}, {w.real()})",
    "positive": lambda w: f"np.positive({w.array()})",
    "sign": lambda w: f"np.sign({w.real()})",
    "conjugate": lambda w: f"np.conjugate({w.array()})",
    "divmod": lambda w: f"np.divmod({w.real()}, {w.inside(0.6, 1.9)})",
    "modf": lambda w: f"np.modf({w.real()})",
    "frexp": lambda w: f"np.frexp({w.real()})",
    "ldexp": lambda w: f"np.ldexp({w.real()}, {w.choose([1, -1, 2])})",
    "matmul": lambda w: f"np.matmul({w.filled(1, 2)}, np.swapaxes({w.filled(2, 2)}, 0, 1))",
}
"""Also sinc, angle and clip stand among the array functions."""

NOT_DRAWN = {
    "bitwise_and": "of integers and booleans alone",
    "bitwise_or": "of integers and booleans alone",
    "bitwise_xor": "of integers and booleans alone",
    "invert": "of integers and booleans alone",
    "left_shift": "of integers alone",
    "right_shift": "of integers alone",
    "spacing": "its value is a rounding error",
    "nextafter": "its value is a rounding error",
    "bitwise_count": "of integers alone",
    "gcd": "of integers alone",
    "lcm": "of integers alone",
}


def within(primitive: Primitive, name: str) -> Template:
    """A call with each operand inside of its interval; one without a derivative is a constant."""
    domain: Any = primitive.domain
    complex_ = "complex128" in domain.dtypes
    real = "float64" in domain.dtypes

    def template(w: Writer) -> str:
        operands: list[str] = []
        for position, interval in enumerate(domain.operands):
            last = position == len(domain.operands) - 1
            if interval.low == interval.high:
                operands.append(str(int(interval.low)))
            elif isinstance(primitive.jvp_rule(position), NoDerivative):
                operands.append(str(round(0.7 * interval.low + 0.3 * interval.high, 2)))
            else:  # orders and parameters are real, in SciPy too
                text = w.inside(interval.low, interval.high, complex_=complex_ and last)
                operands.append(text if real or not last else f"({text} + 0.3j)")
        return f"{name}({', '.join(operands)})"

    return template


def ufunc_templates() -> dict[str, Template]:
    """By the name of NumPy's ufunc."""
    found: dict[str, Template] = {}
    primitives: dict[Any, Primitive] = {ufunc: primitive for primitive, ufunc in _PLAIN}
    for ufunc in UFUNCS:
        name = ufunc.__name__
        if name in WHOLE:
            found[name] = WHOLE[name]
        elif name not in NOT_DRAWN:
            found[name] = within(primitives[ufunc], f"np.{name}")
    return found


def special_templates() -> dict[str, Template]:
    """By SciPy's name: what is a ufunc there and a primitive here, in the primitive's domain."""
    public = {name for name in rules.RULES if hasattr(scipy.special, name)}
    return {p.name: within(p, f"special.{p.name}") for p in SPECIAL if p.name in public}


UFUNC_TEMPLATES = ufunc_templates()
SPECIAL_TEMPLATES = special_templates()
SPECIAL_FUNCTIONS: dict[str, Template] = {
    "expit": lambda w: f"special.expit({w.real()})",
    "expm1": lambda w: f"special.expm1({w.real()})",
    "log1p": lambda w: f"special.log1p({w.inside(-0.5, 2.0)})",
    "exp2": lambda w: f"special.exp2({w.real()})",
    "cbrt": lambda w: f"special.cbrt({w.inside(0.2, 2.0)})",
    "round": lambda w: f"special.round({w.real()})",
    "radian": lambda w: f"special.radian({w.real()}, {w.real()}, {w.real()})",
    "logsumexp": lambda w: f"special.logsumexp({w.real()}{w.reduction()})",
    "softmax": lambda w: f"special.softmax({w.real(1)}, axis={w.axis()})",
    "log_softmax": lambda w: f"special.log_softmax({w.real(1)}, axis={w.axis()})",
    "polygamma": lambda w: f"special.polygamma({w.integer(0, 2)}, {w.inside(0.5, 2.5)})",
    "multigammaln": lambda w: f"special.multigammaln({w.inside(2.5, 4.0)}, 2)",
    "factorial": lambda w: f"special.factorial({w.inside(0.5, 3.0)})",
    "comb": lambda w: f"special.comb({w.inside(4.1, 6.0)}, {w.inside(0.6, 2.9)})",
    "perm": lambda w: f"special.perm({w.inside(4.1, 6.0)}, {w.inside(0.6, 2.9)})",
    "zeta": lambda w: f"special.zeta({w.inside(1.5, 4.0)}, {w.inside(0.4, 3.0)})",
    "lambertw": lambda w: f"special.lambertw({w.inside(0.3, 3.0)})",
    **{
        name: lambda w, name=name: f"special.{name}(2, {w.inside(0.5, 3.0)})"
        for name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")
    },
}
