"""The same conversion from a function's source text: for interpreters whose instructions are not known.

The file is parsed, its calls converted in the tree, and the whole compiled again; the function's code
is found in it by its place. It is accepted only if the unchanged text compiles to the very code that
the function has. A function without text, or whose text has changed, is refused with the remedy.
"""

import ast
import functools
import linecache
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import Any

from ..errors import TraceError
from .rewrite import NO_PROPERTIES, Answers

_CONVERT, _ATTRIBUTE = "adjoint's converter of calls", "adjoint's reader of attributes"
_GUARD = "adjoint's guard "
_GUARDS = ("one", "iterated", "entered", "assigned")
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitXor: "xor",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}


def rewritten(code: CodeType, answers: Answers) -> CodeType:
    """As `rewrite.rewritten`, from the source text."""
    text = "".join(linecache.getlines(code.co_filename))
    if not text:
        raise _refused(code, "a function without source text")
    for old, candidate in _both(code.co_filename, text, code.co_flags & _FUTURE):
        if old == code:
            converters = {_CONVERT: answers.convert, _ATTRIBUTE: answers.attribute}
            guards = {f"{_GUARD}{name}": getattr(answers.guards, name) for name in _GUARDS}
            guards |= {f"{_GUARD}{name}": whole for name, whole in answers.guards.operations.items()}
            return _with_converters(candidate, converters | guards)
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
        if isinstance(node.ctx, ast.Store):
            node.value = _guard("assigned", node.value)
            return node
        private = node.attr.startswith("__") and not node.attr.endswith("__")
        if not isinstance(node.ctx, ast.Load) or private or node.attr in NO_PROPERTIES:
            return node
        name = ast.copy_location(ast.Constant(node.attr), node)
        return _call(node, _ATTRIBUTE, node.value, name)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        node.value = _guard("one", node.value)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not):
            node.operand = _guard("one", node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        return _call(node, f"{_GUARD}{_OPERATORS[type(node.op)]}", node.left, node.right)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """`a += b` of a variable; of an attribute or a subscript it stays, so that this is read once."""
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        old = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        new = _call(node, f"{_GUARD}i{_OPERATORS[type(node.op)].rstrip('_')}", old, node.value)
        return ast.copy_location(ast.Assign([node.target], new), node)

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        if isinstance(node.ops[-1], ast.In | ast.NotIn):
            node.comparators[-1] = _guard("one", node.comparators[-1])
        elif len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
            return _call(node, f"{_GUARD}{_OPERATORS[type(node.ops[0])]}", node.left, node.comparators[0])
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        if any(isinstance(target, ast.Tuple | ast.List) for target in node.targets):
            node.value = _guard("iterated", node.value)
        return node

    def visit_Starred(self, node: ast.Starred) -> Any:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _guard("iterated", node.value)
        return node

    def visit_For(self, node: ast.For) -> Any:
        self.generic_visit(node)
        node.iter = _guard("iterated", node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        self.generic_visit(node)
        node.iter = node.iter if node.is_async else _guard("iterated", node.iter)
        return node

    def visit_withitem(self, node: ast.withitem) -> Any:
        self.generic_visit(node)
        node.context_expr = _guard("entered", node.context_expr)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self._decorated(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        return self._decorated(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return self._decorated(node)

    def visit_arg(self, node: ast.arg) -> Any:
        return node

    def _decorated(self, node: Any) -> Any:
        returns = getattr(node, "returns", None)
        if returns is not None:
            node.returns = None
        self.generic_visit(node)
        if returns is not None:
            node.returns = returns
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


def _guard(name: str, value: Any) -> ast.Call:
    return _call(value, f"{_GUARD}{name}", value)


def _call(place: Any, converter: str, *args: Any) -> ast.Call:
    """A call of a converter, which stands in the code as a text until it is put in."""
    function = ast.copy_location(ast.Constant(converter), place)
    return ast.copy_location(ast.Call(function, list(args), []), place)
