"""Definitions carried out of this package: what a primitive computes, as text that stands by itself.

The text is the definition's own. Names that it reads from its module or from a function around it are
resolved, and what they stand for is carried along; so the text needs NumPy and SciPy, and gives the same
bits.
"""

import ast
import dataclasses
import inspect
import math
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache, partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ...core.primitive import Primitive
from ...dtypes import bfloat16
from ...errors import ProgramError
from ...lazy import LazyModule
from ...primitives.evaluation import scale as scale_arrays
from .arrays import array_text, number_text

_PACKAGE = __name__.partition(".")[0]
_NUMPY = {
    "np": np,
    "np.linalg": np.linalg,
    "np.fft": np.fft,
    "np.random": np.random,
    "np.lib.stride_tricks": None,
}
_WRAPPED = type(lru_cache(lambda: None))
_CONTAINERS = {tuple: ("(", ")"), list: ("[", "]"), set: ("{", "}")}
_BUILTINS = frozenset(vars(sys.modules["builtins"]))


class Carrier:
    """Collects imports and definitions; `expression` gives the text for a value.

    `half` says that there is bfloat16, beside which NumPy has to be told that Python's numbers are weak;
    `narrow` that there are such numbers beside float32. `by_hand` are helpers that definitions call.
    """

    def __init__(self, taken: set[str], *, half: bool = False, narrow: bool = False) -> None:
        self.taken, self.half, self.narrow = taken, half, narrow
        self.imports: set[str] = set()
        self.by_hand: set[str] = set()
        self.definitions: list[str] = []
        self.names: dict[int, str] = {}
        self.kept: list[Any] = []

    # --- values ------------------------------------------------------------------------------

    def expression(self, value: Any, hint: str = "value") -> str:
        """The text of a value; what it needs is defined before."""
        if id(value) in self.names:
            return self.names[id(value)]
        if value is None or type(value) in (bool, int, str, bytes):
            return repr(value)
        if type(value) in (float, complex) or (isinstance(value, np.generic) and value.dtype.kind in "biufc"):
            return number_text(value)
        if isinstance(value, np.dtype):
            return self._dtype(value)
        if isinstance(value, np.ndarray):
            return self._bound(value, hint, array_text(value))
        if type(value) in _CONTAINERS or isinstance(value, dict | frozenset):
            return self._container(value, hint)
        if isinstance(value, ModuleType | LazyModule):
            return self._module(value)
        if isinstance(value, Primitive):
            return self.expression(value.evaluate, value.name)
        return self._callable(value, hint) or self._instance(value, hint)

    def define(self, name: str, value: Any) -> None:
        """Define a value under a name of its own."""
        own = isinstance(value, FunctionType | _WRAPPED) and value.__module__.partition(".")[0] == _PACKAGE
        plain = own and self._ufunc(value) is None
        text = self._defined(value, name) if plain else self.expression(value, name)
        if text != name:
            self.taken.add(name)
            self.definitions.append(f"{name} = {text}\n")

    def _bound(self, value: Any, hint: str, text: str) -> str:
        """A name for a value that is made once."""
        name = self._new(value, hint)
        self.definitions.append(f"{name} = {text}\n")
        return name

    def _new(self, value: Any, hint: str) -> str:
        hint = hint if hint.isidentifier() else "helper"
        name, number = hint, 1
        while name in self.taken:
            number += 1
            name = f"{hint}_{number}"
        self.taken.add(name)
        self.names[id(value)] = name
        self.kept.append(value)
        return name

    def _dtype(self, value: Any) -> str:
        if value == bfloat16:
            self.imports.add("import ml_dtypes")
            return "np.dtype(ml_dtypes.bfloat16)"
        return f"np.dtype({value.str!r})"

    def _container(self, value: Any, hint: str) -> str:
        if isinstance(value, dict):
            pairs = (f"{self.expression(k, hint)}: {self.expression(v, hint)}" for k, v in value.items())
            return f"{{{', '.join(pairs)}}}"
        parts = [self.expression(part, hint) for part in value]
        if isinstance(value, frozenset):
            return f"frozenset(({', '.join(parts)}{',' * (len(parts) == 1)}))"
        left, right = _CONTAINERS[type(value)]
        return f"{left}{', '.join(parts)}{',' * (len(parts) == 1 and left == '(')}{right}" if parts else "()"

    def _module(self, value: Any) -> str:
        name = value._name if isinstance(value, LazyModule) else value.__name__
        if name == "numpy":
            return "np"
        package, _, own = name.rpartition(".")
        self.imports.add(f"from {package} import {own}" if package else f"import {own}")
        self.taken.add(own)
        return own

    # --- functions and classes ---------------------------------------------------------------

    def _callable(self, value: Any, hint: str) -> str | None:
        """The text of something public in NumPy, SciPy or the standard library, or of a definition here."""
        if isinstance(value, MethodType):
            return f"{self.expression(value.__self__, hint)}.{value.__name__}"
        if isinstance(value, partial):
            self.imports.add("from functools import partial")
            parts = [self.expression(v, hint) for v in (value.func, *value.args)]
            parts += [f"{k}={self.expression(v, hint)}" for k, v in value.keywords.items()]
            return f"partial({', '.join(parts)})"
        name = getattr(value, "__name__", None)
        if not isinstance(name, str):
            return None
        module = getattr(value, "__module__", None) or ""
        if value is scale_arrays:
            self.by_hand.add("scale")
            return "scale"
        if isinstance(value, type | FunctionType | _WRAPPED) and module.partition(".")[0] == _PACKAGE:
            if isinstance(value, FunctionType):
                known = self._scipys(value) or self._ufunc(value)
                if known is not None:
                    return known
            return self._defined(value, hint if name == "<lambda>" else name)
        return self._public(value, name, module)

    def _public(self, value: Any, name: str, module: str) -> str | None:
        for prefix, home in _NUMPY.items():
            if home is not None and getattr(home, name, None) is value:
                return f"{prefix}.{name}"
        if name in _BUILTINS and (module == "builtins" or isinstance(value, BuiltinFunctionType)):
            return name
        if getattr(math, name, None) is value:
            self.imports.add("import math")
            return f"math.{name}"
        special = sys.modules.get("scipy.special")
        if isinstance(value, np.ufunc) and special is not None and getattr(special, name, None) is value:
            return f"{self._module(special)}.{name}"
        home = sys.modules.get(module)
        if home is None or getattr(home, name, None) is not value:
            return None
        self.imports.add(f"from {module} import {name}")
        self.taken.add(name)
        self.names[id(value)] = name
        self.kept.append(value)
        return name

    def _scipys(self, function: Any) -> str | None:
        """SciPy's function, of a function that does no more than look it up by its name."""
        if function.__qualname__.split(".")[0] not in ("scipys", "scipys_in_double"):
            return None
        closure = inspect.getclosurevars(function)
        name = closure.nonlocals.get("name")
        home = closure.globals.get("special")
        if name is None or home is None:
            return None
        return f"{self._module(home)}{'._ufuncs' if name[0] == '_' else ''}.{name}"

    def _ufunc(self, function: Any) -> str | None:
        """NumPy's function, of one that does no more than keep Python's numbers weak."""
        makers = {"ufunc.<locals>.evaluate": "function", "of_one_dtype.<locals>.evaluate": "plain"}
        cell = makers.get(getattr(function, "__qualname__", ""))
        if cell is None or self.half or self.narrow:
            return None
        return self.expression(inspect.getclosurevars(function).nonlocals[cell])

    def _defined(self, value: Any, hint: str) -> str:
        """The name of a function or class of ours, whose text is carried."""
        inner = inspect.unwrap(value) if not isinstance(value, type) else value
        name = self._new(value, hint)
        self.names[id(inner)] = name
        node = _node_of(inner)
        nodes = _Resolved(self, inner).visit(node)
        if isinstance(nodes, ast.Lambda):
            arguments = nodes.args
            nodes = ast.FunctionDef(name, arguments, [ast.Return(nodes.body)], [], None, None, lineno=0)
        nodes.name = name
        text = ast.unparse(ast.fix_missing_locations(nodes))
        self.definitions.append(text + "\n")
        return name

    def _instance(self, value: Any, hint: str) -> str:
        """A value made by a class of ours, made anew; or an error."""
        if isinstance(value, ContextVar):
            self.imports.add("from contextvars import ContextVar")
            return self._bound(value, hint, f"ContextVar({value.name!r}, default=None)")
        kind = type(value)
        if kind.__module__.partition(".")[0] != _PACKAGE:
            raise ProgramError(
                "a Program whose constants can be written as source",
                f"{value!r}, of {kind.__module__}.{kind.__name__}",
                "Pass it as an array, or use jit, which runs it here.",
            )
        made = self.expression(kind, kind.__name__)
        if dataclasses.is_dataclass(value):
            names = [f.name for f in dataclasses.fields(value) if f.init]
        else:
            names = list(inspect.signature(kind).parameters)
        parts = [f"{n}={self.expression(getattr(value, n), n)}" for n in names]
        return self._bound(value, hint, f"{made}({', '.join(parts)})")


