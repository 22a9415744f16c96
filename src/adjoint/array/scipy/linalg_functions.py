"""Functions of a matrix as `scipy.linalg`: exponential, logarithm, powers, circular and hyperbolic functions.

Where the result for a real matrix is complex (an eigenvalue is negative), so is that of a traced one. This
is decided by the matrix; where it is not known yet, as in a staged function, a real matrix has a real result,
with NaN where there is none.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...core.avals import aval_of
from ...core.primitive import Tracer
from ...errors import ArgumentError
from ...primitives import structure as s
from ...primitives.arithmetic import multiply, negative, subtract
from ...primitives.complex import imag, make_complex, real
from ...primitives.contraction import matmul
from ...primitives.decompositions import eig
from ...primitives.exponential import exp
from ...primitives.matrices import times_columns
from ...primitives.matrix.functions import matrix_function, matrix_power, matrix_sign, square_root
from ...primitives.promotion import to_dtype, to_shape
from ...primitives.solving import inv, solve
from ...primitives.structure import add
from ..functions.keywords import read
from .linalg_operands import arrays, double, innermost, matrix, refused, stacks


def _square(a: Any) -> Any:
    """One matrix or a stack of them; a number is a matrix of one row."""
    x = read(a)
    if aval_of(x).ndim < 2 and aval_of(x).size == 1:
        x = s.reshape(x, shape=(1, 1))
    if aval_of(x).ndim < 2:
        raise np.linalg.LinAlgError("The input array must be at least two-dimensional")
    if aval_of(x).shape[-1] != aval_of(x).shape[-2]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")
    return matrix(x)


def _is_real(x: Any) -> bool:
    return not dtypes.is_complex(aval_of(x).dtype)


def _complex(x: Any) -> Any:
    return to_dtype(x, dtypes.complex_dtype(aval_of(x).dtype))


def _leaves_the_real(x: Any, *, rotations: bool = False) -> bool:
    """Whether a real matrix has a negative eigenvalue, or where `rotations` count, a complex one."""
    plain = innermost(x)
    if plain is None or not _is_real(x) or not np.isfinite(plain).all():
        return False
    w = np.linalg.eigvals(plain)
    negative = (np.imag(w) == 0) & (np.real(w) < 0)
    return bool(np.any(negative)) or (rotations and bool(np.any(np.imag(w) != 0)))


def expm(A: Any) -> Any:
    """As `scipy.linalg.expm`: the derivative is Frechet's, to any order."""
    x = _square(A)
    return exp(x) if aval_of(x).shape[-1] == 1 else matrix_function(x, name="exp")


def expm_frechet(
    A: Any, E: Any, method: str | None = None, compute_expm: bool = True, check_finite: bool = True
) -> Any:
    """As `scipy.linalg.expm_frechet`: the exponential, and its derivative along E; both differentiate on."""
    x, e = map(double, arrays(A, E, check_finite=check_finite))
    if aval_of(x).ndim < 2 or aval_of(x).shape[-2:] != aval_of(e).shape[-2:]:
        raise ValueError("expected A and E to be the same shape")
    if method not in (None, "SPS", "blockEnlarge"):
        raise ValueError(f"Unknown implementation {method}")
    x, e = stacks((x, 2), (e, 2))
    moved = matrix_function(x, e, name="exp")
    return (matrix_function(x, name="exp"), moved) if compute_expm else moved


def _without_disp(name: str, disp: Any) -> None:
    if disp is False or (type(disp) is int and not disp):
        raise ArgumentError(
            f"{name} of a traced matrix", "disp=False", "The estimate of its error is not computed: leave it."
        )


def logm(A: Any, disp: Any = True) -> Any:
    """As `scipy.linalg.logm`. There is no derivative at a singular matrix, nor where eigenvalues cross the
    negative axis.
    """
    _without_disp("logm", disp)
    x = double(matrix(A, square=True))
    return matrix_function(_complex(x) if _leaves_the_real(x) else x, name="log")


