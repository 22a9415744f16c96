"""Checks where rounding is large: right derivatives pass, and what nobody can see is no pass."""

import numpy as np
import pytest

from adjoint import check_grads
from adjoint.api.custom import custom_jvp
from adjoint.diagnose import examine
from adjoint.errors import DataError


@pytest.mark.parametrize("mean", [1e4, 1e6, 1e8])
def test_a_variance_of_numbers_far_from_zero(mean):
    x = mean + np.random.default_rng(0).normal(size=10)
    assert check_grads(np.var, x).passed


@pytest.mark.parametrize("mean", [1e4, 1e6])
def test_a_wrong_second_derivative_far_from_zero_is_still_seen(mean):
    @custom_jvp
    def square(x):
        return x * x

    @custom_jvp
    def slope(x):
        return 2.0 * x

    square.defjvp(lambda primals, tangents: (square(*primals), slope(*primals) * tangents[0]))
    slope.defjvp(lambda primals, tangents: (slope(*primals), 2.002 * tangents[0]))
    x = mean + np.random.default_rng(0).normal(size=10)
    assert not examine(lambda x: np.sum(square(x - mean)), x).passed


@pytest.mark.parametrize("factor", [1.5, -1.0, 11.0])
def test_a_wrong_slope_beneath_rounding_is_no_pass(factor):
    @custom_jvp
    def sine(x):
        return np.sin(x)

    sine.defjvp(lambda primals, tangents: (np.sin(*primals), factor * np.cos(*primals) * tangents[0]))
    x = np.array([0.1, -0.5, 0.6], np.float32)
    assert not examine(lambda x: np.float32(1e6) + np.sum(sine(x)), x, order=1, modes=("fwd",)).passed


def test_outputs_without_elements():
    with pytest.raises(DataError, match="empty arrays only"):
        check_grads(lambda x: x[:0], np.ones(3))
