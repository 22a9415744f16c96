"""Writing in place: assignments of every kind, views that share elements, and random programs of both.

Every function here runs as it stands on plain arrays, and on traced ones: the values are NumPy's, and the
gradients agree with differences.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.array.agreeing import agrees, close, difference, draw, same

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap
from adjoint.errors import ShapeError

X, Y = draw(4, 4), draw(4, seed=1)
MASK = np.array([True, False, True, False])


def written(write: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The array of products that `write(a, y)` has changed."""

    def function(x: Any, y: Any) -> Any:
        a = x * x
        write(a, y)
        return a

    return function


def assigning(index: Any, value: Callable[[Any, Any], Any]) -> Any:
    def write(a: Any, y: Any) -> None:
        a[index] = value(a, y)

    return write


def _augmented(a: Any, y: Any) -> None:
    a += y
    a -= a[0]
    a *= y[:, None]
    a /= 2.0
    a **= 2
    a[1:] += y
    a[:, 0] *= a[:, 1]
    a[0, 0] += 3.0


def _masked(a: Any, y: Any) -> None:
    a[MASK] *= 2.0
    a[:, MASK] = y[:, None]
    a[a > 1.0] = 0.5


def _gathered(a: Any, y: Any) -> None:
    a[[0, 2]] += y
    a[[1, 1, 1]] = a[[0, 2, 3]]
    a[[0, 1], [2, 3]] = y[:2]
    a[:, [3, 0]] = a[:, [0, 3]]
    a[[[0], [2]], [1, 3]] *= 5.0


def _overlapping(a: Any, y: Any) -> None:
    a[1:] = a[:-1]
    a[:, :-1] = a[:, 1:]
    a[::-1] = a
    a[...] = a.T


def _swapped(a: Any, y: Any) -> None:
    a[0], a[1] = a[1].copy(), a[0].copy()
    a[[2, 3]] = a[[3, 2]]
    a[0, 0], a[1, 1] = a[1, 1], a[0, 0]
    a[2], a[3] = a[3], a[2]  # as in NumPy the rows are views: both become the old row 3


def _aliased(a: Any, y: Any) -> None:
    b = a
    b[0] = y
    c = b[1:]
    c += a[0]
    a[1] *= 2.0
    c[0] = c[1] + a[3]


def _by_functions(a: Any, y: Any) -> None:
    np.copyto(a[0], y)
    np.copyto(a, 3.0, where=np.eye(4, dtype=bool))
    np.fill_diagonal(a[1:], y)
    np.put(a, [1, 6, -1], y)
    np.place(a, np.tri(4, k=-2, dtype=bool), y[:2])
    np.putmask(a, np.arange(16).reshape(4, 4) % 5 == 2, y)
    np.put_along_axis(a, np.array([[0], [1], [2], [3]]), y[:, None], axis=1)
    a[2].fill(y[0])
    a.flat[::7] = y[:3]
    np.multiply(a, y, out=a)
    np.add(a[0], a[1], out=a[2])
    a.put([4], y[1])


def _chained(a: Any, y: Any) -> None:
    b = a.T[1:].reshape(-1)  # a copy: those elements do not lie in one piece
    b[:] = 0.0
    c = a.reshape(2, 8)[:, ::2].T
    c[0] = y[:2]
    d = np.ravel(a)
    d[5:7] *= y[0]
    e = np.squeeze(a[None, 1:2])
    e += y
    f = np.expand_dims(a, 1)[2, 0]
    f[1] = 9.0
    np.swapaxes(a, 0, 1)[3] = y
    np.moveaxis(a, 0, -1)[0, 1] = y[2]
    np.flip(a)[0] = np.split(a, 2)[0][1]
    np.rot90(a)[0, :2] += 1.0
    next(iter(a))[2] = y[3]
    for row in a:
        row /= 2.0
    np.atleast_3d(a)[0, 0, 0] = y[1]
    np.einsum("ii->i", a)[1:] = y[1:]
    a.real[2] *= 3.0


