"""What nothing reads is left out: equations, and what loops, branches and checkpoints take, carry and give.

A loop of which only the last state is read keeps no trajectory; a state that its body hands on as it is
becomes a constant.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.equation import Atom, Equation, Literal, Variable
from ..core.program import Program

Live = set[Variable]


def _picked(values: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
    return tuple(values[i] for i in places)


def narrowed(program: Program, outputs: Sequence[int]) -> Program:
    """The Program that gives only these of its results."""
    return Program(
        program.inputs, program.equations, _picked(program.outputs, outputs), program.name
    ).without_dead()


def read_inputs(program: Program) -> set[int]:
    """The positions of the inputs that are read."""
    read = {a for e in program.equations for a in e.inputs} | set(program.outputs)
    return {i for i, v in enumerate(program.inputs) if v in read}


def with_inputs(program: Program, places: Sequence[int]) -> Program:
    """The Program with only these inputs."""
    return Program(_picked(program.inputs, places), program.equations, program.outputs, program.name)


def without_unread(program: Program) -> Program:
    """The same Program with nothing in it that no result depends on."""
    live: Live = {a for a in program.outputs if isinstance(a, Variable)}
    kept: list[Equation] = []
    for equation in reversed(program.equations):
        if not any(v in live for v in equation.outputs):
            continue
        equation = _PRUNE.get(equation.primitive.name, _as_it_is)(equation, live)
        kept.append(equation)
        live.update(a for a in equation.inputs if isinstance(a, Variable))
    return Program(program.inputs, tuple(reversed(kept)), program.outputs, program.name)


def _as_it_is(equation: Equation, live: Live) -> Equation:
    return equation


# --- loops -------------------------------------------------------------------------------------


def _loop(equation: Equation, live: Live) -> Equation:
    form = equation.params["form"]
    a, b = form.consts, form.consts + form.states
    outs = [k for k, v in enumerate(equation.outputs) if v in live]
    needed = {k for k in outs if k < form.states}
    if form.cond is not None:
        needed |= {i - a for i in read_inputs(form.cond) if i >= a}
    collected = [k for k in outs if k >= form.states]
    while True:
        body = narrowed(form.body, [*sorted(needed), *collected])
        more = {i - a for i in read_inputs(body) if a <= i < b} | needed
        if more == needed:
            break
        needed = more
    read = read_inputs(body)
    consts = [i for i in range(a) if i in read or (form.cond is not None and i in read_inputs(form.cond))]
    states = [a + k for k in sorted(needed)]
    rows = [i for i in range(b, len(equation.inputs)) if i in read]
    if not rows and form.length is None and form.cond is None:
        rows = [b]  # it says how many rounds there are
    cond = None if form.cond is None else with_inputs(form.cond, [*consts, *states])
    new = replace(
        form,
        body=with_inputs(body, [*consts, *states, *rows]),
        cond=cond,
        consts=len(consts),
        states=len(states),
    )
    outputs = _picked(equation.outputs, [*sorted(needed), *collected])
    inputs = _picked(equation.inputs, [*consts, *states, *rows])
    return replace(equation, inputs=inputs, outputs=outputs, params={"form": new})


# --- branches and checkpoints ------------------------------------------------------------------


def _switch(equation: Equation, live: Live) -> Equation:
    outs = [k for k, v in enumerate(equation.outputs) if v in live]
    branches = [narrowed(b, outs) for b in equation.params["branches"]]
    read = sorted(set().union(*map(read_inputs, branches)))
    inputs = (equation.inputs[0], *_picked(equation.inputs[1:], read))
    params = {"branches": tuple(with_inputs(b, read) for b in branches)}
    return replace(equation, inputs=inputs, outputs=_picked(equation.outputs, outs), params=params)


def _again(equation: Equation, live: Live) -> Equation:
    outs = [k for k, v in enumerate(equation.outputs) if v in live]
    body = narrowed(equation.params["body"], outs)
    read = sorted(read_inputs(body))
    return replace(
        equation,
        inputs=_picked(equation.inputs, read),
        outputs=_picked(equation.outputs, outs),
        params={**equation.params, "body": with_inputs(body, read)},
    )


_PRUNE: dict[str, Callable[[Equation, Live], Equation]] = {
    "loop": _loop,
    "switch": _switch,
    "again": _again,
}


# --- constants in loops ------------------------------------------------------------------------


def constants_into(equation: Equation) -> Equation:
    """A loop whose constant numbers stand in its body."""
    form = equation.params["form"]
    a, b = form.consts, form.consts + form.states
    fixed = {i: atom for i, atom in enumerate(equation.inputs[:a]) if _is_number(atom)}
    if not fixed:
        return equation
    rest = [i for i in range(len(equation.inputs)) if i not in fixed]
    cond = form.cond
    if cond is not None:
        cond = with_inputs(_filled(cond, fixed), [i for i in rest if i < b])
    body = with_inputs(_filled(form.body, fixed), rest)
    new = replace(form, body=body, cond=cond, consts=a - len(fixed))
    return replace(equation, inputs=_picked(equation.inputs, rest), params={"form": new})


def _is_number(atom: Atom) -> bool:
    return isinstance(atom, Literal) and np.ndim(atom.value) == 0


def _filled(program: Program, known: dict[int, Atom]) -> Program:
    now = {program.inputs[i]: atom for i, atom in known.items()}

    def read(atom: Atom) -> Atom:
        return now.get(atom, atom) if isinstance(atom, Variable) else atom

    equations = tuple(replace(e, inputs=tuple(map(read, e.inputs))) for e in program.equations)
    return Program(program.inputs, equations, tuple(map(read, program.outputs)), program.name)


def still_states(equation: Equation) -> tuple[Equation, dict[Variable, Atom]]:
    """A loop in which states that every round hands on as they are have become constants; and these results,
    each with what it started from.
    """
    if equation.primitive.name != "loop":
        return equation, {}
    form = equation.params["form"]
    a, b = form.consts, form.consts + form.states
    still = [k for k in range(form.states) if form.body.outputs[k] is form.body.inputs[a + k]]
    if not still:
        return equation, {}
    moving = [k for k in range(form.states) if k not in still]
    outs = [*moving, *range(form.states, len(equation.outputs))]
    heads = [*range(a), *(a + k for k in still), *(a + k for k in moving)]
    order = [*heads, *range(b, len(equation.inputs))]
    body = form.body
    body = Program(_picked(body.inputs, order), body.equations, _picked(body.outputs, outs), body.name)
    cond = None if form.cond is None else with_inputs(form.cond, heads)
    new = replace(form, body=body, cond=cond, consts=a + len(still), states=len(moving))
    gone = {equation.outputs[k]: equation.inputs[a + k] for k in still}
    inputs, outputs = _picked(equation.inputs, order), _picked(equation.outputs, outs)
    return replace(equation, inputs=inputs, outputs=outputs, params={"form": new}), gone
