"""`jit`: a function staged once for each signature, simplified, written as NumPy source, and run as that."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from .. import trees
from ..backends.source import PRIVATE, written
from ..control.structured import closed
from ..core.avals import Aval, aval_of, describe
from ..core.lines import tracing_lines
from ..core.primitive import Tracer
from ..core.program import Program
from ..errors import ArgumentError
from ..passes import simplify
from .arguments import Function, checked, is_array
from .compile import TracedFunction, trace
from .following import run

_KEPT = 128
"""Signatures of one function that are kept; the one used longest ago goes first."""
_PYTHON = (bool, int, float, complex)


class Static:
    """A value that is part of a signature, whatever it is: compared, and not looked into."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Static) and type(self.value) is type(other.value) and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


def jit(
    function: Function | None = None,
    *,
    backend: str = "numpy",
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
) -> Function:
    """The same function, compiled: staged once for each signature, simplified, and run as the source written.

    A signature is the shape and dtype of every array, the containers that they come in, and the value of all
    else: Python's integers, strings and truth values are fixed in what is compiled, floats are not. What the
    function reads from around it (globals, closures) is taken as it is at the first call of a signature.
    Compiled code gives no warnings of overflows or divisions; its results share no memory with its arguments.

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays. Without one,
            a decorator is returned.
        backend: `"numpy"` runs the NumPy source that `adjoint.source` shows.
        static_argnums: positions of arguments whose value is part of the signature as a whole.
        static_argnames: the same by name.

    Returns:
        A function of the same arguments. It can be differentiated, mapped, and compiled again, and is what
        it computes in a function that is compiled around it.

    Raises:
        ArgumentError: there is no such back end or argument, or a static value cannot be hashed.
        TraceError: the function asks for a number that is not known before it runs.

    >>> @jit
    ... def norm(x):
    ...     return np.sqrt(np.sum(x * x))
    >>> norm(np.array([3.0, 4.0]))
    np.float64(5.0)
    >>> adjoint.grad(norm)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    if backend != "numpy":
        raise ArgumentError('a back end: "numpy"', repr(backend), 'Write backend="numpy".')
    if function is None:
        return lambda f: jit(
            f, backend=backend, static_argnums=static_argnums, static_argnames=static_argnames
        )
    checked("jit", function)
    fixed = _static_names(function, static_argnums, static_argnames)
    known: OrderedDict[Any, _Compiled] = OrderedDict()

    @wraps(function)
    def compiled(*args: Any, **kwargs: Any) -> Any:
        if fixed is not None:
            args, kwargs = fixed(args, kwargs)
        leaves, structure = trees.flatten((args, kwargs))
        key = (structure, *map(_signature, leaves))
        found = known.get(key)
        if found is None:
            found = _Compiled(function, args, kwargs)
            if not found.captured:
                known[key] = found
                if len(known) > _KEPT:
                    known.popitem(last=False)
        else:
            known.move_to_end(key)
        return found([leaf for leaf in leaves if _is_operand(leaf)])

    return compiled


class _Compiled:
    """What one signature is compiled to; `captured` are traced values from around the function."""

    __slots__ = ("captured", "program", "run", "settle", "structure")

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        with tracing_lines():
            traced: TracedFunction = trace(_opened(function))(*args, **kwargs)
        self.program, self.captured = closed(traced.program)
        self.structure = traced.result
        self.settle = [_settler(a.aval) for a in self.program.outputs]
        self.run: Callable[..., Any] | None = None

    def __call__(self, operands: list[Any]) -> Any:
        """The results: by the written source on arrays, by the Program on traced values."""
        operands = [*self.captured, *operands]
        if any(isinstance(v, Tracer) for v in operands):
            return trees.unflatten(self.structure, self.program.evaluate(*operands))
        if self.run is None:
            self.run = written(simplify(self.program), PRIVATE)
        with np.errstate(all="ignore"):
            found = self.run(*operands)
        return trees.unflatten(
            self.structure,
            [v if make is None else make(v) for make, v in zip(self.settle, found, strict=True)],
        )


def _opened(function: Function) -> Function:
    """The function as it is called with static values in their boxes."""

    @wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        args = tuple(a.value if type(a) is Static else a for a in args)
        named = {k: a.value if type(a) is Static else a for k, a in kwargs.items()}
        return run(function, *args, **named)

    return plain


def _is_operand(leaf: Any) -> bool:
    return is_array(leaf) and not isinstance(leaf, int)


def _signature(leaf: Any) -> Any:
    """What compiled code depends on of an argument: its type, and how it lies in memory; else its value."""
    if type(leaf) is np.ndarray:
        flags = leaf.flags
        order = flags.c_contiguous + 2 * flags.f_contiguous
        return leaf.shape, leaf.dtype, order or leaf.strides
    if not _is_operand(leaf):
        try:
            hash(leaf)
        except TypeError as error:
            raise ArgumentError(
                "arguments of a compiled function that are arrays, containers of them, or can be hashed",
                describe(leaf),
                "Pass it as a tuple or a number, or take it from around the function.",
            ) from error
        return type(leaf), leaf
    aval = aval_of(leaf)
    return aval.shape, aval.dtype, aval.weak


def _settler(aval: Aval) -> Callable[[Any], Any] | None:
    """What makes a result of its type: a Python number, a NumPy number, an array."""
    if aval.shape:
        return None
    kind: Any = aval.dtype.type
    if aval.weak:
        return lambda v: v if type(v) in _PYTHON else v.item()
    return lambda v: v if type(v) is kind else kind(v)


def _static_names(function: Function, argnums: int | Sequence[int], argnames: str | Sequence[str]) -> Any:
    """What puts static arguments in boxes; None where there are none."""
    places = {argnums} if isinstance(argnums, int) else {*argnums}
    names = {argnames} if isinstance(argnames, str) else {*argnames}
    if not places and not names:
        return None
    parameters = list(signature(function).parameters)
    for place in places:
        if not -len(parameters) <= place < len(parameters):
            raise ArgumentError(
                "static_argnums are positions of arguments", f"{place}", f"There are {len(parameters)}."
            )
    unknown = names.difference(parameters)
    if unknown:
        raise ArgumentError(
            "static_argnames are names of arguments", ", ".join(sorted(unknown)), f"There are {parameters}."
        )
    names |= {parameters[place] for place in places}
    places = {parameters.index(name) for name in names}

    def boxed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        new = tuple(Static(a) if i in places else a for i, a in enumerate(args))
        return new, {k: Static(a) if k in names else a for k, a in kwargs.items()}

    return boxed


def program_of(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Program:
    """The simplified Program that a call compiles to."""
    with tracing_lines():
        return simplify(trace(function)(*args, **kwargs).program)
