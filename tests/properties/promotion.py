"""Random operations on operands of every dtype and of shapes that broadcast, Python's numbers among them."""

from typing import Any

from hypothesis import strategies as st

from . import inputs
from .programs import Program, evaluated
from .writer import SkipTemplate, Writer, is_inexact

INEXACT = ("float64", "float32", "float16", "complex128", "complex64")
WHOLE = ("bool", "int8", "uint8", "int16", "int32", "int64")
NUMBERS = ("2", "3.5", "True", "1.5 + 0.5j", "-1")

TWO = (
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "{b} / {a}", "{b} - {a}", "{a} ** 2", "{a} ** {b}"),
    *("{a} // {b}", "{a} % {b}", "-{a} * {b}", "{a} > {b}", "abs({a}) + {b}", "{a} == {b}"),
    *("np.add({a}, {b})", "np.multiply({b}, {a})", "np.true_divide({a}, {b})", "np.maximum({a}, {b})"),
    *("np.fmin({a}, {b})", "np.hypot({a}, {b})", "np.arctan2({a}, {b})", "np.logaddexp({a}, {b})"),
    *("np.copysign({a}, {b})", "np.heaviside({a}, {b})", "np.float_power({a}, 2)", "np.fmod({a}, {b})"),
    *(
        "np.where({a} > 0.1, {a}, {b})",
        "np.concatenate([np.ravel({a}), np.ravel({b})])",
        "np.outer({a}, {b})",
    ),
    *("np.append({a}, {b})", "np.clip({a}, -0.55, {b})", "np.stack(np.broadcast_arrays({a}, {b}))"),
    *("np.kron({a}, {b})", "np.dot({a}, 2) + {b}", "np.sin({a}) + np.cos({b})", "np.sqrt(np.abs({a})) * {b}"),
    *("np.sum({a}) * {b}", "np.mean({a}) + {b}", "np.prod({a}) - {b}", "np.max(np.real({a})) * {b}"),
    *("np.cumsum({a}) * np.sum({b})", "np.var({a}) + {b}", "np.sum({a}, dtype=np.float64) + {b}"),
    *(
        "np.full_like({a}, 2) + {b}",
        "np.zeros_like({a}) + {b}",
        "np.linspace({a}, {b}, 3)",
        "np.exp({a}) + {b}",
    ),
    *("np.round({a}, 1) + {b}", "np.tanh({a}) * {b}", "np.square({a}) + {b}", "np.reciprocal({a}) + {b}"),
    *("np.expm1({a}) + {b}", "np.log1p(np.abs({a})) + {b}", "np.divmod({a}, {b})[1]", "np.median({a}) + {b}"),
)
THREE = (
    *("np.where({c} > 0, {a}, {b})", "({a} + {b}) * {c}", "{a} * {b} + {c}", "np.clip({a}, {b}, {c})"),
    *(
        "{a} * ({b} - {c})",
        "np.concatenate([np.ravel(v) for v in ({a}, {b}, {c})])",
        "np.select([{c} > 0], [{a}], {b})",
    ),
    *(
        "np.einsum('...,...->...', {a}, {b}) + {c}",
        "np.stack(np.broadcast_arrays({a}, {b}, {c}))",
        "sum([{a}, {b}, {c}])",
    ),
    *("np.hypot({a}, {b}) - {c}", "np.maximum(np.minimum({a}, {b}), {c})", "({a} > {b}) * {c} * {a}"),
)


@st.composite
def promotions(draw: Any, forms: tuple[str, ...]) -> Program:
    """One operation; the first operand is an argument, the others arguments, captured arrays or numbers."""
    w = Writer(draw)
    shape = draw(inputs.shapes())
    names = {"a": operand(w, 0, shape, INEXACT)}
    for i, name in enumerate("bc"[: 1 + (forms is THREE)], 1):
        kind = w.integer(0, 3)
        if kind == 0:
            names[name] = f"({w.choose(NUMBERS)})"
        else:
            related = related_shape(w, shape)
            names[name] = (
                operand(w, i, related, INEXACT)
                if kind > 1
                else w.constant(related, w.choose(INEXACT + WHOLE))
            )
    for _ in range(6):
        text = w.choose(forms).format(**names)
        try:
            value = w.evaluate(text)
        except SkipTemplate:
            continue
        if is_inexact(value):
            break
    else:
        text = f"{names['a']} * 2"
    w.lines.append(f"y = {text}")
    return Program(tuple(w.inputs), tuple(w.captured), tuple(w.lines), ("y",), frozenset(w.flags))


def related_shape(w: Writer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts with this one."""
    kept = list(shape[w.integer(0, len(shape)) :])
    for i in range(len(kept)):
        if w.choose([False, False, True]):
            kept[i] = 1
    if w.integer(0, 3) == 0:
        kept = [2, *([1] * (len(shape) - len(kept))), *kept]
    return tuple(kept)


def operand(w: Writer, position: int, shape: tuple[int, ...], dtypes: tuple[str, ...]) -> str:
    """An argument: an array, a number of NumPy's, or one of Python's."""
    name = f"x{position}"
    if not shape and w.integer(0, 2) == 0:
        text = w.choose(
            ["1.3", "0.7", "0.4 - 1.1j"]
        )  # (a power of a negative one is complex in Python alone)
    else:
        text = w.draw(inputs.arrays(w.choose(dtypes), shape, 23 * position))
    w.inputs.append((name, text))
    w.values[name] = evaluated(text)
    return name
