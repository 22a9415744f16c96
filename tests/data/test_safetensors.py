"""safetensors files: the same as the reference package's, in both directions, and safe for any content."""

import json
import math
import os
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors
import safetensors.numpy as reference

from adjoint.data import load_safetensors, save_safetensors
from adjoint.data.safetensors import DTYPES, LARGEST_HEADER, decode, encode
from adjoint.errors import ArgumentError, ContainerError, DtypeError, FileError

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (0,), (2, 0, 3), (1, 2, 1, 2)]


def sample(dtype: np.dtype[Any], shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Any bits at all (NaNs with payloads included), except that booleans are booleans."""
    bits = np.random.default_rng(seed).integers(0, 256, math.prod(shape) * dtype.itemsize, np.uint8)
    return (bits & 1 if dtype.kind == "b" else bits).view(dtype).reshape(shape)


def every_kind() -> dict[str, np.ndarray]:
    return {f"{name}{shape}": sample(d, shape) for name, d in DTYPES.items() for shape in SHAPES}


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def same_all(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)


def packed(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def line(dtype: str = "F32", shape: object = (1,), place: object = (0, 4), **more: object) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": place, **more}


def test_round_trip_of_every_dtype_and_shape(tmp_path: Path):
    tensors, notes = every_kind(), {"epoch": "3", "ε": 'ünï\n\t\x01\x7f"\\', "": ""}
    save_safetensors(tmp_path / "w", tensors, notes)
    loaded, metadata = load_safetensors(tmp_path / "w")
    assert same_all(loaded, tensors)
    assert metadata == notes
    for array in loaded.values():
        assert array.flags.writeable
        assert array.flags.c_contiguous
        assert array.dtype.isnative
    assert os.listdir(tmp_path) == ["w"]


def test_the_reference_reads_ours(tmp_path: Path):
    tensors, notes = every_kind(), {"epoch": "3", "ε": 'ü\x01"'}
    save_safetensors(tmp_path / "w", tensors, notes)
    assert same_all(reference.load_file(tmp_path / "w"), tensors)
    with safetensors.safe_open(tmp_path / "w", framework="numpy") as opened:
        assert opened.metadata() == notes


def test_we_read_the_reference(tmp_path: Path):
    tensors, notes = every_kind(), {"epoch": "3", "ε": 'ü\x01"'}
    reference.save_file(tensors, tmp_path / "w", notes)
    loaded, metadata = load_safetensors(tmp_path / "w")
    assert same_all(loaded, tensors)
    assert metadata == notes


@pytest.mark.parametrize("name", DTYPES)
def test_the_same_bytes_as_the_reference(name: str):
    """For arrays of one dtype; the reference orders several by dtype, and more than one note by chance."""
    tensors = {f"{i}": sample(DTYPES[name], shape, i) for i, shape in enumerate(SHAPES)}
    assert encode(tensors, {"a": "b"}) == reference.save(tensors, {"a": "b"})


def test_the_same_bytes_whatever_the_order():
    tensors, notes = every_kind(), {"a": "1", "b": "2"}
    backwards = dict(reversed(tensors.items()))
    assert encode(tensors, notes) == encode(backwards, dict(reversed(notes.items())))
    assert encode(tensors) == encode(tensors, {}) != encode(tensors, notes)


def test_header_and_arrays_are_aligned():
    data = encode(every_kind())
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    assert list(header) == sorted(header)
    for entry in header.values():
        if 0 not in entry["shape"]:
            assert (8 + length + entry["data_offsets"][0]) % DTYPES[entry["dtype"]].itemsize == 0


def test_memory_order_and_byte_order_do_not_matter():
    plain = np.arange(12.0).reshape(3, 4)
    for array in (np.asfortranarray(plain), plain.astype(">f8"), np.repeat(plain, 2, axis=1)[:, ::2]):
        assert encode({"a": array}) == encode({"a": plain})
    turned = plain.T[::-1]
    assert np.array_equal(decode(encode({"a": turned}), "x")[0]["a"], turned)
    for kind in ("longlong", "intp", "ulonglong", ">c8", ">u2"):
        array = np.array([1, 2], kind)
        assert np.array_equal(decode(encode({"a": array}), "x")[0]["a"], array)


def test_nothing_at_all_is_a_file_too():
    assert decode(encode({}), "x") == ({}, {})
    assert encode({}) == reference.save({})


@pytest.mark.parametrize(
    ("tensors", "metadata", "kind", "message"),
    [
        ({"a": np.zeros(1, complex)}, None, DtypeError, "complex128.*real and imaginary"),
        ({"a": np.zeros(1, ml_dtypes.float8_e4m3fn)}, None, DtypeError, "float8_e4m3fn"),
        ({"a": np.array(["x"])}, None, DtypeError, "<U1"),
        ({"a": np.array([None])}, None, DtypeError, "object"),
        ({"a": np.zeros(1, [("x", float)])}, None, DtypeError, "dtype"),
        ({"a": np.zeros(1, "M8[s]")}, None, DtypeError, "datetime64"),
        ({"a": [1.0]}, None, ContainerError, "list"),
        ({"a": 1.0}, None, ContainerError, "float"),
        ({"a": np.ma.masked_array([1.0], [True])}, None, ContainerError, "MaskedArray"),
        ([np.zeros(1)], None, ContainerError, "dictionary"),
        ({1: np.zeros(1)}, None, ArgumentError, "must be a string"),
        ({"\ud800": np.zeros(1)}, None, ArgumentError, "UTF-8"),
        ({"__metadata__": np.zeros(1)}, None, ArgumentError, "own name"),
        ({}, {"a": 1}, ArgumentError, "must be a string.*1 .int"),
        ({}, {1: "a"}, ArgumentError, "must be a string"),
        ({}, {"a": "\udfff"}, ArgumentError, "UTF-8"),
        ({}, ["a"], ContainerError, "metadata"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_nothing_written(
    tensors, metadata, kind, message, tmp_path: Path
):
    target = tmp_path / "w"
    target.write_bytes(b"old")
    with pytest.raises(kind, match=message):
        save_safetensors(target, tensors, metadata)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["w"]


F32 = bytes(4)
CORRUPT = [
    (b"", "0 bytes, too few"),
    (b"\x02\0\0\0\0\0\0", "7 bytes, too few"),
    (packed(b""), "starts with b''"),
    (packed(b"{}", length=3), "a header of 3 bytes, where 2 remain"),
    (packed(b"{}", length=2**64 - 1), "a header of 18446744073709551615 bytes"),
    (packed(b" {}"), "starts with b' '"),
    (packed(b"[]"), "starts with"),
    (packed(b"{"), "not JSON"),
    (packed(b"{}x"), "not JSON"),
    (packed(b'{"a":NaN}'), "not dtype, shape and data_offsets"),
    (packed(b'{"\xff":1}'), "not JSON.*utf-8"),
    (packed(b'{"\\ud800":1}'), "not JSON.*surrogates"),
    (packed(b'{"a":{"\\ud800":1}}'), "not JSON.*surrogates"),
    (packed(b'{"a":' * 200_000), "not JSON.*recursion"),
    (packed(b'{"a":' + b"[" * 200_000), "not JSON.*recursion"),
    (packed(b'{"a":' + b"9" * 5000 + b"}"), "not JSON.*digits"),
    (packed(b'{"a":1,"a":2}'), "'a' stands twice"),
    (
        packed(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', F32),
        "'dtype' stands twice",
    ),
    (packed({"__metadata__": 1}), "no map of text"),
    (packed({"__metadata__": {"a": 1}}), "no map of text"),
    (packed({"__metadata__": None}), "no map of text"),
    (packed({"a": 1}), "not dtype, shape and data_offsets"),
    (packed({"a": {"dtype": "F32", "shape": [1]}}, F32), "not dtype, shape and data_offsets"),
    (packed({"a": line(more=1)}, F32), "not dtype, shape and data_offsets"),
    (packed({"a": line("F33")}, F32), "dtype 'F33'"),
    (packed({"a": line("F8_E4M3", (4,))}, F32), "dtype 'F8_E4M3'"),
    (packed({"a": {**line(), "dtype": ["F32"]}}, F32), "none of BOOL"),
    (packed({"a": {**line(), "dtype": None}}, F32), "dtype None"),
    (packed({"a": line(shape=1)}, F32), "shape 1"),
    (packed({"a": line(shape=[1.0])}, F32), "shape"),
    (packed({"a": line(shape=[True])}, F32), "shape"),
    (packed({"a": line(shape=["1"])}, F32), "shape"),
    (packed({"a": line(shape=[-1, -1])}, F32), "shape"),
    (packed({"a": line(shape=[1] * 65)}, F32), "up to 64"),
    (packed({"a": line(shape=[2**63, 0], place=(0, 0))}), "shape"),
    (packed({"a": line(shape=[2**62, 2**62, 0], place=(0, 0))}), "shape"),
    (packed({"a": line(shape=[2**62, 4], place=(0, 0))}), "need 73786976294838206464"),
    (packed({"a": line(shape=[2])}, F32), "bytes 0 to 4, where dtype F32 and shape .2. need 8"),
    (packed({"a": line(place=(0,))}, F32), "not a begin and an end"),
    (packed({"a": line(place=(0, 4, 8))}, F32), "not a begin and an end"),
    (packed({"a": line(place=(0.0, 4.0))}, F32), "not a begin and an end"),
    (packed({"a": line(place=(-4, 0))}, F32), "not a begin and an end"),
    (packed({"a": line(place=(4, 0))}, F32), "bytes 4 to 0"),
    (packed({"a": line(place=(0, 2**70))}, F32), "not a begin and an end"),
    (packed({"a": line()}, bytes(3)), "cut short"),
    (packed({"a": line()}), "cut short"),
    (packed({"a": line()}, bytes(5)), "belong to no array"),
    (packed({}, bytes(1)), "belong to no array"),
    (packed({"a": line(place=(1, 5))}, bytes(5)), "leave a hole"),
    (packed({"a": line(), "b": line()}, F32), "overlap"),
    (packed({"a": line(), "b": line(place=(2, 6))}, bytes(6)), "overlap"),
    (packed({"a": line(), "b": line(place=(5, 9))}, bytes(9)), "hole"),
    (packed({"a": line("BOOL", (4,))}, b"\0\1\2\1"), "a boolean stored as 2"),
]


@pytest.mark.parametrize(
    ("data", "message"), CORRUPT, ids=lambda value: value[:40] if isinstance(value, str) else ""
)
def test_each_corruption_has_its_error(data: bytes, message: str, tmp_path: Path):
    path = tmp_path / "w"
    path.write_bytes(data)
    with pytest.raises(FileError, match=message) as caught:
        load_safetensors(path)
    text = str(caught.value)
    assert str(path) in text
    assert ". Received: " in text
    assert len(text) < 600 + len(str(path))


def test_a_header_above_the_bound_is_refused_in_both_directions():
    length = LARGEST_HEADER + 8
    with pytest.raises(FileError, match="100000000 are allowed"):
        decode(packed(b"{}" + b" " * (length - 2)), "x")
    with pytest.raises(ArgumentError, match="at most 100000000 bytes"):
        encode({}, {"a": "b" * LARGEST_HEADER})


def test_odd_but_lawful_files():
    one, two = np.zeros(1, np.float32), np.zeros((), np.float32)
    lawful = [
        (packed(b"{}"), {}),
        (packed(b'{"a":{"data_offsets":[0,4],"shape":[],"dtype":"F32"}}   ', F32), {"a": two}),
        (packed({"b": line(place=(4, 8)), "a": line()}, bytes(8)), {"a": one, "b": one}),
        (packed({"": line(shape=[0], place=(0, 0))}), {"": one[:0]}),
        (packed({"a": line("BOOL", place=(0, 1)), "b": line(place=(1, 5))}, bytes(5)),
         {"a": np.zeros(1, np.bool_), "b": one}),
    ]  # fmt: skip
    for data, expected in lawful:
        assert same_all(decode(data, "x")[0], expected)
        assert same_all(reference.load(data), expected)


def small() -> bytes:
    tensors = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "n": np.array(7),
        "m": np.array([True, False]),
    }
    return encode(tensors, {"epoch": "3"})


def test_every_truncation_and_extension_is_refused():
    whole = small()
    for size in range(len(whole)):
        with pytest.raises(FileError):
            decode(whole[:size], "x")
    for more in (b"\0", b" ", b"\0" * 8):
        with pytest.raises(FileError):
            decode(whole + more, "x")


def test_every_changed_byte_is_refused_or_harmless():
    """Against the reference: what we accept, it accepts, equal; and nothing but FileError is raised."""
    whole, random = small(), np.random.default_rng(1)
    accepted = 0
    for place in range(len(whole)):
        for value in {0, 0x20, 0x30, 0x31, 0x7D, 0xFF, whole[place] ^ 1, int(random.integers(256))}:
            accepted += judged_alike(whole[:place] + bytes([value]) + whole[place + 1 :])
    assert accepted > 100


def test_garbled_files_are_refused_or_harmless():
    whole, random = small(), np.random.default_rng(2)
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(random.integers(1, 4)):
            start, size = random.integers(0, len(data)), random.integers(0, 9)
            patch = random.integers(0, 256, random.integers(0, 9), np.uint8).tobytes()
            data[start : start + size] = patch
            if not data:
                break
        judged_alike(bytes(data))


def judged_alike(data: bytes) -> bool:
    """Whether we accept `data`; if so, the reference must too, with the same arrays."""
    try:
        ours, _ = decode(data, "x")
    except FileError:
        return False
    assert same_all(ours, reference.load(data))
    return True


def test_noise_is_refused():
    random = np.random.default_rng(3)
    for size in range(200):
        with pytest.raises(FileError):
            decode(random.bytes(size), "x")


def test_a_pickle_is_not_executed(tmp_path: Path):
    path = tmp_path / "w"
    path.write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    with pytest.raises(FileError):
        load_safetensors(path)


def test_missing_file_and_folder(tmp_path: Path):
    with pytest.raises(FileError, match="No such file"):
        load_safetensors(tmp_path / "none")
    with pytest.raises(FileError, match=r"directory|Permission"):
        load_safetensors(tmp_path)
    with pytest.raises(FileError, match="No such file"):
        save_safetensors(tmp_path / "none" / "w", {})
