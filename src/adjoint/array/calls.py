"""Calling a NumPy ufunc, or a method of it, on operands of which some are traced: with `out=`, `where=`
and `dtype=` as in NumPy.
"""

from functools import partial
from typing import Any

import numpy as np

from ..core.avals import aval_of
from ..core.trace import refusal
from ..errors import DerivativeError
from ..lazy import special_functions
from ..primitives.promotion import to_dtype
from ..transforms.tape import TapeTrace
from . import functions as f
from .dispatch import NO_RULE, into, newest, operand, strong
from .gufuncs import PRODUCTS, UFUNC_METHODS, outer
from .ufuncs import INTERNAL, UFUNCS


def apply_ufunc(ufunc: Any, method: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A NumPy ufunc, or a method of it, on operands of which some are traced."""
    out = options.pop("out", None)
    operands = [a if i == 1 and method == "at" else operand(a) for i, a in enumerate(args)]  # index of at
    if method != "__call__":
        ours = UFUNC_METHODS.get((ufunc, method))
        if ours is None and method == "outer" and ufunc.nin == 2:
            rule = special_functions.rule_of(ufunc)
            ours = None if rule is None else partial(outer, rule)
        return into(out, _answer(ufunc, method, ours, operands, options))
    dtype, mask = options.pop("dtype", None), options.pop("where", True)
    casting = options.pop("casting", "same_kind")
    if dtype is not None:
        operands = [_cast(ufunc, a, np.dtype(dtype), casting) for a in operands]
    if not isinstance(newest(operands), TapeTrace) and all(aval_of(a).weak for a in operands):
        operands[0] = strong(operands[0])
    ours = UFUNCS.get(ufunc) or PRODUCTS.get(ufunc) or INTERNAL.get(ufunc)
    ours = ours or special_functions.rule_of(ufunc)
    result = _answer(ufunc, method, ours, operands, options)
    if isinstance(result, tuple):
        return result if out is None else tuple(map(partial(_into, ufunc, casting), out, result))
    if mask is not True:
        result = _masked(ufunc, mask, result, out)
    return result if out is None else _into(ufunc, casting, out[0], result)


def _cast(ufunc: Any, value: Any, dtype: Any, casting: Any) -> Any:
    aval = aval_of(value)
    if not aval.weak and not np.can_cast(aval.dtype, dtype, casting):
        raise TypeError(
            f"Cannot cast ufunc {ufunc.__name__!r} from {aval.dtype!r} to {dtype!r} "
            f"with casting rule {casting!r}"
        )
    return to_dtype(value, dtype)


def _into(ufunc: Any, casting: Any, out: Any, result: Any) -> Any:
    if out is not None and aval_of(result).dtype != aval_of(out).dtype:
        result = _cast(ufunc, result, aval_of(out).dtype, casting)
    return into(out, result, stretched=True)


def _answer(ufunc: Any, method: str, ours: Any, operands: list[Any], options: dict[str, Any]) -> Any:
    known = method != "__call__" or ufunc.signature is not None
    if ours is None or (options and not known):
        where = "np." if getattr(np, ufunc.__name__, None) is ufunc else ""
        what = f"{where}{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        with_what = f" with {', '.join(options)}" if options else ""
        error = DerivativeError(
            f"{what}{with_what} of a traced array was asked for", "a case without a rule", NO_RULE
        )
        raise refusal(newest(operands), error)
    return ours(*operands, **options)


def _masked(ufunc: Any, mask: Any, result: Any, out: Any) -> Any:
    """What `where=` leaves: the result where it is computed, elsewhere what `out` held."""
    if out is None:
        raise DerivativeError(
            f"np.{ufunc.__name__} with where= was asked for",
            "no out=, so that elements which it leaves out would be undefined",
            "Give out=, or write np.where(mask, result, other).",
        )
    return f.TABLE[np.where](mask, result, out[0])
