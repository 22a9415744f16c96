"""Functions of SciPy, scikit-learn and statsmodels."""

from typing import Any

import numpy as np
import statsmodels.api as sm
from scipy import integrate, interpolate, optimize, spatial, special, stats
from sklearn.covariance import shrunk_covariance
from sklearn.decomposition import _nmf
from sklearn.gaussian_process import kernels
from sklearn.metrics import pairwise
from sklearn.mixture import _gaussian_mixture as mixture
from statsmodels.genmod import families
from statsmodels.robust import norms
from statsmodels.stats import moment_helpers
from statsmodels.tools import numdiff
from statsmodels.tsa import arima_process, stattools, tsatools
from statsmodels.tsa.vector_ar import var_model

from .entry import Entry

X4 = np.array([0.5, 0.2, 0.9, 1.3])
X6 = np.array([0.5, 0.2, 0.9, 1.3, -0.4, 0.7])
GRID = np.arange(6.0)
POINTS = np.array([[0.1, 1.2], [0.7, -0.3], [1.5, 0.4]])
PEOPLE = np.array([[1.0, 0.3, -1.2], [1.0, -0.7, 0.4], [1.0, 1.1, 0.9], [1.0, 0.2, -0.5], [1.0, -1.4, 0.1]])
COUNTS = np.array([1.0, 0.0, 3.0, 1.0, 2.0])
CHOICES = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
SERIES = np.array([0.3, 1.1, -0.4, 0.8, 1.9, 0.2, -0.9, 0.5])


def oscillator(x: Any) -> Any:
    """A damped oscillator, its frequency, damping and start."""
    solution = integrate.solve_ivp(
        lambda t, y: [y[1], -x[0] * y[0] - x[1] * y[1]], (0.0, 1.0), x[2:], method="RK23", max_step=0.2
    )
    return solution.y[:, -1]


def rational_quadratic(x: Any, points: Any) -> Any:
    """A kernel made with traced parameters."""
    return kernels.RationalQuadratic(length_scale=x[0], alpha=x[1])(points)


def sum_of_kernels(x: Any, points: Any) -> Any:
    """Kernels added and multiplied by their operators."""
    kernel = kernels.ConstantKernel(x[0]) * kernels.DotProduct(x[1]) + kernels.WhiteKernel(x[2])
    return kernel(points)


def jacobian_by_differences(x: Any) -> Any:
    """The derivative of a difference quotient."""
    return numdiff.approx_fprime(
        x, lambda v: np.array([v[0] * v[1], np.sin(v[2])]), epsilon=0.1, centered=True
    )


def partial_correlations(x: Any) -> Any:
    """The lag of zero first, as it must be."""
    return stattools.levinson_durbin_pacf([1.0, x[0], x[1], x[2]])[0]


def full_covariances(x: Any, points: Any) -> Any:
    """Covariances of the components from responsibilities."""
    weights = x / x.sum(axis=1)[:, None]
    nk = weights.sum(axis=0)
    means = weights.T @ points / nk[:, None]
    return mixture._estimate_gaussian_covariances_full(weights, points, nk, means, 1e-6)


