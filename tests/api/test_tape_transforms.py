"""Both doors at once: functional transforms of tensors, tensors inside of transforms, memory, long graphs."""

import gc
import weakref

import numpy as np
import pytest

from adjoint.api.derivatives import grad, jvp, value_and_grad, vjp
from adjoint.api.gradmode import no_grad
from adjoint.api.tape import Tensor, tensor
from adjoint.errors import MutationError, TraceError


def f(x):
    return np.sin(x) * x


def exact(x, order):
    """Derivatives of x sin(x)."""
    s, c = np.sin(x), np.cos(x)
    return [x * s, s + x * c, 2 * c - x * s, -3 * s - x * c][order]


def test_grad_of_a_tensor_records():
    t = tensor(0.7, requires_grad=True)
    y = grad(f)(t)
    assert isinstance(y, Tensor)
    assert np.isclose(y.item(), exact(0.7, 1))
    y.backward()
    assert np.isclose(t.grad.item(), exact(0.7, 2))


def test_the_nesting_of_both_doors():
    for transform, order in [
        (lambda t: jvp(f, (t,), (1.0,))[1], 1),
        (lambda t: jvp(f, (t,), (1.0,))[0], 0),
        (lambda t: vjp(f, t)[1](1.0), 1),
        (lambda t: value_and_grad(f)(t)[0], 0),
        (grad(grad(f)), 2),
        (lambda t: jvp(grad(f), (t,), (1.0,))[1], 2),
        (grad(lambda x: jvp(f, (x,), (1.0,))[1]), 2),
    ]:
        t = tensor(0.7, requires_grad=True)
        y = transform(t)
        y = y[0] if isinstance(y, tuple) else y
        assert np.isclose(y.item(), exact(0.7, order))
        y.backward()
        assert np.isclose(t.grad.item(), exact(0.7, order + 1))


def test_a_tensor_captured_by_a_transform_is_an_outer_constant():
    w = tensor(2.0, requires_grad=True)
    y = grad(lambda x: w * x * x)(3.0)
    assert isinstance(y, Tensor)
    assert y.item() == 12.0
    y.backward()
    assert w.grad.item() == 6.0
    x = tensor(3.0, requires_grad=True)
    y = grad(lambda a: a * grad(lambda b: a * b * w)(x))(x)
    y.backward()
    assert y.item() == 12.0
    assert x.grad.item() == 4.0


def test_perturbations_are_not_confused():
    x = tensor(1.0, requires_grad=True)
    y = x * grad(lambda z: x + z)(2.0)
    y.backward()
    assert x.grad.item() == 1.0


def test_arrays_and_dicts_of_tensors():
    params = {"w": tensor([1.0, 2.0], requires_grad=True), "b": tensor(0.5, requires_grad=True)}
    found = grad(lambda p: ((p["w"] * p["w"]).sum() + p["b"] * p["b"]) * p["b"])(params)
    assert found["w"].tolist() == [1.0, 2.0]
    assert np.isclose(found["b"].item(), 5.75)
    (found["w"].sum() + found["b"]).backward()
    assert params["w"].grad.tolist() == [3.0, 5.0]
    assert np.isclose(params["b"].grad.item(), 2.0 * 3.0 + 6 * 0.5)


def test_what_another_transform_traces_is_not_written_into_a_tensor():
    t = tensor([1.0, 2.0])

    def write(x):
        t[0] = x
        return t.sum()

    with pytest.raises(MutationError, match="another transformation"):
        grad(write)(3.0)
    assert t.tolist() == [1.0, 2.0]
    with pytest.raises(MutationError):
        grad(lambda x: t.__iadd__(x).sum())(3.0)
    with pytest.raises(TraceError, match="as it is"):
        grad(lambda x: tensor(x))(3.0)


def test_a_pullback_keeps_the_tensor_as_it_was():
    t = tensor([1.0, 2.0], requires_grad=True)
    value, pull = vjp(lambda x: (x * x).sum(), t)
    with no_grad():
        t *= 0.0
    (found,) = pull(1.0)
    assert found.tolist() == [2.0, 4.0]
    assert value.item() == 5.0
    found.sum().backward()
    assert t.grad.tolist() == [2.0, 2.0]


# --- memory ----------------------------------------------------------------------------------


@pytest.fixture
def counting_only():
    """Reference counting alone frees."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def graph_of(x):
    y = np.sin(x) * x
    part = y[1:]
    part += 1.0
    y.retain_grad()
    y.register_hook(lambda g: g)
    return (y * y).sum()


def test_a_dropped_graph_is_freed_at_once(counting_only):
    for walk in (False, True):
        x = tensor(np.ones(4), requires_grad=True)
        z = graph_of(x)
        nodes = [weakref.ref(z.extra), weakref.ref(z.extra.parents[0]), weakref.ref(z.grad_fn._node)]
        tensors = [weakref.ref(z), weakref.ref(x)]
        if walk:
            z.backward()
            assert x.grad.shape == (4,)
        del z
        assert [node() for node in nodes] == [None, None, None]
        assert tensors[0]() is None
        leaf = weakref.ref(x.extra)
        data, view = x.data, x[1:]
        del x, data, view
        assert tensors[1]() is None
        assert leaf() is None


def test_a_walk_frees_what_was_saved(counting_only):
    x = tensor(np.ones(4), requires_grad=True)
    y = x * x
    middle = y * y
    saved = weakref.ref(y)
    z = middle.sum()
    array = weakref.ref(y.value)
    del y
    assert saved() is None
    assert array() is not None
    z.backward()
    assert array() is None


def test_an_old_loss_kept_as_a_number_keeps_no_graph(counting_only):
    x = tensor(2.0, requires_grad=True)
    y = x * x
    node = weakref.ref(y.extra)
    kept = [y.detach(), y.data, y.item()]
    del y
    assert node() is None
    assert [float(k) for k in kept] == [4.0, 4.0, 4.0]


def test_a_graph_of_100_000_nodes_needs_no_recursion():
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 100_001.0
    del y
