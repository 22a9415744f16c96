"""Loop nests: the items of a `Nest` as one function over vectors.

The last axis runs in vectors: whole ones, then one that is masked. Neighbouring axes are made one where every
operand allows it. A sum along the last axis is kept in registers, in blocks, so that its rounding error
grows with the number of blocks and the length of one; other sums are added up in memory.
"""

from dataclasses import dataclass
from typing import Any, Final

from ...core.avals import Shape
from ...core.equation import Atom, Equation, Literal
from . import pointwise
from .layout import Layout, merged, unsupported
from .schedule import Compute, Nest, Reduce, Schedule, Store
from .simplify import uniform
from .text import BYTES, ELEMENT, Function, Lanes, Module, constant, kind_of, loop, vector

_BLOCK: Final = 8192
"""The length of a block of a sum, in elements."""

_SHORT: Final = 8
"""Nests of up to so many items sum in several registers side by side: an addition takes four beats."""


def kind(atom: Any) -> str:
    """The kind of a variable's, constant's or root's elements."""
    found = kind_of(atom.aval.dtype)
    assert found is not None
    return found


def memory(name: str) -> str:
    """The type of one element in memory: truth takes a byte."""
    return "i8" if name == "i1" else ELEMENT[name]


@dataclass(slots=True, eq=False)
class Access:
    """One way in which a nest reads or writes memory: `steps` are strides along the nest's axes."""

    root: Any
    offset: int
    steps: Shape
    kind: str


