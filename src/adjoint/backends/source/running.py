"""What written source finds by name when it runs here: NumPy, and primitives that are no one line of it."""

import linecache
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from weakref import finalize

import numpy as np

from ... import control, primitives
from ...core.avals import Aval, aval_of
from ...core.primitive import Primitive, Tracer
from ...core.program import Program, programs_of
from ...primitives.evaluation import halved
from ...primitives.evaluation import scale as scale_arrays
from ...primitives.promotion import align, joint_shape
from ...primitives.structure import fit
from ...primitives.structure import scale as scale_primitive

_PLAIN = frozenset((np.ndarray, np.float64, float))
_DOUBLE = np.dtype(np.float64)
_NUMBERS = frozenset((np.float64, float))
BUILT_IN = frozenset(("np", "scale", "halved", "len", "range", "reversed"))


def scaled(partial: Any, tangent: Any) -> Any:
    """The primitive `scale` as written source calls it: on arrays, and on traced values too."""
    if type(tangent) is np.ndarray and type(partial) in _PLAIN:
        product: Any = partial * tangent
        if type(product) is np.ndarray and (product.dtype is _DOUBLE or product.dtype.char in "fd"):
            flat = product if product.ndim == 1 else product.ravel()
            if math.isfinite(flat.dot(flat)):
                return product
    elif type(tangent) in _NUMBERS and type(partial) in _NUMBERS:
        product = partial * tangent
        if math.isfinite(product):
            return product
    elif isinstance(partial, Tracer) or isinstance(tangent, Tracer):
        return scale_primitive(*align(partial, tangent))
    return scale_arrays(partial, tangent)


def named(primitive: Primitive) -> Callable[..., Any]:
    """A primitive as written source calls it by its name: on arrays, and on traced values too."""
    evaluate = primitive.evaluate

    def call(*args: Any, **params: Any) -> Any:
        if not any(isinstance(a, Tracer) for a in args):
            return evaluate(*args, **params)
        if not primitive.elementwise:
            return primitive(*args, **params)
        masks = {i: a for i, a in enumerate(args) if aval_of(a).dtype.kind == "b"}
        shape = joint_shape([aval_of(a).shape for a in args])
        numbers = iter(align(*(a for i, a in enumerate(args) if i not in masks)))
        fitted = (masks[i] if i in masks else next(numbers) for i in range(len(args)))
        return primitive(*(fit(a, shape) for a in fitted), **params)

    return call


@lru_cache(maxsize=1)
def all_primitives() -> dict[str, Primitive]:
    """Every primitive under its name."""
    return {p.name: p for p in (*primitives.ALL, *control.ALL)}


def primitives_in(program: Program) -> dict[str, Primitive]:
    """The primitives of a Program, and of those that it holds, by name."""
    found: dict[str, Primitive] = {}
    pending = [program]
    while pending:
        for equation in pending.pop().equations:
            found[equation.primitive.name] = equation.primitive
            pending.extend(inner for _, inner in programs_of(equation.params))
    return found


def types_in(program: Program) -> Iterator[Aval]:
    """The types of all values in a Program, and in those that it holds."""
    pending = [program]
    while pending:
        part = pending.pop()
        yield from (v.aval for v in part.inputs)
        for equation in part.equations:
            yield from (a.aval for a in (*equation.inputs, *equation.outputs))
            pending.extend(inner for _, inner in programs_of(equation.params))


_CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(")


def called_in(text: str) -> list[str]:
    """The names that a text calls as functions."""
    return list(dict.fromkeys(_CALLED.findall(text)))


def run_source(text: str, file: str, name: str, constants: dict[str, Any], own: dict[str, Primitive]) -> Any:
    """The function that a text defines. Tracebacks into it show the text."""
    namespace: dict[str, Any] = {"np": np, "scale": scaled, "halved": halved, **constants}
    for word in called_in(text):
        if word not in namespace and (primitive := own.get(word) or _other(word, text)) is not None:
            namespace[word] = named(primitive)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(_compiled(text, file), namespace)
    function = namespace[name]
    finalize(function, linecache.cache.pop, file, None).atexit = False  # its text goes with it
    return function


def _other(word: str, text: str) -> Primitive | None:
    """A primitive that no equation has and whose name a text calls."""
    known = word in BUILT_IN or f"def {word}(" in text or word in ("float", "int", "complex", "bool", "if")
    return None if known else all_primitives().get(word)


@lru_cache(maxsize=4096)
def _compiled(text: str, file: str) -> Any:
    return compile(text, file, "exec")
