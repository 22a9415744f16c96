"""What one sees of a run: a live progress bar in a terminal, a line an epoch elsewhere."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from .training import State

Show = Callable[[State], None]


@contextmanager
def watching(first: State, epochs: int, steps: int) -> Generator[Show]:
    """While the block runs, the function that it is given shows how far a run of so many epochs is.

    `steps` is their number in an epoch; `first` is the state that the run starts from.
    """
    console = Console()
    if console.is_interactive and console.file.isatty():
        with _bar(console) as progress:
            task = progress.add_task("", total=epochs * steps, epoch="", found="")

            def show(state: State) -> None:
                at = state.epoch * steps + state.batch
                epoch = f"epoch {min(state.epoch + 1, epochs)}/{epochs}"
                progress.update(task, completed=at, epoch=epoch, found=_found(state))

            show(first)
            yield show
        return
    seen = len(first.rows)

    def tell(state: State) -> None:
        nonlocal seen
        if len(state.rows) > seen:
            seen = len(state.rows)
            typer.echo(f"epoch {state.epoch:{len(str(epochs))}d}/{epochs}  {_found(state)}")

    yield tell


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.fields[epoch]}"),
        BarColumn(bar_width=16),  # all of it fits 80 columns
        TextColumn("{task.fields[found]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
    )


def _found(state: State) -> str:
    """Loss and accuracy in the last whole epoch."""
    if not state.rows:
        return ""
    _, loss, train, _, test, *_ = state.rows[-1]
    return f"loss {loss:.4f}  train {100 * train:.1f} %  test {100 * test:.1f} %"
