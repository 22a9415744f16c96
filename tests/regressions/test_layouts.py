"""Values lie in memory as NumPy's do, in every trace: `reshape` gives a view where NumPy's does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.array.traced import Traced
from adjoint.core.avals import aval_of
from adjoint.core.domain import Draw, Samples
from adjoint.core.equation import Variable
from adjoint.core.primitive import Primitive
from adjoint.core.trace import StageTrace
from adjoint.primitives import ALL

X = np.random.default_rng(0).normal(size=(2, 3, 2))
ONES = np.asfortranarray(np.ones((2, 3, 2)))


def of_elementwise(x: Any) -> Any:
    y = np.sin(x.T)
    flat = y.ravel()
    flat[0] = 7.0
    return np.sum(y * y) + np.sum(flat)


def of_operands(x: Any) -> Any:
    y = x.T * ONES + 1.0
    flat = y.reshape(-1)
    y[0] = 2.0
    return np.sum(np.cos(flat) * np.arange(12.0))


def of_copy(x: Any) -> Any:
    y = x.copy()
    z = y * 2.0
    flat = z.ravel()
    flat[0] = 9.0
    return np.sum(z * z)


def of_copy_turned(x: Any) -> Any:
    z = 2.0 * x.copy(order="F")
    flat = z.ravel()
    flat[0] = 9.0
    return np.sum(z * z)


def written(x: Any) -> Any:
    y = np.sin(x.T)
    y[...] = np.cos(x).reshape(y.shape)
    z = y * 1.5
    flat = z.ravel()
    flat[1] = 0.0
    return np.sum(z**2 * np.arange(12.0).reshape(z.shape))


def like(x: Any) -> Any:
    y = np.zeros_like(x.T)
    flat = (y + x.T).reshape(-1)
    z = np.exp(y)
    z.ravel()[0] = 4.0
    return np.sum(z) + np.sum(flat**2)


def of_sums(x: Any) -> Any:
    y = np.sum(x.T * 2.0, axis=1)
    y.ravel()[1] = 5.0
    return np.sum(y**2)


def made_contiguous(x: Any) -> Any:
    y = np.ascontiguousarray(x.T * 1.0) * 2.0
    z = np.asfortranarray(np.array(x)) * 3.0
    y.ravel()[0] = 4.0
    z.ravel()[1] = 5.0
    return np.sum(y**2) + np.sum(z**2)


def through_diagonal(x: Any) -> Any:
    y = x * 1.0
    flat = np.diagonal(y.T).reshape(-1)
    y *= 2.0
    return np.sum(flat * np.arange(1.0, 1.0 + flat.size))


def batched(x: Any) -> Any:
    return np.sum(ad.vmap(of_elementwise)(np.stack([x, 2.0 * x])))


def inner(x: Any) -> Any:
    return np.sum(ad.grad(of_copy)(x.T) ** 2)


PROGRAMS = [
    of_elementwise,
    of_operands,
    of_copy,
    of_copy_turned,
    written,
    like,
    of_sums,
    through_diagonal,
]
LAYOUTS: list[Callable[[Any], Any]] = [
    np.ascontiguousarray,
    np.asfortranarray,
    lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    lambda x: np.ascontiguousarray(x[:, ::-1])[:, ::-1],
    lambda x: np.ascontiguousarray(x.transpose(1, 0, 2)).transpose(1, 0, 2),
]


def by_tensor(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def slope(x: Any) -> Any:
        t = ad.tensor(x, requires_grad=True)
        f(t.clone()).backward()
        return t.grad.numpy()

    return slope


@pytest.mark.parametrize("lay", LAYOUTS)
@pytest.mark.parametrize("f", PROGRAMS)
def test_value_and_derivative(f: Callable[[Any], Any], lay: Callable[[Any], Any]) -> None:
    """NumPy's value; the derivative by central differences, in every trace."""
    x = lay(X)
    step = 1e-6
    wanted = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[i] = step
        wanted[i] = (f(x + moved) - f(x - moved)) / (2 * step)
    value, slope = ad.value_and_grad(f)(x)
    assert value == pytest.approx(f(x), rel=1e-12)
    assert ad.trace(f)(x)(x) == pytest.approx(f(x), rel=1e-12)
    tangent = ad.jvp(ad.trace(lambda z: ad.grad(f)(z))(x), (x,), (x * 0.0,))[0]
    for found in (slope, ad.jacfwd(f)(x), ad.trace(ad.grad(f))(x)(x), by_tensor(f)(x), tangent):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("f", [batched, inner])
