"""NumPy's Fourier transforms: lengths, axes, norms and dtypes as there; the transforms are the primitives'.

A length that is longer than the array pads it with zeros, a shorter one crops it: neither part that is added
nor part that is cut off has a derivative.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...errors import ArgumentError, DtypeError, ShapeError
from ...primitives import fourier
from ...primitives.indexing import embed, slice_
from ...primitives.promotion import to_dtype
from ..dispatch import normal_axis
from ..ufuncs import conjugate
from .keywords import into, read
from .manipulation import roll

_FORWARD = {None: "none", "backward": "none", "ortho": "ortho", "forward": "all"}
_INVERSE = {None: "all", "backward": "all", "ortho": "ortho", "forward": "none"}


def _factor(norm: Any, table: dict[Any, str]) -> str:
    found = table.get(norm)
    if found is None:
        raise ArgumentError('norm "backward", "ortho" or "forward"', repr(norm), "Use one of the three.")
    return found


def number_of(a: Any) -> Any:
    """The operand in a dtype that is transformed: half precision in single, whole numbers in double."""
    x = read(a)
    dtype = aval_of(x).dtype
    if not dtypes.is_inexact(dtype):
        return to_dtype(x, np.dtype(np.float64))
    return to_dtype(x, np.dtype(np.float32)) if dtype.itemsize == 2 else x


def of_length(x: Any, n: int, axis: int) -> Any:
    """The array cropped or padded with zeros to this length along an axis."""
    shape = aval_of(x).shape
    length = shape[axis]
    if n < 1:
        raise ArgumentError("at least one data point", f"n = {n}", "Use n >= 1.")
    if n == length:
        return x
    whole = [slice(0, size, 1) for size in shape]
    whole[axis] = slice(0, min(n, length), 1)
    if n < length:
        return slice_(x, index=tuple(whole))
    return embed(x, index=tuple(whole), shape=(*shape[:axis], n, *shape[axis + 1 :]))


# --- along one axis ------------------------------------------------------------------------------


def _transform(inverse: bool) -> Callable[..., Any]:
    table = _INVERSE if inverse else _FORWARD

    def function(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        x = number_of(a)
        place = normal_axis(axis, aval_of(x).ndim)
        x = of_length(x, aval_of(x).shape[place] if n is None else n, place)
        return into(out, fourier.fft(x, axis=place, inverse=inverse, norm=_factor(norm, table)))

    name = "ifft" if inverse else "fft"
    function.__name__, function.__doc__ = name, f"As `numpy.fft.{name}`."
    return function


fft, ifft = _transform(False), _transform(True)


def rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """As `numpy.fft.rfft`: of real numbers, the frequencies from 0 to n/2."""
    x = number_of(a)
    if dtypes.is_complex(aval_of(x).dtype):
        raise DtypeError("real numbers for rfft", str(aval_of(x)), "Use fft, or the real part.")
    place = normal_axis(axis, aval_of(x).ndim)
    x = of_length(x, aval_of(x).shape[place] if n is None else n, place)
    return into(out, fourier.rfft(x, axis=place, norm=_factor(norm, _FORWARD)))


def irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """As `numpy.fft.irfft`: n real numbers, of frequencies from 0 to n/2.

    Imaginary parts of frequency 0, and of n/2 for even n, count for nothing.
    """
    x = number_of(a)
    place = normal_axis(axis, aval_of(x).ndim)
    count = 2 * (aval_of(x).shape[place] - 1) if n is None else n
    if count < 1:
        raise ArgumentError("at least one data point", f"n = {count}", "Use n >= 1.")
    x = to_dtype(of_length(x, count // 2 + 1, place), dtypes.complex_dtype(aval_of(x).dtype))
    found = fourier.irfft(x, n=count, axis=place, norm=_factor(norm, _INVERSE))
    return into(out, _as_given(found, a))


def _as_given(result: Any, a: Any) -> Any:
    """Real results of half precision are of half precision."""
    return to_dtype(result, np.dtype(np.float16)) if aval_of(read(a)).dtype == np.float16 else result


_SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """As `numpy.fft.hfft`: the real transform of what is Hermitian, given by its first half."""
    found = irfft(conjugate(number_of(a)), n, axis, _factor(norm, _SWAPPED))
    return into(out, _as_given(found, a))


def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """As `numpy.fft.ihfft`: the first half of the inverse transform of real numbers."""
    return into(out, conjugate(rfft(a, n, axis, _factor(norm, _SWAPPED))))


# --- over several axes ---------------------------------------------------------------------------


def _cooked(a: Any, s: Any, axes: Any, *, to_real: bool = False) -> tuple[list[int], list[int]]:
    """Lengths and axes of a transform over several axes."""
    shape = aval_of(a).shape
    if axes is None:
        axes = range(-(len(shape) if s is None else len(s)), 0)
    places = [normal_axis(axis, len(shape)) for axis in axes]
    lengths = [shape[p] for p in places] if s is None else list(s)
    if len(lengths) != len(places):
        raise ShapeError(
            "as many lengths as axes", f"s = {s}, axes = {axes}", "Name an axis for each length."
        )
    if not places:
        return [], []
    if to_real and s is None:
        lengths[-1] = 2 * (shape[places[-1]] - 1)
    return [shape[p] if n in (-1, None) else n for n, p in zip(lengths, places, strict=True)], places


def _over_axes(inverse: bool, default: Sequence[int] | None, name: str) -> Callable[..., Any]:
    along = ifft if inverse else fft

    def function(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        x = number_of(a)
        for n, axis in reversed(list(zip(*_cooked(x, s, axes), strict=True))):
            x = along(x, n, axis, norm)
        return into(out, x)

    function.__name__, function.__doc__ = name, f"As `numpy.fft.{name}`."
    return function


def _from_real(default: Sequence[int] | None, name: str) -> Callable[..., Any]:
    def function(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        x = number_of(a)
        (*lengths, last), (*places, end) = _at_least_one(*_cooked(x, s, axes))
        x = rfft(x, last, end, norm)
        for n, axis in reversed(list(zip(lengths, places, strict=True))):
            x = fft(x, n, axis, norm)
        return into(out, x)

    function.__name__, function.__doc__ = name, f"As `numpy.fft.{name}`."
    return function


def _to_real(default: Sequence[int] | None, name: str) -> Callable[..., Any]:
    def function(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        x = number_of(a)
        (*lengths, last), (*places, end) = _at_least_one(*_cooked(x, s, axes, to_real=True))
        for n, axis in zip(lengths, places, strict=True):
            x = ifft(x, n, axis, norm)
        return irfft(x, last, end, norm, out)

    function.__name__, function.__doc__ = name, f"As `numpy.fft.{name}`."
    return function


def _at_least_one(lengths: list[int], places: list[int]) -> tuple[list[int], list[int]]:
    if not places:
        raise ArgumentError("at least one axis", "axes = ()", "Name an axis.")
    return lengths, places


_LAST_TWO = (-2, -1)


# --- the order of frequencies --------------------------------------------------------------------


def _places(x: Any, axes: Any) -> list[int]:
    ndim = aval_of(x).ndim
    if axes is None:
        return list(range(ndim))
    return [normal_axis(axis, ndim) for axis in ((axes,) if isinstance(axes, int | np.integer) else axes)]


def fftshift(x: Any, axes: Any = None) -> Any:
    """As `numpy.fft.fftshift`: frequency 0 in the middle."""
    places = _places(x, axes)
    return roll(x, [aval_of(x).shape[p] // 2 for p in places], places)


def ifftshift(x: Any, axes: Any = None) -> Any:
    """As `numpy.fft.ifftshift`: back from `fftshift`."""
    places = _places(x, axes)
    return roll(x, [-(aval_of(x).shape[p] // 2) for p in places], places)


TABLE: dict[Any, Any] = {
    np.fft.fft: fft,
    np.fft.ifft: ifft,
    np.fft.rfft: rfft,
    np.fft.irfft: irfft,
    np.fft.hfft: hfft,
    np.fft.ihfft: ihfft,
    np.fft.fftn: _over_axes(False, None, "fftn"),
    np.fft.ifftn: _over_axes(True, None, "ifftn"),
    np.fft.fft2: _over_axes(False, _LAST_TWO, "fft2"),
    np.fft.ifft2: _over_axes(True, _LAST_TWO, "ifft2"),
    np.fft.rfftn: _from_real(None, "rfftn"),
    np.fft.rfft2: _from_real(_LAST_TWO, "rfft2"),
    np.fft.irfftn: _to_real(None, "irfftn"),
    np.fft.irfft2: _to_real(_LAST_TWO, "irfft2"),
    np.fft.fftshift: fftshift,
    np.fft.ifftshift: ifftshift,
}
