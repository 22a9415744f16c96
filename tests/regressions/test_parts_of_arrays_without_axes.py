"""The pullback of `x[...]` and `x[None]` of an array without axes, read more than once.

Its cotangent so far was a number, which the pullback of the next read wrote into as into an array.
"""

import numpy as np
import pytest

import adjoint as ad

FUNCTIONS = {
    "piecewise and stack": lambda x: (
        np.piecewise(x, [x < 0, x >= 0], [np.sin, lambda t: t * t]) + np.sum(np.stack([x, 2.0 * x]))
    ),
    "twice an ellipsis": lambda x: np.sum(x[...] * x[...] + x[None] * x),
    "stacked": lambda x: np.sum(np.stack([x, x, x])) + x[...],
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [np.array(1.5), np.float64(1.5), np.array(1.5 + 0.5j)], ids=repr)
def test_reverse_is_forward(name, x):
    if np.iscomplexobj(x) and "piecewise" in name:
        x = x.real
    f = FUNCTIONS[name]
    value, tangent = ad.jvp(f, (x,), (np.ones_like(x),))
    other, pull = ad.vjp(f, x)
    assert value == other
    assert pull(np.ones_like(value)[()])[0] == pytest.approx(tangent)
