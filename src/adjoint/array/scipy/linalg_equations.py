"""Matrix equations as `scipy.linalg`: Sylvester's, Lyapunov's, Riccati's; each derivative by an equation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...primitives.matrices import adjoint, hermitian_part, product
from ...primitives.matrix.equations import continuous_riccati, discrete_lyapunov, discrete_riccati, sylvester
from ...primitives.solving import inv, solve
from ...primitives.structure import reshape
from ..functions import linalg
from ..functions.contractions import kron
from .linalg_operands import arrays, over_batch, require_matrix, stacks


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """As `scipy.linalg.solve_sylvester`: X with A X + X B = Q; NaN where A and -B share an eigenvalue."""
    x, y, z = arrays(a, b, q)
    require_matrix(x, square=True)
    require_matrix(y, square=True)
    return sylvester(*stacks((x, 2), (y, 2), (z, 2)))


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """As `scipy.linalg.solve_continuous_lyapunov`: X with A X + X A^H = Q."""
    x, y = arrays(a, q, check_finite=True)
    if require_matrix(x, square=True)[-2:] != require_matrix(y, square=True)[-2:]:
        raise ValueError("Matrix a and q should have the same shape.")
    x, y = stacks((x, 2), (y, 2))
    return sylvester(x, adjoint(x), y)


@over_batch(2, 2)
def _direct(a: Any, q: Any) -> Any:
    n = aval_of(a).shape[-1]
    left = np.subtract(np.eye(n * n, dtype=aval_of(a).dtype), kron(a, np.conj(a)))
    return reshape(linalg.solve(left, reshape(q, shape=(n * n,))), shape=(n, n))


def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """As `scipy.linalg.solve_discrete_lyapunov`: X with A X A^H - X + Q = 0."""
    x, y = arrays(a, q)
    n = require_matrix(x, square=True)[-1]
    chosen = ("bilinear" if n >= 10 else "direct") if method is None else method.lower()
    if chosen not in ("direct", "bilinear"):
        raise ValueError(f"Unknown solver {method}")
    x, y = stacks((x, 2), (y, 2))
    return _direct(x, y) if chosen == "direct" else discrete_lyapunov(x, y)


def _riccati(primitive: Any, a: Any, b: Any, q: Any, r: Any, e: Any, s: Any) -> Any:
    """With A E^-1 for A, and A - B R^-1 S^H for A: an equation without E and S."""
    given = [x for x in (a, b, q, r, e, s) if x is not None]
    values = iter(stacks(*((x, 2) for x in arrays(*given, check_finite=True))))
    a, b, q, r, e, s = (None if x is None else next(values) for x in (a, b, q, r, e, s))
    q, r = hermitian_part(q), hermitian_part(r)
    if e is not None:
        right = inv(e)
        a, q = product(a, right), product(adjoint(right), q, right)
        s = None if s is None else product(adjoint(right), s)
    if s is not None:
        moved = solve(r, adjoint(s))
        a, q = np.subtract(a, product(b, moved)), hermitian_part(np.subtract(q, product(s, moved)))
    return primitive(a, b, q, r)


def solve_continuous_are(
    a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True
) -> Any:
    """As `scipy.linalg.solve_continuous_are`: A^H X E + E^H X A - (E^H X B + S) R^-1 (B^H X E + S^H) + Q = 0.

    The derivative in Q and R is that of their Hermitian parts. With E the equation without it is solved, and
    the solution has a small residual also where `balanced` spoils SciPy's own.
    """
    return _riccati(continuous_riccati, a, b, q, r, e, s)


def solve_discrete_are(
    a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True
) -> Any:
    """As `scipy.linalg.solve_discrete_are`; the derivative in Q and R, and E, as of `solve_continuous_are`.

    A^H X A - E^H X E - (A^H X B + S) (R + B^H X B)^-1 (B^H X A + S^H) + Q = 0.
    """
    return _riccati(discrete_riccati, a, b, q, r, e, s)


_FUNCTIONS = (
    *(solve_sylvester, solve_continuous_lyapunov, solve_discrete_lyapunov),
    *(solve_continuous_are, solve_discrete_are),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.linalg.{f.__name__}": f for f in _FUNCTIONS}
