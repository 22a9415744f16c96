"""The pullbacks that nodes of the graph call: `pull(cotangent, *saved)` gives one for each parent.

`fused` serves elementwise operations of any shapes: derived once for each combination of dtypes, with
the broadcasting left to NumPy. `DirectPull` applies a linear primitive's transpose rules, `DerivedPull`
a pullback derived for one signature. `name_of` says which primitive a pullback belongs to.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.avals import Aval, aval_of
from ..core.primitive import JOINTLY, LINEAR, NOT_LINEAR, Primitive, Tracer, Zero
from ..core.stack import StackAval
from ..dtypes import Dtype
from ..primitives.promotion import joint_dtype, to_dtype
from ..primitives.structure import zeros
from .graph import Cotangents, Node, Walker
from .pullback import Pullback, Runner, derive

_CACHE_SIZE = 4096
Active = tuple[int, ...]


class Params(dict[str, Any]):
    """Parameters as a cache key. Slices, which Python 3.11 cannot hash, count by their text."""

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(repr(sorted(self.items(), key=lambda item: item[0])))


@lru_cache(maxsize=_CACHE_SIZE)
def derive_once(
    primitive: Primitive, avals: tuple[Aval, ...], active: Active, params: Params, run: Runner
) -> Pullback:
    """The derived pullback, kept for the next call with the same signature."""
    return derive(primitive, avals, active, params, run)


class FusedPull:
    """A pullback that does not depend on shapes: `run(ct, *saved)`, and `save` picks what it needs."""

    __slots__ = ("needed", "run", "save")

    def __init__(self, derived: Pullback, count: int, wider: dict[int, Dtype]) -> None:
        self.needed = derived.needed
        self.save = _saver(derived.needed, count + 1)
        run, active = derived.run, derived.active
        if any(i in wider for i in derived.needed):
            run = _widened(run, [wider.get(i) for i in derived.needed])
        if count == len(active):
            self.run = run
        elif active == (0,):
            self.run = _followed_by_none(run)
        else:
            self.run = _preceded_by_none(run)


def _widened(run: Callable[..., Any], dtypes: Sequence[Dtype | None]) -> Callable[..., Any]:
    """Saved operands in the dtype that NumPy computed in: `1 / y` of a narrow y would be as coarse."""

    def pull(ct: Any, *saved: Any) -> Any:
        return run(ct, *(v if d is None else to_dtype(v, d) for v, d in zip(saved, dtypes, strict=True)))

    pull.__name__ = run.__name__
    return pull


def _followed_by_none(run: Callable[..., Any]) -> Callable[..., Any]:
    def pull(ct: Any, *saved: Any) -> Any:
        return (*run(ct, *saved), None)

    pull.__name__ = run.__name__
    return pull


def _preceded_by_none(run: Callable[..., Any]) -> Callable[..., Any]:
    def pull(ct: Any, *saved: Any) -> Any:
        return (None, *run(ct, *saved))

    pull.__name__ = run.__name__
    return pull


def _saver(needed: Active, count: int) -> Callable[..., tuple[Any, ...]]:
    table: dict[tuple[int, ...], Callable[..., tuple[Any, ...]]]
    if count == 2:
        table = {(): lambda x, out: (), (0,): lambda x, out: (x,), (1,): lambda x, out: (out,)}
        return table.get(needed, lambda x, out: (x, out))
    table = {
        (): lambda x, y, out: (),
        (0,): lambda x, y, out: (x,),
        (1,): lambda x, y, out: (y,),
        (2,): lambda x, y, out: (out,),
        (0, 1): lambda x, y, out: (x, y),
        (0, 2): lambda x, y, out: (x, out),
        (1, 2): lambda x, y, out: (y, out),
    }
    return table.get(needed, lambda x, y, out: (x, y, out))


def kind_of(value: Any) -> Any:
    """What a fused pullback depends on: the dtype of an array, the class of a scalar."""
    if not isinstance(value, Tracer):
        return type(value) if not isinstance(value, np.ndarray) else aval_of(value).dtype
    aval = value.aval
    return type(zeros(Aval((), aval.dtype, True))) if aval.weak else aval.dtype


@lru_cache(maxsize=_CACHE_SIZE)
def fused(
    primitive: Primitive,
    kinds: tuple[Any, ...],
    active: Active,
    run: Runner,
    ndim: int = 0,
    params: tuple[tuple[str, Any], ...] = (),
) -> FusedPull | None:
    """The pullback for operands of these kinds; None where the derivative is zero.

    Elementwise pullbacks are derived at shape (); that of a product of matrices at two axes.
    """
    active = tuple(i for i in active if not isinstance(primitive.jvp_rule(i), Zero))
    if not active:
        return None
    avals = [Aval((), k) if isinstance(k, np.dtype) else aval_of(k(0)) for k in kinds]
    dtype, _ = joint_dtype(avals)
    shape = (2,) * ndim
    weak = dtype.kind != "V"  # no number is weak in bfloat16
    joined = [
        a if a.weak and a.dtype.kind == dtype.kind else Aval(shape, dtype, a.weak and weak) for a in avals
    ]
    wider = {
        i: dtype for i, a in enumerate(avals) if a.dtype.kind in "fcV" and a.dtype != dtype and not a.weak
    }
    return FusedPull(derive(primitive, joined, active, dict(params), run), len(kinds), wider)


class DerivedPull:
    """A pullback derived for one signature: a cotangent, or None, for each parent."""

    __slots__ = ("count", "derived")

    def __init__(self, derived: Pullback, count: int) -> None:
        self.derived, self.count = derived, count

    def __call__(self, ct: Any, *saved: Any) -> list[Any]:
        """Run the written source on arrays, the Program on traced values."""
        cts = ct if self.derived.primitive.many else (ct,)
        if any(isinstance(v, Tracer) for v in (*cts, *saved)):
            found = self.derived.program.evaluate(*cts, *saved)
        else:
            found = self.derived.run(*cts, *saved)
        result: list[Any] = [None] * self.count
        for index, term in zip(self.derived.active, found, strict=True):
            result[index] = term
        return result


class DirectPull:
    """The pullback of a linear primitive: its transpose rules."""

    __slots__ = ("active", "params", "primitive")

    def __init__(self, primitive: Primitive, active: Active, params: dict[str, Any]) -> None:
        self.primitive, self.active, self.params = primitive, active, params

    def __call__(self, ct: Any, *operands: Any) -> list[Any]:
        """A cotangent, or None, for each operand."""
        result: list[Any] = [None] * len(operands)
        for index in self.active:
            result[index] = self.primitive.cotangent(index, ct, operands, self.params)
        return result


class FlatPull:
    """The pullback of an operation whose derivative is zero: a zero for each parent, by its type."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, ct: Any, *parents: Aval | None) -> list[Any]:
        """A zero, or None, for each operand."""
        return [None if aval is None else zeros(aval) for aval in parents]


