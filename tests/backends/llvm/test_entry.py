"""How a compiled Program is called: both entries, what they refuse, what they leave behind."""

import gc
import sys
import threading
from typing import Any

import numpy as np
import pytest

import adjoint as ad
from adjoint.backends.llvm import entry as entries
from adjoint.backends.llvm.layout import NoLowering
from adjoint.backends.llvm.runtime import Native, compile_program
from adjoint.core.avals import Aval
from adjoint.core.trace import stage
from adjoint.errors import ArgumentError, DtypeError, ShapeError

ENTRIES = ("fastcall", "ctypes")


def line(entry: str = "fastcall", n: int = 5) -> Native:
    return compile_program(ad.trace(lambda x, w, b: x * w + b)(*(np.ones(n),) * 3).program, entry=entry)


def test_this_python_is_served() -> None:
    assert entries.serves()


@pytest.mark.parametrize("entry", ENTRIES)
def test_results(entry: str) -> None:
    x = np.arange(5.0)
    (found,) = line(entry)(x, x, x)
    np.testing.assert_array_equal(found, x * x + x)
    assert found.flags.owndata
    assert found.flags.writeable


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_does_not_fit_is_refused(entry: str) -> None:
    native, x = line(entry), np.ones(5)
    with pytest.raises(ArgumentError, match="takes 3 arrays"):
        native(x, x)
    with pytest.raises(ShapeError, match="argument 1"):
        native(x, np.ones(4), x)
    with pytest.raises(DtypeError, match="argument 2"):
        native(x, x, x + 1j)
    with pytest.raises(ad.errors.ContainerError):
        native(x, x, "digits")


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_converts_safely_is_taken(entry: str) -> None:
    native, x = line(entry), np.arange(5.0)
    odd = np.zeros(41, np.uint8)[1:].view(np.float64)
    for given in (
        x.astype(np.float32),
        x.astype(np.int32),
        x[::-1][::-1],
        x.astype(">f8"),
        np.ma.asarray(x).data,
    ):
        np.testing.assert_array_equal(native(given, x, x)[0], given * x + x)
    np.testing.assert_array_equal(native(odd, x, x)[0], x)


@pytest.mark.parametrize("entry", ENTRIES)
def test_numbers_go_in_and_come_out_as_numpys(entry: str) -> None:
    avals = [
        Aval((), np.dtype(np.float64)),
        Aval((), np.dtype(np.float64), weak=True),
        Aval((), np.dtype(np.int64)),
    ]
    program = stage(lambda x, y, n: [x, y, n, y, x], avals)
    native = compile_program(program, entry=entry)
    for x in (2.5, np.float64(2.5), np.array(2.5)):
        found = native(x, 3.0, np.int64(4))
        assert found == (2.5, 3.0, 4, 3.0, 2.5)
        assert [type(v) for v in found] == [np.float64, float, np.int64, float, np.float64]
    masks = compile_program(ad.trace(lambda x: (x > 1.0, np.all(x > 1.0)))(np.ones(3)).program, entry=entry)
    assert masks(np.full(3, 2.0))[1] is np.True_


def test_the_error_names_the_primitive() -> None:
    svd = ad.trace(lambda x: np.linalg.svd(x)[1])(np.eye(3)).program
    with pytest.raises(NoLowering, match="native code for the primitive svd"):
        compile_program(svd)
    with pytest.raises(NoLowering, match="complex128"):
        compile_program(ad.trace(lambda x: x * 2.0)(np.ones(2) * 1j).program)


def test_nothing_leaks() -> None:
    native, x = line(n=1000), np.ones(1000)
    before = sys.getrefcount(x), sys.getrefcount(np.dtype(np.float64)), sys.getrefcount(np.float64)
    total = compile_program(ad.trace(np.sum)(x).program)
    for _ in range(1000):
        native(x, x, x)
        total(x)
    after = sys.getrefcount(x), sys.getrefcount(np.dtype(np.float64)), sys.getrefcount(np.float64)
    assert all(b - a < 20 for a, b in zip(before, after, strict=True))
    (found,) = native(x, x, x)
    assert sys.getrefcount(found) == 2


def test_the_function_outlives_its_maker() -> None:
    call = line().call
    gc.collect()
    np.testing.assert_array_equal(call(*(np.ones(5),) * 3)[0], np.full(5, 2.0))


def test_threads_call_at_once() -> None:
    x = np.random.default_rng(0).normal(size=(30, 20))

    def spread(x: Any) -> Any:
        return np.exp(x - np.max(x, axis=1, keepdims=True)) / np.sum(np.exp(x), axis=1, keepdims=True)

    native = compile_program(ad.trace(spread)(x).program)
    assert native.cost()["arena_bytes"] > 0
    faults: list[int] = []

    def work(k: int) -> None:
        given = x * k
        wanted = native(given)[0]
        faults.extend(i for i in range(300) if not np.array_equal(native(given)[0], wanted))

    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
