"""Whole Jacobians and Hessians: `jacfwd`, `jacrev`, `jacobian`, `hessian`.

A Jacobian is what all unit directions give at once: the function runs once, and the directions go
through it as one batch. It has a leaf for each pair of an output's leaf and an input's leaf, shaped
as the output followed by the input: entry [i, j] is d y_i / d x_j.
"""

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.traced import Traced
from ..core.avals import Aval, aval_of
from ..core.primitive import Tracer
from ..core.program import Program
from ..core.trace import unswallowed
from ..errors import ArgumentError, DtypeError
from ..primitives.structure import broadcast, ones, permute, reshape
from ..transforms.batch import BatchTrace
from ..transforms.transpose import transpose
from ..transforms.watching import evaluator, watching
from .arguments import Argnames, Argnums, Chosen, Function, checked, choose, outputs, split_aux
from .derivatives import linearized, own_array, pushed_forward, zero_of
from .following import run, settled
from .reverse import Recording


def jacfwd(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The Jacobian, by columns, forward: for functions with fewer inputs than outputs.

        J[i, j] = dy_i / dx_j,    column j = J e_j

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.
        argnums: position of the argument to differentiate, or a tuple of them.
        argnames: the same by name.
        has_aux: the function returns `(output, aux)`; the Jacobian comes as `(jacobian, aux)`.
        holomorphic: complex inputs are asked for; their function is complex-differentiable.

    Returns:
        A function of the same arguments. Its result is the output's container with, at each leaf, the
        chosen arguments' container of arrays of shape `output.shape + input.shape`.

    Raises:
        DtypeError: an input is an integer, or complex without `holomorphic=True`.
        ContainerError, ArgumentError: as `grad`.

    >>> jacfwd(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> jacfwd(lambda p: {"y": p["w"] * p["x"]})({"w": 2.0, "x": np.array([1.0, 3.0])})
    {'y': {'w': array([1., 3.]), 'x': array([[2., 0.],
           [0., 2.]])}}
    """
    checked("jacfwd", function)

    @wraps(function)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        chosen = choose("jacfwd", function, args, kwargs, argnums, argnames)
        avals = [aval_of(leaf) for leaf in chosen.leaves]
        for aval in avals:
            _check_field("jacfwd", "input", aval, holomorphic)
        batch = BatchTrace(Traced, sum(aval.size for aval in avals))
        try:
            moves = [batch.lift(unit) for unit in units(avals)]
            _, structure, pushed, aux = pushed_forward("jacfwd", function, chosen, moves, has_aux)
        finally:
            batch.closed = True
        shapes = [aval.shape for aval in avals]
        rows = [_split_columns(whole(batch, t), shapes) for t in pushed]
        found = _nested(chosen, structure, rows)
        return (found, aux) if has_aux else found

    return jacobian_of


def jacrev(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The Jacobian, by rows, in reverse: for functions with fewer outputs than inputs.

        J[i, j] = dy_i / dx_j,    row i = e_i^T J

    Arguments, result and errors are those of `jacfwd`; here complex inputs of a real output are
    taken (by the convention of `grad`), and a complex output needs `holomorphic=True`.

    >>> jacrev(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> jacrev(lambda x, y: x * y, argnums=(0, 1))(3.0, np.array([1.0, 2.0]))
    (array([1., 2.]), array([[3., 0.],
           [0., 3.]]))
    """
    checked("jacrev", function)

    @wraps(function)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        chosen = choose("jacrev", function, args, kwargs, argnums, argnames)
        recording = Recording(chosen.leaves, keep=False)
        aux = None
        try:
            new_args, new_kwargs = chosen.rebuild(recording.inputs)
            result = run(function, *new_args, **new_kwargs)
            unswallowed(recording.trace)
            if has_aux:
                result, aux = split_aux("jacrev", result)
                aux = trees.map_leaves(lambda v: settled(recording.lower(v)[0]), aux)
            leaves, structure = outputs("jacrev", result)
        finally:
            recording.close()
        found = _nested(chosen, structure, _rows(recording, leaves, holomorphic))
        return (found, aux) if has_aux else found

    return jacobian_of


def _rows(recording: Recording, leaves: list[Any], holomorphic: bool) -> list[list[Any]]:
    """For each leaf of the output, its Jacobian in each leaf of the input."""
    pairs = [recording.lower(leaf) for leaf in leaves]
    avals = [aval_of(value) for value, _ in pairs]
    for aval in avals:
        _check_field("jacrev", "output", aval, holomorphic)
    count = sum(aval.size for aval in avals)
    inputs = [aval_of(box.value) for box in recording.inputs]
    if count == 1:  # one row needs no batch
        roots = [(node, ones(aval)) for (_, node), aval in zip(pairs, avals, strict=True) if aval.size]
        columns = [_reshaped(v, (1, *aval_of(v).shape)) for v in recording.pull(roots, release=True)]
    else:
        batch = BatchTrace(Traced, count)
        try:
            lifted = [batch.lift(unit) for unit in units(avals)]
            roots = [(node, ct) for (_, node), ct in zip(pairs, lifted, strict=True)]
            columns = [whole(batch, v) for v in recording.pull(roots, release=True)]
        finally:
            batch.closed = True
    return _split_rows(columns, [a.shape for a in avals], [a.shape for a in inputs])


def jacobian(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
) -> Function:
    """The Jacobian, by columns or by rows, whichever are fewer.

        J[i, j] = dy_i / dx_j

    The function is linearised once; of the linear Program that this leaves, either all columns are
    computed (no more inputs than outputs) or, transposed, all rows. Arguments, result and errors are
    those of `jacfwd`.

    >>> jacobian(lambda x: np.sum(x) * x)(np.array([1.0, 2.0]))
    array([[4., 1.],
           [2., 5.]])
    """
    checked("jacobian", function)

    @wraps(function)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        chosen = choose("jacobian", function, args, kwargs, argnums, argnames)
        inputs = [aval_of(leaf) for leaf in chosen.leaves]
        leaves, structure, program, aux = linearized("jacobian", function, chosen, has_aux)
        results = [aval_of(leaf) for leaf in leaves]
        for aval in (*inputs, *results):
            _check_field("jacobian", "input or output", aval, holomorphic)
        columns, rows = sum(a.size for a in inputs), sum(a.size for a in results)
        forward = columns <= rows or watching() is not None  # the steps of the Program are looked at
        table = _by_columns(program, inputs) if forward else _by_rows(program, inputs, results)
        found = _nested(chosen, structure, table)
        return (found, aux) if has_aux else found

    return jacobian_of


def _by_columns(program: Program, inputs: Sequence[Aval]) -> list[list[Any]]:
    batch = BatchTrace(Traced, sum(a.size for a in inputs))
    try:
        pushed = evaluator(program)(*(batch.lift(unit) for unit in units(inputs)))
        return [_split_columns(whole(batch, t), [a.shape for a in inputs]) for t in pushed]
    finally:
        batch.closed = True


def _by_rows(program: Program, inputs: Sequence[Aval], results: Sequence[Aval]) -> list[list[Any]]:
    batch = BatchTrace(Traced, sum(a.size for a in results))
    try:
        lifted = [batch.lift(unit) for unit in units(results)]
        found = transpose(program, [True] * len(inputs), [], lifted)
        pulled = [zero_of(a) if ct is None else ct for ct, a in zip(found, inputs, strict=True)]
        columns = [whole(batch, ct) for ct in pulled]
    finally:
        batch.closed = True
    return _split_rows(columns, [a.shape for a in results], [a.shape for a in inputs])


def hessian(
    function: Function,
    argnums: Argnums = 0,
    argnames: Argnames = None,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    mode: str = "fwd-rev",
) -> Function:
    """The Hessian: all second derivatives.

        H[i, j] = d^2 f / dx_i dx_j

    Args:
        function: takes arrays or containers of arrays, returns one number (or arrays, and then each
            of their elements has its Hessian).
        argnums: position of the argument to differentiate, or a tuple of them.
        argnames: the same by name.
        has_aux: the function returns `(number, aux)`; the Hessian comes as `(hessian, aux)`.
        holomorphic: complex inputs are asked for; their function is complex-differentiable.
        mode: "fwd-rev" is `jacfwd(jacrev(f))`, most often the fastest; "rev-rev" is
            `jacrev(jacrev(f))`.

    Returns:
        A function of the same arguments. For containers, the outer container is the first
        derivative's and the inner one the second's.

    Raises:
        ArgumentError: there is no such mode. All else as `jacfwd` and `jacrev`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    outer = {"fwd-rev": jacfwd, "rev-rev": jacrev}.get(mode)
    if outer is None:
        raise ArgumentError("hessian in a known mode", f"mode={mode!r}", "Use 'fwd-rev' or 'rev-rev'.")
    first = jacrev(function, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)
    return outer(first, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)


# --- parts -------------------------------------------------------------------------------------


def units(avals: Sequence[Aval]) -> list[Any]:
    """All unit vectors of the space that these arrays span, each array's part with the batch first."""
    total = sum(aval.size for aval in avals)
    found: list[Any] = []
    start = 0
    for aval in avals:
        part = np.eye(total, aval.size, -start, dtype=aval.dtype)
        found.append(part.reshape(total, *aval.shape))
        start += aval.size
    return found


def whole(batch: BatchTrace, value: Any) -> Any:
    """The whole batch of what may not depend on it."""
    if isinstance(value, Tracer) and value.owner is batch:
        return value.value
    return broadcast(value, shape=(batch.size, *aval_of(value).shape))


def _reshaped(value: Any, shape: tuple[int, ...]) -> Any:
    out = settled(value if aval_of(value).shape == shape else reshape(value, shape=shape))
    if isinstance(out, Tracer):
        return out
    return own_array(np.asarray(out)) if shape else np.asarray(out)[()]


def _split_columns(batch: Any, inputs: Sequence[tuple[int, ...]]) -> list[Any]:
    """The tangents of one output for all units, as its Jacobian in each input."""
    ndim = aval_of(batch).ndim
    turned = permute(batch, axes=(*range(1, ndim), 0)) if ndim > 1 else batch
    shape = aval_of(turned).shape[:-1]
    found: list[Any] = []
    start = 0
    for own in inputs:
        size = int(np.prod(own))
        found.append(_reshaped(turned[..., start : start + size], (*shape, *own)))
        start += size
    return found


def _split_rows(
    columns: Sequence[Any], results: Sequence[tuple[int, ...]], inputs: Sequence[tuple[int, ...]]
) -> list[list[Any]]:
    """The cotangents of all inputs for all units, as the Jacobian of each output in each input."""
    table: list[list[Any]] = []
    start = 0
    for shape in results:
        size = int(np.prod(shape))
        table.append(
            [
                _reshaped(c[start : start + size], (*shape, *own))
                for c, own in zip(columns, inputs, strict=True)
            ]
        )
        start += size
    return table


def _nested(chosen: Chosen, structure: trees.Structure, table: Sequence[Sequence[Any]]) -> Any:
    """The output's container with the input's container at each leaf."""
    return trees.unflatten(structure, [chosen.restore(row) for row in table])


def _check_field(asked: str, what: str, aval: Aval, holomorphic: bool) -> None:
    if dtypes.is_complex(aval.dtype) and not holomorphic:
        raise DtypeError(
            f"{asked} needs real numbers",
            f"an {what} of dtype {aval.dtype}",
            "Say holomorphic=True, or take real and imaginary parts.",
        )
    if holomorphic and not dtypes.is_complex(aval.dtype):
        raise DtypeError(
            f"{asked} with holomorphic=True needs complex numbers",
            f"an {what} of dtype {aval.dtype}",
            "Write x.astype(complex).",
        )