WRITES: dict[str, Any] = {
    "one element": assigning((1, -2), lambda a, y: y[0] * a[0, 0]),
    "a row": assigning(2, lambda a, y: y),
    "a row by a number": assigning(-1, lambda a, y: 3.0),
    "a slice": assigning(slice(None, None, 2), lambda a, y: y),
    "a slice backwards": assigning((slice(2, None, -1), 0), lambda a, y: y[:3]),
    "an ellipsis": assigning(..., lambda a, y: y[:, None]),
    "an ellipsis and an integer": assigning((..., 1), lambda a, y: y),
    "a new axis": assigning((None, 1), lambda a, y: y[None, :]),
    "new axes to broadcast": assigning((slice(None), None), lambda a, y: y),
    "leading ones": assigning(1, lambda a, y: y[None, None]),
    "integers": assigning([0, 2], lambda a, y: y),
    "integers twice": assigning([1, 1], lambda a, y: a[:2] * 2.0),
    "a pair of integer arrays": assigning(([0, 1], [2, 2]), lambda a, y: y[:2]),
    "mixed": assigning((slice(1, 3), [3, 0]), lambda a, y: y[:2]),
    "mixed apart": assigning((0, None, [1, 2]), lambda a, y: y[:2, None]),
    "a mask": assigning(MASK, lambda a, y: y),
    "a mask of all": assigning(X > 0, lambda a, y: y[0]),
    "nothing": assigning(slice(0, 0), lambda a, y: y),
    "no integers": assigning([], lambda a, y: y),
    "a plain array": assigning(0, lambda a, y: np.arange(4)),
    "a list": assigning(0, lambda a, y: [1, 2, 3, 4]),
    "a list with traced numbers": assigning((0, slice(0, 2)), lambda a, y: np.stack([y[0], a[0, 0]])),
    "augmented": _augmented,
    "masked": _masked,
    "gathered": _gathered,
    "overlapping": _overlapping,
    "swapped": _swapped,
    "aliased": _aliased,
    "functions": _by_functions,
    "chained views": _chained,
}


@pytest.mark.parametrize("name", WRITES)
def test_writing(name: str):
    agrees(written(WRITES[name]), X, Y, second=True, batch=name != "masked", stage=name != "masked")


@pytest.mark.parametrize("name", WRITES)
def test_nothing_of_the_callers_is_changed(name: str):
    x, y = X.copy(), Y.copy()
    function = written(WRITES[name])
    grad(lambda x, y: np.sum(function(x, y)))(x, y)
    grad(lambda a: (WRITES[name](a, y), np.sum(a))[1])(x)
    jvp(lambda a: (WRITES[name](a, y), np.sum(a))[1], (x,), (x,))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


