"""The edges of reductions, each with the derivative that the documents promise: ties, zeros among factors,
norms of zeros, spreads of constants, NaN, empty arrays; answers without a derivative; mistakes.
"""

import warnings
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp
from adjoint.array.functions.reductions import cummax, cummin
from adjoint.array.traced import Traced
from adjoint.core.avals import aval_of
from adjoint.errors import AdjointError
from adjoint.transforms.batch import BatchTrace

from .reducing import MASK, X, derivative, moves, reverse

COMPLEX = X + 1j * X[::-1, ::-1]
NAN = float("nan")


# --- edges -------------------------------------------------------------------------------------


def test_ties_share_evenly() -> None:
    x = np.array([[3.0, 1.0, 3.0], [0.0, 3.0, 2.0]])
    np.testing.assert_array_equal(grad(np.max)(x), (x == 3) / 3)
    np.testing.assert_array_equal(grad(np.min)(-x), (x == 3) / 3)
    rows = grad(lambda v: np.sum(np.max(v, axis=1)))(x)
    np.testing.assert_array_equal(rows, [[0.5, 0, 0.5], [0, 1, 0]])
    _, tangent = jvp(np.max, (x,), (np.arange(6.0).reshape(2, 3),))
    assert tangent == (0 + 2 + 4) / 3


def test_nan_among_the_largest() -> None:
    assert np.isnan(grad(np.max)(np.array([1.0, NAN, 2.0]))).all()
    assert np.isnan(jvp(np.max, (np.array([1.0, NAN]),), (np.ones(2),))[1])


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_products_with_zeros_are_exact(zeros: int) -> None:
    x = np.array([2.0, 3.0, 5.0, 7.0])
    x[:zeros] = 0.0
    others = [np.prod(np.delete(x, i)) for i in range(4)]
    np.testing.assert_array_equal(grad(np.prod)(x), others)
    pairs = [[0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(4)] for i in range(4)]
    hessian = [jvp(grad(np.prod), (x,), (row,))[1] for row in np.eye(4)]
    np.testing.assert_array_equal(hessian, pairs)
    reverse = [grad(lambda v, i=i: grad(np.prod)(v)[i])(x) for i in range(4)]
    np.testing.assert_array_equal(reverse, pairs)
    last = grad(lambda v: np.cumprod(v)[-1])
    np.testing.assert_array_equal(last(x), others)
    np.testing.assert_array_equal([jvp(last, (x,), (row,))[1] for row in np.eye(4)], pairs)
    np.testing.assert_array_equal([grad(lambda v, i=i: last(v)[i])(x) for i in range(4)], pairs)


def test_a_long_product_divides_by_nothing() -> None:
    x = np.full(200, 1.01)
    x[77] = 0.0
    want = np.zeros(200)
    want[77] = 1.01**199
    np.testing.assert_allclose(grad(np.prod)(x), want, rtol=1e-12)
    tall = np.full((50, 40), 1.01)
    tall[7] = 0.0
    found = grad(lambda v: np.sum(np.cumprod(v, axis=0)))(tall)
    one = grad(lambda v: np.sum(np.cumprod(v)))(tall[:, 0])
    np.testing.assert_allclose(found, np.repeat(one[:, None], 40, 1), rtol=1e-12)


