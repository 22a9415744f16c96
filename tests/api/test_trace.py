"""`trace`: the text of Programs, running them, differentiating them, and what cannot be traced."""

import numpy as np
import pytest

from adjoint import grad, jvp, trace, vmap
from adjoint.core.verify import verify
from adjoint.errors import ContainerError, DtypeError, ShapeError, TraceError

X = np.array([0.5, -1.0, 2.0])


def test_text_of_a_scalar_function():
    def f(x, y):
        return x * y + np.sin(x)

    assert str(trace(f)(2.0, 3.0)) == (
        "def f(x: weak float64[], y: weak float64[]) -> float64[]:\n"
        "    a: weak float64[] = multiply(x, y)\n"
        "    b: float64[] = convert(x, dtype=float64, weak=False)\n"
        "    c: float64[] = sin(b)\n"
        "    d: float64[] = convert(a, dtype=float64, weak=False)\n"
        "    e: float64[] = add(d, c)\n"
        "    return e"
    )


def test_text_of_a_matrix_function():
    def layer(w, x):
        return np.tanh(w @ x)

    assert str(trace(layer)(np.ones((2, 3)), X)) == (
        "def layer(w: float64[2,3], x: float64[3]) -> float64[2]:\n"
        "    a: float64[2] = matmul(w, x)\n"
        "    b: float64[2] = tanh(a)\n"
        "    return b"
    )


def test_names_follow_parameters_and_containers():
    def f(params, *rest, scale):
        return params["w"][0] * rest[0] * rest[1] * scale

    text = str(trace(f)({"w": [2.0, 3.0]}, 4.0, 5.0, scale=6.0))
    head = text.splitlines()[0]
    floats = ("params_w_0", "params_w_1", "rest", "rest_1", "scale")
    assert head == f"def f({', '.join(f'{n}: weak float64[]' for n in floats)}) -> weak float64[]:"


def test_lines_are_the_users():
    found = trace(lambda x: np.sin(x) * 2)(X).text(lines=True)
    assert all("test_trace.py:" in line for line in found.splitlines()[1:-1])
    assert str(trace(lambda x: x * 2)(X)) == repr(trace(lambda x: x * 2)(X))


def test_called_on_containers():
    traced = trace(lambda p, x: {"y": p["w"] @ x, "both": (x, 1.0)})({"w": np.ones((2, 3))}, X)
    w = np.arange(6.0).reshape(2, 3)
    found = traced({"w": w}, 2 * X)
    np.testing.assert_array_equal(found["y"], w @ (2 * X))
    np.testing.assert_array_equal(found["both"][0], 2 * X)
    assert found["both"][1] == 1.0
    assert traced.program is verify(traced.program)


def test_integers_and_other_things_are_fixed():
    def f(x, n, axis=None):
        for _ in range(n):
            x = x * x
        return np.sum(x, axis=axis)

    traced = trace(f)(X, 2, axis=0)
    assert len(traced.program.inputs) == 1
    assert traced(X, 2, axis=0) == np.sum(X**4)
    with pytest.raises(ContainerError, match=r"argument 1 \(n\) = 2.*an int: 3.*again"):
        traced(X, 3, axis=0)


def test_differentiated_mapped_and_traced_again():
    traced = trace(lambda x: np.sum(np.sin(x)))(X)
    np.testing.assert_allclose(grad(traced)(X), np.cos(X), rtol=1e-15)
    assert jvp(traced, (X,), (X,))[1] == pytest.approx(np.cos(X) @ X)
    np.testing.assert_allclose(vmap(traced)(np.stack([X, X])), [np.sin(X).sum()] * 2)
    assert str(trace(traced)(X)).count("sin") == 1


def test_derivatives_traced():
    program = trace(grad(lambda x: np.sum(np.sin(x) * x)))(X)
    np.testing.assert_allclose(program(2 * X), np.sin(2 * X) + 2 * X * np.cos(2 * X), rtol=1e-15)
    program = trace(lambda x, t: jvp(np.tanh, (x,), (t,)))(X, X)
    np.testing.assert_allclose(program(X, X)[1], X * (1 - np.tanh(X) ** 2), rtol=1e-15)
    program = trace(vmap(lambda x: x * 2))(X)
    np.testing.assert_array_equal(program(X), 2 * X)


def test_what_is_captured_is_kept_as_it_was():
    weight = np.ones(3)

    def f(x):
        y = x * weight
        weight[:] = 5.0
        return y + weight

    program = trace(f)(X)
    weight[:] = 100.0
    np.testing.assert_array_equal(program(X), X + 5.0)


def test_traced_inside_of_a_gradient():
    assert grad(lambda a: trace(lambda x: x * a)(2.0)(3.0))(5.0) == 3.0


def test_python_if_is_refused_with_its_line():
    def f(x):
        if x > 0:
            return x
        return -x

    line = f.__code__.co_firstlineno + 1
    with pytest.raises(TraceError, match=rf"condition \(if.*test_trace\.py:{line}.*np\.where") as caught:
        trace(f)(2.0)
    assert any(entry.name == "f" for entry in caught.traceback)


def test_numbers_do_not_leave():
    for leave in (int, lambda x: x.__float__(), lambda x: range(x.astype(int)), lambda x: f"{x:.2f}"):
        with pytest.raises(TraceError):
            trace(lambda x, leave=leave: (leave(x), x)[1])(2.0)


def test_a_value_that_escapes():
    kept = []
    trace(lambda x: kept.append(x) or x)(2.0)
    with pytest.raises(TraceError, match=r"escaped"):
        kept[0] * 2.0


def test_other_arguments_than_it_was_traced_for():
    traced = trace(lambda x, y: x * y)(X, 2.0)
    np.testing.assert_array_equal(traced(X, 3), 3 * X)
    np.testing.assert_array_equal(traced(X.astype(np.float32), np.float64(3)), 3 * X)
    with pytest.raises(ShapeError, match=r"argument 0 \(x\) of type float64\[3\].*shape \(2,\)"):
        traced(X[:2], 3.0)
    with pytest.raises(DtypeError, match=r"complex128"):
        traced(X + 0j, 3.0)
    with pytest.raises(ContainerError):
        traced(X)
    with pytest.raises(ContainerError, match=r"structure"):
        traced(X, {"y": 2.0})


def test_bad_results():
    with pytest.raises(ContainerError, match=r"trace of a function that returns arrays.*a str: 'text'"):
        trace(lambda x: "text")(X)
    with pytest.raises(ContainerError, match=r"trace of a function"):
        trace(3.0)
