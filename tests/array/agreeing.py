"""What the tests of array functions share: `agrees` compares a function with NumPy in every trace.

The value in NumPy, forward, in reverse, in a batch and staged; the tangent with differences; the pullback
with the tangent, by <w, J v> = <J^T w, v>; on request the second derivative with differences of the first.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint import dtypes
from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap

STEP = 2e-3


def draw(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    """Numbers away from 0 and from each other."""
    rng = np.random.default_rng([seed, *shape])
    values = rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.uniform(0.3, 2.0, shape)
    return values.astype(dtype) if shape else np.asarray(values).astype(dtype)[()]


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def same(got: Any, want: Any, what: str, *, rtol: float = 1e-12) -> None:
    """Equal shapes, dtypes and, to rounding, values."""
    gots, wants = listed(got), listed(want)
    assert len(gots) == len(wants), what
    for a, b in zip(gots, wants, strict=True):
        assert np.shape(a) == np.shape(b), f"{what}: shape {np.shape(a)} where {np.shape(b)} was expected"
        assert np.asarray(a).dtype == np.asarray(b).dtype, (
            f"{what}: {np.asarray(a).dtype} for {np.asarray(b).dtype}"
        )
        close(a, b, what, rtol)


def close(got: Any, want: Any, what: str, rtol: float) -> None:
    scale = max(1.0, float(np.max(np.abs(wide(want)), initial=0.0)))
    np.testing.assert_allclose(wide(got), wide(want), rtol=rtol, atol=rtol * scale, err_msg=what)


def difference(function: Callable[[float], Any]) -> list[Any]:
    """The derivative at 0 of a function of one number, by five points."""
    h = STEP
    parts = [[wide(v) for v in listed(function(k * h))] for k in (-2, -1, 1, 2)]
    return [(a - 8 * b + 8 * c - d) / (12 * h) for a, b, c, d in zip(*parts, strict=True)]


def paired(cotangents: list[Any], tangents: list[Any]) -> float:
    return sum(float(np.sum(wide(w) * wide(t)).real) for w, t in zip(cotangents, tangents, strict=True))


def agrees(
    function: Callable[..., Any], *arrays: Any, second: bool = False, batch: bool = True, stage: bool = True
) -> None:
    """The function of traced arrays is NumPy's, with its derivatives."""
    coarse = max(dtypes.eps(np.asarray(a).dtype) for a in arrays)
    rtol = 1e-12 if coarse < 1e-10 else 20 * coarse
    want = function(*arrays)
    moves = [draw(*np.shape(a), seed=5, dtype=np.asarray(a).dtype) for a in arrays]
    value, tangent = jvp(function, arrays, moves)
    same(value, want, "the value forward", rtol=rtol)
    if coarse < 1e-10:
        found = difference(lambda h: function(*(a + h * m for a, m in zip(arrays, moves, strict=True))))
        for t, d in zip(listed(tangent), found, strict=True):
            close(t, d, "the tangent", 1e-8)
    value, pull = vjp(function, *arrays)
    same(value, want, "the value in reverse", rtol=rtol)
    cotangents = [draw(*np.shape(v), seed=9, dtype=np.asarray(v).dtype) for v in listed(want)]
    shaped = type(want)(cotangents) if isinstance(want, tuple | list) else cotangents[0]
    found = listed(pull(shaped))
    same(found, [np.zeros_like(a) + c for a, c in zip(arrays, found, strict=True)], "the cotangents")
    close(paired(found, moves), paired(cotangents, listed(tangent)), "<J^T w, v>", max(rtol, 1e-11))
    if batch:
        _in_a_batch(function, arrays, rtol)
    if stage:
        same(trace(function)(*arrays)(*arrays), want, "staged", rtol=rtol)
    if second:
        _second(function, arrays, moves, cotangents)


def _in_a_batch(function: Callable[..., Any], arrays: Any, rtol: float) -> None:
    batches = [np.stack([a, 0.5 * a, -a]).astype(np.asarray(a).dtype) for a in arrays]
    got = listed(vmap(function)(*batches))
    for i in range(3):
        want = listed(function(*(b[i] for b in batches)))
        same([g[i] for g in got], want, f"example {i} of a batch", rtol=rtol)


def _second(function: Callable[..., Any], arrays: Any, moves: Any, cotangents: list[Any]) -> None:
    """Reverse over reverse and forward over reverse, with differences of the gradient."""

    def loss(*values: Any) -> Any:
        results = listed(function(*values))
        return sum(np.sum(w * r * r) for w, r in zip(cotangents, results, strict=True))

    every = tuple(range(len(arrays)))
    slope = grad(loss, every)
    found = difference(lambda h: slope(*(a + h * m for a, m in zip(arrays, moves, strict=True))))
    _, forward = jvp(slope, arrays, moves)
    for t, d in zip(forward, found, strict=True):
        close(t, d, "forward over reverse", 1e-7)

    def along(*values: Any) -> Any:
        return sum(np.sum(g * m) for g, m in zip(slope(*values), moves, strict=True))

    for t, d in zip(grad(along, every)(*arrays), found, strict=True):
        close(t, d, "reverse over reverse", 1e-7)
