"""The minibatches of an epoch: each row once, in an order of seed and epoch alone; data that is refused."""

import ml_dtypes
import numpy as np
import pytest

from adjoint.data import batches, check_finite
from adjoint.data.batches import shuffled_indices
from adjoint.errors import AdjointError, ArgumentError, ContainerError, DataError, DtypeError, ShapeError


def rows(count: int, width: int = 3) -> np.ndarray:
    return np.arange(float(count * width)).reshape(count, width)


@pytest.mark.parametrize(("count", "size"), [(1, 1), (1, 7), (7, 1), (7, 2), (7, 7), (7, 100), (8, 4)])
def test_every_row_once_and_the_last_batch_smaller(count, size):
    x, y = rows(count), np.arange(count)
    got = list(batches((x, y), size, 3, 1))
    assert [len(b) for b, _ in got] == [size] * (count // size) + ([count % size] if count % size else [])
    labels = np.concatenate([b for _, b in got])
    assert sorted(labels.tolist()) == list(range(count))
    assert np.array_equal(np.concatenate([b for b, _ in got]), x[labels])


def test_order_depends_on_seed_and_epoch_alone():
    """A run resumed at epoch 5 meets what an uninterrupted one met there."""
    x = rows(50)
    through = {epoch: [b.tobytes() for (b,) in batches((x,), 8, 11, epoch)] for epoch in range(7)}
    np.random.default_rng(0).random(10)
    np.random.seed(4)  # noqa: NPY002, the global generator must not matter
    assert [b.tobytes() for (b,) in batches((x,), 8, 11, 5)] == through[5]
    assert len({tuple(order) for order in through.values()}) == 7
    assert [b.tobytes() for (b,) in batches((x,), 8, 12, 5)] != through[5]


def test_order_is_independent_of_batch_size_and_of_other_walks():
    x = np.arange(20)
    one, other = batches((x,), 3, 0, 0), batches((x,), 5, 0, 0)
    mixed: tuple[list[int], list[int]] = ([], [])
    for (a,), (b,) in zip(one, other, strict=False):
        mixed[0].extend(a.tolist())
        mixed[1].extend(b.tolist())
    assert mixed[0] == mixed[1][: len(mixed[0])]


def test_the_order_is_the_documented_one():
    """Golden values: a change here would break every `--resume` across versions."""
    assert shuffled_indices(12, 0, 0).tolist() == [0, 8, 1, 3, 9, 7, 4, 10, 11, 6, 2, 5]
    assert shuffled_indices(12, 2**64 + 5, 2**64 - 1).tolist() == [11, 0, 2, 9, 7, 4, 5, 1, 6, 3, 10, 8]
    assert shuffled_indices(0, 0, 0).tolist() == []
    assert shuffled_indices(12, 0, 0).dtype == np.int64


def test_a_key_of_words_is_the_integer_it_spells():
    number = 7 + (9 << 32)
    expected = shuffled_indices(40, number, 2).tolist()
    assert shuffled_indices(40, np.array([7, 9], np.uint32), 2).tolist() == expected
    assert shuffled_indices(40, np.array([7, 9], ">u4"), 2).tolist() == expected
    assert shuffled_indices(40, np.array([number], np.uint64), 2).tolist() == expected
    assert shuffled_indices(40, np.int64(number), np.uint8(2)).tolist() == expected
    assert shuffled_indices(40, np.array([7, 9, 0, 1], np.uint32), 2).tolist() != expected


def test_orders_are_uniform():
    """Each of the 24 orders of 4 rows, and the place of row 0 among 10, come equally often.

    Chi-squared, below its 99.9 % points for 23 and 9 degrees of freedom.
    """
    orders = [tuple(shuffled_indices(4, 1, epoch).tolist()) for epoch in range(4800)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 24
    assert ((counts - 200) ** 2 / 200).sum() < 49.7
    places = np.bincount(
        [shuffled_indices(10, seed, 0).tolist().index(0) for seed in range(3000)], minlength=10
    )
    assert ((places - 300) ** 2 / 300).sum() < 27.9


def test_batches_are_copies():
    x = rows(4)
    for (b,) in batches((x,), 4, 0, 0):
        b[:] = -1
    assert np.array_equal(x, rows(4))


def test_any_numbers_pass():
    arrays = [np.ones(3, d) for d in ("?", "i1", "u8", "f2", "f4", "c16", ml_dtypes.bfloat16)]
    (got,) = batches(arrays, 3, 0, 0)
    assert [b.dtype for b in got] == [a.dtype for a in arrays]


REFUSED = [
    (((rows(3), rows(4)), 1, 0, 0), ShapeError, "equally many rows.*3, 3.*4, 3"),
    (((np.array(1.0),), 1, 0, 0), ShapeError, "rows along its first axis"),
    (((np.empty((0, 3)),), 1, 0, 0), ShapeError, "rows along its first axis"),
    (((rows(3), np.array([0, np.nan, 1])), 1, 0, 0), DataError, r"arrays\[1\].*nan at index \(1,\)"),
    (((np.array([[1, -np.inf]]),), 1, 0, 0), DataError, r"-inf at index \(0, 1\)"),
    (((np.array(["a"]),), 1, 0, 0), DtypeError, "numbers"),
    (((np.array([None]),), 1, 0, 0), DtypeError, "numbers"),
    (((np.array(["2026-01-01"], "M8[D]"),), 1, 0, 0), DtypeError, "numbers"),
    ((rows(3), 1, 0, 0), ContainerError, "tuple"),
    (((), 1, 0, 0), ContainerError, "tuple"),
    ((([1.0, 2.0],), 1, 0, 0), ContainerError, "NumPy array"),
    (((rows(3),), 0, 0, 0), ArgumentError, "batch_size"),
    (((rows(3),), -1, 0, 0), ArgumentError, "batch_size"),
    (((rows(3),), 1.5, 0, 0), ArgumentError, "batch_size"),
    (((rows(3),), True, 0, 0), ArgumentError, "batch_size"),
    (((rows(3),), "2", 0, 0), ArgumentError, "batch_size"),
    (((rows(3),), 1, -1, 0), ArgumentError, "seed"),
    (((rows(3),), 1, 2**128, 0), ArgumentError, "seed"),
    (((rows(3),), 1, None, 0), ArgumentError, "seed"),
    (((rows(3),), 1, np.array([1, 2]), 0), ArgumentError, "random key"),
    (((rows(3),), 1, np.zeros((2, 2), np.uint32), 0), ArgumentError, "random key"),
    (((rows(3),), 1, np.zeros(0, np.uint32), 0), ArgumentError, "random key"),
    (((rows(3),), 1, np.zeros(5, np.uint32), 0), ArgumentError, "random key"),
    (((rows(3),), 1, 0, -1), ArgumentError, "epoch"),
    (((rows(3),), 1, 0, 2**64), ArgumentError, "epoch"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), REFUSED)
def test_bad_input_is_refused_at_once(arguments, kind, message):
    """By the call itself, before the first batch is asked for."""
    with pytest.raises(kind, match=message) as caught:
        batches(*arguments)
    assert isinstance(caught.value, AdjointError)
    assert ". Received: " in str(caught.value)


def test_check_finite_names_what_it_checks():
    with pytest.raises(DataError, match=r"--at must be finite.*inf at index \(\); 1 of 1 values"):
        check_finite("--at", np.array(np.inf))
    with pytest.raises(DataError, match=r"nan at index \(1, 0\); 2 of 4"):
        check_finite("x", np.array([[0, 1], [np.nan, np.inf]], dtype=ml_dtypes.bfloat16))
    with pytest.raises(DataError):
        check_finite("x", np.array([1 + 1j * np.inf]))
    for fine in (np.zeros((0, 3)), np.array(1), np.array([True]), np.array([1e308])):
        check_finite("x", fine)
