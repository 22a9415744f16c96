"""Containers go anywhere an array goes: taken apart, put together, with the path of each leaf."""

import collections
import dataclasses
import threading
from typing import Any, NamedTuple

import numpy as np
import pytest

from adjoint import trees
from adjoint.errors import ContainerError


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass
class Layer:
    weight: Any
    bias: Any = None
    name: str = trees.static(default="dense")
    size: int = trees.static(default=3)


@dataclasses.dataclass(frozen=True)
class Network:
    layers: list[Layer]
    scale: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    first: Any
    second: Any = 2.0


class Plain:
    """No container that the library knows: a leaf."""


EXAMPLES = {
    "a number": (3.0, [3.0], [""]),
    "an array": (np.ones(2), [np.ones(2)], [""]),
    "a list": ([1.0, [2.0]], [1.0, 2.0], ["[0]", "[1][0]"]),
    "a tuple": ((1.0, (2.0, 3.0)), [1.0, 2.0, 3.0], ["[0]", "[1][0]", "[1][1]"]),
    "a dict": ({"b": 1.0, "a": 2.0}, [2.0, 1.0], ["['a']", "['b']"]),
    "None": ({"a": None, "b": [None, 1.0]}, [1.0], ["['b'][1]"]),
    "nothing": ([], [], []),
    "a named tuple": (Point(1.0, [2.0]), [1.0, 2.0], [".x", ".y[0]"]),
    "a dataclass": (Layer(1.0, 2.0), [1.0, 2.0], [".weight", ".bias"]),
    "a field that is None": (Layer(1.0), [1.0], [".weight"]),
    "a dataclass in a dict": ({"l": Layer(1.0, [2.0])}, [1.0, 2.0], ["['l'].weight", "['l'].bias[0]"]),
    "nested dataclasses": (
        Network([Layer(1.0, 2.0), Layer(3.0, 4.0)], {"s": 5.0}),
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [".layers[0].weight", ".layers[0].bias", ".layers[1].weight", ".layers[1].bias", ".scale['s']"],
    ),
    "slots": (Slotted([1.0]), [1.0, 2.0], [".first[0]", ".second"]),
    "an ordered dict": (collections.OrderedDict(b=1.0, a=2.0), [1.0, 2.0], ["['b']", "['a']"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_apart_and_together(name: str) -> None:
    tree, leaves, paths = EXAMPLES[name]
    found, structure = trees.flatten(tree)
    assert len(found) == len(leaves)
    for a, b in zip(found, leaves, strict=True):
        np.testing.assert_array_equal(a, b)
    assert trees.leaves(tree) == found
    assert trees.paths(tree) == paths
    again = trees.unflatten(structure, found)
    assert type(again) is type(tree)
    assert trees.flatten(again)[1] == structure
    doubled = trees.map_leaves(lambda v: 2 * v, tree)
    for a, b in zip(trees.leaves(doubled), leaves, strict=True):
        np.testing.assert_array_equal(a, 2 * b)


def test_static_fields_are_structure() -> None:
    layer = Layer(1.0, 2.0, name="first")
    doubled = trees.map_leaves(lambda v: 2 * v, layer)
    assert doubled == Layer(2.0, 4.0, name="first")
    assert trees.flatten(layer)[1] != trees.flatten(Layer(1.0, 2.0, name="second"))[1]
    with pytest.raises(ContainerError, match="a container of the structure"):
        trees.map_leaves(lambda a, b: a + b, layer, Layer(1.0, 2.0))


def test_a_dataclass_is_put_together_without_its_constructor() -> None:
    """A structure holds at times what its __init__ would refuse: traced values, None, names."""

    @dataclasses.dataclass
    class Careful:
        value: float

        def __post_init__(self) -> None:
            if not isinstance(self.value, float):
                raise TypeError(self.value)

    mapped = trees.map_leaves(str, Careful(1.0))
    assert mapped.value == "1.0"


def test_many_trees_at_once() -> None:
    total = trees.map_leaves(lambda a, b, c: a + b + c, {"a": 1.0}, {"a": 10.0}, {"a": 100.0})
    assert total == {"a": 111.0}


@pytest.mark.parametrize(
    ("tree", "other"),
    [
        ({"a": 1.0}, {"b": 1.0}),
        ([1.0], [1.0, 2.0]),
        ([1.0], (1.0,)),
        (Point(1.0, 2.0), (1.0, 2.0)),
        (1.0, [1.0]),
        (Layer(1.0), Layer(1.0, 2.0)),
    ],
)
def test_structures_that_differ(tree: Any, other: Any) -> None:
    with pytest.raises(ContainerError, match="same keys, lengths and types"):
        trees.map_leaves(lambda a, b: a, tree, other)


def test_what_is_unknown_is_a_leaf() -> None:
    thing = Plain()
    assert trees.leaves([thing, Layer, "text", {1, 2}]) == [thing, Layer, "text", {1, 2}]


def test_a_class_first_met_by_many_threads() -> None:
    @dataclasses.dataclass
    class New:
        value: Any

    start = threading.Barrier(8)
    found: list[Any] = []

    def work() -> None:
        start.wait(timeout=10)
        found.append(trees.leaves({"a": New([1.0, 2.0])}))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[1.0, 2.0]] * 8


def test_a_subclass_is_a_node_of_its_own() -> None:
    @dataclasses.dataclass
    class Wider(Layer):
        extra: Any = 7.0

    assert trees.leaves(Wider(1.0, 2.0)) == [1.0, 2.0, 7.0]
    assert type(trees.map_leaves(lambda v: v, Wider(1.0))) is Wider
