"""Operators, subscripts, loops, `with` on objects of classes written in Python: their methods are followed.

    a + b            becomes   two(a, b) + b
    obj[k]           becomes   one(obj)[k]
    "%.2f" % a       becomes   remainder("%.2f", a) % a
    for x in obj     becomes   for x in iterated(obj)
    with obj as x    becomes   with entered(obj) as x
    obj.name = v     becomes   assigned(obj).name = v

Each guard gives its first argument back, at once where its class has no such methods in Python (numbers,
arrays, traced values, lists), so that the interpreter's own operator runs. Otherwise it gives a stand-in,
whose operator calls the followed copies of the methods, in the order that Python lays down.
"""

import builtins
import operator
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np

from ..array.blank import Blank
from ..array.dispatch import concrete
from ..array.traced import Traced
from ..core.primitive import Tracer

Follow = Callable[[Any], Any]

_PLAIN = (int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, range, slice, type(None))
_ARRAYS = (np.ndarray, np.float64, np.float32, np.int64, np.bool_, Traced, Blank)
_ARITHMETIC = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow")
_BINARY = (*_ARITHMETIC, "lshift", "rshift", "and", "or", "xor", "divmod")
_NATIVE = (
    *(part + name for name in (*_ARITHMETIC, "lshift", "rshift", "xor") for part in ("", "i")),
    *("and_", "or_", "iand", "ior"),
)
_OTHERS = ("getitem", "setitem", "delitem", "contains", "neg", "pos", "invert", "abs")
_COMPARED = ("lt", "le", "gt", "ge", "eq", "ne")
_LOOPED = ("__iter__", "__next__", "__getitem__")
_MANAGED = ("__enter__", "__exit__")
_OPERATORS = (
    *(f"__{part}{name}__" for name in _BINARY for part in ("", "r", "i")),
    *(f"__{name}__" for name in (*_OTHERS, *_COMPARED)),
    "__iter__",
)
_MOST = 16384
_STANDARD = sys.stdlib_module_names


def python_method(kind: Any, name: str) -> Any:
    """The function that a class, or the first of its bases that has the name, has under it; None if it is C's
    or Python's own.
    """
    for base in kind.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            return found if type(found) is FunctionType and not is_standard(base) else None
    return None


def is_standard(kind: Any) -> bool:
    """Whether a class belongs to Python itself or its standard library."""
    return (getattr(kind, "__module__", None) or "builtins").partition(".")[0] in _STANDARD


class Guards:
    """The guards that stand in followed code, which know the classes that need none."""

    __slots__ = ("assigned", "entered", "follow", "iterated", "one", "operations", "remainder", "two")

    def __init__(self, follow: Follow) -> None:
        """With what gives the followed copy of a function."""
        self.follow = follow
        self.one, self.two = self._operands()
        self.remainder = self._remainder()
        self.iterated = self._guard(_LOOPED, lambda value: _iterated(follow, value))
        self.entered = self._guard(_MANAGED, lambda value: _Manager(follow, value))
        self.assigned = self._assigning()
        self.operations = {
            name: _operation(getattr(operator, name), self.two) for name in (*_NATIVE, *_COMPARED)
        }
        """Whole operators by their names in `operator`, for code that is made from a tree."""
        self.operations["mod"] = _operation(operator.mod, self.remainder)
        self.operations["imod"] = _operation(operator.imod, self.remainder)

    def _operands(self) -> tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]:
        known, follow = {*_PLAIN, *_ARRAYS}, self.follow

        def one(value: Any) -> Any:
            if type(value) in known or _is_plain(type(value), _OPERATORS, known):
                return value
            return Operand(follow, value)

        def two(left: Any, right: Any) -> Any:
            if type(left) in known and type(right) in known:
                return left
            plain = [_is_plain(type(value), _OPERATORS, known) for value in (left, right)]
            return left if all(plain) else Operand(follow, left)

        return one, two

    def _remainder(self) -> Callable[[Any, Any], Any]:
        two = self.two

        def remainder(left: Any, right: Any) -> Any:
            return Template(left) if type(left) is str and _holds_traced(right) else two(left, right)

        return remainder

    def _guard(self, names: tuple[str, ...], stand_in: Callable[[Any], Any]) -> Callable[[Any], Any]:
        known = {*_PLAIN, *_ARRAYS}

        def guard(value: Any) -> Any:
            return value if type(value) in known or _is_plain(type(value), names, known) else stand_in(value)

        return guard

    def _assigning(self) -> Callable[[Any], Any]:
        known: set[Any] = set()
        follow = self.follow

        def assigned(value: Any) -> Any:
            kind = type(value)
            return value if kind in known or _sets_plainly(kind, known) else _Target(follow, value)

        return assigned

    def replacements(self) -> dict[Any, Callable[..., Any]]:
        """Built-in functions that call an object's methods, for objects whose methods are followed."""
        one, iterated, assigned = self.one, self.iterated, self.assigned

        def iterating(original: Any) -> Callable[..., Any]:
            def function(*args: Any, **kwargs: Any) -> Any:
                return original(*map(iterated, args), **kwargs)

            return function

        def abs_(x: Any, /) -> Any:
            return abs(one(x))

        def next_(iterator: Any, /, *default: Any) -> Any:
            step = python_method(type(iterator), "__next__")
            if step is None:
                return next(iterator, *default)
            try:
                return self.follow(step)(iterator)
            except StopIteration:
                if not default:
                    raise
                return default[0]

        def sum_(values: Any, /, start: Any = 0) -> Any:
            items = list(iterated(values))
            if all(one(item) is item for item in items) and one(start) is start:
                return sum(items, start)
            for item in items:
                start = self.two(start, item) + item
            return start

        def setattr_(value: Any, name: str, new: Any, /) -> None:
            setattr(assigned(value), name, new)

        names = ("iter", "list", "tuple", "zip", "enumerate", "any", "all", "set")
        found = {getattr(builtins, name): iterating(getattr(builtins, name)) for name in names}
        return found | {abs: abs_, next: next_, sum: sum_, setattr: setattr_}


