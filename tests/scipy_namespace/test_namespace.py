"""`adjoint.scipy` has every name of SciPy's: on plain arrays SciPy's, on traced ones differentiable."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.scipy import integrate, interpolate, linalg, optimize, signal, special, stats

# fmt: off
MODULES = [
    "cluster", "constants", "differentiate", "fft", "fftpack", "integrate", "interpolate", "linalg",
    "ndimage", "optimize", "signal", "sparse", "sparse.csgraph", "sparse.linalg", "spatial",
    "spatial.distance",
    "spatial.transform", "special", "stats",
]
# fmt: on


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_name_is_there(name: str) -> None:
    ours, theirs = (importlib.import_module(f"{root}.{name}") for root in ("adjoint.scipy", "scipy"))
    public = [n for n in dir(theirs) if not n.startswith("_")]
    assert set(public) <= set(dir(ours))
    for n in public:
        getattr(ours, n)


def test_modules_are_attributes() -> None:
    assert ad.scipy.special is special
    assert ad.scipy.stats.norm is stats.norm
    with pytest.raises(AttributeError, match=r"Did you mean: 'gammaln'\?"):
        _ = special.gamaln


OURS: dict[str, Callable[[Any], Any]] = {
    "ufunc": lambda x: special.gammaln(x),
    "ufunc of a list": lambda x: special.xlogy([x[0], 2.0], x[1]),
    "Python function": lambda x: special.logsumexp([x[0], x[1], 1.0]),
    "toeplitz": lambda x: linalg.toeplitz(x) ** 2,
    "rosen": lambda x: optimize.rosen(x),
    "simpson": lambda x: integrate.simpson(x),
    "distribution": lambda x: stats.norm.logpdf(x, loc=x[0], scale=2.0),
    "frozen distribution": lambda x: stats.norm(0.5, 2.0).logpdf(x),
    "gamma distribution": lambda x: stats.gamma.logpdf(x, 2.0 * x[1]),
    "interpolator": lambda x: interpolate.BarycentricInterpolator([0.0, 1.0, 2.0], x)(1.5),
    "hmean": lambda x: stats.hmean(x),
    "detrend": lambda x: signal.detrend(x, type="constant") ** 2,
}


@pytest.mark.parametrize("name", OURS)
def test_tensors_where_no_function_is_followed(name: str) -> None:
    function = OURS[name]
    at = np.array([1.3, 0.7, 2.9])
    x = ad.tensor(at, requires_grad=True)
    out = function(x)
    assert isinstance(out, ad.Tensor)
    out.sum().backward()
    slopes = np.array(
        [(np.sum(function(at + h)) - np.sum(function(at - h))) / 2e-6 for h in 1e-6 * np.eye(3)]
    )
    np.testing.assert_allclose(x.grad.value, slopes, rtol=1e-7, atol=1e-6)
