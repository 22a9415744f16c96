"""`vmap`: a function of one example becomes a function of a batch of them, without a loop."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from .. import trees
from ..array.traced import Traced
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..core.trace import unswallowed
from ..errors import ArgumentError, ContainerError, ShapeError
from ..primitives.structure import permute
from ..transforms.batch import BatchTrace
from ..transforms.watching import batch as batch_trace
from .arguments import Function, checked, is_array, leaf_label, outputs
from .derivatives import own_array
from .following import run
from .jacobians import whole


def vmap(function: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    """The function applied to every example of a batch, all at once.

        vmap(f)(xs)[k] = f(xs[k])

    Inside, the function sees one example: the mapped axis is gone. Every operation is done on all
    examples together, so there is no loop. `vmap` nests, and mixes with every derivative:
    `vmap(grad(f))` is the gradient of each example.

    Args:
        function: takes arrays or containers of arrays, returns arrays or containers of arrays.
        in_axes: the axis to map over, for all arguments or one for each in a tuple; negative ones
            count from the end, None passes the argument whole to every example. In place of an
            argument that is a container, a container of axes. Keyword arguments map over axis 0.
        out_axes: where the results have the batch: one axis, or a container of axes like the result;
            None for what is the same for every example, and given once.

    Returns:
        A function of the same arguments with one more axis.

    Raises:
        ShapeError: batch sizes differ, or an argument has no such axis.
        ArgumentError: nothing is mapped over, or `out_axes=None` for what differs between examples.
        ContainerError: `in_axes` or `out_axes` do not fit the containers.
        TraceError: `if`, `while` or `float(...)` on a value that differs between examples: use
            `np.where`.

    >>> vmap(lambda x, y: x @ y)(np.ones((3, 2)), np.ones((3, 2)))
    array([2., 2., 2.])
    >>> vmap(lambda w, x: w * x, in_axes=(None, 0))(2.0, np.array([1.0, 5.0]))
    array([ 2., 10.])
    """
    checked("vmap", function)

    @wraps(function)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = _argument_axes(in_axes, args) + [0] * len(trees.leaves(kwargs))
        leaves, structure = trees.flatten((*args, kwargs) if kwargs else args)
        positional = len(args)

        def label(leaf: int) -> str:
            accessor = structure.accessors()[leaf]
            return leaf_label(function, accessor[1:] if accessor[0].entry == positional else accessor)

        found, size = _batch_size(leaves, axes, label)
        batch = batch_trace(Traced, size)
        try:
            boxes = [
                leaf if axis is None else batch.lift(moved(leaf, axis, 0))
                for leaf, axis in zip(leaves, found, strict=True)
            ]
            given = trees.unflatten(structure, boxes)
            result = run(function, *given[:-1], **given[-1]) if kwargs else run(function, *given)
            unswallowed(batch)
            results, shape = outputs("vmap", result)
            batch.ended(results)
            wanted = _leaf_axes("out_axes", out_axes, result)
            arrays = [_unbatched(batch, r, axis) for r, axis in zip(results, wanted, strict=True)]
        finally:
            batch.closed = True
        return trees.unflatten(shape, arrays)

    return mapped


def _argument_axes(in_axes: Any, args: tuple[Any, ...]) -> list[int | None]:
    """The axis of each leaf of the positional arguments."""
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise ArgumentError(
            f"vmap with in_axes={in_axes!r}",
            f"{len(args)} positional argument{'' if len(args) == 1 else 's'}",
            "Give one axis for each, or one integer for all.",
        )
    return _leaf_axes("in_axes", in_axes, args)


def _leaf_axes(name: str, axes: Any, tree: Any) -> list[int | None]:
    """The axis of each leaf of a tree, from axes that may stop at any container of it."""
    found: list[int | None] = []
    pending = [(axes, tree)]
    while pending:
        axis, part = pending.pop()
        if axis is None or (isinstance(axis, int) and not isinstance(axis, bool)):
            found.extend([axis] * len(trees.leaves(part)))
            continue
        pending.extend(reversed(_matched_children(name, axis, part)))
    return found


def _matched_children(name: str, axes: Any, tree: Any) -> list[tuple[Any, Any]]:
    """The children of a container of axes beside those of the tree."""
    if trees.is_container(axes) and trees.is_container(tree):
        (own, own_entries), (parts, entries) = trees.children(axes), trees.children(tree)
        if own_entries == entries and len(own) == len(parts):
            return list(zip(own, parts, strict=True))
    raise ContainerError(
        f"vmap with {name} that fits its container",
        f"{axes!r} for {_shape_text(tree)}",
        "Give an integer, None, or a container of them with the same keys.",
    )


def _shape_text(tree: Any) -> str:
    return describe(tree) if is_array(tree) else f"a container {type(tree).__name__}"


def _batch_size(
    leaves: Sequence[Any], axes: list[int | None], label: Callable[[int], str]
) -> tuple[list[int | None], int]:
    """The axes counted from the front, and the one length that all mapped axes have."""
    found: list[int | None] = []
    sizes: dict[int, list[str]] = {}
    for number, (leaf, axis) in enumerate(zip(leaves, axes, strict=True)):
        if axis is None or not is_array(leaf):
            found.append(None)
            continue
        shape = aval_of(leaf).shape
        if not -len(shape) <= axis < len(shape):
            raise ShapeError(
                f"vmap over axis {axis} of {label(number)}",
                describe(leaf),
                "Map over an axis that it has, or pass it whole with None in in_axes.",
            )
        found.append(axis % len(shape))
        length = shape[axis]
        sizes.setdefault(length, []).append(f"{label(number)}, axis {axis}")
    if not sizes:
        raise ArgumentError("vmap over an axis of some argument", "none mapped", "Give in_axes an integer.")
    if len(sizes) > 1:
        listed = "; ".join(f"{length} of {', '.join(names)}" for length, names in sizes.items())
        raise ShapeError("vmap over axes of one length", listed, "Mend the shapes, or in_axes.")
    return found, next(iter(sizes))


def moved(value: Any, source: int, target: int) -> Any:
    """The array with one axis moved."""
    if source == target:
        return value
    order = [axis for axis in range(aval_of(value).ndim) if axis != source]
    order.insert(target, source)
    return permute(value, axes=tuple(order))


def _unbatched(batch: BatchTrace, value: Any, axis: int | None) -> Any:
    """A result with its batch where `out_axes` wants it."""
    if axis is None:
        if isinstance(value, Tracer) and value.owner is batch:
            raise ArgumentError(
                "vmap with out_axes=None, so a result that is the same for every example",
                describe(value),
                "It depends on a mapped argument: give an axis.",
            )
        return value
    array = whole(batch, value)
    ndim = aval_of(array).ndim
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"vmap with out_axes={axis}", f"a result with {ndim} axes, the batch's included", "Mend out_axes."
        )
    return own_array(moved(array, 0, axis % ndim))
