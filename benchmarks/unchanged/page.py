"""The page: docs/unchanged.md, from the rows."""

import importlib.metadata
import platform
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]

WHAT = """# Code nobody here wrote, unchanged

Functions of installed packages, imported and called as they are, and differentiated by `ad.grad` and
`ad.jvp`. This page is written by a command, in an environment that has the packages:

```sh
python -m venv other && other/bin/pip install numpy scipy scikit-learn statsmodels lmfit cma astropy \\
    filterpy emcee pykalman colour-science transforms3d ahrs pytransform3d geographiclib sgp4 fluids iapws \\
    pvlib numpy-financial similaritymeasures pyquaternion tmm galpy spatialmath-python POT scikit-fuzzy \\
    python_speech_features simpleeval asteval optree ml_dtypes typer rich
PYTHONPATH=src other/bin/python -m benchmarks.unchanged --peers PEERS/bin/python
```

where `PEERS` has autograd, JAX and PyTorch, in the same version of Python and NumPy.
"""

COLUMNS = """
- **error**: the largest difference between the gradient and differences of sixth order (the best pair of
  neighbours among eleven steps), over the largest entry of the gradient; beside it, how far the differences
  themselves disagree. `ad.jvp` agrees with `ad.grad` to {modes:.0e} on every line.
- **writes**: how often a traced value is written into an array in one call (`out[i] = ...`).
- **method**: whether it is a method of a class, made from or called with what is differentiated.
- **first**: the first gradient in a new process, which converts the code that it meets, in milliseconds.
- **later**: a later gradient, in milliseconds and as a multiple of the function on plain arrays. These are
  functions of a few numbers, so it is the cost of each operation in Python, not of arithmetic.
- **autograd, JAX, PyTorch**: the same function at the same point with `autograd.grad`, `jax.grad` in double
  precision, `torch.func.grad` and `backward()`; constants as NumPy's arrays and as the library's, the best
  attempt counting; SciPy's functions also with its switch for other libraries' arrays. *refused*: it raised.
  *wrong*: it gave something else than the gradient, in silence. Where a row calls a function with some lines
  of the caller's (a filter set up, a model made), these are plain NumPy for all.

What makes the others refuse is nearly always one of `np.asarray(x)`, `np.array([x, y])`, `out[i] = x`,
`math.sin(x)`, `float(x)` and a check of types: none of them is differentiable code's fault.

What is not followed: classes derived from `np.ndarray` that copy into themselves what they are made of
(`astropy.units.Quantity`, `ahrs.Quaternion`), masked arrays, arrays of objects, and C code without a rule.
Each raises.
"""


def page(rows: Sequence[Row]) -> str:
    """The text of the page."""
    right = [row for row in rows if row["right"]]
    lines = [WHAT, *_summary(rows, right), COLUMNS.format(modes=max(row["modes"] for row in right)), ""]
    peers = list(rows[0].get("peers", {}))
    head = ["function", "what it does", "writes", "method", "error", "first", "later", *peers]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [_line(row, peers) for row in sorted(rows, key=lambda row: row["name"].lower())]
    lines += ["", "## Versions", "", _versions({row["name"].partition(".")[0] for row in rows})]
    failed = [row for row in rows if not row["right"]]
    if failed:
        lines += ["", "## Not followed", ""]
        lines += [f"- `{row['name']}`: {row.get('refusal', 'wrong')}" for row in failed]
    return "\n".join(lines) + "\n"


def _summary(rows: Sequence[Row], right: Sequence[Row]) -> list[str]:
    packages = {row["name"].partition(".")[0] for row in rows}
    lines = [
        f"{len(right)} of {len(rows)} functions of {len(packages)} packages are right: "
        f"{sum(row['writes'] > 1 for row in right)} fill arrays, "
        f"{sum(row['method'] for row in right)} are methods of classes."
    ]
    if all("peers" in row for row in rows):
        for peer in rows[0]["peers"]:
            found = [row["peers"][peer][0] for row in rows]
            counts = ", ".join(f"{found.count(kind)} {kind}" for kind in ("right", "wrong", "refused"))
            lines.append(f"{peer}: {counts}.")
        none = sum(all(v[0] != "right" for v in row["peers"].values()) for row in right)
        lines.append(f"{none} of ours are right with none of the three.")
    first, later = (sorted(row[key] for row in right) for key in ("first", "later"))
    lines.append(
        f"Of the first gradients half take less than {first[len(first) // 2] * 1e3:.0f} ms and all less than "
        f"{first[-1] * 1e3:.0f} ms; of the later ones half take less than "
        f"{later[len(later) // 2] * 1e3:.1f} ms."
    )
    lines.append(f"Python {platform.python_version()}, {platform.machine()}.")
    return lines


def _line(row: Row, peers: Sequence[str]) -> str:
    cells = [f"`{row['name']}`", row["does"], str(row.get("writes") or ""), "yes" if row["method"] else ""]
    if "error" in row:
        cells += [f"{row['error']:.0e} ({row['doubt']:.0e})", f"{row['first'] * 1e3:.0f}"]
        cells += [f"{row['later'] * 1e3:.2g}, {row['later'] / row['plain']:.0f} x"]
    else:
        cells += ["refused", "", ""]
    cells += [row["peers"][peer][0] for peer in peers]
    return "| " + " | ".join(cells) + " |"


def _versions(packages: set[str]) -> str:
    known = importlib.metadata.packages_distributions()
    names = sorted({known[package][0] for package in packages} | {"numpy"}, key=str.lower)
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names) + "."
