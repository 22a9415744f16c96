"""Writes random programs: keeps the values of what is written so far, and picks operands that fit.

A template is a function from a `Writer` to an expression, `lambda w:
f"np.sum({w.array()}{w.reduction()})"`. What it gives is evaluated in plain NumPy at once; a statement whose
value is not finite, or large, is dropped, and so is one that NumPy refuses.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from . import inputs
from .programs import PRELUDE, Program, evaluated

BIG, MANY = 120.0, 80
REFUSALS = (
    Warning,
    TypeError,
    ValueError,
    IndexError,
    ZeroDivisionError,
    np.linalg.LinAlgError,
    OverflowError,
)

Template = Callable[["Writer"], str]
Test = Callable[[Any], bool]


class SkipTemplate(Exception):
    """A template finds no operand."""


def is_inexact(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"


class Writer:
    """A program in the making. Expressions are of variables in `values`."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.inputs: list[tuple[str, str]] = []
        self.captured: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        self.flags: set[str] = set()
        """What holds of what is written so far: see `Program.flags`."""
        self.last: Any = None
        """The operand that was picked last, to which axes and shapes refer; and its text."""
        self.text = ""
        self.memory: dict[str, Any] = dict(PRELUDE)

    # --- drawing -----------------------------------------------------------------------------

    def choose(self, options: Sequence[Any]) -> Any:
        """One of these."""
        if not options:
            raise SkipTemplate
        return self.draw(st.sampled_from(options))

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return self.draw(st.integers(low, high))

    def flag(self) -> bool:
        return self.choose([False, True])

    def number(self) -> str:
        """A constant."""
        return str(self.choose([0.5, 2.0, -1.5, 0.3, 3, -0.7, 1.2]))

    # --- operands ----------------------------------------------------------------------------

    def pick(self, test: Test) -> str:
        """A variable that fits, the last ones oftener."""
        names = [name for name, value in self.values.items() if test(value)]
        name = self.choose([*names[-3:], *names[::-1]])
        self.last, self.text = self.values[name], name
        return name

    def array(self, test: Test = lambda v: True) -> str:
        """A real or complex variable."""
        return self.pick(lambda v: is_inexact(v) and test(v))

    def filled(self, least: int = 1, most: int = 9) -> str:
        """One with elements, and so many axes; one with fewer is lifted to more."""
        try:
            return self.array(lambda v: least <= np.ndim(v) <= most and np.size(v) > 0)
        except SkipTemplate:
            name = self.array(lambda v: np.ndim(v) < least and np.size(v) > 0)
        if np.ndim(self.last) == 1:
            text = self.choose([f"np.outer({name}, {name})", f"np.stack([{name}, {name} * 0.5])"])
        else:
            text = f"np.stack([{name}, {name} - 0.4])"
        self.last, self.text = self.evaluate(text), text
        if not least <= np.ndim(self.last) <= most:
            raise SkipTemplate
        return text

    def real(self, least: int = 0, most: int = 9) -> str:
        """A real one with elements: a variable, or the real or imaginary part of one."""
        name = self.filled(least, most)
        if np.asarray(self.last).dtype.kind == "c":
            name = self.choose([f"np.real({name})", f"({name}).imag", f"np.abs({name})"])
            self.last, self.text = self.evaluate(name), name
        return name

    def argument(self) -> str:
        """A real argument with axes: of computed values some may be equal up to rounding."""
        name = self.choose([n for n, v in self.values.items() if n[0] == "x" and np.ndim(v) and np.size(v)])
        self.text = f"np.real({name})" if np.asarray(self.values[name]).dtype.kind == "c" else name
        self.last = self.evaluate(self.text)
        return self.text

    def same(self) -> str:
        """A variable of the last one's shape."""
        shape = np.shape(self.last)
        return self.array(lambda v: np.shape(v) == shape)

    def beside(self) -> str:
        """What broadcasts with the last operand: a variable, a captured array, a number."""
        shape = np.shape(self.last)
        kind = self.integer(0, 5)
        if kind == 0:
            return self.number()
        if kind == 1 and len(shape):
            return self.constant(shape[-self.integer(1, len(shape)) :])
        return self.pick(lambda v: broadcasts(np.shape(v), shape))

    def constant(self, shape: Any, dtype: str | None = None) -> str:
        """A captured array of this shape; integers and booleans too."""
        dtype = dtype or self.choose(["float64", "int64", "float32", "bool", "uint8", "complex128"])
        return self.capture(self.draw(inputs.arrays(dtype, tuple(shape))))

    def capture(self, text: str) -> str:
        """A captured array, by its text."""
        name = f"k{len(self.captured)}"
        self.captured.append((name, text))
        self.memory[name] = evaluated(text)
        return name

    def inside(self, low: float, high: float, *, complex_: bool = False, least: int = 0) -> str:
        """A variable, moved smoothly into an interval."""
        name = self.array(lambda v: np.ndim(v) >= least) if complex_ else self.real(least)
        middle, half = round((low + high) / 2, 3), round((high - low) / 2 * 0.95, 3)
        if np.asarray(self.last).dtype.kind == "c":
            return f"({middle} + {middle}j + {half} * (np.sin({name}.real) + 1j * np.cos({name}.imag)))"
        return f"({middle} + {half} * np.sin({name}))" if high > low else str(middle)

    def square(self, *, positive: bool = True) -> str:
        """A square matrix that is well conditioned; `positive`: symmetric and positive definite."""
        name = self.filled(2, 3)
        n = np.shape(self.last)[-2]
        product = f"{name} @ np.swapaxes({name}, -1, -2)"
        if np.asarray(self.last).dtype.kind == "c":
            product = f"{name} @ np.conj(np.swapaxes({name}, -1, -2))"
        skew = "" if positive else f" + np.diag(np.arange({n}.0))"
        return f"({product} + np.diag(1.0 + np.arange({n}.0)){skew})"

    # --- axes --------------------------------------------------------------------------------

    def axis(self) -> int:
        """An axis of the last operand, counted from either end."""
        ndim = np.ndim(self.last)
        return self.choose(range(-ndim, ndim))

    def length(self, axis: int) -> int:
        return np.shape(self.last)[axis]

    def reduction(self, *, several: bool = True, keepdims: bool = True) -> str:
        """The keywords `axis` and `keepdims` of a reduction of the last operand."""
        ndim = np.ndim(self.last)
        options: list[Any] = [None, *range(-ndim, ndim)]
        if several and ndim > 1:
            options += [(0, -1), tuple(range(ndim)), (1,), ()]
        axis = self.choose(options)
        text = self.choose([f", axis={axis}", f", {axis}"]) if axis is not None or self.flag() else ""
        return text + (", keepdims=True" if keepdims and self.flag() else "")

    # --- statements --------------------------------------------------------------------------

    def evaluate(self, text: str) -> Any:
        """The value of an expression here; SkipTemplate where NumPy refuses it."""
        try:
            with np.errstate(all="ignore"):
                return eval(text, {**self.memory, **self.values})
        except REFUSALS as error:
            raise SkipTemplate from error

    def execute(self, text: str, scope: dict[str, Any]) -> None:
        """Run statements; SkipTemplate where NumPy refuses them."""
        try:
            with np.errstate(all="ignore"):
                exec(text, scope)
        except REFUSALS as error:
            raise SkipTemplate from error

    def assign(self, text: str) -> None:
        """Append `name = text`, if its value is of use."""
        value = self.evaluate(text)
        if isinstance(value, tuple | list):
            if not len(value):
                raise SkipTemplate
            text = f"{text}[{self.integer(0, len(value) - 1)}]"
            value = self.evaluate(text)
        if not useful(value):
            raise SkipTemplate
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        self.values[name] = value

    def attempt(self, template: Template) -> bool:
        """Append what the template gives; whether it gave something."""
        captured, flags = len(self.captured), set(self.flags)
        try:
            self.assign(template(self))
        except SkipTemplate:
            del self.captured[captured:]
            self.flags = flags
            return False
        return True

    def program(self) -> Program:
        """What was written. It returns the variables that nothing else reads, the last four at most."""
        names = [name for name, value in self.values.items() if is_inexact(value)]
        read = "\n".join(self.lines)
        unread = [name for name in names if len(re.findall(rf"\b{name}\b", read)) <= (name[0] == "v")]
        results = (unread or names)[-4:]
        return Program(
            tuple(self.inputs),
            tuple(self.captured),
            tuple(self.lines),
            tuple(results),
            frozenset(self.flags),
        )


