"""`adjoint source` prints a module that runs by itself."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from adjoint.cli import app

MODEL = """
import numpy as np


def loss(w, x):
    hidden = np.tanh(w * x)
    for _ in range(3):
        hidden = np.sin(hidden) + w
    return np.sum(hidden**2)
"""


@pytest.fixture
def place(tmp_path: Path) -> str:
    (tmp_path / "model.py").write_text(MODEL)
    return f"{tmp_path / 'model.py'}:loss"


def printed(place: str, of: str) -> str:
    result = CliRunner().invoke(app, ["source", place, "--of", of, "--at", "0.5", "--at", "1.0,2.0"])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("of", ["value", "grad", "value_and_grad", "jacobian", "hessian", "jvp", "vjp"])
def test_every_derivative_is_printed(place: str, of: str) -> None:
    text = printed(place, of)
    space: dict[str, object] = {}
    exec(compile(text, "written.py", "exec"), space)
    assert "import adjoint" not in text
    assert "model.py:6: hidden = np.tanh(w * x)" in text
    assert f"def loss{'' if of == 'value' else f'_{of}'}(w, x" in text


def test_it_runs_without_adjoint(place: str, tmp_path: Path) -> None:
    text = printed(place, "grad")
    call = "\nprint(loss_grad(0.5, np.array([1.0, 2.0])))\n"
    (tmp_path / "alone.py").write_text(f'import sys\n\nsys.modules["adjoint"] = None\n{text}{call}')
    done = subprocess.run(
        [sys.executable, str(tmp_path / "alone.py")], capture_output=True, text=True, check=True
    )

    def loss(w: float, x: np.ndarray) -> float:
        hidden = np.tanh(w * x)
        for _ in range(3):
            hidden = np.sin(hidden) + w
        return float(np.sum(hidden**2))

    x, h = np.array([1.0, 2.0]), 1e-6
    slope = (loss(0.5 + h, x) - loss(0.5 - h, x)) / (2 * h)
    assert float(
        done.stdout.split(",")[0].strip("(").removeprefix("np.float64(").strip(")")
    ) == pytest.approx(slope)


def test_an_unknown_derivative_is_refused(place: str) -> None:
    result = CliRunner().invoke(app, ["source", place, "--of", "integral", "--at", "0.5"])
    assert result.exit_code != 0
