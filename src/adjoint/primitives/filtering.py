"""Filters: convolutions over several axes, linear recurrences along the last, and spline coefficients.

convolve        z[k] = sum_i x[i] y[k - i]
lfilter         y[n] = sum_k b[k] x[n-k] - sum_k a[k] y[n-1-k]
spline_filter   c with  sum_j beta(i - j) c[j] = x[i]

Each is its own transpose up to an order turned round: what a filter passes forwards in time, its pullback
passes backwards, at the same cost.
"""

import itertools
from typing import Any

import numpy as np

from ..core.avals import Aval, Shape, aval_of
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import JOINTLY, LINEAR, NOT_LINEAR, Primitive
from ..errors import ShapeError
from ..lazy import ndimage, signal
from .arithmetic import negative
from .batching import with_params
from .indexing import concatenate, embed, repeated, slice_
from .structure import reshape, zeros
from .typerules import joint_dtype

FIELDS = ("float32", "float64", "complex64", "complex128")


def turned(x: Any, lead: int = 0) -> Any:
    """The array with every axis but the first `lead` turned round."""
    shape = aval_of(x).shape
    return slice_(
        x,
        index=tuple(
            slice(0, n, 1) if i < lead or n < 2 else slice(n - 1, None, -1) for i, n in enumerate(shape)
        ),
    )


def _last(x: Any, start: int, stop: int) -> Any:
    """A part of the last axis."""
    *lead, _ = aval_of(x).shape
    return slice_(x, index=(*(slice(0, n, 1) for n in lead), slice(start, stop, 1)))


def _turned_last(x: Any) -> Any:
    return turned(x, aval_of(x).ndim - 1)


# --- convolution ---------------------------------------------------------------------------------


def _convolve_type(x: Aval, y: Aval, *, lead: int, mode: str, method: str) -> Aval:
    dtype, _ = joint_dtype("convolve", (x, y))
    sign = 1 if mode == "full" else -1
    own = zip(x.shape[lead:], y.shape[lead:], strict=False)
    shape = (*x.shape[:lead], *(n + sign * (m - 1) for n, m in own))
    if x.ndim != y.ndim or x.shape[:lead] != y.shape[:lead] or min(shape, default=1) < 0:
        raise ShapeError(
            "arrays with as many axes, for mode valid the second no longer than the first",
            f"shapes {x.shape} and {y.shape}",
            "Reshape the kernel, or pad the array.",
        )
    return Aval(shape, dtype)


def _convolve(x: Any, y: Any, *, lead: int, mode: str, method: str) -> Any:
    if method == "fft":
        return signal.fftconvolve(x, y, mode, axes=range(lead, x.ndim))
    if lead:
        out = [_direct(p, q, mode) for p, q in zip(_rows(x, lead), _rows(y, lead), strict=True)]
        return np.stack(out).reshape(*x.shape[:lead], *out[0].shape)
    return _direct(x, y, mode)


def _rows(x: Any, lead: int) -> Any:
    return x.reshape(-1, *x.shape[lead:])


def _direct(x: Any, y: Any, mode: str) -> Any:
    if x.ndim == 1:
        return np.convolve(x, y, mode)  # type: ignore[call-overload]
    if x.size > 4 * y.size and y.size < _SMALL and x.dtype.kind == "f" and _fits(y, x):
        return _by_small(x, y, mode)
    if x.ndim == 2:
        return signal.convolve2d(x, y, mode)
    return signal.convolve(x, y, mode, method="direct")


_SMALL = 256


def _fits(y: Any, x: Any) -> bool:
    return all(m <= n for m, n in zip(y.shape, x.shape, strict=True))


