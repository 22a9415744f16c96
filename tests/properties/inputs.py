"""Random inputs as text: shapes with empty and absent axes, dtypes, layouts; their numbers in general
position.

The numbers are a fixed sequence without order or ties, so that a program's text is short and shrinks well,
and comparisons, sorting and rounding stay away from their kinks.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

Shape = tuple[int, ...]

GOLDEN = (5**0.5 - 1) / 2


def numbers(count: int, start: int) -> list[float]:
    """Numbers of either sign between 0.2 and 1.8 in size, with three digits."""
    found: list[float] = []
    for i in range(start, start + count):
        size = 0.2 + 1.6 * ((i + 1) * GOLDEN % 1.0)
        found.append(round(size if (i * 7) % 5 < 3 else -size, 3))
    return found


def values(shape: Shape, start: int, dtype: str) -> Any:
    """An array of such numbers; of integers and booleans for those dtypes."""
    kind = np.dtype(dtype).kind
    count = int(np.prod(shape, dtype=int))
    flat = np.array(numbers(count, start))
    if kind == "b":
        flat = flat > 0
    elif kind in "iu":
        flat = np.array([(i * 7 + start) % 5 - (0 if kind == "u" else 2) for i in range(count)])
    elif kind == "c":
        flat = np.round(flat + 1j * np.array(numbers(count, start + 17)), 3)
    return flat.astype(dtype).reshape(shape)


def literal(array: Any) -> str:
    """The text of an array in one piece."""
    if array.dtype.kind == "c":
        wide = array.astype(complex)
        listing = np.round(wide, 3).tolist()
    elif array.dtype.kind == "f":
        listing = np.round(array.astype(float), 3).tolist()
    else:
        listing = array.tolist()
    if array.size == 0:
        return f"np.zeros({array.shape}, np.{array.dtype})"
    return f"np.array({listing}, np.{array.dtype})"


@st.composite
def layouts(draw: Any, ndim: int) -> tuple[Any, str]:
    """How an array lies: a function from the wanted array to one in one piece, and the text that undoes
    it.
    """
    if not ndim:
        return (lambda a: a), ""
    kind = draw(st.sampled_from(["plain"] * 4 + ["transposed", "strided", "backwards", "Fortran"]))
    if kind == "transposed":
        return (lambda a: a.T), ".T"
    if kind == "strided":
        return (lambda a: np.repeat(a, 2, axis=-1)), "[..., ::2]"
    if kind == "backwards":
        return (lambda a: a[::-1]), "[::-1]"
    if kind == "Fortran":
        return (lambda a: a), ".copy(order='F')"
    return (lambda a: a), ""


@st.composite
def shapes(draw: Any, *, least: int = 0, most: int = 3, empty: bool = True) -> Shape:
    """Short axes, mostly of different lengths; seldom empty."""
    ndim = draw(st.sampled_from([n for n in (1, 2, 2, 0, 3, 1) if least <= n <= most] or [least]))
    sizes = [2, 3, 1, 4, 3, 2, 4] + [0] * empty
    return tuple(draw(st.sampled_from(sizes)) for _ in range(ndim))


@st.composite
def arrays(draw: Any, dtype: str, shape: Shape, first: int = 0) -> str:
    """The text of an array of this dtype and shape: a number of NumPy's or an array for no axes."""
    start = first + draw(st.integers(0, 12))
    plain = values(shape, start, dtype)
    if not shape:
        text = repr(plain[()].item())
        return draw(st.sampled_from([f"np.{dtype}({text})", f"np.array({text}, np.{dtype})"]))
    towards, undo = draw(layouts(len(shape)))
    return literal(np.ascontiguousarray(towards(plain))) + undo
