"""Arrays as points: a list of arrays as one vector of real coordinates, and back.

A `Space` knows shapes, dtypes and names of the arrays; a complex number is two coordinates. A `Map` is a
function of such a list at one point. Both serve differences: `Space.snap` makes steps after which every
point of a stencil is a number of the dtype in use.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..errors import ArgumentError, ShapeError

Vector = Any
"""One axis of real coordinates: float64, or longdouble where an array has that precision."""

_LEFT = (ArithmeticError, ValueError)


@dataclass(frozen=True, slots=True)
class Space:
    """Where a list of arrays lives: `vector` and `leaves` go there and back.

    >>> space = space_of([2.0, np.ones((1, 2), np.float32)], ["x", "w"])
    >>> space.vector([2.0, np.ones((1, 2))])
    array([2., 1., 1.])
    >>> space.name(2)
    'w[0, 1]'
    """

    avals: tuple[Aval, ...]
    kinds: tuple[type, ...]
    names: tuple[str, ...]
    starts: tuple[int, ...]
    wide: type

    @property
    def size(self) -> int:
        """The number of coordinates."""
        return self.starts[-1]

    def part(self, k: int) -> slice:
        """The coordinates of the k-th array."""
        return slice(self.starts[k], self.starts[k + 1])

    def eps(self, k: int) -> float:
        """The spacing at one of the k-th array's dtype."""
        return dtypes.eps(self.avals[k].dtype)

    def vector(self, leaves: Sequence[Any], *, imaginary: bool = False) -> Vector:
        """The coordinates of arrays with these shapes; `imaginary` takes the parts beside the reals."""
        pieces = [np.empty(0, self.wide)]
        for leaf, aval in zip(leaves, self.avals, strict=True):
            array: Any = np.asarray(leaf)
            if array.shape != aval.shape:
                raise ShapeError(
                    "the outputs of a function that is checked keep their shapes",
                    f"{array.shape} after {aval.shape}",
                    "Return arrays whose shapes do not depend on values.",
                )
            if imaginary:
                array = array.imag if array.dtype.kind == "c" else np.zeros(array.shape)
            elif dtypes.is_complex(aval.dtype):
                array = np.stack([array.real, array.imag], axis=-1)
            pieces.append(array.astype(self.wide).reshape(-1))
        return np.concatenate(pieces)

    def leaves(self, vector: Vector) -> list[Any]:
        """The arrays with these coordinates, each in its own dtype; complex ones for a complex vector."""
        found: list[Any] = []
        for k, (aval, kind) in enumerate(zip(self.avals, self.kinds, strict=True)):
            piece, dtype = vector[self.part(k)], aval.dtype
            if vector.dtype.kind == "c":
                dtype = dtypes.complex_dtype(dtype)
            elif dtypes.is_complex(dtype):
                piece = piece[0::2] + 1j * piece[1::2]
            array = piece.astype(dtype).reshape(aval.shape)
            found.append(
                array.item() if kind in (float, complex) else array if kind is np.ndarray else array[()]
            )
        return found

    def conjugate(self, vector: Vector) -> Vector:
        """The coordinates with imaginary parts negated: what pairs cotangents with tangents.

        A cotangent w and a tangent t give Re(w t), which is the product of coordinates of conj(w) and t.
        """
        turned = np.array(vector)
        for k, aval in enumerate(self.avals):
            if dtypes.is_complex(aval.dtype):
                turned[..., self.part(k)][..., 1::2] *= -1
        return turned

    def locate(self, position: int) -> tuple[int, tuple[int, ...], str]:
        """Array, index and part (`.real`, `.imag` or nothing) of a coordinate."""
        k = int(np.searchsorted(self.starts, position, side="right")) - 1
        aval, offset = self.avals[k], position - self.starts[k]
        part = ""
        if dtypes.is_complex(aval.dtype):
            offset, imaginary = divmod(offset, 2)
            part = ".imag" if imaginary else ".real"
        return k, tuple(int(i) for i in np.unravel_index(offset, aval.shape)), part

    def name(self, position: int) -> str:
        """How one would write the coordinate."""
        k, index, part = self.locate(position)
        return self.names[k] + (str(list(index)) if index else "") + part

    def snap(self, point: Vector, move: Vector, reach: int) -> Vector:
        """The move rounded so that point + m move is a number of the dtype, for whole |m| <= reach.

        Each part is a multiple of the spacing of the farthest point, and at least one spacing. (Where the
        way crosses a power of two, the finer half may hold a point that the coarser cannot: it rounds.)
        """
        unit = self._spacing(np.abs(point) + reach * np.abs(move))
        with np.errstate(all="ignore"):
            steps = np.rint(move / unit)
        steps[(steps == 0) & (move != 0)] = 1.0
        return np.where(move < 0, -1.0, 1.0) * np.abs(steps) * unit * (move != 0)

    def _spacing(self, magnitude: Vector) -> Vector:
        unit = np.empty(self.size, self.wide)
        for k, aval in enumerate(self.avals):
            info = ml_dtypes.finfo(dtypes.real_dtype(aval.dtype))
            _, exponent = np.frexp(magnitude[self.part(k)])
            spacing = np.ldexp(self.wide(info.eps), exponent - 1)
            unit[self.part(k)] = np.maximum(spacing, self.wide(info.smallest_subnormal))
        return unit


