"""NumPy's ufuncs on traced arrays: every one has a rule, gives NumPy's value, shape and dtype in every trace,
and derivatives to the arithmetic's accuracy.
"""

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.array.gufuncs import PRODUCTS, UFUNC_METHODS
from adjoint.array.ufuncs import UFUNCS
from adjoint.core.primitive import Tracer
from adjoint.dtypes import bfloat16
from adjoint.errors import AdjointError, DerivativeError, MutationError

from .slopes import SLOPES

NO_RULE = {"gcd", "lcm", "bitwise_count", "isnat"}
"""Ufuncs of integers and dates alone."""

ALL = {u.__name__: u for u in vars(np).values() if isinstance(u, np.ufunc)}
POINTWISE = {n: u for n, u in ALL.items() if u.signature is None and n not in NO_RULE}
BITS = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"}
FLOATING = {n: u for n, u in POINTWISE.items() if n not in BITS}

RNG = np.random.default_rng(3)


def drawn(dtype: Any, shape: tuple[int, ...], name: str) -> Any:
    """Numbers where the ufunc is smooth: between .3 and .9, one more for arccosh."""
    values = RNG.uniform(0.3, 0.9, shape) + (1.0 if name == "arccosh" else 0.0)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * RNG.uniform(0.3, 0.9, shape)
    elif np.dtype(dtype).kind in "iu":
        values = RNG.integers(1, 5, shape)
    return np.asarray(values).astype(dtype)


# --- the traces ----------------------------------------------------------------------------------


def is_inexact(value: Any) -> bool:
    return isinstance(value, float | complex) or np.asarray(value).dtype.kind in "fcV"


def on_tape(function: Callable[..., Any], args: list[Any]) -> Any:
    moving = [i for i, a in enumerate(args) if is_inexact(a)]
    return adjoint.vjp(filled(function, args, moving), *(args[i] for i in moving))[0]


def with_duals(function: Callable[..., Any], args: list[Any]) -> Any:
    moving = [i for i, a in enumerate(args) if is_inexact(a)]
    primals = tuple(args[i] for i in moving)
    return adjoint.jvp(filled(function, args, moving), primals, primals)[0]


def in_batch(function: Callable[..., Any], args: list[Any]) -> Any:
    stacks = [np.stack([a, a]) for a in args]
    out = adjoint.vmap(function)(*stacks)
    return tuple(o[1] for o in out) if isinstance(out, tuple) else out[1]


def staged(function: Callable[..., Any], args: list[Any]) -> Any:
    return adjoint.trace(function)(*args)(*args)


def filled(function: Callable[..., Any], args: list[Any], moving: list[int]) -> Callable[..., Any]:
    def inner(*primals: Any) -> Any:
        given = list(args)
        for i, p in zip(moving, primals, strict=True):
            given[i] = p
        return function(*given)

    return inner


TRACES = {"tape": on_tape, "dual": with_duals, "batch": in_batch, "stage": staged}


def same(got: Any, want: Any, what: str) -> None:
    """Equal shape, dtype and bits, but for the last few where another route rounds otherwise."""
    if isinstance(want, tuple):
        for g, w in zip(got, want, strict=True):
            same(g, w, what)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert (got.shape, got.dtype) == (want.shape, want.dtype), what
    if want.dtype.kind in "fc":
        rounding = 4 * np.finfo(want.dtype).eps
        np.testing.assert_allclose(got, want, rtol=rounding, atol=0, err_msg=what)
    else:
        np.testing.assert_array_equal(got, want, err_msg=what)


# --- the table is whole --------------------------------------------------------------------------


def test_every_ufunc_has_a_rule() -> None:
    assert set(POINTWISE.values()) == set(UFUNCS)
    assert {u for u in ALL.values() if u.signature is not None} == set(PRODUCTS)


