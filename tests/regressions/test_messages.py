"""Errors name the function that was called, and say what to write in its place."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import AdjointError, TraceError

X = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    "call",
    [
        lambda: ad.hvp(lambda x: x, (X,), (X,)),
        lambda: ad.hvp(np.sum, (3,), (1.0,)),
        lambda: ad.hvp(np.sum, (X,), (np.ones(3),)),
        lambda: ad.hvp(np.sum, (X,), ()),
        lambda: ad.hvp(lambda x: None, (X,), (X,)),
        lambda: ad.hvp(lambda x: np.sum(x) * 1j, (X,), (X,)),
        lambda: ad.hvp(np.sum, (X,), (X,), has_aux=True),
        lambda: ad.hvp(np.sum, X, X),  # type: ignore[arg-type]
        lambda: ad.hvp(np.sum, (), ()),
    ],
)
def test_hvp_is_named(call: Callable[[], Any]) -> None:
    """Not `grad` or `jvp`, of which it is made."""
    with pytest.raises(AdjointError) as caught:
        call()
    assert caught.value.asked.startswith("hvp ")
    assert "holomorphic" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "usage"),
    [
        (lambda: ad.vjp(np.sum), "vjp(f, x)"),
        (lambda: ad.linearize(np.sum), "linearize(f, x)"),
        (lambda: ad.jvp(np.sum, (), ()), "jvp(f, (x,), (dx,))"),
        (lambda: ad.hvp(np.sum, (), ()), "hvp(f, (x,), (dx,))"),
    ],
)
def test_without_arguments(call: Callable[[], Any], usage: str) -> None:
    """The remedy shows the call."""
    with pytest.raises(AdjointError) as caught:
        call()
    assert usage in caught.value.remedy
    assert "argnums" not in str(caught.value)


def test_plain_arrays_indexed_by_traced_ones() -> None:
    """The remedy is what works."""
    table, at = np.array([1.0, 5.0, 7.0]), np.array([2, 0])
    with pytest.raises(TraceError, match=r"np\.take\(table, i, axis=0\)"):
        ad.vmap(lambda i: table[i])(at)
    np.testing.assert_array_equal(ad.vmap(lambda i: np.take(table, i, axis=0))(at), [7.0, 1.0])
    with pytest.raises(TraceError, match=r"np\.where\(mask, x, other\)"):
        ad.vmap(lambda x: table[x > 0])(np.ones((2, 3)))


def test_plain_arrays_clipped_by_traced_bounds() -> None:
    """The method of a plain array is the function."""
    table = np.array([1.0, 5.0, 7.0])
    assert ad.grad(lambda a: np.sum(table.clip(a)))(2.0) == 1.0
    assert ad.grad(lambda a: np.sum(table.clip(0.0, a)))(6.0) == 1.0
    np.testing.assert_array_equal(
        ad.vmap(lambda a: table.clip(a, 6.0))(np.array([2.0, 5.5])), [[2, 5, 6], [5.5, 5.5, 6]]
    )
    np.testing.assert_array_equal(ad.trace(lambda a: table.clip(a, 6.0))(2.0)(2.0), [2, 5, 6])
