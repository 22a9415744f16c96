"""Programs as readable text.

Variables get the user's names where they are known and unique, else `a`, `b`, ..., `z`, `aa`, ....
Every line shows the type: `y: float64[3] = sin(x)`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, product
from string import ascii_lowercase
from typing import Any, Protocol

import numpy as np

from .equation import Atom, Equation, Literal, Variable


def _short_names() -> Iterator[str]:
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            yield "".join(letters)


def name_variables(variables: Iterable[Variable], reserved: Iterable[str] = ()) -> dict[Variable, str]:
    """A name for each variable, none used twice, none of the reserved ones."""
    pending = list(dict.fromkeys(variables))
    taken = {*reserved}
    names: dict[Variable, str] = {}
    for variable in pending:
        hint = variable.hint
        if hint and hint.isidentifier() and hint not in taken:
            names[variable] = hint
            taken.add(hint)
    fresh = (name for name in _short_names() if name not in taken)
    for variable in pending:
        if variable not in names:
            names[variable] = next(fresh)
    return {variable: names[variable] for variable in pending}


def literal_text(value: Any) -> str:
    """A constant in a few characters: scalars whole, arrays by shape, dtype and first elements.

    >>> literal_text(2.5), literal_text(np.arange(6.0))
    ('2.5', 'array([0., 1., 2., ...], float64[6])')
    """
    if isinstance(value, np.ndarray):
        flat = ", ".join(
            f"{v}"
            for v in np.array2string(value.ravel()[:3], separator=",")[1:-1].replace(" ", "").split(",")
        )
        more = ", ..." if value.size > 3 else ""
        return f"array([{flat}{more}], {value.dtype}[{','.join(map(str, value.shape))}])"
    if isinstance(value, np.generic):
        return f"{value.item()!r}" if value.dtype == np.float64 else f"{value.dtype}({value.item()!r})"
    return repr(value)


def param_text(value: Any) -> str:
    """A parameter's value: index tuples as one writes them, everything else by `repr`.

    >>> param_text((slice(1, 5, 1), 0))
    '[1:5, 0]'
    """
    if isinstance(value, tuple) and any(isinstance(part, slice) for part in value):
        parts: list[str] = []
        for part in value:
            if isinstance(part, slice):
                ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
                step = "" if part.step in (None, 1) else f":{part.step}"
                parts.append(":".join(ends) + step)
            else:
                parts.append(str(part))
        return f"[{', '.join(parts)}]"
    return str(value)


class Parts(Protocol):
    """What is printed of a Program."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def inputs(self) -> Sequence[Variable]:
        """The variables that it takes."""
        ...

    @property
    def equations(self) -> Sequence[Equation]:
        """What it computes."""
        ...

    @property
    def outputs(self) -> Sequence[Atom]:
        """What it gives."""
        ...


Nested = Callable[[Mapping[str, Any]], Iterable[tuple[str, Parts]]]
"""The Programs among an equation's parameters, by name."""


def program_text(program: Parts, nested: Nested, *, lines: bool, label: str = "def") -> str:
    """The text of a Program; those that its equations hold stand indented below them."""
    defined = [*program.inputs, *(v for e in program.equations for v in e.outputs)]
    used = [*(a for e in program.equations for a in e.inputs), *program.outputs]
    names = name_variables([*defined, *(a for a in used if isinstance(a, Variable))])

    def atom(a: Atom) -> str:
        return literal_text(a.value) if isinstance(a, Literal) else names[a]

    head = ", ".join(f"{names[v]}: {v.aval}" for v in program.inputs)
    result = ", ".join(str(a.aval) for a in program.outputs)
    text = [f"{label} {program.name}({head}) -> {result}:"]
    for equation in program.equations:
        left = ", ".join(f"{names[v]}: {v.aval}" for v in equation.outputs)
        inner = list(nested(equation.params))
        shown = {k: v for k, v in equation.params.items() if not _holds(v, inner)}
        right = [*(atom(a) for a in equation.inputs), *(f"{k}={param_text(v)}" for k, v in shown.items())]
        place = f"  # {equation.line}" if lines and equation.line else ""
        text.append(f"    {left} = {equation.primitive.name}({', '.join(right)}){place}")
        for name, part in inner:
            block = program_text(part, nested, lines=lines, label=name)
            text.extend(f"        {row}" for row in block.splitlines())
    text.append(f"    return {', '.join(atom(a) for a in program.outputs)}")
    return "\n".join(text)


def _holds(value: Any, inner: Sequence[tuple[str, Parts]]) -> bool:
    """Whether a parameter is but Programs, which are shown below."""
    parts: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
    return bool(parts) and all(any(part is own for _, own in inner) for part in parts)
