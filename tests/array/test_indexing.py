"""Reading parts with every kind of index: NumPy's values and errors, and the derivatives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import basic_indices, integer_array_indices
from tests.array.agreeing import agrees, draw, same

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap
from adjoint.errors import MutationError, TraceError

X = draw(3, 4, 5)
FLAGS = np.array([True, False, True])
PLANE = X[:, :, 0] > 0

BASIC = [
    0,
    -1,
    np.int64(1),
    np.array(1),
    (1, 2),
    (1, 2, 3),
    (-1, -2, -3),
    slice(None),
    slice(1, None),
    slice(None, None, -1),
    slice(-2, -9, -1),
    slice(2, 1),
    (slice(None), 1),
    (slice(None, None, 2), slice(3, 0, -2), slice(1, 4)),
    ...,
    (..., 0),
    (0, ..., 1),
    (1, ...),
    None,
    (None, 0, None, ..., None),
    (slice(0, 0), 1),
    (),
]
ADVANCED = [
    [0, 2, 2],
    np.array([-1, 0]),
    np.array([[0, 1], [2, 0]]),
    ([0, 1], [2, 3]),
    ([0, 1], [2, 3], [4, 0]),
    (slice(None), [1, 1]),
    (slice(None), [1, 1], [0, 4]),
    ([0, 1], slice(None), [2, 3]),
    (0, slice(None), [2, 3]),
    (slice(None), 1, [2, 3]),
    (slice(None), [2, 3], 1),
    ([[0], [1]], [0, 1, 2]),
    (..., [0, 1]),
    ([0, 1], ..., 0),
    (None, [0, 1], None),
    ([0, 1], None, [1, 2]),
    (slice(None), None, [1, 2]),
    (slice(2, 0, -1), [0, 3], slice(1, 3)),
    [],
    ([], []),
    (slice(None), np.zeros((0, 2), int)),
    np.array([1], np.uint8),
    FLAGS,
    list(FLAGS),
    X > 0,
    PLANE,
    (FLAGS, 0),
    (FLAGS, [0, 1]),
    (slice(None), [True, False, True, False]),
    (FLAGS, slice(None), [0, 4]),
    (PLANE, slice(1, 3)),
    (0, PLANE[0]),
    np.zeros(3, bool),
    True,
    False,
    (True, 0),
    (None, True, [0, 1]),
]


@pytest.mark.parametrize("index", [*BASIC, *ADVANCED], ids=str)
def test_reading(index: Any):
    agrees(lambda x: x[index], X)


@pytest.mark.parametrize("index", [(), ..., None, (..., None), True, np.array(False)], ids=str)
def test_reading_few_axes(index: Any):
    agrees(lambda x: np.asarray(x)[index] if isinstance(x, float) else x[index], draw(), batch=False)


@given(st.data())
def test_reading_by_any_basic_index(data: Any):
    index = data.draw(basic_indices(X.shape, allow_newaxis=True, max_dims=6))
    value, pull = vjp(lambda x: x[index], X)
    same(value, X[index], str(index))
    _check_places(index, pull, value)


@given(st.data())
def test_reading_by_any_integer_arrays(data: Any):
    index = data.draw(integer_array_indices(X.shape))
    value, pull = vjp(lambda x: x[index], X)
    same(value, X[index], str(index))
    _check_places(index, pull, value)


def _check_places(index: Any, pull: Any, value: Any) -> None:
    weights = draw(*np.shape(value), seed=3)
    want = np.zeros_like(X)
    np.add.at(want, index, weights)
    same(pull(weights)[0], want, str(index))


WRONG = [
    3,
    -4,
    (0, 4),
    (0, 0, -6),
    (0, 0, 0, 0),
    (..., ...),
    1.0,
    np.array([0.5]),
    "a",
    [0, 3],
    ([0, 1], [0, 4]),
    (slice(None), [-5]),
    ([0, 1], [0, 1, 2]),
    [True, False],
    np.ones((3, 3), bool),
    (FLAGS, [0, 1, 2]),
]


@pytest.mark.parametrize("index", WRONG, ids=str)
def test_errors_are_numpys(index: Any):
    with pytest.raises(IndexError) as plain:
        X[index]
    for function in (lambda x: np.sum(x[index]), lambda x: _written(x, index)):
        for run in (
            grad(function),
            lambda x, f=function: jvp(f, (x,), (x,)),
            lambda x, f=function: trace(f)(x),
        ):
            with pytest.raises(IndexError) as ours:
                run(X)
            if "mask" not in str(plain.value) and "broadcast" not in str(plain.value):
                assert str(ours.value)[:30] == str(plain.value)[:30]


def _written(x: Any, index: Any) -> Any:
    x = x.copy()
    x[index] = 0.0
    return np.sum(x)


def test_wrong_element_of_a_vector():
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0 with size 3"):
        grad(lambda x: x[3])(draw(3))
    with pytest.raises(IndexError, match="index -4 is out of bounds for axis 0 with size 3"):
        grad(lambda x: _written(x, -4))(draw(3))


def test_a_traced_index_reads_and_writes_each_example():
    numbers = np.array([2, 0, -1])
    examples = np.stack([X[:, :3], 2 * X[:, 1:], X[::-1, :3]])

    def f(x: Any, i: Any) -> Any:
        y = x * x
        y[i] = y[i - 1, :, ::-1] * 10.0
        y[[0, 1], i] *= 2.0
        y[:, [[0, 1]], i] += x[:, i, :2, None].reshape(3, 1, 2)
        return y[1:, i]

    got = vmap(f)(examples, numbers)
    for k, i in enumerate(numbers):
        np.testing.assert_allclose(got[k], f(examples[k], i))
    found = grad(lambda x: np.sum(vmap(f)(x, numbers) ** 2))(examples)
    want = grad(lambda x: sum(np.sum(f(v, i) ** 2) for v, i in zip(x, numbers, strict=True)))(examples)
    np.testing.assert_allclose(found, want)


def test_a_plain_array_does_not_take_a_traced_index_in_silence():
    with pytest.raises(TraceError):
        vmap(lambda i: X[i])(np.array([0, 1]))


def test_a_mask_may_be_staged_where_one_number_is_written():
    def f(x: Any) -> Any:
        y = x * 2.0
        y[y > 0] = 7.0
        return y

    agrees(f, X)


def test_what_has_no_known_shape_is_refused():
    for function in (lambda x: x[x > 0], lambda x: np.nonzero(x), lambda x: np.sum(x[: int(x[0] > 0)])):
        with pytest.raises(TraceError):
            trace(function)(draw(3))


def test_iterating_gives_the_rows():
    agrees(lambda x: sum(row * k for k, row in enumerate(x)), X)
    agrees(lambda x: [a + b for a, b in zip(x, reversed(list(x)), strict=True)], X)
    with pytest.raises(TypeError):
        grad(lambda x: sum(v for v in x))(3.0)
    with pytest.raises(TypeError):
        grad(lambda x: float(len(x)))(3.0)


def test_a_plain_array_is_read_by_traced_positions():
    table = draw(6)

    def f(x: Any) -> Any:
        order = np.argsort(x)
        return np.sum(x[order] * table[:3] + table[np.asarray(order)])

    x = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(grad(f)(x), table[np.argsort(np.argsort(x))])


PLAIN_WRITES = [
    lambda a, x: a.__setitem__(slice(None), x),
    lambda a, x: a.__setitem__([0, 1], x[:2]),
    lambda a, x: a.__setitem__(a > -1, x),
    lambda a, x: a.__iadd__(x),
    lambda a, x: a.__imul__(x[0]),
    lambda a, x: np.add(x, 1.0, out=a),
    lambda a, x: np.sum(x[None], axis=0, out=a),
    lambda a, x: np.copyto(a, x),
    lambda a, x: np.put(a, [0], x[0]),
    lambda a, x: np.put_along_axis(a, np.array([1]), x[0], 0),
    lambda a, x: np.concatenate([x], out=a),
]


@pytest.mark.parametrize("write", PLAIN_WRITES)
def test_a_traced_value_never_goes_into_a_plain_array(write: Any):
    plain = np.zeros(3)

    def f(x: Any) -> Any:
        write(plain, x)
        return x[0]

    with pytest.raises((TraceError, MutationError)) as caught:
        grad(f)(draw(3))
    assert "test_indexing.py" in str(caught.value)
    assert not plain.any()


def test_nor_into_one_element():
    plain = np.zeros(3)
    with pytest.raises(TraceError, match=r"test_indexing\.py"):
        grad(lambda x: plain.__setitem__(0, x[0]) or x[0])(draw(3))
    assert not plain.any()


@pytest.mark.parametrize(
    "write", [np.fill_diagonal, lambda a, v: np.place(a, a == 0, v), lambda a, v: np.putmask(a, a == 0, v)]
)
def test_nor_by_functions(write: Any):
    plain = np.zeros((2, 2))
    with pytest.raises((TraceError, MutationError)):
        grad(lambda x: write(plain, x) or x)(1.0)
    assert not plain.any()