def test_nested(f: Callable[[Any], Any]) -> None:
    """A staged value inside of another trace lies as it does in eager code."""
    value, slope = ad.value_and_grad(f)(X)
    program = ad.trace(ad.value_and_grad(f))(X)
    np.testing.assert_allclose(program(X)[0], value, rtol=1e-12)
    np.testing.assert_allclose(program(X)[1], slope, rtol=1e-12)


@pytest.mark.parametrize("lay", LAYOUTS)
def test_made_contiguous(lay: Callable[[Any], Any]) -> None:
    """`np.ascontiguousarray`, `np.asfortranarray` and `np.array` copy where NumPy's do."""
    x = lay(X)
    value, slope = ad.value_and_grad(made_contiguous)(x)
    assert value == pytest.approx(made_contiguous(x), rel=1e-12)
    program = ad.trace(ad.value_and_grad(made_contiguous))(x)
    np.testing.assert_allclose(program(x)[0], value)
    np.testing.assert_allclose(program(x)[1], slope)


def test_program_of_a_traced_array() -> None:
    """Arguments of `trace` may be traced themselves."""
    found = ad.value_and_grad(lambda x: ad.trace(of_copy)(x.T)(x.T))(X)
    wanted = ad.value_and_grad(lambda x: of_copy(x.T))(X)
    np.testing.assert_allclose(found[0], wanted[0])
    np.testing.assert_allclose(found[1], wanted[1])


# --- every primitive -------------------------------------------------------------------------------------

WITH_SAMPLES = [
    p for p in ALL if isinstance(p.domain, Samples) and p.name not in ("adjugate", "adjugate_tangent")
]
"""All but those that lie by their values; no function of NumPy hands their results out."""


def strides(array: np.ndarray) -> list[int]:
    return [step for step, n in zip(array.strides, array.shape, strict=True) if n > 1]


@pytest.mark.parametrize("primitive", WITH_SAMPLES, ids=lambda p: p.name)
def test_staged_results_lie_as_evaluated_ones(primitive: Primitive) -> None:
    """What `array.views` says of a staged result is true of the result."""
    assert isinstance(primitive.domain, Samples)
    draw = Draw(np.random.default_rng(0), np.dtype(primitive.domain.dtypes[0]))
    for sample in primitive.domain.make(draw):
        for lay in LAYOUTS:
            args = [lay(a) if isinstance(a, np.ndarray) and a.ndim == 3 else a for a in sample.args]
            if lay is np.asfortranarray:
                args = [lay(a) if isinstance(a, np.ndarray) and a.ndim else a for a in args]
            stage = StageTrace(Traced, record_lines=False)
            boxes = [stage.new_box(Variable(aval_of(a))) if isinstance(a, np.ndarray) else a for a in args]
            for box, arg in zip(boxes, args, strict=True):
                if isinstance(box, Traced):
                    box.lie_as(arg)
            if not any(isinstance(box, Traced) for box in boxes):
                continue
            with np.errstate(all="ignore"):
                outs, found = primitive.evaluate(*args, **sample.params), primitive(*boxes, **sample.params)
            pairs = zip(outs, found, strict=True) if primitive.many else [(outs, found)]
            for out, box in pairs:
                if np.size(out):
                    assert strides(np.asarray(out)) == strides(box.layout())