def _operation(native: Callable[[Any, Any], Any], two: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def function(left: Any, right: Any) -> Any:
        return native(two(left, right), right)

    return function


def _parts(values: Any) -> Any:
    """What is shown of the values beside a template: a tuple's, a dict's, or the only one."""
    return values if type(values) is tuple else values.values() if type(values) is dict else (values,)


def _holds_traced(values: Any) -> bool:
    return any(isinstance(value, Tracer) for value in _parts(values))


def _is_plain(kind: Any, names: tuple[str, ...], known: set[Any]) -> bool:
    """Whether a class has none of these methods in Python; then that is remembered."""
    if kind in known:
        return True
    if not issubclass(kind, Tracer) and any(python_method(kind, name) is not None for name in names):
        return False
    _remember(kind, known)
    return True


def _sets_plainly(kind: Any, known: set[Any]) -> bool:
    """Whether attributes of its instances are set without a function of Python."""
    if not issubclass(kind, Tracer) and not is_standard(kind):
        if python_method(kind, "__setattr__") is not None:
            return False
        if any(_setter(vars(base)[name]) for base in kind.__mro__ for name in vars(base)):
            return False
    _remember(kind, known)
    return True


def _remember(kind: Any, known: set[Any]) -> None:
    if len(known) >= _MOST:
        known.clear()
    known.add(kind)


def _setter(value: Any) -> Any:
    return value.fset if type(value) is property and type(value.fset) is FunctionType else None


# --- loops, managers, attributes ---------------------------------------------------------------


def _iterated(follow: Follow, value: Any) -> Iterator[Any]:
    """What goes over an object as a `for` does, its methods followed."""
    start = python_method(type(value), "__iter__")
    if start is not None:
        iterator = follow(start)(value)
        step = python_method(type(iterator), "__next__")
        return iterator if step is None else _steps(follow(step), iterator)
    if hasattr(type(value), "__iter__"):
        step = python_method(type(value), "__next__")
        return iter(value) if step is None else _steps(follow(step), value)
    return _items(follow(python_method(type(value), "__getitem__")), value)


def _steps(step: Callable[[Any], Any], iterator: Any) -> Iterator[Any]:
    while True:
        try:
            value = step(iterator)
        except StopIteration:
            return
        yield value


def _items(item: Callable[[Any, int], Any], value: Any) -> Iterator[Any]:
    index = 0
    while True:
        try:
            found = item(value, index)
        except IndexError:
            return
        yield found
        index += 1


class _Manager:
    """A context manager whose methods are followed."""

    __slots__ = ("follow", "value")

    def __init__(self, follow: Follow, value: Any) -> None:
        self.follow, self.value = follow, value

    def __enter__(self) -> Any:
        return _called(self.follow, self.value, "__enter__")

    def __exit__(self, *error: Any) -> Any:
        return _called(self.follow, self.value, "__exit__", *error)


class _Target:
    """An object whose attributes are set by followed functions."""

    __slots__ = ("_parts",)

    def __init__(self, follow: Follow, value: Any) -> None:
        object.__setattr__(self, "_parts", (follow, value))

    def __setattr__(self, name: str, new: Any) -> None:
        follow, value = self._parts
        own = python_method(type(value), "__setattr__")
        if own is not None:
            follow(own)(value, name, new)
            return
        prop = next((vars(base)[name] for base in type(value).__mro__ if name in vars(base)), None)
        setter = _setter(prop)
        if setter is None:
            setattr(value, name, new)
        else:
            follow(setter)(value, new)


def _called(follow: Follow, value: Any, name: str, *args: Any) -> Any:
    """A method of an object, followed where it is Python's."""
    method = python_method(type(value), name)
    return getattr(type(value), name)(value, *args) if method is None else follow(method)(value, *args)


# --- operators -------------------------------------------------------------------------------------


def _tried(follow: Follow, name: str, x: Any, y: Any) -> Any:
    return _called(follow, x, name, y) if hasattr(type(x), name) else NotImplemented


def _operated(follow: Follow, x: Any, y: Any, name: str, mirrored: str) -> Any:
    """`x.__add__(y)`, else `y.__radd__(x)`; a subclass that has its own goes first."""
    first, second = type(x), type(y)
    heir = second is not first and issubclass(second, first)
    if heir and getattr(second, mirrored, None) is not getattr(first, mirrored, None):
        found = _tried(follow, mirrored, y, x)
        return found if found is not NotImplemented else _tried(follow, name, x, y)
    found = _tried(follow, name, x, y)
    if found is NotImplemented and (second is not first or name in _MIRRORS):
        found = _tried(follow, mirrored, y, x)
    return found


_MIRRORS = {
    "__lt__": "__gt__",
    "__le__": "__ge__",
    "__eq__": "__eq__",
    "__gt__": "__lt__",
    "__ge__": "__le__",
    "__ne__": "__ne__",
}


def _binary(name: str, native: Callable[[Any, Any], Any]) -> Any:
    plain, mirrored = f"__{name}__", _MIRRORS.get(f"__{name}__", f"__r{name}__")

    def method(self: Any, other: Any) -> Any:
        found = _operated(self.follow, self.value, other, plain, mirrored)
        return native(self.value, other) if found is NotImplemented else found

    return method


def _in_place(name: str, native: Callable[[Any, Any], Any]) -> Any:
    def method(self: Any, other: Any) -> Any:
        found = _tried(self.follow, f"__i{name}__", self.value, other)
        if found is NotImplemented:
            found = _operated(self.follow, self.value, other, f"__{name}__", f"__r{name}__")
        return native(self.value, other) if found is NotImplemented else found

    return method


def _method(name: str, native: Callable[..., Any]) -> Any:
    def method(self: Any, *args: Any) -> Any:
        own = python_method(type(self.value), name)
        return native(self.value, *args) if own is None else self.follow(own)(self.value, *args)

    return method


def _shown(value: Any) -> Any:
    return concrete(value, "formatting") if isinstance(value, Tracer) else value


class Template:
    """A string before `%`, which shows traced values as the numbers that they are, as f-strings do."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __mod__(self, values: Any) -> str:
        if type(values) is dict:
            return self.text % {key: _shown(value) for key, value in values.items()}
        return self.text % (tuple(map(_shown, values)) if type(values) is tuple else _shown(values))


class Operand:
    """The left one of two operands, of which one has operators in Python, or the only one."""

    __slots__ = ("follow", "value")

    def __init__(self, follow: Follow, value: Any) -> None:
        self.follow, self.value = follow, value

    __add__, __iadd__ = _binary("add", operator.add), _in_place("add", operator.iadd)
    __sub__, __isub__ = _binary("sub", operator.sub), _in_place("sub", operator.isub)
    __mul__, __imul__ = _binary("mul", operator.mul), _in_place("mul", operator.imul)
    __matmul__, __imatmul__ = _binary("matmul", operator.matmul), _in_place("matmul", operator.imatmul)
    __truediv__, __itruediv__ = _binary("truediv", operator.truediv), _in_place("truediv", operator.itruediv)
    __floordiv__ = _binary("floordiv", operator.floordiv)
    __ifloordiv__ = _in_place("floordiv", operator.ifloordiv)
    __mod__, __imod__ = _binary("mod", operator.mod), _in_place("mod", operator.imod)
    __pow__, __ipow__ = _binary("pow", operator.pow), _in_place("pow", operator.ipow)
    __lshift__, __ilshift__ = _binary("lshift", operator.lshift), _in_place("lshift", operator.ilshift)
    __rshift__, __irshift__ = _binary("rshift", operator.rshift), _in_place("rshift", operator.irshift)
    __and__, __iand__ = _binary("and", operator.and_), _in_place("and", operator.iand)
    __or__, __ior__ = _binary("or", operator.or_), _in_place("or", operator.ior)
    __xor__, __ixor__ = _binary("xor", operator.xor), _in_place("xor", operator.ixor)
    __lt__, __le__ = _binary("lt", operator.lt), _binary("le", operator.le)
    __gt__, __ge__ = _binary("gt", operator.gt), _binary("ge", operator.ge)
    __eq__, __ne__ = _binary("eq", operator.eq), _binary("ne", operator.ne)
    __hash__ = None  # type: ignore[assignment]
    __getitem__ = _method("__getitem__", operator.getitem)
    __delitem__ = _method("__delitem__", operator.delitem)
    __setitem__ = _method("__setitem__", operator.setitem)
    __neg__, __pos__ = _method("__neg__", operator.neg), _method("__pos__", operator.pos)
    __invert__, __abs__ = _method("__invert__", operator.invert), _method("__abs__", operator.abs)

    def __contains__(self, item: Any) -> bool:
        kind = type(self.value)
        if python_method(kind, "__contains__") is not None:
            return bool(_called(self.follow, self.value, "__contains__", item))
        if hasattr(kind, "__contains__") or all(python_method(kind, name) is None for name in _LOOPED):
            return item in self.value
        return any(item is found or item == found for found in _iterated(self.follow, self.value))
