"""The command as one types it: a process of its own, and what it wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import adjoint as package
from adjoint.cli import main

TIMINGS = "timings.csv"


def environment(**more: str) -> dict[str, str]:
    """Of a process without colours, whose output comes at once."""
    plain = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS")}
    here = str(Path(package.__file__).parents[1])  # the package that the tests have imported, from any folder
    return plain | {
        "PYTHONPATH": here,
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "TERMINAL_WIDTH": "100",
        **more,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "adjoint", *arguments]


def adjoint(*arguments: str, cwd: Path, status: int = 0) -> str:
    """Run `adjoint` in a folder; what it printed, to the screen where it ends well, as errors where not."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
    if status == 0:
        assert done.stderr == ""
        return done.stdout
    return done.stderr


def inside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    """The command in this process, which is quicker; its status and what it printed."""
    monkeypatch.setattr(sys, "argv", ["adjoint", *arguments])
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a run's folder but the timings."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.name != TIMINGS}


def same(one: Path, other: Path) -> bool:
    """Whether two runs have the same files, to the byte; which differ is shown where they do not."""
    mine, yours = files(one), files(other)
    assert sorted(mine) == sorted(yours)
    assert not [name for name in mine if mine[name] != yours[name]]
    return True