# --- the text of a definition ------------------------------------------------------------------


@lru_cache(maxsize=64)
def _parsed(file: str) -> ast.Module:
    with open(file, encoding="utf-8") as source:
        return ast.parse(source.read())


def _node_of(value: Any) -> Any:
    """The syntax of a function or class, found by its place."""
    if isinstance(value, type):
        tree = _parsed(inspect.getsourcefile(value) or "")
        return _copy(
            next(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == value.__name__)
        )
    code = value.__code__
    tree = _parsed(code.co_filename)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if node.name == code.co_name and first == code.co_firstlineno:
                return _copy(node)
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and _is_of(node, code):
            return _copy(node)
    raise ProgramError(
        "a Program whose primitives can be written as source",
        f"{value.__qualname__}, whose text is not found",
        "Use jit, which runs it here.",
    )


def _is_of(node: ast.Lambda, code: Any) -> bool:
    """Whether a lambda is the one that was compiled to this code: what it computes stands there."""
    if node.lineno != code.co_firstlineno:
        return False
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    names += [a.arg for a in node.args.kwonlyargs]
    count = code.co_argcount + code.co_kwonlyargcount
    if names != list(code.co_varnames[:count]):
        return False
    spots = [p for p in code.co_positions() if p[0] is not None and p[2] is not None and p[3]]
    body = node.body
    inside = [
        (body.lineno, body.col_offset) <= (p[0], p[2])
        and (p[1], p[3]) <= (body.end_lineno, body.end_col_offset)
        for p in spots
    ]
    return sum(inside) >= len(inside) - 2 and any(inside)


