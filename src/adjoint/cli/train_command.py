"""`adjoint train digits`: a network learns handwritten digits while one watches.

Ctrl-C ends the run after the step at hand and saves it; `--resume` goes on from there, and ends with the
same bytes as a run that was never stopped.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..data import Digits, load_digits
from ..diagnose import check_grads
from ..errors import ArgumentError, CheckError
from . import folder as run_folder
from . import report
from .functions import shown_plainly
from .training import ACTIVATIONS, OPTIMIZERS, Options, State, accuracy, loss, start, steps

DEFAULTS = Options()


class Stop:
    """Whether the user has asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: Any) -> None:
        """Note the wish; a second Ctrl-C stops at once."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def listening() -> Iterator[Stop]:
    """Turn Ctrl-C and the wish to terminate into a `Stop` while the block runs."""
    stop = Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def train_digits(
    epochs: Annotated[
        int | None, typer.Option(help=f"Passes over the data. [default: {DEFAULTS.epochs}]")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help=f"Examples a step. [default: {DEFAULTS.batch_size}]")
    ] = None,
    hidden: Annotated[int | None, typer.Option(help=f"Hidden units. [default: {DEFAULTS.hidden}]")] = None,
    optimizer: Annotated[
        str | None, typer.Option(help=f"{', '.join(OPTIMIZERS)}. [default: {DEFAULTS.optimizer}]")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate. [default: the optimizer's]")] = None,
    seed: Annotated[
        int | None, typer.Option(help=f"Weights and order of the data. [default: {DEFAULTS.seed}]")
    ] = None,
    activation: Annotated[
        str | None, typer.Option(help=f"{', '.join(ACTIVATIONS)}. [default: {DEFAULTS.activation}]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run. [default: runs/digits-N]")] = None,
    resume: Annotated[Path | None, typer.Option(help="Folder of a run to continue.")] = None,
) -> None:
    """Train a two-layer network on 1438 handwritten digits and test it on 359 others."""
    given = {
        "epochs": epochs, "batch_size": batch_size, "hidden": hidden, "optimizer": optimizer,
        "lr": lr, "seed": seed, "activation": activation,
    }  # fmt: skip
    with shown_plainly():
        options, state, place = _beginning({k: v for k, v in given.items() if v is not None}, out, resume)
        _run(options, state, place, Console(highlight=False))


def _beginning(given: dict[str, Any], out: Path | None, resume: Path | None) -> tuple[Options, State, Path]:
    if resume is None:
        options = replace(DEFAULTS, **given).checked()
        return options, start(options), run_folder.fresh_folder(out)
    others = [f"--{name.replace('_', '-')}" for name in given if name != "epochs"] + (
        ["--out"] if out else []
    )
    if others:
        raise ArgumentError("--resume takes --epochs only", ", ".join(others), "The run keeps its options.")
    options, state = run_folder.load(resume)
    return replace(options, **given).checked(), state, resume


def _run(options: Options, state: State, place: Path, console: Console) -> None:
    digits = load_digits()
    verdict = checked_gradient(options, digits)
    console.print(verdict)
    run_folder.create(place, options)
    seconds = run_folder.seconds_so_far(place)
    with listening() as stop:
        try:
            _learn(options, state, place, digits, seconds, stop, console)
        finally:
            run_folder.save(place, state, options, seconds)
    result = accuracy(state.model, digits)
    report.write(place, options, state.rows, verdict, result)
    if stop.asked and state.epoch < options.epochs:
        console.print(
            f"stopped in epoch {state.epoch + 1}; continue with: adjoint train digits --resume {place}"
        )
    if not report.can_draw():
        console.print("no pictures: matplotlib is not installed (pip install 'adjoint[plot]')")
    console.print(f"run folder: {place}", soft_wrap=True)
    console.print(f"test accuracy: {100 * result:.1f} %")


def _learn(
    options: Options,
    state: State,
    place: Path,
    digits: Digits,
    seconds: list[float],
    stop: Stop,
    console: Console,
) -> None:
    columns = (
        TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[shown]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("train", total=options.epochs, completed=state.epoch, shown="")
        done, began = len(state.rows), time.perf_counter()
        for _ in steps(state, options, digits):
            if len(state.rows) > done:
                done, now = len(state.rows), time.perf_counter()
                seconds.append(now - began)
                began = now
                row = state.rows[-1]
                shown = f"loss {row[1]:.4f}  train {100 * row[2]:.1f} %  test {100 * row[4]:.1f} %"
                progress.update(task, completed=state.epoch, shown=shown)
                if not console.is_terminal and (done % max(1, options.epochs // 10) == 0 or done == 1):
                    console.print(f"epoch {row[0]:3d}  {shown}")
                run_folder.save(place, state, options, seconds)
            if stop.asked:
                return


def checked_gradient(options: Options, digits: Digits) -> str:
    """Check the gradient at the initial point, on a few images; the verdict as a line."""
    images, labels = digits.train_images[:8], digits.train_labels[:8]
    model = start(options).model
    try:
        report_ = check_grads(lambda m: loss(m, images, labels)[0], model, order=1, modes=("rev",))
    except CheckError as error:
        raise CheckError(
            "the gradient at the initial point was checked", error.received, error.remedy
        ) from None
    return f"gradient check: passed (worst relative error {report_.worst:.1e})"
