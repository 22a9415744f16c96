"""The noncentral chi-square and F distributions: mixtures of gamma and beta ones, weighted as by Poisson.

Σ w_k g(a + k, y)        Σ w_k b(a + k, b, y)        w_k = e^-r r^k / k!

`gamma_mixture` and `beta_mixture` are such sums of the densities (`kind` "density") or of their integrals up
to y ("integral"), differentiated in the shapes as often as `order`, or `i` and `j`, say. In the shapes their
slopes are those of the next order, in r differences of neighbours, in y the densities'; so all are known.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.domain import Interval, Pointwise
from ...core.primitive import NOT_LINEAR, Primitive
from ...lazy import special
from ..arithmetic import divide, multiply, negative, square, subtract
from ..pointwise import POSITIVE
from ..structure import add, each, scale
from .declaring import REALS, half, ordered_type, scipys_in_double
from .densities import beta_density, beta_moment, gamma_density, gamma_moment
from .quadrature import in_blocks

_RATE = Interval(0.5, 2.5)
_P = Interval(0.15, 0.85)
_INNER = Interval(0.2, 0.8)

# --- sums ----------------------------------------------------------------------------------------


def _indices(r: Any, reach: Any) -> Any:
    """The k at which terms count: around the mean of the weights, and `reach`, to which y pulls them."""
    high = np.maximum(np.where(np.isfinite(reach), reach, 0.0), r)
    low = np.minimum(np.where(np.isfinite(reach), reach, 0.0), r)
    first = max(0.0, float(np.min(np.floor(low - 11 * np.sqrt(low) - 30), initial=0.0)))
    last = float(np.max(high + 11 * np.sqrt(high) + 40, initial=40.0))
    return np.arange(first, np.floor(min(last, 1e5)) + 1)


def _weights(k: Any, r: Any) -> Any:
    return np.exp(special.xlogy(k, r) - r - special.gammaln(k + 1))


def bell(order: int, first: Any, cumulant: Callable[[int], Any]) -> list[Any]:
    """The polynomial in u that the derivative of e^c is e^c times, where c' = first + u, by its coefficients.

    B[n+1] = (first + u) B[n] + Σ C(n, m) c^(m+1) B[n-m].
    """
    found: list[list[Any]] = [[1.0]]
    for n in range(order):
        row: list[Any] = [0.0] * (n + 2)
        for power, c in enumerate(found[n]):
            row[power] = row[power] + first * c
            row[power + 1] = row[power + 1] + c
        for m in range(1, n + 1):
            for power, c in enumerate(found[n - m]):
                row[power] = row[power] + math.comb(n, m) * cumulant(m + 1) * c
        found.append(row)
    return found[order]


def _polygamma(n: int, x: Any) -> Any:
    if n == 0:
        return special.psi(x)
    return (-1.0) ** (n + 1) * math.factorial(n) * special.zeta(n + 1.0, x)


def _gamma_terms(a: Any, y: Any, order: int, kind: str) -> Any:
    """A derivative in a of the gamma density, or of its integral."""
    polynomial = bell(order, 0.0, lambda m: -_polygamma(m - 1, a))
    a, y = np.broadcast_arrays(a, y)
    if kind == "density":
        away = np.log(y) - special.psi(a)
        whole = sum(c * away**n for n, c in enumerate(polynomial) if n or order == 0 or not _is_zero(c))
        return gamma_density.evaluate(a, y) * whole
    total: Any = polynomial[0] * special.gammainc(a, y)
    for n in range(1, order + 1):
        if not _is_zero(polynomial[n]):
            total = total + polynomial[n] * gamma_moment.evaluate(a, y, order=n)
    return total


def _is_zero(c: Any) -> bool:
    return isinstance(c, float) and c == 0.0


def _gamma_mixture(a: Any, r: Any, y: Any, *, order: int, kind: str) -> Any:
    k = _indices(r, np.sqrt(np.maximum(r * y, 0.0)))
    return np.sum(_weights(k, r) * _gamma_terms(a + k, y, order, kind), axis=-1, keepdims=True)


def _gamma_in_l(t: Any, a: Any, r: Any, y: Any, *, out: Any, order: int, kind: str) -> Any:
    above = gamma_mixture(add(a, 1.0), r, y, order=order, kind="density")
    return scale(negative(above) if kind == "integral" else subtract(above, out), t)


def _gamma_in_y(t: Any, a: Any, r: Any, y: Any, *, out: Any, order: int, kind: str) -> Any:
    if kind == "integral":
        return scale(gamma_mixture(a, r, y, order=order, kind="density"), t)
    total = multiply(subtract(divide(subtract(a, 1.0), y), 1.0), out)
    total = add(total, multiply(divide(r, y), gamma_mixture(add(a, 1.0), r, y, order=order, kind=kind)))
    if order:
        lower = gamma_mixture(a, r, y, order=order - 1, kind=kind)
        total = add(total, divide(multiply(float(order), lower), y))
    return scale(total, t)


gamma_mixture: Primitive = Primitive(
    name="gamma_mixture",
    type=ordered_type("gamma_mixture"),
    evaluate=in_blocks(_gamma_mixture),
    jvp=(
        lambda t, a, r, y, *, out, order, kind: scale(gamma_mixture(a, r, y, order=order + 1, kind=kind), t),
        _gamma_in_l,
        _gamma_in_y,
    ),
    transpose=(NOT_LINEAR,) * 3,
    batch=each,
    source="gamma_mixture({0}, {1}, {2}, order={order}, kind={kind!r})",
    domain=Pointwise(
        (_RATE, POSITIVE, POSITIVE),
        REALS,
        params=tuple({"order": n, "kind": k} for n, k in ((0, "density"), (1, "density"), (1, "integral"))),
    ),
    elementwise=True,
)


def _beta_bell(a: Any, b: Any, i: int, j: int) -> dict[tuple[int, int], Any]:
    """The polynomial in u = log y - mean, v = log(1-y) - mean that ∂_a^i ∂_b^j of the density is it times."""

    def cumulant(p: int, q: int) -> Any:
        joint = _polygamma(p + q - 1, a + b)
        return joint if p and q else joint - _polygamma(p + q - 1, a if p else b)

    found: dict[tuple[int, int], dict[tuple[int, int], Any]] = {(0, 0): {(0, 0): 1.0}}

    def raised(p: int, q: int, in_a: bool) -> dict[tuple[int, int], Any]:
        row: dict[tuple[int, int], Any] = {}
        for (m, n), c in found[p, q].items():
            place = (m + 1, n) if in_a else (m, n + 1)
            row[place] = row.get(place, 0.0) + c
        for r in range(p + 1):
            for s in range(q + 1):
                if r + s:
                    ways = math.comb(p, r) * math.comb(q, s) * cumulant(r + in_a, s + (not in_a))
                    for place, c in found[p - r, q - s].items():
                        row[place] = row.get(place, 0.0) + ways * c
        return row

    for p in range(i + 1):
        for q in range(j + 1):
            if p or q:
                found[p, q] = raised(p - 1, q, True) if p else raised(p, q - 1, False)
    return found[i, j]


def _beta_terms(a: Any, b: Any, y: Any, i: int, j: int, kind: str) -> Any:
    """A derivative in a and b of the beta density, or of its integral."""
    a, b, y = np.broadcast_arrays(a, b, y)
    polynomial = _beta_bell(a, b, i, j)
    if kind == "density":
        joint = special.psi(a + b)
        u, v = np.log(y) - special.psi(a) + joint, np.log1p(-y) - special.psi(b) + joint
        return beta_density.evaluate(a, b, y) * sum(c * u**m * v**n for (m, n), c in polynomial.items())
    total: Any = 0.0
    for (m, n), c in polynomial.items():
        part = beta_moment.evaluate(a, b, y, i=m, j=n) if m or n else special.betainc(a, b, y)
        total = total + c * part
    return total


def _beta_mixture(a: Any, b: Any, r: Any, y: Any, *, i: int, j: int, kind: str) -> Any:
    k = _indices(r, _pull(a, b, r, y))
    return np.sum(_weights(k, r) * _beta_terms(a + k, b, y, i, j, kind), axis=-1, keepdims=True)


def _pull(a: Any, b: Any, r: Any, y: Any) -> Any:
    """The k at which a term is as large as the next: r y (a + b + k) = k (a + k)."""
    pull = r * y
    lead = a - pull
    return 0.5 * (np.sqrt(lead * lead + 4 * pull * (a + b)) - lead)


def _beta_in_l(t: Any, a: Any, b: Any, r: Any, y: Any, *, out: Any, i: int, j: int, kind: str) -> Any:
    return scale(subtract(beta_mixture(add(a, 1.0), b, r, y, i=i, j=j, kind=kind), out), t)


def _beta_in_y(t: Any, a: Any, b: Any, r: Any, y: Any, *, out: Any, i: int, j: int, kind: str) -> Any:
    if kind == "integral":
        return scale(beta_mixture(a, b, r, y, i=i, j=j, kind="density"), t)
    return scale(_beta_slope(a, b, r, y, out, i, j), t)


def _beta_slope(a: Any, b: Any, r: Any, y: Any, out: Any, i: int, j: int) -> Any:
    """The slope in y of a mixture of densities, whose value is `out`."""
    kind = "density"
    rest = subtract(1.0, y)
    bends = subtract(divide(subtract(a, 1.0), y), divide(subtract(b, 1.0), rest))
    above = beta_mixture(add(a, 1.0), b, r, y, i=i, j=j, kind=kind)
    total = add(multiply(bends, out), multiply(divide(r, y), above))
    if i:
        lower = beta_mixture(a, b, r, y, i=i - 1, j=j, kind=kind)
        total = add(total, divide(multiply(float(i), lower), y))
    if j:
        lower = beta_mixture(a, b, r, y, i=i, j=j - 1, kind=kind)
        total = subtract(total, divide(multiply(float(j), lower), rest))
    return total


def _beta_in_a(t: Any, a: Any, b: Any, r: Any, y: Any, *, out: Any, i: int, j: int, kind: str) -> Any:
    return scale(beta_mixture(a, b, r, y, i=i + 1, j=j, kind=kind), t)


def _beta_in_b(t: Any, a: Any, b: Any, r: Any, y: Any, *, out: Any, i: int, j: int, kind: str) -> Any:
    return scale(beta_mixture(a, b, r, y, i=i, j=j + 1, kind=kind), t)


beta_mixture: Primitive = Primitive(
    name="beta_mixture",
    type=ordered_type("beta_mixture"),
    evaluate=in_blocks(_beta_mixture),
    jvp=(_beta_in_a, _beta_in_b, _beta_in_l, _beta_in_y),
    transpose=(NOT_LINEAR,) * 4,
    batch=each,
    source="beta_mixture({0}, {1}, {2}, {3}, i={i}, j={j}, kind={kind!r})",
    domain=Pointwise(
        (_RATE, _RATE, POSITIVE, _INNER),
        REALS,
        params=({"i": 0, "j": 0, "kind": "density"}, {"i": 1, "j": 0, "kind": "integral"}),
    ),
    elementwise=True,
)

# --- noncentral chi-square -----------------------------------------------------------------------


def _chi(order: int, kind: str, x: Any, v: Any, c: Any, more: float = 0.0) -> Any:
    """The mixture in SciPy's terms: degrees of freedom v, noncentrality c."""
    shape = half(v) if not more else add(half(v), more)
    return gamma_mixture(shape, half(c), half(x), order=order, kind=kind)


