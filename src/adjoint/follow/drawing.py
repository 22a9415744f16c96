"""`rng.shuffle(x)`, `rng.permutation(x)` and `rng.choice(x)` of a traced array, as of a plain one.

The generator draws positions, as it does for an array of this length, and the array is taken at them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..array.dispatch import strong
from ..core.equation import user_line
from ..errors import DerivativeError
from .arrays import holds_traced, plainly
from .scalars import is_traced

_HOME = "numpy.random"


def draws(owner: Any) -> bool:
    """Whether this is a generator of random numbers, NumPy's."""
    return type(owner).__module__.startswith(_HOME)


def drawing(method: Any) -> Callable[..., Any]:
    """A method of a generator, for arrays that may be traced."""
    rule = _RULES.get(method.__name__)

    def call(*args: Any, **kwargs: Any) -> Any:
        if rule is not None and args and is_traced(args[0]) and np.ndim(args[0]):
            return rule(method, *args, **kwargs)
        if holds_traced((*args, *kwargs.values())):
            raise DerivativeError(
                f"{method.__name__} with a traced parameter was asked for",
                f"a generator of random numbers at {user_line()}",
                "Draw first, then compute: loc + scale * rng.standard_normal(n); or give stop_gradient(x).",
            )
        return plainly(method, *args, **kwargs)

    return call


def _shuffle(method: Any, x: Any, axis: int = 0) -> None:
    order = np.arange(x.shape[axis])
    method(order)
    x[...] = np.take(x, order, axis)


def _permutation(method: Any, x: Any, axis: int = 0) -> Any:
    return np.take(strong(x), method(x.shape[axis]), axis)


def _choice(method: Any, a: Any, *args: Any, axis: int = 0, **kwargs: Any) -> Any:
    return np.take(a, method(a.shape[axis], *args, **kwargs), axis)


_RULES: dict[str, Callable[..., Any]] = {
    "shuffle": _shuffle,
    "permutation": _permutation,
    "choice": _choice,
}
