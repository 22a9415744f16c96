"""Keep named arrays in safetensors files: a format that other libraries read and that can run no code.

`save_safetensors` writes, `load_safetensors` reads. A file is eight bytes with the length of the header, the
header (JSON: per array its dtype, shape and place), and the arrays' bytes end to end. Below the two functions
stand `encode` and `decode`, to and from bytes, and what they check: a file is read only if every part of it
is as the format wants it, so nothing in it can lead to a wrong array, a huge allocation or a stray exception.

Source: https://huggingface.co/docs/safetensors (the format, with the reference reader's rules).
"""

import itertools
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from ..errors import ArgumentError, ContainerError, DtypeError, FileError
from .files import FilePath, read_bytes, write_bytes_atomically

Array: TypeAlias = NDArray[Any]

# The format's names. Its narrower floats (F4 … F8) are refused here; complex128 has no name in the format.
DTYPES: Final[Mapping[str, np.dtype[Any]]] = MappingProxyType({
    "BOOL": np.dtype(np.bool_),
    "U8": np.dtype(np.uint8),
    "I8": np.dtype(np.int8),
    "U16": np.dtype(np.uint16),
    "I16": np.dtype(np.int16),
    "F16": np.dtype(np.float16),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "U32": np.dtype(np.uint32),
    "I32": np.dtype(np.int32),
    "F32": np.dtype(np.float32),
    "U64": np.dtype(np.uint64),
    "I64": np.dtype(np.int64),
    "F64": np.dtype(np.float64),
    "C64": np.dtype(np.complex64),
})  # fmt: skip

METADATA: Final = "__metadata__"
LENGTH_BYTES: Final = 8
LARGEST_HEADER: Final = 100_000_000  # the reference reader's bound
MOST_AXES: Final = 64  # NumPy's bound


@dataclass(frozen=True)
class Entry:
    """One array's line in the header: what it is, and where its bytes stand after the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def save_safetensors(
    path: FilePath, tensors: Mapping[str, Array], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named arrays as a safetensors file: all of it, or nothing.

    The same arrays and metadata give the same bytes, whatever the order of the dictionaries: names are sorted
    in the header, and the arrays follow by falling item size, then by name, so that each starts at a multiple
    of its item size.

    Args:
        path: the file; its folder must exist.
        tensors: arrays of any shape, in any memory order, of dtype bool, int8 … int64, uint8 … uint64,
            float16, bfloat16, float32, float64 or complex64. The format knows no complex128.
        metadata: text to keep with them.

    Raises:
        DtypeError: an array's dtype has no place in the format.
        ContainerError: `tensors` or `metadata` is no dictionary, or a value no plain NumPy array.
        ArgumentError: a name or a piece of metadata is no text that UTF-8 can hold.
        FileError: the file cannot be written; what stood there stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_safetensors(f"{folder}/w.safetensors", {"w": np.eye(2), "b": np.zeros(2)}, {"epoch": "3"})
    ...     load_safetensors(f"{folder}/w.safetensors")
    ({'b': array([0., 0.]), 'w': array([[1., 0.],
           [0., 1.]])}, {'epoch': '3'})
    """
    write_bytes_atomically(path, encode(tensors, metadata))


def load_safetensors(path: FilePath) -> tuple[dict[str, Array], dict[str, str]]:
    """Read a safetensors file, checking all of it; nothing in the file is executed.

    Args:
        path: the file.

    Returns:
        The arrays by name, each with memory of its own, in C order and the machine's byte order; and the
        metadata, empty where there is none.

    Raises:
        FileError: the file cannot be read; or is not as the format wants it (cut short, garbled, of another
            kind), or holds a dtype other than those that `save_safetensors` takes.

    >>> load_safetensors(__file__)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    adjoint.errors.FileError: ...safetensors.py is read as a safetensors file. Received: a header of ...
    """
    return decode(read_bytes(path), os.fspath(path))


