"""NumPy's functions that its protocols do not hand over: those that make arrays, and those fed with lists.

`np.array([x, y])` stacks, `np.asarray(x)` is x, and `np.zeros(n)` is an array that traced values can be
written into. With nothing traced among the arguments each calls NumPy's function itself.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..array import functions as f
from ..array.blank import BLANK, Blank, blank, plain, plain_leaf
from ..array.dispatch import array_operand, cast, concrete, read_only, stacked, strong, unwritable, viewed
from ..array.traced import Traced, View
from ..array.ufuncs import PRIMITIVES
from ..core.avals import aval_of
from ..core.equation import user_line
from ..core.primitive import Tracer
from ..errors import AdjointError, DerivativeError, TraceError
from ..primitives.promotion import to_dtype
from ..primitives.structure import reshape
from ..transforms.tape import TapeTrace
from .scalars import is_traced, twin

_LISTS = (list, tuple)
_NEW = frozenset((list, tuple, float, int, complex))
"""What `np.asarray` makes a new array of, which may be written into."""


def holds_traced(values: Any) -> bool:
    """Whether traced values occur among values, or in the lists and tuples among them."""
    for kind in set(map(type, values)):
        if issubclass(kind, Tracer):
            if any(map(is_traced, values)):
                return True
        elif issubclass(kind, _LISTS):
            if any(holds_traced(v) for v in values if type(v) is kind):
                return True
        elif kind is np.poly1d and any(isinstance(v, kind) and is_traced(v.coeffs) for v in values):
            return True
    return False


# --- arrays of given values ----------------------------------------------------------------------------


def _as_array(value: Any, dtype: Any) -> Any:
    """A traced value, or lists with some, as a traced array."""
    if dtype is not None and np.dtype(dtype) == np.dtype(object):
        raise TraceError(
            "an array of Python objects was asked for",
            f"traced values at {user_line()}",
            "Leave dtype=object away, or keep them in a list.",
        )
    found = strong(value) if isinstance(value, Tracer) else stacked(list(value))
    found = found if dtype is None else cast(found, np.dtype(dtype))
    if type(found) is Traced and not aval_of(found).shape:
        return Blank(found.owner, found.value, found.extra)  # an array without axes, and no scalar
    return found


def _with_axes(found: Any, count: int) -> Any:
    shape = aval_of(found).shape
    return found if len(shape) >= count else reshape(found, shape=(1,) * (count - len(shape)) + shape)


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    **options: Any,
) -> Any:
    """As `numpy.array`."""
    copy = _COPY_MODES.get(copy, copy)
    if holds_traced((object,)):
        found = _as_array(object, dtype)
        found = found.copy(order or "K") if copy and isinstance(found, Traced) else found
        return _with_axes(found, ndmin)
    if isinstance(object, Blank) and not copy:
        return asarray(object, dtype)
    made = np.array(plain_leaf(object), dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **options)
    return blank(made) if copy else made


_COPY_MODES: dict[Any, bool | None] = {
    np._CopyMode.ALWAYS: True,  # type: ignore[attr-defined]
    np._CopyMode.IF_NEEDED: None,  # type: ignore[attr-defined]
    np._CopyMode.NEVER: False,  # type: ignore[attr-defined]
}


def asarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """As `numpy.asarray`: a traced array is itself."""
    if holds_traced((a,)):
        found = _as_array(a, dtype)
        copy = _COPY_MODES.get(options.get("copy"), options.get("copy"))
        return found.copy() if copy and found is a else found
    if isinstance(a, Blank):
        whole = a.exposed()
        made = np.asarray(whole, dtype, order, **options)
        return a if made is whole else blank(made)
    made = np.asarray(plain_leaf(a), dtype, order, **options)
    return blank(made) if type(a) in _NEW else made


def asanyarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """As `numpy.asanyarray`."""
    if holds_traced((a,)) or isinstance(a, Blank):
        return asarray(a, dtype, order, **options)
    return np.asanyarray(plain_leaf(a), dtype, order, **options)


def _laid(array: Any, order: str) -> Any:
    """The array itself where it lies in one piece in this order, else a copy that does."""
    flags = array.layout().flags
    return array if (flags.f_contiguous if order == "F" else flags.c_contiguous) else array.copy(order)


def contiguous(original: Callable[..., Any]) -> Callable[..., Any]:
    """As `numpy.ascontiguousarray` and `asfortranarray`, which give at least one axis."""
    order = "F" if original is np.asfortranarray else "C"

    def function(a: Any, dtype: Any = None, **options: Any) -> Any:
        if holds_traced((a,)) or isinstance(a, Blank):
            return _laid(_with_axes(asarray(a, dtype), 1), order)
        return original(plain_leaf(a), dtype, **options)

    return function


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """As `numpy.asarray_chkfinite`."""
    if not (holds_traced((a,)) or isinstance(a, Blank)):
        return np.asarray_chkfinite(a, dtype, order)
    found = asarray(a, dtype, order)
    value: Any = found
    while isinstance(value, Tracer) and value.value is not None:
        value = value.value
    if not isinstance(value, Tracer) and not np.isfinite(value).all():
        raise ValueError("array must not contain infs or NaNs")
    return found


def require(a: Any, dtype: Any = None, requirements: Any = None, **options: Any) -> Any:
    """As `numpy.require`."""
    if holds_traced((a,)) or isinstance(a, Blank):
        return asarray(a, dtype)
    return np.require(plain_leaf(a), dtype, requirements, **options)


# --- arrays to be filled ---------------------------------------------------------------------------------


def allocator(original: Callable[..., Any]) -> Callable[..., Any]:
    """An array of constants, as one that traced values can be written into."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return blank(original(*args, **kwargs))

    return function


