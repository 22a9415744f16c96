"""Tensors, step by step as PyTorch's autograd tutorial takes them, and each of a tensor's own attributes."""

import copy
import pickle
import threading
import warnings

import numpy as np
import pytest

from adjoint.api.custom import custom_vjp
from adjoint.api.gradmode import no_grad
from adjoint.api.tape import Tensor, tensor
from adjoint.errors import ContainerError, DtypeError, GraphError, ShapeError, TraceError


def plain(x):
    assert isinstance(x, Tensor)
    return np.asarray(x.detach())


# --- the tutorial ----------------------------------------------------------------------------


def two():
    return tensor([2.0, 3.0], requires_grad=True), tensor([6.0, 4.0], requires_grad=True)


def test_an_external_gradient():
    a, b = two()
    Q = 3 * a**3 - b**2
    assert isinstance(Q, Tensor)
    assert Q.requires_grad
    assert Q.grad_fn is not None
    Q.backward(gradient=np.array([1.0, 1.0]))
    assert np.array_equal(plain(9 * a**2 == a.grad), [True, True])
    assert np.array_equal(plain(-2 * b == b.grad), [True, True])


def test_the_sum_in_place_of_an_external_gradient():
    a, b = two()
    Q = 3 * a**3 - b**2
    Q.sum().backward()
    assert a.grad.tolist() == [36.0, 81.0]
    assert b.grad.tolist() == [-12.0, -8.0]


def test_what_requires_a_gradient():
    x, y = tensor(np.ones((5, 5))), tensor(np.ones((5, 5)))
    z = tensor(np.ones((5, 5)), requires_grad=True)
    assert not (x + y).requires_grad
    assert (x + z).requires_grad


def test_frozen_parameters_get_no_gradient_and_the_others_do():
    rng = np.random.default_rng(0)
    W1, W2 = (tensor(rng.normal(size=s), requires_grad=True) for s in ((3, 4), (4, 2)))
    W1.requires_grad = False
    out = np.tanh(tensor(rng.normal(size=(5, 3))) @ W1) @ W2
    out.sum().backward()
    assert W1.grad is None
    assert W2.grad.shape == (4, 2)
    W1.requires_grad_()
    assert W1.requires_grad
    assert W1.is_leaf


def test_the_graph_is_walked_from_the_root_to_the_leaves():
    a, b = two()
    Q = 3 * a**3 - b**2
    assert Q.grad_fn.name() == "subtract"
    seen, pending = [], [Q.grad_fn]
    while pending:
        function = pending.pop()
        seen.append(function.name())
        pending.extend(f for f, index in function.next_functions if f is not None and index == 0)
    assert seen.count("accumulate_grad") == 2
    leaves = {id(f.variable) for f in walk(Q.grad_fn) if f.variable is not None}
    assert leaves == {id(a), id(b)}


def walk(root):
    pending = [root]
    while pending:
        function = pending.pop()
        yield function
        pending.extend(f for f, _ in function.next_functions if f is not None)


def test_a_linear_regression_learns():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(64, 3))
    truth, shift = np.array([1.5, -2.0, 0.5]), 0.3
    y = X @ truth + shift
    w, b = tensor(np.zeros(3), requires_grad=True), tensor(0.0, requires_grad=True)
    losses = []
    for _ in range(200):
        loss = ((X @ w + b - y) ** 2).sum() * (1 / 64)
        loss.backward()
        with no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad
        w.grad = None
        b.grad = None
        losses.append(loss.item())
    assert losses[-1] < 1e-12 < losses[0]
    assert np.allclose(w.detach(), truth)
    assert np.isclose(b.item(), shift)
    assert w.is_leaf
    assert b.is_leaf
    assert w.requires_grad
    assert b.requires_grad


def test_the_same_loop_by_data_and_zero():
    X, y = np.linspace(-1, 1, 20), 3.0 * np.linspace(-1, 1, 20)
    w = tensor(0.0, requires_grad=True)
    for _ in range(100):
        loss = ((w * X - y) ** 2).sum()
        loss.backward()
        w.data -= 0.05 * w.grad
        w.grad.zero_()
    assert np.isclose(w.item(), 3.0)
    assert w.grad.item() == 0.0


def test_a_second_walk_needs_the_graph_to_be_retained():
    x = tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(GraphError, match="retain_graph=True"):
        y.backward()
    assert x.grad.item() == 6.0
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 18.0


