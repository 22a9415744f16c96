"""The tape door: tensors that record what happens to them, and `backward()`.

    a = tensor([2.0, 3.0], requires_grad=True)
    loss = np.sum(a**2);  loss.backward();  a.grad

A `Tensor` is a traced array like those that `grad` hands to a function: the same operators, methods and
NumPy functions, the same derivatives. Its trace is older than all others, so the functional transforms
take tensors for outer values: `grad(f)(t)`, `jvp(f, (t,), (v,))` give tensors that record too.

Values are never overwritten where somebody else holds them: an in-place operation gives the tensor a
new value, so what the graph has saved stays right.
"""

import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..array import indexing
from ..array.dispatch import operand
from ..array.traced import Traced, View, fitting
from ..array.views import Link, laid
from ..core.avals import describe
from ..core.equation import user_line
from ..core.primitive import Tracer
from ..errors import GraphError, MutationError, ShapeError, TraceError
from ..transforms.graph import Node, signature
from .elements import check_floating, one_for, plain_elements, text_of, unboxed
from .gradfn import (
    GradFn,
    HookHandle,
    Leaf,
    Retained,
    hooked,
    no_graph,
    plain_cotangent,
    retained,
)
from .gradmode import no_grad, recording
from .tensortape import TensorTape


def _number(kind: type, name: str) -> Any:
    """`float(t)` and its kin: of a tensor without a gradient it is the number."""
    refuse = getattr(Traced, name)

    def method(self: Any) -> Any:
        return refuse(self) if self.extra is not None else kind(self.value)

    return method