def space_of(leaves: Sequence[Any], names: Sequence[str]) -> Space:
    """The space in which a list of arrays lives."""
    avals = tuple(aval_of(leaf) for leaf in leaves)
    sizes = [aval.size * (2 if dtypes.is_complex(aval.dtype) else 1) for aval in avals]
    longest = any(dtypes.real_dtype(aval.dtype) == np.longdouble for aval in avals)
    starts = (0, *(int(end) for end in np.cumsum(sizes)))
    kinds = tuple(np.ndarray if isinstance(leaf, np.ndarray) else type(leaf) for leaf in leaves)
    return Space(avals, kinds, tuple(names), starts, np.longdouble if longest else np.float64)


class Map:
    """A function from a list of arrays to a list of arrays, at one point."""

    def __init__(
        self, function: Callable[..., list[Any]], inputs: Space, point: Vector, names: Sequence[str]
    ) -> None:
        self.function, self.inputs, self.point = function, inputs, point
        found = function(*inputs.leaves(point))
        self.outputs = space_of(found, names)
        self.value = self.outputs.vector(found)

    @property
    def output_eps(self) -> float:
        """The precision of the coarsest output."""
        return max(self.outputs.eps(i) for i in range(len(self.outputs.avals)))

    def eps(self, k: int) -> float:
        """The precision of the function in its k-th argument: that of the coarser of both sides."""
        return max(self.inputs.eps(k), self.output_eps)

    def at(self, point: Vector) -> Vector:
        """The function's coordinates at another point; NaN where it cannot be computed there."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                return self.outputs.vector(self.function(*self.inputs.leaves(point)))
        except ShapeError:
            raise
        except _LEFT:
            return np.full(self.outputs.size, np.nan, self.outputs.wide)

    def beside(self, imaginary: Vector) -> Vector:
        """The imaginary part of the function at point + i imaginary, which it may not take."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                found = self.function(*self.inputs.leaves(self.point + 1j * imaginary))
        except (TypeError, ValueError, np.exceptions.ComplexWarning) as error:
            raise not_analytic(f"{type(error).__name__}: {error}") from error
        return self.outputs.vector(found, imaginary=True)


def not_analytic(received: str) -> ArgumentError:
    """The error for a complex step into a function that is not analytic, or takes no complex numbers."""
    return ArgumentError(
        "scheme='complex' needs a function of real numbers that takes complex ones and is analytic there",
        received,
        "Use scheme='auto'; abs, real, conj, comparisons and max are not analytic.",
    )
