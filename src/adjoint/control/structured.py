"""Control flow over containers: `cond`, `switch`, `while_loop`, `fori_loop`, `scan`, `associative_scan`.

The functions are staged as Programs, and bound to the primitives `loop` and `switch`. Traced values that they
use from around them become operands, so that derivatives reach them. The state of a loop has one type from
the start to the end: where a round widens its dtype, it starts with the wider one.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..core.avals import Aval, aval_of, describe
from ..core.equation import Equation, Literal, Variable
from ..core.lines import hint_of
from ..core.primitive import Tracer
from ..core.program import Program
from ..core.trace import stage
from ..errors import ArgumentError, ContainerError, DtypeError, ShapeError
from ..primitives.indexing import concatenate, slice_
from ..primitives.promotion import to_dtype
from ..primitives.structure import convert, reshape
from .branch import switch as switch_primitive
from .form import Form
from .loop import loop
from .schedules import Schedule
from .sweep import sweep

Box = type[Tracer]
_INDEX = np.dtype(np.intp)


# --- staging with what is around ---------------------------------------------------------------


class Staged:
    """A function over containers as a Program; `captured` are the traced values that it takes from around it,
    the first inputs of the Program.
    """

    __slots__ = ("captured", "program", "structure")

    def __init__(
        self, function: Callable[..., Any], trees_in: Sequence[Any], avals: Sequence[Aval], box: Box
    ):
        """`trees_in` are the structures of its arguments, `avals` the types of their leaves."""
        found: list[trees.Structure] = []

        def flat(*boxes: Any) -> list[Any]:
            supply = iter(boxes)
            args = [trees.unflatten(s, [next(supply) for _ in range(trees.size(s))]) for s in trees_in]
            leaves, structure = trees.flatten(function(*args))
            found.append(structure)
            return leaves

        name = getattr(function, "__name__", "body")
        program = stage(
            flat,
            avals,
            box=box,
            name=name if name.isidentifier() else "body",
            hints=_hints(function, trees_in),
            record_lines=True,
        )
        self.program, self.captured = closed(program)
        self.structure = found[0]

    def types(self) -> list[Aval]:
        """The types of the results."""
        return [atom.aval for atom in self.program.outputs]


def _hints(function: Callable[..., Any], trees_in: Sequence[Any]) -> list[str | None]:
    """The names of the parameters that are one array."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    names = [] if code is None else code.co_varnames[: code.co_argcount][-len(trees_in) :]
    if len(names) < len(trees_in):
        names = [None] * len(trees_in)
    sizes = map(trees.size, trees_in)
    return [n if k == 1 else None for n, k in zip(names, sizes, strict=True) for _ in range(k)]


def closed(program: Program) -> tuple[Program, list[Any]]:
    """A Program with the traced values among its constants as its first inputs; and these values."""
    inputs: dict[int, tuple[Any, Variable]] = {}

    def variable(atom: Any) -> Any:
        if not isinstance(atom, Literal) or not isinstance(atom.value, Tracer):
            return atom
        if atom.value.owner.level < 0:  # an array of constants
            return Literal(atom.value.value.copy(), atom.aval)
        value, found = inputs.setdefault(
            _identity(atom.value), (atom.value, Variable(atom.aval, hint_of(atom.value)))
        )
        del value
        return found

    equations = tuple(
        Equation(e.primitive, tuple(map(variable, e.inputs)), e.params, e.outputs, e.line)
        for e in program.equations
    )
    outputs = tuple(map(variable, program.outputs))
    whole = Program((*(v for _, v in inputs.values()), *program.inputs), equations, outputs, program.name)
    return whole.without_dead(), [value for value, _ in inputs.values()]


def _identity(value: Tracer) -> int:
    """One number for all boxes of one value."""
    return id(value.extra) if value.extra is not None else id(value.value)


