"""SciPy's distributions, unchanged: every continuous one by all its methods, in all its arguments at once;
those of counts in their real parameters; and the limits that SciPy tells apart.

The value is SciPy's; the tangent that of differences; the pullback the tangent's; the second derivative that
of differences of the first; a batch one by one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats as st

import adjoint as ad
from adjoint.errors import AdjointError, DerivativeError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

METHODS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf")

CONTINUOUS: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("anglit", "arcsine", "cauchy", "cosine", "expon", "gibrat", "gumbel_l", "gumbel_r"), ()),
    **dict.fromkeys(("halfcauchy", "halflogistic", "halfnorm", "hypsecant", "landau", "laplace", "levy"), ()),
    **dict.fromkeys(("levy_l", "logistic", "maxwell", "moyal", "norm", "rayleigh", "semicircular"), ()),
    **dict.fromkeys(("uniform", "wald"), ()),
    "alpha": (3.57,),
    "argus": (1.1,),
    "bradford": (0.3,),
    "chi": (7.8,),
    "chi2": (5.5,),
    "dgamma": (1.1,),
    "dweibull": (2.07,),
    "erlang": (3.3,),
    "exponnorm": (1.5,),
    "exponpow": (2.7,),
    "fatiguelife": (2.9,),
    "fisk": (3.09,),
    "foldcauchy": (4.72,),
    "foldnorm": (1.95,),
    "gamma": (2.0,),
    "genextreme": (-0.1,),
    "genhalflogistic": (0.77,),
    "genlogistic": (0.41,),
    "gennorm": (1.3,),
    "genpareto": (0.1,),
    "gompertz": (0.95,),
    "halfgennorm": (0.67,),
    "invgamma": (4.07,),
    "invgauss": (0.15,),
    "invweibull": (10.6,),
    "kappa3": (1.0,),
    "laplace_asymmetric": (2.0,),
    "loggamma": (0.41,),
    "loglaplace": (3.25,),
    "lognorm": (0.95,),
    "lomax": (1.88,),
    "nakagami": (4.97,),
    "pareto": (2.62,),
    "pearson3": (-0.2,),
    "powerlaw": (1.66,),
    "powernorm": (4.45,),
    "rdist": (3.8,),
    "rice": (0.78,),
    "recipinvgauss": (0.63,),
    "skewcauchy": (0.5,),
    "skewnorm": (4.0,),
    "t": (2.74,),
    "triang": (0.16,),
    "truncexpon": (4.69,),
    "tukeylambda": (0.31,),
    "vonmises": (3.99,),
    "vonmises_line": (3.99,),
    "weibull_max": (2.87,),
    "weibull_min": (1.79,),
    "wrapcauchy": (0.031,),
    "beta": (2.31, 0.63),
    "betaprime": (5.0, 6.0),
    "burr": (10.5, 4.3),
    "burr12": (10.0, 4.0),
    "crystalball": (2.0, 3.0),
    "exponweib": (2.89, 1.95),
    "f": (29.0, 18.0),
    "gengamma": (4.42, 3.12),
    "geninvgauss": (2.3, 1.5),
    "jf_skew_t": (8.0, 4.0),
    "johnsonsb": (4.32, 3.18),
    "johnsonsu": (2.55, 2.25),
    "kappa4": (0.1, -0.1),
    "loguniform": (0.01, 1.25),
    "mielke": (10.4, 4.6),
    "ncx2": (21.0, 1.06),
    "nct": (14.0, 0.24),
    "norminvgauss": (1.25, 0.5),
    "powerlognorm": (2.14, 0.45),
    "rel_breitwigner": (36.5,),
    "trapezoid": (0.2, 0.8),
    "truncnorm": (-1.1, 2.7),
    "truncpareto": (1.8, 5.3),
    "genexpon": (9.1, 16.2, 3.28),
    "genhyperbolic": (0.5, 1.5, -0.5),
    "ncf": (27.0, 27.0, 0.42),
    "truncweibull_min": (2.5, 0.25, 1.75),
    "dpareto_lognorm": (3.0, 1.2, 1.5, 2.0),
}

DISCRETE: dict[str, tuple[Callable[..., Any], tuple[float, ...], float]] = {
    "bernoulli": (lambda d, p: d(p), (0.3,), 1),
    "betabinom": (lambda d, a, b: d(10, a, b), (2.3, 0.63), 4),
    "betanbinom": (lambda d, a, b: d(5, a, b), (9.3, 1.5), 2),
    "binom": (lambda d, p: d(5, p), (0.4,), 2),
    "boltzmann": (lambda d, rate: d(rate, 19), (1.4,), 2),
    "dlaplace": (lambda d, a: d(a), (0.8,), 1),
    "geom": (lambda d, p: d(p), (0.5,), 3),
    "logser": (lambda d, p: d(p), (0.6,), 2),
    "nbinom": (lambda d, n, p: d(n, p), (5.3, 0.5), 3),
    "planck": (lambda d, rate: d(rate), (0.51,), 1),
    "poisson": (lambda d, rate: d(rate), (0.6,), 2),
    "poisson_binom": (lambda d, p, q: d([p, 0.6, q]), (0.1, 0.7), 1),
    "skellam": (lambda d, a, b: d(a, b), (15.0, 8.0), 3),
    "yulesimon": (lambda d, a: d(a), (11.0,), 2),
    "zipf": (lambda d, a: d(a), (6.5,), 2),
    "zipfian": (lambda d, a: d(a, 10), (1.25,), 3),
}


def along(function: Callable[[Any], Any], at: Any, move: Any, step: float = 1e-3) -> Any:
    """The derivative along `move`, by differences of the sixth order."""

    def slope(h: float) -> Any:
        parts = [np.asarray(function(at + k * h * move)) for k in (-2, -1, 1, 2)]
        return (parts[0] - 8 * parts[1] + 8 * parts[2] - parts[3]) / (12 * h)

    return (16 * slope(step) - slope(2 * step)) / 15


def agrees(function: Callable[[Any], Any], at: Any, *, loose: float = 1.0) -> None:
    """The function of a vector is differentiated in every way."""
    rng = np.random.default_rng(3)
    move = rng.uniform(0.2, 1.0, at.size) * rng.choice([-1.0, 1.0], at.size) * np.clip(np.abs(at), 0.3, 1.0)
    want = function(at)
    value, gradient = ad.value_and_grad(function)(at)
    np.testing.assert_allclose(value, want, rtol=1e-11, err_msg="the value")
    value, tangent = ad.jvp(function, (at,), (move,))
    np.testing.assert_allclose(value, want, rtol=1e-11, err_msg="the value forward")
    size = float(np.sum(np.abs(gradient * move))) + 1e-300
    assert abs(tangent - gradient @ move) <= 1e-9 * size, "forward and reverse"
    assert abs(tangent - along(function, at, move)) <= 3e-7 * loose * max(size, abs(want)), "differences"
    rows = np.stack([at, at + 1e-3 * move])
    np.testing.assert_allclose(
        ad.vmap(function)(rows), [function(row) for row in rows], rtol=1e-10, err_msg="in a batch"
    )
    slope = ad.grad(function)
    bend = ad.jvp(slope, (at,), (move,))[1]
    found = along(slope, at, move)
    limit = 3e-6 * loose * max(float(np.max(np.abs(found))), float(np.max(np.abs(gradient))))
    np.testing.assert_allclose(bend, found, rtol=0, atol=limit, err_msg="the second derivative")


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous(name: str) -> None:
    distribution, shapes = getattr(st, name), CONTINUOUS[name]
    x = float(distribution.ppf(0.37, *shapes, loc=0.3, scale=1.7))
    for method in METHODS:
        function = getattr(distribution, method)
        at = np.array([0.37 if method in ("ppf", "isf") else x, *shapes, 0.3, 1.7])
        agrees(lambda p, function=function: function(p[0], *(p[k] for k in range(1, p.size))), at)


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete(name: str) -> None:
    apply, parameters, k = DISCRETE[name]
    distribution = getattr(st, name)
    for method in ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf"):
        if name == "bernoulli" and method.endswith("sf"):
            continue  # (it is 0)
        function = getattr(distribution, method)
        agrees(
            lambda p, function=function: apply(lambda *a: function(k, *a), *(v for v in p)),
            np.array(parameters),
        )


LIMITS = (
    *(("genextreme", (0.0,), 0.7), ("genpareto", (0.0,), 0.7), ("skewnorm", (0.0,), 0.7)),
    *(("tukeylambda", (0.0,), 0.7), ("kappa4", (0.0, 0.1), 0.7)),
    *(
        ("kappa4", (0.1, 0.0), 0.7),
        ("gamma", (1.0,), 0.7),
        ("weibull_min", (1.0,), 0.7),
        ("beta", (1.0, 1.0), 0.4),
    ),
    *(
        ("norm", (), 0.0),
        ("t", (2.0,), 0.0),
        ("t", (1e6,), 0.7),
        ("gennorm", (2.0,), 0.3),
        ("nct", (4.0, 0.0), 0.7),
    ),
    *(("truncnorm", (5.0, 9.0), 5.3), ("truncnorm", (-9.0, -5.0), -5.3), ("rice", (8.0,), 7.0)),
    *(
        ("nct", (4.0, 3.0), 12.7),
        ("ncx2", (3.0, 20.0), 1.7),
        ("ncx2", (1.0, 3.0), 30.0),
        ("landau", (), 30.0),
    ),
)
"""Where a formula changes, and far out."""


@pytest.mark.parametrize(("name", "shapes", "x"), LIMITS)
def test_limits(name: str, shapes: tuple[float, ...], x: float) -> None:
    for method in METHODS:
        function = getattr(getattr(st, name), method)
        at = np.array([0.31 if method in ("ppf", "isf") else x, *shapes])
        agrees(lambda p, function=function: function(p[0], *(p[k] for k in range(1, p.size))), at, loose=3.0)


def test_around_no_skewness() -> None:
    """By Edgeworth's and Cornish and Fisher's expansions: SciPy's own values subtract large numbers there."""
    x, q = 0.7, 0.31
    z, density = st.norm.ppf(q), st.norm.pdf(x)
    third, second = x**3 - 3 * x, (x**6 - 15 * x**4 + 45 * x**2 - 15) / 72 + (x**4 - 6 * x**2 + 3) / 16
    slopes = {
        "logpdf": third / 6,
        "pdf": density * third / 6,
        "cdf": -density * (x * x - 1) / 6,
        "sf": density * (x * x - 1) / 6,
        "ppf": (z * z - 1) / 6,
    }
    for method, slope in slopes.items():
        f = getattr(st.pearson3, method)
        at = q if method == "ppf" else x
        assert ad.grad(lambda skew, f=f, at=at: f(at, skew))(0.0) == pytest.approx(slope, rel=1e-12)
    bend = ad.grad(ad.grad(lambda skew: st.pearson3.pdf(x, skew)))(0.0)
    assert bend == pytest.approx(2 * density * second, rel=1e-12)


