"""Creation: arrays like others, grids of coordinates, and what is asked of an array's type.

`zeros_like(x)` of a traced `x` is a traced constant, so that traced values can be written into it.
"""

import math
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError
from ...primitives import structure as s
from ...primitives.promotion import joint_dtype, joint_shape, to_dtype, to_shape
from ..dispatch import array_operand, concrete, newest, normal_axes, operand
from .manipulation import broadcast_to, moveaxis

# --- arrays like others --------------------------------------------------------------------------------


def _filled(a: Any, value: Any, dtype: Any, order: Any, shape: Any) -> Any:
    a = operand(a)
    trace = newest((a,))
    if trace is None:
        return np.full_like(a, value, dtype, order, shape=shape)
    kind = aval_of(a).dtype if dtype is None else dtype
    return trace.boxed(np.full_like(a.layout(), value, kind, order, shape=shape))


def zeros_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """As `numpy.zeros_like`: a constant that traced values can be written into."""
    del subok, device
    return _filled(a, 0, dtype, order, shape)


def ones_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """As `numpy.ones_like`: a constant that traced values can be written into."""
    del subok, device
    return _filled(a, 1, dtype, order, shape)


def empty_like(
    prototype: Any,
    /,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """As `numpy.empty_like`, with zeros where NumPy has whatever was there."""
    del subok, device
    return _filled(prototype, 0, dtype, order, shape)


def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """As `numpy.full_like`; differentiable in the value."""
    del subok, device
    value = operand(fill_value)
    if newest((value,)) is None:
        return _filled(a, value, dtype, order, shape)
    like = aval_of(operand(a))
    wanted = like.shape if shape is None else np.broadcast_to(0, shape).shape
    return to_shape(to_dtype(value, like.dtype if dtype is None else np.dtype(dtype)), wanted).copy()


def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """As `numpy.copy`: an array of its own."""
    del subok
    return array_operand(a).copy(order)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """As `numpy.astype`."""
    del device
    return array_operand(x).astype(dtype, copy=copy)


# --- grids ---------------------------------------------------------------------------------------------


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """As `numpy.meshgrid`."""
    if indexing not in ("xy", "ij"):
        raise ArgumentError("Valid values for `indexing` are 'xy' and 'ij'", repr(indexing), "Name one.")
    ndim = len(xi)
    places = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        places[0], places[1] = 1, 0
    parts: list[Any] = []
    for value, place in zip(xi, places, strict=True):
        x = array_operand(value)
        size = aval_of(x).size
        parts.append(s.reshape(x, shape=(*(1,) * place, size, *(1,) * (ndim - 1 - place))))
    if sparse:
        return tuple(p.copy() for p in parts) if copy else tuple(parts)
    whole = np.broadcast_shapes(*(aval_of(p).shape for p in parts))
    grids = (broadcast_to(p, whole) for p in parts)
    return tuple(g.copy() for g in grids) if copy else tuple(grids)


def ix_(*args: Any) -> tuple[Any, ...]:
    """As `numpy.ix_`: an open mesh of indices."""
    parts: list[Any] = []
    for place, value in enumerate(args):
        x = array_operand(value)
        if aval_of(x).ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        shape = (*(1,) * place, aval_of(x).size, *(1,) * (len(args) - 1 - place))
        parts.append(s.reshape(x, shape=shape))
    return tuple(parts)


# --- questions about the type --------------------------------------------------------------------------


def shape(a: Any) -> tuple[int, ...]:
    """As `numpy.shape`."""
    return aval_of(operand(a)).shape


def ndim(a: Any) -> int:
    """As `numpy.ndim`."""
    return aval_of(operand(a)).ndim


def size(a: Any, axis: Any = None) -> int:
    """As `numpy.size`."""
    lengths = aval_of(operand(a)).shape
    return math.prod(lengths[i] for i in normal_axes(axis, len(lengths)))


def _typed(value: Any) -> Any:
    """What stands for a traced value where only its type is asked for."""
    if not isinstance(value, Tracer):
        return value
    aval = value.aval
    return aval.dtype.type(0).item() if aval.weak else aval.dtype


def result_type(*arrays_and_dtypes: Any) -> Any:
    """As `numpy.result_type`."""
    return np.result_type(*map(_typed, arrays_and_dtypes))


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """As `numpy.can_cast`."""
    return np.can_cast(aval_of(from_).dtype if isinstance(from_, Tracer) else from_, to, casting)


def common_type(*arrays: Any) -> Any:
    """As `numpy.common_type`."""
    return np.common_type(*(np.empty(0, aval_of(operand(a)).dtype) for a in arrays))


def min_scalar_type(a: Any, /) -> Any:
    """As `numpy.min_scalar_type`; of a traced value, its dtype."""
    return aval_of(a).dtype if isinstance(a, Tracer) else np.min_scalar_type(a)


def iscomplexobj(x: Any) -> bool:
    """As `numpy.iscomplexobj`."""
    return dtypes.is_complex(aval_of(operand(x)).dtype)


def isrealobj(x: Any) -> bool:
    """As `numpy.isrealobj`."""
    return not iscomplexobj(x)


def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """As `numpy.linspace`: `(1 - s) * start + s * stop` for s from 0 to 1, so that both ends are exact."""
    del device
    count = int(concrete(num, "the number of points"))
    ends = operand(start), operand(stop)
    kind, _ = joint_dtype([*map(aval_of, ends), aval_of(1.0)])
    start, stop = (to_dtype(end, kind) for end in ends)
    parts = max(count - 1 if endpoint else count, 1)
    shape = joint_shape([aval_of(start).shape, aval_of(stop).shape])
    share = (np.arange(count) / parts).astype(dtypes.real_dtype(kind)).reshape(count, *(1,) * len(shape))
    points = (1.0 - share) * broadcast_to(start, shape) + share * broadcast_to(stop, shape)
    points = points if dtype is None else to_dtype(points, np.dtype(dtype))
    points = moveaxis(points, 0, axis) if axis else points
    return (points, (stop - start) / parts) if retstep else points


TABLE: dict[Any, Any] = {
    np.linspace: linspace,
    np.zeros_like: zeros_like,
    np.ones_like: ones_like,
    np.empty_like: empty_like,
    np.full_like: full_like,
    np.copy: copy,
    np.astype: astype,
    np.meshgrid: meshgrid,
    np.ix_: ix_,
    np.shape: shape,
    np.ndim: ndim,
    np.size: size,
    np.result_type: result_type,
    np.can_cast: can_cast,
    np.common_type: common_type,
    np.min_scalar_type: min_scalar_type,
    np.iscomplexobj: iscomplexobj,
    np.isrealobj: isrealobj,
}
