"""Random numbers: known answers, uniform and normal by test, keys that never collide, vmap as a loop."""

import hashlib
import itertools
import math

import ml_dtypes
import numpy as np
import pytest
from scipy import stats

from adjoint import random
from adjoint.api.derivatives import grad
from adjoint.array.traced import Traced
from adjoint.errors import ArgumentError, DtypeError, ShapeError
from adjoint.primitives.random import philox, threefry, unit_interval
from adjoint.transforms.batch import BatchTrace

KEY = random.key(20)
ONES = 2**64 - 1


def over(keys: np.ndarray, draw):
    """The draws of a batch of keys, all at once."""
    return draw(BatchTrace(Traced, len(keys)).lift(keys)).value


def words(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)


# --- known answers -----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 4, 5, 300])
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1, 2**128 - 1, 0xA4093822299F31D0082EFA98EC4E6C89])
def test_bits_are_numpys_philox(seed, count):
    key = random.key(seed)
    expected = np.random.Philox(key=seed, counter=0).random_raw(count)
    assert np.array_equal(random.bits(key, count), expected)
    assert np.array_equal(philox(key, count), expected)
    assert np.array_equal(philox(np.stack([key, KEY]), count)[0], expected)


def test_threefry_known_answers():
    """The three vectors that the authors publish with Random123, for 2x64 words and 20 rounds."""
    pi = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89)
    for (x, y, *key), answer in [
        ((0, 0, 0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
        ((ONES,) * 4, (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
        (pi, (0x263C7D30BB0F0AF1, 0x56BE8361D3311526)),
    ]:
        a, b = threefry(words(*key)[None], words(x), words(y))
        assert (int(a[0]), int(b[0])) == answer


def test_golden_bytes():
    """A change here would change what every seed means."""
    key = random.fold_in(random.split(random.key(5), 3)[2], 11)
    draws = (
        key,
        random.bits(key, (3, 5)),
        random.uniform(key, 7),
        random.uniform(key, 7, dtype=np.float32),
        random.integers(key, 9, low=-5, high=5),
        random.permutation(key, 20),
        random.bernoulli(key, 16),
        random.choice(key, 10, 4, replace=False),
    )
    digest = hashlib.sha256(b"".join(d.astype(d.dtype.newbyteorder("<")).tobytes() for d in draws))
    assert digest.hexdigest()[:16] == "474e1d7f26e89ec9"
    assert np.allclose(
        random.normal(key, 3),
        [-0.8049744078614709, 0.48099507852964557, 0.2926347414069704],
        rtol=1e-13,
        atol=0,
    )


# --- keys --------------------------------------------------------------------------------------


def test_key_words():
    assert random.key(3).tolist() == [3, 0]
    assert random.key(2**64 + 3).tolist() == [3, 1]
    assert random.key(0).dtype == np.uint64


def test_derived_keys_are_all_different():
    """Those of one key by construction; those of its children, a first sign of no structure."""
    parents = [KEY, *random.split(KEY, 40)]
    keys = [k for p in parents for k in (*random.split(p, 50), *(random.fold_in(p, i) for i in range(50)))]
    assert len({k.tobytes() for k in keys}) == len(keys)


def test_split_rows_do_not_depend_on_the_count():
    assert np.array_equal(random.split(KEY, 9)[:4], random.split(KEY, 4))
    assert random.split(KEY, 0).shape == (0, 2)
    assert random.split(KEY).shape == (2, 2)


def test_streams_of_neighbouring_keys_are_uncorrelated():
    keys = [random.key(0), random.key(1), random.key(2**64), *random.split(random.key(0), 3)]
    draws = [random.uniform(k, 20_000) for k in keys]
    for a, b in itertools.combinations(draws, 2):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / math.sqrt(20_000)


def test_negative_numbers_fold_in_from_the_top():
    assert np.array_equal(random.fold_in(KEY, -1), random.fold_in(KEY, ONES))


# --- distributions, each against its definition at the 0.1 % level, keys fixed ------------------


@pytest.mark.parametrize("seed", range(3))
def test_uniform(seed):
    x = random.uniform(random.key(seed), 50_000)
    assert stats.kstest(x, "uniform").pvalue > 1e-3
    assert x.min() >= 0
    assert x.max() < 1
    pairs = np.histogram2d(x[::2], x[1::2], bins=10)[0]
    assert stats.chisquare(pairs.ravel()).pvalue > 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_normal(seed):
    x = random.normal(random.key(seed), 50_001)
    assert stats.kstest(x, "norm").pvalue > 1e-3
    half = len(x) // 2
    assert abs(np.corrcoef(x[:half], x[half : 2 * half])[0, 1]) < 4 / math.sqrt(half)
    assert stats.kstest(x[:half] ** 2 + x[half : 2 * half] ** 2, stats.chi2(2).cdf).pvalue > 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_integers(seed):
    x = random.integers(random.key(seed), 60_000, low=-3, high=4)
    values, counts = np.unique(x, return_counts=True)
    assert values.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert stats.chisquare(counts).pvalue > 1e-3
    assert x.dtype == np.int64


def test_integers_at_the_bounds():
    assert np.array_equal(random.integers(KEY, 5, high=1), np.zeros(5, np.int64))
    whole = random.integers(KEY, 1000, low=-(2**63), high=2**63)
    assert (whole < 0).any()
    assert (whole > 0).any()
    assert np.array_equal(random.integers(KEY, 3, low=2**63 - 1, high=2**63), [2**63 - 1] * 3)


def test_permutations_are_uniform():
    orders = [tuple(random.permutation(k, 4).tolist()) for k in random.split(KEY, 4800)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 1e-3


def test_permutation_of_rows():
    x = np.arange(12.0).reshape(6, 2)
    assert np.array_equal(random.permutation(KEY, x), x[random.permutation(KEY, 6)])


def test_bernoulli():
    x = random.bernoulli(KEY, 40_000, p=0.3)
    assert x.dtype == bool
    assert stats.binomtest(int(x.sum()), x.size, 0.3).pvalue > 1e-3
    assert not random.bernoulli(KEY, 100, p=0.0).any()
    assert random.bernoulli(KEY, (2, 3), p=np.array([0.0, 1.0, 0.0])).tolist() == [[False, True, False]] * 2


def test_choice():
    x = np.array([5.0, 6.0, 7.0])
    drawn = random.choice(KEY, x, 9000)
    assert stats.chisquare(np.unique(drawn, return_counts=True)[1]).pvalue > 1e-3
    assert sorted(random.choice(KEY, x, 3, replace=False)) == [5.0, 6.0, 7.0]
    assert random.choice(KEY, np.ones((4, 2)), (3, 5)).shape == (3, 5, 2)


# --- shapes and dtypes -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), 4, (0,), (2, 3), [2, 2]])
def test_shapes_and_dtypes(shape, dtype):
    expected = np.empty(shape).shape
    for draw in (random.uniform, random.normal):
        x = draw(KEY, shape, dtype=dtype)
        assert x.shape == expected
        assert x.dtype == dtype
    assert random.bits(KEY, shape).shape == random.integers(KEY, shape, high=3).shape == expected


@pytest.mark.parametrize(
    ("dtype", "digits"), [("float16", 11), ("bfloat16", 8), ("float32", 24), ("float64", 53)]
)
def test_uniform_never_rounds_up_to_one(dtype, digits):
    greatest = unit_interval(words(ONES), dtype=np.dtype(getattr(ml_dtypes, dtype, dtype)))
    assert greatest.astype(float)[0] == 1 - 2.0**-digits


def test_uniform_between():
    x = random.uniform(KEY, 1000, -3.0, 5.0, dtype=np.float32)
    assert x.dtype == np.float32
    assert -3 <= x.min() < -2.9
    assert 4.9 < x.max() <= 5
    assert random.uniform(KEY, (2, 2), np.zeros(2), np.array([1.0, 2.0])).shape == (2, 2)


def test_uniform_has_derivatives_in_its_ends():
    u = random.uniform(KEY, 4)
    slope = grad(lambda high: np.sum(random.uniform(KEY, 4, 0.0, high)))(2.0)
    assert slope == pytest.approx(u.sum())


# --- under vmap, and twice ----------------------------------------------------------------------

DRAWS = {
    "bits": lambda k: random.bits(k, (3, 2)),
    "many bits": lambda k: random.bits(k, 300),
    "uniform": lambda k: random.uniform(k, 5),
    "float32": lambda k: random.uniform(k, (2, 2), dtype=np.float32),
    "permutation": lambda k: random.permutation(k, 9),
    "split": lambda k: random.split(k, 3),
    "fold_in": lambda k: random.fold_in(k, 17),
    "rows": lambda k: random.permutation(k, np.arange(6.0).reshape(3, 2)),
    "nested": lambda k: random.bits(random.fold_in(random.split(k)[1], 2), 2),
    "integers": lambda k: random.integers(k, 6, low=-2, high=9),
    "bernoulli": lambda k: random.bernoulli(k, 6, p=0.2),
    "normal": lambda k: random.normal(k, (3, 3)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_vmap_is_a_loop(name):
    keys, draw = random.split(KEY, 4), DRAWS[name]
    batch, loop = over(keys, draw), np.stack([draw(k) for k in keys])
    assert batch.dtype == loop.dtype
    if name == "normal":
        np.testing.assert_allclose(batch, loop, rtol=1e-14)
    else:
        assert np.array_equal(batch, loop)


def test_vmap_over_numbers():
    numbers = np.arange(5)
    batch = BatchTrace(Traced, 5).lift(numbers)
    loop = np.stack([random.fold_in(KEY, i) for i in range(5)])
    assert np.array_equal(random.fold_in(KEY, batch).value, loop)


@pytest.mark.parametrize("name", DRAWS)
def test_same_key_same_bytes(name):
    assert DRAWS[name](KEY).tobytes() == DRAWS[name](KEY.copy()).tobytes()


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [0, None, np.zeros(2), words(1), words(1, 2, 3), "key", np.zeros((1, 2), np.uint64)]
)
def test_no_key(wrong):
    for draw in (random.bits, random.uniform, random.normal, random.split):
        with pytest.raises(ArgumentError, match=r"Make one with random.key\(0\)"):
            draw(wrong)


@pytest.mark.parametrize("call", [
    lambda: random.key(-1),
    lambda: random.key(2**128),
    lambda: random.key(1.0),
    lambda: random.key(True),
    lambda: random.split(KEY, -1),
    lambda: random.fold_in(KEY, 2**64),
    lambda: random.fold_in(KEY, 0.5),
    lambda: random.bits(KEY, -1),
    lambda: random.bits(KEY, (2, 1.5)),
    lambda: random.integers(KEY, 3, high=0),
    lambda: random.integers(KEY, 3, low=5, high=5),
    lambda: random.permutation(KEY, -1),
    lambda: random.bernoulli(KEY, 3, p=1.5),
    lambda: random.bernoulli(KEY, 3, p=math.nan),
    lambda: random.choice(KEY, 0),
    lambda: random.choice(KEY, 3, 4, replace=False),
])  # fmt: skip
def test_arguments_out_of_range(call):
    with pytest.raises(ArgumentError):
        call()


def test_dtypes_and_shapes_out_of_range():
    with pytest.raises(DtypeError):
        random.normal(KEY, 3, dtype=np.int64)
    with pytest.raises(DtypeError):
        random.uniform(KEY, 3, dtype=complex)
    with pytest.raises(ShapeError):
        random.uniform(KEY, 3, np.zeros((2, 3)))
    with pytest.raises(ShapeError):
        random.permutation(KEY, np.array(1.0))
