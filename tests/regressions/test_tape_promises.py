"""What the tape promises in its docstrings, where the obvious tests pass without it."""

import numpy as np

import adjoint as ad
from adjoint import nn, optim


def test_a_retained_gradient_is_what_the_hooks_made_of_it():
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    y.retain_grad()
    y.register_hook(lambda g: 10.0 * g)
    np.sum(y).backward()
    np.testing.assert_array_equal(y.grad.numpy(), [10.0, 10.0])
    np.testing.assert_array_equal(x.grad.numpy(), [20.0, 20.0])


def test_a_retained_gradient_is_not_the_array_in_which_the_walk_goes_on():
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    y[0] = 5.0
    y.retain_grad()
    z = y * 1.0
    (z * z + y[0] * y[1]).backward(np.ones(2))
    np.testing.assert_array_equal(y.grad.numpy(), [2 * 5.0 + 2 * 2.0, 2 * 2.0 + 2 * 5.0])
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 14.0])


def test_a_generator_that_is_closed_ends_in_its_own_mode():
    x = ad.tensor(1.0, requires_grad=True)
    seen = []

    @ad.no_grad
    def numbers():
        try:
            yield 1
        finally:
            seen.append((x * 2.0).requires_grad)

    running = numbers()
    next(running)
    running.close()
    assert seen == [False]
    assert (x * 2.0).requires_grad


def test_clipping_hides_no_nan_in_any_leaf():
    clip = optim.clip_by_global_norm(1.0)
    clipped, _ = clip.update([np.array([np.nan, 1.0]), np.array([1.0])], clip.init(None))
    assert all(np.isnan(leaf).all() for leaf in clipped)


def test_the_variance_of_he_to_a_percent():
    weights = nn.he_normal(ad.random.key(0), (500, 1000))
    assert abs(weights.var() * 500 / 2.0 - 1.0) < 0.01
