"""SciPy's special functions on traced arrays: `rule_of` gives ours for one of SciPy's ufuncs.

They are found by name, so that SciPy is not imported before somebody uses it. What SciPy has as a Python
function and not as a ufunc, such as `logsumexp`, stands in `scipy.special`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, aval_of
from ..core.primitive import Primitive
from ..errors import DerivativeError
from ..lazy import special
from ..primitives import activation, exponential, powers, rounding
from ..primitives import special as own
from ..primitives.promotion import align, joint_dtype, to_dtype
from ..primitives.special import (
    bessel,
    densities,
    distributions,
    elementary,
    elliptic,
    erf,
    gamma,
    integrals,
    kelvin,
    zetas,
)
from ..primitives.structure import zeros
from .dispatch import as_float, concrete, elementwise, strong

Rule = Callable[..., Any]


# --- SciPy's dtypes ------------------------------------------------------------------------------


def _kind(aval: Aval) -> Any:
    """What a ufunc's loop is chosen by: a dtype, or the class of a Python scalar."""
    return type(zeros(aval)) if aval.weak and aval.dtype.kind != "b" else aval.dtype


@lru_cache(maxsize=1024)
def _loop(ufunc: Any, kinds: tuple[Any, ...]) -> dtypes.Dtype:
    """The one dtype that serves all operands of the loop that SciPy takes for these."""
    found = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout))[: ufunc.nin]
    return np.result_type(*(dtype for dtype in found if dtype.kind in "fc"))


