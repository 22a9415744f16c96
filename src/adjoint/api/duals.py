"""`dual`: a number with a tangent, to compute with by hand; `stop_gradient`: a value without one."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.traced import Traced, View
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import ContainerError, DtypeError, TraceError
from ..primitives import barrier
from ..transforms.dual import DualTrace
from ..transforms.tape import TapeTrace
from .arguments import is_array, matched
from .derivatives import zero_of


class _HandTrace(DualTrace):
    """The level of all duals made by hand. Its results stay duals, also where their tangent is zero."""

    __slots__ = ()

    def _wrap(self, out: Any, tangent: Any) -> Any:
        if not dtypes.is_inexact(aval_of(out).dtype):
            return out
        return self.box(self, out, tangent)


class Dual(Traced):
    """A number or an array with its tangent: what `dual` makes."""

    __slots__ = ()

    @property
    def primal(self) -> Any:
        """The value; `value` is the same."""
        return self.value

    @property
    def tangent(self) -> Any:
        """The tangent, of the value's shape and dtype."""
        return zero_of(aval_of(self.value)) if self.extra is None else self.extra

    def __repr__(self) -> str:
        return f"dual({self.value!r}, {self.tangent!r})"

    def _view(self, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> Any:
        return DualView(self, part, take, restore)


class DualView(View, Dual):
    """A part of a dual array that shares its elements with it."""

    __slots__ = ()


_BY_HAND = _HandTrace(Dual)


def dual(x: Any, dx: Any) -> Any:
    """The dual number x + e dx, with e^2 = 0: it carries a value and a tangent through any computation.

        f(x + e dx) = f(x) + e f'(x) dx

    All duals made by hand are of one algebra: in `dual(x, dx) * dual(y, dy)` both move along the one
    direction e. For derivatives inside of derivatives use `jvp`, which keeps its directions apart.

    Args:
        x: a float or an array of floats (or complex numbers).
        dx: its tangent, of the same shape; numbers of a lesser kind are converted.

    Returns:
        A dual: `.value` (also `.primal`) and `.tangent`. NumPy's operators and functions take it.

    Raises:
        DtypeError: x is an integer (write `3.0`), or dx is complex where x is real.
        ShapeError: dx has another shape than x.
        TraceError: x or dx is traced or itself a dual.

    >>> dual(3.0, 1.0) ** 2
    dual(9.0, 6.0)
    >>> x, y = dual(3.0, 1.0), dual(4.0, 2.0)
    >>> (x * y).value, (x * y).tangent
    (12.0, 10.0)
    """
    for given in (x, dx):
        if isinstance(given, Tracer):
            raise TraceError(
                "dual of plain numbers, since all duals made by hand share one direction",
                describe(given),
                "Use jvp(f, (x,), (dx,)) for derivatives inside of derivatives.",
            )
    if not is_array(x):
        raise ContainerError(
            "dual of a number or an array", describe(x), "Pass a float or an array of floats."
        )
    aval = aval_of(x)
    if not dtypes.is_inexact(aval.dtype):
        remedy = f"Write {float(x)!r}." if isinstance(x, int) else "Write x.astype(float)."
        raise DtypeError("dual of a floating-point number", describe(x), remedy)
    tangent = matched("dual", lambda: "the tangent dx", dx, aval)
    own = [v.copy() if isinstance(v, np.ndarray) else v for v in (x, tangent)]
    return _BY_HAND.lift(*own)


def stop_gradient(x: Any) -> Any:
    """The value itself, as a constant: identity, with derivative zero.

        stop_gradient(x) = x,    d stop_gradient(x) / dx = 0

    It is zero at every order, forward and in reverse, and in Programs. In eager code the result of
    it is a plain number or array, so that `float(stop_gradient(x))` leaves a trace on purpose.

    Args:
        x: an array, a number, or a container of them; what is no array stays as it is.

    Returns:
        The same container; arrays are copies.

    >>> adjoint.grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return trees.map_leaves(lambda leaf: _left(barrier.stop_gradient(leaf)) if is_array(leaf) else leaf, x)


def _is_functional(trace: Any) -> bool:
    """Whether a trace is one of `grad` or `jvp`: not that of tensors, of duals made by hand, of constants."""
    return isinstance(trace, TapeTrace | DualTrace) and trace.level > 0 and trace is not _BY_HAND


def _left(value: Any) -> Any:
    """What a constant of `grad` or `jvp` holds: it has left their traces."""
    while isinstance(value, Tracer) and _is_functional(value.owner) and value.extra is None:
        value = value.value
    return value
