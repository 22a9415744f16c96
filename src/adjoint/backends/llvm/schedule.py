"""Which equations share a loop nest, and in which order the nests and the other steps run.

An elementwise equation joins the first nest of its shape in which its operands are known: producers and
consumers fuse, and so do siblings. A reduction joins the nest of its operand. Reshaping, slicing and
broadcasting move no element. What a later step reads is put into memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ...core.avals import Aval, Shape
from ...core.equation import Atom, Equation, Literal, Variable
from ...core.program import Program
from .layout import Layout, gemm_form, row_major, squeezed, unsupported
from .pointwise import RULES
from .simplify import uniform
from .text import kind_of

_LARGEST = 700
"""So many equations at most share a nest: the time to compile one grows faster than its size."""

POINTWISE: Final = frozenset((*RULES, "select", "convert"))
VIEWS: Final = frozenset(("reshape", "broadcast", "permute", "slice"))
REDUCTIONS: Final = frozenset(
    ("reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_any", "reduce_all")
)
ASSEMBLED: Final = frozenset(("embed", "concatenate"))
STEPS: Final = frozenset(("matmul", "loop", "switch"))


@dataclass(slots=True, eq=False)
class Root:
    """Memory that no variable of the Program stands for: a copy, or a result's own place."""

    aval: Aval


@dataclass(frozen=True, slots=True, eq=False)
class Compute:
    """An elementwise equation in a nest."""

    equation: Equation


@dataclass(frozen=True, slots=True, eq=False)
class Reduce:
    """A reduction in a nest; `steps` are its result's strides along the nest's axes, 0 where it reduces."""

    equation: Equation
    steps: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """The value of an atom put into a part of some memory."""

    atom: Atom
    target: Layout


Item = Compute | Reduce | Store


@dataclass(slots=True, eq=False)
class Nest:
    """Loops over a shape (without axes of length 1), and what happens in them, in order.

    `zeroed` are the memories to be filled with zeros before.
    """

    shape: Shape
    items: list[Item] = field(default_factory=list)
    zeroed: list[Any] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Call:
    """An equation that is a step of its own; `operands` say where its inputs lie."""

    equation: Equation
    operands: list[Layout]


Step = Nest | Call


