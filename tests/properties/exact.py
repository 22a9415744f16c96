"""Checks of programs that are linear and move elements about: everything is compared exactly.

The pullback is the explicit scatter of ones: a plain run on labels says which argument's element each
element of the result is, and the cotangents are added up there.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import adjoint as ad

from .modes import Wrong, alike, close, unchanged
from .programs import Program, listed


def whole_numbers(value: Any, start: int) -> Any:
    """Small whole numbers, shaped and laid out in dtype as the value: their sums are exact."""
    array = np.asarray(value)
    flat = (np.arange(array.size) * 5 + start) % 7 - 3.0
    made = flat.reshape(array.shape).astype(array.dtype)
    return made if isinstance(value, np.ndarray) else made[()]


def owners(program: Program, which: int, *, alone: bool) -> Any:
    """For each element of the result the element of this argument that it is, counted from 0; else -1.

    `alone`: the other arguments are zeros, since the program adds.
    """
    labels: list[Any] = []
    start = 1
    for k, x in enumerate(program.arguments()):
        array = np.asarray(x)
        shown = np.arange(start, start + array.size).reshape(array.shape) * (k == which or not alone)
        labels.append(shown.astype(array.dtype))
        if k == which:
            first, count = start, array.size
        start += array.size
    (found,) = program.at(labels)
    label = np.round(np.abs(np.asarray(found))).astype(int).ravel() - first
    return np.where((label >= 0) & (label < count), label, -1)


def scattered(program: Program, weights: Any, which: int, *, alone: bool = False) -> Any:
    """The cotangent of an argument whose elements move about: the scatter of ones, times the weights."""
    like = np.asarray(program.arguments()[which])
    owner = owners(program, which, alone=alone)
    whole = np.zeros(like.size, weights.dtype)
    np.add.at(whole, owner[owner >= 0], weights.ravel()[owner >= 0])
    return (whole if like.dtype.kind == "c" else whole.real).reshape(like.shape).astype(like.dtype)


def assigned(program: Program, weights: Any) -> list[Any]:
    """The cotangents of a program that moves elements."""
    return [scattered(program, weights, k) for k in range(len(program.inputs))]


def added(program: Program, weights: Any) -> list[Any]:
    """The cotangents of `a[i] += y` (of several writes to one element the last counts) and of `np.add.at`."""
    line = program.lines[-1]
    sign = -1.0 if "-=" in line or "subtract" in line else 1.0
    index = re.search(r"np\.index_exp\[(.*)\], y\)", line)
    if index is None:
        return [weights, sign * scattered(program, weights, 1, alone=True)]
    read = replace(program, inputs=program.inputs[:1], lines=(f"z = x[{index[1]}]",), results=("z",))
    like = np.asarray(program.arguments()[1])
    taken = summed(sign * read.at([weights])[0], like.shape)
    return [weights, (taken if like.dtype.kind == "c" else taken.real).astype(like.dtype)]


def summed(value: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the axes that broadcasting added or stretched."""
    ones = (1,) * (value.ndim - len(shape)) + shape[max(len(shape) - value.ndim, 0) :]
    axes = tuple(i for i, n in enumerate(ones) if n == 1)
    return np.sum(value, axis=axes, keepdims=True).reshape(shape)


def same_numbers(got: Any, want: Any, what: str) -> None:
    """Equal numbers, shapes and dtypes; a zero has no sign here."""
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape or got.dtype != want.dtype or not np.array_equal(got, want):
        raise Wrong(f"{what}:\n{got!r}\nwhere\n{want!r}\nwas expected")


def in_every_mode(program: Program, cotangents: Callable[[Program, Any], list[Any]]) -> None:
    """Values, tangents and cotangents of a linear program."""
    point = program.arguments()
    want = program.at(program.arguments())
    directions = [whole_numbers(x, 1 + i) for i, x in enumerate(point)]
    weights = whole_numbers(np.asarray(want[0]), 2)
    pulled = cotangents(program, weights)
    value, tangent = ad.jvp(program.function(), point, tuple(directions))
    same = same_numbers if cotangents is assigned else nearly  # sums of several terms have an order
    same(value, want[0], "the value of jvp")
    same_numbers(tangent, program.at(directions)[0], "the tangent")
    unchanged(program, point)
    value, pull = ad.vjp(program.function(), *point)
    same(value, want[0], "the value of vjp")
    for got, expected in zip(pull(weights if weights.shape else weights[()]), pulled, strict=True):
        same_numbers(got, expected, "the cotangent")
    unchanged(program, point)
    _other_modes(program, point, directions, weights, want, pulled, same)


def nearly(got: Any, want: Any, what: str) -> None:
    """Equal up to rounding; shapes and dtypes equal."""
    alike(got, want, what)
    close(got, want, what, 8 * float(np.finfo(np.asarray(want).dtype).eps))


def _other_modes(
    program: Program, point: Any, directions: Any, weights: Any, want: Any, pulled: Any, same: Any
) -> None:
    batches = [np.stack([np.asarray(x), np.asarray(d)]) for x, d in zip(point, directions, strict=True)]
    batch = ad.vmap(program.function())(*batches)
    for i in range(2):
        expected = program.at([b[i] for b in batches])[0]
        same(batch[i], expected, f"example {i} of a batch")
    staged = ad.trace(program.function())(*point)
    same(listed(staged(*point))[0], want[0], "the staged value")
    leaves = [ad.tensor(np.array(x, order="K"), requires_grad=True) for x in program.arguments()]
    np.sum(program.function()(*leaves) * weights).real.backward()
    for leaf, expected in zip(leaves, pulled, strict=True):
        got = np.zeros_like(expected) if leaf.grad is None else leaf.grad.numpy()
        same_numbers(got, expected, "the gradient of a tensor")


def refused(program: Program, error: type[Exception]) -> None:
    """Every mode raises an error of NumPy's class."""
    point = program.arguments()
    function = program.function()
    runs = {
        "vjp": lambda: ad.vjp(function, *point),
        "jvp": lambda: ad.jvp(function, point, point),
        "trace": lambda: ad.trace(function)(*point),
        "vmap": lambda: ad.vmap(function)(*(np.stack([x, x]) for x in point)),
    }
    for name, run in runs.items():
        try:
            run()
        except error:
            continue
        except Exception as other:
            raise Wrong(f"{name} raises {type(other).__name__}, NumPy {error.__name__}: {other}") from other
        raise Wrong(f"{name} raises nothing, NumPy {error.__name__}")
