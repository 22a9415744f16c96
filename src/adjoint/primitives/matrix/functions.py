"""Functions of a matrix: exponential, logarithm, powers and the square root, to any order.

For f(x) = sum_k c_k x^k the multilinear form

    F(A; E1, ..., Em) = sum c_k A^i0 E1 A^i1 E2 ... Em A^im    over all exponents with i0 + ... + im = k - m

is one term of the m-th derivative along E1, ..., Em; the whole is the sum over their orders. It is the upper
right block of f of the block matrix with A along the diagonal and E1, ..., Em beside it (Mathias, "A chain
rule for matrix functions and applications", SIAM J. Matrix Anal. Appl. 17 (1996) 610-620). Its derivatives
are of its kind, and so are its transposes, for a trace is cyclic.

The square root X solves X X = A, so that X dX + dX X = dA.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import Aval, aval_of
from ...core.domain import Draw, Sample, Samples
from ...core.primitive import LINEAR, NOT_LINEAR, Primitive
from ...errors import ShapeError
from ...lazy import scipy_linalg
from ..arithmetic import subtract
from ..batching import one_by_one
from ..contraction import swap
from ..evaluation import ByMatrix
from ..matrices import (
    FIELDS,
    drawn_regular,
    everywhere,
    product,
    require_square,
    square_type,
    stacked,
)
from ..promotion import to_dtype
from ..structure import add, scale
from .equations import sylvester

MOST = 8
"""So many directions, and so many derivatives, are provided for."""


# --- block triangular matrices -------------------------------------------------------------------

Blocks = dict[tuple[int, int], Any]
"""The blocks on and above the diagonal of a matrix; those on the diagonal are equal, and stand at (0, 0)."""


def _block(x: Blocks, i: int, j: int) -> Any:
    return x[0, 0] if i == j else x[i, j]


def _places(count: int) -> list[tuple[int, int]]:
    return [(0, 0), *((i, j) for width in range(1, count) for i in range(count - width) for j in [i + width])]


def _times(x: Blocks, y: Blocks, count: int) -> Blocks:
    """The product."""
    out: Blocks = {}
    for i, j in _places(count):
        out[i, j] = sum(_block(x, i, k) @ _block(y, k, j) for k in range(i, j + 1))
    return out


def _combined(terms: dict[float, Blocks], one: float, count: int) -> Blocks:
    """The sum of numbers times matrices, and of a number times the unit matrix."""
    out: Blocks = {p: sum(number * x[p] for number, x in terms.items()) for p in _places(count)}
    out[0, 0] = out[0, 0] + one * np.eye(out[0, 0].shape[-1])
    return out


def _quotient(x: Blocks, y: Blocks, count: int) -> Blocks:
    """X^-1 Y, from the diagonal outwards."""
    out: Blocks = {}
    inverse = np.linalg.inv(x[0, 0])
    for i, j in _places(count):
        rest = sum(_block(x, i, k) @ _block(out, k, j) for k in range(i + 1, j + 1))
        out[i, j] = inverse @ (_block(y, i, j) - rest)
    return out


_PADE = tuple(
    math.factorial(26 - k)
    * math.factorial(13)
    / (math.factorial(26) * math.factorial(k) * math.factorial(13 - k))
    for k in range(14)
)
"""The coefficients of Pade's approximant to exp of degree 13 in numerator and denominator."""


def _exponential_of_blocks(x: Blocks, count: int) -> Blocks:
    """By scaling, Pade's approximant of degree 13 and squaring (Higham, SIAM Rev. 51 (2009) 747-764)."""
    size = max(float(np.max(np.sum(np.abs(x[p]), axis=-2), initial=0.0)) for p in x)
    halvings = max(0, math.ceil(math.log2(size * count / 4))) if size else 0
    p = _PADE
    a = {place: block / 2.0**halvings for place, block in x.items()}
    a2 = _times(a, a, count)
    a4 = _times(a2, a2, count)
    a6 = _times(a4, a2, count)
    high = _times(a6, _combined({p[13]: a6, p[11]: a4, p[9]: a2}, 0.0, count), count)
    odd = _times(a, _combined({1.0: high, p[7]: a6, p[5]: a4, p[3]: a2}, p[1], count), count)
    high = _times(a6, _combined({p[12]: a6, p[10]: a4, p[8]: a2}, 0.0, count), count)
    even = _combined({1.0: high, p[6]: a6, p[4]: a4, p[2]: a2}, p[0], count)
    below = {place: even[place] - odd[place] for place in even}
    found = _quotient(below, {place: even[place] + odd[place] for place in even}, count)
    for _ in range(halvings):
        found = _times(found, found, count)
    return found


