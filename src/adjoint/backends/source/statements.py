"""How equations that are no assignments are written: branches, local functions, and what is done in place."""

from typing import Any

from ...core.equation import Equation, Variable
from ...primitives.indexing import index_text
from .places import NOWHERE, Block, Buffers, fresh
from .writer import Function, write_plain


def all_buffers(function: Function, equation: Equation) -> Buffers:
    """The memory of all operands."""
    mine = (function.buffers.get(a, NOWHERE) for a in equation.inputs if isinstance(a, Variable))
    return frozenset(b for buffers in mine for b in buffers)


def share(function: Function, equation: Equation) -> None:
    """Note that results may lie in the memory of the operands."""
    buffers = all_buffers(function, equation)
    for variable in equation.outputs:
        own = fresh(variable.aval, own=False)
        function.buffers[variable] = buffers | own if own else NOWHERE


# --- branches ----------------------------------------------------------------------------------


def write_switch(function: Function, block: Block, position: int, equation: Equation) -> None:
    """`if`, `elif`, `else`."""
    branches = equation.params["branches"]
    index, operands = equation.inputs[0], [block.read(a) for a in equation.inputs[1:]]
    chooser = block.read(index)
    texts = [function.operand(a) for a in operands]
    heads = _heads(function.operand(chooser), len(branches), truth=chooser.aval.dtype.kind == "b")
    order = range(len(branches)) if len(branches) > 2 else reversed(range(len(branches)))
    read = {v for v in equation.outputs if v in block.last}
    names = {v: function.name(v) for v in equation.outputs if v in read}
    for head, k in zip(heads, order, strict=True):
        program = branches[k]
        if head:
            function.emit(head)
            function.depth += 1
        for variable, text in zip(program.inputs, texts, strict=True):
            function.text_of[variable] = text
            function.buffers[variable] = fresh(variable.aval, own=False)
        outs = [(o, a) for o, a in zip(equation.outputs, program.outputs, strict=True) if o in read]
        before = len(function.lines)
        line = function.line
        found = dict(
            zip(
                equation.outputs,
                function.block(program, [(None, a, names[o]) for o, a in outs]),
                strict=True,
            )
        )
        assign(function, [(names[o], found[o]) for o, _ in outs])
        if head and len(function.lines) == before:
            function.emit("pass")
        function.line = line if head else function.line
        function.depth -= bool(head)
    function.line = None if len(branches) > 1 else function.line
    share(function, equation)


def _heads(index: str, count: int, *, truth: bool) -> list[str]:
    if count == 1:
        return [""]
    if count == 2:
        return [f"if {index}:" if truth else f"if {index} >= 1:", "else:"]
    return [
        f"if {index} <= 0:",
        *(f"elif {index} == {k}:" for k in range(1, count - 1)),
        "else:",
    ]


def assign(function: Function, pairs: list[tuple[str, str]]) -> None:
    """Give names new values, all at once where one of them is read by another."""
    pairs = [(name, text) for name, text in pairs if name != text]
    if any(name == text for i, (name, _) in enumerate(pairs) for _, text in pairs[i + 1 :]):
        names, texts = zip(*pairs, strict=True)
        function.emit(f"{', '.join(names)} = {', '.join(texts)}")
        return
    for name, text in pairs:
        function.emit(f"{name} = {text}")


# --- functions ---------------------------------------------------------------------------------


def write_call(function: Function, block: Block, position: int, equation: Equation) -> None:
    """A Program that is held, as a function of its own: what it computes on the way ends with it."""
    called(function, block, equation, equation.params["body"])


def write_custom(function: Function, block: Block, position: int, equation: Equation) -> None:
    """A function that has a derivative rule of its own: what it computes itself."""
    own: Any = equation.params["function"]
    called(function, block, equation, own.program(tuple(a.aval for a in equation.inputs)))


def called(function: Function, block: Block, equation: Equation, program: Any) -> None:
    """A call of the function that computes this Program."""
    name = function.module.function(program)
    operands = ", ".join(function.operand(block.read(a)) for a in equation.inputs)
    function.emit(f"{function.targets(equation)} = {name}({operands})")
    share(function, equation)


# --- in place ----------------------------------------------------------------------------------


def write_assign(function: Function, block: Block, position: int, equation: Equation) -> None:
    """`x[index] = v` in x itself, where nothing reads it any more."""
    x, v = map(block.read, equation.inputs)
    if not function.may_overwrite(block, position, x):
        write_plain(function, block, position, equation)
        return
    function.emit(f"{function.operand(x)}[{index_text(equation.params['index'])}] = {function.operand(v)}")
    overwritten(function, x, equation.outputs[0])


def write_scatter(function: Function, block: Block, position: int, equation: Equation) -> None:
    """`x[i] = v` in x itself, where nothing reads it any more."""
    x, *rest = map(block.read, equation.inputs)
    mine = function.buffers.get(x, NOWHERE) if isinstance(x, Variable) else NOWHERE
    read = [function.buffers.get(a, NOWHERE) for a in rest if isinstance(a, Variable)]
    if not function.may_overwrite(block, position, x) or any(mine & other for other in read):
        write_plain(function, block, position, equation)
        return
    v, *indices = map(function.operand, rest)
    function.emit(f"{function.operand(x)}[{', '.join(indices)}] = {v}")
    overwritten(function, x, equation.outputs[0])


def write_part(function: Function, block: Block, position: int, equation: Equation) -> None:
    """A part among zeros; what adds it to an array does so in place, where nothing else reads that."""
    (out,) = equation.outputs
    (user,) = block.users[out] if block.used_once(out) else (None,)
    if user is None or user.primitive.name != "add" or not out.aval.shape:
        write_plain(function, block, position, equation)
        return
    other = block.read(user.inputs[1] if user.inputs[0] is out else user.inputs[0])
    part, *indices = map(block.read, equation.inputs)
    place = block.equations.index(user)
    known = isinstance(other, Variable) and other in function.text_of and other is not out
    if not known or any(a.aval.shape for a in indices) or not function.may_overwrite(block, place, other):
        write_plain(function, block, position, equation)
        return
    inside = ", ".join(map(function.operand, indices)) or index_text(equation.params["index"])
    function.emit(f"{function.operand(other)}[{inside}] += {function.operand(part)}")
    overwritten(function, other, user.outputs[0])
    block.skipped.add(user)


def overwritten(function: Function, before: Any, after: Variable) -> None:
    """Note that a variable has the name and the memory of another one, which is no more."""
    function.text_of[after] = function.text_of[before]
    function.buffers[after] = function.buffers[before]
    for buffer in function.buffers[before]:
        buffer.written = True
