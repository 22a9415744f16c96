"""Pictures of a run, and one HTML page that holds them all and needs nothing else.

Pictures need matplotlib (`pip install 'adjoint[plot]'`); without it the report has the tables alone.
"""

import html
import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .. import lazy
from ..data.files import write_text_atomically
from .training import COLUMNS, Options

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2530; }
h1 { font-weight: 600; } table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
td, th { padding: .2rem .8rem; border-bottom: 1px solid #dde3ea; text-align: right; } th { font-weight: 600; }
figure { margin: 1.5rem 0; } svg { width: 100%; height: auto; } .big { font-size: 2rem; font-weight: 600; }
"""


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def curve(rows: list[list[Any]], columns: tuple[str, ...], label: str, *, logarithmic: bool) -> str:
    """Columns of the metrics against the epoch, as SVG text that is the same for the same numbers."""
    with lazy.matplotlib.rc_context({"svg.hashsalt": "adjoint", "svg.fonttype": "path", "font.size": 11}):
        picture = lazy.figure.Figure(figsize=(7.0, 3.4), layout="constrained")
        axes = picture.add_subplot()
        epochs = [row[0] for row in rows]
        for name in columns:
            place = COLUMNS.index(name)
            axes.plot(
                epochs, [row[place] for row in rows], label=name.replace("_", " "), marker="o", markersize=2.5
            )
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        if logarithmic:
            axes.set_yscale("log")
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
        text = io.StringIO()
        picture.savefig(text, format="svg", metadata={"Date": None})
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]


def pictures(rows: list[list[Any]]) -> dict[str, str]:
    """The pictures of a run by name."""
    return {
        "loss": curve(rows, ("train_loss", "test_loss"), "cross-entropy", logarithmic=True),
        "accuracy": curve(rows, ("train_accuracy", "test_accuracy"), "accuracy", logarithmic=False),
        "gradient-norms": curve(
            rows, ("gradient_norm_1", "gradient_norm_2"), "gradient norm", logarithmic=True
        ),
    }


def write(folder: Path, options: Options, rows: list[list[Any]], verdict: str, accuracy: float) -> None:
    """Write the pictures and the page."""
    drawn = pictures(rows) if rows and can_draw() else {}
    for name, text in drawn.items():
        write_text_atomically(folder / f"{name}.svg", text)
    write_text_atomically(folder / "report.html", page(options, rows, drawn, verdict, accuracy))


def page(
    options: Options, rows: list[list[Any]], drawn: dict[str, str], verdict: str, accuracy: float
) -> str:
    """The report as one page."""
    figures = "".join(
        f"<figure><h2>{name.replace('-', ' ')}</h2>{svg}</figure>" for name, svg in drawn.items()
    )
    if not drawn:
        figures = (
            "<p>No pictures: they need at least one epoch, and matplotlib (pip install 'adjoint[plot]').</p>"
        )
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>adjoint: digits</title>"
        f"<style>{_STYLE}</style><h1>Learning handwritten digits</h1>"
        f"<p class='big'>test accuracy: {100 * accuracy:.1f} %</p><p>{html.escape(verdict)}</p>"
        f"{_table(('option', 'value'), [list(pair) for pair in options.text().items()])}{figures}"
        f"<h2>metrics</h2>{_table(COLUMNS, rows)}</html>\n"
    )


def _table(columns: tuple[str, ...], rows: list[list[Any]]) -> str:
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(v))}</td>" for v in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