ENTRIES = (
    Entry("scipy.optimize.rosen", "Rosenbrock's function", lambda x: optimize.rosen(x), X4),
    Entry(
        "scipy.optimize.rosen_der", "gradient of Rosenbrock's function", lambda x: optimize.rosen_der(x), X4
    ),
    Entry(
        "scipy.optimize.rosen_hess", "Hessian of Rosenbrock's function", lambda x: optimize.rosen_hess(x), X4
    ),
    Entry("scipy.integrate.solve_ivp", "Runge and Kutta, adaptive", oscillator, X4),
    Entry("scipy.integrate.simpson", "Simpson's rule", lambda y, x: integrate.simpson(y, x=x), X6, (GRID,)),
    Entry("scipy.special.logsumexp", "log of summed exponentials", lambda x: special.logsumexp(x), X4),
    Entry(
        "scipy.interpolate.KroghInterpolator",
        "interpolating polynomial through points",
        lambda y, x: interpolate.KroghInterpolator(x, y)(2.3),
        X6,
        (GRID,),
        method=True,
    ),
    Entry(
        "scipy.interpolate.BarycentricInterpolator",
        "interpolating polynomial, barycentric form",
        lambda y, x: interpolate.BarycentricInterpolator(x, y)(2.3),
        X6,
        (GRID,),
        method=True,
    ),
    Entry(
        "scipy.optimize.newton",
        "a root by iteration",
        lambda x: optimize.newton(lambda t: t**3 - x[0], 0.7),
        X4,
    ),
    Entry("scipy.stats.kurtosis", "fourth standardised moment", lambda x: stats.kurtosis(x), X6),
    Entry(
        "scipy.spatial.distance.jensenshannon",
        "distance between two distributions",
        lambda p, q: spatial.distance.jensenshannon(p, q),
        X4,
        (X4[::-1].copy(),),
    ),
    Entry(
        "sklearn.gaussian_process.kernels.RationalQuadratic",
        "kernel matrix",
        rational_quadratic,
        np.array([0.8, 1.4]),
        (POINTS,),
        method=True,
    ),
    Entry(
        "sklearn.gaussian_process.kernels.Sum",
        "algebra of kernels",
        sum_of_kernels,
        np.array([0.8, 1.4, 0.3]),
        (POINTS,),
        method=True,
    ),
    Entry(
        "sklearn.metrics.pairwise.rbf_kernel",
        "Gaussian kernel matrix",
        lambda x, p: pairwise.rbf_kernel(x, p),
        POINTS[:2] + 0.1,
        (POINTS,),
    ),
    Entry(
        "sklearn.metrics.pairwise.cosine_similarity",
        "cosines between rows",
        lambda x, p: pairwise.cosine_similarity(x, p),
        POINTS[:2] + 0.1,
        (POINTS,),
    ),
    Entry(
        "sklearn.covariance.shrunk_covariance",
        "shrinks a covariance matrix",
        lambda x: shrunk_covariance(x, 0.2),
        POINTS[:2],
    ),
    Entry(
        "sklearn.decomposition._nmf._beta_divergence",
        "divergence of a factorisation",
        lambda w, x, h: _nmf._beta_divergence(x, w, h, 1.5),
        np.abs(POINTS),
        (np.abs(POINTS @ POINTS.T) + 0.5, np.abs(POINTS.T) + 0.2),
    ),
    Entry(
        "sklearn.mixture._gaussian_mixture._estimate_gaussian_covariances_full",
        "covariances of mixture components",
        full_covariances,
        np.array([[0.3, 0.7], [0.6, 0.4], [0.2, 0.8]]),
        (POINTS,),
    ),
    Entry(
        "statsmodels.tsa.stattools.levinson_durbin",
        "autoregression by Levinson's recursion",
        lambda s: stattools.levinson_durbin(s, nlags=3, isacov=True)[4],
        np.array([2.0, 0.9, 0.4, 0.1]),
    ),
    Entry(
        "statsmodels.tsa.stattools.levinson_durbin_pacf",
        "autocorrelations from partial ones",
        partial_correlations,
        np.array([0.6, -0.3, 0.2]),
    ),
    Entry(
        "statsmodels.tsa.stattools.pacf_burg",
        "Burg's partial autocorrelations",
        lambda x: stattools.pacf_burg(x, nlags=3)[0],
        SERIES,
    ),
    Entry(
        "statsmodels.tsa.stattools.acovf", "autocovariances", lambda x: stattools.acovf(x, fft=False), SERIES
    ),
    Entry("statsmodels.tsa.tsatools.lagmat", "matrix of lags", lambda x: tsatools.lagmat(x, 2), SERIES),
    Entry(
        "statsmodels.tsa.arima_process.lpol_fiar",
        "fractional differencing filter",
        lambda d: arima_process.lpol_fiar(d[0], n=6),
        np.array([0.3]),
    ),
    Entry(
        "statsmodels.tsa.vector_ar.var_model.ma_rep",
        "moving averages of an autoregression",
        lambda c: var_model.ma_rep(c, 4),
        0.3 * POINTS[:2].reshape(1, 2, 2),
    ),
    Entry(
        "statsmodels.tsa.vector_ar.var_model.forecast",
        "forecasts of an autoregression",
        lambda c, y: var_model.forecast(y, c, np.zeros((1, 2)), 4, np.zeros((4, 1))),
        0.3 * POINTS[:2].reshape(1, 2, 2),
        (POINTS,),
    ),
    Entry(
        "statsmodels.stats.moment_helpers.cum2mc",
        "central moments from cumulants",
        lambda k: moment_helpers.cum2mc(list(k)),
        X4,
    ),
    Entry(
        "statsmodels.stats.moment_helpers.mnc2mc",
        "central moments from raw",
        lambda k: moment_helpers.mnc2mc(list(k)),
        X4,
    ),
    Entry(
        "statsmodels.tools.numdiff.approx_fprime",
        "a Jacobian by differences",
        jacobian_by_differences,
        X4[:3],
    ),
    Entry(
        "statsmodels.tsa.tsatools._ar_transparams",
        "stationary coefficients from free",
        lambda p: tsatools._ar_transparams(p),
        X4[:3],
    ),
    Entry(
        "statsmodels.robust.norms.TukeyBiweight",
        "a robust loss",
        lambda x: norms.TukeyBiweight(c=x[0]).rho(x[1:]),
        np.array([4.0, 0.5, -1.2, 5.5]),
        method=True,
    ),
    Entry(
        "statsmodels.genmod.families.NegativeBinomial",
        "deviance of counts",
        lambda mu, y: families.NegativeBinomial(alpha=0.7).deviance(y, mu),
        np.array([0.9, 0.4, 2.2, 1.3, 1.8]),
        (COUNTS,),
        method=True,
    ),
    Entry(
        "statsmodels.api.GLM.loglike",
        "likelihood of a Gamma regression",
        lambda b: sm.GLM(COUNTS + 0.2, PEOPLE, family=sm.families.Gamma(sm.families.links.Log())).loglike(b),
        np.array([0.3, 0.2, -0.1]),
        method=True,
    ),
    Entry(
        "statsmodels.api.Logit.loglike",
        "likelihood of a logistic regression",
        lambda b: sm.Logit(CHOICES, PEOPLE).loglike(b),
        np.array([0.3, 0.2, -0.1]),
        method=True,
    ),
    Entry(
        "statsmodels.api.OLS.loglike",
        "likelihood of a linear regression",
        lambda b: sm.OLS(COUNTS, PEOPLE).loglike(b),
        np.array([0.3, 0.2, -0.1]),
        method=True,
    ),
)