def _fitted(program: Program, wanted: Sequence[Aval], asked: str, names: Sequence[str]) -> Program:
    """The Program with its first results in these dtypes."""
    outs = [atom.aval for atom in program.outputs]
    for name, got, want in zip(names, outs, wanted, strict=False):
        if got.shape != want.shape:
            raise ShapeError(
                f"{asked} whose state keeps its shape",
                f"{name or 'it'} goes from {want} to {got}",
                "Start with the shape that it has after a round, and keep it.",
            )
    if outs[: len(wanted)] == list(wanted):
        return program

    def converted(*boxes: Any) -> list[Any]:
        found = program.evaluate(*boxes)
        first = [to_dtype(v, a.dtype) for v, a in zip(found, wanted, strict=False)]
        return [*map(strong, first), *found[len(wanted) :]]

    return stage(converted, [v.aval for v in program.inputs], name=program.name)


def strong(value: Any) -> Any:
    """A value with the dtype that a Python number has when it meets no other."""
    aval = aval_of(value)
    return convert(value, dtype=aval.dtype, weak=False) if aval.weak else value


def given(asked: str, tree: Any) -> tuple[list[Any], trees.Structure]:
    """The leaves of a state or of operands, as arrays of a fixed type."""
    leaves, structure = trees.flatten(tree)
    for k, leaf in enumerate(leaves):
        if not isinstance(leaf, Tracer | np.ndarray | np.generic | float | int | complex):
            path = trees.paths(tree)[k]
            raise ContainerError(
                f"{asked} of arrays, or containers of them",
                describe(leaf) + (f" at {path}" if path else ""),
                "Keep what is no array out of it: a function can take it from around it.",
            )
    return [strong(leaf) for leaf in leaves], structure


def _padded(program: Program, own: int, before: Sequence[Any], after: Sequence[Any]) -> Program:
    """The Program with further inputs before and after its first `own` ones, which it does not read."""
    head, tail = program.inputs[:own], program.inputs[own:]
    new = [tuple(Variable(aval_of(v)) for v in values) for values in (before, after)]
    return Program((*new[0], *head, *new[1], *tail), program.equations, program.outputs, program.name)


def widened(avals: list[Aval], found: Sequence[Aval]) -> list[Aval]:
    """The types of a state that holds both."""
    return [
        Aval(a.shape, dtypes.result_type((a.dtype, False), (b.dtype, b.weak)))
        for a, b in zip(avals, found, strict=False)
    ]


def _stable(
    asked: str, state: list[Any], structure: trees.Structure, make: Callable[[list[Aval]], Staged]
) -> tuple[list[Any], Staged]:
    """The state in the dtypes that it keeps, and the body staged for them."""
    avals = [aval_of(v) for v in state]
    body = make(avals)
    while (wider := widened(avals, body.types())) != avals:  # it ends: dtypes only grow
        avals = wider
        body = make(avals)
    names = trees.paths(trees.unflatten(structure, state)) if structure is not trees.LEAF else [""]
    body.program = _fitted(body.program, avals, asked, names)
    return [to_dtype(v, a.dtype) for v, a in zip(state, avals, strict=True)], body


def same_structure(asked: str, found: trees.Structure, wanted: trees.Structure) -> None:
    """Raise unless two structures are the same."""
    if found != wanted:
        raise ContainerError(
            f"{asked} that gives back a state like the one it takes", str(found), f"It takes {wanted}."
        )


# --- branches ----------------------------------------------------------------------------------


def switch(index: Any, functions: Sequence[Callable[..., Any]], operands: Sequence[Any], *, box: Box) -> Any:
    """`functions[index](*operands)`; an index out of range counts as the nearest."""
    if not functions:
        raise ArgumentError("switch between functions", "none", "Give at least one.")
    flat = [trees.flatten(tree) for tree in operands]
    leaves = [strong(leaf) for own, _ in flat for leaf in own]
    staged = [Staged(f, [s for _, s in flat], [aval_of(v) for v in leaves], box) for f in functions]
    for other in staged[1:]:
        same_structure("branches", other.structure, staged[0].structure)
    types = staged[0].types()
    for other in staged[1:]:
        types = widened(types, other.types())
    types = [Aval(a.shape, a.dtype) for a in types]
    names = [f"result {k}" for k in range(len(types))]
    captured = [value for s in staged for value in s.captured]
    branches: list[Program] = []
    for k, own in enumerate(staged):
        before = [v for s in staged[:k] for v in s.captured]
        after = [v for s in staged[k + 1 :] for v in s.captured]
        fitted = _fitted(own.program, types, "branches", names)
        branches.append(_padded(fitted, len(own.captured), before, after))
    result = switch_primitive(whole_number(index), *captured, *leaves, branches=tuple(branches))
    return trees.unflatten(staged[0].structure, result)


