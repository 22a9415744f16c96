"""Checks at kinks, ties and bounds: the slopes that a domain tells, and both modes alike to order 3."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from adjoint import dtypes
from adjoint.api.derivatives import jvp, vjp
from adjoint.core.avals import aval_of
from adjoint.core.domain import Pointwise
from adjoint.core.primitive import Primitive

from .comparing import closed, wide
from .samples import Case, like


def check_edges(primitive: Primitive, dtype: Any) -> None:
    """At every edge both modes give exactly the slopes told; at orders 2 and 3 they give the same."""
    domain = primitive.domain
    for edge in domain.edges if isinstance(domain, Pointwise) else ():
        is_complex = any(isinstance(p, complex) for p in edge.point)
        if is_complex != (np.dtype(dtype).kind == "c"):
            continue
        for point in _points(edge.point, dtype):
            case = Case(f"edge {edge.point}", point, domain.params[0], (None,) * len(point))
            with np.errstate(all="ignore"):
                _slopes(primitive, case, edge.slopes)
                if dtypes.eps(dtype) < 1e-10:
                    _orders_at_edge(primitive, case)


def _points(point: tuple[Any, ...], dtype: Any) -> Iterator[tuple[Any, ...]]:
    """The point in arrays, in NumPy's scalars, and in Python's."""
    yield tuple(np.full((2,), p).astype(dtype) for p in point)
    yield tuple(np.asarray(p).astype(dtype)[()] for p in point)
    if dtype in (np.float64, np.complex128):
        yield tuple((complex if dtype.kind == "c" else float)(p) for p in point)


def _slopes(primitive: Primitive, case: Case, slopes: Sequence[Any]) -> None:
    assert len(slopes) == len(case.args), f"{primitive.name}, {case.label}: a slope for each operand"
    everything = list(range(len(case.args)))
    out, pull = vjp(closed(primitive, case, everything), *case.args)
    ones = tuple(like(np.ones(aval_of(o).shape), o) for o in out)
    together = pull(ones)
    nothing = pull(tuple(like(np.zeros(aval_of(o).shape), o) for o in out))
    for index, slope in enumerate(slopes):
        what = f"{primitive.name}, {case.label}, operand {index}"
        function, x = closed(primitive, case, [index]), case.args[index]
        one = like(np.ones(np.shape(x)), x)
        want = np.full(np.shape(x), slope).astype(
            aval_of(out[0]).dtype if np.iscomplexobj(slope) else aval_of(x).dtype
        )
        (tangent,) = jvp(function, [x], [one])[1]
        _exactly(tangent, want, f"{what}, forward")
        _exactly(vjp(function, x)[1](ones)[0], want, f"{what}, reverse")
        _exactly(together[index], want, f"{what}, reverse in all operands")
        _exactly(jvp(function, [x], [like(np.zeros(np.shape(x)), x)])[1][0], 0 * one, f"{what}, zero tangent")
        _exactly(nothing[index], 0 * one, f"{what}, zero cotangent")


def _exactly(got: Any, want: Any, what: str) -> None:
    """Equal: zeros, infinities and NaN exactly, other slopes to the last place or two."""
    rounding = 4 * dtypes.eps(aval_of(want).dtype)
    np.testing.assert_allclose(wide(got), wide(want), rtol=rounding, atol=0, err_msg=what)


def _orders_at_edge(primitive: Primitive, case: Case) -> None:
    """Every mixed partial derivative of orders 2 and 3, forward over forward and reverse over reverse."""
    active = list(range(len(case.args)))
    function, at = closed(primitive, case, active), list(case.args)
    for order in (2, 3):
        for path in itertools.product(active, repeat=order):
            forward = reverse = _first(function)
            for index in path:
                forward, reverse = _partial_forward(forward, at, index), _partial_reverse(reverse, index)
            np.testing.assert_allclose(
                wide(forward(*at)),
                wide(reverse(*at)),
                rtol=1e-12,
                atol=0,
                err_msg=f"{primitive.name}, {case.label}, derivative by {path}: forward, then reverse",
            )


def _first(function: Any) -> Any:
    return lambda *xs: function(*xs)[0]


def _partial_forward(function: Any, at: Sequence[Any], index: int) -> Any:
    one = [like(np.full(np.shape(x), float(i == index)), x) for i, x in enumerate(at)]
    return lambda *xs: jvp(function, xs, one)[1]


def _partial_reverse(function: Any, index: int) -> Any:
    def partial(*xs: Any) -> Any:
        out, pull = vjp(function, *xs)
        aval = aval_of(out)
        return pull(like(np.ones(aval.shape), np.zeros(aval.shape, aval.dtype)[()]))[index]

    return partial
