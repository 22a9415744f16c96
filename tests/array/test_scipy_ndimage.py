"""scipy.ndimage: filters, order in windows and splines, in every mode, with SciPy's values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.ndimage as nd

import adjoint

from .agreeing import agrees, draw

MODES = ("reflect", "constant", "nearest", "mirror", "wrap")
GRID_MODES = (*MODES, "grid-mirror", "grid-wrap", "grid-constant")


@pytest.mark.parametrize("mode", GRID_MODES)
def test_correlations(mode: str) -> None:
    for size, origin in ((3, 0), (4, 1), (2, -1), (5, 0), (1, 0)):
        options = {"mode": mode, "cval": 0.7, "origin": origin}
        for function in (nd.correlate1d, nd.convolve1d):
            agrees(lambda x, w, f=function, o=options: f(x, w, 0, **o), draw(4, 3), draw(size), stage=False)
    agrees(lambda x, w: nd.correlate(x, w, mode=mode, cval=0.3), draw(4, 5), draw(2, 3, seed=1), second=True)
    agrees(lambda x, w: nd.convolve(x, w, mode=mode, origin=(0, 1)), draw(4, 5), draw(2, 3, seed=1))
    agrees(lambda x, w: nd.correlate1d(x, w, mode=mode), draw(3), draw(9, seed=1))


def test_complex_correlations() -> None:
    agrees(lambda x, w: nd.correlate1d(x, w), draw(5) + 1j, draw(3) - 1j)
    agrees(lambda x: nd.convolve(x, np.ones((2, 2))), draw(3, 3) * (1 + 1j))


RAMP = np.arange(20.0).reshape(5, 4)

FILTERS: dict[str, Callable[..., Any]] = {
    "gaussian_filter1d": lambda x, **o: nd.gaussian_filter1d(x, 0.8, **o),
    "gaussian_filter1d, slope": lambda x, **o: nd.gaussian_filter1d(x, 0.8, axis=0, order=1, **o),
    "gaussian_filter": lambda x, **o: nd.gaussian_filter(x, (0.5, 0.8), **o),
    "gaussian_filter, axes": lambda x, **o: nd.gaussian_filter(x, 0.8, axes=(0,), **o),
    "uniform_filter1d": lambda x, **o: nd.uniform_filter1d(x, 3, **o),
    "uniform_filter": lambda x, **o: nd.uniform_filter(x, (2, 3), **o),
    "sobel": nd.sobel,
    "prewitt": lambda x, **o: nd.prewitt(x, axis=0, **o),
    "laplace": nd.laplace,
    "gaussian_laplace": lambda x, **o: nd.gaussian_laplace(x, 0.7, **o),
    "gaussian_gradient_magnitude": lambda x, **o: nd.gaussian_gradient_magnitude(RAMP + 0.3 * x, 0.7, **o),
    "maximum_filter": lambda x, **o: nd.maximum_filter(x, 3, **o),
    "minimum_filter1d": lambda x, **o: nd.minimum_filter1d(x, 2, **o),
    "maximum_filter, cross": lambda x, **o: nd.maximum_filter(x, footprint=[[0, 1, 0], [1, 1, 1]], **o),
    "median_filter": lambda x, **o: nd.median_filter(x, (2, 3), **o),
    "percentile_filter": lambda x, **o: nd.percentile_filter(x, 30, size=3, **o),
    "rank_filter": lambda x, **o: nd.rank_filter(x, 2, footprint=[[1, 1, 0], [0, 1, 1]], **o),
    "rank_filter of a line": lambda x, **o: nd.rank_filter(x[:, 0], 1, size=3, **o),
    "grey_dilation": lambda x, **o: nd.grey_dilation(x, structure=[[0.1, 0.5, 0.2]], **o),
    "grey_erosion": lambda x, **o: nd.grey_erosion(x, structure=[[0.1, 0.5, 0.2]], **o),
    "grey_opening": lambda x, **o: nd.grey_opening(x, 2, **o),
    "morphological_gradient": lambda x, **o: nd.morphological_gradient(x, 2, **o),
    "white_tophat": lambda x, **o: nd.white_tophat(x, 2, **o),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name: str) -> None:
    for mode in MODES:
        agrees(lambda x, m=mode: FILTERS[name](x, mode=m, cval=0.2), draw(5, 4), stage=False)


def test_a_gaussian_moves_with_its_width() -> None:
    agrees(lambda s: nd.gaussian_filter1d(draw(9), s), np.float64(0.9), batch=False, stage=False, second=True)


def test_output_is_written_into() -> None:
    def smoothed(x: Any) -> Any:
        out = np.zeros_like(x)
        nd.gaussian_filter(x, 1.0, output=out)
        return out

    agrees(smoothed, draw(4, 5), stage=False)
    agrees(lambda x: nd.uniform_filter1d(x, 3, output=np.float64), draw(5, dtype=np.float32), batch=False)
    agrees(lambda x: nd.correlate1d(x, [0.2, 0.3]), draw(5, dtype=np.float32), batch=False)
    plain = np.zeros(5)
    with pytest.raises(adjoint.errors.AdjointError):
        adjoint.grad(lambda x: np.sum(nd.gaussian_filter1d(x, 1.0, output=plain)))(draw(5))


ORDERS = (0, 1, 2, 3, 4, 5)
POINTS = np.array([[0.3, 1.4, 3.6, -0.9, 5.2, 2.1], [1.2, 2.7, 0.1, 1.9, -3.4, 6.6]])


@pytest.mark.parametrize("mode", GRID_MODES)
@pytest.mark.parametrize("order", ORDERS)
def test_map_coordinates(order: int, mode: str) -> None:
    agrees(
        lambda x, c: nd.map_coordinates(x, POINTS + 0.04 * c, order=order, mode=mode, cval=0.4),
        draw(5, 4),
        draw(2, 6),
        second=order == 3,
        stage=False,
        batch=mode == "mirror",
    )


@pytest.mark.parametrize("mode", GRID_MODES)
@pytest.mark.parametrize("order", [0, 1, 3, 4])
@pytest.mark.filterwarnings("ignore:It is recommended to use mode")
def test_affine_transforms(order: int, mode: str) -> None:
    options = {"order": order, "mode": mode, "cval": 0.4}
    x = draw(5, 4)
    matrix = np.array([[0.9, 0.23], [-0.31, 1.1]])
    at = np.array([0.37, -0.61])
    agrees(
        lambda x, m, o: nd.affine_transform(x, matrix + 0.02 * m, at + 0.02 * o, **options),
        x, draw(2, 2), draw(2), stage=False, batch=False,
    )  # fmt: skip
    agrees(lambda x, s: nd.shift(x, 0.05 * s + [0.7, -1.3], **options), x, draw(2), stage=False, batch=False)
    agrees(lambda x: nd.zoom(x, (1.4, 0.7), **options), x, stage=False)
    agrees(lambda x: nd.zoom(x, 1.6, grid_mode=True, **options), x, stage=False)
    agrees(lambda x: nd.affine_transform(x, [0.8, 1.3], [0.2, 0.3], (3, 4), **options), x, stage=False)
    agrees(lambda x: nd.rotate(x, 25.0, reshape=False, **options), x, stage=False)


def test_an_angle_and_a_mapping() -> None:
    x = draw(6, 5)
    agrees(lambda a: nd.rotate(x, a, reshape=False), np.float64(20.0), batch=False, stage=False)

    def moved(x: Any, a: Any) -> Any:
        return nd.geometric_transform(x, lambda at: (at[0] * a, at[1] + 0.3 * a), mode="nearest")

    agrees(moved, x, np.float64(0.83), batch=False, stage=False)


@pytest.mark.parametrize("mode", GRID_MODES)
def test_spline_coefficients(mode: str) -> None:
    for order in (2, 3, 5):
        agrees(lambda x, o=order: nd.spline_filter1d(x, o, 0, mode=mode), draw(7, 2), stage=False)
    agrees(lambda x: nd.spline_filter(x, mode=mode), draw(4, 5), stage=False)


LABELS = np.array([[1, 1, 2, 0], [2, 2, 1, 0], [0, 3, 3, 3]])

MEASURES: dict[str, Callable[..., Any]] = {
    "sum_labels": lambda x: nd.sum_labels(x, LABELS, [1, 2, 3]),
    "mean": lambda x: nd.mean(x, LABELS, [1, 2]),
    "variance": lambda x: nd.variance(x, LABELS, [1, 2]),
    "standard_deviation": lambda x: nd.standard_deviation(x, LABELS, [1, 3]),
    "center_of_mass": lambda x: nd.center_of_mass(x, LABELS, 2),
    "fourier_gaussian": lambda x: nd.fourier_gaussian(np.fft.fft2(x), 0.7),
    "fourier_uniform": lambda x: nd.fourier_uniform(np.fft.fft2(x), 2.0),
    "fourier_shift": lambda x: nd.fourier_shift(np.fft.fft2(x), (0.3, -0.7)),
}


@pytest.mark.parametrize("name", MEASURES)
def test_measures(name: str) -> None:
    agrees(MEASURES[name], draw(3, 4), stage=False, batch=False)


def test_vectorized_filters() -> None:
    agrees(lambda x: nd.vectorized_filter(x, np.mean, size=3), draw(4, 5), stage=False, batch=False)
    with pytest.raises(adjoint.errors.DerivativeError, match="vectorized_filter"):
        adjoint.grad(lambda x: np.sum(nd.generic_filter(x, np.mean, 3)))(draw(4, 5))


def test_ties_are_shared_along_an_axis() -> None:
    found = adjoint.grad(lambda x: nd.maximum_filter1d(x, 3)[1])(np.ones(4))
    np.testing.assert_allclose(found, [1 / 3, 1 / 3, 1 / 3, 0.0])


def test_a_long_line_costs_no_matrix() -> None:
    x = np.random.default_rng(0).normal(size=300_000)
    slope = adjoint.grad(lambda x: np.sum(nd.gaussian_filter1d(x, 3.0) ** 2))(x)
    want = 2 * nd.gaussian_filter1d(nd.gaussian_filter1d(x, 3.0), 3.0)
    np.testing.assert_allclose(slope[50:-50], want[50:-50], atol=1e-12)