def _chi_density(x: Any, v: Any, c: Any) -> Any:
    return half(_chi(0, "density", x, v, c))


def _chi_in_v(x: Any, v: Any, c: Any) -> Any:
    return half(_chi(1, "integral", x, v, c))


def _chi_in_c(x: Any, v: Any, c: Any) -> Any:
    return negative(half(_chi(0, "density", x, v, c, 1.0)))


_FREEDOM = Interval(1.5, 5.0)
_CHI = Pointwise((POSITIVE, _FREEDOM, POSITIVE), REALS)
_CHI_P = Pointwise((_P, _FREEDOM, POSITIVE), REALS)

chndtr = scipys_in_double(
    "chndtr",
    _CHI,
    lambda x, v, c, out: _chi_density(x, v, c),
    lambda x, v, c, out: _chi_in_v(x, v, c),
    lambda x, v, c, out: _chi_in_c(x, v, c),
)
ncx2_sf = scipys_in_double(
    "_ncx2_sf",
    _CHI,
    lambda x, v, c, out: negative(_chi_density(x, v, c)),
    lambda x, v, c, out: negative(_chi_in_v(x, v, c)),
    lambda x, v, c, out: negative(_chi_in_c(x, v, c)),
)


def _chi_density_in_x(x: Any, v: Any, c: Any, out: Any) -> Any:
    own = multiply(subtract(divide(subtract(v, 2.0), x), 1.0), out)
    return half(add(own, multiply(divide(half(c), x), _chi(0, "density", x, v, c, 1.0))))


