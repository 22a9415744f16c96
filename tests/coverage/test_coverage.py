"""Every sample does what the page says, every function has one or a reason, and the page is of today."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from adjoint.errors import AdjointError

from . import left_out
from .judging import Judge
from .page import PAGE, samples, text
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


def test_nothing_is_both_covered_and_left_out() -> None:
    assert {line.name for line in SAMPLES if not line.lacks} & LEFT_OUT == set()


def test_the_page_is_made_of_these_samples() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run: python -m tests.coverage"
