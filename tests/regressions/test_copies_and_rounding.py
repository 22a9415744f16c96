"""`copy.deepcopy(x)` and `round(x, n)` of a traced value keep its derivative."""

import copy
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import GraphError

X = np.array([1.5, -0.7])


def test_deepcopy() -> None:
    """The copy has the derivative, and elements of its own."""

    def f(x: Any) -> Any:
        inside = copy.deepcopy({"a": [x]})["a"][0]
        inside[0] = 0.0
        return np.sum(inside**2) + np.sum(x)

    np.testing.assert_allclose(ad.grad(f)(X), [1.0, 1.0 - 1.4])
    np.testing.assert_allclose(ad.jacfwd(f)(X), [1.0, 1.0 - 1.4])


def test_deepcopy_of_tensors() -> None:
    """A leaf gives another leaf; a result refuses."""
    t = ad.tensor(X, requires_grad=True)
    twin = copy.deepcopy(t)
    assert twin.is_leaf
    assert twin.requires_grad
    assert twin is not t
    with pytest.raises(GraphError):
        copy.deepcopy(t * 2.0)


def test_round() -> None:
    """With digits it is NumPy's; without them it is an integer, which has no slope."""
    np.testing.assert_allclose(ad.grad(lambda x: round(x[0], 1) * x[1])(X), [0.0, 1.5])
    np.testing.assert_allclose(ad.grad(lambda x: round(x[0]) * x[1])(X), [0.0, round(X[0])])
