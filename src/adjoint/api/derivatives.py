"""Derivatives of functions: `grad`, `value_and_grad`, `vjp` in reverse; `jvp`, `linearize` forward; `hvp`.

Every one takes a function of arrays, or of containers of arrays, and runs it while recording: `if`,
`while`, `print` and a debugger work in it as in any Python. A result can be differentiated again.
"""

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.traced import Traced
from ..core.avals import Aval, aval_of, describe
from ..core.primitive import Tracer
from ..core.program import Program
from ..core.trace import stage, unswallowed
from ..errors import ArgumentError, ContainerError, DtypeError, ShapeError
from ..primitives.structure import zeros
from ..transforms.graph import Node
from ..transforms.watching import duals, evaluator
from .arguments import (
    Argnames,
    Argnums,
    Chosen,
    Directions,
    Function,
    checked,
    choose,
    choose_all,
    matched,
    outputs,
    sequence,
    split_aux,
)
from .following import run, settled
from .reverse import Recording

# --- reverse -----------------------------------------------------------------------------------


def grad(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The gradient of a function that returns one number.

        g_i = df / dx_i

    It costs a few times what the function itself costs, whatever the number of elements (one walk
    back). Each gradient has the shape and dtype of its argument; where the result does not depend on
    an argument it is zero. For a complex argument it is `df/da - i df/db` of x = a + ib: step against
    its conjugate to descend.

    Args:
        function: takes arrays or containers of arrays, returns one real number.
        argnums: position of the argument to differentiate, or a tuple of them; negative ones count
            from the end. A tuple gives a tuple of gradients.
        argnames: the same by name: a string, or a tuple of strings; by itself it replaces `argnums`.
        has_aux: the function returns `(number, aux)`; the gradient comes as `(gradient, aux)`.
        holomorphic: the function is complex-differentiable, and its result may be complex.

    Returns:
        A function of the same arguments. Containers come back as containers of gradients; integers
        in them are constants, with a warning, and have zeros.

    Raises:
        ShapeError: the result is not one number.
        DtypeError: the argument is an integer (write `3.0`), or the result is complex or boolean.
        ContainerError: the function returns something else than arrays.
        ArgumentError: there is no such argument.

    >>> grad(lambda x: x**2)(3.0)
    6.0
    >>> grad(lambda w, x: np.sum(w["scale"] * x))({"scale": 2.0}, np.array([1.0, 5.0]))
    {'scale': 6.0}
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(function, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)

    @wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The value of a function that returns one number, and its gradient, in one run.

        (f(x), df/dx)

    Arguments, edges and errors are those of `grad`.

    Returns:
        A function of the same arguments that gives `(value, gradient)`, and with `has_aux`
        `((value, aux), gradient)`.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    >>> value_and_grad(lambda x, y: (x * y, "notes"), argnums=(0, 1), has_aux=True)(3.0, 4.0)
    ((12.0, 'notes'), (4.0, 3.0))
    """
    return _value_and_grad("grad", function, argnums, argnames, has_aux, holomorphic)


def _value_and_grad(
    asked: str, function: Function, argnums: Argnums, argnames: Argnames, has_aux: bool, holomorphic: bool
) -> Function:
    """`value_and_grad`, under the name that errors give it."""
    checked(asked, function)

    @wraps(function)
    def both(*args: Any, **kwargs: Any) -> Any:
        chosen = choose(asked, function, args, kwargs, argnums, argnames)
        recording = Recording(chosen.leaves, keep=False)
        aux = None
        try:
            new_args, new_kwargs = chosen.rebuild(recording.inputs)
            result = run(function, *new_args, **new_kwargs)
            unswallowed(recording.trace)
            if has_aux:
                result, aux = split_aux(asked, result)
                aux = trees.map_leaves(lambda v: settled(recording.lower(v)[0]), aux)
        finally:
            recording.close()
        value, node = recording.lower(_scalar(asked, result, holomorphic))
        found = chosen.restore(recording.pull([(node, seed(value))], release=True))
        return ((value, aux) if has_aux else value), found

    return both


def seed(value: Any) -> Any:
    """The cotangent one."""
    return 1.0 if type(value) is float or type(value) is np.float64 else aval_of(value).dtype.type(1)


def _scalar(name: str, result: Any, holomorphic: bool) -> Any:
    """What a function returned whose gradient is asked for: one number."""
    asked = f"{name} needs a function that returns one number"
    result = settled(result)
    if not isinstance(result, Tracer):
        leaves, structure = outputs(name, result)
        if structure is not trees.LEAF:
            nothing = "Return the number." if result is None else "Return one of them, and the rest as aux."
            raise ContainerError(asked, describe(result), nothing)
        result = leaves[0]
    aval = aval_of(result)
    if aval.shape != ():
        raise ShapeError(asked, describe(result), "Return np.sum(...) of it, or use jacobian or vjp.")
    if aval.dtype.kind == "b":
        raise DtypeError(asked, describe(result), "An answer of yes or no has no derivative.")
    if dtypes.is_complex(aval.dtype) and not holomorphic:
        raise DtypeError(
            f"{name} needs a real result",
            describe(result),
            "Return its abs or real part" + ("." if name == "hvp" else ", or say holomorphic=True."),
        )
    return result


def vjp(function: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of a function, and its pullback: from a cotangent of the output to those of the inputs.

        y = f(x),    pullback(y_bar) = (y_bar^T J,)    with J = df/dx

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.
        primals: its arguments, of floating or complex dtype; they are copied, and may be changed after.
        has_aux: the function returns `(output, aux)`.

    Returns:
        `(value, pullback)`, or `(value, pullback, aux)`. The pullback takes a cotangent with the
        structure, shapes and dtypes of the output (numbers of a lesser kind are converted), gives a
        tuple with one cotangent for each primal, and can be called again and again.

    Raises:
        DtypeError: a primal is an integer, or a cotangent is complex where the output is real.
        ShapeError: a cotangent has another shape than the output.
        ContainerError: the function returns something else than arrays, or the structures differ.

    >>> y, pullback = vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> y, pullback(1.0), pullback(10.0)
    (12.0, (4.0, 3.0), (40.0, 30.0))
    """
    checked("vjp", function)
    _given("vjp(f, x)", primals)
    chosen = choose_all("vjp", function, primals)
    recording = Recording(chosen.leaves, keep=True)
    aux = None
    try:
        args, _ = chosen.rebuild(recording.inputs)
        result = run(function, *args)
        unswallowed(recording.trace)
        if has_aux:
            result, aux = split_aux("vjp", result)
            aux = trees.map_leaves(lambda v: _apart(settled(recording.lower(v)[0])), aux)
        leaves, structure = outputs("vjp", result)
    finally:
        recording.close()
    values, nodes, types = [], [], []
    for leaf in leaves:
        value, node = recording.lower(leaf)
        values.append(_apart(value))
        nodes.append(node)
        types.append(node or aval_of(value))

    def pullback(cotangents: Any) -> Any:
        cts = _cotangents(structure, types, cotangents)
        return chosen.restore(recording.pull(list(zip(nodes, cts, strict=True)), release=False))

    value = trees.unflatten(structure, values)
    return (value, pullback, aux) if has_aux else (value, pullback)


def _apart(value: Any) -> Any:
    """A copy of an array that the pullback may have saved: the caller is free to write into it."""
    if type(value) is np.ndarray:
        return value.copy()
    value = settled(value)
    return value.copy() if type(value) is np.ndarray else value


def _cotangents(structure: trees.Structure, outs: Sequence[Node | Aval], given: Any) -> list[Any]:
    """The cotangents that a pullback was given, as ones for outputs with these nodes or types."""
    if type(given) is np.ndarray and structure is trees.LEAF:  # the common case, without a detour
        out = outs[0]
        if given.shape == out.shape and given.dtype == out.dtype:
            return [given]
    avals = [out if isinstance(out, Aval) else out.aval for out in outs]
    return [
        matched("a pullback", lambda i=i: f"cotangent {i}", ct, aval)
        for i, (ct, aval) in enumerate(zip(trees.flatten_as(structure, given), avals, strict=True))
    ]


# --- forward -----------------------------------------------------------------------------------


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False) -> Any:
    """The value of a function, and its derivative along a direction, in one run forward.

        y = f(x),    y_dot = J x_dot    with J = df/dx

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.
        primals: the point: a tuple or list with every argument, of floating or complex dtype.
        tangents: the direction, with the primals' structure, shapes and dtypes (numbers of a lesser
            kind are converted).
        has_aux: the function returns `(output, aux)`.

    Returns:
        `(value, tangent)`, or `(value, tangent, aux)`; the tangent is shaped as the value, and zero
        where the value does not depend on the primals.

    Raises:
        DtypeError: a primal is an integer, or a tangent is complex where its primal is real.
        ShapeError: a tangent has another shape than its primal.
        ContainerError: primals or tangents are no tuple, or their structures differ.

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    return _jvp("jvp", function, primals, tangents, has_aux)


def _jvp(asked: str, function: Function, primals: Any, tangents: Any, has_aux: bool) -> Any:
    """`jvp`, under the name that errors give it."""
    checked(asked, function)
    args = sequence(asked, "primals", primals)
    _given(f"{asked}(f, (x,), (dx,))", args)
    chosen = choose_all(asked, function, args)
    moves = Directions(asked, function, args)(tangents)
    leaves, structure, pushed, aux = pushed_forward(asked, function, chosen, moves, has_aux)
    value = trees.unflatten(structure, leaves)
    given = {id(move) for move in moves}
    tangent = trees.unflatten(
        structure, [np.array(t) if id(t) in given and type(t) is np.ndarray else own_array(t) for t in pushed]
    )
    return (value, tangent, aux) if has_aux else (value, tangent)


def pushed_forward(
    asked: str, function: Function, chosen: Chosen, tangents: Sequence[Any], has_aux: bool
) -> tuple[list[Any], trees.Structure, list[Any], Any]:
    """One run forward: the output's leaves, their structure, their tangents, and what came beside them."""
    trace = duals(Traced)
    aux = None
    try:
        boxes = [trace.lift(v, t) for v, t in zip(chosen.leaves, tangents, strict=True)]
        args, kwargs = chosen.rebuild(boxes)
        result = run(function, *args, **kwargs)
        unswallowed(trace)
        if has_aux:
            result, aux = split_aux(asked, result)
            aux = trees.map_leaves(lambda v: settled(trace.lower(v)[0]), aux)
        leaves, structure = outputs(asked, result)
    finally:
        trace.closed = True
    pairs = [trace.lower(leaf) for leaf in leaves]
    pushed = [zero_of(aval_of(v)) if t is None else t for v, t in pairs]
    trace.ended([v for v, _ in pairs], pushed)
    return [settled(v) for v, _ in pairs], structure, pushed, aux


