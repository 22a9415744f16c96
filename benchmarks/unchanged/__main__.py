"""Differentiate other people's functions, check each, and write docs/unchanged.md.

    PYTHONPATH=src python -m benchmarks.unchanged [--peers PYTHON] [--only PART] [--write PATH]

Each function runs in a process of its own, forked once all packages are imported, so that its first gradient
is a cold one and none can disturb another. It ends with 1 where one is wrong or refused.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from typing import Any

import adjoint.array.scipy  # noqa: F401  (SciPy's rules are imported once, before the first gradient)

from .entry import Entry
from .measure import Row, measured
from .page import page
from .tables import entries

RIGHT = 1e-7
"""What a gradient may differ from differences by, relative to its largest entry."""


BORROWING = """import runpy, sys
sys.path.append({folder!r})
runpy.run_module({module!r}, run_name="__main__")
"""
"""How another Python runs a module here with this one's packages at the end of its path."""


def job(entry: Entry, results: Any) -> None:
    """One function, in its own process."""
    try:
        results.put(measured(entry))
    except Exception:
        results.put({"name": entry.name, "refusal": traceback.format_exc()})


def apart(entry: Entry, seconds: float = 120.0) -> Row:
    """The row of a function, measured in a forked process."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    process = context.Process(target=job, args=(entry, results))
    process.start()
    try:
        row: Row = results.get(timeout=seconds)
    except Exception:
        process.kill()
        row = {"name": entry.name, "refusal": f"the process ended with {process.exitcode}"}
    process.join()
    return row | {"does": entry.does, "method": entry.method}


def with_peers(rows: list[Row], python: str) -> None:
    """Add what the peers make of each function, run by the Python that has them.

    SciPy takes arrays of JAX and PyTorch in some functions if it is told to at its import: those are tried
    a second time so.
    """
    known = {row["name"]: row for row in rows}
    gradients = {row["name"]: row["wanted"] for row in rows if "wanted" in row}
    for name, verdicts in judged(gradients, python):
        known[name]["peers"] = verdicts
        said = "  ".join(f"{peer}: {kind} ({why})"[:100] for peer, (kind, why) in verdicts.items())
        print(f"  {name:60s} {said}", flush=True)
    scipys = {name: gradient for name, gradient in gradients.items() if name.startswith("scipy.")}
    for name, verdicts in judged(scipys, python, SCIPY_ARRAY_API="1"):
        for peer, verdict in verdicts.items():
            if verdict[0] == "right" and known[name]["peers"][peer][0] != "right":
                known[name]["peers"][peer] = verdict
                print(f"  {name:60s} {peer}: right with SCIPY_ARRAY_API=1", flush=True)


def judged(gradients: dict[str, Any], python: str, **options: str) -> Iterator[tuple[str, Any]]:
    """The verdicts of the peers on each function, as they come."""
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), **options}
    process = subprocess.Popen(
        [python, "-c", BORROWING.format(folder=sysconfig.get_path("purelib"), module=f"{__package__}.peers")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    json.dump(gradients, process.stdin)
    process.stdin.close()
    for line in process.stdout:
        found = json.loads(line)
        yield found["name"], found["peers"]
    if process.wait():
        raise SystemExit(f"{python} -m {__package__}.peers ended with {process.returncode}")


def main() -> int:
    """Run all, print progress, write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has autograd, JAX and PyTorch")
    parser.add_argument("--only", default="", help="functions whose names contain this")
    parser.add_argument(
        "--write", metavar="PATH", help="where the page goes (docs/unchanged.md when all run)"
    )
    options = parser.parse_args()
    rows: list[Row] = []
    for entry in entries(options.only):
        row = apart(entry)
        row["right"] = "error" in row and row["error"] <= RIGHT and row["modes"] <= RIGHT
        rows.append(row)
        said = f"{row['error']:.1e} ({row['doubt']:.1e})" if "error" in row else row["refusal"]
        print(f"{'right' if row['right'] else 'WRONG'}  {entry.name:60s} {said}", flush=True)
    if options.peers:
        with_peers(rows, options.peers)
    path = options.write or ("" if options.only else "docs/unchanged.md")
    if path:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(page(rows))
        print(f"{path}: {sum(row['right'] for row in rows)} of {len(rows)} right")
    return int(not all(row["right"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
