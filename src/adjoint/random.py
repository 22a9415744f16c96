"""Random numbers with explicit keys: the same key gives the same numbers, on every machine.

Nothing here has a state. A key is made from a seed (`key`), new keys are made from it (`split`,
`fold_in`), and each draw is a function of its key; so use every key once. Under `vmap` a draw with
a batch of keys gives what a loop over them gives. Read `key` and `split`, then any draw.

    bits, uniform, bernoulli, integers, permutation, choice   the same bytes everywhere
    normal                                                    the same up to the C library's log, sin, cos
"""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import dtypes
from .array.dispatch import operand
from .core.avals import aval_of, describe
from .core.primitive import Tracer
from .errors import ArgumentError, DtypeError, ShapeError
from .primitives.indexing import gather
from .primitives.ordering import argsort
from .primitives.promotion import to_dtype, to_shape
from .primitives.random import WORD, derive_key, random_bits, unit_interval

__all__ = [
    "key",
    "split",
    "fold_in",
    "bits",
    "uniform",
    "normal",
    "integers",
    "permutation",
    "bernoulli",
    "choice",
]

ShapeLike = int | Sequence[int]

# What a derived key is for. Keys made for different purposes, or with different numbers, differ.
_SPLIT = int.from_bytes(b"split", "big")
_FOLD = int.from_bytes(b"fold_in", "big")

_FLOAT = np.dtype(np.float64)


def _checked_key(key: Any) -> Any:
    aval = aval_of(key) if isinstance(key, Tracer | np.ndarray) else None
    if aval is None or aval.dtype != WORD or aval.shape != (2,):
        raise ArgumentError(
            "a random key was asked for: uint64, shape (2,)", describe(key), "Make one with random.key(0)."
        )
    return key


def _checked_shape(shape: ShapeLike) -> tuple[int, ...]:
    try:
        lengths = tuple(shape) if isinstance(shape, Sequence) else (shape,)
        found = tuple(operator.index(n) for n in lengths)
    except TypeError:
        found = (-1,)
    if any(n < 0 for n in found):
        raise ArgumentError(
            "a shape was asked for: an integer from 0 up, or a tuple of them",
            describe(shape),
            "Write (2, 3).",
        )
    return found


def _checked_dtype(dtype: Any) -> dtypes.Dtype:
    found = np.dtype(dtype)
    if not dtypes.is_float(found) or found.itemsize > 8:
        raise DtypeError(
            "random numbers of a real floating dtype were asked for", str(found), "Take float32 or float64."
        )
    return found


