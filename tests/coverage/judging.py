"""Judges a sample: its value is NumPy's, and in every mode the derivative is that of differences.

What each mode demands stands at the method of that name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint import jvp, vjp, vmap

from ..rules.differences import derivative
from .reading import Line

Arrays = list[Any]


def _listed(result: Any) -> Arrays:
    if isinstance(result, tuple | list):
        return [part for item in result for part in _listed(item)]
    return [result]


def _flat(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its results as a tuple."""
    return lambda *args: tuple(_listed(function(*args)))


def _wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _close(got: Any, want: Any, rtol: float, scale: float, what: str) -> None:
    got, want = _wide(got), _wide(want)
    size = max(1.0, scale, float(np.max(np.abs(want), initial=0.0)))
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * size, err_msg=what)


def _like(value: Any, seed: int) -> Any:
    """A direction, or cotangent, for a value."""
    array = np.asarray(value)
    rng = np.random.default_rng([seed, array.size])
    drawn = rng.normal(size=array.shape)
    if array.dtype.kind == "c":
        drawn = drawn + 1j * rng.normal(size=array.shape)
    drawn = np.asarray(drawn).astype(array.dtype) if array.dtype.kind in "fc" else np.zeros(array.shape)
    return drawn if drawn.ndim else drawn.item()


class Judge:
    """The modes of one sample, each a method that raises where it fails."""

    def __init__(self, line: Line) -> None:
        self.f = _flat(line.function())
        self.point = line.point()
        self.want = self.f(*line.point())
        self.moves = [_like(x, 3) for x in self.point]
        self.cotangents = tuple(_like(y, 5) for y in self.want)
        self.smooth = [k for k, y in enumerate(self.want) if np.asarray(y).dtype.kind in "fc"]

    def _moved(self, h: float) -> Arrays:
        return [x + h * m for x, m in zip(self.point, self.moves, strict=True)]

    def value(self) -> None:
        """NumPy's value, shape and dtype."""
        found = vjp(self.f, *self.point)[0]
        for got, want in zip(found, self.want, strict=True):
            assert np.shape(got) == np.shape(want)
            assert np.asarray(got).dtype == np.asarray(want).dtype
            _close(got, want, 1e-12, 0.0, "value")

    def jvp(self) -> None:
        """The slope of differences along a direction; nothing where the results are integers."""
        tangents = jvp(self.f, tuple(self.point), tuple(self.moves))[1]
        for k in self.smooth:
            slope, error, size = derivative(lambda h, k=k: _wide(self.f(*self._moved(h))[k]), 1e-2)
            assert np.max(error, initial=0.0) < 1e-5 * max(1.0, size), "the differences disagree"
            _close(tangents[k], slope, 1e-6, size, "jvp")
        for k in set(range(len(self.want))) - set(self.smooth):
            assert not np.any(np.asarray(tangents[k]).astype(float))

    def vjp(self) -> None:
        """The pairing of the pullback with the tangent."""
        found = vjp(self.f, *self.point)[1](self.cotangents)
        tangents = jvp(self.f, tuple(self.point), tuple(self.moves))[1]
        left = sum(np.sum(_wide(self.cotangents[k]) * _wide(tangents[k])) for k in self.smooth)
        right = sum(np.sum(_wide(g) * _wide(m)) for g, m in zip(found, self.moves, strict=True))
        if any(np.asarray(x).dtype.kind == "c" for x in (*self.point, *self.want)):
            left, right = np.real(left), np.real(right)
        _close(left, right, 1e-9, 0.0, "vjp")
        for g, x in zip(found, self.point, strict=True):
            assert np.shape(g) == np.shape(x)
            assert np.asarray(g).dtype == np.asarray(x).dtype

    def second(self) -> None:
        """The derivative of the pullback along a direction, against its differences."""

        def pulled(*args: Any) -> Any:
            return tuple(vjp(self.f, *args)[1](self.cotangents))

        found = jvp(pulled, tuple(self.point), tuple(self.moves))[1]
        for k, tangent in enumerate(found):
            slope, error, size = derivative(lambda h, k=k: _wide(pulled(*self._moved(h))[k]), 1e-2)
            assert np.max(error, initial=0.0) < 1e-4 * max(1.0, size), "the differences disagree"
            _close(tangent, slope, 1e-5, size, "second")

    def vmap(self) -> None:
        """Two at a time."""
        other = self._moved(0.01)
        batch = [np.stack([a, b]) for a, b in zip(self.point, other, strict=True)]
        found = vmap(self.f)(*batch)
        for got, first, second in zip(found, self.want, self.f(*other), strict=True):
            _close(got, np.stack([first, second]), 1e-11, 0.0, "vmap")
