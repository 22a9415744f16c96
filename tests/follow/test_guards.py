"""Never silently wrong: a value that would leave its trace raises, wherever it is and whoever catches it."""

import array
import contextlib
import importlib
import math
import pathlib
import pickle
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from scipy import optimize

import adjoint as ad
from adjoint.errors import AdjointError, DerivativeError, MutationError, TraceError
from adjoint.follow.converter import Converter

BUFFER = np.zeros(3)


def kept_in_a_buffer(x: Any) -> Any:
    BUFFER[0] = x
    return np.sum(BUFFER)


def kept_in_a_default(x: Any, kept: Any = np.zeros(3)) -> Any:  # noqa: B008
    kept[...] = x
    return np.sum(kept)


def put_into_integers(x: Any) -> Any:
    out = np.zeros(3, dtype=int)
    out[1] = x
    return np.sum(out)


def by_out(x: Any) -> Any:
    np.multiply(x, 2.0, out=BUFFER[:1])
    return BUFFER[0]


LOST: dict[str, Any] = {
    "a module's buffer": kept_in_a_buffer,
    "a mutable default": kept_in_a_default,
    "an integer array": put_into_integers,
    "out= of a plain array": by_out,
    "fill of a plain array": lambda x: BUFFER.fill(x),
    "put into a plain array": lambda x: np.put(BUFFER, 0, x),
    "copyto a plain array": lambda x: np.copyto(BUFFER, x),
    "add.at of a plain array": lambda x: np.add.at(BUFFER, 0, x),
    "an array of objects": lambda x: np.array([x, None], dtype=object)[0],
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "C code": lambda x: array.array("d", [x, 1.0, 2.0])[0],
    "a C loop": lambda x: optimize.brentq(lambda t: t - x, 0.0, 3.0),
    "frexp": lambda x: math.frexp(x)[0],
    "random": lambda x: np.random.default_rng(0).normal(x),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_value_raises(name: str) -> None:
    with pytest.raises(AdjointError):
        ad.grad(LOST[name])(1.0)
    assert not BUFFER.any()


def swallows(x: Any) -> Any:
    with contextlib.suppress(TypeError, ValueError):
        BUFFER[0] = x
    return x * 2.0 + np.sum(BUFFER)


def test_a_swallowed_error_raises_after_all() -> None:
    for transform in (
        lambda: ad.grad(swallows)(1.0),
        lambda: ad.jvp(swallows, (1.0,), (1.0,)),
        lambda: ad.vjp(swallows, 1.0),
        lambda: ad.jacrev(swallows)(1.0),
        lambda: ad.vmap(swallows)(np.ones(2)),
        lambda: ad.trace(swallows)(1.0),
        lambda: ad.hessian(swallows)(1.0),
    ):
        with pytest.raises(TraceError, match="caught"):
            transform()


def test_errors_without_a_traced_value_may_be_caught() -> None:
    def function(x: Any) -> Any:
        try:
            float("nothing")
        except ValueError:
            return x * math.sin(x)

    assert ad.grad(function)(0.5) == pytest.approx(math.sin(0.5) + 0.5 * math.cos(0.5))


def test_the_error_says_where_and_what_to_do() -> None:
    with pytest.raises(MutationError) as raised:
        ad.grad(LOST["fill of a plain array"])(1.0)
    assert f"{__file__}:" in str(raised.value)
    assert "np.zeros_like" in str(raised.value)


def test_an_unknown_ufunc_raises() -> None:
    odd = np.frompyfunc(lambda a: a + 1, 1, 1)
    with pytest.raises(DerivativeError):
        ad.grad(lambda x: odd(x))(1.0)


def test_plain_code_runs_plainly() -> None:
    """C code fills a plain array that followed code has allocated, and reads it."""

    def function(x: Any) -> Any:
        smooth = np.zeros(5)
        scipy.ndimage.gaussian_filter1d(np.arange(5.0), 1.0, output=smooth)
        again = scipy.ndimage.gaussian_filter1d(smooth, 1.0)
        return np.sum(x * again), smooth

    smooth = scipy.ndimage.gaussian_filter1d(np.arange(5.0), 1.0)
    slope, kept = ad.grad(function, has_aux=True)(2.0)
    np.testing.assert_array_equal(kept, smooth)
    assert slope == pytest.approx(np.sum(scipy.ndimage.gaussian_filter1d(smooth, 1.0)))


def test_c_code_that_writes_after_a_use() -> None:
    """What a pullback has saved of an array stays as it was when C code writes into the array."""

    def function(x: Any) -> Any:
        weights = np.ones(3)
        total = np.sum(x * weights)
        scipy.ndimage.gaussian_filter1d(np.array([0.0, 3.0, 0.0]), 1e-3, output=weights)
        return total + np.sum(x * weights)

    np.testing.assert_allclose(ad.grad(function)(np.ones(3)), [1.0, 4.0, 1.0])


def test_a_rule_by_name_is_used() -> None:
    """A rule by name is used however the function is reached, and needs no import of the package."""
    rules = {"scipy.ndimage.gaussian_filter1d": lambda x, sigma: x * sigma, "missing.package.name": abs}
    convert = Converter(rules).convert

    def function(x: Any) -> Any:
        return np.sum(scipy.ndimage.gaussian_filter1d(x, 3.0)) + np.sum({"f": gaussian}["f"](x, 2.0))

    gaussian = scipy.ndimage.gaussian_filter1d
    np.testing.assert_array_equal(ad.grad(convert(function))(np.ones(2)), [5.0, 5.0])


PACKAGE = """
import numpy as np
def doubled(x):
    return 2.0 * float(np.asarray(x).item()) + np.array([x, 0.0]).item(0) * np.ones((1, 2)).item((0, 1))
"""


def test_item_leaves_in_the_users_code_and_stays_in_packages(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "somebody_elses.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(folder)
    package = importlib.import_module("somebody_elses")
    assert ad.grad(package.doubled)(1.5) == 3.0
    assert ad.grad(lambda x: package.doubled(x * x))(1.5) == 9.0
    assert ad.grad(lambda x: x * np.asarray(x).item())(1.5) == 1.5
