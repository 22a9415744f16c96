"""What happens at a call in followed code: `convert(callee)` gives what is called in its place.

It decides by the callee itself, however it was reached: a replacement from the table, the followed copy
of a Python function, method, class or callable object, or the callee as it is. `attribute(obj, name)`
reads an attribute, and follows the function behind a property. `guards` stand before operators.
"""

import functools
import sys
from collections.abc import Callable, Mapping
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from ..array.methods import ArrayMethods
from ..array.traced import Traced
from ..core.primitive import Tracer
from . import standard
from .arrays import dispatched, holds_traced, ndarray_method, plainly, ufunc, unbound_method
from .copies import Copies
from .drawing import drawing, draws
from .elementwise import vectorize_call
from .iteration import frompyfunc
from .operators import Guards, is_standard
from .replacements import CALLING, LATE, REPLACED
from .rules import NamedRules
from .scalars import item, type_

Convert = Callable[[Any], Any]

_Cached = type(functools.lru_cache(lambda: None))
_Dispatcher = type(np.sum)
_CALL = "__call__"
_FORTRAN = "fortran"
"""The class of what f2py has wrapped, which says of no module."""
_OWN_CALL = type.__call__
_OF_BUFFERS = (memoryview, np.matrix)
"""Classes that read the memory of the plain array that they are made of."""
_STANDARD = sys.stdlib_module_names
_MOST = 16384