ncx2_pdf = scipys_in_double(
    "_ncx2_pdf",
    _CHI,
    _chi_density_in_x,
    lambda x, v, c, out: multiply(0.25, _chi(1, "density", x, v, c)),
    lambda x, v, c, out: half(subtract(half(_chi(0, "density", x, v, c, 1.0)), out)),
)


def _chi_quantile(name: str, sense: float) -> Primitive:
    return scipys_in_double(
        name,
        _CHI_P,
        lambda p, v, c, out: divide(sense, _chi_density(out, v, c)),
        lambda p, v, c, out: negative(divide(_chi_in_v(out, v, c), _chi_density(out, v, c))),
        lambda p, v, c, out: negative(divide(_chi_in_c(out, v, c), _chi_density(out, v, c))),
    )


chndtrix = _chi_quantile("chndtrix", 1.0)
ncx2_isf = _chi_quantile("_ncx2_isf", -1.0)
chndtridf = scipys_in_double(
    "chndtridf",
    Pointwise((Interval(3.0, 5.0), Interval(0.3, 0.6), _RATE), REALS),
    lambda x, p, c, out: negative(divide(_chi_density(x, out, c), _chi_in_v(x, out, c))),
    lambda x, p, c, out: divide(1.0, _chi_in_v(x, out, c)),
    lambda x, p, c, out: negative(divide(_chi_in_c(x, out, c), _chi_in_v(x, out, c))),
)
chndtrinc = scipys_in_double(
    "chndtrinc",
    Pointwise((Interval(5.0, 7.0), Interval(2.0, 3.0), Interval(0.3, 0.6)), REALS),
    lambda x, v, p, out: negative(divide(_chi_density(x, v, out), _chi_in_c(x, v, out))),
    lambda x, v, p, out: negative(divide(_chi_in_v(x, v, out), _chi_in_c(x, v, out))),
    lambda x, v, p, out: divide(1.0, _chi_in_c(x, v, out)),
)

