"""`import adjoint` stays cheap: little more than NumPy itself, and nothing heavy before it is used."""

import os
import subprocess
import sys

REPEATS = 7
RATIO = 1.8
UNUSED = ["scipy", "matplotlib", "llvmlite", "typer", "rich", "adjoint.cli"]


def python(code: str) -> str:
    """What a fresh interpreter prints; it may write the compiled files that a second start reads."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def seconds(package: str) -> float:
    return float(
        python(f"import time; t = time.perf_counter(); import {package}; print(time.perf_counter() - t)")
    )


def test_import_costs_little_more_than_numpy():
    """The best of several starts, taken in turns: what a busy machine adds, the minimum drops."""
    packages = ["numpy", "adjoint"]
    for package in packages:
        seconds(package)  # the first start compiles, and warms the disk cache
    rounds = [[seconds(package) for package in packages] for _ in range(REPEATS)]
    numpy, ours = (min(column) for column in zip(*rounds, strict=True))
    assert ours <= RATIO * numpy, (
        f"adjoint {1e3 * ours:.0f} ms, numpy {1e3 * numpy:.0f} ms: {ours / numpy:.2f} times"
    )


def loaded(statement: str) -> list[str]:
    return python(
        f"import sys; {statement}; print(*(name for name in {UNUSED} if name in sys.modules))"
    ).split()


def test_import_leaves_the_heavy_packages_alone():
    assert loaded("import adjoint") == []


def test_the_list_of_loaded_packages_is_seen():
    assert loaded("import typer, scipy") == ["scipy", "typer"]
