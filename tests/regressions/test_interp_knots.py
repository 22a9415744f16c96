"""`np.interp` at a knot has the slope of least size between those of its two pieces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

XP = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
FP = np.array([1.0, 3.0, 4.0, 0.0, -3.0, -3.0])
AT = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 2.25, 3.0, 4.0, 4.5, 5.0, 6.0])
SLOPES = np.array([0.0, 0.0, 2.0, 1.0, 0.0, -4.0, -3.0, 0.0, 0.0, 0.0, 0.0])


def by_points(x: Any) -> Any:
    return np.interp(x, XP, FP)


@pytest.mark.parametrize("f", [by_points, lambda x: np.interp(x, XP, FP, left=-7.0, right=9.0)])
def test_slope(f: Callable[[Any], Any]) -> None:
    """The smaller where both agree in sign, zero where they do not; zero at the outer knots."""
    value, slope = ad.jvp(f, (AT,), (np.ones_like(AT),))
    np.testing.assert_array_equal(value, f(AT))
    np.testing.assert_array_equal(slope, SLOPES)
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(f(x)))(AT), SLOPES)
    for x, wanted in zip(AT, SLOPES, strict=True):
        assert ad.grad(f)(float(x)) == wanted


def test_values_at_knots() -> None:
    """In the values the derivative is exact: that of linear interpolation, whatever the slope in x."""
    rows = ad.jacobian(lambda fp: np.interp(AT, XP, fp))(FP)
    wanted = np.stack([np.interp(AT, XP, row) for row in np.eye(6)], axis=1)
    np.testing.assert_allclose(rows, wanted, atol=1e-15)
    np.testing.assert_allclose(
        ad.vmap(lambda fp: np.interp(AT, XP, fp))(np.stack([FP, 2 * FP]))[1], 2 * by_points(AT)
    )
    cross = ad.jacfwd(ad.grad(lambda x, fp: np.interp(x, XP, fp)), argnums=1)(2.25, FP)
    np.testing.assert_array_equal(cross, [0.0, 0.0, -1.0, 1.0, 0.0, 0.0])


def test_complex_values_and_one_knot() -> None:
    """The point of least size between two complex slopes; a single knot is constant."""
    values = np.array([0.0, 1.0 + 1.0j, 2.0 - 1.0j * 0.0])
    slope = ad.jvp(lambda x: np.interp(x, XP[:3], values), (1.0,), (1.0,))[1]
    assert slope == pytest.approx(1.0)
    assert ad.grad(lambda x: np.interp(x, np.array([1.0]), np.array([5.0])))(1.0) == 0.0
