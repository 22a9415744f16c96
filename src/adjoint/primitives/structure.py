"""Structure: adding, scaling, selecting, converting, and changing shape.

This family is linear and closed under its own jvp and transpose, and holds what every tangent and
every batch rule needs; hence it stands lowest. `broadcast` and `reduce_sum` are each other's
transpose, as are `reshape` and `reshape`, `permute` and its inverse.
"""

from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, Shape, aval_of
from ..core.domain import ANY, INEXACT, NUMBER, Edge, Interval, Pointwise, Sample, Samples
from ..core.primitive import JOINTLY, LINEAR, NOT_LINEAR, Primitive, Zero
from ..errors import ShapeError
from .batching import is_bare, shifted, with_params
from .evaluation import scale as scale_arrays
from .evaluation import ufunc
from .typerules import joint_dtype, joint_shape, same_type

WHOLE = Interval(-2.0, 2.0)
INF = float("inf")


# --- shape -------------------------------------------------------------------------------------


def _broadcast(x: Any, *, shape: Shape) -> Any:
    if getattr(x, "ndim", 0) == 0:
        x = np.asarray(x)
        return np.ndarray(shape, x.dtype, x.tobytes(), 0, (0,) * len(shape))  # bytes cannot be written into
    return np.broadcast_to(x, shape)


def _broadcast_type(x: Aval, *, shape: Shape) -> Aval:
    tail = shape[len(shape) - x.ndim :] if x.ndim <= len(shape) else ()
    if x.ndim > len(shape) or any(a not in (1, b) for a, b in zip(x.shape, tail, strict=True)):
        raise ShapeError(
            f"a shape that broadcasts to {shape} was asked for", str(x.shape), "Axes align at the end."
        )
    return Aval(shape, x.dtype)


def _broadcast_transpose(ct: Any, x: Aval, *, shape: Shape) -> Any:
    lead = len(shape) - x.ndim
    axes = (*range(lead), *(lead + i for i, n in enumerate(x.shape) if n != shape[lead + i]))
    summed = reduce_sum(ct, axes=axes) if axes else ct
    return reshape(summed, shape=x.shape)


def _broadcast_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    del batched
    own, shape = aval_of(args[0]).shape[1:], params["shape"]
    padded = (size, *(1,) * (len(shape) - len(own)), *own)
    return primitive(reshape(args[0], shape=padded), shape=(size, *shape))


broadcast = Primitive(
    name="broadcast",
    type=_broadcast_type,
    evaluate=_broadcast,
    jvp=(LINEAR,),
    transpose=(_broadcast_transpose,),
    batch=_broadcast_batch,
    source="np.broadcast_to({0}, {shape})",
    domain=Samples(
        lambda d: [
            Sample((d.array(),), {"shape": (2, 3)}),
            Sample((d.array(3, 1),), {"shape": (2, 3, 4)}),
            Sample((d.array(1),), {"shape": (0,)}),
        ],
        ANY,
    ),
)


