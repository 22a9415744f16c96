"""`tensor()` takes what `adjoint.numpy` makes as it takes NumPy's own arrays."""

import numpy as np

import adjoint as ad
import adjoint.numpy as anp


def test_arrays_of_the_namespace():
    x = ad.tensor(anp.array([1.0, 2.0]), requires_grad=True)
    np.sum(x * x).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [2.0, 4.0])
    np.testing.assert_array_equal(ad.tensor([anp.zeros(2), anp.ones(2)]).numpy(), [[0, 0], [1, 1]])


def test_they_are_copied():
    a = anp.zeros(2)
    x = ad.tensor(a)
    a[0] = 5.0
    np.testing.assert_array_equal(x.numpy(), [0.0, 0.0])
