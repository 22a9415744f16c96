"""Shapes, joining, selecting: NumPy's functions on traced arrays, against NumPy and differences."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from tests.array.agreeing import agrees, draw

from adjoint import dtypes
from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap
from adjoint.errors import TraceError

A, B, V, T = draw(3, 4), draw(3, 4, seed=1), draw(5), draw(2, 3, 4)
MASK = np.array([[True, False, True, True], [False] * 4, [True, True, False, False]])

SHAPES: dict[str, tuple[Any, ...]] = {
    "reshape": (lambda x: np.reshape(x, (2, -1)), A),
    "reshape F": (lambda x: np.reshape(x, (6, 2), order="F"), A),
    "reshape A of T": (lambda x: np.reshape(x.T, (6, 2), order="A"), A),
    "reshape method": (lambda x: x.reshape(2, 6), A),
    "reshape to one number": (lambda x: x[:1, :1].reshape(()), A),
    "ravel": (np.ravel, A),
    "ravel F": (lambda x: x.ravel("F"), A),
    "ravel K": (lambda x: np.ravel(np.transpose(x, (2, 0, 1)), "K"), T),
    "flatten": (lambda x: x.flatten(), T),
    "flatten F": (lambda x: x.flatten("F"), T),
    "flat": (lambda x: np.asarray(x.flat) if type(x) is np.ndarray else x.flat, A),
    "T": (lambda x: x.T, T),
    "mT": (lambda x: x.mT, T),
    "transpose": (lambda x: np.transpose(x, (1, -1, 0)), T),
    "transpose method": (lambda x: x.transpose(2, 0, 1), T),
    "transpose of a vector": (np.transpose, V),
    "swapaxes": (lambda x: np.swapaxes(x, 0, -1), T),
    "swapaxes method": (lambda x: x.swapaxes(1, 2), T),
    "moveaxis": (lambda x: np.moveaxis(x, [0, 2], [-1, 0]), T),
    "rollaxis": (lambda x: np.rollaxis(x, 2, 1), T),
    "rollaxis back": (lambda x: np.rollaxis(x, 0, 3), T),
    "matrix_transpose": (np.matrix_transpose, T),
    "linalg.matrix_transpose": (np.linalg.matrix_transpose, T),
    "permute_dims": (lambda x: np.permute_dims(x, (0, 2, 1)), T),
    "expand_dims": (lambda x: np.expand_dims(x, (0, -1)), A),
    "squeeze": (lambda x: np.squeeze(x[:, :1, None]), A),
    "squeeze an axis": (lambda x: np.squeeze(x[:, :1], axis=1), A),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3, 4)), A),
    "broadcast_to of a number": (lambda x: np.broadcast_to(x, (2, 2)), draw()),
    "broadcast_arrays": (lambda x, y: np.broadcast_arrays(x, y[:, :1]), A, B),
    "atleast_1d": (np.atleast_1d, draw()),
    "atleast_2d": (lambda x, y: np.atleast_2d(x, y), V, A),
    "atleast_3d": (lambda x, y: np.atleast_3d(x, y), V, A),
    "flip": (np.flip, A),
    "flip an axis": (lambda x: np.flip(x, (0, -1)), T),
    "fliplr": (np.fliplr, A),
    "flipud": (np.flipud, A),
    **{f"rot90 {k}": (partial(np.rot90, k=k, axes=(0, 2)), T) for k in range(-1, 4)},
    "roll": (lambda x: np.roll(x, 2), A),
    "roll an axis": (lambda x: np.roll(x, -1, axis=1), A),
    "roll axes": (lambda x: np.roll(x, (1, 2), axis=(0, 1)), A),
    "roll by nothing": (lambda x: np.roll(x, 0), A),
    "tile": (lambda x: np.tile(x, 2), A),
    "tile to more axes": (lambda x: np.tile(x, (2, 1, 3)), A),
    "repeat": (lambda x: np.repeat(x, 2), A),
    "repeat an axis": (lambda x: np.repeat(x, 3, axis=1), A),
    "repeat each": (lambda x: x.repeat([1, 0, 2, 1], axis=1), A),
    "resize": (lambda x: np.resize(x, (4, 5)), A),
    "copy": (np.copy, A),
}
JOINS: dict[str, tuple[Any, ...]] = {
    "concatenate": (lambda x, y: np.concatenate([x, y, B[:1]]), A, B),
    "concatenate an axis": (lambda x, y: np.concatenate((x, y[:, :2]), axis=-1), A, B),
    "concatenate all": (lambda x, y: np.concatenate((x, y), axis=None), A, V),
    "concat of one array": (np.concat, T),
    "concatenate dtypes": (lambda x: np.concatenate([x, np.arange(4)[None]]), A.astype(np.float32)),
    "concatenate dtype": (lambda x: np.concatenate([x, x], dtype=np.float32), A.astype(np.float32)),
    "stack": (lambda x, y: np.stack([x, y], axis=1), A, B),
    "stack of rows": (lambda x: np.stack(list(x), axis=-1), A),
    "vstack": (lambda x, y: np.vstack([x, y[0]]), A, B),
    "hstack": (lambda x, y: np.hstack([x, y]), A, B),
    "hstack of vectors": (lambda x, y: np.hstack([x, y]), V, V[:2]),
    "dstack": (lambda x, y: np.dstack([x, y]), A, B),
    "column_stack": (lambda x, y: np.column_stack([x, y[0, :3], y[:3]]), A, B),
    "block": (lambda x, y: np.block([[x, y], [y[0], y[1]]]), A, B),
    "block of numbers": (lambda x: np.block([x[0], 1.0, x[:2]]), V),
    "append": (lambda x, y: np.append(x, y), A, V),
    "append an axis": (lambda x, y: np.append(x, y, axis=0), A, B),
    "split": (lambda x: np.split(x, 3), A),
    "split at": (lambda x: np.split(x, [1, 3], axis=1), A),
    "array_split": (lambda x: np.array_split(x, 3, axis=1), A),
    "hsplit": (lambda x: np.hsplit(x, 2), A),
    "vsplit": (lambda x: np.vsplit(x, [1]), A),
    "dsplit": (lambda x: np.dsplit(x, 2), T),
    "unstack": (lambda x: np.unstack(x, axis=1), A),
    "meshgrid": (lambda x, y: np.meshgrid(x, y), V, V[:2]),
    "meshgrid ij sparse": (lambda x, y: np.meshgrid(x, y, indexing="ij", sparse=True), V, V[:2]),
}
PADS: dict[str, tuple[Any, ...]] = {
    "zeros": (lambda x: np.pad(x, 2), A),
    "constants": (lambda x: np.pad(x, ((1, 2), (0, 1)), constant_values=((3, 4), (5, 6))), A),
    **{
        mode: (partial(np.pad, pad_width=((1, 2), (2, 0)), mode=mode), A)
        for mode in ("edge", "reflect", "symmetric", "wrap", "mean", "maximum", "minimum", "median")
    },
    "reflect twice": (lambda x: np.pad(x, 6, mode="reflect"), V),
    "reflect odd": (lambda x: np.pad(x, 2, mode="reflect", reflect_type="odd"), A),
    "linear_ramp": (lambda x: np.pad(x, 2, mode="linear_ramp", end_values=1.5), A),
    "mean of two": (lambda x: np.pad(x, 2, mode="mean", stat_length=2), A),
    "maximum of two": (lambda x: np.pad(x, 2, mode="maximum", stat_length=2), A),
}
DIAGONALS: dict[str, tuple[Any, ...]] = {
    "tril": (np.tril, A),
    "triu": (lambda x: np.triu(x, 1), T),
    "tril of a vector": (np.tril, V),
    "diag of a vector": (lambda x: np.diag(x, -1), V),
    "diag of a matrix": (lambda x: np.diag(x, 1), A),
    "diagonal": (np.diagonal, A),
    "diagonal below": (lambda x: np.diagonal(x, -2), A),
    "diagonal of none": (lambda x: np.diagonal(x, 9), A),
    "diagonal of axes": (lambda x: x.diagonal(1, 2, 0), T),
    "linalg.diagonal": (lambda x: np.linalg.diagonal(x, offset=-1), T),
    "diagflat": (lambda x: np.diagflat(x, 1), draw(2, 2)),
    "trace": (lambda x: np.trace(x, 1), A),
    "trace of axes": (lambda x: np.trace(x, axis1=0, axis2=2), T),
    "linalg.trace": (np.linalg.trace, T),
}
SELECTS: dict[str, tuple[Any, ...]] = {
    "take": (lambda x: np.take(x, [3, -1, 3]), A),
    "take an axis": (lambda x: np.take(x, [[0, 2], [1, 1]], axis=1), A),
    "take one": (lambda x: x.take(2, axis=0), A),
    "take wrap": (lambda x: np.take(x, [7, -9], mode="wrap"), V),
    "take clip": (lambda x: np.take(x, [7, -9], mode="clip"), V),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.array([[0, 3, 3]]), axis=1), A),
    "take_along_axis flat": (lambda x: np.take_along_axis(x, np.array([1, 0, 1]), axis=None), A),
    "compress": (lambda x: np.compress([True, False, True], x, axis=1), A),
    "compress method": (lambda x: x.compress([0, 1, 1], axis=0), A),
    "extract": (lambda x: np.extract(MASK, x), A),
    "delete": (lambda x: np.delete(x, [0, 2], axis=1), A),
    "delete flat": (lambda x: np.delete(x, slice(1, 4)), A),
    "insert": (lambda x, y: np.insert(x, 1, y, axis=1), A, B[:, 0]),
    "insert many": (lambda x, y: np.insert(x, [1, 1, 3], y), V, V[:3]),
    "insert broadcast": (lambda x: np.insert(x, [0, 2], 7.0, axis=0), A),
    "insert rows": (lambda x, y: np.insert(x, [1], y, axis=0), A, B),
    "insert at -1": (lambda x: np.insert(x, -1, [1.0, 2.0]), V),
    "where": (lambda x, y: np.where(MASK, x, y), A, B),
    "where broadcast": (lambda x, y: np.where(MASK[:, :1], x[0], y), A, B),
    "where scalar": (lambda x: np.where(x > 0, x, 0.0), A),
    "where scalars": (lambda x: np.where(x > 0, 1.0, 0.5) * x, A),
    "where float32": (lambda x: np.where(MASK, x, 0.5), A.astype(np.float32)),
    "where integers": (lambda x: np.where(MASK, x, np.arange(4)), A.astype(np.float32)),
    "select": (lambda x, y: np.select([x > 1, x < -1], [x, y * y], y), A, B),
    "select default": (lambda x: np.select([x > 1, x > 0], [x, 2 * x], 4), A),
    "choose": (lambda x, y: np.choose(MASK.astype(int), [x, y]), A, B),
    "choose clip": (lambda x, y: np.choose([5, 0, -3, 1], (x, y), mode="clip"), A, B),
    "clip": (lambda x: np.clip(x, -1, 1.5), A),
    "clip below": (lambda x: x.clip(min=-1), A),
    "clip above": (lambda x: np.clip(x, None, 1), A),
    "clip not": (lambda x: np.clip(x, None, None), A),
    "clip bounds": (lambda x, y: np.clip(x, y - 0.5, y + 0.5), A, B),
    "round": (lambda x: x.round(1), np.floor(10 * A) / 10 + 0.02),
}
CONDITIONS: dict[str, tuple[Any, ...]] = {
    "piecewise": (lambda x: np.piecewise(x, [x < -1, x > 1], [np.sin, lambda v: v * v, np.exp]), A),
    "piecewise constants": (lambda x: np.piecewise(x, [x < 0, x >= 0], [-1.0, lambda v: v**2]), V),
    "piecewise of a number": (lambda x: np.piecewise(x, [x < 0], [lambda v: -v, np.exp]), draw()),
    "extract its own": (lambda x: np.extract(x > 0, x), A),
    "compress its own": (lambda x: np.compress(x > 0, x), V),
    "positions": (lambda x: x[np.nonzero(x > 0)], A),
    "argwhere": (lambda x: x[tuple(np.argwhere(x > 0).T)], A),
    "flatnonzero": (lambda x: x.ravel()[np.flatnonzero(x > 0)], A),
}


def _cases(table: dict[str, tuple[Any, ...]]) -> Any:
    return [pytest.param(function, arrays, id=name) for name, (function, *arrays) in table.items()]


@pytest.mark.parametrize(("function", "arrays"), _cases({**SHAPES, **JOINS, **PADS, **DIAGONALS, **SELECTS}))
def test_agrees_with_numpy(function: Any, arrays: Any):
    agrees(function, *arrays)


@pytest.mark.parametrize(("function", "arrays"), _cases(CONDITIONS))
def test_of_known_conditions(function: Any, arrays: Any):
    agrees(function, *arrays, batch=False, stage=False)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64", "complex128"])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.concatenate([x.T, np.flip(x).T], axis=1).reshape(-1),
        lambda x: np.pad(np.tril(np.roll(x, 1)), 1),
        lambda x: np.where(MASK, np.take(x, [0, 0, 1, 3], axis=1), x),
        lambda x: np.tile(np.diagonal(x, 1), 2),
    ],
)
def test_dtypes_are_kept(dtype: str, function: Any):
    agrees(function, A.astype(dtype))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.concatenate([x, x], axis=1),
        lambda x: np.stack([x.T, x.T]),
        lambda x: np.pad(x, 1),
        lambda x: np.tile(x, (2, 2)),
        lambda x: np.repeat(x, 2, axis=0),
        lambda x: np.roll(x, 1, axis=0),
        lambda x: np.flip(x).reshape(3, 0, 1),
        lambda x: np.tril(x),
        lambda x: np.trace(x),
        lambda x: np.diagonal(x),
        lambda x: np.where(x > 0, x, 1.0),
        lambda x: np.take(x, [], axis=1),
        lambda x: np.clip(x, -1, 1),
        lambda x: np.resize(x, (2, 2)),
        lambda x: np.array_split(x, 2),
        lambda x: np.broadcast_to(x[:, None], (0, 4, 3)),
    ],
)
def test_arrays_of_size_zero(function: Any):
    agrees(function, np.zeros((0, 3)), batch=False)


def test_what_where_does_not_choose_contributes_nothing():
    x = np.array([0.0, 4.0, -1.0])
    with np.errstate(invalid="ignore"):
        found = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))(x)
        _, tangent = jvp(lambda x: np.where(x > 0, np.sqrt(x), x), (x,), (np.ones(3),))
    np.testing.assert_array_equal(found, [0.0, 0.25, 0.0])
    np.testing.assert_array_equal(tangent, [1.0, 0.25, 1.0])


def test_clip_shares_evenly_at_a_bound():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.clip(x, -1, 1)))(x), [0, 0.5, 1, 0.5, 0])
    _, tangent = jvp(lambda x: np.clip(x, -1, 1), (x,), (np.ones(5),))
    np.testing.assert_array_equal(tangent, [0, 0.5, 1, 0.5, 0])


def test_a_python_number_stays_weak_beside_an_array():
    x = np.float32(2.0) * np.ones(3, np.float32)
    assert grad(lambda x: np.sum(np.where(x > 1, x, 0.0)))(x).dtype == np.float32
    assert grad(lambda x: np.sum(np.clip(x, 0.5, 3.0)))(x).dtype == np.float32


def test_bfloat16_is_kept():
    x = np.ones((2, 3), dtypes.bfloat16)
    for function in (
        lambda x: np.concatenate([x, x]),
        lambda x: np.pad(x.T, 1),
        lambda x: np.where(MASK[:2, :3], x, x),
        lambda x: np.tril(x)[:, ::-1],
        lambda x: np.take(x, [0, 1], axis=1),
    ):
        value, pull = vjp(function, x)
        want = function(x)
        assert value.dtype == want.dtype == dtypes.bfloat16
        assert value.shape == want.shape
        (found,) = pull(np.ones_like(want))
        assert found.dtype == dtypes.bfloat16
        assert found.shape == x.shape


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda x: np.reshape(x, (5, 5)), ValueError),
        (lambda x: np.reshape(x, (-1, -1)), ValueError),
        (lambda x: np.reshape(x, (0, -1)), ValueError),
        (lambda x: np.transpose(x, (0, 0)), ValueError),
        (lambda x: np.transpose(x, (0,)), ValueError),
        (lambda x: np.squeeze(x, 0), ValueError),
        (lambda x: np.expand_dims(x, (0, 0)), ValueError),
        (lambda x: np.swapaxes(x, 0, 5), ValueError),
        (lambda x: np.concatenate([x, x[:, :2]]), ValueError),
        (lambda x: np.concatenate([x, 1.0]), ValueError),
        (lambda x: np.stack([x, x[0]]), ValueError),
        (lambda x: np.split(x, 2), ValueError),
        (lambda x: np.take(x, 99), IndexError),
        (lambda x: np.choose(np.array([7]), [x, x]), ValueError),
        (lambda x: np.select([x], [x]), TypeError),
        (lambda x: np.diag(x[None]), ValueError),
        (lambda x: np.broadcast_to(x, (2, 2)), ValueError),
        (lambda x: np.pad(x, -1), ValueError),
        (lambda x: np.clip(x, 0, 1, min=0), ValueError),
    ],
)
def test_errors_are_numpys(function: Any, error: type):
    with pytest.raises(error):
        function(A)
    with pytest.raises(error):
        grad(lambda x: np.sum(function(x)))(A)


def test_what_needs_known_values_says_so():
    with pytest.raises(TraceError, match="known now"):
        vmap(lambda x: np.compress(x > 0, x))(A)


def test_types_are_those_of_the_traced_array():
    def f(x: Any) -> Any:
        assert np.shape(x) == (3, 4)
        assert np.ndim(x) == 2
        assert np.size(x) == 12
        assert np.size(x, 1) == 4
        assert np.result_type(x, np.float32) == np.float64
        assert np.can_cast(x.dtype, np.complex64) is np.can_cast(np.float64, np.complex64)
        assert np.common_type(x) is np.float64
        assert np.isrealobj(x)
        assert not np.iscomplexobj(x)
        assert np.tril_indices_from(x)[0].size == 6
        return np.sum(np.full_like(x, 2.0) * x + np.ones_like(x) + np.empty_like(x, shape=(3, 4)) * 0)

    np.testing.assert_array_equal(grad(f)(A), np.full((3, 4), 2.0))


def test_full_like_is_differentiable_in_the_value():
    assert grad(lambda x: np.sum(np.full_like(A, 0.0) + np.full_like(x * A, x)))(3.0) == 12.0


def test_leaving_on_purpose():
    def f(x: Any) -> Any:
        assert x[0].item() == 1.0
        assert x.tolist() == [1.0, 2.0]
        return x[0] * x[1].item()

    np.testing.assert_array_equal(grad(f)(np.array([1.0, 2.0])), [2.0, 0.0])
    with pytest.raises(TraceError):
        trace(lambda x: x.item())(1.0)
