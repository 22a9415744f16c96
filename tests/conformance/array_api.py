"""The array API suite against plain NumPy and against `adjoint.numpy`, in one run, side by side.

    python tests/conformance/array_api.py PATH_OF_CHECKOUT [--examples 100] [--version 2024.12] [--only NAME]

PATH is a checkout of github.com/data-apis/array-api-tests with its submodule `array-api`. The interpreter
needs what its requirements.txt names (pytest, pytest-json-report, hypothesis, ndindex) beside `adjoint`.
Every test whose outcome differs is printed by its id, with the reason where `array_api.toml` gives one;
a difference without a reason makes the command fail. Hypothesis draws the same examples for both.

A test that differs is run again for both: a few special cases come out differently from run to run of plain
NumPy itself, and what does not differ each time is no difference.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

MODULES = ("numpy", "adjoint.numpy")
REASONS = Path(__file__).with_suffix(".toml")
AGAIN = 3

Outcomes = dict[str, str]


def outcomes(suite: Path, module: str, version: str, examples: int, tests: Sequence[str]) -> Outcomes:
    """The outcome of every test of the suite with this module as the array library, by test id."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", *tests),
            *("--json-report", f"--json-report-file={report}"),
            *("--max-examples", str(examples), "--derandomize", "--disable-deadline"),
        ]
        environment = {
            **os.environ,
            "ARRAY_API_TESTS_MODULE": module,
            "ARRAY_API_TESTS_VERSION": version,
        }
        done = subprocess.run(
            command, cwd=suite, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if not report.exists() or done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return {test["nodeid"]: test["outcome"] for test in json.loads(report.read_text())["tests"]}


def differing(theirs: Outcomes, ours: Outcomes) -> list[str]:
    """The tests that come out differently, or are missing from one side."""
    return sorted(name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name))


def reason_for(test: str, reasons: dict[str, str]) -> str | None:
    """The written reason of a difference: for this very test, or for all parameters of it."""
    return reasons.get(test) or reasons.get(test.partition("[")[0])


def main() -> int:
    """Run both, print the counts and the differences; 1 if one has no reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("suite", type=Path)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--version", default="2024.12", help="of the standard")
    parser.add_argument("--only", default="array_api_tests", help="a file or a test of the suite")
    asked = parser.parse_args()

    def run(tests: Sequence[str]) -> tuple[Outcomes, Outcomes]:
        theirs, ours = (outcomes(asked.suite, m, asked.version, asked.examples, tests) for m in MODULES)
        return theirs, ours

    theirs, ours = run([asked.only])
    found = differing(theirs, ours)
    for _ in range(AGAIN):
        if found:
            found = [name for name in found if name in differing(*run(found))]
    kinds = sorted({*theirs.values(), *ours.values()})
    print(f"standard {asked.version}, {asked.examples} examples a test")
    print(f"{'':16}" + "".join(f"{kind:>10}" for kind in kinds))
    for module, results in zip(MODULES, (theirs, ours), strict=True):
        counts = Counter(results.values())
        print(f"{module:16}" + "".join(f"{counts[kind]:10}" for kind in kinds))
    reasons = tomllib.loads(REASONS.read_text())["reasons"]
    unexplained = [name for name in found if reason_for(name, reasons) is None]
    for name in found:
        why = reason_for(name, reasons) or "NOT EXPLAINED"
        print(f"{name}: {theirs.get(name)} with NumPy, {ours.get(name)} here: {why}")
    print(f"{len(found)} differences, {len(unexplained)} of them not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
