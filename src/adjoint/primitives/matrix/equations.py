"""Matrix equations: Sylvester's, Lyapunov's, Riccati's.

    A X + X B = Q                                   A dX + dX B = dQ - dA X - X dB
    A^H X + X A - X B R^-1 B^H X + Q = 0            with K = R^-1 B^H X and F = A - B K,
                                                    F^H dX + dX F = -(dA^H X + X dA - ... + dQ)

A derivative of each solution solves an equation of the first kind.
"""

from typing import Any

import numpy as np

from ...core.avals import Aval, aval_of
from ...core.domain import Draw, Sample, Samples
from ...core.primitive import LINEAR, NOT_LINEAR, Primitive
from ...errors import ShapeError
from ...lazy import scipy_linalg
from ..arithmetic import multiply, negative, subtract
from ..contraction import matmul, swap
from ..evaluation import ByMatrix
from ..matrices import (
    FIELDS,
    adjoint,
    drawn_hermitian,
    drawn_regular,
    hermitian_part,
    product,
    require_square,
    stacked,
)
from ..solving import inverse, solve
from ..structure import add
from ..typerules import joint_dtype

# --- Sylvester -----------------------------------------------------------------------------------


def _sylvester_type(a: Aval, b: Aval, q: Aval) -> Aval:
    rows, columns = require_square("sylvester", a), require_square("sylvester", b)
    dtype, _ = joint_dtype("sylvester", (a, b, q))
    if q.shape != (*a.shape[:-1], columns) or a.shape[:-2] != b.shape[:-2]:
        raise ShapeError(
            f"a right side of {rows} rows and {columns} columns was asked for", f"{q.shape}", "A X + X B = Q."
        )
    return Aval(q.shape, dtype)


def _sylvester(a: Any, b: Any, q: Any) -> Any:
    """By Bartels and Stewart; NaN where A and -B share an eigenvalue but for rounding."""
    if not all(np.isfinite(x).all() for x in (a, b, q)):
        return np.full_like(q, np.nan)
    r, u = scipy_linalg.schur(a)
    s, v = scipy_linalg.schur(np.conjugate(b.T))
    inner = np.conjugate(u.T) @ q @ v
    (trsyl,) = scipy_linalg.get_lapack_funcs(("trsyl",), (r, s, inner))
    found, factor, info = trsyl(r, s, inner, tranb="C")
    if info:
        return np.full_like(q, np.nan)
    return u @ (factor * found) @ np.conjugate(v.T)


def _sylvester_samples(d: Draw) -> list[Sample]:
    return [
        Sample((drawn_regular(d, 3), drawn_regular(d, 2), d.array(3, 2)), {}),
        Sample((drawn_regular(d, 2, 2), drawn_regular(d, 2, 2), d.array(2, 2, 2)), {}),
        Sample((drawn_regular(d, 2), drawn_regular(d, 0), d.array(2, 0)), {}),
    ]


sylvester = Primitive(
    name="sylvester",
    type=_sylvester_type,
    evaluate=ByMatrix(_sylvester, _sylvester_type, 2),
    jvp=(
        lambda t, a, b, q, *, out: negative(sylvester(a, b, matmul(t, out))),
        lambda t, a, b, q, *, out: negative(sylvester(a, b, matmul(out, t))),
        LINEAR,
    ),
    transpose=(NOT_LINEAR, NOT_LINEAR, lambda ct, a, b, q: sylvester(swap(a), swap(b), ct)),
    batch=stacked,
    source="sylvester({0}, {1}, {2})",
    domain=Samples(_sylvester_samples, FIELDS),
)
"""X with A X + X B = Q."""


def discrete_lyapunov(a: Any, q: Any) -> Any:
    """X with X = A X A^H + Q, where A has no eigenvalue -1: by a Cayley transform, as SciPy's."""
    turned = adjoint(a)
    aval = aval_of(a)
    one = np.broadcast_to(np.eye(aval.shape[-1], dtype=aval.dtype), aval.shape)
    right = inverse(add(turned, one))
    b = matmul(subtract(turned, one), right)
    c = multiply(2.0, product(inverse(add(a, one)), q, right))
    return sylvester(adjoint(b), b, negative(c))


