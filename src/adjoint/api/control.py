"""Loops and branches as functions: `cond`, `switch`, `while_loop`, `fori_loop`, `scan` and others.

Python's own `if`, `for` and `while` serve as well wherever values are known. These functions say what a loop
is: in a Program it stays one, whatever its length; `vmap` runs it for examples that end at different times;
and going back over it can keep few of its states (`checkpoint=`).

Where nothing is traced they run the user's functions as Python does. Under a derivative a loop's function is
recorded once, and run as Python does only if it asks for numbers. Results and derivatives are the same.
"""

from collections.abc import Callable, Sequence
from typing import Any

from .. import trees
from ..array.traced import Traced
from ..control import structured
from ..control.schedules import Schedule, root
from ..core.avals import aval_of, describe
from ..core.primitive import Tracer
from ..errors import ArgumentError, DtypeError, TraceError
from .arguments import Function, checked
from .following import run, settled
from .replayed import scan_replayed, while_replayed
from .rounds import has_number, is_known, scan_rounds, traced_values, while_rounds


def _following(function: Function) -> Function:
    """The function as it is staged: followed into its calls."""

    def followed(*args: Any) -> Any:
        return run(function, *args)

    followed.__name__ = getattr(function, "__name__", "body")
    return followed


def _plain(tree: Any) -> Any:
    """The container with arrays of constants as plain ones."""
    return trees.map_leaves(settled, tree)


def _chosen(traced: Sequence[Tracer], staged: Callable[[], Any], python: Callable[[], Any]) -> Any:
    """The staged way where something is traced, and Python's where nothing is, or where it has to be."""
    if not traced:
        return python()
    try:
        return staged()
    except TraceError:
        if not all(has_number(value) for value in traced):
            raise
    return python()


# --- branches ------------------------------------------------------------------------------------


def cond(pred: Any, true_function: Function, false_function: Function, *operands: Any) -> Any:
    """One of two functions, by a condition.

        true_function(*operands) if pred else false_function(*operands)

    Where `pred` is known, one function is called, as Python would. In a Program both become branches, of
    which one runs; under `vmap`, where `pred` differs between examples, both run and each example takes its
    own. The derivative is that of the branch taken.

    Args:
        pred: one truth value, or a whole number of which zero is false.
        true_function, false_function: take the operands; in a Program they return containers of the same
            structure and shapes, and dtypes are widened to a common one.
        operands: arrays or containers of arrays.

    Returns:
        What the function returns.

    Raises:
        DtypeError: `pred` is not one truth value or whole number.
        ContainerError, ShapeError: the branches differ in structure or shape.

    >>> cond(True, np.sin, np.cos, 0.0)
    np.float64(0.0)
    >>> adjoint.grad(lambda x: cond(x > 0, lambda x: x**2, lambda x: -x, x))(3.0)
    6.0
    >>> adjoint.vmap(lambda x: cond(x > 0, lambda x: x**2, lambda x: -x, x))(np.array([-2.0, 3.0]))
    array([2., 9.])
    """
    checked("cond", true_function)
    checked("cond", false_function)
    return switch(_truth(pred), (false_function, true_function), *operands)


def _truth(pred: Any) -> Any:
    pred = settled(pred)
    aval = aval_of(pred)
    if aval.shape or aval.dtype.kind not in "biu":
        raise DtypeError("cond with one truth value", describe(pred), "Write a comparison, such as x > 0.")
    return pred if aval.dtype.kind == "b" else pred != 0


def switch(index: Any, functions: Sequence[Function], *operands: Any) -> Any:
    """One of several functions, by a whole number; an index out of range counts as the nearest.

        functions[min(max(index, 0), len(functions) - 1)](*operands)

    As `cond`, of which it is the general form.

    Args:
        index: one whole number.
        functions: take the operands; in a Program they return containers of one structure, shapes and dtypes.
        operands: arrays or containers of arrays.

    Returns:
        What the function returns.

    Raises:
        DtypeError: the index is not one whole number.
        ArgumentError: there is no function.
        ContainerError, ShapeError: the functions' results differ in structure or shape.

    >>> [switch(k, [np.sin, np.cos, np.exp], 0.0) for k in (0, 1, 7)]
    [np.float64(0.0), np.float64(1.0), np.float64(1.0)]
    >>> adjoint.grad(lambda x: switch(2, [np.sin, np.cos, np.exp], x))(0.0)
    1.0
    """
    for function in functions:
        checked("switch", function)
    index = structured.whole_number(settled(index))
    if functions and is_known(index):
        while isinstance(index, Tracer):
            index = index.value
        return run(functions[min(max(int(index), 0), len(functions) - 1)], *operands)
    return structured.switch(index, [_following(f) for f in functions], _plain(operands), box=Traced)


# --- loops ---------------------------------------------------------------------------------------