VIEWS: dict[str, Any] = {
    "slice": lambda a: a[1:3, ::2],
    "row": lambda a: a[1],
    "new axis": lambda a: a[:, None],
    "T": lambda a: a.T,
    "mT": lambda a: a.mT,
    "transpose": lambda a: a.transpose(1, 0),
    "transpose nothing": lambda a: a.transpose(0, 1),
    "reshape": lambda a: a.reshape(8, -1),
    "reshape of T": lambda a: a.T.reshape(8, -1),
    "reshape of T F": lambda a: a.T.reshape((8, -1), order="F"),
    "reshape of a slice": lambda a: a[:, :2].reshape(-1),
    "reshape of rows": lambda a: a[1:3].reshape(2, 2, 2),
    "reshape F": lambda a: a.reshape((8, 2), order="F"),
    "reshape of every second row": lambda a: a[::2].reshape(2, 2, 2),
    "ravel": lambda a: a.ravel(),
    "ravel of T": lambda a: a.T.ravel(),
    "ravel K of T": lambda a: a.T.ravel("K"),
    "ravel of a column": lambda a: a[:, 1].ravel(),
    "ravel backwards": lambda a: a[::-1].ravel(),
    "flatten": lambda a: a.flatten(),
    "copy": lambda a: a.copy(),
    "np.copy": np.copy,
    "astype": lambda a: a.astype(float),
    "squeeze": lambda a: np.squeeze(a[:, :1]),
    "squeeze nothing": np.squeeze,
    "expand_dims": lambda a: np.expand_dims(a, 0),
    "np.reshape": lambda a: np.reshape(a, (2, 8)),
    "np.ravel": np.ravel,
    "np.transpose": np.transpose,
    "swapaxes": lambda a: np.swapaxes(a, 0, 1),
    "moveaxis": lambda a: np.moveaxis(a, 0, 1),
    "flip": np.flip,
    "rot90": np.rot90,
    "rot90 by nothing": lambda a: np.rot90(a, 0),
    "split": lambda a: np.split(a, 2)[1],
    "unstack": lambda a: np.unstack(a)[2],
    "atleast_2d": np.atleast_2d,
    "atleast_3d": np.atleast_3d,
    "broadcast_arrays": lambda a: np.broadcast_arrays(a, a)[0],
    "integers": lambda a: a[[0, 1]],
    "mask": lambda a: a[MASK],
    "take": lambda a: np.take(a, [0], axis=0),
    "roll": lambda a: np.roll(a, 0),
    "repeat": lambda a: np.repeat(a, 1),
    "tile": lambda a: np.tile(a, 1),
    "concatenate": lambda a: np.concatenate([a]),
    "where": lambda a: np.where(True, a, a),
    "clip": lambda a: np.clip(a, None, None),
    "real": lambda a: a.real,
    "einsum": lambda a: np.einsum("ij->ji", a),
    "einsum diagonal": lambda a: np.einsum("ii->i", a),
    "conj": lambda a: a.conj() * 1.0,
    "positive": lambda a: +a,
    "pad": lambda a: np.pad(a, 0),
    "meshgrid": lambda a: np.meshgrid(a[0], a[1])[0],
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_share_and_copies_do_not(name: str):
    def through_the_view(x: Any) -> Any:
        a = x * x
        VIEWS[name](a)[0] = 7.0 * x[1, 1]
        return a

    def through_the_base(x: Any) -> Any:
        a = x * x
        b = VIEWS[name](a)
        a[...] = 2.0 * x
        a[1:3] *= 3.0
        return b * 1.0

    def through_both(x: Any) -> Any:
        a = x * x
        b = VIEWS[name](a)
        b += 1.0
        a *= 2.0
        b[-1] = a.reshape(-1)[: np.size(b[-1])].reshape(np.shape(b[-1]))
        return a, b + 0.0

    for function in (through_the_view, through_the_base, through_both):
        agrees(function, X)


@pytest.mark.parametrize(
    "view",
    [
        np.diagonal,
        np.diag,
        lambda a: np.broadcast_to(a, (2, 4, 4)),
        lambda a: a.diagonal(1),
        lambda a: a.imag,
    ],
)
def test_what_numpy_does_not_let_one_write_into(view: Any):
    for run in (lambda f: f(X.copy()), lambda f: grad(f)(X)):
        with pytest.raises(ValueError, match="read-only"):
            run(lambda a: (view(a).__setitem__(0, 1.0), np.sum(a))[1])

    def read(x: Any) -> Any:
        a = x * x
        b = view(a)
        a[0] = 3.0 * x[1]
        return b * 2.0

    agrees(read, X)


def test_parts_of_complex_arrays_are_views():
    def f(z: Any) -> Any:
        z = z * z
        z.real[0] = 2.0 * z.imag[1]
        z.imag *= 3.0
        return z

    agrees(f, draw(4, dtype=complex))


def test_reshape_may_be_told_not_to_copy():
    for run in (lambda f: f(X), lambda f: grad(f)(X)):
        with pytest.raises(ValueError, match="copy"):
            run(lambda x: np.sum(np.reshape(x.T, -1, copy=False)))
    assert grad(lambda x: np.sum(np.reshape(x, -1, copy=True)))(X).shape == X.shape


def test_the_dtype_of_the_array_written_into_stays():
    def f(x: Any) -> Any:
        a = np.zeros_like(x, dtype=np.float32)
        a[0] = x[0] * x[1]
        a[1:] = x[1:]
        counts = np.zeros_like(x, dtype=int)
        counts[:] = x  # truncated: no derivative
        return a + counts

    agrees(f, np.array([0.4, 1.2, 2.7]).astype(np.float32))
    assert grad(lambda x: np.sum(f(x)))(np.array([0.4, 1.2])).dtype == np.float64


def test_a_complex_number_does_not_fit_into_reals():
    for run in (lambda f: f(Y.copy()), lambda f: grad(f)(Y)):
        with pytest.raises(TypeError):
            run(lambda a: (a.__setitem__(0, 1j), np.sum(a))[1])


@pytest.mark.parametrize("value", [np.ones(3), np.ones((2, 4)), np.ones((4, 1))])
def test_a_value_that_does_not_broadcast(value: Any):
    for run in (lambda f: f(X.copy()), lambda f: grad(f)(X), lambda f: jvp(f, (X,), (X,))):
        with pytest.raises(ValueError, match="broadcast"):
            run(lambda a: (a.__setitem__(0, value), np.sum(a))[1])
    with pytest.raises(ShapeError):
        grad(lambda a: np.sum(a.__iadd__(np.ones((2, 4, 4)))))(X)


def test_captured_arrays_count_as_they_were():
    weights = np.array([1.0, 2.0])

    def f(x: Any) -> Any:
        total = x * weights
        a = np.zeros_like(x)
        a[:] = weights
        a[0] = x[0]
        weights[:] = 100.0
        return np.sum(total) + np.sum(a * x)

    np.testing.assert_array_equal(grad(f)(np.array([3.0, 5.0])), [7.0, 4.0])


def test_gradients_of_gradients_with_writes():
    def f(x: Any) -> Any:
        a = np.zeros_like(x)
        for i in range(len(x)):
            a[i] = x[i] ** 3 * (a[i - 1] if i else 1.0)
        a[1:] *= x[:-1]
        return np.sum(a)

    x = np.array([0.5, 1.5, -0.7])
    slope = grad(f)
    hessian = np.stack([grad(lambda v, i=i: slope(v)[i])(x) for i in range(3)])
    for i, unit in enumerate(np.eye(3)):
        np.testing.assert_allclose(jvp(slope, (x,), (unit,))[1], hessian[i])
        np.testing.assert_allclose(difference(lambda h, u=unit: slope(x + h * u))[0], hessian[i], rtol=1e-7)
    batch = np.stack([x, 2 * x])
    np.testing.assert_allclose(vmap(slope)(batch), np.stack([slope(v) for v in batch]))


def test_an_inner_value_may_be_written_into_an_outer_array():
    def f(x: Any) -> Any:
        a = x * 1.0

        def inner(t: Any) -> Any:
            b = a + 0.0 * t
            b[0] = t * t * b[1]
            return np.sum(b * b)

        return grad(inner)(x[2])

    x = np.array([1.0, 2.0, 3.0])
    # d/dt (t^2 x1)^2 at t = x2 is 4 x2^3 x1^2
    assert f(x) == pytest.approx(4 * 27 * 4)
    np.testing.assert_allclose(grad(f)(x), [0.0, 4 * 27 * 2 * 2.0, 12 * 9 * 4.0])


def _filled(x: Any) -> Any:
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = np.sin(x[i])
    return np.sum(out)


def _whole_arrays_made(n: int) -> int:
    """How often the gradient of filling n elements copies an array or makes one of zeros."""
    gradient, x = grad(_filled), draw(n)
    gradient(x)
    names: list[str] = []

    def watch(frame: Any, event: str, called: Any) -> None:
        if event == "c_call":
            names.append(called.__name__)

    sys.setprofile(watch)
    try:
        gradient(x)
    finally:
        sys.setprofile(None)
    assert len(names) > n  # something was watched
    return sum(name in ("copy", "zeros") for name in names)


def test_filling_element_by_element_copies_no_more_for_more_elements():
    np.testing.assert_allclose(grad(_filled)(draw(100)), np.cos(draw(100)))
    assert _whole_arrays_made(160) == _whole_arrays_made(40) < 10


# --- random programs ---------------------------------------------------------------------------------

MAKE_VIEW: list[Callable[[Any], Any]] = [
    lambda a: a.T,
    lambda a: a[1:],
    lambda a: a[..., ::2],
    lambda a: a[::-1],
    lambda a: a.reshape(-1),
    lambda a: np.ravel(a, "F"),
    lambda a: a[None],
    lambda a: np.swapaxes(a, 0, -1),
    lambda a: np.squeeze(a),
    lambda a: a[0],
    lambda a: np.flip(a, 0),
    lambda a: a.copy(),
    lambda a: a * 0.5,
    lambda a: a,
    lambda a: np.expand_dims(a, -1),
    lambda a: a.reshape(a.shape[::-1], order="F"),
]


def _set_row(a: Any, b: Any) -> None:
    a[0] = np.sum(b) * 0.3


def _set_all(a: Any, b: Any) -> None:
    a[...] = np.resize(b, np.shape(a)) * 0.5


def _shift(a: Any, b: Any) -> None:
    a[1:] = a[:-1]


def _shift_back(a: Any, b: Any) -> None:
    a[:-1] += a[1:]


def _scale(a: Any, b: Any) -> None:
    a *= np.mean(b) * 0.5


def _add(a: Any, b: Any) -> None:
    a += 0.25 * np.max(np.shape(b), initial=1)


def _mask(a: Any, b: Any) -> None:
    a[np.arange(len(a)) % 2 == 0] *= 0.7


def _swap(a: Any, b: Any) -> None:
    a[[0, -1]] = a[[-1, 0]]


def _swap_views(a: Any, b: Any) -> None:
    a[0], a[-1] = a[-1], a[0]


def _repeat(a: Any, b: Any) -> None:
    a[[0, 0, -1]] = np.sin(np.resize(b, (3, *np.shape(a)[1:])))


def _element(a: Any, b: Any) -> None:
    a[(0,) * np.ndim(a)] = np.sum(b * b) * 0.1


def _square(a: Any, b: Any) -> None:
    np.multiply(a, a, out=a)


CHANGE: list[Callable[[Any, Any], None]] = [
    _set_row,
    _set_all,
    _shift,
    _shift_back,
    _scale,
    _add,
    _mask,
    _swap,
    _swap_views,
    _repeat,
    _element,
    _square,
]


def interpret(steps: list[tuple[int, int, int, int]], x: Any) -> list[Any]:
    """Run a random program: each step makes an array of another, or changes one by another."""
    arrays = [x * 1.0, np.zeros_like(x)]
    arrays[1][:] = x * x
    for kind, what, first, second in steps:
        a, b = arrays[first % len(arrays)], arrays[second % len(arrays)]
        if kind == 0:
            if np.ndim(a) and np.size(a):
                arrays.append(MAKE_VIEW[what % len(MAKE_VIEW)](a))
        elif np.ndim(a) and np.size(a) and np.size(b):
            CHANGE[what % len(CHANGE)](a, b)
    return arrays


STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 15), st.integers(0, 9), st.integers(0, 9)), max_size=9
)


