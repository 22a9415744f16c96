"""Read and write whole files, so that no reader ever meets half of one.

`write_bytes_atomically` and `write_text_atomically` put the new content beside the target under another name,
bring it to the disk, and only then give it the target's name in one step of the file system. Whatever
interrupts them (a full disk, Ctrl-C, a power cut) leaves either the old file or the new one. `read_bytes`,
`read_text` and `make_folder` are their companions. Every failure is one `FileError` that says which file,
why, and what to do.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import TypeAlias

from ..errors import ArgumentError, FileError

FilePath: TypeAlias = str | os.PathLike[str]


def write_bytes_atomically(path: FilePath, data: bytes | bytearray | memoryview) -> None:
    """Write `data` as the whole content of the file at `path`: all of it, or nothing.

    An existing file keeps its permissions; a symbolic link keeps pointing to the file, which is replaced.

    Args:
        path: the file; its folder must exist.
        data: the bytes.

    Raises:
        FileError: `path` is a folder or a device, or the file system refuses; the old file is then untouched
            and no temporary file remains.
        ArgumentError: `path` is not a path, or `data` not bytes.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes_atomically(f"{folder}/weights", b"1234")
    ...     read_bytes(f"{folder}/weights")
    b'1234'
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ArgumentError(
            "write_bytes_atomically writes bytes",
            type(data).__name__,
            "Encode text with write_text_atomically.",
        )
    named = as_path(path)
    temporary: Path | None = None
    try:
        target = Path(os.path.realpath(named))
        mode = permissions_to_keep(target)
        temporary = target.with_name(f".{os.urandom(8).hex()}.tmp")
        write_to_disk(temporary, data, mode)
        os.replace(temporary, target)
        settle_folder(target.parent)
    except BaseException as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        if isinstance(error, (OSError, ValueError)) and not isinstance(error, FileError):
            raise failure("written", named, error) from error
        raise


def write_text_atomically(path: FilePath, text: str) -> None:
    r"""Write `text`, as UTF-8, as the whole content of the file at `path`: all of it, or nothing.

    Args:
        path: the file; its folder must exist.
        text: the text; line ends are written as they stand.

    Raises:
        FileError: as `write_bytes_atomically`.
        ArgumentError: `text` is no string, or holds a lone surrogate, which UTF-8 cannot write.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text_atomically(f"{folder}/metrics.csv", "epoch,loss\n")
    ...     read_text(f"{folder}/metrics.csv")
    'epoch,loss\n'
    """
    if not isinstance(text, str):
        raise ArgumentError(
            "write_text_atomically writes a string",
            type(text).__name__,
            "Write bytes with write_bytes_atomically.",
        )
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArgumentError(
            "write_text_atomically writes UTF-8",
            f"a character that UTF-8 cannot hold, at position {error.start}",
            "Remove the lone surrogate, or write bytes with write_bytes_atomically.",
        ) from error
    write_bytes_atomically(path, data)


def read_bytes(path: FilePath) -> bytes:
    """Read the whole file at `path`.

    Args:
        path: the file.

    Returns:
        Its content.

    Raises:
        FileError: there is no such file, it is a folder, or it may not be read.
        ArgumentError: `path` is not a path.

    >>> read_bytes("no/such/file")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    adjoint.errors.FileError: no/such/file is to be read. Received: No such file or directory. ...
    """
    named = as_path(path)
    try:
        return named.read_bytes()
    except (OSError, ValueError) as error:
        raise failure("read", named, error) from error


def read_text(path: FilePath) -> str:
    """Read the whole file at `path` as UTF-8 text.

    Args:
        path: the file.

    Returns:
        Its text; line ends are left as they stand.

    Raises:
        FileError: as `read_bytes`, or the content is not UTF-8.
        ArgumentError: `path` is not a path.

    >>> read_text(__file__).startswith('\"\"\"Read and write whole files')
    True
    """
    data = read_bytes(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path} is to be read as UTF-8 text",
            f"byte {data[error.start]:#04x} at position {error.start}, which is not UTF-8",
            "Name a text file, or save this one as UTF-8.",
        ) from error


def make_folder(path: FilePath) -> Path:
    """Make the folder `path`, and those above it; one that exists is left as it is.

    Args:
        path: the folder.

    Returns:
        The folder.

    Raises:
        FileError: a file stands in the way, or the file system refuses.
        ArgumentError: `path` is not a path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     make_folder(f"{folder}/runs/digits").is_dir()
    True
    """
    named = as_path(path)
    try:
        named.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise failure("made as a folder", named, error) from error
    return named


def as_path(path: FilePath) -> Path:
    """`path` as a `Path`; an open file's number or a name in bytes is refused, not guessed."""
    if isinstance(path, (str, os.PathLike)):
        plain = os.fspath(path)
        if isinstance(plain, str) and plain:
            return Path(plain)
    raise ArgumentError(
        "a file is named by a non-empty string or a pathlib.Path",
        repr(path),
        'Write, for example, "runs/weights.safetensors".',
    )


def permissions_to_keep(target: Path) -> int | None:
    """The permission bits of the file to be replaced; None where there is none yet."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device, a pipe or a socket"
        raise FileError(f"{target} is to be written as a file", f"{kind} of that name", "Name a file.")
    return stat.S_IMODE(mode)


def write_to_disk(path: Path, data: bytes | bytearray | memoryview, mode: int | None) -> None:
    """Write a new file, and return when the disk has it."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        path.chmod(mode)


def settle_folder(folder: Path) -> None:
    """Bring a rename in `folder` to the disk, where the system can (Windows opens no folder).

    The file is complete and in place by now, so a file system that cannot do this is no failure.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def failure(asked: str, path: Path, error: OSError | ValueError) -> FileError:
    """The error for `path`, with the system's reason and the remedy that fits it."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        remedy = "Check the name; a folder that is missing must be made first."
    elif isinstance(error, (IsADirectoryError, NotADirectoryError, FileExistsError)):
        remedy = "Check which part of the path is a file and which a folder."
    elif isinstance(error, PermissionError):
        remedy = "Choose a place that you may use, or change its permissions."
    else:
        remedy = "Check the name and the disk, or choose another place."
    return FileError(f"{path} is to be {asked}", reason, remedy)