def is_direct(primitive: Primitive, active: Active) -> bool:
    """Whether the transpose rules of the active operands are the whole pullback.

    An operand with a tangent rule of its own may have a transpose rule beside: for its place in that rule.
    """
    return all(
        primitive.transpose_rule(i) is not NOT_LINEAR and not callable(primitive.jvp_rule(i)) for i in active
    )


def operands_read(primitive: Primitive, values: Sequence[Any], active: Active) -> list[bool]:
    """Which operands the transpose rules read; of the others only the type."""
    rules = [primitive.jvp_rule(i) for i in range(len(values))]
    multilinear = {i for i in active if rules[i] is LINEAR}
    joint = any(rules[i] is JOINTLY for i in active)
    return [
        bool(multilinear - {i})
        or primitive.transpose_rule(i) is NOT_LINEAR
        or (joint and rule is not JOINTLY)
        for i, rule in enumerate(rules)
    ]


class TakesGaps:
    """A pullback of many outputs that knows of those which nobody reads: their cotangent is None."""

    __slots__ = ()

    def __call__(self, cotangents: Any, *saved: Any) -> Any:
        """A cotangent, or None, for each operand."""
        raise NotImplementedError


class Hub:
    """The pullback of a primitive with many outputs: gets their cotangents as a list with gaps."""

    __slots__ = ("avals", "pull")

    def __init__(self, pull: Any, avals: tuple[Aval, ...]) -> None:
        self.pull, self.avals = pull, avals

    def __call__(self, cts: Any, *saved: Any) -> Any:
        """Fill the gaps with zeros; those of stacks, whose length is not known, stay."""
        if isinstance(self.pull, TakesGaps):
            return self.pull(tuple(cts), *saved)
        full = tuple(
            zeros(a) if ct is None and not isinstance(a, StackAval) else ct
            for ct, a in zip(cts, self.avals, strict=True)
        )
        return self.pull(full, *saved)


class Pick(Walker):
    """Hands the cotangent of one output to the hub."""

    __slots__ = ("count", "index")

    def __init__(self, index: int, count: int) -> None:
        self.index, self.count = index, count

    def walk(self, cotangents: Cotangents, node: Node, ct: Any, owned: bool) -> bool:
        """Put the cotangent in its place."""
        del owned
        hub = node.parents[0]
        assert hub is not None
        slots = cotangents.pending.setdefault(hub, [None] * self.count)
        slots[self.index] = ct
        return True


def name_of(pull: Any) -> str:
    """The name of the primitive that a pullback belongs to."""
    while isinstance(pull, Hub):
        pull = pull.pull
    if isinstance(pull, DerivedPull):
        return pull.derived.primitive.name
    if isinstance(pull, DirectPull):
        return pull.primitive.name
    name = getattr(pull, "name", None) or getattr(pull, "__name__", type(pull).__name__)
    return str(name).removesuffix("_pullback")
