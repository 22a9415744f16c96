"""Arguments of differentiated functions: which to differentiate, taken apart into their leaves.

`choose` finds the chosen arguments by position or name, checks that they have derivatives, and
gives back a `Chosen`: its leaves, and how to call the function with others in their place.
"""

import inspect
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from types import GeneratorType
from typing import Any

import numpy as np

from .. import dtypes, trees
from ..array.traced import Traced, View
from ..core.avals import Aval, aval_of, describe
from ..core.equation import user_line
from ..core.primitive import Tracer
from ..errors import ArgumentError, ContainerError, DtypeError, ShapeError
from ..primitives.promotion import to_dtype
from .following import settled

Argnums = int | Sequence[int]
Function = Callable[..., Any]
Argnames = str | Sequence[str] | None

_FLOATS = (float, np.float64)
_FIRST = tuple(range(64))
_ARRAYS = (Tracer, np.ndarray, np.generic, float, int, complex)


@dataclass(slots=True)
class Chosen:
    """The chosen arguments of one call: `leaves` to differentiate, and everything else as it was."""

    leaves: list[Any]
    rebuild: Callable[[Sequence[Any]], tuple[tuple[Any, ...], dict[str, Any]]]
    """The call's arguments with other leaves in place of the chosen ones."""
    restore: Callable[[Sequence[Any]], Any]
    """A container like the chosen arguments with one value for each leaf."""


def checked(asked: str, function: Any) -> None:
    """Refuse what is no function, such as the result of one."""
    if not callable(function):
        raise ContainerError(
            f"{asked} of a function",
            describe(function),
            f"Give the function itself: {asked}(f), and its arguments to the function that this returns.",
        )


def _is_plain_leaf(value: Any) -> bool:
    kind = type(value)
    return (kind is np.ndarray and value.dtype.char in "efdFD") or kind in _FLOATS