@pytest.mark.parametrize("name", sorted(NO_RULE))
def test_a_ufunc_without_a_rule_says_so(name: str) -> None:
    with pytest.raises(DerivativeError, match=f"np.{name}"):
        adjoint.vmap(ALL[name] if ALL[name].nin == 1 else lambda x: ALL[name](x, 2))(np.arange(1, 3))


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("name", sorted(FLOATING))
def test_value_shape_and_dtype_are_numpys(name: str, trace: str) -> None:
    ufunc = FLOATING[name]
    loops = {t.split("->")[0] for t in ufunc.types}
    for char in "efdFD":
        second = "i" if name == "ldexp" else char
        if char * ufunc.nin in loops or (name == "ldexp" and char + "i" in loops):
            args = [drawn(c, (2, 3), name) for c in (char, second)[: ufunc.nin]]
            same(TRACES[trace](ufunc, args), ufunc(*args), f"{name} of {char}")


MIXED: list[tuple[Any, Any]] = [
    (("f", (2, 3)), ("d", (3,))),
    (("f", ()), ("d", (2, 1))),
    (("d", (2, 1)), ("f", (1, 3))),
    (("i", (2, 3)), ("d", (3,))),
    (("d", (3,)), ("b", (2, 3))),
    (("e", (3,)), ("f", (1,))),
]


@pytest.mark.parametrize("trace", ["tape", "dual", "stage"])
@pytest.mark.parametrize("name", sorted(n for n, u in FLOATING.items() if u.nin == 2 and n != "ldexp"))
def test_operands_are_promoted_and_broadcast_as_by_numpy(name: str, trace: str) -> None:
    ufunc = FLOATING[name]
    for left, right in MIXED:
        args = [drawn(*left, name), drawn(*right, name)]
        same(TRACES[trace](ufunc, args), ufunc(*args), f"{name} of {left} and {right}")
    for dtype, scalar in itertools.product("efd", (2, 0.75)):
        array = drawn(dtype, (2, 3), name)
        for function in (lambda x, s=scalar: ufunc(x, s), lambda x, s=scalar: ufunc(s, x)):
            same(TRACES[trace](function, [array]), function(array), f"{name} of {dtype} and {scalar}")


@pytest.mark.parametrize("name", sorted(FLOATING))
def test_integers_are_widened_as_by_numpy(name: str) -> None:
    ufunc = FLOATING[name]
    for dtype in ("int8", "uint8", "int16", "int32", "int64"):
        args = [drawn(dtype, (3,), name) for _ in range(ufunc.nin)]
        with np.errstate(all="ignore"):
            for trace in ("batch", "stage"):
                same(TRACES[trace](ufunc, args), ufunc(*args), f"{name} of {dtype}, {trace}")


@pytest.mark.parametrize("name", sorted(BITS))
def test_bits(name: str) -> None:
    ufunc = POINTWISE[name]
    for dtype in ("int8", "uint8", "int64", "bool"):
        if dtype == "bool" and "shift" in name:
            continue
        args = [drawn(dtype, (3,), name) for _ in range(ufunc.nin)]
        for trace in ("batch", "stage"):
            same(TRACES[trace](ufunc, args), ufunc(*args), f"{name} of {dtype}")


@pytest.mark.parametrize("name", ["add", "multiply", "tanh", "exp", "maximum", "sqrt", "power"])
def test_bfloat16_stays(name: str) -> None:
    ufunc = FLOATING[name]
    args = [drawn(bfloat16, (3,), name) for _ in range(ufunc.nin)]
    for trace in TRACES.values():
        got = trace(ufunc, args)
        assert got.dtype == bfloat16
        np.testing.assert_array_equal(got.astype(float), ufunc(*args).astype(float))


OPERATORS = [
    *(
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.floordiv,
        operator.mod,
        operator.pow,
    ),
    *(operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, divmod),
]


