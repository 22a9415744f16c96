"""Fourier transforms along one axis: complex ones, and those between real numbers and half as many complex.

y[k] = s Σ x[j] exp(∓2πi jk/n)

All are linear. Their matrices are symmetric, so that in the convention without conjugation the complex
transform is its own transpose. `norm` says where the factor stands: s = 1 for "none", 1/√n for "ortho", 1/n
for "all".
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import LINEAR, Primitive
from ..errors import DtypeError, ShapeError
from .arithmetic import multiply
from .batching import with_params
from .complex import conjugate, real

_FORWARD = {"none": "backward", "ortho": "ortho", "all": "forward"}
"""NumPy's names of the factors of a forward transform."""
_INVERSE = {"none": "forward", "ortho": "ortho", "all": "backward"}

_further = with_params(lambda size, params: {**params, "axis": params["axis"] + 1})


def _checked(x: Aval, axis: int) -> None:
    if not 0 <= axis < x.ndim or x.shape[axis] < 1:
        raise ShapeError("an axis of at least one element to transform", f"{x}, axis {axis}", "Count from 0.")


def _fft_type(x: Aval, *, axis: int, inverse: bool, norm: str) -> Aval:
    _checked(x, axis)
    return Aval(x.shape, dtypes.complex_dtype(x.dtype))


def _fft(x: Any, *, axis: int, inverse: bool, norm: str) -> Any:
    if inverse:
        return np.fft.ifft(x, axis=axis, norm=_INVERSE[norm])  # type: ignore[arg-type]
    return np.fft.fft(x, axis=axis, norm=_FORWARD[norm])  # type: ignore[arg-type]


def _fft_transpose(ct: Any, x: Aval, **params: Any) -> Any:
    found = fft(ct, **params)
    return found if x.dtype.kind == "c" else real(found)


def _fft_source(names: list[str], avals: list[Aval], *, axis: int, inverse: bool, norm: str) -> str:
    if inverse:
        return f"np.fft.ifft({names[0]}, axis={axis}, norm={_INVERSE[norm]!r})"
    return f"np.fft.fft({names[0]}, axis={axis}, norm={_FORWARD[norm]!r})"


def _fft_samples(draw: Draw) -> list[Sample]:
    return [
        Sample((draw.array(5),), {"axis": 0, "inverse": False, "norm": "none"}),
        Sample((draw.array(2, 4),), {"axis": 1, "inverse": True, "norm": "all"}),
        Sample((draw.array(3, 2, 4),), {"axis": 1, "inverse": False, "norm": "ortho"}),
        Sample((draw.array(0, 3),), {"axis": 1, "inverse": True, "norm": "none"}),
    ]


fft = Primitive(
    name="fft",
    type=_fft_type,
    evaluate=_fft,
    jvp=(LINEAR,),
    transpose=(_fft_transpose,),
    batch=_further,
    source=_fft_source,
    domain=Samples(_fft_samples, ("float32", "float64", "complex64", "complex128")),
)


def _rfft_type(x: Aval, *, axis: int, norm: str) -> Aval:
    _checked(x, axis)
    if x.dtype.kind == "c":
        raise DtypeError("real numbers to transform", str(x), "Use fft for complex ones.")
    shape = (*x.shape[:axis], x.shape[axis] // 2 + 1, *x.shape[axis + 1 :])
    return Aval(shape, dtypes.complex_dtype(x.dtype))


def _weights(like: Aval, axis: int, n: int, middle: float) -> Any:
    """`middle` along the axis, and 1 for the frequencies that are their own mirror images: 0, and n/2."""
    length = like.shape[axis]
    weights = np.full(length, middle, dtypes.real_dtype(like.dtype))
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    shape = tuple(length if i == axis else 1 for i in range(like.ndim))
    return np.broadcast_to(weights.reshape(shape), like.shape).astype(like.dtype)


def _rfft_transpose(ct: Any, x: Aval, *, axis: int, norm: str) -> Any:
    """Re Σ ct[k] exp(-2πi jk/n) over half of the frequencies: an inverse transform of the conjugate."""
    n = x.shape[axis]
    halved = multiply(conjugate(ct), _weights(aval_of(ct), axis, n, 0.5))
    return irfft(halved, n=n, axis=axis, norm=norm)


rfft = Primitive(
    name="rfft",
    type=_rfft_type,
    evaluate=lambda x, *, axis, norm: np.fft.rfft(x, axis=axis, norm=_FORWARD[norm]),  # type: ignore[arg-type]
    jvp=(LINEAR,),
    transpose=(_rfft_transpose,),
    batch=_further,
    source=lambda names, avals, *, axis, norm: (
        f"np.fft.rfft({names[0]}, axis={axis}, norm={_FORWARD[norm]!r})"
    ),
    domain=Samples(
        lambda d: [
            Sample((d.array(6),), {"axis": 0, "norm": "none"}),
            Sample((d.array(5, 2),), {"axis": 0, "norm": "ortho"}),
            Sample((d.array(2, 1),), {"axis": 1, "norm": "all"}),
        ],
        ("float32", "float64"),
    ),
)


def _irfft_type(x: Aval, *, n: int, axis: int, norm: str) -> Aval:
    _checked(x, axis)
    if x.dtype.kind != "c" or x.shape[axis] != n // 2 + 1:
        raise ShapeError(f"{n // 2 + 1} complex numbers along axis {axis}", str(x), "Convert or pad first.")
    return Aval((*x.shape[:axis], n, *x.shape[axis + 1 :]), dtypes.real_dtype(x.dtype))


def _irfft_transpose(ct: Any, x: Aval, *, n: int, axis: int, norm: str) -> Any:
    """A frequency that is not its own mirror image counts twice."""
    return multiply(conjugate(rfft(ct, axis=axis, norm=norm)), _weights(x, axis, n, 2.0))


def _irfft_source(names: list[str], avals: list[Aval], *, n: int, axis: int, norm: str) -> str:
    return f"np.fft.irfft({names[0]}, n={n}, axis={axis}, norm={_INVERSE[norm]!r})"


irfft = Primitive(
    name="irfft",
    type=_irfft_type,
    evaluate=lambda x, *, n, axis, norm: np.fft.irfft(x, n=n, axis=axis, norm=_INVERSE[norm]),  # type: ignore[arg-type]
    jvp=(LINEAR,),
    transpose=(_irfft_transpose,),
    batch=_further,
    source=_irfft_source,
    domain=Samples(
        lambda d: [
            Sample((d.array(4),), {"n": 6, "axis": 0, "norm": "all"}),
            Sample((d.array(3, 2),), {"n": 5, "axis": 0, "norm": "ortho"}),
            Sample((d.array(2, 1),), {"n": 1, "axis": 1, "norm": "none"}),
        ],
        ("complex64", "complex128"),
    ),
)

ALL = (fft, rfft, irfft)
