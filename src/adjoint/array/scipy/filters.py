"""SciPy's linear filters of signals: `lfilter`, `sosfilt`, `upfirdn`.

y[n] = sum_k b[k] x[n-k] - sum_k a[k] y[n-k], both divided by a[0]

They run in compiled code, and so do their derivatives: backwards in time for what comes in and for the
initial state, and by convolutions for the coefficients. `filtfilt`, `decimate`, `resample_poly` and their
like are made of these, and are followed. Which of a filter's poles count as one is told here too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import Shape, aval_of
from ...errors import ArgumentError, ShapeError
from ...primitives.filtering import convolve as bilinear
from ...primitives.filtering import lfilter as recurrence
from ...primitives.indexing import concatenate, embed
from ...primitives.structure import broadcast, reshape
from ..dispatch import concrete, normal_axis
from ..functions.keywords import read
from .reading import fixed, together


def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """As `scipy.signal.lfilter`, with derivatives in the coefficients, the signal and the initial state."""
    given = zi is not None
    b, a, x, *states = together(*(np.atleast_1d(read(v)) for v in (b, a)), x, *((zi,) if given else ()))
    for name, coefficients in (("b", b), ("a", a)):
        if aval_of(coefficients).ndim != 1 or not aval_of(coefficients).size:
            raise ShapeError(f"coefficients {name}, one vector", str(aval_of(coefficients)), "Ravel them.")
    if not aval_of(x).ndim:
        raise ValueError("x must be at least 1-D")
    place = normal_axis(axis, aval_of(x).ndim)
    order = max(aval_of(b).size, aval_of(a).size) - 1
    moved = np.moveaxis(x, place, -1)
    lead = aval_of(moved).shape[:-1]
    state = _state(states[0], place, (*lead, order)) if given else None
    if state is None:
        state = np.zeros((*lead, order), aval_of(x).dtype)
    out, final = filtered(b / a[0], a[1:] / a[0], moved, state)
    out, final = np.moveaxis(out, -1, place), np.moveaxis(final, -1, place)
    return (out, final) if given else out


def _state(zi: Any, place: int, shape: Shape) -> Any:
    """The initial state with its numbers along the last axis, repeated where it has length 1."""
    if aval_of(zi).ndim != len(shape):
        raise ValueError(f"zi must have as many axes as x: {len(shape)}, not {aval_of(zi).ndim}")
    moved = np.moveaxis(zi, place, -1)
    own = aval_of(moved).shape
    if own[-1] != shape[-1] or any(n not in (1, m) for n, m in zip(own, shape, strict=True)):
        raise ValueError(f"Unexpected shape for zi: expected {shape}, found {own} (its axis last)")
    return broadcast(moved, shape=shape)


def filtered(b: Any, a: Any, x: Any, state: Any) -> tuple[Any, Any]:
    """The filter along the last axis, a[0] = 1 left away; what comes out, and the final state."""
    if not aval_of(a).size:
        return _without_feedback(b, x, state)
    count = max(aval_of(b).size, aval_of(a).size + 1)
    return recurrence(_filled(b, count), _filled(a, count - 1), x, state)


def _filled(coefficients: Any, count: int) -> Any:
    own = aval_of(coefficients).size
    if own == count:
        return coefficients
    return embed(coefficients, index=(slice(0, own, 1),), shape=(count,))


def _without_feedback(b: Any, x: Any, state: Any) -> tuple[Any, Any]:
    *lead, n = aval_of(x).shape
    order = aval_of(b).size - 1
    whole = (slice(0, m, 1) for m in lead)
    kernel = reshape(b, shape=(*(1,) * len(lead), order + 1))
    found = bilinear(x, kernel, lead=0, mode="full", method="direct")
    if order:
        found = found + embed(state, index=(*whole, slice(0, order, 1)), shape=(*lead, n + order))
    return found[..., :n], found[..., n:]


def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """As `scipy.signal.sosfilt`: sections of the second order, one after the other."""
    given = zi is not None
    sos, x, *states = together(sos, x, *((zi,) if given else ()))
    shape = aval_of(sos).shape
    if len(shape) != 2 or shape[1] != 6:
        raise ValueError("sos array must be shape (n_sections, 6)")
    place = normal_axis(axis, aval_of(x).ndim)
    out = np.moveaxis(x, place, -1)
    lead = aval_of(out).shape[:-1]
    if given:
        states = [np.moveaxis(states[0], place + 1, -1)]
        if aval_of(states[0]).shape != (shape[0], *lead, 2):
            raise ValueError(f"Invalid zi shape {aval_of(zi).shape}")
    finals: list[Any] = []
    for i in range(shape[0]):
        state = states[0][i] if given else np.zeros((*lead, 2), aval_of(out).dtype)
        out, final = recurrence(sos[i, :3], sos[i, 4:], out, state)
        finals.append(reshape(final, shape=(1, *lead, 2)))
    out = np.moveaxis(out, -1, place)
    return (out, np.moveaxis(concatenate(*finals, axis=0), -1, place + 1)) if given else out


def medfilt2d(input: Any, kernel_size: Any = 3) -> Any:
    """As `scipy.signal.medfilt2d`: the median of windows of zeros beyond the edges, a selection."""
    x = read(input)
    sizes = np.broadcast_to(np.asarray(kernel_size), 2).tolist()
    if aval_of(x).ndim != 2 or any(size % 2 == 0 for size in sizes):
        raise ValueError("medfilt2d takes a matrix and odd sizes")
    n, m = aval_of(x).shape
    padded = np.pad(x, [(size // 2, size // 2) for size in sizes])
    windows = [padded[i : i + n, j : j + m] for i in range(sizes[0]) for j in range(sizes[1])]
    return np.sort(np.stack(windows), axis=0, kind="stable")[len(windows) // 2]


# --- changing the rate -----------------------------------------------------------------------------------

_PADDED = {"symmetric": "symmetric", "reflect": "reflect", "edge": "edge", "wrap": "wrap"}


def upfirdn(
    h: Any, x: Any, up: int = 1, down: int = 1, axis: int = -1, mode: str = "constant", cval: float = 0
) -> Any:
    """As `scipy.signal.upfirdn`: y[m] = sum_i h[m down - i up] x[i], each term computed once."""
    up, down = int(fixed(up, "up")), int(fixed(down, "down"))
    h, x = together(h, x)
    if aval_of(h).ndim != 1 or not aval_of(h).size:
        raise ValueError("h must be 1-D with non-zero length")
    if up < 1 or down < 1:
        raise ValueError("Both up and down must be >= 1")
    place = normal_axis(axis, aval_of(x).ndim)
    moved = np.moveaxis(x, place, -1)
    n, size = aval_of(moved).shape[-1], aval_of(h).size
    taps = -(-size // up)
    kernel = reshape(_filled(h, taps * up), shape=(taps, up))
    at = np.arange(((n - 1) * up + size - 1) // down + 1) * down
    extended = _continued(moved, taps - 1, mode, cval)
    last = n + 2 * (taps - 1)
    places = at[:, None] // up - np.arange(taps) + (taps - 1)
    windows = extended[..., np.minimum(places, last - 1)]
    weights = np.transpose(kernel)[at % up]
    return np.moveaxis(np.sum(windows * weights, axis=-1), -1, place)


def _continued(x: Any, width: int, mode: str, cval: Any) -> Any:
    """The signal continued at both ends."""
    if mode not in (*_PADDED, "constant"):
        raise ArgumentError(
            f"mode 'constant' or one of {', '.join(_PADDED)}", repr(mode), "Pad the signal before."
        )
    if not width:
        return x
    widths = [(0, 0)] * (aval_of(x).ndim - 1) + [(width, width)]
    options = {"constant_values": cval} if mode == "constant" else {}
    return np.pad(x, widths, _PADDED.get(mode, "constant"), **options)  # type: ignore[call-overload]


_MEAN, _LEAST, _MOST = ("avg", "mean"), ("min", "minimum"), ("max", "maximum")


def unique_roots(p: Any, tol: float = 1e-3, rtype: str = "min") -> tuple[Any, Any]:
    """As `scipy.signal.unique_roots`: roots that lie close together as one, and how many they are.

    Which do is constant; the one is the mean of its group, or its least or greatest member.
    """
    if rtype not in (*_MEAN, *_LEAST, *_MOST):
        raise ArgumentError("rtype 'min', 'max' or 'avg'", repr(rtype), "Use one of the three.")
    (roots,) = together(p)
    known = np.asarray(concrete(roots, "which roots lie close together"))
    left = list(range(known.size))
    groups: list[list[int]] = []
    while left:
        groups.append([k for k in left if abs(known[k] - known[left[0]]) <= tol])
        left = [k for k in left if k not in groups[-1]]
    members = groups
    if rtype not in _MEAN:
        ordered = [sorted(g, key=lambda k: (known[k].real, known[k].imag)) for g in groups]
        members = [g[:1] if rtype in _LEAST else g[-1:] for g in ordered]
    found = [np.mean(roots[g]) for g in members]
    return np.stack(found) if found else roots, np.array([len(g) for g in groups], dtype=int)


TABLE: dict[str, Callable[..., Any]] = {
    f"scipy.signal.{f.__name__}": f for f in (lfilter, sosfilt, medfilt2d, upfirdn, unique_roots)
}