class NestWriter:
    """Writes one nest as a function of pointers to the roots that it touches (`roots`, in order)."""

    def __init__(self, module: Module, schedule: Schedule, index: int, register_bytes: int) -> None:
        nest: Any = schedule.steps[index]
        self.schedule, self.index, self.nest = schedule, index, nest
        self.f = Function(module)
        self.roots: dict[Any, str] = {}
        self.accesses: dict[Any, Access] = {}
        self._collect(nest)
        accesses = list(self.accesses.values())
        self.lengths, steps = merged(nest.shape, [a.steps for a in accesses])
        for access, own in zip(accesses, steps, strict=True):
            access.steps = own
        self.width = self._width(register_bytes)
        self.values: dict[Any, str] = {}
        self.splats: dict[Any, str] = {}
        self.mask = ""
        self.reductions: list[Reduce] = []
        self.carried: list[Reduce] = []  # those along the last axis, kept in registers

    # --- what is touched -----------------------------------------------------------------------

    def _collect(self, nest: Nest) -> None:
        for item in nest.items:
            if isinstance(item, Compute):
                for atom in item.equation.inputs:
                    self._reads(atom, nest)
                out = item.equation.outputs[0]
                if out in self.schedule.stored:
                    self._access(("out", out), Layout.whole(out, out.aval), nest)
            elif isinstance(item, Store):
                self._reads(item.atom, nest)
                self._access(("store", item), item.target, nest)
            else:
                self._reads(item.equation.inputs[0], nest)
                out = item.equation.outputs[0]
                self._pointer(out)
                self.accesses["reduce", item] = Access(out, 0, item.steps, kind(out))

    def _pointer(self, root: Any) -> str:
        return self.roots.setdefault(root, f"%p{len(self.roots)}")

    def _reads(self, atom: Atom, nest: Nest) -> None:
        if uniform(atom) is None and self.schedule.in_registers(atom, self.index) is None:
            self._access(("in", atom), self.schedule.layout(atom), nest)

    def _access(self, key: Any, layout: Layout, nest: Nest) -> None:
        if key in self.accesses:
            return
        self._pointer(layout.root)
        steps = layout.steps() or (0,) * len(nest.shape)
        self.accesses[key] = Access(layout.root, layout.offset, steps, kind(layout.root))

    def _width(self, register_bytes: int) -> int:
        """The lanes of a vector: a register full of the widest kind, or as few as the last axis needs."""
        if not self.lengths:
            return 1
        kinds = [a.kind for a in self.accesses.values()] + [
            kind(i.equation.outputs[0]) for i in self._computed()
        ]
        full = register_bytes // max(4, *(BYTES[k] for k in kinds))
        width = 1
        while width < min(full, self.lengths[-1]):
            width *= 2
        return width

    def _computed(self) -> list[Compute]:
        return [i for i in self.nest.items if isinstance(i, Compute)]

    def lanes(self, name: str) -> Lanes:
        """Instructions on vectors of this kind."""
        return Lanes(self.f, name, self.width)

    # --- loops ---------------------------------------------------------------------------------

    def write(self, name: str) -> list[Any]:
        """Write the function; the roots whose pointers it takes."""
        f = self.f
        for root in self.nest.zeroed:
            fill(f, self._pointer(root), kind(root), root.aval.size, 0)
        self.reductions = [i for i in self.nest.items if isinstance(i, Reduce)]
        self.carried = [i for i in self.reductions if not any(self.accesses["reduce", i].steps[-1:])]
        for item in self.reductions:
            out = item.equation.outputs[0]
            if not self._flushed_once(item):
                fill(f, self._pointer(out), kind(out), out.aval.size, identity(item))
        pointers = {
            key: f.at(self.roots[a.root], a.offset * BYTES[a.kind]) for key, a in self.accesses.items()
        }
        self._outer(0, pointers)
        f.line("ret void")
        f.finish(name, "void", ", ".join(f"ptr {p}" for p in self.roots.values()))
        return list(self.roots)

    def _flushed_once(self, item: Reduce) -> bool:
        """Whether each element of a reduction's result is written exactly once."""
        steps = self.accesses["reduce", item].steps
        blocks = bool(self.lengths) and self.lengths[-1] >= 2 * _BLOCK
        return item in self.carried and all(steps[:-1]) and not blocks and 0 not in self.lengths

    def _outer(self, axis: int, pointers: dict[Any, str]) -> None:
        if axis >= len(self.lengths) - 1:
            self._inner(pointers)
            return

        def body(i: str, carried: list[str]) -> list[str]:
            here = {key: self._moved(p, i, self.accesses[key], axis) for key, p in pointers.items()}
            self._outer(axis + 1, here)
            return carried

        loop(self.f, 0, self.lengths[axis], 1, [], body)

    def _moved(self, pointer: str, i: str, access: Access, axis: int) -> str:
        step = access.steps[axis]
        if step == 0:
            return pointer
        place = i if step == 1 else self.f.value(f"mul nsw i64 {i}, {step}")
        return self.f.value(f"getelementptr {memory(access.kind)}, ptr {pointer}, i64 {place}")

    def _inner(self, pointers: dict[Any, str]) -> None:
        """The last axis: rounds of several vectors, rounds of one, and what is left."""
        self.splats = {}
        for key, access in self.accesses.items():
            if key[0] == "in" and (not access.steps or access.steps[-1] == 0):
                self.splats[key] = self._load_one(pointers[key], access.kind)
        length, width = (self.lengths[-1] if self.lengths else 1), self.width
        starts = [self._start(item) for item in self.carried]
        whole = length // width * width
        if self.carried and length >= 2 * _BLOCK:
            self._blocks(whole, starts, pointers)
            sums = [value for _, value in starts]
        else:
            sums = self._rounds(0, whole, starts, pointers) if whole else [value for _, value in starts]
        if length > whole:
            self.mask = f"<{', '.join(f'i1 {str(k < length - whole).lower()}' for k in range(width))}>"
            sums = self._body(str(whole), sums, pointers)
            self.mask = ""
        for item, value in zip(self.carried, sums, strict=True):
            self._flush(item, value, pointers, self._flushed_once(item))

    def _start(self, item: Reduce) -> tuple[str, str]:
        own = kind(item.equation.outputs[0])
        return vector(own, self.width), constant(identity(item), own, self.width)

    def _rounds(
        self, start: str | int, end: str | int, starts: list[tuple[str, str]], pointers: dict[Any, str]
    ) -> list[str]:
        many = 4 if self.carried and len(self.nest.items) <= _SHORT and isinstance(end, int) else 1
        values = [value for _, value in starts]
        if many > 1 and isinstance(end, int) and isinstance(start, int):
            step = many * self.width
            middle = start + (end - start) // step * step
            if middle > start:
                values = self._side_by_side(start, middle, many, starts, pointers)
                start = middle
        if start == end:
            return values
        types = [(t, v) for (t, _), v in zip(starts, values, strict=True)]
        return loop(self.f, start, end, self.width, types, lambda i, c: self._body(i, c, pointers))

    def _side_by_side(
        self, start: int, end: int, many: int, starts: list[tuple[str, str]], pointers: dict[Any, str]
    ) -> list[str]:
        def body(i: str, carried: list[str]) -> list[str]:
            new: list[str] = []
            for k in range(many):
                at = i if k == 0 else self.f.value(f"add nuw nsw i64 {i}, {k * self.width}")
                new += self._body(at, carried[k * len(starts) : (k + 1) * len(starts)], pointers)
            return new

        found = loop(self.f, start, end, many * self.width, starts * many, body)
        sums = found[: len(starts)]
        for k in range(1, many):
            part = found[k * len(starts) : (k + 1) * len(starts)]
            sums = [self._combined(i, a, b) for i, a, b in zip(self.carried, sums, part, strict=True)]
        return sums

    def _blocks(self, whole: int, starts: list[tuple[str, str]], pointers: dict[Any, str]) -> None:
        """The whole vectors, in blocks each of whose sums goes to memory."""
        f = self.f

        def body(i: str, carried: list[str]) -> list[str]:
            after = f.value(f"add nuw nsw i64 {i}, {_BLOCK}")
            beyond = f.value(f"icmp sgt i64 {after}, {whole}")
            end = f.value(f"select i1 {beyond}, i64 {whole}, i64 {after}")
            sums = self._rounds(i, end, starts, pointers)
            for item, value in zip(self.carried, sums, strict=True):
                self._flush(item, value, pointers, False)
            return carried

        loop(f, 0, whole, _BLOCK, [], body)

    # --- memory --------------------------------------------------------------------------------

    def _load_one(self, pointer: str, own: str) -> str:
        value = self.f.value(f"load {memory(own)}, ptr {pointer}, align {BYTES[own]}")
        if own == "i1":
            value = self.f.value(f"icmp ne i8 {value}, 0")
        return self.lanes(own).splat(value)

    def _place(self, pointer: str, access: Access, i: str) -> str:
        """The pointer to lane 0 at this index; where the step is not 1, pointers to all lanes."""
        element, step = memory(access.kind), access.steps[-1] if access.steps else 1
        if step == 1 or self.width == 1:
            place = i if step == 1 else self.f.value(f"mul nsw i64 {i}, {step}")
            return (
                pointer
                if not access.steps
                else self.f.value(f"getelementptr {element}, ptr {pointer}, i64 {place}")
            )
        first = self.f.value(f"mul nsw i64 {i}, {step}")
        base = self.f.value(f"getelementptr {element}, ptr {pointer}, i64 {first}")
        places = f"<{', '.join(f'i64 {k * step}' for k in range(self.width))}>"
        return self.f.value(f"getelementptr {element}, ptr {base}, <{self.width} x i64> {places}")

    def _load(self, pointer: str, access: Access, i: str) -> str:
        f, width, own = self.f, self.width, access.kind
        place = self._place(pointer, access, i)
        plain = "i8" if own == "i1" else own
        lanes = Lanes(f, plain, width)
        apart = width > 1 and access.steps[-1] != 1
        if not apart and not self.mask:
            value = f.value(f"load {lanes.type}, ptr {place}, align {BYTES[own]}")
        else:
            name, pointers = ("gather", f"<{width} x ptr>") if apart else ("load", "ptr")
            full = f"@llvm.masked.{name}.{lanes.suffix}.{f'v{width}p0' if apart else 'p0'}"
            mask = self.mask or constant(1, "i1", width)
            f.module.declare(f"declare {lanes.type} {full}({pointers}, i32, <{width} x i1>, {lanes.type})")
            value = f.value(
                f"call {lanes.type} {full}({pointers} {place}, i32 {BYTES[own]}, <{width} x i1> {mask}, "
                f"{lanes.type} zeroinitializer)"
            )
        return lanes.compare("ne", value, lanes.const(0)) if own == "i1" else value

    def _store(self, value: str, pointer: str, access: Access, i: str) -> None:
        f, width, own = self.f, self.width, access.kind
        if own == "i1":
            value = self.lanes("i1").cast("zext", value, "i8")
        lanes = Lanes(f, "i8" if own == "i1" else own, width)
        place = self._place(pointer, access, i)
        apart = width > 1 and access.steps[-1] != 1
        if not apart and not self.mask:
            f.line(f"store {lanes.type} {value}, ptr {place}, align {BYTES[own]}")
            return
        name, pointers = ("scatter", f"<{width} x ptr>") if apart else ("store", "ptr")
        full = f"@llvm.masked.{name}.{lanes.suffix}.{f'v{width}p0' if apart else 'p0'}"
        mask = self.mask or constant(1, "i1", width)
        f.module.declare(f"declare void {full}({lanes.type}, {pointers}, i32, <{width} x i1>)")
        f.line(
            f"call void {full}({lanes.type} {value}, {pointers} {place}, i32 {BYTES[own]}, "
            f"<{width} x i1> {mask})"
        )

    # --- one round -----------------------------------------------------------------------------

    def _body(self, i: str, sums: list[str], pointers: dict[Any, str]) -> list[str]:
        self.values = dict(self.splats)
        carried = dict(zip(self.carried, sums, strict=True))
        for item in self.nest.items:
            if isinstance(item, Compute):
                out = item.equation.outputs[0]
                value = self._computed_value(item.equation, i, pointers)
                self.values[out] = value
                if ("out", out) in self.accesses:
                    self._store(value, pointers["out", out], self.accesses["out", out], i)
            elif isinstance(item, Store):
                value = self._operand(item.atom, kind(item.atom), i, pointers)
                self._store(value, pointers["store", item], self.accesses["store", item], i)
            else:
                value = self._operand(item.equation.inputs[0], kind(item.equation.outputs[0]), i, pointers)
                self._reduced(item, value, carried, i, pointers)
        return list(carried.values())

    def _reduced(self, item: Reduce, value: str, carried: dict[Reduce, str], i: str, pointers: Any) -> None:
        key = ("reduce", item)
        if item not in carried:
            before = self._load(pointers[key], self.accesses[key], i)
            self._store(self._combined(item, before, value), pointers[key], self.accesses[key], i)
            return
        total = self._combined(item, carried[item], value)
        if self.mask:
            total = self.lanes(kind(item.equation.outputs[0])).select(self.mask, total, carried[item])
        carried[item] = total

    def _computed_value(self, equation: Equation, i: str, pointers: dict[Any, str]) -> str:
        name, out = equation.primitive.name, equation.outputs[0]

        def operand(k: int, own: str) -> str:
            return self._operand(equation.inputs[k], own, i, pointers)

        if name == "convert":
            return operand(0, kind(out))
        if name == "select":
            return self.lanes(kind(out)).select(
                operand(0, "i1"), operand(1, kind(out)), operand(2, kind(out))
            )
        own = computing_kind(equation)
        args = [operand(k, own) for k in range(len(equation.inputs))]
        return pointwise.RULES[name](self.lanes(own), *args, **equation.params)

    def _operand(self, atom: Atom, own: str, i: str, pointers: dict[Any, str]) -> str:
        """An operand's lanes in this kind."""
        number = uniform(atom)
        if number is not None:
            return constant(number, own, self.width)
        variable = None if isinstance(atom, Literal) else self.schedule.in_registers(atom, self.index)
        key = ("in", atom) if variable is None else variable
        if key not in self.values:
            self.values[key] = self._load(pointers[key], self.accesses[key], i)
        return pointwise.convert(self.lanes(kind(atom)), self.values[key], own)

    # --- reductions ----------------------------------------------------------------------------

    def _combined(self, item: Reduce, a: str, b: str) -> str:
        return combined(item, self.lanes(kind(item.equation.outputs[0])), a, b)

    def _flush(self, item: Reduce, value: str, pointers: dict[Any, str], once: bool) -> None:
        """The lanes put together, and with what is in memory unless this is the `once`."""
        f, own = self.f, kind(item.equation.outputs[0])
        pointer, width = pointers["reduce", item], self.width
        wide = vector(own, width)
        half = width
        lanes = self.lanes(own)
        while half > 1:
            half //= 2
            order = ", ".join(f"i32 {k + half if k < half else k}" for k in range(width))
            other = f.value(f"shufflevector {wide} {value}, {wide} poison, <{width} x i32> <{order}>")
            value = combined(item, lanes, value, other)
        one = Lanes(f, own, 1)
        if width > 1:
            value = f.value(f"extractelement {wide} {value}, i32 0")
        if not once:
            before = f.value(f"load {memory(own)}, ptr {pointer}, align {BYTES[own]}")
            before = f.value(f"icmp ne i8 {before}, 0") if own == "i1" else before
            value = combined(item, one, before, value)
        value = f.value(f"zext i1 {value} to i8") if own == "i1" else value
        f.line(f"store {memory(own)} {value}, ptr {pointer}, align {BYTES[own]}")


