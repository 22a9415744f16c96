"""`check_grads`: derivatives of a function beside differences taken of it, in each mode and to each order.

The function becomes a `Map` of a list of arrays (`space`); along elements or random directions (`moves`)
differences are taken (`differences`) and compared with jvp and vjp (`judge`). Order 2 checks, in the same
way, the functions that jvp and vjp give; and along one direction the Taylor remainder must fall at its
rate (`taylor`). What was found is a `Report`.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..api.arguments import Argnums, choose, outputs
from ..api.following import followed
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import ArgumentError, CheckError, DataError, DtypeError
from .claims import forward_claim, pulled, pushed, reverse_claim, signs, terms
from .differences import COMPLEX_STEP, SCHEMES, Line, Scheme, measure_noise
from .judge import Claim, Code, Judgement, judge, rule_for
from .moves import Move, Moves
from .report import Report, Row
from .space import Map, Space, Vector, not_analytic, space_of
from .taylor import Order, convergence

MODES = ("fwd", "rev")
UNDECIDED = (Code.BLUNT, Code.NOISY, Code.FAINT, Code.KINK)
REDRAWS = 3
"""How often a random direction without a verdict is drawn again: a kink at the point lies in all of them."""
FEW_OUTPUTS = 16
"""Up to so many outputs each has a pullback of its own; beyond, random sums of them have."""


@dataclass(slots=True)
class _Task:
    """What is asked of a check, and what has been found so far."""

    name: str
    modes: tuple[str, ...]
    scheme: Scheme
    analytic: bool
    rtol: float | None
    atol: float | None
    directions: int | None
    rng: "np.random.Generator"
    rows: list[Row] = field(default_factory=list)


def check_grads(
    function: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = MODES,
    argnums: Argnums | None = None,
    scheme: str = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    directions: int | None = None,
    seed: int = 0,
    symmetric: Sequence[int | str] = (),
) -> Report:
    """Check derivatives of a function against differences of it; raise where they differ.

        |D - D_h| <= atol + rtol max(|D|, |D_h|) + 3 (truncation + rounding of D_h)

    and ||f(x + h v) - its Taylor polynomial of degree `order`|| = O(h^(order+1)).

    Args:
        function: takes arrays, or containers of them, and returns the same; each output is checked.
        *args: where to check. Floating and complex arrays of any shape are moved.
        order: how many times the function is differentiated; order 2 also checks jvp of vjp and the like.
        modes: "fwd" checks `jvp`, "rev" checks `vjp`.
        argnums: positions to check; all that hold floats by default.
        scheme: "forward", "central", "five-point", "richardson", "complex", or "auto" (five-point).
        rtol: the error allowed, relative to the derivative; by default 4 eps^min(p/(p+1), 0.7) for a
            scheme of order p in the dtype's precision eps.
        atol: an absolute error allowed beside it, 0 by default.
        directions: how many random directions; by default each element of arrays up to 48, else 4.
        seed: for the random directions.
        symmetric: arguments, by position or name, of symmetric (Hermitian) matrices, moved as such.

    Returns:
        A `Report`; `str(report)` is readable text.

    Raises:
        CheckError: a derivative differs, or nothing can be said (a kink, NaN, rounding); with function,
            argument, index, both values, scheme and step.
        DataError, DtypeError, ArgumentError: NaN, integers or unknown options are passed.

    >>> def area(r):
    ...     return 3.141592653589793 * r * r
    >>> print(check_grads(area, 2.0, order=1))
    derivatives of area: passed
      fwd, argument 0 (r), 1 element: worst error ...: agrees
      rev, argument 0 (r), 1 element: worst error ...: agrees
      Taylor remainder, fwd: order 2.00, 2 needed
      Taylor remainder, rev: order 2.00, 2 needed

    At a kink, a tie or a bound there is no verdict, and that is an error too.
    """
    report = examine(
        function,
        *args,
        order=order,
        modes=modes,
        argnums=argnums,
        scheme=scheme,
        rtol=rtol,
        atol=atol,
        directions=directions,
        seed=seed,
        symmetric=symmetric,
    )
    if not report.passed:
        raise report.error()
    return report


def examine(
    function: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = MODES,
    argnums: Argnums | None = None,
    scheme: str = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    directions: int | None = None,
    seed: int = 0,
    symmetric: Sequence[int | str] = (),
) -> Report:
    """What `check_grads` finds, without raising where a derivative differs.

    >>> examine(abs, 0.0, order=1).passed
    False
    """
    _require(type(order) is int and order >= 1, "order is 1, 2, ...", order)
    _require(bool(modes) and set(modes) <= set(MODES), 'modes holds "fwd", "rev" or both', modes)
    known = ("auto", *SCHEMES, "complex")
    _require(scheme in known, f"scheme is one of {', '.join(known)}", scheme)
    _require(directions is None or directions >= 1, "directions is None, 1, 2, ...", directions)
    name = getattr(function, "__qualname__", None) or repr(function)
    function = followed(function)  # as every transform sees it
    used = SCHEMES["five-point" if scheme in ("auto", "complex") else scheme]
    rng = np.random.default_rng(seed)
    task = _Task(name, tuple(modes), used, scheme == "complex", rtol, atol, directions, rng)
    top, moves, notes = _start(task, function, args, argnums, symmetric)
    _visit(task, top, moves, "", order, np.zeros_like(top.value))
    orders = [] if any(not row.passed for row in task.rows) else _orders(task, top, moves, order)
    return Report(name, tuple(task.rows), tuple(orders), tuple(notes))


def _start(
    task: _Task,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    argnums: Argnums | None,
    symmetric: Sequence[int | str],
) -> tuple[Map, Moves, list[str]]:
    """The function as a map of the arrays to move, its moves, and what is to be noted."""
    asked = f"check_grads of {task.name}"
    positions, notes = _positions(asked, function, args, argnums)
    chosen = choose(asked, function, args, {}, tuple(positions), None)
    names, owners = _names(function, args, positions)
    inputs = space_of(chosen.leaves, names)
    point = inputs.vector(chosen.leaves)
    _require_finite(asked, inputs, point)
    marked = [_position(function, which, positions) for which in symmetric]
    moves = Moves(inputs, point, [k for k, owner in enumerate(owners) if owner in marked])

    def flat(*leaves: Any) -> list[Any]:
        new_args, new_kwargs = chosen.rebuild(leaves)
        return [leaf for _, leaf in _floating(asked, function(*new_args, **new_kwargs))]

    named = _floating(asked, function(*chosen.rebuild(inputs.leaves(point))[0]))
    top = Map(flat, inputs, point, [path for path, _ in named])
    if not top.outputs.size:
        raise DataError(f"{asked}: it returns arrays with elements", "empty arrays only", "Return some.")
    _require_value(asked, top, [leaf for _, leaf in named])
    if task.analytic and any(dtypes.is_complex(aval.dtype) for aval in (*inputs.avals, *top.outputs.avals)):
        raise not_analytic("a complex array among arguments or results")
    return top, moves, notes


# --- what is asked ---------------------------------------------------------------------------


def _require(holds: bool, asked: str, received: Any) -> None:
    if not holds:
        raise ArgumentError(f"check_grads: {asked}", repr(received), "Mend the option.")


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _label(function: Any, position: int) -> str:
    known = _parameters(function)
    return f"argument {position}" + (f" ({known[position]})" if position < len(known) else "")


def _is_floating(leaf: Any) -> bool:
    known = isinstance(leaf, Tracer | np.ndarray | np.generic | float | int | complex)
    return known and dtypes.is_inexact(aval_of(leaf).dtype)


def _positions(
    asked: str, function: Any, args: tuple[Any, ...], argnums: Argnums | None
) -> tuple[list[int], list[str]]:
    """The arguments to check, and a note for each that is taken as constant."""
    if not args:
        raise ArgumentError(
            asked, "no arguments", "Give the arguments at which to check: check_grads(f, 2.0)."
        )
    if argnums is not None:
        given = [argnums] if isinstance(argnums, int) else list(argnums)
        return [i + len(args) if -len(args) <= i < 0 else i for i in given], []
    moving = [i for i, arg in enumerate(args) if any(map(_is_floating, trees.leaves(arg)))]
    constant = [i for i in range(len(args)) if i not in moving]
    if not moving:
        return list(range(len(args))), []
    return moving, [f"{_label(function, i)}, {describe(args[i])}, is constant" for i in constant]


def _position(function: Any, which: int | str, positions: list[int]) -> int:
    known = _parameters(function)
    found = known.index(which) if which in known else which
    _require(found in positions, "symmetric holds positions or names of arguments that are checked", which)
    return int(found)


def _names(function: Any, args: tuple[Any, ...], positions: list[int]) -> tuple[list[str], list[int]]:
    """Name of each array that is moved, and the argument it is in."""
    names: list[str] = []
    owners: list[int] = []
    for position in positions:
        tree = args[position]
        for path, leaf in zip(trees.paths(tree), trees.leaves(tree), strict=True):
            if _is_floating(leaf):
                names.append(_label(function, position) + path)
                owners.append(position)
    return names, owners


def _floating(asked: str, result: Any) -> list[tuple[str, Any]]:
    """The outputs that have derivatives, with their names."""
    leaves, _ = outputs(asked, result)
    pairs = zip(trees.paths(result), leaves, strict=True)
    found = [(f"output{path}", leaf) for path, leaf in pairs if _is_floating(leaf)]
    if not found:
        raise DtypeError(
            f"{asked}: it returns floating-point numbers or arrays",
            ", ".join(map(describe, leaves)) or "nothing",
            "Return what is to be differentiated.",
        )
    return found


def _require_finite(asked: str, inputs: Space, point: Vector) -> None:
    wrong = np.flatnonzero(~np.isfinite(point))
    if len(wrong):
        where = inputs.name(int(wrong[0]))
        raise DataError(
            f"{asked} at finite numbers", f"{point[wrong[0]]} in {where}", "Choose another point."
        )
    if not inputs.size:
        raise DataError(f"{asked} at arrays with elements", "empty arrays only", "Pass some.")


def _require_value(asked: str, top: Map, first: list[Any]) -> None:
    """The value is finite, and the same when computed again."""
    wrong = np.flatnonzero(~np.isfinite(top.value))
    if len(wrong):
        where = top.outputs.name(int(wrong[0]))
        raise CheckError(
            f"{asked} where its value is finite", f"{top.value[wrong[0]]} in {where}", "Choose another point."
        )
    if not np.array_equal(top.outputs.vector(first), top.value):
        raise CheckError(
            f"{asked}: it gives the same value for the same arguments",
            f"two values that differ by {np.max(np.abs(top.outputs.vector(first) - top.value)):.1e}",
            "Pass random numbers in as arguments, or fix their seed inside.",
        )


# --- the comparisons -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Level:
    """A function to check: the given one, or a derivative of it."""

    function: Map
    moves: Moves
    path: str
    """How it was derived: " over fwd" for the first derivative by jvp."""
    floor: Vector
    """What rounding alone may leave of each output's derivative, where that is zero."""
    noise: tuple[Vector, Vector]
    """The rounding of each output, as seen and as it may hide."""
    moved: list[list[tuple[Move, Line]]]
    """For each array, its moves."""


