"""How Python calls a compiled Program: a function of CPython's own kind, written in machine code, or ctypes.

The machine code looks at each argument: an array of the right type, shape and dtype, in one piece and
aligned, is taken as it is, and so is a number of the right type. It makes the results, runs the Program and
returns them. For all else it calls the `guard`, plain Python that converts what can be converted and raises
for what cannot; the guard is also the whole of the other entry, by ctypes, which serves where objects do
not lie as CPython's usually do.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy._core import _multiarray_umath as _numpy_c  # pyright: ignore[reportAttributeAccessIssue]

from ...core.avals import Aval, aval_of, describe
from ...core.program import Program
from ...errors import ArgumentError, DtypeError, ShapeError
from .emit import Compiled
from .engine import Engine
from .memory import ALIGNMENT
from .text import BYTES, Function, Module, kind_of

_HEADER: Final = 16  # bytes of a count of references and a type, before an object's own fields
_DATA, _NDIM, _DIMS, _DESCR, _FLAGS = 16, 24, 32, 56, 64  # of an array's fields
_IN_ONE_PIECE: Final = 0x101  # C_CONTIGUOUS and ALIGNED
_ARRAY_TYPE, _ARRAY_SCALAR, _ARRAY_NEW = 2, 60, 93  # places in NumPy's table of functions for C

_FIXED: Final = (
    "array",
    "new",
    "scalar",
    "guard",
    "constants",
    "arena",
    "float",
    "tuple",
    "to_float",
    "release",
)


def serves() -> bool:
    """Whether this Python's objects lie as the machine code takes them to."""
    return (
        sys.implementation.name == "cpython"
        and object.__basicsize__ == _HEADER
        and ctypes.sizeof(ctypes.c_void_p) == 8
        and sys.byteorder == "little"
    )


# --- the entry in machine code -------------------------------------------------------------------


class _Names:
    """The places of the module's table of addresses, which the runtime fills."""

    def __init__(self, program: Program) -> None:
        dtypes = {a.aval.dtype for a in (*program.inputs, *program.outputs)}
        self.dtypes = sorted(dtypes, key=str)
        names = [*_FIXED, *(f"descr {d}" for d in self.dtypes), *(f"type {d}" for d in self.dtypes)]
        self.place = {name: k for k, name in enumerate(names)}


def write_entry(module: Module, program: Program) -> None:
    """Put `entry`, a METH_FASTCALL function, into the module."""
    names, f = _Names(program), Function(module)
    module.declare(f"@table = global [{len(names.place)} x ptr] zeroinitializer")

    def address(name: str) -> str:
        place = f.value(f"getelementptr ptr, ptr @table, i64 {names.place[name]}")
        return f.value(f"load ptr, ptr {place}")

    inputs, outputs = len(program.inputs), len(program.outputs)
    f.line(f"%inputs = alloca [{max(inputs, 1)} x ptr]")
    f.line(f"%outputs = alloca [{max(outputs, 1)} x ptr]")
    f.line(f"%slots = alloca [{max(outputs, 1)} x i64]")
    fits = f.label("fits")
    f.branch(f.value(f"icmp eq i64 %count, {inputs}"), fits, "other")
    f.begin(fits)
    for k, variable in enumerate(program.inputs):
        _take(f, k, variable.aval, address)
    _make_results(f, [a.aval for a in program.outputs], address)
    f.line(
        f"call void @program(ptr %inputs, ptr %outputs, ptr {address('constants')}, ptr {address('arena')})"
    )
    _box_numbers(f, [a.aval for a in program.outputs], address)
    f.line("ret ptr %result")
    f.begin("failed")
    f.line(f"call void {address('release')}(ptr %result)")
    f.jump("nothing")
    f.begin("nothing")
    f.line("ret ptr null")
    f.begin("other")
    f.module.declare("declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)")
    guard = address("guard")
    f.line(
        f"ret ptr {f.value(f'call ptr @PyObject_Vectorcall(ptr {guard}, ptr %args, i64 %count, ptr null)')}"
    )
    f.finish("entry", "ptr", "ptr %self, ptr %args, i64 %count", "")


Address = Callable[[str], str]


def _field(f: Function, base: str, offset: int, own: str) -> str:
    return f.value(f"load {own}, ptr {f.at(base, offset)}")


def _require(f: Function, condition: str) -> None:
    going = f.label("ok")
    f.branch(condition, going, "other")
    f.begin(going)


