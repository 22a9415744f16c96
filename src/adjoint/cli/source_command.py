"""`adjoint source`: a derivative of a function in the user's file, as a module that imports NumPy alone."""

from collections.abc import Callable
from enum import StrEnum
from inspect import Parameter, Signature
from typing import Annotated, Any

import numpy as np
import typer

from ..api.derivatives import grad, jvp, value_and_grad, vjp
from ..api.jacobians import hessian, jacrev
from ..api.writing import source
from .functions import Function, arguments, file_of, load, names
from .inspect_commands import At, Place
from .showing import told_plainly


class Of(StrEnum):
    """What is written of a function."""

    itself = "value"
    grad = "grad"
    value_and_grad = "value_and_grad"
    jacobian = "jacobian"
    hessian = "hessian"
    jvp = "jvp"
    vjp = "vjp"


def source_command(
    place: Place,
    at: At,
    of: Annotated[
        Of, typer.Option("--of", help="What to write: the function's value, or one of its derivatives.")
    ] = Of.grad,
) -> None:
    """Print a derivative of a function as a Python module that needs NumPy alone.

    The point says for which shapes; the module's last function takes any numbers of these shapes.
    """
    with told_plainly(file_of(place)):
        function = load(place)
        point = arguments(function, at)
        derivative, operands = derivative_of(of, function, point)
        typer.echo(source(derivative, *operands), nl=False)


def derivative_of(of: Of, function: Function, point: list[Any]) -> tuple[Function, list[Any]]:
    """The function that is to be written, and arguments like those it takes."""
    known = names(function, len(point))
    chosen = tuple(range(len(point))) if len(point) > 1 else 0
    count = len(point)
    plain: dict[Of, Callable[[], Function]] = {
        Of.itself: lambda: function,
        Of.grad: lambda: grad(function, argnums=chosen),
        Of.value_and_grad: lambda: value_and_grad(function, argnums=chosen),
        Of.jacobian: lambda: jacrev(function, argnums=chosen),
        Of.hessian: lambda: hessian(function, argnums=chosen),
    }
    if of in plain:
        return _called(plain[of](), function, of, known), point
    if of is Of.jvp:

        def pushed(*args: Any) -> Any:
            return jvp(function, args[:count], args[count:])

        moves = [np.ones_like(x) if np.ndim(x) else 1.0 for x in point]
        return _called(pushed, function, of, [*known, *(f"{n}_dot" for n in known)]), [*point, *moves]

    def pulled(*args: Any) -> Any:
        value, pull = vjp(function, *args[:count])
        found = pull(args[count])
        return value, found[0] if count == 1 else found

    value = function(*point)
    return _called(pulled, function, of, [*known, "bar"]), [*point, np.ones_like(value)[()]]


def _called(derivative: Function, function: Function, of: Of, parameters: list[str]) -> Function:
    """A derivative with a name and with names for what it takes."""

    def written(*args: Any) -> Any:
        return derivative(*args)

    own = getattr(function, "__name__", "function")
    written.__name__ = own if of is Of.itself else f"{own}_{of.value}"
    listed = [Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in parameters if n.isidentifier()]
    if len(listed) == len(parameters):
        vars(written)["__signature__"] = Signature(listed)
    return written
