"""`adjoint.numpy.zeros(n)` in plain code: an ndarray in all that one does with it, until it is traced."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.optimize
from matplotlib.figure import Figure
from sklearn.linear_model import LinearRegression

import adjoint as ad
import adjoint.numpy as anp
from adjoint.errors import TraceError


def constant() -> Any:
    return anp.array([3.0, 1.0, 2.0])


PLAIN = np.array([3.0, 1.0, 2.0])

SAME: dict[str, Callable[[Any], Any]] = {
    "repr": repr,
    "str": str,
    "format": lambda a: f"{a} {a[1]:.3f}",
    "isinstance": lambda a: isinstance(a, np.ndarray),
    "arithmetic": lambda a: a * 2 + PLAIN @ a - a**2,
    "added to plain": lambda a: PLAIN.copy().__iadd__(a),
    "comparison": lambda a: (a > 1.5) | (a == 1.0),
    "in": lambda a: (2.0 in a, 9.0 in a),
    "truth": lambda a: bool(a[0]) and bool(a.all()),
    "float": lambda a: (float(a[0]), int(a[2]), complex(a[1])),
    "iteration": lambda a: [float(v) for v in a],
    "tolist": lambda a: a.tolist(),
    "indexing": lambda a: a[a > 1.5][::-1],
    "bytes": lambda a: a.tobytes(),
    "dumps": lambda a: pickle.loads(a.dumps()),
    "byteswap": lambda a: a.byteswap(),
    "getfield": lambda a: a.getfield(np.int32, 4),
    "view": lambda a: a.view(np.int64),
    "memoryview": lambda a: np.asarray(memoryview(np.asarray(a))),
    "flags": lambda a: (a.flags.c_contiguous, a.flags.writeable, a.strides, a.nbytes, a.base is None),
    "dlpack": np.from_dlpack,
    "pickle": lambda a: pickle.loads(pickle.dumps(a)),
    "deepcopy": lambda a: copy.deepcopy(a) + copy.copy(a),
    "argpartition": lambda a: a.argpartition(1)[1],
    "out": lambda a: np.add(PLAIN, 1.0, out=a),
    "out of modf": lambda a: np.modf(a, np.zeros(3), anp.zeros(3)),
    "sum into": lambda a: np.sum(np.ones((2, 3)), axis=0, out=a),
    "view written": lambda a: (a[1:].__imul__(2.0), a)[1],
    "at": lambda a: (np.add.at(a, [0, 0], 1.0), a)[1],
    "fill": lambda a: (a.fill(7.0), a)[1],
    "sort": lambda a: (a.sort(), a)[1],
    "flat": lambda a: (a.flat.__setitem__(0, 9.0), a)[1],
    "C code": lambda a: scipy.ndimage.gaussian_filter1d(a, 1.0),
    "C code that writes": lambda a: (scipy.ndimage.gaussian_filter1d(PLAIN, 1.0, output=a), a)[1],
    "LAPACK": lambda a: scipy.linalg.solve(np.eye(3) + 1.0, a),
    "optimizer": lambda a: scipy.optimize.minimize(lambda x: np.sum((x - 1.0) ** 2), a).x,
    "scikit-learn": lambda a: LinearRegression().fit(np.vander(a), a).coef_,
    "matplotlib": lambda a: Figure().subplots().plot(a, a)[0].get_ydata(),
    "save": lambda a: np.array2string(a),
    "device": lambda a: (a.device, a.to_device("cpu").shape, a.__dlpack_device__()),
    "namespace": lambda a: a.__array_namespace__().__name__ in ("numpy", "adjoint.numpy"),
    "buffer": lambda a: a.data.nbytes,
    "contents": lambda a: np.testing.assert_array_equal(a, PLAIN),
}


@pytest.mark.parametrize("name", SAME)
def test_a_constant_is_an_ndarray(name: str) -> None:
    ours, theirs = SAME[name](constant()), SAME[name](PLAIN.copy())
    if isinstance(theirs, np.ndarray):
        assert isinstance(ours, np.ndarray)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_array_equal(ours, theirs)
    elif isinstance(theirs, tuple) and isinstance(theirs[0], np.ndarray):
        np.testing.assert_array_equal(ours, theirs)
    else:
        assert ours == theirs


def test_once_traced_it_is_a_tensor() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    out = anp.zeros(2)
    assert not isinstance(out, ad.Tensor)
    out[0] = x[1] ** 2
    assert isinstance(out, ad.Tensor)
    assert not isinstance(out, np.ndarray)
    assert repr(out) == "tensor([4., 0.], grad_fn=<assign>)"
    assert out.requires_grad
    for leaving in (float, np.asarray, pickle.dumps, lambda a: a.__dlpack__()):
        with pytest.raises((TraceError, ad.errors.GraphError)):
            leaving(out[0] if leaving is float else out)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = out.nothing
    out.backward(gradient=[1.0, 1.0])
    np.testing.assert_array_equal(x.grad.value, [0.0, 4.0])


def test_written_into_after_a_use() -> None:
    """What a tensor's graph has saved of a constant stays as it was."""
    for use in (
        lambda x, a: x * a,
        lambda x, a: a * x,
        lambda x, a: np.add.reduce(x * a),
        lambda x, a: x @ a,
    ):
        x, weights = ad.tensor([1.0, 2.0], requires_grad=True), anp.ones(2)
        out = use(x, weights)
        weights[:] = 9.0
        out.sum().backward()
        np.testing.assert_array_equal(x.grad.value, [1.0, 1.0])