class Schedule:
    """The steps of one Program. `where` says where each variable lies, `results` which memory each output
    is in.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.where: dict[Atom, Layout] = {v: Layout.whole(v, v.aval) for v in program.inputs}
        self.nest_of: dict[Any, int] = {}  # the nest whose registers hold a root
        self.ready: dict[Any, int] = {}  # the first step that finds a root in memory
        self.stored: set[Any] = set()
        self.by_shape: dict[Shape, list[int]] = {}
        for equation in program.equations:
            self._place(equation)
        self.results = [self._result(a, k) for k, a in enumerate(program.outputs)]
        self._mark_stored()

    # --- reading -------------------------------------------------------------------------------

    def layout(self, atom: Atom) -> Layout:
        """Where an operand lies; a constant is its own root."""
        found = self.where.get(atom)
        if found is None:
            found = self.where[atom] = Layout.whole(atom, atom.aval)
        return found

    def in_registers(self, atom: Atom, nest: int) -> Variable | None:
        """The variable whose value in this nest's registers serves as this operand."""
        own = self.nest_of.get(atom)
        if own is not None:
            return atom if own == nest and isinstance(atom, Variable) else None
        layout = self.layout(atom)
        root = layout.root
        fits = self.nest_of.get(root) == nest and layout.is_plain()
        return root if fits and squeezed(layout.shape) == squeezed(root.aval.shape) else None

    def _earliest(self, atom: Atom, shape: Shape) -> int:
        """The first nest of this shape that can read the operand."""
        if isinstance(atom, Literal):
            return 0
        own = self.nest_of.get(atom)
        if own is not None:
            step = self.steps[own]
            return own if isinstance(step, Nest) and step.shape == shape else own + 1
        layout = self.layout(atom)
        nest = self.nest_of.get(layout.root)
        if nest is None:
            return self.ready.get(layout.root, 0)
        same = squeezed(layout.shape) == shape and self.in_registers(atom, nest) is not None
        return nest if same else nest + 1

    # --- placing -------------------------------------------------------------------------------

    def _place(self, equation: Equation) -> None:
        name = equation.primitive.name
        for atom in (*equation.inputs, *equation.outputs):
            if kind_of(atom.aval.dtype) is None:
                raise unsupported(f"{name} of {atom.aval.dtype}", atom.aval)
        if name in VIEWS:
            self._view(equation)
        elif name in POINTWISE:
            out = equation.outputs[0]
            index = self._join(squeezed(out.aval.shape), equation.inputs, Compute(equation))
            self.where[out], self.nest_of[out] = Layout.whole(out, out.aval), index
        elif name in REDUCTIONS:
            self._reduce(equation)
        elif name in ASSEMBLED:
            self._assemble(equation)
        elif name in STEPS:
            self._step(equation)
        else:
            raise unsupported(f"the primitive {name}", ", ".join(str(a.aval) for a in equation.inputs))

    def _join(self, shape: Shape, reads: tuple[Atom, ...], item: Item, zeroed: Any = None) -> int:
        """Put an item into a nest of this shape; which."""
        earliest = max((self._earliest(a, shape) for a in reads), default=0)
        nests = self.by_shape.setdefault(shape, [])
        for index in nests:
            nest: Any = self.steps[index]
            if index >= earliest and len(nest.items) < _LARGEST:
                break
        else:
            index, nest = len(self.steps), Nest(shape)
            self.steps.append(nest)
            nests.append(index)
        nest.items.append(item)
        if zeroed is not None:
            nest.zeroed.append(zeroed)
        return index

    def _view(self, equation: Equation) -> None:
        source, params = equation.inputs[0], equation.params
        layout = self.layout(source)
        out = equation.outputs[0]
        match equation.primitive.name:
            case "broadcast":
                moved = layout.broadcast(params["shape"])
            case "permute":
                moved = layout.permute(params["axes"])
            case "slice":
                moved = layout.slice(params["index"])
            case _:
                moved = layout.reshape(params["shape"]) or self._copied(source).reshape(params["shape"])
        assert moved is not None
        self.where[out] = moved

    def _copied(self, atom: Atom) -> Layout:
        """The value in memory of its own, in one piece."""
        root = Root(Aval(atom.aval.shape, atom.aval.dtype))
        target = Layout.whole(root, root.aval)
        self._write(atom, target)
        return target

    def _write(self, atom: Atom, target: Layout, zeroed: Any = None) -> None:
        index = self._join(squeezed(atom.aval.shape), (atom,), Store(atom, target), zeroed)
        self.ready[target.root] = max(index + 1, self.ready.get(target.root, 0))
        self.stored.add(target.root)

    def _reduce(self, equation: Equation) -> None:
        source, out = equation.inputs[0], equation.outputs[0]
        aval, axes = source.aval, equation.params["axes"]
        name = equation.primitive.name
        if aval.size == 0 and out.aval.size and name in ("reduce_max", "reduce_min"):
            raise unsupported(f"{name} of nothing", aval)
        kept = iter(row_major(out.aval.shape))
        steps = [0 if axis in axes else next(kept) for axis in range(aval.ndim)]
        steps = tuple(s for s, n in zip(steps, aval.shape, strict=True) if n != 1)
        index = self._join(squeezed(aval.shape), (source,), Reduce(equation, steps))
        self.where[out], self.ready[out] = Layout.whole(out, out.aval), index + 1
        self.stored.add(out)

    def _assemble(self, equation: Equation) -> None:
        """Memory written part by part."""
        out, params, inputs = equation.outputs[0], equation.params, equation.inputs
        whole = Layout.whole(out, out.aval)
        if equation.primitive.name == "embed":
            self._write(inputs[0], whole.slice(params["index"]), zeroed=out)
        else:
            start, axis = 0, params["axis"]
            for atom in inputs:
                index = [slice(0, n, 1) for n in out.aval.shape]
                index[axis] = slice(start, start + atom.aval.shape[axis], 1)
                self._write(atom, whole.slice(tuple(index)))
                start += atom.aval.shape[axis]
        self.where[out] = whole

    def _step(self, equation: Equation) -> None:
        operands: list[Layout] = []
        for place, atom in enumerate(equation.inputs):
            layout = self.layout(atom)
            fits = layout.is_plain()
            if equation.primitive.name == "matmul":
                fits = gemm_form(layout, place == 1) is not None
            operands.append(layout if fits and uniform(atom) is None else self._copied(atom))
        self.steps.append(Call(equation, operands))
        for out in equation.outputs:
            self.where[out], self.ready[out] = Layout.whole(out, out.aval), len(self.steps)
            self.stored.add(out)

    # --- results -------------------------------------------------------------------------------

    def _result(self, atom: Atom, place: int) -> Any:
        """The root whose whole memory is the output: the variable's own where that can be, else a copy."""
        if kind_of(atom.aval.dtype) is None:
            raise unsupported("results", atom.aval)
        layout = self.layout(atom)
        earlier = [self.where[a].root for a in self.program.outputs[:place]]
        outer = isinstance(layout.root, Literal) or layout.root in self.program.inputs
        fits = layout.is_plain() and not outer and layout.root not in earlier
        if fits and layout.root.aval.size == atom.aval.size:
            self.stored.add(layout.root)
            return layout.root
        return self._copied(atom).root

    def _mark_stored(self) -> None:
        """What another step than its own reads goes into memory."""
        for index, step in enumerate(self.steps):
            for atom in _reads(step):
                if self.in_registers(atom, index) is None:
                    self.stored.add(self.layout(atom).root)
            if isinstance(step, Call):
                self.stored.update(o.root for o in step.operands)


def _reads(step: Step) -> Iterator[Atom]:
    """The operands of a nest that are variables."""
    for item in step.items if isinstance(step, Nest) else ():
        atoms = (item.atom,) if isinstance(item, Store) else item.equation.inputs
        yield from (a for a in atoms if isinstance(a, Variable))
