"""Steps that are calls into libraries: matrix products by BLAS.

BLAS is the one that NumPy itself calls, found in its own library by name; where NumPy has another, SciPy's.
"""

import ctypes
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from numpy._core import _multiarray_umath as _numpy_c  # pyright: ignore[reportAttributeAccessIssue]

from ...core.equation import Equation
from ...lazy import cython_blas, llvm
from .layout import Layout, gemm_form, unsupported
from .text import BYTES, Function, Lanes, Module, constant, kind_of, loop

Writer = Callable[[Function, Equation, list[Layout], list[str], list[str]], None]


# --- finding BLAS --------------------------------------------------------------------------------


def _of_numpy(name: str) -> int | None:
    """The address of a routine with whole numbers of 64 bits in the library that NumPy brings along."""
    try:
        found = ctypes.CDLL(_numpy_c.__file__)[f"scipy_{name}_64_"]
    except (OSError, AttributeError):
        return None
    return ctypes.cast(found, ctypes.c_void_p).value


def _of_scipy(name: str) -> int | None:
    """The same of SciPy, whose whole numbers have 32 bits."""
    capsule = cython_blas.__pyx_capi__[name]
    label = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", ctypes.pythonapi))
    find = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    return find(("PyCapsule_GetPointer", ctypes.pythonapi))(capsule, label(capsule))


@lru_cache(maxsize=16)
def routine(name: str) -> tuple[str, int]:
    """The symbol of a BLAS routine, made known to LLVM, and the bits of its whole numbers."""
    address, bits = _of_numpy(name), 64
    if address is None:
        address, bits = _of_scipy(name), 32
    symbol = f"adjoint_{name}"
    llvm.add_symbol(symbol, address)
    return symbol, bits


# --- matrix products -----------------------------------------------------------------------------


def _global(module: Module, text: str) -> str:
    """A constant in memory, whose address BLAS takes."""
    name = f"@blas.{sum(line.startswith('@blas.') for line in module.declarations)}"
    for line in module.declarations:
        if line.startswith("@blas.") and line.endswith(f"constant {text}"):
            return line.partition(" ")[0]
    module.declare(f"{name} = private constant {text}")
    return name


def _gemm(
    f: Function, own: str, sizes: tuple[int, int, int], forms: Any, pointers: tuple[str, str, str]
) -> None:
    """C = A B in rows, which BLAS is told as C^T = B^T A^T in columns."""
    module = f.module
    symbol, bits = routine("dgemm" if own == "f64" else "sgemm")
    rows, inner, columns = sizes
    (turn_a, lead_a), (turn_b, lead_b) = forms
    a, b, c = pointers
    element = "double" if own == "f64" else "float"

    def whole(n: int) -> str:
        return _global(module, f"i{bits} {n}")

    def letter(turned: bool) -> str:
        return _global(module, f"i8 {ord('T' if turned else 'N')}")

    one, zero = (_global(module, f"{element} {constant(v, own, 1)}") for v in (1.0, 0.0))
    given = [
        *(letter(turn_b), letter(turn_a), whole(columns), whole(rows), whole(inner), one),
        *(b, whole(lead_b), a, whole(lead_a), zero, c, whole(max(columns, 1))),
    ]
    module.declare(f"declare void @{symbol}({', '.join(['ptr'] * 13)})")
    f.line(f"call void @{symbol}({', '.join(f'ptr {g}' for g in given)})")


def _dot(f: Function, own: str, count: int, pointers: tuple[str, str, str]) -> None:
    """The product of two vectors in one piece."""
    width = 8 if own == "f64" else 16
    a, b, c = pointers
    lanes, one = Lanes(f, own, width), Lanes(f, own, 1)
    align = BYTES[own]

    def element(base: str, i: str, of: Lanes) -> str:
        place = f.value(f"getelementptr {one.type}, ptr {base}, i64 {i}")
        return f.value(f"load {of.type}, ptr {place}, align {align}")

    def round_of(of: Lanes) -> Any:
        return lambda i, c: [of.fma(element(a, i, of), element(b, i, of), c[0])]

    whole = count // width * width
    (total,) = loop(f, 0, whole, width, [(lanes.type, lanes.const(0.0))], round_of(lanes))
    f.module.declare(f"declare {one.type} @llvm.vector.reduce.fadd.{lanes.suffix}({one.type}, {lanes.type})")
    total = f.value(
        f"call reassoc {one.type} @llvm.vector.reduce.fadd.{lanes.suffix}({one.type} {one.const(-0.0)}, "
        f"{lanes.type} {total})"
    )
    if whole < count:
        (total,) = loop(f, whole, count, 1, [(one.type, total)], round_of(one))
    f.line(f"store {one.type} {total}, ptr {c}, align {align}")


def _matmul(
    f: Function, equation: Equation, layouts: list[Layout], operands: list[str], outs: list[str]
) -> None:
    x, y = layouts
    own = kind_of(equation.outputs[0].aval.dtype)
    if own not in ("f64", "f32"):
        raise unsupported("the primitive matmul", equation.inputs[0].aval)
    forms = gemm_form(x, False), gemm_form(y, True)
    assert forms[0] is not None
    assert forms[1] is not None
    rows = x.shape[-2] if len(x.shape) > 1 else 1
    columns = y.shape[-1] if len(y.shape) > 1 else 1
    inner = x.shape[len(x.shape) - 1]
    sizes = rows, inner, columns
    size = BYTES[own]
    pointers = operands[0], operands[1], outs[0]
    if len(x.shape) == len(y.shape) == 1 and x.strides == y.strides == (1,):
        _dot(f, own, sizes[1], pointers)
        return
    if len(x.shape) <= 2:
        _gemm(f, own, sizes, forms, pointers)
        return
    count = math.prod(x.shape[:-2])
    steps = [n * size for n in (rows * sizes[1], sizes[1] * columns, rows * columns)]

    def body(i: str, carried: list[str]) -> list[str]:
        here = [f.at(p, f.value(f"mul i64 {i}, {s}")) for p, s in zip(pointers, steps, strict=True)]
        _gemm(f, own, sizes, forms, (here[0], here[1], here[2]))
        return carried

    loop(f, 0, count, 1, [], body)


LIBRARY_CALLS: Final[dict[str, Writer]] = {"matmul": _matmul}
"""How a step of this primitive is written: the function, the equation, where its operands lie, and
pointers.
"""
