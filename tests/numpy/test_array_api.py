"""The array API standard: what it asks of traced arrays, and SciPy's and scikit-learn's functions on them."""

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import adjoint as ad
import adjoint.numpy as anp
from adjoint.errors import TraceError


def leaf(*values: float) -> ad.Tensor:
    return ad.tensor(list(values), requires_grad=True)


def test_the_namespace_of_traced_arrays() -> None:
    x = leaf(1.0, 2.0)
    assert x.__array_namespace__() is anp
    assert x.__array_namespace__(api_version="2024.12") is anp
    with pytest.raises(ValueError, match="1999"):
        x.__array_namespace__(api_version="1999.01")
    seen = []
    ad.grad(lambda x: (seen.append(x.__array_namespace__()), np.sum(x))[1])(np.ones(2))
    assert seen == [anp]
    info = anp.__array_namespace_info__()
    assert info.default_device() == "cpu"
    assert info.default_dtypes()["real floating"] == np.float64
    assert anp.__array_api_version__ == np.__array_api_version__


def test_devices() -> None:
    x = leaf(1.0, 2.0)
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    assert x.__dlpack_device__() == np.ones(1).__dlpack_device__()
    with pytest.raises(ValueError, match="gpu"):
        x.to_device("gpu")
    with pytest.raises(TraceError, match="DLPack"):
        np.from_dlpack(x)
    for made in (
        anp.asarray(x, device="cpu"),
        anp.zeros_like(x, device="cpu"),
        anp.full_like(x, 2.0, device="cpu"),
        anp.astype(x, np.float64, device="cpu"),
        anp.zeros(2, device="cpu"),
        anp.linspace(0.0, x[1], 3, device="cpu"),
    ):
        assert made.device == "cpu"


def test_copies_and_dtypes() -> None:
    x = leaf(1.0, 2.0)
    assert anp.asarray(x) is x
    assert anp.asarray(x, copy=True) is not x
    assert anp.astype(x, anp.float64, copy=False) is x
    assert anp.astype(x, anp.float32).dtype == np.float32
    assert anp.isdtype(x.dtype, "real floating")
    assert anp.finfo(x.dtype).eps == np.finfo(np.float64).eps
    assert anp.result_type(x, np.complex64) == np.complex128
    assert anp.can_cast(x.dtype, np.complex128)


def test_functions_of_the_standard_alone() -> None:
    x = leaf(3.0, 1.0, 3.0)
    matrix = leaf(1.0, 2.0, 3.0, 4.0).reshape(2, 2)
    np.testing.assert_array_equal(matrix.mT.detach().value, [[1.0, 3.0], [2.0, 4.0]])
    for found, wanted in [
        (anp.unique_values(x), [1.0, 3.0]),
        (anp.unique_all(x).counts, [1, 2]),
        (anp.unique_inverse(x).inverse_indices, [1, 0, 1]),
        (anp.unique_counts(x).values, [1.0, 3.0]),
        (anp.concat([x, x])[3], 3.0),
        (anp.permute_dims(matrix, (1, 0))[0, 1], 3.0),
        (anp.matrix_transpose(matrix)[0, 1], 3.0),
        (anp.vecdot(x, x), 19.0),
        (anp.linalg.vector_norm(x), np.sqrt(19.0)),
        (anp.linalg.matrix_norm(matrix), np.sqrt(30.0)),
        (anp.linalg.svdvals(matrix)[0], np.linalg.svdvals([[1.0, 2.0], [3.0, 4.0]])[0]),
        (anp.cumulative_sum(x, include_initial=True)[-1], 7.0),
        (anp.unstack(matrix)[1], [3.0, 4.0]),
        (anp.pow(x, 2.0)[0], 9.0),
        (anp.acos(x / 4.0)[1], np.arccos(0.25)),
        (anp.bitwise_invert(anp.asarray([1, 2])), [-2, -3]),
        (anp.take_along_axis(x, np.array([1]), axis=0), [1.0]),
        (anp.count_nonzero(x), 3),
        (anp.diff(x), [-2.0, 2.0]),
    ]:
        value = found.detach().value if isinstance(found, ad.Tensor) else found
        np.testing.assert_allclose(value, wanted, rtol=1e-15)


