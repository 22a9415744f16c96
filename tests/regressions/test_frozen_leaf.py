"""A leaf that is frozen keeps its gradient, and a graph that holds it stays right when it is thawed."""

import numpy as np

import adjoint as ad


def test_freezing_keeps_the_gradient():
    a = ad.tensor([1.0, 2.0], requires_grad=True)
    np.sum(a * a).backward()
    a.requires_grad_(False)
    np.testing.assert_array_equal(a.grad.numpy(), [2.0, 4.0])
    assert not (a * 2.0).requires_grad


def test_a_graph_outlives_freezing():
    a = ad.tensor([1.0, 2.0], requires_grad=True)
    y = np.sum(a * a)
    a.requires_grad_(False)
    a.requires_grad_(True)
    y.backward()
    np.testing.assert_array_equal(a.grad.numpy(), [2.0, 4.0])


def test_a_tensor_that_was_never_a_leaf_has_no_gradient():
    a = ad.tensor([1.0, 2.0])
    a.requires_grad_(False)
    assert a.grad is None
