"""Runs a program in every mode and compares: plain NumPy, forward, reverse, batches, stages, tensors, twice.

Values must be NumPy's bit by bit where the same operations run, with its shapes, dtypes and kinds (array or
number). Derivatives must agree with each other up to rounding and with differences of the plain run.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import adjoint as ad

from . import inputs
from .differences import STEPS, Slope, disagreement, slopes, wide
from .programs import Program, evaluated, listed

ROUNDING = 2e-11
"""Of double precision, relative to the size of what is summed: some 10^5 roundings."""


class Wrong(AssertionError):
    """A property does not hold."""


def directions(values: Sequence[Any], start: int) -> list[Any]:
    """Arrays like these, in general position."""
    found: list[Any] = []
    for i, value in enumerate(values):
        array = np.asarray(value)
        made = inputs.values(array.shape, start + 11 * i, str(array.dtype))
        found.append(made if isinstance(value, np.ndarray) else made[()])
    return found


def shaped(results: Sequence[Any], like: Any) -> Any:
    """A list of results as the function returns them."""
    return tuple(results) if isinstance(like, tuple) else results[0]


def paired(cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[float, float]:
    """Re <w, t>, and the size of what is summed."""
    with np.errstate(invalid="ignore"):
        products = [wide(w) * wide(t) for w, t in zip(cotangents, tangents, strict=True)]
        return sum(float(np.sum(p).real) for p in products), sum(float(np.sum(np.abs(p))) for p in products)


def alike(got: Any, want: Any, what: str, *, number: bool = False) -> None:
    """Equal shape and dtype; on request a number of NumPy's where NumPy has one, no array without axes.

    The reverse, a number for an array without axes, is let through: NumPy makes numbers of such arrays in
    every operation itself, and what a traced one can do does not depend on it.
    """
    if number and isinstance(got, np.ndarray) and not isinstance(want, np.ndarray):
        raise Wrong(f"{what}: a {type(got).__name__} where NumPy has a {type(want).__name__}")
    if not isinstance(got, np.ndarray | np.generic | float | complex | int):
        raise Wrong(f"{what}: a {type(got).__name__}, which is no plain value")
    if np.shape(got) != np.shape(want):
        raise Wrong(f"{what}: shape {np.shape(got)} where {np.shape(want)} was expected")
    if np.asarray(got).dtype != np.asarray(want).dtype:
        raise Wrong(f"{what}: {np.asarray(got).dtype} where {np.asarray(want).dtype} was expected")


def identical(got: Any, want: Any, what: str) -> None:
    """Equal bit by bit."""
    gots, wants = listed(got), listed(want)
    if len(gots) != len(wants):
        raise Wrong(f"{what}: {len(gots)} results where {len(wants)} were expected")
    for a, b in zip(gots, wants, strict=True):
        alike(a, b, what, number=True)
        if np.ascontiguousarray(a).tobytes() != np.ascontiguousarray(b).tobytes():
            raise Wrong(f"{what}:\n{a!r}\nwhere NumPy has\n{b!r}")


def close(got: Any, want: Any, what: str, slack: float = ROUNDING) -> None:
    """Equal up to rounding, relative to the largest element."""
    gots, wants = listed(got), listed(want)
    if len(gots) != len(wants):
        raise Wrong(f"{what}: {len(gots)} results where {len(wants)} were expected")
    for a, b in zip(gots, wants, strict=True):
        if np.shape(a) != np.shape(b):
            raise Wrong(f"{what}: shape {np.shape(a)} where {np.shape(b)} was expected")
        a, b = wide(a), wide(b)
        size = np.max(np.abs(b), initial=1.0, where=np.isfinite(b))
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= slack * size
        if not np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))):
            raise Wrong(f"{what}:\n{a!r}\nwhere\n{b!r}\nwas expected")


def as_numpy(program: Program, got: Any, want: Any, what: str, slack: float = ROUNDING) -> None:
    """Bit by bit as NumPy's; up to rounding where other operations run."""
    exact = "rounded" not in program.flags and "complex" not in program.script
    gots, wants = listed(got), listed(want)
    for a, b in zip(gots, wants, strict=True):
        alike(a, b, what, number=True)
    if exact:
        identical(got, want, what)
    else:
        close(got, want, what, slack)


def plainly(program: Program) -> list[Any]:
    """The results of a plain run."""
    return program.at(program.arguments())