def test_one_sided_limits() -> None:
    """A parameter at the end of its range has the slope that holds inside."""
    assert ad.grad(lambda b: st.rice.logpdf(0.7, b))(0.0) == 0.0
    np.testing.assert_allclose(ad.grad(lambda k: st.vonmises.logpdf(0.7, k))(0.0), np.cos(0.7), rtol=1e-14)
    for method in ("pdf", "cdf", "sf", "logpdf", "ppf", "isf"):
        x = 0.3 if method in ("ppf", "isf") else 1.7
        found = ad.grad(lambda c, x=x, method=method: getattr(st.ncx2, method)(x, 3.0, c))(0.0)
        ahead = [getattr(st.ncx2, method)(x, 3.0, k * 1e-3) for k in range(4)]
        want = (-11 * ahead[0] + 18 * ahead[1] - 9 * ahead[2] + 2 * ahead[3]) / 6e-3
        np.testing.assert_allclose(found, want, rtol=1e-6, err_msg=method)


def test_outside_of_the_support() -> None:
    """The density is zero there, its logarithm -inf, and neither moves."""
    for name, shapes, x in (
        ("gamma", (2.0,), -1.0),
        ("beta", (2.0, 3.0), 1.5),
        ("expon", (), -0.5),
        ("uniform", (), 2.0),
    ):
        distribution = getattr(st, name)
        for method, value in (("pdf", 0.0), ("logpdf", -np.inf)):
            f = getattr(distribution, method)
            found, slopes = ad.value_and_grad(lambda p, f=f: f(p[0], *(v for v in p[1:])))(
                np.array([x, *shapes])
            )
            assert found == value
            np.testing.assert_array_equal(slopes, np.zeros(1 + len(shapes)))
    values = np.array([-1.0, 0.5, 2.0])
    gradient = ad.grad(lambda v: np.sum(st.gamma.pdf(v, 2.5)))(values)
    assert gradient[0] == 0.0
    assert np.all(gradient[1:] != 0.0)