def broadcasts(shape: Any, other: Any) -> bool:
    """Whether two shapes broadcast together."""
    return all(m == n or m == 1 or n == 1 for m, n in zip(shape[::-1], other[::-1], strict=False))


def useful(value: Any) -> bool:
    """Whether a value is an array or a number, finite, and neither large nor long."""
    if not isinstance(value, np.ndarray | np.generic | float | complex) or isinstance(value, np.str_):
        return False
    array = np.asarray(value)
    if array.dtype.kind not in "fcbiu" or array.size > MANY:
        return False
    return bool(np.all(np.isfinite(array)) and np.all(np.abs(array.astype(complex)) < BIG))


def by_value(template: Template) -> Template:
    """One whose shapes or branches depend on values: refused in batches and stages, with what to write
    instead.
    """
    return _flagged(template, "by value")


def by_following(template: Template) -> Template:
    """One that NumPy's protocols do not reach: it needs a transform that follows the code, which tensors
    have not.
    """
    return _flagged(template, "followed")


def rounded(template: Template) -> Template:
    """One that is computed by other operations than NumPy's, or in another layout: equal up to rounding."""
    return _flagged(template, "rounded")


def once(template: Template) -> Template:
    """One whose second derivative is not compared."""
    return _flagged(template, "once")


def casts(template: Template) -> Template:
    """One that asks for dtypes or names them."""
    return _flagged(template, "casts")


def _flagged(template: Template, flag: str) -> Template:
    def flagged(w: Writer) -> str:
        w.flags.add(flag)
        return template(w)

    return flagged
