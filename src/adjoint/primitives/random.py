"""Random numbers by counting: bits that are functions of a key, and keys made of keys.

A key is two 64-bit words. `random_bits` reads the stream of Philox 4x64-10 that NumPy has for this
key, so it costs what NumPy's own bits cost, and every machine gives the same. `derive_key` makes
new keys by Threefry 2x64-20, which for one key permutes all pairs (number, purpose): different
pairs give different keys, by construction. All take keys along leading axes too, which is what
`vmap` hands them.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

import math
from typing import Any

import numpy as np

from .. import dtypes
from ..core.avals import Aval, Shape
from ..core.domain import Sample, Samples
from ..core.primitive import NOT_LINEAR, Primitive, Zero
from ..errors import DtypeError, ShapeError
from .batching import one_by_one
from .indexing import repeated

WORD = np.dtype(np.uint64)
KEYS = Zero("a key is a pair of integers")

_FEW_WORDS = 256
"""Up to so many words a key, many keys are cheaper side by side than one after the other."""


def key_type(key: Aval) -> Shape:
    """The axes before a key's two words; an error for what is no key."""
    if key.dtype != WORD:
        raise DtypeError("a random key was asked for", str(key), "Make it with random.key(0).")
    if key.ndim == 0 or key.shape[-1] != 2:
        raise ShapeError("a random key of shape (2,) was asked for", str(key), "Make it with random.key(0).")
    return key.shape[:-1]


# --- Philox 4x64-10 ----------------------------------------------------------------------------

_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_STEPS = np.array([0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B], WORD)
_LOW_HALF, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def _high(x: Any, factor: int) -> Any:
    """The high 64 bits of the 128-bit product of words with a constant, from products of halves."""
    low, high = np.uint64(factor & 0xFFFFFFFF), np.uint64(factor >> 32)
    x_low, x_high = x & _LOW_HALF, x >> _HALF
    cross = x_high * low
    carry = ((x_low * low) >> _HALF) + (cross & _LOW_HALF) + x_low * high
    return x_high * high + (cross >> _HALF) + (carry >> _HALF)


def philox(keys: Any, count: int) -> Any:
    """The first `count` words of each key's stream, all keys side by side: (..., 2) to (..., count)."""
    blocks = -(-count // 4)
    shape = (*keys.shape[:-1], blocks)
    counter = np.broadcast_to(np.arange(1, blocks + 1, dtype=WORD), shape)
    zero = np.zeros(shape, WORD)
    a, b, c, d = counter, zero, zero, zero
    key = keys
    for _ in range(10):
        k0, k1 = key[..., :1], key[..., 1:]
        m0, m1 = _MULTIPLIERS
        a, b, c, d = _high(c, m1) ^ b ^ k0, c * np.uint64(m1), _high(a, m0) ^ d ^ k1, a * np.uint64(m0)
        key = key + _STEPS
    return np.stack([a, b, c, d], axis=-1).reshape(*keys.shape[:-1], 4 * blocks)[..., :count]


def _words(keys: Any, count: int) -> Any:
    """As `philox`, by NumPy's generator wherever that is faster."""
    if keys.ndim > 1 and count <= _FEW_WORDS:
        return philox(keys, count)
    whole = np.empty((math.prod(keys.shape[:-1]), count), WORD)
    for row, key in zip(whole, keys.reshape(-1, 2), strict=True):
        row[:] = np.random.Philox(key=key, counter=0).random_raw(count)
    return whole.reshape(*keys.shape[:-1], count)


def _bits(key: Any, *, shape: Shape) -> Any:
    found = _words(key, math.prod(shape)).reshape((*key.shape[:-1], *shape))
    return found if found.ndim else found[()]


random_bits = Primitive(
    name="random_bits",
    type=lambda key, *, shape: Aval((*key_type(key), *shape), WORD),
    evaluate=_bits,
    jvp=(KEYS,),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source="random_bits({0}, shape={shape})",
    domain=Samples(
        lambda d: [
            Sample((d.array(2),), {"shape": (2, 3)}),
            Sample((d.array(2),), {"shape": (0,)}),
            Sample((d.array(2),), {"shape": (_FEW_WORDS + 1,)}),
        ],
        ("uint64",),
    ),
)


# --- from words to numbers ---------------------------------------------------------------------

_DIGITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}