def whole_number(index: Any) -> Any:
    """A number to choose by."""
    aval = aval_of(index)
    if aval.shape or aval.dtype.kind not in "biu":
        raise DtypeError("a whole number to choose by", describe(index), "Convert it by astype(int).")
    return convert(index, dtype=_INDEX, weak=False)


def cond(
    pred: Any,
    true_function: Callable[..., Any],
    false_function: Callable[..., Any],
    operands: Sequence[Any],
    *,
    box: Box,
) -> Any:
    """`true_function(*operands)` where `pred`, else `false_function(*operands)`."""
    return switch(pred, (false_function, true_function), operands, box=box)


# --- loops -------------------------------------------------------------------------------------


def _bound(args: Sequence[Any], form: Form, schedule: Schedule | None) -> tuple[Any, ...]:
    """The loop's results; a schedule says what is kept for the way back."""
    if schedule is None:
        return loop(*args, form=form)
    return sweep(*args, form=form, schedule=schedule, keep=False)


def while_loop(
    cond_function: Callable[..., Any],
    body_function: Callable[..., Any],
    init: Any,
    *,
    box: Box,
    schedule: Schedule | None = None,
) -> Any:
    """The state after `while cond_function(state): state = body_function(state)`."""
    state, structure = given("while_loop", init)
    state, body = _stable(
        "while_loop", state, structure, lambda avals: Staged(body_function, [structure], avals, box)
    )
    same_structure("a body", body.structure, structure)
    test = Staged(cond_function, [structure], [aval_of(v) for v in state], box)
    if [(a.shape, a.dtype.kind) for a in test.types()] != [((), "b")]:
        raise DtypeError("a condition that is one truth value", str(test.types()), "Write a comparison.")
    consts = [*test.captured, *body.captured]
    form = Form(
        _padded(body.program, len(body.captured), test.captured, ()),
        _padded(test.program, len(test.captured), (), body.captured),
        len(consts),
        len(state),
        None,
    )
    return trees.unflatten(structure, _bound([*consts, *state], form, schedule))


def sequences(asked: str, xs: Any, length: int | None) -> tuple[list[Any], trees.Structure, int]:
    """The leaves of sequences, their structure and their one length."""
    rows, structure = given(asked, xs)
    shapes = [aval_of(row).shape for row in rows]
    lengths = {shape[0] for shape in shapes if shape} | ({int(length)} if length is not None else set())
    if len(lengths) != 1 or not all(shapes) or min(lengths) < 0:
        listed = ", ".join(
            f"{path or 'xs'} {shape}" for path, shape in zip(trees.paths(xs), shapes, strict=True)
        )
        raise ShapeError(
            f"{asked} over sequences of one length",
            (listed or "no sequence") + (f" with length={length}" if length is not None else ""),
            "Give xs with first axes of one length, or length= without them.",
        )
    return rows, structure, lengths.pop()


