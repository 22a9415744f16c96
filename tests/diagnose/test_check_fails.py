"""What `check_grads` does not pass: wrong rules of every kind, NaN, kinks; and how it tells."""

import re
from typing import Any

import numpy as np
import pytest
from tests.diagnose import wrong

from adjoint.diagnose import check_grads, examine
from adjoint.errors import ArgumentError, CheckError, DataError
from adjoint.primitives.arithmetic import multiply
from adjoint.primitives.structure import scale
from adjoint.primitives.trigonometric import cos

RNG = np.random.default_rng(1)
X = RNG.normal(size=3)
SCHEMES = ["auto", "forward", "central", "five-point", "richardson", "complex"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("slope", [wrong.factor, wrong.sign, wrong.zero])
@pytest.mark.parametrize("mode", ["fwd", "rev"])
def test_wrong_rules(scheme: str, slope: Any, mode: str):
    function = wrong.sin_with(slope, elementwise=True)
    report = examine(lambda x: np.sum(function(x) * x), X, scheme=scheme, modes=(mode,))
    assert [row.mode for row in report.rows] == [mode]
    assert "DIFFERS" in str(report)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_right_rule_passes(scheme: str):
    assert check_grads(lambda x: wrong.sin(x) * x, X, scheme=scheme).passed


@pytest.mark.parametrize("size", [0.7, 1e-5, 1e5])
def test_wrong_at_any_size(size: float):
    function = wrong.sin_with(wrong.factor)
    with pytest.raises(CheckError, match="DIFFERS"):
        check_grads(lambda x: function(x / size), 0.7 * size, order=1)


@pytest.mark.parametrize("dtype", ["float32", "complex128", "complex64"])
def test_wrong_in_other_dtypes(dtype: str):
    function = wrong.sin_with(wrong.factor)
    with pytest.raises(CheckError, match="DIFFERS"):
        check_grads(lambda x: function(x), X.astype(dtype))


def test_wrong_sign_in_half_precision():
    function = wrong.sin_with(wrong.sign)
    with pytest.raises(CheckError, match="DIFFERS"):
        check_grads(lambda x: function(x), X.astype(np.float16))


def test_a_missing_term_beside_large_ones():
    function = wrong.sin_with(wrong.zero)
    with pytest.raises(CheckError, match="DIFFERS"):
        check_grads(lambda x: 1e3 * x + function(x), 0.3)


@pytest.mark.parametrize("index", [0, 4321, 9999])
def test_one_wrong_element_of_a_large_input_is_found(index: int):
    weights = np.ones(10_000)
    weights[index] = 1.001
    function = wrong.sin_with(lambda x: multiply(weights, cos(x)))
    x = RNG.normal(size=10_000)
    for mode in ("fwd", "rev"):
        with pytest.raises(CheckError, match=re.escape(f"argument 0 (x)[{index}]")) as caught:
            check_grads(lambda x: np.sum(function(x)), x, modes=(mode,))
        found = float(re.search(r"Received: derivative ([^,]*),", str(caught.value))[1])
        assert found == pytest.approx(1.001 * np.cos(x[index]), rel=1e-6)


def test_wrong_in_forward_mode_only():
    function = wrong.sin_with(wrong.factor, pullback=wrong.pulled(cos))
    report = examine(lambda x: function(x) * x, X, order=1)
    assert {row.mode: row.passed for row in report.rows} == {"fwd": False, "rev": True}


def test_wrong_in_reverse_mode_only():
    function = wrong.sin_with(cos, pullback=wrong.pulled(wrong.factor))
    report = examine(lambda x: function(x) * x, X, order=1)
    assert {row.mode: row.passed for row in report.rows} == {"fwd": True, "rev": False}


def test_wrong_at_second_order_only():
    function = wrong.sin_with(wrong.second)
    assert check_grads(lambda x: function(x) * x, X, order=1).passed
    report = examine(lambda x: function(x) * x, X, order=2)
    assert {row.mode for row in report.rows if row.passed} == {"fwd", "rev"}
    assert {row.mode for row in report.rows if not row.passed} == {
        "fwd over fwd",
        "fwd over rev",
        "rev over fwd",
        "rev over rev",
    }
    with pytest.raises(CheckError, match="over"):
        check_grads(lambda x: function(x) * x, X)


def test_one_wrong_element_of_a_container():
    function = wrong.sin_with(wrong.sign)

    def loss(parameters: Any, y: Any) -> Any:
        return {"a": y * 2.0, "b": parameters["w"] * y + function(parameters["c"][1]) * np.ones(2)}

    with pytest.raises(CheckError) as caught:
        check_grads(loss, {"w": 0.5, "c": [np.ones(()), np.array([0.25])]}, np.array([1.0, 2.0]))
    text = str(caught.value)
    for part in (
        "loss",
        "fwd",
        "argument 0 (parameters)['c'][1][0], of output['b'][",
        "five-point, step",
    ):
        assert part in text
    assert f"derivative {-np.cos(0.25):.6f}" in text
    assert f"differences {np.cos(0.25):.6f}" in text


def test_a_wrong_rule_of_an_array_of_outputs():
    weights = np.ones(1000)
    weights[77] = 0.999
    function = wrong.sin_with(lambda x: multiply(weights, cos(x)))
    x = RNG.normal(size=1000)
    with pytest.raises(CheckError, match=r"\[77\], of output\[77\]"):
        check_grads(lambda x: function(x), x)
    with pytest.raises(CheckError, match=r"\[77\], of a random sum of outputs"):
        check_grads(lambda x: function(x), x, modes=["rev"])


@pytest.mark.parametrize("function", [abs, lambda x: x + 1000.0 * abs(x), lambda x: 1000.0 * x + abs(x)])
def test_kinks_have_no_verdict(function: Any):
    with pytest.raises(CheckError, match="not smooth here") as caught:
        check_grads(function, 0.0)
    assert "Move the point" in str(caught.value)


def test_a_tie_has_no_verdict():
    with pytest.raises(CheckError, match="not smooth here"):
        check_grads(lambda x: abs(x[0] - x[1]), np.array([0.3, 0.3]))
    assert check_grads(lambda x: abs(x[0] - x[1]), np.array([0.3, 0.4])).passed


def test_a_kink_in_one_of_many_inputs():
    x = RNG.normal(size=2000)
    x[123] = 0.0
    with pytest.raises(CheckError, match=r"x\)\[123\].*not smooth here"):
        check_grads(lambda x: np.sum(abs(x)), x)


def test_a_kink_of_the_derivative_is_met_at_second_order():
    def smooth_once(x: Any) -> Any:
        return x * abs(x)

    assert check_grads(smooth_once, 0.0, order=1).passed
    with pytest.raises(CheckError, match=r"over .*not smooth here"):
        check_grads(smooth_once, 0.0, order=2)


def test_an_infinite_slope_does_not_pass():
    with pytest.raises(CheckError, match="NOT FINITE"):
        check_grads(np.sqrt, 0.0)
    with pytest.raises(CheckError, match="NOT FINITE"):
        check_grads(np.sqrt, np.array([1.0, 0.0]))


def test_nan_in_the_arguments():
    with pytest.raises(DataError, match=r"nan in argument 0 \(x\)\[1\]"):
        check_grads(lambda x: x * x, np.array([1.0, np.nan]))
    with pytest.raises(DataError, match="inf"):
        check_grads(lambda x: x * x, np.inf)


def test_nan_in_the_value():
    with pytest.raises(CheckError, match=r"nan in output\['a'\]\[1\]"):
        check_grads(lambda x: {"a": x * np.array([1.0, np.nan])}, np.array([1.0, 2.0]))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_in_the_derivative(scheme: str, value: float):
    function = wrong.primitive("broken", lambda x: x * x, lambda t, x, *, out: scale(multiply(value, x), t))
    with pytest.raises(CheckError, match="NOT FINITE"):
        check_grads(lambda x: function(x), X, scheme=scheme)


def test_nan_in_the_differences():
    def island(x: Any) -> Any:
        nothing = 0.0 if isinstance(x, float) and x == 2.0 else np.nan
        return x * x if not isinstance(x, float | np.floating) else x * x + nothing

    with pytest.raises(CheckError, match="NOT FINITE"):
        check_grads(island, 2.0, order=1)


def test_random_functions_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(CheckError, match="same value"):
        check_grads(lambda x: x * rng.normal(), 1.0)


def test_rounding_that_hides_the_slope_is_no_pass():
    with pytest.raises(CheckError, match="rounding hides"):
        check_grads(lambda x: 1e13 + x, 1.0, order=1)


def test_shapes_that_change_are_refused():
    with pytest.raises(ValueError, match="shapes"):
        check_grads(lambda x: x[:2] if x[0] > 1 else x, np.array([1.0, 2.0, 3.0]), order=1)


def test_the_complex_step_does_not_hide_a_kink():
    def relu(x: Any) -> Any:
        return x * (x.real > 0 if isinstance(x, complex) else x > 0)

    with pytest.raises((CheckError, ArgumentError)):
        check_grads(relu, 0.0, scheme="complex", order=1)