def test_gradients_accumulate_in_the_same_tensor():
    x = tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    first = x.grad
    (3.0 * x).sum().backward()
    assert x.grad is first
    assert first.tolist() == [5.0, 7.0]
    x.grad = None
    (3.0 * x).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert first.tolist() == [5.0, 7.0]


def test_create_graph_is_refused_with_what_to_write():
    x = tensor(3.0, requires_grad=True)
    with pytest.raises(GraphError, match=r"grad\(grad\(f\)\)"):
        (x * x).backward(create_graph=True)


# --- backward's errors -----------------------------------------------------------------------


def test_backward_without_a_gradient_needs_one_real_number():
    x = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ShapeError, match=r"one element.*\(2,\)"):
        (x * x).backward()
    z = tensor(1j, requires_grad=True)
    with pytest.raises(DtypeError, match="real result"):
        (z * z).backward()
    one = tensor([[2.0]], requires_grad=True)
    (one * one).backward()
    assert one.grad.tolist() == [[4.0]]


def test_backward_of_a_leaf_is_one():
    x = tensor(3.0, requires_grad=True)
    x.backward()
    x.backward()
    assert x.grad.item() == 2.0


@pytest.mark.parametrize("gradient", [1.0, [1.0], [[1.0, 1.0]], [1.0, 2.0, 3.0]])
def test_a_gradient_of_another_shape_is_refused(gradient):
    x = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ShapeError, match=r"needs the shape \(2,\)"):
        (x * x).backward(gradient)
    assert x.grad is None


def test_a_gradient_of_another_kind_is_refused():
    x = tensor([1.0, 2.0], requires_grad=True)
    for wrong in ([1j, 0], ["a", "b"], [None, None]):
        with pytest.raises(DtypeError, match="numbers of the dtype float64"):
            (x * x).backward(wrong)


def test_backward_without_a_graph():
    for y in (tensor(2.0) * 3.0, tensor(2.0, requires_grad=True).detach()):
        with pytest.raises(GraphError, match="requires_grad=True"):
            y.backward()


def test_the_users_gradient_is_not_kept():
    x = tensor([1.0, 2.0], requires_grad=True)
    g = np.array([1.0, 1.0])
    x.backward(g)
    g[:] = 9.0
    assert x.grad.tolist() == [1.0, 1.0]
    y = x + 0.0
    y.backward(tensor([2.0, 2.0], requires_grad=True))
    assert x.grad.tolist() == [3.0, 3.0]
    assert not x.grad.requires_grad


def test_a_leaf_that_was_not_used_has_no_gradient():
    x, y = two()
    x.sum().backward()
    assert y.grad is None


# --- making ----------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [3, [1, 2], True, np.arange(3, dtype=np.int8)])
def test_only_floats_require_gradients(x):
    with pytest.raises(DtypeError, match="floating or complex"):
        tensor(x, requires_grad=True)
    with pytest.raises(DtypeError):
        tensor(x).requires_grad_()
    assert tensor(x, requires_grad=True, dtype=float).dtype == np.float64


def test_an_integer_is_told_its_float():
    with pytest.raises(DtypeError, match=r"Write 3\.0"):
        tensor(3, requires_grad=True)


@pytest.mark.parametrize("x", ["digits", [[1.0], [1.0, 2.0]], {"a": 1.0}, None, object()])
def test_what_is_no_array_is_refused(x):
    with pytest.raises(ContainerError, match=r"tensor\(\) needs an array of numbers"):
        tensor(x)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 1)])
def test_gradients_have_the_dtype_and_shape_of_their_tensor(dtype, shape):
    x = tensor(np.ones(shape), requires_grad=True, dtype=dtype)
    assert str(x.dtype) == dtype
    assert x.shape == shape
    (x * x).backward(np.ones(shape))
    assert x.grad.dtype == x.dtype
    assert x.grad.shape == shape
    assert np.array_equal(np.asarray(x.grad).astype(complex), 2 * np.ones(shape))


def test_a_float32_tensor_that_meets_float64_has_a_float32_gradient():
    x = tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    y = x * np.array([3.0, 4.0])
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [3.0, 4.0]


