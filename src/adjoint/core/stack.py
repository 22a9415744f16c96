"""Stacks: values of one type put away by a loop whose length is known only when it has run.

A `Stack` holds them in an array, the oldest first; its abstract value says what one element is, and not how
many there are. The elements may be stacks. Loops make them and read them; nothing else does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .avals import Aval


@dataclass(slots=True, unsafe_hash=True)
class StackAval(Aval):
    """What is known of a stack: the type of its elements, which are stacks themselves where `depth` is more.

    >>> StackAval((3,), np.dtype(np.float64))
    stack of float64[3]
    """

    depth: int = 1

    @property
    def element(self) -> Aval:
        """The type of one element."""
        if self.depth > 1:
            return StackAval(self.shape, self.dtype, depth=self.depth - 1)
        return Aval(self.shape, self.dtype)

    def __repr__(self) -> str:
        return f"stack of {self.element}"


def stack_of(element: Aval) -> StackAval:
    """The type of a stack of such elements."""
    depth = element.depth + 1 if isinstance(element, StackAval) else 1
    return StackAval(element.shape, element.dtype, depth=depth)


class Stack(np.ndarray):
    """The values, along the first axis; or in an array of objects, arrays and stacks.

    >>> Stack.of(np.zeros((2, 3))).aval
    stack of float64[3]
    """

    element: Aval | None = None
    """The type of one element, where elements are objects."""

    def __array_finalize__(self, obj: Any) -> None:
        if isinstance(obj, Stack) and obj.element is not None:
            self.element = obj.element

    @staticmethod
    def of(values: np.ndarray) -> "Stack":
        """The array's rows as a stack."""
        return values.view(Stack)

    @staticmethod
    def gathered(values: Sequence[Any], element: Aval) -> "Stack":
        """Values of one type as a stack: numbers in one array, arrays as they are, not copied."""
        if not isinstance(element, StackAval) and element.shape == ():
            return Stack.of(np.array(values, element.dtype))
        objects = np.empty(len(values), object)
        for i, value in enumerate(values):
            objects[i] = value
        found = Stack.of(objects)
        found.element = element
        return found

    @property
    def aval(self) -> StackAval:
        """What is known of it before it is computed."""
        if self.element is not None:
            return stack_of(self.element)
        return StackAval(self.shape[1:], self.dtype)