def while_loop(
    cond: Function, body: Function, init: Any, *, checkpoint: Any = "all", slots: int | None = None
) -> Any:
    """The state after a loop that ends when a condition is false.

        while cond(state): state = body(state)

    Its derivative goes back over as many rounds as there were. Under `vmap` it goes on while any example
    does, and those that have ended keep their state.

    Args:
        cond: takes the state, returns one truth value.
        body: takes the state, returns one of the same structure, shapes and dtypes. Where a round
            widens a dtype, the state has the wider one from the start.
        init: the state before the first round: an array or a container of arrays.
        checkpoint: what is kept for the way back: "all"; "none", the start; every `k`-th state; or
            "doubling", at most `slots` states, of which a half is kept on the way ahead.
        slots: for "doubling", 32 where it is not given.

    Returns:
        The last state.

    Raises:
        ShapeError, ContainerError: a round changes the state's shapes or structure; the leaf is named.
        DtypeError: the condition is not one truth value.
        ArgumentError: there is no such schedule.

    >>> def root(a):  # Newton's method
    ...     far = lambda x: abs(x * x - a) > 1e-12
    ...     return while_loop(far, lambda x: 0.5 * (x + a / x), a)
    >>> print(root(9.0), adjoint.grad(root)(9.0))
    3.0 0.16666666666666...
    """
    checked("while_loop", cond)
    checked("while_loop", body)
    schedule = _schedule("while_loop", checkpoint, slots, None)
    init = _plain(init)

    def python() -> Any:
        if schedule is None or not traced:
            return while_rounds(cond, body, init)
        return while_replayed(cond, body, init, schedule)

    def staged() -> Any:
        return structured.while_loop(_following(cond), _following(body), init, box=Traced, schedule=schedule)

    traced = traced_values((cond, body), init)
    return _chosen(traced, staged, python)


def fori_loop(
    lower: Any,
    upper: Any,
    body: Function,
    init: Any,
    *,
    checkpoint: Any = "all",
    slots: int | None = None,
) -> Any:
    """The state after a loop over whole numbers.

        for i in range(lower, upper): state = body(i, state)

    Args:
        lower, upper: whole numbers; they may be traced, and the loop is a `while_loop` then.
        body: takes the number and the state, returns the state.
        init: the state before the first round.
        checkpoint, slots: what is kept for the way back, as for `scan`.

    Returns:
        The last state.

    Raises:
        DtypeError: a bound is no whole number.
        ShapeError, ContainerError: a round changes the state's shapes or structure.
        ArgumentError: there is no such schedule.

    >>> fori_loop(0, 5, lambda i, total: total + i, 0)
    np.int64(10)
    >>> adjoint.grad(lambda x: fori_loop(0, 3, lambda i, y: y * x, 1.0))(2.0)
    12.0
    """
    checked("fori_loop", body)
    bounds = [structured.whole_number(settled(bound)) for bound in (lower, upper)]
    init = _plain(init)
    if all(is_known(bound) for bound in bounds):
        steps = structured.numbers(_number(bounds[0]), _number(bounds[1]))
        return scan(_Counted(body), init, steps, length=len(steps), checkpoint=checkpoint, slots=slots)[0]
    schedule = _schedule("fori_loop", checkpoint, slots, None)
    return structured.fori_loop(bounds[0], bounds[1], _following(body), init, box=Traced, schedule=schedule)


def _number(value: Any) -> int:
    while isinstance(value, Tracer):
        value = value.value
    return int(value)


class _Counted:
    """A body of `fori_loop` as one of `scan`."""

    __slots__ = ("body",)

    def __init__(self, body: Function) -> None:
        self.body = body

    def __call__(self, state: Any, i: Any) -> tuple[Any, None]:
        return run(self.body, i, state), None


