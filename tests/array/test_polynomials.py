"""Polynomials by their coefficients: NumPy's functions, with NumPy's values and exact derivatives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import ShapeError

from .agreeing import agrees, draw

P, Q = draw(5), draw(3, seed=1)
PLACES = np.array([-2.1, -1.2, -0.4, 0.5, 1.4, 2.3])
VALUES = draw(6, seed=2)


@pytest.mark.parametrize(
    "function",
    [
        np.polyadd,
        np.polysub,
        np.polymul,
        lambda p, q: np.polyval(p, q),
        lambda p, q: np.polyval(q, p.reshape(5, 1)),
        lambda p, q: np.polyint(p, 2, k=q[:2]),
        lambda p, q: np.polyint(p, 3, k=q),
        lambda p, q: np.polyint(p, 2, k=q[0]),
        lambda p, q: np.polydiv(p, q + np.array([5.0, 0.0, 0.0])),
        lambda p, q: np.polydiv(q, p)[1],
    ],
)
def test_functions_of_two_polynomials(function: Callable[..., Any]) -> None:
    agrees(function, P, Q, second=True)


@pytest.mark.parametrize(
    "function",
    [
        np.polyder,
        lambda p: np.polyder(p, 3),
        lambda p: np.polyder(p, 0),
        np.polyint,
        lambda p: np.polyint(p, 2),
        lambda p: np.polyadd(2.0, p),
        lambda p: np.polysub(p, [1, 2, 3, 4, 5, 6, 7]),
        np.vander,
        lambda p: np.vander(p, 3, increasing=True),
        lambda p: np.vander(p, 1),
        np.poly,
    ],
)
def test_functions_of_one_polynomial(function: Callable[..., Any]) -> None:
    agrees(function, P, second=True)


def test_leading_zeros_are_dropped_where_numpy_drops_them() -> None:
    agrees(
        lambda q: np.polymul(np.concatenate([[0.0, 0.0], q]), [0.0, 1.0, 2.0]), Q, stage=False, batch=False
    )
    agrees(lambda q: np.polymul([0.0, 0.0], q), Q)
    agrees(lambda q: np.polydiv(np.convolve(q, [1.0, 2.0]), [1.0, 2.0]), Q, stage=False, batch=False)


def test_complex_coefficients() -> None:
    p, q = draw(5, dtype=np.complex128), draw(3, seed=1, dtype=np.complex128)
    for function in (np.polymul, np.polyadd, np.polyval):
        agrees(function, p, q)
    agrees(lambda u, v: np.polydiv(u, v * [4.0, 1.0, 1.0]), p, q)
    agrees(np.poly, q)
    agrees(np.polyder, p)
    agrees(np.polyint, p)


def test_poly_of_conjugate_roots_is_real() -> None:
    roots = np.array([1 + 2j, 1 - 2j, 3.0])
    found, _ = ad.jvp(np.poly, (roots,), (np.ones(3, complex),))
    np.testing.assert_allclose(found, np.poly(roots))
    assert found.dtype == np.float64


# --- roots ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "p",
    [
        np.array([1.0, -2.0, -41.0, 42.0]),
        np.array([2.0, 0.5, 3.0, 1.0]),
        np.array([2.0, 0.3j, 3.0, 1.0]),
        np.array([3.0, 1.5]),
    ],
)
def test_roots_that_are_simple(p: Any) -> None:
    agrees(np.roots, p, second=not np.iscomplexobj(p) and p.size < 4, batch=False, stage=False)
    if p.dtype == np.float64 and np.isrealobj(np.roots(p)):

        def squares(c: Any) -> Any:
            return np.sum(np.roots(c) ** 2)  # (c1² - 2 c0 c2) / c0²

        np.testing.assert_allclose(ad.grad(squares)(p), _slope_of_squares(p), rtol=1e-9, atol=1e-12)


def _slope_of_squares(p: Any) -> Any:
    if p.size == 2:
        return np.array([-2 * p[1] ** 2 / p[0] ** 3, 2 * p[1] / p[0] ** 2])
    return np.array(
        [
            -2 * p[1] ** 2 / p[0] ** 3 + 2 * p[2] / p[0] ** 2,
            2 * p[1] / p[0] ** 2,
            -2 / p[0],
            *[0.0] * (p.size - 3),
        ]
    )


def test_a_root_at_zero_moves_with_the_last_coefficient() -> None:
    p = np.array([1.0, -3.0, 2.0, 0.0])  # x (x - 1) (x - 2)
    found = ad.jacrev(np.roots)(p)
    order = np.argsort(np.roots(p))
    np.testing.assert_allclose(found[order][:, -1], [-1 / 2, 1.0, -1 / 2], atol=1e-12)
    np.testing.assert_allclose(ad.jacfwd(np.roots)(p), found, atol=1e-12)


def test_roots_without_leading_zeros() -> None:
    p = np.array([0.0, 0.0, 1.0, -5.0, 6.0])
    found = ad.jacrev(np.roots)(p)
    np.testing.assert_array_equal(found[:, :2], 0.0)
    np.testing.assert_allclose(found[:, 2:], ad.jacrev(np.roots)(p[2:]))
    assert ad.vjp(np.roots, np.zeros(3))[0].shape == (0,)


def test_roots_of_many_polynomials_are_complex() -> None:
    p = np.array([[1.0, -5.0, 6.0], [1.0, 0.0, 4.0]])
    np.testing.assert_allclose(ad.vmap(np.roots)(p), [np.roots(row) for row in p])
    with pytest.raises(ShapeError, match="leading coefficient"):
        ad.vmap(np.roots)(np.array([[0.0, 1.0, 2.0]]))


def test_a_double_root_has_no_derivative() -> None:
    assert not np.isfinite(ad.jacrev(np.roots)(np.array([1.0, 0.0, 0.0]))[:, -1]).any()


def test_second_derivative_of_a_root() -> None:
    def larger(c: Any) -> Any:
        return np.max(np.roots(np.array([1.0, c[0], c[1]])))

    b, c = -5.0, 4.0  # (-b + sqrt(b² - 4c)) / 2
    d = np.sqrt(b * b - 4 * c)
    want = np.array([[0.5 / d - 0.5 * b * b / d**3, b / d**3], [b / d**3, -2 / d**3]])
    np.testing.assert_allclose(ad.hessian(larger)(np.array([b, c])), want, rtol=1e-9)


# --- the characteristic polynomial ---------------------------------------------------------------


def test_poly_of_a_matrix() -> None:
    agrees(np.poly, draw(3, 3), second=True, batch=False, stage=False)
    agrees(np.poly, draw(1, 1), second=True)
    agrees(np.poly, draw(2, 2, dtype=np.complex128))


def test_poly_of_a_matrix_with_equal_eigenvalues() -> None:
    slope = ad.jacrev(np.poly)(2 * np.eye(3))
    np.testing.assert_allclose(slope[1], -np.eye(3), atol=1e-12)  # -trace
    np.testing.assert_allclose(slope[3], -4 * np.eye(3), atol=1e-12)  # -det


def test_poly_refuses_what_numpy_refuses() -> None:
    with pytest.raises(ValueError, match="1d or non-empty square"):
        ad.grad(lambda x: np.sum(np.poly(x)))(np.ones((2, 3)))


# --- least squares -------------------------------------------------------------------------------


@pytest.mark.parametrize("w", [None, np.array([1.0, 2.0, 1.0, 0.5, 1.0, 2.0])])
@pytest.mark.parametrize(
    "function",
    [
        lambda x, y, w: np.polyfit(x, y, 2, w=w),
        lambda x, y, w: np.polyfit(x, np.stack([y, y**2], axis=1), 2, w=w),
        lambda x, y, w: np.polyfit(x, y, 2, w=w, full=True)[:2],
        lambda x, y, w: np.polyfit(x, y, 2, w=w, cov=True),
        lambda x, y, w: np.polyfit(x, y, 1, rcond=1e-12, w=w, cov="unscaled"),
        lambda x, y, w: np.polyfit(x, np.stack([y, y**2], axis=1), 1, w=w, cov=True),
    ],
)
def test_polyfit(function: Callable[..., Any], w: Any) -> None:
    agrees(lambda x, y: function(x, y, w), PLACES, VALUES, second=True, batch=False, stage=False)


def test_polyfit_is_differentiable_in_its_weights() -> None:
    weights = np.array([1.0, 2.0, 1.0, 0.5, 1.0, 2.0])
    agrees(lambda w: np.polyfit(PLACES, VALUES, 2, w=w), weights, second=True, batch=False)
    found = ad.vmap(lambda x: np.polyfit(x, VALUES, 1))(np.stack([PLACES, 2 * PLACES]))
    np.testing.assert_allclose(found[1], np.polyfit(2 * PLACES, VALUES, 1))


def test_polyfit_warns_as_numpy_does() -> None:
    with pytest.warns(np.exceptions.RankWarning):
        ad.vjp(lambda y: np.polyfit(np.ones(4), y, 2), np.arange(4.0))


@pytest.mark.parametrize(
    ("x", "y", "deg", "options", "error", "match"),
    [
        (PLACES, VALUES, -1, {}, ValueError, "expected deg"),
        (PLACES[:3], VALUES, 1, {}, TypeError, "same length"),
        (PLACES.reshape(2, 3), VALUES, 1, {}, TypeError, "1D vector"),
        (PLACES[:0], VALUES[:0], 1, {}, TypeError, "non-empty"),
        (PLACES, VALUES, 1, {"w": np.ones((6, 1))}, TypeError, "1-d array for weights"),
        (PLACES, VALUES, 1, {"w": np.ones(3)}, TypeError, "w and y"),
        (PLACES[:2], VALUES[:2], 1, {"cov": True}, ValueError, "must exceed order"),
    ],
)
def test_polyfit_refuses_what_numpy_refuses(
    x: Any, y: Any, deg: int, options: Any, error: type[Exception], match: str
) -> None:
    for call in (
        lambda v: np.polyfit(x, v, deg, **options),
        ad.grad(lambda v: np.polyfit(x, v, deg, **options)[0]),
    ):
        with pytest.raises(error, match=match):
            call(y)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda p: np.polyder(p, -1), "polyint"),
        (lambda p: np.polyint(p, -1), "polyder"),
        (lambda p: np.polyint(p, 3, k=[1.0, 2.0]), "k must be"),
        (lambda p: np.vander(p.reshape(1, 5)), "one-dimensional"),
        (lambda p: np.roots(p.reshape(1, 5)), "rank-1"),
    ],
)
def test_what_numpy_refuses_is_refused(call: Callable[..., Any], match: str) -> None:
    for run in (call, ad.grad(lambda p: np.sum(call(p)))):
        with pytest.raises(ValueError, match=match):
            run(P)


# --- poly1d --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda p: np.poly1d(p)(2.0),
        lambda p: np.poly1d(p)(p),
        lambda p: np.poly1d(p, True)(2.0),
        lambda p: np.poly1d(p).deriv(2).coeffs,
        lambda p: np.poly1d(p).integ(2, k=[1.0, 2.0]).coeffs,
        lambda p: np.poly1d(p)[2],
        lambda p: (np.poly1d(p) * np.poly1d([1.0, 2.0])).coeffs,
        lambda p: (np.poly1d(p) + 1.0).coeffs,
        lambda p: (np.poly1d([1.0, 2.0]) - np.poly1d(p)).coeffs,
        lambda p: (np.poly1d(p) ** 2).coeffs,
        lambda p: (-np.poly1d(p) / 3.0).coeffs,
        lambda p: np.polymul(np.poly1d(p), [1.0, 2.0]).coeffs,
        lambda p: np.polyval(np.poly1d(p), 2.0),
        lambda p: np.polyval(np.poly1d([1.0, 2.0]), p),
        lambda p: np.polyval(p, np.poly1d([1.0, 2.0])).coeffs,
        lambda p: np.polydiv(np.poly1d(p), np.poly1d([1.0, 2.0]))[0].coeffs,
        lambda p: np.polyder(np.poly1d(p)).coeffs,
    ],
)
def test_poly1d(function: Callable[..., Any]) -> None:
    agrees(function, P, second=True, batch=False, stage=False)


@pytest.mark.parametrize("name", ["Polynomial", "Chebyshev", "Legendre", "Hermite", "HermiteE", "Laguerre"])
def test_the_classes_of_polynomials(name: str) -> None:
    kind = getattr(np.polynomial, name)
    agrees(lambda p: kind(p)(1.3), P, second=True, batch=False, stage=False)
    agrees(lambda p: (kind(p) * kind([1.0, 2.0]) - 1.0).coef, P, second=True, batch=False, stage=False)
    agrees(
        lambda p: kind(p, domain=[0, 2]).deriv().integ(lbnd=0.5)(p), P, second=True, batch=False, stage=False
    )
    agrees(lambda y: kind.fit(PLACES, y, 2).convert().coef, VALUES, second=True, batch=False, stage=False)
