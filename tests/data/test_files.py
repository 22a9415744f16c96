"""Whole files: all or nothing, whatever goes wrong on the way."""

import os
import stat
from pathlib import Path

import pytest

from adjoint.data import files
from adjoint.data.files import (
    make_folder,
    read_bytes,
    read_text,
    write_bytes_atomically,
    write_text_atomically,
)
from adjoint.errors import ArgumentError, FileError

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and links as POSIX has them")


def test_write_and_read(tmp_path: Path):
    target = tmp_path / "a"
    for data in (b"", b"one", b"\r\n\x00\xff", bytearray(b"two"), memoryview(b"three")):
        write_bytes_atomically(target, data)
        assert read_bytes(str(target)) == bytes(data)
    write_text_atomically(target, "ε\r\n\n")
    assert target.read_bytes() == "ε\r\n\n".encode()
    assert read_text(target) == "ε\r\n\n"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        PermissionError(13, "Denied"),
        KeyboardInterrupt(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_leaves_the_old_file_and_no_other(step, error, tmp_path: Path, monkeypatch):
    target = tmp_path / "a"
    target.write_bytes(b"old")

    def fail(*_):
        raise error

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(FileError if isinstance(error, OSError) else type(error)) as caught:
        write_bytes_atomically(target, b"new")
    if isinstance(error, OSError):
        assert str(target) in str(caught.value)
        assert str(error.strerror) in str(caught.value)
        assert caught.value.__cause__ is error
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_the_file_is_complete_before_it_has_its_name(tmp_path: Path, monkeypatch):
    target, seen = tmp_path / "a", []
    replace = os.replace

    def watch(source, destination):
        seen.append((Path(source).parent, Path(source).read_bytes(), Path(destination).exists()))
        replace(source, destination)

    monkeypatch.setattr(files.os, "replace", watch)
    write_bytes_atomically(target, b"x" * 100_000)
    assert seen == [(tmp_path, b"x" * 100_000, False)]


def test_a_failing_folder_sync_is_no_failure(tmp_path: Path, monkeypatch):
    """The file is in place by then; reporting an error would be untrue."""
    monkeypatch.setattr(files.os, "open", lambda *_: (_ for _ in ()).throw(OSError("no")))
    write_bytes_atomically(tmp_path / "a", b"new")
    assert os.listdir(tmp_path) == ["a"]


@POSIX
def test_permissions_are_the_usual_ones_and_are_kept(tmp_path: Path):
    fresh, plain = tmp_path / "fresh", tmp_path / "plain"
    write_bytes_atomically(fresh, b"1")
    plain.write_bytes(b"1")
    assert stat.S_IMODE(fresh.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    fresh.chmod(0o600)
    write_bytes_atomically(fresh, b"2")
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


@POSIX
def test_a_link_stays_a_link(tmp_path: Path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_bytes_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_name_of_full_length_works(tmp_path: Path):
    write_bytes_atomically(tmp_path / ("n" * 255), b"1")


@pytest.mark.parametrize("make", [write_bytes_atomically, lambda path, _: read_bytes(path)])
def test_places_that_cannot_be_files(make, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    for path, reason in (
        (tmp_path, "folder|directory|Permission"),
        (tmp_path / "missing" / "a", "No such file"),
        (tmp_path / "file" / "a", "Not a directory|No such file"),
        (tmp_path / ("n" * 5000), "too long|cannot find|No such file"),
        (tmp_path / "nul\0byte", "null"),
    ):
        with pytest.raises(FileError, match=reason) as caught:
            make(path, b"")
        assert ". Received: " in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == ["file"]


@POSIX
def test_a_device_or_pipe_is_not_replaced(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="device, a pipe"):
        write_bytes_atomically(pipe, b"")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(FileError, match="device, a pipe"):
        write_bytes_atomically("/dev/null", b"")


@pytest.mark.parametrize("path", [3, b"name", "", None, 1.5])
def test_what_is_no_path_is_refused(path):
    for call in (read_bytes, read_text, make_folder, lambda p: write_bytes_atomically(p, b"")):
        with pytest.raises(ArgumentError, match="named by a non-empty string"):
            call(path)


def test_what_is_no_content_is_refused(tmp_path: Path):
    with pytest.raises(ArgumentError, match="write_text_atomically"):
        write_bytes_atomically(tmp_path / "a", "text")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="write_bytes_atomically"):
        write_text_atomically(tmp_path / "a", b"bytes")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="position 1"):
        write_text_atomically(tmp_path / "a", "a\ud800")
    assert os.listdir(tmp_path) == []


def test_text_must_be_utf8(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"ab\xff")
    with pytest.raises(FileError, match="byte 0xff at position 2"):
        read_text(tmp_path / "a")


def test_make_folder(tmp_path: Path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(str(tmp_path / "a" / "b")).is_dir()
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(FileError, match="made as a folder"):
            make_folder(path)
