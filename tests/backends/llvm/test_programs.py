"""Whole programs: derivatives of NumPy functions as native code, beside the same Programs run by NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.backends.llvm.runtime import Native, compile_program

RNG = np.random.default_rng(5)


def normal(*shape: int, dtype: Any = np.float64) -> Any:
    return RNG.normal(size=shape).astype(dtype)


def both(function: Callable[..., Any], *args: Any, rtol: float = 1e-12) -> Native:
    """Compile a function's Program and hold its results against NumPy's."""
    program = ad.trace(function)(*args).program
    native = compile_program(program)
    wanted = program.evaluate(*args)
    for found, want in zip(native(*args), wanted, strict=True):
        assert found.dtype == want.dtype
        assert np.shape(found) == np.shape(want)
        size = float(np.max(np.abs(want), initial=0.0))
        np.testing.assert_allclose(found, want, rtol=rtol, atol=rtol * size)
    return native


def fused(x: Any, w: Any, b: Any) -> Any:
    return np.sum(np.tanh(x * w + b) ** 2 * np.exp(-x))


@pytest.mark.parametrize("n", [1, 3, 8, 17, 100, 1000, 20_000, 100_003])
def test_value_and_gradient_are_one_nest(n: int) -> None:
    native = both(ad.value_and_grad(fused, argnums=(0, 1, 2)), normal(n), normal(n), normal(n))
    assert native.cost()["nests"] == 1
    assert native.cost()["arena_bytes"] == 0


def network(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
    hidden = np.maximum(x @ w1 + b1, 0)
    out = hidden @ w2 + b2
    top = np.max(out, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(out - top), axis=1)) + top[:, 0] - np.sum(out * y, axis=1))


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_training_step(dtype: Any, rtol: float) -> None:
    shapes = ((20, 17), (17,), (17, 10), (10,), (32, 20), (32, 10))
    both(
        ad.value_and_grad(network, argnums=(0, 1, 2, 3)),
        *(normal(*s, dtype=dtype) for s in shapes),
        rtol=rtol,
    )


@pytest.mark.parametrize(
    "shapes", [((4, 3), (3,)), ((4, 1), (1, 5)), ((2, 1, 4), (3, 1)), ((), (5,)), ((0, 3), (3,))]
)
def test_broadcasting_and_its_sums(shapes: Any) -> None:
    both(
        ad.value_and_grad(lambda x, y: np.sum(np.sin(x) * y + x / (2.0 + y * y)), (0, 1)),
        *(normal(*s) for s in shapes),
    )


def test_views_move_nothing() -> None:
    native = both(lambda x: x.T[1:, ::-2].reshape(-1, 1) * 2.0 + x[0, 0], normal(5, 6))
    assert native.cost()["nests"] <= 2
    both(lambda x: (x.T.reshape(-1) * 2.0).reshape(3, 10), normal(5, 6))
    both(ad.jacobian(lambda x: x[::-1][1:] * x[:-1]), normal(6))


def test_outputs_that_are_inputs_constants_and_twice_the_same() -> None:
    both(lambda x: (x, x, np.exp(x), np.exp(x), np.float64(3.0) * x.T, np.arange(4.0)), normal(2, 3))


@pytest.mark.parametrize("axes", [None, 0, 1, 2, (0, 2), (1, 2), (0, 1)])
def test_sibling_reductions_share_a_pass(axes: Any) -> None:
    def several(x: Any) -> Any:
        y = np.exp(x)
        return (
            np.sum(y, axis=axes),
            np.max(x, axis=axes),
            np.min(y, axis=axes),
            np.mean(x, axis=axes),
            np.any(x > 2.0, axis=axes),
        )

    native = both(several, normal(3, 17, 33))
    assert native.cost()["nests"] <= 2  # the mean's division is of another shape


def test_long_sums_keep_their_digits() -> None:
    for dtype, bound in ((np.float64, 1e-14), (np.float32, 1e-6)):
        x = RNG.uniform(size=3_000_001).astype(dtype)
        (found,) = compile_program(ad.trace(np.sum)(x).program)(x)
        assert abs(float(found) / np.sum(x, dtype=np.longdouble) - 1) < bound


def test_strong_zeros() -> None:
    x = np.array([0.0, 4.0, np.inf, 9.0])

    def push(x: Any, t: Any) -> Any:
        return ad.jvp(np.sqrt, (x,), (t,))[1]

    (found,) = compile_program(ad.trace(push)(x, x).program)(x, np.array([0.0, 1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(found, [0.0, 0.25, 0.0, 0.0])


def test_strided_and_widened_inputs_are_copied() -> None:
    x = normal(6, 10)
    native = compile_program(ad.trace(lambda x: x * 2.0)(x[:, :5]).program)
    np.testing.assert_array_equal(native(x[:, ::2])[0], x[:, ::2] * 2.0)
    np.testing.assert_array_equal(
        native(x[:, :5].astype(np.float32))[0], x[:, :5].astype(np.float32) * np.float64(2.0)
    )
    np.testing.assert_array_equal(native(np.asfortranarray(x[:, :5]))[0], x[:, :5] * 2.0)


def test_scan_and_its_gradient() -> None:
    def run(w: Any, s: Any, xs: Any) -> Any:
        state, ys = ad.scan(lambda s, x: (np.tanh(w * s + x), s * x), s, xs)
        return np.sum(state) + np.sum(ys**2)

    both(ad.value_and_grad(run, (0, 1, 2)), normal(5), normal(5), normal(40, 5))


def test_while_and_branches() -> None:
    def halve(x: Any) -> Any:
        return ad.while_loop(
            lambda s: np.sum(s[0]) > 1.0, lambda s: (s[0] / 2.0, s[1] + 1.0), (x, np.float64(0.0))
        )

    both(halve, np.abs(normal(7)) + 1.0)
    both(
        ad.value_and_grad(
            lambda x: ad.cond(np.sum(x) > 0, lambda x: np.sum(np.sin(x)), lambda x: np.sum(x * x), x)
        ),
        normal(4),
    )
    both(lambda x: ad.fori_loop(0, 10, lambda i, s: s * 0.5 + np.float64(i) * x, x), normal(4))


OPERATIONS: tuple[Callable[..., Any], ...] = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - 0.5 * b,
    lambda a, b: a / (1.5 + b * b),
    lambda a, b: np.maximum(a, b),
    lambda a, b: np.where(a > b, a, np.sin(b)),
    lambda a, b: np.tanh(a),
    lambda a, b: np.exp(-a * a),
    lambda a, b: np.sqrt(a * a + 1.0),
    lambda a, b: np.log1p(a * a),
    lambda a, b: np.sum(a, axis=-1, keepdims=True) * 0.1 + b,
    lambda a, b: np.max(a, axis=0) - b,
    lambda a, b: np.flip(a, 0),
    lambda a, b: np.concatenate([a[:1], b[1:]]),
    lambda a, b: np.cos(a) * np.mean(b),
)


def random_program(rng: np.random.Generator, size: int) -> Callable[..., Any]:
    """A function of two arrays by so many operations, each on earlier values of one shape."""
    plan = [
        (rng.integers(len(OPERATIONS)), rng.integers(1 << 30), rng.integers(1 << 30)) for _ in range(size)
    ]

    def run(x: Any, y: Any) -> Any:
        values = [x, y]
        for which, i, j in plan:
            values.append(OPERATIONS[which](values[i % len(values)], values[j % len(values)]))
        return np.sum(values[-1] * values[-2])

    return run


@pytest.mark.parametrize("seed", range(25))
def test_random_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 20, rng.integers(1, 4)))
    x, y = rng.normal(size=shape), rng.normal(size=shape)
    both(ad.value_and_grad(random_program(rng, int(rng.integers(3, 25))), (0, 1)), x, y, rtol=1e-9)
