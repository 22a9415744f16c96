"""Writing LLVM's language: functions of explicit vectors, as text.

`Module` collects functions and declarations. `Function` collects the lines of one; `Lanes` writes
instructions on vectors of one kind and width into it. A value is the text of its name. Text is written ten
times faster than objects of instructions are built, and LLVM parses it.

Kinds: f64, f32 (numbers), i64, i32, i16, i8 and their unsigned twins u64, ... (whole numbers), i1 (truth:
in memory one byte each).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

ELEMENT = {"f64": "double", "f32": "float", "i1": "i1", "p": "ptr"} | {
    f"{sign}{bits}": f"i{bits}" for sign in "iu" for bits in (8, 16, 32, 64)
}
"""Each kind as LLVM names one element of it."""

BYTES = {"f64": 8, "f32": 4, "i1": 1} | {f"{s}{bits}": bits // 8 for s in "iu" for bits in (8, 16, 32, 64)}
"""The bytes of one element in memory."""

_WIDE_REGISTERS = '"min-legal-vector-width"="512" "prefer-vector-width"="512"'


@lru_cache(maxsize=256)
def kind_of(dtype: np.dtype) -> str | None:
    """The kind of a dtype's elements; None for what native code does not compute with.

    >>> kind_of(np.dtype(np.float32)), kind_of(np.dtype(bool)), kind_of(np.dtype(complex))
    ('f32', 'i1', None)
    """
    if dtype.kind == "b":
        return "i1"
    kind = f"{dtype.kind}{8 * dtype.itemsize}"
    return kind if kind in ELEMENT and dtype.isbuiltin == 1 and dtype.isnative else None


def vector(kind: str, width: int) -> str:
    """The type of so many lanes.

    >>> vector("f64", 8), vector("i1", 1)
    ('<8 x double>', 'i1')
    """
    return ELEMENT[kind] if width == 1 else f"<{width} x {ELEMENT[kind]}>"


def float_text(value: float, kind: str = "f64") -> str:
    """A number exactly, as bits: of float32 too LLVM takes those of the equal float64."""
    if kind == "f32":
        with np.errstate(over="ignore"):
            value = float(np.float32(value))
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return f"0x{bits:016X}"


def constant(value: float, kind: str, width: int) -> str:
    """A number in every lane.

    >>> constant(2, "i64", 4)
    'splat (i64 2)'
    """
    if kind in ("f64", "f32"):
        text = float_text(float(value), kind)
    elif kind == "i1":
        text = "true" if value else "false"
    else:
        text = str(int(value))
    return text if width == 1 else f"splat ({ELEMENT[kind]} {text})"


@dataclass(slots=True)
class Module:
    """The functions of one compilation. `fused` says that the machine multiplies and adds in one
    instruction.
    """

    fused: bool = True
    functions: dict[str, str] = field(default_factory=dict)
    declarations: dict[str, None] = field(default_factory=dict)

    def declare(self, line: str) -> None:
        """Note the declaration of something from outside."""
        self.declarations[line] = None

    def text(self, head: str, cpu: str) -> str:
        """The whole module; `head` names the target."""
        parts = [head, *self.declarations, *self.functions.values()]
        return "\n".join(parts) + f'\nattributes #0 = {{ nounwind {_WIDE_REGISTERS} "target-cpu"="{cpu}" }}\n'


@dataclass(slots=True)
class Function:
    """The lines of one function, which grow as instructions are written."""

    module: Module
    lines: list[str] = field(default_factory=list)
    block: str = "entry"
    count: int = 0

    def fresh(self, stem: str = "v") -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"%{stem}{self.count}"

    def line(self, text: str) -> None:
        """One instruction without a result."""
        self.lines.append(f"  {text}")

    def value(self, text: str) -> str:
        """One instruction, and the name of its result."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def label(self, stem: str) -> str:
        """A name for a block, to be begun by `begin`."""
        self.count += 1
        return f"{stem}{self.count}"

    def begin(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str) -> None:
        """Go to a block."""
        self.line(f"br label %{label}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        """Go to one of two blocks."""
        self.line(f"br i1 {condition}, label %{yes}, label %{no}")

    def at(self, base: str, bytes_: int | str) -> str:
        """The pointer so many bytes on."""
        return base if bytes_ == 0 else self.value(f"getelementptr i8, ptr {base}, i64 {bytes_}")

    def finish(self, name: str, result: str, params: str, linkage: str = "internal") -> None:
        """Put the function into its module."""
        body = "\n".join(self.lines)
        self.module.functions[name] = (
            f"define {linkage} {result} @{name}({params}) #0 {{\nentry:\n{body}\n}}\n"
        )


Carried = list[tuple[str, str]]
"""Types and first values of what a loop hands from round to round."""


def loop(
    f: Function,
    start: str | int,
    end: str | int,
    step: int,
    carried: Carried,
    body: Callable[[str, list[str]], list[str]],
) -> list[str]:
    """A counting loop: `body(index, carried)` writes one round and gives what is carried on; its last
    values.
    """
    before, head, inside, after = f.block, f.label("head"), f.label("body"), f.label("after")
    index, following = f.fresh("i"), f.fresh("n")
    names = [f.fresh("c") for _ in carried]
    f.jump(head)
    f.begin(head)
    slot = len(f.lines)
    f.lines.append("")
    f.branch(f.value(f"icmp slt i64 {index}, {end}"), inside, after)
    f.begin(inside)
    new = body(index, names)
    f.line(f"{following} = add nuw nsw i64 {index}, {step}")
    f.jump(head)
    phis = [f"  {index} = phi i64 [ {start}, %{before} ], [ {following}, %{f.block} ]"]
    for name, (kind, first), last in zip(names, carried, new, strict=True):
        phis.append(f"  {name} = phi {kind} [ {first}, %{before} ], [ {last}, %{f.block} ]")
    f.lines[slot] = "\n".join(phis)
    f.begin(after)
    return names


class Lanes:
    """Instructions on vectors of one kind and width. A width of 1 is a plain number."""

    __slots__ = ("f", "kind", "suffix", "type", "width")

    def __init__(self, f: Function, kind: str, width: int) -> None:
        self.f, self.kind, self.width = f, kind, width
        self.type = vector(kind, width)
        self.suffix = ("" if width == 1 else f"v{width}") + kind.replace("u", "i")

    def of(self, kind: str) -> "Lanes":
        """As many lanes of another kind."""
        return self if kind == self.kind else Lanes(self.f, kind, self.width)

    @property
    def is_float(self) -> bool:
        """Whether the lanes hold floating numbers."""
        return self.kind[0] == "f"

    def const(self, value: float) -> str:
        """A number in every lane."""
        return constant(value, self.kind, self.width)

    def binary(self, operation: str, a: str, b: str) -> str:
        """`operation a, b`."""
        return self.f.value(f"{operation} {self.type} {a}, {b}")

    # The plain four may be contracted into fused multiply-adds; `exact` ones may not.
    def add(self, a: str, b: str, exact: bool = False) -> str:
        """A + b."""
        return self.binary(("fadd" if exact else "fadd contract") if self.is_float else "add", a, b)

    def sub(self, a: str, b: str, exact: bool = False) -> str:
        """A - b."""
        return self.binary(("fsub" if exact else "fsub contract") if self.is_float else "sub", a, b)

    def mul(self, a: str, b: str, exact: bool = False) -> str:
        """A * b."""
        return self.binary(("fmul" if exact else "fmul contract") if self.is_float else "mul", a, b)

    def div(self, a: str, b: str) -> str:
        """A / b, of floating numbers."""
        return self.binary("fdiv", a, b)

    def neg(self, a: str) -> str:
        """-a."""
        return (
            self.f.value(f"fneg {self.type} {a}") if self.is_float else self.binary("sub", self.const(0), a)
        )

    def intrinsic(self, name: str, *args: str) -> str:
        """A function of LLVM's own on these lanes."""
        full = f"@llvm.{name}.{self.suffix}"
        self.f.module.declare(f"declare {self.type} {full}({', '.join([self.type] * len(args))})")
        return self.f.value(f"call {self.type} {full}({', '.join(f'{self.type} {a}' for a in args)})")

    def fma(self, a: str, b: str, c: str) -> str:
        """A * b + c, rounded once where the machine can."""
        if self.f.module.fused:
            return self.intrinsic("fma", a, b, c)
        return self.add(self.mul(a, b, exact=True), c, exact=True)

    def exact_fma(self, a: str, b: str, c: str) -> str:
        """A * b + c rounded once on every machine."""
        return self.intrinsic("fma", a, b, c)

    def fabs(self, a: str) -> str:
        """|a|."""
        return self.intrinsic("fabs", a)

    def copysign(self, size: str, sign: str) -> str:
        """`size` with the sign of `sign`."""
        return self.intrinsic("copysign", size, sign)

    def compare(self, predicate: str, a: str, b: str) -> str:
        """Truth of `a predicate b`; for floats LLVM's ordered (oeq) and unordered (une, uno) comparisons."""
        return self.f.value(f"{'fcmp' if self.is_float else 'icmp'} {predicate} {self.type} {a}, {b}")

    def select(self, mask: str, a: str, b: str) -> str:
        """A where the mask holds, else b."""
        return self.f.value(f"select {vector('i1', self.width)} {mask}, {self.type} {a}, {self.type} {b}")

    def cast(self, operation: str, a: str, kind: str) -> str:
        """Lanes of another kind by a conversion, such as `sitofp`."""
        return self.f.value(f"{operation} {self.type} {a} to {vector(kind, self.width)}")

    def bits(self, a: str) -> str:
        """The bits of floating numbers as whole numbers."""
        return self.cast("bitcast", a, "i64" if self.kind == "f64" else "i32")

    def polynomial(self, z: str, coefficients: tuple[float, ...]) -> str:
        """By Estrin's scheme: pairs, then pairs of pairs, which have fewer steps one after another."""
        level = [self.const(c) for c in coefficients]
        power = z
        while len(level) > 1:
            pairs = [
                self.fma(level[i + 1], power, level[i]) if i + 1 < len(level) else level[i]
                for i in range(0, len(level), 2)
            ]
            level = pairs
            if len(level) > 1:
                power = self.mul(power, power, exact=True)
        return level[0]

    def horner(self, z: str, coefficients: tuple[float, ...]) -> str:
        """By Horner's scheme, whose rounding errors are the smallest."""
        total = self.const(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            total = self.fma(total, z, self.const(c))
        return total

    def splat(self, number: str) -> str:
        """One number in every lane."""
        if self.width == 1:
            return number
        one = self.f.value(f"insertelement {self.type} poison, {ELEMENT[self.kind]} {number}, i32 0")
        zeros = f"<{self.width} x i32> zeroinitializer"
        return self.f.value(f"shufflevector {self.type} {one}, {self.type} poison, {zeros}")