# --- noncentral F --------------------------------------------------------------------------------


def _share(m: Any, n: Any, x: Any) -> tuple[Any, Any]:
    """Y = m x / (n + m x), and n + m x."""
    total = add(n, multiply(m, x))
    return divide(multiply(m, x), total), total


def _mixed(m: Any, n: Any, c: Any, y: Any, kind: str, i: int = 0, j: int = 0) -> Any:
    return beta_mixture(half(m), half(n), half(c), y, i=i, j=j, kind=kind)


def _f_density(m: Any, n: Any, c: Any, x: Any) -> Any:
    y, total = _share(m, n, x)
    return multiply(_mixed(m, n, c, y, "density"), divide(multiply(m, n), square(total)))


def _f_in_m(m: Any, n: Any, c: Any, x: Any) -> Any:
    y, total = _share(m, n, x)
    moved = divide(multiply(n, x), square(total))
    return add(half(_mixed(m, n, c, y, "integral", 1)), multiply(_mixed(m, n, c, y, "density"), moved))


def _f_in_n(m: Any, n: Any, c: Any, x: Any) -> Any:
    y, total = _share(m, n, x)
    moved = multiply(_mixed(m, n, c, y, "density"), divide(y, total))
    return subtract(half(_mixed(m, n, c, y, "integral", 0, 1)), moved)


def _f_in_c(m: Any, n: Any, c: Any, x: Any) -> Any:
    y, _ = _share(m, n, x)
    above = beta_mixture(add(half(m), 1.0), half(n), half(c), y, i=0, j=0, kind="integral")
    return half(subtract(above, _mixed(m, n, c, y, "integral")))


