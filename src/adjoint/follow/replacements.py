"""What is called in place of what: the functions that NumPy's protocols do not reach.

`REPLACED` maps a callable to ours. The C functions in `CALLING` call what they are handed.
"""

import builtins
import functools
import itertools
from collections.abc import Callable
from typing import Any

from ..lazy import special_tables
from . import arrays, conversion, maths, scalars

REPLACED: dict[Any, Any] = {
    **arrays.TABLE,
    **scalars.TABLE,
    **maths.TABLE,
    conversion.Original: conversion.array_converter,
}

CALLING = (
    *(builtins.map, builtins.filter, builtins.sorted, builtins.min, builtins.max),
    *(functools.reduce, itertools.starmap, itertools.accumulate, itertools.takewhile),
    *(itertools.dropwhile, itertools.groupby, itertools.filterfalse),
)

_SPECIAL = (
    "logsumexp", "softmax", "log_softmax", "polygamma", "multigammaln", "factorial", "comb", "perm",
    "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn",
)  # fmt: skip


def _late(name: str) -> Callable[..., Any]:
    """One of SciPy's Python functions, whose rules are imported when it is called."""

    def call(*args: Any, **options: Any) -> Any:
        return special_tables.FUNCTIONS[name](*args, **options)

    return call


NAMED: dict[str, Any] = {f"scipy.special.{name}": _late(name) for name in _SPECIAL}
"""Rules for functions of packages by the name under which they are imported: where an argument is traced."""
