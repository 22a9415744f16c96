"""Samples of a primitive: operands and parameters of each dtype that it claims, from its own `domain`.

An elementwise primitive is called with arrays, NumPy scalars, empty arrays, and Python scalars among them
or alone. Every draw is seeded by the primitive's name, so that a failure repeats itself.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from adjoint.core.avals import aval_of
from adjoint.core.domain import Draw, Interval, Pointwise
from adjoint.core.primitive import NoDerivative, Primitive, Zero
from adjoint.dtypes import bfloat16, is_inexact

PYTHON = (float, int, complex, bool)


def dtype_named(name: str) -> np.dtype[Any]:
    return bfloat16 if name == "bfloat16" else np.dtype(name)


@dataclass(frozen=True)
class Case:
    """One call. `moves` are directions in which the inexact operands may go without leaving the domain;
    of those at the positions `symmetric`, Hermitian ones.

    A Python scalar beside arrays is a constant: what is differentiated or staged is made an array before it
    meets one.
    """

    label: str
    args: tuple[Any, ...]
    params: dict[str, Any]
    moves: tuple[Any, ...]
    symmetric: tuple[int, ...] = ()

    def avals(self) -> list[Any]:
        return [aval_of(a) for a in self.args]

    def constants(self) -> list[int]:
        scalars = [i for i, a in enumerate(self.args) if type(a) in PYTHON]
        return scalars if len(scalars) < len(self.args) else []


def inexact(value: Any) -> bool:
    return is_inexact(aval_of(value).dtype)


def _generator(primitive: Primitive, dtype: np.dtype[Any], seed: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(f"{primitive.name} {dtype}".encode()), seed])


def _numbers(
    rng: np.random.Generator, dtype: np.dtype[Any], interval: Interval, shape: tuple[int, ...]
) -> Any:
    """Numbers in the inner nine tenths of the interval."""
    low, high = interval.low, interval.high
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        first = max(math.ceil(low), 0 if dtype.kind == "u" else -128)
        assert first <= math.floor(high), f"no integer of dtype {dtype} lies in {interval}"
        return rng.integers(first, math.floor(high) + 1, shape).astype(dtype)
    margin = (high - low) / 20
    real = rng.uniform(low + margin, high - margin, shape)
    if dtype.kind == "c":
        return (real + 1j * rng.uniform(low + margin, high - margin, shape)).astype(dtype)
    return np.asarray(real).astype(dtype)


def _room(values: Any, interval: Interval) -> Any:
    return np.minimum(values - interval.low, interval.high - values)


def _pointwise_move(rng: np.random.Generator, value: Any, interval: Interval) -> Any:
    """A direction in which `value` may go half a step without leaving the interval."""
    if not inexact(value):
        return None
    plain = np.asarray(value)
    wide = plain.astype(np.complex128 if plain.dtype.kind == "c" else np.float64)

    def part(values: Any) -> Any:
        return (
            _room(values, interval) * rng.uniform(0.3, 1.0, values.shape) * rng.choice([-1, 1], values.shape)
        )

    move = part(wide.real) + 1j * part(wide.imag) if plain.dtype.kind == "c" else part(wide)
    return like(move, value)


def like(new: Any, value: Any) -> Any:
    """An array as what `value` is: a Python scalar, a NumPy scalar, an array of its dtype."""
    if type(value) in PYTHON:
        return type(value)(np.asarray(new).item())
    cast = np.asarray(new).astype(value.dtype)
    return cast[()] if isinstance(value, np.generic) else cast


def _weak(rng: np.random.Generator, dtype: np.dtype[Any], interval: Interval, *, beside: bool) -> Any:
    """A Python scalar to stand beside arrays of the dtype, or alone; None where there is none."""
    if dtype.kind == "b":
        return None
    if dtype.kind in "iu":
        return int(_numbers(rng, np.dtype(np.uint8 if dtype.kind == "u" else np.int64), interval, ()))
    if dtype.kind == "c" and not beside:
        return complex(_numbers(rng, np.dtype(np.complex128), interval, ()))
    return float(_numbers(rng, np.dtype(np.float64), interval, ()))


def _pointwise(primitive: Primitive, domain: Pointwise, dtype: np.dtype[Any], seed: int) -> list[Case]:
    rng = _generator(primitive, dtype, seed)
    operands = domain.operands
    cases: list[Case] = []

    def add(label: str, args: Sequence[Any], params: dict[str, Any]) -> None:
        moves = tuple(_pointwise_move(rng, a, i) for a, i in zip(args, operands, strict=True))
        cases.append(Case(label, tuple(args), params, moves))

    for params in domain.params:
        arrays = [_numbers(rng, dtype, interval, (2, 3)) for interval in operands]
        add("arrays", arrays, params)
        add("numbers", [_numbers(rng, dtype, interval, (1,))[0] for interval in operands], params)
        add("empty", [a[:0] for a in arrays], params)
        weak = [_weak(rng, dtype, interval, beside=True) for interval in operands]
        if len(operands) > 1 and weak[0] is not None:
            for i, scalar in enumerate(weak):
                add(f"scalar {i}", [*arrays[:i], scalar, *arrays[i + 1 :]], params)
        if dtype in (np.float64, np.int64, np.complex128):
            add("scalars", [_weak(rng, dtype, interval, beside=False) for interval in operands], params)
    return cases


def cases(primitive: Primitive, dtype: np.dtype[Any], seed: int = 0) -> list[Case]:
    """The samples of a primitive in one dtype; a primitive without any fails."""
    domain = primitive.domain
    if isinstance(domain, Pointwise):
        found = _pointwise(primitive, domain, dtype, seed)
    else:
        rng = _generator(primitive, dtype, seed)
        found = [
            Case(
                f"sample {number}",
                tuple(s.args),
                s.params,
                tuple(map(partial(_any_move, rng), s.args)),
                s.symmetric,
            )
            for number, s in enumerate(domain.make(Draw(rng, dtype)))
        ]
    assert found, f"{primitive.name} has no samples in {dtype}"
    return found


def _any_move(rng: np.random.Generator, value: Any) -> Any:
    if not inexact(value):
        return None
    aval = aval_of(value)
    move = rng.uniform(-1.0, 1.0, aval.shape)
    return like(move + 1j * rng.uniform(-1.0, 1.0, aval.shape) if aval.dtype.kind == "c" else move, value)


def moving(primitive: Primitive, case: Case) -> list[int]:
    """The operands that have a derivative, a zero one included."""
    fixed = case.constants()
    return [
        i
        for i, a in enumerate(case.args)
        if inexact(a) and i not in fixed and not isinstance(primitive.jvp_rule(i), NoDerivative)
    ]


def smooth(primitive: Primitive, case: Case) -> list[int]:
    """The operands whose derivative is not zero by rule."""
    return [i for i in moving(primitive, case) if not isinstance(primitive.jvp_rule(i), Zero)]


def widened(value: Any) -> Any:
    """An inexact array in float64 or complex128."""
    if type(value) in PYTHON or not inexact(value):
        return value
    wide = np.asarray(value).astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    return wide[()] if isinstance(value, np.generic) else wide
