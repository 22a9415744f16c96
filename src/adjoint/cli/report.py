"""The report of a run: its pictures, and one HTML page that holds them all and needs nothing else."""

import base64
import html
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Digits
from ..data.files import write_text_atomically
from .options import Options
from .pictures import PICTURES, can_draw, draw
from .training import COLUMNS, State

NO_MATPLOTLIB = "no pictures: matplotlib is not installed (pip install 'adjoint[plot]')"
NO_EPOCH = "no pictures: no epoch has been finished"
SHOWN_MISTAKES = 40

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c2530; background: #fff; }
h1, h2 { font-weight: 600; line-height: 1.2; } h2 { margin-top: 2.5rem; }
.big { font-size: 1.8rem; font-weight: 600; margin: .5rem 0; }
.side { display: flex; flex-wrap: wrap; gap: 1rem; } .side figure { flex: 1 1 28rem; max-width: 32.5rem; }
figure { margin: 0; } figure svg { width: 100%; height: auto; }
figcaption { text-align: center; color: #4a5562; }
.digits figure { flex: 0 0 4.5rem; } .digits img { width: 4rem; height: 4rem; image-rendering: pixelated;
       border: 1px solid #dde3ea; } .digits figcaption { font-size: .8rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .15rem .9rem .15rem 0; border-bottom: 1px solid #dde3ea; text-align: right; }
th { font-weight: 600; } td:first-child, th:first-child { text-align: left; }
"""


def write(folder: Path, state: State, options: Options, digits: Digits, verdict: str) -> str | None:
    """Write the pictures and the page; why there are no pictures, if there are none."""
    missing = NO_EPOCH if not state.rows else None if can_draw() else NO_MATPLOTLIB
    drawn = {} if missing else draw(state.rows)
    for name in PICTURES:
        if name in drawn:
            write_text_atomically(folder / f"{name}.svg", drawn[name])
        else:
            (folder / f"{name}.svg").unlink(missing_ok=True)  # of an earlier stop, and out of date
    shown = f"<p>{html.escape(missing)}</p>" if missing else figures(drawn)
    text = page(state, options, digits, verdict, shown)
    write_text_atomically(folder / "report.html", text)
    return missing


def page(state: State, options: Options, digits: Digits, verdict: str, pictures: str) -> str:
    """The report as one page."""
    read = np.argmax(state.model(digits.test_images), axis=1)
    right = int(np.sum(read == digits.test_labels))
    count, done = len(read), state.epoch
    stopped = "" if done >= options.epochs else f" (stopped in epoch {done + 1} of {options.epochs})"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>adjoint: learning handwritten digits</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        "<h1>Learning handwritten digits</h1>\n"
        f'<p class="big">test accuracy: {100 * right / count:.1f} %</p>\n'
        f"<p>{right} of {count} images that took no part in the training are read right, after "
        f"{done} epoch{'' if done == 1 else 's'}{stopped} over {len(digits.train_labels)} others.</p>\n"
        f"<p>{html.escape(verdict)}</p>\n"
        f'<h2>Curves</h2>\n<div class="side">{pictures}</div>\n'
        f"<h2>Read wrong</h2>\n{mistakes(digits, read)}\n"
        f"<h2>Options</h2>\n{table(('option', 'value'), options.text().items())}\n"
        f"<h2>Metrics</h2>\n{table(COLUMNS, state.rows)}\n</body>\n</html>\n"
    )


def figures(drawn: dict[str, str]) -> str:
    """The pictures, each under its name."""
    return "\n".join(
        f"<figure>{svg[svg.index('<svg') :]}<figcaption>{name.replace('-', ' ')}</figcaption></figure>"
        for name, svg in drawn.items()
    )


def mistakes(digits: Digits, read: Any) -> str:
    """The test images that are read wrong."""
    wrong = np.flatnonzero(read != digits.test_labels)
    if not len(wrong):
        return "<p>None.</p>"
    shown = "\n".join(
        f'<figure><img alt="a {label}" src="{png(digits.test_images[i])}">'
        f"<figcaption>{label} as {read[i]}</figcaption></figure>"
        for i in wrong[:SHOWN_MISTAKES]
        for label in [digits.test_labels[i]]
    )
    more = f"<p>and {len(wrong) - SHOWN_MISTAKES} more</p>" if len(wrong) > SHOWN_MISTAKES else ""
    return f'<div class="side digits">{shown}</div>{more}'


def png(pixels: Any) -> str:
    """An 8x8 image, from 0 (paper) to 1 (ink), as the address of a PNG picture that holds its own bytes."""
    grey = np.round(255 * (1 - pixels.reshape(8, 8))).astype(np.uint8)
    lines = b"".join(b"\0" + row.tobytes() for row in grey)  # each line begins with its filter: none
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table."""
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(v))}</td>" for v in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{body}\n</table></div>'


def _cell(value: Any) -> str:
    return f"{value:#.4g}" if isinstance(value, float) else str(value)
