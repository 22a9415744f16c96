"""Densities and probabilities of SciPy's distributions by formulas of our own, with SciPy's arguments.

Where SciPy tells a limit of a shape parameter apart, by a formula without that parameter, there is one here
that holds around the limit too, so that the slope is right at it. Others stand for what SciPy has in C.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...lazy import special
from ...primitives.barrier import stop_gradient
from ...primitives.special.circular import mises_cdf
from ...primitives.special.elementary import exprel, log1prel
from ...primitives.special.landau import distribution_value, irwinhall
from .reading import arrays, moving

# --- limits of shape parameters ------------------------------------------------------------------


def _log1p_rate(c: Any, x: Any) -> Any:
    """Log(1 + c x) / c, which is x at c = 0."""
    c, x = arrays(c, x)
    return x * log1prel(c * x, order=0)


def _log_power(c: Any, x: Any) -> Any:
    """Log(1 - c x) / c, which is -x at c = 0."""
    c, x = arrays(c, x)
    return -x * log1prel(-c * x, order=0)


def _kappa_parts(x: Any, h: Any, k: Any) -> tuple[Any, Any]:
    """Log w with w = (1 - k x)^(1/k), and log F = log(1 - h w) / h."""
    level = _log_power(k, x)
    return level, _log_power(h, np.exp(level))


def kappa4_logpdf(self: Any, x: Any, h: Any, k: Any) -> Any:
    """(1 - k) log w + (1 - h) log F."""
    level, below = _kappa_parts(x, h, k)
    return (1.0 - k) * level + (1.0 - h) * below


def kappa4_logcdf(self: Any, x: Any, h: Any, k: Any) -> Any:
    """Log F."""
    return _kappa_parts(x, h, k)[1]


def kappa4_ppf(self: Any, q: Any, h: Any, k: Any) -> Any:
    """W = (1 - q^h) / h, x = (1 - w^k) / k."""
    return -special.boxcox(-special.boxcox(q, h), k)


def genextreme_loglogcdf(self: Any, x: Any, c: Any) -> Any:
    """Log(1 - c x) / c."""
    return _log_power(c, x)


def genextreme_logpdf(self: Any, x: Any, c: Any) -> Any:
    """-w + log w - log(1 - c x), w = (1 - c x)^(1/c)."""
    x, c = arrays(x, c)
    outside = (c * x >= 1.0) | (c * x == -np.inf)
    inner = np.where(outside, 0.0, x)
    level = genextreme_loglogcdf(self, inner, c)
    found = np.where(outside, -np.inf, level - np.exp(level) - special.log1p(-c * inner))
    return np.where((c == 1.0) & (x == 1.0), 0.0, found)


def _genextreme_quantile(level: Callable[[Any], Any]) -> Callable[..., Any]:
    def quantile(self: Any, q: Any, c: Any) -> Any:
        q, c = arrays(q, c)
        x = -np.log(-level(q))
        return x * exprel(-c * x, order=0)

    return quantile


def genpareto_logpdf(self: Any, x: Any, c: Any) -> Any:
    """-log(1 + c x) / c - log(1 + c x)."""
    x, c = arrays(x, c)
    bound = c * x <= -1.0
    inner = np.where(bound, 0.0, x)
    found = -_log1p_rate(c, inner) - special.log1p(c * inner)
    return np.where(bound, np.where(c == -1.0, 0.0, np.where(c < -1.0, np.inf, -np.inf)), found)


def genpareto_logsf(self: Any, x: Any, c: Any) -> Any:
    """-log(1 + c x) / c."""
    return -_log1p_rate(c, x)


def skewnorm_pdf(self: Any, x: Any, a: Any) -> Any:
    """2 φ(x) Φ(ax)."""
    return 2.0 * np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi) * special.ndtr(a * x)


def skewnorm_logpdf(self: Any, x: Any, a: Any) -> Any:
    """Log 2 + log φ(x) + log Φ(ax)."""
    return np.log(2.0) - x**2 / 2.0 - 0.5 * np.log(2.0 * np.pi) + special.log_ndtr(a * x)


_SLIGHT = 0.000016
"""Below this skewness, Pearson's third distribution is the normal one to SciPy."""


def _pearson(normal: Any, first: Any, second: Any, general: Callable[[Any], Any], skew: Any) -> Any:
    """SciPy's normal value, with the slopes of the expansion in the skewness; else by a gamma variable."""
    slight = np.abs(skew) < _SLIGHT
    small = moving(np.where(slight, skew, 0.0))
    near = normal + small * (first + small * second)
    return np.where(slight, near, general(np.where(slight, 1.0, skew)))