def _level(task: _Task, function: Map, moves: Moves, path: str, inherited: Vector) -> _Level:
    seen = measure_noise(function, [moves.everywhere(task.rng) for _ in range(2)])
    noise = seen, np.maximum(inherited, seen)
    moved = [
        [(move, _line(task, function, k, move, noise)) for move in moves.of(k, task.directions, task.rng)]
        for k in range(len(function.inputs.avals))
    ]
    return _Level(function, moves, path, 8 * noise[1], noise, moved)


def _line(task: _Task, function: Map, k: int, move: Move, noise: tuple[Vector, Vector]) -> Line:
    return Line(function, task.scheme, function.eps(k), move.direction, noise, analytic=task.analytic)


def _visit(task: _Task, function: Map, moves: Moves, path: str, depth: int, hidden: Vector) -> None:
    """Check the derivatives of a function, and then those of its derivatives.

    `hidden` is the rounding that its outputs may have from the larger values they are derivatives of.
    """
    level = _level(task, function, moves, path, hidden)
    sound = [mode for mode in task.modes if _compare(task, level, mode)]
    if depth == 1:
        return
    for mode in sound:
        if mode == "fwd":
            tangents = function.inputs.leaves(moves.everywhere(task.rng))
            derived, names = pushed(function.function, tangents), function.outputs.names
            inherited = level.noise[1]
        else:
            weights = signs(task.rng, function.outputs.size)
            cotangents = function.outputs.leaves(function.outputs.conjugate(weights))
            derived, names = pulled(function.function, cotangents), function.inputs.names
            inherited = np.abs(weights) @ level.noise[1] / moves.size
        below = Map(derived, function.inputs, function.point, names)
        _visit(task, below, moves, f" over {mode}{path}", depth - 1, inherited)


