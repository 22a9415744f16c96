"""Sequences: `convolve`, `correlate`, `gradient`, `interp` as NumPy's functions."""

from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError, ShapeError
from ...primitives import filtering as filters
from ...primitives import structure as s
from ...primitives.contraction import matmul as product
from ...primitives.filtering import FIELDS
from ...primitives.indexing import concatenate, embed, gather, slice_
from ...primitives.promotion import joint_dtype, to_dtype
from ..dispatch import array_operand, as_float, normal_axes, operand
from ..indexing import read_basic
from .manipulation import flip, gathered
from .ordering import argsort, searchsorted
from .selection import where

# --- convolution -------------------------------------------------------------------------------------


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """As `numpy.convolve`.

    out[k] = sum_i a[i] v[k - i]
    """
    x, y = _sequences(a, v)
    if aval_of(y).size > aval_of(x).size:
        x, y = y, x
    return _convolved(x, y, mode)


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """As `numpy.correlate`.

    out[k] = sum_i a[i + k] conj(v[i])
    """
    x, y = _sequences(a, v)
    y = np.conjugate(y) if dtypes.is_complex(aval_of(y).dtype) else y
    if aval_of(y).size > aval_of(x).size:
        return flip(_convolved(y, flip(x), mode)).copy()
    return _convolved(x, flip(y), mode)


def _sequences(a: Any, v: Any) -> tuple[Any, Any]:
    x, y = (s.reshape(p, shape=(1,)) if not aval_of(p).ndim else p for p in map(array_operand, (a, v)))
    avals = aval_of(x), aval_of(y)
    if any(aval.ndim != 1 for aval in avals):
        raise ShapeError("sequences with one axis", f"{avals[0].shape} and {avals[1].shape}", "Ravel them.")
    for name, aval in zip("av", avals, strict=True):
        if not aval.size:
            raise ValueError(f"{name} cannot be empty")
    dtype, _ = joint_dtype(avals)
    return to_dtype(x, dtype), to_dtype(y, dtype)


def _convolved(x: Any, y: Any, mode: str) -> Any:
    """The convolution with a `y` that is no longer."""
    if mode not in ("full", "same", "valid"):
        raise ArgumentError("mode must be one of 'valid', 'same', or 'full'", repr(mode), "Name one.")
    n, m = aval_of(x).size, aval_of(y).size
    if aval_of(x).dtype.name not in FIELDS:
        return _windows(x, flip(y), mode)
    found = filters.convolve(x, y, lead=0, mode="valid" if mode == "valid" else "full", method="direct")
    start = (m - 1) // 2
    return slice_(found, index=(slice(start, start + n, 1),)) if mode == "same" else found


def _windows(x: Any, y: Any, mode: str) -> Any:
    """The products of `y` with each stretch of `x` that it can cover, in dtypes that no filter serves."""
    n, m = aval_of(x).size, aval_of(y).size
    before = {"full": m - 1, "same": m // 2, "valid": 0}[mode]
    count = {"full": n + m - 1, "same": n, "valid": n - m + 1}[mode]
    length = max(n + before, count + m - 1)
    padded = embed(x, index=(slice(before, before + n, 1),), shape=(length,)) if length > n else x
    return product(gather(padded, np.arange(count)[:, None] + np.arange(m)), y)


# --- differences -------------------------------------------------------------------------------------


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """As `numpy.gradient`: second-order differences inside, one-sided ones at the ends."""
    x = as_float(array_operand(f))
    ndim = aval_of(x).ndim
    axes = normal_axes(axis, ndim)
    if axis is not None and isinstance(axis, tuple | list):
        axes = tuple(normal_axes(i, ndim)[0] for i in axis)
    spacings = [operand(v) for v in varargs]
    if not spacings:
        spacings = [1.0] * len(axes)
    elif len(spacings) == 1 and aval_of(spacings[0]).ndim == 0:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    found = [_slope(x, h, along, edge_order) for h, along in zip(spacings, axes, strict=True)]
    if len(found) == 1:
        return found[0]
    return tuple(found)


def _slope(x: Any, h: Any, axis: int, edge_order: int) -> Any:
    shape = aval_of(x).shape
    n = shape[axis]
    if n < edge_order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, "
            "at least (edge_order + 1) elements are required."
        )
    if aval_of(h).ndim:
        if aval_of(h).shape != (n,):
            raise ValueError("when 1d, distances must match the length of the corresponding dimension")
        steps = h[1:] - h[:-1]
        plain = None if isinstance(steps, Tracer) else np.asarray(steps)
        if plain is not None and (plain == plain[0]).all():
            h = plain[0]
        else:
            steps = s.reshape(steps, shape=(n - 1, *(1,) * (len(shape) - axis - 1)))
            return _uneven(x, steps, axis, edge_order)
    lead = (slice(None),) * axis

    def part(start: int | None, stop: int | None) -> Any:
        return read_basic(x, (*lead, slice(start, stop)))

    inside = (part(2, None) - part(None, -2)) / (2.0 * h)
    if edge_order == 1:
        first, last = (part(1, 2) - part(0, 1)) / h, (part(-1, None) - part(-2, -1)) / h
    else:
        first = (-1.5 / h) * part(0, 1) + (2.0 / h) * part(1, 2) + (-0.5 / h) * part(2, 3)
        last = (0.5 / h) * part(-3, -2) + (-2.0 / h) * part(-2, -1) + (1.5 / h) * part(-1, None)
    return concatenate(first, inside, last, axis=axis)


