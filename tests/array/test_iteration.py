"""NumPy's iterators over elements, stretches, trimming, arrays as text, sharing memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import AdjointError, DtypeError, MutationError, TraceError

from .agreeing import agrees, draw

X, M = draw(6), draw(3, 4)


# --- iterators -----------------------------------------------------------------------------------


def _enumerated(x: Any) -> Any:
    total = 0.0
    for (i, j), value in np.ndenumerate(x):
        total = total + value**2 * (i + 2 * j)
    return total


def _gone_through(x: Any) -> Any:
    it = np.nditer(x, flags=["multi_index"])
    total = 0.0
    while not it.finished:
        total = total + it[0] ** 2 * (it.multi_index[0] + 1)
        it.iternext()
    return total


def _counted(x: Any) -> Any:
    it = np.nditer(x, flags=["c_index"], order="F")
    return np.array([value * (it.index + 1) for value in it])


def _side_by_side(x: Any) -> Any:
    total = 0.0
    for a, b in np.nditer([x, x[:, :1]]):
        total = total + a**2 * b
    return total


def _written(x: Any) -> Any:
    out = np.zeros((3, 4))
    with np.nditer([x, out], op_flags=[["readonly"], ["writeonly"]]) as it:
        for a, b in it:
            b[...] = a * a
    return out


def _given_away(x: Any) -> Any:
    it = np.nditer([x, None])
    for a, b in it:
        b[...] = a * 3.0
    return it.operands[1]


def _changed(x: Any) -> Any:
    y = x.copy()
    for value in np.nditer(y, op_flags=["readwrite"]):
        value[...] = value * value
    return y


def _broadcast(x: Any) -> Any:
    pairs = np.broadcast(x, x[0])
    assert (pairs.shape, pairs.nd, pairs.size, pairs.numiter) == ((3, 4), 2, 12, 2)
    total = sum(a * a * b for a, b in pairs)
    pairs.reset()
    return total + next(pairs)[0]


@pytest.mark.parametrize(
    "function",
    [_enumerated, _gone_through, _counted, _side_by_side, _written, _given_away, _changed, _broadcast],
)
def test_iterators(function: Callable[..., Any]) -> None:
    agrees(function, M, second=True)


def test_nditer_refuses_chunks() -> None:
    with pytest.raises(TraceError, match="external_loop"):
        ad.grad(lambda x: sum(v.sum() for v in np.nditer(x, flags=["external_loop"])))(X)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.fromiter((v * v for v in x), float),
        lambda x: np.fromiter((v * v for v in x), dtype=np.float64, count=4),
        lambda x: np.frompyfunc(lambda v: v * v, 1, 1)(x).astype(float),
        lambda x: np.frompyfunc(lambda v, w: v * w, 2, 1)(x, x[:1]).astype(float),
        lambda x: np.fromfunction(lambda i, j: x[0] * i + x[1] ** 2 * j, (2, 3)),
    ],
)
def test_arrays_of_what_python_gives(function: Callable[..., Any]) -> None:
    agrees(function, X, second=True)


def test_fromiter_refuses_too_few() -> None:
    with pytest.raises(ValueError, match="too short"):
        ad.grad(lambda x: np.fromiter(iter(x), float, count=9).sum())(X)


# --- stretches -----------------------------------------------------------------------------------

STARTS = [0, 2, 1, 4, 4]


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.subtract])
def test_reduceat(ufunc: Any) -> None:
    agrees(lambda x: ufunc.reduceat(x, STARTS), X, second=True)
    agrees(lambda x: ufunc.reduceat(x, [0, 2], axis=1), M, second=True)
    agrees(lambda x: ufunc.reduceat(x, [1, 0, 2]), M)


def test_reduceat_refuses_what_numpy_refuses() -> None:
    with pytest.raises(IndexError, match="out-of-bounds"):
        ad.grad(lambda x: np.add.reduceat(x, [0, 6]).sum())(X)


def test_add_at_into_zeros() -> None:
    def function(x: Any) -> Any:
        out = np.zeros(4)
        np.add.at(out, [0, 1, 1, 3, 2, 1], x**2)
        return out

    agrees(function, X, second=True)


# --- interpolation, quantiles with weights, trimming ---------------------------------------------

PLACES, KNOTS = np.array([-7.3, 0.4, 2.6, 30.1]), np.array([0.5, 2.0, 3.7, 5.1])
VALUES = draw(4, seed=4)


@pytest.mark.parametrize("options", [{}, {"left": 9.0}, {"right": -1.0}, {"period": 6.0}, {"period": -6.0}])
def test_interp(options: dict[str, Any]) -> None:
    agrees(lambda x, k, v: np.interp(x, k, v, **options), PLACES, KNOTS, VALUES, second=True, batch=False)
    agrees(lambda x, v: np.interp(x, KNOTS, v, **options), PLACES, VALUES)
    agrees(lambda x: np.interp(x, KNOTS, VALUES + 1j, **options), PLACES.reshape(2, 2))
    agrees(lambda v: np.interp(PLACES, KNOTS, v, **options), draw(4, dtype=np.complex128))


def test_interp_in_its_ends_and_period() -> None:
    agrees(lambda v: np.interp(PLACES, KNOTS, VALUES, left=v[0] ** 2, right=v[1]), VALUES, second=True)
    agrees(lambda p: np.interp(PLACES, KNOTS, VALUES, period=p), np.float64(6.0), batch=False)
    agrees(lambda x: np.interp(x, [1.0], [2.0]) * x, PLACES)
    x = KNOTS.astype(np.float32)
    assert ad.vjp(lambda v: np.interp(v, KNOTS, VALUES), x)[0].dtype == np.float64


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: np.interp(x, KNOTS, VALUES[:3]), "same length"),
        (lambda x: np.interp(x, KNOTS, VALUES[:3], period=2.0), "same length"),
        (lambda x: np.interp(x, [], []), "empty"),
        (lambda x: np.interp(x, KNOTS, VALUES, period=0), "non-zero"),
        (lambda x: np.interp(x, KNOTS.reshape(2, 2), VALUES, period=2.0), "1-D sequences"),
    ],
)
def test_interp_refuses_what_numpy_refuses(call: Callable[..., Any], match: str) -> None:
    for run in (call, ad.grad(lambda x: np.sum(call(x)))):
        with pytest.raises(ValueError, match=match):
            run(PLACES)


WEIGHTS = np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.quantile(x, 0.4, weights=WEIGHTS, method="inverted_cdf"),
        lambda x: np.percentile(x, [10, 60, 100], weights=WEIGHTS, method="inverted_cdf"),
        lambda x: np.quantile(x, [[0.2], [0.7]], weights=WEIGHTS, method="inverted_cdf", keepdims=True),
        lambda x: np.quantile(x.reshape(2, 3), 0.5, axis=1, weights=WEIGHTS[:3], method="inverted_cdf"),
        lambda x: np.nanquantile(
            np.concatenate([x, [np.nan]]), 0.5, weights=[*WEIGHTS, 4.0], method="inverted_cdf"
        ),
        lambda x: np.nanpercentile(
            x.reshape(2, 3), [20, 50], axis=0, weights=WEIGHTS.reshape(2, 3), method="inverted_cdf"
        ),
        lambda x: np.quantile(
            x.reshape(2, 3),
            0.5,
            axis=(0, 1),
            weights=WEIGHTS.reshape(2, 3),
            method="inverted_cdf",
            keepdims=True,
        ),
    ],
)
def test_weighted_quantiles(function: Callable[..., Any]) -> None:
    agrees(function, X, batch=False, stage=False)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.trim_zeros(np.concatenate([[0.0, 0.0], x, [0.0]])),
        lambda x: np.trim_zeros(np.concatenate([[0.0, 0.0], x, [0.0]]), "f"),
        lambda x: np.trim_zeros(np.concatenate([[0.0, 0.0], x, [0.0]]), trim="B"),
        lambda x: np.trim_zeros(np.pad(x.reshape(2, 3), 1)),
        lambda x: np.trim_zeros(np.pad(x.reshape(2, 3), 1), axis=-1),
        lambda x: np.trim_zeros(np.concatenate([x * 0.0, x, [0.0]]), "fb"),
    ],
)
def test_trim_zeros(function: Callable[..., Any]) -> None:
    agrees(function, X, batch=False, stage=False)


def test_trim_zeros_of_nothing_else() -> None:
    assert ad.vjp(lambda x: np.trim_zeros(0.0 * x), X)[0].shape == (0,)
    with pytest.raises(ValueError, match="unexpected character"):
        ad.vjp(lambda x: np.trim_zeros(x, "x"), X)


def test_i0() -> None:
    x = np.array([-9.0, -0.5, 0.0, 0.7, 3.0, 12.0])
    agrees(lambda v: np.i0(v) / np.cosh(x), x, second=True)
    with pytest.raises(TypeError, match="complex"):
        ad.vjp(np.i0, draw(2, dtype=np.complex128))


# --- memory, text, and what must not leave -------------------------------------------------------


def test_sharing_memory() -> None:
    def function(x: Any) -> Any:
        y = x[:2]
        found.append((np.shares_memory(x, y), np.may_share_memory(y, x[1:]), np.shares_memory(y, x[2:])))
        found.append((np.shares_memory(x, x.copy()), np.may_share_memory(x, X), y.base is x, x.base is None))
        return x.sum()

    found: list[Any] = []
    ad.grad(function)(X)
    assert found == [(True, True, False), (False, False, True, True)]


def test_arrays_as_text() -> None:
    def function(x: Any) -> Any:
        texts.extend((np.array2string(x, precision=2), np.array_str(x), np.array_repr(x)))
        texts.extend((np.format_float_positional(x[0]), np.format_float_scientific(x[0], precision=3)))
        return x.sum()

    texts: list[str] = []
    ad.grad(function)(X)
    want = [np.array2string(X, precision=2), np.array_str(X), np.array_repr(X)]
    assert texts == [*want, np.format_float_positional(X[0]), np.format_float_scientific(X[0], precision=3)]


@pytest.mark.parametrize("name", ["tobytes", "dumps", "byteswap"])
def test_bytes_leave_no_trace(name: str) -> None:
    with pytest.raises(TraceError, match=name):
        ad.grad(lambda x: (getattr(x, name)(), x.sum())[1])(X)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: x.tofile("nowhere"), TraceError),
        (lambda x: x.getfield(np.float32), TraceError),
        (lambda x: x.resize(3), TraceError),
        (lambda x: setattr(x, "shape", (2, 3)), MutationError),
        (lambda x: x.view(np.matrix), DtypeError),
        (lambda x: np.ma.array(x), DtypeError),
        (lambda x: np.from_dlpack(x), TraceError),
    ],
)
def test_what_cannot_be_met_is_refused(call: Callable[..., Any], error: type[AdjointError]) -> None:
    with pytest.raises(error):
        ad.grad(lambda x: (call(x), x.sum())[1])(X)


def test_methods_of_arrays() -> None:
    agrees(lambda x: x.view(np.ndarray) ** 2, X, second=True)
    agrees(lambda x: x[x.argpartition(2)[:1]], X)
    agrees(lambda x: (x.setflags(write=False), x * x)[1], X)


def test_complex_slopes_on_the_cuts_of_arcsin_and_its_kin() -> None:
    for function in (np.arcsin, np.arccos, np.arccosh, np.arcsinh):
        for at, by in (
            (2.5 + 0j, 1e-5),
            (complex(-2.5, -0.0), 1e-5),
            (2j, 1e-5j),
            (complex(-0.0, -2), 1e-5j),
        ):
            ahead = _moved(at, by)
            behind = _moved(at, -by)
            want = (function(ahead) - function(behind)) / (2 * by)
            found = ad.jvp(function, (np.complex128(at),), (np.complex128(1.0),))[1]
            np.testing.assert_allclose(found, want, rtol=1e-6, err_msg=f"{function.__name__} at {at}")


def _moved(z: complex, by: complex) -> complex:
    """Z moved along one axis: the sign of a zero on the other one stands."""
    return complex(z.real + by.real if by.real else z.real, z.imag + by.imag if by.imag else z.imag)
