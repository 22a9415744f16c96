"""scipy.signal: convolutions and filters, with SciPy's values in every trace."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal as sp

import adjoint

from .agreeing import agrees, draw

MODES = ("full", "same", "valid")
SHAPES = (((7,), (3,)), ((3,), (6,)), ((4, 5), (2, 3)), ((3, 2), (5, 4)), ((4, 3, 3), (2, 2, 1)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["convolve", "correlate", "fftconvolve", "oaconvolve"])
def test_convolutions(name: str, shapes: Any, mode: str) -> None:
    x, y = draw(*shapes[0]), draw(*shapes[1], seed=1)
    function = getattr(sp, name)
    agrees(lambda x, y: function(x, y, mode), x, y, second=mode == "full")
    if name == "correlate":
        agrees(lambda x, y: function(x, y, mode, method="direct"), x + 1j, y - 2j)


@pytest.mark.parametrize("method", ["direct", "fft", "auto"])
@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128"])
def test_dtypes_and_methods(dtype: str, method: str) -> None:
    agrees(lambda x, y: sp.convolve(x, y, method=method), draw(6, dtype=dtype), draw(3, seed=1, dtype=dtype))
    agrees(lambda x: sp.convolve(x, np.arange(3), method=method), draw(5))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, (0,), (-1, 0)], ids=str)
def test_convolution_along_axes(axes: Any, mode: str) -> None:
    y = draw(3, 4, seed=1) if axes == 1 else draw(2, 4, seed=1) if axes == (0,) else draw(2, 3, seed=1)
    agrees(lambda x, y: sp.fftconvolve(x, y, mode, axes=axes), draw(3, 4), y)
    agrees(lambda x, y: sp.fftconvolve(x, y, mode, axes=1), draw(3, 4), draw(1, 4, seed=1))


@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["convolve2d", "correlate2d"])
def test_boundaries(name: str, mode: str, boundary: str) -> None:
    function = getattr(sp, name)
    for kernel in ((2, 3), (3, 2), (4, 4), (7, 2)):
        if kernel == (7, 2) and mode == "valid":
            continue
        agrees(
            lambda x, y: function(x, y, mode, boundary, fillvalue=0.5),
            draw(5, 4),
            draw(*kernel, seed=1),
            stage=False,
        )


FILTERED: dict[str, Callable[..., Any]] = {
    "plain": lambda b, a, x: sp.lfilter(b, a, x),
    "short b": lambda b, a, x: sp.lfilter(b[:1], a, x),
    "no feedback": lambda b, a, x: sp.lfilter(b, a[:1], x),
    "long b": lambda b, a, x: sp.lfilter(np.concatenate([b, b]), a, x),
    "of order 0": lambda b, a, x: sp.lfilter(b[:1], a[:1], x),
    "along axis 0": lambda b, a, x: sp.lfilter(b, a, np.reshape(x, (4, 2)), axis=0),
    "with a state": lambda b, a, x: sp.lfilter(b, a, x, zi=x[:2] * x[1]),
    "with states": lambda b, a, x: sp.lfilter(
        b, a, np.reshape(x, (2, 4)), axis=0, zi=x[None, :4] * a[:2, None]
    ),
    "with one state": lambda b, a, x: sp.lfilter(b, a, np.reshape(x, (2, 4)), axis=1, zi=b[None, :2]),
    "no feedback, a state": lambda b, a, x: sp.lfilter(b, 2.0, x, zi=x[:2]),
    "shorter than its state": lambda b, a, x: sp.lfilter(b, a, x[:1], zi=x[2:4]),
}


@pytest.mark.parametrize("name", FILTERED)
def test_lfilter(name: str) -> None:
    b, a, x = draw(3), np.array([1.7, 0.4, -0.3]), draw(8, seed=2)
    agrees(FILTERED[name], b, a, x, second=True, batch=False)
    agrees(lambda x: FILTERED[name](b, a, x), x)
    agrees(lambda b, x: FILTERED[name](b, a, x), b, x)


def test_lfilter_of_other_dtypes() -> None:
    b, a, x = draw(2), np.array([1.0, -0.5]), draw(6)
    agrees(sp.lfilter, *(v.astype(np.float32) for v in (b, a, x)), batch=False)
    agrees(sp.lfilter, b + 1j, a - 0.2j, x + 2j, batch=False)


def test_a_long_signal_costs_no_more_than_filters() -> None:
    """The gradient in the coefficients of a filter over a long signal is a few filters, not a matrix."""
    n = 200_000
    b, a = sp.butter(3, 0.2)
    x = np.random.default_rng(0).normal(size=n)
    slope = adjoint.grad(lambda b, a, x: np.mean(sp.lfilter(b, a, x) ** 2), (0, 1, 2))(b, a, x)
    step = 1e-6
    for k in range(2):
        moved = [np.mean(sp.lfilter(b + s * step * np.eye(4)[k], a, x) ** 2) for s in (1, -1)]
        np.testing.assert_allclose(slope[0][k], (moved[0] - moved[1]) / (2 * step), rtol=1e-6)


SECTIONS = np.array([[0.2, 0.3, 0.1, 1.0, -0.4, 0.2], [0.7, -0.1, 0.3, 1.0, 0.3, -0.1]])
AWAY = np.where(np.arange(6) == 3, 0.0, 1.0)
"""The leading coefficients of sections stay 1."""


def test_sosfilt() -> None:
    x = draw(2, 7)

    def moved(s: Any, x: Any, **options: Any) -> Any:
        return sp.sosfilt(SECTIONS + AWAY * (s - SECTIONS), x, **options)

    agrees(moved, SECTIONS, x, second=True, batch=False)
    agrees(lambda x: sp.sosfilt(SECTIONS, x, axis=0), x)
    agrees(lambda s, x, zi: moved(s, x, zi=zi), SECTIONS, x, draw(2, 2, 2), batch=False)


LINEAR: dict[str, Callable[..., Any]] = {
    "filtfilt": lambda x: sp.filtfilt([0.3, 0.2], [1.0, -0.4], x, axis=0, padlen=5),
    "filtfilt even": lambda x: sp.filtfilt([0.3, 0.2], [1.0, -0.4], x, axis=0, padtype="even"),
    "filtfilt gust": lambda x: sp.filtfilt([0.3, 0.2], [1.0, -0.4], x, axis=0, method="gust"),
    "sosfiltfilt": lambda x: sp.sosfiltfilt(SECTIONS, x, axis=0, padtype="constant", padlen=3),
    "savgol": lambda x: sp.savgol_filter(x, 5, 2, axis=0),
    "savgol, slope": lambda x: sp.savgol_filter(x, 5, 3, deriv=1, delta=0.5, axis=0, mode="mirror"),
    "detrend": lambda x: sp.detrend(x, axis=0),
    "detrend, constant": lambda x: sp.detrend(x, axis=0, type="constant"),
    "detrend, broken": lambda x: sp.detrend(x, axis=0, bp=[4]),
    "hilbert": lambda x: sp.hilbert(x, axis=0),
    "hilbert2": sp.hilbert2,
    "resample": lambda x: sp.resample(x, 7, axis=0),
    "resample up": lambda x: sp.resample(x, 17),
    "resample_poly": lambda x: sp.resample_poly(x, 3, 2, axis=0),
    "decimate": lambda x: sp.decimate(np.repeat(x, 4, axis=0), 2, n=2, axis=0),
    "decimate, fir": lambda x: sp.decimate(x, 2, n=4, ftype="fir", axis=0),
    "czt": lambda x: sp.czt(x, m=5, axis=0),
    "zoom_fft": lambda x: sp.zoom_fft(x, [0.1, 0.4], m=5, axis=0),
    "envelope": lambda x: sp.envelope(0.1 * x + np.arange(20.0).reshape(10, 2), axis=0),
    "medfilt": lambda x: sp.medfilt(np.reshape(x, (5, 4)), 3),
    "medfilt2d": lambda x: sp.medfilt2d(x, 3),
    "order_filter": lambda x: sp.order_filter(x, np.ones((3, 1)), 1),
    "deconvolve": lambda x: sp.deconvolve(x[:, 0], [1.0, 0.5])[0],
    "stft": lambda x: sp.stft(x[:, 0], nperseg=4)[2],
    "upsampled": lambda x: sp.upfirdn([1.0, 2.0, 3.0, 0.5], x, 3, 2, axis=0),
    "upsampled, wrapped": lambda x: sp.upfirdn([1.0, 2.0, 3.0, 0.5], x, 3, 1, axis=0, mode="wrap"),
}


@pytest.mark.parametrize("name", LINEAR)
def test_what_is_made_of_filters(name: str) -> None:
    agrees(LINEAR[name], draw(10, 2), stage=False)


def test_upfirdn() -> None:
    for up, down in ((1, 1), (3, 1), (1, 3), (3, 2), (2, 5)):
        agrees(lambda h, x, u=up, d=down: sp.upfirdn(h, x, u, d), draw(5), draw(7, seed=1), stage=False)
    for mode in ("symmetric", "reflect", "edge", "wrap", "constant"):
        agrees(lambda h, x, m=mode: sp.upfirdn(h, x, 2, 1, mode=m), draw(5), draw(7, seed=1), stage=False)


SQUARED: dict[str, Callable[..., Any]] = {
    "periodogram": lambda x: sp.periodogram(x)[1],
    "welch": lambda x: sp.welch(x, nperseg=6)[1],
    "csd": lambda x: sp.csd(x, x[::-1], nperseg=6)[1],
    "coherence": lambda x: sp.coherence(x, x[::-1], nperseg=4)[1],
    "spectrogram": lambda x: sp.spectrogram(x, nperseg=6)[2],
    "lombscargle": lambda x: sp.lombscargle(np.arange(12.0), x, [0.5, 1.0]),
    "wiener": lambda x: sp.wiener(x, 3),
    "istft": lambda x: sp.istft(np.reshape(x * x, (4, 3)), nperseg=6, noverlap=3)[1],
}


@pytest.mark.parametrize("name", SQUARED)
def test_spectra(name: str) -> None:
    agrees(SQUARED[name], draw(12), batch=False, stage=False)


WINDOWS: dict[str, Callable[..., Any]] = {
    "gaussian": lambda s: sp.windows.gaussian(6, s),
    "general_gaussian": lambda s: sp.windows.general_gaussian(6, 1.5, s),
    "kaiser": lambda s: sp.windows.kaiser(6, s),
    "tukey": lambda s: sp.windows.tukey(9, 0.3 + 0.1 * s),
    "exponential": lambda s: sp.windows.exponential(6, tau=s),
    "general_cosine": lambda s: sp.windows.general_cosine(6, [0.5, 0.5 * s]),
    "gausspulse": lambda s: sp.gausspulse(s * np.linspace(-1, 1, 5), fc=2.0),
    "chirp": lambda s: sp.chirp(np.linspace(0, 1, 5), 1.0, 1.0, s),
    "freqz": lambda s: sp.freqz([1.0, s], [1.0, 0.4 * s], worN=4)[1],
}


@pytest.mark.parametrize("name", WINDOWS)
def test_shapes_of_windows_and_waves(name: str) -> None:
    agrees(WINDOWS[name], np.float64(1.3), batch=False, stage=False)


@pytest.mark.parametrize("rtype", ["min", "max", "avg"])
def test_roots_close_together_count_as_one(rtype: str) -> None:
    def roots(x: Any) -> Any:
        return sp.unique_roots(np.array([1.0, 2.0005, 2.0, 3.0 + 0.5j]) * x, rtype=rtype)[0]

    agrees(roots, np.float64(1.0), batch=False, stage=False)
    counts = adjoint.vjp(lambda x: sp.unique_roots(x)[1], np.array([1.0, 2.0, 2.0]))[0]
    np.testing.assert_array_equal(counts, [1, 2])


def test_partial_fractions_and_states_move_with_the_denominator() -> None:
    at = np.array([1.0, -0.5, 0.3])
    agrees(lambda b, a: sp.residue(b, at + 0.1 * a)[0].real, draw(3), draw(3), batch=False, stage=False)
    agrees(lambda b, a: sp.lfilter_zi(b, at + 0.1 * a), draw(3), draw(3), batch=False, stage=False)
