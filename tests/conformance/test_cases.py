"""Every reference case whose functions the library has: value, vjp, jvp, hvp, with NumPy's own import and
with `adjoint.numpy` and `adjoint.scipy` in its place; and with tensors.
"""

from typing import Any

import numpy as np
import pytest
import scipy
import scipy.linalg
import scipy.special

import adjoint as ad
import adjoint.numpy
import adjoint.scipy

from .cases import Case, load

OVERRULED: dict[str, tuple[str, tuple[list[float], ...]]] = {
    "ufunc.maximum/edge": (
        "a comparison with NaN has the derivative NaN, in both operands",
        ([0.5, 0.5, 1.0, np.nan, 0.5], [0.5, 0.5, 0.0, np.nan, 0.5]),
    ),
    "ufunc.minimum/edge": (
        "a comparison with NaN has the derivative NaN, in both operands",
        ([0.5, 0.5, 0.0, np.nan], [0.5, 0.5, 1.0, np.nan]),
    ),
    "ufunc.logaddexp/edge": (
        "logaddexp(-inf, -inf) has derivatives 0 and 0; the references give NaN",
        ([0.5, 1.0, 0.0, 0.0, 1.0], [0.5, 0.0, 1.0, 0.0, 0.0]),
    ),
    "special.kl_div/edge": (
        "kl_div(x, 1) falls from x = 0 with the slope log 0 = -inf; the one reference with a number gives -1",
        ([-np.inf, 0.0], [1.0, 0.0]),
    ),
    "extra.isfinite_filter/edge": (
        "what where() did not select contributes nothing; the references give NaN",
        ([2.0, 0.0, 0.0],),
    ),
}
"""Cases whose reference follows another convention than docs/edges.md: why, and the vjp that is right."""

CASES = load()


def outputs(value: Any) -> tuple[Any, ...]:
    """The outputs as a tuple."""
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def assert_same(got: Any, wanted: Any, tolerance: float) -> None:
    """Equal in shape, in where they are not finite, and to the tolerance of the largest entry."""
    got, wanted = outputs(got), outputs(wanted)
    assert len(got) == len(wanted)
    for g, w in zip(map(np.asarray, got), map(np.asarray, wanted), strict=True):
        assert g.shape == w.shape
        finite = np.isfinite(w)
        assert np.array_equal(np.isfinite(g), finite)
        assert np.array_equal(g[~finite], w[~finite], equal_nan=True)
        scale = max(np.max(np.abs(w[finite]), initial=0.0), 1e-3)
        assert np.max(np.abs(g[finite] - w[finite]), initial=0.0) <= tolerance * scale


class Point:
    """A case's function of its differentiated inputs alone, with cotangents and tangents in their dtypes."""

    def __init__(self, case: Case, **modules: Any) -> None:
        function = case.function(**modules)
        self.inputs = tuple(case.inputs[k] for k in case.argnums)

        def f(*moving: Any) -> Any:
            args = list(case.inputs)
            for k, value in zip(case.argnums, moving, strict=True):
                args[k] = value
            result = function(*args)
            return tuple(result) if isinstance(result, list) else result

        self.f = f
        with np.errstate(all="ignore"):
            plain = case.function(scipy=scipy)(
                *(np.copy(a) if isinstance(a, np.ndarray) else a for a in case.inputs)
            )
        cts = tuple(
            np.asarray(c).astype(np.asarray(y).dtype)[()]
            for c, y in zip(case.cotangents, outputs(plain), strict=True)
        )
        self.cotangent = cts if isinstance(plain, tuple | list) else cts[0]
        self.tangents = tuple(
            np.asarray(t).astype(np.asarray(x).dtype)[()]
            for t, x in zip(case.tangents, self.inputs, strict=True)
        )


def check_vjp(case: Case, point: Point) -> None:
    value, pullback = ad.vjp(point.f, *point.inputs)
    found = pullback(point.cotangent)
    for g, x in zip(found, point.inputs, strict=True):
        assert np.asarray(g).dtype == np.asarray(x).dtype
    judge_vjp(case, value, found)


