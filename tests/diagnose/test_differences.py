"""The theory of the schemes, measured: orders of convergence, steps near their optimum, exact stencils."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjoint.diagnose.differences import SCHEMES, resolution
from adjoint.diagnose.space import Map, space_of
from adjoint.diagnose.taylor import convergence
from adjoint.dtypes import bfloat16

THEORY = {"forward": 1, "central": 2, "five-point": 4, "richardson": 6}
DTYPES = [*map(np.dtype, ("float64", "float32", "float16")), bfloat16]
FUNCTIONS = {
    "exp": (np.exp, np.exp, 1.0),
    "sin": (np.sin, np.cos, 0.8),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2, 0.6),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2), 1.3),
}


def test_the_table_is_complete():
    assert {name: scheme.order for name, scheme in SCHEMES.items()} == THEORY


@pytest.mark.parametrize(("name", "order"), THEORY.items())
def test_orders_of_convergence_on_exp(name: str, order: int):
    scheme, x = SCHEMES[name], np.longdouble(1.0)
    steps = 2.0 ** -np.arange(3, 7)
    errors = [float(abs(scheme.difference(np.exp, x, np.longdouble(h)) - np.exp(x))) for h in steps]
    slope = np.polyfit(np.log2(steps), np.log2(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", THEORY)
def test_the_step_is_near_the_best(name: str, function: str, dtype: Any):
    f, slope, x = FUNCTIONS[function]
    x = dtype(x)

    def error(step: float) -> float:
        """The worst of some points nearby, so that no luck decides."""
        points = x * (1 + np.arange(1, 24, dtype=dtype) / 128)
        steps = (points + points * dtype(step)) - points
        found = [scheme.difference(f, p, h) for p, h in zip(points, steps, strict=True)]
        exact = slope(points.astype(np.float64))
        return float(np.max(np.abs(found - exact) / np.abs(exact)))

    scheme, eps = SCHEMES[name], float(np.finfo(dtype).eps)
    sweep = [error(2.0**-k) for k in range(4, -round(math.log2(eps)))]
    assert error(scheme.step(eps)) <= 10 * min(sweep)


@pytest.mark.parametrize("name", THEORY)
def test_the_step_follows_the_theory(name: str):
    for eps in (2.0**-52, 2.0**-23):
        ratio = SCHEMES[name].step(eps) / eps ** (1 / (THEORY[name] + 1))
        assert 0.5 <= ratio <= 1.0 or SCHEMES[name].step(eps) * SCHEMES[name].reach == 0.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_weights_are_exact_on_polynomials(scheme: Any):
    for degree in range(scheme.order + 1):
        moments = sum(w * m**degree for m, w in scheme.weights.items())
        assert moments == pytest.approx(1.0 if degree == 1 else 0.0, abs=1e-14)


def test_better_schemes_are_better():
    eps = 2.0**-52
    errors = {
        name: max(abs(s.difference(np.exp, x, s.step(eps)) - np.exp(x)) for x in np.linspace(1, 2, 20))
        for name, s in SCHEMES.items()
    }
    assert errors["forward"] > 10 * errors["central"] > 100 * errors["five-point"] > 0
    assert errors["five-point"] > errors["richardson"]
    assert errors["richardson"] < 1e-12 < resolution(eps)


@given(st.floats(-3e4, 3e4), st.sampled_from(DTYPES))
def test_every_point_of_a_stencil_is_a_number(x: float, dtype: Any):
    """X + m h and x - m h are exact, and so h is, where the stencil crosses no power of two."""
    space = space_of([np.zeros(1, dtype)], ["x"])
    (leaf,) = space.leaves(np.array([x]))
    point = space.vector([leaf])
    if not 1e-3 < abs(point[0]) < 2.0**15:
        return
    move = space.snap(point, np.abs(point) * 2.0**-4, 4)
    assert move[0] > 0
    assert move[0] == pytest.approx(abs(point[0]) / 16, rel=0.5)
    ends = np.frexp(np.abs(point[0]) + np.array([-4, 4]) * move[0])[1]
    for m in (-4, -2, -1, 1, 2, 4):
        moved = space.vector(space.leaves(point + m * move))
        if ends[0] == ends[1]:
            assert moved[0] - point[0] == m * move[0]


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex64", "complex128"])
def test_space_goes_there_and_back(dtype: str):
    arrays = [np.arange(6).reshape(2, 3).astype(dtype), np.ones((), dtype), np.dtype(dtype).type(2), 1.5]
    space = space_of(arrays, ["a", "b", "c", "d"])
    back = space.leaves(space.vector(arrays))
    for one, other in zip(arrays, back, strict=True):
        assert type(one) is type(other)
        assert np.array_equal(one, other)
    assert space.name(space.size - 1) == "d"


@pytest.mark.parametrize(("degree", "needed"), [(1, 2), (2, 3), (3, 4)])
def test_taylor_remainder_falls_at_its_order(degree: int, needed: int):
    space = space_of([1.0], ["x"])
    function = Map(lambda x: [np.exp(x)], space, np.array([1.0]), ["output"])
    value = np.array([np.e])
    order = convergence(function, np.ones(1), [value] * degree, None, 2.0**-52, "fwd")
    assert order.passed
    assert order.measured == pytest.approx(needed, abs=0.1)
    for wrong in range(1, degree + 1):
        terms = [value * (1.001 if j == wrong else 1.0) for j in range(1, degree + 1)]
        order = convergence(function, np.ones(1), terms, None, 2.0**-52, "fwd")
        assert order.measured < needed - 0.3
        assert "FAILED" in str(order)


def test_taylor_remainder_of_a_linear_function_is_rounding():
    space = space_of([1.0], ["x"])
    function = Map(lambda x: [3.7 * x + 0.1], space, np.array([1.0]), ["output"])
    order = convergence(function, np.ones(1), [np.array([3.7])], None, 2.0**-52, "fwd")
    assert order.passed
    assert math.isinf(order.measured)
    order = convergence(function, np.ones(1), [np.array([3.7 * (1 + 1e-9)])], None, 2.0**-52, "fwd")
    assert order.measured == pytest.approx(1.0, abs=0.1)
    assert not order.passed
