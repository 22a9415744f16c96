"""Arrays of constants that can take up traced values: what `np.zeros(n)` is in a function that is followed,
and `adjoint.numpy.zeros(n)` anywhere.

A `Blank` holds a plain array and belongs to `BLANK`, a trace that is older than all others and never
ends. Computed with, it gives constants; handed to NumPy or to C code, it is the array that it
holds, and it has that array's attributes and methods; and when a traced value is written into it, it
becomes a traced array of that value's trace, with the attributes that those have.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..core.primitive import Tracer, newest
from ..transforms.tape import TapeTrace
from . import functions as f
from .traced import Traced, View


class BlankTrace(TapeTrace):
    """The owner of arrays that hold constants only. What others keep of it is plain, and what it computes,
    save for the results of elementwise operations, which are new arrays too and may be filled.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_plain_value, _no_runner)  # type: ignore[arg-type]
        self.level = -1

    def boxed(self, value: Any) -> Tracer:
        """An array that traced values can be written into."""
        return Blank(self, value, None)

    def unary(self, primitive: Any, operation: Any, x: Any, params: tuple[tuple[str, Any], ...] = ()) -> Any:
        """An elementwise operation on one: `-np.ones(n)` can be written into as `np.ones(n)` can."""
        return blank(super().unary(primitive, operation, x, params))

    def binary(self, primitive: Any, operation: Any, x: Any, y: Any, ndim: int = 0) -> Any:
        """The same on two: `np.nan * np.ones(n)`."""
        return blank(super().binary(primitive, operation, x, y, ndim))


