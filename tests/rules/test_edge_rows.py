"""The rows of the edge table, through NumPy's own functions: each slope, forward and reverse, as promised.

The one rule, primitive by primitive: the derivative where it exists; else the minimum-norm element of the
Clarke subdifferential in all array arguments jointly, so that ties share evenly; an infinity where a slope is
one-sidedly infinite; and an exact zero absorbs in every product of derivative arithmetic.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.errors import DtypeError

INF, NAN = np.inf, np.nan


def gradient_forward(function: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of a function of one array, one tangent for each element."""
    shape = np.shape(x)
    if not shape:
        return jvp(function, (x,), (1.0,))[1]
    found = []
    for k in range(x.size):
        tangent = np.zeros(x.size)
        tangent[k] = 1.0
        found.append(jvp(function, (x,), (tangent.reshape(shape),))[1])
    return np.array(found).reshape(shape)


MODES = {"forward": gradient_forward, "reverse": lambda function, x: grad(function)(x)}

AT_A_NUMBER: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "where(x > 0, sqrt(x), 0) at 0": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
    "where(x > 0, log(x), 0) at 0": (lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, 0.0),
    "where(x != 0, sin(x) / x, 1) at 0": (lambda x: np.where(x != 0, np.sin(x) / x, 1.0), 0.0, 0.0),
    "mask * sqrt(x) at 0": (lambda x: (x > 1) * np.sqrt(x), 0.0, 0.0),
    "abs(0.)": (np.abs, 0.0, 0.0),
    "abs(-0.)": (np.abs, -0.0, 0.0),
    "sqrt(0.)": (np.sqrt, 0.0, INF),
    "sqrt(-0.)": (np.sqrt, -0.0, INF),
    "log(0.)": (np.log, 0.0, INF),
    "log(-0.)": (np.log, -0.0, INF),
    "log2(-0.)": (np.log2, -0.0, INF),
    "log10(-0.)": (np.log10, -0.0, INF),
    "log1p(-1.)": (np.log1p, -1.0, INF),
    "cbrt(0.)": (np.cbrt, 0.0, INF),
    "cbrt(-0.)": (np.cbrt, -0.0, INF),
    "reciprocal(0.)": (np.reciprocal, 0.0, -INF),
    "reciprocal(-0.)": (np.reciprocal, -0.0, -INF),
    "1 / x at -0.": (lambda x: 1.0 / x, -0.0, -INF),
    "arcsin(1)": (np.arcsin, 1.0, INF),
    "arcsin(-1)": (np.arcsin, -1.0, INF),
    "arccos(1)": (np.arccos, 1.0, -INF),
    "arccosh(1)": (np.arccosh, 1.0, INF),
    "arctanh(1)": (np.arctanh, 1.0, INF),
    "maximum(x, 0) at 0": (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
    "minimum(x, 0) at 0": (lambda x: np.minimum(x, 0.0), 0.0, 0.5),
    "clip at the lower bound": (lambda x: np.clip(x, 1.0, 2.0), 1.0, 0.5),
    "clip at the upper bound": (lambda x: np.clip(x, 1.0, 2.0), 2.0, 0.5),
    "x ** 0 at 0": (lambda x: x**0, 0.0, 0.0),
    "x ** 1 at 0": (lambda x: x**1, 0.0, 1.0),
    "x ** 2 at 0": (lambda x: x**2, 0.0, 0.0),
    "x ** 3 at -2": (lambda x: x**3, -2.0, 12.0),
    "x ** -1 at 0": (lambda x: np.power(x, -1.0), 0.0, -INF),
    "x ** 1.5 at 0": (lambda x: x**1.5, 0.0, 0.0),
    "x ** 1.0 at 0": (lambda x: x**1.0, 0.0, 1.0),
    "x ** 0.5 at 0": (lambda x: x**0.5, 0.0, INF),
    "x ** 0.0 at 0": (lambda x: x**0.0, 0.0, 0.0),
    "x ** 2.0 at -3": (lambda x: np.power(x, np.float64(2.0)), -3.0, -6.0),
    "0 ** y, y > 0": (lambda y: np.power(0.0, y), 2.0, 0.0),
    "0 ** y, y = 0": (lambda y: np.power(0.0, y), 0.0, 0.0),
    "(-2) ** y": (lambda y: np.power(-2.0, y), 2.0, NAN),
    "sinc(0)": (np.sinc, 0.0, 0.0),
    "floor": (np.floor, 1.5, 0.0),
    "ceil": (np.ceil, 1.5, 0.0),
    "round": (np.round, 1.4, 0.0),
    "sign": (np.sign, 2.0, 0.0),
    "heaviside in x, at 0": (lambda x: np.heaviside(x, 0.3), 0.0, 0.0),
    "heaviside in h, at 0": (lambda h: np.heaviside(0.0, h), 0.3, 1.0),
    "heaviside in h, elsewhere": (lambda h: np.heaviside(2.0, h), 0.3, 0.0),
    "mod in x": (lambda x: np.mod(x, 2.0), 7.5, 1.0),
    "mod in y": (lambda y: np.mod(7.5, y), 2.0, -3.0),
    "maximum(nan, 1)": (lambda x: np.maximum(x, 1.0), NAN, NAN),
    "exp(nan)": (np.exp, NAN, NAN),
    "exp(-inf)": (np.exp, -INF, 0.0),
    "tanh(inf)": (np.tanh, INF, 0.0),
    "sin(inf)": (np.sin, INF, NAN),
    "x * sqrt(x) at 0": (lambda x: x * np.sqrt(x), 0.0, 0.0),
    "sqrt(x * x) at 0": (lambda x: np.sqrt(x * x), 0.0, 0.0),
    "sqrt(x) ** 2 at 0, the stated price": (lambda x: np.sqrt(x) ** 2, 0.0, 0.0),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", AT_A_NUMBER)
def test_at_a_number(row: str, mode: str) -> None:
    function, point, slope = AT_A_NUMBER[row]
    with np.errstate(all="ignore"):
        found = MODES[mode](function, np.float64(point))
    np.testing.assert_array_max_ulp(np.float64(found), np.float64(slope), 1)


OF_ARRAYS: dict[str, tuple[Callable[[Any], Any], list[Any], list[Any]]] = {
    "hypot(0, 0)": (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [0.0, 0.0]),
    "hypot(3, 4)": (lambda x: np.hypot(x[0], x[1]), [3.0, 4.0], [0.6, 0.8]),
    "arctan2(0, 0)": (lambda x: np.arctan2(x[0], x[1]), [0.0, 0.0], [0.0, 0.0]),
    "maximum tie": (lambda x: np.maximum(x[0], x[1]), [2.0, 2.0], [0.5, 0.5]),
    "minimum tie": (lambda x: np.minimum(x[0], x[1]), [2.0, 2.0], [0.5, 0.5]),
    "maximum(nan, 1)": (lambda x: np.maximum(x[0], x[1]), [NAN, 1.0], [NAN, NAN]),
    "max with two ties": (np.max, [3.0, 1.0, 3.0], [0.5, 0.0, 0.5]),
    "max with three ties": (np.max, [3.0, 3.0, 3.0], [1 / 3, 1 / 3, 1 / 3]),
    "min with ties": (np.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0.0]),
    "prod with one zero": (np.prod, [2.0, 0.0, 5.0], [0.0, 10.0, 0.0]),
    "prod with two zeros": (np.prod, [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]),
    "prod with all zeros": (np.prod, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    "cumprod with one zero": (lambda x: np.sum(np.cumprod(x)), [2.0, 0.0, 5.0], [1.0, 12.0, 0.0]),
    "cumprod with two zeros": (lambda x: np.sum(np.cumprod(x)), [3.0, 0.0, 0.0, 2.0], [1.0, 3.0, 0.0, 0.0]),
    "std of constants": (np.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
    "sqrt of a sum of squares": (lambda x: np.sqrt(np.sum(x * x)), [0.0, 0.0], [0.0, 0.0]),
    "logaddexp(-inf, -inf)": (lambda x: np.logaddexp(x[0], x[1]), [-INF, -INF], [0.0, 0.0]),
    "logaddexp(0, -inf)": (lambda x: np.logaddexp(x[0], x[1]), [0.0, -INF], [1.0, 0.0]),
    "logaddexp(inf, 0)": (lambda x: np.logaddexp(x[0], x[1]), [INF, 0.0], [1.0, 0.0]),
    "nansum": (np.nansum, [1.0, NAN, 2.0], [1.0, 0.0, 1.0]),
    "nanmean": (np.nanmean, [1.0, NAN, 2.0], [0.5, 0.0, 0.5]),
    "sort with ties": (lambda x: np.sort(x) @ np.array([1.0, 2.0, 3.0]), [2.0, 1.0, 2.0], [2.0, 1.0, 3.0]),
    "x[argsort(x)] with ties": (
        lambda x: x[np.argsort(x, kind="stable")] @ np.array([1.0, 2.0, 3.0]),
        [2.0, 1.0, 2.0],
        [2.0, 1.0, 3.0],
    ),
    "median of four": (np.median, [4.0, 1.0, 3.0, 2.0], [0.0, 0.0, 0.5, 0.5]),
    "an element read twice": (lambda x: np.sum(x[np.array([0, 0, 1])]), [5.0, 6.0, 7.0], [2.0, 1.0, 0.0]),
    "x / |x|, where x is not zero": (
        lambda x: np.sum(x / np.where(np.any(x != 0), np.sqrt(np.sum(x * x)), 1.0)),
        [0.0, 0.0],
        [1.0, 1.0],
    ),
    "nothing": (np.sum, [], []),
    "prod of nothing": (np.prod, [], []),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", OF_ARRAYS)
def test_of_an_array(row: str, mode: str) -> None:
    function, point, slopes = OF_ARRAYS[row]
    with np.errstate(all="ignore"):
        found = MODES[mode](function, np.array(point, float))
    np.testing.assert_allclose(found, np.array(slopes, float), rtol=4e-16, atol=0)


def test_orders_of_prod_with_zeros() -> None:
    """d2/dx_i dx_j prod(x) is the product of the others, zeros or not."""
    for point in ([2.0, 0.0, 5.0], [0.0, 0.0, 5.0], [2.0, 3.0, 5.0]):
        x = np.array(point)
        hessian = [[np.prod(np.delete(x, [i, j])) if i != j else 0.0 for j in range(3)] for i in range(3)]
        forward = [jvp(grad(np.prod), (x,), (e,))[1] for e in np.eye(3)]
        reverse = [grad(lambda y, e=e: grad(np.prod)(y) @ e)(x) for e in np.eye(3)]
        np.testing.assert_allclose(forward, hessian, rtol=1e-15)
        np.testing.assert_allclose(reverse, hessian, rtol=1e-15)


def test_orders_of_sinc_and_integer_powers_at_zero() -> None:
    x = np.float64(0.0)
    assert grad(grad(np.sinc))(x) == pytest.approx(-(np.pi**2) / 3, rel=1e-14)
    assert grad(grad(grad(np.sinc)))(x) == 0.0
    assert [grad(grad(lambda x, n=n: x**n))(x) for n in range(4)] == [0.0, 0.0, 2.0, 0.0]
    assert grad(grad(grad(lambda x: x**3)))(x) == 6.0


# --- complex ------------------------------------------------------------------------------------


def test_the_gradient_of_a_real_loss_of_complex_numbers() -> None:
    """The transpose convention: for |z|² the gradient is 2 conj(z), and steps go along its conjugate."""
    z = np.array([1 + 2j, -3j])
    found = grad(lambda z: np.sum(np.abs(z) ** 2))(z)
    np.testing.assert_allclose(found, 2 * z.conj(), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda z: np.sum((z * z.conj()).real))(z), 2 * z.conj(), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda z: np.sum(z.imag))(z), [-1j, -1j], rtol=1e-15)


def test_a_complex_result_is_refused_unless_it_is_holomorphic() -> None:
    with pytest.raises(DtypeError, match="holomorphic=True"):
        grad(lambda z: z * z)(1 + 2j)
    assert grad(lambda z: z * z, holomorphic=True)(1 + 2j) == 2 + 4j


@pytest.mark.parametrize("function", [np.abs, np.angle], ids=["abs", "angle"])
def test_kinks_at_complex_zero(function: Any) -> None:
    assert grad(function)(0j) == 0
    assert jvp(function, (0j,), (1 + 1j,))[1] == 0


# --- dtypes and arguments -----------------------------------------------------------------------


@pytest.mark.parametrize("x", [3, True, np.int32(3), np.arange(3)])
def test_integers_are_refused_with_what_to_write(x: Any) -> None:
    with pytest.raises(DtypeError) as caught:
        grad(lambda x: np.sum(x * x))(x)
    assert "argument 0 (x)" in str(caught.value)
    assert "3.0" in str(caught.value) or "astype(float)" in str(caught.value) or "1.0" in str(caught.value)


@pytest.mark.parametrize("x", [2.0, np.ones(3), np.ones((2, 0)), np.float32(1.0), np.ones(2, np.complex64)])
def test_no_dependence_gives_zeros_of_the_inputs_type(x: Any) -> None:
    found = grad(lambda x: 1.0)(x)
    assert np.shape(found) == np.shape(x)
    assert np.asarray(found).dtype == np.asarray(x).dtype
    assert not np.any(found)


def test_float32_met_by_float64() -> None:
    """NumPy's promotion for the value, the input's dtype for the gradient."""
    x, w = np.ones(3, np.float32), np.array([0.1, 0.2, 0.3])
    value, pull = vjp(lambda x: x * w, x)
    assert value.dtype == np.float64
    (found,) = pull(np.ones(3))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, w.astype(np.float32))
    assert jvp(lambda x: x * w, (x,), (np.ones(3, np.float32),))[1].dtype == np.float64


def test_an_index_out_of_range() -> None:
    for index in (3, -4, np.array([0, 3])):
        with pytest.raises(IndexError):
            grad(lambda x, index=index: np.sum(x[index]))(np.ones(3))


def test_arrays_without_elements_and_without_axes() -> None:
    assert grad(lambda x: np.sum(np.sin(x)))(np.ones((2, 0))).shape == (2, 0)
    zero_d = grad(lambda x: np.sin(x))(np.array(0.5))
    assert np.shape(zero_d) == ()
    assert zero_d == np.cos(0.5)
