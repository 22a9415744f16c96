"""`"%.2f" % x` shows a traced number, as f-strings and `format` do."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import TraceError


def test_numbers_are_shown():
    seen = []
    many, named, one = "%.2f|%s|%d %%", "%(a)5.1f", "%.3e"

    def f(x):
        text = many % (x[0], x[1], x[1])
        text += named % {"a": x[0]} + one % x[0]
        line = "<%s>"
        line %= x[0]
        seen.append((text, line))
        return np.sum(x % 0.7)

    x = np.array([1.25, 2.5])
    f(x)
    np.testing.assert_array_equal(ad.grad(f)(x), [1.0, 1.0])
    ad.jvp(f, (x,), (x,))
    ad.hessian(f)(x)
    assert set(seen[:3]) == {("1.25|2.5|2 %  1.21.250e+00", "<1.25>")}


def test_a_batch_has_no_number_to_show():
    text = "%.2f"
    with pytest.raises(TraceError, match="formatting"):
        ad.vmap(lambda x: (text % x, x)[1])(np.ones(3))


def test_classes_keep_their_remainders():
    class Modular:
        def __init__(self, value):
            self.value = value

        def __mod__(self, other):
            return self.value * np.array([other, 2.0])

        def __rmod__(self, other):
            return self.value * 3.0

    assert ad.grad(lambda x: np.sum(Modular(x) % 5.0) + (x % Modular(2.0)) * x)(1.5) == 13.0
