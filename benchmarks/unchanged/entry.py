"""One row of the table: a function of a package, the point, and what it does with arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Entry:
    """A function that somebody else wrote, as a caller would use it.

    `call(x, *constants)` gives an array or a number; it is differentiated in x. The constants are arrays that
    the other libraries are handed as their own arrays too, so that none of them fails at a plain one.
    """

    name: str
    """The dotted name under which people import it."""
    does: str
    call: Callable[..., Any]
    x: Any
    constants: tuple[Any, ...] = ()
    method: bool = False
    """Whether it is a method of a class, made with values that are differentiated or called with them."""

    @property
    def package(self) -> str:
        """The package's import name."""
        return self.name.partition(".")[0]


def weights_of(shape: tuple[int, ...]) -> Any:
    """What the outputs are summed with."""
    return np.cos(np.arange(float(np.prod(shape, dtype=int))) + 1.0).reshape(shape)
