"""The user's lines as comments: which statement an equation computes, or goes back through."""

import linecache
import os

from ...core.equation import Line

LONGEST = 100


def comment(line: Line) -> str:
    """`# file.py:3: y = np.sin(x)`; what differentiates the line says so."""
    text = " ".join(linecache.getline(line.file, line.number).split())
    place = f"{os.path.basename(line.file)}:{line.number}"
    whole = f"# {'back through ' if getattr(line, 'back', False) else ''}{place}"
    if text:
        whole += f": {text}"
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 3] + "..."