# --- Riccati -------------------------------------------------------------------------------------


def _riccati_type(a: Aval, b: Aval, q: Aval, r: Aval) -> Aval:
    n, k = require_square("riccati", a), require_square("riccati", r)
    dtype, _ = joint_dtype("riccati", (a, b, q, r))
    if b.shape != (*a.shape[:-1], k) or q.shape != a.shape or r.shape[:-2] != a.shape[:-2]:
        raise ShapeError(
            f"riccati takes B with {n} rows and {k} columns and Q as A", f"{b.shape}, {q.shape}", f"{a.shape}"
        )
    return Aval(a.shape, dtype)


def _continuous_jvp(which: int) -> Any:
    def rule(t: Any, a: Any, b: Any, q: Any, r: Any, *, out: Any) -> Any:
        k = solve(r, matmul(adjoint(b), out))
        closed = subtract(a, matmul(b, k))
        side = (
            lambda: _twice(matmul(out, t)),
            lambda: negative(_twice(product(out, t, k))),
            lambda: hermitian_part(t),
            lambda: product(adjoint(k), hermitian_part(t), k),
        )[which]()
        return negative(sylvester(adjoint(closed), closed, side))

    return rule


def _twice(x: Any) -> Any:
    """X + X^H."""
    return add(x, adjoint(x))


def _discrete_jvp(which: int) -> Any:
    def rule(t: Any, a: Any, b: Any, q: Any, r: Any, *, out: Any) -> Any:
        weighted = matmul(adjoint(b), out)
        k = solve(add(r, matmul(weighted, b)), matmul(weighted, a))
        closed = subtract(a, matmul(b, k))
        side = (
            lambda: _twice(product(adjoint(closed), out, t)),
            lambda: negative(_twice(product(adjoint(closed), out, t, k))),
            lambda: hermitian_part(t),
            lambda: product(adjoint(k), hermitian_part(t), k),
        )[which]()
        return discrete_lyapunov(adjoint(closed), side)

    return rule


def _riccati_samples(d: Draw) -> list[Sample]:
    def drawn(n: int, k: int, *lead: int) -> Sample:
        a = d.array(*lead, n, n, low=-0.5, high=0.5)
        b = d.array(*lead, n, k, low=-0.3, high=0.3) + np.eye(n, k, dtype=d.dtype)
        return Sample(
            (a, b, drawn_hermitian(d, n, *lead), drawn_hermitian(d, k, *lead)), {}, symmetric=(2, 3)
        )

    return [drawn(3, 2), drawn(2, 1, 2)]


def _riccati(name: str, solver: str, jvp: Any) -> Primitive:
    def one(a: Any, b: Any, q: Any, r: Any) -> Any:
        return getattr(scipy_linalg, solver)(a, b, (q + np.conj(q.T)) / 2, (r + np.conj(r.T)) / 2)

    return Primitive(
        name=name,
        type=_riccati_type,
        evaluate=ByMatrix(one, _riccati_type, 2),
        jvp=tuple(jvp(which) for which in range(4)),
        transpose=(NOT_LINEAR,) * 4,
        batch=stacked,
        source=name + "({0}, {1}, {2}, {3})",
        domain=Samples(_riccati_samples, ("float64", "complex128")),
    )


continuous_riccati = _riccati("continuous_riccati", "solve_continuous_are", _continuous_jvp)
"""X with A^H X + X A - X B R^-1 B^H X + Q = 0, of the Hermitian parts of Q and R."""

discrete_riccati = _riccati("discrete_riccati", "solve_discrete_are", _discrete_jvp)
"""X with A^H X A - X - A^H X B (R + B^H X B)^-1 B^H X A + Q = 0, of the Hermitian parts of Q and R."""

ALL = (sylvester, continuous_riccati, discrete_riccati)