def judge_vjp(case: Case, value: Any, found: Any) -> None:
    if case.name in OVERRULED:
        for g, wanted in zip(found, OVERRULED[case.name][1], strict=True):
            np.testing.assert_array_equal(g, wanted)
        return
    if case.edge:
        check_edge(case, found)
        return
    assert_same(value, case.value, max(case.tolerance["value"], 1e-7))
    assert_same(found, case.vjp, case.tolerance["vjp"])


def check_edge(case: Case, found: Any) -> None:
    """At an edge: the true derivative if there is one, else a value in use, else one between the sides."""
    for i, g in enumerate(found):
        known = {k: np.asarray(v[i]).reshape(-1) for k, v in case.edge_vjp.items()}
        for j, value in enumerate(np.asarray(g).reshape(-1)):
            assert _edge_value_is_right(value, {k: v[j] for k, v in known.items()}), (case.name, i, j, value)


def _edge_value_is_right(value: Any, known: dict[str, Any]) -> bool:
    def equals(other: Any) -> bool:
        return bool(
            (np.isnan(value) and np.isnan(other))
            or value == other
            or abs(value - other) <= 1e-7 * abs(other) + 1e-12
        )

    if "mp" in known and np.isfinite(known["mp"]):
        return equals(known["mp"])
    if any(name in known and equals(known[name]) for name in ("jax", "torch")):
        return True
    if "left" in known and "right" in known and np.isfinite(value):
        low, high = sorted((known["left"].real, known["right"].real))
        return bool(low - 1e-6 <= value.real <= high + 1e-6)
    return False


def check_jvp(case: Case, point: Point) -> None:
    found = outputs(ad.jvp(point.f, point.inputs, point.tangents)[1])
    if case.jvp is not None:
        assert_same(found, case.jvp, case.tolerance["jvp"])
        return
    left = sum(
        np.sum(np.asarray(c) * np.asarray(d)).real for c, d in zip(case.cotangents, found, strict=True)
    )
    right = sum(
        np.sum(np.asarray(g) * np.asarray(t)).real for g, t in zip(case.vjp, case.tangents, strict=True)
    )
    scale = max(1.0, abs(right), *(float(np.max(np.abs(v), initial=0)) for v in case.vjp))
    assert abs(left - right) <= 10 * case.tolerance["vjp"] * scale


def check_hvp(case: Case, point: Point) -> None:
    def pulled(*inputs: Any) -> Any:
        return tuple(ad.vjp(point.f, *inputs)[1](point.cotangent))

    assert_same(ad.jvp(pulled, point.inputs, point.tangents)[1], case.hvp, case.tolerance["hvp"])


NAMESPACES = {"plain": {"np": np, "scipy": scipy}, "adjoint": {"np": adjoint.numpy, "scipy": adjoint.scipy}}


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_case(case: Case, namespace: str) -> None:
    point = Point(case, **NAMESPACES[namespace])
    check_vjp(case, point)
    if not case.edge:
        check_jvp(case, point)
    if case.hvp is not None and not case.edge:
        check_hvp(case, point)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_case_with_tensors(case: Case) -> None:
    """Nothing is followed here: what the protocols do not reach, the namespaces do."""
    point = Point(case, **NAMESPACES["adjoint"])
    leaves = [ad.tensor(x, requires_grad=True) for x in point.inputs]
    found = outputs(point.f(*leaves))
    for y, ct in zip(found, outputs(point.cotangent), strict=True):
        if isinstance(y, ad.Tensor) and y.requires_grad:
            y.backward(gradient=ct, retain_graph=True)
    grads = [np.zeros_like(x.value) if x.grad is None else x.grad.value for x in leaves]
    judge_vjp(case, tuple(np.asarray(y.value if isinstance(y, ad.Tensor) else y) for y in found), grads)


def test_there_are_cases() -> None:
    assert len(CASES) > 500
