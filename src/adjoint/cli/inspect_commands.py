"""`adjoint grad`, `adjoint check` and `adjoint trace`: derivatives of a function in the user's file."""

from enum import Enum
from typing import Annotated, Any

import numpy as np
import typer

from ..api.compile import trace
from ..api.jacobians import jacfwd, jacrev
from ..diagnose import check_grads
from ..errors import ArgumentError
from .functions import arguments, load, shown_plainly

Place = Annotated[str, typer.Argument(metavar="FILE.py:function", help="Where the function stands.")]
At = Annotated[
    list[str],
    typer.Option("--at", help="Numbers like 1.0,2.0, or an array file x.npy; once for each argument."),
]


class Mode(str, Enum):
    """Forward mode or reverse mode."""

    fwd = "fwd"
    rev = "rev"


def derivative(function: Any, arguments_at: list[Any], mode: Mode, order: int) -> Any:
    """The derivative of this order at the point: gradient or Jacobian, Hessian, and so on."""
    if order < 1:
        raise ArgumentError(
            "an order of derivative was asked for", f"--order {order}", "Orders count from 1."
        )
    argnums = tuple(range(len(arguments_at))) if len(arguments_at) > 1 else 0
    jacobian = jacfwd if mode is Mode.fwd else jacrev
    result = function
    for _ in range(order):
        result = jacobian(result, argnums=argnums)
    return result(*arguments_at)


def grad_command(
    place: Place,
    at: At,
    mode: Annotated[Mode, typer.Option(help="Forward or reverse.")] = Mode.rev,
    order: Annotated[int, typer.Option(help="1: gradient or Jacobian, 2: Hessian, ...")] = 1,
) -> None:
    """Print the derivative of a function at a point."""
    with shown_plainly():
        function = load(place)
        point = arguments(function, at)
        found = derivative(function, point, mode, order)
        if len(point) == 1:
            typer.echo(_text(found))
        else:
            for i, part in enumerate(found):
                typer.echo(f"argument {i}: {_text(part)}")


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "(" + ", ".join(_text(v) for v in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_text(v)}" for k, v in value.items()) + "}"
    return np.array2string(np.asarray(value), separator=", ")


def check_command(
    place: Place, at: At, order: Annotated[int, typer.Option(help="Up to which order.")] = 2
) -> None:
    """Check the derivatives of a function against differences; the exit status says what came out."""
    with shown_plainly():
        function = load(place)
        typer.echo(str(check_grads(function, *arguments(function, at), order=order)))


def trace_command(place: Place, at: At) -> None:
    """Print the function as a Program: typed equations, each with its line."""
    with shown_plainly():
        function = load(place)
        typer.echo(trace(function)(*arguments(function, at)).text(lines=True))
