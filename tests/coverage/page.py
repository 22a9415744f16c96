"""The page of what is covered, made from the samples and from what is left out.

    python -m tests.coverage        writes docs/coverage.md

A mark on the page is a check that `test_coverage` makes; a sample that lacks a mode says why, and the test
shows that the library refuses it there.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

from . import (
    left_out,
    numpy_samples,
    scipy_interpolate_samples,
    scipy_linalg_samples,
    scipy_signal_samples,
    scipy_special_samples,
    scipy_stats_samples,
)
from .reading import MODES, Line, read

FILES = (
    *(numpy_samples, scipy_special_samples, scipy_linalg_samples, scipy_signal_samples),
    *(scipy_interpolate_samples, scipy_stats_samples),
)

SCIPY = (
    *("scipy.special", "scipy.linalg", "scipy.signal", "scipy.fft", "scipy.ndimage"),
    *("scipy.interpolate", "scipy.integrate", "scipy.spatial.distance", "scipy.stats"),
)
"""The modules of SciPy that are covered: a section each."""

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"

TITLES = {"value": "value", "jvp": "jvp", "vjp": "vjp", "second": "second order", "vmap": "vmap"}

HEAD = """# What is covered

One line a function: the call that the tests make, and what they check there. *value*: what NumPy gives,
on traced arrays. *jvp*: the slope of differences. *vjp*: the transpose of jvp. *second order*: the
derivative of the pullback is that of differences. *vmap*: a batch gives what its examples give. Functions
that give integers or answers have zeros for derivatives, and are checked for that. Each call is made under
its own import, and every one can be made through `adjoint.numpy` and `adjoint.scipy` as well. Special
arguments, edges and dtypes have tests of their own.

In the calls `s`, `r` are numbers, `x`, `y`, `p`, `q`, `u`, `v`, `b`, `d` vectors, `z` a complex one, `A`,
`B`, `S`, `L`, `M`, `N`, `Z` matrices and `C` has three axes; all of them are differentiated. `grid`, `rng`,
`at`, `knots`, `steps`, `w`, `i`, `j` and `mask` are constants. This page is written by
`python -m tests.coverage`.
"""


def samples() -> list[Line]:
    """Every sample there is."""
    return [line for module in FILES for text in module.ALL for line in read(text)]


def _row(line: Line) -> str:
    marks = ["no" if mode in line.lacks else "yes" for mode in MODES]
    code = line.code.replace("|", "\\|")
    return f"| `{line.name}` | `{code}` | {' | '.join(marks)} |"


def _home(line: Line) -> str:
    for module in SCIPY:
        if line.name.startswith(f"{module}."):
            return module
    home = line.name.rpartition(".")[0]
    return "numpy" if home in ("numpy.ufunc", "numpy.lib.stride_tricks") else home or line.name


def _tables(lines: list[Line]) -> Iterator[str]:
    ordered = sorted(lines, key=_home)
    for home, rows in itertools.groupby(ordered, _home):
        found = sorted(rows, key=lambda line: line.name)
        yield f"\n## {home}: {len({line.name for line in found})} functions\n"
        yield f"| function | call | {' | '.join(TITLES.values())} |"
        yield "|---" * (2 + len(MODES)) + "|"
        yield from map(_row, found)


def _lacking(lines: list[Line]) -> Iterator[str]:
    yield "\n## What a function lacks\n"
    names: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        for reason in dict.fromkeys(line.lacks.values()):
            modes = ", ".join(TITLES[mode] for mode, why in line.lacks.items() if why == reason)
            names.setdefault((modes, reason), []).append(f"`{line.name}`")
    for (modes, reason), found in names.items():
        yield f"- {modes}, since {reason}: {', '.join(dict.fromkeys(found))}."


def _outside() -> Iterator[str]:
    yield "\n## What is left out\n"
    for group, (reason, names) in left_out.GROUPS.items():
        yield f"- **{group}** ({reason}): {', '.join(f'`{name}`' for name in names.split())}."


def text() -> str:
    """The page."""
    lines = samples()
    return "\n".join([HEAD.rstrip(), *_tables(lines), *_lacking(lines), *_outside()]) + "\n"