def scan(
    function: Function,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    *,
    reverse: bool = False,
    unroll: int = 1,
    checkpoint: Any = "all",
    slots: int | None = None,
) -> tuple[Any, Any]:
    """A loop over the first axis of arrays that carries a state and collects results.

        for x in xs: state, y = function(state, x)

    Going back over n rounds needs the states at which they started. What is kept of them is chosen by
    `checkpoint`; the rest is computed once more. With c slots, "binomial" takes the fewest steps forward that
    are possible, t(n, c) = r n - C(c + r, c + 1) with r the least number with C(c + r, c) >= n (Griewank &
    Walther, "Algorithm 799: revolve", ACM TOMS 26, 2000).

    Args:
        function: takes the state and one row of each array in `xs`, returns the next state and a result y,
            each an array or container of arrays; y may be None.
        init: the state before the first round.
        xs: an array or a container of arrays with first axes of one length, or None.
        length: the number of rounds, where `xs` is None.
        reverse: go from the last row to the first; the ys lie in the places of their rows.
        unroll: in a Program, so many rounds in one.
        checkpoint: "all", what the way back reads of each round; "none", the start; `k`, each k-th state;
            "sqrt", each √n-th; "binomial", at most `slots` states and the current one.
        slots: for "binomial", about 2 log2(n) where it is not given.

    Returns:
        The last state, and the ys stacked along a new first axis.

    Raises:
        ShapeError: lengths differ, or a round changes the shape of the state; the leaf is named.
        ContainerError: the function returns no pair, or another structure of state.
        ArgumentError: there is no such schedule.

    >>> last, sums = scan(lambda s, x: (s + x, s + x), 0.0, np.array([1.0, 2.0, 3.0]))
    >>> last, sums
    (np.float64(6.0), array([1., 3., 6.]))
    >>> def last(w):
    ...     step = lambda s, _: (np.tanh(w * s), None)
    ...     return scan(step, 1.0, length=100, checkpoint="binomial", slots=5)[0]
    >>> print(adjoint.grad(last)(1.5))
    0.3726...
    """
    checked("scan", function)
    init, xs = _plain(init), _plain(xs)
    _, _, count = structured.sequences("scan", xs, length)
    schedule = _schedule("scan", checkpoint, slots, count)
    unroll = _whole("unroll", unroll)

    def python() -> Any:
        if schedule is None or not traced:
            return scan_rounds(function, init, xs, length, reverse=reverse)
        return scan_replayed(function, init, xs, length, reverse=reverse, schedule=schedule)

    def staged() -> Any:
        return structured.scan(
            _following(function),
            init,
            xs,
            length=length,
            reverse=reverse,
            unroll=unroll,
            box=Traced,
            schedule=schedule,
        )

    own = function.body if isinstance(function, _Counted | _Mapped) else function
    traced = traced_values((own,), init, xs)
    return _chosen(traced, staged, python) if count else staged()


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentError(f"{name} as a whole number from 1", repr(value), "Write an integer.")
    return value


def _schedule(asked: str, checkpoint: Any, slots: int | None, length: int | None) -> Schedule | None:
    """What is kept, for a loop of this length; None for everything that the way back reads."""
    if slots is not None:
        _whole("slots", slots)
    if checkpoint == "all":
        return None
    if checkpoint == "none":
        return Schedule("none")
    if isinstance(checkpoint, int) and not isinstance(checkpoint, bool):
        return Schedule("every", _whole("checkpoint", checkpoint))
    if checkpoint == "sqrt" and length is not None:
        return Schedule("every", root(max(length, 1)))
    if checkpoint == "binomial" and length is not None:
        return Schedule("binomial", slots or max(1, 2 * max(length, 1).bit_length()))
    if checkpoint == "doubling":
        return Schedule("doubling", slots or 32)
    known = '"all", "none", a whole number k, "sqrt", "binomial"'
    unknown = '"all", "none", a whole number k or "doubling", its length being known when it has run'
    raise ArgumentError(
        f"{asked} with checkpoint={unknown if length is None else known}",
        repr(checkpoint),
        "They say which states are kept for the way back.",
    )


def associative_scan(function: Function, elements: Any, *, reverse: bool = False) -> Any:
    """All running results of an associative function, in about log2(n) calls of it.

        y_0 = x_0,    y_i = function(y_{i-1}, x_i)

    Args:
        function: takes two batches (or containers of batches) and returns one: it is called on many pairs at
            once, along the first axis, and must be associative.
        elements: an array or a container of arrays, with first axes of one length.
        reverse: from the last element to the first.

    Returns:
        The running results, shaped as the elements.

    Raises:
        ShapeError: the lengths differ.

    >>> associative_scan(np.add, np.array([1.0, 2.0, 3.0, 4.0]))
    array([ 1.,  3.,  6., 10.])
    >>> def joined(a, b):  # of two steps x -> m x + c, one after the other
    ...     return a[0] * b[0], a[1] * b[0] + b[1]
    >>> associative_scan(joined, (np.full(3, 0.5), np.ones(3)))[1]
    array([1.  , 1.5 , 1.75])
    """
    checked("associative_scan", function)
    return structured.associative_scan(_following(function), _plain(elements), reverse=reverse)


def map(function: Function, xs: Any, *, checkpoint: Any = "all", slots: int | None = None) -> Any:
    """A function of each row, one after the other: for rows that are too large for `vmap`.

        ys[i] = function(xs[i])

    Args:
        function: takes one row of each array in `xs`, returns an array or a container of arrays.
        xs: an array or a container of arrays with first axes of one length.
        checkpoint, slots: what is kept for the way back, as for `scan`.

    Returns:
        The results, stacked along a new first axis.

    Raises:
        ShapeError: lengths differ.

    >>> map(lambda x: x @ x, np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([ 5., 25.])
    """
    checked("map", function)
    return scan(_Mapped(function), (), xs, checkpoint=checkpoint, slots=slots)[1]


class _Mapped:
    """A function of `map` as a body of `scan`."""

    __slots__ = ("body",)

    def __init__(self, body: Function) -> None:
        self.body = body

    def __call__(self, state: Any, x: Any) -> tuple[Any, Any]:
        return state, run(self.body, x)
