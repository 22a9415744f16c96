"""NumPy's generators shuffle traced arrays, and a followed function's constants, as they do plain arrays."""

import numpy as np
import pytest

import adjoint as ad


def table(x):
    return np.outer(x, np.arange(1.0, 4.0))


def shuffled(x):
    a = table(x)
    np.random.default_rng(0).shuffle(a)
    return a


def shuffled_columns(x):
    a = table(x)
    np.random.default_rng(0).shuffle(a, axis=1)
    return a


def shuffled_by_the_old_generator(x):
    a = table(x)
    np.random.RandomState(3).shuffle(a)
    return a


def shuffled_constants(x):
    a = np.ones((4, 2)).cumsum(0)
    np.random.default_rng(0).shuffle(a)
    return a[:, 0] * x


def drawn_into(x):
    out = np.empty(4)
    np.random.default_rng(0).random(out=out)
    return out * x


def permuted(x):
    rng = np.random.default_rng(0)
    return rng.permutation(table(x)) + rng.permutation(table(x), axis=0) + rng.permutation(x)[:, None]


def chosen(x):
    rng = np.random.default_rng(0)
    return rng.choice(table(x), 2) * rng.choice(x, (2, 1), replace=False)


FUNCTIONS = [
    shuffled,
    shuffled_columns,
    shuffled_by_the_old_generator,
    shuffled_constants,
    drawn_into,
    permuted,
    chosen,
]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_and_derivatives(f):
    x, d, h = np.array([0.3, 1.2, 0.7, 2.1]), np.array([1.0, -2.0, 0.5, 3.0]), 1e-4
    value, tangent = ad.jvp(f, (x,), (d,))
    np.testing.assert_allclose(value, f(x), rtol=1e-14)
    np.testing.assert_allclose(tangent, (f(x + h * d) - f(x - h * d)) / (2 * h), rtol=1e-9, atol=1e-11)
    weights = np.cos(np.arange(value.size)).reshape(value.shape)
    slope = ad.grad(lambda x: np.sum(weights * f(x)))(x)
    np.testing.assert_allclose(slope @ d, np.sum(weights * tangent), rtol=1e-12)
    np.testing.assert_allclose(ad.vmap(f)(np.stack([x, 2 * x])), [f(x), f(2 * x)], rtol=1e-14)


def by_a_matrix(x):
    return np.sum(np.asarray(np.matrix([[1.0, 2.0], [3.0, 4.0]])) @ x)


def by_memory(x):
    return np.sum(np.asarray(memoryview(np.ones(2))) * x)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_classes_that_read_the_memory_of_constants():
    np.testing.assert_array_equal(ad.grad(by_a_matrix)(np.ones(2)), [4.0, 6.0])
    np.testing.assert_array_equal(ad.grad(by_memory)(np.ones(2)), [1, 1])
