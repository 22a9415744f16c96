"""Clipping by norm and by value, and chains of transformations."""

import math

import numpy as np
import pytest

from adjoint import optim
from adjoint.errors import DtypeError

TREE = {"w": np.array([[3.0, 0.0]]), "b": 4.0, "n": 7}


def clipped(transformation, gradient):
    return transformation.update(gradient, transformation.init(gradient))[0]


def test_global_norm_is_over_all_leaves():
    assert optim.global_norm(TREE) == 5.0
    assert optim.global_norm({}) == 0.0
    assert optim.global_norm(np.array([3 + 4j])) == 5.0
    assert optim.global_norm(np.full(4, 1e30, np.float32)) == pytest.approx(2e30)


def test_by_global_norm():
    found = clipped(optim.clip_by_global_norm(1.0), TREE)
    np.testing.assert_allclose(found["w"], [[0.6, 0.0]])
    assert found["b"] == pytest.approx(0.8)
    assert type(found["b"]) is float
    assert found["n"] == 7
    assert optim.global_norm(found) == pytest.approx(1.0)


@pytest.mark.parametrize("limit", [5.0, 6.0])
def test_what_is_short_enough_stays_to_the_bit(limit):
    found = clipped(optim.clip_by_global_norm(limit), TREE)
    assert found["w"] is TREE["w"]
    assert found["b"] == 4.0
    zero = clipped(optim.clip_by_global_norm(limit), np.zeros(3))
    assert np.array_equal(zero, np.zeros(3))


def test_by_value():
    found = clipped(optim.clip_by_value(2.0), {"a": np.array([-3.0, 1.0, 2.5]), "b": -9.0, "n": 7})
    assert np.array_equal(found["a"], [-2.0, 1.0, 2.0])
    assert found["b"] == -2.0
    assert type(found["b"]) is float
    assert found["n"] == 7


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64])
def test_dtypes_are_kept(dtype):
    g = np.array([3, 4], dtype)
    assert clipped(optim.clip_by_global_norm(1.0), g).dtype == dtype
    if dtype is not np.complex64:
        assert clipped(optim.clip_by_value(1.0), g).dtype == dtype


def test_nan_and_infinity_are_not_hidden():
    for bad in (math.nan, math.inf):
        with np.errstate(invalid="ignore"):
            assert np.isnan(clipped(optim.clip_by_global_norm(1.0), np.array([bad, 1.0]))[0])
    assert np.isnan(clipped(optim.clip_by_value(1.0), np.array([math.nan])))[0]


def test_complex_numbers_have_no_order():
    with pytest.raises(DtypeError, match="clip_by_global_norm"):
        clipped(optim.clip_by_value(1.0), np.array([1j]))


def test_a_chain_goes_from_left_to_right():
    g = np.array([30.0, 40.0])
    chain = optim.chain(optim.clip_by_value(35.0), optim.clip_by_global_norm(1.0), optim.sgd(0.1))
    state = chain.init(np.zeros(2))
    step, state = chain.update(g, state)
    expected = np.array([30.0, 35.0])
    np.testing.assert_allclose(step, -0.1 * expected / np.linalg.norm(expected))
    assert state == (optim.ClipState(), optim.ClipState(), optim.SGDState(np.array(1)))
    nested = optim.chain(
        optim.chain(optim.clip_by_value(35.0)), optim.clip_by_global_norm(1.0), optim.sgd(0.1)
    )
    np.testing.assert_array_equal(nested.update(g, nested.init(g))[0], step)
    nothing = optim.chain()
    assert nothing.update(g, nothing.init(g))[0] is g