def scan(
    function: Callable[..., Any],
    init: Any,
    xs: Any,
    *,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
    box: Box,
    schedule: Schedule | None = None,
) -> tuple[Any, Any]:
    """The last state, and the ys stacked, of `state, y = function(state, x)` for each x."""
    state, structure = given("scan", init)
    rows, rows_structure, count = sequences("scan", xs, length)
    elements = [Aval(aval_of(row).shape[1:], aval_of(row).dtype) for row in rows]
    state, body = _stable(
        "scan",
        state,
        structure,
        lambda avals: Staged(_pair(function), [structure, rows_structure], [*avals, *elements], box),
    )
    first, second = trees.parts(body.structure)
    same_structure("a body", first, structure)
    program = _collecting(body.program, len(state))
    form = Form(program, None, len(body.captured), len(state), count, reverse)
    result = _unrolled(form, [*body.captured, *state, *rows], unroll, schedule)
    last = trees.unflatten(structure, result[: len(state)])
    return last, trees.unflatten(second, result[len(state) :])


def _unrolled(form: Form, args: Sequence[Any], unroll: int, schedule: Schedule | None) -> Sequence[Any]:
    """The loop with so many rounds in one, and what remains of it."""
    count = form.length or 0
    many = count // unroll
    if unroll == 1 or many < 1:
        return _bound(args, form, schedule)
    fixed, state, rows = form.parts(args)
    rest = count - many * unroll
    head = slice(rest, count, 1) if form.reverse else slice(0, count - rest, 1)
    tail = slice(0, rest, 1) if form.reverse else slice(count - rest, count, 1)
    grouped = [_grouped(_every(x, head), many, unroll) for x in rows]
    body = _repeated(form, unroll)
    found = _bound(
        [*fixed, *state, *grouped], Form(body, None, form.consts, form.states, many, form.reverse), schedule
    )
    state, ys = form.results(found)
    ys = [reshape(y, shape=(many * unroll, *aval_of(y).shape[2:])) for y in ys]
    if not rest:
        return [*state, *ys]
    short = Form(form.body, None, form.consts, form.states, rest, form.reverse)
    state, more = form.results(_bound([*fixed, *state, *(_every(x, tail) for x in rows)], short, schedule))
    pairs = [(b, a) if form.reverse else (a, b) for a, b in zip(ys, more, strict=True)]
    return [*state, *(concatenate(*pair, axis=0) for pair in pairs)]


def _grouped(x: Any, many: int, unroll: int) -> Any:
    return reshape(x, shape=(many, unroll, *aval_of(x).shape[1:]))


def _repeated(form: Form, unroll: int) -> Program:
    """The body of so many rounds, whose sequences have them along a first axis."""
    types = form.parts([v.aval for v in form.body.inputs])
    avals = [*types[0], *types[1], *(Aval((unroll, *a.shape), a.dtype) for a in types[2])]

    def rounds(*boxes: Any) -> list[Any]:
        fixed, state, rows = form.parts(boxes)
        found: list[list[Any]] = []
        order = range(unroll)
        for i in reversed(order) if form.reverse else order:
            parts = [reshape(_every(x, slice(i, i + 1, 1)), shape=aval_of(x).shape[1:]) for x in rows]
            state, ys = form.results(form.body.evaluate(*fixed, *state, *parts))
            found.append([reshape(y, shape=(1, *aval_of(y).shape)) for y in ys])
        columns = zip(*(reversed(found) if form.reverse else found), strict=True)
        return [*state, *(concatenate(*column, axis=0) for column in columns)]

    return stage(rounds, avals, name=form.body.name)


