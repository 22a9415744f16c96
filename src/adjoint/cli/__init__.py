"""The command line: `adjoint train digits`, `adjoint grad`, `adjoint check`, `adjoint trace`,
`adjoint source`.

Read `train_command` and `inspect_commands` first: they are the commands. Below them stand a run's `options`,
`training`, `folder`, `report`, `pictures` and `screen`, and the user's `functions`; `showing` shows errors.
"""

import sys
from typing import Annotated

import typer

from .inspect_commands import check_command, grad_command, trace_command
from .source_command import source_command
from .train_command import train_digits

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Derivatives of plain NumPy code, and a network that learns by them.",
)
train = typer.Typer(help="Train a network and watch it learn.")
train.command("digits")(train_digits)
app.add_typer(train, name="train")
app.command("grad")(grad_command)
app.command("check")(check_command)
app.command("trace")(trace_command)
app.command("source")(source_command)


@app.callback(invoke_without_command=True)
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Derivatives of plain NumPy code, and a network that learns by them."""
    if version:
        package = sys.modules[__name__.partition(".")[0]]  # an import of it from here would go up
        typer.echo(f"adjoint {vars(package)['__version__']}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@train.callback(invoke_without_command=True)
def train_top(context: typer.Context) -> None:
    """Train a network and watch it learn."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """The entry point of the `adjoint` command."""
    app(prog_name="adjoint")
