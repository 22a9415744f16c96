"""SciPy's special functions on traced arrays: SciPy's values, shapes and dtypes in every trace, slopes right
to rounding, edges as promised, and a reason where there is no derivative.
"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special as sp

import adjoint
from adjoint.array.scipy.special import TABLE
from adjoint.array.special import RULES, rule_of
from adjoint.core.primitive import NoDerivative, Primitive
from adjoint.errors import DerivativeError
from adjoint.follow.converter import CONVERTER
from adjoint.primitives import ALL

from .special_slopes import SLOPES

INF, NAN = np.inf, np.nan
PRIMITIVES = {p.name: p for p in ALL}
FUNCTIONS = {name.rpartition(".")[2]: function for name, function in TABLE.items()}

RENAMED = {"expit": "logistic", "round": "rint", "iv": "real_iv", "kv": "real_kv", "kve": "real_kve"}
TUPLED = ("_lambertw", "radian", "pbdv", "pbvv")
COMPOSED = {"_kolmogp", "_beta_pdf", "_beta_ppf", "_gen_harmonic", "_normalized_gen_harmonic"}
"""Those that are another primitive, with its operands in another order."""

NAMES = sorted(set(RULES) - set(TUPLED) - COMPOSED - {"expm1", "log1p", "exp2", "cbrt", "round", "expit"})
ORDERS_ARE_WHOLE = {
    *(n for n in NAMES if n.startswith(("eval_", "_spherical"))),
    *("yn", "kn", "expn", "bdtr", "bdtrc", "nbdtr", "nbdtrc", "bdtri", "nbdtri", "pdtri"),
}


def primitive_of(name: str) -> Primitive:
    name = RENAMED.get(name, name)
    return PRIMITIVES.get(name) or PRIMITIVES[name.removeprefix("_")]


def scipys(name: str) -> Any:
    return getattr(sp, name, None) if name[0] != "_" else getattr(sp._ufuncs, name)


def point(name: str, dtype: Any, shape: tuple[int, ...]) -> list[Any]:
    """Operands inside of the primitive's domain."""
    rng = np.random.default_rng(5)
    found: list[Any] = []
    for k, interval in enumerate(primitive_of(name).domain.operands):  # type: ignore[union-attr]
        margin = 0.1 * (interval.high - interval.low)
        values = rng.uniform(interval.low + margin, interval.high - margin, shape)
        last = k + 1 == len(primitive_of(name).domain.operands)  # type: ignore[union-attr]
        if np.dtype(dtype).kind == "c" and last:
            values = values + 0.3j
        found.append(np.asarray(values).astype(dtype if last else np.dtype(dtype).type(0).real.dtype))
    return found


COARSE = {"ncfdtr", "ncfdtri", "btdtrib"}
"""SciPy's own float32 values of these are far from rounding; ours are its float64 ones, rounded."""


def moving(name: str) -> list[int]:
    rules = primitive_of(name).jvp
    return [i for i, rule in enumerate(rules) if not isinstance(rule, NoDerivative)]


def split(function: Callable[..., Any], args: list[Any], places: list[int]) -> tuple[Any, tuple[Any, ...]]:
    """The function of some of its operands, and these."""

    def inner(*given: Any) -> Any:
        full = list(args)
        for place, value in zip(places, given, strict=True):
            full[place] = value
        return function(*full)

    return inner, tuple(args[i] for i in places)


def listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple | list) else [value]


def same(got: Any, want: Any, what: str) -> None:
    assert len(listed(got)) == len(listed(want)), what
    for g, w in zip(map(np.asarray, listed(got)), map(np.asarray, listed(want)), strict=True):
        assert (g.shape, g.dtype) == (w.shape, w.dtype), f"{what}: {g.dtype}{g.shape} for {w.dtype}{w.shape}"
        np.testing.assert_allclose(g, w, rtol=64 * np.finfo(w.dtype).eps, atol=1e-300, err_msg=what)


def whole(name: str, args: list[Any]) -> list[Any]:
    """Operands that are whole numbers as integers, as users write them."""
    if name not in ORDERS_ARE_WHOLE:
        return args
    count = 2 if "bdtr" in name else 1
    return [np.rint(a).astype(np.int64) if k < count else a for k, a in enumerate(args)]


# --- the table -----------------------------------------------------------------------------------


