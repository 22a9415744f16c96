"""`adjoint train digits`: a network learns handwritten digits while one watches.

Ctrl-C ends the run after the step at hand and saves it; `--resume` goes on from there, and ends with the
same bytes as a run that was never stopped.
"""

import shlex
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ..data import Digits, load_digits
from ..diagnose import Report, examine
from ..diagnose.judge import Code
from ..errors import ArgumentError, CheckError
from . import folder as run_folder
from . import report
from .options import ACTIVATIONS, OPTIMIZERS, Options
from .screen import watching
from .showing import told_plainly
from .training import State, accuracy, count_batches, loss, start, states

DEFAULTS = Options()
CHECKED_IMAGES = 8
CHECKED_GROUPS = 10
RATES = ", ".join(f"{rate:g} for {name}" for name, (_, rate) in OPTIMIZERS.items())
DECIDED = (Code.AGREES, Code.DIFFERS, Code.INFINITE)


# --- the command -------------------------------------------------------------------------------


def train_digits(
    context: typer.Context,
    epochs: Annotated[int, typer.Option(help="Passes over the data.")] = DEFAULTS.epochs,
    batch_size: Annotated[int, typer.Option(help="Images in a step.")] = DEFAULTS.batch_size,
    hidden: Annotated[int, typer.Option(help="Units in the hidden layer.")] = DEFAULTS.hidden,
    optimizer: Annotated[str, typer.Option(help=f"One of {', '.join(OPTIMIZERS)}.")] = DEFAULTS.optimizer,
    lr: Annotated[
        float | None, typer.Option(help=f"Learning rate; {RATES} where none is given.")
    ] = DEFAULTS.lr,
    seed: Annotated[int, typer.Option(help="Fixes weights and the order of images.")] = DEFAULTS.seed,
    activation: Annotated[str, typer.Option(help=f"One of {', '.join(ACTIVATIONS)}.")] = DEFAULTS.activation,
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder for the run; the next runs/digits-N where none is given."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="The folder of a run to go on with; --epochs may then be larger.")
    ] = None,
) -> None:
    """Train a two-layer network on 1438 handwritten digits, and test it on 359 others.

    Ctrl-C stops and saves; --resume goes on as if the run had never been stopped. The run's folder gets
    metrics.csv, weights.safetensors, pictures and report.html.
    """
    given = {
        "epochs": epochs, "batch_size": batch_size, "hidden": hidden, "optimizer": optimizer,
        "lr": lr, "seed": seed, "activation": activation,
    }  # fmt: skip
    chosen = {name: value for name, value in given.items() if is_typed(context, name)}
    with told_plainly():
        if resume is None:
            options = replace(DEFAULTS, **chosen).checked()
            run_folder.refuse_taken(out)
            state = start(options)
        else:
            options, state = resumed(resume, chosen, out)
        run(options, state, out, resume)


def is_typed(context: typer.Context, name: str) -> bool:
    """Whether an option was given, not left at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def resumed(folder: Path, chosen: dict[str, Any], out: Path | None) -> tuple[Options, State]:
    """The options and the state of a run to go on with."""
    others = [f"--{name.replace('_', '-')}" for name in chosen if name != "epochs"]
    others += ["--out"] if out is not None else []
    if others:
        raise ArgumentError(
            "--resume goes on with a run as it was begun, and takes --epochs alone",
            ", ".join(others),
            "Leave that out, or start a new run.",
        )
    options, state = run_folder.load(folder)
    longer = replace(options, **chosen).checked()
    begun = state.epoch + (state.batch > 0)
    if longer.epochs < begun:
        raise ArgumentError(
            f"--epochs of a run in its epoch {begun} is at least that",
            f"--epochs {longer.epochs}",
            f"Write --epochs {begun}, or more.",
        )
    return longer, state


# --- the run -----------------------------------------------------------------------------------


@dataclass
class Wish:
    """The signal by which the user has asked to stop, if any."""

    signal: int | None = None

    def __call__(self, number: int, frame: Any) -> None:
        """Note the wish; the second one is no wish any more."""
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number


@contextmanager
def listening() -> Generator[Wish]:
    """Turn Ctrl-C, and the system's wish to end, into a `Wish` while the block runs."""
    wish = Wish()
    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(options: Options, state: State, out: Path | None, resume: Path | None) -> None:
    """Check the gradient, train to the last epoch or until one stops it, report."""
    digits = load_digits()
    verdict = checked_gradient(options, digits)
    typer.echo(verdict)
    with listening() as wish:
        if resume is None:
            folder = run_folder.create(out, state, options)
        else:
            folder = resume
            run_folder.tidy(folder)
            run_folder.save(folder, state, options)
        state = learn(folder, state, options, digits, wish)
        missing = report.write(folder, state, options, digits, verdict)
        stopped = state.epoch < options.epochs
        if stopped:
            typer.echo(f"stopped in epoch {state.epoch + 1} of {options.epochs}, and saved; to go on:")
            typer.echo(f"  adjoint train digits --resume {shlex.quote(str(folder))}")
        if missing is not None:
            typer.echo(missing)
        typer.echo(f"report: {folder / 'report.html'}")
        share = accuracy(state.model(digits.test_images), digits.test_labels)
        typer.echo(f"test accuracy: {100 * share:.1f} %")
    if stopped and wish.signal is not None:
        raise typer.Exit(128 + wish.signal)


def learn(folder: Path, state: State, options: Options, digits: Digits, wish: Wish) -> State:
    """Train, and save the state after each epoch and at the end; the last state."""
    began = time.perf_counter()
    with watching(state, options.epochs, count_batches(options, digits)) as show, np.errstate(all="ignore"):
        for later in states(state, options, digits):
            state = later
            show(state)
            stop = wish.signal is not None
            if state.batch == 0 or stop:
                run_folder.save(folder, state, options)
                now = time.perf_counter()
                run_folder.save_seconds(folder, state.epoch + (state.batch > 0), now - began)
                began = now
            if stop:
                break
    return state


# --- the check ---------------------------------------------------------------------------------


def checked_gradient(options: Options, digits: Digits) -> str:
    """Check the gradient at the initial point against differences, on a few images; the verdict as a line.

    Where a unit of these images sits on its kink there is no verdict, and the next images are taken.
    """
    model = start(options).model
    found = _examined(model, digits, 0)
    for group in range(1, CHECKED_GROUPS):
        if all(row.code in DECIDED for row in found.rows):
            break
        found = _examined(model, digits, group)
    if not found.passed:
        error = found.error()
        where = error.asked.partition(": ")[2]
        raise CheckError(
            f"gradient check at the initial point: {where}",
            error.received,
            f"Nothing was written. {error.remedy}",
        )
    worst = max(row.error for row in found.rows)
    return f"gradient check at the initial point: passed (worst relative error {worst:.1e})"


def _examined(model: Any, digits: Digits, group: int) -> Report:
    part = slice(group * CHECKED_IMAGES, (group + 1) * CHECKED_IMAGES)
    images, labels = digits.train_images[part], digits.train_labels[part]

    def digits_loss(model: Any) -> Any:
        return loss(model, images, labels)[0]

    return examine(digits_loss, model, order=1, modes=("rev",))
