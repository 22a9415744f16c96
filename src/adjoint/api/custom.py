"""`custom_jvp` and `custom_vjp`: functions with derivative rules that their authors write.

One rule serves both modes. The direction for which no rule was written is the transpose of the one
that was, since a tangent rule is linear in its tangents and a cotangent rule in its cotangents.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, cast

from .. import dtypes, trees
from ..array.traced import Traced
from ..control.custom import CustomJvp, CustomVjp, custom
from ..core.avals import Aval, aval_of, describe
from ..errors import ArgumentError, ContainerError, DerivativeError
from ..primitives.structure import zeros
from .arguments import Function, checked, is_array, matched, outputs, slot_label
from .following import run


class _Call:
    """One call: its arguments taken apart, and the structure of what comes out, once it is known."""

    __slots__ = ("avals", "constants", "function", "name", "result", "structure", "taken")

    def __init__(self, function: Function, leaves: Sequence[Any], structure: trees.Structure) -> None:
        self.function, self.name = function, getattr(function, "__name__", "function")
        self.structure = structure
        self.taken = [_is_operand(leaf) for leaf in leaves]
        self.avals = [
            aval_of(leaf) if taken else None for leaf, taken in zip(leaves, self.taken, strict=True)
        ]
        self.constants = [None if taken else leaf for leaf, taken in zip(leaves, self.taken, strict=True)]
        self.result: trees.Structure | None = None

    def arguments(self, operands: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with these arrays in them."""
        supply = iter(operands)
        return trees.unflatten(
            self.structure,
            [next(supply) if taken else leaf for leaf, taken in zip(self.constants, self.taken, strict=True)],
        )

    def directions(self, tangents: Sequence[Any]) -> tuple[Any, ...]:
        """Tangents shaped as the arguments: integer zeros for integers, None for what is no number."""
        supply = iter(tangents)
        return trees.unflatten(
            self.structure,
            [
                next(supply) if taken else zeros(aval_of(leaf)) if is_array(leaf) else None
                for leaf, taken in zip(self.constants, self.taken, strict=True)
            ],
        )

    def outputs(self, result: Any) -> list[Any]:
        """The leaves of a result, whose structure must be the one that was seen before."""
        leaves, structure = outputs(self.name, result)
        if self.result is not None and structure != self.result:
            raise ContainerError(
                f"a rule of {self.name} that gives what the function gives, {self.result}",
                str(structure),
                "Return the same container.",
            )
        self.result = structure
        return leaves

    def run(self, operands: Sequence[Any]) -> list[Any]:
        """The function on these arrays."""
        return self.outputs(run(self.function, *self.arguments(operands)))

    def restore(self, leaves: Sequence[Any]) -> Any:
        """The result as the user's container."""
        assert self.result is not None
        return trees.unflatten(self.result, leaves)

    def fitted(self, what: str, tree: Any, avals: Sequence[Aval], structure: trees.Structure) -> list[Any]:
        """A rule's tangents or cotangents as those of values of these types."""
        found = trees.flatten_as(structure, tree)
        return [
            matched(f"the rule of {self.name}", lambda i=i: f"{what} (leaf {i})", value, aval)
            if dtypes.is_inexact(aval.dtype)
            else zeros(aval)
            for i, (value, aval) in enumerate(zip(found, avals, strict=True))
        ]

    def pair(self, rule: str, result: Any, parts: str) -> tuple[Any, Any]:
        """What a rule returned, which must be two things."""
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise ContainerError(
                f"the {rule} rule of {self.name} to return a pair {parts}",
                describe(result),
                "Return two values.",
            )
        return result[0], result[1]


def _is_operand(leaf: Any) -> bool:
    """Arrays and floating numbers are operands; Python's integers and everything else are fixed."""
    return is_array(leaf) and not isinstance(leaf, int)


