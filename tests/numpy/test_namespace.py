"""`adjoint.numpy` has every name of NumPy's: on plain arrays NumPy's, on traced ones differentiable."""

import inspect
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import adjoint as ad
import adjoint.numpy as anp

POLYNOMIALS = ("chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial")
MODULES = [
    *(
        "",
        ".emath",
        ".fft",
        ".lib",
        ".lib.scimath",
        ".lib.stride_tricks",
        ".linalg",
        ".random",
        ".polynomial",
    ),
    *(f".polynomial.{name}" for name in POLYNOMIALS),
]


def module(root: ModuleType, path: str) -> Any:
    for name in path.split(".")[1:]:
        root = getattr(root, name)
    return root


def leaf(*values: float) -> ad.Tensor:
    return ad.tensor(list(values), requires_grad=True)


@pytest.mark.parametrize("path", MODULES)
def test_every_name_is_there(path: str) -> None:
    ours, theirs = module(anp, path), module(np, path)
    public = [name for name in dir(theirs) if not name.startswith("_")]
    assert set(public) <= set(dir(ours))
    for name in public:
        found, original = getattr(ours, name), getattr(theirs, name)
        if isinstance(original, ModuleType):
            continue
        assert getattr(found, "__doc__", None) == getattr(original, "__doc__", None), name
        if callable(original) and hasattr(original, "__name__"):
            assert found.__name__ in (name, original.__name__)


def test_modules_can_be_imported() -> None:
    for path in MODULES:
        names: dict[str, Any] = {}
        exec(f"import adjoint.numpy{path} as m\nfrom adjoint.numpy{path} import *", names)
        assert names["m"] is module(anp, path)
    assert ad.numpy is anp


def test_dtypes_and_constants_are_numpys() -> None:
    for name in (
        "float64",
        "int32",
        "dtype",
        "ndarray",
        "generic",
        "errstate",
        "finfo",
        "pi",
        "inf",
        "newaxis",
    ):
        assert getattr(anp, name) is getattr(np, name)
    assert isinstance(np.zeros(2), anp.ndarray)
    assert isinstance(anp.zeros(2), np.ndarray)
    assert anp.random.default_rng is np.random.default_rng
    assert anp.linalg.LinAlgError is np.linalg.LinAlgError


def test_functions_are_described_as_numpys() -> None:
    assert inspect.signature(anp.mean) == inspect.signature(np.mean)
    assert anp.mean.__module__ == "adjoint.numpy"
    assert pickle.loads(pickle.dumps(anp.mean)) is anp.mean
    assert pickle.loads(pickle.dumps(anp.add)) is anp.add


def test_ufuncs_keep_their_methods() -> None:
    assert isinstance(anp.add, np.ufunc)
    assert (anp.add.nin, anp.add.identity, anp.add.__name__, repr(anp.add)) == (2, 0, "add", repr(np.add))
    x = leaf(1.0, 2.0, 4.0)
    first = x[0]
    ones = anp.zeros(2)
    anp.add.at(ones, [0, 0, 1], x)
    for found, wanted in [
        (anp.add.reduce(x), 7.0),
        (anp.add.reduce([first, 2.0]), 3.0),
        (anp.multiply.accumulate(x), [1.0, 2.0, 8.0]),
        (anp.subtract.outer([first], x), [[0.0, -1.0, -3.0]]),
        (anp.add.reduceat(np.arange(3.0), [0, 1]), [0.0, 3.0]),
        (anp.maximum([first, 5.0], 2.0), [2.0, 5.0]),
        (ones, [3.0, 4.0]),
    ]:
        np.testing.assert_array_equal(found.value if isinstance(found, ad.Tensor) else found, wanted)


def test_unknown_names() -> None:
    for name, said in [
        ("concatinate", "Did you mean: 'concatenate'?"),
        ("float_", "Use `np.float64` instead"),
        ("qqqqqq", "module 'adjoint.numpy' has no attribute 'qqqqqq'"),
        ("_core", "no attribute '_core'"),
    ]:
        with pytest.raises(AttributeError, match=said.replace("?", r"\?")):
            getattr(anp, name)


def filled(x: Any) -> Any:
    out = anp.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out


def through_views(x: Any) -> Any:
    out = anp.ones((2, 3))
    out[0][:] = x
    out.T[1] *= x[0]
    return out * out


