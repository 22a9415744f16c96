"""SciPy's convolutions and correlations, over any number of axes.

full      out[k] = sum_i x[i] y[k - i]
same      its middle, of the first array's shape
valid     where the smaller array lies wholly in the larger
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import Shape, aval_of
from ...errors import ArgumentError, ShapeError
from ...lazy import signal
from ...primitives.filtering import convolve as bilinear
from ...primitives.filtering import turned
from ...primitives.indexing import slice_
from ...primitives.structure import broadcast, reshape
from ..dispatch import normal_axis
from .reading import is_complex, together

MODES = ("full", "same", "valid")


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """As `scipy.signal.convolve`."""
    x, y = _operands(in1, in2, mode)
    if not aval_of(x).ndim:
        return x * y
    if method not in ("auto", "direct", "fft"):
        raise ArgumentError("method 'auto', 'direct' or 'fft'", repr(method), "Use one of the three.")
    if method == "auto":
        method = _chosen(x, y, mode)
    return convolved(x, y, mode, method)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """As `scipy.signal.correlate`: out[k] = sum_i x[i + k] conj(y[i])."""
    x, y = _operands(in1, in2, mode)
    return convolve(x, _mirrored(y), mode, method)


def _mirrored(y: Any) -> Any:
    return turned(np.conjugate(y) if is_complex(y) else y)


def _operands(in1: Any, in2: Any, mode: str) -> tuple[Any, Any]:
    x, y = together(in1, in2)
    if aval_of(x).ndim != aval_of(y).ndim:
        raise ShapeError(
            "two arrays with as many axes", f"{aval_of(x)} and {aval_of(y)}", "Reshape one of them."
        )
    if mode not in MODES:
        raise ArgumentError("mode 'full', 'same' or 'valid'", repr(mode), "Use one of the three.")
    return x, y


def _chosen(x: Any, y: Any, mode: str) -> str:
    """The faster method, by SciPy's own estimate."""
    avals = aval_of(x), aval_of(y)
    if mode == "valid" and math.prod(avals[0].shape) < math.prod(avals[1].shape):
        avals = avals[::-1]
    return signal.choose_conv_method(*(np.broadcast_to(a.dtype.type(0), a.shape) for a in avals), mode)


def convolved(x: Any, y: Any, mode: str, method: str) -> Any:
    """The convolution over all axes, of arrays of one dtype."""
    own, other = aval_of(x), aval_of(y)
    if not (own.size and other.size):
        return np.array([])
    if mode != "valid":
        whole = bilinear(x, y, lead=0, mode="full", method=method)
        return whole if mode == "full" else _middle(whole, own.shape)
    if all(n >= m for n, m in zip(own.shape, other.shape, strict=True)):
        return bilinear(x, y, lead=0, mode="valid", method=method)
    if all(n <= m for n, m in zip(own.shape, other.shape, strict=True)):
        return bilinear(y, x, lead=0, mode="valid", method=method)
    raise ValueError(
        "For 'valid' mode, one must be at least as large as the other in every dimension: "
        f"{own.shape} and {other.shape}"
    )


def _middle(x: Any, shape: Shape) -> Any:
    index = tuple(
        slice((n - m) // 2, (n - m) // 2 + m, 1) for n, m in zip(aval_of(x).shape, shape, strict=True)
    )
    return slice_(x, index=index)


# --- by Fourier transforms, along some axes --------------------------------------------------------------


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """As `scipy.signal.fftconvolve`; along the axes that are not named, arrays broadcast."""
    x, y = _operands(in1, in2, mode)
    shapes = aval_of(x).shape, aval_of(y).shape
    if not shapes[0]:
        return x * y
    places = _places(axes, len(shapes[0]))
    rest = [i for i in range(len(shapes[0])) if i not in places]
    if all(shapes[1][i] == 1 for i in rest):
        return convolved(x, y, mode, "fft")
    joint = np.broadcast_shapes(*(tuple(s[i] for i in rest) for s in shapes))
    order = (*rest, *places)
    back = np.argsort(order).tolist()
    rows = [_rows(v, order, joint, places) for v in (x, y)]
    own, other = (tuple(s[p] for p in places) for s in shapes)
    if mode == "valid":
        if any(n < m for n, m in zip(own, other, strict=True)):
            rows.reverse()
        found = bilinear(*rows, lead=1, mode="valid", method="fft")
    else:
        found = bilinear(*rows, lead=1, mode="full", method="fft")
        if mode == "same":
            found = _middle(found, (aval_of(found).shape[0], *own))
    return np.transpose(reshape(found, shape=(*joint, *aval_of(found).shape[1:])), back)


def _places(axes: Any, ndim: int) -> list[int]:
    if axes is None:
        return list(range(ndim))
    return [normal_axis(a, ndim) for a in ((axes,) if isinstance(axes, int | np.integer) else axes)]


def _rows(x: Any, order: tuple[int, ...], joint: Shape, places: list[int]) -> Any:
    """The array as a stack of what is convolved."""
    moved = np.transpose(x, order)
    own = tuple(aval_of(x).shape[p] for p in places)
    return reshape(broadcast(moved, shape=(*joint, *own)), shape=(math.prod(joint), *own))


# --- of matrices, with a boundary ------------------------------------------------------------------------

_BOUNDARIES = {"fill": "constant", "pad": "constant", "wrap": "wrap", "circular": "wrap",
               "symm": "symmetric", "symmetric": "symmetric"}  # fmt: skip


def convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    """As `scipy.signal.convolve2d`."""
    x, y = _operands(in1, in2, mode)
    return _with_boundary(x, y, mode, boundary, fillvalue)


def correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    """As `scipy.signal.correlate2d`."""
    x, y = _operands(in1, in2, mode)
    return _with_boundary(x, _mirrored(y), mode, boundary, fillvalue, even=1)


def _with_boundary(x: Any, y: Any, mode: str, boundary: str, fill: Any, even: int = 0) -> Any:
    """The array continued beyond its edges, and convolved where the kernel lies wholly in that."""
    own, other = aval_of(x).shape, aval_of(y).shape
    if len(own) != 2:
        raise ShapeError("two matrices", f"{own} and {other}", "Use convolve for other arrays.")
    if boundary not in _BOUNDARIES:
        raise ArgumentError("boundary 'fill', 'wrap' or 'symm'", repr(boundary), "Use one of the three.")
    if mode == "valid":
        return convolved(x, y, mode, "direct")
    widths = [(m - 1, m - 1) for m in other]
    kind = _BOUNDARIES[boundary]
    options = {"constant_values": fill} if kind == "constant" else {}
    whole = bilinear(np.pad(x, widths, kind, **options), y, lead=0, mode="valid", method="direct")  # type: ignore[call-overload]
    if mode == "full":
        return whole
    starts = [(m - 1 + even) // 2 for m in other]
    index = tuple(slice(s, s + n, 1) for s, n in zip(starts, own, strict=True))
    return slice_(whole, index=index)


_FUNCTIONS = (convolve, correlate, fftconvolve, convolve2d, correlate2d)

TABLE: dict[str, Callable[..., Any]] = {
    **{f"scipy.signal.{f.__name__}": f for f in _FUNCTIONS},
    "scipy.signal.oaconvolve": fftconvolve,
}
