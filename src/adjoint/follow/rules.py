"""Rules for functions of packages, by the name under which people import them.

`{"scipy.linalg.solve_triangular": ours}` needs no import of SciPy: a callee has that rule if the module
is imported and the callee is what stands in it under that name. A method has its class before its own.
"""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..array.blank import plain, plain_leaf
from ..array.handing import Following, Handed
from .arrays import holds_traced

Rule = Callable[..., Any]


class NamedRules:
    """Rules by dotted name."""

    __slots__ = ("convert", "homes", "late", "packages")

    def __init__(
        self,
        rules: Mapping[str, Rule],
        late: Mapping[str, Callable[[], Mapping[str, Rule]]],
        convert: Callable[[Any], Any],
    ) -> None:
        """With rules that stand ready, and by package those that are loaded when it is first called.

        `convert` follows the functions that some rules are handed.
        """
        self.convert = convert
        self.homes: dict[str, list[tuple[str, Rule]]] = {}
        self.late = dict(late)
        self.packages = {name.partition(".")[0] for name in (*rules, *late)}
        self._add(rules)

    def _add(self, rules: Mapping[str, Rule]) -> None:
        for name, rule in rules.items():
            module, _, own = name.rpartition(".")
            self.homes.setdefault(own, []).append((module, rule))

    def concern(self, callee: Any) -> bool:
        """Whether a callee belongs to a package for whose functions there are rules."""
        return _package(callee) in self.packages

    def find(self, callee: Any) -> Rule | None:
        """The rule of a callee, for calls with a traced argument; None where there is none."""
        if self.late:
            load = self.late.get(_package(callee))
            if load is not None:
                self._add(load())
                del self.late[_package(callee)]
        name = str(getattr(callee, "__name__", "")).rpartition(" ")[2]  # f2py says "function dgbsv"
        for home, rule in self.homes.get(name, ()):
            owner = _home(home)
            if owner is not None and vars(owner).get(name) is callee:
                if isinstance(rule, Following):
                    return _where_traced(functools.partial(rule.function, self.convert), callee)
                if isinstance(owner, type):
                    return rule  # a method: what is traced may stand in its object
                return self._handed(rule) if isinstance(rule, Handed) else _where_traced(rule, callee)
        return None

    def _handed(self, rule: Handed) -> Rule:
        """A rule that calls functions, with those among its arguments followed."""

        def call(*args: Any, **kwargs: Any) -> Any:
            new = [self._followed(a) for a in args]
            return rule(*new, **{k: self._followed(v) for k, v in kwargs.items()})

        return call

    def _followed(self, value: Any) -> Any:
        return self.convert(value) if callable(value) and not isinstance(value, type) else plain_leaf(value)


def _home(name: str) -> Any:
    """The module of this name, where it is imported, or the class in one."""
    module = sys.modules.get(name)
    if module is not None:
        return module
    package, _, own = name.rpartition(".")
    found = vars(sys.modules[package]).get(own) if package in sys.modules else None
    return found if isinstance(found, type) else None


def _package(callee: Any) -> str:
    return str(getattr(callee, "__module__", "")).partition(".")[0]


def _where_traced(rule: Rule, callee: Any) -> Rule:
    def call(*args: Any, **kwargs: Any) -> Any:
        if holds_traced(args) or (kwargs and holds_traced(kwargs.values())):
            return rule(*args, **kwargs)
        return callee(*plain(args), **{name: plain_leaf(value) for name, value in kwargs.items()})

    return call
