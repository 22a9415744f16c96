"""Linear algebra beyond NumPy's: functions of symmetric matrices, differentiable at equal eigenvalues too.

>>> import adjoint
>>> adjoint.linalg.symmetric_function(np.exp, np.zeros((2, 2)))
array([[1., 0.],
       [0., 1.]])
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .api.derivatives import jvp
from .array.functions.linalg import matrices
from .core.avals import aval_of, describe
from .core.primitive import Tracer
from .errors import ArgumentError, DerivativeError
from .primitives.spectral import spectral

__all__ = ["symmetric_function"]


class _Derivatives:
    """The derivatives of a function of one number, of each element of a plain array."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, x: Any, order: int) -> Any:
        found = self.along(x, order)
        if isinstance(found, Tracer):
            raise DerivativeError(
                "symmetric_function of a function of the eigenvalues alone",
                "a function that uses traced values from around it",
                "Scale the matrix instead: symmetric_function(f, t * A).",
            )
        if aval_of(found).shape != x.shape or aval_of(found).dtype.kind != "f":
            raise ArgumentError(
                "symmetric_function of a function that maps arrays of real numbers element by element",
                describe(found),
                f"It was given {describe(x)}.",
            )
        return found

    def along(self, x: Any, order: int) -> Any:
        """The derivative, forward over forward."""
        if not order:
            return self.function(x)
        return jvp(lambda v: self.along(v, order - 1), (x,), (np.ones_like(x),))[1]


def symmetric_function(f: Callable[[Any], Any], A: Any) -> Any:
    """A function of a symmetric (Hermitian) matrix: `f` of its eigenvalues, on its eigenvectors.

    f(A) = V diag(f(w)) V^H  where  A = V diag(w) V^H

    Arguments:
        f: a real function of one number, as NumPy computes it of each element of an array.
        A: (..., n, n), real or complex; the derivative is that of (A + A^H) / 2, and so symmetric.

    Returns:
        A matrix of the shape and dtype of `A`.

    Raises:
        DerivativeError: `f` uses traced values from around it.
        ArgumentError: `f` does not map arrays element by element to real ones.

    Example:
        The derivative of the matrix exponential at the identity, whose eigenvalues are equal:

        >>> direction = np.array([[0.0, 1.0], [1.0, 0.0]])
        >>> value, tangent = jvp(lambda A: symmetric_function(np.exp, A), (np.eye(2),), (direction,))
        >>> tangent / np.e
        array([[0., 1.],
               [1., 0.]])

    Edges: exact at equal and at close eigenvalues, to any order (NaN in `numpy.linalg.eigh`'s vectors), by
    divided differences of `f`; where `f` itself has no derivative, what it has there.
    """
    (x,) = matrices(A, square=True)
    return spectral(x, derivative=_Derivatives(f))
