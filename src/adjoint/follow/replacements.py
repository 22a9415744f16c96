"""What is called in place of what: the functions that NumPy's protocols do not reach.

`REPLACED` maps a callable to ours. The C functions in `CALLING` call what they are handed.
"""

import builtins
import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from ..lazy import scipy_rules
from . import arrays, conversion, iteration, maths, scalars

REPLACED: dict[Any, Any] = {
    **arrays.TABLE,
    **iteration.TABLE,
    **scalars.TABLE,
    **maths.TABLE,
    conversion.Original: conversion.array_converter,
}

CALLING = (
    *(builtins.map, builtins.filter, builtins.sorted, builtins.min, builtins.max),
    *(functools.reduce, itertools.starmap, itertools.accumulate, itertools.takewhile),
    *(itertools.dropwhile, itertools.groupby, itertools.filterfalse),
)

LATE: dict[str, Callable[[], Mapping[str, Any]]] = {"scipy": lambda: scipy_rules.RULES}
"""By package, the rules for its functions, which are imported when one of them is first called."""