def _pair(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def body(state: Any, x: Any) -> tuple[Any, Any]:
        result = function(state, x)
        if not isinstance(result, tuple) or len(result) != 2:
            raise ContainerError(
                "a body of scan that gives (state, y)", describe(result), "Return a pair; y may be None."
            )
        return result

    return body


def _collecting(program: Program, states: int) -> Program:
    """The Program with strong types for what is collected."""
    types = [a.aval for a in program.outputs]
    if not any(a.weak for a in types[states:]):
        return program

    def strong(*boxes: Any) -> list[Any]:
        found = program.evaluate(*boxes)
        return [*found[:states], *map(strong, found[states:])]

    return stage(strong, [v.aval for v in program.inputs], name=program.name)


def numbers(lower: int, upper: int) -> Any:
    """The whole numbers of a range, as an array."""
    return np.arange(lower, upper, dtype=_INDEX)


def fori_loop(
    lower: Any,
    upper: Any,
    body: Callable[..., Any],
    init: Any,
    *,
    box: Box,
    schedule: Schedule | None = None,
) -> Any:
    """The state after `for i in range(lower, upper): state = body(i, state)`."""
    if not isinstance(lower, Tracer) and not isinstance(upper, Tracer):
        steps = numbers(int(lower), int(upper))
        return scan(lambda state, i: (body(i, state), None), init, steps, box=box, schedule=schedule)[0]
    start, stop = (convert(v, dtype=_INDEX, weak=False) for v in (lower, upper))
    _, _, last = while_loop(
        lambda s: s[0] < s[1],
        lambda s: (s[0] + 1, s[1], body(s[0], s[2])),
        (start, stop, init),
        box=box,
        schedule=schedule,
    )
    return last


# --- made of these -----------------------------------------------------------------------------


def associative_scan(function: Callable[[Any, Any], Any], elements: Any, *, reverse: bool = False) -> Any:
    """All running results of an associative function of two batches, in about log2(n) calls of it.

    Blelloch, "Prefix sums and their applications", CMU-CS-90-190 (1990): pairs are joined, the half as long
    sequence is solved, and each of its results serves two places.
    """
    leaves, structure = trees.flatten(elements)
    if not leaves or len({aval_of(x).shape[:1] for x in leaves}) != 1 or not aval_of(leaves[0]).shape:
        raise ShapeError(
            "sequences of one length", str([aval_of(x).shape for x in leaves]), "They lie along axis 0."
        )

    def joined(a: list[Any], b: list[Any]) -> list[Any]:
        return trees.flatten(function(trees.unflatten(structure, a), trees.unflatten(structure, b)))[0]

    rows = [_every(x, slice(None, None, -1)) if reverse else x for x in leaves]
    found = _prefixes(joined, [strong(x) for x in rows])
    return trees.unflatten(structure, [_every(x, slice(None, None, -1)) if reverse else x for x in found])


def _prefixes(joined: Callable[[list[Any], list[Any]], list[Any]], rows: list[Any]) -> list[Any]:
    count = aval_of(rows[0]).shape[0]
    if count < 2:
        return rows
    paired = joined(
        [_every(x, slice(0, count - 1, 2)) for x in rows], [_every(x, slice(1, count, 2)) for x in rows]
    )
    odd = _prefixes(joined, paired)
    rest = [_every(x, slice(2, count, 2)) for x in rows]
    even = rest
    if count > 2:
        before = [_every(x, slice(0, aval_of(r).shape[0], 1)) for x, r in zip(odd, rest, strict=True)]
        even = joined(before, rest)
    return [
        _woven(concatenate(_every(x, slice(0, 1, 1)), e, axis=0), o)
        for x, e, o in zip(rows, even, odd, strict=True)
    ]


def _every(x: Any, part: slice) -> Any:
    """A regular part of the first axis."""
    count, *rest = aval_of(x).shape
    start, stop, step = part.indices(count)
    if step < 0:
        return slice_(x, index=(slice(count - 1, None, -1), *(slice(0, n, 1) for n in rest)))
    return slice_(x, index=(slice(start, stop, step), *(slice(0, n, 1) for n in rest)))


def _woven(even: Any, odd: Any) -> Any:
    """Rows in turn from one and from the other."""
    count, *rest = aval_of(odd).shape
    left = _every(even, slice(0, count, 1))
    pairs = concatenate(*(reshape(x, shape=(count, 1, *rest)) for x in (left, odd)), axis=1)
    whole = reshape(pairs, shape=(2 * count, *rest))
    extra = aval_of(even).shape[0] - count
    return concatenate(whole, _every(even, slice(count, count + extra, 1)), axis=0) if extra else whole


def map_rows(function: Callable[..., Any], xs: Any, *, box: Box, schedule: Schedule | None = None) -> Any:
    """`function` of each row, one after the other."""
    return scan(lambda state, x: (state, function(x)), (), xs, box=box, schedule=schedule)[1]
