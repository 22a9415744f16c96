"""Long arrays: what takes another way from a certain length on gives what short arrays give."""

from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.primitives.reduction import linear_recurrence

RNG = np.random.default_rng(3)
LENGTH = 10_007


def recurrence(a: Any, b: Any) -> Any:
    """y[i] = a[i] y[i-1] + b[i], one after the other, zero where a factor is zero."""
    out, y = np.empty_like(b), 0.0
    for i in range(len(b)):
        y = b[i] + (a[i] * y if a[i] and y else 0.0)
        out[i] = y
    return out


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "factors",
    [
        1.0 + 1e-3 * RNG.normal(size=LENGTH),
        np.where(RNG.random(LENGTH) < 0.01, 0.0, RNG.normal(size=LENGTH)),
        np.full(LENGTH, 1e-8),  # products leave the range below
        np.where(np.arange(LENGTH) % 100 == 0, 0.0, 1e6),  # and above, where zeros end them
        np.where(np.arange(LENGTH) == 5000, np.inf, 0.0),
    ],
    ids=["near one", "zeros", "small", "large", "infinite"],
)
def test_recurrences(factors: Any, reverse: bool) -> None:
    terms = RNG.normal(size=LENGTH)
    order = slice(None, None, -1 if reverse else 1)
    wanted = recurrence(factors[order], terms[order])[order]
    found = linear_recurrence(factors, terms, axis=0, reverse=reverse)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)


def test_cumulative_products_have_the_slopes_of_their_sums_of_logarithms() -> None:
    x, w = 1.0 + 1e-3 * RNG.normal(size=LENGTH), RNG.normal(size=LENGTH)
    found = adjoint.grad(lambda x: np.sum(np.cumprod(x) * w))(x)
    np.testing.assert_allclose(found, np.cumsum((np.cumprod(x) * w)[::-1])[::-1] / x, rtol=1e-9)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_equal_elements_keep_their_order(kind: Any) -> None:
    x, w = RNG.integers(0, 100, size=LENGTH).astype(kind), RNG.normal(size=LENGTH).astype(kind)
    found = adjoint.grad(lambda x: np.sum(np.sort(x) * w))(x)
    wanted = np.empty_like(w)
    wanted[np.argsort(x, kind="stable")] = w
    np.testing.assert_array_equal(found, wanted)


def test_nan_comes_last() -> None:
    x = RNG.normal(size=LENGTH)
    x[[7, 4000, 9000]] = np.nan
    found = adjoint.grad(lambda x: np.sum(np.sort(x)[-2:]))(x)
    np.testing.assert_array_equal(np.flatnonzero(found), [4000, 9000])


def test_shares_of_maxima() -> None:
    x = RNG.normal(size=LENGTH)
    y = x + np.tile([1.0, 0.0, -1.0], LENGTH)[:LENGTH]
    y[5] = np.nan
    wanted = np.tile([0.0, 0.5, 1.0], LENGTH)[:LENGTH]
    wanted[5] = np.nan
    found = adjoint.grad(lambda x, y: np.sum(np.maximum(x, y)), (0, 1))(x, y)
    np.testing.assert_array_equal(found[0], wanted)
    np.testing.assert_array_equal(found[1], 1.0 - wanted)


def test_elements_read_often_collect_all() -> None:
    x, places, w = RNG.normal(size=50), RNG.integers(0, 50, size=LENGTH), RNG.normal(size=LENGTH)
    found = adjoint.grad(lambda x: np.sum(x[places] * w))(x)
    np.testing.assert_allclose(found, np.bincount(places, w, 50), rtol=1e-12)