def encode(tensors: Mapping[str, Array], metadata: Mapping[str, str] | None = None) -> bytes:
    """The content of the file that `save_safetensors` writes."""
    check_tensors(tensors)
    names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    ends = list(itertools.accumulate((tensors[name].nbytes for name in names), initial=0))
    lines = {
        name: {
            "dtype": format_name(name, tensors[name]),
            "shape": list(tensors[name].shape),
            "data_offsets": list(place),
        }
        for name, place in zip(names, itertools.pairwise(ends), strict=True)
    }
    header: dict[str, Any] = {name: lines[name] for name in sorted(lines)}
    if metadata:
        check_metadata(metadata)
        header = {METADATA: {key: metadata[key] for key in sorted(metadata)}, **header}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % LENGTH_BYTES)
    if len(text) > LARGEST_HEADER:
        raise ArgumentError(
            f"a safetensors header has at most {LARGEST_HEADER} bytes",
            f"{len(text)} bytes",
            "Use fewer or shorter names, or less metadata.",
        )
    return b"".join(
        [len(text).to_bytes(LENGTH_BYTES, "little"), text, *(to_wire(tensors[name]) for name in names)]
    )


def decode(data: bytes, source: str) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays and the metadata in the content `data` of a file; `source` names it in errors."""
    header, start = read_header(data, source)
    metadata = read_metadata(header.pop(METADATA, {}), source)
    entries = [read_entry(name, line, source) for name, line in header.items()]
    check_places(entries, len(data) - start, source)
    return {entry.name: from_wire(data, start, entry, source) for entry in entries}, metadata


def read_header(data: bytes, source: str) -> tuple[dict[str, Any], int]:
    """The header as a dictionary, and where it ends."""
    if len(data) < LENGTH_BYTES:
        raise corrupt(source, f"{len(data)} bytes, too few for the length of a header")
    length, room = int.from_bytes(data[:LENGTH_BYTES], "little"), len(data) - LENGTH_BYTES
    if length > min(LARGEST_HEADER, room):
        raise corrupt(
            source, f"a header of {length} bytes, where {room} remain and {LARGEST_HEADER} are allowed"
        )
    text = data[LENGTH_BYTES : LENGTH_BYTES + length]
    if not text.startswith(b"{"):
        raise corrupt(source, f"a header that starts with {text[:1]!r}, not with {{")
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=without_repeats)
        json.dumps(header, ensure_ascii=False).encode("utf-8")  # a lone surrogate, written \ud800, fails here
    except (ValueError, RecursionError) as error:
        raise corrupt(source, f"a header that is not JSON as the format has it: {error}") from error
    return header, LENGTH_BYTES + length


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object as a dictionary, once no name stands in it twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise ValueError(f"the name {shortened(twice)} stands twice")
    return found


def read_metadata(value: object, source: str) -> dict[str, str]:
    """The metadata, once it is known to map text to text."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise corrupt(source, f"metadata that is no map of text to text: {shortened(value)}")
    return value


