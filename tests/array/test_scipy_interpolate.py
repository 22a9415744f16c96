"""scipy.interpolate: values as SciPy's, derivatives in the data, in the nodes and in the points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.interpolate as si

import adjoint
from adjoint.errors import DerivativeError

from .agreeing import agrees, draw

NODES = np.array([0.0, 0.7, 1.5, 2.1, 3.2, 4.0, 4.4])
POINTS = np.array([0.31, 1.1, 2.9, 3.3, 4.31, 1.6])
VALUES = draw(7)


def through(interpolant: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """An interpolant of the data as a function of data, nodes and points, which all move a little."""

    def function(y: Any, x: Any, p: Any) -> Any:
        return interpolant(NODES + 0.01 * x, y, **options)(POINTS + 0.01 * p)

    return function


CURVES: dict[str, Callable[..., Any]] = {
    "interp1d": through(si.interp1d),
    "interp1d, nearest": through(si.interp1d, kind="nearest"),
    "interp1d, previous": through(si.interp1d, kind="previous"),
    "interp1d, cubic": through(si.interp1d, kind="cubic"),
    "interp1d, quadratic": through(si.interp1d, kind="quadratic"),
    "interp1d, outside": through(lambda x, y: si.interp1d(x[1:-1], y[1:-1], fill_value="extrapolate")),
    "interp1d, filled": through(
        lambda x, y: si.interp1d(x[1:-1], y[1:-1], fill_value=2.0, bounds_error=False)
    ),
    "CubicSpline": through(si.CubicSpline),
    "CubicSpline, natural": through(si.CubicSpline, bc_type="natural"),
    "CubicSpline, clamped": through(si.CubicSpline, bc_type=((1, 0.5), (2, -0.3))),
    "CubicSpline, slope": through(lambda x, y: si.CubicSpline(x, y).derivative()),
    "CubicSpline, integral": through(lambda x, y: si.CubicSpline(x, y).antiderivative()),
    "CubicSpline, periodic": through(
        lambda x, y: si.CubicSpline(x, np.concatenate([y[:-1], y[:1]]), bc_type="periodic")
    ),
    "PchipInterpolator": through(si.PchipInterpolator),
    "Akima1DInterpolator": through(si.Akima1DInterpolator),
    "makima": through(si.Akima1DInterpolator, method="makima"),
    "CubicHermiteSpline": through(lambda x, y: si.CubicHermiteSpline(x, y, y * y)),
    "BarycentricInterpolator": through(lambda x, y: si.BarycentricInterpolator(x, y, rng=0)),
    "KroghInterpolator": through(si.KroghInterpolator),
    "make_interp_spline": through(si.make_interp_spline),
    "make_interp_spline, linear": through(si.make_interp_spline, k=1),
    "make_interp_spline, quintic": through(si.make_interp_spline, k=5),
    "make_interp_spline, natural": through(si.make_interp_spline, bc_type="natural"),
    "make_interp_spline, slope": through(lambda x, y: si.make_interp_spline(x, y, k=4).derivative(2)),
    "FloaterHormannInterpolator": through(lambda x, y: si.FloaterHormannInterpolator(x, y, d=2)),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves(name: str) -> None:
    agrees(CURVES[name], VALUES, draw(7, seed=1), draw(6, seed=2), second=True, batch=False, stage=False)


DATA_ONLY: dict[str, Callable[..., Any]] = {
    "CubicSpline": lambda y: si.CubicSpline(NODES, y)(POINTS),
    "columns": lambda y: si.CubicSpline(NODES, np.stack([y, y * y], 1))(POINTS[:2]),
    "other axis": lambda y: si.PchipInterpolator(NODES, np.stack([y, -y]), axis=1)(POINTS[:2]),
    "make_interp_spline": lambda y: si.make_interp_spline(NODES, y)(POINTS),
    "Krogh": lambda y: si.krogh_interpolate(NODES, y, POINTS),
    "Krogh, slopes": lambda y: si.krogh_interpolate(NODES, y, POINTS, der=[0, 1, 2]),
    "barycentric": lambda y: si.barycentric_interpolate(NODES, y, POINTS),
    "barycentric, slope": lambda y: si.barycentric_interpolate(NODES, y, POINTS, der=1),
    "pchip": lambda y: si.pchip_interpolate(NODES, y, POINTS),
    "integral": lambda y: si.CubicSpline(NODES, y).integrate(0.4, 3.1),
    "integral of a B-spline": lambda y: si.make_interp_spline(NODES, y).antiderivative()(3.1),
    "make_lsq_spline": lambda y: si.make_lsq_spline(NODES, y, [0.0] * 4 + [2.0] + [4.4] * 4)(POINTS),
    "splev": lambda y: si.splev(POINTS, (np.array([0.0] * 4 + [1.0, 2.0, 3.0] + [4.4] * 4), y, 3), der=1),
    "BPoly": lambda y: si.BPoly(y[:6].reshape(3, 2), [0.0, 2.0, 5.0])(POINTS),
    "BPoly from derivatives": lambda y: si.BPoly.from_derivatives(NODES, y[:, None])(POINTS),
    "PPoly": lambda y: si.PPoly(y[:6].reshape(3, 2), [0.0, 2.0, 5.0])(POINTS, 1),
    "Rbf": lambda y: si.Rbf(NODES, y, function="gaussian")(POINTS),
    "interpn": lambda y: si.interpn((NODES,), y, POINTS[:, None]),
}


@pytest.mark.parametrize("name", DATA_ONLY)
def test_the_data_alone(name: str) -> None:
    agrees(DATA_ONLY[name], VALUES, second=True, stage=False, batch=name in ("Krogh", "splev"))


def test_polynomials_have_slopes_at_their_nodes() -> None:
    y = NODES**3 - NODES
    for kind in (si.BarycentricInterpolator, si.KroghInterpolator):
        p = kind(NODES, y)
        slope = [adjoint.grad(p)(x) for x in NODES]
        np.testing.assert_allclose(slope, 3 * NODES**2 - 1, atol=1e-10)
        curved = [adjoint.grad(adjoint.grad(p))(x) for x in NODES[:3]]
        np.testing.assert_allclose(curved, 6 * NODES[:3], atol=1e-8)


GRID = (np.linspace(0, 3, 5), np.array([0.0, 1.0, 2.5, 4.0, 4.2, 5.0]))
PLACES = np.array([[0.3, 0.2], [2.9, 3.3], [1.1, 4.4]])


@pytest.mark.parametrize("method", ["linear", "nearest", "pchip", "slinear_legacy", "cubic_legacy"])
def test_grids(method: str) -> None:
    agrees(
        lambda v, p: si.RegularGridInterpolator(GRID, v, method=method)(PLACES + 0.02 * p),
        draw(5, 6), draw(3, 2), stage=False, batch=False,
    )  # fmt: skip


def test_three_axes_and_what_is_outside() -> None:
    grid = (*GRID, np.arange(3.0))
    places = np.array([[0.3, 0.2, 1.4], [2.9, 3.3, 0.2], [7.0, 0.0, 0.0]])
    for fill in (None, 3.0):
        agrees(
            lambda v, p, fill=fill: si.RegularGridInterpolator(grid, v, bounds_error=False, fill_value=fill)(
                places + 0.02 * p
            ),
            draw(5, 6, 3), draw(3, 3), stage=False, batch=False,
        )  # fmt: skip


KERNELS = ("linear", "thin_plate_spline", "cubic", "quintic", "multiquadric", "inverse_multiquadric",
           "inverse_quadratic", "gaussian")  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS)
def test_radial_functions(kernel: str) -> None:
    centres = draw(8, 2, seed=3)
    options = {"kernel": kernel, "epsilon": 0.8, "smoothing": 0.1}
    agrees(
        lambda d, y, x: si.RBFInterpolator(centres + 0.01 * y, d, **options)(0.5 * x),
        draw(8), draw(8, 2), draw(3, 2), stage=False, batch=False,
    )  # fmt: skip


def test_what_chooses_knots_is_refused() -> None:
    for kind in (si.UnivariateSpline, si.splrep, si.InterpolatedUnivariateSpline):
        with pytest.raises(DerivativeError, match="make_interp_spline"):
            adjoint.grad(lambda y, kind=kind: kind(NODES, y))(VALUES)
    with pytest.raises(DerivativeError, match="FloaterHormann"):
        adjoint.grad(lambda y: si.AAA(NODES, y)(1.0))(VALUES)
    x = np.array([0.4, 1.9])
    plain = si.UnivariateSpline(NODES, VALUES, s=0.1)
    slope = adjoint.grad(lambda x: np.sum(plain(x)))(x)
    np.testing.assert_allclose(slope, plain(x, nu=1), rtol=1e-12)
