"""Walk through data in shuffled minibatches whose order can be had again at any time.

`batches` is the walk of one epoch. Its order is a function of the seed and the epoch alone: no generator is
carried from one epoch to the next, so a run that resumes at epoch 7 meets the same batches as one that never
stopped. `shuffled_indices` is that order; `check_finite` refuses NaN and infinity.
"""

import operator
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import ArgumentError, ContainerError, DataError, DtypeError, ShapeError

Array: TypeAlias = NDArray[Any]

# The highest word of Philox's counter: the letters "batches", read as a number. It keeps these draws apart
# from those that others make with the same key from a counter that starts at zero.
STREAM = int.from_bytes(b"batches", "big")


def batches(
    arrays: Sequence[Array], batch_size: int, seed: int | Array, epoch: int
) -> Iterator[tuple[Array, ...]]:
    """Yield the minibatches of one epoch, shuffled by (`seed`, `epoch`) and nothing else.

    Each row is met once. The last batch is smaller where `batch_size` does not divide the number of rows.

    Args:
        arrays: NumPy arrays of shapes (n, ...), equal in n ≥ 1, of numbers or booleans; row i of one belongs
            to row i of the others.
        batch_size: rows in a batch, at least 1.
        seed: an integer from 0 up, below 2**128; or a random key: unsigned integers of shape (k,), 16 bytes
            at most.
        epoch: an integer from 0 up, below 2**64.

    Returns:
        An iterator of tuples: per array its rows of this batch, copied, shape (batch_size, ...).

    Raises:
        ArgumentError: a number is out of range.
        ContainerError: `arrays` is not a tuple or list of NumPy arrays.
        ShapeError: an array has no leading axis or no row, or the numbers of rows differ.
        DtypeError: an array holds something other than numbers.
        DataError: an array holds NaN or infinity.

    >>> x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    >>> for rows, labels in batches((x, y), batch_size=2, seed=0, epoch=0):
    ...     print(rows.shape, labels)
    (2, 2) [0 1]
    (2, 2) [3 4]
    (1, 2) [2]
    """
    checked = tuple(check_rows(arrays))
    size = whole_number("batch_size", batch_size, 1)
    order = shuffled_indices(len(checked[0]), seed, epoch)
    return (
        tuple(array[order[start : start + size]] for array in checked) for start in range(0, len(order), size)
    )


def shuffled_indices(count: int, seed: int | Array, epoch: int) -> NDArray[np.int64]:
    """Return the numbers 0 … count-1 in the random order that belongs to (`seed`, `epoch`).

    The order sorts `count` 64-bit words of the counter-based generator Philox 4x64-10, its key the seed, its
    counter starting at the epoch's own place. NumPy promises these raw words for all versions (NEP 19), so
    the order is the same on every machine and after every upgrade.

    Args:
        count: how many, at least 0.
        seed: as for `batches`.
        epoch: as for `batches`.

    Returns:
        int64, shape (count,).

    Raises:
        ArgumentError: an argument is out of range.

    Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

    >>> shuffled_indices(5, seed=0, epoch=0).tolist(), shuffled_indices(5, seed=0, epoch=1).tolist()
    ([0, 1, 3, 4, 2], [1, 4, 3, 2, 0])
    """
    count = whole_number("count", count, 0)
    place = whole_number("epoch", epoch, 0, bits=64)
    words = np.random.Philox(
        counter=np.array([0, 0, place, STREAM], np.uint64), key=np.array(key_words(seed), np.uint64)
    ).random_raw(count)
    return np.argsort(words, kind="stable").astype(np.int64, copy=False)


def check_finite(name: str, array: Array) -> None:
    """Refuse an array that holds NaN or infinity, and say where the first one stands.

    Args:
        name: what the array is called in the message.
        array: a NumPy array of any shape, of numbers or booleans.

    Raises:
        DataError: a value is NaN or infinite.
        DtypeError: the array holds something other than numbers.
        ContainerError: it is no NumPy array.

    >>> check_finite("images", np.array([[0.5, np.nan]]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    adjoint.errors.DataError: images must be finite. Received: nan at index (0, 1); 1 of 2 values ...
    """
    if not isinstance(array, np.ndarray):
        raise ContainerError(
            f"{name} must be a NumPy array", type(array).__name__, f"Write np.asarray({name})."
        )
    if array.dtype.kind in "biu":
        return
    if array.dtype.kind in "mMOSUT":
        remedy = f"Convert it, for example {name}.astype(np.float64)."
        raise DtypeError(f"{name} must hold numbers", f"dtype {array.dtype}", remedy)
    finite = np.isfinite(array)
    if finite.all():
        return
    first = tuple(int(i) for i in np.unravel_index(int(np.argmin(finite)), array.shape))
    bad = array.size - int(np.count_nonzero(finite))
    raise DataError(
        f"{name} must be finite",
        f"{array[first]} at index {first}; {bad} of {array.size} values are NaN or infinite",
        f"Remove or replace those values, for example with np.nan_to_num({name}).",
    )


def check_rows(arrays: Sequence[Array]) -> Sequence[Array]:
    """The arrays, once they are known to be finite numbers with equally many rows, at least one."""
    if not isinstance(arrays, (tuple, list)) or not arrays:
        received = "none" if isinstance(arrays, (tuple, list)) else type(arrays).__name__
        raise ContainerError(
            "batches takes a tuple of one or more arrays", received, "Write batches((images, labels), ...)."
        )
    for place, array in enumerate(arrays):
        check_finite(f"arrays[{place}]", array)
        if array.ndim == 0 or len(array) == 0:
            raise ShapeError(
                f"arrays[{place}] must have rows along its first axis",
                f"shape {array.shape}",
                "Give an array of shape (n, ...) with n at least 1.",
            )
    if len({len(array) for array in arrays}) > 1:
        raise ShapeError(
            "the arrays of batches must have equally many rows",
            "shapes " + ", ".join(str(array.shape) for array in arrays),
            "Make row i of each array belong to row i of the others.",
        )
    return arrays


def key_words(seed: int | Array) -> tuple[int, int]:
    """The two words of Philox's key: the low 64 bits of the seed, then the high ones."""
    if isinstance(seed, np.ndarray):
        if seed.dtype.kind != "u" or seed.ndim != 1 or not 0 < seed.nbytes <= 16:
            raise ArgumentError(
                "a random key is unsigned integers of shape (k,), 16 bytes at most",
                f"shape {seed.shape}, dtype {seed.dtype}",
                "Give such a key, or an integer seed such as seed=0.",
            )
        number = int.from_bytes(seed.astype(seed.dtype.newbyteorder("<")).tobytes(), "little")
    else:
        number = whole_number("seed", seed, 0, bits=128)
    return number & (2**64 - 1), number >> 64


def whole_number(name: str, value: int, least: int, bits: int = 63) -> int:
    """`value` as a Python integer, once it is known to be one from `least` up and below 2**bits."""
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if isinstance(value, (bool, np.bool_)) or not least <= number < 2**bits:
        raise ArgumentError(
            f"{name} must be an integer from {least} up, below 2**{bits}",
            f"{value!r} ({type(value).__name__})",
            f"Write, for example, {name}={max(least, 32 if name == 'batch_size' else 0)}.",
        )
    return number