def along(program: Program, moves: Sequence[Any], *, double: bool = False) -> list[Slope]:
    """Differences of the plain run along a direction."""
    point = program.arguments(double=double)
    return slopes(lambda t: program.at([x + t * m for x, m in zip(point, moves, strict=True)], double=double))


def first_derivatives(program: Program) -> int:
    """Values, forward and reverse against NumPy and differences; how many elements were judged."""
    want = plainly(program)
    point = program.arguments()
    moves, weights = directions(point, 3), directions(want, 29)
    function = program.function()
    value, tangent = ad.jvp(function, point, tuple(moves))
    unchanged(program, point)
    as_numpy(program, value, want, "the value of jvp")
    for t, v in zip(listed(tangent), want, strict=True):
        alike(t, v, "the tangent")
    value, pull = ad.vjp(program.function(), *point)
    unchanged(program, point)
    as_numpy(program, value, want, "the value of vjp")
    cotangents = pull(shaped(weights, value))
    for c, x in zip(cotangents, point, strict=True):
        alike(c, x, "the cotangent")
    forward, size = paired(weights, listed(tangent))
    reverse, other = paired(cotangents, moves)
    if not abs(forward - reverse) <= ROUNDING * max(1.0, size, other):
        raise Wrong(f"<w, Jv> is {forward}, <J^T w, v> is {reverse}")
    found = along(program, moves)
    for t, slope in zip(listed(tangent), found, strict=True):
        said = disagreement(t, slope)
        if said:
            raise Wrong(said)
    return sum(int(np.sum(s.judged)) for s in found)


def unchanged(program: Program, point: Sequence[Any]) -> None:
    """The caller's arrays are as they were."""
    for x, fresh in zip(point, program.arguments(), strict=True):
        identical(x, fresh, "an argument after the call")


def loss_of(function: Any, weights: Sequence[Any]) -> Any:
    """A real number of all results, that is curved."""

    def loss(*values: Any) -> Any:
        total = 0.0
        for w, r in zip(weights, listed(function(*values)), strict=True):
            product = w * r
            total = total + np.sum(np.real(product) + 0.5 * np.real(product) ** 2)
        return total

    return loss


def other_traces(program: Program) -> None:
    """Gradients, tensors, and (where Python does not look at values) batches and stages."""
    want = plainly(program)
    point = program.arguments()
    weights = directions(want, 29)
    every = tuple(range(len(point)))
    loss = loss_of(program.function(), weights)
    with np.errstate(all="ignore"):
        plain = loss_of(program.function(), weights)(*program.arguments())
    value, gradient = ad.value_and_grad(loss, every)(*point)
    close(value, plain, "the value of value_and_grad")
    for g, x in zip(gradient, point, strict=True):
        alike(g, x, "the gradient")
    if "followed" not in program.flags:
        _tensors(program, weights, gradient)
    if "by value" not in program.flags:
        _batch(program)
        _stage(program, want, weights, gradient)


def _tensors(program: Program, weights: Sequence[Any], gradient: Sequence[Any]) -> None:
    """The tape's gradients. Leaves may not be written into, so the program gets products, where they lie
    alike.

    A tensor without axes is an array, which statements change, and no number, which they replace: programs
    that write get no numbers.
    """
    point = program.arguments()
    if any((x * 1).strides != x.strides for x in map(np.asarray, point)):
        return
    if "writes" in program.flags and not all(isinstance(x, np.ndarray) for x in point):
        return
    leaves = [ad.tensor(x, requires_grad=True) for x in point]
    loss = loss_of(program.function(), weights)(*(leaf * 1 for leaf in leaves))
    if isinstance(loss, ad.Tensor) and loss.requires_grad:
        loss.backward()
    for leaf, g in zip(leaves, gradient, strict=True):
        got = np.zeros_like(g) if leaf.grad is None else leaf.grad.numpy()
        close(got, g, "the gradient of a tensor")


def _batch(program: Program) -> None:
    point = program.arguments()
    others = [x * x.dtype.type(0.97) for x in map(np.asarray, point)]
    batches = [np.stack([np.asarray(x), y]) for x, y in zip(point, others, strict=True)]
    got = listed(ad.vmap(program.function())(*batches))
    for i in range(2):
        with np.errstate(all="ignore"):  # an example lies in memory as the batch does, not as the input did
            want = listed(program.function()(*(b[i].copy("K") for b in batches)))
        for g, w in zip(got, want, strict=True):
            alike(np.asarray(g[i]), np.asarray(w), f"example {i} of a batch")
        close([g[i] for g in got], want, f"example {i} of a batch")


