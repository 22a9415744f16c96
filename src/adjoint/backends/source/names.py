"""Names in written source: the user's own where they are known, else `a`, `b`, ..., none used twice."""

import keyword
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import ascii_lowercase

from ...core.program import Program, programs_of

KEYWORDS = frozenset(keyword.kwlist)
LONGEST = 32
"""A longer name would not leave room on a line."""


def hints_in(program: Program) -> Iterator[str]:
    """The names that variables ask for, in this Program and in those that it holds."""
    pending = [program]
    while pending:
        part = pending.pop()
        for variable in (*part.inputs, *(v for e in part.equations for v in e.outputs)):
            if variable.hint:
                yield variable.hint
        pending.extend(inner for e in part.equations for _, inner in programs_of(e.params))


class Names:
    """Hands out the names of one function. None begins with `prefix`, which constants have."""

    __slots__ = ("_planned", "_prefix", "_shorts", "_taken", "_used")

    def __init__(self, reserved: Iterable[str], planned: Iterable[str], prefix: str, used: set[str]) -> None:
        """`used` is a set to which every name is added, for those who name other things."""
        self._used = used
        self._taken = {*KEYWORDS, *reserved}
        self._planned = frozenset(planned)
        self._prefix = prefix
        self._shorts = 0

    def mark(self) -> tuple[set[str], int]:
        """What has been handed out so far, for `reset`."""
        return set(self._taken), self._shorts

    def reset(self, mark: tuple[set[str], int]) -> None:
        """Take back what was handed out since."""
        taken, self._shorts = mark
        self._taken = set(taken)

    def new(self, hint: str | None = None) -> str:
        """A name that is not taken: this one, or it with a number, or a short one."""
        if hint and hint.isidentifier() and len(hint) <= LONGEST and not hint.startswith(self._prefix):
            name, number = hint, 0
            while name in self._taken or (number and name in self._planned):
                number += 1
                name = f"{hint}_{number}"
        else:
            name = _short(self._shorts)
            while name in self._taken or name in self._planned:
                self._shorts += 1
                name = _short(self._shorts)
        self._taken.add(name)
        self._used.add(name)
        return name


@lru_cache(maxsize=4096)
def _short(number: int) -> str:
    """`a`, ..., `z`, `aa`, `ab`, ...: the name with this number."""
    name = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = ascii_lowercase[letter] + name
    return name