def _uneven(x: Any, steps: Any, axis: int, edge_order: int) -> Any:
    """Differences on points that stand unevenly, `steps` apart."""
    lead = (slice(None),) * axis

    def part(start: int | None, stop: int | None) -> Any:
        return read_basic(x, (*lead, slice(start, stop)))

    h, k = steps[:-1], steps[1:]
    inside = (
        -k / (h * (h + k)) * part(None, -2)
        + (k - h) / (h * k) * part(1, -1)
        + h / (k * (h + k)) * part(2, None)
    )
    h, k, u, v = steps[:1], steps[1:2], steps[-2:-1], steps[-1:]
    if edge_order == 1:
        first, last = (part(1, 2) - part(0, 1)) / h, (part(-1, None) - part(-2, -1)) / v
    else:
        first = (
            -(2.0 * h + k) / (h * (h + k)) * part(0, 1)
            + (h + k) / (h * k) * part(1, 2)
            - h / (k * (h + k)) * part(2, 3)
        )
        last = (
            v / (u * (u + v)) * part(-3, -2)
            - (v + u) / (u * v) * part(-2, -1)
            + (2.0 * v + u) / (v * (u + v)) * part(-1, None)
        )
    dtype, _ = joint_dtype([aval_of(p) for p in (first, inside, last)])
    return concatenate(*(to_dtype(p, dtype) for p in (first, inside, last)), axis=axis)


# --- interpolation -----------------------------------------------------------------------------------


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """As `numpy.interp`: piecewise linear.

    At a knot the slope in x is the element of least size between the slopes of its two pieces: 0 where
    they differ in sign, else the smaller. Outside of the knots it is 0, and so it is at the first and the
    last one. In `fp` the derivative is exact everywhere.
    """
    points, knots = (to_dtype(array_operand(v), np.dtype(np.float64)) for v in (x, xp))
    values = array_operand(fp)
    kind = np.complex128 if dtypes.is_complex(aval_of(values).dtype) else np.float64
    values = to_dtype(values, np.dtype(kind))
    if period is not None:
        points, knots, values = _wrapped(points, knots, values, period)
        left = right = None
    if aval_of(knots).ndim > 1 or aval_of(values).ndim > 1:
        raise ValueError("object too deep for desired array")
    if not aval_of(knots).size:
        raise ValueError("array of sample points is empty")
    if aval_of(knots).shape != aval_of(values).shape:
        raise ValueError("fp and xp are not of the same length.")
    low = values[0] if left is None else left
    high = values[-1] if right is None else right
    last = aval_of(knots).size - 1
    place = np.clip(searchsorted(knots, points, side="right") - 1, 0, last)
    inside = gathered(values, place, 0)
    start = gathered(knots, place, 0)
    if last:
        slope = _slope_at(place, start == points, knots, values)
        inside = inside + slope * (points - start)
    return where(points < knots[0], low, where(points > knots[-1], high, inside))


def _wrapped(points: Any, knots: Any, values: Any, period: Any) -> tuple[Any, Any, Any]:
    """Points and knots in one period, with the knots on both sides of it."""
    if not isinstance(period, Tracer) and period == 0:
        raise ValueError("period must be a non-zero value")
    if aval_of(knots).ndim != 1 or aval_of(values).ndim != 1:
        raise ValueError("Data points must be 1-D sequences")
    if aval_of(knots).shape != aval_of(values).shape:
        raise ValueError("fp and xp are not of the same length")
    period = np.abs(operand(period))  # pyright: ignore[reportCallIssue, reportArgumentType]
    points, knots = points % period, knots % period
    order = argsort(knots)
    knots, values = gathered(knots, order, 0), gathered(values, order, 0)
    return (
        points,
        concatenate(knots[-1:] - period, knots, knots[:1] + period, axis=0),
        concatenate(values[-1:], values, values[:1], axis=0),
    )


def _slope_at(place: Any, on: Any, knots: Any, values: Any) -> Any:
    """The slopes of the pieces that begin at these knots; of least size where a point stands `on` one."""
    last = aval_of(knots).size - 1
    piece = np.minimum(place, last - 1)
    after = _slope_of(piece, knots, values)
    if not isinstance(on, Tracer) and not np.any(on):
        return after
    before = _slope_of(np.maximum(piece - 1, 0), knots, values)
    ends = on & ((place == 0) | (place == last))
    return where(ends, 0.0, where(on, _least(before, after), after))


def _slope_of(piece: Any, knots: Any, values: Any) -> Any:
    rise = gathered(values, piece + 1, 0) - gathered(values, piece, 0)
    return rise / (gathered(knots, piece + 1, 0) - gathered(knots, piece, 0))


def _least(a: Any, b: Any) -> Any:
    """The point of least size on the way from `a` to `b`, two real or complex numbers."""
    if not dtypes.is_complex(aval_of(a).dtype):
        return where((a > 0) != (b > 0), 0.0, where(np.abs(a) < np.abs(b), a, b))
    way = a - b
    length = np.real(way * np.conjugate(way))
    part = np.real(np.conjugate(a) * way) / where(length == 0.0, 1.0, length)
    return a - np.clip(part, 0.0, 1.0) * way


TABLE: dict[Any, Any] = {
    np.convolve: convolve,
    np.correlate: correlate,
    np.gradient: gradient,
    np.interp: interp,
}
