"""Functions of a symmetric matrix through its eigenvalues, exact at equal ones, to any order.

With A = V diag(w) V^H, P = V^H E V, and the divided differences f[x, y], f[x, y, z], ... of f:

    F(A)             = V diag(f(w_i)) V^H
    dF(A; E)         = V [f[w_i, w_j] P_ij] V^H
    d^2 F(A; E1, E2) = the terms E1 E2 and E2 E1 of  V [sum_k f[w_i, w_k, w_j] P1_ik P2_kj] V^H

(Daleckii and Krein, 1965; Higham, "Functions of Matrices", SIAM 2008, sections 3.2 and B.16.) `spectral` is
one such term, for any number of directions E; its derivatives in A and in the directions are of its kind.

A divided difference is the quotient of lower ones, or the mean of a derivative over the simplex of its nodes
(Genocchi and Hermite) by Gauss's rule; of the two the one with the smaller estimate of its error.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.avals import Aval
from ..core.domain import Draw, Sample, Samples
from ..core.primitive import LINEAR, NOT_LINEAR, Primitive
from ..errors import ShapeError
from .contraction import swap
from .matrices import FIELDS, drawn_hermitian, hermitian_part, require_square, stacked
from .structure import add

Derivative = Callable[[Any, int], Any]
"""`derivative(x, order)`: that derivative of a function of one number, of each element of a plain array."""

MOST = 8
"""So many directions, and so many derivatives, are provided for."""

_EPS = float(np.finfo(np.float64).eps)


def _gauss(points: dict[float, float]) -> tuple[Any, Any]:
    """A rule on (0, 1) of symmetric points: {square of the place: weight} on (-1, 1)."""
    pairs = [(sign * math.sqrt(x), w) for x, w in points.items() for sign in ((-1, 1) if x else (1,))]
    return (np.array([x for x, _ in pairs]) + 1) / 2, np.array([w for _, w in pairs]) / 2


_ROOT = math.sqrt(70)
_RULES = (
    _gauss({0.0: 8 / 9, 3 / 5: 5 / 9}),
    _gauss(
        {
            0.0: 128 / 225,
            (5 - 2 * math.sqrt(10 / 7)) / 9: (322 + 13 * _ROOT) / 900,
            (5 + 2 * math.sqrt(10 / 7)) / 9: (322 - 13 * _ROOT) / 900,
        }
    ),
)
"""Gauss and Legendre's rules of three and five points."""


# --- divided differences -------------------------------------------------------------------------


def _over_the_simplex(derivative: Derivative, nodes: Any, rule: Any) -> Any:
    """The integral of the derivative over the simplex of the nodes (along the last axis).

    The points are x0 + u1 (x1 - x0 + u2 (x2 - x1 + ...)), the weight is u1^(k-1) u2^(k-2) ...
    """
    order = nodes.shape[-1] - 1
    places, weights = rule
    chosen = np.stack(np.meshgrid(*[np.arange(len(places))] * order, indexing="ij"), -1).reshape(-1, order)
    u = places[chosen]
    weight = np.prod(weights[chosen] * u ** np.arange(order - 1, -1, -1), axis=-1)
    points = nodes[..., :1] + np.diff(nodes, axis=-1) @ np.cumprod(u, axis=-1).T
    return derivative(points, order) @ weight


def _difference(derivative: Derivative, nodes: Any, lower: Any, upper: Any) -> tuple[Any, Any]:
    """f[nodes] and an estimate of its error, from the differences without the last and the first node."""
    gap = nodes[..., -1] - nodes[..., 0]
    found = (upper[0] - lower[0]) / gap
    error = (lower[1] + upper[1]) / gap + _EPS * np.abs(found)
    doubtful = ~(error < 16 * _EPS * np.abs(found))
    if doubtful.any():
        close = nodes[doubtful]
        coarse, fine = (_over_the_simplex(derivative, close, rule) for rule in _RULES)
        doubt = np.abs(fine - coarse) + _EPS * np.abs(fine)
        better = ~(doubt >= error[doubtful])
        found[doubtful] = np.where(better, fine, found[doubtful])
        error[doubtful] = np.where(better, doubt, error[doubtful])
    return found, error