def _take(f: Function, k: int, aval: Aval, address: Address) -> None:
    """Check argument `k` and put the pointer to its data into the table of inputs."""
    given = f.value(f"load ptr, ptr {f.at('%args', 8 * k)}")
    own = _field(f, given, 8, "ptr")
    if aval.shape == ():
        right = f.value(f"icmp eq ptr {own}, {address(f'type {aval.dtype}')}")
        if aval.dtype == np.float64:
            python = f.value(f"icmp eq ptr {own}, {address('float')}")
            right = f.value(f"or i1 {right}, {python}")
        _require(f, right)
        data = f.at(given, _HEADER)
    else:
        _require(f, f.value(f"icmp eq ptr {own}, {address('array')}"))
        same = f.value(f"icmp eq ptr {_field(f, given, _DESCR, 'ptr')}, {address(f'descr {aval.dtype}')}")
        flags = f.value(f"and i32 {_field(f, given, _FLAGS, 'i32')}, {_IN_ONE_PIECE}")
        whole = f.value(f"icmp eq i32 {flags}, {_IN_ONE_PIECE}")
        axes = f.value(f"icmp eq i32 {_field(f, given, _NDIM, 'i32')}, {len(aval.shape)}")
        _require(f, f.value(f"and i1 {f.value(f'and i1 {same}, {whole}')}, {axes}"))
        dims = _field(f, given, _DIMS, "ptr")
        for axis, length in enumerate(aval.shape):
            _require(f, f.value(f"icmp eq i64 {_field(f, dims, 8 * axis, 'i64')}, {length}"))
        data = _field(f, given, _DATA, "ptr")
    f.line(f"store ptr {data}, ptr {f.at('%inputs', 8 * k)}")


def _make_results(f: Function, avals: list[Aval], address: Address) -> None:
    """A tuple with a new array for each result; numbers get a slot on the stack."""
    made = f.value(f"call ptr {address('tuple')}(i64 {len(avals)})")
    f.line(f"%result = getelementptr i8, ptr {made}, i64 0")
    going = f.label("ok")
    f.branch(f.value("icmp eq ptr %result, null"), "nothing", going)
    f.begin(going)
    for k, aval in enumerate(avals):
        if aval.shape == ():
            data = f.at("%slots", 8 * k)
        else:
            dims = f.value(f"alloca [{len(aval.shape)} x i64]")
            for axis, length in enumerate(aval.shape):
                f.line(f"store i64 {length}, ptr {f.at(dims, 8 * axis)}")
            array = f.value(
                f"call ptr {address('new')}(ptr {address('array')}, i32 {len(aval.shape)}, ptr {dims}, "
                f"i32 {aval.dtype.num}, ptr null, ptr null, i32 0, i32 0, ptr null)"
            )
            f.line(f"store ptr {array}, ptr {f.at('%result', tuple.__basicsize__ + 8 * k)}")
            going = f.label("ok")
            f.branch(f.value(f"icmp eq ptr {array}, null"), "failed", going)
            f.begin(going)
            data = _field(f, array, _DATA, "ptr")
        f.line(f"store ptr {data}, ptr {f.at('%outputs', 8 * k)}")


def _box_numbers(f: Function, avals: list[Aval], address: Address) -> None:
    """Numbers among the results as NumPy's, or as Python's where they are weak."""
    for k, aval in enumerate(avals):
        if aval.shape != ():
            continue
        slot = f.at("%slots", 8 * k)
        if aval.weak and aval.dtype == np.float64:
            boxed = f.value(f"call ptr {address('to_float')}(double {f.value(f'load double, ptr {slot}')})")
        elif aval.weak:
            wide = f.value(f"load i{8 * aval.dtype.itemsize}, ptr {slot}")
            wide = (
                wide
                if aval.dtype.itemsize == 8
                else f.value(f"sext i{8 * aval.dtype.itemsize} {wide} to i64")
            )
            name = "PyBool_FromLong" if aval.dtype == bool else "PyLong_FromLongLong"
            f.module.declare(f"declare ptr @{name}(i64)")
            boxed = f.value(f"call ptr @{name}(i64 {wide})")
        else:
            descr = address(f"descr {aval.dtype}")
            boxed = f.value(f"call ptr {address('scalar')}(ptr {slot}, ptr {descr}, ptr null)")
        f.line(f"store ptr {boxed}, ptr {f.at('%result', tuple.__basicsize__ + 8 * k)}")
        going = f.label("ok")
        f.branch(f.value(f"icmp eq ptr {boxed}, null"), "failed", going)
        f.begin(going)


