"""SciPy's special functions that are Python functions there: sums of exponentials, polygamma, combinations.

They make plain arrays of their arguments, so that NumPy's protocols do not reach them: they stand here under
their names, with SciPy's arguments.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...errors import ArgumentError, DerivativeError
from ...primitives import activation
from ...primitives.arithmetic import multiply, subtract
from ...primitives.barrier import stop_gradient
from ...primitives.comparison import isfinite, less, not_equal
from ...primitives.complex import real
from ...primitives.exponential import exp, log
from ...primitives.promotion import align, to_dtype
from ...primitives.reduction import reduce_max
from ...primitives.rounding import sign as sign_of
from ...primitives.special import bessel, gamma
from ...primitives.structure import INF, add, reduce_sum, select, spread
from ..dispatch import concrete, normal_axes
from ..functions.keywords import finish, floating, read


def _operand(x: Any) -> Any:
    return floating(read(x))


def _refuse_complex(name: str, x: Any) -> None:
    if aval_of(x).dtype.kind == "c":
        raise DerivativeError(
            f"{name} of a traced complex array was asked for", str(aval_of(x)), "It has a rule for real ones."
        )


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """As `scipy.special.logsumexp`: log Σ b exp(a), without overflow.

    d/da = b exp(a - out). Entries of -inf have the derivative 0, also where all are -inf; a single +inf
    has 1, and several share it.
    """
    x = _operand(a)
    if aval_of(x).dtype.kind == "c" and b is None and not return_sign:
        return _of_complex(x, axis, keepdims)
    _refuse_complex("logsumexp", x)
    if b is not None:
        return _weighted(x, b, axis, keepdims, return_sign)
    aval = aval_of(x)
    axes = normal_axes(axis, aval.ndim)
    found = finish(activation.logsumexp(x, axes=axes), aval.shape, axes, keepdims, None)
    return (found, add(multiply(found, 0.0), 1.0)) if return_sign else found


def _of_complex(x: Any, axis: Any, keepdims: bool) -> Any:
    aval = aval_of(x)
    axes = normal_axes(axis, aval.ndim)
    top = stop_gradient(reduce_max(real(x), axes=axes))
    top = select(isfinite(top), top, 0.0)
    shift = to_dtype(top, aval.dtype)
    total = reduce_sum(exp(subtract(x, spread(shift, aval.shape, axes))), axes=axes)
    with np.errstate(divide="ignore"):
        return finish(add(log(total), shift), aval.shape, axes, keepdims, None)


def _weighted(x: Any, b: Any, axis: Any, keepdims: bool, return_sign: bool) -> Any:
    x, weights = align(x, _operand(b))
    aval = aval_of(x)
    axes = normal_axes(axis, aval.ndim)
    kept = select(not_equal(weights, 0.0), x, -INF)
    top = stop_gradient(reduce_max(kept, axes=axes))
    top = select(less(multiply(sign_of(top), top), INF), top, 0.0)
    terms = multiply(weights, exp(subtract(kept, spread(top, aval.shape, axes))))
    total = reduce_sum(terms, axes=axes)
    sign = sign_of(total)
    with np.errstate(divide="ignore"):
        value = add(log(multiply(sign, total) if return_sign else total), top)
    value, sign = (finish(v, aval.shape, axes, keepdims, None) for v in (value, sign))
    return (value, sign) if return_sign else value


def log_softmax(x: Any, axis: Any = None) -> Any:
    """As `scipy.special.log_softmax`: x - logsumexp(x) along the axis, all of them for None."""
    x = _operand(x)
    _refuse_complex("log_softmax", x)
    return activation.log_softmax(x, axes=normal_axes(axis, aval_of(x).ndim))


def softmax(x: Any, axis: Any = None) -> Any:
    """As `scipy.special.softmax`: exp(x) / Σ exp(x). A row of -inf is NaN, and so is its derivative."""
    return exp(log_softmax(x, axis))


def polygamma(n: Any, x: Any) -> Any:
    """As `scipy.special.polygamma`: the n-th derivative of digamma; n is one whole number."""
    order = _whole("polygamma", n)
    if order < 0:
        raise ArgumentError("a derivative of order 0 or more", f"n = {order}", "Use n >= 0.")
    found = gamma.polygamma(_operand(x), order=order)
    return to_dtype(found, np.promote_types(aval_of(found).dtype, np.float64))  # SciPy's order is a double


def _whole(name: str, n: Any) -> int:
    found = np.unique(concrete(n, f"the order of {name}"))
    if found.size != 1 or found[0] != int(found[0]):
        raise DerivativeError(
            f"{name} of one whole order was asked for", f"{found}", "Call it once for each order."
        )
    return int(found[0])


def multigammaln(a: Any, d: Any) -> Any:
    """As `scipy.special.multigammaln`: log of π^(d(d-1)/4) Π gamma(a - j/2), j = 0 ... d-1."""
    x, count = _operand(a), _whole("multigammaln", d)
    total: Any = None
    for j in range(count):
        term = gamma.gammaln(subtract(x, 0.5 * j))
        total = term if total is None else add(total, term)
    total = to_dtype(total, np.dtype(np.float64))  # to which SciPy adds one of NumPy's numbers
    return add(total, 0.25 * count * (count - 1) * math.log(math.pi))


def _exact(name: str) -> DerivativeError:
    return DerivativeError(f"{name}(exact=True) of traced arrays", "numbers that vary", "Use exact=False.")


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """As `scipy.special.factorial` with exact=False: gamma(n + 1), and 0 for negative n."""
    if exact:
        raise _exact("factorial")
    x = _operand(n)
    found = gamma.gamma(add(x, 1.0))
    return select(less(x, 0.0), 0.0, found) if extend == "zero" else found


def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """As `scipy.special.comb` with exact=False: N over k, and 0 where k > N or either is negative."""
    if exact:
        raise _exact("comb")
    n, k = align(_operand(N), _operand(k))
    if repetition:
        n = subtract(add(n, k), 1.0)
    outside = not_equal(add(_is_less(n, k), add(_is_less(n, 0.0), _is_less(k, 0.0))), 0.0)
    return select(outside, 0.0, gamma.binom(n, k))


def _is_less(x: Any, y: Any) -> Any:
    return to_dtype(less(x, y), np.dtype(np.float64))


def perm(N: Any, k: Any, exact: bool = False) -> Any:
    """As `scipy.special.perm` with exact=False: N! / (N-k)!, and 0 where k > N or either is negative."""
    if exact:
        raise _exact("perm")
    n, k = align(_operand(N), _operand(k))
    outside = not_equal(add(_is_less(n, k), add(_is_less(n, 0.0), _is_less(k, 0.0))), 0.0)
    return select(outside, 0.0, gamma.poch(add(subtract(n, k), 1.0), k))


def _spherical(name: str) -> Callable[..., Any]:
    primitive = {p.name: p for p in bessel.ALL}[name]

    def function(n: Any, z: Any, derivative: bool = False) -> Any:
        order, x = read(n), _operand(z)
        if name == "spherical_kn":  # which SciPy computes in the argument's precision, the others in double
            order = to_dtype(order, aval_of(x).dtype)
        order, x = align(order, x)
        if not derivative:
            return primitive(order, x)
        return bessel.spherical_slope(primitive, order, x)

    function.__name__ = name
    function.__doc__ = f"As `scipy.special.{name}`: the order is a whole number, the argument real."
    return function


_FUNCTIONS = (
    *(logsumexp, softmax, log_softmax, polygamma, multigammaln, factorial, comb, perm),
    *map(_spherical, ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")),
)

TABLE: dict[str, Callable[..., Any]] = {f"scipy.special.{f.__name__}": f for f in _FUNCTIONS}
