"""A traced Python float computes as NumPy's numbers do: infinities and NaN in place of Python's errors."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

OPERATORS = [operator.truediv, operator.floordiv, operator.mod, operator.pow, operator.mul]
NUMBERS = [0.0, -0.0, -8.0, 0.5, 1e200, -1.0, 400.5, float("inf")]

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def wanted(operation: Callable[[Any, Any], Any], x: float, y: float) -> float:
    with np.errstate(all="ignore"):
        return float(operation(np.float64(x), np.float64(y)))


def values(f: Callable[..., Any], *args: float) -> list[Any]:
    """What each mode gives for f."""
    units = (1.0,) * len(args)
    first = tuple(range(len(args)))
    return [
        ad.value_and_grad(f, argnums=first)(*args)[0],
        ad.jvp(f, args, units)[0],
        ad.vjp(f, *args)[0],
        ad.linearize(f, *args)[0],
        ad.trace(f)(*args)(*args),
        ad.jvp(lambda *a: ad.vjp(f, *a)[0], args, units)[0],
        ad.vjp(lambda *a: ad.jvp(f, a, units)[0], *args)[0],
        ad.vmap(f)(*(np.array([a]) for a in args))[0],
    ]


@pytest.mark.parametrize("operation", OPERATORS)
@pytest.mark.parametrize("x", NUMBERS)
def test_value(operation: Callable[[Any, Any], Any], x: float) -> None:
    """Both operands traced, or one of them."""
    for y in NUMBERS:
        right = wanted(operation, x, y)
        one = ad.value_and_grad(lambda v, y=y: operation(v, y))(x)[0]
        other = ad.value_and_grad(lambda v: operation(x, v))(y)[0]
        for found in (one, other, *values(operation, x, y)):
            assert not isinstance(found, complex)
            np.testing.assert_allclose(found, right, rtol=4e-16)


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: 1 / x, 0.0, -np.inf),
        (lambda x: x**-1, 0.0, -np.inf),
        (lambda x: x**-2.0, 0.0, -np.inf),
        (lambda x: x**0.5, -4.0, np.nan),
        (lambda x: x**2, 1e200, 2e200),
        (lambda x: x**3, 1e150, 3e300),
        (lambda x: x % 0.0, 1.0, 1.0),
        (lambda x: x // 0.0, 1.0, 0.0),
        (lambda x: divmod(x, 0.0)[1], 1.0, 1.0),
    ],
)
def test_slope(f: Callable[[Any], Any], x: float, slope: float) -> None:
    """Reverse, forward and NumPy's numbers agree."""
    for found in (
        ad.grad(f)(x),
        ad.jvp(f, (x,), (1.0,))[1],
        ad.grad(f)(np.float64(x)),
        ad.trace(ad.grad(f))(x)(x),
        ad.grad(lambda z: ad.jvp(f, (z,), (1.0,))[0])(x),
    ):
        np.testing.assert_allclose(found, slope, rtol=4e-16)


def test_complex_numbers_stay_complex() -> None:
    """What is complex by itself computes as before."""
    assert ad.vjp(lambda z: z**0.5, -4.0 + 0.0j)[0] == pytest.approx(2.0j)
    assert np.isnan(ad.vjp(lambda z: 1.0 / z, 0j)[0])
