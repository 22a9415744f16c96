"""SciPy's `map_coordinates`, `affine_transform`, `shift`, `zoom`, `rotate`: splines through an image.

out = sum_k w_k(t) c[i + k]     c the spline's coefficients, i the cell of a coordinate, t its place there

Differentiable in the image, in the coordinates, in the matrix and offset, and in the shift. At a node of a
spline of order 1 the slope is that of the cell to the right, which SciPy reads; order 0 has slope 0 in its
coordinates.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...primitives.promotion import to_dtype
from ..functions.keywords import read
from .ndimage import CONSTANT, DOUBLE, GRID_CONSTANT, GRID_WRAP, MIRROR, NEAREST, REFLECT, WRAP, written


def _weights(t: Any, order: int) -> list[Any]:
    """The order + 1 pieces of the uniform B-spline at the place t of a cell."""
    found: list[Any] = [1.0 + 0.0 * t]
    for d in range(1, order + 1):
        previous = [0.0, *found, 0.0]
        found = [((t + (d - j)) * previous[j] + (j + 1 - t) * previous[j + 1]) / d for j in range(d + 1)]
    return found


def _mapped(c: Any, n: int, mode: int) -> Any:
    """Coordinates brought into 0 ... n - 1; -1 where a constant stands."""
    if mode == CONSTANT:
        return np.where((c < 0) | (c > n - 1), -1.0, c)
    if mode == GRID_CONSTANT:
        return c
    if n <= 1:
        return c * 0.0
    inside = (c >= 0) & (c <= n - 1)
    return np.where(inside, c, _brought_in(c, n, mode))


def _brought_in(c: Any, n: int, mode: int) -> Any:
    if mode == NEAREST:
        return np.where(c < 0, 0.0, n - 1.0)
    if mode == WRAP:
        below = c + (n - 1) * (np.floor(-c / (n - 1)) + 1)
        return np.where(c < 0, below, c - (n - 1) * np.floor(c / (n - 1)))
    if mode == GRID_WRAP:
        below = c + n * (np.trunc((-1 - c) / n) + 1)
        return np.where(c < 0, below, c - n * np.floor(c / n))
    period = 2 * n - 2 if mode == MIRROR else 2 * n
    shift = 0 if mode == MIRROR else 1
    own = c - period * np.floor(c / period)
    return np.where(own > n - 1, period - shift - own, own)


def _places(i: Any, n: int, mode: int) -> Any:
    """Indices brought into 0 ... n - 1, as the spline is continued."""
    if mode == GRID_WRAP:
        return i % n
    if mode in (NEAREST, GRID_CONSTANT):
        return np.clip(i, 0, n - 1)
    if n == 1:
        return i * 0
    if mode == REFLECT:
        own = i % (2 * n)
        return np.where(own >= n, 2 * n - 1 - own, own)
    own = i % (2 * n - 2)
    return np.where(own >= n, 2 * n - 2 - own, own)


def _cell(c: Any, n: int, order: int, mode: int) -> tuple[list[Any], list[Any], Any]:
    """Places and weights of a coordinate's order + 1 neighbours, and where a constant stands."""
    c = _mapped(c, n, mode)
    outside = c <= -1.0 if mode == CONSTANT else None
    base = np.floor(c) if order % 2 else np.floor(c + 0.5)
    weights = _weights(c - base if order % 2 else c - base + 0.5, order)
    first = base.astype(np.intp) - order // 2
    indices = [first + j for j in range(order + 1)]
    if mode == GRID_CONSTANT:
        weights = [np.where((i < 0) | (i > n - 1), 0.0, w) for i, w in zip(indices, weights, strict=True)]
    return [_places(i, n, mode) for i in indices], weights, outside


