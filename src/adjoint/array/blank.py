"""Arrays of constants that can take up traced values: what `np.zeros(n)` is in a function that is followed.

A `Blank` holds a plain array and belongs to `BLANK`, a trace that is older than all others and never
ends. Computed with, it gives plain results; handed to NumPy or to C code, it is the array that it
holds; and when a traced value is written into it, it becomes a traced array of that value's trace.
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
    """The owner of arrays that hold constants only. What it computes is plain, and what others keep of it."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_plain_value, _no_runner)  # type: ignore[arg-type]
        self.level = 0

    def boxed(self, value: Any) -> Tracer:
        """An array that traced values can be written into."""
        return Blank(self, value, None)


def _plain_value(owner: Any, value: Any, extra: Any) -> Any:
    del owner, extra
    return value


def _no_runner(*args: Any) -> Any:
    raise AssertionError("constants have no pullback")


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
            self.value = self.value.copy()
        return self.value

    def copy(self, order: Any = "C") -> Any:
        """An array of its own with the same elements."""
        if self.is_constant():
            return BLANK.boxed(self.value.copy(order))
        new = Traced.copy(self, order)
        return new if self.shape else Blank(new.owner, new.value, new.extra)

    __copy__ = copy

    def become(self, new: Any) -> None:
        """Take another value, in place: all who hold this array see it."""
        if isinstance(new, Tracer) or not self.is_constant():
            Traced.become(self, new)
            return
        value = np.empty_like(self.value)
        value[...] = new
        self.value = value

    def _view(self, part: Any, take: Any, restore: Any) -> Any:
        return BlankView(self, part, take, restore)

    def __repr__(self) -> str:
        return repr(self.value) if self.is_constant() else Traced.__repr__(self)

    def __str__(self) -> str:
        return str(self.value) if self.is_constant() else Traced.__repr__(self)

    def __float__(self) -> float:
        return float(self.value) if self.is_constant() else Traced.__float__(self)

    def __int__(self) -> int:
        return int(self.value) if self.is_constant() else Traced.__int__(self)

    def __complex__(self) -> complex:
        return complex(self.value) if self.is_constant() else Traced.__complex__(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.is_constant():
            return Traced.__array__(self)
        whole = self.exposed()
        return np.array(whole, dtype, copy=copy) if dtype is not None or copy else whole

    def __reduce__(self) -> Any:
        return (np.array, (self.value,)) if self.is_constant() else Traced.__reduce__(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        if "out" not in options and newest(args) is BLANK:
            return getattr(ufunc, method)(*plain(args), **options)
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