def computing_kind(equation: Equation) -> str:
    """The kind in which an elementwise equation computes."""
    name, out = equation.primitive.name, equation.outputs[0]
    if name.startswith("logical_"):
        return "i1"
    if kind(out) != "i1":
        return kind(out)
    strong = [a for a in equation.inputs if not a.aval.weak]
    kinds = {kind(a) for a in strong or equation.inputs}
    return kinds.pop() if len(kinds) == 1 else "f64"


def combined(item: Reduce, lanes: Lanes, a: str, b: str) -> str:
    """Two partial results of a reduction as one."""
    match item.equation.primitive.name:
        case "reduce_sum":
            return lanes.add(a, b, exact=True)
        case "reduce_prod":
            return lanes.mul(a, b, exact=True)
        case "reduce_any":
            return lanes.binary("or", a, b)
        case "reduce_all":
            return lanes.binary("and", a, b)
        case name:
            return pointwise.extreme(lanes, a, b, name == "reduce_max")


def identity(item: Reduce) -> float:
    """What a reduction of nothing gives; a sum of something starts at -0., which changes no number."""
    own, empty = kind(item.equation.outputs[0]), item.equation.inputs[0].aval.size == 0
    match item.equation.primitive.name:
        case "reduce_sum":
            if own == "i1":
                raise unsupported("reduce_sum", "truth values")
            return 0.0 if empty or own[0] != "f" else -0.0
        case "reduce_prod" | "reduce_all":
            return 1
        case "reduce_any":
            return 0
        case name:
            largest = name == "reduce_max"
            if own[0] == "f":
                return -float("inf") if largest else float("inf")
            if own == "i1" or own[0] == "u":
                return 0 if largest else (1 if own == "i1" else (1 << int(own[1:])) - 1)
            bits = int(own[1:]) - 1
            return -(1 << bits) if largest else (1 << bits) - 1


def fill(f: Function, pointer: str, own: str, count: int, value: float) -> None:
    """So many elements of one value."""
    if count == 0:
        return
    text = constant(value, "i8" if own == "i1" else own, 1)
    if count == 1:
        f.line(f"store {memory(own)} {text}, ptr {pointer}, align {BYTES[own]}")
        return

    def body(i: str, carried: list[str]) -> list[str]:
        place = f.value(f"getelementptr {memory(own)}, ptr {pointer}, i64 {i}")
        f.line(f"store {memory(own)} {text}, ptr {place}, align {BYTES[own]}")
        return carried

    loop(f, 0, count, 1, [], body)
