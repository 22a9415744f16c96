"""What SciPy's `RBFInterpolator` does in compiled code: the matrices of radial functions and monomials.

f(x) = sum_i a_i phi(epsilon |x - y_i|) + sum_j b_j m_j(x)
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...errors import ArgumentError
from .reading import together

Kernel = Callable[[Any], Any]


def _distance(square: Any) -> Any:
    return np.sqrt(square)


def _thin_plate(square: Any) -> Any:
    positive = square > 0
    return np.where(positive, 0.5 * square * np.log(np.where(positive, square, 1.0)), 0.0)


_KERNELS: dict[str, Kernel] = {
    "linear": lambda q: -_distance(q),
    "thin_plate_spline": _thin_plate,
    "cubic": lambda q: q * _distance(q),
    "quintic": lambda q: -(q * q * _distance(q)),
    "multiquadric": lambda q: -np.sqrt(q + 1.0),
    "inverse_multiquadric": lambda q: 1.0 / np.sqrt(q + 1.0),
    "inverse_quadratic": lambda q: 1.0 / (q + 1.0),
    "gaussian": lambda q: np.exp(-q),
}
"""Each as a function of the square of the scaled distance."""


def _matrix(x: Any, y: Any, kernel: str) -> Any:
    found = _KERNELS.get(kernel)
    if found is None:
        raise ArgumentError(
            "one of SciPy's radial functions", repr(kernel), f"Use one of {', '.join(_KERNELS)}."
        )
    steps = x[:, None, :] - y[None, :, :]
    return found(np.sum(steps * steps, axis=-1))


def _polynomial_matrix(x: Any, powers: Any) -> Any:
    """The monomials at points: a column for each."""
    columns: list[Any] = []
    for exponents in np.asarray(powers).tolist():
        column: Any = 1.0 + 0.0 * x[:, 0]
        for axis, power in enumerate(exponents):
            column = column * x[:, axis] ** int(power) if power else column
        columns.append(column)
    if not columns:
        return np.zeros((aval_of(x).shape[0], 0))
    return np.stack(columns, axis=1)


def _build_system(
    y: Any, d: Any, smoothing: Any, kernel: str, epsilon: Any, powers: Any
) -> tuple[Any, Any, Any, Any]:
    """Both sides of the system for the coefficients, and how the monomials are moved and scaled."""
    low, high = np.min(y, axis=0), np.max(y, axis=0)
    shift, scale = (high + low) / 2, (high - low) / 2
    scale = np.where(scale == 0.0, 1.0, scale)
    monomials = _polynomial_matrix((y - shift) / scale, powers)
    count, terms = aval_of(monomials).shape
    square = _matrix(y * epsilon, y * epsilon, kernel) + np.eye(count) * smoothing
    upper = np.concatenate([square, monomials], axis=1)
    lower = np.concatenate([np.transpose(monomials), np.zeros((terms, terms))], axis=1)
    right = np.concatenate([d, np.zeros((terms, aval_of(d).shape[1]))], axis=0)
    return np.concatenate([upper, lower], axis=0), right, shift, scale


def _build_evaluation_coefficients(
    x: Any, y: Any, kernel: str, epsilon: Any, powers: Any, shift: Any, scale: Any
) -> Any:
    """The radial functions and the monomials at the points of evaluation: a row for each."""
    radial = _matrix(x * epsilon, y * epsilon, kernel)
    return np.concatenate([radial, _polynomial_matrix((x - shift) / scale, powers)], axis=1)


def gesv(a: Any, b: Any, **options: Any) -> tuple[Any, Any, Any, int]:
    """LAPACK's solver of systems: factors and pivots, which nobody asks for, and the solution."""
    del options
    matrix, right = together(a, b)
    return None, None, np.linalg.solve(matrix, right), 0


TABLE: dict[str, Callable[..., Any]] = {
    **{
        f"scipy.interpolate._rbfinterp_pythran.{f.__name__}": f
        for f in (_build_system, _build_evaluation_coefficients, _polynomial_matrix)
    },
    "scipy.linalg._flapack.dgesv": gesv,
}