def _stage(program: Program, want: Sequence[Any], weights: Sequence[Any], gradient: Sequence[Any]) -> None:
    point = program.arguments()
    staged = ad.trace(program.function())(*point)
    with np.errstate(all="ignore"):
        values = listed(staged(*point))
    for g, w in zip(values, want, strict=True):
        alike(np.asarray(g), np.asarray(w), "the staged value")
        close(g, w, "the staged value")
    every = tuple(range(len(point)))
    slope = ad.trace(ad.grad(loss_of(program.function(), weights), every))(*point)
    with np.errstate(all="ignore"):  # a Program does not tell the equations of a derivative from others
        close(listed(slope(*point)), list(gradient), "the staged gradient")


def second_derivatives(program: Program) -> int:
    """Forward over reverse and reverse over reverse, against differences of the gradient.

    Each run gets captured arrays of its own. Where a shape changes nearby there are no differences.
    """
    want = plainly(program)
    point = program.arguments()
    weights, moves = directions(want, 29), directions(point, 3)
    every = tuple(range(len(point)))

    def slope() -> Any:
        return ad.grad(loss_of(program.function(), weights), every)

    _, forward = ad.jvp(slope(), point, tuple(moves))
    found: list[Slope] = []
    if "once" not in program.flags and _steady(program, moves, want):
        found = slopes(lambda t: slope()(*_moved(program, moves, t)))
        for f, s in zip(forward, found, strict=True):
            said = disagreement(f, s, 1e-8)
            if said:
                raise Wrong(f"forward over reverse: {said}")
    gradient = slope()

    def against(*values: Any) -> Any:
        return sum(np.sum(np.real(g * m)) for g, m in zip(gradient(*values), moves, strict=True))

    reverse = ad.grad(against, every)(*point)
    judged = bool(found) and all(np.all(s.judged) for s in found)
    for r, f in zip(reverse, forward, strict=True):
        alike(r, f, "reverse over reverse")
        if judged:
            close(r, f, "reverse over reverse beside forward over reverse", 1e-8)
    return sum(int(np.sum(s.judged)) for s in found)


def _steady(program: Program, moves: Sequence[Any], want: Sequence[Any]) -> bool:
    """Whether the results have the same shapes all along the differences."""
    for step in STEPS:
        for m in (-4, -2, -1, 1, 2, 4):
            point = [x + m * step * v for x, v in zip(program.arguments(), moves, strict=True)]
            if any(np.shape(a) != np.shape(b) for a, b in zip(program.at(point), want, strict=True)):
                return False
    return True


def _moved(program: Program, moves: Sequence[Any], t: float) -> list[Any]:
    fresh = program.arguments()
    for x, m in zip(fresh, moves, strict=True):
        if isinstance(x, np.ndarray):
            x[...] = x + t * m
    return [x if isinstance(x, np.ndarray) else x + t * m for x, m in zip(fresh, moves, strict=True)]


def single_precision(program: Program) -> int:
    """Tangents and cotangents in float32 beside those by differences in double precision.

    The tolerance is what single precision makes of value and derivative: their own rounding, and how much
    they change when the inputs change by a rounding.
    """
    want = plainly(program)
    point = program.arguments()
    moves, weights = directions(point, 3), directions(want, 29)
    eps = float(np.finfo(np.float32).eps)
    casts = "casts" in program.flags
    slack = 64 * eps * (64 if casts else 1 + _sensitivity(program))
    value, tangent = ad.jvp(program.function(), point, tuple(moves))
    _single_value(program, value, want, slack)
    value, pull = ad.vjp(program.function(), *point)
    _single_value(program, value, want, slack)
    cotangents = pull(shaped(weights, value))
    for c, x in zip(cotangents, point, strict=True):
        alike(c, x, "the cotangent")
    for t, v in zip(listed(tangent), want, strict=True):
        alike(t, v, "the tangent")
    if casts:
        return 0
    found = along(program, [_double(m) for m in moves], double=True)
    nudged = _nudged(program, moves)
    judged, worst = 0, 1.0
    for t, s, n in zip(listed(tangent), found, nudged, strict=True):
        if s.value.shape != n.value.shape or np.shape(t) != s.value.shape:
            continue
        change = np.max(np.abs(s.value - n.value), initial=0.0, where=s.judged & n.judged) / NUDGE
        size = np.max(np.abs(s.value), initial=1.0, where=s.judged)
        worst = max(worst, (size + change) / size)
        said = disagreement(t, s, 64 * eps * (size + change) / size)
        if said:
            raise Wrong(f"in single precision {said}")
        judged += int(np.sum(s.judged))
    forward, size = paired(weights, listed(tangent))
    reverse, other = paired(cotangents, moves)
    if judged and not abs(forward - reverse) <= 2**8 * eps * worst * max(1.0, size, other):
        raise Wrong(f"in single precision <w, Jv> is {forward}, <J^T w, v> is {reverse}")
    return judged


