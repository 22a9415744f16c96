"""SciPy's statistics of samples, densities of vectors and matrices, frozen and new distributions, moments:
unchanged, against differences; forward as in reverse.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats as st

import adjoint as ad

pytestmark = pytest.mark.filterwarnings("ignore")

V = np.array([0.5, 0.2, 0.9, 1.3, 0.75])
W = np.array([1.0, 0.3, -0.4, 2.2, 0.1])
P = V / V.sum()
LONG = np.concatenate([V, V**2, W])
_A = np.random.default_rng(0).normal(size=(3, 3))
SCALE = _A @ _A.T + 3 * np.eye(3)
MEAN, POINT = np.array([0.2, -0.4, 0.7]), np.array([0.9, 0.1, -0.6])


def even(matrix: Any) -> Any:
    return (matrix + matrix.T) / 2


def kde(data: Any) -> Any:
    return st.gaussian_kde(data)


def regression(y: Any) -> Any:
    found = st.linregress(W, y)
    return found.slope + found.intercept + found.rvalue + found.stderr + found.intercept_stderr


VECTORS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "multivariate_normal in x": (lambda x: st.multivariate_normal.logpdf(x, MEAN, SCALE), POINT),
    "multivariate_normal in the mean": (lambda m: st.multivariate_normal.pdf(POINT, m, SCALE), MEAN),
    "multivariate_normal in the matrix": (
        lambda s: st.multivariate_normal.logpdf(POINT, MEAN, even(s)),
        SCALE,
    ),
    "multivariate_normal frozen": (lambda s: st.multivariate_normal(MEAN, even(s)).logpdf(POINT), SCALE),
    "multivariate_normal entropy": (lambda s: st.multivariate_normal(MEAN, even(s)).entropy(), SCALE),
    "Covariance.from_cholesky": (
        lambda c: st.multivariate_normal.logpdf(POINT, MEAN, st.Covariance.from_cholesky(np.tril(c))),
        np.linalg.cholesky(SCALE),
    ),
    "Covariance.from_diagonal": (
        lambda d: st.multivariate_normal.logpdf(POINT, MEAN, st.Covariance.from_diagonal(d)),
        np.array([1.2, 0.7, 2.0]),
    ),
    "multivariate_t": (lambda s: st.multivariate_t.logpdf(POINT, MEAN, even(s), 4.0), SCALE),
    "multivariate_t in the freedom": (
        lambda d: st.multivariate_t.logpdf(POINT, MEAN, SCALE, d[0]),
        np.array([4.0]),
    ),
    "dirichlet": (lambda a: st.dirichlet.logpdf(P, a), V * 2),
    "dirichlet in x": (lambda x: st.dirichlet.logpdf(x[:-1], W + 2.0), P),
    "dirichlet entropy": (st.dirichlet.entropy, V * 2),
    "dirichlet_multinomial": (lambda a: st.dirichlet_multinomial.logpmf([1, 2, 0, 3, 1], a, 7), V * 2),
    "multinomial": (lambda p: st.multinomial.logpmf([1, 2, 0, 3, 1], 7, p / p.sum()), P),
    "wishart": (lambda s: st.wishart.logpdf(even(s), 5.0, np.eye(3) + 0.1), SCALE),
    "wishart in the scale": (lambda s: st.wishart.logpdf(SCALE, 5.0, even(s)), SCALE),
    "wishart in the freedom": (lambda d: st.wishart.logpdf(SCALE, d[0], SCALE), np.array([5.0])),
    "invwishart": (lambda s: st.invwishart.logpdf(even(s), 5.0, np.eye(3) + 0.1), SCALE),
    "invwishart in the scale": (lambda s: st.invwishart.logpdf(SCALE, 5.0, even(s)), SCALE),
    "matrix_normal": (lambda x: st.matrix_normal.logpdf(x, np.eye(3), SCALE, SCALE + 1), _A),
    "matrix_normal in the rows": (
        lambda s: st.matrix_normal.logpdf(_A, np.eye(3), even(s), SCALE + 1),
        SCALE,
    ),
    "matrix_t": (lambda x: st.matrix_t.logpdf(x, np.eye(3), SCALE, SCALE + 1, 5), _A),
    "vonmises_fisher": (
        lambda k: st.vonmises_fisher.logpdf(np.eye(3)[0], np.eye(3)[1], k[0]),
        np.array([2.0]),
    ),
    "normal_inverse_gamma": (
        lambda a: st.normal_inverse_gamma.logpdf(a[0], a[1], 0.3, a[2], a[3], a[4]),
        V,
    ),
}

ESTIMATES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "gaussian_kde": (lambda x: kde(W)(x).sum(), V),
    "gaussian_kde logpdf": (lambda x: kde(W).logpdf(x).sum(), V),
    "gaussian_kde in the data": (lambda d: kde(d)(W).sum(), V),
    "gaussian_kde logpdf in the data": (lambda d: kde(d).logpdf(W).sum(), V),
    "gaussian_kde in the weights": (lambda w: st.gaussian_kde(W, weights=w)(V).sum(), V),
    "gaussian_kde integrate_box_1d": (lambda d: kde(d).integrate_box_1d(0.0, 1.0), V),
    "gaussian_kde of two": (
        lambda d: kde(d.reshape(2, 5)).logpdf([[0.1, 0.4], [0.5, 0.2]]).sum(),
        np.concatenate([V, W]),
    ),
    "norm frozen": (lambda a: st.norm(a[0], a[1]).logpdf(W).sum(), V),
    "gamma frozen": (lambda a: st.gamma(a[0], scale=a[1]).cdf(V).sum(), V),
    "Normal": (lambda a: st.Normal(mu=a[0], sigma=a[1]).logpdf(W).sum(), V),
    "Normal cdf": (lambda a: st.Normal(mu=a[0], sigma=a[1]).cdf(W).sum(), V),
    "Normal icdf": (lambda a: st.Normal(mu=a[0], sigma=a[1]).icdf(np.array([0.2, 0.7])).sum(), V),
    "Normal entropy": (lambda a: st.Normal(mu=a[0], sigma=a[1]).entropy(), V),
    "Uniform": (lambda a: st.Uniform(a=a[1], b=a[3]).logpdf(0.7), V),
    "Binomial": (lambda a: st.Binomial(n=5, p=a[0]).logpmf(2), V),
    "norm entropy": (lambda a: st.norm.entropy(a[0], a[1]), V),
    "gamma entropy": (lambda a: st.gamma.entropy(a[0]), V),
    "gamma stats": (lambda a: sum(st.gamma.stats(a[0], a[1], a[2], moments="mvsk")), V),
    "gamma std": (lambda a: st.gamma.std(a[0], a[1], a[2]), V),
    "gamma median": (lambda a: st.gamma.median(a[0], a[1], a[2]), V),
    "gamma moment": (lambda a: st.gamma.moment(3, a[0], a[1], a[2]), V),
    "gamma interval": (lambda a: sum(st.gamma.interval(0.9, a[0], a[1], a[2])), V),
    "gamma nnlf": (lambda a: st.gamma.nnlf((a[0], 0.1, a[2]), V), V),
    "norm fit": (lambda a: sum(st.norm.fit(a)), V),
}

STATISTICS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    **{name: (getattr(st, name), V) for name in ("gmean", "hmean", "gstd", "skew", "kurtosis", "sem")},
    **{name: (getattr(st, name), V) for name in ("variation", "iqr", "circmean", "circvar", "circstd")},
    "pmean": (lambda a: st.pmean(a, 2.5), V),
    "pmean in the power": (lambda p: st.pmean(V, p[0]), V),
    "gmean weighted": (lambda a: st.gmean(V, weights=a), V),
    "zscore": (lambda a: st.zscore(a) @ W, V),
    "zmap": (lambda a: st.zmap(W, a) @ W, V),
    "skew without bias": (lambda a: st.skew(a, bias=False), V),
    "moment": (lambda a: st.moment(a, 3), V),
    "describe": (lambda a: st.describe(a).variance + st.describe(a).kurtosis, V),
    "trim_mean": (lambda a: st.trim_mean(a, 0.2), V),
    "tmean": (lambda a: st.tmean(a, (0.3, 1.0)), V),
    "tvar": (lambda a: st.tvar(a, (0.3, 2.0)), V),
    "trimboth": (lambda a: st.trimboth(a, 0.2).sum(), V),
    "median_abs_deviation": (st.median_abs_deviation, V),
    "lmoment": (lambda a: st.lmoment(a).sum(), V),
    "kstat": (lambda a: st.kstat(a, 3), V),
    "pearsonr": (lambda a: st.pearsonr(a, W).statistic, V),
    "pearsonr pvalue": (lambda a: st.pearsonr(a, W).pvalue, V),
    "linregress": (regression, V),
    "linregress pvalue": (lambda a: st.linregress(W, a).pvalue, V),
    "spearmanr": (lambda a: st.spearmanr(a, W).statistic, V),
    "theilslopes": (lambda a: st.theilslopes(a, W).slope, V),
    "siegelslopes": (lambda a: sum(st.siegelslopes(a, W)), V),
    "siegelslopes separate": (lambda a: sum(st.siegelslopes(a, W, method="separate")), V),
    "entropy": (st.entropy, V),
    "entropy relative": (lambda a: st.entropy(W + 1, a), V),
    "differential_entropy": (st.differential_entropy, V),
    "wasserstein_distance": (lambda a: st.wasserstein_distance(a, W), V),
    "wasserstein_distance in the weights": (lambda a: st.wasserstein_distance(V, W, a, W + 1), V),
    "energy_distance": (lambda a: st.energy_distance(a, W), V),
    "ttest_ind": (lambda a: st.ttest_ind(a, W).statistic, V),
    "ttest_ind pvalue": (lambda a: st.ttest_ind(a, W).pvalue, V),
    "ttest_rel": (lambda a: st.ttest_rel(a, W).statistic, V),
    "f_oneway": (lambda a: st.f_oneway(a, W).pvalue, V),
    "bartlett": (lambda a: st.bartlett(a, W).statistic, V),
    "levene": (lambda a: st.levene(a, W).statistic, V),
    "power_divergence": (
        lambda a: st.power_divergence(W + 1, a / a.sum() * np.sum(W + 1), lambda_=0.5).statistic,
        V,
    ),
    "jarque_bera": (lambda a: st.jarque_bera(a).statistic, LONG),
    "normaltest": (lambda a: st.normaltest(a).statistic, LONG),
    "boxcox": (lambda a: st.boxcox(a, 0.3).sum(), V),
    "boxcox_llf": (lambda a: st.boxcox_llf(a[0], V), V),
    "yeojohnson_llf": (lambda a: st.yeojohnson_llf(a[0], V), V),
    "expectile": (lambda a: st.expectile(a, 0.3), V),
    "quantile": (lambda a: st.quantile(a, 0.3), V),
    "rv_histogram": (lambda a: st.rv_histogram(np.histogram(W, 4)).cdf(a).sum(), V),
}


def by_differences(function: Callable[[Any], Any], at: Any) -> Any:
    found = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        unit = np.zeros(at.shape)
        unit[place] = 1.0

        def slope(h: float, unit: Any = unit) -> float:
            a, b, c, d = (float(function(at + k * h * unit)) for k in (-2, -1, 1, 2))
            return (a - 8 * b + 8 * c - d) / (12 * h)

        found[place] = (16 * slope(5e-4) - slope(1e-3)) / 15
    return found


@pytest.mark.parametrize("name", [*VECTORS, *ESTIMATES, *STATISTICS])
def test_unchanged(name: str) -> None:
    function, at = {**VECTORS, **ESTIMATES, **STATISTICS}[name]
    want = by_differences(function, at)
    value, gradient = ad.value_and_grad(function)(at)
    np.testing.assert_allclose(value, function(at), rtol=1e-12)
    np.testing.assert_allclose(gradient, want, rtol=1e-7, atol=1e-8 * max(1e-6, float(np.max(np.abs(want)))))
    move = np.cos(np.arange(at.size)).reshape(at.shape)
    tangent = ad.jvp(function, (at,), (move,))[1]
    np.testing.assert_allclose(tangent, np.sum(move * gradient), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["multivariate_normal in the mean", "gaussian_kde in the data", "skew", "gmean"]
)
def test_second_order(name: str) -> None:
    function, at = {**VECTORS, **ESTIMATES, **STATISTICS}[name]
    move = np.cos(np.arange(at.size)).reshape(at.shape)
    slope = ad.grad(function)
    bend = ad.jvp(slope, (at,), (move,))[1]
    h = 1e-4
    want = (slope(at + h * move) - slope(at - h * move)) / (2 * h)
    np.testing.assert_allclose(bend, want, rtol=1e-5, atol=1e-6 * float(np.max(np.abs(want))))


def test_ranks_are_flat() -> None:
    np.testing.assert_array_equal(ad.grad(lambda a: st.kendalltau(a, W).statistic)(V), np.zeros(5))