def _copy(node: Any) -> Any:
    return (
        ast.parse(ast.unparse(node)).body[0]
        if not isinstance(node, ast.Lambda)
        else ast.parse(ast.unparse(node), mode="eval").body
    )


class _Resolved(ast.NodeTransformer):
    """Puts in the place of a name what it stands for outside; annotations and documentation go."""

    def __init__(self, carrier: Carrier, owner: Any) -> None:
        self.carrier = carrier
        self.known = _outside(owner)
        self.bound: set[str] = set()

    def visit(self, node: ast.AST) -> Any:
        if not self.bound:
            self.bound = {
                *(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)),
                *(a.arg for a in ast.walk(node) if isinstance(a, ast.arg)),
                *(n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node),
                "",
            }
        return super().visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        self.generic_visit(node)
        node.body = _undocumented(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        bound = self.bound
        self.bound = {""}
        node.bases = [b for b in node.bases if getattr(b, "id", "") not in ("Protocol", "Generic")]
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.bases = [self.visit(b) for b in node.bases]
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                self.bound = set()
                self.visit(part)
            elif isinstance(part, ast.Assign):
                self.bound = {""}
                part.value = self.visit(part.value)
            elif isinstance(part, ast.AnnAssign):
                part.annotation = ast.Name("object", ast.Load())
                part.value = None if part.value is None else self.visit(part.value)
        self.bound = bound
        node.body = _undocumented(node.body)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return None
        return self.visit(ast.Assign([node.target], node.value, lineno=node.lineno))

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        value = self._of_ours(node)
        if value is not _MISSING:
            return self._text(value, self._hint(node))
        self.generic_visit(node)
        return node

    def _hint(self, node: ast.Attribute) -> str:
        """A name for it: what a primitive computes is called as the primitive is."""
        home = node.value
        owner = self.known(home.id) if isinstance(home, ast.Name) else self._of_ours(home)
        return owner.name if isinstance(owner, Primitive) and node.attr == "evaluate" else node.attr

    def _of_ours(self, node: ast.expr) -> Any:
        """What a name stands for that is taken out of a module or a primitive of this package."""
        if not isinstance(node, ast.Attribute):
            return _MISSING
        inner = node.value
        if isinstance(inner, ast.Name):
            home = _MISSING if inner.id in self.bound else self.known(inner.id)
        else:
            home = self._of_ours(inner)
        ours = isinstance(home, ModuleType) and home.__name__.partition(".")[0] == _PACKAGE
        return getattr(home, node.attr) if ours or isinstance(home, Primitive) else _MISSING

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.bound or not isinstance(node.ctx, ast.Load):
            return node
        value = self.known(node.id)
        return node if value is _MISSING else self._text(value, node.id)

    def _text(self, value: Any, name: str) -> Any:
        return ast.parse(self.carrier.expression(value, name), mode="eval").body


_MISSING = object()


def _outside(owner: Any) -> Callable[[str], Any]:
    """What the names mean that a definition reads from around it."""
    if isinstance(owner, type):
        around, cells = vars(sys.modules[owner.__module__]), {}
    else:
        around = owner.__globals__
        cells = dict(zip(owner.__code__.co_freevars, owner.__closure__ or (), strict=True))

    def known(name: str) -> Any:
        if name in cells:
            return cells[name].cell_contents
        return around.get(name, _MISSING)

    return known


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        body = body[1:]
    return body or [ast.Pass()]
