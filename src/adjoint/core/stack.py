"""Stacks: values of one type put away by a loop whose length is known only when it has run.

A `Stack` holds them in an array, the oldest first; its abstract value says what one element is, and not how
many there are. Loops make them and read them; nothing else does.
"""

from dataclasses import dataclass

import numpy as np

from .avals import Aval


@dataclass(slots=True, unsafe_hash=True)
class StackAval(Aval):
    """What is known of a stack: the type of its elements.

    >>> StackAval((3,), np.dtype(np.float64))
    stack of float64[3]
    """

    @property
    def element(self) -> Aval:
        """The type of one element."""
        return Aval(self.shape, self.dtype)

    def __repr__(self) -> str:
        return f"stack of {self.element}"


class Stack(np.ndarray):
    """The values, along the first axis.

    >>> Stack.of(np.zeros((2, 3))).aval
    stack of float64[3]
    """

    @staticmethod
    def of(values: np.ndarray) -> "Stack":
        """The array's rows as a stack."""
        return values.view(Stack)

    @property
    def aval(self) -> StackAval:
        """What is known of it before it is computed."""
        return StackAval(self.shape[1:], self.dtype)