def test_sorting_with_ties_takes_the_stable_order() -> None:
    x = np.array([2.0, 1.0, 2.0, 1.0])
    weights = np.array([10.0, 20.0, 30.0, 40.0])
    np.testing.assert_array_equal(grad(lambda v: np.sort(v) @ weights)(x), [30, 10, 40, 20])
    np.testing.assert_array_equal(grad(lambda v: v[np.argsort(v)] @ weights)(x), [30, 10, 40, 20])
    np.testing.assert_array_equal(grad(np.median)(np.array([5.0, 1.0, 1.0, 0.0])), [0, 0.5, 0.5, 0])
    np.testing.assert_array_equal(grad(np.median)(np.array([1.0, 1.0, 1.0])), [0, 1, 0])
    found = grad(lambda v: np.quantile(v, 0.25))(np.array([1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(found, [0.5, 0.5, 0])


def test_sort_is_in_place() -> None:
    def function(x: Any) -> Any:
        x = x * 1.0
        assert x.sort() is None
        return x[0] * 2 + x[2]

    np.testing.assert_array_equal(grad(function)(np.array([3.0, 1.0, 2.0])), [1, 2, 0])


def test_spread_of_constants() -> None:
    for constant in (2.0, 0.0):
        x = np.full(4, constant)
        np.testing.assert_array_equal(grad(np.std)(x), np.zeros(4))
        np.testing.assert_array_equal(grad(np.var)(x), np.zeros(4))
        assert jvp(np.std, (x,), (np.arange(4.0),))[1] == 0.0
        assert jvp(lambda v: jvp(np.std, (v,), (np.arange(4.0),))[1], (x,), (np.arange(4.0),))[1] == 0.0
    assert np.abs(grad(np.std)(np.full(3, 0.1))).max() < 1e-15


def test_norm_of_zeros() -> None:
    for x in (np.zeros(3), np.zeros((2, 2)), np.zeros(3, complex), np.array(0.0)):
        np.testing.assert_array_equal(grad(np.linalg.norm)(x), np.zeros_like(x))
    for order in (1, 2, 3, 2.5, np.inf, -np.inf):
        np.testing.assert_array_equal(grad(lambda v, o=order: np.linalg.norm(v, o))(np.zeros(3)), np.zeros(3))
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    rows = grad(lambda v: np.sum(np.linalg.norm(v, axis=1)))(x)
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]])


def test_norm_of_zeros_is_consistent_to_order_three() -> None:
    v = np.array([1.0, 2.0, -1.0])

    def along(function: Any, order: int) -> Any:
        return function if order == 0 else along(lambda x: jvp(function, (x,), (v,))[1], order - 1)

    def backwards(function: Any, order: int) -> Any:
        return function if order == 0 else backwards(lambda x: grad(function)(x) @ v, order - 1)

    for x in (np.zeros(3), np.array([1.0, -2.0, 0.5])):
        for order in (1, 2, 3):
            forward, reverse = along(np.linalg.norm, order)(x), backwards(np.linalg.norm, order)(x)
            np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-14)
            assert np.isfinite(forward)


def test_complex_norms_and_spreads() -> None:
    v = COMPLEX[::-1] * (0.3 - 0.8j)
    for function in (
        np.linalg.norm,
        np.var,
        np.std,
        lambda z: np.linalg.norm(z, 3, axis=0),
        np.mean,
        np.prod,
    ):
        value, tangent = jvp(function, (COMPLEX,), (v,))
        np.testing.assert_allclose(value, function(COMPLEX), rtol=1e-13)
        want = derivative(lambda h, f=function: f(COMPLEX + h * v))
        np.testing.assert_allclose(tangent, want, rtol=1e-9)
        w = moves(value, 4)
        found = reverse(function, COMPLEX)[1](w.astype(aval_of(value).dtype))
        np.testing.assert_allclose(np.sum(w * tangent).real, np.sum(v * found).real, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value", "ignore:Degrees of freedom")
def test_nan_entries_have_no_derivative() -> None:
    x = np.array([[1.0, NAN, 4.0], [2.0, 3.0, NAN]])
    gone = np.isnan(x)
    for function in (np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanvar, np.nanstd, np.nanmedian):
        found = grad(function)(x)
        assert (found[gone] == 0).all()
        assert np.isfinite(found).all()
    rows = np.array([[NAN, NAN], [1.0, 2.0]])
    for function in (np.nanmax, np.nanmedian):
        value, pull = reverse(lambda v, f=function: f(v, axis=1), rows)
        assert np.isnan(value[0])
        assert np.isfinite(value[1])
        assert (pull(np.ones(2))[0] == 0).all()


def test_nan_reaches_the_quantile() -> None:
    x = np.array([1.0, NAN, 3.0])
    for function in (np.median, lambda v: np.quantile(v, 0.25), lambda v: np.quantile(v, 0.5)):
        value, found = reverse(function, x)[0], grad(function)(x)
        assert np.isnan(value)
        assert np.isnan(found).any()


def test_running_extremes() -> None:
    x = np.array([[1.0, 3.0], [2.0, 0.0], [2.0, 5.0], [0.0, 5.0]])
    value, pull = reverse(lambda v: cummax(v), x)
    np.testing.assert_array_equal(value, np.maximum.accumulate(x))
    np.testing.assert_array_equal(
        pull(np.eye(4)[[3]].T * [1.0, 1.0]), [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]
    )
    np.testing.assert_array_equal(reverse(lambda v: cummin(v, 1), x)[0], np.minimum.accumulate(x, 1))
    v = moves(x)
    _, tangent = jvp(lambda w: cummax(w, 1), (x,), (v,))
    want = derivative(lambda h: np.maximum.accumulate(x + h * v, 1))
    np.testing.assert_allclose(tangent, want, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_empty_arrays() -> None:
    for x in (np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0))):
        for function in (np.sum, np.prod, np.linalg.norm, np.mean, lambda v: np.max(v, initial=2.0)):
            value, found = reverse(function, x)[0], grad(function)(x)
            np.testing.assert_array_equal(value, function(x))
            assert found.shape == x.shape
        for function in (np.cumsum, np.cumprod, np.sort, np.diff):
            value, pull = reverse(function, x)
            want = function(x)
            assert value.shape == want.shape
            assert pull(np.zeros(want.shape)).shape == x.shape
        with pytest.raises(ValueError, match=r"zero-size|at least one"):
            grad(np.max)(x)
    value, pull = reverse(lambda v: np.max(v, axis=0), np.zeros((2, 0)))
    assert value.shape == (0,)
    assert pull(np.zeros(0)).shape == (2, 0)