def test_every_rule_is_for_a_ufunc_of_scipys() -> None:
    for name in RULES:
        ufunc = scipys(name)
        assert isinstance(ufunc, np.ufunc), name
        assert rule_of(ufunc) is RULES[name]
    assert rule_of(sp.digamma) is rule_of(sp.psi)
    assert rule_of(sp.jn) is rule_of(sp.jv)
    assert rule_of(np.frompyfunc(abs, 1, 1)) is None


def test_scipy_is_imported_when_it_is_used() -> None:
    code = "import sys, adjoint; assert not any(m.startswith('scipy') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_shapes_and_dtypes_are_scipys(name: str) -> None:
    ufunc, claimed = scipys(name), primitive_of(name).domain.dtypes
    for dtype in claimed:
        if not any(np.dtype(dtype).char in loop for loop in ufunc.types):
            continue
        for shape in ((2, 3), ()):
            args = whole(name, [a[()] for a in point(name, dtype, shape)])
            want = ufunc(*args)
            if name in COARSE:
                want = ufunc(*(a.astype(np.float64) for a in args)).astype(want.dtype)
            inner, given = split(ufunc, args, moving(name))
            if given:
                same(adjoint.vjp(inner, *given)[0], want, f"{name} of {dtype} on a tape")
                same(adjoint.jvp(inner, given, given)[0], want, f"{name} of {dtype} forward")
            same(adjoint.trace(ufunc)(*args)(*args), want, f"{name} of {dtype} staged")
            if shape:
                same(adjoint.vmap(ufunc)(*args), want, f"{name} of {dtype} in a batch")