class Converter:
    """Gives for every callee what is called in its place. `convert` and `attribute` stand in the copies."""

    __slots__ = ("attribute", "convert", "copies", "guards", "handlers", "properties", "ready", "rules")

    def __init__(self, rules: Mapping[str, Any] | None = None) -> None:
        """With rules for functions of packages, by dotted name."""
        self.rules = NamedRules(rules or {}, LATE, lambda function: self.convert(function))
        self.ready: dict[Any, Any] = dict(REPLACED)
        self.properties: dict[Any, dict[str, Any]] = {}
        self.handlers: dict[type, Convert] = {}
        self.convert, self.attribute = self._front()
        functions = {f: ours for f, ours in REPLACED.items() if type(f) is FunctionType}
        original = np.vectorize._vectorize_call  # type: ignore[attr-defined]
        functions[original] = vectorize_call(original, self.convert)
        self.guards = Guards(self.convert)
        self.copies = Copies(self, Packaged(self), functions, self.rules)
        self.ready |= self.guards.replacements()
        self.ready[getattr] = self._getattr
        self.ready[np.frompyfunc] = frompyfunc(self.convert)
        for function in CALLING:
            self.ready[function] = self._calling(function)
        self.handlers |= {
            FunctionType: self.copies.copy,
            MethodType: self._method,
            BuiltinFunctionType: self._builtin,
            np.ufunc: self._ufunc,
            _Dispatcher: self._dispatcher,
            type: self._class,
            functools.partial: self._partial,
            _Cached: self._cached,
            MethodDescriptorType: self._descriptor,
        }

    def _front(self) -> tuple[Convert, Callable[[Any, str], Any]]:
        """The two functions that stand in the copies: as short as can be."""
        handlers, properties, other, scan = self.handlers, self.properties, self._other, self._properties_of

        def convert(callee: Any) -> Any:
            handler = handlers.get(type(callee))
            return other(callee) if handler is None else handler(callee)

        def attribute(value: Any, name: str) -> Any:
            kind = type(value)
            known = properties.get(kind)
            if known is None:
                known = scan(kind)
            return known[name](value) if name in known else getattr(value, name)

        return convert, attribute

    def _getattr(self, value: Any, name: str, /, *default: Any) -> Any:
        try:
            return self.attribute(value, name)
        except AttributeError:
            if not default:
                raise
            return default[0]

    def _keep(self, callee: Any, answer: Any) -> Any:
        if len(self.ready) >= _MOST:
            self.ready = dict(list(self.ready.items())[: _MOST // 2])
        self.ready[callee] = answer
        return answer

    # --- Python's own ------------------------------------------------------------------------

    def _method(self, callee: Any) -> Any:
        owner, function = callee.__self__, callee.__func__
        if isinstance(owner, Tracer):
            return callee
        if type(function) is not FunctionType:
            return self._compiled(callee, owner)
        new = self.copies.copy(function)
        return callee if new is function else MethodType(new, owner)

    def _compiled(self, callee: Any, owner: Any) -> Any:
        """A method written in C of an object that is no module."""
        if is_standard(type(owner)) or isinstance(owner, type):
            return callee
        return drawing(callee) if draws(owner) else functools.partial(plainly, callee)

    def _partial(self, callee: Any) -> Any:
        new = self.convert(callee.func)
        return callee if new is callee.func else functools.partial(new, *callee.args, **callee.keywords)

    def _cached(self, callee: Any) -> Any:
        """A cache would keep traced values, and find them by identity: it is passed by."""

        def function(*args: Any, **kwargs: Any) -> Any:
            if holds_traced(args) or (kwargs and holds_traced(kwargs.values())):
                return self.convert(callee.__wrapped__)(*args, **kwargs)
            return callee(*args, **kwargs)

        return function

    def _calling(self, callee: Any) -> Callable[..., Any]:
        """A C function that calls what it is handed: it is handed followed functions."""

        def function(*args: Any, **kwargs: Any) -> Any:
            kinds = (FunctionType, MethodType, BuiltinFunctionType, type)
            new = [self.convert(a) if type(a) in kinds else a for a in args]
            if "key" in kwargs:
                kwargs["key"] = self.convert(kwargs["key"])
            return callee(*new, **kwargs)

        return function

    def _other(self, callee: Any) -> Any:
        """Classes of other metaclasses, and objects that can be called."""
        kind = type(callee)
        if issubclass(kind, type):
            return self._class(callee)
        if kind is staticmethod:
            return self.convert(callee.__func__)
        rule = self.rules.find(callee) if self.rules.concern(callee) or kind.__name__ == _FORTRAN else None
        if rule is not None:
            return rule
        call = _found(kind, _CALL)
        if type(call) is FunctionType:
            new = self.copies.copy(call)
            return callee if new is call else MethodType(new, callee)
        return callee if call is None or is_standard(kind) else functools.partial(plainly, callee)

    # --- classes -----------------------------------------------------------------------------

    def _class(self, callee: Any) -> Any:
        try:
            answer = self.ready.get(callee)
        except TypeError:  # a metaclass whose classes have no hash
            return callee
        return self._keep(callee, self._constructor(callee)) if answer is None else answer

    def _constructor(self, kind: Any) -> Any:
        """What makes an instance of a class: its `__init__` is followed, and its `__new__`."""
        if kind in _OF_BUFFERS:
            return functools.partial(plainly, kind)
        wraps = kind.__module__ == "contextlib"
        rule = self.rules.find(kind)
        if rule is not None:
            return rule
        if type(kind).__call__ is not _OWN_CALL or (is_standard(kind) and not wraps):
            return kind
        python = type(kind.__new__) is FunctionType, type(kind.__init__) is FunctionType
        if not any(python):
            return functools.partial(plainly, kind)

        def construct(*args: Any, **kwargs: Any) -> Any:
            instance = self.convert(kind.__new__)(kind, *args, **kwargs)
            if isinstance(instance, kind):
                initialise = type(instance).__init__
                if self.convert(initialise)(instance, *args, **kwargs) is not None:
                    raise TypeError("__init__() should return None")
            return instance

        return construct

    def _properties_of(self, kind: Any) -> dict[str, Any]:
        """The properties of a class by name, each as a function of the object that reads it."""
        found: dict[str, Any] = {"__class__": type_} if issubclass(kind, Traced) else {}
        if not (issubclass(kind, Tracer | np.ndarray | ModuleType) or is_standard(kind)):
            for base in reversed(kind.__mro__):
                for name, value in vars(base).items():
                    found.pop(name, None)
                    if type(value) is property and type(value.fget) is FunctionType:
                        found[name] = functools.partial(self._read, name)
                    elif type(value) is functools.cached_property:
                        found[name] = functools.partial(self._read_once, name)
        if len(self.properties) >= _MOST:
            self.properties.clear()
        self.properties[kind] = found
        return found

    def _read(self, name: str, value: Any) -> Any:
        prop = _found(type(value), name)
        if type(prop) is not property or type(prop.fget) is not FunctionType:
            return getattr(value, name)
        return self.copies.copy(prop.fget)(value)

    def _read_once(self, name: str, value: Any) -> Any:
        """A cached property; a traced value is not kept beyond its trace."""
        prop, kept = _found(type(value), name), getattr(value, "__dict__", {})
        if type(prop) is not functools.cached_property or name in kept:
            return getattr(value, name)
        result = self.convert(prop.func)(value)
        if not holds_traced((result,)):
            kept[name] = result
        return result

    # --- C functions -------------------------------------------------------------------------

    def _builtin(self, callee: Any) -> Any:
        answer = self.ready.get(callee)
        if answer is not None:
            return answer
        owner = callee.__self__
        if isinstance(owner, np.ndarray):
            return ndarray_method(callee)
        if type(owner) is np.ufunc:
            return ufunc(callee)
        if owner is not None and type(owner) is not ModuleType:
            return self._compiled(callee, owner)
        rule = self.rules.find(callee)
        if rule is not None:
            return self._keep(callee, rule)
        standard = (callee.__module__ or "builtins").partition(".")[0] in _STANDARD
        return self._keep(callee, callee if standard else functools.partial(plainly, callee))

    def _ufunc(self, callee: Any) -> Any:
        answer = self.ready.get(callee)
        return self._keep(callee, self.rules.find(callee) or ufunc(callee)) if answer is None else answer

    def _dispatcher(self, callee: Any) -> Any:
        answer = self.ready.get(callee)
        if answer is not None:
            return answer
        return self._keep(callee, self.rules.find(callee) or dispatched(callee, self.convert))

    def _descriptor(self, callee: Any) -> Any:
        return unbound_method(callee) if callee.__objclass__ is np.ndarray else callee


def _found(kind: Any, name: str) -> Any:
    """An attribute of a class as it was written there."""
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


class Packaged:
    """What stands in copies of installed packages' functions, where `x.item()` is a number of the formula.

    In the user's own function `x.item()` leaves the trace on purpose; who wrote a package knew of no trace.
    """

    __slots__ = ("attribute", "convert", "guards")

    def __init__(self, converter: Converter) -> None:
        self.attribute, self.guards = converter.attribute, converter.guards
        handlers, other, leaving = converter.handlers, converter._other, ArrayMethods.item

        def convert(callee: Any) -> Any:
            kind = type(callee)
            if kind is MethodType and callee.__func__ is leaving:
                return functools.partial(item, callee.__self__)
            handler = handlers.get(kind)
            return other(callee) if handler is None else handler(callee)

        self.convert = convert


CONVERTER = Converter(standard.RULES)
"""The one that all transforms and namespaces share: what it has learned changes speed, never results."""
