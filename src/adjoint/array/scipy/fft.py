"""SciPy's Fourier, cosine and sine transforms: lengths, axes and norms as there.

All are linear. A length that is longer than the array pads it with zeros, a shorter one crops it. What
concerns speed alone (`overwrite_x`, `workers`, `plan`) is accepted and has no effect.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...errors import ArgumentError, ShapeError
from ...lazy import fft as transforms
from ...primitives.cosine import real_transform
from ...primitives.promotion import to_dtype
from ..dispatch import normal_axis
from ..functions import fourier
from .reading import fixed

_NUMPYS: dict[str, Callable[..., Any]] = {f.__name__: ours for f, ours in fourier.TABLE.items()}
_SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _along(name: str) -> Callable[..., Any]:
    ours = _NUMPYS[name]

    def function(
        x: Any,
        n: Any = None,
        axis: int = -1,
        norm: Any = None,
        overwrite_x: bool = False,
        workers: Any = None,
        *,
        plan: Any = None,
    ) -> Any:
        del overwrite_x, workers, plan
        return ours(fourier.number_of(x), n, axis, norm)

    function.__name__, function.__doc__ = name, f"As `scipy.fft.{name}`."
    return function


def _over(name: str, default: Sequence[int] | None) -> Callable[..., Any]:
    ours = _hermitian(name) if name.startswith(("hfft", "ihfft")) else _NUMPYS[name]

    def function(
        x: Any,
        s: Any = None,
        axes: Any = default,
        norm: Any = None,
        overwrite_x: bool = False,
        workers: Any = None,
        *,
        plan: Any = None,
    ) -> Any:
        del overwrite_x, workers, plan
        x = fourier.number_of(x)
        if axes is None and s is not None:
            axes = range(-_count(s), 0)
        axes = (axes,) if isinstance(axes, int) else axes
        return ours(x, (s,) if isinstance(s, int) else s, axes, norm)

    function.__name__, function.__doc__ = name, f"As `scipy.fft.{name}`."
    return function


def _count(s: Any) -> int:
    return 1 if isinstance(s, int) else len(s)


def _hermitian(name: str) -> Callable[..., Any]:
    """The transforms between what is Hermitian, given by its first half, and real numbers."""
    inverse = name.startswith("i")

    def function(x: Any, s: Any, axes: Any, norm: Any) -> Any:
        if inverse:
            return np.conjugate(_NUMPYS["rfftn"](x, s, axes, _SWAPPED[norm]))
        return _NUMPYS["irfftn"](np.conjugate(x), s, axes, _SWAPPED[norm])

    return function


# --- cosines and sines -------------------------------------------------------------------------------

_OTHER = {1: 1, 2: 3, 3: 2, 4: 4}
_INVERSE = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def _one(x: Any, sine: bool, inverse: bool, kind: int, axis: int, norm: Any, orthogonalize: Any) -> Any:
    """A transform along one axis; of complex numbers, of both their parts."""
    if kind not in _OTHER:
        raise ArgumentError("a transform of type 1, 2, 3 or 4", f"type {kind}", "Use one of the four.")
    norm = "backward" if norm is None else norm
    if norm not in _INVERSE:
        raise ArgumentError('norm "backward", "ortho" or "forward"', repr(norm), "Use one of the three.")
    if dtypes.is_complex(aval_of(x).dtype):
        options = (sine, inverse, kind, axis, norm, None)  # as SciPy, which does not hand it on here
        return _one(np.real(x), *options) + 1j * _one(np.imag(x), *options)
    if inverse:
        kind, norm = _OTHER[kind], _INVERSE[norm]
    orthogonal = norm == "ortho" if orthogonalize is None else bool(orthogonalize)
    return real_transform(
        x, sine=sine, kind=kind, axis=axis, norm=norm, orthogonalize=orthogonal, transposed=False
    )


def _real_along(name: str) -> Callable[..., Any]:
    sine, inverse = "dst" in name, name.startswith("i")

    def function(
        x: Any,
        type: int = 2,
        n: Any = None,
        axis: int = -1,
        norm: Any = None,
        overwrite_x: bool = False,
        workers: Any = None,
        orthogonalize: Any = None,
    ) -> Any:
        del overwrite_x, workers
        x = fourier.number_of(x)
        place = normal_axis(axis, aval_of(x).ndim)
        x = fourier.of_length(x, aval_of(x).shape[place] if n is None else n, place)
        return _one(x, sine, inverse, type, place, norm, orthogonalize)

    function.__name__, function.__doc__ = name, f"As `scipy.fft.{name}`."
    return function


def _real_over(name: str) -> Callable[..., Any]:
    sine, inverse = "dst" in name, name.startswith("i")

    def function(
        x: Any,
        type: int = 2,
        s: Any = None,
        axes: Any = None,
        norm: Any = None,
        overwrite_x: bool = False,
        workers: Any = None,
        *,
        orthogonalize: Any = None,
    ) -> Any:
        del overwrite_x, workers
        x = fourier.number_of(x)
        for n, place in zip(*_lengths(aval_of(x).shape, s, axes), strict=True):
            x = _one(fourier.of_length(x, n, place), sine, inverse, type, place, norm, orthogonalize)
        return x

    function.__name__, function.__doc__ = name, f"As `scipy.fft.{name}`."
    return function


def _lengths(shape: tuple[int, ...], s: Any, axes: Any) -> tuple[list[int], list[int]]:
    """Lengths and axes of a transform over several axes."""
    lengths = None if s is None else [s] if isinstance(s, int) else list(s)
    if axes is None:
        axes = range(-(len(shape) if lengths is None else len(lengths)), 0)
    places = [normal_axis(a, len(shape)) for a in ((axes,) if isinstance(axes, int) else axes)]
    if lengths is None:
        return [shape[p] for p in places], places
    if len(lengths) != len(places):
        raise ShapeError("as many lengths as axes", f"s = {s}, axes = {axes}", "Name an axis for each.")
    return [shape[p] if n in (-1, None) else n for n, p in zip(lengths, places, strict=True)], places


# --- Hankel transforms -------------------------------------------------------------------------------


def _hankel(name: str) -> Callable[..., Any]:
    def function(a: Any, dln: Any, mu: Any, offset: Any = 0.0, bias: Any = 0.0) -> Any:
        """A circular convolution in the logarithm of the argument, between two powers of it."""
        options = [fixed(v, f"a parameter of {name}") for v in (dln, mu, offset, bias)]
        x = to_dtype(fourier.number_of(a), np.dtype(np.float64))
        n = aval_of(x).shape[-1]
        steps = (np.arange(n) - (n - 1) / 2) * float(dln)
        if name == "fht":
            before, after = np.exp(-bias * steps), np.exp(-bias * (steps + offset))
        else:
            before, after = np.exp(bias * (steps + offset)), np.exp(bias * steps)
        impulse = np.zeros(n)
        impulse[0] = 1.0 / before[0]
        kernel = np.fft.rfft((getattr(transforms, name)(impulse, *options) / after)[::-1])
        found = np.fft.irfft(np.fft.rfft(x * before, axis=-1) * kernel, n, axis=-1)
        return found[..., ::-1] * after

    function.__name__ = name
    return function


_PAIR = (-2, -1)

_FUNCTIONS = (
    *map(_along, ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")),
    *(_over(f"{name}2", _PAIR) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")),
    *(_over(f"{name}n", None) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")),
    *map(_real_along, ("dct", "idct", "dst", "idst")),
    *map(_real_over, ("dctn", "idctn", "dstn", "idstn")),
    *map(_hankel, ("fht", "ifht")),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.fft.{f.__name__}": f for f in _FUNCTIONS}
