"""`adjoint grad`, `adjoint check` and `adjoint trace`: derivatives of a function in the user's file."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
import typer

from .. import trees
from ..api.compile import trace
from ..api.jacobians import jacfwd, jacrev
from ..diagnose import examine
from ..errors import ArgumentError, ContainerError
from .functions import Function, arguments, file_of, load, names
from .showing import told_plainly

Place = Annotated[str, typer.Argument(metavar="FILE.py:function", help="The file, and the function in it.")]
At = Annotated[
    list[str],
    typer.Option(
        "--at",
        metavar="VALUES",
        help="The point: numbers like 1.0,2.0 or an array file x.npy. Once for each argument; numbers for a "
        "function of as many arguments are one each.",
    ),
]


class Mode(StrEnum):
    """Forward mode or reverse mode."""

    fwd = "fwd"
    rev = "rev"


def grad_command(
    place: Place,
    at: At,
    mode: Annotated[Mode, typer.Option(help="Forward or reverse mode.")] = Mode.rev,
    order: Annotated[
        int, typer.Option(help="1 for the gradient (the Jacobian of an array), 2 for the Hessian, ...")
    ] = 1,
) -> None:
    """Print the derivative of a function at a point: its gradient, or its Jacobian.

    Row i, column j of a Jacobian is the derivative of output i by input j.
    """
    with told_plainly(file_of(place)):
        _require_order(order)
        function = load(place)
        point = arguments(function, at)
        found = derivative(function, len(point), mode, order)(*point)
        if not trees.leaves(found):
            raise ContainerError(
                f"{place} was asked for its derivative",
                "a function that returns nothing",
                "Return the number.",
            )
        for line in _lines(found, names(function, len(point)), order):
            typer.echo(line)


def check_command(
    place: Place,
    at: At,
    order: Annotated[int, typer.Option(help="Derivatives up to this order are checked.")] = 2,
) -> None:
    """Check derivatives of a function, in both modes, against differences; exit status 1 if they differ."""
    with told_plainly(file_of(place)):
        _require_order(order)
        function = load(place)
        report = examine(function, *arguments(function, at), order=order)
        typer.echo(str(report))
        if not report.passed:
            raise report.error()


def trace_command(place: Place, at: At) -> None:
    """Print a function as a Program: typed equations, each with its line in the file."""
    with told_plainly(file_of(place)):
        function = load(place)
        typer.echo(trace(function)(*arguments(function, at)).text(lines=True))


def _require_order(order: int) -> None:
    if order < 1:
        raise ArgumentError("--order counts derivatives, from 1", f"--order {order}", "Write --order 1.")


def derivative(function: Function, count: int, mode: Mode, order: int) -> Function:
    """The derivative of this order in all of so many arguments: gradient or Jacobian, Hessian, and so on."""
    jacobian = jacfwd if mode is Mode.fwd else jacrev
    result = function
    for _ in range(order):
        result = jacobian(result, argnums=tuple(range(count)) if count > 1 else 0)
    return result


def _lines(found: Any, arguments: list[str], order: int) -> list[str]:
    """A derivative as text: each part under the output's place in its container and the arguments' names."""
    leaves, structure = trees.flatten((found,))
    depth = order if len(arguments) > 1 else 0
    lines: list[str] = []
    for leaf, accessor in zip(leaves, structure.accessors(), strict=True):
        path = accessor[1:]
        split = len(path) - depth
        parts = [path[:split].codify("output")] if split else []
        parts += [arguments[entry.entry] for entry in path[split:]]
        label = f"{', '.join(parts)}: " if parts else ""
        lines.append(label + _text(leaf, label))
    return lines


def _text(value: Any, label: str) -> str:
    """All of an array, in as few digits as give it back exactly, its lines below one another."""
    array = np.asarray(value)
    if not array.shape:
        return str(array[()])
    return np.array2string(
        array, separator=", ", floatmode="unique", threshold=sys.maxsize, max_line_width=100, prefix=label
    )
