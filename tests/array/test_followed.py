"""NumPy's own Python functions that have no rule of their own: they are followed, keywords and all."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from .agreeing import agrees, draw

X, M, T = draw(6), draw(3, 4), draw(2, 3, 4)
WEIGHTS = np.array([1.0, 2.0, 0.5, 1.0])
windows = np.lib.stride_tricks.sliding_window_view


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.unwrap(3 * x),
        lambda x: np.unwrap(3 * x, axis=0, discont=1.0),
        lambda x: np.unwrap(3 * x, period=2.0),
        lambda x: windows(x, (2, 2)),
        lambda x: windows(x, 2, axis=0) ** 2,
        lambda x: windows(x, (2, 2), axis=(1, 1)).mean(-1),
        lambda x: np.apply_along_axis(np.cumsum, 1, x),
        lambda x: np.apply_along_axis(lambda v: np.outer(v, v), 0, x),
        lambda x: np.apply_along_axis(lambda v, a, b: v.sum() * a * b, 1, x, 2.0, b=3.0),
        lambda x: np.apply_over_axes(np.sum, x, [0, 1]),
        lambda x: np.apply_over_axes(np.mean, x, 1),
        lambda x: np.cov(x),
        lambda x: np.cov(x, x**2, rowvar=False, bias=True),
        lambda x: np.cov(x, ddof=0, aweights=WEIGHTS, fweights=[1, 2, 1, 3]),
        lambda x: np.cov(x, dtype=np.complex128).real,
        lambda x: np.corrcoef(x),
        lambda x: np.corrcoef(x.T[:2], x.T[2:] * 3),
        lambda x: np.logspace(x[0], x[1], 3, base=3.0, endpoint=False, axis=1),
        lambda x: np.logspace(0.1, 0.5, 3, base=x[0] ** 2),
        lambda x: np.ediff1d(x, to_begin=x[0, :2], to_end=[1.0]),
        lambda x: np.vectorize(lambda v, w: v * w, otypes=[float])(x, x[0]),
        lambda x: np.r_[x[0], 1.0, x[1] ** 2],
        lambda x: np.c_[x[0], x[1] ** 2],
        lambda x: np.blackman(4) * x + np.hanning(4) + np.bartlett(4),
        lambda x: np.linalg.matrix_norm(x, ord=1, keepdims=True),
        lambda x: np.linalg.vector_norm(x, ord=3, axis=(0, 1)),
        lambda x: np.fft.fftfreq(4, d=x[0, 0]),
    ],
)
def test_with_every_trace(function: Callable[..., Any]) -> None:
    agrees(function, M, second=True)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.piecewise(x, [x < 0.5, x >= 1.0], [lambda v: v**2, 3.0, lambda v: v - v.mean()]),
        lambda x: np.piecewise(x, [x < 0.5], [lambda v, a: a * v, lambda v, a: v / a], 2.0),
        lambda x: np.geomspace(x[0, 0] ** 2, 9.0, 4),
        lambda x: np.geomspace(x[0] ** 2, x[1] ** 2, 3, endpoint=False, axis=1),
        lambda x: np.emath.sqrt(x),
        lambda x: np.emath.log(x),
        lambda x: np.emath.logn(2, x),
        lambda x: np.emath.power(x, 2.5),
        lambda x: np.emath.arccos(x / 3 + 2.5),
        lambda x: np.emath.arcsin(x**2 / 9 + 1.5),
        lambda x: np.emath.arctanh(x / 3),
        lambda x: np.kaiser(4, x[0, 0]),
        lambda x: np.real_if_close(x + 0j),
        lambda x: np.sort_complex(x + 1j),
        lambda x: np.extract(x > 0.5, x),
        lambda x: np.partition(x, 1, axis=0)[1],
    ],
)
def test_where_the_elements_must_be_known(function: Callable[..., Any]) -> None:
    real = np.isrealobj(function(M))
    agrees(function, M, second=real, batch=False, stage=False)


def test_of_three_axes() -> None:
    agrees(lambda x: np.apply_over_axes(np.sum, x, [0, 2]), T, second=True)
    agrees(lambda x: windows(x, (2, 3), axis=(1, 2)).sum((-1, -2)), T, second=True)
    agrees(lambda x: np.apply_along_axis(lambda v: v[::-1] ** 2, 1, x), T, second=True)
