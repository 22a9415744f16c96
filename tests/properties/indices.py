"""Random index expressions as text, and programs that read and write by them.

Every such program is linear in its arguments, so its tangents are its values at the directions, and which
argument's element ends where is read off a run on labels: all comparisons are exact.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from . import inputs
from .programs import Program, evaluated
from .writer import SkipTemplate, Writer, broadcasts


@st.composite
def slices(draw: Any, size: int) -> str:
    """A slice of an axis: any signs, beyond the ends too."""
    bound = st.sampled_from(["", *map(str, range(-size - 1, size + 2))])
    step = draw(st.sampled_from(["", "", ":2", ":-1", ":-2", ":3"]))
    return f"{draw(bound)}:{draw(bound)}{step}"


class Indexer:
    """Draws the parts of one index expression, whose integer arrays broadcast together."""

    def __init__(self, w: Writer) -> None:
        self.w = w
        self.common: tuple[int, ...] = w.choose([(2,), (3,), (1,), (2, 2), (2, 1), (0,)])

    def integers(self, size: int) -> str:
        """Positions in an axis, as a list, an array or a captured array."""
        shape = self.w.choose([self.common, self.common[-1:], (1,) * len(self.common)])
        count = int(np.prod(shape))
        if count and not size:
            raise SkipTemplate
        positions = [self.w.integer(-size, size - 1) for _ in range(count)]
        array = np.array(positions, np.int64).reshape(shape)
        dtype = self.w.choose(["int64", "int64", "int32", "uint8"])
        if dtype == "uint8":
            array = array % max(size, 1)
        text = f"np.array({array.tolist()}, np.{dtype})" if array.size else f"np.zeros({shape}, int)"
        kind = self.w.integer(0, 2)
        if kind == 0 and array.size:
            return str(array.tolist())
        return self.w.capture(text) if kind == 1 else text

    def mask(self, shape: tuple[int, ...]) -> str:
        """A mask of some axes."""
        flat = [self.w.flag() for _ in range(int(np.prod(shape)))]
        array = np.array(flat, bool).reshape(shape)
        text = f"np.array({array.tolist()})" if array.size else f"np.zeros({shape}, bool)"
        return self.w.capture(text) if self.w.flag() else text

    def part(self, sizes: tuple[int, ...]) -> tuple[str, int]:
        """One part of the index, and how many of these axes it takes."""
        size = sizes[0]
        kind = self.w.choose(["slice"] * 3 + ["integer"] * 2 + ["integers"] * 3 + ["mask", "None", "all"])
        if kind == "None":
            return self.w.choose(["None", "np.newaxis"]), 0
        if kind == "integer":
            if not size:
                raise SkipTemplate
            position = self.w.integer(-size, size - 1)
            return self.w.choose([f"{position}", f"{position}", f"np.int64({position})"]), 1
        if kind == "integers":
            return self.integers(size), 1
        if kind == "mask":
            count = self.w.integer(1, min(2, len(sizes)))
            return self.mask(sizes[:count]), count
        return (":" if kind == "all" else self.w.draw(slices(size))), 1


def expression(w: Writer, shape: tuple[int, ...]) -> str:
    """An index expression for an array of this shape, which NumPy may still refuse."""
    indexer = Indexer(w)
    parts: list[str] = []
    stop = w.integer(0, len(shape))
    position = 0
    while position < stop:
        text, taken = indexer.part(shape[position:stop])
        parts.append(text)
        position += taken
    rest = len(shape) - position
    if w.choose([False, False, True]):  # an ellipsis, and the last axes after it
        after: list[str] = []
        if rest and w.flag():
            after = [indexer.part(shape[-1:])[0]]
        parts += ["...", *after]
    elif not parts:
        parts = [w.choose(["...", "None", "()", "True", "False"])]
    if len(parts) == 1 and parts[0] == "()":
        return "()"
    return ", ".join(parts)


def indexed(w: Writer, name: str) -> str:
    """An index expression that NumPy takes for this variable."""
    shape = np.shape(w.values[name])
    for _ in range(4):
        captured = len(w.captured)
        try:
            text = expression(w, shape)
            if np.size(w.evaluate(f"{name}[{text}]")) <= 200:
                return text
        except SkipTemplate:
            pass
        del w.captured[captured:]
    return "..."


@st.composite
def readings(draw: Any) -> Program:
    """`x[index]`, or two reads one after another."""
    w = opened(draw)
    text = f"x[{indexed(w, 'x')}]"
    w.values["y"] = w.evaluate(text)
    w.lines.append(f"y = {text}")
    if np.ndim(w.values["y"]) and w.flag():
        w.lines.append(f"y = y[{indexed(w, 'y')}]")
    return finished(w, "y")


def opened(draw: Any) -> Writer:
    """A writer with one array, of any layout; without axes an array too, not a number."""
    w = Writer(draw)
    shape = draw(inputs.shapes(most=3))
    text = draw(inputs.arrays(w.choose(["float64", "float64", "float32", "complex128"]), shape))
    if not shape and not text.startswith("np.array("):
        text = f"np.array({text})"
    w.inputs.append(("x", text))
    w.values["x"] = evaluated(text)
    return w


def finished(w: Writer, result: str) -> Program:
    return Program(tuple(w.inputs), tuple(w.captured), tuple(w.lines), (result,), frozenset(w.flags))


ASSIGNED = ("a[{i}] = y",)
UPDATED = (
    "a[{i}] += y",
    "np.add.at(a, np.index_exp[{i}], y)",
    "a[{i}] -= y",
    "np.subtract.at(a, np.index_exp[{i}], y)",
)


@st.composite
def writings(draw: Any, forms: tuple[str, ...]) -> Program:
    """A copy of x in which elements are assigned or updated, in one of the forms."""
    w = opened(draw)
    index = indexed(w, "x")
    shape = np.shape(w.evaluate(f"x[{index}]"))
    options = [shape, (), shape[-1:], shape[:-1] + (1,) * bool(shape)]
    if forms is ASSIGNED and shape:
        options.append((1, *shape))  # NumPy takes leading ones in an assignment alone
    chosen = w.choose([s for s in options if fits(s, shape)])
    form = w.choose(forms)
    if ".at(" in form and chosen != shape:
        chosen = ()  # (NumPy 2.4 adds what broadcasts over several indices of an axis too few times)
    dtype = str(np.asarray(w.values["x"]).dtype)
    kind = "float64" if dtype == "complex128" and w.flag() else dtype
    copied = "a = " + w.choose(
        ["np.copy(x)", "x.copy()", *(["x * 1", "+x"] if np.ndim(w.values["x"]) else [])]
    )
    write = form.format(i=index)
    for size in (tuple(chosen), ()):  # NumPy takes a number everywhere, an array not behind every mask
        text = draw(inputs.arrays(kind, size, 23))
        try:
            w.execute(f"{copied}\n{write}", {**w.memory, **w.values, "y": evaluated(text)})
        except SkipTemplate:
            continue
        break
    w.inputs.append(("y", text))
    w.lines += [copied, write]
    return finished(w, "a")


def fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether NumPy assigns a value of this shape to a part of that one."""
    extra = len(shape) - len(target)
    lead = all(n == 1 for n in shape[: max(extra, 0)])
    kept = shape[max(extra, 0) :]
    return (
        lead
        and broadcasts(kept, target)
        and all(m in (n, 1) for m, n in zip(kept[::-1], target[::-1], strict=False))
    )


