"""Sets of elements and counting: NumPy's values and structure, and each element's own derivative."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import TraceError

from .agreeing import agrees, draw

X = draw(6)
MIXED = np.array([2.0, 1.0, 2.0, 3.0, 1.0, 2.0])


@pytest.mark.parametrize(
    "function",
    [
        np.unique,
        lambda x: np.unique(x, axis=0),
        lambda x: np.unique(x.reshape(3, 2), axis=1),
        lambda x: np.unique(x, sorted=False),
        lambda x: np.unique_values(x),
        lambda x: np.unique_counts(x).values,
        lambda x: np.unique_inverse(x).values,
        lambda x: np.unique_all(x).values,
        lambda x: np.union1d(x, [7.0, x[0] * 2]),
        lambda x: np.intersect1d(x, x[::2]),
        lambda x: np.intersect1d(x, x[::-1], assume_unique=True),
        lambda x: np.setdiff1d(x, x[:2]),
        lambda x: np.setdiff1d(x, x[:2], assume_unique=True),
        lambda x: np.setxor1d(x, np.stack([x[0], x[1] * 3])),
        lambda x: np.setxor1d(x, x[:2], assume_unique=True),
    ],
)
def test_elements_keep_their_derivatives(function: Callable[..., Any]) -> None:
    agrees(function, X, second=True, batch=False, stage=False)


def test_of_equal_elements_the_first_is_taken() -> None:
    slope = ad.jacrev(np.unique)(MIXED)
    np.testing.assert_array_equal(slope, np.eye(6)[[1, 0, 3]])
    both = ad.jacrev(lambda x: np.union1d(x, x))(MIXED)
    np.testing.assert_array_equal(both, np.eye(6)[[1, 0, 3]])


def test_unique_gives_what_else_is_asked_for() -> None:
    def function(x: Any) -> Any:
        found = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
        rest.append(found[1:])
        return found[0]

    rest: list[Any] = []
    ad.vjp(function, MIXED)
    want = np.unique(MIXED, return_index=True, return_inverse=True, return_counts=True)[1:]
    for got, plain in zip(rest[0], want, strict=True):
        np.testing.assert_array_equal(got, plain)


def test_nan_among_the_elements() -> None:
    x = np.array([np.nan, 1.0, np.nan])
    assert ad.vjp(np.unique, x)[0].shape == (2,)
    assert ad.vjp(lambda v: np.unique(v, equal_nan=False), x)[0].shape == (3,)
    assert ad.vjp(np.unique_values, x)[0].shape == (3,)


def test_isin() -> None:
    def kept(x: Any) -> Any:
        return np.where(np.isin(x, [1.0, 3.0]), x**2, 0.0).sum()

    np.testing.assert_array_equal(ad.grad(kept)(MIXED), [0, 2, 0, 6, 2, 0])
    flags = ad.vmap(lambda x: np.isin(x, x[:2], invert=True))(np.stack([MIXED, MIXED[::-1]]))
    np.testing.assert_array_equal(flags, [np.isin(r, r[:2], invert=True) for r in (MIXED, MIXED[::-1])])


def test_which_elements_are_taken_must_be_known() -> None:
    with pytest.raises(TraceError, match="which elements"):
        ad.vmap(np.unique)(np.ones((2, 3)))


# --- counting ------------------------------------------------------------------------------------

BINS = np.array([0, 2, 2, 5, 1, 2])


@pytest.mark.parametrize(
    "function",
    [
        lambda w: np.bincount(BINS, w),
        lambda w: np.bincount(list(BINS), weights=w, minlength=9),
        lambda w: np.histogram(X, bins=4, weights=w)[0],
        lambda w: np.histogram(X, [-2.0, 0.0, 1.0, 2.0], weights=w)[0],
        lambda w: np.histogram(X, bins=3, range=(-1, 1), weights=w)[0],
        lambda w: np.histogram(X, bins=4, weights=w, density=True)[0],
        lambda w: np.histogram2d(X, X**2, bins=3, weights=w)[0],
        lambda w: np.histogramdd(np.stack([X, X**2], axis=1), bins=(2, 3), weights=w, density=True)[0],
    ],
)
def test_counting_with_weights(function: Callable[..., Any]) -> None:
    agrees(function, draw(6, seed=3) ** 2, second=True)


def test_histogram_of_complex_weights() -> None:
    agrees(lambda w: np.histogram(X, bins=4, weights=w)[0], draw(6, dtype=np.complex128), batch=False)


def test_histogram_edges_move_with_the_data() -> None:
    agrees(lambda x: np.histogram(x, bins=4)[1], X, batch=False, stage=False)
    agrees(lambda x: np.histogram_bin_edges(x, 3, range=(0.0, 1.0)) * x[0], X, batch=False, stage=False)


def test_bincount_refuses_what_numpy_refuses() -> None:
    with pytest.raises(ValueError, match="same length"):
        ad.grad(lambda w: np.bincount(BINS, w).sum())(np.ones(3))
    with pytest.raises(TypeError, match="Cannot cast"):
        ad.vjp(lambda w: np.bincount(BINS, w), np.ones(6, complex))
    with pytest.raises(ValueError, match="negative"):
        ad.grad(lambda w: np.bincount([-1, 0], w).sum())(np.ones(2))
