"""What all tests share: one thread a worker, no screen, property tests that repeat their cases, and Programs
that verify themselves.
"""

import os

# Before anything loads NumPy: the workers fill the cores, and threads on top of them only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from adjoint.core.program import Program
from adjoint.core.verify import verify

settings.register_profile("adjoint", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)  # --hypothesis-profile=search
settings.load_profile("adjoint")


@pytest.fixture(autouse=True, scope="session")
def every_program_is_verified() -> Iterator[None]:
    """While tests run, each Program is verified when it is made, whichever transform or pass made it."""
    plain = Program.__init__

    def verified(self: Program, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        verify(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Program, "__init__", verified)
        yield