@pytest.mark.parametrize("function", OPERATORS, ids=lambda f: f.__name__)
def test_operators(function: Any) -> None:
    x, y = drawn("d", (2, 3), ""), drawn("d", (3,), "")
    for trace in ("tape", "dual", "stage"):
        for left, right in ((x, y), (x, 2), (2, x), (x, 0.5), (0.5, x), (x.astype("f"), y)):
            moving = [v for v in (left, right) if isinstance(v, np.ndarray)]

            def call(*arrays: Any, left: Any = left, right: Any = right) -> Any:
                rest = iter(arrays)
                return function(*(next(rest) if isinstance(v, np.ndarray) else v for v in (left, right)))

            same(TRACES[trace](call, moving), call(*moving), f"{function.__name__}, {trace}")


@pytest.mark.parametrize(
    "function",
    [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift],
    ids=lambda f: f.__name__,
)
def test_operators_of_integers(function: Any) -> None:
    x, y = np.array([5, 6, 7]), np.array([1, 2, 3])
    same(adjoint.vmap(function)(x, y), function(x, y), function.__name__)
    same(adjoint.vmap(lambda v: function(v, 2))(x), function(x, 2), function.__name__)
    same(adjoint.vmap(lambda v: function(2, v))(y), function(2, y), function.__name__)
    same(adjoint.vmap(operator.invert)(x), ~x, "invert")


def test_a_mask_of_comparisons() -> None:
    x = np.linspace(-2.0, 2.0, 9)

    def ring(x: Any) -> Any:
        inside = (np.abs(x) < 1.5) & ~(np.abs(x) < 0.5) | (x == 0.0)
        return np.sum(np.where(inside, x**2, 0.0))

    inside = (np.abs(x) < 1.5) & ~(np.abs(x) < 0.5)
    np.testing.assert_array_equal(adjoint.grad(ring)(x), np.where(inside, 2 * x, 0.0))