def _compare(task: _Task, level: _Level, mode: str) -> bool:
    """One row for each argument; whether all agree."""
    function = level.function
    weights, claim = None, forward_claim(function)
    if mode == "rev":
        few = function.outputs.size <= FEW_OUTPUTS
        weights = np.eye(function.outputs.size) if few else signs(task.rng, 4, function.outputs.size)
        claim, weights = reverse_claim(function, weights), None if few else weights
    rows = [_row(task, level, k, claim, weights, mode) for k, moved in enumerate(level.moved) if moved]
    task.rows.extend(rows)
    return all(row.passed for row in rows)


Verdict = Callable[..., Judgement]
"""Judges a move, along a line or one made for it."""


def _row(task: _Task, level: _Level, k: int, claim: Claim, weights: Vector | None, mode: str) -> Row:
    """The worst of all moves of the k-th array."""
    function, moved = level.function, level.moved[k]
    floor = level.floor if weights is None else np.abs(weights) @ level.floor
    scheme = None if task.analytic else task.scheme
    rule = rule_for(scheme, function.eps(k), task.rtol, task.atol, floor)

    def verdict(move: Move, line: Line | None = None, scale: float = 0.0) -> Judgement:
        return judge(line or _line(task, function, k, move, level.noise), claim, weights, rule, scale)

    ranked = [_drawn(task, level, k, verdict, *pair) for pair in moved]
    scale = max(judgement.size for judgement, _ in ranked)
    for i, (judgement, move) in enumerate(ranked):
        if judgement.code in UNDECIDED:
            ranked[i] = verdict(move, moved[i][1] if move is moved[i][0] else None, scale), move
    worst, move = _narrowed(level.moves, verdict, *max(ranked, key=lambda pair: pair[0].badness))
    own = max(abs(worst.claimed), abs(worst.found))
    if worst.code is Code.AGREES:
        own = max(own, scale)
        if own <= worst.allowed:  # a zero to rounding: beside the size of what was rounded
            own = max(own, float(floor[worst.output]) / (4 * function.output_eps))
    unit = 1.0 if move.element is None else float(worst.direction[move.element])
    count, what = len(moved), "random direction" if moved[0][0].element is None else "element"
    return Row(
        mode=mode + level.path,
        argument=function.inputs.names[k],
        checked=f"{count} {what}{'' if count == 1 else 's'}",
        place=_place(function, k, move, worst, weights),
        derivative=worst.claimed / unit,
        difference=worst.found / unit,
        error=abs(worst.claimed - worst.found) / own if own else 0.0,
        allowed=worst.allowed / own if own else 0.0,
        scheme="complex" if task.analytic else task.scheme.name,
        step=(COMPLEX_STEP if task.analytic else worst.step) * float(np.max(np.abs(move.direction))),
        code=worst.code,
    )