class Tensor(Traced):
    """An array that records what happens to it, made by `tensor`.

    With `requires_grad` it is a leaf of the graph and collects its gradient in `grad`. What is computed
    from it requires gradients too, and shows its operation as `grad_fn`.

    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> y = np.sum(x * x)
    >>> y
    tensor(5., grad_fn=<reduce_sum>)
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("__weakref__", "_frozen")

    scalars_are_replaced = False

    # --- gradients ---------------------------------------------------------------------------

    def backward(self, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
        """Add the gradient of this tensor to the `grad` of every leaf that it depends on.

            x.grad += J^T gradient,   J = d self / d x

        Args:
            gradient: the cotangent, of this tensor's shape; not needed for one real number (it is 1).
            retain_graph: keep what the graph has saved, for a further walk through it.
            create_graph: refused; `grad(grad(f))`, `hessian` and `hvp` give higher derivatives.

        Raises:
            GraphError: nothing here requires gradients, or an earlier walk has freed the graph.
            ShapeError: several elements and no `gradient`, or one of another shape.
            DtypeError: a complex result without a `gradient`.

        >>> x = tensor([1.0, 2.0], requires_grad=True)
        >>> (x**2).backward(gradient=[1.0, 10.0])
        >>> x.grad
        tensor([ 2., 40.])
        """
        node = self.extra
        if node is None:
            raise no_graph("backward()")
        if create_graph:
            raise GraphError(
                "a differentiable backward pass was asked for",
                "create_graph=True",
                "Write a function f and use grad(grad(f)), hessian(f) or hvp: they nest to any order.",
            )
        if gradient is None:
            ct = one_for(self)
        elif type(gradient) is np.ndarray and gradient.shape == node.shape and gradient.dtype is node.dtype:
            ct = gradient.copy()
        else:
            ct = plain_cotangent("the gradient given to backward()", gradient, node.aval)
        for leaf, cotangent in TAPE.backward([(node, ct)], release=not retain_graph).items():
            assert isinstance(leaf, Leaf)
            leaf.accumulate(TAPE, cotangent)

    @property
    def grad(self) -> Any:
        """The gradient so far: a tensor of this one's shape and dtype, or None. Set it to None to start anew.

        Every `backward()` adds to it. It is kept for leaves, and for results after `retain_grad()`.

        Complex tensors follow the transpose convention, without conjugation: for a real loss L and
        z = x + iy it is dL/dx - i dL/dy, the conjugate of PyTorch's. So steepest descent steps along
        the conjugate, `z -= rate * z.grad.conj()`.

        >>> z = tensor(3.0 + 4.0j, requires_grad=True)
        >>> (z.real**2 + z.imag**2).backward()
        >>> z.grad
        tensor(6.-8.j, dtype=complex128)
        """
        keeper = self._keeper()
        if keeper is None and self.extra is not None:
            warnings.warn(
                f"grad of a result of {self.grad_fn!r} was asked for, and only leaves keep theirs. "
                "Call retain_grad() on it before backward().",
                stacklevel=2,
            )
        return None if keeper is None else keeper.grad

    @grad.setter
    def grad(self, value: Any) -> None:
        keeper = self._keeper()
        if keeper is not None:
            keeper.grad = value if value is None else self._as_gradient(value)
        elif value is not None:
            raise no_graph("setting the gradient")

    def _as_gradient(self, value: Any) -> "Tensor":
        if isinstance(value, Tensor) and value.extra is None and value.aval == self.aval:
            return value
        return Tensor(TAPE, plain_cotangent("a gradient", value, self.aval), None)

    def _keeper(self) -> Leaf | Retained | None:
        """What keeps the gradient."""
        node = self.extra
        if node is None:
            return self._frozen_leaf()
        return node if isinstance(node, Leaf) else retained(node)

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded. May be set on leaves."""
        return self.extra is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> "Tensor":
        """Start, or stop, collecting gradients in this leaf; gives the tensor itself.

        >>> tensor([1.0, 2.0]).requires_grad_()
        tensor([1., 2.], requires_grad=True)
        """
        node = self.extra
        if node is not None and not isinstance(node, Leaf):
            if not requires_grad:
                raise GraphError(
                    "requires_grad=False was asked for",
                    f"a result of {GradFn(TAPE, node)!r}, and only a leaf can be frozen",
                    "Use x.detach().",
                )
        elif not requires_grad:
            self._frozen = node
            self._set_node(None)
        elif node is None:
            check_floating(self)
            self._set_node(self._frozen_leaf() or Leaf(self, user_line()))
        return self

    def _frozen_leaf(self) -> Leaf | None:
        """The node of a leaf that was frozen: it keeps its gradient, and graphs that hold it stay right."""
        return getattr(self, "_frozen", None)

    def _set_node(self, node: Node | None) -> None:
        self.extra = node

    @property
    def is_leaf(self) -> bool:
        """Whether the tensor was made by the user, or requires no gradients."""
        return self.extra is None or isinstance(self.extra, Leaf)

    @property
    def grad_fn(self) -> GradFn | None:
        """The operation that made this tensor; None for a leaf."""
        node = self.extra
        return None if node is None or isinstance(node, Leaf) else GradFn(TAPE, node)

    def retain_grad(self) -> None:
        """Keep the gradient of this result in its `grad`, as for a leaf."""
        node = self.extra
        if node is None:
            raise no_graph("retain_grad()")
        if self._keeper() is None:
            node.hooks = [*(node.hooks or ()), Retained(TAPE)]

    def register_hook(self, hook: Callable[[Any], Any]) -> HookHandle:
        """Call `hook(gradient)` whenever a gradient reaches this tensor; what it returns replaces it.

        >>> x = tensor(3.0, requires_grad=True)
        >>> handle = x.register_hook(lambda g: 10 * g)
        >>> (x * x).backward()
        >>> x.grad
        tensor(60.)
        >>> handle.remove()
        """
        if self.extra is None:
            raise no_graph("register_hook()")
        return hooked(TAPE, self.extra, hook)

    # --- the elements ------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The elements without the graph. They are shared: writing to either shows in both.

        >>> w = tensor([1.0, 2.0], requires_grad=True)
        >>> w.data -= 1.0
        >>> w
        tensor([0., 1.], requires_grad=True)
        """
        return Data(self)

    @data.setter
    def data(self, value: Any) -> None:
        value = value.value if isinstance(value, Tensor) else plain_elements(value, None)
        if value is not self.value:
            self._overwrite(fitting(self, Tensor(TAPE, value, None)).value)

    def _overwrite(self, value: Any) -> None:
        """Another value, and the graph as it was."""
        self.value = value

    def detach(self) -> "Tensor":
        """The elements as they are now, without the graph. Later changes of either leave the other alone.

        >>> y = 2.0 * tensor([1.0, 2.0], requires_grad=True)
        >>> y.detach()
        tensor([2., 4.])
        """
        return Tensor(TAPE, self.value, None)

    def clone(self) -> "Tensor":
        """A tensor of its own with the same elements, through which gradients pass."""
        node = self.extra
        if node is not None:
            node = Node((node,), _clone, (), *signature(self.value)) if recording() else None
        return Tensor(TAPE, self.value, node)

    def copy(self, order: Any = "C") -> "Tensor":
        """As `numpy.ndarray.copy`; gradients pass."""
        return laid(self.clone(), np.empty_like(self.layout(), order=order))

    def item(self, *index: Any) -> Any:
        """One element as a Python number: the only one, or that at an index. It leaves the graph.

        >>> (2.0 * tensor(3.0, requires_grad=True)).item()
        6.0
        """
        if not index and self.size != 1:
            raise ShapeError("item() needs one element", describe(self), "Index it first, or use tolist().")
        return np.asarray(self.value).item(*index)

    def numpy(self) -> np.ndarray:
        """The elements as a NumPy array of their own. Refused where gradients would be lost in silence.

        >>> tensor([1.0, 2.0]).numpy()
        array([1., 2.])
        """
        if self.extra is not None:
            raise TraceError(
                "numpy() was asked for on a tensor that requires gradients",
                f"{describe(self)} at {user_line()}",
                "Write x.detach().numpy().",
            )
        return np.array(self.value)

    def zero_(self) -> "Tensor":
        """Set every element to zero, in place.

        >>> g = tensor([1.0, 2.0])
        >>> g.zero_()
        tensor([0., 0.])
        """
        self.become(unboxed(np.zeros(self.shape, self.dtype)))
        return self

    # --- in place ----------------------------------------------------------------------------

    def become(self, new: Any) -> None:
        """Take another value in place: refused for a leaf; under `no_grad` the graph stays as it was."""
        if not isinstance(new, Tracer):
            new = TAPE.constant(new)
        if new.owner is not TAPE:
            raise MutationError(
                "a value that another transformation traces was to be written into a tensor",
                f"{describe(new)} at {user_line()}",
                "Write x = x + y, or make the array with np.zeros_like(y) inside of the function.",
            )
        if not recording():
            self._overwrite(self.in_place(new).value)
        elif isinstance(self.extra, Leaf):
            raise self.extra.written()
        else:
            new = self.in_place(new)
            self.value, self.extra = new.value, new.extra

    def __setitem__(self, index: Any, value: Any) -> None:
        if recording():
            if isinstance(self.extra, Leaf):
                raise self.extra.written()
            super().__setitem__(index, value)
        else:
            value = value.value if isinstance(value, Tensor) else value
            if self.extra is None:
                super().__setitem__(index, value)
            else:
                self.become(indexing.write(self.detach(), index, operand(value)))

    def _view(self, part: Any, take: Callable[..., Any], restore: Callable[..., Any]) -> Any:
        return TensorView(self, part, take, restore)

    def __hash__(self) -> int:
        return id(self)

    # --- leaving, and showing ----------------------------------------------------------------

    __float__ = _number(float, "__float__")
    __int__ = _number(int, "__int__")
    __complex__ = _number(complex, "__complex__")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.extra is not None:
            return Traced.__array__(self)
        if copy is False:
            raise ValueError("a tensor gives a copy of its elements only: leave copy=False away")
        return np.array(self.value, dtype)

    def __reduce__(self) -> Any:
        if not self.is_leaf:
            raise GraphError(
                "a copy or a pickle was asked for",
                f"a result of {self.grad_fn!r}",
                "Use x.detach() or x.clone().",
            )
        return tensor, (np.array(self.value), self.requires_grad)

    def __deepcopy__(self, memo: Any) -> Any:
        del memo
        make, parts = self.__reduce__()
        return make(*parts)

    def __format__(self, spec: str) -> str:
        return Traced.__format__(self, spec) if self.shape else format(self.item(), spec)

    def __repr__(self) -> str:
        return text_of(self, threshold=None)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("tensor(...)" if cycle else text_of(self, threshold=100))


def _clone(ct: Any) -> tuple[Any]:
    return (ct,)


_clone.__name__ = "clone"

TAPE = TensorTape(Tensor)


class TensorView(View, Tensor):
    """A part of a tensor that shares its elements, such as `x[1:]`, `x.T` and `x.reshape(2, 3)`."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None:
        value = operand(value)
        if not (isinstance(value, View) and value.is_part(self, index)):
            self.become(indexing.write(self if recording() else self.detach(), index, value))

    def _overwrite(self, value: Any) -> None:
        with no_grad():
            self.become(TAPE.constant(value))

    def _set_node(self, node: Node | None) -> None:
        cell = Tensor(TAPE, self.value, node)
        if isinstance(self._link, Link):
            self._link.whole.torn = True
        self._link = _Settled(cell)