def test_a_tensor_owns_its_elements():
    array = np.ones(3)
    x = tensor(array, requires_grad=True)
    array[:] = 5.0
    assert x.tolist() == [1.0, 1.0, 1.0]
    y = tensor(x)
    assert not y.requires_grad
    assert y.is_leaf
    with no_grad():
        x += 1.0
    assert y.tolist() == [1.0, 1.0, 1.0]


def test_a_captured_array_may_change_before_the_walk_back():
    x = tensor([1.0, 2.0], requires_grad=True)
    factor, matrix = np.array([3.0, 4.0]), np.eye(2)
    y = (x * factor).sum() + (matrix @ x).sum()
    factor[:] = 0.0
    matrix[:] = 0.0
    y.backward()
    assert x.grad.tolist() == [4.0, 5.0]


# --- leaving ---------------------------------------------------------------------------------


def test_item_and_tolist_leave_on_purpose():
    x = tensor(2.0, requires_grad=True)
    assert (x * x).item() == 4.0
    assert type((x * x).item()) is float
    assert tensor([[7]]).item() == 7
    assert (x * np.ones((2, 1))).tolist() == [[2.0], [2.0]]
    with pytest.raises(ShapeError, match="one element"):
        tensor([1.0, 2.0]).item()


def test_numpy_refuses_to_lose_a_gradient():
    x = tensor([1.0, 2.0], requires_grad=True)
    for lose in (lambda: x.numpy(), lambda: (x * x).numpy()):
        with pytest.raises(TraceError, match=r"detach\(\)\.numpy\(\)"):
            lose()
    array = x.detach().numpy()
    assert type(array) is np.ndarray
    array[:] = 7.0
    assert x.tolist() == [1.0, 2.0]
    assert tensor(3.0).numpy().shape == ()


def test_numbers_and_arrays_only_where_no_gradient_is_lost():
    x = tensor(2.0, requires_grad=True)
    for lose in (float, complex, int, np.asarray, np.array):
        with pytest.raises(TraceError):
            lose(x)
    assert float(x.detach()) == 2.0
    assert int(x.detach()) == 2
    assert complex(x.detach()) == 2 + 0j
    whole = tensor([1.0, 2.0])
    array = np.asarray(whole)
    array[:] = 0.0
    assert whole.tolist() == [1.0, 2.0]
    assert np.asarray(whole, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        np.asarray(whole, copy=False)


def test_conditions_and_formats_read_the_value():
    x = tensor(2.0, requires_grad=True)
    assert x * x > 3.0
    assert f"{x * x:.2f}" == "4.00"
    assert f"{x}" == "2.0"
    assert f"{tensor([1.0])}" == "tensor([1.])"


def test_detach_and_clone():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    d = y.detach()
    assert not d.requires_grad
    assert d.is_leaf
    assert d.tolist() == [1.0, 4.0]
    c = x.clone()
    assert c.requires_grad
    assert not c.is_leaf
    assert c.grad_fn.name() == "clone"
    c += 1.0
    (c * c).sum().backward()
    assert x.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [4.0, 6.0]
    assert x.copy().grad_fn.name() == "clone"
    adversary = x.detach().requires_grad_()
    assert adversary.is_leaf
    assert adversary.requires_grad


# --- grad, retain_grad, hooks ----------------------------------------------------------------


def test_grad_of_a_result_needs_retain_grad():
    x = tensor(2.0, requires_grad=True)
    y = x * x
    z = 3.0 * y
    with pytest.warns(UserWarning, match=r"retain_grad\(\)"):
        assert y.grad is None
    y.retain_grad()
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        z.backward(retain_graph=True)
        assert y.grad.item() == 3.0
        z.backward()
    assert y.grad.item() == 6.0
    assert x.grad.item() == 24.0


def test_retained_gradients_are_copies():
    x = tensor(np.zeros(3), requires_grad=True)
    y = x * 1.0
    y.retain_grad()
    z = y.clone()
    z[0] = 5.0
    z.sum().backward()
    assert y.grad.tolist() == [0.0, 1.0, 1.0] == x.grad.tolist()


def test_grad_is_set_by_hand_only_in_the_right_shape():
    x = tensor([1.0, 2.0], requires_grad=True)
    x.grad = np.array([1.0, 1.0])
    assert isinstance(x.grad, Tensor)
    g = tensor([3.0, 3.0])
    x.grad = g
    assert x.grad is g
    x.grad /= 2.0
    assert x.grad.tolist() == [1.5, 1.5]
    with pytest.raises(ShapeError):
        x.grad = np.ones(3)
    constant = tensor([1.0])
    constant.grad = None
    with pytest.raises(GraphError):
        constant.grad = [1.0]


def test_hooks_see_and_change_the_gradient():
    x = tensor([1.0, 2.0], requires_grad=True)
    seen = []
    y = x * x
    y.register_hook(lambda g: seen.append(g))
    handle = y.register_hook(lambda g: 10.0 * g)
    x.register_hook(lambda g: np.minimum(g, 30.0) if False else g + 1.0)
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    assert seen[0].tolist() == [1.0, 1.0]
    assert y.grad.tolist() == [10.0, 10.0]
    assert x.grad.tolist() == [21.0, 41.0]
    handle.remove()
    handle.remove()
    x.grad = None
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 5.0]


