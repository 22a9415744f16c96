"""NumPy's functions on traced arrays, a family a file. `TABLE` maps each to ours."""

from typing import Any

from . import (
    contractions,
    creation,
    decompositions,
    diagonals,
    einsum,
    fourier,
    joining,
    linalg,
    manipulation,
    pointwise,
    polynomials,
    reductions,
    selection,
    series,
    sets,
    text,
    writing,
)

TABLE: dict[Any, Any] = {
    **creation.TABLE,
    **manipulation.TABLE,
    **joining.TABLE,
    **diagonals.TABLE,
    **selection.TABLE,
    **writing.TABLE,
    **reductions.TABLE,
    **contractions.TABLE,
    **einsum.TABLE,
    **fourier.TABLE,
    **linalg.TABLE,
    **decompositions.TABLE,
    **series.TABLE,
    **sets.TABLE,
    **text.TABLE,
    **polynomials.TABLE,
    **pointwise.TABLE,
}