# --- answers without a derivative --------------------------------------------------------------


def test_answers_are_plain() -> None:
    def function(x: Any) -> Any:
        plain = X[0]
        assert np.argmax(x) == np.argmax(plain)
        assert np.argmin(x, keepdims=True).shape == (1,)
        assert (np.argsort(x) == np.argsort(plain)).all()
        assert np.any(x > 2)
        assert not np.all(x > 2)
        assert np.count_nonzero(x) == 3
        assert type(np.count_nonzero(x)) is type(np.count_nonzero(np.ones(1)))
        assert np.allclose(x, plain)
        assert np.isclose(x, plain).all()
        assert np.array_equal(x, plain)
        assert np.array_equiv(x, plain)
        assert not np.array_equal(x, plain + 1)
        assert (np.searchsorted(np.sort(x), [0.0, 1.0]) == np.searchsorted(np.sort(plain), [0.0, 1.0])).all()
        for bins in ([-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]):
            assert (np.digitize(x, bins) == np.digitize(plain, bins)).all()
        assert np.nanargmax(x) == 2
        assert np.nanargmin(x) == 1
        assert (np.lexsort((x, x > 0)) == np.lexsort((plain, plain > 0))).all()
        return np.sum(x)

    np.testing.assert_array_equal(grad(function)(X[0]), np.ones(3))


def test_searching_a_batch() -> None:
    trace: Any = BatchTrace(Traced, 2)
    found: Any = np.searchsorted(np.sort(trace.lift(X)), np.array([0.0, 1.0]), side="right")
    np.testing.assert_array_equal(found.value, [np.searchsorted(np.sort(r), [0.0, 1.0], "right") for r in X])


# --- writing into out= and mistakes --------------------------------------------------------------


def test_out() -> None:
    def function(x: Any) -> Any:
        total = np.zeros_like(x[0])
        assert np.sum(x, axis=0, out=total) is total
        np.cumsum(total, out=total)
        return total @ np.array([1.0, 10.0, 100.0])

    np.testing.assert_array_equal(grad(function)(X), [[111, 110, 100]] * 2)
    with pytest.raises(AdjointError, match="plain array"):
        grad(lambda x, out: np.sum(np.sum(x, axis=0, out=out)))(X, np.zeros(3))


def test_mistakes_are_told() -> None:
    with pytest.raises(ValueError, match="axis 2"):
        grad(lambda x: np.sum(np.sum(x, axis=2)))(X)
    with pytest.raises(ValueError, match="initial"):
        grad(lambda x: np.max(x, where=MASK))(X)
    with pytest.raises(ValueError, match="between 0 and 1"):
        grad(lambda x: np.quantile(x, 1.5))(X)
    with pytest.raises(ValueError, match="distinct"):
        grad(lambda x: np.sum(np.sum(x, axis=(0, 0))))(X)
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: np.average(x, weights=np.zeros((2, 3))))(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grad(np.std)(np.ones(3))