def test_a_hook_may_change_the_gradient_in_place():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = 3.0 * x

    def doubled(g):
        g *= 2.0

    def cut(g):
        g[0] = 0.0

    y.register_hook(doubled)
    y.register_hook(cut)
    (y * y).sum().backward()
    assert x.grad.tolist() == [0.0, 72.0]


def test_a_hook_lives_as_long_as_its_block():
    x = tensor(1.0, requires_grad=True)
    with x.register_hook(lambda g: 2.0 * g):
        (3.0 * x).backward()
    (3.0 * x).backward()
    assert x.grad.item() == 9.0


def test_a_hook_gives_a_gradient_of_the_same_shape():
    x = tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ShapeError, match="hook"):
        (x * x).sum().backward()
    with pytest.raises(GraphError):
        tensor(1.0).register_hook(print)


def test_a_hooks_result_stays_its_own():
    x = tensor(np.zeros(3), requires_grad=True)
    kept = np.ones(3)
    y = x * 1.0
    z = y.clone()
    z[0] = 5.0
    z.register_hook(lambda g: kept)
    z.sum().backward()
    assert kept.tolist() == [1.0, 1.0, 1.0]


def test_complex_gradients_are_the_conjugates_of_pytorchs():
    z = tensor(3.0 + 4.0j, requires_grad=True)
    (z * z).backward(gradient=1.0)
    assert z.grad.item() == 6 + 8j


# --- grad_fn ---------------------------------------------------------------------------------


def test_grad_fn_is_called_with_a_cotangent():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = tensor(3.0, requires_grad=True)
    z = x * y
    for_x, for_y = z.grad_fn([1.0, 10.0])
    assert for_x.tolist() == [3.0, 30.0]
    assert for_y.item() == 21.0
    assert for_y.shape == ()
    assert z.grad_fn([0.0, 1.0])[1].item() == 2.0
    only, none = (x * 2.0).grad_fn(np.ones(2))
    assert only.tolist() == [2.0, 2.0]
    assert none is None
    with pytest.raises(ShapeError):
        z.grad_fn(1.0)
    z.sum().backward()
    with pytest.raises(GraphError):
        z.grad_fn([1.0, 1.0])


def test_grad_fn_names_its_inputs():
    rate = tensor(2.0, requires_grad=True)
    holder = {}
    holder["w"] = tensor([1.0, 2.0], requires_grad=True)
    y = np.sin(rate) * holder["w"]
    assert y.grad_fn.inputs == ("sin", "holder['w']")
    assert (y * 2.0).grad_fn.inputs == ("multiply", "constant")
    assert np.sin(rate).grad_fn.inputs == ("rate",)
    assert (tensor(1.0, requires_grad=True) + rate).grad_fn.inputs == ("tensor", "rate")


# fmt: off
def test_a_line_with_two_tensors_names_neither():
    a = tensor(1.0, requires_grad=True); b = tensor(2.0, requires_grad=True)  # noqa: E702
    assert (a * b).grad_fn.inputs == ("tensor", "tensor")
    c, d = tensor(1.0, requires_grad=True), tensor(2.0, requires_grad=True)
    assert (c * d).grad_fn.inputs == ("tensor", "tensor")
# fmt: on


