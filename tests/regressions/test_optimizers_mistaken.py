"""What an optimizer is given by mistake is told, and a gradient beyond the range of squares is clipped."""

import numpy as np
import pytest

from adjoint import optim
from adjoint.errors import ArgumentError, ContainerError, DtypeError

PARAMS = {"w": np.ones(2), "b": np.ones(1)}


def test_a_gradient_of_another_structure_is_what_was_received():
    optimizer = optim.adam(0.1)
    with pytest.raises(ContainerError) as caught:
        optimizer.update({"w": np.ones(2)}, optimizer.init(PARAMS), PARAMS)
    assert "'b'" in caught.value.asked
    assert "'b'" not in caught.value.received


@pytest.mark.parametrize("optimizer", [optim.sgd(0.1), optim.momentum(0.1), optim.adam(0.1)])
def test_the_state_of_another_optimizer(optimizer):
    for state in (optim.clip_by_value(1.0).init(PARAMS), None):
        with pytest.raises(ArgumentError, match="State"):
            optimizer.update(PARAMS, state, PARAMS)


@pytest.mark.parametrize("optimizer", [optim.sgd(0.1), optim.adam(0.1)])
def test_an_integer_gradient_of_a_floating_parameter_is_no_step(optimizer):
    step, _ = optimizer.update({"w": np.array([1, 2]), "b": np.ones(1)}, optimizer.init(PARAMS), PARAMS)
    with pytest.raises(DtypeError, match="floats"):
        optim.apply_updates(PARAMS, step)


@pytest.mark.parametrize("size", [1e200, 1e-200, 1e300, 5e-300])
def test_the_norm_of_what_has_no_squares(size):
    gradient = [size * np.array([3.0, 4.0]), 12.0 * size]
    np.testing.assert_allclose(optim.global_norm(gradient), 13.0 * size, rtol=1e-15)
    clip = optim.clip_by_global_norm(0.5 * size)
    clipped, _ = clip.update(gradient, clip.init(None))
    np.testing.assert_allclose(clipped[0], 0.5 * size * np.array([3.0, 4.0]) / 13.0, rtol=1e-14)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_norm_of_what_is_not_finite(bad):
    assert not np.isfinite(optim.global_norm([np.array([bad, 1.0])]))