def test_on_the_bound_of_the_support() -> None:
    """The slopes from inside."""
    np.testing.assert_allclose(ad.grad(lambda x: st.gamma.pdf(x, 3.0))(0.0), 0.0)
    np.testing.assert_allclose(ad.grad(lambda x: st.expon.logpdf(x))(0.0), -1.0)
    np.testing.assert_allclose(ad.grad(lambda p: st.binom.pmf(0, 3, p))(0.0), -3.0)
    np.testing.assert_allclose(ad.grad(lambda p: st.binom.pmf(1, 3, p))(0.0), 3.0)
    np.testing.assert_allclose(ad.grad(lambda p: st.binom.pmf(3, 3, p))(1.0), 3.0)
    np.testing.assert_allclose(ad.grad(lambda p: st.nbinom.pmf(1, 2.5, p))(1.0), -2.5)


def test_arrays_of_arguments() -> None:
    data = np.array([[-0.5, 0.3, 2.0], [1.5, -2.0, 0.1]])

    def loss(place: Any, width: Any) -> Any:
        return -np.sum(st.norm.logpdf(data, loc=place, scale=width))

    place, width = np.array([0.1, 0.2, 0.3]), np.array([[1.2], [0.8]])
    in_place, in_width = ad.grad(loss, (0, 1))(place, width)
    z = (data - place) / width
    np.testing.assert_allclose(in_place, np.sum(-z / width, axis=0), rtol=1e-13)
    np.testing.assert_allclose(in_width, np.sum((1 - z * z) / width, axis=1, keepdims=True), rtol=1e-13)