def _f_density_slope(m: Any, n: Any, c: Any, x: Any, along: str) -> Any:
    """The slope of the density in x, m or n: it is D(y) J with J the slope of y in x."""
    y, total = _share(m, n, x)
    density, front = _mixed(m, n, c, y, "density"), divide(multiply(m, n), square(total))
    bend = _beta_slope(half(m), half(n), half(c), y, density, 0, 0)
    if along == "x":
        return multiply(
            front, subtract(multiply(bend, front), multiply(density, divide(multiply(2.0, m), total)))
        )
    if along == "m":
        moved = multiply(bend, divide(multiply(n, x), square(total)))
        grown = subtract(divide(1.0, m), divide(multiply(2.0, x), total))
        shaped = half(_mixed(m, n, c, y, "density", 1))
    else:
        moved = negative(multiply(bend, divide(y, total)))
        grown = subtract(divide(1.0, n), divide(2.0, total))
        shaped = half(_mixed(m, n, c, y, "density", 0, 1))
    return multiply(front, add(add(shaped, moved), multiply(density, grown)))


def _f_density_in_c(x: Any, m: Any, n: Any, c: Any, out: Any) -> Any:
    y, total = _share(m, n, x)
    above = beta_mixture(add(half(m), 1.0), half(n), half(c), y, i=0, j=0, kind="density")
    moved = subtract(above, _mixed(m, n, c, y, "density"))
    return half(multiply(moved, divide(multiply(m, n), square(total))))


_F = Pointwise((_FREEDOM, _FREEDOM, POSITIVE, POSITIVE), REALS)
_X_F = Pointwise((POSITIVE, _FREEDOM, _FREEDOM, POSITIVE), REALS)

ncfdtr = scipys_in_double(
    "ncfdtr",
    _F,
    lambda m, n, c, x, out: _f_in_m(m, n, c, x),
    lambda m, n, c, x, out: _f_in_n(m, n, c, x),
    lambda m, n, c, x, out: _f_in_c(m, n, c, x),
    lambda m, n, c, x, out: _f_density(m, n, c, x),
)
ncf_pdf = scipys_in_double(
    "_ncf_pdf",
    _X_F,
    lambda x, m, n, c, out: _f_density_slope(m, n, c, x, "x"),
    lambda x, m, n, c, out: _f_density_slope(m, n, c, x, "m"),
    lambda x, m, n, c, out: _f_density_slope(m, n, c, x, "n"),
    _f_density_in_c,
)
ncf_sf = scipys_in_double(
    "_ncf_sf",
    _X_F,
    lambda x, m, n, c, out: negative(_f_density(m, n, c, x)),
    lambda x, m, n, c, out: negative(_f_in_m(m, n, c, x)),
    lambda x, m, n, c, out: negative(_f_in_n(m, n, c, x)),
    lambda x, m, n, c, out: negative(_f_in_c(m, n, c, x)),
)
ncfdtri = scipys_in_double(
    "ncfdtri",
    Pointwise((_FREEDOM, _FREEDOM, POSITIVE, _P), REALS),
    lambda m, n, c, p, out: negative(divide(_f_in_m(m, n, c, out), _f_density(m, n, c, out))),
    lambda m, n, c, p, out: negative(divide(_f_in_n(m, n, c, out), _f_density(m, n, c, out))),
    lambda m, n, c, p, out: negative(divide(_f_in_c(m, n, c, out), _f_density(m, n, c, out))),
    lambda m, n, c, p, out: divide(1.0, _f_density(m, n, c, out)),
)
ncf_isf = scipys_in_double(
    "_ncf_isf",
    Pointwise((_P, _FREEDOM, _FREEDOM, POSITIVE), REALS),
    lambda p, m, n, c, out: divide(-1.0, _f_density(m, n, c, out)),
    lambda p, m, n, c, out: negative(divide(_f_in_m(m, n, c, out), _f_density(m, n, c, out))),
    lambda p, m, n, c, out: negative(divide(_f_in_n(m, n, c, out), _f_density(m, n, c, out))),
    lambda p, m, n, c, out: negative(divide(_f_in_c(m, n, c, out), _f_density(m, n, c, out))),
)

ALL = (
    *(gamma_mixture, beta_mixture, chndtr, ncx2_sf, ncx2_pdf, chndtrix, ncx2_isf, chndtridf, chndtrinc),
    *(ncfdtr, ncf_pdf, ncf_sf, ncfdtri, ncf_isf),
)
BEHIND = (ncx2_sf, ncx2_pdf, ncx2_isf, ncf_pdf, ncf_sf, ncf_isf)
