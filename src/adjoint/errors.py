"""Errors: every one says what was asked, what was received, and what to write instead.

Read this file to learn which mistakes the library knows. All classes derive from `AdjointError`
and from the built-in exception that a NumPy user would expect (`TypeError`, `ValueError`, ...).
"""

import numpy as np

__all__ = [
    "AdjointError",
    "ShapeError",
    "AxisError",
    "DtypeError",
    "ArgumentError",
    "ContainerError",
    "DataError",
    "FileError",
    "TraceError",
    "MutationError",
    "GraphError",
    "DerivativeError",
    "CheckError",
    "NonFiniteError",
    "ProgramError",
]


class AdjointError(Exception):
    """The root of the library's errors: `asked`, `received` and `remedy`, one sentence each.

    >>> str(AdjointError("grad needs a scalar output", "an array of shape (3,)", "Sum it first."))
    'grad needs a scalar output. Received: an array of shape (3,). Sum it first.'
    """

    def __init__(self, asked: str, received: str, remedy: str) -> None:
        self.asked, self.received, self.remedy = asked, received, remedy
        super().__init__(f"{asked}. Received: {received}. {remedy}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.asked, self.received, self.remedy)


class ShapeError(AdjointError, ValueError):
    """Shapes that do not fit together."""


class AxisError(ShapeError, np.exceptions.AxisError):
    """An axis that the array does not have."""


class DtypeError(AdjointError, TypeError):
    """A dtype for which the question has no answer, such as the gradient at an integer."""


class ArgumentError(AdjointError, ValueError):
    """An argument outside of what the function takes: a position, a name, an option."""


class ContainerError(AdjointError, TypeError):
    """A container or object where arrays, or containers of arrays, were asked for."""


class DataError(AdjointError, ValueError):
    """Data that cannot be used: NaN, infinite, or inconsistent."""


class FileError(AdjointError, OSError):
    """A file that is missing, unreadable or damaged."""


class TraceError(AdjointError, TypeError):
    """A traced value was about to leave its trace in silence, or was used after its trace ended."""


class MutationError(AdjointError, RuntimeError):
    """An in-place change that would make a derivative wrong."""


class GraphError(AdjointError, RuntimeError):
    """A backward pass that cannot run: no graph, or a graph already freed."""


class DerivativeError(AdjointError, TypeError):
    """An operation that has no derivative of the kind asked for, with the reason."""


class CheckError(AdjointError, AssertionError):
    """A derivative that does not equal the differences taken of its function."""


class NonFiniteError(AdjointError, FloatingPointError):
    """A NaN or an infinity that an operation made, or a strong zero swallowed, while `debug` watched.

    `record` tells the operation, the user's line, the index and the values one by one.
    """

    record: object = None


class ProgramError(AdjointError, AssertionError):
    """A Program that breaks its own rules: an error of the library, never of its user."""
