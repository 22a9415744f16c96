"""What a loop has put away that need not be: rows that follow from what the loop itself was given.

A loop that goes back reads what the one ahead collected. Where that is a constant, or a row of a sequence in
another shape, it is made again of the constant or the sequence, and the collecting goes as dead code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..core.equation import Atom, Equation, Literal, Variable
from ..core.program import Program

_CHEAP = frozenset(("broadcast", "reshape", "permute", "convert", "negative"))
Known = Mapping[Variable, Equation]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a row comes from: a constant, or a `row` of a sequence; and what makes it of that, last first."""

    atom: Atom
    inner: Variable | None
    row: bool
    chain: tuple[Equation, ...]


def rows_remade(equation: Equation, known: Known) -> Equation:
    """The loop, reading in the place of what another loop collected what that was made of."""
    form = equation.params["form"]
    b = form.consts + form.states
    sources = {i: _source_of(a, known) for i, a in enumerate(equation.inputs[b:])}
    sources = {i: s for i, s in sources.items() if s is not None}
    if form.length is None and form.cond is None:  # a sequence says how many rounds there are
        rows = len(equation.inputs) - b - sum(not s.row for s in sources.values())
        if not rows:
            sources.pop(0, None)
    if not sources:
        return equation
    consts = [(s, Variable(s.atom.aval)) for s in sources.values() if not s.row]
    elements = list(form.body.inputs[b:])
    inputs = list(equation.inputs[b:])
    now: dict[Variable, Atom] = {}
    first: list[Equation] = []
    for i, source in sources.items():
        if source.row:
            assert source.inner is not None
            start: Atom = Variable(source.inner.aval, source.inner.hint)
        else:
            start = next(v for s, v in consts if s is source)
        now[elements[i]], made = _made(source, start)
        first.extend(made)
        if source.row:
            elements[i], inputs[i] = start, source.atom  # pyright: ignore[reportArgumentType]
    left = [i for i in range(len(elements)) if i not in sources or sources[i].row]
    head, states = form.body.inputs[: form.consts], form.body.inputs[form.consts : b]
    added = [v for _, v in consts]
    rows_left = (elements[i] for i in left)
    body = _with_rows(form.body, (*head, *added, *states, *rows_left), now, first)
    cond = form.cond
    if cond is not None:
        own = (*cond.inputs[: form.consts], *(Variable(v.aval) for v in added), *cond.inputs[form.consts :])
        cond = Program(own, cond.equations, cond.outputs, cond.name)
    new = replace(
        form,
        body=body,
        cond=cond,
        consts=form.consts + len(added),
    )
    operands = (
        *equation.inputs[: form.consts],
        *(s.atom for s, _ in consts),
        *equation.inputs[form.consts : b],
        *(inputs[i] for i in left),
    )
    return replace(equation, inputs=operands, params={"form": new})


def _source_of(sequence: Atom, known: Known) -> _Source | None:
    """What the rows of a sequence are made of, where that is cheap."""
    maker = known.get(sequence) if isinstance(sequence, Variable) else None
    if maker is None or maker.primitive.name != "loop":
        return None
    form = maker.params["form"]
    place = maker.outputs.index(sequence)  # pyright: ignore[reportArgumentType]
    atom: Atom = form.body.outputs[place]
    if place < form.states:
        return None
    makers = {v: e for e in form.body.equations for v in e.outputs}
    chain: list[Equation] = []
    while isinstance(atom, Variable) and atom in makers:
        equation = makers[atom]
        if equation.primitive.name not in _CHEAP:
            return None
        chain.append(equation)
        (atom,) = equation.inputs
    if isinstance(atom, Literal):
        return None if atom.aval.weak and not chain else _Source(atom, None, False, tuple(chain))
    position = form.body.inputs.index(atom)
    if form.consts <= position < form.consts + form.states:
        return None
    return _Source(maker.inputs[position], atom, position >= form.consts, tuple(chain))


def _made(source: _Source, start: Atom) -> tuple[Atom, list[Equation]]:
    """The equations that make a row, with variables of their own."""
    made: list[Equation] = []
    for equation in reversed(source.chain):
        (old,) = equation.outputs
        out = Variable(old.aval, old.hint)
        made.append(replace(equation, inputs=(start,), outputs=(out,)))
        start = out
    return start, made


def _with_rows(
    body: Program, inputs: tuple[Variable, ...], now: Mapping[Variable, Atom], first: list[Equation]
) -> Program:
    """The body with these inputs, which makes its rows first."""

    def read(atom: Atom) -> Atom:
        return now.get(atom, atom) if isinstance(atom, Variable) else atom

    rest = (replace(e, inputs=tuple(map(read, e.inputs))) for e in body.equations)
    return Program(inputs, (*first, *rest), tuple(map(read, body.outputs)), body.name)
