"""What a checkpoint keeps: the values that a policy names, or the best within a budget of bytes.

For every value v that the way ahead computes there are two questions: is it there on the way back (n_v), and
if so, is it computed once more (r_v) rather than kept? A value that is computed once more needs its operands.
With b_v its bytes and c_v the cost of its equation, the sum

    lambda * (bytes kept)  +  (cost of what is computed once more)
        =  sum over v of  lambda b_v n_v + (c_v - lambda b_v) r_v   where r_v needs n_v, and n of its operands

is least at a minimum cut between what is needed on the way back and what is not. The price lambda of a byte
is raised until what is kept fits the budget.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ..core.avals import Aval
from ..core.equation import Equation, Variable
from ..core.program import Program, programs_of
from ..lazy import graphs, sparse

Predicate = Callable[[str, Aval], bool]


@dataclass(frozen=True)
class ByPolicy:
    """Keeps the results of operations with these names, or with a name given by `checkpoint_name`; or those
    of which a predicate of name and type holds.
    """

    names: frozenset[str] = frozenset()
    predicate: Predicate | None = None

    def __call__(self, program: Program, early: int) -> frozenset[Variable]:
        """The variables that are kept of the Program's first equations."""
        found: set[Variable] = set()
        for equation in program.equations[:early]:
            name = equation.params["label"] if equation.primitive.name == "named" else equation.primitive.name
            own = (v for v in equation.outputs if self._picks(name, v.aval))
            found.update(own)
        return frozenset(found)

    def _picks(self, name: str, aval: Aval) -> bool:
        return name in self.names if self.predicate is None else self.predicate(name, aval)


@dataclass(frozen=True)
class Within:
    """Keeps what saves most work within a budget of bytes."""

    budget: int

    def __call__(self, program: Program, early: int) -> frozenset[Variable]:
        """The variables that are kept of the Program's first equations."""
        graph = _Graph(program, early)
        everything = graph.cheapest(0.0)
        if size_of(everything) <= self.budget:
            return everything
        low, high = 0.0, 1.0
        while size_of(best := graph.cheapest(high)) > self.budget:
            low, high = high, high * 16.0
        for _ in range(24):
            middle = (low + high) / 2.0
            found = graph.cheapest(middle)
            if size_of(found) > self.budget:
                low = middle
            else:
                high, best = middle, found
        return best


def bytes_of(aval: Aval) -> int:
    """The bytes of a value."""
    return aval.size * aval.dtype.itemsize


def size_of(variables: Sequence[Variable] | frozenset[Variable]) -> int:
    """The bytes of values together."""
    return sum(bytes_of(v.aval) for v in variables)


def cost_of(equation: Equation) -> float:
    """About how many operations an equation does: the order of magnitude decides."""
    inner = [cost_of_program(body) for _, body in programs_of(equation.params)]
    if inner:
        form = equation.params.get("form")
        return max(inner) * (getattr(form, "length", None) or 16)
    shapes = [a.aval.shape for a in equation.inputs]
    moved = sum(prod(shape) for shape in shapes) + sum(v.aval.size for v in equation.outputs)
    name = equation.primitive.name
    if name == "matmul":
        return 2.0 * equation.outputs[0].aval.size * shapes[0][-1] + moved
    if name in _CUBIC:
        return float(max(prod(s) * s[-1] for s in shapes if s)) + moved
    return float(moved) * (8.0 if name in _SLOW else 1.0)


def cost_of_program(program: Program) -> float:
    """About how many operations a Program does."""
    return 1.0 + sum(map(cost_of, program.equations))


_CUBIC = frozenset(
    (
        "solve",
        "cholesky",
        "eigh",
        "eigvalsh",
        "eig",
        "svd",
        "svdvals",
        "qr",
        "det",
        "slogdet",
        "pinv",
        "lstsq",
    )
)
_SLOW = frozenset(("exp", "log", "sin", "cos", "tan", "tanh", "sech2", "power", "erf", "gammaln", "arctan2"))


class _Graph:
    """The network whose cuts are choices of what is kept."""

    def __init__(self, program: Program, early: int) -> None:
        equations, rest = program.equations[:early], program.equations[early:]
        inputs = set(program.inputs)
        self.values = [v for e in equations for v in e.outputs]
        self.index = {v: k for k, v in enumerate(self.values)}
        self.cost = np.zeros(len(self.values))
        self.bytes = np.array([float(bytes_of(v.aval)) for v in self.values])
        self.needs: set[tuple[int, int]] = set()
        for equation in equations:
            own = [self.index[v] for v in equation.outputs]
            # Equal layers are told apart by a hair: at one price all of them would be kept, or none.
            self.cost[own] = cost_of(equation) / len(own) * (1.0 + 0.01 * (len(self.needs) * 0.618 % 1.0))
            operands = [self.index[a] for a in equation.inputs if isinstance(a, Variable) and a not in inputs]
            self.needs.update((k, operand) for k in own for operand in operands)
        read = [*(a for e in rest for a in e.inputs), *program.outputs]
        self.wanted = sorted({self.index[a] for a in read if isinstance(a, Variable) and a in self.index})

    def cheapest(self, price: float) -> frozenset[Variable]:
        """What is kept at a minimum cut, where a byte kept costs `price`."""
        count = len(self.values)
        if not self.wanted:
            return frozenset()
        if price == 0.0:
            return frozenset(self.values[k] for k in self.wanted)
        source, sink = 2 * count, 2 * count + 1
        keep = price * self.bytes
        total = float(keep.sum() + self.cost.sum()) + 1.0
        arcs: list[tuple[int, int, float]] = []
        for k in range(count):
            # k: there on the way back;  count + k: computed once more. The source's side is yes.
            gain = keep[k] - self.cost[k]
            arcs.append((k, sink, keep[k]))
            arcs.append((source, count + k, gain) if gain > 0 else (count + k, sink, -gain))
            arcs.append((count + k, k, total))
        arcs.extend((count + k, operand, total) for k, operand in self.needs)
        arcs.extend((source, k, total) for k in self.wanted)
        yes = _source_side(arcs, 2 * count + 2, source, sink, total)
        return frozenset(self.values[k] for k in range(count) if yes[k] and not yes[count + k])


def _source_side(
    arcs: Sequence[tuple[int, int, float]], count: int, source: int, sink: int, total: float
) -> Any:
    """Which nodes lie on the source's side of a minimum cut."""
    scale = (2**30 - 1) / total  # SciPy's flows are whole numbers of 32 bits
    tails, heads, sizes = zip(*arcs, strict=True)
    whole = np.ceil(np.asarray(sizes) * scale).astype(np.int32)
    capacity = sparse.csr_matrix((whole, (tails, heads)), shape=(count, count), dtype=np.int32)
    flow = graphs.maximum_flow(capacity, source, sink).flow
    rest = sparse.csr_matrix(capacity - flow)
    rest.data = np.where(rest.data > 0, 1, 0)
    rest.eliminate_zeros()
    reached = graphs.breadth_first_order(rest, source, return_predecessors=False)
    side = np.zeros(count, bool)
    side[reached] = True
    return side
