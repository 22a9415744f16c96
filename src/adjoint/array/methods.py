"""The methods and attributes that an array has in NumPy, each by the function of its name.

`Traced` adds to them what belongs to a traced value itself: operators, indexing, the protocols.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Tracer
from ..dtypes import is_complex, real_dtype
from ..errors import DtypeError
from . import functions as f
from .dispatch import cast, concrete, strong
from .functions import ordering
from .leaving import leaving
from .ufuncs import conjugate


def _call(function: Callable[..., Any], name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`."
    return method


class ArrayMethods(Tracer):
    """What an array can do by name. What shares memory in NumPy is a view."""

    __slots__ = ()

    # --- shape -------------------------------------------------------------------------------

    @property
    def T(self) -> Any:
        """The axes reversed; a view."""
        return f.manipulation.transpose(self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged; a view."""
        return f.manipulation.matrix_transpose(self)

    def transpose(self, *axes: Any) -> Any:
        """As `numpy.ndarray.transpose`; a view."""
        one = len(axes) == 1 and not isinstance(axes[0], int | np.integer)
        return f.manipulation.transpose(self, axes[0] if one else axes or None)

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        """As `numpy.ndarray.reshape`; a view where NumPy gives one."""
        return f.manipulation.reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy)

    def astype(self: Any, dtype: Any, copy: bool = True, **options: Any) -> Any:
        """As `numpy.ndarray.astype`."""
        del options
        out = cast(strong(self), np.dtype(dtype))
        return self.copy("K") if out is self and copy else out

    def view(self: Any, dtype: Any = None) -> Any:
        """As `numpy.ndarray.view`, between complex numbers and their parts side by side."""
        own = self.aval.dtype
        if isinstance(dtype, type) and issubclass(dtype, np.ndarray):
            if dtype is np.ndarray:
                return self[...]
            raise DtypeError(
                f"a traced array as a {dtype.__name__} was asked for",
                f"a traced {self.aval}",
                "Use plain arrays: a class of arrays with operations of its own is not differentiated.",
            )
        wanted = own if dtype is None else np.dtype(dtype)
        if wanted == own:
            return self[...]
        lead, last = self.shape[:-1], self.shape[-1]
        if is_complex(own) and wanted == real_dtype(own):
            return f.joining.stack((self.real, self.imag), -1).reshape(*lead, 2 * last)
        if is_complex(wanted) and own == real_dtype(wanted):
            return self[..., 0::2] + 1j * self[..., 1::2]
        raise DtypeError(
            f"a view of the bytes of {own} as {wanted} was asked for",
            f"a traced {self.aval}",
            "Use astype to convert the numbers.",
        )

    @property
    def real(self) -> Any:
        """The real part; a view."""
        return f.pointwise.real(self)

    @real.setter
    def real(self, value: Any) -> None:
        f.writing.copyto(f.pointwise.real(self), value, "unsafe")

    @real.setter
    def real(self, values: Any) -> None:
        self.real[...] = values

    @property
    def imag(self) -> Any:
        """The imaginary part; a view."""
        return f.pointwise.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        if not is_complex(self.aval.dtype):
            raise TypeError("array does not have imaginary part to set")
        f.writing.copyto(f.pointwise.imag(self), value, "unsafe")

    @imag.setter
    def imag(self, values: Any) -> None:
        self.imag[...] = values

    @property
    def flat(self) -> Any:
        """The elements in order; written into, the array changes."""
        return f.manipulation.elements(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        f.writing.put(self, np.arange(self.aval.size), values)

    @property
    def base(self) -> Any:
        """The array that this one is a view of, or None."""
        link = getattr(self, "_link", None)
        return None if link is None else link.base

    def setflags(self, write: Any = None, align: Any = None, uic: Any = None) -> None:
        """As `numpy.ndarray.setflags`, but that a traced array can still be written into."""
        del write, align, uic

    resize = leaving("resize", "Write x = np.resize(x, shape), or take and append what is needed.")
    tobytes = leaving("tobytes", "Return the value from the function and write that.")
    tofile = leaving("tofile", "Return the value from the function and write that.")
    dump = leaving("dump", "Return the value from the function and write that.")
    dumps = leaving("dumps", "Return the value from the function and write that.")
    byteswap = leaving("byteswap", "The bytes of numbers have no derivative: leave it away.")
    getfield = leaving("getfield", "Use x.real and x.imag, or astype.")
    setfield = leaving("setfield", "Use x.real = v and x.imag = v.")

    ravel = _call(f.manipulation.ravel, "ravel")
    flatten = _call(f.manipulation.flatten, "flatten")
    squeeze = _call(f.manipulation.squeeze, "squeeze")
    swapaxes = _call(f.manipulation.swapaxes, "swapaxes")
    repeat = _call(f.manipulation.repeat, "repeat")
    diagonal = _call(f.diagonals.diagonal, "diagonal")
    trace = _call(f.diagonals.trace, "trace")
    conj = _call(conjugate, "conj")
    conjugate = _call(conjugate, "conjugate")
    round = _call(f.pointwise.round_, "round")

    # --- elements ----------------------------------------------------------------------------

    take = _call(f.selection.take, "take")
    choose = _call(f.selection.choose, "choose")
    clip = _call(f.selection.clip, "clip")
    nonzero = _call(f.selection.nonzero, "nonzero")
    put = _call(f.writing.put, "put")

    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Any:
        """As `numpy.ndarray.compress`."""
        return f.selection.compress(condition, self, axis, out)

    def fill(self, value: Any) -> None:
        """As `numpy.ndarray.fill`: in place."""
        f.writing.copyto(self, value, casting="unsafe")

    def item(self, *index: Any) -> Any:
        """The element as a Python number: it leaves the trace on purpose, without a derivative."""
        return np.asarray(concrete(self, "item()")).item(*index)

    def tolist(self) -> Any:
        """The elements as nested lists; they stay traced, each a number of its own."""
        rows: Any = self
        return [row.tolist() if row.ndim else row for row in rows] if rows.ndim else rows

    # --- reductions and products -------------------------------------------------------------

    dot = _call(f.contractions.dot, "dot")
    sum = _call(f.reductions.sum_, "sum")
    prod = _call(f.reductions.prod, "prod")
    mean = _call(f.reductions.mean, "mean")
    var = _call(f.reductions.var, "var")
    std = _call(f.reductions.std, "std")
    max = _call(f.reductions.max_, "max")
    min = _call(f.reductions.min_, "min")
    any = _call(f.reductions.any_, "any")
    all = _call(f.reductions.all_, "all")
    argmax = _call(f.reductions.argmax, "argmax")
    argmin = _call(f.reductions.argmin, "argmin")
    argsort = _call(f.reductions.argsort, "argsort")
    searchsorted = _call(f.reductions.searchsorted, "searchsorted")
    cumsum = _call(f.reductions.cumsum, "cumsum")
    cumprod = _call(f.reductions.cumprod, "cumprod")

    def sort(self: Any, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
        """As `numpy.ndarray.sort`: in place."""
        self.become(f.reductions.sort(self, axis, kind, order, stable=stable))

    argpartition = _call(ordering.argpartition, "argpartition")

    def partition(self: Any, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
        """As `numpy.ndarray.partition`: in place."""
        self.become(f.reductions.partition(self, kth, axis, kind, order))
