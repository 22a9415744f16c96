"""Namespaces: NumPy's and SciPy's modules with every function as followed code would call it.

`mirror("adjoint.numpy", "numpy", ("linalg",))` gives the `__getattr__` and `__dir__` of a module. A name in
it is what the converter puts in that function's place, under the function's own name, text and signature;
dtypes, constants and most classes are NumPy's own. A class whose instances are called (`np.vectorize`,
`np.poly1d`, SciPy's interpolators) or indexed (`np.r_`) is an heir of it with followed methods.
"""

import copy
import difflib
import functools
import sys
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..lazy import module_named
from .arrays import unlisted
from .converter import CONVERTER

_CALLED = ("__call__", "__getitem__")
_DATA = (list, tuple, dict, str, BaseException, np.generic, np.ndarray, type)


def mirror(
    name: str, original: str, submodules: Sequence[str] = (), extensions: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of module `name`, which mirrors the module `original`.

    What is found is kept in the module, so that each name is looked for once. `submodules` are mirrored
    too, by modules of their own; any other module is the original's. `extensions` are modules that the
    original lacks.
    """

    def names() -> list[str]:
        return sorted({n for n in dir(module_named(original)) if not n.startswith("_")} | set(submodules))

    def find(key: str) -> Any:
        if key in submodules or key in extensions:
            return module_named(f"{name}.{key}")
        try:
            value = getattr(module_named(original), key) if _is_public(key) else _absent(original, key)
        except AttributeError as error:
            raise _unknown(name, original, key, names(), str(error)) from None
        found = _in_place_of(value, key, name)
        setattr(sys.modules[name], key, found)
        return found

    return find, names


def _is_public(key: str) -> bool:
    return not key.startswith("_") or key in _SPECIAL


_SPECIAL = frozenset(("__all__", "__version__", "__array_api_version__", "__array_namespace_info__"))


def _absent(original: str, key: str) -> Any:
    raise AttributeError(f"module {original!r} has no attribute {key!r}")


def _unknown(name: str, original: str, key: str, known: list[str], reason: str) -> AttributeError:
    """The error for a name that is not there: with NumPy's own advice where it has some."""
    text = f"module {name!r} has no attribute {key!r}"
    close = difflib.get_close_matches(key, known, 1)
    if reason != f"module {original!r} has no attribute {key!r}":
        text = f"{text}. {reason}"
    elif close:
        text = f"{text}. Did you mean: {close[0]!r}?"
    return AttributeError(text)


def _in_place_of(value: Any, key: str, home: str) -> Any:
    """What stands in a namespace for a value of the original module."""
    kind = type(value)
    if kind is np.ufunc:
        return Ufunc(value, key, home)
    if isinstance(value, ModuleType):
        return value
    if isinstance(value, type):
        return _heir(value, home) if _is_function_like(value) else value
    if kind.__module__.partition(".")[0] in ("numpy", "scipy") and _is_function_like(kind):
        return _instance(value, home)
    ours = CONVERTER.convert(value) if callable(value) else value
    return value if ours is value else _presented(ours, value, key, home)


def _presented(ours: Any, original: Any, key: str, home: str) -> Any:
    """A function of our own under the name, text and signature of the original."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return ours(*args, **kwargs)

    found: Any = function
    if type(ours) is FunctionType:
        found = FunctionType(ours.__code__, ours.__globals__, key, ours.__defaults__, ours.__closure__)
        found.__kwdefaults__ = ours.__kwdefaults__
    functools.update_wrapper(found, original)
    found.__name__ = found.__qualname__ = key
    found.__module__ = home
    return found


class Ufunc:
    """A ufunc of NumPy or SciPy: called on plain and traced arrays, and on lists with traced values.

    It has the methods and attributes of the ufunc, and is an instance of `numpy.ufunc` to `isinstance`.
    """

    def __init__(self, ufunc: np.ufunc, key: str, home: str) -> None:
        self.__wrapped__ = ufunc
        self.__name__ = self.__qualname__ = key
        self.__module__ = home
        self.__doc__ = ufunc.__doc__
        self._call = CONVERTER.convert(ufunc)

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        return np.ufunc

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The ufunc, of plain or traced operands."""
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def reduce(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.reduce`."""
        return self.__wrapped__.reduce(*unlisted((array, *args)), **kwargs)

    def accumulate(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.accumulate`."""
        return self.__wrapped__.accumulate(*unlisted((array, *args)), **kwargs)

    def reduceat(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.reduceat`."""
        return self.__wrapped__.reduceat(*unlisted((array, *args)), **kwargs)

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.outer`."""
        return self.__wrapped__.outer(*unlisted(args), **kwargs)

    def at(self, *args: Any) -> None:
        """As `numpy.ufunc.at`."""
        self.__wrapped__.at(*args)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return self.__name__


def _is_function_like(kind: Any) -> bool:
    """Whether instances of a class are called or indexed by code written in Python: no decorators."""
    if issubclass(kind, _DATA) or any("__enter__" in vars(base) for base in kind.__mro__):
        return False
    found = (next((vars(b)[n] for b in kind.__mro__ if n in vars(b)), None) for n in _CALLED)
    return any(type(f) is FunctionType for f in found)


@functools.cache
def _heir(kind: Any, home: str) -> Any:
    """A class of NumPy's or SciPy's whose methods are followed."""
    members: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        for name, value in vars(base).items():
            members.pop(name, None)
            if type(value) is FunctionType:
                members[name] = CONVERTER.convert(value)
            elif type(value) is staticmethod and name != "__new__":
                members[name] = staticmethod(CONVERTER.convert(value.__func__))
            elif type(value) is classmethod and type(value.__func__) is FunctionType:
                members[name] = classmethod(CONVERTER.convert(value.__func__))
    text = {"__doc__": kind.__doc__, "__module__": home, "__qualname__": kind.__name__, "__slots__": ()}
    return type(kind)(kind.__name__, (kind,), members | text)


def _instance(value: Any, home: str) -> Any:
    """An object of NumPy's or SciPy's, such as `np.r_`, as one with followed methods."""
    found = copy.copy(value)
    found.__class__ = _heir(type(value), home)
    return found
