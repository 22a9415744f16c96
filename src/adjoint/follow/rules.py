"""Rules for functions of packages, by the name under which people import them.

`{"scipy.linalg.solve_triangular": ours}` needs no import of SciPy: a callee has that rule if the module
is imported and the callee is what stands in it under that name.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..array.blank import plain, plain_leaf
from .arrays import holds_traced

Rule = Callable[..., Any]


class NamedRules:
    """Rules by dotted name."""

    __slots__ = ("homes", "late", "packages")

    def __init__(
        self, rules: Mapping[str, Rule], late: Mapping[str, Callable[[], Mapping[str, Rule]]]
    ) -> None:
        """With rules that stand ready, and by package those that are loaded when it is first called."""
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
            load = self.late.pop(_package(callee), None)
            if load is not None:
                self._add(load())
        for home, rule in self.homes.get(getattr(callee, "__name__", ""), ()):
            module = sys.modules.get(home)
            if module is not None and vars(module).get(callee.__name__) is callee:
                return _where_traced(rule, callee)
        return None


def _package(callee: Any) -> str:
    return str(getattr(callee, "__module__", "")).partition(".")[0]


def _where_traced(rule: Rule, callee: Any) -> Rule:
    def call(*args: Any, **kwargs: Any) -> Any:
        if holds_traced(args) or (kwargs and holds_traced(kwargs.values())):
            return rule(*args, **kwargs)
        return callee(*plain(args), **{name: plain_leaf(value) for name, value in kwargs.items()})

    return call
