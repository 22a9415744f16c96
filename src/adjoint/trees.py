"""Containers: dicts, lists, tuples, named tuples and dataclasses anywhere an array goes.

A *tree* is a container of containers of leaves; `flatten` takes it apart into its leaves and a
structure, `unflatten` puts it together. The work is optree's, which is imported when the first container
is met; here stand the conventions: `None` holds no leaf, dict keys are sorted, and a dataclass becomes a
node when it is first met. A field made with `static()` belongs to the structure and not to the leaves.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from .errors import ContainerError
from .lazy import optree

NAMESPACE = "adjoint"
Structure = Any
"""The structure of a container, an `optree.PyTreeSpec`, or `LEAF`."""


class _Leaf:
    """The structure of a leaf by itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "*"


LEAF: Structure = _Leaf()

_COMMON = frozenset((np.ndarray, np.float64, float, int))
_LEAVES = (np.ndarray, np.generic, float, int, complex, bool, str)


def static(**options: Any) -> Any:
    """A dataclass field that is part of the structure, such as a size, a name or a function.

    >>> @dataclasses.dataclass
    ... class Layer:
    ...     weight: float
    ...     name: str = static(default="dense")
    >>> leaves(Layer(2.0))
    [2.0]
    """
    return dataclasses.field(metadata={"static": True}, **options)


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a tree, in order, and the structure that puts them together again."""
    if type(tree) in _COMMON:
        return [tree], LEAF
    leaves, structure = optree.tree_flatten(tree, namespace=NAMESPACE)
    for leaf in leaves:
        if type(leaf) not in _COMMON and _is_unknown_dataclass(leaf):
            _register_all(tree)
            leaves, structure = optree.tree_flatten(tree, namespace=NAMESPACE)
            break
    return leaves, LEAF if len(leaves) == 1 and leaves[0] is tree else structure


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """The tree of this structure with these leaves."""
    if structure is LEAF:
        (leaf,) = leaves
        return leaf
    return optree.tree_unflatten(structure, leaves)


def leaves(tree: Any) -> list[Any]:
    """The leaves of a tree, in order."""
    return flatten(tree)[0]


def paths(tree: Any) -> list[str]:
    """How each leaf is reached from the tree, as one would write it: `['w'][0]`, `.weight`.

    >>> paths({"w": [1.0, 2.0]})
    ["['w'][0]", "['w'][1]"]
    """
    structure = flatten(tree)[1]
    if structure is LEAF:
        return [""]
    return [accessor.codify("") for accessor in structure.accessors()]


def is_container(tree: Any) -> bool:
    """Whether this is a container that holds, or could hold, leaves; `None` is none."""
    return tree is not None and flatten(tree)[1] is not LEAF


def children(tree: Any) -> tuple[list[Any], tuple[Any, ...]]:
    """What a container holds one level down, and how each is reached: by key, index or name."""
    flatten(tree)  # makes nodes of its dataclasses
    one = optree.tree_flatten_one_level(tree, namespace=NAMESPACE)
    return list(one.children), tuple(one.entries)


def parts(structure: Structure) -> list[Structure]:
    """The structures of what a container holds one level down."""
    return [LEAF if part.is_leaf(strict=True) else part for part in structure.children()]


def size(structure: Structure) -> int:
    """The number of leaves."""
    return 1 if structure is LEAF else structure.num_leaves


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with `function` of each leaf, and of the leaves at the same place in `others`.

    >>> map_leaves(lambda w, g: w - 0.5 * g, {"a": 1.0}, {"a": 2.0})
    {'a': 0.0}
    """
    first, structure = flatten(tree)
    columns = [first, *(flatten_as(structure, other) for other in others)]
    return unflatten(structure, [function(*row) for row in zip(*columns, strict=True)])


def flatten_as(structure: Structure, tree: Any) -> list[Any]:
    """The leaves of a tree that must have this structure."""
    found, own = flatten(tree)
    if own is structure:
        return found
    if own != structure:
        raise ContainerError(
            f"a container of the structure {_short(structure)} was asked for",
            _short(own),
            "Give a container with the same keys, lengths and types.",
        )
    return found


def _short(structure: Structure) -> str:
    text = str(structure)
    return text if len(text) < 200 else text[:197] + "..."


def _is_unknown_dataclass(leaf: Any) -> bool:
    return not isinstance(leaf, _LEAVES) and dataclasses.is_dataclass(leaf) and not isinstance(leaf, type)


def _register_all(tree: Any) -> None:
    """Make a node of each dataclass in the tree, from the outermost inwards."""
    pending = [tree]
    while pending:
        found = optree.tree_leaves(pending.pop(), namespace=NAMESPACE)
        for leaf in filter(_is_unknown_dataclass, found):
            _register(cast("type[Any]", type(leaf)))
            pending.append(leaf)


def _register(cls: type[Any]) -> None:
    fields = dataclasses.fields(cls)
    children = tuple(f.name for f in fields if not f.metadata.get("static"))
    constants = tuple(f.name for f in fields if f.metadata.get("static"))

    def take(node: Any) -> tuple[Any, Any, Any]:
        values = tuple(getattr(node, name) for name in children)
        return values, tuple(getattr(node, name) for name in constants), children

    def make(constant_values: Any, values: Any) -> Any:
        node = object.__new__(cls)
        for name, value in zip((*children, *constants), (*values, *constant_values), strict=True):
            object.__setattr__(node, name, value)
        return node

    try:
        optree.register_pytree_node(cls, take, make, path_entry_type=optree.GetAttrEntry, namespace=NAMESPACE)
    except ValueError:  # another thread has met the class first
        return