def pearson3_logpdf(self: Any, x: Any, skew: Any) -> Any:
    """That of a gamma variable of shape 4 / skew², turned to mean 0 and variance 1."""
    x, skew = arrays(x, skew)

    def general(skew: Any) -> Any:
        rate, shape = 2.0 / skew, 4.0 / skew**2
        place = rate * x + shape
        inside = place > 0
        y = np.where(inside, place, 1.0)
        found = np.log(np.abs(rate)) + (shape - 1.0) * np.log(y) - y - special.gammaln(shape)
        return np.where(inside, found, -np.inf)

    third, fourth = x**3 - 3 * x, x**4 - 6 * x**2 + 3
    sixth = x**6 - 15 * x**4 + 45 * x**2 - 15
    second = sixth / 72 + fourth / 16 - third**2 / 72
    return _pearson(-(x**2) / 2 - 0.5 * np.log(2 * np.pi), third / 6, second, general, skew)


def pearson3_pdf(self: Any, x: Any, skew: Any) -> Any:
    """exp(logpdf)."""
    return np.exp(pearson3_logpdf(self, x, skew))


def _pearson_tail(upper: bool) -> Callable[..., Any]:
    def probability(self: Any, x: Any, skew: Any) -> Any:
        x, skew = arrays(x, skew)

        def general(skew: Any) -> Any:
            place = np.maximum(2.0 / skew * x + 4.0 / skew**2, 0.0)
            shape = 4.0 / skew**2
            low, high = special.gammainc(shape, place), special.gammaincc(shape, place)
            return np.where((skew > 0) != upper, low, high)

        density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        fifth = x**5 - 10 * x**3 + 15 * x
        first, second = (x**2 - 1) / 6, fifth / 72 + (x**3 - 3 * x) / 16
        sense = -1.0 if upper else 1.0
        normal = special.ndtr(sense * x)
        return _pearson(normal, -sense * density * first, -sense * density * second, general, skew)

    return probability


def pearson3_ppf(self: Any, q: Any, skew: Any) -> Any:
    """By the gamma quantile; around skewness 0 by Cornish and Fisher's expansion."""
    q, skew = arrays(q, skew)

    def general(skew: Any) -> Any:
        shape = 4.0 / skew**2
        right = np.where(skew > 0, q, 1.0 - q)
        return (special.gammaincinv(shape, right) - shape) * skew / 2.0

    z = special.ndtri(q)
    second = (z**3 - 3 * z) / 16 - (2 * z**3 - 5 * z) / 36
    return _pearson(z, (z**2 - 1) / 6, second, general, skew)


# --- noncentral chi-square, at its centre too ----------------------------------------------------


def _directly(name: str) -> Callable[..., Any]:
    """SciPy's ufunc, also where the noncentrality is zero."""

    def method(self: Any, x: Any, df: Any, nc: Any) -> Any:
        return getattr(special._ufuncs, name)(x, df, nc)

    return method


def ncx2_logpdf(self: Any, x: Any, df: Any, nc: Any) -> Any:
    """By the Bessel function where it serves; at the centre by the density itself."""
    x, df, nc = arrays(x, df, nc)
    plain = (nc == 0) | (x == 0)
    safe_x, safe = np.where(plain, 1.0, x), np.where(plain, 1.0, nc)
    order, root, other = df / 2.0 - 1.0, np.sqrt(safe_x), np.sqrt(safe)
    scaled = special.ive(order, root * other) / 2.0
    usual = order / 2.0 * (np.log(safe_x) - np.log(safe)) - 0.5 * (root - other) ** 2
    vanishes = scaled <= 0
    usual = np.where(vanishes, -np.inf, usual + np.log(np.where(vanishes, 1.0, scaled)))
    density = special._ufuncs._ncx2_pdf(np.where(plain, x, 1.0), df, np.where(plain, nc, 1.0))
    return np.where(plain, np.log(density), usual)


# --- Bessel functions and splines behind C -------------------------------------------------------


def genhyperbolic_logpdf(self: Any, x: Any, p: Any, a: Any, b: Any) -> Any:
    """In the order p too."""
    x, p, a, b = arrays(x, p, a, b)
    product = (a - b) * (a + b)
    root = np.sqrt(product)
    lower, far = p - 0.5, np.hypot(1.0, x)
    constant = 0.5 * p * np.log(product) - 0.5 * np.log(2 * np.pi) - lower * np.log(a)
    constant = constant - np.log(special.kve(p, root)) + root
    return constant + np.log(special.kve(lower, a * far)) - a * far + b * x + lower * np.log(far)


def genhyperbolic_pdf(self: Any, x: Any, p: Any, a: Any, b: Any) -> Any:
    """exp(logpdf)."""
    return np.exp(genhyperbolic_logpdf(self, x, p, a, b))