PROGRAM = """
import json, warnings
import numpy as np
import scipy.constants, scipy.integrate, scipy.optimize, scipy.special, scipy.stats
import sklearn, sklearn.metrics, sklearn.metrics.pairwise, sklearn.preprocessing as scaling
from sklearn.decomposition import PCA
import adjoint as ad

warnings.simplefilter("ignore")
u = np.array([0.3, 0.9, 1.2, 0.1])
at = np.array([1.5, 0.7, 2.2, 3.1])
weights = np.arange(12.0).reshape(4, 3)
stats, special, metrics, pairwise = scipy.stats, scipy.special, sklearn.metrics, sklearn.metrics.pairwise

ANYWHERE = {  # by tensors too
    **{name: getattr(stats, name) for name in "skew kurtosis gmean hmean sem tmean tvar kstat".split()},
    "zscore": lambda x: np.sum(stats.zscore(x) ** 3),
    "circmean": stats.circmean,
    "entropy": stats.entropy,
    "pmean": lambda x: stats.pmean(x, 2.0),
    "ttest": lambda x: stats.ttest_1samp(x, 0.5).statistic,
    **{
        name: lambda x, f=getattr(special, name): np.sum(f(x / 4.0))
        for name in ("gammaln", "erf", "logit", "digamma")
    },
    "logsumexp": special.logsumexp,
    "softmax": lambda x: np.sum(special.softmax(x) ** 2),
    "rosen": scipy.optimize.rosen,
    "temperature": lambda x: np.sum(scipy.constants.convert_temperature(x, "C", "F")),
    "trapezoid": scipy.integrate.trapezoid,
    "cosine": lambda x: np.sum(pairwise.cosine_similarity(x[:, None] * weights)),
    "distances": lambda x: np.sum(pairwise.euclidean_distances(x[:, None] * weights) ** 2),
    "rbf": lambda x: np.sum(pairwise.rbf_kernel(x[:, None] * weights)),
    "standard": lambda x: np.sum(scaling.StandardScaler().fit_transform(x[:, None]) ** 3),
    "minmax": lambda x: np.sum(scaling.MinMaxScaler().fit_transform(x[:, None])),
    "PCA": lambda x: PCA(1, svd_solver="full").fit(x[:, None] ** (weights / 12)).explained_variance_[0],
}
FOLLOWED = {  # plain constants meet traced arrays: the traced ones answer for all
    "pearsonr": lambda x: stats.pearsonr(x, u).statistic,
    "variation": stats.variation,
    "simpson": scipy.integrate.simpson,
    **{
        name: lambda x, f=getattr(metrics, name): f(u, x)
        for name in ("mean_squared_error", "mean_absolute_error", "r2_score", "mean_squared_log_error")
    },
}


def differences(f):
    steps = 1e-5 * np.eye(4)
    return [(8 * (f(at + h) - f(at - h)) - f(at + 2 * h) + f(at - 2 * h)) / 12e-5 for h in steps]


with sklearn.config_context(array_api_dispatch=True):
    found = {}
    for name, f in {**ANYWHERE, **FOLLOWED}.items():
        error = [np.max(np.abs(ad.grad(f)(at) - differences(f)))]
        if name in ANYWHERE:
            x = ad.tensor(at, requires_grad=True)
            f(x).backward()
            error.append(np.max(np.abs(x.grad.value - differences(f))))
        found[name] = [float(e) for e in error]
print(json.dumps(found))
"""


def test_scipy_and_scikit_learn_under_their_switches() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    errors: dict[str, Any] = json.loads(done.stdout)
    assert len(errors) >= 30
    assert {name: e for name, e in errors.items() if max(e) > 1e-6} == {}
