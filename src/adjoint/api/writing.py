"""`source`: what a function computes, or its derivative, as a Python module that needs NumPy alone."""

import re
from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter, signature
from keyword import iskeyword
from typing import Any

from .. import trees
from ..backends.source import module_of
from ..backends.source.module import STANDALONE, Signature, module_text
from ..core.avals import Aval
from ..core.lines import tracing_lines
from ..core.program import Program
from ..errors import ArgumentError
from ..passes import simplify
from .arguments import Function, checked, is_array
from .compile import TracedFunction, trace


def source(function: Function | Program, *args: Any, **kwargs: Any) -> str:
    """A function, or a derivative of one, as the text of a Python module that imports NumPy alone.

    Loops and branches are kept, names are the user's, and above each block stands the line that it computes
    or goes back through. The module's last function takes the arrays among the arguments, and returns what
    the function returns, to the last bit as `jit` does. SciPy is imported where its functions are used.

    Args:
        function: what is to be written: a function, a derivative such as `grad(f)`, what `trace` gives, or a
            Program.
        args: arguments of the shapes and dtypes that the module is for.

    Returns:
        The text, formatted.

    Raises:
        TraceError: the function asks for a number that is not known before it runs.
        ProgramError: something in it cannot be written, such as an object of an unknown class.

    >>> print(source(adjoint.grad(lambda x: np.sin(x) ** 2), 1.0).split("def ")[-1])
    grad(x):
        ...
        a = np.float64(x)
        b = np.sin(a)
        c = 2.0 * b
        d = np.cos(a)
        e = scale(d, c)
        return e
    <BLANKLINE>
    """
    if isinstance(function, Program):
        program, traced = function, None
    elif isinstance(function, TracedFunction):
        program, traced = function.program, function
    else:
        checked("source", function)
        with tracing_lines():
            traced = trace(function)(*args, **kwargs)
        program = traced.program
    program = simplify(program)
    module = module_of(program, STANDALONE)
    if isinstance(function, Program | TracedFunction):
        layout = _Layout.of_program(program, traced)
    else:
        layout = _Layout(function, args, kwargs)
    name = module.fresh(layout.name)
    result = _results(traced.result if traced is not None else None, [a.aval for a in program.outputs])
    about = f"{layout.about(name)}\n\nWritten by adjoint."
    return module_text(
        program,
        module,
        Signature(name, about, layout.parameters, layout.inputs, layout.unpacked, result),
    )


class _Layout:
    """How a written function is called: its parameters, and how the Program's inputs come out of them."""

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = _name(function)
        self.parameters: list[str] = []
        self.inputs: list[str] = []
        self.unpacked: list[str] = []
        fixed: list[str] = []
        named = [*zip(_positional(function, len(args)), args, strict=True), *kwargs.items()]
        for parameter, tree in named:
            leaves, structure = trees.flatten(tree)
            if structure is trees.LEAF:
                if _is_operand(tree):
                    self.parameters.append(parameter)
                    self.inputs.append(parameter)
                else:
                    fixed.append(f"{parameter} = {_short(tree)}")
                continue
            self._container(parameter, leaves, structure)
        self.fixed = fixed

    @classmethod
    def of_program(cls, program: Program, traced: TracedFunction | None) -> "_Layout":
        """The inputs of a Program, one by one."""
        found = cls.__new__(cls)
        found.name, found.fixed, found.unpacked = program.name, [], []
        taken: set[str] = set()
        for k, variable in enumerate(program.inputs):
            name = variable.hint or f"x{k}"
            taken.add(name if name not in taken else f"{name}_{k}")
        found.parameters = found.inputs = sorted(taken, key=lambda n: 0) if taken else []
        return found

    def _container(self, parameter: str, leaves: list[Any], structure: Any) -> None:
        used = False
        for leaf, accessor in zip(leaves, structure.accessors(), strict=True):
            if not _is_operand(leaf):
                continue
            used = True
            place = accessor.codify(parameter).replace("'", '"')
            name = _word(f"{parameter}{accessor.codify('')}") or f"{parameter}_{len(self.inputs)}"
            self.inputs.append(name)
            self.unpacked.append(f"{name} = {place}")
        if used:
            self.parameters.append(parameter)

    def about(self, name: str) -> str:
        """The first line of the module's text."""
        fixed = f", for {', '.join(self.fixed)}" if self.fixed else ""
        return f"{name}({', '.join(self.parameters)}){fixed}."


def _positional(function: Function, count: int) -> Iterator[str]:
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in kinds]
    for k in range(count):
        yield names[k] if k < len(names) else f"x{k}"


def _is_operand(leaf: Any) -> bool:
    return is_array(leaf) and not isinstance(leaf, int)


def _word(text: str) -> str | None:
    word = re.sub(r"\W+", "_", text).strip("_")
    return word if word.isidentifier() and not iskeyword(word) else None


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


_TRANSFORMS = (
    "grad",
    "value_and_grad",
    "vjp",
    "jvp",
    "jacfwd",
    "jacrev",
    "jacobian",
    "hessian",
    "hvp",
    "linearize",
    "vmap",
)


def _name(function: Function) -> str:
    """The function's name, with those of the transformations that were made of it: `loss_grad`."""
    suffix = ""
    while True:
        code = getattr(function, "__code__", None)
        made = code.co_qualname.split(".")[0].strip("_") if code is not None else ""
        inner = getattr(function, "__wrapped__", None)
        if inner is None:
            break
        if made in _TRANSFORMS:
            suffix = f"_{made}{suffix}"
        function = inner
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else ""
    return f"{name}{suffix}".strip("_") or "program"


# --- results -----------------------------------------------------------------------------------


def _results(structure: Any, avals: Sequence[Aval]) -> Callable[[list[str]], str]:
    """The text of a result from the texts of the arrays in it."""

    def text(found: list[str]) -> str:
        numbers = [_number(t, a) for t, a in zip(found, avals, strict=True)]
        if structure is None:
            return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"
        return _spelled(trees.unflatten(structure, [_Text(t) for t in numbers]))

    return text


class _Text:
    """The text of an array, as a leaf of a container."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _number(text: str, aval: Aval) -> str:
    kinds = {"f": "float", "c": "complex", "i": "int", "b": "bool"}
    return f"{kinds[aval.dtype.kind]}({text})" if aval.weak and not aval.shape else text


def _spelled(tree: Any) -> str:
    """A container as its display."""
    if isinstance(tree, _Text):
        return tree.text
    if tree is None:
        return "None"
    if type(tree) is dict:
        return f"{{{', '.join(f'{_key(k)}: {_spelled(v)}' for k, v in tree.items())}}}"
    if type(tree) is list:
        return f"[{', '.join(map(_spelled, tree))}]"
    if isinstance(tree, tuple):
        parts = [_spelled(part) for part in tree]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    children, entries = trees.children(tree)
    if not children and not entries:
        raise ArgumentError(
            "a result of arrays in dicts, lists and tuples",
            repr(tree),
            "Return one of these to have it written.",
        )
    pairs = zip((str(getattr(e, "entry", e)) for e in entries), children, strict=True)
    return f"{{{', '.join(f'{_key(k)}: {_spelled(v)}' for k, v in pairs)}}}"


def _key(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) and '"' not in key and "\\" not in key else repr(key)
