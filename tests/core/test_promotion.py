"""Promotion and broadcasting are NumPy's own, for every pair of dtypes and Python scalars."""

import itertools
from typing import Any

import numpy as np
import pytest

from adjoint.core.avals import aval_of
from adjoint.dtypes import bfloat16
from adjoint.errors import ShapeError
from adjoint.primitives.arithmetic import multiply
from adjoint.primitives.promotion import align

NAMES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128", "bfloat16"),
]
DTYPES = {name: bfloat16 if name == "bfloat16" else np.dtype(name) for name in NAMES}
PYTHON = {"True": True, "int": 1, "float": 2.5, "complex": 1.5 + 2j}


def operand(name: str, shape: tuple[int, ...]) -> Any:
    if name in PYTHON:
        return PYTHON[name]
    return np.ones(shape, DTYPES[name]) if shape != () else DTYPES[name].type(1)


PAIRS = [
    (a, b)
    for a, b in itertools.product([*DTYPES, *PYTHON], repeat=2)
    if not (a in PYTHON and b in PYTHON) and {a, b} != {"True"}
]


@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((), ()), ((), (2,))], ids=str)
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_a_pair_of_dtypes(a: str, b: str, shapes: Any) -> None:
    """The aligned operands give what NumPy gives: the dtype, the shape, the values."""
    x, y = operand(a, shapes[0]), operand(b, shapes[1])
    try:
        want = np.multiply(x, y)
    except TypeError:  # NumPy has no common dtype: bfloat16 with float16, and some others
        with pytest.raises(TypeError):
            align(x, y)
        return
    left, right = align(x, y)
    got = multiply(left, right)
    assert (aval_of(got).dtype, aval_of(got).shape) == (want.dtype, want.shape)
    np.testing.assert_array_equal(np.asarray(got), np.asarray(want))
    for value in (left, right):
        aval = aval_of(value)
        assert aval.weak or (aval.dtype, aval.shape) == (want.dtype, want.shape)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(PYTHON, repeat=2)))
def test_python_scalars_alone_stay_pythons(a: str, b: str) -> None:
    left, right = align(PYTHON[a], PYTHON[b])
    got = multiply(left, right)
    if a != b or a != "True":
        assert type(got) is type(PYTHON[a] * PYTHON[b])
    assert got == PYTHON[a] * PYTHON[b]


def test_scalars_beside_arrays_stay_as_they_are() -> None:
    """So that a rule's 2.0 costs no array."""
    assert align(2.0, np.ones(3, np.float32))[0] == 2.0
    assert type(align(2, np.ones(3, np.float32))[0]) is int
    assert aval_of(align(2.0, np.ones(3, int))[0]).dtype == np.float64


def test_a_given_dtype() -> None:
    left, right = align(np.ones(3, np.float32), np.ones((2, 3)), dtype=np.dtype(np.complex64))
    assert left.dtype == right.dtype == np.complex64
    assert left.shape == right.shape == (2, 3)


def test_three_operands() -> None:
    aligned = align(np.ones((2, 1, 3), np.float32), np.ones((4, 1)), 2.0)
    assert [aval_of(v).shape for v in aligned] == [(2, 4, 3), (2, 4, 3), ()]
    assert aval_of(aligned[0]).dtype == np.float64


def test_shapes_that_do_not_broadcast() -> None:
    with pytest.raises(ShapeError, match=r"\(3,\) and \(4,\)"):
        align(np.ones(3), np.ones(4))


def test_an_array_that_fits_is_not_copied() -> None:
    x, y = np.ones(3), np.zeros(3)
    left, right = align(x, y)
    assert left is x
    assert right is y


def test_empty_arrays() -> None:
    left, right = align(np.ones((0, 3)), np.ones((1, 1)))
    assert left.shape == right.shape == (0, 3)
