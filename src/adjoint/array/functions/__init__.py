"""NumPy's functions on traced arrays, a family a file. `TABLE` maps each to ours."""

from typing import Any

from . import (
    contractions,
    creation,
    diagonals,
    einsum,
    joining,
    manipulation,
    pointwise,
    reductions,
    selection,
    series,
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
    **series.TABLE,
    **pointwise.TABLE,
}
