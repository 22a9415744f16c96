"""SciPy's interpolation: the compiled functions that its classes come down to, piecewise polynomials first.

`CubicSpline`, `PchipInterpolator`, `Akima1DInterpolator`, `interp1d`, `RegularGridInterpolator`,
`RBFInterpolator`, ... are SciPy's own Python and are followed; differentiable in the data, in the nodes, and
in the points of evaluation. At a node a piecewise polynomial has the slope of the piece that SciPy reads,
which is the one to the right.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of, describe
from ...errors import DerivativeError
from ...primitives.matrix.banded import solve_banded
from ..dispatch import concrete
from ..functions.keywords import read
from .ndimage import written
from .reading import refused, together

# --- piecewise polynomials ---------------------------------------------------------------------------


def _intervals(x: Any, points: Any) -> tuple[Any, Any]:
    """The piece in which each point lies, the outer ones for points outside, and whether it is inside."""
    last = aval_of(x).shape[0] - 2
    inside = (points >= np.minimum(x[0], x[-1])) & (points <= np.maximum(x[0], x[-1]))
    up = np.searchsorted(x, points, side="right") - 1
    down = last - (np.searchsorted(x[::-1], points, side="left") - 1)
    found = np.where(x[-1] >= x[0], up, down)
    return np.clip(found, 0, last), inside


def _factor(power: int, nu: int) -> float:
    """The factor that the nu-th derivative of a power has; for nu < 0, of its integral."""
    if nu >= 0:
        return float(math.perm(power, nu))
    return 1.0 / math.prod(range(power + 1, power - nu + 1))


def evaluate(c: Any, x: Any, xp: Any, dx: int, extrapolate: bool, out: Any) -> None:
    """The nu-th derivative of a piecewise polynomial: sum_j c[j] (p - x[i])^(k-1-j)."""
    i, inside = _intervals(x, xp)
    written(out, _known(_local(c, xp - x[i], i, dx), inside, extrapolate))


def _local(c: Any, s: Any, i: Any, nu: int) -> Any:
    """The nu-th derivative in the pieces i, at the distance s from where they begin."""
    k = aval_of(c).shape[0]
    s = s[:, None]
    total: Any = 0.0 * c[0, i]
    for j in range(k):
        power = k - 1 - j
        if power >= nu:
            total = total * s + _factor(power, nu) * c[j, i]
    return total * s ** (-nu) if nu < 0 else total


def _known(values: Any, inside: Any, extrapolate: bool) -> Any:
    return values if extrapolate else np.where(inside[:, None], values, np.nan)


def _bernstein(c: Any, s: Any, i: Any, nu: int, width: Any) -> Any:
    for _ in range(nu):
        k = aval_of(c).shape[0] - 1
        if k == 0:
            return 0.0 * c[0, i] * s[:, None]
        c = k * (c[1:] - c[:-1]) / width[:, None]
    k, s = aval_of(c).shape[0] - 1, s[:, None]
    return sum(math.comb(k, a) * s**a * (1.0 - s) ** (k - a) * c[a, i] for a in range(k + 1))


def evaluate_bernstein(c: Any, x: Any, xp: Any, nu: int, extrapolate: bool, out: Any) -> None:
    """The same of polynomials in the Bernstein basis of each piece."""
    i, inside = _intervals(x, xp)
    width = x[1:] - x[:-1]
    values = _bernstein(c, (xp - x[i]) / width[i], i, nu, width)
    written(out, _known(values, inside, extrapolate))


def fix_continuity(c: Any, x: Any, order: int) -> None:
    """Give the pieces after the first the values and derivatives with which the ones before them end."""
    k = aval_of(c).shape[0]
    width = (x[1:] - x[:-1])[:-1, None]
    for nu in range(order, -1, -1):
        row = k - 1 - nu
        higher = sum(math.comb(k - 1 - j, nu) * c[j, :-1] * width ** (k - 1 - j - nu) for j in range(row))
        c[row, 1:] = c[row, :1] + np.cumsum(higher + 0.0 * c[row, 1:], axis=0)


def integrate(c: Any, x: Any, a: Any, b: Any, extrapolate: bool, out: Any) -> None:
    """The integral from a to b, by the integrals of all pieces before them."""
    width = x[1:] - x[:-1]
    pieces = np.arange(aval_of(x).shape[0] - 1)
    whole = _local(c, width, pieces, -1)
    before = np.cumsum(whole, axis=0) - whole
    ends = np.stack([read(a) + 0.0 * x[0], read(b) + 0.0 * x[0]])
    i, inside = _intervals(x, ends)
    values = _known(before[i] + _local(c, ends - x[i], i, -1), inside, extrapolate)
    written(out, values[1] - values[0])


# --- B-splines -------------------------------------------------------------------------------------------


def _basis(t: Any, k: int, x: Any, left: Any, nu: int) -> list[Any]:
    """The nu-th derivatives of the k + 1 B-splines that are not zero in the span from t[left] on.

    B[i, d] = (x - t[i]) / (t[i+d] - t[i]) B[i, d-1] + (t[i+d+1] - x) / (t[i+d+1] - t[i+1]) B[i+1, d-1]
    """
    if nu > k:
        return [0.0 * x] * (k + 1)
    found: list[Any] = [1.0 + 0.0 * x]
    for d in range(1, k + 1):
        parts: list[Any] = []
        for r in range(d):  # found[r] is B[left - d + 1 + r], over t[left-d+1+r] ... t[left+1+r]
            low, high = t[left - d + 1 + r], t[left + 1 + r]
            parts.append((low, high, found[r] / (high - low)))
        new: list[Any] = [0.0] * (d + 1)
        for r, (low, high, share) in enumerate(parts):
            if d > k - nu:
                new[r], new[r + 1] = new[r] - d * share, new[r + 1] + d * share
            else:
                new[r], new[r + 1] = new[r] + (high - x) * share, new[r + 1] + (x - low) * share
        found = new
    return found


def _spans(t: Any, k: int, x: Any) -> Any:
    n = aval_of(t).shape[0] - k - 1
    return np.clip(np.searchsorted(t, x, side="right") - 1, k, n - 1)


def evaluate_spline(t: Any, c: Any, k: int, x: Any, nu: int = 0, extrapolate: bool = True) -> Any:
    """A spline, or its nu-th derivative, at points: sum_i c[i] B[i]."""
    left = _spans(t, k, x)
    weights = _basis(t, k, x, left, nu)
    total: Any = sum(w[:, None] * c[left - k + a] for a, w in enumerate(weights))
    n = aval_of(t).shape[0] - k - 1
    return total if extrapolate else np.where(((x >= t[k]) & (x <= t[n]))[:, None], total, np.nan)


def evaluate_all_bspl(t: Any, k: int, xval: Any, m: int, nu: int = 0) -> Any:
    """The B-splines that are not zero at one point, or their derivatives."""
    x = np.reshape(read(xval), (1,))
    return np.concatenate([w + 0.0 * x for w in _basis(t, k, x, np.array([m]), nu)])


def _coloc(x: Any, t: Any, k: int, ab: Any, offset: int = 0) -> None:
    """The matrix of all B-splines at all nodes, in LAPACK's bands of its rows."""
    left = _spans(t, k, x)
    rows = np.arange(aval_of(x).shape[0]) + offset
    for a, weight in enumerate(_basis(t, k, x, left, 0)):
        column = left - k + a
        ab[column, 2 * k + rows - column] = weight


