"""`compile_program`: a Program as a function of machine code that is called like a Python function.

    f = compile_program(program)
    f(*arrays)                      # a tuple of the Program's outputs

Arrays that are not in one piece, or of another dtype that converts safely, are copied first (`cost()` says
so).
"""

from typing import Any

from ...core.program import Program
from .emit import Compiled, emit
from .engine import Engine, host
from .entry import CallTable, by_ctypes, by_fastcall, write_entry


class Native:
    """A compiled Program. It is called with one array or number for each input; its outputs are a tuple.

    `entry` is how Python reaches it: "fastcall", a function of CPython's own kind, or "ctypes".
    """

    __slots__ = ("_compiled", "_engine", "_table", "call", "entry")

    def __init__(self, program: Program, entry: str, level: int | None) -> None:
        machine = host()
        self._compiled: Compiled = emit(program, fused=machine.fused, register_bytes=machine.register_bytes)
        self.entry = entry
        if entry == "fastcall":
            write_entry(self._compiled.module, program)
        self._engine = Engine(self._compiled.module, level)
        self._table = CallTable(program, self._compiled, self._engine)
        self.call: Any = (by_fastcall if entry == "fastcall" else by_ctypes)(self._table)

    def __call__(self, *args: Any) -> tuple[Any, ...]:
        """The Program's outputs for these inputs."""
        return self.call(*args)

    def llvm(self) -> str:
        """The text that LLVM was given."""
        return self._engine.text

    def assembly(self) -> str:
        """The machine code as text."""
        return self._engine.assembly()

    def cost(self) -> dict[str, Any]:
        """What a call takes: steps, bytes of the arena (and the fewest that any plan needs), and what is
        copied.
        """
        compiled = self._compiled
        return {
            "nests": compiled.nests,
            "equations": len(compiled.program.equations),
            "arena_bytes": compiled.arena_bytes,
            "least_bytes": compiled.arena.least(),
            "copies": "inputs that are not in one piece, aligned and of the Program's dtype",
        }


def compile_program(program: Program, *, entry: str = "fastcall", level: int | None = None) -> Native:
    """The Program as machine code.

    Args:
        program: its inputs and outputs are real numbers, whole numbers or truth values, of any shape.
        entry: "fastcall", or "ctypes", which is slower to call and works on every Python.
        level: how hard LLVM works, 0 or 2; None chooses by the Program's size.

    Returns:
        a function of one array or number for each input; it gives a tuple, as the NumPy back end does.

    Raises:
        NoLowering: a primitive or a dtype in it has no native code; the message names it.

    >>> from adjoint import trace
    >>> native = compile_program(trace(lambda x: np.sum(x * x))(np.ones(3)).program)
    >>> native(np.array([0.0, 1.0, 2.0]))
    (np.float64(5.0),)
    """
    return Native(program, entry, level)
