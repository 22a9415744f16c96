"""SciPy's filters of images, at the compiled functions that all of them come down to.

`gaussian_filter`, `sobel`, `uniform_filter`, `maximum_filter`, ... are SciPy's own Python and are followed:
with all their keywords they arrive here, at `correlate1d` and its few like, which write into `output`. An
array is continued beyond its edges as `mode` says, and filtered where the kernel then lies wholly in it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.primitive import Tracer, newest
from ...errors import DerivativeError
from ...lazy import ndimage
from ...primitives.filtering import convolve as bilinear
from ...primitives.filtering import spline_filter, turned
from ...primitives.promotion import to_dtype
from ...primitives.structure import reshape
from ..dispatch import unwritable
from ..functions.keywords import read
from .reading import fixed, refused

DOUBLE = np.dtype(np.float64)
NEAREST, WRAP, REFLECT, MIRROR, CONSTANT, GRID_WRAP, GRID_CONSTANT = range(7)
"""SciPy's numbers of the modes."""

_PADDED = {NEAREST: "edge", WRAP: "wrap", GRID_WRAP: "wrap", REFLECT: "symmetric", MIRROR: "reflect"}
_LONG = 128


def written(output: Any, result: Any) -> None:
    """Write a result into the array that SciPy made for it."""
    if not isinstance(output, Tracer) and newest((result,)) is not None:
        raise unwritable("by output=", output, result)
    target: Any = output
    target[...] = result


def _double(x: Any) -> Any:
    """The numbers as SciPy computes with them."""
    return to_dtype(read(x), DOUBLE)


def continued(x: Any, axis: int, before: int, after: int, mode: int, cval: Any) -> Any:
    """The array with this much more at both ends of an axis."""
    if not (before or after):
        return x
    shape = aval_of(x).shape
    if mode in (CONSTANT, GRID_CONSTANT):
        widths = [(before, after) if i == axis else (0, 0) for i in range(len(shape))]
        return np.pad(x, widths, constant_values=cval)
    places = np.pad(np.arange(shape[axis]), (before, after), mode=_PADDED[mode])  # type: ignore[call-overload]
    lead = (slice(None),) * axis
    middle = slice(before, before + shape[axis])
    ends = [_taken(x, lead, part) for part in (places[: middle.start], places[middle.stop :])]
    return np.concatenate([ends[0], x, ends[1]], axis)


def _taken(x: Any, lead: tuple[slice, ...], places: Any) -> Any:
    """The elements at these places of an axis: by a slice, where they are evenly spaced."""
    steps = np.diff(places)
    if not places.size:
        return x[(*lead, slice(0, 0))]
    if steps.size and (steps == steps[0]).all() and steps[0]:
        stop = int(places[-1] + steps[0])
        return x[(*lead, slice(int(places[0]), None if stop < 0 else stop, int(steps[0])))]
    return x[(*lead, places)]


# --- correlations ------------------------------------------------------------------------------------


def correlate1d(input: Any, weights: Any, axis: int, output: Any, mode: int, cval: Any, origin: int) -> None:
    """out[i] = sum_k w[k] x[i + k - size // 2 - origin] along an axis."""
    written(output, _along(_double(input), _double(weights), axis, mode, cval, origin, "direct"))


def _along(x: Any, weights: Any, axis: int, mode: int, cval: Any, origin: int, method: str) -> Any:
    size = aval_of(weights).size
    before = size // 2 + origin
    extended = continued(x, axis, before, size - 1 - before, mode, cval)
    shape = tuple(size if i == axis else 1 for i in range(aval_of(x).ndim))
    return bilinear(extended, reshape(turned(weights), shape=shape), lead=0, mode="valid", method=method)


def correlate(input: Any, weights: Any, output: Any, mode: int, cval: Any, origins: Any) -> None:
    """The same over all axes."""
    kernel = _double(weights)
    extended = _on_all_sides(_double(input), aval_of(kernel).shape, origins, mode, cval)
    written(output, bilinear(extended, turned(kernel), lead=0, mode="valid", method="direct"))


def _on_all_sides(x: Any, sizes: Any, origins: Any, mode: int, cval: Any) -> Any:
    for axis, (size, origin) in enumerate(zip(sizes, origins, strict=True)):
        before = size // 2 + int(origin)
        x = continued(x, axis, before, size - 1 - before, mode, cval)
    return x


def uniform_filter1d(
    input: Any, size: int, axis: int, output: Any, mode: int, cval: Any, origin: int
) -> None:
    """The mean of `size` elements along an axis."""
    method = "direct" if size < _LONG else "fft"
    weights = np.full(size, 1.0 / size)
    written(output, _along(_double(input), weights, axis, mode, cval, origin, method))


