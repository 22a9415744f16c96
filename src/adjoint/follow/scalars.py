"""Python's own functions of numbers, for traced arguments: `float(x)`, `isinstance(x, float)`, `round(x)`.

With nothing traced among the arguments each calls Python's function itself.
"""

import builtins
import copy
from collections.abc import Callable
from types import UnionType
from typing import Any

import numpy as np

from ..array import functions as f
from ..array.blank import Blank, plain_leaf
from ..array.dispatch import cast, concrete, strong
from ..array.traced import Traced
from ..core.avals import aval_of
from ..core.primitive import Tracer
from ..dtypes import is_complex
from ..primitives.structure import convert, reshape

_FLOAT, _COMPLEX = np.dtype(np.float64), np.dtype(np.complex128)


def is_traced(value: Any) -> bool:
    """Whether a value is traced, and no constant."""
    return isinstance(value, Tracer) and not (isinstance(value, Blank) and value.is_constant())


def one_number(value: Any, what: str) -> Any:
    """A traced array of one element as that element."""
    aval = aval_of(value)
    if aval.size != 1:
        raise TypeError(f"only length-1 arrays can be converted to Python scalars: {what} of {aval}")
    return reshape(value, shape=()) if aval.shape else value


def float_(*args: Any, **kwargs: Any) -> Any:
    """As `float`; a traced number stays traced, as a float."""
    if len(args) == 1 and is_traced(args[0]):
        x = one_number(args[0], "float(...)")
        if is_complex(aval_of(x).dtype):
            raise TypeError("float() argument must be a string or a real number, not 'complex'")
        return convert(x, dtype=_FLOAT, weak=True)
    return float(*args, **kwargs)


def complex_(*args: Any, **kwargs: Any) -> Any:
    """As `complex`; traced numbers stay traced."""
    if any(map(is_traced, args)):
        parts = [one_number(a, "complex(...)") if is_traced(a) else a for a in args]
        whole = parts[0] + 1j * parts[1] if len(parts) > 1 else parts[0]
        return convert(whole, dtype=_COMPLEX, weak=True)
    return complex(*args, **kwargs)


def int_(*args: Any, **kwargs: Any) -> Any:
    """As `int`: a plain integer, since it has slope zero wherever it has one."""
    if len(args) == 1 and is_traced(args[0]):
        return int(np.asarray(concrete(args[0], "int(...)")).item())
    return int(*args, **kwargs)


def round_(number: Any, ndigits: Any = None) -> Any:
    """As `round`; with slope zero."""
    if not is_traced(number):
        return round(number) if ndigits is None else round(number, ndigits)
    if ndigits is None:
        return round(np.asarray(concrete(number, "round(...)")).item())
    return f.TABLE[np.round](number, ndigits)


def isinstance_(value: Any, kinds: Any, /) -> bool:
    """As `isinstance`, of a traced value what it would be untraced: an ndarray, a NumPy scalar, a float."""
    if isinstance(value, Traced):
        return isinstance(twin(value), kinds) or (isinstance(value, kinds) and _names(kinds, type(value)))
    return isinstance(value, kinds)


def _names(kinds: Any, own: type) -> bool:
    """Whether one of these is a traced value's own class, and no protocol such as Iterable."""
    if isinstance(kinds, tuple | UnionType):
        return any(_names(kind, own) for kind in (kinds if isinstance(kinds, tuple) else kinds.__args__))
    return kinds in own.__mro__


def type_(*args: Any, **kwargs: Any) -> Any:
    """As `type`, of a traced value what it would be untraced."""
    if len(args) == 1 and isinstance(args[0], Traced):
        return type(twin(args[0]))
    return type(*args, **kwargs)


def hasattr_(value: Any, name: str, /) -> bool:
    """As `hasattr`, of a traced value whether it would have it untraced."""
    return hasattr(value, name) and (not isinstance(value, Traced) or hasattr(twin(value), name))


def twin(value: Any) -> Any:
    """A value of the type that a traced value would have untraced."""
    aval = value.aval
    if aval.weak:
        return aval.dtype.type(0).item()
    inner = value
    while isinstance(inner, Tracer) and inner.value is not None:
        inner = inner.value
    held = isinstance(inner, np.ndarray) and inner.ndim == 0  # with axes it is a batch of scalars
    if aval.shape == () and not isinstance(value, Blank) and not held:
        return aval.dtype.type(0)
    return np.empty((0,) * max(len(aval.shape), 0), aval.dtype)


def numpy_scalar(kind: type[Any]) -> Callable[..., Any]:
    """As `np.float64` and its like: a traced value in this dtype."""

    def convert_to(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and is_traced(args[0]):
            return cast(strong(args[0]), np.dtype(kind))
        return kind(*map(plain_leaf, args), **kwargs)

    convert_to.__name__ = kind.__name__
    return convert_to


def item(x: Any, *index: Any) -> Any:
    """As `x.item()` of a plain array; the number stays traced."""
    if not is_traced(x) or aval_of(x).dtype.kind not in "fc":
        return x.item(*index)
    if not index:
        element = one_number(x, "item()")
    else:
        place = index[0] if len(index) == 1 else index
        element = x[place] if isinstance(place, tuple) else x.reshape(-1)[place]
    kinds = {_FLOAT: float_, _COMPLEX: complex_}
    return kinds.get(aval_of(element).dtype, strong)(element)


def deepcopy(x: Any, memo: Any = None, *args: Any) -> Any:
    """As `copy.deepcopy`."""
    return x.copy() if isinstance(x, Traced) else copy.deepcopy(x, memo, *args)


TABLE: dict[Any, Callable[..., Any]] = {
    float: float_,
    complex: complex_,
    int: int_,
    builtins.round: round_,
    builtins.isinstance: isinstance_,
    builtins.hasattr: hasattr_,
    type: type_,
    copy.deepcopy: deepcopy,
    **{
        kind: numpy_scalar(kind)
        for kind in (np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128)
    },
}
