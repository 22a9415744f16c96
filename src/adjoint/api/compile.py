"""`trace`: a function becomes a Program that one can read, run and differentiate."""

from functools import wraps
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.traced import Traced
from ..core.avals import Aval, aval_of, describe
from ..core.primitive import Tracer
from ..core.program import Program
from ..core.trace import stage
from ..core.verify import verify
from ..errors import ContainerError, DtypeError, ShapeError
from ..primitives.promotion import to_dtype
from .arguments import Function, checked, hints, is_array, leaf_label, outputs
from .derivatives import function_name
from .following import run


class TracedFunction:
    """What `trace` gives: a Program with the containers that the function takes and returns.

    It prints as the Program's text; called on arguments like those it was traced for, it runs the
    Program; and it can be differentiated, mapped and traced like any function.

    >>> square = adjoint.trace(lambda x: x * x)(3.0)
    >>> square(5.0), adjoint.grad(square)(5.0)
    (25.0, 10.0)
    """

    def __init__(self, function: Function, program: Program, call: "_Call", result: trees.Structure) -> None:
        self.program = program
        self.result = result
        self._function, self._call = function, call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the Program on arguments of the types it was traced for."""
        values = self._call.operands(self._function, args, kwargs)
        return trees.unflatten(self.result, self.program.evaluate(*values))

    def text(self, *, lines: bool = False) -> str:
        """The Program's text; with `lines`, each equation with its place in the user's source."""
        return self.program.text(lines=lines)

    def __str__(self) -> str:
        return self.program.text()

    __repr__ = __str__


class _Call:
    """The arguments of the call that was traced: which leaves are inputs, and of what type."""

    __slots__ = ("avals", "constants", "inputs", "structure")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        leaves, self.structure = trees.flatten((args, kwargs))
        self.inputs = [_is_input(leaf) for leaf in leaves]
        self.avals = [aval_of(leaf) for leaf, taken in zip(leaves, self.inputs, strict=True) if taken]
        self.constants = [leaf for leaf, taken in zip(leaves, self.inputs, strict=True) if not taken]

    def rebuild(self, boxes: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call's arguments with these inputs."""
        supply, rest = iter(boxes), iter(self.constants)
        return trees.unflatten(self.structure, [next(supply if taken else rest) for taken in self.inputs])

    def operands(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """The inputs of another call, which must be like the first."""
        found = trees.flatten_as(self.structure, (args, kwargs))
        avals, constants = iter(self.avals), iter(self.constants)
        operands: list[Any] = []
        for number, (leaf, taken) in enumerate(zip(found, self.inputs, strict=True)):
            if taken:
                operands.append(_fitted(leaf, next(avals), lambda n=number: self.label(function, n)))
            elif type(leaf) is not type(constant := next(constants)) or leaf != constant:
                where = self.label(function, number)
                raise ContainerError(
                    f"a Program traced with {where} = {constant!r}, which it holds fixed",
                    describe(leaf),
                    "Trace the function again for another value.",
                )
        return operands

    def label(self, function: Function, leaf: int) -> str:
        """How an error names a leaf."""
        return leaf_label(function, self.structure.accessors()[leaf][1:])


def _is_input(leaf: Any) -> bool:
    """Arrays and floating numbers are inputs; Python's integers (counts, axes) and all else are fixed."""
    return is_array(leaf) and not isinstance(leaf, int)


def _fitted(value: Any, aval: Aval, label: Any) -> Any:
    """A value as an operand of this type."""
    if not is_array(value):
        raise ContainerError(f"a Program that takes {aval} as {label()}", describe(value), "Pass an array.")
    found = aval_of(value)
    asked = f"a Program traced for {label()} of type {aval}"
    if found.shape != aval.shape:
        raise ShapeError(asked, describe(value), "Trace the function again for this shape.")
    if found.dtype == aval.dtype and (found.weak == aval.weak or isinstance(value, Tracer)):
        return value
    widens = found.dtype.kind in "iu" and dtypes.is_inexact(aval.dtype)
    if not (widens or np.can_cast(found.dtype, aval.dtype, "safe")):
        raise DtypeError(asked, describe(value), "Trace the function again for this dtype.")
    return to_dtype(value, aval.dtype, aval.weak)


def trace(function: Function) -> Function:
    """The Program of a function, for arguments of given shapes and dtypes.

    The function runs once on values that have a shape and a dtype but no numbers, and what it does
    is recorded, each operation with the user's line. Loops over ranges are unrolled.

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.

    Returns:
        A function of the same arguments that gives a `TracedFunction`: `str()` of it is readable
        text, `.program` the Program, and it can be called, differentiated and mapped. Arrays and
        floats are the Program's inputs, named after the parameters; Python's integers, strings and
        everything else that is no array are fixed in it.

    Raises:
        TraceError: the function asks for a number (`if`, `while`, `float(...)`), with its line.
        ContainerError: it returns something else than arrays.

    >>> print(trace(lambda w, x: np.tanh(w @ x) * 2.0)(np.ones((2, 3)), np.ones(3)))
    def program(w: float64[2,3], x: float64[3]) -> float64[2]:
        a: float64[2] = matmul(w, x)
        b: float64[2] = tanh(a)
        c: float64[2] = multiply(b, 2.0)
        return c
    """
    checked("trace", function)

    @wraps(function)
    def traced(*args: Any, **kwargs: Any) -> TracedFunction:
        call = _Call(args, kwargs)
        given = call.operands(function, args, kwargs)
        shape: list[trees.Structure] = []

        def body(*boxes: Any) -> list[Any]:
            for box, value in zip(boxes, given, strict=True):
                box.lie_as(value.layout() if isinstance(value, Tracer) else np.asarray(value))
            new_args, new_kwargs = call.rebuild(boxes)
            leaves, structure = outputs("trace", run(function, *new_args, **new_kwargs))
            shape.append(structure)
            return leaves

        names = [n for n, taken in zip(hints(function, args, kwargs), call.inputs, strict=True) if taken]
        program = stage(
            body,
            call.avals,
            box=Traced,
            name=function_name(function, "program"),
            hints=names,
            record_lines=True,
        )
        return TracedFunction(function, verify(program), call, shape[0])

    return traced
