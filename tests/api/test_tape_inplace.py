"""In-place operations on tensors: right, or refused with the line of the tensor; and what shares elements."""

import numpy as np
import pytest

from adjoint.api.derivatives import grad
from adjoint.api.gradmode import no_grad
from adjoint.api.tape import Tensor, tensor
from adjoint.errors import DtypeError, GraphError, MutationError, ShapeError

CHANGES = {
    "item": lambda x: x.__setitem__(0, 5.0),
    "slice": lambda x: x.__setitem__(slice(1, None), 5.0),
    "mask": lambda x: x.__setitem__(np.array([True, False, True]), 5.0),
    "iadd": lambda x: x.__iadd__(1.0),
    "isub": lambda x: x.__isub__(1.0),
    "imul": lambda x: x.__imul__(2.0),
    "itruediv": lambda x: x.__itruediv__(2.0),
    "ipow": lambda x: x.__ipow__(2),
    "out": lambda x: np.add(x, 1.0, out=x),
    "fill": lambda x: x.fill(4.0),
    "copyto": lambda x: np.copyto(x, 7.0),
    "zero_": lambda x: x.zero_(),
    "view": lambda x: x[1:].__iadd__(1.0),
    "reshaped": lambda x: x.reshape(3, 1).__setitem__(0, 5.0),
}


def numpy_result(name):
    array = np.array([1.0, 2.0, 3.0])
    if name == "zero_":
        array[:] = 0.0
    else:
        CHANGES[name](array)
    return array.tolist()


@pytest.mark.parametrize("name", CHANGES)
def test_a_leaf_is_refused_with_the_line_where_it_was_made(name):
    w = tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises(
        MutationError, match=r"Received: w, a float64\[3\] made at .*test_tape_inplace\.py:\d+"
    ):
        CHANGES[name](w)
    assert w.tolist() == [1.0, 2.0, 3.0]
    assert w.is_leaf
    assert w.requires_grad
    w.sum().backward()
    assert w.grad.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", CHANGES)
def test_a_leaf_may_change_under_no_grad(name):
    w = tensor([1.0, 2.0, 3.0], requires_grad=True)
    same = w
    with no_grad():
        CHANGES[name](w)
    assert w is same
    assert w.is_leaf
    assert w.requires_grad
    assert w.tolist() == numpy_result(name)
    (w * w).sum().backward()
    assert w.grad.tolist() == [2.0 * v for v in w.tolist()]


@pytest.mark.parametrize("name", CHANGES)
def test_a_tensor_without_gradient_changes_as_an_array_does(name):
    x = tensor([1.0, 2.0, 3.0])
    CHANGES[name](x)
    assert x.tolist() == numpy_result(name)
    assert not x.requires_grad


@pytest.mark.parametrize("name", CHANGES)
def test_the_gradient_through_a_changed_result(name):
    """Against `grad` of the same code: both doors share every rule."""

    def f(x):
        y = x * 1.0
        CHANGES[name](y) if name != "zero_" else y.__imul__(0.0)
        return (y * y * x).sum()

    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    f(x).backward()
    assert np.allclose(x.grad.detach(), grad(f)(np.array([1.0, 2.0, 3.0])))


def test_a_leaf_without_axes():
    b = tensor(1.0, requires_grad=True)
    same = b
    with pytest.raises(MutationError, match="b, a "):
        b += 1.0
    with no_grad():
        b -= 0.25
    assert b is same
    assert b.item() == 0.75
    assert b.requires_grad


def test_a_sum_without_axes_grows_in_place():
    x = tensor([1.0, 2.0], requires_grad=True)
    total = tensor(0.0)
    alias = total
    for i in range(2):
        total += x[i] * x[i]
    assert alias is total
    assert total.item() == 5.0
    total.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_what_the_graph_has_saved_is_not_overwritten():
    w = tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    z = w.clone()
    s = (z * z).sum()
    z += 100.0
    with no_grad():
        w *= 0.0
        w[0] = 7.0
    w.data[1] = 9.0
    y.backward()
    s.backward()
    assert w.grad.tolist() == [4.0, 8.0]
    assert w.tolist() == [7.0, 9.0]


def test_filling_element_by_element():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = tensor(np.zeros(3))
    for i in range(3):
        out[i] = x[i] * x[i]
    assert out.requires_grad
    assert not out.is_leaf
    assert out.grad_fn.name() == "assign"
    out.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    assert x.grad_fn is None