def divided_differences(derivative: Derivative, w: Any, order: int) -> Any:
    """f[w_i, ..., w_j] of all choices of order + 1 among ascending numbers (..., n): (..., n, ..., n).

    It does not depend on the order of its nodes, so each set of them is computed once.
    """
    every = (w.shape[-1],) * (order + 1)
    ascending = np.sort(np.indices(every).reshape(order + 1, -1), axis=0)
    sets, place = np.unique(np.ravel_multi_index(tuple(ascending), every), return_inverse=True)
    nodes = w[..., np.stack(np.unravel_index(sets, every), axis=-1)]
    with np.errstate(all="ignore"):
        values = np.asarray(derivative(nodes, 0))
        row = [(values[..., i], _EPS * np.abs(values[..., i])) for i in range(order + 1)]
        for width in range(1, order + 1):
            row = [
                _difference(derivative, nodes[..., i : i + width + 1], row[i], row[i + 1])
                for i in range(order + 1 - width)
            ]
    return row[0][0][..., place].reshape(*w.shape[:-1], *every)


# --- the primitive -------------------------------------------------------------------------------


def _turned(x: Any) -> Any:
    return np.conjugate(np.swapaxes(x, -1, -2))


def _spectral(a: Any, *directions: Any, derivative: Derivative) -> Any:
    w, v = np.linalg.eigh(a)
    order = len(directions)
    differences = divided_differences(derivative, w.astype(np.float64), order)
    if not order:
        return ((v * differences[..., None, :]) @ _turned(v)).astype(a.dtype, copy=False)
    letters = "abcdefghi"[: order + 1]
    pairs = [f"...{x}{y}" for x, y in itertools.pairwise(letters)]
    parts = [_turned(v) @ e @ v for e in directions]
    text = f"...{letters},{','.join(pairs)}->...{letters[0]}{letters[-1]}"
    inner = np.einsum(text, differences, *parts)
    return (v @ inner @ _turned(v)).astype(a.dtype, copy=False)


def _type(a: Aval, *directions: Aval, derivative: Derivative) -> Aval:
    require_square("spectral", a)
    if any(e.shape != a.shape for e in directions) or len(directions) > MOST:
        shapes = ", ".join(str(e.shape) for e in directions)
        raise ShapeError(
            f"spectral takes up to {MOST} directions of the matrix's shape", shapes, f"{a.shape}"
        )
    return Aval(a.shape, a.dtype)


def _spectral_jvp(t: Any, a: Any, *directions: Any, out: Any, derivative: Derivative) -> Any:
    """One more direction, at every place among the others."""
    moved, total = hermitian_part(t), None
    for place in range(len(directions) + 1):
        term = spectral(a, *directions[:place], moved, *directions[place:], derivative=derivative)
        total = term if total is None else add(total, term)
    return total


def _transpose_of(place: int) -> Any:
    """tr(C^T F(A; E1, ..., Em)) is a cyclic product, in which C^T takes the place of a direction."""

    def rule(ct: Any, a: Any, *directions: Any, derivative: Derivative) -> Any:
        around = (*directions[place + 1 :], swap(ct), *directions[:place])
        return swap(spectral(a, *around, derivative=derivative))

    return rule


def _exponential(x: Any, order: int) -> Any:
    """An example: exp(x / 2)."""
    return np.exp(x / 2) / 2**order


def _samples(d: Draw) -> list[Sample]:
    return [
        Sample((a, *(d.array(*a.shape) for _ in range(order))), {"derivative": _exponential}, symmetric=(0,))
        for order, a in (
            (0, drawn_hermitian(d, 3)),
            (0, np.eye(3).astype(d.dtype)),
            (1, drawn_hermitian(d, 2, 2)),
            (2, drawn_hermitian(d, 2)),
            (0, d.array(0, 0)),
        )
    ]


spectral = Primitive(
    name="spectral",
    type=_type,
    evaluate=_spectral,
    jvp=(_spectral_jvp, *(LINEAR,) * MOST),
    transpose=(NOT_LINEAR, *(_transpose_of(place) for place in range(MOST))),
    batch=stacked,
    source=lambda names, avals, *, derivative: f"spectral({', '.join(names)}, derivative={derivative})",
    domain=Samples(_samples, FIELDS),
)

ALL = (spectral,)