def allocator_like(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same, for `np.zeros_like` and its kin."""
    ours = f.TABLE[original]

    def function(*args: Any, **kwargs: Any) -> Any:
        if holds_traced((*args, *kwargs.values())):
            return _without_axes(ours(*args, **kwargs))
        return blank(original(*plain(args), **{name: plain_leaf(v) for name, v in kwargs.items()}))

    return function


def _without_axes(made: Any) -> Any:
    """A new array; one without axes as an array that `+=` writes into, and no scalar."""
    if aval_of(made).shape or isinstance(made, Blank):
        return made
    out: Any = BLANK.boxed(np.empty((), aval_of(made).dtype))
    out[...] = made
    return out


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    """As `numpy.full`; differentiable in the value."""
    if not holds_traced((fill_value,)):
        return blank(np.full(shape, plain_leaf(fill_value), dtype, order, **options))
    value = _as_array(fill_value, dtype)
    out: Any = BLANK.boxed(np.empty(shape, aval_of(value).dtype))
    out[...] = value
    return out


def arange(*args: Any, **kwargs: Any) -> Any:
    """As `numpy.arange`; differentiable in its bounds and step."""
    names = dict(zip(("start", "stop", "step", "dtype"), args, strict=False)) | kwargs
    if len(args) == 1 and "stop" not in kwargs:
        names["stop"] = names.pop("start")
    start, step = names.get("start"), names.get("step")
    start, step = 0 if start is None else start, 1 if step is None else step
    bounds = (start, names.get("stop"), step)
    if not any(map(is_traced, bounds)):
        return np.arange(*plain(args), **kwargs)
    known: list[Any] = [concrete(b, "the length of np.arange") if is_traced(b) else b for b in bounds]
    count = len(np.arange(*known))
    points = np.arange(count) * step + start
    return points if names.get("dtype") is None else to_dtype(points, np.dtype(names["dtype"]))


def unique_hash(ar: Any, **options: Any) -> Any:
    """As NumPy's search for distinct values by hashing, which of traced ones is left to sorting."""
    return NotImplemented if is_traced(ar) else _UNIQUE_HASH(plain_leaf(ar), **options)


_UNIQUE_HASH: Any = np._core._multiarray_umath._unique_hash  # type: ignore[attr-defined]


def isscalar(element: Any) -> bool:
    """As `numpy.isscalar`."""
    return np.isscalar(twin(element) if isinstance(element, Traced) else element)


def copied(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """As `numpy.copy`."""
    if holds_traced((a,)):
        return f.TABLE[np.copy](a, order, subok)
    return blank(np.copy(plain_leaf(a), order, subok))


def as_strided(
    x: Any,
    shape: Any = None,
    strides: Any = None,
    subok: bool = False,
    writeable: bool = True,
    **options: Any,
) -> Any:
    """As `numpy.lib.stride_tricks.as_strided`; of a traced array it cannot be written into."""
    if not is_traced(x):
        return np.lib.stride_tricks.as_strided(plain_leaf(x), shape, strides, subok, writeable, **options)
    whole, memory, like = _memory(x)
    shape = like.shape if shape is None else tuple(shape)
    start = like.ctypes.data - memory.ctypes.data
    wanted = start + _offsets(shape, like.strides if strides is None else tuple(strides))
    known = _offsets(memory.shape, memory.strides).reshape(-1)
    order = np.argsort(known)
    found = np.minimum(np.searchsorted(known, wanted, sorter=order), max(known.size - 1, 0))
    places = order[found]
    if (known[places] != wanted).any():
        raise TraceError(
            "as_strided of a traced array was asked for", "strides that leave the array", "Mend the strides."
        )
    if not known.size:
        return reshape(x, shape=shape)
    return viewed(whole, lambda base: reshape(base, shape=(known.size,))[places], read_only)


def _memory(x: Any) -> tuple[Any, Any, Any]:
    """The array in whose memory a traced array lies, how that lies, and how the array itself does."""
    if not isinstance(x, View):
        like = x.layout()
        return x, like, like
    whole, memory, like = _memory(x._link.base)
    return whole, memory, x._link.take(like)


def sharing(original: Callable[..., Any]) -> Callable[..., Any]:
    """As `numpy.may_share_memory` and `shares_memory`: of traced arrays, whether both are parts of one."""

    def function(a: Any, b: Any, max_work: Any = None) -> Any:
        if is_traced(a) or is_traced(b):
            whole = _whole(a)
            if whole is not _whole(b):
                return False
            memory = whole.layout() if isinstance(whole, Tracer) else whole
            return original(_part_of(memory, a), _part_of(memory, b), max_work)
        return original(plain_leaf(a), plain_leaf(b), max_work)

    return function


def _part_of(memory: Any, x: Any) -> Any:
    """The part of the memory of its whole that an array lies in."""
    return x._link.take(_part_of(memory, x._link.base)) if isinstance(x, View) else memory


def _whole(array: Any) -> Any:
    """The array of which this one is a part."""
    while isinstance(array, View):
        array = array._link.base
    return array


def _offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Where each element lies, in bytes from the first."""
    total = np.zeros(shape, np.intp)
    for axis, (length, stride) in enumerate(zip(shape, strides, strict=True)):
        total += (np.arange(length) * stride).reshape(-1, *(1,) * (len(shape) - axis - 1))
    return total


# --- functions fed with lists, and methods of plain arrays --------------------------------------------------


def dispatched(original: Any, follow: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function of NumPy that its protocol reaches, also where traced values stand in lists.

    One without a rule is followed.
    """
    ours = f.TABLE.get(original)
    body = getattr(original, "_implementation", None)

    def function(*args: Any, **kwargs: Any) -> Any:
        if not holds_traced(args) and not (kwargs and holds_traced(kwargs.values())):
            return original(*args, **kwargs)
        if ours is not None:
            return ours(*args, **kwargs)
        if body is None or not _is_python(body):
            return original(*args, **kwargs)
        return follow(body)(*args, **kwargs)

    return function


def _is_python(body: Any) -> bool:
    return type(body) is type(_is_python)


def ufunc(original: Any) -> Callable[..., Any]:
    """A ufunc, also where traced values stand in lists."""
    primitive: Any = (
        PRIMITIVES.get(original) if isinstance(original, np.ufunc) and original.nin == 1 else None
    )

    def function(*args: Any, **kwargs: Any) -> Any:
        for arg in args:
            if type(arg) is list or type(arg) is tuple:
                args = tuple(_listed(a) for a in args)
                break
        return original(*args, **kwargs)

    def of_one(x: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or type(x) is list or type(x) is tuple:
            return function(x, *args, **kwargs)
        if type(x) is Traced and type(x.owner) is TapeTrace:  # as the protocol would do it, without it
            return x.owner.unary(primitive, original, x)
        return original(x)

    return of_one if primitive is not None else function


def unlisted(args: Sequence[Any]) -> list[Any]:
    """Arguments of a ufunc, with lists of traced values as the arrays that they are."""
    return [_listed(a) for a in args]


def _listed(value: Any) -> Any:
    if not isinstance(value, _LISTS):
        return value
    return array_operand(value) if holds_traced(value) else plain_leaf(value)


def bound_method(method: Any) -> Callable[..., Any]:
    """A method of a plain array, such as `a.dot`, for arguments that may be traced."""
    owner, name = method.__self__, method.__name__

    def function(*args: Any, **kwargs: Any) -> Any:
        if not holds_traced(args) and not (kwargs and holds_traced(kwargs.values())):
            return method(*plain(args), **{k: plain_leaf(v) for k, v in kwargs.items()})
        if name in _WRITES:
            raise unwritable(f"by its method {name}", owner, *args, *kwargs.values())
        return getattr(BLANK.boxed(owner), name)(*args, **kwargs)

    return function


_WRITES = frozenset(("fill", "put", "setfield", "partition", "sort", "__setitem__", "__iadd__"))
_METHODS = (
    _WRITES
    | frozenset(("dot", "clip", "choose", "compress", "take", "searchsorted"))
    | frozenset(("sum", "prod", "mean", "std", "var", "max", "min", "repeat"))
)
"""Methods that may be handed traced arguments."""


def ndarray_method(method: Any) -> Any:
    """What stands for a method of a plain array."""
    name = method.__name__
    if name == "copy":
        return allocator(method)
    return bound_method(method) if name in _METHODS else functools.partial(plainly, method)


def plainly(callee: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Call a C function: arrays of constants as the plain arrays that they are."""
    try:
        return callee(*map(plain_leaf, args), **{name: plain_leaf(v) for name, v in kwargs.items()})
    except TypeError as error:
        if isinstance(error, AdjointError) or not holds_traced((*args, *kwargs.values())):
            raise
        raise DerivativeError(
            f"{getattr(callee, '__name__', callee)} of a traced value was asked for",
            f"compiled code without a rule, at {user_line()}, which says: {error}",
            "Write it with functions of NumPy, give it stop_gradient(x), or wrap it by adjoint.custom_jvp.",
        ) from error


def unbound_method(descriptor: Any) -> Callable[..., Any]:
    """`np.ndarray.sum` and its like, called with a traced array."""

    def function(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Tracer):
            return getattr(args[0], descriptor.__name__)(*args[1:], **kwargs)
        return descriptor(*args, **kwargs)

    return function


_ALLOCATORS: Sequence[Any] = (np.zeros, np.empty, np.ones, np.eye, np.identity)
_LIKES: Sequence[Any] = (np.zeros_like, np.empty_like, np.ones_like, np.full_like)

TABLE: dict[Any, Callable[..., Any]] = {
    np.array: array,
    np.asarray: asarray,
    np.asanyarray: asanyarray,
    np.ascontiguousarray: contiguous(np.ascontiguousarray),
    np.asfortranarray: contiguous(np.asfortranarray),
    np.asarray_chkfinite: asarray_chkfinite,
    np.require: require,
    np.full: full,
    np.arange: arange,
    np.isscalar: isscalar,
    _UNIQUE_HASH: unique_hash,
    np.copy: copied,
    np.lib.stride_tricks.as_strided: as_strided,
    **{original: sharing(original) for original in (np.may_share_memory, np.shares_memory)},
    **{original: allocator(original) for original in _ALLOCATORS},
    **{original: allocator_like(original) for original in _LIKES},
}
