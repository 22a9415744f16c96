"""Reductions, cumulative functions, ordering and norms: values as NumPy's, derivatives in both directions.

Every case is a call as a user writes it, on a sample. Its value, shape and dtype are NumPy's own; its tangent
is that of differences; the pullback is its transpose; the second derivative is that of differences of the
first; a batch gives what a loop gives. The edges stand in test_reduction_edges.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp
from adjoint.array.traced import Traced
from adjoint.core.avals import aval_of
from adjoint.transforms.batch import BatchTrace

from .reducing import MASK, X, derivative, moves, reverse

CUBE = np.arange(24.0).reshape(2, 3, 4) * 0.37 % 2.3 - 1.1
HOLES = np.array([[0.7, np.nan, 2.5, 1.1], [np.nan, 0.3, -0.4, 0.9]])


@dataclass(frozen=True)
class Call:
    """A function of one array, and the array."""

    function: Callable[..., Any]
    x: Any
    name: str


def calls(name: str, function: Callable[..., Any], x: Any, *options: dict[str, Any]) -> list[Call]:
    """The function with each of these keywords."""
    return [
        Call(lambda v, o=o: function(v, **o), x, f"{name} {' '.join(f'{k}={s}' for k, s in o.items())}")
        for o in options
    ]


AXES: tuple[dict[str, Any], ...] = (
    {},
    {"axis": 0},
    {"axis": -1},
    {"axis": (0, 1)},
    {"axis": 1, "keepdims": True},
)
WHERE: tuple[dict[str, Any], ...] = ({"where": MASK}, {"where": MASK, "axis": 1, "keepdims": True})
NP = {f.__name__: f for f in (np.sum, np.prod, np.mean, np.var, np.std, np.max, np.min, np.ptp)}

SMOOTH: list[Call] = [
    *(c for name, f in NP.items() for c in calls(name, f, X, *AXES)),
    *(c for name, f in NP.items() for c in calls(f"{name} cube", f, CUBE, {"axis": (0, 2)}, {"axis": 1})),
    *(c for name in ("sum", "prod", "mean", "var", "std") for c in calls(name, NP[name], X, *WHERE)),
    *(
        c
        for name in ("sum", "prod")
        for c in calls(name, NP[name], X, {"initial": 2.5}, {"axis": 0, "initial": 3})
    ),
    *calls("max", np.max, X, {"initial": 1.0}, {"initial": 2.0, "axis": 0}, {"where": MASK, "initial": -9.0}),
    *calls("min", np.min, X, {"initial": 1.0}, {"initial": 0.1, "axis": 0}, {"where": MASK, "initial": 9.0}),
    *(
        c
        for f in (np.var, np.std)
        for c in calls(f.__name__, f, X, {"ddof": 1}, {"correction": 1, "axis": 1})
    ),
    *calls("var mean", np.var, X, {"mean": np.array([[1.0], [2.0]]), "axis": 1}),
    *(c for f in (np.cumsum, np.cumprod) for c in calls(f.__name__, f, X, {}, {"axis": 0}, {"axis": -1})),
    *calls("cumulative_sum", np.cumulative_sum, X, {"axis": 1}, {"axis": 0, "include_initial": True}),
    *calls("cumulative_prod", np.cumulative_prod, X, {"axis": 1}, {"axis": 0, "include_initial": True}),
    *calls("sort", np.sort, X, {}, {"axis": 0}, {"axis": None}),
    *calls("partition", lambda v: np.sort(np.partition(v, 1)[..., :2]), X, {}),
    *calls("median", np.median, X, *AXES),
    *calls("median cube", np.median, CUBE, {"axis": 1}, {"axis": (0, 2)}, {"axis": 0}),
    *calls(
        "quantile", np.quantile, X, {"q": 0.3}, {"q": [0.1, 0.8], "axis": 1}, {"q": 0.5, "keepdims": True}
    ),
    *calls("quantile cube", np.quantile, CUBE, {"q": [[0.1, 0.8]], "axis": (0, 2), "keepdims": True}),
    *(
        c
        for method in (
            "hazen",
            "weibull",
            "inverted_cdf",
            "midpoint",
            "nearest",
            "averaged_inverted_cdf",
            "lower",
        )
        for c in calls("quantile", np.quantile, X, {"q": [0.2, 0.55], "axis": 1, "method": method})
    ),
    *calls("percentile", np.percentile, X, {"q": 30.0}, {"q": [10, 80], "axis": 0}),
    *calls(
        "average", np.average, X, {}, {"axis": 1}, {"axis": 1, "weights": [1.0, 2.0, 0.5]}, {"weights": X * X}
    ),
    *calls("diff", np.diff, X, {}, {"axis": 0}, {"n": 2}, {"prepend": 1.0}, {"append": X, "axis": 0}),
    *calls("ediff1d", np.ediff1d, X, {}, {"to_begin": [1.0, 2.0], "to_end": 3.0}),
    *calls("trapezoid", np.trapezoid, X, {}, {"dx": 0.5, "axis": 0}, {"x": [0.0, 1.0, 3.0]}, {"x": X * 2}),
    *calls("trapezoid abscissa", lambda v: np.trapezoid(X, x=v), X[0], {}),
    *calls("cov", np.cov, X, {}, {"rowvar": False}, {"y": X * X}, {"bias": True}, {"fweights": [1, 2, 3]}),
    *calls("cov", np.cov, X, {"aweights": [0.5, 2, 3]}, {"aweights": [0.5, 2, 3], "fweights": [1, 2, 3]}),
    *calls("cov of one", np.cov, X[0], {}, {"ddof": 0}),
    *calls("cov weights", lambda v: np.cov(X, aweights=v), X[0] ** 2, {}),
    *calls("corrcoef", np.corrcoef, X, {}, {"y": X[::-1] ** 2}),
    *calls("norm", np.linalg.norm, X, {}, {"axis": 0}, {"axis": (1, 0)}, {"ord": "fro", "keepdims": True}),
    *(c for o in (1, -1, np.inf, -np.inf) for c in calls("norm", np.linalg.norm, X, {"ord": o})),
    *(
        c
        for o in (1, 2, 3, 0.5, 2.5, -2, np.inf, -np.inf)
        for c in calls(
            "norm", np.linalg.norm, X, {"ord": o, "axis": 1}, {"ord": o, "axis": 0, "keepdims": True}
        )
    ),
    *calls("vector_norm", np.linalg.vector_norm, CUBE, {}, {"axis": (0, 2)}, {"ord": 3, "axis": 1}),
    *calls("matrix_norm", np.linalg.matrix_norm, CUBE, {}, {"ord": 1}, {"ord": -np.inf, "keepdims": True}),
    *calls("methods", lambda v: v.sum(0) + v.mean() + v.max(1).prod() + v.min() + v.std() * v.var(), X, {}),
    *calls("more methods", lambda v: v.cumsum(1) * v.cumprod(0) + v.argmax() + v.any() + v.all(1)[0], X, {}),
    *calls("weights", lambda v: np.average(X, axis=1, weights=v), X[0] ** 2, {}),
    *calls("the quantile", lambda v: np.quantile(X, v, axis=1), np.array([0.3, 0.7]), {}),
    *calls("the percentile", lambda v: np.percentile(X, v, method="hazen"), np.array(37.0)[()], {}),
    *calls("the quantile of one", lambda v: np.quantile(X[:1, :1], v), np.array([0.3]), {}),
    *calls("add.reduce", np.add.reduce, X, {}, {"axis": 1, "keepdims": True}, {"axis": None}),
    *calls("maximum.reduce", np.maximum.reduce, X, {}, {"axis": 1, "initial": 1.0}),
    *calls("multiply.reduce", np.multiply.reduce, X, {}, {"axis": (0, 1)}),
    *(
        c
        for f in (np.add, np.multiply, np.maximum, np.minimum)
        for c in calls(f"{f.__name__}.accumulate", f.accumulate, X, {}, {"axis": 1})
    ),
    *calls("number", np.sum, np.float64(1.5), {}, {"axis": ()}),
    *calls("0-d", np.prod, np.array(1.5), {}),
    *calls("0-d cumsum", np.cumsum, np.array(1.5), {}),
]

NANS: list[Call] = [
    *(
        c
        for f in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian)
        for c in calls(f.__name__, f, HOLES, {}, {"axis": 0}, {"axis": 1, "keepdims": True})
    ),
    *(c for f in (np.nancumsum, np.nancumprod) for c in calls(f.__name__, f, HOLES, {}, {"axis": 1})),
    *calls(
        "nanquantile", np.nanquantile, HOLES, {"q": 0.3}, {"q": [0.2, 0.9], "axis": 1}, {"q": 0.4, "axis": 0}
    ),
    *calls("nanpercentile", np.nanpercentile, HOLES, {"q": 30.0, "method": "weibull"}),
    *calls("the nanquantile", lambda v: np.nanquantile(HOLES, v, axis=1), np.array([0.3, 0.7]), {}),
    *calls("nanmean where", np.nanmean, HOLES, {"where": np.array([True, True, False, True])}),
]

ALL = [*SMOOTH, *NANS]


def named(cases: list[Call]) -> Any:
    return pytest.mark.parametrize("call", cases, ids=[c.name for c in cases])


def same(got: Any, want: Any) -> None:
    """Equal shape, dtype and kind of value; elements equal to rounding."""
    assert np.shape(got) == np.shape(want)
    assert aval_of(got).dtype == aval_of(want).dtype
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)


def second(function: Callable[..., Any], x: Any, v: Any) -> Any:
    """The tangent, as a function of the place alone."""
    return lambda at: jvp(function, (at,), (v,))[1]


@named(ALL)
def test_value(call: Call) -> None:
    want = call.function(call.x)
    value, _ = jvp(call.function, (call.x,), (moves(call.x),))
    same(value, want)
    assert isinstance(value, np.generic) == isinstance(want, np.generic)
    same(reverse(call.function, call.x)[0], want)


@named(ALL)
def test_tangent(call: Call) -> None:
    v = moves(call.x)
    _, tangent = jvp(call.function, (call.x,), (v,))
    want = derivative(lambda h: call.function(call.x + h * v))
    np.testing.assert_allclose(tangent, want, rtol=1e-8, atol=1e-9)


@named(ALL)
def test_pullback_is_the_transpose(call: Call) -> None:
    v = moves(call.x)
    value, tangent = jvp(call.function, (call.x,), (v,))
    w = moves(value, 4)
    found = reverse(call.function, call.x)[1](w)
    assert np.shape(found) == np.shape(call.x)
    np.testing.assert_allclose(np.sum(w * tangent), np.sum(v * found), rtol=1e-12, atol=1e-13)


@named(ALL)
def test_second_derivative(call: Call) -> None:
    v, u = moves(call.x), moves(call.x, 5)
    _, forward = jvp(second(call.function, call.x, v), (call.x,), (u,))
    want = derivative(lambda h: second(call.function, call.x, v)(call.x + h * u))
    np.testing.assert_allclose(forward, want, rtol=1e-7, atol=1e-8)
    w = moves(forward, 6)
    over = reverse(second(call.function, call.x, v), call.x)[1](w)
    np.testing.assert_allclose(np.sum(w * forward), np.sum(u * over), rtol=1e-11, atol=1e-11)
    under = jvp(lambda at: reverse(call.function, at)[1](w), (call.x,), (u,))[1]
    np.testing.assert_allclose(np.sum(w * forward), np.sum(v * under), rtol=1e-11, atol=1e-11)


@named(ALL)
def test_batch(call: Call) -> None:
    rows = [call.x, call.x * 0.75, np.asarray(call.x)[::-1] if np.ndim(call.x) else call.x]
    trace: Any = BatchTrace(Traced, 3)
    found = call.function(trace.lift(np.stack(rows)))
    np.testing.assert_allclose(
        found.value, np.stack([call.function(r) for r in rows]), rtol=1e-13, atol=1e-14
    )


# --- dtypes ------------------------------------------------------------------------------------

DTYPES = ["bool", "int8", "uint8", "int32", "int64", "uint64", "float16", "float32", "float64", "complex64"]
TAKING_ALL = [
    *(
        np.sum,
        np.prod,
        np.mean,
        np.cumsum,
        np.cumprod,
        np.any,
        np.all,
        np.argmax,
        np.argmin,
        np.sort,
        np.argsort,
    ),
    *(
        np.max,
        np.min,
        np.var,
        np.std,
        np.median,
        np.count_nonzero,
        np.nansum,
        np.nanmean,
        np.nanmax,
        np.nancumsum,
    ),
    *(np.linalg.norm, np.average, np.nanvar, np.nanstd, np.nanprod, np.nancumprod),
]


def apart(function: Callable[..., Any], x: Any) -> Any:
    """The function of a batch of one: our own path, for any dtype."""
    trace: Any = BatchTrace(Traced, 1)
    result = function(trace.lift(x[None]))
    return result.value[0] if isinstance(result, Traced) else result


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", TAKING_ALL, ids=lambda f: f.__name__)
def test_dtype_is_numpys(function: Any, dtype: str) -> None:
    x = np.array([[3, 0, 5], [4, 1, 1]]).astype(dtype)
    tolerance = 1e-2 if dtype == "float16" else 1e-5
    for options in ({}, {"axis": 1}):
        want = function(x, **options)
        found = apart(lambda v, o=options: function(v, **o), x)
        assert (np.shape(found), np.asarray(found).dtype) == (np.shape(want), np.asarray(want).dtype)
        np.testing.assert_allclose(np.asarray(found), want, rtol=tolerance)


@pytest.mark.parametrize("function", [np.sum, np.prod, np.mean, np.cumsum, np.var, np.std, np.cumprod])
@pytest.mark.parametrize("dtype", [np.float32, "float64", complex])
def test_dtype_keyword(function: Any, dtype: Any) -> None:
    value, tangent = jvp(
        lambda v: function(v, dtype=dtype), (X.astype(np.float32),), (np.ones((2, 3), np.float32),)
    )
    want = function(X.astype(np.float32), dtype=dtype)
    assert value.dtype == want.dtype == tangent.dtype
    np.testing.assert_allclose(value, want, rtol=1e-5)


def test_single_precision_keeps_its_dtype() -> None:
    x = X.astype(np.float32)
    for function in (np.sum, np.mean, np.max, np.std, np.prod, np.median, np.linalg.norm):
        assert grad(function)(x).dtype == np.float32
