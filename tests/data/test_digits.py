"""The digits are the real ones, and their split is fair and fixed."""

import hashlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from adjoint.data import digits as module
from adjoint.data import load_digits
from adjoint.data.digits import FILE, read_digits
from adjoint.errors import FileError


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def test_the_values_are_those_of_the_uci_file():
    """The digests were taken from scikit-learn 1.9.1's `load_digits`, as unsigned bytes."""
    images, labels = read_digits()
    pixels = images * 16
    assert np.array_equal(pixels, np.round(pixels))
    assert pixels.min() == 0
    assert pixels.max() == 16
    assert (
        digest(pixels.astype(np.uint8)) == "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
    )
    assert (
        digest(labels.astype(np.uint8)) == "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"
    )


def test_shapes_dtypes_and_range():
    digits = load_digits()
    for images, labels, count in (
        (digits.train_images, digits.train_labels, 1438),
        (digits.test_images, digits.test_labels, 359),
    ):
        assert images.shape == (count, 64)
        assert images.dtype == np.float64
        assert labels.shape == (count,)
        assert labels.dtype == np.int64
        assert images.min() == 0.0
        assert images.max() == 1.0
        assert set(labels.tolist()) == set(range(10))


def test_the_split_is_stratified_to_one_image():
    digits = load_digits()
    train, test = np.bincount(digits.train_labels), np.bincount(digits.test_labels)
    assert np.all(np.abs(test - (train + test) / 5) <= 1)
    assert abs(len(digits.test_labels) - 1797 / 5) <= 1


def test_the_split_has_every_image_once():
    digits = load_digits()
    images, labels = read_digits()

    def rows(x, y):
        return sorted((row.tobytes(), int(label)) for row, label in zip(x, y, strict=True))

    both = rows(digits.train_images, digits.train_labels) + rows(digits.test_images, digits.test_labels)
    assert sorted(both) == rows(images, labels)
    assert len({row for row, _ in both}) == 1797, "no image stands twice, so none is in both parts"


def test_the_split_does_not_follow_the_writers():
    """The file runs from writer to writer, so each tenth of it should give its share to the test."""
    images, labels = read_digits()
    test = {row.tobytes() for row in load_digits().test_images}
    chosen = np.array([row.tobytes() in test for row in images])
    for tenth in np.array_split(chosen, 10):
        assert 0.1 < tenth.mean() < 0.3
    assert abs(np.corrcoef(np.arange(1797), chosen)[0, 1]) < 3 / np.sqrt(1797)
    assert len(labels) == len(chosen)


def test_the_split_never_changes():
    """A fixed digest: another split would make every reported accuracy another quantity."""
    digits = load_digits()
    assert digest(digits.test_labels) == "9ed719f3f025ec1cb709fb178796ef58f26e45cab774c4e46ed3b5bbaa40041b"
    assert digest(digits.test_images) == "8e04435ab21e4fc48be8ed86b1c65654511a48ffbf5999698dbe0644cd5ce9da"


def test_each_call_gives_fresh_arrays():
    load_digits().train_images[:] = -1.0
    assert load_digits().train_images.min() == 0.0


def test_the_record_is_frozen_and_prints_shapes():
    digits = load_digits()
    with pytest.raises(FrozenInstanceError):
        digits.train_images = digits.test_images  # type: ignore[misc]
    assert "(1438, 64)" in repr(digits)
    assert len(repr(digits)) < 150


def test_the_file_is_small_and_has_its_licence():
    assert FILE.stat().st_size < 50_000
    licence = FILE.with_name("DIGITS-LICENSE.txt").read_text(encoding="utf-8")
    for part in ("CC BY 4.0", "Alpaydin", "Kaynak", "10.24432/C50P49", "What was changed"):
        assert part in licence


@pytest.mark.parametrize(
    "content", [None, b"", b"not a zip", b"PK\x03\x04" + bytes(40)], ids=["missing", "empty", "text", "torn"]
)
def test_a_damaged_file_is_one_clear_error(content, tmp_path: Path, monkeypatch):
    damaged = tmp_path / "digits.npz"
    if content is not None:
        damaged.write_bytes(content)
    monkeypatch.setattr(module, "FILE", damaged)
    with pytest.raises(FileError, match="Install adjoint again"):
        load_digits()


def test_any_flipped_byte_is_an_error_or_leaves_the_values(tmp_path: Path, monkeypatch):
    whole, truth = FILE.read_bytes(), digest(read_digits()[0])
    damaged = tmp_path / "digits.npz"
    monkeypatch.setattr(module, "FILE", damaged)
    for place in range(7, len(whole), len(whole) // 60):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            images, _ = read_digits()
        except FileError:
            continue
        assert digest(images) == truth
