"""What the checks share: comparing results, and calling a primitive with some of its operands moving."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint import dtypes
from adjoint.core.avals import aval_of
from adjoint.core.domain import Samples
from adjoint.core.primitive import Primitive
from adjoint.core.program import Program
from adjoint.core.trace import stage
from adjoint.core.verify import verify

from .samples import Case, inexact, like

ROUNDING = 64
"""Results that should agree to rounding may differ by this many spacings of their dtype."""
DIFFERENCE = 1e-9
"""A tangent in float64 may differ from the extrapolated difference by this part of its scale."""

STOPPED = ("stop_gradient",)
"""Primitives whose derivative is zero by decree and not by their differences."""


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def spacing(value: Any) -> float:
    dtype = aval_of(value).dtype
    return dtypes.eps(dtype) if dtypes.is_inexact(dtype) else 0.0


def same_kind(got: Any, want: Any, what: str) -> None:
    """Equal shape and dtype; a Python scalar may be a NumPy scalar of its dtype."""
    a, b = aval_of(got), aval_of(want)
    assert (a.shape, a.dtype) == (b.shape, b.dtype), f"{what}: {a} where {b} was expected"


def identical(got: Sequence[Any], want: Sequence[Any], what: str) -> None:
    """Equal bit for bit."""
    assert len(got) == len(want), f"{what}: {len(got)} results where {len(want)} were expected"
    for a, b in zip(got, want, strict=True):
        same_kind(a, b, what)
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), (
            f"{what}:\n{a!r}\nwhere\n{b!r}\nwas expected"
        )


def near(got: Sequence[Any], want: Sequence[Any], what: str, *, factor: float = ROUNDING) -> None:
    """Equal up to rounding; what is not finite must be equal."""
    assert len(got) == len(want), f"{what}: {len(got)} results where {len(want)} were expected"
    for a, b in zip(got, want, strict=True):
        same_kind(a, b, what)
        x, y = wide(a), wide(b)
        scale = np.max(np.abs(y), initial=0.0, where=np.isfinite(y))
        np.testing.assert_allclose(x, y, rtol=0, atol=factor * spacing(b) * scale, err_msg=what)


def closed(primitive: Primitive, case: Case, active: Sequence[int]) -> Callable[..., Any]:
    """The primitive as a function of its active operands; its results that have derivatives, as a tuple.

    Where the results are a choice, what its domain makes of them instead.
    """
    domain = primitive.domain
    seen = domain.seen if isinstance(domain, Samples) else None

    def function(*primals: Any) -> Any:
        args = list(case.args)
        for index, primal in zip(active, primals, strict=True):
            args[index] = primal
        results = listed(primitive(*args, **case.params))
        return tuple(r for r in (seen(*results) if seen else results) if inexact(r))

    return function


def primals(case: Case, active: Sequence[int]) -> list[Any]:
    return [case.args[i] for i in active]


def directions(case: Case, active: Sequence[int], count: int) -> list[list[Any]]:
    """Directions for the active operands: the samples' moves, their parts weighted anew each time."""
    rng = np.random.default_rng(7)
    found: list[list[Any]] = []
    for _ in range(count):
        row = [wide(case.moves[i]) * rng.uniform(0.5, 1.0, np.shape(case.moves[i])) for i in active]
        row = [hermitian(move) if i in case.symmetric else move for i, move in zip(active, row, strict=True)]
        found.append([like(move, case.args[i]) for move, i in zip(row, active, strict=True)])
    return found


def hermitian(x: Any) -> Any:
    """The Hermitian part of a matrix."""
    return (x + np.conjugate(np.swapaxes(x, -1, -2))) / 2


def weights(outputs: Sequence[Any]) -> tuple[Any, ...]:
    """Cotangents for outputs."""
    rng = np.random.default_rng(11)
    found: list[Any] = []
    for out in outputs:
        aval = aval_of(out)
        values = rng.uniform(-1.0, 1.0, aval.shape)
        if aval.dtype.kind == "c":
            values = values + 1j * rng.uniform(-1.0, 1.0, aval.shape)
        found.append(like(values, out))
    return tuple(found)


def evaluated(primitive: Primitive, case: Case) -> list[Any]:
    return listed(primitive.evaluate(*case.args, **case.params))


def staged(primitive: Primitive, case: Case, fixed: Sequence[int]) -> tuple[Program, list[Any]]:
    """The Program of one equation, with the `fixed` operands as literals; and the values of its inputs."""
    free = [i for i in range(len(case.args)) if i not in fixed]

    def once(*boxes: Any) -> list[Any]:
        args = list(case.args)
        for index, box in zip(free, boxes, strict=True):
            args[index] = box
        return listed(primitive(*args, **case.params))

    values = [case.args[i] for i in free]
    return verify(stage(once, list(map(aval_of, values)), name=primitive.name)), values


def inner(a: Sequence[Any], b: Sequence[Any]) -> tuple[float, float]:
    """The real part of the inner product without conjugation, and the scale of its rounding error."""
    products = [wide(x) * wide(y) for x, y in zip(a, b, strict=True)]
    return sum(float(np.sum(p).real) for p in products), sum(float(np.sum(np.abs(p))) for p in products)
