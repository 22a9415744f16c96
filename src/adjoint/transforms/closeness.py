"""Eigenvalues and singular values that are close: the derivatives of their vectors divide by the gaps.

    dV = V (P_ij / (w_j - w_i)),    so of the digits of dV about log10(max|w| / min gap) are lost

Equal ones have no derivative, and give NaN; close ones have one that rounding spoils, and nothing shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.equation import Line
from .findings import concrete, where
from .places import Place

_VALUES = {"eigh": (0, (1,)), "eigh_by": (0, (1,)), "eig": (0, (1,)), "svd": (1, (0, 2))}
"""For a decomposition, which of its results are the values and which the vectors."""


@dataclass(frozen=True, slots=True)
class Close:
    """Two values of a decomposition whose gap, beside the largest of them, is `gap`."""

    operation: str
    phase: str
    line: Line | None
    via: Line | None
    values: tuple[Any, Any]
    gap: float

    def asked(self) -> str:
        """What was asked for."""
        return f"the derivative of the vectors of {self.operation}, in the {self.phase}{where(self)}"

    def received(self) -> str:
        """What makes it doubtful."""
        first, second = self.values
        return (
            f"the values {first} and {second}, whose gap is {self.gap:.0e} of the largest: "
            f"about {max(1, round(-np.log10(self.gap)))} digits are lost"
        )

    def remedy(self) -> str:
        """What to write instead."""
        return "adjoint.linalg.symmetric_function(f, A) is exact there."

    def __str__(self) -> str:
        return f"{self.asked()}: {self.received()}. {self.remedy()}"


def closest(operation: str, outs: Sequence[Any]) -> tuple[tuple[Any, Any], float] | None:
    """The closest two values, equal ones aside, where half of the digits or more are lost."""
    if operation not in _VALUES:
        return None
    values, _ = concrete(outs[_VALUES[operation][0]])
    if values is None or values.shape[-1] < 2 or not np.isfinite(values).all():
        return None
    flat = np.sort(values.reshape(-1, values.shape[-1]), axis=-1)
    scale = np.abs(flat).max(axis=-1, keepdims=True)
    eps = float(np.finfo(flat.dtype).eps)
    with np.errstate(invalid="ignore", divide="ignore"):
        gaps = np.abs(np.diff(flat, axis=-1)) / scale
    gaps = np.where(gaps > flat.shape[-1] * eps, gaps, np.inf)
    row, place = np.unravel_index(np.argmin(gaps), gaps.shape)
    if gaps[row, place] >= np.sqrt(eps):
        return None
    return (flat[row, place].item(), flat[row, place + 1].item()), float(gaps[row, place])


def vectors_move(operation: str, moving: Sequence[Any]) -> bool:
    """Whether any cotangent (or tangent) of the vectors is not zero, where there are as many as results."""
    chosen = [moving[i] for i in _VALUES[operation][1] if i < len(moving)]
    return any(array is not None and bool(array.any()) for array, _ in map(concrete, chosen))


def close_record(place: Place, phase: str, found: tuple[tuple[Any, Any], float]) -> Close:
    """The record of values that are close."""
    own = place.outermost
    return Close(own.operation, phase, own.line, own.via, *found)