def _reduced(shape: Shape, axes: tuple[int, ...]) -> Shape:
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def kept(shape: Shape, axes: tuple[int, ...]) -> Shape:
    """The shape with length 1 at each of the axes: what `keepdims` leaves."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def reduced_type(x: Aval, *, axes: tuple[int, ...]) -> Aval:
    """The type of a reduction over the axes that keeps the dtype."""
    if any(not 0 <= axis < x.ndim for axis in axes) or len(set(axes)) < len(axes):
        raise ShapeError(
            f"distinct axes of an array with {x.ndim} axes were asked for", str(axes), "Count from 0."
        )
    return Aval(_reduced(x.shape, axes), x.dtype)


def spread(ct: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """What a reduction over the axes left, repeated over the shape that was reduced."""
    if shape and len(axes) == len(shape):
        return broadcast(ct, shape=shape)
    return broadcast(reshape(ct, shape=kept(shape, axes)), shape=shape)


reduce_axes = with_params(lambda size, params: {**params, "axes": shifted(params["axes"])})
"""The batch rule of reductions."""


def _sum_source(names: list[str], avals: list[Aval], *, axes: tuple[int, ...]) -> str:
    """Small integers are summed as themselves, where NumPy would widen them."""
    keep = f", dtype=np.{avals[0].dtype.name}" if avals[0].dtype.kind in "iu" else ""
    return f"np.sum({names[0]}, axis={axes}{keep})"


reduce_sum = Primitive(
    name="reduce_sum",
    type=reduced_type,
    evaluate=lambda x, *, axes: np.add.reduce(x, axis=axes, dtype=x.dtype),
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, axes: spread(ct, x.shape, axes),),
    batch=reduce_axes,
    source=_sum_source,
    domain=Samples(
        lambda d: [
            Sample((d.array(2, 3),), {"axes": (0, 1)}),
            Sample((d.array(2, 3, 2),), {"axes": (1,)}),
            Sample((d.array(0, 3),), {"axes": (0,)}),
        ],
        NUMBER,
    ),
)


def _reshape_type(x: Aval, *, shape: Shape) -> Aval:
    out = Aval(shape, x.dtype, x.weak and shape == ())
    if out.size != x.size:
        raise ShapeError(
            f"a shape of {x.size} elements was asked for", str(shape), f"The array has shape {x.shape}."
        )
    return out


reshape = Primitive(
    name="reshape",
    type=_reshape_type,
    evaluate=lambda x, *, shape: x.reshape(shape) if type(x) is np.ndarray else np.reshape(x, shape),
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, shape: reshape(ct, shape=x.shape),),
    batch=with_params(lambda size, params: {"shape": (size, *params["shape"])}),
    source="np.reshape({0}, {shape})",
    domain=Samples(
        lambda d: [
            Sample((d.array(2, 3),), {"shape": (3, 2)}),
            Sample((d.array(),), {"shape": (1, 1)}),
            Sample((d.array(0, 2),), {"shape": (0,)}),
        ],
        ANY,
    ),
)


def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The inverse of a permutation."""
    back = [0] * len(axes)
    for position, axis in enumerate(axes):
        back[axis] = position
    return tuple(back)


def _permute_type(x: Aval, *, axes: tuple[int, ...]) -> Aval:
    if sorted(axes) != list(range(x.ndim)):
        raise ShapeError(f"a permutation of {x.ndim} axes was asked for", str(axes), "Name each axis once.")
    return Aval(tuple(x.shape[axis] for axis in axes), x.dtype)


def _permute_source(names: list[str], avals: list[Aval], *, axes: tuple[int, ...]) -> str:
    del avals
    return f"{names[0]}.T" if axes == tuple(range(len(axes)))[::-1] else f"np.transpose({names[0]}, {axes})"


permute = Primitive(
    name="permute",
    type=_permute_type,
    evaluate=lambda x, *, axes: x.transpose(axes),
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, axes: permute(ct, axes=inverse(axes)),),
    batch=with_params(lambda size, params: {"axes": (0, *shifted(params["axes"]))}),
    source=_permute_source,
    domain=Samples(
        lambda d: [
            Sample((d.array(2, 3),), {"axes": (1, 0)}),
            Sample((d.array(2, 3, 4),), {"axes": (2, 0, 1)}),
        ],
        ANY,
    ),
)


# --- elementwise -------------------------------------------------------------------------------


def fit(value: Any, shape: Shape) -> Any:
    """An operand of elementwise primitives for this shape: Python scalars serve as they are."""
    return value if is_bare(value) or aval_of(value).shape == shape else broadcast(value, shape=shape)