def test_under_no_grad_nothing_is_recorded_in_place():
    x = tensor([1.0, 2.0], requires_grad=True)
    out = tensor(np.zeros(2))
    with no_grad():
        out[0] = x[0]
        out[:] = x
        out += x
    assert not out.requires_grad
    assert out.tolist() == [2.0, 4.0]
    y = x * 1.0
    with no_grad():
        y[0] = 10.0
    assert y.requires_grad
    assert y.tolist() == [10.0, 2.0]


def test_shape_and_dtype_stay():
    x = tensor([1.0, 2.0])
    with pytest.raises(ShapeError):
        x += np.ones((2, 2))
    i = tensor([1, 2])
    with pytest.raises(DtypeError):
        i += 0.5
    f = tensor([1.0, 2.0], dtype="float32")
    f += np.ones(2)
    assert f.dtype == np.float32
    b = tensor(1.0)
    with pytest.raises(ShapeError):
        b += np.ones(2)


# --- views -----------------------------------------------------------------------------------


def test_views_are_tensors_that_share():
    x = tensor(np.arange(6.0))
    views = [x[1:], x[::-1], x.reshape(2, 3), x.reshape(2, 3).T, x.reshape(2, 3)[1], x.T]
    assert all(isinstance(v, Tensor) for v in views)
    x[1] = 50.0
    views[2][1, 2] = 60.0
    assert x.tolist() == [0.0, 50.0, 2.0, 3.0, 4.0, 60.0]
    assert views[0].tolist() == [50.0, 2.0, 3.0, 4.0, 60.0]
    assert views[3].tolist() == [[0.0, 3.0], [50.0, 4.0], [2.0, 60.0]]
    views[4] *= 2.0
    assert x.tolist()[3:] == [6.0, 8.0, 120.0]


def test_gradients_pass_through_views_written_before_and_after():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 1.0
    tail = y[1:]
    tail *= 3.0
    assert tail.requires_grad
    assert tail.grad_fn is not None
    (y * y).sum().backward()
    assert x.grad.tolist() == [2.0, 36.0, 54.0]


def test_a_view_of_a_constant_becomes_a_leaf():
    w = tensor(np.arange(6.0)).reshape(2, 3).requires_grad_()
    assert w.is_leaf
    assert w.requires_grad
    assert w.shape == (2, 3)
    (w * w).sum().backward()
    assert w.grad.tolist() == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]
    with pytest.raises(MutationError, match=r"w, a float64\[2,3\]"):
        w += 1.0
    with no_grad():
        w -= 1.0
    assert w.tolist()[0] == [-1.0, 0.0, 1.0]
    assert w.is_leaf
    w.requires_grad = False
    w += 1.0
    assert w.tolist()[0] == [0.0, 1.0, 2.0]


def test_only_leaves_can_be_frozen():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    y.requires_grad_()
    with pytest.raises(GraphError, match="detach"):
        y.requires_grad = False
    with pytest.raises(GraphError):
        x[1:].requires_grad_(False)


# --- data ------------------------------------------------------------------------------------


def test_data_shares_the_elements_and_not_the_graph():
    w = tensor([1.0, 2.0, 3.0], requires_grad=True)
    d = w.data
    assert isinstance(d, Tensor)
    assert not d.requires_grad
    assert d.is_leaf
    d[0] = 10.0
    assert w.tolist() == [10.0, 2.0, 3.0]
    with no_grad():
        w *= 2.0
    assert d.tolist() == [20.0, 4.0, 6.0]
    w.data[1:] += 1.0
    w.data.zero_() if False else w.data.__imul__(10.0)
    assert w.tolist() == [200.0, 50.0, 70.0]
    w[2:].data[0] = 0.0
    assert w.tolist() == [200.0, 50.0, 0.0]
    w.data = np.array([1.0, 2.0, 3.0])
    assert w.tolist() == [1.0, 2.0, 3.0]
    assert w.is_leaf
    assert w.requires_grad
    with pytest.raises(ShapeError):
        w.data = np.ones(4)


def test_data_of_a_result_keeps_no_graph_and_takes_plain_numbers():
    x = tensor([1.0, 2.0], requires_grad=True)
    d = (x * x).data
    d[0] = 5.0
    d += x
    assert d.tolist() == [6.0, 6.0]
    assert not d.requires_grad
    w = tensor(1.0, requires_grad=True)
    w.data -= 0.5 * w
    assert w.item() == 0.5
    assert w.is_leaf


def test_data_of_a_view():
    y = tensor(np.zeros((2, 2)), requires_grad=True) * 1.0
    y[0].data[1] = 3.0
    assert y.tolist() == [[0.0, 3.0], [0.0, 0.0]]
    assert y.requires_grad
