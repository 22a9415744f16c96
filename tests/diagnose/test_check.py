"""What `check_grads` passes: right derivatives, in containers, precisions, complex numbers and sizes."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from adjoint.core.primitive import Tracer
from adjoint.diagnose import Report, check_grads, examine
from adjoint.errors import ArgumentError, CheckError, DataError, DtypeError

SCHEMES = ["auto", "forward", "central", "five-point", "richardson", "complex"]
RNG = np.random.default_rng(0)
VECTOR = RNG.normal(size=4)
MATRIX = RNG.normal(size=(3, 4))


def product(x: Any) -> Any:
    return np.sin(x) * x


def layer(parameters: dict[str, Any], x: Any) -> Any:
    return {"y": np.tanh(parameters["w"] @ x + parameters["b"]), "norm": np.sum(parameters["w"] * 2.0)}


PARAMETERS = {"w": MATRIX, "b": np.array([0.5, 0.0, -1e-9])}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("x", [0.7, VECTOR, 1e6 * VECTOR, 1e-6 * VECTOR], ids=["float", "1", "1e6", "1e-6"])
def test_schemes(scheme: str, x: Any):
    def function(x: Any) -> Any:
        return np.sin(x / np.max(np.abs(x0))) * x

    x0 = x
    assert check_grads(function, x, scheme=scheme).passed


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("x", [0.0, 1.0, -3.7, 1e-12])
def test_polynomials_to_rounding(degree: int, x: float):
    def power(x: Any) -> Any:
        value = 1.0 + 0.0 * x
        for _ in range(degree):
            value = value * x
        return value

    report = check_grads(power, x)
    assert degree > 4 or all(row.error < 1e-9 for row in report.rows if row.derivative)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_orders(order: int):
    report = check_grads(layer, PARAMETERS, VECTOR, order=order)
    modes = {row.mode for row in report.rows}
    assert len(modes) == 2 ** (order + 1) - 2
    assert order < 2 or {"fwd over rev", "rev over rev", "rev over fwd", "fwd over fwd"} <= modes
    assert [part.needed for part in report.orders] == [order + 1] * 2


def test_modes_and_argnums():
    report = check_grads(layer, PARAMETERS, VECTOR, modes=["rev"], argnums=1)
    assert {row.mode for row in report.rows} == {"rev", "rev over rev"}
    assert {row.argument for row in report.rows} == {"argument 1 (x)"}


def test_containers_are_named():
    report = check_grads(layer, PARAMETERS, VECTOR, order=1)
    expected = ["argument 0 (parameters)['b']", "argument 0 (parameters)['w']", "argument 1 (x)"]
    assert [row.argument for row in report.rows] == expected * 2
    assert "argument 0 (parameters)['w'], 12 elements" in str(report)


def test_dataclasses_and_tuples():
    @dataclasses.dataclass
    class Layer:
        weight: Any
        bias: Any

    def apply(layer: Layer, pair: tuple[Any, Any]) -> Any:
        return layer.weight * pair[0] + layer.bias * pair[1], [layer.bias * layer.bias]

    report = check_grads(apply, Layer(VECTOR, 2.0), (1.0, VECTOR))
    assert report.rows[1].argument == "argument 0 (layer).bias"


@pytest.mark.parametrize("dtype", ["float16", "float32", "longdouble"])
@pytest.mark.parametrize("scheme", ["auto", "central", "forward"])
def test_precisions(dtype: str, scheme: str):
    x = np.array([0.5, -1.25, 0.75], dtype)
    order = 1 if (dtype, scheme) == ("float16", "forward") else 2  # beyond, 0.1 of the slope is rounding
    report = check_grads(lambda x: np.sin(x) * x, x, scheme=scheme, order=order)
    assert all(row.allowed < 0.6 for row in report.rows)


def test_precision_decides_step_and_tolerance():
    double = check_grads(product, 1.0).rows[0]
    single = check_grads(product, np.float32(1.0)).rows[0]
    assert double.step == 2.0**-11
    assert single.step == 2.0**-5
    assert double.allowed < 1e-9 < 1e-5 < single.allowed < 1e-3


@pytest.mark.parametrize("z", [1.5 - 0.5j, np.array([0.2 + 1j, -1.0 + 0.0j]), np.complex64(0.5 + 1j)])
def test_complex(z: Any):
    report = check_grads(lambda z: z * z * np.sin(z), z)
    count = 2 * np.size(z)
    assert {row.checked for row in report.rows} == {f"{count} elements"}


def test_large_inputs_go_in_random_directions():
    x = RNG.normal(size=(80, 90))
    report = check_grads(lambda x: np.sum(np.sin(x) * x), x)
    assert {row.checked for row in report.rows} == {"4 random directions"}
    report = check_grads(lambda x: np.sin(x) * x, x, directions=2, order=1)
    assert {row.checked for row in report.rows} == {"2 random directions"}


def test_a_slope_that_is_small_beside_the_value():
    check_grads(lambda x: 1.0 + x, 1e-12)
    check_grads(lambda x: 1e5 + np.sin(x), 1.0)


def test_a_slope_of_zero():
    check_grads(lambda x: 0.0 * x + 3.0, VECTOR)
    check_grads(lambda x, y: np.sum(x * x), VECTOR, VECTOR)
    check_grads(lambda x: np.sin(x) * np.sin(x) + np.cos(x) * np.cos(x), VECTOR)


def test_a_fast_oscillation_needs_shorter_steps():
    row = check_grads(lambda x: np.sin(1e5 * x), 1.0).rows[0]
    assert row.step < 1e-6


def test_a_kink_nearby_needs_shorter_steps():
    row = check_grads(lambda x: abs(x - 1.0), 1.0 + 1e-4).rows[0]
    assert row.step < 1e-4


def test_a_bound_nearby_needs_shorter_steps():
    row = check_grads(lambda x: np.sqrt(x - 1.0), 1.0 + 1e-4).rows[0]
    assert row.step < 1e-4


def test_symmetric_arguments_move_symmetrically():
    seen: list[Any] = []

    def one_triangle(a: Any) -> Any:
        if not isinstance(a, Tracer):
            seen.append(a)
        return np.sum(a[0] * a[0]) + a[1, 1] * a[2, 1]

    a = MATRIX[:, :3] + MATRIX[:, :3].T
    report = check_grads(one_triangle, a, symmetric=(0,))
    assert report.rows[0].checked == "6 elements"
    assert check_grads(one_triangle, a, symmetric=("a",), directions=3).passed
    assert seen
    assert all(np.array_equal(a, a.T) for a in seen)


def test_hermitian_arguments_stay_hermitian():
    seen: list[Any] = []

    def function(a: Any) -> Any:
        if not isinstance(a, Tracer):
            seen.append(a)
        return a[0, 1] * a[0, 0] * a[1, 1]

    a = np.array([[1.0, 2.0 + 1j], [2.0 - 1j, 3.0]])
    report = check_grads(function, a, symmetric=(0,))
    assert report.rows[0].checked == "4 elements"
    assert all(np.array_equal(a, a.conj().T) for a in seen)


def test_what_is_not_symmetric_is_refused():
    with pytest.raises(ArgumentError, match=r"A \+ A\.conj"):
        check_grads(np.sum, MATRIX[:, :3], symmetric=(0,))
    with pytest.raises(ArgumentError, match="square"):
        check_grads(np.sum, MATRIX, symmetric=(0,))
    with pytest.raises(ArgumentError, match="symmetric"):
        check_grads(np.sum, MATRIX, symmetric=(1,))


def test_integers():
    with pytest.raises(DtypeError, match=r"Write 3\.0"):
        check_grads(lambda x: x * x, 3)
    with pytest.raises(DtypeError, match=r"argument 1 \(n\)"):
        check_grads(lambda x, n: x * n, 3.0, 2, argnums=(0, 1))
    report = check_grads(lambda x, n: x * n, 3.0, 2)
    assert report.notes == ("argument 1 (n), an int: 2, is constant",)
    with pytest.warns(UserWarning, match="constant"):
        report = check_grads(lambda d: d["x"] * d["n"], {"x": 3.0, "n": 2})
    assert {row.argument for row in report.rows} == {"argument 0 (d)['x']"}


def test_a_function_of_integers_and_floats_is_checked_in_its_floats():
    report = check_grads(lambda x: (x * x, 3), 2.0, order=1)
    assert report.passed


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"order": 0}, "order"),
        ({"modes": ()}, "modes"),
        ({"modes": ("forward",)}, "modes"),
        ({"scheme": "midpoint"}, "scheme"),
        ({"directions": 0}, "directions"),
        ({"argnums": 3}, "argnums"),
    ],
)
def test_unknown_options(options: dict[str, Any], match: str):
    with pytest.raises(ArgumentError, match=match):
        check_grads(product, 1.0, **options)


def test_nothing_to_check():
    with pytest.raises(ArgumentError, match="no arguments"):
        check_grads(product)
    with pytest.raises(DataError, match="empty"):
        check_grads(product, np.zeros(0))
    with pytest.raises(DtypeError, match="returns floating-point"):
        check_grads(lambda x: 3, 1.0)


def test_complex_step_detects_misuse():
    for function in (abs, lambda x: np.sqrt(x * x), lambda x: x * 2.0 if abs(x) > 0 else x):
        assert check_grads(function, 2.0).passed
    with pytest.raises(ArgumentError, match="analytic"):
        check_grads(abs, 2.0, scheme="complex")
    with pytest.raises(ArgumentError, match="analytic"):
        check_grads(lambda x: np.maximum(x, 1.0) * abs(x), 2.0, scheme="complex")
    with pytest.raises(ArgumentError, match="analytic"):
        check_grads(lambda z: z * z, 1.0 + 2j, scheme="complex")


def test_complex_step_is_exact():
    report = check_grads(lambda x: np.sin(x) * x + x * x * x, VECTOR, scheme="complex")
    assert all(row.error < 1e-13 for row in report.rows)


def test_tolerances_are_the_callers():
    with pytest.raises(CheckError, match=r"rounding|no step"):
        check_grads(product, 1.0, rtol=1e-15)
    assert check_grads(product, 1.0, rtol=1e-5).rows[0].allowed > 1e-6
    assert check_grads(lambda x: 1e10 + x, 1.0, rtol=1e-3).passed
    assert check_grads(lambda x: 1e10 + x, 1.0, atol=0.1).passed


def test_the_seed_decides():
    x = RNG.normal(size=100)
    first, again = (examine(product, x, seed=3, order=1) for _ in range(2))
    assert first == again
    assert examine(product, x, seed=4, order=1) != first


def test_arguments_are_left_alone():
    x = VECTOR.copy()

    def in_place(x: Any) -> Any:
        x *= 2.0
        return np.sum(x * x)

    assert check_grads(in_place, x).passed
    assert np.array_equal(x, VECTOR)


def test_a_report_reads():
    report = check_grads(product, VECTOR, order=1)
    assert isinstance(report, Report)
    lines = str(report).splitlines()
    assert lines[0] == "derivatives of product: passed"
    assert len(lines) == 5
    assert "fwd, argument 0 (x), 4 elements: worst error" in lines[1]
    assert "Taylor remainder, rev: order 2." in lines[4]