def test_a_distribution_of_ones_own() -> None:
    """Its quantile is found by SciPy's search, its probability by SciPy's integral: both have slopes."""

    class Hat(st.rv_continuous):
        def _pdf(self, x: Any, rate: Any) -> Any:
            return rate * np.exp(-rate * x)

    hat = Hat(a=0.0, name="hat")
    rate, q = 1.3, 0.4
    assert ad.grad(lambda r: hat.pdf(0.7, r))(rate) == pytest.approx((1 - rate * 0.7) * np.exp(-rate * 0.7))
    assert ad.grad(lambda r: hat.cdf(0.7, r))(rate) == pytest.approx(0.7 * np.exp(-rate * 0.7))
    assert ad.grad(lambda r: hat.ppf(q, r))(rate) == pytest.approx(np.log(1 - q) / rate**2)


def test_draws_move_with_place_and_scale() -> None:
    def draw(place: Any, width: Any) -> Any:
        return np.sum(st.gamma.rvs(2.0, loc=place, scale=width, size=4, random_state=7))

    value, slopes = ad.value_and_grad(draw, (0, 1))(0.5, 1.5)
    assert value == pytest.approx(draw(0.5, 1.5))
    assert slopes == pytest.approx((4.0, (draw(0.5, 1.5) - 2.0) / 1.5))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda a: np.sum(st.gamma.rvs(a, size=3, random_state=1)), "ppf"),
        (lambda a: st.gamma.fit(np.array([0.5, 1.0, 2.0]) * a)[0], "logpdf"),
        (lambda a: st.boxcox_normmax(np.array([0.5, 1.0, 2.0, 2.2]) * a), "lmbda"),
    ],
)
def test_refused_with_a_way_out(function: Any, words: str) -> None:
    with pytest.raises(DerivativeError, match=words):
        ad.grad(function)(1.5)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: st.studentized_range.cdf(a, 3.0, 10.0),
        lambda a: st.levy_stable.pdf(a, 1.5, 0.2),
        lambda a: st.gausshyper.pdf(0.6, a, 3.0, 2.0, 5.0),
    ],
)
def test_never_in_silence(function: Any) -> None:
    with pytest.raises((AdjointError, AttributeError)):
        ad.grad(function)(1.5)
