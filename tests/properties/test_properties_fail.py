"""Each property can fail: the library broken in one place, the property that finds it, and what it says.

Every fault changes one function of the library, or one rule of a primitive, while a property runs; the
programs are drawn as in the tests.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import adjoint as ad
from adjoint.api import reverse
from adjoint.array import calls, indexing, views
from adjoint.core.avals import aval_of
from adjoint.core.primitive import Primitive
from adjoint.core.program import Program
from adjoint.primitives.comparison import maximum
from adjoint.primitives.indexing import assign, concatenate, slice_
from adjoint.primitives.structure import convert, reduce_sum, scale, spread
from adjoint.primitives.trigonometric import cos, sin
from adjoint.transforms import inplace, pulls, tape

from . import exact, modes
from .expressions import programs
from .indices import ASSIGNED, UPDATED, mistakes, readings, writings
from .promotion import TWO, promotions
from .statements import writing_programs

Check = Callable[[Any], Any]


def found(strategy: Any, check: Check, count: int) -> str:
    """What the property says of the broken library; nothing where it holds."""

    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def broken(example: Any) -> None:
        check(example)

    try:
        broken()
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


@contextmanager
def broken(primitive: Primitive, **fields: Any) -> Iterator[None]:
    """The primitive with other rules, for all who hold it."""
    kept = {name: getattr(primitive, name) for name in fields}
    try:
        for name, rule in fields.items():
            object.__setattr__(primitive, name, rule)
        _forget()
        yield
    finally:
        for name, rule in kept.items():
            object.__setattr__(primitive, name, rule)
        _forget()


def _forget() -> None:
    """Drop the pullbacks that were derived from the rules."""
    pulls.fused.cache_clear()
    pulls.derive_once.cache_clear()


def tangent_of_sin(partial: Callable[[Any], Any]) -> AbstractContextManager[None]:
    return broken(sin, jvp=(lambda t, x, *, out: scale(partial(x), t),))


def coarse_cos(x: Any) -> Any:
    """In float32 as precise as float16 alone."""
    if aval_of(x).dtype != np.float32:
        return cos(x)
    return convert(
        convert(cos(x), dtype=np.dtype(np.float16), weak=False), dtype=np.dtype(np.float32), weak=False
    )


def overwritten(self: Any, cotangents: Any, node: Any, ct: Any, owned: bool) -> bool:
    """The last of several reads of one element, where the sum is due."""
    buffer = cotangents.buffer(node.parents[0])
    buffer[node.saved] += ct
    return True


def not_cut_out(self: Any, ct: Any, *saved: Any) -> Any:
    """What was overwritten keeps its cotangent."""
    return ct, slice_(ct, index=self.index)


def once(x: Any, indices: Any, value: Any) -> None:
    """`np.add.at` as `a[i] += v`."""
    x[indices] = x[indices] + value


def backward_twice(self: Any, *args: Any, **options: Any) -> None:
    BACKWARD(self, *args, **{**options, "retain_graph": True})
    BACKWARD(self, *args, **options)


def first_value_alone(primitive: Any, size: int, batched: Any, args: Any, params: Any) -> Any:
    x, v = args
    v = np.stack([v[0]] * size) if batched[1] and isinstance(v, np.ndarray) else v
    return ASSIGN_BATCH(primitive, size, batched, (x, v), params)


ASSIGN_BATCH = assign.batch
SIN = sin.evaluate
BACKWARD = ad.Tensor.backward
EVALUATE = Program.evaluate


def late(self: Any, *args: Any) -> Any:
    """The outputs of a Program, a little off."""
    return [r * 1.0001 for r in EVALUATE(self, *args)]


FIRST, OTHER = (programs(), modes.first_derivatives), (programs(), modes.other_traces)
SECOND = (programs(most=5), modes.second_derivatives)
SINGLE = (programs(dtypes=("float32",)), modes.single_precision)
READING = (readings(), lambda p: exact.in_every_mode(p, exact.assigned))
WRITING = (writings(ASSIGNED), lambda p: exact.in_every_mode(p, exact.assigned))
UPDATING = (writings(UPDATED), lambda p: exact.in_every_mode(p, exact.added))
MISTAKEN = (mistakes(), lambda w: exact.refused(w.program, w.error))
PROMOTING = (promotions(TWO), modes.types_and_values)
IN_PLACE = (writing_programs(), modes.first_derivatives)
IN_PLACE_OTHER = (writing_programs(), modes.other_traces)
IN_PLACE_SECOND = (writing_programs(), modes.second_derivatives)

FAULTS: dict[str, tuple[Any, Callable[[], AbstractContextManager[Any]], str]] = {
    # what is wrong: (the property that finds it, the fault, what it says)
    "a tangent is off by a millionth": (
        FIRST,
        lambda: tangent_of_sin(lambda x: scale(1 + 1e-6, cos(x))),
        "by differences",
    ),
    "a transpose is that of another map": (
        FIRST,
        lambda: broken(reduce_sum, transpose=(lambda ct, x, *, axes: scale(2.0, spread(ct, x.shape, axes)),)),
        "<J^T w, v>",
    ),
    "a function is another": (
        FIRST,
        lambda: broken(concatenate, evaluate=lambda *arrays, axis: np.concatenate(arrays[::-1], axis)),
        "the value of",
    ),
    "a value is off by one rounding": (
        FIRST,
        lambda: broken(sin, evaluate=lambda x: SIN(x) * (1 + 3e-16)),
        "where NumPy has",
    ),
    "the derivative of a derivative has the wrong sign": (
        SECOND,
        lambda: broken(cos, jvp=(lambda t, x, *, out: scale(sin(x), t),)),
        "forward over reverse",
    ),
    "a rule is coarse in single precision": (SINGLE, lambda: tangent_of_sin(coarse_cos), "single precision"),
    "a batch is turned around": (
        OTHER,
        lambda: broken(sin, batch=lambda primitive, size, batched, args, params: primitive(args[0][::-1])),
        "of a batch",
    ),
    "a Program computes something else": (
        OTHER,
        lambda: patch.object(Program, "evaluate", late),
        "staged",
    ),
    "tensors count twice": (
        OTHER,
        lambda: patch.object(ad.Tensor, "backward", backward_twice),
        "the gradient of a tensor",
    ),
    "elements that are read twice count once": (
        READING,
        lambda: patch.object(inplace.GatherPull, "walk", overwritten),
        "the cotangent",
    ),
    "what is overwritten keeps its cotangent": (
        WRITING,
        lambda: patch.multiple(inplace.AssignPull, walk=lambda *args: False, __call__=not_cut_out),
        "the cotangent",
    ),
    "np.add.at adds once": (
        UPDATING,
        lambda: patch.dict(calls.UFUNC_METHODS, {(np.add, "at"): once}),
        "the value of",
    ),
    "an index out of range is taken for the last": (
        MISTAKEN,
        lambda: patch.object(
            indexing, "_in_range", lambda indices, length, axis: np.clip(indices, 0, length - 1)
        ),
        "raises nothing",
    ),
    "a function gives another dtype": (
        PROMOTING,
        lambda: broken(maximum, evaluate=lambda x, y: np.maximum(x, y) * np.float64(1)),
        "float64 where",
    ),
    "a view does not write through": (
        IN_PLACE,
        lambda: patch.object(views.Link, "write", lambda self, new: None),
        "the value of",
    ),
    "captured arrays are kept as they are": (
        IN_PLACE,
        lambda: patch.object(tape.TapeTrace, "protected", lambda self, captured: captured),
        "<J^T w, v>",
    ),
    "arguments are copied into one piece": (
        IN_PLACE,
        lambda: patch.object(reverse, "copied", np.array),
        "the value of vjp",
    ),
    "an assignment in a batch is that of the first example": (
        IN_PLACE_OTHER,
        lambda: broken(assign, batch=first_value_alone),
        "of a batch",
    ),
    "the second derivative of an assignment loses a part": (
        IN_PLACE_SECOND,
        lambda: patch.object(inplace.AssignPull, "__call__", not_cut_out),
        "forward over reverse",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_found(fault: str):
    (strategy, check), broken_library, says = FAULTS[fault]
    with broken_library():
        assert says in found(strategy, check, 300)


@pytest.mark.parametrize(
    "strategy", [FIRST, SECOND, READING, PROMOTING, IN_PLACE], ids=lambda s: s[1].__name__
)
def test_the_library_as_it_is_passes(strategy: Any):
    assert not found(*strategy, 10)