# --- the exponential and the logarithm -----------------------------------------------------------


def _real_or_nan(found: Any, a: Any) -> Any:
    """A result in the dtype of the matrix: NaN where a real one has a complex result."""
    if a.dtype.kind == "c" or found.dtype.kind != "c":
        return found
    noise = 1e3 * np.finfo(a.dtype).eps * max(1.0, float(np.max(np.abs(found), initial=0.0)))
    return np.full_like(a, np.nan) if np.max(np.abs(found.imag)) > noise else found.real


def _exponential_form(a: Any, *directions: Any) -> Any:
    count = len(directions) + 1
    x = {place: np.zeros_like(a) for place in _places(count)}
    x[0, 0] = a
    for i, e in enumerate(directions):
        x[i, i + 1] = e
    return _exponential_of_blocks(x, count)[0, count - 1]


def _logarithm_form(a: Any, *directions: Any) -> Any:
    """On the triangular factor of A, so that the block matrix is triangular too."""
    n, count = a.shape[-1], len(directions) + 1
    t, z = scipy_linalg.schur(a, output="complex")
    back = np.conjugate(z.T)
    whole = np.kron(np.eye(count), t)
    for i, e in enumerate(directions):
        whole[i * n : (i + 1) * n, (i + 1) * n : (i + 2) * n] = back @ e @ z
    inner = scipy_linalg.logm(whole)[:n, -n:]
    return _real_or_nan(z @ inner @ back, a)


def _one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of single matrices on stacks."""

    def over(a: Any, *others: Any) -> Any:
        out = np.empty_like(a)
        for place in np.ndindex(a.shape[:-2]):
            out[place] = function(a[place], *(e[place] for e in others))
        return out

    return over


_VALUES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda a: scipy_linalg.expm(a),
    "log": _one_by_one(lambda a: _real_or_nan(scipy_linalg.logm(a), a)),
}
_FORMS: dict[str, Callable[..., Any]] = {"exp": _exponential_form, "log": _one_by_one(_logarithm_form)}


def wide(x: Any) -> Any:
    """The array in double precision: functions of matrices lose some of it."""
    return x.astype(np.result_type(x, np.float64))


def _largest(x: Any) -> Any:
    """The size of the largest entry of each matrix, 1 for zeros."""
    size = np.max(np.abs(x), axis=(-2, -1), keepdims=True, initial=0.0)
    return np.where(size == 0, 1.0, size)


def _of_stacks(a: Any, *directions: Any, name: str) -> Any:
    """Directions are brought to the size of the matrix: the form is linear in each."""
    if not directions:
        return _VALUES[name](a if name == "exp" else wide(a))
    operands = [wide(x) for x in (a, *directions)]
    finite = np.all([np.isfinite(x).all(axis=(-2, -1)) for x in operands], axis=0)[..., None, None]
    x, *moves = (np.where(finite, x, 0.0) for x in operands)
    if name == "log":
        x = np.where(finite, x, np.eye(x.shape[-1]))
    size = _largest(x)
    sizes = [_largest(e) / size for e in moves]
    found = _FORMS[name](x, *(e / s for e, s in zip(moves, sizes, strict=True)))
    return np.where(finite, found * math.prod(sizes), np.nan)


def _function_type(a: Aval, *directions: Aval, name: str) -> Aval:
    require_square("matrix_function", a)
    if any(e.shape != a.shape for e in directions) or len(directions) > MOST:
        shapes = ", ".join(str(e.shape) for e in directions)
        raise ShapeError(
            f"matrix_function takes up to {MOST} directions of the matrix's shape", shapes, f"{a.shape}"
        )
    return Aval(a.shape, a.dtype)


def _function_jvp(t: Any, a: Any, *directions: Any, out: Any, name: str) -> Any:
    """One more direction, at every place among the others."""
    total: Any = None
    for place in range(len(directions) + 1):
        term = matrix_function(a, *directions[:place], t, *directions[place:], name=name)
        total = term if total is None else add(total, term)
    return total


def _transpose_of(place: int) -> Any:
    """tr(C^T F(A; E1, ..., Em)) is a cyclic product, in which C^T takes the place of a direction."""

    def rule(ct: Any, a: Any, *directions: Any, name: str) -> Any:
        around = (*directions[place + 1 :], swap(ct), *directions[:place])
        return swap(matrix_function(a, *around, name=name))

    return rule


def _function_samples(d: Draw) -> list[Sample]:
    drawn = (
        (0, drawn_regular(d, 3)),
        (0, np.eye(3).astype(d.dtype)),
        (1, drawn_regular(d, 2, 2)),
        (2, drawn_regular(d, 2)),
        (0, d.array(0, 0)),
    )
    return [
        Sample((a, *(d.array(*a.shape) for _ in range(order))), {"name": name})
        for name in ("exp", "log")
        for order, a in drawn
    ]


matrix_function = Primitive(
    name="matrix_function",
    type=_function_type,
    evaluate=ByMatrix(_of_stacks, _function_type, 0),
    jvp=(_function_jvp, *(LINEAR,) * MOST),
    transpose=(NOT_LINEAR, *(_transpose_of(place) for place in range(MOST))),
    batch=stacked,
    source=lambda names, avals, *, name: f"matrix_function({', '.join(names)}, name={name!r})",
    domain=Samples(_function_samples, FIELDS),
)
"""`exp` or `log` of a matrix, or the multilinear form that its derivatives are made of.

