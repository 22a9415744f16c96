"""Views and slices add no pass over the data: forward they share memory, and back they add into one array."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint.api.reverse import Recording

SIDE = 400

VIEWS: dict[str, Callable[[Any], Any]] = {
    "slice": lambda x: x[1:],
    "strided": lambda x: x[::2, ::-1],
    "row": lambda x: x[3],
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(2, -1),
    "ravel": lambda x: x.ravel(),
    "swapped": lambda x: np.swapaxes(x, 0, 1),
    "moved": lambda x: np.moveaxis(x, 0, 1),
    "newaxis": lambda x: x[None, :, None],
    "flipped": lambda x: np.flip(x, 0),
    "diagonal": lambda x: np.diagonal(x),
    "broadcast": lambda x: np.broadcast_to(x, (2, SIDE, SIDE)),
    "squeezed": lambda x: np.squeeze(x[None]),
    "split": lambda x: np.split(x, 2)[1],
    "chain": lambda x: x[1:-1].T.reshape(SIDE, -1)[:, 2:].T,
}


@pytest.mark.parametrize("name", VIEWS)
def test_forward_they_share_memory(name: str) -> None:
    x = np.ones((SIDE, SIDE))
    recording = Recording([x], keep=False)
    part = VIEWS[name](recording.inputs[0])
    assert np.shares_memory(recording.lower(part)[0], x) == np.shares_memory(VIEWS[name](x), x)


def peak(function: Callable[[], Any]) -> int:
    """The most memory that is in use at once while the function runs, in arrays of x's size."""
    function()
    tracemalloc.start()
    function()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(found / (8 * SIDE * SIDE))


def test_a_hundred_slices_need_no_more_memory_than_two() -> None:
    x = np.ones((SIDE, SIDE))

    def gradient(count: int) -> Callable[[], Any]:
        return lambda: adjoint.grad(lambda x: sum(np.sum(x[k : k + 2]) for k in range(count)))(x)

    assert peak(gradient(100)) == peak(gradient(2))