def test_grad_fn_of_one_output_among_several():
    @custom_vjp
    def both(x, y):
        return np.sin(x), x * y

    both.defvjp(
        lambda x, y: ((np.sin(x), x * y), (x, y)),
        lambda kept, cts: (cts[0] * np.cos(kept[0]) + cts[1] * kept[1], cts[1] * kept[0]),
    )
    x = tensor(1.0, requires_grad=True)
    y = tensor(2.0, requires_grad=True)
    first, second = both(x, y)
    product = first * second
    assert [index for _, index in product.grad_fn.next_functions] == [0, 1]
    assert product.grad_fn.inputs == ("both", "both")
    assert second.grad_fn.inputs == ("x", "y")
    assert [ct.item() for ct in second.grad_fn(3.0)] == [6.0, 3.0]
    assert [ct.item() for ct in first.grad_fn(1.0)] == [np.cos(1.0), 0.0]
    product.backward()
    assert np.isclose(y.grad.item(), np.sin(1.0))
    with pytest.raises(GraphError):
        second.grad_fn(1.0)


def test_grad_fn_of_leaves_and_its_equality():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x + x
    assert x.grad_fn is None
    assert tensor(1.0).grad_fn is None
    assert y.grad_fn == y.grad_fn
    assert hash(y.grad_fn) == hash(y.grad_fn)
    (one, _), (other, _) = y.grad_fn.next_functions
    assert one == other
    assert one != y.grad_fn
    assert repr(one) == "<accumulate_grad>"
    assert one.variable is x
    assert one.next_functions == ()
    assert one.inputs == ()
    assert one([1.0, 1.0]) == ()
    assert x.grad.tolist() == [1.0, 1.0]


def test_operations_with_and_without_a_derived_pullback_have_names():
    x = tensor(np.ones((2, 3)), requires_grad=True)
    named = {
        "add": x + x,
        "negative": -x,
        "sin": np.sin(x),
        "reduce_sum": x.sum(axis=0),
        "permute": x.T,
        "slice": x[0],
        "gather": x[np.array([0, 1])],
        "reshape": x.reshape(3, 2),
    }
    assert {name: y.grad_fn.name() for name, y in named.items()} == {name: name for name in named}


# --- showing ---------------------------------------------------------------------------------


def test_repr():
    x = tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert repr(x * x) == "tensor([1., 4.], grad_fn=<multiply>)"
    assert repr((x * x).sum()) == "tensor(5., grad_fn=<reduce_sum>)"
    assert repr(tensor(3.0)) == "tensor(3.)"
    assert repr(tensor([1, 2])) == "tensor([1, 2], dtype=int64)"
    assert repr(tensor([1.5], dtype="float32", requires_grad=True)) == (
        "tensor([1.5], dtype=float32, requires_grad=True)"
    )
    assert repr(tensor(np.zeros((0, 3)))) == "tensor([], shape=(0, 3))"
    assert repr(tensor([[1.0, 2.0], [3.0, 4.0]])) == "tensor([[1., 2.],\n        [3., 4.]])"
    assert repr(tensor(1.5, dtype="bfloat16")) == "tensor(1.5, dtype=bfloat16)"


def test_repr_of_large_arrays_is_short():
    big = tensor(np.zeros((2000, 2000)))
    assert len(repr(big)) < 500
    assert repr(big).endswith("shape=(2000, 2000))")

    class Printer:
        def text(self, text):
            self.said = text

    printer = Printer()
    tensor(np.zeros(101))._repr_pretty_(printer, False)
    assert printer.said == "tensor([0., 0., 0., ..., 0., 0., 0.], shape=(101,))"
    tensor(np.zeros(2))._repr_pretty_(printer, False)
    assert printer.said == "tensor([0., 0.])"


# --- copies, threads -------------------------------------------------------------------------


def test_leaves_are_copied_and_pickled():
    w = tensor([1.0, 2.0], requires_grad=True, dtype="float32")
    for twin in (copy.deepcopy(w), copy.copy(w), pickle.loads(pickle.dumps(w))):
        assert twin.requires_grad
        assert twin.is_leaf
        assert twin.dtype == np.float32
        assert twin.tolist() == [1.0, 2.0]
    with no_grad():
        w += 1.0
    assert twin.tolist() == [1.0, 2.0]
    with pytest.raises(GraphError, match="detach"):
        pickle.dumps(w * w)


def test_threads_accumulate_into_one_leaf():
    w = tensor(np.zeros(4), requires_grad=True)

    def work():
        for _ in range(200):
            (w * np.arange(4.0)).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert w.grad.tolist() == [0.0, 800.0, 1600.0, 2400.0]