def _plainly(call: Any, args: list[Any], outs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A ufunc of plain arrays, written into those that were asked for."""
    if not outs:
        made = call(*args, **options)
        return tuple(map(blank, made)) if isinstance(made, tuple) else blank(made)
    made = call(*args, out=tuple(map(plain_leaf, outs)), **options)
    if len(outs) == 1:
        return made if outs[0] is None else outs[0]
    return tuple(new if out is None else out for out, new in zip(outs, made, strict=True))


def _plain_value(owner: Any, value: Any, extra: Any) -> Any:
    del owner, extra
    return value


def _no_runner(*args: Any) -> Any:
    raise AssertionError("constants have no pullback")


def _of_constants(name: str) -> Any:
    """A method that constants have as any array has it, and traced values refuse."""
    refused = getattr(Traced, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.is_constant():
            return getattr(self.exposed(), name)(*args, **kwargs)
        return refused(self, *args, **kwargs)

    return method


class Blank(Traced):
    """A constant array, until a traced value is written into it. Without axes it is no scalar."""

    __slots__ = ()

    scalars_are_replaced = False

    def is_constant(self) -> bool:
        """Whether no traced value has been written into it."""
        return self.owner is BLANK

    def exposed(self) -> Any:
        """The plain array, as one that nobody else holds, so that C code may write into it."""
        if sys.getrefcount(self.value) > _ALONE:
            self.value = self.value.copy("K")
        return self.value

    def copy(self, order: Any = "C") -> Any:
        """An array of its own with the same elements."""
        if self.is_constant():
            return BLANK.boxed(self.value.copy(order))
        new = Traced.copy(self, order)
        return new if self.shape else Blank(new.owner, new.value, new.extra)

    __copy__ = copy

    def view(self, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ndarray.view`: of constants in any dtype."""
        if self.is_constant() and (args or kwargs):
            return self.exposed().view(*args, **kwargs)
        return Traced.view(self, *args, **kwargs)

    tobytes = _of_constants("tobytes")
    tofile = _of_constants("tofile")
    dump = _of_constants("dump")
    dumps = _of_constants("dumps")
    byteswap = _of_constants("byteswap")
    getfield = _of_constants("getfield")
    setfield = _of_constants("setfield")

    def become(self, new: Any) -> None:
        """Take another value, in place: all who hold this array see it."""
        if isinstance(new, Tracer) or not self.is_constant():
            Traced.become(self, new)
            inner = self.value
            if type(inner) is Blank and inner.is_constant() and type(self) is Blank:
                self.value = inner.value  # an array of its own, which the next write need not copy
            return
        value = np.empty_like(self.value)
        value[...] = new
        self.value = value

    def _view(self, part: Any, take: Any, restore: Any) -> Any:
        return BlankView(self, part, take, restore)

    def _owned(self) -> Any:
        """This array as the trace makes them whose values have been written into it."""
        return self.owner.box(self.owner, self.value, self.extra)

    def _shown(self) -> Any:
        return self.value if self.is_constant() else self._owned()

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        """To `isinstance` a plain array while it is one, then an array of its trace."""
        return np.ndarray if self.owner is BLANK else self.owner.box

    def __getattr__(self, name: str) -> Any:
        return getattr(self.exposed() if self.is_constant() else self._owned(), name)

    def __repr__(self) -> str:
        return repr(self._shown())

    def __str__(self) -> str:
        return str(self._shown())

    def __format__(self, spec: str) -> str:
        return format(self._shown(), spec)

    def __float__(self) -> float:
        return float(self._shown())

    def __int__(self) -> int:
        return int(self._shown())

    def __complex__(self) -> complex:
        return complex(self._shown())

    def __buffer__(self, flags: int) -> Any:
        return memoryview(self.__array__())

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
    ) -> Any:
        if not self.is_constant():
            return self._owned().__dlpack__()
        return self.exposed().__dlpack__(
            stream=stream, max_version=max_version, dl_device=dl_device, copy=copy
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.is_constant():
            return self._owned().__array__(dtype, copy)
        whole = self.exposed()
        return np.array(whole, dtype, copy=copy) if dtype is not None or copy else whole

    def __reduce__(self) -> Any:
        return (np.array, (self.value,)) if self.is_constant() else self._owned().__reduce__()

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        outs = options.pop("out", ())
        if newest((*args, *outs, options.get("where"))) is BLANK:
            return _plainly(getattr(ufunc, method), plain(args), outs, options)
        if outs:
            options["out"] = outs
        return Traced.__array_ufunc__(self, ufunc, method, *args, **options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function not in f.TABLE and newest(_leaves((args, options.values()))) is BLANK:
            return function(*plain(args), **{name: plain_leaf(v) for name, v in options.items()})
        return Traced.__array_function__(self, function, types, args, options)


class BlankView(View, Blank):
    """A part of a constant array that shares its elements with it."""

    __slots__ = ()

    def exposed(self) -> Any:
        """The plain array that shares its elements with the one that is held."""
        return self._link.take(self._link.base.exposed())


BLANK = BlankTrace()


def _alone() -> int:
    box = Blank(BLANK, np.zeros(1), None)
    return sys.getrefcount(box.value)


_ALONE = _alone()
"""How many references a value has that only its box holds."""


def blank(array: Any) -> Any:
    """An array just made, as one that traced values can be written into, where it can hold any."""
    if type(array) is np.ndarray and dtypes.is_inexact(array.dtype):
        return BLANK.boxed(array)
    return array


def plain_leaf(value: Any) -> Any:
    """A constant array as the plain array that it holds, in lists and tuples too; all else as it is."""
    if isinstance(value, Blank):
        return value.exposed() if value.is_constant() else value
    if type(value) is list or type(value) is tuple:
        return type(value)(map(plain_leaf, value))
    return value


def plain(values: Sequence[Any]) -> list[Any]:
    """Constant arrays among arguments as the plain arrays that they hold."""
    return [plain_leaf(value) for value in values]


def _leaves(tree: Any) -> list[Any]:
    found: list[Any] = []
    for part in tree:
        found.extend(_leaves(part) if isinstance(part, list | tuple) or type(part) is _VIEWS else [part])
    return found


_VIEWS = type({}.values())
