"""The writer: a Program as NumPy source, and as the function that this source defines.

What one reads is what runs: `written(program)` compiles exactly the text of `source_text(program)`.
"""

import keyword
import linecache
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from weakref import finalize

import numpy as np

from .. import control, primitives
from ..core.avals import aval_of
from ..core.equation import Atom, Equation, Literal
from ..core.primitive import Primitive, Tracer
from ..core.printer import name_variables
from ..core.program import Program
from ..dtypes import bfloat16
from ..primitives.evaluation import halved
from ..primitives.evaluation import scale as scale_arrays
from ..primitives.promotion import align, joint_shape
from ..primitives.structure import fit
from ..primitives.structure import scale as scale_primitive


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    """The names that written source may mean something else by."""
    return frozenset(
        ("np", "scale", "halved", *keyword.kwlist, *(p.name for p in (*primitives.ALL, *control.ALL)))
    )


_SPELLED = (bool, int, float, complex, str, tuple, slice, np.dtype, type(None))
_PLAIN = frozenset((np.ndarray, np.float64, float))
_DOUBLE = np.dtype(np.float64)
_NUMBERS = frozenset((np.float64, float))


def _scale(partial: Any, tangent: Any) -> Any:
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


def _scalar_text(value: Any) -> str:
    """A Python scalar as an operand: negative ones in brackets, infinities and NaN by name."""
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "(-np.inf)"
    text = repr(value)
    return f"({text})" if text.startswith("-") else text


def _raises(source: str) -> bool:
    """Whether Python's operator raises on its own numbers where NumPy's gives an infinity or NaN."""
    return "/" in source or "**" in source or "%" in source


def _is_spelled(value: Any) -> bool:
    return isinstance(value, _SPELLED) and (type(value) is not tuple or all(map(_is_spelled, value)))


class _Writer:
    """Writes one Program; `constants` are the values that its text cannot spell."""

    def __init__(self, program: Program) -> None:
        self.program = program
        variables = [*program.inputs, *(v for e in program.equations for v in e.outputs)]
        self.names = name_variables(variables, _reserved())
        self.name = (
            program.name if program.name.isidentifier() and program.name not in _reserved() else "program"
        )
        self.constants: dict[str, Any] = {}
        self.prefix = "constant_"
        while any(name.startswith(self.prefix) for name in self.names.values()):
            self.prefix += "_"

    def operand(self, atom: Atom) -> str:
        if not isinstance(atom, Literal):
            return self.names[atom]
        if type(atom.value) in (float, int, complex, bool):
            return _scalar_text(atom.value)
        return self.constant(atom.value)

    def constant(self, value: Any) -> str:
        """A name for a value that the text cannot spell."""
        name = f"{self.prefix}{len(self.constants)}"
        self.constants[name] = value
        return name

    def parameter(self, value: Any) -> Any:
        """A parameter as `source` gets it: what the text cannot spell, such as a function, by a name."""
        return value if _is_spelled(value) else self.constant(value)

    def operands(self, equation: Equation) -> list[str]:
        """The operands' text; NumPy has to be told that Python scalars are weak beside bfloat16."""
        half = equation.primitive.elementwise and any(a.aval.dtype == bfloat16 for a in equation.inputs)
        names = [self.operand(a) for a in equation.inputs]
        return [
            f"halved({name})" if half and atom.aval.weak else name
            for name, atom in zip(names, equation.inputs, strict=True)
        ]

    def text(self) -> str:
        lines = [f"def {self.name}({', '.join(self.names[v] for v in self.program.inputs)}):"]
        for equation in self.program.equations:
            names = self.operands(equation)
            source = equation.primitive.source
            params = {k: self.parameter(v) for k, v in equation.params.items()}
            if not isinstance(source, str):
                right = source(names, [a.aval for a in equation.inputs], **params)
            elif _raises(source) and all(a.aval.weak for a in equation.inputs):
                listed = [*names, *(f"{k}={v!r}" for k, v in params.items())]
                right = f"{equation.primitive.name}({', '.join(listed)})"
            else:
                right = source.format(*names, **params)
            left = ", ".join(self.names[v] for v in equation.outputs)
            comma = "," if equation.primitive.many and len(equation.outputs) == 1 else ""
            lines.append(f"    {left}{comma} = {right}")
        results = "".join(f"{self.operand(a)}, " for a in self.program.outputs)
        lines.append(f"    return ({results.rstrip()})" if results else "    return ()")
        return "\n".join(lines) + "\n"


def source_text(program: Program) -> str:
    """The Program as the text of one Python function over NumPy arrays."""
    return _Writer(program).text()


def written(program: Program) -> Callable[..., tuple[Any, ...]]:
    """The function that the Program's source defines. Tracebacks into it show that source."""
    writer = _Writer(program)
    text = writer.text()
    file = f"<adjoint {program.name} {abs(hash(text)):x}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {**_helpers(), **writer.constants}
    exec(_compiled(text, file), namespace)
    function = namespace[writer.name]
    finalize(function, linecache.cache.pop, file, None).atexit = False  # its text goes with it
    return function


@lru_cache(maxsize=4096)
def _compiled(text: str, file: str) -> Any:
    return compile(text, file, "exec")


def _named(primitive: Primitive) -> Callable[..., Any]:
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
def _helpers() -> dict[str, Any]:
    """What written source finds by name: NumPy and the primitives."""
    named = {p.name: _named(p) for p in (*primitives.ALL, *control.ALL)}
    return {"np": np, **named, "scale": _scale, "halved": halved}
