"""`numpy.random`, as it is: what it draws is a constant to every derivative. `adjoint.random` has keys."""

from typing import Any

import numpy.random as own


def __getattr__(name: str) -> Any:
    return getattr(own, name)


def __dir__() -> list[str]:
    return dir(own)
