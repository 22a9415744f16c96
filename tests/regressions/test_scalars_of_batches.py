"""Decisions by type fall as they do on plain values: in a batch, by `__class__`, and in single dispatch."""

import functools

import numpy as np

import adjoint as ad


def by_type(x):
    return x[0] * 2.0 if isinstance(x[0], float) else x[0] * 100.0


def by_class(x):
    return np.sum(x) if x.__class__ is np.ndarray else 100.0 * np.sum(x)


@functools.singledispatch
def dispatched(x):
    return 100.0 * x


@dispatched.register(float)
def _(x):
    return x * 3.0


@dispatched.register(np.ndarray)
def _(x):
    return np.sum(x * 5.0)


def test_an_element_of_a_batch_is_a_scalar():
    np.testing.assert_array_equal(ad.vmap(by_type)(np.ones((3, 2))), np.full(3, 2.0))
    np.testing.assert_array_equal(ad.vmap(ad.grad(by_type))(np.ones((3, 2))), [[2.0, 0.0]] * 3)


def test_the_class_of_a_traced_array_is_that_of_the_plain_one():
    np.testing.assert_array_equal(ad.grad(by_class)(np.ones(2)), np.ones(2))
    assert ad.jvp(by_class, (np.ones(2),), (np.ones(2),)) == (2.0, 2.0)


def test_single_dispatch_goes_by_the_plain_class():
    assert ad.grad(dispatched)(1.0) == 3.0
    np.testing.assert_array_equal(ad.grad(dispatched)(np.ones(2)), [5.0, 5.0])
    np.testing.assert_array_equal(ad.grad(lambda x: dispatched(x[0]))(np.ones(2)), [3.0, 0.0])