def _by_small(x: Any, kernel: Any, mode: str) -> Any:
    """A convolution with few numbers, for which SciPy's filters of images are the fastest."""
    if mode == "full":
        x = np.pad(x, [(m // 2, m - 1 - m // 2) for m in kernel.shape])
    axis = int(np.argmax(kernel.shape))
    if kernel.size == kernel.shape[axis]:
        found = ndimage.convolve1d(x, kernel.reshape(-1), axis, mode="constant")
    else:
        found = ndimage.convolve(x, kernel, mode="constant")
    if mode == "full":
        return found
    starts = [m - 1 - m // 2 for m in kernel.shape]
    return found[
        tuple(slice(s, s + n - m + 1) for s, n, m in zip(starts, x.shape, kernel.shape, strict=True))
    ]


def _to_array(ct: Any, x: Aval, y: Any, *, lead: int, mode: str, method: str) -> Any:
    other = "valid" if mode == "full" else "full"
    return convolve(ct, turned(y, lead), lead=lead, mode=other, method=method)


def _to_kernel(ct: Any, x: Any, y: Aval, *, lead: int, mode: str, method: str) -> Any:
    if mode == "full":
        return convolve(ct, turned(x, lead), lead=lead, mode="valid", method=method)
    return turned(convolve(x, turned(ct, lead), lead=lead, mode="valid", method=method), lead)


def _convolve_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """An array without a batch is one of length 1 along it; where that cannot be, it is repeated."""
    if params["lead"] or all(batched) or (params["mode"] == "valid" and not batched[0]):
        return primitive(*repeated(size, batched, args), **{**params, "lead": params["lead"] + 1})
    shaped = (
        a if b else reshape(a, shape=(1, *aval_of(a).shape)) for a, b in zip(args, batched, strict=True)
    )
    return primitive(*shaped, **params)


def _convolutions(d: Draw) -> list[Sample]:
    cases: tuple[tuple[Shape, Shape, int, str, str], ...] = (
        ((5,), (3,), 0, "full", "direct"),
        ((3,), (4,), 0, "full", "fft"),
        ((5,), (2,), 0, "valid", "direct"),
        ((3, 4), (2, 2), 0, "full", "direct"),
        ((3, 4), (3, 2), 0, "valid", "fft"),
        ((2, 5), (2, 3), 1, "full", "fft"),
        ((2, 4, 3), (2, 2, 2), 1, "valid", "direct"),
        ((2, 2, 3), (1, 2, 2), 0, "full", "direct"),
        ((3, 4), (1, 3), 0, "full", "direct"),
        ((6, 4, 2), (2, 1, 1), 0, "valid", "direct"),
        ((6, 5), (2, 3), 0, "valid", "direct"),
        ((6, 5), (3, 2), 0, "full", "direct"),
    )
    return [
        Sample((d.array(*left), d.array(*right)), {"lead": lead, "mode": mode, "method": method})
        for left, right, lead, mode, method in cases
    ]


convolve = Primitive(
    name="convolve",
    type=_convolve_type,
    evaluate=_convolve,
    jvp=(LINEAR, LINEAR),
    transpose=(_to_array, _to_kernel),
    batch=_convolve_batch,
    source=lambda names, avals, *, lead, mode, method: (
        f"np.convolve({names[0]}, {names[1]}, {mode!r})"
        if avals[0].ndim == 1 and method == "direct"
        else f"convolve({names[0]}, {names[1]}, lead={lead}, mode={mode!r}, method={method!r})"
    ),
    domain=Samples(_convolutions, FIELDS),
)


# --- linear recurrences ----------------------------------------------------------------------------


def _lfilter_type(b: Aval, a: Aval, x: Aval, zi: Aval) -> tuple[Aval, Aval]:
    dtype, _ = joint_dtype("lfilter", (b, a, x, zi))
    state = (*x.shape[:-1], b.shape[-1] - 1)
    lead = b.shape[:-1]
    if (
        b.shape[-1] < 2
        or a.shape != (*lead, b.shape[-1] - 1)
        or zi.shape != state
        or x.shape[: len(lead)] != lead
    ):
        raise ShapeError(
            "K >= 2 coefficients b, K-1 coefficients a, an array and K-1 states for each of its rows",
            f"b {b.shape}, a {a.shape}, x {x.shape}, zi {zi.shape}",
            "Fill up with zeros.",
        )
    return Aval(x.shape, dtype), Aval(state, dtype)


def _lfilter(b: Any, a: Any, x: Any, zi: Any) -> tuple[Any, Any]:
    if b.ndim == 1:
        return signal.lfilter(b, np.concatenate([np.ones(1, a.dtype), a]), x, zi=zi)
    out, state = np.empty(x.shape, x.dtype), np.empty(zi.shape, zi.dtype)
    for i in itertools.product(*map(range, b.shape[:-1])):
        out[i], state[i] = _lfilter(b[i], a[i], x[i], zi[i])
    return out, state


def _at_rest(b: Any, a: Any, x: Any) -> Any:
    """The filter from states of zero."""
    aval = aval_of(x)
    return lfilter(b, a, x, zeros(Aval((*aval.shape[:-1], aval_of(b).shape[-1] - 1), aval.dtype)))


def _to_feedback(t: Any, b: Any, a: Any, x: Any, zi: Any, *, out: Any) -> Any:
    """A change of the feedback acts as one of what comes in, by what came out: -ȧ * y, filtered."""
    *lead, order = aval_of(t).shape
    index = (*(slice(0, n, 1) for n in lead), slice(1, order + 1, 1))
    return _at_rest(embed(negative(t), index=index, shape=(*lead, order + 1)), a, out[0])


def _columns(kernel: Any, ndim: int) -> Any:
    """Coefficients (..., K) as kernels over the axes of an array."""
    *lead, count = aval_of(kernel).shape
    return reshape(kernel, shape=(*lead, *(1,) * (ndim - len(lead) - 1), count))


def _backwards(ct: Any, b: Any, a: Any) -> Any:
    """The adjoint states of all times: w[n] = ct[n] - sum_k a[k] w[n+1+k], after the end what reaches zf."""
    out, state = ct
    lead, ndim, order = aval_of(b).ndim - 1, aval_of(out).ndim, aval_of(a).shape[-1]
    coming = convolve(_turned_last(state), _columns(a, ndim), lead=lead, mode="full", method="direct")
    first = negative(_last(coming, order - 1, 2 * order - 1))
    impulse = np.zeros(aval_of(b).shape, aval_of(out).dtype)
    impulse[..., 0] = 1
    found, _ = lfilter(impulse, a, _turned_last(out), first)
    return concatenate(_turned_last(found), state, axis=ndim - 1)


def _to_coefficients(ct: Any, b: Aval, a: Any, x: Any, zi: Any) -> Any:
    states = _backwards(ct, b, a)
    found = convolve(states, turned(x, b.ndim - 1), lead=b.ndim - 1, mode="valid", method="direct")
    return reshape(found, shape=b.shape)


def _to_signal(ct: Any, b: Any, a: Any, x: Aval, zi: Any) -> Any:
    kernel = _columns(_turned_last(b), x.ndim)
    return convolve(_backwards(ct, b, a), kernel, lead=aval_of(b).ndim - 1, mode="valid", method="direct")


def _to_state(ct: Any, b: Any, a: Any, x: Any, zi: Aval) -> Any:
    return _last(_backwards(ct, b, a), 0, zi.shape[-1])


def _lfilter_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """Rows that have the coefficients in common are one batch; else every example has its own."""
    b, a, x, zi = args
    if any(batched[:2]) or aval_of(b).ndim > 1:
        return primitive(*repeated(size, batched, args))
    return primitive(b, a, *repeated(size, batched[2:], (x, zi)))


def _recurrences(d: Draw) -> list[Sample]:
    shapes: tuple[tuple[Shape, int, Shape], ...] = (((6,), 3, ()), ((2, 5), 2, ()), ((2, 3, 4), 3, (2,)))
    return [
        Sample(
            (
                d.array(*lead, k),
                d.array(*lead, k - 1, low=-0.5, high=0.5),
                d.array(*shape),
                d.array(*shape[:-1], k - 1),
            ),
            {},
        )
        for shape, k, lead in shapes
    ]


lfilter = Primitive(
    name="lfilter",
    type=_lfilter_type,
    evaluate=_lfilter,
    jvp=(lambda t, b, a, x, zi, *, out: _at_rest(t, a, x), _to_feedback, JOINTLY, JOINTLY),
    transpose=(_to_coefficients, NOT_LINEAR, _to_signal, _to_state),
    batch=_lfilter_batch,
    source="lfilter({0}, {1}, {2}, {3})",
    domain=Samples(_recurrences, FIELDS),
    many=True,
)


# --- spline coefficients ---------------------------------------------------------------------------


_SHORT = 64


def _spline_filter(x: Any, *, axis: int, order: int, mode: str, transposed: bool) -> Any:
    def along(values: Any, axis: int) -> Any:
        return ndimage.spline_filter1d(values, order, axis, output=values.dtype, mode=mode)

    n = x.shape[axis]
    if not transposed or n < 2:
        return along(x, axis)
    if mode == "reflect" and n < _SHORT:  # SciPy cuts a series off there, which leaves the matrix unsymmetric
        return np.moveaxis(np.tensordot(along(np.eye(n), 0), x, axes=(0, axis)), 0, axis)
    if mode != "mirror":
        return along(x, axis)
    weights = np.ones(n)  # in the matrix the first and the last sample count once, all others twice
    weights[0] = weights[-1] = 0.5
    column = weights.reshape(-1, *(1,) * (x.ndim - axis - 1))
    return along(x / column, axis) * column


def _spline_transpose(ct: Any, x: Aval, *, transposed: bool, **params: Any) -> Any:
    return spline_filter(ct, transposed=not transposed, **params)


def _spline_samples(d: Draw) -> list[Sample]:
    cases: tuple[tuple[Shape, int, int, str, bool], ...] = (
        ((7,), 0, 3, "mirror", False),
        ((2, 6), 1, 2, "reflect", False),
        ((8, 2), 0, 5, "grid-wrap", False),
        ((1, 9), 1, 4, "mirror", True),
        ((1, 2), 0, 3, "mirror", True),
        ((66,), 0, 3, "reflect", True),
    )
    return [
        Sample((d.array(*shape),), {"axis": axis, "order": order, "mode": mode, "transposed": transposed})
        for shape, axis, order, mode, transposed in cases
    ]


spline_filter = Primitive(
    name="spline_filter",
    type=lambda x, *, axis, order, mode, transposed: Aval(x.shape, x.dtype),
    evaluate=_spline_filter,
    jvp=(LINEAR,),
    transpose=(_spline_transpose,),
    batch=with_params(lambda size, params: {**params, "axis": params["axis"] + 1}),
    source=("spline_filter({0}, axis={axis}, order={order}, mode={mode!r}, transposed={transposed})"),
    domain=Samples(_spline_samples, ("float64", "complex128")),
)

ALL = (convolve, lfilter, spline_filter)