# --- order in windows --------------------------------------------------------------------------------


def min_or_max_filter1d(
    input: Any, size: int, axis: int, output: Any, mode: int, cval: Any, origin: int, minimum: int
) -> None:
    """The extreme of `size` elements along an axis; elements that tie share it evenly."""
    x = read(input)
    before = size // 2 + origin
    extended = continued(x, axis, before, size - 1 - before, mode, cval)
    places = np.arange(aval_of(x).shape[axis])[:, None] + np.arange(size)
    windows = extended[(*(slice(None),) * axis, places)]
    written(output, (np.min if minimum else np.max)(windows, axis=axis + 1))


def _windows(x: Any, footprint: Any, mode: int, cval: Any, origins: Any) -> list[Any]:
    """The array moved by each place of the footprint."""
    shape = aval_of(x).shape
    extended = _on_all_sides(x, footprint.shape, origins, mode, cval)
    return [
        extended[tuple(slice(int(o), int(o) + n) for o, n in zip(place, shape, strict=True))]
        for place in np.argwhere(footprint)
    ]


def min_or_max_filter(
    input: Any,
    footprint: Any,
    structure: Any,
    output: Any,
    mode: int,
    cval: Any,
    origins: Any,
    minimum: int,
) -> None:
    """The extreme in a footprint, of elements to which a structure is added, or for a minimum taken away."""
    windows = np.stack(_windows(read(input), footprint, mode, cval, origins))
    if structure is not None:
        heights = structure[footprint].reshape(-1, *(1,) * (aval_of(windows).ndim - 1))
        windows = windows - heights if minimum else windows + heights
    written(output, (np.min if minimum else np.max)(windows, axis=0))


def rank_filter(
    input: Any, rank: int, footprint: Any, output: Any, mode: int, cval: Any, origins: Any
) -> None:
    """The element of this rank in a footprint; of equal ones the first in the stable order."""
    windows = np.stack(_windows(read(input), footprint, mode, cval, origins))
    written(output, np.sort(windows, axis=0, kind="stable")[rank])


def rank_filter_of_line(x: Any, rank: int, size: int, output: Any, mode: int, cval: Any, origin: int) -> None:
    """The same along the one axis of an array."""
    rank_filter(x, rank, np.ones(size, bool), output, mode, cval, (origin,))


# --- spline coefficients and Fourier space -------------------------------------------------------------

_SPLINED = {NEAREST: "nearest", REFLECT: "reflect", GRID_WRAP: "grid-wrap"}


def spline_filter1d(input: Any, order: int, axis: int, output: Any, mode: int) -> None:
    """The coefficients of the spline through the elements along an axis."""
    name = _SPLINED.get(mode, "mirror")
    name = "reflect" if name == "nearest" else name
    x = _double(input)
    written(output, spline_filter(x, axis=axis, order=order, mode=name, transposed=False))


def _multiplied(name: str) -> Callable[..., Any]:
    """A filter in Fourier space: what it makes of ones, times the array."""

    def function(input: Any, size: Any, n: int = -1, axis: int = -1, output: Any = None) -> Any:
        x = read(input)
        ones = np.ones(aval_of(x).shape, np.complex128 if name == "fourier_shift" else np.float64)
        result = x * getattr(ndimage, name)(ones, fixed(size, f"the second argument of {name}"), n, axis)
        if output is None:
            return result
        if isinstance(output, Tracer):
            written(output, result)
            return output
        raise DerivativeError(f"{name} with output=", repr(output), "Leave it away and use the result.")

    function.__name__ = name
    return function


_LEAVES = (
    *(correlate1d, correlate, uniform_filter1d),
    *(min_or_max_filter1d, min_or_max_filter, rank_filter, spline_filter1d),
)

TABLE: dict[str, Callable[..., Any]] = {
    **{f"scipy.ndimage._nd_image.{f.__name__}": f for f in _LEAVES},
    "scipy.ndimage._rank_filter_1d.rank_filter": rank_filter_of_line,
    **{
        f"scipy.ndimage.{name}": refused(
            name, "traced values, in compiled code that calls back", "Use vectorized_filter."
        )
        for name in ("generic_filter", "generic_filter1d")
    },
    **{
        f"scipy.ndimage.{name}": _multiplied(name)
        for name in ("fourier_gaussian", "fourier_uniform", "fourier_ellipsoid", "fourier_shift")
    },
}
