"""The public loops and branches: what they take, what they refuse, and that they are loops in a Program."""

import time
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.errors import ArgumentError, ContainerError, DtypeError, ShapeError, TraceError

XS = np.arange(6.0).reshape(3, 2)


# --- plain values --------------------------------------------------------------------------------


def test_plain_values_run_as_python():
    seen = []

    def body(state: Any, x: Any) -> Any:
        seen.append(type(x))
        return state + (x if x > 1.0 else -x), None

    last, ys = adjoint.scan(body, 0.0, np.array([0.5, 2.0, 3.0]))
    assert last == 4.5
    assert ys is None
    assert seen == [np.float64] * 3


def test_a_body_may_ask_for_numbers_under_a_derivative():
    def f(x: Any) -> Any:
        def step(s: Any, i: Any) -> Any:
            return (s * x if s < 10.0 else s + x), s

        last, ys = adjoint.scan(step, x, None, 5)
        return last + np.sum(ys)

    def by_hand(x: Any) -> Any:
        s, total = x, 0.0
        for _ in range(5):
            total = total + s
            s = s * x if s < 10.0 else s + x
        return s + total

    for x in (1.3, 3.0):
        assert np.isclose(adjoint.grad(f)(x), adjoint.grad(by_hand)(x), rtol=1e-13)
        assert np.isclose(adjoint.jvp(f, (x,), (1.0,))[1], adjoint.grad(by_hand)(x), rtol=1e-13)


@pytest.mark.parametrize("traced", [False, True])
def test_zero_rounds(traced: bool):
    def f(x: Any) -> Any:
        last, ys = adjoint.scan(lambda s, row: (s * row, {"y": s + row}), x, np.zeros((0, 3)))
        assert ys["y"].shape == (0, 3)
        same = adjoint.fori_loop(3, 1, lambda i, s: s * i, x)
        again = adjoint.while_loop(lambda s: s[0] < -9.0, lambda s: s * 2.0, x)
        assert adjoint.map(lambda row: row * x, np.zeros((0, 3))).shape == (0, 3)
        return np.sum(last + same * same + again * 3.0 + np.sum(ys["y"]))

    x = np.array([1.0, 2.0, 3.0])
    if traced:
        np.testing.assert_allclose(adjoint.grad(f)(x), 4.0 + 2.0 * x)
        np.testing.assert_allclose(adjoint.trace(adjoint.grad(f))(x)(x), 4.0 + 2.0 * x)
    else:
        assert f(x) == np.sum(x * 4 + x * x)


def test_dtypes_widen_alike_eagerly_and_staged():
    def f(x: Any) -> Any:
        return adjoint.fori_loop(
            0, 3, lambda i, s: {"n": s["n"] + 0.5, "x": s["x"] * x}, {"n": 1, "x": np.float32(1)}
        )

    eager, staged = f(2.0), adjoint.trace(f)(2.0)(2.0)
    for key, dtype in (("n", np.float64), ("x", np.float32)):
        assert eager[key] == staged[key]
        assert eager[key].dtype == staged[key].dtype == dtype
    assert eager["n"] == 2.5


def test_containers_go_anywhere():
    def step(state: Any, row: Any) -> Any:
        (a, b), rest = state["p"], state["q"]
        return {"p": (a + row["u"], b * 2.0), "q": [rest[0] - row["v"][0]]}, (a, [None, b])

    init = {"p": (0.0, 1.0), "q": [0.5]}
    rows = {"u": np.arange(3.0), "v": (np.ones(3),)}

    def f(scale: Any) -> Any:
        last, (first, (_, second)) = adjoint.scan(step, {**init, "p": (scale, 1.0)}, rows)
        return last["p"][0] * last["p"][1] + np.sum(first * second) + last["q"][0]

    assert f(0.0) == 3.0 * 8.0 + (0.0 + 0.0 + 4.0) - 2.5
    assert adjoint.grad(f)(0.0) == 8.0 + 1.0 + 2.0 + 4.0


