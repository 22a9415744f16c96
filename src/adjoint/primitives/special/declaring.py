"""Declaring special functions: `scipys` makes a primitive of a SciPy function and its partial derivatives,
`by_order` one that holds a function and its derivatives of every order, `computed` a definition that is
computed here.

SciPy is imported when one of them is first evaluated.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.avals import aval_of
from ...core.domain import Domain, Edge, Interval, Pointwise
from ...core.primitive import NOT_LINEAR, NoDerivative, Primitive, Zero
from ...lazy import special
from ..arithmetic import multiply
from ..batching import is_bare
from ..complex import make_complex, real
from ..evaluation import ufunc
from ..pointwise import Partial, smooth
from ..promotion import to_dtype
from ..structure import each, scale
from ..typerules import same_type

REALS = ("float32", "float64")
FIELDS = (*REALS, "complex64", "complex128")

ORDERS = tuple({"order": n} for n in range(4))
"""The parameters of a function and its first derivatives."""


def no_derivative_in(what: str, function: str) -> NoDerivative:
    """The rule of an operand that a function has no known derivative in: its order, a shape parameter."""
    return NoDerivative(f"{function} has no derivative in {what} here: no exact formula for it is known")


def scipys(name: str, domain: Domain, *partials: Partial, known_as: str | None = None) -> Primitive:
    """SciPy's function of this name (or `known_as` this primitive), by its partial derivatives.

    d f(x, y) = scale(partial_x, dx) + scale(partial_y, dy)

    One that SciPy keeps behind its own, `_name`, is known without the underscore.
    """
    own = known_as or name.removeprefix("_")
    operands = ", ".join(f"{{{i}}}" for i in range(len(partials)))

    def function(*args: Any) -> Any:
        return getattr(special._ufuncs if name[0] == "_" else special, name)(*args)

    return smooth(
        own, function, domain, *partials, source=f"{own}({operands})", evaluate=of_one_dtype(function)
    )


def of_one_dtype(function: Callable[..., Any]) -> Callable[..., Any]:
    """A definition in which Python scalars adopt the dtype of the arrays, as not all of SciPy's do."""
    plain = ufunc(function)

    def evaluate(*args: Any) -> Any:
        strong = [a.dtype for a in args if not is_bare(a)]
        if strong and len(strong) < len(args):
            args = tuple(strong[0].type(a) if is_bare(a) else a for a in args)
        return plain(*args)

    return evaluate


def computed(function: Callable[..., Any]) -> Callable[..., Any]:
    """A definition that computes in float64 or complex128, on operands of any inexact dtype, with no warning.

    The function gets arrays of one shape.
    """

    def evaluate(*args: Any, **params: Any) -> Any:
        dtype = np.result_type(*args)
        wide = np.result_type(dtype, np.float64)
        arrays = np.broadcast_arrays(*(np.asarray(a).astype(wide) for a in args))
        with np.errstate(all="ignore"):
            out = np.asarray(function(*arrays, **params)).astype(dtype)
        if all(map(is_bare, args)):
            return out.item()
        return out if out.ndim else out[()]

    return evaluate


def ordered_type(name: str) -> Callable[..., Any]:
    """The type rule of an elementwise primitive with parameters."""
    rule = same_type(name)
    return lambda *avals, **params: rule(*avals)


def by_order(
    name: str,
    evaluate: Callable[..., Any],
    operand: Interval,
    dtypes: tuple[str, ...] = FIELDS,
    edges: tuple[Edge, ...] = (),
) -> Primitive:
    """A function of one number and all of its derivatives: `order` says which, and the next is its slope."""
    own = Primitive(
        name=name,
        type=ordered_type(name),
        evaluate=evaluate,
        jvp=(lambda t, x, *, out, order: scale(own(x, order=order + 1), t),),
        transpose=(NOT_LINEAR,),
        batch=each,
        source=f"{name}({{0}}, order={{order}})",
        domain=Pointwise((operand,), dtypes, edges, ORDERS),
        elementwise=True,
    )
    return own


def one_of(
    name: str,
    parts: tuple[Partial, ...],
    operand: Interval,
    dtypes: tuple[str, ...] = REALS,
    edges: tuple[Edge, ...] = (),
) -> Primitive:
    """One of the results of SciPy's function of this name, which gives several: `part` says which.

    `parts` has for each result its slope, `slope(x, out)`.
    """

    def tangent(t: Any, x: Any, *, out: Any, part: int) -> Any:
        slope: Any = parts[part]
        return scale(slope(x, out), t)

    def evaluate(x: Any, *, part: int) -> Any:
        return ufunc(lambda v: getattr(special, name)(v)[part])(x)

    return Primitive(
        name=name,
        type=ordered_type(name),
        evaluate=evaluate,
        jvp=(tangent,),
        transpose=(NOT_LINEAR,),
        batch=each,
        source=f"{name}({{0}}, part={{part}})",
        domain=Pointwise((operand,), dtypes, edges, tuple({"part": i} for i in range(len(parts)))),
        elementwise=True,
    )


def is_complex(x: Any) -> bool:
    """Whether an operand is complex."""
    return aval_of(x).dtype.kind == "c"


def in_double(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule in which like terms are subtracted, computed in float64 for operands in float32."""

    def partial(*args: Any) -> Any:
        strong = [a.dtype for a in map(aval_of, args) if not a.weak]
        if not strong or strong[0] != np.float32:
            return rule(*args)
        wide = (a if aval_of(a).weak else to_dtype(a, np.dtype(np.float64)) for a in args)
        return to_dtype(rule(*wide), strong[0])

    return partial


def scipys_in_double(name: str, domain: Domain, *partials: Partial) -> Primitive:
    """`scipys` where like terms are subtracted, and SciPy's own float32 is coarse: in float64 for float32."""
    own = name.removeprefix("_")
    operands = ", ".join(f"{{{i}}}" for i in range(len(partials)))

    def function(*args: Any) -> Any:
        return getattr(special._ufuncs if name[0] == "_" else special, name)(*args)

    doubled = (p if isinstance(p, Zero | NoDerivative) else in_double(p) for p in partials)
    source = f"{own}({operands})"
    return smooth(own, function, domain, *doubled, source=source, evaluate=computed(function))


def real_part(x: Any) -> Any:
    """An operand that is real by its meaning, where it stands beside complex ones: still of their dtype."""
    return make_complex(real(x), 0.0) if is_complex(x) else x


def half(x: Any) -> Any:
    """`x / 2`."""
    return multiply(0.5, x)
