"""The text compiles for other machines: narrower vectors, no fused multiply-add, another maker."""

import numpy as np
import pytest

import adjoint as ad
from adjoint.backends.llvm.emit import emit
from adjoint.lazy import llvm

TARGETS = {
    "avx512": ("x86_64-unknown-linux-gnu", "skylake-avx512", "", True, 64),
    "avx2": ("x86_64-unknown-linux-gnu", "haswell", "", True, 32),
    "sse2 without FMA": ("x86_64-unknown-linux-gnu", "x86-64", "", False, 16),
    "aarch64": ("aarch64-unknown-linux-gnu", "generic", "+neon", True, 16),
}


@pytest.mark.parametrize("name", TARGETS)
def test_other_machines(name: str) -> None:
    triple, cpu, features, fused, register_bytes = TARGETS[name]
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features)

    def several(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.sum(np.tanh(x) * np.exp(y) + np.log1p(x * x) / np.sqrt(1.0 + y * y)) + np.max(
            np.sin(x) ** 5
        )

    program = ad.trace(ad.value_and_grad(several, (0, 1)))(np.ones((3, 21)), np.ones((3, 21))).program
    compiled = emit(program, fused=fused, register_bytes=register_bytes)
    head = f'target datalayout = "{machine.target_data}"\ntarget triple = "{triple}"'
    module = llvm.parse_assembly(compiled.module.text(head, cpu))
    module.verify()
    assert len(machine.emit_object(module)) > 1000
