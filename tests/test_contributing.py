"""The change that CONTRIBUTING.md shows applies to the sources as they are, and passes the sweep."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import adjoint

ROOT = Path(__file__).parents[1]


def shown_diff() -> str:
    """The diff of CONTRIBUTING.md."""
    found = re.search(
        r"^```diff\n(.*?)^```",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None
    return found[1]


def applied(text: str, hunks: list[list[str]]) -> str:
    """The text after the hunks, whose context must each occur exactly once."""
    for hunk in hunks:
        before = "".join(line[1:] + "\n" for line in hunk if line[0] in " -")
        after = "".join(line[1:] + "\n" for line in hunk if line[0] in " +")
        assert text.count(before) == 1, f"the context of a hunk occurs {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    return text


def test_the_shown_change_passes_the_sweep(tmp_path: Path) -> None:
    copy = tmp_path / "adjoint"
    shutil.copytree(Path(adjoint.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    head, *rest = re.split(r"^@@\n", shown_diff(), flags=re.MULTILINE)
    file = re.search(r"^\+\+\+ b/src/adjoint/(.*)$", head, re.MULTILINE)
    assert file is not None
    target = copy / file[1]
    target.write_text(
        applied(target.read_text(encoding="utf-8"), [hunk.splitlines() for hunk in rest]), encoding="utf-8"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n0",
            "-q",
            "-p",
            "no:cacheprovider",
            str(ROOT / "tests" / "rules"),
            "-k",
            "softplus",
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 5