@dataclass(frozen=True)
class Wrongly:
    """A program that NumPy refuses, and the class of its error."""

    program: Program
    error: type[Exception]


FAULTS = (
    "4",
    "-5",
    "0, 0, 0, 0",
    "[0, 9]",
    "[[0, 1], [2]]",
    "1.0",
    "'a'",
    "np.ones(7, bool)",
    "..., ...",
    "[0, 1], [0, 1, 2]",
)


@st.composite
def mistakes(draw: Any) -> Wrongly:
    """A read or a write that NumPy refuses."""
    w = Writer(draw)
    shape = draw(inputs.shapes(least=1, most=2))
    text = draw(inputs.arrays("float64", shape))
    w.inputs.append(("x", text))
    index = w.choose(FAULTS)
    forms = (
        "y = x[{i}]",
        "y = x * 1\ny[{i}] = 2.0",
        "y = x * 1\ny[{i}] += x",
        "y = x * 1\ny[...] = np.ones((3, 5, 7))",
    )
    w.lines.append(w.choose(forms).format(i=index))
    program = finished(w, "y")
    try:
        program.at(program.arguments())
    except Exception as error:
        return Wrongly(program, type(error))
    w.lines[:] = ["y = x[99]"]
    return Wrongly(finished(w, "y"), IndexError)
