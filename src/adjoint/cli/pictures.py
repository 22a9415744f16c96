"""Pictures of a run's metrics as SVG text: the same numbers give the same bytes.

They need matplotlib (`pip install 'adjoint[plot]'`); `can_draw` says whether it is there.
"""

import io
from collections.abc import Sequence
from typing import Any

from .. import lazy
from .training import COLUMNS, Row

PICTURES = ("loss", "accuracy", "gradient-norms")
BLUE, ORANGE = "#0072b2", "#d55e00"  # told apart by every eye
STYLE: dict[str, Any] = {
    "svg.fonttype": "path",
    "font.size": 11.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


def can_draw() -> bool:
    """Whether matplotlib is installed, and can be imported."""
    try:
        return bool(lazy.matplotlib.__version__)
    except ImportError:
        return False


def draw(rows: Sequence[Row]) -> dict[str, str]:
    """The pictures by name, of at least one row."""
    curves = {
        "loss": ("cross-entropy", {"train": "train_loss", "test": "test_loss"}, True),
        "accuracy": ("share read right", {"train": "train_accuracy", "test": "test_accuracy"}, False),
        "gradient-norms": (
            "norm of the gradient",
            {"hidden layer": "gradient_norm_hidden", "output layer": "gradient_norm_output"},
            True,
        ),
    }
    return {name: _curve(name, rows, *curves[name]) for name in PICTURES}


def _curve(name: str, rows: Sequence[Row], label: str, columns: dict[str, str], logarithmic: bool) -> str:
    """Columns of the metrics against the epoch; the user's own settings of matplotlib are left out."""
    with lazy.matplotlib.rc_context():
        lazy.matplotlib.rcdefaults()
        lazy.matplotlib.rcParams.update(STYLE | {"svg.hashsalt": name})
        picture = lazy.figure.Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = picture.add_subplot()
        for (legend, column), colour in zip(columns.items(), (BLUE, ORANGE), strict=True):
            place = COLUMNS.index(column)
            heights = [row[place] for row in rows]
            axes.plot([row[0] for row in rows], heights, label=legend, color=colour, marker="o", markersize=3)
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if logarithmic and all(row[COLUMNS.index(c)] > 0 for row in rows for c in columns.values()):
            axes.set_yscale("log")
        axes.grid(alpha=0.25)
        axes.legend()
        text = io.StringIO()
        picture.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
