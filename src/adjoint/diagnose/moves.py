"""Which way to perturb: elements one by one, or random directions, in units of each argument's own size.

A symmetric (Hermitian) argument stays symmetric: element (i, j) moves together with (j, i).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import dtypes
from ..errors import ArgumentError
from .space import Space, Vector

SMALL = 48
"""Up to so many coordinates each is moved on its own."""


@dataclass(frozen=True, slots=True)
class Move:
    """A direction, and the free coordinates that make it (a symmetric one's upper triangle)."""

    direction: Vector
    free: Vector
    """The positions of the free coordinates that move."""

    @property
    def element(self) -> int | None:
        """The coordinate that moves, where it is one."""
        return int(self.free[0]) if len(self.free) == 1 else None


class Moves:
    """The directions at a point; `symmetric` are the arrays, by number, that stay symmetric."""

    def __init__(self, space: Space, point: Vector, symmetric: Sequence[int]) -> None:
        self.space, self.symmetric = space, frozenset(symmetric)
        self.size = np.ones(space.size, space.wide)
        self.is_free = np.ones(space.size, bool)
        for k in range(len(space.avals)):
            part = space.part(k)
            self.size[part] = _sizes(point[part], dtypes.is_complex(space.avals[k].dtype))
            if k in self.symmetric:
                self.is_free[part] = self._upper(k)
                self._require_symmetric(k, point)

    def of(self, k: int, count: int | None, rng: "np.random.Generator") -> list[Move]:
        """The directions in which to move the k-th array."""
        part = self.space.part(k)
        free = part.start + np.flatnonzero(self.is_free[part])
        if count is None and len(free) <= SMALL:
            return [self.along(np.array([position])) for position in free]
        least = _usual(self.size[part]) * 2.0**-10  # what is far smaller would stand still among the rest
        return [self.along(free, rng, least) for _ in range(count or 4)] if len(free) else []

    def everywhere(self, rng: "np.random.Generator") -> Vector:
        """A random direction that moves all arrays."""
        return self.along(np.flatnonzero(self.is_free), rng).direction

    def along(self, free: Vector, rng: np.random.Generator | None = None, least: float = 0.0) -> Move:
        """The move of these free coordinates, each by its own size; at random by `rng`."""
        direction = np.zeros(self.space.size, self.space.wide)
        direction[free] = np.maximum(self.size[free], least)
        if rng is not None:
            # Of any size, so that what cancels for x itself does not for its direction.
            direction[free] *= rng.choice([-1.0, 1.0], len(free)) * rng.uniform(0.5, 1.0, len(free))
        return Move(self._mirrored(direction), free)

    def halves(self, move: Move) -> list[Move]:
        """The two halves of a move, by coordinates."""
        middle = len(move.free) // 2
        found: list[Move] = []
        for free in (move.free[:middle], move.free[middle:]):
            direction = np.zeros_like(move.direction)
            direction[free] = move.direction[free]
            found.append(Move(self._mirrored(direction), free))
        return found

    def _matrix(self, k: int, vector: Vector) -> Vector:
        """A view of the k-th array's coordinates, with an axis for real and imaginary parts."""
        aval = self.space.avals[k]
        return vector[self.space.part(k)].reshape(*aval.shape, 2 if dtypes.is_complex(aval.dtype) else 1)

    def _upper(self, k: int) -> Vector:
        aval = self.space.avals[k]
        if aval.ndim < 2 or aval.shape[-1] != aval.shape[-2]:
            raise ArgumentError(
                f"symmetric names arrays of square matrices, and so {self.space.names[k]}",
                f"shape {aval.shape}",
                "Leave it out of symmetric.",
            )
        upper = np.triu(np.ones(aval.shape, bool))
        parts = [upper, upper & ~np.eye(aval.shape[-1], dtype=bool)]
        return np.stack(parts[: 2 if dtypes.is_complex(aval.dtype) else 1], axis=-1).reshape(-1)

    def _mirrored(self, direction: Vector) -> Vector:
        for k in self.symmetric:
            matrix = self._matrix(k, direction)
            turned = _adjoint(matrix)
            lower = np.tril(np.ones(matrix.shape[-3:-1], bool), -1)[..., None]
            matrix[...] = np.where(lower, turned, matrix)
        return direction

    def _require_symmetric(self, k: int, point: Vector) -> None:
        matrix = self._matrix(k, point)
        if not np.array_equal(matrix, _adjoint(matrix)):
            raise ArgumentError(
                f"symmetric names arrays that are symmetric (Hermitian), and so {self.space.names[k]}",
                "an array that is not",
                "Pass (A + A.conj().T) / 2.",
            )


def _adjoint(matrix: Vector) -> Vector:
    turned = np.swapaxes(matrix, -3, -2).copy()
    turned[..., 1:] *= -1
    return turned


def _sizes(values: Vector, is_complex: bool) -> Vector:
    """The size of each coordinate: its magnitude; that of the whole array for a zero, one for zeros only."""
    size = np.abs(values)
    if is_complex:
        size = np.repeat(np.hypot(values[0::2], values[1::2]), 2)
    return np.where(size > 0, size, _usual(size))


def _usual(size: Vector) -> float:
    largest = np.max(size, initial=0.0)
    return float(largest * np.sqrt(np.mean((size / largest) ** 2))) if largest > 0 else 1.0