def find_interval(t: Any, k: int, xval: Any, prev_l: int, extrapolate: bool) -> int:
    """The span of knots in which one point lies; -1 outside."""
    del prev_l
    knots, x = concrete(t, "the span of a spline"), concrete(xval, "the span of a spline")
    n = len(knots) - k - 1
    if not extrapolate and not knots[k] <= x <= knots[n]:
        return -1
    return int(_spans(knots, k, x))


def lsq_solve_qr(x: Any, y: Any, t: Any, k: int, w: Any, periodic: bool = False) -> tuple[Any, ...]:
    """The coefficients of least squares: of what SciPy returns beside them, nothing is asked for."""
    if periodic:
        raise DerivativeError("a periodic spline of least squares", "traced data", "Use make_interp_spline.")
    left = _spans(t, k, x)
    n = aval_of(t).shape[0] - k - 1
    places = np.arange(n)
    weights = _basis(t, k, x, left, 0)
    matrix = sum(np.where(places == (left - k + a)[:, None], v[:, None], 0.0) for a, v in enumerate(weights))
    found = np.linalg.lstsq(matrix * w[:, None], y * w[:, None], rcond=None)[0]
    return None, None, found, None, None


def gbsv(kl: int, ku: int, ab: Any, b: Any, **options: Any) -> tuple[Any, Any, Any, int]:
    """LAPACK's solver of banded systems: factors and pivots, which nobody asks for, and the solution."""
    del options
    band, right = together(ab, b)
    columns = right if aval_of(right).ndim == 2 else right[:, None]
    found = solve_banded(band[kl:], columns, lower=kl, upper=ku)
    return None, None, found if aval_of(right).ndim == 2 else found[:, 0], 0


