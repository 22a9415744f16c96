"""Checks of what a primitive is: its type rule, its source, its batch rule; in every dtype."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from adjoint.array.traced import Traced
from adjoint.backends.source import source_text, written
from adjoint.core.avals import aval_of
from adjoint.core.primitive import Primitive
from adjoint.core.trace import stage
from adjoint.core.verify import verify
from adjoint.transforms.batch import BatchTrace

from .comparing import evaluated, identical, listed, near, staged
from .samples import PYTHON, Case, cases


def check_type(primitive: Primitive, dtype: Any) -> None:
    """The type rule says what `evaluate` gives, weak Python scalars included."""
    for case in cases(primitive, dtype):
        typed = primitive.type(*case.avals(), **case.params)
        assert isinstance(typed, tuple) == primitive.many, (
            f"{primitive.name}: `many` and the type rule disagree"
        )
        with integers_wrap(dtype):
            results = evaluated(primitive, case)
        for aval, result in zip(listed(typed), results, strict=True):
            found = aval_of(result)
            what = f"{primitive.name}, {case.label}: the type rule gives {aval}, evaluate {found}"
            assert (aval.shape, aval.dtype) == (found.shape, found.dtype), what
            assert aval.weak == (type(result) in PYTHON), what


def check_source(primitive: Primitive, dtype: Any) -> None:
    """The Program of one equation is well formed, prints, and its written text gives `evaluate`'s bits."""
    for case in cases(primitive, dtype):
        with integers_wrap(dtype):
            want = evaluated(primitive, case)
            for fixed in {(), tuple(case.constants())}:
                program, values = staged(primitive, case, fixed)
                assert f"= {primitive.name}(" in str(program)
                what = f"{primitive.name}, {case.label}:\n{source_text(program)}"
                # NumPy's operators on its own complex numbers differ from its ufuncs in the last place.
                exact = case.label != "numbers" or dtype.kind != "c"
                (identical if exact else near)(written(program)(*values), want, what)
                identical(program.evaluate(*values), want, what)


def integers_wrap(dtype: Any) -> Any:
    """NumPy warns where a number of an integer dtype overflows, and not where arrays do."""
    return np.errstate(over="ignore" if dtype.kind in "iu" else "raise")


def _stacks(primitive: Primitive, dtype: Any, size: int) -> Iterator[tuple[list[Case], list[int]]]:
    """`size` calls alike, and the operands that can be stacked."""
    for alike in zip(*(cases(primitive, dtype, seed) for seed in range(size)), strict=True):
        shapes = {tuple(a.shape for a in case.avals()) for case in alike}
        assert len(shapes) == 1, f"{primitive.name}: samples of different shapes when drawn again"
        assert len({repr(case.params) for case in alike}) == 1, (
            f"{primitive.name}: parameters change by the draw"
        )
        yield list(alike), [i for i, a in enumerate(alike[0].args) if type(a) not in PYTHON]


def check_batch(primitive: Primitive, dtype: Any) -> None:
    """The batch rule does what a loop does, whichever operands are batched; it can be staged."""
    size = 3
    for alike, stackable in _stacks(primitive, dtype, size):
        case = alike[0]
        for count in range(1, len(stackable) + 1):
            for chosen in itertools.combinations(stackable, count):
                args = [
                    np.stack([np.asarray(c.args[i]) for c in alike]) if i in chosen else a
                    for i, a in enumerate(case.args)
                ]
                with integers_wrap(dtype):
                    _batch_once(
                        primitive,
                        case,
                        chosen,
                        args,
                        [[c.args[i] if i in chosen else a for i, a in enumerate(case.args)] for c in alike],
                    )


def _batch_once(
    primitive: Primitive, case: Case, chosen: Any, args: list[Any], rows: list[list[Any]]
) -> None:
    size = len(rows)
    what = f"{primitive.name}, {case.label}, batched {chosen}"
    columns = zip(*(listed(primitive.evaluate(*row, **case.params)) for row in rows), strict=True)
    want = [np.stack([np.asarray(v) for v in column]) for column in columns]
    batched = [i in chosen for i in range(len(args))]
    near(listed(primitive.batch(primitive, size, batched, args, case.params)), want, what)

    free = [i for i in range(len(args)) if i not in case.constants()]

    def mapped(*boxes: Any) -> list[Any]:
        trace, given = BatchTrace(Traced, size), list(args)
        for index, box in zip(free, boxes, strict=True):
            given[index] = trace.lift(box) if index in chosen else box
        return [r.value for r in listed(primitive(*given, **case.params))]

    values = [args[i] for i in free]
    program = verify(stage(mapped, list(map(aval_of, values)), box=Traced))
    near(program.evaluate(*values), want, f"{what}, staged:\n{program}")
