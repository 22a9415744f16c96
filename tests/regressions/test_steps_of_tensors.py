"""Steps of tensors stay in the graph, as in PyTorch: their gradient is zero, and no error."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import GraphError

STEPS: list[Callable[[Any], Any]] = [
    np.floor,
    np.ceil,
    np.trunc,
    np.rint,
    np.round,
    np.sign,
    lambda t: np.round(t, 1) - np.round(t, 1),
    lambda t: np.heaviside(t, 0.5),
    lambda t: t // 2.0,
    lambda t: 7.0 // t,
    lambda t: t // t,
    lambda t: np.floor(t)[1:] * 3.0,
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("x", [np.array([0.3, -1.7, 2.5]), np.array([0.3, -1.7, 2.5], np.float32)])
def test_zero(step: Callable[[Any], Any], x: np.ndarray) -> None:
    """Zeros of the tensor's own dtype, which are the user's to write into, and add up."""
    t = ad.tensor(x, requires_grad=True)
    np.sum(step(t)).backward()
    assert t.grad.dtype == x.dtype
    np.testing.assert_array_equal(t.grad.numpy(), np.zeros(3))
    t.grad[0] = 1.0
    (np.sum(step(t)) + np.sum(t)).backward()
    np.testing.assert_array_equal(t.grad.numpy(), [2.0, 1.0, 1.0])


def test_of_one_number() -> None:
    """Also where a tensor has no axes; the operation has its name, and its graph is freed."""
    t = ad.tensor(2.5, requires_grad=True)
    y: Any = np.floor(t)
    assert repr(y.grad_fn) == "<floor>"
    assert y.grad_fn.inputs == ("t",)
    y.backward()
    assert t.grad.item() == 0.0
    with pytest.raises(GraphError, match="freed"):
        y.backward()


def test_cut_off_on_purpose() -> None:
    """`detach` and `stop_gradient` leave no graph; nor do answers and integers."""
    t = ad.tensor([1.0, 2.0], requires_grad=True)
    outs: list[Any] = [t.detach(), ad.stop_gradient(t), t > 1.0, np.floor(t).astype(int)]
    for out in outs:
        assert not out.requires_grad
        with pytest.raises(GraphError):
            np.sum(out).backward()
