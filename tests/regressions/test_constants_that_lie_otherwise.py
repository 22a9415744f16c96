"""Constants written into constants whose axes lie in another order stay arrays of the trace."""

from typing import Any

import numpy as np

import adjoint as ad


def test_constants_into_constants() -> None:
    def f(s: Any) -> Any:
        rows = np.zeros((2, 3)).T + 1.0
        pages = np.empty((2, 3, 3)).T
        k = np.arange(2)
        pages[k, k] = rows[k]
        return np.sum(s * pages[k, k])

    assert ad.grad(f)(0.7) == f(1.0)