def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
    """As `scipy.interpolate.splev`, of one spline (t, c, k)."""
    if not isinstance(tck, tuple | list) or (isinstance(tck[1], list | tuple) and np.ndim(tck[1][0])):
        raise DerivativeError(
            "splev of a spline (t, c, k) was asked for", describe(tck), "Call the BSpline, or one component."
        )
    t, c, k = (*map(read, tck[:2]), tck[2])
    points = read(x)
    flat = np.reshape(points, (aval_of(points).size,))
    n = aval_of(t).shape[0] - k - 1
    inside = (flat >= t[k]) & (flat <= t[n])
    if ext == 2 and not np.all(inside):
        raise ValueError("A value of x lies outside of the knots: splev(..., ext=2)")
    at = np.clip(flat, t[k], t[n]) if ext == 3 else flat
    found = evaluate_spline(t, c[:n][:, None], k, at, der)[:, 0]
    return np.reshape(np.where(inside, found, 0.0) if ext == 1 else found, aval_of(points).shape)


# --- polynomials through points ----------------------------------------------------------------------------


def lagrange_sum(self: Any, x: Any) -> Any:
    """`BarycentricInterpolator._evaluate`, so that it differentiates at the nodes too.

    p(x) = sum_j y_j l_j / sum_j l_j,  l_j = w_j prod of (x - x_k) over k != j: nothing is divided by zero.
    """
    if aval_of(x).size == 0:
        return np.zeros((0, self.r), dtype=self.dtype)
    points = np.reshape(x, (-1, 1))
    scale = 4.0 / (np.max(self.xi) - np.min(self.xi))
    steps = (points - self.xi) * scale
    ones = 1.0 + 0.0 * steps[:, :1]
    before = np.cumprod(np.concatenate([ones, steps[:, :-1]], axis=1), axis=1)
    after = np.cumprod(np.concatenate([ones, steps[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    terms = self.wi * (before * after)
    found = terms @ self.yi / np.sum(terms, axis=1)[:, None]
    return found if aval_of(x).ndim else found[0]


# --- on grids ---------------------------------------------------------------------------------------------


def find_indices(grid: Any, xi: Any) -> tuple[Any, Any]:
    """The cell of each point along each axis, and how far into it the point lies, from 0 to 1."""
    cells: list[Any] = []
    distances: list[Any] = []
    for nodes, x in zip(grid, xi, strict=True):
        last = aval_of(nodes).shape[0] - 2
        i = np.clip(np.searchsorted(nodes, x, side="right") - 1, 0, max(last, 0))
        cells.append(i)
        distances.append((x - nodes[i]) / (nodes[i + 1] - nodes[i]) if last >= 0 else 0.0 * x)
    return np.stack(cells), np.stack(distances)


def coordinates(points: Any, ndim: Any = None) -> Any:
    """Points given as a tuple of coordinates, or as rows, as an array of rows."""
    if isinstance(points, tuple) and len(points) == 1:
        points = points[0]
    if isinstance(points, tuple):
        return np.stack(np.broadcast_arrays(*map(read, points)), axis=-1)
    x = read(points)
    if aval_of(x).ndim == 1:
        x = np.reshape(x, (-1, 1) if ndim is None else (-1, ndim))
    return x


def evaluate_linear_2d(values: Any, indices: Any, norm_distances: Any, grid: Any, out: Any) -> Any:
    """The bilinear function in cells of two axes."""
    i, j = indices[0], indices[1]
    u, v = norm_distances[0], norm_distances[1]
    over, beside = (np.minimum(p + 1, n - 1) for p, n in zip((i, j), aval_of(values).shape, strict=True))
    low = values[i, j] * (1 - v) + values[i, beside] * v
    written(out, low * (1 - u) + (values[over, j] * (1 - v) + values[over, beside] * v) * u)
    return out


# --- refusals ----------------------------------------------------------------------------------------------


_CHOOSES = "traced data, on which it chooses knots, cells or steps, in compiled code"
_KNOTS = "Use make_interp_spline, make_lsq_spline with given knots, CubicSpline or PchipInterpolator."
_CELLS = "Use RegularGridInterpolator or RBFInterpolator."
_REFUSED = {
    **dict.fromkeys(("UnivariateSpline", "InterpolatedUnivariateSpline", "LSQUnivariateSpline"), _KNOTS),
    **dict.fromkeys(("splrep", "splprep", "make_splrep", "make_splprep"), _KNOTS),
    **dict.fromkeys(
        ("SmoothBivariateSpline", "LSQBivariateSpline", "RectBivariateSpline", "bisplrep"), _CELLS
    ),
    "AAA": "Its weights are not unique: use FloaterHormannInterpolator.",
    "splint": "Use BSpline(t, c, k).integrate(a, b).",
    "make_ndbspl": "Use method='linear', 'pchip', 'slinear_legacy', 'cubic_legacy' or 'quintic_legacy'.",
    **dict.fromkeys(("LinearNDInterpolator", "CloughTocher2DInterpolator", "griddata"), _CELLS),
}

TABLE: dict[str, Callable[..., Any]] = {
    **{
        f"scipy.interpolate._ppoly.{f.__name__}": f
        for f in (evaluate, evaluate_bernstein, fix_continuity, integrate)
    },
    **{
        f"scipy.interpolate._dierckx.{f.__name__}": f
        for f in (evaluate_spline, evaluate_all_bspl, _coloc, find_interval)
    },
    "scipy.interpolate._bsplines._lsq_solve_qr": lsq_solve_qr,
    "scipy.interpolate._interpnd._ndim_coords_from_arrays": coordinates,
    **{f"scipy.interpolate._rgi_cython.{f.__name__}": f for f in (find_indices, evaluate_linear_2d)},
    "scipy.interpolate._polyint.BarycentricInterpolator._evaluate": lagrange_sum,
    "scipy.interpolate.splev": splev,
    "scipy.interpolate._fitpack_impl.splev": splev,
    "scipy.linalg._flapack.dgbsv": gbsv,
    "scipy.linalg._flapack.zgbsv": gbsv,
    **{f"scipy.interpolate.{name}": refused(name, _CHOOSES, remedy) for name, remedy in _REFUSED.items()},
    "scipy.interpolate._ndbspline.make_ndbspl": refused("make_ndbspl", _CHOOSES, _REFUSED["make_ndbspl"]),
}
