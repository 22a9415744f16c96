"""Abstract values: what is read off arrays, numbers and traced values."""

import pickle
from typing import Any

import numpy as np
import pytest

from adjoint.api.derivatives import grad
from adjoint.core.avals import Aval, aval_of, describe
from adjoint.dtypes import bfloat16
from adjoint.errors import ContainerError

F64 = np.dtype(np.float64)


@pytest.mark.parametrize(
    ("value", "aval"),
    [
        (np.zeros((2, 3)), Aval((2, 3), F64)),
        (np.zeros(()), Aval((), F64)),
        (np.float32(1), Aval((), np.dtype(np.float32))),
        (np.zeros(4, bfloat16), Aval((4,), bfloat16)),
        (np.zeros((0, 2), np.int8), Aval((0, 2), np.dtype(np.int8))),
        (np.True_, Aval((), np.dtype(bool))),
        (1.0, Aval((), F64, weak=True)),
        (1, Aval((), np.dtype(np.int64), weak=True)),
        (1j, Aval((), np.dtype(np.complex128), weak=True)),
        (True, Aval((), np.dtype(bool), weak=True)),
        (Aval((7,), F64), Aval((7,), F64)),
        (np.zeros(3).view(np.recarray), Aval((3,), F64)),
    ],
)
def test_of_a_value(value: Any, aval: Aval) -> None:
    assert aval_of(value) == aval


def test_of_a_traced_value() -> None:
    seen: list[Aval] = []

    def function(x: Any) -> Any:
        seen.append(aval_of(x))
        seen.append(aval_of(x * np.ones(2)))
        return x

    grad(function)(1.0)
    grad(function)(np.float64(1.0))
    assert seen == [Aval((), F64, True), Aval((2,), F64), Aval((), F64), Aval((2,), F64)]


@pytest.mark.parametrize("value", ["text", None, [1.0], object(), {"a": 1}, print])
def test_of_what_is_no_array(value: Any) -> None:
    with pytest.raises(ContainerError, match="an array or a number was asked for"):
        aval_of(value)


def test_sizes() -> None:
    assert (Aval((2, 3, 4), F64).ndim, Aval((2, 3, 4), F64).size) == (3, 24)
    assert (Aval((), F64).ndim, Aval((), F64).size) == (0, 1)
    assert Aval((5, 0), F64).size == 0


def test_equality_hashing_pickling() -> None:
    aval = Aval((2, 3), bfloat16, weak=False)
    assert pickle.loads(pickle.dumps(aval)) == aval
    assert len({aval, Aval((2, 3), bfloat16), Aval((2, 3), F64), Aval((2, 3), F64, True)}) == 3


def test_text() -> None:
    assert repr(Aval((2, 3), np.dtype(np.float32))) == "float32[2,3]"
    assert repr(Aval((), F64, weak=True)) == "weak float64[]"
    assert repr(Aval((0,), bfloat16)) == "bfloat16[0]"


def test_describe_is_short() -> None:
    assert describe(np.zeros((2, 3))) == "a float64 array of shape (2, 3)"
    assert describe(["a"]) == "a list: ['a']"
    assert describe(3) == "an int: 3"
    assert len(describe("x" * 1000)) < 100
