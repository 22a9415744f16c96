"""`debug(absorbed=...)`: each product in a derivative where an exact zero swallowed an infinity or NaN."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import NonFiniteError
from adjoint.transforms.findings import Absorbed

TANGENT, BACKWARD = "forward-mode derivative", "backward pass"

ROWS: dict[str, tuple[Callable[[Any], Any], str, str, int]] = {
    # the function, at 0: the operation in whose derivative it happens, forward and in reverse; how often
    "sqrt(x)**2": (lambda x: np.sqrt(x) ** 2, "square", "sqrt", 1),
    "x * sqrt(x)": (lambda x: x * np.sqrt(x), "multiply", "sqrt", 1),
    "sqrt(x * x)": (lambda x: np.sqrt(x * x), "sqrt", "multiply", 2),
    "0 * sqrt(x)": (lambda x: 0.0 * np.sqrt(x), "multiply", "sqrt", 1),
    "cos(sqrt(x))": (lambda x: np.cos(np.sqrt(x)), "cos", "sqrt", 1),
}


def reported(call: Callable[[], Any]) -> list[Absorbed]:
    with ad.debug(absorbed="report") as report, np.errstate(all="ignore"):
        call()
    assert report.nonfinite == []
    return report.absorbed


@pytest.mark.parametrize("row", ROWS)
def test_every_absorption_is_told(row: str) -> None:
    function, forward, reverse, count = ROWS[row]
    line = inspect.getsourcelines(function)[1]
    calls = {
        (TANGENT, forward): lambda: ad.jvp(function, (0.0,), (1.0,)),
        (BACKWARD, reverse): lambda: ad.grad(function)(0.0),
    }
    for (phase, operation), call in calls.items():
        (record,) = reported(call)
        assert (record.operation, record.phase, record.factor) == (operation, phase, "inf")
        expected = count if phase == BACKWARD else 1
        assert (record.entries, record.times, record.order, record.step) == (expected, expected, 1, None)
        assert record.line is not None
        assert (record.line.file, record.line.number) == (__file__, line)


def test_what_is_not_selected_is_told_where_a_product_swallowed_it() -> None:
    """In reverse the mask gives the slope a zero to meet; forward the slope itself is left out."""

    def function(x: Any) -> Any:
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([0.0, 1.0, 0.0])
    (record,) = reported(lambda: ad.grad(function)(x))
    assert (record.operation, record.entries, record.phase) == ("sqrt", 2, BACKWARD)
    assert reported(lambda: ad.jvp(function, (x,), (np.ones(3),))) == []
    (record,) = reported(lambda: ad.jvp(function, (x,), (np.array([0.0, 1.0, 1.0]),)))
    assert (record.operation, record.entries, record.phase) == ("sqrt", 1, TANGENT)


def test_nothing_is_told_where_nothing_was_swallowed() -> None:
    big = np.array([1e200, -1e200, 0.0])
    for call in (
        lambda: ad.grad(np.sqrt)(0.0),
        lambda: ad.grad(lambda x: np.sum(x * x))(np.zeros(3)),
        lambda: ad.grad(lambda x: np.sum(np.exp(x) * big))(np.zeros(3)),
        lambda: ad.grad(lambda x: np.sum(x * np.array([np.inf, 1.0])))(np.ones(2)),
    ):
        assert reported(call) == []


def test_a_nan_that_was_swallowed() -> None:
    """d/dy of x**y is NaN for x < 0, and here nothing depends on it."""
    (record,) = reported(lambda: ad.grad(lambda y: 0.0 * np.power(-2.0, y))(3.0))
    assert (record.operation, record.factor) == ("power", "nan")

    def both(x: Any) -> Any:
        return np.sum(0.0 * np.power(np.array([-2.0, 0.0]), x) + 0.0 * np.sqrt(x - x))

    kinds = {r.operation: r.factor for r in reported(lambda: ad.grad(both)(np.array([1.0, 2.0])))}
    assert kinds == {"power": "nan", "sqrt": "inf"}


def test_one_line_is_one_record() -> None:
    def function(x: Any) -> Any:
        total = 0.0
        for _ in range(4):
            total = total + np.sum(np.sqrt(x) * np.sqrt(x))
        return total

    (record,) = reported(lambda: ad.grad(function)(np.zeros(3)))
    assert (record.entries, record.times) == (24, 8)


def test_second_order_tells_the_step() -> None:
    found = reported(lambda: ad.grad(ad.grad(lambda x: x * np.sqrt(x)))(0.0))
    assert {r.operation for r in found} <= {"sqrt", "multiply"}
    assert {r.order for r in found} == {1, 2}
    second = [r for r in found if r.order == 2]
    assert all(r.step is not None for r in second)
    assert "a step in the derivative of sqrt" in str(next(r for r in second if r.operation == "sqrt"))


def test_every_door() -> None:
    def function(x: Any) -> Any:
        return np.sum(np.sqrt(x) * np.sqrt(x))

    x = np.array([0.0, 1.0])
    for call in (
        lambda: function(ad.tensor(x, requires_grad=True)).backward(),
        lambda: ad.vjp(function, x)[1](1.0),
        lambda: ad.jacobian(function)(x),
        lambda: ad.jacfwd(function)(x),
        lambda: ad.jacrev(function)(x),
        lambda: ad.linearize(function, x)[1](np.ones(2)),
        lambda: ad.hvp(function, (x,), (np.ones(2),)),
        lambda: ad.vmap(ad.grad(np.square))(x) + ad.vmap(ad.grad(lambda v: np.sqrt(v) ** 2))(x),
    ):
        found = reported(call)
        assert found
        assert {r.operation for r in found} <= {"sqrt", "multiply", "square"}
        assert all(r.line is not None and r.line.file == __file__ for r in found)


def test_a_program_of_a_derivative() -> None:
    """Run without its function, it still tells; the line is the one that runs it."""
    program = ad.trace(ad.grad(lambda x: np.sqrt(x) * np.sqrt(x)))(1.0)
    (record,) = reported(lambda: program(0.0))
    assert record.line is not None
    assert record.line.file == __file__


def test_raise_and_warn() -> None:
    text = r"0 \* inf was taken for 0 in the derivative of sqrt"
    with pytest.raises(NonFiniteError, match=text) as caught, ad.debug(absorbed="raise"):
        ad.grad(lambda x: np.sqrt(x) ** 2)(0.0)
    assert isinstance(caught.value.record, Absorbed)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with ad.debug(absorbed="warn"):
            assert ad.grad(lambda x: np.sqrt(x) ** 2)(0.0) == 0.0
    assert [w.filename for w in told] == [__file__]
    assert "1 element" in str(told[0].message)


def test_beside_nan() -> None:
    """What `nan` must not tell, since it reaches nothing, `absorbed` does."""
    with ad.debug(nan="raise", absorbed="report") as report:
        assert ad.grad(lambda x: np.sqrt(x) ** 2)(0.0) == 0.0
    assert report.nonfinite == []
    assert len(report.absorbed) == 1


def test_the_table() -> None:
    with ad.debug(absorbed="report") as report:
        ad.grad(lambda x: np.sum(np.sqrt(x) ** 2))(np.zeros(3))
    head, row = str(report).splitlines()
    assert head.split("  ")[0] == "absorbed"
    assert row.startswith("3 x 0 * inf  sqrt")
    assert __file__ in row
