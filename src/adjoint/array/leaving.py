"""What must not happen in silence: the methods by which a value would leave its trace. They raise."""

from typing import Any

from ..core.equation import user_line, writes_into_an_array
from ..core.trace import refusal
from ..errors import TraceError


def leaving(what: str, remedy: str) -> Any:
    """A method that raises: `what` would take a traced value out of its trace."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        error = TraceError(
            f"{what} would take a traced value out of its trace, and its derivative would be lost",
            f"a traced {self.aval} at {user_line()}",
            _WRITING if writes_into_an_array() else _AS_INDEX.get(self.aval.dtype.kind, "") + remedy,
        )
        raise refusal(self.owner, error)

    return method


_WRITING = (
    "A plain array cannot hold it: make the array with np.zeros_like(x) of a traced x, "
    "or collect the values and np.stack them."
)

_TAKING = "For table[i] with a traced index i write np.take(table, i, axis=0). "

_AS_INDEX = {
    "i": _TAKING,
    "u": _TAKING,
    "b": "For x[mask] with a traced mask write np.where(mask, x, other). ",
}
"""What a traced array that becomes a plain one was most likely to be used for."""