def zero_of(aval: Aval) -> Any:
    """The zero tangent of a value, as an array that is the caller's own."""
    return np.zeros(aval.shape, aval.dtype) if aval.shape else zeros(aval)


def own_array(value: Any) -> Any:
    """The value as an array that the caller may write into, where it is plain."""
    value = settled(value)
    if type(value) is np.ndarray and (value.base is not None or not value.flags.writeable):
        return value.copy()
    return value


def linearize(function: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of a function, and its derivative at that point as a linear function, computed once.

        y = f(x),    f_jvp(x_dot) = J x_dot    with J = df/dx at x

    The function runs once, on numbers: `if` and `while` follow its values. What of its derivative
    depends on the point is computed then, and only the linear rest is recorded, as a Program.

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.
        primals: its arguments, of floating or complex dtype.
        has_aux: the function returns `(output, aux)`.

    Returns:
        `(value, f_jvp)`, or `(value, f_jvp, aux)`. `f_jvp` takes one tangent for each primal and gives
        the output's; it can be called again and again, and be differentiated.

    Raises:
        DtypeError, ShapeError, ContainerError: as `jvp`, for primals now and tangents later.

    >>> y, f_jvp = linearize(lambda x, y: x * y, 3.0, 4.0)
    >>> y, f_jvp(1.0, 0.0), f_jvp(0.0, 1.0)
    (12.0, 4.0, 3.0)
    """
    checked("linearize", function)
    _given("linearize(f, x)", primals)
    chosen = choose_all("linearize", function, primals)
    leaves, structure, program, aux = linearized("linearize", function, chosen, has_aux)
    directions, evaluate = Directions("a linearized function", function, primals), evaluator(program)

    def f_jvp(*tangents: Any) -> Any:
        pushed = evaluate(*directions(tangents))
        return trees.unflatten(structure, [own_array(t) for t in pushed])

    value = trees.unflatten(structure, leaves)
    return (value, f_jvp, aux) if has_aux else (value, f_jvp)


def linearized(
    asked: str, function: Function, chosen: Chosen, has_aux: bool
) -> tuple[list[Any], trees.Structure, Program, Any]:
    """The output's leaves and structure, the Program from tangents to tangents, and what came beside.

    The stage is the older trace, the duals the newer one: values are computed, tangents recorded.
    """
    found: list[Any] = []

    def tangent_map(*moves: Any) -> list[Any]:
        leaves, structure, pushed, aux = pushed_forward(asked, function, chosen, moves, has_aux)
        found[:] = leaves, structure, aux
        return pushed

    avals = [aval_of(v) for v in chosen.leaves]
    program = stage(tangent_map, avals, box=Traced, name=f"{function_name(function, 'f')}_jvp")
    return found[0], found[1], program.without_dead(), found[2]


def hvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False) -> Any:
    """The Hessian of a function times a vector, without the Hessian: forward over reverse.

        (d/dt) grad f(x + t v)  at t = 0,   which is   H v

    It costs a few times the gradient, whatever the number of elements.

    Args:
        function: takes arrays or containers of arrays, returns one real number.
        primals: the point: a tuple or list with every argument.
        tangents: the vector v, with the primals' structure, shapes and dtypes.
        has_aux: the function returns `(number, aux)`.

    Returns:
        H v, as the argument where there is one, as a tuple where there are several; with `has_aux`
        `(H v, aux)`.

    Raises:
        ShapeError, DtypeError, ContainerError: as `grad` and `jvp`.

    >>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    array([6., 0.])
    """
    checked("hvp", function)
    args = sequence("hvp", "primals", primals)
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    both = _value_and_grad("hvp", function, argnums, None, has_aux, False)

    @wraps(function)
    def gradient(*points: Any) -> Any:
        value, found = both(*points)
        return (found, value[1]) if has_aux else found

    found = _jvp("hvp", gradient, args, tangents, has_aux)
    return found[1:] if has_aux else found[1]


def _given(usage: str, primals: Sequence[Any]) -> None:
    """Refuse a derivative at no point."""
    if not primals:
        raise ArgumentError(
            f"{usage.partition('(')[0]} of a function, at a point", "no arguments", f"Give them: {usage}."
        )


def function_name(function: Function, otherwise: str) -> str:
    """A name for the Program of a function; what wraps a function is not it, and has no name of its own."""
    name = getattr(function, "__name__", otherwise)
    return name if name.isidentifier() and getattr(function, "__wrapped__", None) is None else otherwise