def _whole(name: str, value: Any, low: int, high: int) -> int:
    """`value` as an integer from `low` up, below `high`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if isinstance(value, bool | np.bool_) or not low <= number < high:
        raise ArgumentError(
            f"{name} must be an integer from {low} up, below {high}",
            describe(value),
            f"Write {name}={max(low, 0)}.",
        )
    return number


def key(seed: int) -> Any:
    """The key that a seed stands for: its low 64 bits, then its high ones.

    Args:
        seed: an integer from 0 up, below 2**128. Different seeds are different keys.

    Returns:
        uint64, shape (2,).

    Raises:
        ArgumentError: the seed is no such integer.

    >>> key(7)
    array([7, 0], dtype=uint64)
    """
    number = _whole("seed", seed, 0, 2**128)
    return np.array([number & (2**64 - 1), number >> 64], WORD)


def split(key: Any, count: int = 2) -> Any:
    """New keys from one: the rows of the result, which never equal one another.

    Row i is Threefry 2x64-20 of (i, "split") under the key. For one key the cipher permutes the
    pairs of words, so no two rows are equal, none equals a `fold_in` of the same key, and the
    first rows do not depend on how many there are.

    Args:
        key: uint64, shape (2,). Use the new keys in its place, not beside it.
        count: how many, at least 0.

    Returns:
        uint64, shape (count, 2).

    Raises:
        ArgumentError: the key is no key, or the count no such integer.

    >>> first, second = split(key(0))
    >>> normal(first, 2), normal(second, 2)
    (array([0.616..., 0.547...]), array([ 0.064..., -0.689...]))
    """
    number = np.arange(_whole("count", count, 0, 2**48), dtype=WORD)
    return derive_key(_checked_key(key), number, purpose=_SPLIT)


def fold_in(key: Any, number: Any) -> Any:
    """A new key from a key and an integer, such as the number of a step or of a layer.

    Threefry 2x64-20 of (number, "fold_in") under the key: different numbers give different keys.

    Args:
        key: uint64, shape (2,).
        number: an integer from -2**63 up, below 2**64 (negative ones count from 2**64 down); or a
            traced integer.

    Returns:
        uint64, shape (2,).

    Raises:
        ArgumentError: the key is no key, or the number no such integer.

    >>> bool(np.all(fold_in(key(0), 1) == fold_in(key(0), 2)))
    False
    """
    if not isinstance(number, Tracer):
        number = np.array(_whole("number", number, -(2**63), 2**64) % 2**64, WORD)
    return derive_key(_checked_key(key), number, purpose=_FOLD)


def bits(key: Any, shape: ShapeLike = ()) -> Any:
    """Random 64-bit words: the stream that `numpy.random.Philox(key=key, counter=0)` has.

    Args:
        key: uint64, shape (2,).
        shape: of the result.

    Returns:
        uint64 of that shape, each word uniform.

    Raises:
        ArgumentError: the key is no key, or the shape no shape.

    >>> bits(key(0), 2)
    array([ 213000021201967259, 4455796210202625458], dtype=uint64)
    >>> np.random.Philox(key=key(0), counter=0).random_raw(2)
    array([ 213000021201967259, 4455796210202625458], dtype=uint64)
    """
    return random_bits(_checked_key(key), shape=_checked_shape(shape))


def uniform(key: Any, shape: ShapeLike = (), low: Any = 0.0, high: Any = 1.0, dtype: Any = _FLOAT) -> Any:
    """Numbers uniform in [low, high).

        u = k / 2**p,  k uniform in 0 ... 2**p - 1,  p the dtype's precision;   x = low + (high - low) u

    Rounding of the last step can give `high` itself where the interval is not (0, 1).

    Args:
        key: uint64, shape (2,).
        shape: of the result.
        low: a number, or an array that broadcasts to the shape. The result has derivatives in it.
        high: as `low`.
        dtype: float16, bfloat16, float32 or float64.

    Returns:
        The numbers, in this shape and dtype.

    Raises:
        ArgumentError: the key is no key, or the shape no shape.
        DtypeError: the dtype is not real and floating.

    >>> uniform(key(0), 3)
    array([0.01154675, 0.2415492 , 0.11142586])
    """
    kind = _checked_dtype(dtype)
    unit = unit_interval(bits(key, shape), dtype=kind)
    if type(low) is float and type(high) is float and (low, high) == (0.0, 1.0):
        return unit
    low, high = _parameter("low", low, unit, kind), _parameter("high", high, unit, kind)
    return low + (high - low) * unit


def _parameter(name: str, value: Any, like: Any, dtype: dtypes.Dtype) -> Any:
    """A distribution's parameter in the dtype of the draw; an error where it would change its shape."""
    value = operand(value)
    found, shape = aval_of(value).shape, aval_of(like).shape
    if not _broadcasts(found, shape):
        raise ShapeError(
            f"{name} must broadcast to the shape of the draw, {shape}",
            f"shape {found}",
            "Axes align at the end.",
        )
    return to_dtype(value, dtype)