def _taken_apart(function: Function, args: tuple[Any, ...]) -> tuple[_Call, list[Any]]:
    """A call, which does not hold the arrays that it was made with, and those arrays."""
    leaves, structure = trees.flatten(args)
    return _Call(function, leaves, structure), [leaf for leaf in leaves if _is_operand(leaf)]


class _Decorated:
    """A function with a rule, as its decorator leaves it: called, and used as a method, as before."""

    def __init__(self, asked: str, function: Function) -> None:
        checked(asked, function)
        functools.update_wrapper(cast("Function", self), function)
        self.function = function
        self.name: str = getattr(function, "__name__", "function")
        self._signature = _signature(function)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(cast("Function", self), instance)

    def _positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """All arguments by position, defaults filled in, so that a rule sees them in one order."""
        if self._signature is None:
            if kwargs:
                raise ArgumentError(
                    f"{self.name} with positional arguments",
                    ", ".join(kwargs),
                    "It has no signature to look up.",
                )
            return args
        if not kwargs and len(args) == len(self._signature.parameters):
            return args
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise ArgumentError(
                f"{self.name}, a function with a derivative rule, with positional arguments",
                f"keyword-only {', '.join(bound.kwargs)}",
                "Make them positional in its definition.",
            )
        return bound.args

    def _missing(self, how: str) -> DerivativeError:
        return DerivativeError(
            f"{self.name}, a function with a derivative rule, was called", "no rule yet", f"Define it: {how}."
        )


def _signature(function: Function) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


class custom_jvp(_Decorated):
    """A decorator for functions with a rule for their tangents, given by `f.defjvp(rule)`.

        rule(primals, tangents) = (f(x), J x_dot)

    Forward mode runs the rule; reverse mode records it in its tangents, at the point as it stands, and
    transposes it. So the rule may branch on the primals, and must be linear in the tangents. Derivatives
    of derivatives differentiate the rule.

    Args:
        function: takes arrays or containers of arrays by position, returns the same. It may use
            traced values through its arguments only. Python integers, strings and functions among its
            arguments are fixed.

    `rule(primals, tangents)` gets two tuples with one entry for each argument (defaults included);
    the tangent of an integer is an integer zero, of what is no number None. It returns the output and
    its tangent, which has the output's structure and shapes, or is None for zero.

    Raises:
        DerivativeError: called before `defjvp`; the rule is not linear; the function uses traced
            values that are not among its arguments.
        ShapeError, DtypeError, ContainerError: the rule's tangent does not fit its output.

    >>> @custom_jvp
    ... def softplus(x):
    ...     return np.logaddexp(0.0, x)
    >>> @softplus.defjvp
    ... def softplus_jvp(primals, tangents):
    ...     (x,), (dx,) = primals, tangents
    ...     return softplus(x), dx / (1.0 + np.exp(-x))
    >>> adjoint.grad(softplus)(0.0)
    0.5
    >>> adjoint.jvp(softplus, (np.zeros(2),), (np.array([1.0, 4.0]),))[1]
    array([0.5, 2. ])
    """

    def __init__(self, function: Function) -> None:
        super().__init__("custom_jvp", function)
        self.rule: Callable[..., Any] | None = None

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Define the rule; it is handed back, so that this serves as a decorator."""
        checked("defjvp", rule)
        self.rule = rule
        return rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function; in a differentiated function its derivative is the rule's."""
        rule = self.rule
        if rule is None:
            raise self._missing("@f.defjvp above def rule(primals, tangents)")
        call, operands = _taken_apart(self.function, self._positional(args, kwargs))

        def flat_rule(values: Sequence[Any], tangents: Sequence[Any]) -> tuple[list[Any], list[Any]]:
            found = run(rule, call.arguments(values), call.directions(tangents))
            value, pushed = call.pair("jvp", found, "(output, tangent)")
            leaves = call.outputs(value)
            avals = [aval_of(leaf) for leaf in leaves]
            if pushed is None:
                return leaves, [zeros(aval) for aval in avals]
            assert call.result is not None
            return leaves, call.fitted("the output's tangent", pushed, avals, call.result)

        function = CustomJvp(self.name, call.run, flat_rule, Traced)
        return call.restore(custom(*operands, function=function))