def each(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    """The batch rule of elementwise primitives: operands without a batch are repeated."""
    shape = next(aval_of(a).shape for a, b in zip(args, batched, strict=True) if b)
    return primitive(*(a if b else fit(a, shape) for a, b in zip(args, batched, strict=True)), **params)


add = Primitive(
    name="add",
    type=same_type("add"),
    evaluate=ufunc(np.add),
    jvp=(lambda t, x, y, *, out: t, lambda t, x, y, *, out: t),
    transpose=(lambda ct, x, y: ct, lambda ct, x, y: ct),
    batch=each,
    source="{0} + {1}",
    domain=Pointwise((WHOLE, WHOLE), NUMBER),
    elementwise=True,
)

scale = Primitive(
    name="scale",
    type=same_type("scale"),
    evaluate=scale_arrays,
    jvp=(LINEAR, LINEAR),
    transpose=(lambda ct, p, t: scale(t, ct), lambda ct, p, t: scale(p, ct)),
    batch=each,
    source="scale({0}, {1})",
    domain=Pointwise((WHOLE, WHOLE), INEXACT, (Edge((INF, 0.0), (0.0, INF)),)),
    elementwise=True,
)


def _select_type(mask: Aval, x: Aval, y: Aval) -> Aval:
    dtype, weak = joint_dtype("select", (x, y))
    shape = joint_shape("select", (mask, x, y) if mask.shape else (x, y))
    return Aval(shape, dtype, weak and shape == ())


def _select(mask: Any, x: Any, y: Any) -> Any:
    out = np.where(mask, x, y)
    strong = [v.dtype for v in (x, y) if not is_bare(v)]
    if not strong:
        return out if out.ndim else out.item()
    if out.dtype != strong[0]:
        out = out.astype(strong[0])
    return out if out.ndim else out[()]


def _select_source(names: list[str], avals: list[Aval]) -> str:
    _, x, y = avals
    if dtypes.bfloat16 in (x.dtype, y.dtype) or (x.weak and y.weak):
        return f"select({', '.join(names)})"
    return f"np.where({', '.join(names)})"


def _select_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    shape = next(aval_of(a).shape for a, b in zip(args, batched, strict=True) if b)
    if is_bare(args[0]):
        args = (np.asarray(args[0]), *args[1:])
    return each(primitive, size, batched, (fit(args[0], shape), *args[1:]), params)


select = Primitive(
    name="select",
    type=_select_type,
    evaluate=_select,
    jvp=(Zero("a condition has no derivative"), JOINTLY, JOINTLY),
    transpose=(
        NOT_LINEAR,
        lambda ct, mask, x, y: select(mask, ct, 0.0),
        lambda ct, mask, x, y: select(mask, 0.0, ct),
    ),
    batch=_select_batch,
    source=_select_source,
    domain=Samples(
        lambda d: [
            Sample((d.mask(2, 3), d.array(2, 3), d.array(2, 3)), {}),
            Sample((d.mask(2), d.array(2), 0.0), {}),
        ],
        INEXACT,
    ),
    elementwise=True,
)


def _convert(x: Any, *, dtype: dtypes.Dtype, weak: bool) -> Any:
    x = np.asarray(x)
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        x = x.real
    out = x.astype(dtype, copy=False)
    return out.item() if weak else out if out.ndim else out[()]


def _convert_transpose(ct: Any, x: Aval, *, dtype: dtypes.Dtype, weak: bool) -> Any:
    return convert(ct, dtype=x.dtype, weak=x.weak)


def _convert_source(names: list[str], avals: list[Aval], *, dtype: dtypes.Dtype, weak: bool) -> str:
    if weak or avals[0].weak or dtype == dtypes.bfloat16 or avals[0].dtype == np.float64:
        # (a float64 scalar may also come as Python's float, which has no astype)
        return f"convert({names[0]}, dtype=np.dtype({dtype.name!r}), weak={weak})"
    real = ".real" if avals[0].dtype.kind == "c" and dtype.kind not in "cb" else ""
    return f"{names[0]}{real}.astype(np.{dtype.name})"


convert = Primitive(
    name="convert",
    type=lambda x, *, dtype, weak: Aval(x.shape, dtype, weak),
    evaluate=_convert,
    jvp=(LINEAR,),
    transpose=(_convert_transpose,),
    batch=with_params(lambda size, params: {**params, "weak": False}),  # a batch is an array
    source=_convert_source,
    domain=Samples(
        lambda d: [
            Sample((d.array(2, 3),), {"dtype": np.dtype(np.float64), "weak": False}),
            Sample((d.array(2),), {"dtype": np.dtype(np.complex128), "weak": False}),
            Sample((d.array(2, 0),), {"dtype": np.dtype(np.float32), "weak": False}),
            Sample((d.array(3),), {"dtype": dtypes.bfloat16, "weak": False}),
            Sample((d.array(),), {"dtype": np.dtype(np.float64), "weak": True}),
        ],
        INEXACT,
    ),
    elementwise=True,
)


def zeros(aval: Aval) -> Any:
    """The zero of this type."""
    if aval.weak and aval.shape == ():
        return aval.dtype.type(0).item()
    zero = aval.dtype.type(0)
    return zero if aval.shape == () else broadcast(zero, shape=aval.shape)


def ones(aval: Aval) -> Any:
    """The one of this type."""
    if aval.weak and aval.shape == ():
        return aval.dtype.type(1).item()
    one = aval.dtype.type(1)
    return one if aval.shape == () else broadcast(one, shape=aval.shape)


ALL = (broadcast, reduce_sum, reshape, permute, add, scale, select, convert)