def test_a_traced_number_of_rounds():
    def f(n: Any, x: Any) -> Any:
        return adjoint.fori_loop(0, n, lambda i, s: s * x, 1.0)

    program = adjoint.trace(f)(np.int64(3), 2.0)
    assert [program(np.int64(n), 2.0) for n in (0, 1, 5)] == [1.0, 2.0, 32.0]
    gradient = adjoint.trace(adjoint.grad(f, 1))(np.int64(3), 2.0)
    assert [gradient(np.int64(n), 2.0) for n in (0, 1, 5)] == [0.0, 1.0, 80.0]
    found = adjoint.vmap(adjoint.grad(f, 1), (0, None))(np.array([0, 1, 5, 2]), 2.0)
    np.testing.assert_array_equal(found, [0.0, 1.0, 80.0, 4.0])


def test_indices_out_of_range_take_the_nearest():
    branches = [lambda x: x, lambda x: x * 2.0, lambda x: x * 3.0]
    for index, factor in ((-5, 1.0), (0, 1.0), (2, 3.0), (9, 3.0)):
        assert adjoint.switch(index, branches, 2.0) == 2.0 * factor
        assert adjoint.trace(lambda k, x: adjoint.switch(k, branches, x))(np.int64(0), 2.0)(
            np.int64(index), 2.0
        ) == (2.0 * factor)
    found = adjoint.vmap(lambda k: adjoint.switch(k, branches, 2.0))(np.array([-5, 1, 9]))
    np.testing.assert_array_equal(found, [2.0, 4.0, 6.0])


def test_associative_scans_backwards_and_of_any_length():
    for n in range(1, 18):
        xs = np.cos(np.arange(float(n)))
        np.testing.assert_allclose(adjoint.associative_scan(np.add, xs), np.cumsum(xs), rtol=1e-12)
        back = adjoint.associative_scan(np.multiply, xs, reverse=True)
        np.testing.assert_allclose(back, np.cumprod(xs[::-1])[::-1], rtol=1e-12)


# --- Programs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{}, {"checkpoint": 7}, {"checkpoint": "binomial", "slots": 4}, {"unroll": 2}]
)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_text_of_a_program_does_not_grow_with_the_rounds(options: dict[str, Any], order: int):
    def f(w: Any, xs: Any) -> Any:
        last, ys = adjoint.scan(lambda s, x: (np.tanh(w * s + x), s * x), 1.0, xs, **options)
        k = adjoint.fori_loop(0, len(xs), lambda i, s: np.sin(s * w), 0.5)
        end = adjoint.while_loop(lambda s: s > 1e-3, lambda s: s * 0.9 * w, k)
        return last + np.sum(ys) + end

    for _ in range(order):
        f = adjoint.grad(f)
    lines = [str(adjoint.trace(f)(0.7, np.zeros(n))).count("\n") for n in (20, 2000)]
    assert lines[0] == lines[1] > 5


def test_what_is_around_a_body_stays_a_loop():
    """Traced values that only the closure holds are found."""

    def f(w: Any) -> Any:
        return adjoint.fori_loop(0, 50, lambda i, s: np.sin(s * w), 1.0)

    assert str(adjoint.trace(f)(0.7)).count("sin") == 1


def test_plain_loops_are_quick():
    def round_(s: Any, x: Any) -> Any:
        return s * 0.5 + x, None

    xs = np.ones(3000)
    adjoint.scan(round_, 0.0, xs)
    start = time.perf_counter()
    adjoint.scan(round_, 0.0, xs)
    assert time.perf_counter() - start < 0.3  # 100 microseconds a round


# --- errors --------------------------------------------------------------------------------------

STAGED = [lambda f: f(2.0), lambda f: adjoint.grad(f)(2.0), lambda f: adjoint.trace(f)(2.0)]