def _fitted(ufunc: Any, primitive: Primitive, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands as SciPy's loop takes them; an error where our derivative does not reach its dtype."""
    avals = [aval_of(a) for a in args]
    dtype = _loop(ufunc, tuple(map(_kind, avals)))
    if dtype.name not in primitive.domain.dtypes:
        raise DerivativeError(
            f"scipy.special.{primitive.name} of {dtype} has no derivative here",
            ", ".join(map(str, avals)),
            f"It has one for {', '.join(primitive.domain.dtypes)}.",
        )
    if joint_dtype(avals)[0] == dtype:
        return args
    return tuple(a if v.weak else to_dtype(a, dtype) for a, v in zip(args, avals, strict=True))


def _found(name: str) -> Any:
    """SciPy's ufunc of this name, one behind a Python function included; None where there is none."""
    return getattr(special._ufuncs, name, None) or getattr(special, name, None)


# --- rules ---------------------------------------------------------------------------------------


def _apply(primitive: Primitive, ufunc: Any, args: tuple[Any, ...], **params: Any) -> Any:
    """A primitive with SciPy's broadcasting and promotion."""
    fitted = _fitted(ufunc, primitive, args)
    if len(args) == 1 or (len(args) == 2 and not params):
        return elementwise(primitive, _operation(primitive, ufunc, params, fitted is args), *fitted, **params)
    if all(aval_of(a).weak for a in fitted):
        fitted = (strong(fitted[0]), *fitted[1:])
    return primitive(*align(*fitted), **params)


def _operation(primitive: Primitive, ufunc: Any, params: dict[str, Any], as_given: bool) -> Any:
    """What runs on the operands: SciPy's ufunc, or one of its results; the primitive, where whole numbers may
    have become floating ones that the ufunc does not take.
    """
    if not as_given:
        return lambda *args: primitive(*align(*args), **params)
    part = params.get("part")
    return ufunc if part is None else lambda *args: ufunc(*args)[part]


def _plain(primitive: Primitive, name: str, **params: Any) -> Rule:
    """One primitive; `params` say which of its functions."""

    def rule(*args: Any) -> Any:
        return _apply(primitive, _found(name), args, **params)

    return rule


def _parts(primitive: Primitive, count: int) -> Rule:
    """A function with several results, each a part of the primitive."""

    def rule(*args: Any) -> tuple[Any, ...]:
        ufunc = _found(primitive.name)
        return tuple(_apply(primitive, ufunc, args, part=part) for part in range(count))

    return rule


def lambertw(z: Any, k: Any, tol: Any) -> Any:
    """As `scipy.special.lambertw`: w e^w = z; the branch is one number."""
    branches = np.unique(concrete(k, "the branch of lambertw"))
    if branches.size != 1:
        raise DerivativeError(
            "lambertw of one branch was asked for",
            f"branches {branches}",
            "Call it once for each branch, and choose by np.where.",
        )
    branch, tolerance = int(branches[0]), float(concrete(tol, "the tolerance of lambertw"))
    z = to_dtype(z, np.dtype(np.complex128))
    return integrals.lambertw(z, branch=branch, tolerance=tolerance)


def _of_order(name: str, of_reals: Primitive, of_any: Primitive) -> Rule:
    """A Bessel function that has a derivative in its order for real numbers."""

    def rule(*args: Any) -> Any:
        complex_ = any(aval_of(a).dtype.kind == "c" for a in args)
        return _apply(of_any if complex_ else of_reals, _found(name), args)

    return rule


def beta_pdf(x: Any, a: Any, b: Any) -> Any:
    """The density of the beta distribution."""
    return _apply(densities.beta_density, _found("_beta_pdf"), (a, b, x))


def beta_ppf(q: Any, a: Any, b: Any) -> Any:
    """The quantile of the beta distribution."""
    return _apply(distributions.betaincinv, _found("_beta_ppf"), (a, b, q))


def gen_harmonic(n: Any, a: Any) -> Any:
    """The sum of k^-a over k = 1 ... n."""
    return zetas.gen_harmonic(*align(*map(as_float, (n, a))), order=0)


def normalized_gen_harmonic(j: Any, k: Any, n: Any, a: Any) -> Any:
    """The sum of i^-a over i = j ... k, over that over i = 1 ... n."""
    return zetas.normalized_gen_harmonic(*align(*map(as_float, (j, k, n, a))))


def radian(d: Any, m: Any, s: Any) -> Any:
    """As `scipy.special.radian`: an angle in degrees, minutes and seconds, in radians."""
    return (d + m / 60.0 + s / 3600.0) * (np.pi / 180.0)


def _cylinder(primitive: Primitive) -> Rule:
    """A parabolic cylinder function and its slope."""

    def rule(v: Any, x: Any) -> tuple[Any, Any]:
        operands = align(*map(as_float, (v, x)))
        return primitive(*operands, part=0), primitive(*operands, part=1)

    return rule


def kolmogp(x: Any) -> Any:
    """The slope of Kolmogorov's tail probability: exact where SciPy's sum was cut short."""
    return kelvin.kolmogorov_part(as_float(strong(x)), order=1)


_BY_ORDER = (elementary.exprel, elliptic.ellipk, elliptic.ellipkm1, elliptic.ellipe, erf.erfcx, erf.dawsn)
_BY_PART = {
    bessel.airy: 4,
    integrals.sici: 2,
    integrals.shichi: 2,
    integrals.fresnel: 2,
    integrals.itj0y0: 2,
    integrals.iti0k0: 2,
    elliptic.ellipj: 4,
    **kelvin.PAIRS,
}
_UNNAMED = (
    *(gamma.polygamma, erf.exp_square, elementary.log1prel, integrals.sinhrel),
    *(zetas.gen_harmonic, zetas.normalized_gen_harmonic, *own.INTEGRALS),
    *kelvin.CYLINDERS,
    *(bessel.real_iv, bessel.real_kv, bessel.real_kve),
)
"""Primitives that are no function of SciPy's, or one of its Python functions."""

_BEHIND = {
    **{f"_{p.name}": p for p in own.BEHIND},
    "_spherical_jn": bessel.spherical_jn,
    "_spherical_yn": bessel.spherical_yn,
    "_spherical_in": bessel.spherical_in,
    "_spherical_kn": bessel.spherical_kn,
}
"""The ufuncs behind Python functions of SciPy's."""

_ELSEWHERE = {
    "expit": activation.logistic,
    "expm1": exponential.expm1,
    "log1p": exponential.log1p,
    "exp2": exponential.exp2,
    "cbrt": powers.cbrt,
    "round": rounding.rint,
}
"""SciPy's functions that are among NumPy's."""

_SPECIAL = {*_BY_ORDER, *_BY_PART, *_UNNAMED, *_BEHIND.values(), integrals.lambertw}

RULES: dict[str, Rule] = {
    **{p.name: _plain(p, p.name) for p in own.ALL if p not in _SPECIAL},
    **{p.name: _plain(p, p.name, order=0) for p in _BY_ORDER},
    **{p.name: _parts(p, count) for p, count in _BY_PART.items()},
    **{name: _plain(p, name) for name, p in (*_BEHIND.items(), *_ELSEWHERE.items())},
    "_lambertw": lambertw,
    "radian": radian,
    "iv": _of_order("iv", bessel.real_iv, bessel.iv),
    "kv": _of_order("kv", bessel.real_kv, bessel.kv),
    "kve": _of_order("kve", bessel.real_kve, bessel.kve),
    **{p.name: _cylinder(p) for p in kelvin.CYLINDERS},
    "_kolmogp": kolmogp,
    "_beta_pdf": beta_pdf,
    "_beta_ppf": beta_ppf,
    "_gen_harmonic": gen_harmonic,
    "_normalized_gen_harmonic": normalized_gen_harmonic,
}
"""By the name of SciPy's ufunc, our function of its operands."""


def rule_of(ufunc: Any) -> Rule | None:
    """Our function for one of SciPy's ufuncs; None for any other."""
    rule = RULES.get(ufunc.__name__)
    return rule if rule is not None and ufunc is _found(ufunc.__name__) else None