The logarithm of a real matrix is real: NaN where an eigenvalue is negative.
"""


# --- powers --------------------------------------------------------------------------------------


def _power(a: Any, t: Any) -> Any:
    return _real_or_nan(scipy_linalg.fractional_matrix_power(wide(a), t), a)


def _power_type(a: Aval, t: Aval) -> Aval:
    require_square("matrix_power", a)
    if t.shape != a.shape[:-2]:
        raise ShapeError("matrix_power takes an exponent for each matrix", f"{t}", f"{a}")
    return Aval(a.shape, a.dtype)


def _power_jvp(e: Any, a: Any, t: Any, *, out: Any) -> Any:
    """As of exp(t log A)."""
    spread = everywhere(to_dtype(t, aval_of(a).dtype), a)
    log, moved = matrix_function(a, name="log"), matrix_function(a, e, name="log")
    return matrix_function(scale(spread, log), scale(spread, moved), name="exp")


def _power_to_exponent(e: Any, a: Any, t: Any, *, out: Any) -> Any:
    return scale(product(out, matrix_function(a, name="log")), everywhere(to_dtype(e, aval_of(a).dtype), a))


matrix_power = Primitive(
    name="matrix_power",
    type=_power_type,
    evaluate=ByMatrix(_power, _power_type, 2),
    jvp=(_power_jvp, _power_to_exponent),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=stacked,
    source="matrix_power({0}, {1})",
    domain=Samples(
        lambda d: [
            Sample((drawn_regular(d, 3), np.float64(0.4)), {}),
            Sample((drawn_regular(d, 2, 2), np.array([0.4, -1.7])), {}),
        ],
        FIELDS,
    ),
)
"""`A^t` of a matrix (..., n, n) and a number (...), the branch of exp(t log A)."""


# --- the square root -----------------------------------------------------------------------------


def _root(a: Any) -> Any:
    return _real_or_nan(scipy_linalg.sqrtm(a), a)


square_root = Primitive(
    name="square_root",
    type=square_type("square_root"),
    evaluate=ByMatrix(_root, square_type("square_root"), 2),
    jvp=(lambda t, a, *, out: sylvester(out, out, t),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="square_root({0})",
    domain=Samples(lambda d: [Sample((drawn_regular(d, *n),), {}) for n in ((3,), (2, 2), (0,))], FIELDS),
)
"""The principal square root of a matrix; its derivative is NaN where two eigenvalues of it sum to zero, as
at a singular matrix.
"""


# --- the sign ------------------------------------------------------------------------------------


def _sign(a: Any) -> Any:
    return _real_or_nan(scipy_linalg.signm(a), a)


def _sign_jvp(t: Any, a: Any, *, out: Any) -> Any:
    """With N = A S, the root of A A: N dS + dS N = dA - S dA S (Higham, "Functions of Matrices", 5.3)."""
    n = product(a, out)
    return sylvester(n, n, subtract(t, product(out, t, out)))


def _signed(d: Draw, n: int, *lead: int) -> Any:
    signs = np.diag(np.where(np.arange(n) % 2, -2.0, 2.0)).astype(d.dtype)
    return d.array(*lead, n, n, low=-0.4, high=0.4) + signs


matrix_sign = Primitive(
    name="matrix_sign",
    type=square_type("matrix_sign"),
    evaluate=ByMatrix(_sign, square_type("matrix_sign"), 2),
    jvp=(_sign_jvp,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="matrix_sign({0})",
    domain=Samples(lambda d: [Sample((_signed(d, *n),), {}) for n in ((3,), (2, 2), (0,))], FIELDS),
)
"""The function of a matrix that is 1 or -1 as the real parts of its eigenvalues are."""

ALL = (matrix_function, matrix_power, square_root, matrix_sign)
