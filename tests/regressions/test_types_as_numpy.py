"""Dtypes and kinds that were not NumPy's: `linspace` of narrow ends, SciPy's `multigammaln` of float32,
numbers where NumPy gives numbers: `inner`, `einsum` to no axes, and `+x` of an array without axes.
"""

import numpy as np
import pytest
from scipy import special

import adjoint as ad

ENDS = [
    (np.float16([1, 2]), -1),
    (np.float32(1), np.float32(2)),
    (1.0, 2),
    (np.float64(1), np.float32([2])),
    (np.complex64(1j), np.float32(1)),
    (np.complex64(1j), np.array([3, 4])),
]


@pytest.mark.parametrize("ends", ENDS, ids=str)
def test_linspace(ends):
    def f(start):
        return np.linspace(start, ends[1], 3)

    value, tangent = ad.jvp(f, ends[:1], ends[:1])
    assert value.dtype == tangent.dtype == f(ends[0]).dtype
    np.testing.assert_allclose(value, f(ends[0]), rtol=1e-3)


def test_multigammaln():
    x = np.array([2.5, 3.0], np.float32)
    value, pull = ad.vjp(lambda x: special.multigammaln(x, 2), x)
    assert value.dtype == special.multigammaln(x, 2).dtype == np.float64
    assert pull(value)[0].dtype == np.float32


NUMBERS = {
    "inner": lambda x: np.inner(x, x),
    "einsum": lambda x: np.einsum("i,i", x, x),
    "plus": lambda x: +np.sum(x).reshape(()),
    "positive": lambda x: np.positive(np.zeros_like(x[..., 0])),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    x = np.array([1.0, 2.0])
    f = NUMBERS[name]
    for got in (ad.jvp(f, (x,), (x,))[0], ad.vjp(f, x)[0]):
        assert type(got) is type(f(x)) is np.float64


def test_tensorsolve_of_as_many_axes():
    a = np.array([[2.0]])
    for got in (
        ad.jvp(lambda a: np.linalg.tensorsolve(a, np.ones((1, 1))), (a,), (a,))[0],
        ad.vjp(np.linalg.tensorsolve, a, np.ones((1, 1)))[0],
    ):
        assert got.shape == np.linalg.tensorsolve(a, np.ones((1, 1))).shape


@pytest.mark.parametrize("name", ["spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"])
def test_spherical_bessel_functions(name):
    x = np.array([1.5, 2.0], np.float32)
    value, tangent = ad.jvp(lambda x: getattr(special, name)(2, x), (x,), (x,))
    assert value.dtype == tangent.dtype == getattr(special, name)(2, x).dtype


@pytest.mark.parametrize("order", [0, 1, 2])
def test_polygamma(order):
    x = np.array([1.5, 2.0], np.float32)
    value, pull = ad.vjp(lambda x: special.polygamma(order, x), x)
    assert value.dtype == special.polygamma(order, x).dtype
    assert pull(value)[0].dtype == np.float32
