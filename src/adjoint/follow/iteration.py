"""NumPy's iterators over elements, where some are traced: `np.nditer`, `np.ndenumerate`, `np.broadcast`,
`np.fromiter`, and `np.frompyfunc`, which calls a Python function on every element.

With nothing traced among the arguments each calls NumPy's own.
"""

import itertools
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from ..array import functions as f
from ..array.blank import Blank, blank, plain_leaf
from ..array.dispatch import cast, stacked
from ..array.traced import Traced
from ..core.avals import aval_of
from ..core.equation import user_line
from ..core.primitive import Tracer
from ..errors import TraceError
from .arrays import asarray, holds_traced
from .elementwise import vectorize_call

_LISTS = (list, tuple)


def _varies(values: Any) -> bool:
    """Whether traced values, or arrays that can take them up, occur among values."""
    return holds_traced(values) or any(isinstance(v, Blank) for v in values)


def ndenumerate(arr: Any) -> Any:
    """As `numpy.ndenumerate`: pairs of an index and the element there."""
    if not _varies((arr,)):
        return np.ndenumerate(plain_leaf(arr))
    whole = asarray(arr)
    return ((index, whole[index]) for index in np.ndindex(aval_of(whole).shape))


class Broadcast:
    """As `numpy.broadcast`: the shape that arrays have together, and their elements side by side."""

    def __init__(self, *args: Any) -> None:
        self._arrays = [asarray(a) for a in args]
        shapes = [aval_of(a).shape for a in self._arrays]
        self.shape = np.broadcast_shapes(*shapes)
        self.nd = self.ndim = len(self.shape)
        self.numiter = len(shapes)
        self.size = int(np.prod(self.shape, dtype=int))
        self._wide = [f.TABLE[np.broadcast_to](a, self.shape) for a in self._arrays]
        self.index = 0
        self.reset()

    def reset(self) -> None:
        """Go back to the first elements."""
        self.index, self._places = 0, iter(np.ndindex(self.shape))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[Any, ...]:
        place = next(self._places)
        self.index += 1
        return tuple(a[place] for a in self._wide)


def broadcast(*args: Any) -> Any:
    """As `numpy.broadcast`."""
    return Broadcast(*args) if _varies(args) else np.broadcast(*map(plain_leaf, args))


# --- nditer ------------------------------------------------------------------------------------------

_CHUNKS = ("external_loop", "buffered", "growinner", "ranged", "common_dtype")
_INNER = ("c_index", "f_index", "zerosize_ok", "dont_negate_strides")


