"""Conditions on Python numbers meet conditions on arrays: `2.0**x` in a batch and in a Program."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad

POINTS = np.array([0.5, 1.5])


@pytest.mark.parametrize("f", [lambda x: 2.0**x, lambda x: x**x, lambda x: np.logaddexp(x, 0.0)])
def test_batch_and_program(f: Callable[[Any], Any]) -> None:
    """The gradient of one number, of a batch of them, and of a traced one."""
    wanted = [ad.grad(f)(float(p)) for p in POINTS]
    np.testing.assert_allclose(ad.vmap(ad.grad(f))(POINTS), wanted, rtol=1e-14)
    assert ad.trace(ad.grad(f))(0.7)(0.5) == pytest.approx(wanted[0], rel=1e-14)