def _either(masks: list[Any]) -> Any:
    found = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def _sampled(x: Any, coordinates: list[Any], order: int, mode: int, cval: Any) -> Any:
    """The spline at points, given by a coordinate along each axis."""
    shape = aval_of(x).shape
    if mode == GRID_CONSTANT:
        x = x - cval
    cells = [_cell(c, n, order, mode) for c, n in zip(coordinates, shape, strict=True)]
    ndim = len(shape)
    indices = tuple(
        np.reshape(np.stack(i), (*_one_at(axis, ndim, order + 1), *aval_of(i[0]).shape))
        for axis, (i, _, _) in enumerate(cells)
    )
    found = x[indices]
    for axis in reversed(range(ndim)):
        weights = np.stack(cells[axis][1])
        own = aval_of(weights).shape
        found = np.sum(found * np.reshape(weights, (*(1,) * axis, own[0], *own[1:])), axis=axis)
    return _with_constant(found, _either([outside for _, _, outside in cells]), mode, cval)


def _one_at(axis: int, ndim: int, length: int) -> tuple[int, ...]:
    return tuple(length if i == axis else 1 for i in range(ndim))


def _with_constant(found: Any, outside: Any, mode: int, cval: Any) -> Any:
    if mode == GRID_CONSTANT:
        return found + cval
    return found if outside is None else np.where(outside, cval, found)


def _double(x: Any) -> Any:
    return to_dtype(read(x), DOUBLE)


def geometric_transform(
    input: Any,
    mapping: Any,
    coordinates: Any,
    matrix: Any,
    shift: Any,
    output: Any,
    order: int,
    mode: int,
    cval: Any,
    npad: int,
    extra_arguments: Any,
    extra_keywords: Any,
) -> None:
    """The spline at coordinates given one by one, by a matrix and an offset, or by a function."""
    shape = aval_of(output).shape
    if mapping is not None:
        every = [mapping(i, *extra_arguments, **extra_keywords) for i in np.ndindex(shape)]
        columns = [np.stack([c[k] for c in every]) for k in range(aval_of(input).ndim)]
        points = [np.reshape(_double(c), shape) for c in columns]
    elif coordinates is None:
        grid = np.indices(shape).reshape(len(shape), -1).astype(np.float64)
        moved = _double(matrix) @ grid + _double(shift)[:, None]
        points = [np.reshape(moved[k], shape) for k in range(aval_of(moved).shape[0])]
    else:
        given = _double(coordinates)
        points = [given[k] for k in range(aval_of(given).shape[0])]
    points = [p + npad if npad else p for p in points]
    written(output, _sampled(_double(input), points, order, mode, cval))


def zoom_shift(
    input: Any,
    zoom: Any,
    shift: Any,
    output: Any,
    order: int,
    mode: int,
    cval: Any,
    npad: int,
    grid_mode: bool,
) -> None:
    """The spline at coordinates that vary along one axis each: out[i] = x(zoom (i + shift))."""
    x = _double(input)
    if mode == GRID_CONSTANT:
        x = x - cval
    shape, wanted = aval_of(x).shape, aval_of(output).shape
    masks: list[Any] = []
    for axis, (n, m) in enumerate(zip(shape, wanted, strict=True)):
        c: Any = np.arange(m, dtype=np.float64)
        c = c if shift is None else c + shift[axis]
        if zoom is not None:
            c = (c + 0.5) * zoom[axis] - 0.5 if grid_mode else c * zoom[axis]
        places, weights, outside = _cell(c + npad if npad else c, n, order, mode)
        rest = (1,) * (len(shape) - axis - 1)
        lead = (slice(None),) * axis
        terms = [x[(*lead, i)] * np.reshape(w, (m, *rest)) for i, w in zip(places, weights, strict=True)]
        x = np.sum(np.stack(terms), axis=0)
        masks.append(None if outside is None else np.reshape(outside, (m, *rest)))
    written(output, _with_constant(x, _either(masks), mode, cval))


TABLE: dict[str, Callable[..., Any]] = {
    f"scipy.ndimage._nd_image.{f.__name__}": f for f in (geometric_transform, zoom_shift)
}
