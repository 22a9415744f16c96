"""Every primitive on its own samples: native code and NumPy agree, or the error names what has no native
code.
"""

import contextlib
from typing import Any

import numpy as np
import pytest
from tests.rules.samples import Case, cases, dtype_named

from adjoint import control, primitives
from adjoint.backends.llvm.layout import NoLowering
from adjoint.backends.llvm.runtime import compile_program
from adjoint.backends.llvm.schedule import ASSEMBLED, POINTWISE, REDUCTIONS, STEPS, VIEWS
from adjoint.backends.llvm.simplify import COMPOSED
from adjoint.core.avals import aval_of
from adjoint.core.primitive import Primitive
from adjoint.core.trace import stage

DTYPES = ("float64", "float32", "int64", "bool")
EVERY = (*primitives.ALL, *control.ALL)

ULPS = {
    "power_slope": 6,
    "integer_power": 8,
    "matmul": 8,
    "reduce_prod": 4,
    "sech2": 12,
    "loop": 16,
    "power": 4,
}
"""Units in the last place by which native code and NumPy may differ, where it is not 4."""


def close(found: Any, wanted: Any, ulps: float) -> None:
    """Same type and shape, same NaN and infinities, and close."""
    if type(wanted) is np.ndarray and not wanted.shape:
        wanted = wanted[()]
    assert type(found) is type(wanted)
    assert aval_of(found) == aval_of(wanted)
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.dtype.kind != "f":
        np.testing.assert_array_equal(found, wanted)
        return
    np.testing.assert_allclose(found, wanted, rtol=ulps * float(np.finfo(found.dtype).eps), atol=0.0)


def agree(primitive: Primitive, case: Case) -> None:
    fixed = case.constants()
    moving = [a for i, a in enumerate(case.args) if i not in fixed]

    def run(*xs: Any) -> list[Any]:
        supply = iter(xs)
        args = [a if i in fixed else next(supply) for i, a in enumerate(case.args)]
        out = primitive(*args, **case.params)
        return list(out) if primitive.many else [out]

    program = stage(run, [aval_of(a) for a in moving])
    native = compile_program(program, level=0)
    for found, wanted in zip(native(*moving), program.evaluate(*moving), strict=True):
        close(found, wanted, ULPS.get(primitive.name, 4))


def natively(primitive: Primitive) -> int:
    """How many of the primitive's samples have native code; it agrees on all of them."""
    count = 0
    for name in sorted(set(primitive.domain.dtypes) & set(DTYPES)):
        for case in cases(primitive, dtype_named(name)):
            with contextlib.suppress(NoLowering):
                agree(primitive, case)
                count += 1
    return count


@pytest.mark.parametrize("primitive", EVERY, ids=lambda p: p.name)
def test_native_is_numpy(primitive: Primitive) -> None:
    known = primitive.name in POINTWISE | VIEWS | REDUCTIONS | STEPS | ASSEMBLED | set(COMPOSED)
    assert bool(natively(primitive)) == known
