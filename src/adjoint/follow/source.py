"""The same conversion from a function's source text: for interpreters whose instructions are not known.

The file is parsed, its calls converted in the tree, and the whole compiled again; the function's code
is found in it by its place. It is accepted only if the unchanged text compiles to the very code that
the function has. A function without text, or whose text has changed, is refused with the remedy.
"""

import ast
import functools
import linecache
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from ..errors import TraceError
from .rewrite import NO_PROPERTIES

_CONVERT, _ATTRIBUTE = "adjoint's converter of calls", "adjoint's reader of attributes"


def rewritten(code: CodeType, convert: Callable[..., Any], attribute: Callable[..., Any]) -> CodeType:
    """As `rewrite.rewritten`, from the source text."""
    text = "".join(linecache.getlines(code.co_filename))
    if not text:
        raise _refused(code, "a function without source text")
    for old, candidate in _both(code.co_filename, text, code.co_flags & _FUTURE):
        if old == code:
            return _with_converters(candidate, {_CONVERT: convert, _ATTRIBUTE: attribute})
    raise _refused(code, "a function whose source text has changed since it was imported")


@functools.lru_cache(maxsize=128)
def _both(file: str, text: str, flags: int) -> list[tuple[CodeType, CodeType]]:
    """The code objects of a file, each with its converted one."""
    plain = compile(ast.parse(text, file), file, "exec", flags, dont_inherit=True)
    changed = ast.fix_missing_locations(_Calls().visit(ast.parse(text, file)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        new = compile(changed, file, "exec", flags, dont_inherit=True)
    return list(zip(_codes(plain), _codes(new), strict=True))


_FUTURE = 0x1000000
"""`from __future__ import annotations`."""


def _refused(code: CodeType, received: str) -> TraceError:
    return TraceError(
        f"following {code.co_name} into its calls",
        f"{received}, from {code.co_filename}:{code.co_firstlineno}",
        "Define it in a file, or write it with functions of adjoint.numpy.",
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)


def _with_converters(code: CodeType, converters: dict[str, Any]) -> CodeType:
    """The code with the converters in place of the texts that stand for them."""
    consts = tuple(
        _with_converters(c, converters)
        if isinstance(c, CodeType)
        else converters.get(c, c)
        if isinstance(c, str)
        else c
        for c in code.co_consts
    )
    return code.replace(co_consts=consts)


class _Calls(ast.NodeTransformer):
    """Converts calls and attributes in a tree."""

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        node.func = _call(node.func, _CONVERT, node.func)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        private = node.attr.startswith("__") and not node.attr.endswith("__")
        if not isinstance(node.ctx, ast.Load) or private or node.attr in NO_PROPERTIES:
            return node
        name = ast.copy_location(ast.Constant(node.attr), node)
        return _call(node, _ATTRIBUTE, node.value, name)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self._decorated(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        return self._decorated(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return self._decorated(node)

    def _decorated(self, node: Any) -> Any:
        self.generic_visit(node)
        node.decorator_list = [_call(d, _CONVERT, d) for d in node.decorator_list]
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> Any:
        return node

    def visit_MatchClass(self, node: ast.MatchClass) -> Any:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node


def _call(place: Any, converter: str, *args: Any) -> ast.Call:
    """A call of a converter, which stands in the code as a text until it is put in."""
    function = ast.copy_location(ast.Constant(converter), place)
    return ast.copy_location(ast.Call(function, list(args), []), place)