def choose(
    asked: str,
    function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    argnames: Argnames,
) -> Chosen:
    """The arguments of a call that are differentiated. `asked` names the public function for errors."""
    quick = _plain_arguments(args, kwargs, argnums) if argnames is None else None
    if quick is not None:
        return quick
    slots, single = _slots(asked, function, args, kwargs, argnums, argnames)
    chosen = [args[slot] if isinstance(slot, int) else kwargs[slot] for slot in slots]
    leaves, structure = trees.flatten(chosen[0] if single else tuple(chosen))
    if leaves and all(map(_is_plain_leaf, leaves)):
        moving = [True] * len(leaves)
    else:
        moving = _moving(asked, chosen, lambda k: slot_label(function, slots[k]))

    def rebuild(values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        supply = iter(values)
        whole = [next(supply) if m else leaf for leaf, m in zip(leaves, moving, strict=True)]
        found = trees.unflatten(structure, whole)
        new_args, new_kwargs = list(args), dict(kwargs)
        for slot, part in zip(slots, [found] if single else found, strict=True):
            if isinstance(slot, int):
                new_args[slot] = part
            else:
                new_kwargs[slot] = part
        return tuple(new_args), new_kwargs

    def restore(values: Sequence[Any]) -> Any:
        supply = iter(values)
        whole = [next(supply) if m else _nothing(leaf) for leaf, m in zip(leaves, moving, strict=True)]
        return trees.unflatten(structure, whole)

    return Chosen([leaf for leaf, m in zip(leaves, moving, strict=True) if m], rebuild, restore)


def _plain_arguments(args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums) -> Chosen | None:
    """The choice where all chosen arguments are plain arrays or floats, the common case; else None."""
    if type(argnums) is int:
        position = argnums
        if not (0 <= position < len(args) and _is_plain_leaf(args[position])):
            return None
        before, after = args[:position], args[position + 1 :]
        return Chosen(
            [args[position]], lambda values: ((*before, *values, *after), kwargs), lambda values: values[0]
        )
    if type(argnums) is not tuple:
        return None
    count = len(argnums)
    if not 0 < count <= len(args) or argnums != _FIRST[:count]:
        return None
    for arg in args[:count]:
        if not _is_plain_leaf(arg):
            return None
    rest = args[count:]
    return Chosen(list(args[:count]), lambda values: ((*values, *rest), kwargs), tuple)


def choose_all(asked: str, function: Any, args: tuple[Any, ...]) -> Chosen:
    """All arguments of a call by position."""
    for arg in args:
        if not _is_plain_leaf(arg):
            return choose(asked, function, args, {}, tuple(range(len(args))), None)
    return Chosen(list(args), _by_position, tuple)


def _by_position(values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return tuple(values), {}


def _slots(
    asked: str,
    function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    argnames: Argnames,
) -> tuple[list[int | str], bool]:
    """Where the chosen arguments stand in the call, as positions and keywords; and whether one was chosen
    by itself, so that its gradient comes without a tuple around it.
    """
    if not isinstance(argnums, int | np.integer | tuple | list) or not isinstance(
        argnames, str | tuple | list | None
    ):
        raise ArgumentError(
            f"{asked} with argnums an integer or a tuple of them, and argnames likewise of strings",
            f"argnums={argnums!r}, argnames={argnames!r}",
            "Positions count from 0; names are the parameters'.",
        )
    names = [argnames] if isinstance(argnames, str) else list(argnames or ())
    alone = isinstance(argnums, int | np.integer) and argnames is None
    numbers = [argnums] if isinstance(argnums, int | np.integer) else list(argnums)
    if names and argnums == 0:
        numbers, alone = [], isinstance(argnames, str)
    slots: list[int | str] = []
    for i in numbers:
        if not isinstance(i, int | np.integer) or not -len(args) <= i < len(args):
            what = f"{len(args)} positional argument{'' if len(args) == 1 else 's'}"
            raise ArgumentError(
                f"{asked} with argnums={argnums!r}", what, "Positions count from 0; names go to argnames."
            )
        slots.append(int(i) % len(args))
    known = _parameters(function) if names else []
    for name in names:
        if name in kwargs:
            slots.append(name)
        elif name in known and known.index(name) < len(args):
            slots.append(known.index(name))
        else:
            raise ArgumentError(
                f"{asked} with argnames={argnames!r}",
                f"a call without an argument {name!r}",
                "Pass it, or mend the name.",
            )
    if len(set(slots)) < len(slots) or not slots:
        raise ArgumentError(
            f"{asked} with one or more distinct arguments",
            f"argnums={argnums!r}, argnames={argnames!r}",
            "Name each argument once.",
        )
    return slots, alone


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _positional_names(function: Any, count: int) -> list[str]:
    """The parameters' names for so many positional arguments: `rest`, `rest_1`, ... for those of *rest."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "x")
    missing = count - len(names)
    return [*names, *(rest if i == 0 else f"{rest}_{i}" for i in range(missing))]


def slot_label(function: Any, slot: int | str) -> str:
    """How an error names an argument: by position and name."""
    if isinstance(slot, str):
        return f"argument {slot!r}"
    known = _positional_names(function, slot + 1)[slot] if _parameters(function) else ""
    return f"argument {slot}" + (f" ({known})" if known else "")


def _moving(asked: str, chosen: list[Any], label: Callable[[int], str]) -> list[bool]:
    """Which leaves are differentiated; integers in containers are constants, a bare one is refused."""
    moving: list[bool] = []
    constants: list[str] = []
    for k, tree in enumerate(chosen):
        own = trees.leaves(tree)
        bare = len(own) == 1 and own[0] is tree
        for leaf in own:
            if not is_array(leaf):
                if bare:
                    raise ContainerError(
                        f"{asked} with respect to {label(k)}",
                        describe(leaf),
                        "Pass a float or an array of floats.",
                    )
                moving.append(False)
                continue
            inexact = dtypes.is_inexact(aval_of(leaf).dtype)
            if not inexact and bare:
                raise DtypeError(
                    f"{asked} with respect to {label(k)}, which must be floating",
                    describe(leaf),
                    _as_float(leaf),
                )
            if not inexact:
                constants.append(f"{describe(leaf)} in {label(k)}")
            moving.append(inexact)
    if constants:
        line = user_line()
        warnings.warn_explicit(
            f"{asked} takes as constant: {', '.join(constants)}. Write floats to differentiate.",
            UserWarning,
            line.file if line else "adjoint",
            line.number if line else 0,
        )
    if not any(moving):
        raise DtypeError(
            f"{asked} with respect to {label(0)}", "no floating-point array in it", "Pass floats."
        )
    return moving


def is_array(leaf: Any) -> bool:
    """Whether a leaf is an array or a number."""
    return isinstance(leaf, _ARRAYS)


def _as_float(leaf: Any) -> str:
    if isinstance(leaf, int):
        return f"Write {float(leaf)!r}."
    return "Write x.astype(float)."


def _nothing(leaf: Any) -> Any:
    """What stands in a gradient for a leaf that was constant: integer zeros, or None for no array."""
    return np.zeros_like(leaf) if is_array(leaf) else None


def outputs(asked: str, result: Any) -> tuple[list[Any], trees.Structure]:
    """The leaves of what a differentiated function returned, which must be arrays.

    A view is read here, as it now is, while its trace still runs.
    """
    if type(result) is Traced:
        return [result], trees.LEAF
    leaves, structure = trees.flatten(result)
    for i, leaf in enumerate(leaves):
        if is_array(leaf):
            leaves[i] = settled(leaf.copy() if isinstance(leaf, View) else leaf)
            continue
        if isinstance(leaf, GeneratorType) or callable(leaf):
            raise ContainerError(
                f"{asked} of a function that returns arrays, or containers of them",
                describe(leaf),
                "What runs later would use traced values after their trace: return what it computes.",
            )
        raise ContainerError(
            f"{asked} of a function that returns arrays, or containers of them",
            describe(leaf),
            "Return numbers or arrays; other things can go beside them with has_aux=True.",
        )
    return leaves, structure


def split_aux(asked: str, result: Any) -> tuple[Any, Any]:
    """The pair that a function with has_aux=True returns."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise ContainerError(
            f"{asked} with has_aux=True, so of a function that returns a pair (output, aux)",
            describe(result),
            "Return two values.",
        )
    return result[0], result[1]


def sequence(asked: str, what: str, given: Any) -> tuple[Any, ...]:
    """Primals or tangents: a tuple or list with one entry for each argument."""
    if not isinstance(given, tuple | list):
        raise ContainerError(
            f"{asked} with {what} as a tuple, one entry for each argument", describe(given), "Write (x,)."
        )
    return tuple(given)


class Directions:
    """Which tangents belong to a point: called on tangents, it gives those of the leaves that have
    derivatives, each in its primal's shape and dtype.
    """

    __slots__ = ("asked", "avals", "function", "structure")

    def __init__(self, asked: str, function: Any, primals: tuple[Any, ...]) -> None:
        leaves, self.structure = trees.flatten(primals)
        self.avals = [aval_of(leaf) if is_moving(leaf) else None for leaf in leaves]
        self.asked, self.function = asked, function

    def __call__(self, tangents: Any) -> list[Any]:
        """The tangents, checked."""
        given = sequence(self.asked, "tangents", tangents)
        if len(given) != self.structure.num_children:
            raise ArgumentError(
                f"{self.asked} with one tangent for each of {self.structure.num_children} primals",
                str(len(given)),
                "Give them all; zeros where a primal stands still.",
            )
        found = trees.flatten_as(self.structure, given)
        return [
            matched(self.asked, lambda i=i: f"the tangent of {self.label(i)}", tangent, aval)
            for i, (tangent, aval) in enumerate(zip(found, self.avals, strict=True))
            if aval is not None
        ]

    def label(self, leaf: int) -> str:
        """How an error names a leaf."""
        return leaf_label(self.function, self.structure.accessors()[leaf])


def is_moving(leaf: Any) -> bool:
    """Whether a leaf is an array that has a derivative."""
    return is_array(leaf) and dtypes.is_inexact(aval_of(leaf).dtype)


def matched(asked: str, label: Callable[[], str], value: Any, aval: Aval) -> Any:
    """A tangent or cotangent as one for a value of this type: its shape, and its dtype by conversion.

    As in NumPy's casting "same_kind": integers and every precision go to a float, complex does not.
    """
    if type(value) is np.ndarray and value.shape == aval.shape and value.dtype == aval.dtype:
        return value
    if not is_array(value):
        raise ContainerError(f"{asked} with {label()}", describe(value), "Pass an array or a number.")
    found = aval_of(value)
    if found.shape != aval.shape:
        raise ShapeError(
            f"{asked} with {label()}, of shape {aval.shape}",
            describe(value),
            "It has the shape of its value.",
        )
    if found.dtype == aval.dtype and (found.weak == aval.weak or isinstance(value, Tracer)):
        return value
    if not dtypes.is_inexact(aval.dtype):
        return value
    if found.dtype.kind == "b" or (dtypes.is_complex(found.dtype) and not dtypes.is_complex(aval.dtype)):
        raise DtypeError(
            f"{asked} with {label()}, of dtype {aval.dtype}",
            describe(value),
            "It has the dtype of its value.",
        )
    return to_dtype(value, aval.dtype, aval.weak)


def leaf_label(function: Any, accessor: Any) -> str:
    """How an error names a leaf of the arguments: by position or keyword, parameter and path."""
    path = accessor[1:].codify("")
    return slot_label(function, accessor[0].entry) + (f" at {path}" if path else "")


def hints(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str | None]:
    """A name for each leaf of a call: the parameter's, with the path into a container.

    >>> hints(lambda p, x: None, ({"w": 1.0, "b": 2.0}, 3.0), {})
    ['p_b', 'p_w', 'x']
    """
    named = list(zip(_positional_names(function, len(args)), args, strict=True))
    words = (
        re.sub(r"\W+", "_", f"{name}{path}").strip("_")
        for name, tree in (*named, *sorted(kwargs.items()))
        for path in trees.paths(tree)
    )
    return [word if word.isidentifier() and not iskeyword(word) else None for word in words]
