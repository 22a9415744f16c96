"""The command line: `adjoint train digits`, `adjoint grad`, `adjoint check`, `adjoint trace`."""

import typer

from .inspect_commands import check_command, grad_command, trace_command
from .train_command import train_digits

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Derivatives of plain NumPy code: a derivative is a program.",
)  # fmt: skip
train = typer.Typer(no_args_is_help=True, help="Train a network and watch it learn.")
train.command("digits")(train_digits)
app.add_typer(train, name="train")
app.command("grad")(grad_command)
app.command("check")(check_command)
app.command("trace")(trace_command)


def main() -> None:
    """The entry point of the `adjoint` command."""
    app()
