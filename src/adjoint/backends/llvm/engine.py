"""LLVM at work: text becomes machine code for this host, or assembly for another machine."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...lazy import llvm
from .text import Module

_SMALL = 150_000
"""Up to so many characters of text LLVM's own passes run over it; beyond, they cost more than they give."""


@dataclass(frozen=True, slots=True)
class Host:
    """The machine to compile for."""

    cpu: str
    features: str
    triple: str
    layout: str

    @property
    def fused(self) -> bool:
        """Whether it multiplies and adds in one instruction."""
        return "+fma" in self.features.split(",") or self.triple.startswith("aarch64")

    @property
    def head(self) -> str:
        """The lines that name it in a module."""
        return f'target datalayout = "{self.layout}"\ntarget triple = "{self.triple}"'

    @property
    def register_bytes(self) -> int:
        """The bytes of a vector register."""
        known = self.features.split(",")
        return 64 if "+avx512f" in known else 32 if "+avx" in known else 16


@lru_cache(maxsize=1)
def host() -> Host:
    """The machine that runs this."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    triple = llvm.get_process_triple()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features)
    return Host(cpu, features, triple, str(machine.target_data))


def _machine(level: int) -> Any:
    own = host()
    target = llvm.Target.from_triple(own.triple)
    return target.create_target_machine(
        cpu=own.cpu, features=own.features, opt=level, codemodel="jitdefault", jit=True
    )


def _improve(module: Any, machine: Any) -> None:
    """LLVM's passes without its vectorisers: the text is in vectors as it comes."""
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = False
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


class Engine:
    """Machine code of one module, which lives as long as this object."""

    __slots__ = ("_engine", "_module", "_target", "text")

    def __init__(self, module: Module, level: int | None = None) -> None:
        """`level` 0 leaves LLVM's passes out, 2 runs them; None chooses by size."""
        own = host()
        self.text = module.text(own.head, own.cpu)
        level = level if level is not None else 2 if len(self.text) < _SMALL else 0
        self._target = _machine(max(level, 1))
        parsed = llvm.parse_assembly(self.text)
        parsed.verify()
        if level:
            _improve(parsed, self._target)
        self._module = parsed
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._target)
        self._engine.add_module(parsed)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Where a function begins, or a table of the module lies."""
        return self._engine.get_function_address(name) or self._engine.get_global_value_address(name)

    def assembly(self) -> str:
        """The machine code as text."""
        return self._target.emit_assembly(self._module)
