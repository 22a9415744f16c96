"""The traced array: what the user's function gets in place of an ndarray.

It has ndarray's operators, attributes and methods, and speaks NumPy's two protocols, so that
`np.sin(x)`, `np.sum(x, axis=0)`, `x @ y` and `x[1:]` work with NumPy's own import. Its value never
leaves the trace in silence: `float(x)`, `np.asarray(x)` and an index made of it raise.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..core.avals import Shape, aval_of
from ..core.equation import user_line
from ..core.primitive import Primitive, Tracer
from ..core.trace import refusal
from ..errors import DerivativeError, DtypeError, MutationError, ShapeError, TraceError
from ..primitives import arithmetic as a
from ..primitives import bits as b
from ..primitives import comparison as c
from ..primitives import rounding as r
from ..primitives import structure as s
from ..primitives.complex import absolute
from ..primitives.contraction import matmul as product
from ..primitives.promotion import to_dtype
from ..transforms.tape import TapeTrace
from . import functions as f
from . import indexing
from .calls import apply_ufunc
from .dispatch import NO_RULE, concrete, elementwise, operand, shape_of
from .leaving import leaving
from .powers import power
from .standard import StandardArray
from .ufuncs import PRIMITIVES
from .views import Link, hollow, is_scattered, laid, layout_of, layouts_after, may_scatter

_OPERANDS = (Tracer, np.ndarray, np.generic, float, int, complex, list, tuple)

_PLAIN = frozenset((np.ndarray, np.float64, float, int))


def _is_matrix(value: Any) -> bool:
    return type(value) is np.ndarray and value.ndim == 2


def _binary(primitive: Primitive, operation: Callable[..., Any], *, swapped: bool = False) -> Any:
    if swapped:

        def reflected(self: Any, other: Any) -> Any:
            if not isinstance(other, _OPERANDS):
                return NotImplemented
            return elementwise(primitive, operation, operand(other), self)

        return reflected

    def forward(self: Any, other: Any) -> Any:
        trace = self.owner
        if isinstance(trace, TapeTrace) and (
            type(other) in _PLAIN or (isinstance(other, Tracer) and other.owner is trace)
        ):
            return trace.binary(primitive, operation, self, other)
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return elementwise(primitive, operation, self, operand(other))

    return forward


def _in_place(forward: Callable[..., Any]) -> Any:
    def method(self: Any, other: Any) -> Any:
        new = forward(self, other)
        if new is NotImplemented or (self.aval.shape == () and self.scalars_are_replaced):
            return new
        self.become(fitting(self, new))
        return self

    return method


def fitting(array: Any, new: Any) -> Any:
    """A value that an in-place operation may give to an array: of its shape, in its dtype."""
    found, own = aval_of(new), array.aval
    if found.shape != own.shape:
        raise ShapeError(
            "an in-place operation keeps the shape", f"{found.shape} for {own.shape}", "Write x = x + y."
        )
    if not np.can_cast(found.dtype, own.dtype, "same_kind"):
        raise DtypeError(
            "an in-place operation keeps the dtype", f"{found.dtype} for {own.dtype}", "Write x = x + y."
        )
    return to_dtype(new, own.dtype)


class Traced(StandardArray):
    """An array on its way through a transformation. Use it as an ndarray."""

    __slots__ = ("_layout", "_link")

    __array_priority__ = 1000.0
    scalars_are_replaced = True
    """Whether `x += y` makes a new array of one without axes, as of NumPy's scalars."""

    # --- what it is --------------------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        return self.aval.shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        raise MutationError(
            "a traced array was to be given another shape in place",
            f"{self.aval} at {user_line()}",
            f"Write x = x.reshape({shape}).",
        )

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.aval.size

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.aval.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.aval.size * self.aval.dtype.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one element to the next along each axis, as NumPy's array would lie."""
        return self.layout().strides

    @property
    def flags(self) -> Any:
        """How NumPy's array would lie in memory; it can be written into."""
        layout = self.layout()
        return np.lib.stride_tricks.as_strided(np.empty(1, self.dtype), layout.shape, layout.strides).flags

    def __len__(self) -> int:
        shape = self.aval.shape
        if not shape:
            raise TypeError("len() of unsized object")
        return shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.aval.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(concrete(self, "a condition (if, while, and, or)"))

    def __hash__(self) -> int:
        raise TraceError(
            "a traced array was to be put into a set or made a key, and its elements decide what it equals",
            f"a traced {self.aval} at {user_line()}",
            "Arrays have no hash in NumPy either: use a list, or x.item() for a number as a key.",
        )

    def __repr__(self) -> str:
        value = self.value
        while isinstance(value, Tracer):
            value = value.value
        shown = "" if value is None else f" {np.array2string(np.asarray(value), threshold=20)}"
        return f"<traced {self.aval}{shown}>"

    def __format__(self, spec: str) -> str:
        return format(concrete(self, "formatting"), spec) if spec else repr(self)

    # --- operators ---------------------------------------------------------------------------

    __add__ = _binary(s.add, operator.add)
    __radd__ = _binary(s.add, operator.add, swapped=True)
    __sub__ = _binary(a.subtract, operator.sub)
    __rsub__ = _binary(a.subtract, operator.sub, swapped=True)
    __mul__ = _binary(a.multiply, operator.mul)
    __rmul__ = _binary(a.multiply, operator.mul, swapped=True)
    __truediv__ = _binary(a.divide, operator.truediv)
    __rtruediv__ = _binary(a.divide, operator.truediv, swapped=True)
    __floordiv__ = _binary(r.floor_divide, operator.floordiv)
    __rfloordiv__ = _binary(r.floor_divide, operator.floordiv, swapped=True)
    __mod__ = _binary(r.remainder, operator.mod)
    __rmod__ = _binary(r.remainder, operator.mod, swapped=True)
    __lt__ = _binary(c.less, operator.lt)
    __le__ = _binary(c.less_equal, operator.le)
    __gt__ = _binary(c.greater, operator.gt)
    __ge__ = _binary(c.greater_equal, operator.ge)
    __eq__ = _binary(c.equal, operator.eq)
    __ne__ = _binary(c.not_equal, operator.ne)
    __and__ = _binary(b.bitwise_and, operator.and_)
    __rand__ = _binary(b.bitwise_and, operator.and_, swapped=True)
    __or__ = _binary(b.bitwise_or, operator.or_)
    __ror__ = _binary(b.bitwise_or, operator.or_, swapped=True)
    __xor__ = _binary(b.bitwise_xor, operator.xor)
    __rxor__ = _binary(b.bitwise_xor, operator.xor, swapped=True)
    __lshift__ = _binary(b.left_shift, operator.lshift)
    __rlshift__ = _binary(b.left_shift, operator.lshift, swapped=True)
    __rshift__ = _binary(b.right_shift, operator.rshift)
    __rrshift__ = _binary(b.right_shift, operator.rshift, swapped=True)

    def __pow__(self, other: Any) -> Any:
        return power(self, operand(other), operator.pow) if isinstance(other, _OPERANDS) else NotImplemented

    def __rpow__(self, other: Any) -> Any:
        return power(operand(other), self, operator.pow) if isinstance(other, _OPERANDS) else NotImplemented

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __neg__(self) -> Any:
        return elementwise(a.negative, operator.neg, self)

    def __pos__(self) -> Any:
        return self.copy("K") if self.shape else self[()]

    def __invert__(self) -> Any:
        return elementwise(b.invert, operator.invert, self)

    def __abs__(self) -> Any:
        return elementwise(absolute, abs, self)

    def __matmul__(self, other: Any) -> Any:
        trace = self.owner
        if (
            isinstance(trace, TapeTrace)
            and _is_matrix(self.value)
            and (
                _is_matrix(other)
                or (isinstance(other, Tracer) and other.owner is trace and _is_matrix(other.value))
            )
        ):
            return trace.binary(product, operator.matmul, self, other, 2)
        return f.contractions.matmul(self, operand(other)) if isinstance(other, _OPERANDS) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        return f.contractions.matmul(operand(other), self) if isinstance(other, _OPERANDS) else NotImplemented

    __iadd__ = _in_place(__add__)
    __isub__ = _in_place(__sub__)
    __imul__ = _in_place(__mul__)
    __itruediv__ = _in_place(__truediv__)
    __ifloordiv__ = _in_place(__floordiv__)
    __imod__ = _in_place(__mod__)
    __ipow__ = _in_place(__pow__)
    __imatmul__ = _in_place(__matmul__)
    __iand__ = _in_place(__and__)
    __ior__ = _in_place(__or__)
    __ixor__ = _in_place(__xor__)
    __ilshift__ = _in_place(__lshift__)
    __irshift__ = _in_place(__rshift__)

    # --- parts -------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        part = indexing.read_element(self, index)
        if part is not None:
            return part
        if not indexing.is_basic(index):
            return indexing.read_advanced(self, index)
        part = indexing.read_basic(self, index)
        if not shape_of(part) and not indexing.has_dots(index):
            return part  # a number: NumPy's is a copy
        part = self._viewed(
            part,
            lambda base: indexing.read_basic(base, index),
            lambda base, new: indexing.write(base, index, new),
        )
        if isinstance(part, View):
            part.remember(index)
        return part

    def __setitem__(self, index: Any, value: Any) -> None:
        value = operand(value)
        if isinstance(value, View) and value.is_part(self, index):
            return  # x[index] += y has been written through the view
        if isinstance(self, View) or not indexing.write_in_place(self, index, value):
            self.become(indexing.write(self, index, value))

    def become(self, new: Any) -> None:
        """Take another value, in place: all who hold this array see it."""
        if not isinstance(new, Tracer):
            new = self.owner.boxed(new)
        elif new.owner.level < 0 < self.owner.level:  # a constant that waits to be filled: the array it holds
            new = self.owner.boxed(new.value)
        new = self.in_place(new)
        self.owner, self.value, self.extra = new.owner, new.value, new.extra

    def in_place(self, new: Tracer) -> Tracer:
        """A new value for this array, made to lie in memory where this one lies."""
        old, value = self.value, new.value
        if type(old) is np.ndarray and type(value) is np.ndarray and old.strides == value.strides:
            return new
        layout = self.layout()
        if layout.ndim and layout.strides != new.layout().strides:
            new = laid(new, layout)
        self.lie_as(layout)
        return new

    def lie_as(self, layout: np.ndarray) -> None:
        """Remember how this array lies in memory, where its value will not show it."""
        if not layout.flags.c_contiguous:
            kept = hollow(layout)
            if self.value is None or kept is layout:
                self._layout = kept

    @staticmethod
    def lie(boxes: Any, primitive: Primitive, args: Any, params: dict[str, Any]) -> None:
        """Note how the results of a staged operation will lie in memory."""
        if not may_scatter(primitive):
            for a in args:
                if is_scattered(a):
                    break
            else:
                return
        for box, layout in zip(boxes, layouts_after(boxes, primitive, args, params), strict=False):
            box.lie_as(layout)

    def _viewed(self, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> Any:
        """The part as a view of this array: writing to either shows in both."""
        if not shape_of(part) and not shape_of(self):
            return part
        return self._view(part if isinstance(part, Traced) else self.owner.boxed(part), take, restore)

    def viewed(self, take: Callable[..., Any], restore: Callable[..., Any]) -> Any:
        """`take(self)` as a view: written into, this array becomes `restore(self, new)`."""
        return self._viewed(take(self), take, restore)

    def layout(self) -> Any:
        """An array that lies in memory as this one does in NumPy, to decide what is a view."""
        try:
            return self._layout
        except AttributeError:
            return layout_of(self)

    def copy(self, order: Any = "C") -> Any:
        """An array of its own with the same elements."""
        value = self.value
        new = self.owner.box(self.owner, value, self.extra)
        if type(value) is np.ndarray and value.flags.c_contiguous and order in "CK":
            return new
        layout = self.layout()
        wanted = np.empty_like(layout, order=order)
        return new if wanted.strides == layout_of(new).strides else laid(new, wanted)

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> Any:
        del memo
        return self.copy()

    def __round__(self, digits: Any = None) -> Any:
        return int(self) if digits is None else self.round(operator.index(digits))

    def _view(self, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> Any:
        """The class of views of arrays of this class."""
        return View(self, part, take, restore)

    # --- what must not happen in silence -----------------------------------------------------

    __float__ = leaving("float(...)", "Keep the array, or write float(stop_gradient(x)) to leave on purpose.")
    __int__ = leaving("int(...)", "Keep the array, or compute the integer from plain arguments.")
    __trunc__ = __int__
    __complex__ = leaving(
        "complex(...)", "Keep the array, or write float(stop_gradient(x)) to leave on purpose."
    )
    __array__ = leaving("making a plain array of it", "Use np.stack instead of np.array, or plain arguments.")
    __reduce__ = leaving("pickling", "Return the value from the function and pickle that.")

    def __index__(self) -> int:
        if self.aval.dtype.kind not in "iub":
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return operator.index(concrete(self, "an index"))

    # --- NumPy's protocols -------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        if len(args) == 1 and method == "__call__" and not options and isinstance(self.owner, TapeTrace):
            primitive = PRIMITIVES.get(ufunc)
            if primitive is not None:
                return self.owner.unary(primitive, ufunc, self)
        return apply_ufunc(ufunc, method, args, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        del types
        ours = f.TABLE.get(function)
        if ours is None:
            name = f"{function.__module__}.{function.__name__}"
            error = DerivativeError(
                f"{name} of a traced array was asked for", "a function without a rule", NO_RULE
            )
            raise refusal(self.owner, error)
        return ours(*args, **options)


class View(Traced):
    """A part of a traced array that shares its elements with it, as a basic slice does in NumPy.

    It reads its elements anew when the base has changed, and writes through to the base.
    """

    __slots__ = ()

    scalars_are_replaced = False

    def __init__(
        self, base: Traced, part: Tracer, take: Callable[..., Any], restore: Callable[..., Any]
    ) -> None:
        self._link = Link(base, part, take, restore)

    @property
    def owner(self) -> Any:
        """The trace of the base."""
        return self._link.part().owner

    @property
    def value(self) -> Any:
        """The elements one trace further out."""
        return self._link.part().value

    @property
    def extra(self) -> Any:
        """What the trace remembers of them."""
        return self._link.part().extra

    def remember(self, index: Any) -> None:
        """Keep the index by which this view was read."""
        self._link.index = index

    def is_part(self, base: Any, index: Any) -> bool:
        """Whether this view is what `base[index]`, written with this very index, is."""
        return index is not None and self._link.base is base and self._link.index is index

    def become(self, new: Any) -> None:
        """Write through to the base."""
        self._link.write(new)

    def layout(self) -> Any:
        """As the base lies, seen through this view."""
        return self._link.layout()
