"""docs/edges.md, row by row: each promise holds, forward and in reverse, and no row stands untested.

`ROWS` maps the first cell of every row to its checks. A `Slopes` is a function, its arguments, and the
derivative of the sum of its results in each; other checks are functions.
"""

import itertools
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
import scipy.special as sp

import adjoint as ad
from adjoint.errors import DtypeError

INF, NAN = np.inf, np.nan
TABLE = Path(__file__).parents[2] / "docs" / "edges.md"


def table_rows() -> list[str]:
    """The first cell of each row of the table."""
    cells = [re.split(r"(?<!\\) \| ", line)[0] for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [cell.removeprefix("| ") for cell in cells if cell.startswith("| ")][1:]


# --- both modes ----------------------------------------------------------------------------------


def total(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: np.sum(function(*args))


def units(x: Any) -> list[Any]:
    """All unit directions of an argument."""
    if not np.shape(x):
        return [np.ones_like(x)[()]]
    eye = np.eye(np.size(x), dtype=np.asarray(x).dtype)
    return [row.reshape(np.shape(x)) for row in eye]


def forward(function: Callable[..., Any], args: Sequence[Any], index: int) -> Any:
    """The gradient in one argument, by one tangent for each of its elements."""
    found = []
    for unit in units(args[index]):
        tangents = [unit if i == index else np.zeros_like(a)[()] for i, a in enumerate(args)]
        found.append(ad.jvp(total(function), args, tangents)[1])
    return np.reshape(found, np.shape(args[index]))


def reverse(function: Callable[..., Any], args: Sequence[Any], index: int) -> Any:
    return ad.grad(total(function), index)(*args)


@dataclass(frozen=True)
class Slopes:
    """What the derivatives of a function are at a point."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    slopes: tuple[Any, ...]
    tolerance: float = 4e-15

    def __call__(self) -> None:
        for index, want in enumerate(self.slopes):
            args = [np.float64(a) if isinstance(a, float) else a for a in self.args]
            for mode in (forward, reverse):
                found = np.asarray(mode(self.function, args, index))
                assert found.shape == np.shape(args[index])
                np.testing.assert_allclose(
                    found,
                    want,
                    rtol=self.tolerance,
                    atol=self.tolerance * np.any(want),
                    err_msg=mode.__name__,
                )


def slopes(function: Callable[..., Any], *pairs: Any) -> Slopes:
    """`Slopes` of arguments and their slopes in turn."""
    return Slopes(function, pairs[::2], pairs[1::2])


def of(function: Callable[[Any], Any], x: Any, want: Any, tolerance: float = 4e-15) -> Slopes:
    """`Slopes` of an array."""
    return Slopes(function, (np.array(x, float),), (np.array(want, float),), tolerance)


MODES: list[Any] = [lambda f: lambda x: ad.jvp(f, (x,), (1.0,))[1], ad.grad]
"""From a function of one number to its derivative."""


@dataclass(frozen=True)
class Orders:
    """The derivatives of a function of one number, order by order, in every mix of modes."""

    function: Callable[[Any], Any]
    point: float
    want: tuple[float, ...]
    tolerance: float = 1e-13

    def __call__(self) -> None:
        for order, want in enumerate(self.want, 1):
            for mix in itertools.product(MODES, repeat=order):
                derivative = self.function
                for mode in mix:
                    derivative = mode(derivative)
                np.testing.assert_allclose(derivative(np.float64(self.point)), want, rtol=self.tolerance)


@dataclass(frozen=True)
class Second:
    """The Hessian of a function of an array, in every mix of modes."""

    function: Callable[[Any], Any]
    x: Any
    want: Any

    def __call__(self) -> None:
        x = np.array(self.x, float)
        basis = units(x)
        forward_forward = [
            [ad.jvp(lambda v, e=e: ad.jvp(self.function, (v,), (e,))[1], (x,), (d,))[1] for d in basis]
            for e in basis
        ]
        mixed = [ad.jvp(ad.grad(self.function), (x,), (e,))[1] for e in basis]
        backward = [ad.grad(lambda v, e=e: np.sum(ad.grad(self.function)(v) * e))(x) for e in basis]
        for found in (forward_forward, mixed, backward):
            np.testing.assert_allclose(np.reshape(found, np.shape(self.want)), self.want, atol=1e-12)


# --- matrices ------------------------------------------------------------------------------------


def matrix(*shape: int) -> Any:
    return np.random.default_rng(shape).uniform(-1.0, 1.0, shape)


def symmetric(x: Any) -> Any:
    return (x + x.T) / 2


SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]])
POSITIVE = symmetric(matrix(3, 3)) + 3 * np.eye(3)
Q = np.linalg.qr(matrix(3, 3))[0]
LOW = matrix(3, 1) @ matrix(1, 2)
DEFECTIVE = np.array([[2.0, 1.0], [0.0, 2.0]])
RANK = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
DOWN = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])


def cofactors(x: Any) -> Any:
    """The adjugate's transpose, by Laplace's formula."""
    n = len(x)
    minors = [
        [np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) * (-1) ** (i + j) for j in range(n)]
        for i in range(n)
    ]
    return np.array(minors)


def second_cofactors(x: Any) -> Any:
    """d2 det / dx_ij dx_kl of a 3 by 3 matrix: the element that is left, with its sign."""
    n = len(x)
    out = np.zeros((n,) * 4)
    for i, j, k, m in itertools.product(range(n), repeat=4):
        if i != k and j != m:
            sign = (-1) ** (i + j + k + m) * (1 if (k > i) == (m > j) else -1)
            out[i, j, k, m] = sign * np.linalg.det(np.delete(np.delete(x, [i, k], 0), [j, m], 1))
    return out


def along(function: Callable[[Any], Any], x: Any, move: Any, want: float, tolerance: float = 1e-9) -> Any:
    """A check: the derivative along a move, forward and in reverse."""

    def check() -> None:
        np.testing.assert_allclose(ad.jvp(total(function), (x,), (move,))[1], want, rtol=tolerance)
        np.testing.assert_allclose(np.sum(ad.grad(total(function))(x) * move), want, rtol=tolerance)

    return check


def difference(function: Callable[[Any], Any], x: Any, move: Any, h: float = 1e-4) -> float:
    """The derivative along a move by differences, with an error of order h^4."""
    f = [np.sum(function(x + k * h * move)) for k in (1, -1, 2, -2)]
    return float(np.real((8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h)))


def follows(function: Callable[[Any], Any], x: Any, move: Any, tolerance: float = 1e-8) -> Any:
    """A check: the derivative along a move is that of differences."""
    return along(function, x, move, difference(function, x, move), tolerance)


def symmetrised(function: Callable[[Any], Any], x: Any) -> Any:
    """A check: the gradient is symmetric, and is that of f((A + A^T) / 2)."""

    def check() -> None:
        found = reverse(function, (x,), 0)
        np.testing.assert_allclose(found, found.T, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(found, reverse(lambda v: function(symmetric(v)), (x,), 0), rtol=1e-11)
        np.testing.assert_allclose(forward(function, (x,), 0), found, rtol=1e-11)

    return check


def is_nan(function: Callable[[Any], Any], x: Any) -> Any:
    """A check: no entry of the derivative is a number, in either mode."""

    def check() -> None:
        assert np.isnan(reverse(function, (x,), 0)).all()
        assert np.isnan(ad.jvp(total(function), (x,), (matrix(*x.shape),))[1])

    return check


def third_of_det() -> None:
    """Up to 3 by 3 exact; above, at a singular matrix, NaN."""
    third = Orders(
        lambda t: np.linalg.det(t * matrix(3, 3)), 0.0, (0.0, 0.0, 6 * np.linalg.det(matrix(3, 3)))
    )
    third()

    def line(t: Any) -> Any:
        return np.linalg.det(np.diag([0.0, 1.0, 2.0, 3.0]) + t * matrix(4, 4))

    for mix in itertools.product(MODES, repeat=3):
        derivative = line
        for mode in mix:
            derivative = mode(derivative)
        assert np.isnan(derivative(0.0))


def exponential_orders() -> None:
    """exp((2 I + N) + t N) with N N = 0 is e^2 (I + (1 + t) N)."""
    nilpotent = np.array([[0.0, 1.0], [0.0, 0.0]])
    function = lambda t: sl.expm(DEFECTIVE + t * nilpotent)[0, 1]  # noqa: E731
    for order, want in ((1, np.exp(2.0)), (2, 0.0), (3, 0.0)):
        for mix in itertools.product(MODES, repeat=order):
            derivative = function
            for mode in mix:
                derivative = mode(derivative)
            np.testing.assert_allclose(derivative(0.0), want, rtol=1e-12, atol=1e-10)


def real_gradient_of_a_complex_function() -> None:
    x = np.diag([-2.0, 3.0]) + 0.1 * matrix(2, 2)
    for function in (sl.logm, sl.sqrtm, lambda v: sl.fractional_matrix_power(v, 0.3)):
        loss = lambda v, f=function: np.sum(np.abs(f(v)) ** 2)  # noqa: E731
        assert np.iscomplexobj(ad.vjp(function, x)[0])
        found = ad.grad(loss)(x)
        assert found.dtype == np.float64
        np.testing.assert_allclose(forward(loss, (x,), 0), found, rtol=1e-9)
        follows(loss, x, matrix(2, 2), 1e-7)()


def spectral_function() -> None:
    """At equal eigenvalues: the trace of f(A) has the gradient f'(A), and f'' acts along (A commutes)."""
    function = lambda v: np.trace(ad.linalg.symmetric_function(np.exp, v))  # noqa: E731
    for x in (np.eye(3), np.diag([1.0, 1.0, 2.0])):
        want = np.diag(np.exp(np.diagonal(x)))
        np.testing.assert_allclose(reverse(function, (x,), 0), want, atol=1e-13)
        np.testing.assert_allclose(forward(function, (x,), 0), want, atol=1e-13)
        line = lambda t, x=x: function(x + t * np.eye(3))  # noqa: E731
        Orders(line, 0.0, (np.trace(want),) * 3, 1e-12)()


# --- what is no slope ----------------------------------------------------------------------------


def no_dependence() -> None:
    for x in (2.0, np.ones(3), np.ones((2, 0)), np.float32(1.0), np.ones(2, np.complex64)):
        found = ad.grad(lambda v: 1.0)(x)
        tangent = ad.jvp(lambda v, x=x: np.zeros_like(x) + 1.0, (x,), (x,))[1]
        for zero in (found, tangent):
            assert (np.shape(zero), np.asarray(zero).dtype) == (np.shape(x), np.asarray(x).dtype)
            assert not np.any(zero)


def narrow_meets_wide() -> None:
    x, w = np.ones(3, np.float32), np.array([0.1, 0.2, 0.3])
    value, pull = ad.vjp(lambda v: v * w, x)
    assert value.dtype == np.float64
    assert pull(np.ones(3))[0].dtype == np.float32
    assert ad.jvp(lambda v: v * w, (x,), (x,))[1].dtype == np.float64


def integers_refused() -> None:
    for call in (
        lambda x: ad.grad(np.sum)(x),
        lambda x: ad.vjp(np.sum, x),
        lambda x: ad.jvp(np.sum, (x,), (x,)),
        lambda x: ad.tensor(x, requires_grad=True),
    ):
        for x in (3, np.arange(3), True):
            with pytest.raises(DtypeError, match=r"\d\.0|astype\(float\)|1\.0|floating"):
                call(x)
    with pytest.warns(UserWarning, match="constant"):
        assert ad.grad(lambda p: p["x"] * p["n"])({"x": 2.0, "n": 3})["x"] == 3.0


def complex_convention() -> None:
    z = np.array([1 + 2j, -3j])
    loss = lambda v: np.sum(np.abs(v) ** 2)  # noqa: E731
    np.testing.assert_allclose(ad.grad(loss)(z), 2 * z.conj())
    t = ad.tensor(z, requires_grad=True)
    loss(t).backward()
    np.testing.assert_allclose(t.grad.numpy(), 2 * z.conj())
    for move in (1.0, 1j):
        tangent = ad.jvp(loss, (z,), (np.full(2, move, complex),))[1]
        np.testing.assert_allclose(tangent, np.sum(2 * z.conj() * move).real)
    assert loss(z - 0.1 * ad.grad(loss)(z).conj()) < loss(z)
    with pytest.raises(DtypeError, match="holomorphic"):
        ad.grad(np.sum)(z)
    np.testing.assert_allclose(ad.grad(lambda v: np.sum(v * v), holomorphic=True)(z), 2 * z)


def out_of_range() -> None:
    x = np.ones(3)
    for index in (3, -4, np.array([0, 3]), (slice(None), 0)):
        for call in (
            lambda i=index: ad.grad(lambda v: np.sum(v[i]))(x),
            lambda i=index: ad.jvp(lambda v: np.sum(v[i]), (x,), (x,)),
            lambda i=index: ad.vmap(lambda v: np.sum(v[i]))(np.ones((2, 3))),
            lambda i=index: ad.trace(lambda v: np.sum(v[i]))(x),
        ):
            with pytest.raises(IndexError):
                call()


def captured_and_changed() -> None:
    w = np.array([2.0, 3.0])

    def function(x: Any) -> Any:
        nonlocal w
        y = np.sum(w * x)
        w *= 100.0
        return y

    x = np.ones(2)
    np.testing.assert_array_equal(ad.grad(function)(x), [2.0, 3.0])
    w = np.array([2.0, 3.0])
    assert ad.jvp(function, (x,), (x,))[1] == 5.0

    def overwritten(x: Any) -> Any:
        y = np.exp(x)
        z = np.sum(y * y)
        y *= 0.0
        return z + np.sum(y)

    np.testing.assert_allclose(reverse(overwritten, (x,), 0), 2 * np.exp(2.0) * x)
    np.testing.assert_allclose(forward(overwritten, (x,), 0), 2 * np.exp(2.0) * x)


def without_elements() -> None:
    for x in (np.zeros(0), np.zeros((2, 0)), np.array(0.5)):
        function = lambda v: np.sum(np.sin(v)) + np.prod(v)  # noqa: E731
        found = ad.grad(function)(x)
        assert np.shape(found) == x.shape
        np.testing.assert_allclose(forward(function, (x,), 0), found)
        np.testing.assert_array_equal(found, np.cos(x) + (1.0 if x.shape == () else 0.0))


# --- the rows ------------------------------------------------------------------------------------


ROWS: dict[str, list[Callable[[], None]]] = {
    "`where(x > 0, sqrt(x), 0)` at 0, and every masked or unselected branch": [
        slopes(lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
        slopes(lambda x: np.where(x > 0, np.sqrt(x), 0.0), -1.0, 0.0),
        slopes(lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, 0.0),
        slopes(lambda x: (x > 1) * np.sqrt(x), 0.0, 0.0),
        of(lambda x: np.select([x > 0, x < 0], [np.log(x), 1 / x], 2.0), [0.0, 2.0], [0.0, 0.5]),
    ],
    "`abs` at 0., -0., 0j": [
        slopes(np.abs, 0.0, 0.0),
        slopes(np.abs, -0.0, 0.0),
        slopes(np.abs, 0j, 0.0),
    ],
    "`linalg.norm` of a zero vector or matrix, `hypot(0, 0)`, `std` of constants": [
        of(np.linalg.norm, [0.0, 0.0], [0.0, 0.0]),
        of(np.linalg.norm, [[0.0, 0.0], [0.0, 0.0]], np.zeros((2, 2))),
        of(lambda x: np.linalg.norm(x, axis=1), [[0.0, 0.0], [3.0, 4.0]], [[0, 0], [0.6, 0.8]]),
        *(
            of(lambda x, o=order: np.linalg.norm(x, o), [[0.0, 0.0], [0.0, 0.0]], np.zeros((2, 2)))
            for order in ("fro", "nuc", 2, 1, INF)
        ),
        slopes(np.hypot, 0.0, 0.0, 0.0, 0.0),
        of(np.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
    ],
    "`arctan2(0, 0)`; `angle(0j)`": [
        *(slopes(np.arctan2, y, 0.0, x, 0.0) for y, x in itertools.product((0.0, -0.0), repeat=2)),
        slopes(np.angle, 0j, 0.0),
    ],
    "`sqrt`, `cbrt`, `log` at 0. and -0.": [
        slopes(f, x, INF) for f in (np.sqrt, np.cbrt, np.log, np.log2, np.log10) for x in (0.0, -0.0)
    ],
    "`reciprocal` at 0. and -0.": [slopes(np.reciprocal, x, -INF) for x in (0.0, -0.0)],
    "`arcsin(±1)`, `arccosh(1)`": [
        slopes(np.arcsin, 1.0, INF),
        slopes(np.arcsin, -1.0, INF),
        slopes(np.arccosh, 1.0, INF),
    ],
    "ties in `max`, `min`; `maximum(x, y)` at x = y; `clip` at a bound": [
        of(np.max, [3.0, 1.0, 3.0], [0.5, 0.0, 0.5]),
        of(np.amax, [3.0, 3.0, 3.0], [1 / 3, 1 / 3, 1 / 3]),
        of(np.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0.0]),
        of(np.amin, [[1.0, 1.0], [1.0, 1.0]], [[0.25, 0.25], [0.25, 0.25]]),
        slopes(np.maximum, 2.0, 0.5, 2.0, 0.5),
        slopes(np.minimum, 2.0, 0.5, 2.0, 0.5),
        slopes(lambda x: np.maximum(x, 0.0), 0.0, 0.5),
        slopes(lambda x: np.clip(x, 1.0, 2.0), 1.0, 0.5),
        slopes(lambda x: np.clip(x, 1.0, 2.0), 2.0, 0.5),
    ],
    "`nn.relu(0)`": [slopes(ad.nn.relu, 0.0, 0.0), slopes(ad.nn.relu, -0.0, 0.0)],
    "`sort`, `partition`, `median`, `quantile`, `x[np.argsort(x)]` with ties": [
        of(lambda x: np.sort(x) @ np.array([1.0, 2.0, 3.0]), [2.0, 1.0, 2.0], [2.0, 1.0, 3.0]),
        of(
            lambda x: x[np.argsort(x, kind="stable")] @ np.array([1.0, 2.0, 3.0]),
            [2.0, 1.0, 2.0],
            [2.0, 1.0, 3.0],
        ),
        of(lambda x: np.partition(x, 1)[:2] @ np.array([1.0, 2.0]), [3.0, 1.0, 1.0], [0.0, 1.0, 2.0]),
        of(np.median, [4.0, 1.0, 3.0, 2.0], [0.0, 0.0, 0.5, 0.5]),
        of(np.median, [5.0, 1.0, 1.0, 0.0], [0.0, 0.5, 0.5, 0.0]),
        of(np.median, [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]),
        of(lambda x: np.quantile(x, 0.25), [1.0, 1.0, 1.0], [0.5, 0.5, 0.0]),
    ],
    "`x**n`, constant integer n, any order of derivative": [
        Orders(lambda x: x**0, 0.0, (0.0, 0.0, 0.0)),
        Orders(lambda x: x**1, 0.0, (1.0, 0.0, 0.0)),
        Orders(lambda x: x**2, 0.0, (0.0, 2.0, 0.0)),
        Orders(lambda x: x**3, 0.0, (0.0, 0.0, 6.0)),
        Orders(lambda x: np.power(x, 3), -2.0, (12.0, -12.0, 6.0)),
        Orders(lambda x: x**2.0, 0.0, (0.0, 2.0, 0.0)),
        slopes(lambda x: np.power(x, np.int64(-1)), 0.0, -INF),
    ],
    "`x**y` at x = 0": [
        slopes(np.power, 0.0, 0.0, 1.5, 0.0),
        slopes(np.power, 0.0, 1.0, 1.0, 0.0),
        slopes(np.power, 0.0, INF, 0.5, 0.0),
        slopes(np.power, 0.0, 0.0, 0.0, 0.0),
        slopes(lambda x: np.power(x, -0.5), 0.0, -INF),
    ],
    "`x**y` at x < 0": [slopes(np.power, -2.0, 12.0, 3.0, NAN)],
    "`prod`, `cumprod` with zeros, orders 1 and 2": [
        of(np.prod, [2.0, 0.0, 5.0], [0.0, 10.0, 0.0]),
        of(np.prod, [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]),
        of(np.cumprod, [2.0, 0.0, 5.0], [1.0, 12.0, 0.0]),
        of(np.cumprod, [3.0, 0.0, 0.0, 2.0], [1.0, 3.0, 0.0, 0.0]),
        Second(np.prod, [2.0, 0.0, 5.0], [[0, 5, 0], [5, 0, 2], [0, 2, 0]]),
        Second(np.prod, [0.0, 0.0, 5.0], [[0, 5, 0], [5, 0, 0], [0, 0, 0]]),
        Second(lambda x: np.cumprod(x)[-1], [0.0, 0.0, 5.0], [[0, 5, 0], [5, 0, 0], [0, 0, 0]]),
        Second(lambda x: np.sum(np.cumprod(x)), [2.0, 0.0, 5.0], [[0, 6, 0], [6, 0, 2], [0, 2, 0]]),
    ],
    "`linalg.det` of a singular matrix, orders 1 and 2 (up to 3 × 3: any order)": [
        of(np.linalg.det, SINGULAR, cofactors(SINGULAR), 1e-13),
        of(np.linalg.det, np.zeros((3, 3)), np.zeros((3, 3))),
        Second(np.linalg.det, SINGULAR, second_cofactors(SINGULAR)),
        third_of_det,
    ],
    "`linalg.slogdet` of a singular matrix; third derivatives of `det` there": [
        is_nan(lambda x: np.linalg.slogdet(x)[1], np.ones((2, 2))),
        third_of_det,
    ],
    '`linalg.eigh`, `cholesky`, `solve(assume_a="pos")`, `pinv(hermitian=True)`, which read one triangle': [
        symmetrised(lambda x: np.sin(np.linalg.eigvalsh(x)), POSITIVE),
        symmetrised(lambda x: np.arange(3.0) @ np.linalg.eigh(x)[1] ** 2 @ np.arange(3.0), POSITIVE),
        symmetrised(lambda x: np.sin(np.linalg.cholesky(x)), POSITIVE),
        symmetrised(lambda x: np.sin(sl.solve(x, np.arange(3.0), assume_a="pos")), POSITIVE),
        symmetrised(lambda x: np.sin(np.linalg.pinv(x, hermitian=True)), POSITIVE),
    ],
    "functions of the values of `eigh`, `eigvals`, `svd` alone, of whatever multiplicity, order 1": [
        of(lambda x: np.sin(np.linalg.eigvalsh(x)), np.eye(3), np.cos(1.0) * np.eye(3), 1e-14),
        of(
            lambda x: np.sin(np.linalg.eigh(x)[0]),
            np.diag([1.0, 1.0, 2.0]),
            np.diag(np.cos([1.0, 1.0, 2.0])),
            1e-14,
        ),
        of(lambda x: np.real(np.linalg.eigvals(x)) ** 2, 2 * np.eye(2), 4 * np.eye(2), 1e-14),
        of(lambda x: np.linalg.svdvals(x) ** 2, Q, 2 * Q, 1e-14),
    ],
    "vectors of values that differ by at most n·eps·‖A‖": [
        is_nan(lambda x: np.linalg.eigh(x)[1], np.eye(2)),
        is_nan(lambda x: np.linalg.svd(x)[0], np.eye(2)),
    ],
    "`linalg.symmetric_function(f, A)` at equal or close eigenvalues": [spectral_function],
    "singular values of zero; the nuclear norm": [
        of(lambda x: np.linalg.norm(x, "nuc"), np.diag([3.0, 0.0]), np.diag([1.0, 0.0])),
        of(lambda x: np.linalg.norm(x, "nuc"), Q, Q, 1e-14),
        of(np.linalg.svdvals, np.zeros((2, 3)), np.zeros((2, 3))),
    ],
    "`linalg.norm(x, 2)` and `norm(x, -2)` with equal singular values": [
        of(lambda x: np.linalg.norm(x, 2), Q, Q / 3, 1e-14),
        of(lambda x: np.linalg.norm(x, -2), Q, Q / 3, 1e-14),
    ],
    "`linalg.pinv`, `lstsq` of any rank": [
        follows(lambda x: np.linalg.pinv(x) ** 2, LOW, LOW * matrix(3, 1)),
        follows(lambda x: np.linalg.lstsq(x, np.arange(3.0), rcond=None)[0] ** 2, LOW, LOW * matrix(3, 1)),
    ],
    "`scipy.linalg.expm`, `logm`, `sqrtm` at equal or defective eigenvalues, any order": [
        exponential_orders,
        of(lambda x: np.trace(sl.expm(x)), np.eye(2), np.e * np.eye(2), 1e-13),
        *(follows(f, DEFECTIVE, matrix(2, 2)) for f in (sl.expm, sl.logm, sl.sqrtm)),
    ],
    "`scipy.linalg.sqrtm` of a singular matrix; of one with a single row": [
        is_nan(lambda x: np.real(sl.sqrtm(x)), np.diag([1.0, 0.0])),
        of(lambda x: np.real(sl.sqrtm(x)), [[0.0]], [[INF]]),
    ],
    "`scipy.linalg.logm`, `sqrtm`, `fractional_matrix_power` of a real matrix with a negative eigenvalue": [
        real_gradient_of_a_complex_function
    ],
    "`scipy.linalg.polar`, `orthogonal_procrustes` at equal singular values; at two that are zero": [
        follows(lambda x: sl.polar(x)[0] @ np.arange(2.0), TURN, matrix(2, 2)),
        follows(lambda x: sl.orthogonal_procrustes(x, np.eye(2))[0] @ np.arange(2.0), TURN, matrix(2, 2)),
        is_nan(lambda x: sl.polar(x)[0] ** 2, np.zeros((2, 2))),
    ],
    "`scipy.linalg.orth`, `null_space`": [
        along(lambda x: (sl.orth(x) @ sl.orth(x).T)[0], RANK, np.array([[0.0, 0], [1, 0], [0, 0]]), 1.0),
        along(
            lambda x: (sl.null_space(x) @ sl.null_space(x).T)[0],
            RANK.T,
            RANK.T * 0 + [[0, 1.0, 0], [0, 0, 0]],
            -1.0,
        ),
    ],
    "`logaddexp(-inf, -inf)`": [slopes(np.logaddexp, -INF, 0.0, -INF, 0.0)],
    "`nn.logsumexp`, `special.logsumexp`: some -inf; all -inf; one +inf": [
        of(f, x, want)
        for f in (ad.nn.logsumexp, lambda v: sp.logsumexp(v))
        for x, want in (
            ([-INF, 0.0, 0.0], [0.0, 0.5, 0.5]),
            ([-INF, -INF, -INF], [0.0, 0.0, 0.0]),
            ([0.0, INF, 1.0], [0.0, 1.0, 0.0]),
        )
    ],
    "`sinc` at 0, any order": [
        Orders(np.sinc, 0.0, (0.0, -(np.pi**2) / 3, 0.0)),
        Orders(ad.grad(ad.grad(np.sinc)), 0.0, (0.0, np.pi**4 / 5)),
    ],
    "`special.exprel`, `spence`, `boxcox`, `ellipk`, ... where a formula is nought by nought, any order": [
        Orders(lambda x: sp.exprel(x), 0.0, (1 / 2, 1 / 3, 1 / 4)),
        Orders(lambda x: sp.spence(x), 1.0, (-1.0, 1 / 2, -2 / 3), 1e-12),
        Orders(lambda y: sp.boxcox(np.e, y), 0.0, (1 / 2, 1 / 3, 1 / 4), 1e-12),
        Orders(lambda m: sp.ellipk(m), 0.0, (np.pi / 8, np.pi * 9 / 64), 1e-12),
    ],
    "`special.xlogy(0, y)`, y > 0; `xlogy(0, 0)`": [
        slopes(lambda x, y: sp.xlogy(x, y), 0.0, np.log(2.0), 2.0, 0.0),
        slopes(lambda x, y: sp.xlogy(x, y), 0.0, -INF, 0.0, 0.0),
    ],
    "`special.entr(0)`; `kl_div(0, y)`; plain `x*log(x)` at 0": [
        slopes(lambda x: sp.entr(x), 0.0, INF),
        slopes(lambda x, y: sp.kl_div(x, y), 0.0, -INF, 1.0, 1.0),
        slopes(lambda x: x * np.log(x), 0.0, -INF),
    ],
    "`special.logit`, `ndtri`, `erfinv` at a bound; `rgamma` at a pole of gamma": [
        slopes(lambda x: sp.logit(x), 0.0, INF),
        slopes(lambda x: sp.ndtri(x), 1.0, INF),
        slopes(lambda x: sp.erfinv(x), -1.0, INF),
        slopes(lambda x: sp.rgamma(x), -2.0, 2.0),
    ],
    "`special.softmax` of a row of -inf": [
        is_nan(lambda x: sp.softmax(x), np.full(3, -INF)),
        is_nan(lambda x: ad.nn.softmax(x), np.full(3, -INF)),
    ],
    "`nansum`, `nanmean`, … at NaN entries": [
        of(np.nansum, [1.0, NAN, 2.0], [1.0, 0.0, 1.0]),
        of(np.nanmean, [1.0, NAN, 2.0], [0.5, 0.0, 0.5]),
        of(np.nanprod, [3.0, NAN, 2.0], [2.0, 0.0, 3.0]),
        of(np.nanmax, [3.0, NAN, 2.0], [1.0, 0.0, 0.0]),
        of(np.nanstd, [1.0, NAN, 3.0], [-0.5, 0.0, 0.5]),
        of(np.nanmedian, [1.0, NAN, 3.0], [0.5, 0.0, 0.5]),
        of(np.nancumsum, [1.0, NAN, 3.0], [3.0, 0.0, 1.0]),
    ],
    "`floor`, `ceil`, `round`, `sign`": [
        slopes(f, x, 0.0) for f in (np.floor, np.ceil, np.round, np.trunc, np.sign) for x in (0.0, 1.5, -2.0)
    ],
    "`heaviside(x, h)`": [
        slopes(np.heaviside, 0.0, 0.0, 0.3, 1.0),
        slopes(np.heaviside, 2.0, 0.0, 0.3, 0.0),
        slopes(np.heaviside, -2.0, 0.0, 0.3, 0.0),
    ],
    "`mod(x, y)`": [
        slopes(np.mod, 7.5, 1.0, 2.0, -3.0),
        slopes(np.mod, 6.0, 1.0, 2.0, -3.0),
        slopes(np.mod, -7.5, 1.0, 2.0, 4.0),
    ],
    "comparisons and `maximum` with NaN": [
        slopes(np.maximum, NAN, NAN, 1.0, NAN),
        slopes(np.minimum, 1.0, NAN, NAN, NAN),
        of(np.max, [1.0, NAN], [NAN, NAN]),
    ],
    "NaN and infinities elsewhere": [
        slopes(np.exp, NAN, NAN),
        slopes(np.exp, -INF, 0.0),
        slopes(np.sin, INF, NAN),
        slopes(np.tanh, INF, 0.0),
        slopes(np.multiply, INF, 0.0, 0.0, INF),
    ],
    "complex inputs": [complex_convention],
    "an output that does not depend on an input": [no_dependence],
    "a float32 input that meets a float64 array": [narrow_meets_wide],
    "integer or boolean inputs": [integers_refused],
    "an index out of range": [out_of_range],
    "a captured array that is changed after its use; a value that is overwritten": [captured_and_changed],
    "arrays without elements, and without axes": [without_elements],
}


def test_every_row_of_the_table_is_tested() -> None:
    assert list(ROWS) == table_rows()
    assert all(ROWS.values())


@pytest.mark.parametrize(
    ("row", "check"),
    [
        pytest.param(row, check, id=f"{row[:50]}-{number}")
        for row, checks in ROWS.items()
        for number, check in enumerate(checks)
    ],
)
def test_row(row: str, check: Callable[[], None]) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        check()
