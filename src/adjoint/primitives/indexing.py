"""Indexing: taking parts, putting parts, joining.

`slice` takes a basic index and `embed` puts its transpose back among zeros; `assign` is `x` with
`x[index] = v`. `gather` takes by integer arrays along leading axes; its transpose `scatter_add`
adds, `scatter` assigns (the last writer wins, as in NumPy). A basic index is a tuple with one
entry for each axis: an integer or a slice of integers (a `None` end where a negative step runs
past the start).
"""

from typing import Any

import numpy as np

from ..core.avals import Aval, Shape, aval_of
from ..core.domain import ANY, INEXACT, NUMBER, Draw, Sample, Samples
from ..core.primitive import JOINTLY, LINEAR, NOT_LINEAR, Primitive, Zero
from ..errors import ShapeError
from .batching import with_params
from .structure import broadcast, permute, reshape, select, zeros

Index = tuple[Any, ...]
INDICES = Zero("indices are integers")


def indexed_shape(shape: Shape, index: Index) -> Shape:
    """The shape of `x[index]` for a basic index with an entry for every axis."""
    if len(index) != len(shape):
        raise ShapeError(
            f"an index for each of {len(shape)} axes was asked for", str(index), "Fill up with slices."
        )
    return tuple(
        len(range(*part.indices(length)))
        for part, length in zip(index, shape, strict=True)
        if isinstance(part, slice)
    )


def _slice_type(x: Aval, *, index: Index) -> Aval:
    return Aval(indexed_shape(x.shape, index), x.dtype)


def _embed(ct: Any, *, index: Index, shape: Shape) -> Any:
    whole = np.zeros(shape, ct.dtype)
    whole[index] = ct
    return whole


def index_text(index: Index) -> str:
    """The index as one writes it between brackets."""
    parts: list[str] = []
    for part in index:
        if isinstance(part, slice):
            ends = ("" if end is None else str(end) for end in (part.start, part.stop))
            parts.append(":".join(ends) + ("" if part.step in (None, 1) else f":{part.step}"))
        else:
            parts.append(str(part))
    return ", ".join(parts) or "()"


def _batched_index(size: int, params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "index": (slice(0, size, 1), *params["index"])}


_SLICES: tuple[tuple[Shape, Index], ...] = (
    ((5,), (slice(1, 5, 2),)),
    ((4, 3), (2, slice(0, 3, 1))),
    ((4, 3), (slice(3, None, -1), slice(0, 2, 1))),
    ((3,), (1,)),
)

slice_ = Primitive(
    name="slice",
    type=_slice_type,
    evaluate=lambda x, *, index: x[index],
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, index: embed(ct, index=index, shape=x.shape),),
    batch=with_params(_batched_index),
    source=lambda names, avals, *, index: f"{names[0]}[{index_text(index)}]",
    domain=Samples(lambda d: [Sample((d.array(*shape),), {"index": index}) for shape, index in _SLICES], ANY),
)

embed = Primitive(
    name="embed",
    type=lambda x, *, index, shape: Aval(shape, x.dtype),
    evaluate=_embed,
    jvp=(LINEAR,),
    transpose=(lambda ct, x, *, index, shape: slice_(ct, index=index),),
    batch=with_params(
        lambda size, params: {**_batched_index(size, params), "shape": (size, *params["shape"])}
    ),
    source=lambda names, avals, *, index, shape: (
        f"embed({names[0]}, index=np.s_[{index_text(index)}], shape={shape})"
    ),
    domain=Samples(
        lambda d: [
            Sample((d.array(*indexed_shape(shape, index)),), {"index": index, "shape": shape})
            for shape, index in _SLICES
        ],
        NUMBER,
    ),
)


def _assign(x: Any, v: Any, *, index: Index) -> Any:
    out = np.array(x)
    out[index] = v
    return out


def _assign_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    return primitive(*repeated(size, batched, args), **_batched_index(size, params))


def repeated(size: int, batched: Any, args: Any) -> list[Any]:
    """All operands with the batch along their first axis."""
    return [
        a if b else broadcast(a, shape=(size, *aval_of(a).shape)) for a, b in zip(args, batched, strict=True)
    ]