@given(STEPS)
@settings(max_examples=200)
def test_random_programs(steps: list[tuple[int, int, int, int]]):
    x = draw(3, 4) * 0.5
    with np.errstate(all="ignore"):
        want = interpret(steps, x.copy())
    if not all(np.all(np.abs(v) < 1e3) for v in want):
        return
    weights = [draw(*np.shape(v), seed=i) for i, v in enumerate(want)]

    def loss(x: Any) -> Any:
        return sum(np.sum(w * v) for w, v in zip(weights, interpret(steps, x), strict=True))

    value, pull = vjp(lambda x: interpret(steps, x), x)
    same(value, want, "values")
    (gradient,) = pull(weights)
    np.testing.assert_allclose(grad(loss)(x), gradient, rtol=1e-10, atol=1e-10)
    move = draw(3, 4, seed=7)
    _, tangent = jvp(loss, (x,), (move,))
    scale = float(np.sum(np.abs(gradient * move))) + 1.0
    np.testing.assert_allclose(np.sum(gradient * move), tangent, rtol=0, atol=1e-11 * scale)
    (slope,) = difference(lambda h: loss(x + 0.1 * h * move))
    close(10 * slope, np.sum(gradient * move), "differences", 1e-5)


@given(STEPS)
@settings(max_examples=60)
def test_random_programs_in_every_trace(steps: list[tuple[int, int, int, int]]):
    x = draw(3, 4) * 0.5
    with np.errstate(all="ignore"):
        want = interpret(steps, x.copy())
    if not all(np.all(np.abs(v) < 1e2) for v in want):
        return
    same(trace(lambda x: interpret(steps, x))(x)(x), want, "staged")
    batch = np.stack([x, 0.5 * x])
    for got, first in zip(vmap(lambda x: interpret(steps, x))(batch), want, strict=True):
        same(got[0], first, "a batch")

    def loss(x: Any) -> Any:
        return sum(np.sum(v * v) for v in interpret(steps, x))

    slope, move = grad(loss), draw(3, 4, seed=7)
    _, forward = jvp(slope, (x,), (move,))
    reverse = grad(lambda x: np.sum(slope(x) * move))(x)
    size = float(np.max(np.abs(forward))) + 1.0
    np.testing.assert_allclose(forward, reverse, rtol=0, atol=1e-11 * size)
    (differences,) = difference(lambda h: slope(x + 0.1 * h * move))
    np.testing.assert_allclose(10 * differences, forward, rtol=0, atol=1e-5 * size)