def _drawn(
    task: _Task, level: _Level, k: int, verdict: Verdict, move: Move, line: Line
) -> tuple[Judgement, Move]:
    """The verdict on a move; a random one is drawn again while there is none."""
    found = verdict(move, line)
    for _ in range(REDRAWS if move.element is None else 0):
        if found.code not in UNDECIDED:
            break
        move = level.moves.of(k, 1, task.rng)[0]
        found = verdict(move)
    return found, move


def _narrowed(moves: Moves, verdict: Verdict, worst: Judgement, move: Move) -> tuple[Judgement, Move]:
    """A random direction that failed, halved while a half fails: down to an element, if it can be."""
    while worst.code is not Code.AGREES and move.element is None:
        halves = [(verdict(half), half) for half in moves.halves(move)]
        finer = max(halves, key=lambda pair: pair[0].badness)
        if finer[0].code is Code.AGREES:
            break
        worst, move = finer
    return worst, move


def _place(function: Map, k: int, move: Move, worst: Judgement, weights: Vector | None) -> str:
    """Where in the argument, and in the output."""
    names, element = function.inputs, move.element
    where = names.name(element) if element is not None else f"{names.names[k]} along a random direction"
    if weights is not None:
        return f"{where}, of a random sum of outputs"
    return where + (f", of {function.outputs.name(worst.output)}" if function.outputs.size > 1 else "")


# --- the Taylor remainder --------------------------------------------------------------------


def _orders(task: _Task, top: Map, moves: Moves, order: int) -> list[Order]:
    """The remainder's order in each mode, from the clearest of up to three directions."""
    eps = max(top.eps(k) for k in range(len(top.inputs.avals)))
    found: list[Order] = []
    for mode in task.modes:
        tries: list[Order] = []
        while len(tries) < 3 and not (tries and tries[-1].passed):
            direction = moves.everywhere(task.rng)
            weights = None if mode == "fwd" else signs(task.rng, 1, top.outputs.size)
            series = terms(top, direction, weights, order)
            tries.append(convergence(top, direction, series, weights, eps, mode))
        found.append(tries[-1])
    return found