def read_entry(name: str, line: object, source: str) -> Entry:
    """One array's line, once its parts are known to be of the right kind."""
    where = f"for array {shortened(name)}"
    if not isinstance(line, dict) or set(line) != {"dtype", "shape", "data_offsets"}:
        raise corrupt(source, f"{where}, not dtype, shape and data_offsets: {shortened(line)}")
    dtype, shape, place = line["dtype"], line["shape"], line["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise corrupt(source, f"{where}, dtype {shortened(dtype)}, none of {', '.join(DTYPES)}")
    if not are_counts(shape) or len(shape) > MOST_AXES:
        raise corrupt(source, f"{where}, shape {shortened(shape)}, not up to {MOST_AXES} sizes")
    if not are_counts(place) or len(place) != 2:
        raise corrupt(source, f"{where}, data_offsets {shortened(place)}, not a begin and an end")
    begin, end = place
    size = math.prod(shape) * DTYPES[dtype].itemsize
    if end - begin != size:
        needed = f"where dtype {dtype} and shape {shortened(shape)} need {size}"
        raise corrupt(source, f"{where}, bytes {begin} to {end}, {needed}")
    return Entry(name, dtype, tuple(shape), begin, end)


def are_counts(value: object) -> bool:
    """Whether `value` is a JSON list of integers from 0 up that an index can hold (true, false are none)."""
    return isinstance(value, list) and all(type(item) is int and 0 <= item < 2**63 for item in value)


def check_places(entries: list[Entry], size: int, source: str) -> None:
    """Refuse arrays that overlap, leave bytes unused, or reach past the `size` bytes after the header."""
    reached = 0
    for entry in sorted(entries, key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != reached:
            fault = "overlap those before" if entry.begin < reached else "leave a hole before them"
            place = f"bytes {entry.begin} to {entry.end}, which {fault} (byte {reached})"
            raise corrupt(source, f"for array {shortened(entry.name)}, {place}")
        reached = entry.end
    if reached != size:
        fault = "is cut short" if reached > size else "has bytes that belong to no array"
        raise corrupt(source, f"{size} bytes of arrays where the header has {reached}: the file {fault}")


def from_wire(data: bytes, start: int, entry: Entry, source: str) -> Array:
    """The array of one entry, copied out of the file's bytes."""
    dtype = DTYPES[entry.dtype]
    raw = np.frombuffer(memoryview(data)[start + entry.begin : start + entry.end], wire_dtype(dtype))
    if entry.dtype == "BOOL" and raw.size and raw.max() > 1:
        raise corrupt(
            source, f"for array {shortened(entry.name)}, a boolean stored as {raw.max()}, not 0 or 1"
        )
    native = raw.astype(raw.dtype.newbyteorder("="), copy=True).view(dtype)
    try:
        return native.reshape(entry.shape)
    except ValueError as error:
        raise corrupt(
            source, f"for array {shortened(entry.name)}, shape {shortened(entry.shape)}: {error}"
        ) from error


def to_wire(array: Array) -> bytes:
    """The array's items in C order, little-endian."""
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    wire = wire_dtype(native.dtype)
    return np.ascontiguousarray(native).view(wire.newbyteorder("=")).astype(wire, copy=False).tobytes()


def wire_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """How the items of `dtype` stand in a file: little-endian; booleans and bfloat16 by their bits."""
    if dtype.kind in "iufc" and dtype != DTYPES["BF16"]:
        return dtype.newbyteorder("<")
    return np.dtype(f"<u{dtype.itemsize}")


def check_tensors(tensors: Mapping[str, Array]) -> None:
    """Refuse what is no dictionary of text to plain arrays."""
    if not isinstance(tensors, Mapping):
        raise ContainerError(
            "save_safetensors takes a dictionary of arrays",
            type(tensors).__name__,
            'Write {"weights": array}.',
        )
    for name, array in tensors.items():
        check_text("the name of an array", name)
        if name == METADATA:
            raise ArgumentError(
                f"{METADATA} is the format's own name", "an array of that name", "Choose another name."
            )
        if type(array) not in (np.ndarray, np.memmap):
            raise ContainerError(
                f"array {name!r} must be a plain NumPy array",
                type(array).__name__,
                "Convert it with np.asarray.",
            )
        format_name(name, array)


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Refuse what is no dictionary of text to text."""
    if not isinstance(metadata, Mapping):
        raise ContainerError(
            "metadata is a dictionary of text", type(metadata).__name__, 'Write {"epoch": "3"}.'
        )
    for key, value in metadata.items():
        check_text("a key of the metadata", key)
        check_text(f"the metadata {key!r}", value)


def check_text(what: str, text: object) -> None:
    """Refuse what is no text, or text that UTF-8 cannot hold."""
    if not isinstance(text, str):
        raise ArgumentError(
            f"{what} must be a string",
            f"{shortened(text)} ({type(text).__name__})",
            "Convert it with str.",
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"{what} must be text that UTF-8 can hold", shortened(text), "Remove the lone surrogate."
        ) from error


def format_name(name: str, array: Array) -> str:
    """The format's name of the array's dtype."""
    native = array.dtype.newbyteorder("=")
    for known, dtype in DTYPES.items():
        if native == dtype:
            return known
    remedy = (
        "Save its real and imaginary parts as two arrays."
        if array.dtype.kind == "c"
        else "Convert it with astype."
    )
    raise DtypeError(
        f"array {name!r} must have a dtype that safetensors knows ({', '.join(DTYPES)})",
        f"dtype {array.dtype}",
        remedy,
    )


def corrupt(source: str, problem: str) -> FileError:
    """The error for a file that is not as the format wants it."""
    return FileError(
        f"{source} is read as a safetensors file",
        problem,
        "Copy or save the file again; nothing was loaded from this one.",
    )


def shortened(value: object) -> str:
    """At most 80 printable characters of `value`, so that a garbled file makes no garbled screen."""
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."
