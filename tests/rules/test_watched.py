"""Under `debug` every primitive gives the same, bit for bit, and its samples raise no alarm."""

from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint import control, primitives
from adjoint.api.derivatives import jvp, vjp
from adjoint.core.avals import aval_of
from adjoint.core.primitive import Primitive

from .comparing import closed, identical, listed
from .samples import Case, cases, dtype_named, like, smooth

EVERY = (*primitives.ALL, *control.ALL)


def both_ways(primitive: Primitive, case: Case, active: list[int]) -> list[Any]:
    """The values, the tangents and the cotangents of a sample."""
    function, at = closed(primitive, case, active), [case.args[i] for i in active]
    out, pull = vjp(function, *at)
    cotangents = tuple(like(np.ones(aval_of(o).shape), o) for o in listed(out))
    tangents = jvp(function, at, [case.moves[i] for i in active])[1]
    return [*listed(out), *listed(pull(cotangents)), *listed(tangents)]


@pytest.mark.parametrize("primitive", EVERY, ids=lambda p: p.name)
def test_watching_changes_nothing(primitive: Primitive) -> None:
    dtype = dtype_named("float64" if "float64" in primitive.domain.dtypes else primitive.domain.dtypes[0])
    for case in cases(primitive, dtype):
        active = smooth(primitive, case)
        if active:
            plain = both_ways(primitive, case, active)
            with adjoint.debug(nan="report", absorbed="report") as report:
                watched = both_ways(primitive, case, active)
            identical(watched, plain, f"{primitive.name}, {case.label}")
            assert report.nonfinite == [], f"{primitive.name}, {case.label}"
