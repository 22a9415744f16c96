"""A run's folder: what is written there, and how it is read back.

    state.safetensors         where the run stands, with its options: all that --resume needs
    weights.safetensors       the network alone
    metrics.csv               a row an epoch, the same bytes for the same options
    timings.csv               seconds, kept apart
    *.svg, report.html        the pictures and the report

Every file is written whole or not at all, the state first: whenever a run is killed, its state is whole,
and the other files, which follow from it, are written anew when it goes on.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np

from .. import trees
from ..data.files import failure, read_text, write_text_atomically
from ..data.safetensors import load_safetensors, save_safetensors
from ..errors import AdjointError, ArgumentError, FileError
from .options import Options
from .training import COLUMNS, State, Sums, start

RUNS = Path("runs")
STATE, WEIGHTS, METRICS, TIMINGS = "state.safetensors", "weights.safetensors", "metrics.csv", "timings.csv"
LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.tmp")


# --- a new run ---------------------------------------------------------------------------------


def refuse_taken(out: Path | None) -> None:
    """Refuse a place for a new run that holds something already; an empty folder will do."""
    try:
        taken = (
            out is not None and out.exists() and not (out.is_dir() and set(out.iterdir()) <= leftovers(out))
        )
    except OSError as error:
        raise failure("a run's folder", Path(out or RUNS), error) from None
    if taken:
        raise ArgumentError(
            "--out names a folder for a new run",
            f"{out}, which is there already",
            f"Go on with a run by --resume {out}, or name another folder.",
        )


def leftovers(folder: Path) -> set[Path]:
    """The unfinished files of a run that was killed while it wrote."""
    return {file for file in folder.glob(".*.tmp") if LEFTOVER.fullmatch(file.name)}


def tidy(folder: Path) -> None:
    """Remove them."""
    for file in leftovers(folder):
        with contextlib.suppress(OSError):
            file.unlink()


def create(out: Path | None, state: State, options: Options) -> Path:
    """Make the folder of a new run (the next `runs/digits-N` where none was named) with its first state.

    Where that fails, what was made is taken away again.
    """
    made: list[Path] = []
    files: list[Path] = []
    try:
        folder = _next_free(made) if out is None else _make(out, made)
        tidy(folder)
        files += [folder / name for name in (STATE, WEIGHTS, METRICS)]
        save(folder, state, options)
    except AdjointError:
        with contextlib.suppress(OSError):
            for file in files:
                file.unlink(missing_ok=True)
            for place in reversed(made):
                place.rmdir()
        raise
    return folder


def _make(folder: Path, made: list[Path]) -> Path:
    """Make a folder and those above it; those that were not there are noted in `made`."""
    try:
        for place in (*reversed(folder.parents), folder):
            if not place.is_dir():
                place.mkdir()
                made.append(place)
    except (OSError, ValueError) as error:
        raise failure("made as a folder", folder, error) from None
    return folder


def _next_free(made: list[Path]) -> Path:
    _make(RUNS, made)
    number = 1
    while (RUNS / f"digits-{number}").exists():
        number += 1
    return _make(RUNS / f"digits-{number}", made)


# --- writing -----------------------------------------------------------------------------------


def save(folder: Path, state: State, options: Options) -> None:
    """Write down where the run stands."""
    tensors = _tensors(state)
    text = json.dumps(asdict(options))
    save_safetensors(
        folder / STATE, tensors, {"options": text, "sha256": _fingerprint(text, tensors.items())}
    )
    weights = {name.removeprefix("model."): a for name, a in tensors.items() if name.startswith("model.")}
    save_safetensors(folder / WEIGHTS, weights, options.text())
    write_text_atomically(folder / METRICS, _table(COLUMNS, state.rows))


def save_seconds(folder: Path, epoch: int, seconds: float) -> None:
    """Note how long an epoch took, or the part of it that ended here."""
    file = folder / TIMINGS
    before = read_text(file) if file.is_file() else "epoch,seconds\n"
    write_text_atomically(file, f"{before}{epoch},{seconds:.6f}\n")


def _table(columns: tuple[str, ...], rows: Iterable[Iterable[float]]) -> str:
    lines = [",".join(columns), *(",".join(repr(value) for value in row) for row in rows)]
    return "\n".join(lines) + "\n"


def _tensors(state: State) -> dict[str, Any]:
    """A state as named arrays."""
    parts = {"model": state.model, "optimizer": state.optimizer}
    found = {f"{part}{path}": leaf for part, tree in parts.items() for path, leaf in _named(tree)}
    found["place"] = np.array([state.epoch, state.batch])
    loss, right, squares, examples, steps = astuple(state.sums)
    found["sums"] = np.array([loss, right, examples, steps, *squares])
    found["rows"] = np.array(state.rows, np.float64).reshape(len(state.rows), len(COLUMNS))
    return found


def _named(tree: Any) -> list[tuple[str, Any]]:
    return list(zip(trees.paths(tree), map(np.asarray, trees.leaves(tree)), strict=True))


def _fingerprint(options: str, tensors: Iterable[tuple[str, Any]]) -> str:
    """What tells a state that was damaged or edited."""
    found = hashlib.sha256(options.encode())
    for name, array in sorted(tensors):
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


# --- reading -----------------------------------------------------------------------------------


def load(folder: Path) -> tuple[Options, State]:
    """The options and the state of a run that was stopped, killed or ended."""
    file = folder / STATE
    try:
        missing = "which is not there" if not folder.exists() else f"which holds no {STATE}"
        present = file.is_file()
    except OSError as error:
        raise failure("read", folder, error) from None
    if not present:
        raise FileError(
            "--resume names the folder of a run", f"{folder}, {missing}", "Name one, or start a new run."
        )
    tensors, metadata = load_safetensors(file)
    text = metadata.get("options", "")
    if metadata.get("sha256") != _fingerprint(text, tensors.items()):
        raise _unusable(file, "a file that was damaged or changed")
    try:
        options = Options(**json.loads(text)).checked()
        return options, _state(tensors, options)
    except (KeyError, ValueError, TypeError) as error:
        raise _unusable(file, f"a file of another version of adjoint ({error})") from None


def _unusable(file: Path, fault: str) -> FileError:
    return FileError(f"{file} holds where a run stands", fault, "Start the run anew, in another folder.")


def _state(tensors: Mapping[str, Any], options: Options) -> State:
    blank = start(options)
    epoch, batch = map(int, tensors["place"])
    loss, right, examples, steps, *squares = map(float, tensors["sums"])
    return State(
        _filled(blank.model, "model", tensors),
        _filled(blank.optimizer, "optimizer", tensors),
        epoch,
        batch,
        Sums(loss, right, tuple(squares), examples, steps),
        tuple((int(row[0]), *map(float, row[1:])) for row in tensors["rows"]),
    )


def _filled(tree: Any, part: str, tensors: Mapping[str, Any]) -> Any:
    leaves: list[Any] = []
    for path, leaf in _named(tree):
        found = tensors[f"{part}{path}"]
        if found.shape != leaf.shape or found.dtype != leaf.dtype:
            raise ValueError(f"{part}{path} has shape {found.shape} and dtype {found.dtype}")
        leaves.append(found)
    return trees.unflatten(trees.flatten(tree)[1], leaves)
