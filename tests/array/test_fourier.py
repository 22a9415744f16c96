"""Fourier transforms: NumPy's values and dtypes in every trace, with their transposes; every option."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.errors import AdjointError

from .agreeing import agrees, draw

ALONG: dict[str, Callable[..., Any]] = {n: getattr(np.fft, n) for n in ("fft", "ifft", "irfft", "hfft")}
REAL_ALONG: dict[str, Callable[..., Any]] = {n: getattr(np.fft, n) for n in ("rfft", "ihfft")}
OVER: dict[str, Callable[..., Any]] = {
    n: getattr(np.fft, n) for n in ("fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")
}
REAL_OVER: dict[str, Callable[..., Any]] = {n: getattr(np.fft, n) for n in ("rfft2", "rfftn")}

LENGTHS = (None, 3, 4, 7, 8)
NORMS = (None, "backward", "ortho", "forward")


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("name", [*ALONG, *REAL_ALONG])
def test_along_an_axis(name: str, dtype: str) -> None:
    if name in REAL_ALONG and dtype.startswith("complex"):
        return
    function = getattr(np.fft, name)
    x = draw(3, 5, dtype=dtype)
    for n, axis in itertools.product(LENGTHS, (0, -1)):
        agrees(lambda v, n=n, axis=axis: function(v, n=n, axis=axis), x, stage=False)
    agrees(lambda v: np.abs(function(v, 4)[1:]) ** 2, x, second=dtype == "float64", stage=False)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", [*ALONG, *REAL_ALONG, *OVER, *REAL_OVER])
def test_norms(name: str, norm: Any) -> None:
    agrees(lambda v: getattr(np.fft, name)(v, norm=norm), draw(2, 6), batch=False)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("name", [*OVER, *REAL_OVER])
def test_over_axes(name: str, dtype: str) -> None:
    if name in REAL_OVER and dtype.startswith("complex"):
        return
    function = getattr(np.fft, name)
    x = draw(2, 3, 4, dtype=dtype)
    for s, axes in (((4, 2), (0, 1)), ((2, 5), (-1, 0)), (None, (1,)), ((-1, 3), (0, 2))):
        agrees(lambda v, s=s, axes=axes: function(v, s=s, axes=axes), x, stage=False)
    agrees(function, x)


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts(name: str) -> None:
    function = getattr(np.fft, name)
    for shape in ((5,), (4,), (3, 4)):
        agrees(function, draw(*shape))
    for axes in (0, 1, (0, 1), (-1,)):
        agrees(lambda v, axes=axes: function(v, axes=axes), draw(3, 4))


def test_dtypes_are_numpys() -> None:
    seen: list[Any] = []
    for dtype, name in itertools.product(
        ("float16", "float32", "int64", "bool"), ("fft", "rfft", "irfft", "hfft", "ihfft", "fftn", "irfft2")
    ):
        x = np.ones((2, 4), dtype)
        function = getattr(np.fft, name)
        seen.append((adjoint.trace(function)(x)(x).dtype, function(x).dtype))
    assert all(ours == numpys for ours, numpys in seen)


def test_the_convolution_theorem_differentiates() -> None:
    x, y = draw(8), draw(8, seed=1)

    def circular(x: Any, y: Any) -> Any:
        return np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), 8)

    def direct(x: Any, y: Any) -> Any:
        return sum(x[k] * np.roll(y, k) for k in range(8))

    for arg in (0, 1):
        found, want = (adjoint.jacobian(f, arg)(x, y) for f in (circular, direct))
        np.testing.assert_allclose(found, want, atol=1e-14)


def test_power_is_conserved() -> None:
    """Parseval: the gradient of the power of an orthonormal transform is 2x."""
    x = draw(2, 7)
    found = adjoint.grad(lambda v: np.sum(np.abs(np.fft.fft2(v, norm="ortho")) ** 2))(x)
    np.testing.assert_allclose(found, 2 * x, rtol=1e-13)


def test_frequencies_are_plain() -> None:
    x = draw(6)
    found = adjoint.grad(lambda v: np.sum(np.fft.fftfreq(6) * v + np.fft.rfftfreq(11) * v))(x)
    np.testing.assert_allclose(found, np.fft.fftfreq(6) + np.fft.rfftfreq(11))
    np.testing.assert_allclose(adjoint.grad(lambda d: np.sum(np.fft.fftfreq(5, d) ** 2))(2.0), -0.1)


def test_out_and_what_a_cut_leaves() -> None:
    x = draw(6)

    def written(v: Any) -> Any:
        out = np.zeros_like(v[:4]) * 0j
        np.fft.fft(v, 4, out=out)
        return np.sum(np.abs(out) ** 2)

    np.testing.assert_allclose(adjoint.grad(written)(x), np.where(np.arange(6) < 4, 8 * x, 0.0), rtol=1e-13)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: np.fft.fft(v, norm="half"),
        lambda v: np.fft.fft(v, 0),
        lambda v: np.fft.irfft(v[:1]),
        lambda v: np.fft.fft(v, axis=1),
        lambda v: np.fft.rfft(v + 0j),
        lambda v: np.fft.fftn(v, s=(2, 2), axes=(0,)),
        lambda v: np.fft.rfftn(v, axes=()),
    ],
)
def test_mistakes_are_told(call: Any) -> None:
    with pytest.raises(AdjointError):
        adjoint.grad(lambda v: np.sum(np.abs(call(v))))(draw(4))
