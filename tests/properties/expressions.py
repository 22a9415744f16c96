"""Random programs over the whole of NumPy's API, and SciPy's special functions."""

from typing import Any

from hypothesis import strategies as st

from . import inputs
from .catalogue import FAMILIES
from .catalogue_python import BLOCKS
from .programs import Program, evaluated
from .writer import SkipTemplate, Template, Writer, is_inexact, useful

DTYPES = ("float64", "float64", "float64", "complex128")
FAMILY_NAMES = (*FAMILIES, "blocks")


def begun(draw: Any, dtypes: tuple[str, ...]) -> Writer:
    """A writer with one to three inputs, mostly of one dtype, and related shapes."""
    w = Writer(draw)
    first = draw(inputs.shapes())
    for i in range(w.choose([1, 2, 2, 3])):
        shape = first if i == 0 or w.flag() else w.choose([first[1:], first[::-1], draw(inputs.shapes())])
        text = draw(inputs.arrays(w.choose(dtypes), tuple(shape), 23 * i))
        w.inputs.append((f"x{i}", text))
        w.values[f"x{i}"] = evaluated(text)
    return w


def attempt_block(w: Writer, template: Template) -> bool:
    """Append the lines of a block, if what it sets is of use."""
    name = f"v{len(w.lines)}"
    captured, flags = len(w.captured), set(w.flags)
    try:
        text = template(w).replace("{v}", name)
        scope = {**w.memory, **w.values}
        w.execute(text, scope)
        value = scope[name]
        if not useful(value) or not is_inexact(value):
            raise SkipTemplate
    except SkipTemplate:
        del w.captured[captured:]
        w.flags = flags
        return False
    w.lines.append(text)
    w.values[name] = value
    return True


@st.composite
def programs(draw: Any, dtypes: tuple[str, ...] = DTYPES, most: int = 7) -> Program:
    """A random program of at most so many statements."""
    w = begun(draw, dtypes)
    for _ in range(draw(st.integers(2, most))):
        family = w.choose(FAMILY_NAMES)
        for _ in range(3):
            if family == "blocks":
                if attempt_block(w, w.choose(BLOCKS)):
                    break
            elif w.attempt(w.choose(FAMILIES[family])):
                break
    return w.program()
