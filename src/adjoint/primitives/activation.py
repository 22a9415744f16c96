"""Activations: `relu`, `logistic`, and the normalisers `logsumexp` and `log_softmax`.

Each could be composed of others; each is a primitive because a composition has a wrong slope where
it matters: at the kink of `relu`, in the tails of `logistic`, at infinite entries of `logsumexp`.
"""

from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.domain import REAL, Draw, Edge, Interval, Pointwise, Sample, Samples
from ..core.primitive import NOT_LINEAR, Primitive
from .arithmetic import divide, multiply, negative, subtract
from .comparison import equal, less_equal
from .evaluation import ufunc
from .exponential import exp
from .pointwise import POSITIVE, smooth
from .structure import INF, convert, each, reduce_axes, reduce_sum, reduced_type, scale, select, spread
from .typerules import same_type

_maximum = ufunc(np.maximum)

relu = Primitive(
    name="relu",
    type=same_type("relu"),
    evaluate=lambda x: _maximum(x, 0.0),
    jvp=(lambda t, x, *, out: select(less_equal(x, 0.0), 0.0, t),),
    transpose=(NOT_LINEAR,),
    batch=each,
    source="relu({0})",
    domain=Pointwise((POSITIVE,), REAL, (Edge((0.0,), (0.0,)), Edge((-0.0,), (0.0,)))),
    elementwise=True,
)


def _logistic(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    one = small.dtype.type(1)
    return np.where(x >= 0, one, small) / (one + small)


logistic = smooth(
    "logistic",
    _logistic,
    Pointwise((Interval(-4.0, 4.0),), REAL, (Edge((0.0,), (0.25,)), Edge((-INF,), (0.0,)))),
    lambda x, out: multiply(out, logistic(negative(x))),
    source="logistic({0})",
)


def _samples(draw: Draw) -> list[Sample]:
    return [
        Sample((draw.array(4),), {"axes": (0,)}),
        Sample((draw.array(2, 3),), {"axes": (1,)}),
        Sample((draw.array(3, 2, 2),), {"axes": (0, 2)}),
    ]


def _logsumexp(x: Any, *, axes: tuple[int, ...]) -> Any:
    top = np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, top.dtype.type(0))
    with np.errstate(over="ignore", divide="ignore"):
        total = np.log(np.add.reduce(np.exp(x - shift), axis=axes, dtype=x.dtype))
    return total + shift.reshape(total.shape)


def _logsumexp_jvp(t: Any, x: Any, *, out: Any, axes: tuple[int, ...]) -> Any:
    """Each entry has the weight exp(x - out); entries of +inf share all of it, those of -inf have none."""
    aval = aval_of(x)
    endless = equal(x, INF)
    count = reduce_sum(convert(endless, dtype=aval.dtype, weak=False), axes=axes)
    share = divide(1.0, spread(count, aval.shape, axes))
    weight = exp(subtract(x, spread(out, aval.shape, axes)))
    weight = select(endless, share, select(equal(x, -INF), 0.0, weight))
    return reduce_sum(scale(weight, t), axes=axes)


logsumexp = Primitive(
    name="logsumexp",
    type=reduced_type,
    evaluate=_logsumexp,
    jvp=(_logsumexp_jvp,),
    transpose=(NOT_LINEAR,),
    batch=reduce_axes,
    source="logsumexp({0}, axes={axes})",
    domain=Samples(_samples, REAL),
)


def _log_softmax(x: Any, *, axes: tuple[int, ...]) -> Any:
    below = x - np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    return below - np.log(np.add.reduce(np.exp(below), axis=axes, keepdims=True, dtype=x.dtype))


def _log_softmax_jvp(t: Any, x: Any, *, out: Any, axes: tuple[int, ...]) -> Any:
    mean = reduce_sum(scale(exp(out), t), axes=axes)
    return subtract(t, spread(mean, aval_of(x).shape, axes))


log_softmax = Primitive(
    name="log_softmax",
    type=lambda x, *, axes: x,
    evaluate=_log_softmax,
    jvp=(_log_softmax_jvp,),
    transpose=(NOT_LINEAR,),
    batch=reduce_axes,
    source="log_softmax({0}, axes={axes})",
    domain=Samples(_samples, REAL),
)

ALL = (relu, logistic, logsumexp, log_softmax)