def _broadcasts(found: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    pairs = zip(found[::-1], shape[::-1], strict=False)
    return len(found) <= len(shape) and all(n in (1, m) for n, m in pairs)


def normal(key: Any, shape: ShapeLike = (), dtype: Any = _FLOAT) -> Any:
    """Numbers from the standard normal distribution.

        r = sqrt(-2 log(1 - u1)),   x = r cos(2 pi u2),  r sin(2 pi u2)

    Computed in float64, then rounded to the dtype. The bits below are the same everywhere; log, sin
    and cos are the C library's, whose last bit can differ from machine to machine.

    Args:
        key: uint64, shape (2,).
        shape: of the result. For mean m and standard deviation s write `m + s * normal(key, shape)`.
        dtype: float16, bfloat16, float32 or float64.

    Returns:
        The numbers, in this shape and dtype. None is beyond ±8.6.

    Raises:
        ArgumentError: the key is no key, or the shape no shape.
        DtypeError: the dtype is not real and floating.

    Source: Box and Muller, "A note on the generation of random normal deviates", 1958.

    >>> x = normal(key(0), 10_000)
    >>> f"{x.mean():.2f} {x.std():.2f}"
    '0.01 1.00'
    """
    lengths, kind = _checked_shape(shape), _checked_dtype(dtype)
    count = math.prod(lengths)
    pairs = uniform(key, (2, (count + 1) // 2))
    radius = np.sqrt(-2.0 * np.log1p(-pairs[0]))
    angle = 2.0 * math.pi * pairs[1]
    both = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    return to_dtype(_shaped(both[:count], lengths), kind)


def _shaped(flat: Any, shape: tuple[int, ...]) -> Any:
    """Draws in a row as an array of this shape; a single one as a number."""
    return np.reshape(flat, shape) if shape else flat[0]


def integers(key: Any, shape: ShapeLike = (), *, low: int = 0, high: int) -> Any:
    """Integers uniform in low ... high - 1: as `numpy.random.Generator.integers`.

        x = low + (word mod (high - low))

    No value is likelier than another by more than (high - low) / 2**64.

    Args:
        key: uint64, shape (2,).
        shape: of the result.
        low: the least, an int64.
        high: one above the greatest.

    Returns:
        int64 of that shape.

    Raises:
        ArgumentError: the key is no key, the shape no shape, or low and high no integers, low < high.

    >>> integers(key(0), 10, high=6)
    array([5, 2, 3, 0, 3, 3, 5, 0, 3, 4])
    """
    first = _whole("low", low, -(2**63), 2**63)
    span = _whole("high", high, first + 1, 2**63 + 1) - first
    lengths = _checked_shape(shape)
    words = bits(key, math.prod(lengths))  # one axis at least: arrays wrap around in silence, scalars warn
    if span < 2**64:
        words = np.remainder(words, np.uint64(span))
    return _shaped(to_dtype(words, np.dtype(np.int64)) + np.int64(first), lengths)


def permutation(key: Any, x: Any) -> Any:
    """A random order of the rows of an array, or of 0 ... x - 1 for an integer x; all equally likely.

    Args:
        key: uint64, shape (2,).
        x: an integer, or an array of shape (n, ...).

    Returns:
        int64, shape (x,); or the array's rows in random order.

    Raises:
        ArgumentError: the key is no key, or x no integer from 0 up.
        ShapeError: the array has no axis.

    >>> permutation(key(0), 5)
    array([0, 2, 1, 4, 3])
    """
    if isinstance(x, int | np.integer):
        return argsort(bits(key, _whole("x", x, 0, 2**48)), axis=0)
    x = operand(x)
    shape = aval_of(x).shape
    if not shape:
        raise ShapeError("an array with rows to permute was asked for", describe(x), "Give it an axis.")
    return gather(x, permutation(key, shape[0]))


def bernoulli(key: Any, shape: ShapeLike = (), p: Any = 0.5) -> Any:
    """Booleans that are true with probability p.

    Args:
        key: uint64, shape (2,).
        shape: of the result.
        p: a number in [0, 1], or an array of them that broadcasts to the shape.

    Returns:
        bool of that shape: u < p for a uniform u. It has no derivative in p.

    Raises:
        ArgumentError: the key is no key, the shape no shape, or p a number outside of [0, 1].

    >>> bernoulli(key(0), 4, p=1.0)
    array([ True,  True,  True,  True])
    """
    if not isinstance(p, Tracer) and not np.all((np.asarray(p) >= 0) & (np.asarray(p) <= 1)):
        raise ArgumentError("a probability in [0, 1] was asked for", describe(p), "Write p=0.5.")
    unit = uniform(key, shape)
    return unit < to_shape(_parameter("p", p, unit, _FLOAT), aval_of(unit).shape)


def choice(key: Any, x: Any, shape: ShapeLike = (), *, replace: bool = True) -> Any:
    """Rows of an array drawn at random, or numbers out of 0 ... x - 1 for an integer x.

    Args:
        key: uint64, shape (2,).
        x: an integer from 1 up, or an array of shape (n, ...).
        shape: of the draw.
        replace: whether a row can be drawn again.

    Returns:
        int64 of that shape, or the array's rows: that shape, then the array's other axes.

    Raises:
        ArgumentError: the key is no key, x is empty, or more rows are wanted than there are.

    >>> choice(key(0), np.array([1.0, 2.0, 4.0]), (2, 2))
    array([[4., 4.],
           [1., 1.]])
    """
    lengths = _checked_shape(shape)
    rows = None if isinstance(x, int | np.integer) else operand(x)
    available = int(x) if rows is None else (aval_of(rows).shape or (0,))[0]
    wanted = math.prod(lengths)
    if available < 1 or (not replace and wanted > available):
        raise ArgumentError(
            f"{wanted} draws {'with' if replace else 'without'} replacement were asked for",
            f"{available} to draw from",
            "Draw fewer, or say replace=True.",
        )
    if replace:
        index = integers(key, lengths, high=available)
    else:
        index = _shaped(permutation(key, available)[:wanted], lengths)
    return index if rows is None else gather(rows, index)