class Data(TensorView):
    """What `x.data` gives: the elements of x, written without regard to the graph."""

    __slots__ = ()

    def __init__(self, owner: Tensor) -> None:
        self._link = _Shared(owner)


class _Settled:
    """A view that has become a leaf, and from then on has elements of its own."""

    __slots__ = ("cell",)
    base = index = None

    def __init__(self, cell: Tensor) -> None:
        self.cell = cell

    def part(self) -> Tensor:
        return self.cell

    def write(self, new: Any) -> None:
        self.cell.become(new)


class _Shared:
    """How `x.data` hangs on x: weakly, lest an old loss keep its graph alive; on a view as on its base."""

    __slots__ = ("cell", "owner")
    base = index = None

    def __init__(self, owner: Tensor) -> None:
        self.owner: Callable[[], Tensor | None]
        self.owner = weakref.ref(owner) if type(owner) is Tensor else lambda: owner
        self.cell = owner.detach()

    def part(self) -> Tensor:
        owner = self.owner()
        if owner is not None and owner.value is not self.cell.value:
            self.cell = owner.detach()
        return self.cell

    def write(self, new: Any) -> None:
        with no_grad():
            self.cell = self.cell.detach()
            self.cell.become(new)
        owner = self.owner()
        if owner is not None:
            owner._overwrite(self.cell.value)


def tensor(x: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """A tensor: an array that records what happens to it, for `backward()`.

    Args:
        x: a number, an array, lists of numbers, or a tensor (whose graph is left behind); copied.
        requires_grad: collect the gradient of this tensor in `grad`; floating or complex dtypes only.
        dtype: as in `numpy.asarray`; a list of Python floats gives float64.

    Raises:
        DtypeError: integers that should require gradients.
        ContainerError: what is no array of numbers.

    >>> a = tensor([2.0, 3.0], requires_grad=True)
    >>> b = tensor([6.0, 4.0], requires_grad=True)
    >>> Q = 3 * a**3 - b**2
    >>> Q.backward(gradient=[1.0, 1.0])
    >>> a.grad, b.grad
    (tensor([36., 81.]), tensor([-12.,  -8.]))
    """
    out = Tensor(TAPE, plain_elements(x.value if isinstance(x, Tensor) else x, dtype), None)
    if requires_grad:
        check_floating(out)
        out.extra = Leaf(out, user_line())
    return out