class custom_vjp(_Decorated):
    """A decorator for functions with a rule for their cotangents, given by `f.defvjp(fwd, bwd)`.

        fwd(x) = (f(x), kept),    bwd(kept, y_bar) = (J^T y_bar,)

    Reverse mode runs the two. Forward mode is not lost: it records `bwd` in its cotangent and transposes
    it, if it is linear, and else says why not. Derivatives of derivatives differentiate `fwd` and `bwd`.

    Args:
        function: takes arrays or containers of arrays by position, returns the same. It may use
            traced values through its arguments only. Python integers, strings and functions among its
            arguments are fixed.

    `fwd` takes the arguments of the function (defaults included) and returns its output and anything
    that `bwd` needs. `bwd(kept, cotangent)` gets the output's cotangent and returns a tuple with the
    cotangent of each argument: its structure and shapes, or None for zero (and for integers).

    Raises:
        DerivativeError: called before `defvjp`; forward mode through a `bwd` that is not linear; the
            function uses traced values that are not among its arguments.
        ShapeError, DtypeError, ContainerError: a cotangent does not fit its argument.

    >>> @custom_vjp
    ... def square(x):
    ...     return x * x
    >>> square.defvjp(lambda x: (x * x, x), lambda x, y_bar: (2.0 * x * y_bar,))
    >>> adjoint.grad(square)(3.0), adjoint.jvp(square, (3.0,), (1.0,))
    (6.0, (9.0, 6.0))
    """

    def __init__(self, function: Function) -> None:
        super().__init__("custom_vjp", function)
        self.rules: tuple[Callable[..., Any], Callable[..., Any]] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Define both halves of the rule."""
        checked("defvjp", fwd)
        checked("defvjp", bwd)
        self.rules = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function; in a differentiated function its derivative is the rule's."""
        if self.rules is None:
            raise self._missing("f.defvjp(fwd, bwd)")
        fwd, bwd = self.rules
        call, operands = _taken_apart(self.function, self._positional(args, kwargs))

        def ahead(values: Sequence[Any]) -> tuple[list[Any], Any]:
            value, kept = call.pair("fwd", run(fwd, *call.arguments(values)), "(output, kept)")
            return call.outputs(value), kept

        def back(kept: Any, cotangents: Sequence[Any]) -> list[Any]:
            return _pulled(call, run(bwd, kept, call.restore(cotangents)))

        function = CustomVjp(self.name, call.run, ahead, back, Traced)
        return call.restore(custom(*operands, function=function))


def _pulled(call: _Call, found: Any) -> list[Any]:
    """The cotangents that `bwd` returned, one for each array among the arguments; None is zero."""
    parts = trees.parts(call.structure)
    if not isinstance(found, tuple | list) or len(found) != len(parts):
        count = f"{len(parts)} cotangent{'' if len(parts) == 1 else 's'}"
        raise ContainerError(
            f"the bwd rule of {call.name} to return a tuple of {count}, one for each argument",
            describe(found),
            "Write (x_bar,); None stands for zero.",
        )
    result: list[Any] = []
    start = 0
    for position, (part, cotangent) in enumerate(zip(parts, found, strict=True)):
        end = start + trees.size(part)
        avals = call.avals[start:end]
        start = end
        if cotangent is None:
            result.extend(None for aval in avals if aval is not None)
            continue
        if all(aval is None for aval in avals):
            continue
        given = trees.flatten_as(part, cotangent)
        label = f"the cotangent of {slot_label(call.function, position)}"
        result.extend(
            matched(f"the bwd rule of {call.name}", lambda text=label: text, value, aval)
            for value, aval in zip(given, avals, strict=True)
            if aval is not None
        )
    return result