UNREACHED: dict[str, Callable[[Any], Any]] = {
    "array": lambda x: anp.array([x[0], 2.0 * x[1], 1.0]) ** 2,
    "nested array": lambda x: anp.array([[x[0], 1.0], [x[1], x[2]]]) ** 2,
    "asarray": lambda x: anp.asarray(x) * anp.asarray([x[0], 1.0, 1.0]),
    "zeros": filled,
    "views": through_views,
    "zeros_like": lambda x: anp.zeros_like(x) + x * anp.ones(3),
    "full": lambda x: anp.full(3, x[0]) * x,
    "linspace": lambda x: anp.linspace(0.0, x[2], 5) ** 2,
    "vectorize": lambda x: anp.vectorize(lambda t: t * t if t > 1.0 else 3.0 * t)(x),
    "vectorize of two": lambda x: anp.vectorize(lambda t, u: t * u)(x, x[::-1]),
    "r_": lambda x: anp.r_[x[0], 1.0, x] ** 2,
    "c_": lambda x: anp.c_[x, x * x],
    "poly1d": lambda x: anp.poly1d([x[0], 1.0, x[1]])(x[2]),
    "polynomial": lambda x: anp.polynomial.Polynomial([1.0, x[0], 2.0])(x),
    "emath": lambda x: anp.real(anp.emath.sqrt(x - 10.0) ** 2),
    "kaiser": lambda x: anp.kaiser(4, x[0]),
    "interp": lambda x: anp.interp(x, [0.0, 2.0, 5.0], [0.0, 4.0, 1.0]),
    "piecewise": lambda x: anp.piecewise(x, [x < 1.0, x >= 1.0], [lambda t: t * t, lambda t: 3.0 * t]),
    "apply_along_axis": lambda x: anp.apply_along_axis(lambda row: row * row[0], 0, x),
    "fromfunction": lambda x: anp.fromfunction(lambda i: i * x[0], (3,)) ** 2,
    "sum of a list": lambda x: anp.sum([x[0], x[1] ** 2]),
    "linalg": lambda x: anp.linalg.norm([x[0], x[1]]) + anp.linalg.det([[x[0], 1.0], [2.0, x[1]]]),
    "fft": lambda x: anp.fft.fft([x[0], x[1], 1.0]).real ** 2,
    "unique": lambda x: anp.unique_values(x) ** 2,
}


@pytest.mark.parametrize("name", UNREACHED)
def test_tensors_where_no_function_is_followed(name: str) -> None:
    """The gradient of the sum: by tensors, by grad, and by differences of the plain function."""
    function = UNREACHED[name]
    at = np.array([1.3, 0.7, 2.9])
    x = ad.tensor(at, requires_grad=True)
    out = function(x)
    assert isinstance(out, ad.Tensor)
    out.sum().backward()
    slopes = np.array(
        [(np.sum(function(at + h)) - np.sum(function(at - h))) / 2e-6 for h in 1e-6 * np.eye(3)]
    )
    np.testing.assert_allclose(x.grad.value, slopes, rtol=1e-7, atol=1e-7)
    followed = ad.grad(lambda x: np.sum(function(x)))(at)
    np.testing.assert_allclose(followed, x.grad.value, rtol=1e-13)


def test_plain_arguments_give_what_numpy_gives() -> None:
    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    for name in ("sum", "cumsum", "sort", "median", "transpose", "ravel", "isfinite", "sinc", "cov", "diff"):
        ours, theirs = getattr(anp, name)(x), getattr(np, name)(x)
        assert type(ours) is type(theirs)
        np.testing.assert_array_equal(ours, theirs)
    for name in ("eigh", "qr", "slogdet", "svd"):
        ours, theirs = getattr(anp.linalg, name)(x), getattr(np.linalg, name)(x)
        assert type(ours) is type(theirs)
        for mine, wanted in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine, wanted)


def test_a_class_with_followed_methods_is_an_heir() -> None:
    square = anp.vectorize(lambda t: t * t)
    assert isinstance(square, np.vectorize)
    np.testing.assert_array_equal(square(np.arange(3)), [0, 1, 4])
    assert isinstance(anp.poly1d([1, 2]) * 2, np.poly1d)
    assert str(anp.polynomial.Polynomial([1, 2])) == str(np.polynomial.Polynomial([1, 2]))