def test_python_floats_stay_through_operators_and_become_numpys_in_functions() -> None:
    seen: list[Any] = []

    def function(x: Any) -> Any:
        y = np.sin(x)
        seen.extend((-x, x**2, x**3, x**0.5, x / 2, x % 2, x // 1, abs(x), y, np.power(x, 2), np.power(x, 3)))
        return x * y

    adjoint.grad(function)(3.0)
    kinds = [type(v.value) if isinstance(v, Tracer) else type(v) for v in seen]
    assert kinds == [float] * 8 + [np.float64] * 3


# --- derivatives ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_are_accurate(name: str) -> None:
    """Few units in the last place, to order 2, near bounds and where the function is flat."""
    function = getattr(np, name)
    rough = 20.0 if name == "sinc" else 4.0  # sinc is a difference of like terms between its extrema
    for x, first, second in SLOPES[name]:
        for wrap in (float, np.float64, lambda v: np.array([v])):
            point = wrap(x)
            one = np.ones_like(point)

            def slope(v: Any, one: Any = one) -> Any:
                return adjoint.jvp(function, (v,), (one,))[1]

            def slope_back(v: Any, one: Any = one) -> Any:
                return adjoint.vjp(function, v)[1](one)[0]

            for got in (slope(point), slope_back(point)):
                np.testing.assert_allclose(got, first, rtol=rough * 2.3e-16, err_msg=f"{name} at {x}")
            for outer, inner in itertools.product((slope, slope_back), repeat=2):
                if outer is slope:
                    got = adjoint.jvp(inner, (point,), (one,))[1]
                else:
                    got = adjoint.vjp(inner, point)[1](one)[0]
                np.testing.assert_allclose(got, second, rtol=2 * rough * 2.3e-16, err_msg=f"{name} at {x}")


def central(function: Callable[..., Any], args: list[Any], index: int) -> Any:
    h = 1e-5
    up, down = list(args), list(args)
    up[index], down[index] = args[index] + h, args[index] - h
    return (function(*up) - function(*down)) / (2 * h)


SMOOTH_PAIRS = sorted(
    n
    for n, u in FLOATING.items()
    if u.nin == 2 and u.nout == 1 and "dd->d" in u.types and n not in ("nextafter", "floor_divide")
)


@pytest.mark.parametrize("name", SMOOTH_PAIRS)
def test_partial_derivatives_of_two_operands_to_order_two(name: str) -> None:
    ufunc = FLOATING[name]
    x, y = np.array([0.31, 2.6, 1.45]), np.array([0.77, 0.9, 2.3])
    for index in (0, 1):
        want = central(ufunc, [x, y], index)
        one = [np.ones(3) * (i == index) for i in range(2)]
        np.testing.assert_allclose(adjoint.jvp(ufunc, (x, y), one)[1], want, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(adjoint.vjp(ufunc, x, y)[1](np.ones(3))[index], want, rtol=1e-8, atol=1e-9)

        def partial(u: Any, v: Any, index: int = index) -> Any:
            return adjoint.vjp(ufunc, u, v)[1](np.ones(3))[index]

        for other in (0, 1):
            second = central(partial, [x, y], other)
            back = adjoint.vjp(partial, x, y)[1](np.ones(3))[other]
            np.testing.assert_allclose(back, second, rtol=1e-7, atol=1e-8)
            ahead = adjoint.jvp(partial, (x, y), [np.ones(3) * (i == other) for i in range(2)])[1]
            np.testing.assert_allclose(ahead, back, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "tan", "tanh", "arcsin", "arccosh", "square"])
def test_complex_slopes_by_a_step_in_either_direction(name: str) -> None:
    function, z = getattr(np, name), np.array([0.3 + 0.4j, -1.2 + 0.7j, 0.5 - 2.0j])
    slope = adjoint.vjp(function, z)[1](np.ones(3, complex))[0]
    for h in (1e-5, 1e-5j):
        np.testing.assert_allclose(slope, (function(z + h) - function(z - h)) / (2 * h), rtol=1e-8)


def test_broadcasting_sums_and_promotion_narrows() -> None:
    x, y = np.float32([[1.0], [2.0]]), np.array([3.0, 4.0, 5.0])
    value, pull = adjoint.vjp(np.multiply, x, y)
    found = pull(np.ones_like(value))
    assert value.dtype == np.float64
    assert [f.dtype for f in found] == [np.float32, np.float64]
    np.testing.assert_array_equal(found[0], [[12.0], [12.0]])
    np.testing.assert_array_equal(found[1], [3.0, 3.0, 3.0])


def test_fraction_and_exponent() -> None:
    x = np.array([0.75, -3.5, 10.25])
    np.testing.assert_array_equal(adjoint.grad(lambda v: np.sum(np.modf(v)[0]))(x), np.ones(3))
    np.testing.assert_array_equal(adjoint.grad(lambda v: np.sum(np.modf(v)[1]))(x), np.zeros(3))
    n = np.frexp(x)[1]
    np.testing.assert_array_equal(adjoint.grad(lambda v: np.sum(np.frexp(v)[0]))(x), 2.0**-n)
    np.testing.assert_array_equal(adjoint.grad(lambda v: np.sum(np.ldexp(v, n)))(x), 2.0**n)
    np.testing.assert_array_equal(adjoint.grad(lambda v: np.sum(np.ldexp(*np.frexp(v))))(x), np.ones(3))


# --- methods and options -------------------------------------------------------------------------


METHODS = sorted(
    (u.__name__, m) for u, m in UFUNC_METHODS if m != "at" and (u is not np.float_power or m == "outer")
)


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_methods(name: str, method: str) -> None:
    x = drawn("l" if name in BITS else "d", (2, 3), name)
    function = getattr(ALL[name], method)
    calls: list[Any] = [function, lambda v: function(v, axis=1)]
    if method == "outer":
        calls = [lambda v: function(v, np.arange(1, 5))]
    if method == "reduceat":
        calls = [lambda v: function(v, [0, 1, 0]), lambda v: function(v, [0, 2, 1], axis=1)]
    for call in calls:
        want = call(x)
        if name in SKIPS_ELEMENTS and method in ("reduce", "accumulate"):
            want = in_turn(ALL[name], method, x, 0 if call is function else 1)
        same(staged(call, [x]), want, f"{name}.{method}")
        if name not in BITS:
            same(on_tape(call, [x]), want, f"{name}.{method}")
            same(with_duals(call, [x]), want, f"{name}.{method}")


SKIPS_ELEMENTS = {"power", "arctan2"}
"""Where NumPy has these in vector code, their `reduce` leaves out all but the first and the last element."""


def in_turn(ufunc: Any, method: str, x: Any, axis: int) -> Any:
    parts = list(itertools.accumulate(np.moveaxis(x, axis, 0), ufunc))
    return parts[-1] if method == "reduce" else np.stack(parts, axis)


def test_methods_take_numpys_options() -> None:
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for call in (
        lambda v: np.add.reduce(v, axis=1, keepdims=True),
        lambda v: np.add.reduce(v, axis=None),
        lambda v: np.add.reduce(v, axis=(0, 1), initial=3.0),
        lambda v: np.add.reduce(v, where=np.array([True, False, True])),
        lambda v: np.multiply.reduce(v, axis=-1),
        lambda v: np.logaddexp.reduce(v, axis=1, keepdims=True),
        lambda v: np.add.accumulate(v, axis=1),
        lambda v: np.hypot.accumulate(v),
    ):
        same(on_tape(call, [x]), call(x), "options")
        same(with_duals(call, [x]), call(x), "options")
    weights = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    found = adjoint.grad(lambda v: np.sum(np.logaddexp.reduce(v, axis=1)))(x)
    np.testing.assert_allclose(found, weights, rtol=1e-14)
    with pytest.raises(AdjointError, match="nothing"):
        adjoint.grad(lambda v: np.sum(np.hypot.reduce(v[:0])))(x)


def test_out_where_and_dtype() -> None:
    x = np.array([0.0, 1.0, 4.0])

    def roots(v: Any) -> Any:
        out = np.zeros_like(v)
        np.sqrt(v, out=out, where=v > 0)
        return np.sum(out)

    np.testing.assert_array_equal(adjoint.grad(roots)(x), [0.0, 0.5, 0.25])

    def parts(v: Any) -> Any:
        whole, rest = np.zeros_like(v), np.zeros_like(v)
        np.divmod(v, 3.0, out=(whole, rest))
        return np.sum(rest)

    np.testing.assert_array_equal(adjoint.grad(parts)(x), np.ones(3))
    value, tangent = adjoint.jvp(lambda v: np.add(v, 1, dtype=np.float32), (x,), (x,))
    assert value.dtype == tangent.dtype == np.float32
    with pytest.raises(DerivativeError, match="where="):
        adjoint.grad(lambda v: np.sum(np.sqrt(v, where=v > 0)))(x)
    with pytest.raises(MutationError):
        adjoint.grad(lambda v, out: np.sum(np.sqrt(v, out=out)))(x, np.zeros(3))
    whole = adjoint.jvp(lambda v: np.add(v, 1, dtype=np.float32, casting="unsafe"), (x,), (x,))[1]
    assert whole.dtype == np.float32
    with pytest.raises(TypeError, match="casting rule 'safe'"):
        adjoint.grad(lambda v: np.sum(np.add(v, 1, dtype=np.float32, casting="safe")))(x)


def test_matrix_products_are_ufuncs() -> None:
    a, b = drawn("d", (2, 3), ""), drawn("d", (3, 4), "")
    found = adjoint.vjp(np.matmul, a, b)[1](np.ones((2, 4)))
    np.testing.assert_allclose(found[0], np.ones((2, 4)) @ b.T)
    np.testing.assert_allclose(found[1], a.T @ np.ones((2, 4)))
    same(on_tape(np.vecdot, [a, a]), np.vecdot(a, a), "vecdot")
    same(on_tape(np.matvec, [a, b[:, 0]]), np.matvec(a, b[:, 0]), "matvec")
    same(on_tape(np.vecmat, [a[0], b]), np.vecmat(a[0], b), "vecmat")
    same(on_tape(lambda v: np.vecdot(v, v, axis=0), [a]), np.vecdot(a, a, axis=0), "vecdot, axis")