# --- filling element by element in forward mode ------------------------------------------------------


def test_forward_mode_fills_without_copying() -> None:
    """The box keeps its arrays of values and tangents from one write to the next."""
    kept: set[tuple[int, int]] = set()

    def function(x: Any) -> Any:
        out = np.zeros(6)
        for i in range(6):
            out[i] = x[i % 4] ** 2
            if i:
                kept.add((id(out.value), id(out.extra)))
        return out

    value, tangent = jvp(function, (Y,), (np.ones(4),))
    assert len(kept) == 1
    np.testing.assert_array_equal(value, Y[[0, 1, 2, 3, 0, 1]] ** 2)
    np.testing.assert_array_equal(tangent, 2 * Y[[0, 1, 2, 3, 0, 1]])


def _kept_part(y: Any) -> Any:
    out = np.zeros(4)
    out[0] = y[0]
    part, whole = out[:2], out.copy()
    out[1] = y[1] ** 2
    out[2:] = 3.0
    out[0] = y[2]
    return part, whole, out


def _other_name(y: Any) -> Any:
    out = np.zeros(4)
    out[0] = y[0]
    again, half = out, out / 2.0
    again[0] = y[1] * 2.0
    out[1:] = out[:-1] * y[:3]
    return out, half


def _dead_tangent(y: Any) -> Any:
    out = y * 1.0
    out[1] = 5.0
    out[2:] = y[0] * np.ones(2)
    out[:] = out[::-1].copy()
    return out


@pytest.mark.parametrize("function", [_kept_part, _other_name, _dead_tangent])
def test_forward_mode_writes_into_what_nobody_else_holds(function: Callable[..., Any]) -> None:
    agrees(function, Y, second=True)


def test_a_tangent_that_the_caller_holds_is_not_written_into() -> None:
    moves = np.ones(4)

    def function(y: Any) -> Any:
        y[0] = 7.0
        return y

    _, tangent = jvp(function, (Y,), (moves,))
    np.testing.assert_array_equal(tangent, [0.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(moves, 1.0)
