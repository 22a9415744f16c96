"""Random programs of assignments and views: the same text runs on plain NumPy arrays and on traced ones.

Statements make arrays, views and copies of others, and write into them in every way that NumPy has;
arguments are written into as well, arrays that were captured are changed after use, and functions are
called with one array twice.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from . import inputs
from .programs import Program, evaluated
from .writer import (
    REFUSALS,
    SkipTemplate,
    Template,
    Writer,
    by_following,
    by_value,
    is_inexact,
    rounded,
    useful,
)

VIEWS: list[Template] = [
    *(
        (lambda w, form=form: form.format(a=w.filled()))
        for form in (
            *(
                "{a}[1:]",
                "{a}[::-1]",
                "{a}[..., ::2]",
                "{a}[None]",
                "{a}[..., None]",
                "{a}[0]",
                "{a}[-1:]",
                "{a}[...]",
            ),
            *("{a}.T", "{a}.reshape(-1)", "{a}.ravel()", "np.ravel({a})", "{a}.ravel('F')", "{a}.ravel('K')"),
            *("np.reshape({a}, (1, -1))", "{a}.reshape({a}.shape[::-1], order='F')", "np.squeeze({a})"),
            *(
                "np.swapaxes({a}, 0, -1)",
                "np.moveaxis({a}, 0, -1)",
                "np.expand_dims({a}, -1)",
                "np.flip({a}, 0)",
            ),
            *("np.atleast_2d({a})", "np.atleast_1d({a})", "np.atleast_3d({a})", "{a}.real"),
            *("np.split({a}, [1])[0]", "np.array_split({a}, 2)[-1]", "np.transpose({a})"),
            *(
                "{a}.view()",
                "{a}[0:0]",
                "{a}[..., 0]",
                "np.rot90(np.atleast_2d({a}))",
                "np.broadcast_arrays({a})[0]",
            ),
            *("{a}.squeeze()", "{a}.swapaxes(0, -1)", "{a}.transpose()", "np.diagonal(np.atleast_2d({a}))"),
            *("np.einsum('...i->i...', {a})", "np.unstack({a})[0]", "np.rollaxis({a}, -1)", "{a}.mT"),
        )
    ),
    by_following(lambda w: f"np.asarray({w.filled()})"),
]

COPIES: list[Template] = [
    *(
        (lambda w, form=form: form.format(a=w.array()))
        for form in (
            *(
                "{a}.copy()",
                "np.copy({a})",
                "np.zeros_like({a})",
                "np.ones_like({a})",
                "{a} * 0.5",
                "np.sin({a})",
            ),
            *("{a}.flatten()", "+{a}", "np.full_like({a}, 0.25)", "{a}.astype({a}.dtype)"),
            *(
                "np.concatenate([np.ravel({a}), np.ravel({a})])",
                "{a} * {a}",
                "np.where(True, {a}, 0.5)",
                "np.conj({a})",
            ),
        )
    ),
    by_following(lambda w: f"np.zeros(np.shape({w.array()}), {w.text}.dtype)"),
    by_following(lambda w: f"np.array({w.array()})"),
    by_following(lambda w: f"np.array([{w.real()}.sum(), 0.5, {w.real()}.sum()])"),
    lambda w: f"{w.filled()}[{w.choose(['[0, 0]', '[-1, 0]', '..., [0]', 'np.array([True])'])}]",
    lambda w: f"{w.array()} + {w.beside()}",
]

VALUES = (
    "{b}",
    "{b} * 2",
    "0.5",
    "np.sum({b}) * 0.1",
    "np.sin({b})",
    "{b}[::-1]",
    "{t}",
    "{t} * 0.5",
    "{t}[::-1]",
    "3",
)
"""What is written: `t` is the target, `b` another array."""

PARTS = (
    "[0]",
    "[-1]",
    "[1:]",
    "[:-1]",
    "[::2]",
    "[::-1]",
    "[...]",
    "[..., 0]",
    "[None]",
    "[[0, -1]]",
    "[[0, 0]]",
    "[:0]",
    "[..., -1:]",
)

AUGMENTED = ("+=", "-=", "*=", "+=", "/=", "**=")


def value_for(w: Any, target: str) -> str:
    """An expression to write into a target; NumPy says whether it fits."""
    shape = np.shape(w.last)
    form = w.choose(VALUES)
    b = w.array(lambda v: np.ndim(v) <= len(shape) or np.shape(v)[0] == 1) if "{b}" in form else ""
    return form.format(b=b, t=target)


def assignment(w: Any) -> str:
    a = w.target()
    part = w.choose(PARTS)
    return f"{a}{part} = {value_for(w, a + part)}"


def update(w: Any) -> str:
    a = w.target()
    part = w.choose(["", *PARTS])
    how = w.choose(AUGMENTED)
    if how == "/=":
        return f"{a}{part} /= 1.5"
    if how == "**=":
        return f"{a}{part} **= 2"
    return f"{a}{part} {how} {value_for(w, a + part)}"


def masked(w: Any) -> str:
    a = w.real_target()
    mask = w.choose(["{a} > 0.05", "np.abs({a}) < 0.6", "{a} < -0.05"]).format(a=a)
    return w.choose(
        [
            f"{a}[{mask}] *= 2",
            f"{a}[{mask}] = 0.5",
            f"{a}[{mask}] = {a}[{mask}] ** 2",
            f"np.place({a}, {mask}, [0.5, 1.5])",
            f"np.putmask({a}, {mask}, {a} * 0.5)",
            f"np.copyto({a}, 0.75, where={mask})",
            f"np.multiply({a}, 2.0, out={a}, where={mask})",
        ]
    )


def known_mask(w: Any) -> str:
    a = w.target()
    mask = f"np.arange({a}.size).reshape({a}.shape) % {w.choose([2, 3])} == 0"
    return w.choose(
        [f"{a}[{mask}] *= 0.5", f"{a}[{mask}] = {w.number()}", f"np.copyto({a}, 0.3, where={mask})"]
    )


def swap(w: Any) -> str:
    a = w.target()
    return w.choose(
        [
            f"{a}[0], {a}[-1] = {a}[-1], {a}[0]",
            f"{a}[[0, -1]] = {a}[[-1, 0]]",
            f"{a}[0], {a}[-1] = {a}[-1].copy(), {a}[0].copy()",
            f"{a}[:] = {a}[::-1]",
            f"{a}[1:] = {a}[:-1]",
            f"{a}[:-1] += {a}[1:]",
            f"{a}[...] = {a}.T",
            f"{a}.T[...] = {a}",
        ]
    )


def by_function(w: Any) -> str:
    # (NumPy 2.4 itself crashes in ufunc.at on values with more axes than the part has: none such is drawn.)
    a = w.target()
    b = w.array(lambda v: np.size(v) > 0)
    return w.choose(
        [
            f"np.add.at({a}, [0, 0, -1], {w.number()})",
            f"np.multiply.at({a}, [0, -1, 0], {w.number()})",
            f"np.add.at({a}, ([0, -1],), {a}[0])",
            f"np.subtract.at({a}, (..., 0), np.sum({b}) * 0.1)",
            f"np.copyto({a}, {b})",
            f"np.put({a}, [0, -1, 0], {b})",
            f"{a}.put([0, -1], {w.number()})",
            f"np.fill_diagonal({a}, {w.number()})",
            f"np.put_along_axis({a}, np.argsort(np.abs({a}), axis=0)[:1], {w.number()}, axis=0)",
            f"{a}.fill({w.number()})",
            f"{a}.fill(np.sum({b}) * 0.1)",
            f"{a}.flat[0] = {w.number()}",
            f"{a}.flat[::2] = {w.number()}",
            f"{a}.ravel()[::2] *= 2",
            f"{a}.reshape(-1)[-1:] += 0.5",
            f"{a}.T[0] = {b}",
            f"{a}.real[...] = {w.number()}",
            f"{a}.imag *= 0.5" if np.asarray(w.values[a]).dtype.kind == "c" else f"{a}.real *= 0.5",
        ]
    )


def with_out(w: Any) -> str:
    a = w.target()
    b = w.array()
    return w.choose(
        [
            f"np.multiply({a}, {b}, out={a})",
            f"np.add({a}[0], {b}, out={a}[-1])",
            f"np.sin({a}, out={a})",
            f"np.negative({a}, out={a}[::-1])",
            f"np.cumsum({a}, axis=0, out={a})",
            f"np.clip({a}, -0.85, 0.95, out={a})",
            f"np.sum({a}, axis=0, out={a}[0])",
            f"np.matmul({a}, {a}, out={a})",
            f"np.subtract({b}, {a}, {a})",
            f"np.exp({b} * 0.1, out={a})",
            f"np.add.accumulate({a}, out={a})",
            f"np.maximum({a}, {b}, out={a})",
        ]
    )


def order(w: Any) -> str:
    a = w.real_target()
    return w.choose(
        [f"{a}.sort()", f"{a}.sort(axis=0)", f"{a}.T.sort()", f"{a}[1:].sort()", f"{a}[::-1].sort()"]
    )


def loop(w: Any) -> str:
    a = w.target()
    return w.choose(
        [
            f"for row in {a}:\n    row *= 0.5",
            f"for i in range(len({a})):\n    {a}[i] = np.sin({a}[i]) + {a}[i - 1]",
            f"for i in range(len({a}) - 1):\n    {a}[i + 1] -= 0.5 * {a}[i]",
            f"for i, row in enumerate({a}):\n    {a}[i] = row * i",
            f"for part in np.split({a}, [1]):\n    part += 0.25",
        ]
    )


def captured(w: Any) -> str:
    """A captured array that is used, and changed afterwards."""
    a = w.array()
    k = w.constant(np.shape(a and w.last)[-1:], w.choose(["float64", "float64", "int64"]))
    change = w.choose(
        [f"{k}[...] = 2", f"{k}[...] *= 3", f"{k}.fill(7)", f"{k}[:1] += 1", f"np.copyto({k}, 5)"]
    )
    return f"{w.fresh()} = {a} * {k}\n{change}"


def aliased(w: Any) -> str:
    """One array handed over twice, and written into through the one name."""
    a = w.target()
    body = w.choose(["p[0] += q[-1]", "p[...] = q[::-1]", "p *= q", "p += 1\n    q *= 2", "q[:1] = p[-1:]"])
    second = w.choose([a, a, f"{a}[...]", f"{a}[::-1]", w.array()])
    return f"def g(p, q):\n    {body}\n    return p * q\n{w.fresh()} = g({a}, {second})"


WRITES: list[Template] = [
    *[assignment] * 4,
    *[update] * 4,
    by_value(masked),
    known_mask,
    *[swap] * 2,
    *[rounded(by_function)] * 3,  # np.add.at sums in another order
    *[rounded(with_out)] * 2,  # loops over backward arrays round otherwise
    order,
    *[loop] * 2,
    captured,
    aliased,
]


class Scribe(Writer):
    """A writer of statements that change what stands there: one that does not serve is taken back by a new
    run.
    """

    def __init__(self, draw: Any) -> None:
        super().__init__(draw)
        self.count = 0

    def fresh(self) -> str:
        """A new name."""
        return f"v{self.count}"

    def real_variable(self, least: int = 1) -> str:
        """A real array, by its name alone."""
        return self.pick(lambda v: np.ndim(v) >= least and np.size(v) > 0 and np.asarray(v).dtype.kind == "f")

    def filled(self, least: int = 1, most: int = 9) -> str:
        """An array with elements, by its name alone."""
        return self.pick(lambda v: is_inexact(v) and least <= np.ndim(v) <= most and np.size(v) > 0)

    def target(self) -> str:
        """An array that may be written into (NumPy 2.4 lets ufunc.at write into read-only ones)."""
        return self.pick(lambda v: is_inexact(v) and np.ndim(v) > 0 and np.size(v) > 0 and v.flags.writeable)

    def real_target(self) -> str:
        """A real array that may be written into."""
        return self.pick(
            lambda v: np.ndim(v) > 0 and np.size(v) > 0 and v.dtype.kind == "f" and v.flags.writeable
        )

    def real(self, least: int = 0, most: int = 9) -> str:
        """A real array, by its name alone."""
        return self.real_variable(least)

    def rerun(self) -> None:
        """The state after the lines that stand."""
        scope: dict[str, Any] = dict(self.memory)
        scope.update({name: evaluated(text) for name, text in (*self.inputs, *self.captured)})
        with np.errstate(all="ignore"):
            exec("\n".join(self.lines), scope)
        known = {name for name, _ in self.inputs} | {f"v{i}" for i in range(self.count)}
        self.values = {name: scope[name] for name in scope if name in known}

    def state(self, template: Template) -> bool:
        """Append the statement that the template gives, if NumPy takes it and all values stay of use."""
        taken, flags, lines = len(self.captured), set(self.flags), len(self.lines)
        try:
            text = template(self)
            self.lines.append(text)
            before, self.count = self.count, self.count + (f"v{self.count} = " in text)
            self.rerun()
            if all(useful(v) for v in self.values.values() if np.size(v) != 0):
                return True
            self.count = before
        except REFUSALS:
            self.count = before
        except SkipTemplate:
            pass
        del self.captured[taken:], self.lines[lines:]
        self.flags = flags
        self.rerun()
        return False


def made(template: Template) -> Template:
    """A statement that makes an array."""
    return lambda w: f"{w.fresh()} = {template(w)}"  # type: ignore[attr-defined]


@st.composite
def writing_programs(draw: Any, most: int = 8) -> Program:
    """A random program of assignments and views. It returns all its arrays."""
    w = Scribe(draw)
    first = draw(inputs.shapes(least=1, empty=False))
    dtype = w.choose(["float64", "float64", "float64", "complex128"])
    for i in range(w.choose([1, 2])):
        shape = first if i == 0 or w.flag() else first[1:]
        w.inputs.append((f"x{i}", draw(inputs.arrays(dtype, tuple(shape), 23 * i))))
    w.rerun()
    if w.flag():
        w.state(made(lambda w: f"{w.array()} * 1.0"))
    for _ in range(draw(st.integers(2, most))):
        kind = w.choose(["view", "view", "copy", "write", "write", "write", "write"])
        for _ in range(3):
            if kind == "write":
                done = w.state(w.choose(WRITES))
            else:
                done = w.state(made(w.choose(VIEWS if kind == "view" else COPIES)))
            if done:
                break
    names = [name for name, value in w.values.items() if is_inexact(value)]
    return Program(
        tuple(w.inputs), tuple(w.captured), tuple(w.lines), tuple(names[:6]), frozenset(w.flags | {"writes"})
    )
