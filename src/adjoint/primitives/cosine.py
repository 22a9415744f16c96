"""Cosine and sine transforms of real numbers along one axis, of the four types.

y[k] = sum_n K[k, n] w[n] x[n]      K = 2 cos(...) or 2 sin(...)

Only the weights of the first and last elements, and the factor, tell a transform from the transpose of
another: types 1 and 4 have symmetric K, and K of type 2 is the transpose of that of type 3.
"""

import math
from typing import Any

import numpy as np

from ..core.avals import Aval
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import LINEAR, Primitive
from ..errors import ShapeError
from ..lazy import fft as transforms
from .batching import with_params

_OTHER = {1: 1, 2: 3, 3: 2, 4: 4}
_SQRT2 = math.sqrt(2.0)


def _type(x: Aval, *, axis: int, **params: Any) -> Aval:
    if x.dtype.kind == "c" or not 0 <= axis < x.ndim or x.shape[axis] < 1:
        raise ShapeError("real numbers along an axis of at least one", f"{x}, axis {axis}", "Count from 0.")
    return Aval(x.shape, x.dtype)


def _weighted(x: Any, axis: int, first: float, last: float) -> Any:
    """The array with its first and its last elements along an axis multiplied."""
    weights = np.ones(x.shape[axis], x.dtype)
    weights[0] *= first
    weights[-1] *= last
    return x * weights.reshape(-1, *(1,) * (x.ndim - axis - 1))


def _kernel_weights(sine: bool, kind: int) -> tuple[float, float]:
    """The weights of the first and last elements in the plain transform of this type."""
    if kind in (2, 4) or (sine and kind == 1):
        return 1.0, 1.0
    if kind == 1:
        return 0.5, 0.5
    return (1.0, 0.5) if sine else (0.5, 1.0)


def _ends(sine: bool, kind: int, orthogonalize: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """The weights, before and after the plain transform, that make it orthogonal."""
    none = (1.0, 1.0)
    if not orthogonalize or kind == 4 or (sine and kind == 1):
        return none, none
    if kind == 1:
        return (_SQRT2, _SQRT2), (1 / _SQRT2, 1 / _SQRT2)
    at = (lambda w: (1.0, w)) if sine else (lambda w: (w, 1.0))
    return (none, at(1 / _SQRT2)) if kind == 2 else (at(_SQRT2), none)


def _plain(x: Any, sine: bool, kind: int, axis: int, norm: str) -> Any:
    function = transforms.dst if sine else transforms.dct
    return function(x, kind, axis=axis, norm=norm, orthogonalize=False)


def _real_transform(
    x: Any, *, sine: bool, kind: int, axis: int, norm: str, orthogonalize: bool, transposed: bool
) -> Any:
    if not transposed:
        function = transforms.dst if sine else transforms.dct
        return function(x, kind, axis=axis, norm=norm, orthogonalize=orthogonalize)
    before, after = _ends(sine, kind, orthogonalize)
    other = _OTHER[kind]
    mine, theirs = _kernel_weights(sine, kind), _kernel_weights(sine, other)
    x = _weighted(x, axis, after[0] / theirs[0], after[1] / theirs[1])
    found = _plain(x, sine, other, axis, norm)
    return _weighted(found, axis, before[0] * mine[0], before[1] * mine[1])


def _transpose(ct: Any, x: Aval, *, transposed: bool, **params: Any) -> Any:
    return real_transform(ct, transposed=not transposed, **params)


def _samples(d: Draw) -> list[Sample]:
    norms = ("backward", "ortho", "forward")
    return [
        Sample(
            (d.array(2, 5) if kind % 2 else d.array(4, 2),),
            {
                "sine": sine,
                "kind": kind,
                "axis": kind % 2,
                "norm": norms[kind % 3],
                "orthogonalize": ortho,
                "transposed": kind == 3,
            },
        )
        for sine in (False, True)
        for kind in (1, 2, 3, 4)
        for ortho in (False, True)
    ]


real_transform = Primitive(
    name="real_transform",
    type=_type,
    evaluate=_real_transform,
    jvp=(LINEAR,),
    transpose=(_transpose,),
    batch=with_params(lambda size, params: {**params, "axis": params["axis"] + 1}),
    source=lambda names, avals, **params: (
        f"real_transform({names[0]}, {', '.join(f'{k}={v!r}' for k, v in params.items())})"
    ),
    domain=Samples(_samples, ("float32", "float64")),
)

ALL = (real_transform,)
