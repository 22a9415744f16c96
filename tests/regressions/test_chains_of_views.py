"""A view of a view of a view costs what a view costs: recursion over `x[1:]` is ordinary Python.

Each look at a view used to ask its base twice, so a chain of n views took 2**n steps.
"""

import numpy as np

import adjoint as ad

DEPTH = 3000


def tail(x):
    for _ in range(DEPTH):
        x = x[1:]
    return np.sum(x * x)


def test_a_chain_of_slices():
    x = np.ones(DEPTH + 2)
    np.testing.assert_array_equal(ad.grad(tail)(x)[-3:], [0.0, 2.0, 2.0])
    assert ad.jvp(tail, (x,), (x,)) == (2.0, 4.0)


def test_a_chain_of_views_of_a_tensor_is_written_through():
    leaf = ad.tensor(np.ones(DEPTH + 2), requires_grad=True)
    whole = leaf * 1.0
    part = whole
    for _ in range(DEPTH):
        part = part[1:]
    part[0] = 5.0
    part *= 3.0
    np.testing.assert_array_equal(whole.detach().numpy()[-3:], [1.0, 15.0, 3.0])
    np.sum(whole).backward()
    np.testing.assert_array_equal(leaf.grad.numpy()[-3:], [1.0, 0.0, 3.0])


def test_every_view_of_a_chain_sees_what_any_of_them_writes():
    def f(x):
        whole = x * 1.0
        middle = whole[1:]
        inner = middle.reshape(1, -1).T
        flat = inner[:, 0]
        middle[0] = 10.0
        inner *= 2.0
        whole += 1.0
        flat[1] = flat[1] * 3.0
        return np.sum(whole * np.array([1.0, 10.0, 100.0])) + np.sum(middle) + np.sum(inner) + np.sum(flat)

    x = np.array([1.0, 2.0, 3.0])
    assert f(x) == f(ad.tensor(x)).item()
    np.testing.assert_array_equal(ad.grad(f)(x), [1.0, 0.0, 6.0 * 103.0])


def test_a_view_of_a_view_that_became_a_leaf_follows_it():
    whole = ad.tensor(np.arange(4.0))
    middle = whole[1:]
    inner = middle[1:]
    middle.requires_grad_()
    whole[...] = 0.0
    np.testing.assert_array_equal(inner.detach().numpy(), [2.0, 3.0])
    with ad.no_grad():
        middle *= 2.0
    np.testing.assert_array_equal(inner.detach().numpy(), [4.0, 6.0])
    np.sum(inner * inner).backward()
    np.testing.assert_array_equal(middle.grad.numpy(), [0.0, 8.0, 12.0])