assign = Primitive(
    name="assign",
    type=lambda x, v, *, index: Aval(x.shape, x.dtype),
    evaluate=_assign,
    jvp=(JOINTLY, JOINTLY),
    transpose=(
        lambda ct, x, v, *, index: assign(
            ct, zeros(Aval(indexed_shape(x.shape, index), x.dtype)), index=index
        ),
        lambda ct, x, v, *, index: slice_(ct, index=index),
    ),
    batch=_assign_batch,
    source=lambda names, avals, *, index: f"assign({names[0]}, {names[1]}, index=np.s_[{index_text(index)}])",
    domain=Samples(
        lambda d: [
            Sample((d.array(*shape), d.array(*indexed_shape(shape, index))), {"index": index})
            for shape, index in _SLICES
        ],
        NUMBER,
    ),
)


# --- joining -----------------------------------------------------------------------------------


def _concatenate_type(*avals: Aval, axis: int) -> Aval:
    first = avals[0].shape
    rest = {a.shape[:axis] + a.shape[axis + 1 :] for a in avals}
    if len(rest) > 1:
        shapes = ", ".join(str(a.shape) for a in avals)
        raise ShapeError(
            f"arrays of equal shape outside of axis {axis} were asked for", shapes, "Reshape them first."
        )
    total = sum(a.shape[axis] for a in avals)
    return Aval((*first[:axis], total, *first[axis + 1 :]), avals[0].dtype)


def _concatenate_transpose(position: int, ct: Any, *args: Any, axis: int) -> Any:
    lengths = [aval_of(a).shape[axis] for a in args]
    start = sum(lengths[:position])
    whole = aval_of(ct).shape
    index = tuple(
        slice(start, start + lengths[position], 1) if i == axis else slice(0, n, 1)
        for i, n in enumerate(whole)
    )
    return slice_(ct, index=index)


def _concatenate_batch(
    primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]
) -> Any:
    return primitive(*repeated(size, batched, args), axis=params["axis"] + 1)


concatenate = Primitive(
    name="concatenate",
    type=_concatenate_type,
    evaluate=lambda *arrays, axis: np.concatenate(arrays, axis),
    jvp=(JOINTLY,),
    transpose=(_concatenate_transpose,),
    batch=_concatenate_batch,
    source=lambda names, avals, *, axis: f"np.concatenate([{', '.join(names)}], axis={axis})",
    domain=Samples(
        lambda d: [
            Sample((d.array(2), d.array(3), d.array(0)), {"axis": 0}),
            Sample((d.array(2, 3), d.array(2, 1)), {"axis": 1}),
        ],
        NUMBER,
    ),
    variadic=True,
)


# --- by integer arrays -------------------------------------------------------------------------


def _gather_type(x: Aval, *indices: Aval) -> Aval:
    return Aval((*indices[0].shape, *x.shape[len(indices) :]), x.dtype)


def _batch_numbers(size: int, like: Any) -> Any:
    shape = aval_of(like).shape
    column = np.arange(size).reshape((size,) + (1,) * (len(shape) - 1))
    return broadcast(column, shape=shape)


def _gather_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    x, *indices = args
    if any(batched[1:]):
        indices = repeated(size, batched[1:], indices)
        return (
            primitive(x, _batch_numbers(size, indices[0]), *indices) if batched[0] else primitive(x, *indices)
        )
    lead, count = len(aval_of(indices[0]).shape), len(indices)
    ndim = len(aval_of(x).shape)
    x = permute(x, axes=(*range(1, count + 1), 0, *range(count + 1, ndim)))
    out = primitive(x, *indices)
    rest = len(aval_of(out).shape)
    return _in_one_piece(permute(out, axes=(lead, *range(lead), *range(lead + 1, rest))))


def _in_one_piece(x: Any) -> Any:
    """The same in memory of its own, in order: as each example of a gather lies."""
    aval = aval_of(x)
    return reshape(reshape(x, shape=(aval.size,)), shape=aval.shape)


def _index_jvp(count: int) -> tuple[Any, ...]:
    return (INDICES,) * count


def _draw_indices(draw: Draw, shape: Shape, bound: int) -> Any:
    return draw.rng.integers(0, bound, shape)


gather = Primitive(
    name="gather",
    type=_gather_type,
    evaluate=lambda x, *indices: x.take(indices[0], axis=0) if len(indices) == 1 else x[indices],
    jvp=(LINEAR, *_index_jvp(31)),
    transpose=(lambda ct, x, *indices: scatter_add(ct, *indices, shape=x.shape), *(NOT_LINEAR,) * 31),
    batch=_gather_batch,
    source=lambda names, avals: f"{names[0]}[{', '.join(names[1:])}]",
    domain=Samples(
        lambda d: [
            Sample((d.array(5), _draw_indices(d, (3,), 5)), {}),
            Sample((d.array(4, 3), _draw_indices(d, (2, 2), 4), _draw_indices(d, (2, 2), 3)), {}),
            Sample((d.array(4, 3), _draw_indices(d, (6,), 4)), {}),
        ],
        ANY,
    ),
)