def sqrtm(A: Any, disp: Any = True, blocksize: Any = None) -> Any:
    """As `scipy.linalg.sqrtm`: X with X X = A, so that X dX + dX X = dA.

    The derivative at a singular matrix is NaN, for one of a single row +inf.
    """
    _without_disp("sqrtm", disp)
    x = _square(A)
    if _leaves_the_real(x):
        x = _complex(x)
    return np.sqrt(x) if aval_of(x).shape[-1] == 1 else square_root(x)


def fractional_matrix_power(A: Any, t: Any) -> Any:
    """As `scipy.linalg.fractional_matrix_power`: A^t, differentiable in t too (A^t log A)."""
    x, power = matrix(A, square=True), read(t)
    known = innermost(power)
    if not isinstance(power, Tracer) and known == int(known):
        return np.linalg.matrix_power(x, int(known))
    x = double(x)
    if _leaves_the_real(x, rotations=True):
        x = _complex(x)
    aval = aval_of(x)
    power = to_dtype(power, dtypes.real_dtype(aval.dtype))
    return matrix_power(x, to_shape(power, aval.shape[:-2]))


def signm(A: Any, disp: Any = True) -> Any:
    """As `scipy.linalg.signm`. The derivative at a matrix with an eigenvalue on the imaginary axis is NaN."""
    _without_disp("signm", disp)
    return matrix_sign(matrix(A, square=True))


def funm(A: Any, func: Callable[[Any], Any], disp: Any = True) -> Any:
    """As `scipy.linalg.funm`, by eigenvectors: `func` maps arrays of complex numbers element by element.

    The derivative at equal eigenvalues is NaN; `adjoint.linalg.symmetric_function` is exact there.
    """
    _without_disp("funm", disp)
    x = matrix(A, square=True)
    w, v = eig(x)
    values = to_dtype(read(func(w)), aval_of(v).dtype)
    found = matmul(times_columns(v, values), inv(v))
    plain = innermost(found)
    if not _is_real(x) or plain is None:
        return found
    noise = np.finfo(plain.dtype).eps * (1e3 if plain.dtype == np.complex64 else 1e6)
    return real(found) if np.allclose(plain.imag, 0.0, atol=noise) else found


# --- circular and hyperbolic functions -----------------------------------------------------------


def _turning(x: Any) -> Any:
    """exp(i X)."""
    return expm(make_complex(0.0, x) if _is_real(x) else multiply(1j, x))


def cosm(A: Any) -> Any:
    """As `scipy.linalg.cosm`."""
    x = matrix(A, square=True)
    if _is_real(x):
        return real(_turning(x))
    return multiply(0.5, add(_turning(x), _turning(negative(x))))


def sinm(A: Any) -> Any:
    """As `scipy.linalg.sinm`."""
    x = matrix(A, square=True)
    if _is_real(x):
        return imag(_turning(x))
    return multiply(-0.5j, subtract(_turning(x), _turning(negative(x))))


def tanm(A: Any) -> Any:
    """As `scipy.linalg.tanm`."""
    return solve(cosm(A), sinm(A))


def coshm(A: Any) -> Any:
    """As `scipy.linalg.coshm`."""
    x = matrix(A, square=True)
    return multiply(0.5, add(expm(x), expm(negative(x))))


def sinhm(A: Any) -> Any:
    """As `scipy.linalg.sinhm`."""
    x = matrix(A, square=True)
    return multiply(0.5, subtract(expm(x), expm(negative(x))))


def tanhm(A: Any) -> Any:
    """As `scipy.linalg.tanhm`."""
    return solve(coshm(A), sinhm(A))


expm_cond = refused(
    "expm_cond",
    "the norm of a derivative, as a condition number to look at",
    "Differentiate np.linalg.norm of expm_frechet along the directions that count.",
)

_FUNCTIONS = (
    *(expm, expm_frechet, expm_cond, logm, sqrtm, fractional_matrix_power, signm, funm),
    *(cosm, sinm, tanm, coshm, sinhm, tanhm),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.linalg.{f.__name__}": f for f in _FUNCTIONS}
