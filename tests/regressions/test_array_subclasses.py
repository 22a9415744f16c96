"""Subclasses of ndarray: files mapped into memory serve as arrays, those with their own operations do not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import ContainerError

X = np.array([0.0, 1.0, 2.0])


def test_memory_map(tmp_path: Path) -> None:
    """A memory map has the gradient of the array that it holds."""
    mapped = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3,))
    mapped[:] = X
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(x * x * mapped))(mapped), 2 * X * X)


class Doubled(np.ndarray):
    """Multiplies as no array does."""

    def __mul__(self, other: Any) -> Any:
        return 2.0 * np.multiply(self, other)


@pytest.mark.parametrize("given", [np.ma.array(X, mask=[0, 1, 0]), X.view(Doubled)])
@pytest.mark.parametrize("transform", [ad.grad, ad.jacfwd])
def test_operations_of_their_own(transform: Callable[..., Any], given: Any) -> None:
    """A mask or a matrix product is never lost in silence."""
    with pytest.raises(ContainerError, match="operations of its own"):
        transform(np.sum)(given)
    with pytest.raises(ContainerError, match="operations of its own"):
        transform(lambda x: np.sum(np.add(x, given)))(X)
    with pytest.raises(ContainerError, match="operations of its own"):
        transform(lambda x: np.sum(x * given))(X)