def _scatter_add(ct: Any, *indices: Any, shape: Shape) -> Any:
    whole = np.zeros(shape, aval_of(ct).dtype)
    add_at(whole, indices, ct)
    return whole


def add_at(whole: Any, indices: tuple[Any, ...], values: Any) -> None:
    """As `numpy.add.at`, where a tuple of one array takes the slow way."""
    np.add.at(whole, indices[0] if len(indices) == 1 else indices, values)


def _scatter_add_batch(
    primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]
) -> Any:
    ct, *indices = repeated(size, batched, args)
    return primitive(ct, _batch_numbers(size, indices[0]), *indices, shape=(size, *params["shape"]))


scatter_add = Primitive(
    name="scatter_add",
    type=lambda ct, *indices, shape: Aval(shape, ct.dtype),
    evaluate=_scatter_add,
    jvp=(LINEAR, *_index_jvp(31)),
    transpose=(lambda ct, x, *indices, shape: gather(ct, *indices), *(NOT_LINEAR,) * 31),
    batch=_scatter_add_batch,
    source=lambda names, avals, *, shape: f"scatter_add({', '.join(names)}, shape={shape})",
    domain=Samples(
        lambda d: [
            Sample((d.array(3), _draw_indices(d, (3,), 5)), {"shape": (5,)}),
            Sample((d.array(6, 3), _draw_indices(d, (6,), 4)), {"shape": (4, 3)}),
        ],
        NUMBER,
    ),
)


def _scatter(x: Any, v: Any, *indices: Any) -> Any:
    out = np.array(x)
    out[indices] = v
    return out


def _last_writers(*indices: Any, shape: Shape) -> Any:
    numbers = np.arange(indices[0].size).reshape(indices[0].shape)
    owner = np.full(shape, -1)
    owner[indices] = numbers
    return owner[indices] == numbers


def _last_writers_batch(
    primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]
) -> Any:
    indices = repeated(size, batched, args)
    return primitive(_batch_numbers(size, indices[0]), *indices, shape=(size, *params["shape"]))


last_writers = Primitive(
    name="last_writers",
    type=lambda *indices, shape: Aval(indices[0].shape, np.dtype(np.bool_)),
    evaluate=_last_writers,
    jvp=_index_jvp(32),
    transpose=(NOT_LINEAR,) * 32,
    batch=_last_writers_batch,
    source=lambda names, avals, *, shape: f"last_writers({', '.join(names)}, shape={shape})",
    domain=Samples(lambda d: [Sample((_draw_indices(d, (6,), 4),), {"shape": (4,)})], ("int64",)),
)


def _scatter_to_value(ct: Any, x: Any, v: Aval, *indices: Any) -> Any:
    taken = gather(ct, *indices)
    last = last_writers(*indices, shape=aval_of(x).shape[: len(indices)])
    lead = aval_of(last).shape
    padded = reshape(last, shape=(*lead, *(1,) * (v.ndim - len(lead))))
    return select(broadcast(padded, shape=v.shape), taken, 0.0)


def _scatter_to_array(ct: Any, x: Aval, v: Any, *indices: Any) -> Any:
    return scatter(ct, zeros(Aval(aval_of(v).shape, x.dtype)), *indices)


def _scatter_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    x, v, *indices = repeated(size, batched, args)
    return primitive(x, v, _batch_numbers(size, indices[0]), *indices)


scatter = Primitive(
    name="scatter",
    type=lambda x, v, *indices: Aval(x.shape, x.dtype),
    evaluate=_scatter,
    jvp=(JOINTLY, JOINTLY, *_index_jvp(30)),
    transpose=(_scatter_to_array, _scatter_to_value, *(NOT_LINEAR,) * 30),
    batch=_scatter_batch,
    source=lambda names, avals: f"scatter({', '.join(names)})",
    domain=Samples(
        lambda d: [
            Sample((d.array(5), d.array(4), _draw_indices(d, (4,), 5)), {}),
            Sample((d.array(4, 3), d.array(6, 3), _draw_indices(d, (6,), 4)), {}),
        ],
        INEXACT,
    ),
)

ALL = (slice_, embed, assign, concatenate, gather, scatter_add, scatter, last_writers)
