"""Followed copies of Python functions: the same function with converted calls.

A copy has the function's own globals, cells and defaults, and the lines of its file; the function itself
and its module stay as they are. A function without calls and operators is its own copy. So are those of
`adjoint`, and those of the standard library save for a few files that call what users hand to them.
"""

import os
import sys
import sysconfig
from types import CodeType, FunctionType
from typing import Any

from . import rewrite, source
from .rules import NamedRules

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})
_INSTALLED = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
_WRAPPERS = ("contextlib.py", "functools.py", "dataclasses.py")
"""Files of the standard library whose functions call what decorators have wrapped."""

_MOST = 16384


def is_left_alone(code: CodeType) -> bool:
    """Whether a function is not followed: it belongs to `adjoint` or to the standard library."""
    file = code.co_filename
    if file.startswith((_PACKAGE, "<frozen ")):
        return True
    if not file.startswith(_STANDARD) or any(part in file for part in _INSTALLED):
        return False
    return os.path.basename(file) not in _WRAPPERS


class Copies:
    """The copies of one converter. Code is converted once, and there is a bound on how much is remembered.

    A copy is made anew at each call: that costs less than to find the one made before.
    """

    __slots__ = ("answers", "codes", "packaged", "replaced", "rules")

    def __init__(
        self,
        answers: rewrite.Answers,
        packaged: rewrite.Answers,
        replaced: dict[Any, Any],
        rules: NamedRules,
    ) -> None:
        """With what stands in the copies of the user's functions, and in those of installed packages."""
        self.answers, self.packaged = answers, packaged
        self.replaced, self.rules = replaced, rules
        self.codes: dict[int, tuple[CodeType, CodeType, bool]] = {}

    def copy(self, function: Any) -> Any:
        """What is called in place of a function: a rule, a copy, or the function itself."""
        code = function.__code__
        _, new, may_have_rule = self.codes.get(id(code)) or self._learned(function)
        if may_have_rule:
            rule = self.replaced.get(function) or self.rules.find(function)
            if rule is not None:
                return rule
        if new is code:
            return function
        copy = FunctionType(
            new, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        if function.__kwdefaults__ is not None:
            copy.__kwdefaults__ = function.__kwdefaults__
        return copy

    def _learned(self, function: Any) -> tuple[CodeType, CodeType, bool]:
        """What is remembered of a function's code: the converted code, and whether a rule may replace it."""
        old = function.__code__
        if len(self.codes) >= _MOST:
            self.codes.clear()
        may_have_rule = function in self.replaced or self.rules.concern(function)
        if (
            is_left_alone(old)
            or any(c is self.answers.convert or c is self.packaged.convert for c in old.co_consts)
            or function in self.replaced
        ):
            new = old
        elif sys.version_info[:2] in rewrite.VERSIONS:
            new = rewrite.rewritten(old, self._answers(old))
        else:
            new = source.rewritten(old, self._answers(old))
        self._register(new)
        known = self.codes[id(old)] = (old, new, may_have_rule)
        return known

    def _answers(self, code: CodeType) -> rewrite.Answers:
        return self.packaged if any(part in code.co_filename for part in _INSTALLED) else self.answers

    def _register(self, code: CodeType) -> None:
        """Remember converted code, and that of the functions inside of it, as needing nothing more."""
        self.codes[id(code)] = (code, code, False)
        for const in code.co_consts:
            if isinstance(const, CodeType):
                self._register(const)
