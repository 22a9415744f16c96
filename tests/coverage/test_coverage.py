"""Every sample does what the page says, every function has one or a reason, and the page is of today."""

import importlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest

from adjoint.errors import AdjointError

from . import left_out
from .judging import Judge
from .page import PAGE, SCIPY, samples, text
from .reading import MODES, Line

SAMPLES = samples()
LEFT_OUT = {name for _, names in left_out.GROUPS.values() for name in names.split()}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("line", SAMPLES, ids=lambda line: f"{line.name}: {line.code}")
def test_sample(line: Line) -> None:
    judge = Judge(line)
    for mode in MODES:
        check = getattr(judge, mode)
        if mode not in line.lacks:
            check()
            continue
        with pytest.raises((AdjointError, TypeError, ValueError)):
            check()


def _public(module: Any, name: str) -> Iterator[str]:
    for own in dir(module):
        value = getattr(module, own)
        if not own.startswith("_") and callable(value) and not isinstance(value, type):
            yield f"{name}.{own}"


def test_every_function_of_numpy_has_a_sample_or_a_reason() -> None:
    methods = {f"ndarray.{own}" for own in dir(np.ndarray) if not own.startswith("_")}
    public = {
        *_public(np, "numpy"),
        *_public(np.linalg, "numpy.linalg"),
        *_public(np.fft, "numpy.fft"),
        *methods,
    }
    known = {line.name for line in SAMPLES} | LEFT_OUT
    assert public - known - {"numpy.linalg.test", "numpy.fft.test"} == set()


def _left_out(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in LEFT_OUT)


@pytest.mark.parametrize("name", SCIPY)
def test_every_function_of_scipy_has_a_sample_or_a_reason(name: str) -> None:
    """Classes and distributions too: a sample of one of their methods is one of theirs."""
    module = importlib.import_module(name)
    values = {f"{name}.{own}": getattr(module, own) for own in module.__all__}
    errors = {own for own, v in values.items() if isinstance(v, type) and issubclass(v, Exception)}
    known = {".".join(line.name.split(".")[:k]) for line in SAMPLES for k in (3, 4)}
    public = {own for own, value in values.items() if callable(value)} - errors - known
    assert {own for own in public if not _left_out(own)} == set()


def test_every_reason_is_for_something() -> None:
    for pattern in LEFT_OUT:
        if not pattern.startswith("scipy."):
            continue
        home, _, own = pattern.rpartition(".")
        assert any(fnmatchcase(name, own) for name in dir(importlib.import_module(home))), pattern


def test_nothing_is_both_covered_and_left_out() -> None:
    assert {line.name for line in SAMPLES if not line.lacks and _left_out(line.name)} == set()


def test_the_page_is_made_of_these_samples() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run: python -m tests.coverage"