@pytest.mark.parametrize("name", [n for n in NAMES if len(moving(n)) > 0])
@pytest.mark.filterwarnings("ignore:non-integer arg:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_operands_are_promoted_and_broadcast_as_by_scipy(name: str) -> None:
    ufunc = scipys(name)
    if "float64" not in primitive_of(name).domain.dtypes:
        return
    args = whole(name, point(name, "float64", (3,)))
    last = len(args) - 1
    mixtures = [[*args[:-1], float(args[-1][0])]]
    if last and name not in ("bdtr", "bdtrc"):  # SciPy itself warns of these with floating numbers
        mixtures += [
            [*args[:-1], args[-1][0].astype(np.float32)],
            [*(a[0].item() for a in args[:-1]), args[-1]],
            [*(a[0].item() for a in args[:-1]), args[-1].astype(np.float32)],
            [*args[:-1], args[-1][:, None]],
        ]
    for given in mixtures:
        want = ufunc(*given)
        places = [last] if last in moving(name) else moving(name)[:1]
        inner, free = split(ufunc, given, places)
        what = f"{name} of {[getattr(a, 'dtype', type(a)) for a in given]}"
        value, pull = adjoint.vjp(inner, *free)
        same(value, want, what)
        same(adjoint.jvp(inner, free, free)[0], want, what)
        ones = tuple(np.ones_like(v) for v in listed(value))
        (found,) = pull(ones if isinstance(value, tuple) else ones[0])
        assert np.asarray(found).dtype == np.asarray(free[0]).dtype, what
        assert np.shape(found) == np.shape(free[0]), what


@pytest.mark.parametrize("dtype", ["int8", "int64", "bool", "float16"])
def test_other_dtypes_are_widened_as_by_scipy(dtype: str) -> None:
    x = np.array([1, 0, 1]).astype(dtype)
    for ufunc in (sp.erf, sp.gammaln, sp.ndtri, sp.entr, sp.j0, sp.ellipk):
        with np.errstate(all="ignore"):
            same(adjoint.trace(ufunc)(x)(x), ufunc(x), f"{ufunc.__name__} of {dtype}")
    if dtype == "float16":
        assert adjoint.grad(lambda v: np.sum(sp.erf(v)))(x).dtype == np.float16


# --- slopes --------------------------------------------------------------------------------------

ROUGH = {
    "betaln": (4e-13, 1e-12),
    "stdtr": (1e-8, 1e-9),
    "i0e": (1e-12, 1e-9),
    "i1e": (1e-12, 1e-9),
    "k0e": (1e-12, 1e-9),
    "k1e": (1e-12, 1e-9),
    "gammainc": (1e-13, 2e-11),
    "hyperu": (1e-12, 1e-11),
}
"""Where like terms are subtracted, or SciPy's own function has lost digits."""


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_slopes_are_accurate(name: str) -> None:
    """To order 2, in the tails and close to where a formula is nought by nought; forward is reverse."""
    plain, _, part = name.partition(" ")
    first_rough, second_rough = ROUGH.get(plain, (4e-14, 4e-13))
    for args, index, first, second in SLOPES[name]:
        given = [int(a) if k == 0 and plain.startswith("eval_") else a for k, a in enumerate(args)]

        def function(x: Any, given: Any = given, index: int = index) -> Any:
            full = [*given[:index], x, *given[index + 1 :]]
            if plain == "polygamma":
                return FUNCTIONS[plain](int(part), x)
            out = getattr(sp, plain)(*full)
            return out[int(part)] if part else out

        def slope(x: Any, function: Any = function) -> Any:
            return adjoint.jvp(function, (x,), (1.0,))[1]

        x, what = args[index], f"{name} at {args}, operand {index}"
        np.testing.assert_allclose(adjoint.grad(function)(x), first, rtol=first_rough, err_msg=what)
        np.testing.assert_allclose(slope(x), first, rtol=first_rough, err_msg=what)
        np.testing.assert_allclose(
            adjoint.grad(adjoint.grad(function))(x), second, rtol=second_rough, atol=1e-300, err_msg=what
        )
        np.testing.assert_allclose(
            adjoint.jvp(slope, (x,), (1.0,))[1], second, rtol=second_rough, atol=1e-300, err_msg=what
        )


# --- edges ---------------------------------------------------------------------------------------

EDGES: list[tuple[Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = [
    (sp.xlogy, (0.0, 0.0), (-INF, 0.0)),
    (sp.xlogy, (0.0, 2.0), (np.log(2.0), 0.0)),
    (sp.xlog1py, (0.0, -1.0), (-INF, 0.0)),
    (sp.entr, (0.0,), (INF,)),
    (sp.entr, (-0.0,), (INF,)),
    (sp.entr, (-1.0,), (NAN,)),
    (sp.rel_entr, (0.0, 1.0), (-INF, 0.0)),
    (sp.kl_div, (0.0, 1.0), (-INF, 1.0)),
    (sp.kl_div, (0.0, 0.0), (-INF, 1.0)),
    (sp.logit, (0.0,), (INF,)),
    (sp.logit, (-0.0,), (INF,)),
    (sp.logit, (1.0,), (INF,)),
    (sp.ndtri, (0.0,), (INF,)),
    (sp.ndtri, (1.0,), (INF,)),
    (sp.erfinv, (-1.0,), (INF,)),
    (sp.erfcinv, (0.0,), (-INF,)),
    (sp.rgamma, (-2.0,), (2.0,)),
    (sp.exprel, (0.0,), (0.5,)),
    (sp.spence, (1.0,), (-1.0,)),
    (sp.boxcox, (0.0, 2.0), (0.0, 0.25)),
    (sp.huber, (1.0, 1.0), (0.0, 1.0)),
    (sp.huber, (1.0, 0.0), (0.0, 0.0)),
    (sp.i0e, (0.0,), (0.0,)),
    (sp.y0, (0.0,), (INF,)),
    (sp.k1, (0.0,), (-INF,)),
    (sp.ellipe, (1.0,), (-INF,)),
    (sp.gammainc, (1.0, 0.0), (0.0, 1.0)),
    (sp.poch, (-0.0, 2.0), (1.0, 0.0)),
]


@pytest.mark.parametrize(("function", "at", "slopes"), EDGES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_edges(function: Any, at: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    found = adjoint.grad(function, tuple(range(len(at))))(*at)
    np.testing.assert_allclose(found, slopes, rtol=1e-14)
    for i, slope in enumerate(slopes):
        ones = [float(i == k) for k in range(len(at))]
        np.testing.assert_allclose(adjoint.jvp(function, at, ones)[1], slope, rtol=1e-14)


def test_masked_entropy_is_safe() -> None:
    p = np.array([0.0, 0.5, 0.5])
    found = adjoint.grad(lambda p: np.sum(np.where(p > 0, sp.entr(p), 0.0)))(p)
    np.testing.assert_allclose(found, [0.0, np.log(2.0) - 1.0, np.log(2.0) - 1.0])


# --- complex numbers -----------------------------------------------------------------------------


HOLOMORPHIC = [
    name
    for name in NAMES
    if any("D" in loop for loop in scipys(name).types)
    and "complex128" in primitive_of(name).domain.dtypes
    and len(moving(name)) == 1
]


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_holomorphic_slopes_by_a_step_in_either_direction(name: str) -> None:
    args = point(name, "complex128", (3,))
    function, (z,) = split(scipys(name), args, moving(name))

    def first(z: Any) -> Any:
        return listed(function(z))[0]

    found = adjoint.vjp(first, z)[1](np.ones(3, complex))[0]
    for h in (1e-5, 1e-5j):
        np.testing.assert_allclose(found, (first(z + h) - first(z - h)) / (2 * h), rtol=1e-8)


def test_lambertw() -> None:
    for branch in (0, -1, 3):
        z = np.array([0.4 + 0.2j, -1.0 + 2.0j])
        found = adjoint.vjp(lambda z, k=branch: sp.lambertw(z, k), z)[1](np.ones(2, complex))[0]
        w = sp.lambertw(z, branch)
        np.testing.assert_allclose(found, w / (z * (1 + w)), rtol=1e-13)
    assert adjoint.grad(lambda x: np.real(sp.lambertw(x)))(0.0) == 1.0
    with pytest.raises(DerivativeError, match="one branch"):
        adjoint.grad(lambda x: np.sum(np.real(sp.lambertw(x, np.array([0, 1])))))(1.0)


def test_radian() -> None:
    found = adjoint.grad(sp.radian, (0, 1, 2))(10.0, 20.0, 30.0)
    np.testing.assert_allclose(found, np.pi / 180 * np.array([1.0, 1 / 60, 1 / 3600]))


# --- what has no derivative ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda v: sp.jv(v, 2.0), "order"),
        (lambda v: sp.hyp2f1(v, 1.0, 2.0, 0.3), "parameters"),
        (lambda v: sp.struve(v, 2.0), "order"),
        (lambda v: sp.eval_legendre(v, 0.5), "degree"),
        (lambda v: sp.pdtr(v, 2.0), "count"),
        (lambda v: sp.mathieu_a(1, v), "mathieu_a"),
        (lambda v: np.real(sp.elliprf(v + 0j, 1.0, 2.0)), "complex128"),
        (lambda v: sp.erf(np.longdouble(1) * v), "not supported"),
    ],
)
def test_what_has_no_derivative_says_why(call: Any, says: str) -> None:
    with pytest.raises((DerivativeError, TypeError), match=says):
        adjoint.grad(call)(1.5)


# --- SciPy's Python functions --------------------------------------------------------------------


def test_python_functions_are_found() -> None:
    for name in FUNCTIONS:
        found = CONVERTER.rules.find(getattr(sp, name))
        assert found is not None
    assert CONVERTER.rules.find(sp.diric) is None


def close_to_differences(ours: Any, scipys: Any, *args: Any) -> None:
    """The value is SciPy's; the slopes in every argument are its differences; forward is reverse."""
    np.testing.assert_allclose(ours(*args), scipys(*args), rtol=1e-13)
    every = tuple(range(len(args)))
    found = adjoint.grad(lambda *a: np.sum(ours(*a) ** 2), every)(*args)
    rng = np.random.default_rng(2)
    moves = [rng.normal(size=np.shape(a)) for a in args]
    h = 1e-5
    ends = [np.sum(scipys(*(a + s * h * m for a, m in zip(args, moves, strict=True))) ** 2) for s in (1, -1)]
    tangent = adjoint.jvp(lambda *a: np.sum(ours(*a) ** 2), args, moves)[1]
    np.testing.assert_allclose(tangent, (ends[0] - ends[1]) / (2 * h), rtol=1e-7)
    np.testing.assert_allclose(
        sum(np.sum(g * m) for g, m in zip(found, moves, strict=True)), tangent, rtol=1e-11
    )


X = np.array([[0.3, 1.2, 2.0], [1.7, 0.4, 0.9]])


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp(axis: Any, keepdims: bool) -> None:
    ours, theirs = FUNCTIONS["logsumexp"], sp.logsumexp
    for options in ({}, {"b": np.array([1.0, 0.5, 2.0])}):
        close_to_differences(
            lambda x, o=options: ours(x, axis, keepdims=keepdims, **o),
            lambda x, o=options: theirs(x, axis, keepdims=keepdims, **o),
            X,
        )
    close_to_differences(lambda x, b: ours(x, axis, b), lambda x, b: theirs(x, axis, b), X, X[::-1] + 0.1)
    signs = np.array([-1.0, 2.0, -3.0])
    for got, want in zip(
        ours(X, axis, signs, keepdims, return_sign=True),
        theirs(X, axis, signs, keepdims, return_sign=True),
        strict=True,
    ):
        np.testing.assert_allclose(got, want, rtol=1e-14)


def test_logsumexp_at_infinity() -> None:
    ours = FUNCTIONS["logsumexp"]
    for row, want in (
        ([-INF, 0.0, 0.0], [0.0, 0.5, 0.5]),
        ([-INF, -INF, -INF], [0.0, 0.0, 0.0]),
        ([0.0, INF, 1.0], [0.0, 1.0, 0.0]),
    ):
        np.testing.assert_array_equal(adjoint.grad(ours)(np.array(row)), want)
    found = adjoint.grad(lambda x: ours(x, b=np.array([0.0, 1.0, 1.0])))(np.array([INF, 700.0, 700.0]))
    np.testing.assert_array_equal(found, [0.0, 0.5, 0.5])


def test_scipys_own_import_reaches_them() -> None:
    x = np.array([0.0, INF, 1.0])
    np.testing.assert_array_equal(adjoint.grad(lambda x: sp.logsumexp(x))(x), [0.0, 1.0, 0.0])
    z = np.array([0.5, 1.5])
    for function in (
        lambda z: sp.softmax(z),
        lambda z: sp.spherical_jn(2, z),
        lambda z: sp.polygamma(1, z),
        lambda z: sp.multigammaln(z + 1.0, 2),
        lambda z: sp.comb(z + 2.0, z),
    ):
        np.testing.assert_allclose(adjoint.vmap(function)(np.stack([z, z]))[1], function(z), rtol=1e-14)
    assert adjoint.grad(lambda x: x * sp.comb(5, 2, exact=True))(1.0) == 10.0


def test_outer() -> None:
    found = adjoint.vjp(lambda x: sp.jv.outer([1.0, 2.0], x), X[0])
    np.testing.assert_allclose(found[0], sp.jv.outer([1.0, 2.0], X[0]))
    np.testing.assert_allclose(found[1](np.ones((2, 3)))[0], sp.jvp(1, X[0]) + sp.jvp(2, X[0]))


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_softmax(axis: Any) -> None:
    for name in ("softmax", "log_softmax"):
        ours, theirs = FUNCTIONS[name], getattr(sp, name)
        close_to_differences(
            lambda x, f=ours: f(x, axis) * X[::-1], lambda x, f=theirs: f(x, axis) * X[::-1], X
        )
    row = np.full(3, -INF)
    with np.errstate(invalid="ignore"):
        assert np.isnan(adjoint.vjp(FUNCTIONS["softmax"], row)[1](np.ones(3))[0]).all()


@pytest.mark.parametrize(
    ("name", "args", "fixed"),
    [
        ("polygamma", (X,), (2,)),
        ("polygamma", (X,), (0,)),
        ("multigammaln", (X + 2.0,), ()),
        ("factorial", (X,), ()),
        ("comb", (X + 5.0, X), ()),
        ("perm", (X + 5.0, X), ()),
        ("spherical_jn", (X,), (2,)),
        ("spherical_yn", (X,), (0,)),
        ("spherical_in", (X,), (1,)),
        ("spherical_kn", (X,), (2,)),
    ],
)
def test_other_python_functions(name: str, args: Any, fixed: Any) -> None:
    last = (3,) if name == "multigammaln" else ()
    ours, theirs = (lambda *a, f=f: f(*fixed, *a, *last) for f in (FUNCTIONS[name], getattr(sp, name)))
    close_to_differences(ours, theirs, *args)


def test_spherical_derivatives() -> None:
    for name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"):
        for n in (0, 1, 3):
            got = FUNCTIONS[name](n, X, derivative=True)
            np.testing.assert_allclose(got, getattr(sp, name)(n, X, derivative=True), rtol=1e-12)


def test_statistics_differentiate() -> None:
    """The score of a gamma density, and the mean and spread of a normal quantile."""
    x = np.array([0.5, 1.5, 4.0])
    found = adjoint.grad(lambda a: np.sum(sp.xlogy(a - 1.0, x) - x - sp.gammaln(a)))(2.5)
    np.testing.assert_allclose(found, np.sum(np.log(x)) - 3 * sp.digamma(2.5), rtol=1e-14)
    slope = adjoint.grad(lambda a: sp.gammaincinv(a, 0.3))(2.5)
    h = 1e-5
    np.testing.assert_allclose(
        slope, (sp.gammaincinv(2.5 + h, 0.3) - sp.gammaincinv(2.5 - h, 0.3)) / (2 * h), rtol=1e-8
    )
