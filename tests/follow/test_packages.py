"""Functions that nobody here wrote, differentiated unchanged, against differences of the fourth order."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from scipy import integrate, interpolate, optimize, signal, spatial, special, stats
from sklearn.gaussian_process import kernels
from sklearn.metrics import pairwise

import adjoint as ad

from .test_obstacles import slopes

V = np.array([0.5, 0.2, 0.9, 1.3])
GRID = np.arange(4.0)
POINTS = np.arange(6.0).reshape(3, 2)
WEIGHTS = np.array([1.0, -2.0, 3.0, 0.5])


def kernel_matrix(x: Any) -> Any:
    kernel = kernels.ConstantKernel(x[0]) * kernels.RationalQuadratic(x[1], x[2]) + kernels.WhiteKernel(x[3])
    return np.sum(kernel(POINTS) * np.arange(9.0).reshape(3, 3))


def periodic(x: Any) -> Any:
    return np.sum(kernels.DotProduct(x[0])(POINTS, x.reshape(2, 2)) ** 2)


def decay(x: Any) -> Any:
    solution = integrate.solve_ivp(lambda t, y: -y * x[0] + x[1], (0.0, 1.0), x[2:], rtol=1e-3)
    return np.sum(solution.y[:, -1])


def runge_kutta_step(x: Any) -> Any:
    rk = integrate.RK45
    stages = np.empty((7, 2))
    y, _ = integrate._ivp.rk.rk_step(
        lambda t, y: -y * x[0], 0.0, x[:2], x[2:] * x[0], 0.1, rk.A, rk.B, rk.C, stages
    )
    return np.sum(y * y)


FUNCTIONS: dict[str, Any] = {
    "optimize.rosen": optimize.rosen,
    "optimize.rosen_der": lambda x: np.sum(optimize.rosen_der(x) * WEIGHTS),
    "optimize.rosen_hess": lambda x: np.sum(optimize.rosen_hess(x)),
    "optimize.rosen_hess_prod": lambda x: np.sum(optimize.rosen_hess_prod(x, WEIGHTS)),
    "optimize.newton": lambda x: optimize.newton(lambda t: t**2 - x[0], 0.7),
    "special.logsumexp": lambda x: special.logsumexp(x, b=[1.0, 2.0, 0.5, 1.0]),
    "special.softmax": lambda x: np.sum(special.softmax(x) * WEIGHTS),
    "special.log_softmax": lambda x: np.sum(special.log_softmax(x) * WEIGHTS),
    "integrate.trapezoid": lambda x: integrate.trapezoid(x, dx=0.1),
    "integrate.simpson": lambda x: integrate.simpson(x, x=GRID),
    "integrate.cumulative_trapezoid": lambda x: np.sum(
        integrate.cumulative_trapezoid(x, initial=0) * WEIGHTS
    ),
    "integrate.solve_ivp": decay,
    "integrate.rk_step": runge_kutta_step,
    "polynomial.polyval": lambda x: np.sum(np.polynomial.polynomial.polyval(x, WEIGHTS)),
    "polynomial.chebval": lambda x: np.sum(np.polynomial.chebyshev.chebval(GRID / 5, x)),
    "polynomial.legval": lambda x: np.sum(np.polynomial.legendre.legval(GRID / 5, x)),
    "polynomial.hermval": lambda x: np.sum(np.polynomial.hermite.hermval(x, WEIGHTS)),
    "polynomial.Polynomial": lambda x: np.polynomial.Polynomial(x)(2.0),
    "np.poly1d": lambda x: np.poly1d(x)(2.0),
    "stats.skew": stats.skew,
    "stats.kurtosis": stats.kurtosis,
    "stats.gmean": stats.gmean,
    "stats.hmean": stats.hmean,
    "stats.pmean": lambda x: stats.pmean(x, 3),
    "stats.zscore": lambda x: np.sum(stats.zscore(x) * WEIGHTS),
    "stats.moment": lambda x: stats.moment(x, 3),
    "stats.variation": stats.variation,
    "stats.norm.logpdf": lambda x: np.sum(stats.norm.logpdf(GRID, loc=x[0], scale=x[2])),
    "stats.circmean": lambda x: stats.circmean(x),
    "linalg.toeplitz": lambda x: np.sum(sl.toeplitz(x) ** 2 * np.arange(16.0).reshape(4, 4)),
    "linalg.circulant": lambda x: np.sum(sl.circulant(x) ** 2 * np.arange(16.0).reshape(4, 4)),
    "linalg.hankel": lambda x: np.sum(sl.hankel(x) ** 3),
    "linalg.block_diag": lambda x: np.sum(sl.block_diag(x.reshape(2, 2), [[x[0]]]) ** 2),
    "distance.minkowski": lambda x: spatial.distance.minkowski(x, GRID, 3),
    "distance.cosine": lambda x: spatial.distance.cosine(x, WEIGHTS),
    "distance.braycurtis": lambda x: spatial.distance.braycurtis(x, GRID),
    "distance.canberra": lambda x: spatial.distance.canberra(x, WEIGHTS),
    "distance.correlation": lambda x: spatial.distance.correlation(x, WEIGHTS),
    "interpolate.pchip slopes": lambda x: np.sum(
        interpolate.PchipInterpolator._find_derivatives(GRID, x, np) * WEIGHTS
    ),
    "interpolate.BarycentricInterpolator": lambda x: interpolate.BarycentricInterpolator(GRID, x)(0.7),
    "interpolate.KroghInterpolator": lambda x: interpolate.KroghInterpolator(GRID, x)(0.7),
    "signal.windows.gaussian": lambda x: np.sum(signal.windows.gaussian(7, std=x[0]) ** 2),
    "signal.windows.general_cosine": lambda x: np.sum(signal.windows.general_cosine(7, x) ** 2),
    "gaussian_process.kernels": kernel_matrix,
    "gaussian_process.DotProduct": periodic,
    "pairwise.linear_kernel": lambda x: np.sum(pairwise.linear_kernel(x.reshape(2, 2), POINTS) ** 2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_gradient(name: str) -> None:
    function = FUNCTIONS[name]
    wanted = slopes(function, V)
    value, found = ad.value_and_grad(function)(V)
    np.testing.assert_allclose(value, function(V), rtol=1e-13)
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8 * np.max(np.abs(wanted)))
    tangent = ad.jvp(function, (V,), (WEIGHTS,))[1]
    np.testing.assert_allclose(tangent, found @ WEIGHTS, rtol=1e-9, atol=1e-12)