# --- what the machine code is handed -------------------------------------------------------------


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class CallTable:
    """What a compiled Program needs as long as it can be called: its code, constants and arena."""

    __slots__ = (
        "arena",
        "avals_in",
        "avals_out",
        "constants",
        "engine",
        "guard",
        "method",
        "pointers",
        "program",
    )

    def __init__(self, program: Program, compiled: Compiled, engine: Engine) -> None:
        self.program, self.engine = program, engine
        self.avals_in = [v.aval for v in program.inputs]
        self.avals_out = [a.aval for a in program.outputs]
        self.constants = compiled.constants
        self.pointers = _addresses(compiled.constants)
        self.arena = np.empty(compiled.arena_bytes + ALIGNMENT, np.uint8)
        self.guard: Any = None
        self.method: Any = None

    def arena_address(self) -> int:
        """The first aligned byte of the arena."""
        return -(-self.arena.ctypes.data // ALIGNMENT) * ALIGNMENT


def _addresses(arrays: list[np.ndarray]) -> Any:
    return (ctypes.c_void_p * max(len(arrays), 1))(*[a.ctypes.data for a in arrays])


def _function(name: str) -> int | None:
    return ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value


def _numpys() -> Any:
    """NumPy's table of functions for C."""
    find = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    pointer = find(("PyCapsule_GetPointer", ctypes.pythonapi))(_numpy_c._ARRAY_API, None)
    return ctypes.cast(pointer, ctypes.POINTER(ctypes.c_void_p))


def by_fastcall(table: CallTable) -> Any:
    """The entry in machine code as a Python function."""
    table.guard = by_ctypes(table)
    numpys, names = _numpys(), _Names(table.program)
    values = {
        "array": numpys[_ARRAY_TYPE],
        "new": numpys[_ARRAY_NEW],
        "scalar": numpys[_ARRAY_SCALAR],
        "guard": id(table.guard),
        "constants": ctypes.addressof(table.pointers),
        "arena": table.arena_address(),
        "float": id(float),
        "tuple": _function("PyTuple_New"),
        "to_float": _function("PyFloat_FromDouble"),
        "release": _function("Py_DecRef"),
        **{f"descr {d}": id(np.dtype(d.type)) for d in names.dtypes},
        **{f"type {d}": id(d.type) for d in names.dtypes},
    }
    places = (ctypes.c_void_p * len(names.place)).from_address(table.engine.address("table"))
    for name, place in names.place.items():
        places[place] = values[name]
    name = table.program.name.encode()
    table.method = _MethodDef(name, table.engine.address("entry"), 0x80, b"A compiled Program.")
    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    make = new(("PyCFunction_NewEx", ctypes.pythonapi))
    return make(ctypes.addressof(table.method), table, None)


# --- the entry in Python -------------------------------------------------------------------------


def by_ctypes(table: CallTable) -> Callable[..., tuple[Any, ...]]:
    """The entry that converts its arguments, and calls the Program through ctypes."""
    types = ctypes.PYFUNCTYPE(None, *[ctypes.c_void_p] * 4)
    run = types(table.engine.address("program"))
    constants, arena, memory = ctypes.addressof(table.pointers), table.arena_address(), table.arena
    avals_in, avals_out, name = table.avals_in, table.avals_out, table.program.name
    keep = table.engine, table.pointers, table.constants, memory

    def call_program(*args: Any) -> tuple[Any, ...]:
        if len(args) != len(avals_in):
            raise ArgumentError(
                f"{name} takes {len(avals_in)} arrays", f"{len(args)} arguments", "Pass one for each input."
            )
        given = [fitted(a, aval, k) for k, (a, aval) in enumerate(zip(args, avals_in, strict=True))]
        made = [np.empty(aval.shape, aval.dtype) for aval in avals_out]
        run(_addresses(given), _addresses(made), constants, arena)
        return tuple(_result(a, aval) for a, aval in zip(made, avals_out, strict=True))

    call_program.__dict__["keep"] = keep
    return call_program


def _result(array: np.ndarray, aval: Aval) -> Any:
    return array if aval.shape else array.item() if aval.weak else array[()]


def fitted(value: Any, aval: Aval, place: int) -> np.ndarray:
    """An argument as the machine code reads it: of this type, in one piece, aligned."""
    found = aval_of(value)
    asked = f"a compiled Program that takes {aval} as argument {place}"
    if found.shape != aval.shape:
        raise ShapeError(asked, describe(value), "Compile the function again for this shape.")
    if not (found.weak or np.can_cast(found.dtype, aval.dtype, "safe")) or kind_of(aval.dtype) not in BYTES:
        raise DtypeError(asked, describe(value), "Compile the function again for this dtype.")
    return np.require(value, aval.dtype, ["C", "A"])