def _single_value(program: Program, value: Any, want: Sequence[Any], slack: float) -> None:
    """As NumPy's run; or nearer to the run in double precision: some of SciPy's solvers stop early in
    single.
    """
    try:
        as_numpy(program, value, want, "the value", slack)
    except Wrong:
        for got, plain in zip(listed(value), want, strict=True):
            alike(got, plain, "the value", number=True)
        if "rounded" not in program.flags or "casts" in program.flags:
            raise
        close(value, program.at(program.arguments(double=True), double=True), "the value", slack)


def _sensitivity(program: Program) -> float:
    """How much the results change with the inputs, relative to the sizes of both."""
    point = program.arguments(double=True)
    here = program.at(point, double=True)
    there = program.at([x * (1 + NUDGE) for x in point], double=True)
    worst = 0.0
    for a, b in zip(map(wide, here), map(wide, there), strict=True):
        if a.shape == b.shape and a.size:
            change = np.abs(a - b) / NUDGE
            worst = max(worst, float(np.max(change) / max(1.0, np.max(np.abs(a)))))
    return worst


NUDGE = 1e-4


def _double(value: Any) -> Any:
    return np.asarray(value).astype(np.complex128 if np.asarray(value).dtype.kind == "c" else np.float64)


def _nudged(program: Program, moves: Sequence[Any]) -> list[Slope]:
    """Differences at inputs that are off by a little."""
    point = [
        x * (1 + NUDGE * np.asarray(m).real)
        for x, m in zip(program.arguments(double=True), moves, strict=True)
    ]
    wide_moves = [_double(m) for m in moves]
    return slopes(
        lambda t: program.at([x + t * m for x, m in zip(point, wide_moves, strict=True)], double=True)
    )


def types_and_values(program: Program) -> None:
    """Shapes, dtypes and values as NumPy's in every mode, derivatives in the dtypes of inputs and outputs."""
    want = plainly(program)
    point = program.arguments()
    moves, weights = directions(point, 3), directions(want, 29)
    eps = max(map(_eps, (*want, *point, *(evaluated(text) for _, text in program.captured))))
    with np.errstate(
        all="ignore"
    ):  # as in the plain run: zeros are divided by, roots taken of negative numbers
        value, tangent = ad.jvp(program.function(), point, tuple(moves))
        reverse, pull = ad.vjp(program.function(), *point)
        staged = listed(ad.trace(program.function())(*point)(*point))[0]
        batch = listed(ad.vmap(program.function())(*(np.stack([np.asarray(x)] * 2) for x in point)))[0]
        # in a batch of Python's numbers each is one of NumPy's
        example = listed(program.function()(*(x if np.ndim(x) else np.asarray(x)[()] for x in point)))
    for mode, got in {"jvp": value, "vjp": reverse, "trace": staged}.items():
        alike(got, want[0], f"the value of {mode}", number=mode != "trace")
        close(got, want, f"the value of {mode}", 64 * eps)
    alike(batch[1], example[0], "an example of a batch")
    close(batch[1], example, "an example of a batch", 64 * eps)
    alike(tangent, want[0], "the tangent")
    cotangents = pull(weights[0])
    for c, x in zip(cotangents, point, strict=True):
        alike(c, x, "the cotangent")
    forward, size = paired(weights, [tangent])
    back, other = paired(cotangents, moves)
    if np.isfinite(size) and not abs(forward - back) <= 2**10 * eps * max(1.0, size, other):
        raise Wrong(f"<w, Jv> is {forward}, <J^T w, v> is {back}")


def _eps(value: Any) -> float:
    dtype = np.asarray(value).dtype
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0
