"""The edges of NumPy's ufuncs: kinks, ties, bounds, infinite slopes, strong zeros.

Every row holds forward and reverse, for Python floats, NumPy's numbers and arrays.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint

INF, NAN = math.inf, math.nan
WRAPS: tuple[Callable[[Any], Any], ...] = (
    lambda v: v,
    lambda v: np.asarray(v)[()],
    lambda v: np.full((2,), v),
    lambda v: np.full((2,), v, np.complex64 if isinstance(v, complex) else np.float32),
)

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def partials(function: Callable[..., Any], point: tuple[Any, ...]) -> list[list[Any]]:
    """The partial derivatives at a point, forward and reverse, as numbers."""
    found: list[list[Any]] = []
    ahead: list[Any] = []
    for index in range(len(point)):
        one = tuple(np.full_like(p, float(i == index))[()] for i, p in enumerate(point))
        ahead.append(adjoint.jvp(function, point, one)[1])
    value, pull = adjoint.vjp(function, *point)
    found.append(ahead)
    found.append(list(pull(np.ones_like(value)[()])))
    return [[np.ravel(v)[0] for v in row] for row in found]


ROWS: list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = [
    *((np.abs, (z,), (0.0,)) for z in (0.0, -0.0, 0j)),
    *((np.sqrt, (z,), (INF,)) for z in (0.0, -0.0)),
    *((np.cbrt, (z,), (INF,)) for z in (0.0, -0.0)),
    *((np.log, (z,), (INF,)) for z in (0.0, -0.0)),
    *((np.log2, (z,), (INF,)) for z in (0.0, -0.0)),
    *((np.log10, (z,), (INF,)) for z in (0.0, -0.0)),
    *((np.reciprocal, (z,), (-INF,)) for z in (0.0, -0.0)),
    (np.log1p, (-1.0,), (INF,)),
    *((np.arcsin, (z,), (INF,)) for z in (1.0, -1.0)),
    *((np.arccos, (z,), (-INF,)) for z in (1.0, -1.0)),
    *((np.arctanh, (z,), (INF,)) for z in (1.0, -1.0)),
    (np.arccosh, (1.0,), (INF,)),
    (np.hypot, (0.0, 0.0), (0.0, 0.0)),
    (np.hypot, (0.0, -2.0), (0.0, -1.0)),
    *((np.arctan2, (y, x), (0.0, 0.0)) for y, x in itertools.product((0.0, -0.0), repeat=2)),
    (np.arctan2, (0.0, -2.0), (-0.5, 0.0)),
    *((f, (1.5, 1.5), (0.5, 0.5)) for f in (np.maximum, np.minimum, np.fmax, np.fmin)),
    *((f, (v, v), (0.5, 0.5)) for f in (np.maximum, np.minimum) for v in (INF, -INF)),
    (np.maximum, (0.0, -0.0), (0.5, 0.5)),
    (np.maximum, (NAN, 1.0), (NAN, NAN)),
    (np.minimum, (1.0, NAN), (NAN, NAN)),
    (np.fmax, (NAN, 1.0), (0.0, 1.0)),
    (np.fmin, (1.0, NAN), (1.0, 0.0)),
    (np.fmax, (NAN, NAN), (NAN, NAN)),
    (lambda x: np.maximum(x, 0.0), (0.0,), (0.5,)),
    (lambda x: np.maximum(x, 0), (2.0,), (1.0,)),
    *((f, (2.0,), (0.0,)) for f in (np.floor, np.ceil, np.trunc, np.rint)),
    *((np.sign, (z,), (0.0,)) for z in (0.0, -0.0, 2.0, 0j)),
    (np.heaviside, (0.0, 0.3), (0.0, 1.0)),
    (np.heaviside, (1.0, 0.3), (0.0, 0.0)),
    (np.heaviside, (-1.0, 0.3), (0.0, 0.0)),
    (np.mod, (7.5, 2.0), (1.0, -3.0)),
    (np.mod, (-7.5, 2.0), (1.0, 4.0)),
    (np.mod, (6.0, 2.0), (1.0, -3.0)),
    (np.fmod, (-7.5, 2.0), (1.0, 3.0)),
    (np.floor_divide, (6.0, 2.0), (0.0, 0.0)),
    (np.copysign, (0.0, 1.0), (0.0, 0.0)),
    (np.copysign, (-2.0, 1.0), (-1.0, 0.0)),
    (np.copysign, (2.0, -0.0), (-1.0, 0.0)),
    (np.logaddexp, (-INF, -INF), (0.0, 0.0)),
    (np.logaddexp, (-INF, 1.0), (0.0, 1.0)),
    (np.logaddexp, (INF, 1.0), (1.0, 0.0)),
    (np.logaddexp, (INF, INF), (0.5, 0.5)),
    (np.logaddexp2, (-INF, -INF), (0.0, 0.0)),
    (np.sinc, (0.0,), (0.0,)),
    (np.angle, (0j,), (0.0,)),
    (np.power, (0.0, 2.0), (0.0, 0.0)),
    (np.power, (0.0, 1.0), (1.0, 0.0)),
    (np.power, (0.0, 0.5), (INF, 0.0)),
    (np.power, (0.0, 0.0), (0.0, 0.0)),
    (np.power, (0.0, -1.5), (-INF, -INF)),
    (np.power, (-0.0, -2.0), (-INF, -INF)),
    (np.power, (-2.0, 3.0), (12.0, NAN)),
    (np.power, (-2.0, 0.0), (0.0, NAN)),
    (lambda x: x**0, (0.0,), (0.0,)),
    (lambda x: np.power(x, -1), (0.0,), (-INF,)),
    (lambda x: np.power(x, -2), (-0.0,), (-INF,)),
    (lambda x: x**0.5, (0.0,), (INF,)),
    (lambda x: np.where(x > 0, np.sqrt(x), 0.0), (0.0,), (0.0,)),
    (lambda x: np.where(x > 0, np.log(x), 0.0), (-1.0,), (0.0,)),
    (lambda x: x * np.sqrt(x), (0.0,), (0.0,)),
    (lambda x: np.sqrt(x * x), (0.0,), (0.0,)),
    (lambda x: (x > 0) * np.sqrt(x), (0.0,), (0.0,)),
    (lambda x: np.exp(-np.sqrt(x)), (0.0,), (-INF,)),
    (np.exp, (-INF,), (0.0,)),
    (np.tanh, (INF,), (0.0,)),
    (np.sqrt, (-1.0,), (NAN,)),
]


@pytest.mark.parametrize(("function", "point", "slopes"), ROWS)
def test_row(function: Any, point: Any, slopes: Any) -> None:
    for wrap in WRAPS:
        for mode, found in zip(
            ("forward", "reverse"), partials(function, tuple(wrap(p) for p in point)), strict=True
        ):
            np.testing.assert_array_equal(np.real(found), slopes, err_msg=f"{mode} at {point}")


@pytest.mark.parametrize("n", range(7))
def test_whole_powers_are_exact_at_zero_to_any_order(n: int) -> None:
    for power in (
        lambda x: x**n,
        lambda x: x ** float(n),
        lambda x: np.power(x, n),
        lambda x: x ** np.int64(n),
    ):
        reverse, forward = power, power
        for order in range(1, 8):
            reverse = adjoint.grad(reverse)

            def forward(x: Any, inner: Any = forward) -> Any:
                return adjoint.jvp(inner, (x,), (np.ones_like(x)[()],))[1]

            want = float(math.factorial(n)) if order == n else 0.0
            for x in (0.0, -0.0, np.float64(0.0)):
                assert reverse(x) == want, (n, order)
                assert forward(x) == want, (n, order)


@pytest.mark.parametrize("n", [-3, -2, -1, 1, 2, 3, 4, 5, 8])
def test_whole_powers_away_from_zero(n: int) -> None:
    for x in (-1.7, 0.4, 2.5):
        for exponent in (n, float(n), np.float64(n), np.int64(n)):
            want = [n * x ** (n - 1), n * (n - 1) * x ** (n - 2), n * (n - 1) * (n - 2) * x ** (n - 3)]
            found: Any = lambda v, exponent=exponent: v**exponent  # noqa: E731
            for slope in want:
                found = adjoint.grad(found)
                np.testing.assert_allclose(found(x), slope, rtol=1e-14)
                np.testing.assert_allclose(found(np.float64(x)), slope, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_powers_keep_numpys_dtypes(dtype: Any) -> None:
    x = np.array([1.5, 2.0], dtype)
    for exponent in (
        2,
        3,
        2.0,
        0.5,
        -1,
        np.float64(2),
        np.int64(3),
        np.float32(2.0),
        np.array([2.0, 3.0]),
        True,
    ):
        want = x**exponent
        for value in (
            adjoint.vjp(lambda v, y=exponent: v**y, x)[0],
            adjoint.jvp(lambda v, y=exponent: v**y, (x,), (x,))[0],
            adjoint.vmap(lambda v, y=exponent: v**y)(x[None])[0],
        ):
            assert value.dtype == want.dtype, exponent
            np.testing.assert_allclose(value, want, rtol=4 * np.finfo(dtype).eps)


def test_integers_to_powers() -> None:
    x = np.array([1, 2, 3])
    for exponent in (0, 2, 3, 2.0, 0.5, -1.0, np.float32(2), np.array([1, 2, 3])):
        got = adjoint.vmap(lambda v, y=exponent: v**y)(x[None])[0]
        assert got.dtype == (x**exponent).dtype, exponent
        np.testing.assert_allclose(got, x**exponent, rtol=1e-7)
    np.testing.assert_array_equal(adjoint.vmap(lambda v: 2**v)(x), 2**x)
    assert adjoint.grad(lambda v: np.float_power(v, 3))(np.float32(2.0)) == 12.0
    assert (
        adjoint.jvp(lambda v: np.float_power(v, 3), (np.float32(2.0),), (np.float32(1.0),))[0].dtype == float
    )


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_root_of_a_negative_python_float_is_nan_as_in_numpy() -> None:
    value, slope = adjoint.jvp(lambda x: x**0.5, (-4.0,), (1.0,))
    assert np.isnan(value)
    assert np.isnan(slope)
    assert np.isnan(adjoint.grad(lambda x: x**0.5)(-4.0))


def test_sinc_is_exact_at_zero_to_any_order() -> None:
    """The Taylor series: the derivative of order 2k at 0 is (-1)^k pi^2k / (2k+1), odd ones are 0."""
    forward, reverse = np.sinc, np.sinc
    for order in range(1, 9):

        def forward(x: Any, inner: Any = forward) -> Any:
            return adjoint.jvp(inner, (x,), (np.float64(1.0),))[1]

        reverse = adjoint.grad(reverse)
        k = order // 2
        want = 0.0 if order % 2 else (-1) ** k * math.pi**order / (order + 1)
        for found in (forward(np.float64(0.0)), reverse(np.float64(0.0))):
            np.testing.assert_allclose(found, want, rtol=1e-14)


def test_gradients_of_complex_parts_follow_the_transpose_convention() -> None:
    z = np.array([3.0 + 4.0j, -1.0 + 0.5j])
    gradient: dict[str, tuple[Any, Any]] = {
        "abs": (np.abs, np.conj(z) / np.abs(z)),
        "real": (np.real, np.ones(2)),
        "imag": (np.imag, -1j * np.ones(2)),
        "conj": (lambda v: np.real(np.conj(v) ** 2), 2 * z),
        "angle": (np.angle, -1j * np.conj(z) / np.abs(z) ** 2),
        "sign": (lambda v: np.imag(np.sign(v)), None),
    }
    for name, (function, want) in gradient.items():
        found = adjoint.grad(lambda v, f=function: np.sum(f(v)))(z)
        for direction in (1.0, 1j):
            slope = adjoint.jvp(lambda v, f=function: np.sum(f(v)), (z,), (np.full(2, direction),))[1]
            np.testing.assert_allclose(np.sum(found * direction).real, slope, rtol=1e-13, err_msg=name)
        if want is not None:
            np.testing.assert_allclose(found, want, rtol=1e-14, err_msg=name)


def test_parts_of_complex_arrays_are_views() -> None:
    def function(z: Any) -> Any:
        w = z * 1.0
        w.real[0] = 5.0
        w.imag *= 2.0
        w.real += 0.0
        return np.sum(np.abs(w) ** 2)

    z = np.array([3.0 + 4.0j, -1.0 + 0.5j])
    np.testing.assert_allclose(adjoint.grad(function)(z), [-32.0j, -2.0 - 4.0j])


def test_rounding_and_replacing() -> None:
    x = np.array([1.26, -2.75, 3.5])
    for function in (
        np.round,
        lambda v: np.round(v, 1),
        lambda v: np.round(v, -1),
        np.fix,
        lambda v: v.round(1),
    ):
        value, slope = adjoint.jvp(function, (x,), (np.ones(3),))
        np.testing.assert_array_equal(value, function(x))
        np.testing.assert_array_equal(slope, np.zeros(3))
    y = np.array([1.0, NAN, INF, -INF])
    np.testing.assert_array_equal(adjoint.vjp(np.nan_to_num, y)[0], np.nan_to_num(y))
    np.testing.assert_array_equal(adjoint.vjp(np.nan_to_num, y)[1](np.ones(4))[0], [1.0, 0.0, 0.0, 0.0])
    for question in (np.isposinf, np.isneginf, np.iscomplex, np.isreal):
        np.testing.assert_array_equal(adjoint.vmap(question)(y), question(y))
