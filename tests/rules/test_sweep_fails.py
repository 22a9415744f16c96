"""The sweep can fail: primitives broken one rule at a time, the check that finds each, and what it says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adjoint.core.avals import Aval
from adjoint.core.domain import Edge, Interval, Pointwise, Samples
from adjoint.core.primitive import LINEAR, NOT_LINEAR, NoDerivative, Primitive, Tracer, Zero
from adjoint.primitives.arithmetic import divide, multiply, negative
from adjoint.primitives.decompositions import eigh
from adjoint.primitives.indexing import slice_
from adjoint.primitives.powers import sqrt
from adjoint.primitives.structure import convert, reduce_sum, scale, spread
from adjoint.primitives.trigonometric import cos, sin

from .checks import CHECKS

DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


def rounded_if_narrow(x: Any) -> Any:
    """x, in float32 as precise as float16 only."""
    if x.dtype != SINGLE:
        return x
    return convert(convert(x, dtype=np.dtype(np.float16), weak=False), dtype=SINGLE, weak=False)


def reversed_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: Any) -> Any:
    (x,) = args
    return primitive(slice_(x, index=(slice(size - 1, None, -1), *(slice(0, n, 1) for n in x.shape[1:]))))


def cos_of_the_value(x: Any) -> Any:
    """A number from a rule that looks inside of boxes: right once, and not differentiated again."""
    while isinstance(x, Tracer) and x.value is not None:
        x = x.value
    return cos(x)


SLOPES = Pointwise((Interval(0.2, 3.0),), ("float64",), (Edge((0.0,), (0.0,)),))

FAULTS: dict[str, tuple[str, Primitive, Any, str]] = {
    # what is wrong: (the check that finds it, the primitive, the dtype, what it says)
    "the type rule forgets an axis": (
        "type",
        replace(reduce_sum, type=lambda x, *, axes: Aval((), x.dtype)),
        DOUBLE,
        "the type rule gives",
    ),
    "eigenvectors stand still": (
        "jvp",
        replace(
            eigh, jvp=(lambda t, a, *, out, uplo: (eigh.jvp_rule(0)(t, a, out=out, uplo=uplo)[0], None),)
        ),
        DOUBLE,
        "by differences",
    ),
    "the type rule gives another dtype": (
        "type",
        replace(sin, type=lambda x: Aval(x.shape, DOUBLE)),
        SINGLE,
        "the type rule gives",
    ),
    "evaluate makes NumPy's number of Python's": ("type", replace(sin, evaluate=np.sin), DOUBLE, "scalars"),
    "it gives many results and does not say so": (
        "type",
        replace(sin, evaluate=lambda x: (np.sin(x),), type=lambda x: (x,)),
        DOUBLE,
        "`many`",
    ),
    "there are no samples": (
        "type",
        replace(sin, domain=Samples(lambda draw: [], ("float64",))),
        DOUBLE,
        "no samples",
    ),
    "the source computes something else": ("source", replace(sin, source="np.cos({0})"), DOUBLE, "np.cos"),
    "the source differs in the last bit": (
        "source",
        replace(sin, source="np.sin({0}) * (1 + 3e-16)"),
        DOUBLE,
        "was expected",
    ),
    "the source gives another dtype": (
        "source",
        replace(sin, source="np.sin({0}, dtype=np.float64)"),
        SINGLE,
        "was expected",
    ),
    "the batch rule mixes the examples up": ("batch", replace(sin, batch=reversed_batch), DOUBLE, "batched"),
    "the batch rule does not shift the axes": (
        "batch",
        replace(reduce_sum, batch=lambda primitive, size, batched, args, params: primitive(*args, **params)),
        DOUBLE,
        "batched",
    ),
    "the batch rule leaves the primitives": (
        "batch",
        replace(sin, batch=lambda primitive, size, batched, args, params: np.sin(np.asarray(args[0]))),
        DOUBLE,
        "out of its trace",
    ),
    "the tangent is twice too large": (
        "jvp",
        replace(sin, jvp=(lambda t, x, *, out: scale(2.0, scale(cos(x), t)),)),
        DOUBLE,
        "by differences",
    ),
    "the tangent has the wrong sign": (
        "jvp",
        replace(cos, jvp=(lambda t, x, *, out: scale(sin(x), t),)),
        DOUBLE,
        "by differences",
    ),
    "the tangent is off by a hundred millionth": (
        "jvp",
        replace(sin, jvp=(lambda t, x, *, out: scale(scale(1 + 1e-8, cos(x)), t),)),
        DOUBLE,
        "by differences",
    ),
    "the tangent is that of the other operand": (
        "jvp",
        replace(multiply, jvp=multiply.jvp[::-1]),
        DOUBLE,
        "by differences",
    ),
    "the tangent is wrong for complex numbers alone": (
        "jvp",
        replace(sin, jvp=(lambda t, x, *, out: scale(cos(convert_real(x)), t),)),
        np.dtype(np.complex128),
        "by differences",
    ),
    "the tangent is less precise than its dtype": (
        "jvp",
        replace(sin, jvp=(lambda t, x, *, out: scale(rounded_if_narrow(cos(x)), t),)),
        SINGLE,
        "tangents of",
    ),
    "a derivative is declared zero": ("jvp", replace(sin, jvp=(Zero("no"),)), DOUBLE, "by differences"),
    "it is declared linear": ("jvp", replace(sin, jvp=(LINEAR,)), DOUBLE, "by differences"),
    "the transpose is that of another map": (
        "identity",
        replace(reduce_sum, transpose=(lambda ct, x, *, axes: scale(2.0, spread(ct, x.shape, axes)),)),
        DOUBLE,
        "<Jv,w>",
    ),
    "the rule is not linear in its tangent": (
        "identity",
        replace(sin, jvp=(lambda t, x, *, out: sin(t),)),
        DOUBLE,
        "linear in its tangents",
    ),
    "an explicit transpose is not the jvp's": (
        "transposes",
        replace(multiply, transpose=(multiply.transpose[0], lambda ct, x, y: scale(negative(x), ct))),
        DOUBLE,
        "operand 1",
    ),
    "a transpose reads the operand in which it is linear": (
        "transposes",
        replace(multiply, transpose=(lambda ct, x, y: scale(y, scale(x, ct)), multiply.transpose[1])),
        DOUBLE,
        "Aval",
    ),
    "a linear operand has no transpose": (
        "transposes",
        replace(reduce_sum, transpose=(NOT_LINEAR,)),
        DOUBLE,
        "not linear|without a transpose",
    ),
    "a pullback by hand is wrong": (
        "transposes",
        replace(sin, pullback=lambda args, outs, active, params: (lambda ct: [ct], ())),
        DOUBLE,
        "by hand",
    ),
    "the rule cannot be differentiated": (
        "orders",
        replace(sin, jvp=(lambda t, x, *, out: scale(cos_of_the_value(x), t),)),
        DOUBLE,
        "order 2",
    ),
    "the slope at an edge is another": ("edges", replace(sqrt, domain=SLOPES), DOUBLE, "edge"),
    "the slope at minus zero is minus infinity": (
        "edges",
        replace(sqrt, jvp=(lambda t, x, *, out: scale(divide(0.5, out), t),)),
        DOUBLE,
        "edge .-0.0",
    ),
    "a zero does not absorb": (
        "edges",
        replace(
            multiply, jvp=(lambda t, x, y, *, out: multiply(y, t), lambda t, x, y, *, out: multiply(x, t))
        ),
        DOUBLE,
        "zero tangent",
    ),
}


def convert_real(x: Any) -> Any:
    """The real part, as a complex number."""
    return convert(convert(x, dtype=DOUBLE, weak=False), dtype=np.dtype(np.complex128), weak=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found(fault: str) -> None:
    name, primitive, dtype, says = FAULTS[fault]
    check, concerns = CHECKS[name]
    assert concerns(dtype)
    with pytest.raises(Exception, match=says):  # the sweep fails by any exception
        check(primitive, dtype)


@pytest.mark.parametrize("fault", FAULTS)
def test_without_the_fault_the_check_passes(fault: str) -> None:
    name, primitive, dtype, _ = FAULTS[fault]
    sound = {
        "sin": sin,
        "cos": cos,
        "multiply": multiply,
        "sqrt": sqrt,
        "reduce_sum": reduce_sum,
        "eigh": eigh,
    }
    CHECKS[name][0](sound[primitive.name], dtype)


def test_an_operand_without_a_derivative_is_refused_with_its_reason() -> None:
    CHECKS["jvp"][0](replace(sin, jvp=(NoDerivative("nobody knows it"),)), DOUBLE)