@pytest.mark.parametrize("how", STAGED)
def test_states_that_change(how: Any):
    def loop(init: Any, body: Any) -> Any:
        return lambda x: adjoint.fori_loop(0, 3, lambda i, s: body(s, x), init)

    with pytest.raises(ShapeError, match=r"\['b'\] goes from float64\[2\] to float64\[2,2\]"):
        how(loop({"a": 1.0, "b": np.ones(2)}, lambda s, x: {"a": x, "b": np.multiply.outer(s["b"], s["b"])}))
    with pytest.raises(ContainerError, match="gives back a state like the one it takes"):
        how(loop((1.0, 2.0), lambda s, x: [s[0] * x, s[1]]))
    with pytest.raises(ContainerError, match=r"a str: 'down' at \['way'\]"):
        how(loop({"way": "down", "x": 1.0}, lambda s, x: s))
    with pytest.raises(ContainerError, match="a str: 'up'"):
        how(loop({"a": 1.0}, lambda s, x: {"a": "up"}))


@pytest.mark.parametrize("how", STAGED)
def test_other_mistakes(how: Any):
    with pytest.raises(ContainerError, match="Return a pair"):
        how(lambda x: adjoint.scan(lambda s, row: s * x, 1.0, XS)[0])
    with pytest.raises(ShapeError, match=r"\['a'\] \(3, 2\), \['b'\] \(2,\)"):
        how(lambda x: adjoint.scan(lambda s, row: (s * x, None), 1.0, {"a": XS, "b": np.ones(2)})[0])
    with pytest.raises(ShapeError, match="no sequence"):
        how(lambda x: adjoint.scan(lambda s, row: (s * x, None), 1.0)[0])
    with pytest.raises(ShapeError, match="length=4"):
        how(lambda x: adjoint.scan(lambda s, row: (s * x, None), 1.0, XS, 4)[0])
    with pytest.raises(DtypeError, match="one truth value"):
        how(lambda x: adjoint.while_loop(lambda s: np.full(2, s) > 0, lambda s: s * x, 1.0))
    with pytest.raises(DtypeError, match="one truth value"):
        how(lambda x: adjoint.cond(x, np.sin, np.cos, x))
    with pytest.raises(DtypeError, match="a whole number to choose by"):
        how(lambda x: adjoint.switch(x, [np.sin, np.cos], x))
    with pytest.raises(DtypeError, match="a whole number"):
        how(lambda x: adjoint.fori_loop(0, 2.5, lambda i, s: s * x, 1.0))
    with pytest.raises(ArgumentError, match="none"):
        how(lambda x: adjoint.switch(0, [], x))
    with pytest.raises(ContainerError, match="of a function"):
        how(lambda x: adjoint.map(3.0, XS))


def test_branches_that_differ():
    with pytest.raises(ShapeError, match="result 0 goes from"):
        adjoint.trace(lambda x: adjoint.cond(x > 0, lambda x: np.ones(2) * x, lambda x: np.ones(3) * x, x))(
            1.0
        )
    with pytest.raises(ContainerError, match="branches"):
        adjoint.trace(lambda x: adjoint.cond(x > 0, lambda x: (x, x), lambda x: x, x))(1.0)


def test_a_condition_that_asks_for_numbers_in_a_program():
    with pytest.raises(TraceError, match="a condition"):
        adjoint.trace(lambda x: adjoint.while_loop(lambda s: bool(s > 0), lambda s: s - 1.0, x))(1.0)


@pytest.mark.parametrize("wrong", ["most", 0, -3, 2.5, True, "doubled"])
def test_schedules_are_checked(wrong: Any):
    with pytest.raises(ArgumentError):
        adjoint.scan(lambda s, x: (s + x, None), 0.0, np.ones(3), checkpoint=wrong)
    with pytest.raises(ArgumentError):
        adjoint.while_loop(lambda s: s < 3, lambda s: s + 1, 0, checkpoint=wrong)


def test_schedules_of_loops_of_unknown_length():
    for wrong in ("binomial", "sqrt"):
        with pytest.raises(ArgumentError, match="doubling"):
            adjoint.while_loop(lambda s: s < 3, lambda s: s + 1, 0, checkpoint=wrong)
    with pytest.raises(ArgumentError, match="slots"):
        adjoint.scan(lambda s, x: (s, None), 0.0, np.ones(3), checkpoint="binomial", slots=0)
    with pytest.raises(ArgumentError, match="unroll"):
        adjoint.scan(lambda s, x: (s, None), 0.0, np.ones(3), unroll=0)
