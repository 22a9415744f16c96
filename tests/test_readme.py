"""The README's two commands are there, and are the ones that set up and test the project."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_two_commands():
    commands = re.findall(r"^```sh\n(python3 -m venv .*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    assert "adjoint train digits" in commands[0]
    assert "-m pytest" in commands[1]