def _unit(bits: Any, *, dtype: dtypes.Dtype) -> Any:
    digits = _DIGITS[dtype.name]
    numbers = (bits >> np.uint64(64 - digits)).astype(np.float64)
    return (numbers * 2.0**-digits).astype(dtype)


def _unit_type(bits: Aval, *, dtype: dtypes.Dtype) -> Aval:
    if dtype.name not in _DIGITS:
        raise DtypeError("a real floating dtype was asked for", str(dtype), f"Take one of {list(_DIGITS)}.")
    return Aval(bits.shape, dtype)


unit_interval = Primitive(
    name="unit_interval",
    type=_unit_type,
    evaluate=_unit,
    jvp=(Zero("bits are integers"),),
    transpose=(NOT_LINEAR,),
    batch=one_by_one,
    source=lambda names, avals, *, dtype: f"unit_interval({names[0]}, dtype=np.dtype({dtype.name!r}))",
    domain=Samples(
        lambda d: [
            Sample((d.array(3),), {"dtype": np.dtype(np.float64)}),
            Sample((d.array(3),), {"dtype": np.dtype(np.float32)}),
        ],
        ("uint64",),
    ),
)
"""Words as the numbers k/2**p in [0, 1), all that are equally spaced at the dtype's precision p."""


# --- keys from keys, by Threefry 2x64-20 -------------------------------------------------------

_ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
_PARITY = np.uint64(0x1BD11BDAA9FC1A22)


def threefry(key: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """The pair of words that the cipher makes of (x, y) under a key of shape (..., 2)."""
    k0, k1 = key[..., 0], key[..., 1]
    keys = (k0, k1, k0 ^ k1 ^ _PARITY)
    x, y = x + k0, y + k1
    for step in range(20):
        turn = _ROTATIONS[step % 8]
        x = x + y
        y = ((y << np.uint64(turn)) | (y >> np.uint64(64 - turn))) ^ x
        if step % 4 == 3:
            dose = step // 4 + 1
            x = x + keys[dose % 3]
            y = y + keys[(dose + 1) % 3] + np.uint64(dose)
    return x, y


def _derive(key: Any, number: Any, *, purpose: int) -> Any:
    number = np.asarray(number)
    shape = number.shape
    number = number.astype(WORD).reshape(shape or (1,))  # arrays wrap around in silence, scalars warn
    key = key.reshape(*key.shape[:-1], *(1,) * (number.ndim - key.ndim + 1), 2)
    words = threefry(key, number, np.full(1, purpose, WORD))
    return np.stack(words, axis=-1).reshape(*shape, 2)


def _derive_type(key: Aval, number: Aval, *, purpose: int) -> Aval:
    lead = key_type(key)
    if number.dtype.kind not in "iu":
        raise DtypeError("an integer to make a key of was asked for", str(number), "Pass an integer.")
    if number.shape[: len(lead)] != lead:
        raise ShapeError(f"numbers for keys of shape {key.shape} were asked for", str(number), "Axes align.")
    return Aval((*number.shape, 2), WORD)


def _derive_batch(primitive: Primitive, size: int, batched: Any, args: Any, params: dict[str, Any]) -> Any:
    return primitive(*repeated(size, batched, args), **params)


derive_key = Primitive(
    name="derive_key",
    type=_derive_type,
    evaluate=_derive,
    jvp=(KEYS, Zero("the number is an integer")),
    transpose=(NOT_LINEAR, NOT_LINEAR),
    batch=_derive_batch,
    source="derive_key({0}, {1}, purpose={purpose})",
    domain=Samples(
        lambda d: [
            Sample((d.array(2), d.array()), {"purpose": 1}),
            Sample((d.array(2), d.array(3)), {"purpose": 2}),
        ],
        ("uint64",),
    ),
)

ALL = (random_bits, unit_interval, derive_key)