def geninvgauss_logpdf(self: Any, x: Any, p: Any, b: Any) -> Any:
    """(p - 1) log x - b (x + 1/x) / 2 - log(2 K[p](b)), -inf where x is not positive."""
    x, p, b = arrays(x, p, b)
    inside = x > 0
    y = np.where(inside, x, 1.0)
    constant = -np.log(2.0) - np.log(special.kve(p, b)) + b
    return np.where(inside, constant + (p - 1.0) * np.log(y) - b * (y + 1.0 / y) / 2.0, -np.inf)


def _irwinhall(part: str, mirrored: bool = False) -> Callable[..., Any]:
    def method(self: Any, x: Any, n: Any) -> Any:
        x, n = arrays(x, n)
        return irwinhall(n - x if mirrored else x, n, part=part)

    return method


def rice_pdf(self: Any, x: Any, b: Any) -> Any:
    """X exp(-(x² + b²) / 2) I0(x b); its scaled form has a kink at x b = 0, and the density has none."""
    x, b = arrays(x, b)
    near = x * b < 1.0
    small = np.exp(-(x * x + b * b) / 2.0) * special.i0(np.where(near, x * b, 0.0))
    large = np.exp(-(x - b) * (x - b) / 2.0) * special.i0e(np.where(near, 1.0, x * b))
    return x * np.where(near, small, large)


def vonmises_logpdf(self: Any, x: Any, kappa: Any) -> Any:
    """κ cos x - log(2π I0(κ)), in its scaled form for large κ alone."""
    x, kappa = arrays(x, kappa)
    near = kappa < 1.0
    small = kappa * np.cos(x) - np.log(special.i0(np.where(near, kappa, 0.0)))
    large = kappa * special.cosm1(x) - np.log(special.i0e(np.where(near, 1.0, kappa)))
    return np.where(near, small, large) - np.log(2.0 * np.pi)


def vonmises_pdf(self: Any, x: Any, kappa: Any) -> Any:
    """exp(logpdf)."""
    return np.exp(vonmises_logpdf(self, x, kappa))


def vonmises_cdf(self: Any, x: Any, kappa: Any) -> Any:
    """The integral of the density from -π on, a whole number more for each turn."""
    return mises_cdf(*arrays(x, kappa))


# --- formulas chosen by element ------------------------------------------------------------------


def log_diff(log_p: Any, log_q: Any) -> Any:
    """Log(p - q)."""
    log_p, log_q = arrays(log_p, log_q)
    same = log_p == log_q
    gap = np.where(same, -1.0, log_q - log_p)
    return np.where(same, -np.inf, log_p + special._ufuncs._log1mexp(gap))


def log_gauss_mass(a: Any, b: Any) -> Any:
    """The logarithm of the normal probability between a and b, from the side on which they lie."""
    a, b = arrays(a, b)
    right = a > 0
    low, high = np.where(right, -b, a), np.where(right, -a, b)
    aside = right | (b <= 0)
    tail = log_diff(
        special.log_ndtr(np.where(aside, high, -1.0)), special.log_ndtr(np.where(aside, low, -2.0))
    )
    across = -special.ndtr(np.where(aside, -1.0, a)) - special.ndtr(np.where(aside, -1.0, -b))
    return np.where(aside, tail, np.log1p(across))


def _truncnorm_log(upper: bool) -> Callable[..., Any]:
    def method(self: Any, x: Any, a: Any, b: Any) -> Any:
        x, a, b = arrays(x, a, b)
        total = log_gauss_mass(a, b)
        below, above = log_gauss_mass(a, x) - total, log_gauss_mass(x, b) - total
        found, other = (above, below) if upper else (below, above)
        close = found > -0.1
        return np.where(close, np.log1p(-np.exp(np.where(close, other, -1.0))), found)

    return method


def _truncnorm_quantile(upper: bool) -> Callable[..., Any]:
    """From log Φ, at the end that is further to the left of the normal's middle, or its mirror image."""

    def method(self: Any, q: Any, a: Any, b: Any) -> Any:
        q, a, b = arrays(q, a, b)
        combine, near = (log_diff, b) if upper else (np.logaddexp, a)
        far = -a if upper else -b
        left = near < 0
        part = np.where(left, np.log(q), np.log1p(-q)) + log_gauss_mass(a, b)
        found = special.ndtri_exp(combine(special.log_ndtr(np.where(left, near, far)), part))
        return np.where(left, found, -found)

    return method


def kappa3_sf(self: Any, x: Any, a: Any) -> Any:
    """1 - F; where that is small by expm1 and log1p."""
    x, a = arrays(x, a)
    usual = 1.0 - x * (a + x**a) ** (-1.0 / a)
    small = usual < 0.01
    y = np.where(small, x, 1.0)
    tail = -special.expm1(special.xlog1py(-1.0 / a, a * y**-a))
    return np.where(small & (tail <= 0.01), tail, usual)


