"""scipy.fft: every transform, type, norm and length, with SciPy's values and their transposes."""

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.fft as sf

from .agreeing import agrees, draw

ALONG = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
NORMS = (None, "ortho", "forward")


@pytest.mark.parametrize("name", ALONG)
def test_along_an_axis(name: str) -> None:
    function = getattr(sf, name)
    dtypes = ("float64", "float32") if name in ("rfft", "ihfft") else ("float64", "float32", "complex128")
    for dtype, n, norm in itertools.product(dtypes, (None, 3, 6), NORMS):
        x = draw(4, 2, dtype=dtype)
        agrees(lambda x, n=n, norm=norm: function(x, n, axis=0, norm=norm, workers=1), x, stage=False)


@pytest.mark.parametrize("name", [f"{a}{b}" for a in ALONG for b in ("2", "n")])
def test_over_axes(name: str) -> None:
    function = getattr(sf, name)
    x = draw(3, 4, 2)
    agrees(function, x)
    for s, axes in (((4, 3), (0, 1)), (None, (1, 0)), ((3, 2), None)):
        if axes is None and name.endswith("2"):
            continue
        agrees(lambda x, s=s, axes=axes: function(x, s=s, axes=axes, norm="ortho"), x, stage=False)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["dct", "idct", "dst", "idst"])
def test_cosines_and_sines(name: str, kind: int) -> None:
    function = getattr(sf, name)
    for n, norm, ortho in itertools.product((None, 3, 6), NORMS, (None, True, False)):
        agrees(
            lambda x, n=n, norm=norm, ortho=ortho: function(x, kind, n, 0, norm, orthogonalize=ortho),
            draw(4, 2),
            stage=n is None,
        )
    agrees(lambda x: function(x, kind), draw(4, dtype=np.float32))
    agrees(lambda x: function(x, kind, norm="ortho"), draw(4, dtype=np.complex128))


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["dctn", "idctn", "dstn", "idstn"])
def test_of_several_axes(name: str, kind: int) -> None:
    function = getattr(sf, name)
    agrees(lambda x: function(x, kind), draw(3, 4))
    agrees(lambda x: function(x, kind, s=(2, 5), axes=(1, 0), norm="ortho"), draw(3, 4))


def test_orthogonal_transforms_keep_the_norm() -> None:
    for name, kind in itertools.product(("dct", "dst"), (1, 2, 3, 4)):
        function: Any = getattr(sf, name)
        agrees(
            lambda x, f=function, k=kind: np.sum(f(x, k, norm="ortho") ** 2) - np.sum(x**2),
            draw(5),
            second=True,
        )


def test_hankel_transforms() -> None:
    for function, bias in itertools.product((sf.fht, sf.ifht), (0.0, 0.2)):
        agrees(lambda x, f=function, b=bias: f(x, 0.1, 1.5, offset=0.05, bias=b), draw(2, 8), stage=False)


def test_shifts() -> None:
    agrees(lambda x: sf.fftshift(x), draw(5), stage=False)
    agrees(lambda x: sf.ifftshift(x, axes=1), draw(3, 4), stage=False)
