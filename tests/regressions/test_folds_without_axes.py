"""`np.sum(x, axis=0)` of a number is that number, as for NumPy's ufuncs; it raised."""

import numpy as np
import pytest

import adjoint as ad


@pytest.mark.parametrize("function", [np.sum, np.prod, np.max, np.min, np.any, np.all, np.ptp])
@pytest.mark.parametrize("axis", [0, -1])
def test_axis_of_a_number(function, axis):
    x = np.float64(2.0)
    value, tangent = ad.jvp(lambda x: function(x, axis=axis) * x, (x,), (x,))
    assert value == function(x, axis=axis) * x
    assert np.isfinite(tangent)


@pytest.mark.parametrize("function", [np.mean, np.std, np.sort])
def test_others_refuse_as_numpy_does(function):
    for run in (lambda f: f(np.float64(2.0)), lambda f: ad.jvp(f, (2.0,), (1.0,))):
        with pytest.raises(np.exceptions.AxisError):
            run(lambda x: function(x, axis=0))