def betaprime_ppf(self: Any, p: Any, a: Any, b: Any) -> Any:
    """R / (1 - r) with r the beta distribution's; close to 1 by its mirror image."""
    p, a, b = arrays(p, a, b)
    r = special.betaincinv(a, b, p)
    near = r > 0.9999
    inner = np.where(near, 0.5, r)
    return np.where(near, 1.0 / special.betainccinv(b, a, p) - 1.0, inner / (1.0 - inner))


def _invgauss_quantile(upper: bool) -> Callable[..., Any]:
    def method(self: Any, q: Any, mu: Any) -> Any:
        q, mu = arrays(q, mu)
        large = q > 0.5
        low, high = np.where(large, 0.5, q), np.where(large, 1.0 - q, 0.5)
        below, above = special._ufuncs._invgauss_ppf, special._ufuncs._invgauss_isf
        first, second = (above, below) if upper else (below, above)
        return np.where(large, second(high, mu, 1.0), first(low, mu, 1.0))

    return method


def skewnorm_cdf(self: Any, x: Any, a: Any) -> Any:
    """SciPy's value, which far to the left is an integral; with the slopes of its closed form."""
    x, a = arrays(x, a)
    value = distribution_value(stop_gradient(x), stop_gradient(a), distribution="skewnorm", method="_cdf")
    return value + moving(special._ufuncs._skewnorm_cdf(x, 0.0, 1.0, a))


def erlang_argcheck(self: Any, a: Any) -> Any:
    """Whether a is positive."""
    return a > 0


DISTRIBUTIONS = "scipy.stats._continuous_distns"


def _named(kind: str, **methods: Any) -> dict[str, Any]:
    return {f"{DISTRIBUTIONS}.{kind}.{name}": rule for name, rule in methods.items()}


METHODS: dict[str, Any] = {
    **_named("kappa4_gen", _logpdf=kappa4_logpdf, _logcdf=kappa4_logcdf, _ppf=kappa4_ppf),
    **_named("genextreme_gen", _loglogcdf=genextreme_loglogcdf, _logpdf=genextreme_logpdf),
    **_named("genextreme_gen", _ppf=_genextreme_quantile(np.log)),
    **_named("genextreme_gen", _isf=_genextreme_quantile(lambda q: special.log1p(-q))),
    **_named("genpareto_gen", _logpdf=genpareto_logpdf, _logsf=genpareto_logsf),
    **_named("skewnorm_gen", _pdf=skewnorm_pdf, _logpdf=skewnorm_logpdf),
    **_named("pearson3_gen", _pdf=pearson3_pdf, _logpdf=pearson3_logpdf, _ppf=pearson3_ppf),
    **_named("pearson3_gen", _cdf=_pearson_tail(False), _sf=_pearson_tail(True)),
    **_named("ncx2_gen", _pdf=_directly("_ncx2_pdf"), _logpdf=ncx2_logpdf, _cdf=_directly("chndtr")),
    **_named("ncx2_gen", _ppf=_directly("chndtrix"), _sf=_directly("_ncx2_sf")),
    **_named("ncx2_gen", _isf=_directly("_ncx2_isf")),
    **_named("genhyperbolic_gen", _logpdf=genhyperbolic_logpdf, _pdf=genhyperbolic_pdf),
    **_named("geninvgauss_gen", _logpdf=geninvgauss_logpdf),
    **_named("irwinhall_gen", _pdf=_irwinhall("pdf"), _cdf=_irwinhall("cdf")),
    **_named("irwinhall_gen", _sf=_irwinhall("cdf", mirrored=True)),
    **_named("vonmises_gen", _pdf=vonmises_pdf, _logpdf=vonmises_logpdf, _cdf=vonmises_cdf),
    **_named("rice_gen", _pdf=rice_pdf),
    f"{DISTRIBUTIONS}._log_diff": log_diff,
    f"{DISTRIBUTIONS}._log_gauss_mass": log_gauss_mass,
    **_named("truncnorm_gen", _logcdf=_truncnorm_log(False), _logsf=_truncnorm_log(True)),
    **_named("truncnorm_gen", _ppf=_truncnorm_quantile(False), _isf=_truncnorm_quantile(True)),
    **_named("kappa3_gen", _sf=kappa3_sf),
    **_named("betaprime_gen", _ppf=betaprime_ppf),
    **_named("invgauss_gen", _ppf=_invgauss_quantile(False), _isf=_invgauss_quantile(True)),
    **_named("skewnorm_gen", _cdf=skewnorm_cdf),
    **_named("erlang_gen", _argcheck=erlang_argcheck),
}
"""By dotted name, our function for a method of SciPy's distributions: the first argument is one of them."""
