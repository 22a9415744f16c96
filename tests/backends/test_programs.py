"""Eager, staged, written and run by itself: the same values and gradients."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adjoint
from adjoint import trees

from .programs import PROGRAMS

SCALARS = [name for name in PROGRAMS if name != "containers"]


def derivative(name: str) -> Any:
    function, args = PROGRAMS[name]
    return adjoint.value_and_grad(function, argnums=tuple(range(len(args))))


def leaves(tree: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in trees.leaves(tree)]


def same(found: Any, wanted: Any) -> None:
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def close(found: Any, wanted: Any) -> None:
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6 if a.dtype == np.float32 else 1e-12, atol=1e-14)


@pytest.mark.parametrize("name", PROGRAMS)
def test_values(name: str) -> None:
    function, args = PROGRAMS[name]
    wanted = function(*args)
    close(adjoint.trace(function)(*args)(*args), wanted)
    close(adjoint.jit(function)(*args), wanted)


@pytest.mark.parametrize("name", SCALARS)
def test_gradients(name: str) -> None:
    _, args = PROGRAMS[name]
    wanted = derivative(name)(*args)
    close(adjoint.jit(derivative(name))(*args), wanted)
    close(
        adjoint.value_and_grad(adjoint.jit(PROGRAMS[name][0]), argnums=tuple(range(len(args))))(*args), wanted
    )


@pytest.mark.parametrize("name", SCALARS)
def test_tangents(name: str) -> None:
    function, args = PROGRAMS[name]
    moves = tuple(np.ones_like(a) if np.ndim(a) else 1.0 for a in args)
    pushed = adjoint.jvp(function, args, moves)
    close(adjoint.jit(lambda *a: adjoint.jvp(function, a, moves))(*args), pushed)


RUNNER = """
import pickle, sys
sys.modules["adjoint"] = None
jobs = pickle.load(open(sys.argv[1], "rb"))
found = []
for text, args in jobs:
    space = {}
    exec(compile(text, "written.py", "exec"), space)
    last = text.rsplit("\\ndef ", 1)[1].split("(", 1)[0]
    found.append(space[last](*args))
pickle.dump(found, open(sys.argv[2], "wb"))
"""


def test_modules_stand_by_themselves(tmp_path: Path) -> None:
    """Every program and gradient, in a process that has no `adjoint`: the bits of the NumPy back end."""
    jobs: list[Any] = []
    wanted: list[Any] = []
    for name, (function, args) in PROGRAMS.items():
        for made in [function] if name == "containers" else [function, derivative(name)]:
            jobs.append((adjoint.source(made, *args), args))
            wanted.append(adjoint.jit(made)(*args))
    (tmp_path / "jobs").write_bytes(pickle.dumps(jobs))
    command = [sys.executable, "-c", RUNNER, str(tmp_path / "jobs"), str(tmp_path / "found")]
    subprocess.run(command, check=True)
    found = pickle.loads((tmp_path / "found").read_bytes())
    for (text, _), own, want in zip(jobs, found, wanted, strict=True):
        for a, b in zip(leaves(own), leaves(want), strict=True):
            assert a.tobytes() == b.tobytes(), text


def test_modules_are_formatted(tmp_path: Path) -> None:
    for number, name in enumerate(PROGRAMS):
        function, args = PROGRAMS[name]
        (tmp_path / f"value_{number}.py").write_text(adjoint.source(function, *args))
        if name != "containers":
            (tmp_path / f"grad_{number}.py").write_text(adjoint.source(derivative(name), *args))
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is a tool of developers")
    command = [str(ruff), "format", "--no-cache", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("rounds", [3, 300])
def test_text_does_not_grow_with_the_rounds(rounds: int) -> None:
    def loss(x: Any) -> Any:
        last, _ = adjoint.scan(lambda s, t: (np.sin(s) * t, None), x, np.linspace(0.5, 1.5, rounds))
        return np.sum(last)

    text = adjoint.source(adjoint.grad(loss), np.ones(3))
    assert len(text.split("def ")[-1].splitlines()) < 30
    assert text.count("for ") >= 2


@pytest.mark.parametrize("name", SCALARS)
def test_derivatives_of_derivatives(name: str) -> None:
    """The second derivative three ways, compiled and by itself."""
    function, args = PROGRAMS[name]
    gradient = adjoint.grad(function)
    for second in (
        adjoint.grad(lambda *a: np.sum(np.sin(gradient(*a)))),
        adjoint.jacfwd(gradient),
        adjoint.grad(lambda *a: np.sum(adjoint.vmap(function)(*(np.stack([x, x]) for x in a)))),
    ):
        wanted, found = second(*args), adjoint.jit(second)(*args)
        close(found, wanted)
        text = adjoint.source(second, *args)
        space: dict[str, Any] = {}
        exec(compile(text, "written.py", "exec"), space)
        alone = space[text.rsplit("\ndef ", 1)[1].split("(", 1)[0]](*args)
        for a, b in zip(leaves(alone), leaves(found), strict=True):
            assert a.tobytes() == b.tobytes(), text