class NdIter:
    """As `numpy.nditer` over single elements: each is a view of its array, and can be written into.

    NumPy's own iterator over arrays that lie as these do says in which order they come.
    """

    def __init__(
        self,
        op: Any,
        flags: Any = (),
        op_flags: Any = None,
        op_dtypes: Any = None,
        order: Any = "K",
        casting: Any = "safe",
        op_axes: Any = None,
        itershape: Any = None,
        buffersize: int = 0,
    ) -> None:
        del op_flags, casting, buffersize
        asked = [flag for flag in flags or () if flag in _CHUNKS]
        if asked or op_dtypes is not None or op_axes is not None:
            raise TraceError(
                "np.nditer over the elements of traced arrays was asked for",
                f"{', '.join(asked) or 'op_dtypes or op_axes'} at {user_line()}",
                "Leave that away, or write it with whole arrays.",
            )
        given = op if isinstance(op, _LISTS) else (op,)
        found = [None if a is None else asarray(a) for a in given]
        lying = [np.empty(()) if a is None else _layout(a) for a in found]
        kept: Any = [flag for flag in flags or () if flag in _INNER]
        options: Any = {} if itershape is None else {"itershape": itershape}
        self._inner = np.nditer(lying, ["multi_index", *kept], order=order, **options)
        self.shape, self.ndim, self.itersize = self._inner.shape, self._inner.ndim, self._inner.itersize
        self.operands = tuple(blank(np.zeros(self.shape)) if a is None else a for a in found)
        self.nop = len(self.operands)
        self._fresh = True

    def _element(self, operand: Any) -> Any:
        lengths = aval_of(operand).shape
        place = self._inner.multi_index[self.ndim - len(lengths) :] if lengths else ()
        index = (0 if n == 1 else i for i, n in zip(place, lengths, strict=True))
        return operand[(*index, ...)]

    @property
    def value(self) -> Any:
        """The elements at this place; one alone where one array is gone through."""
        found = tuple(map(self._element, self.operands))
        return found if self.nop > 1 else found[0]

    @property
    def finished(self) -> bool:
        """Whether all elements have been gone through."""
        return self._inner.finished

    @property
    def multi_index(self) -> tuple[int, ...]:
        """Where the elements stand."""
        return self._inner.multi_index

    @property
    def index(self) -> int:
        """Where the elements stand, as one number, in the order that was asked for."""
        return self._inner.index

    @property
    def iterindex(self) -> int:
        """How many elements have been gone through."""
        return self._inner.iterindex

    def iternext(self) -> bool:
        """Go on to the next elements; whether there are any."""
        self._fresh = False
        return self._inner.iternext()

    def reset(self) -> None:
        """Go back to the first elements."""
        self._fresh = True
        self._inner.reset()

    def close(self) -> None:
        """Nothing is left to be written back."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if not self._fresh:
            self._inner.iternext()
        self._fresh = False
        if self._inner.finished:
            raise StopIteration
        return self.value

    def __getitem__(self, place: Any) -> Any:
        found = self.value if self.nop > 1 else (self.value,)
        return found[place]

    def __setitem__(self, place: int, value: Any) -> None:
        self[place][...] = value

    def __len__(self) -> int:
        return self.nop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _layout(a: Any) -> Any:
    return a.layout() if isinstance(a, Tracer) else np.asarray(a)


def nditer(op: Any, *args: Any, **options: Any) -> Any:
    """As `numpy.nditer`."""
    if _varies(op if isinstance(op, _LISTS) else (op,)):
        return NdIter(op, *args, **options)
    return np.nditer(op, *args, **options)


# --- arrays of what Python gives ---------------------------------------------------------------------


def fromiter(iter: Any, dtype: Any, count: int = -1, *, like: Any = None) -> Any:
    """As `numpy.fromiter`."""
    values = list(iter if count < 0 else itertools.islice(iter, count))
    if not holds_traced(values):
        return blank(np.fromiter(map(plain_leaf, values), dtype, count, like=like))
    if len(values) < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(values)} items.")
    return cast(stacked(values), np.dtype(dtype))


class FromPyFunc:
    """What `numpy.frompyfunc` makes, also for traced arrays: their results are arrays of numbers."""

    def __init__(self, func: Any, original: Any, convert: Callable[[Any], Any]) -> None:
        self._func, self._original = func, original
        self._call = vectorize_call(_no_plain_call, convert)
        self.signature: Any = None
        self.otypes: Any = None
        self.nin, self.nout = original.nin, original.nout

    def __call__(self, *args: Any, **options: Any) -> Any:
        """The function of every element."""
        if holds_traced(args) and not options:
            return self._call(self, self._func, args)
        return self._original(*map(plain_leaf, args), **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def _no_plain_call(*args: Any) -> Any:
    raise AssertionError("plain arguments are NumPy's own")


def frompyfunc(convert: Callable[[Any], Any]) -> Callable[..., Any]:
    """As `numpy.frompyfunc`, by what gives the followed copy of a function."""

    def function(func: Any, /, nin: int, nout: int, **options: Any) -> Any:
        return FromPyFunc(func, np.frompyfunc(func, nin, nout, **options), convert)

    return function


# --- as text -----------------------------------------------------------------------------------------


def shown(original: Callable[..., Any]) -> Callable[..., Any]:
    """A function that writes a number as text, which takes the plain one: no derivative passes through."""

    def function(x: Any, *args: Any, **options: Any) -> Any:
        return original(x.item() if isinstance(x, Traced) else x, *args, **options)

    return function


TABLE: dict[Any, Callable[..., Any]] = {
    np.ndenumerate: ndenumerate,
    np.broadcast: broadcast,
    np.nditer: nditer,
    np.fromiter: fromiter,
    np.format_float_positional: shown(np.format_float_positional),
    np.format_float_scientific: shown(np.format_float_scientific),
}
