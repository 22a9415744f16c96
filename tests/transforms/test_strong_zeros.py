"""scale, select, sqrt, norm: at every edge forward equals reverse at orders 1 to 3, in any mix of modes.

Each row is a function, a point, and the slopes that DERIVATIVES' one rule gives there: in every product of
derivative arithmetic an exact zero in either factor gives zero.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp
from adjoint.core.avals import aval_of
from adjoint.primitives.structure import scale, select, zeros

INF, NAN = float("inf"), float("nan")
Function = Callable[[Any], Any]


def forward(function: Function) -> Function:
    return lambda x: jvp(function, (x,), (1.0,))[1]


MODES = {"forward": forward, "reverse": grad}


def masked(x: Any) -> Any:
    return np.where(x > 0, np.sqrt(x), 0.0)


def times_mask(x: Any) -> Any:
    return 0.0 * np.sqrt(x)


ROWS: dict[str, tuple[Function, float, float]] = {
    # what it is: (the function, the point, its first derivative there)
    "where(x > 0, sqrt(x), 0)": (masked, 0.0, 0.0),
    "where(x > 0, sqrt(x), 0), left": (masked, -1.0, 0.0),
    "where(x > 0, 1/x, 0)": (lambda x: np.where(x > 0, 1.0 / np.where(x > 0, x, 1.0), 0.0), 0.0, 0.0),
    "0 * sqrt(x)": (times_mask, 0.0, 0.0),
    "x * sqrt(x)": (lambda x: x * np.sqrt(x), 0.0, 0.0),
    "sqrt(x * x)": (lambda x: np.sqrt(x * x), 0.0, 0.0),
    "sqrt(x)": (np.sqrt, 0.0, INF),
    "sqrt(-0.)": (np.sqrt, -0.0, INF),
    "sqrt(x) + sqrt(x)": (lambda x: np.sqrt(x) + np.sqrt(x), 0.0, INF),
    "sqrt(sqrt(x))": (lambda x: np.sqrt(np.sqrt(x)), 0.0, INF),
    "sqrt(x)**2, absorbed": (lambda x: np.sqrt(x) * np.sqrt(x), 0.0, 0.0),
    "sin(sqrt(x))": (lambda x: np.sin(np.sqrt(x)), 0.0, INF),
    "cos(sqrt(x)), absorbed": (lambda x: np.cos(np.sqrt(x)), 0.0, 0.0),
    "abs(x)": (abs, 0.0, 0.0),
    "abs(-0.)": (abs, -0.0, 0.0),
    "x * abs(x)": (lambda x: x * abs(x), 0.0, 0.0),
    "norm of (x, 0)": (lambda x: np.sqrt(x * x + 0.0), 0.0, 0.0),
    "1/x": (lambda x: 1.0 / x, 0.0, -INF),
    "a chosen constant": (lambda x: np.where(x > 0, x, 3.0), -2.0, 0.0),
    "inf * x, of nothing": (lambda x: scale_by(INF, 0.0 * x), 2.0, 0.0),
}


def scale_by(partial: float, x: Any) -> Any:
    aval = aval_of(x)
    return scale(aval.dtype.type(partial), x) if not aval.weak else scale(partial, x)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("row", ROWS)
def test_every_mix_of_modes_agrees(row: str, order: int) -> None:
    function, point, slope = ROWS[row]
    found: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        for mix in itertools.product(MODES, repeat=order):
            derivative = function
            for mode in mix:
                derivative = MODES[mode](derivative)
            found["-".join(mix)] = np.asarray(derivative(np.float64(point)), float)
    values = np.array(list(found.values()))
    np.testing.assert_array_equal(values, np.broadcast_to(values[0], values.shape), err_msg=str(found))
    if order == 1:
        assert values[0] == slope


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_python_floats_have_the_same_edges(mode: Any) -> None:
    """Python's own arithmetic raises at 1/0 where NumPy's does not: no rule may pass through it."""
    for row, (function, point, slope) in ROWS.items():
        if row != "1/x":  # which Python refuses to compute itself
            with np.errstate(all="ignore"):
                assert mode(function)(point) == slope, row


def test_a_scale_of_arrays_absorbs_element_by_element() -> None:
    partial, t = np.array([INF, NAN, 2.0, 0.0, 0.0]), np.array([0.0, 0.0, 3.0, INF, NAN])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(scale(partial, t), [0.0, 0.0, 6.0, 0.0, 0.0])
    np.testing.assert_array_equal(scale(np.array([INF, NAN]), np.array([1.0, 1.0])), [INF, NAN])


def test_an_overflow_is_no_reason_to_absorb() -> None:
    """The test for what is not finite is a sum of squares, which may overflow: the product still stands."""
    big = np.array([1e200, 1e-200, 0.0])
    np.testing.assert_array_equal(scale(big, np.array([1.0, 1.0, 5.0])), big)


@pytest.mark.parametrize("kind", [float, complex, np.float64, np.complex128])
def test_a_scale_of_numbers_keeps_their_kind(kind: Any) -> None:
    with np.errstate(all="ignore"):
        assert type(scale(kind(INF), kind(0.0))) is kind
        assert scale(kind(INF), kind(0.0)) == 0
        assert scale(kind(0.0), kind(INF)) == 0
    assert type(scale(kind(2.0), kind(3.0))) is kind


def test_select_gives_nothing_to_what_was_not_chosen() -> None:
    mask = np.array([True, False])

    def function(x: Any, y: Any) -> Any:
        return (select(mask, 1.0 / x, np.sqrt(y))).sum()

    with np.errstate(all="ignore"):
        x, y = grad(function, argnums=(0, 1))(np.array([2.0, 0.0]), np.array([0.0, 4.0]))
    np.testing.assert_array_equal(x, [-0.25, 0.0])
    np.testing.assert_array_equal(y, [0.0, 0.25])
    assert zeros(aval_of(np.float32(1))) == 0
