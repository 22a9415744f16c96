"""Every primitive as a module by itself, in a process without `adjoint`: the bits that it gives here.

And what the writer believes of memory: a result that shares memory with an operand is known to be a view.
"""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.rules.comparing import evaluated, listed, staged
from tests.rules.samples import Case, cases

from adjoint import control, primitives
from adjoint.backends.source import PRIVATE, module_of, written
from adjoint.backends.source.module import STANDALONE, Signature, module_text
from adjoint.backends.source.places import VIEWS
from adjoint.core.primitive import Primitive
from adjoint.passes import simplify

ALL = [*primitives.ALL, *control.ALL]
KINDS = ("float64", "float32", "complex128", "int64", "bool")

RUNNER = """
import pickle, sys
sys.modules["adjoint"] = None
jobs = pickle.load(open(sys.argv[1], "rb"))
found = []
for text, values in jobs:
    space = {}
    try:
        exec(compile(text, "written.py", "exec"), space)
        found.append(list(space["alone"](*values)))
    except Exception as error:
        found.append(repr(error))
pickle.dump(found, open(sys.argv[2], "wb"))
"""


def samples(primitive: Primitive) -> list[Case]:
    """The first samples of two dtypes."""
    kinds = [d for d in primitive.domain.dtypes if d in KINDS][:2]
    return [case for d in kinds for case in cases(primitive, np.dtype(d))[:3]]


def job(primitive: Primitive, case: Case) -> tuple[str, Any, Any]:
    """The module, operands for it, and what it should give."""
    program, values = staged(primitive, case, set(case.constants()))
    program = simplify(program)
    names = [f"x{i}" for i in range(len(program.inputs))]
    signature = Signature("alone", "One primitive.", names, names, [], lambda found: f"[{', '.join(found)}]")
    text = module_text(program, module_of(program, STANDALONE), signature)
    with np.errstate(all="ignore"):
        return text, values, [np.asarray(x) for x in written(program, PRIVATE)(*values)]


def test_every_primitive_stands_by_itself(tmp_path: Path) -> None:
    chosen = [(p, case) for p in ALL for case in samples(p)]
    jobs = [job(p, case) for p, case in chosen]
    (tmp_path / "jobs").write_bytes(pickle.dumps([(text, values) for text, values, _ in jobs]))
    command = [sys.executable, "-c", RUNNER, str(tmp_path / "jobs"), str(tmp_path / "found")]
    subprocess.run(command, check=True)
    found = pickle.loads((tmp_path / "found").read_bytes())
    wrong: list[str] = []
    for (primitive, case), (text, _, wanted), results in zip(chosen, jobs, found, strict=True):
        if isinstance(results, str) or not all(map(same, results, wanted)):
            wrong.append(f"{primitive.name}, {case.label}: {results}\n{text}")
    assert not wrong, "\n".join(wrong[:5])


def same(a: Any, b: Any) -> bool:
    a = np.asarray(a)
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


@pytest.mark.parametrize("primitive", [p for p in ALL if p.forward is None], ids=lambda p: p.name)
def test_views_are_known(primitive: Primitive) -> None:
    for case in samples(primitive):
        with np.errstate(all="ignore"):
            results = listed(evaluated(primitive, case))
        for out in results:
            for arg in case.args:
                arrays = isinstance(out, np.ndarray) and isinstance(arg, np.ndarray)
                assert not (arrays and np.shares_memory(out, arg)) or primitive.name in VIEWS
