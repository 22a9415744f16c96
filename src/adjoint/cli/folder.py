"""A run's folder: options, state, metrics, weights, pictures and the report.

    options.json              what fixes the run
    state.safetensors         where it stands, to be resumed from
    weights.safetensors       the network
    metrics.csv               a row an epoch, the same bytes for the same options
    timings.csv               seconds, kept apart
    *.svg, report.html        curves of loss and accuracy, gradient norms by layer

Every file is written whole or not at all.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ..data.files import make_folder, read_text, write_text_atomically
from ..data.safetensors import load_safetensors, save_safetensors
from ..errors import ArgumentError, FileError
from .training import COLUMNS, Options, State, from_tensors, to_tensors

DEFAULT = Path("runs")


def fresh_folder(out: Path | None) -> Path:
    """The folder for a new run: the given one, which must hold no run yet, or the next `runs/digits-N`."""
    if out is None:
        number = 1
        while (DEFAULT / f"digits-{number}").exists():
            number += 1
        return DEFAULT / f"digits-{number}"
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ArgumentError(
            "a folder for a new run was asked for with --out",
            f"{out}, which is there already",
            f"Continue it with --resume {out}, or name another.",
        )
    return out


def create(folder: Path, options: Options) -> None:
    """Make the folder and write down the options."""
    make_folder(folder)
    write_text_atomically(folder / "options.json", json.dumps(asdict(options), indent=2) + "\n")


def save(folder: Path, state: State, options: Options, seconds: list[float]) -> None:
    """Write down where the run stands."""
    tensors = to_tensors(state)
    save_safetensors(folder / "state.safetensors", tensors, options.text())
    weights = {name: value for name, value in tensors.items() if name.startswith("model")}
    save_safetensors(folder / "weights.safetensors", weights, options.text())
    write_text_atomically(folder / "metrics.csv", _table(COLUMNS, state.rows))
    timed = [[row[0], value] for row, value in zip(state.rows, seconds, strict=False)]
    write_text_atomically(folder / "timings.csv", _table(("epoch", "seconds"), timed))


def _table(columns: tuple[str, ...], rows: list[list[Any]]) -> str:
    lines = [",".join(columns), *(",".join(repr(value) for value in row) for row in rows)]
    return "\n".join(lines) + "\n"


def load(folder: Path) -> tuple[Options, State]:
    """The options and the state of a run that was stopped or ended."""
    if not (folder / "options.json").is_file():
        raise FileError(
            "the folder of a run was asked for with --resume", str(folder), "It holds an options.json."
        )
    options = _options(read_text(folder / "options.json"), folder)
    file = folder / "state.safetensors"
    tensors, _ = load_safetensors(file)
    return options, from_tensors(tensors, options, str(file))


def _options(text: str, folder: Path) -> Options:
    try:
        found = json.loads(text)
        return Options(**{f.name: found[f.name] for f in fields(Options)}).checked()
    except (ValueError, KeyError, TypeError) as error:
        file = folder / "options.json"
        raise FileError(
            "the options of a run were asked for", f"{file}: {error}", "Start the run anew."
        ) from None


def seconds_so_far(folder: Path) -> list[float]:
    """The timings written down so far."""
    file = folder / "timings.csv"
    if not file.is_file():
        return []
    return [float(line.split(",")[1]) for line in read_text(file).splitlines()[1:]]
