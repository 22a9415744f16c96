"""Every error says what was asked, what was received and what to write; and travels between processes."""

import copy
import inspect
import pickle

import pytest

from adjoint import errors
from adjoint.errors import AdjointError

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, AdjointError)]


@pytest.mark.parametrize("error", CLASSES)
def test_parts_text_and_pickling(error: type[AdjointError]) -> None:
    one = error("grad needs a scalar", "an array of shape (3,)", "Sum it first.")
    assert str(one) == "grad needs a scalar. Received: an array of shape (3,). Sum it first."
    for again in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
        assert type(again) is error
        assert (again.asked, again.received, again.remedy) == (one.asked, one.received, one.remedy)
        assert str(again) == str(one)


@pytest.mark.parametrize("error", [c for c in CLASSES if c is not AdjointError])
def test_each_is_a_built_in_exception_too(error: type[AdjointError]) -> None:
    general = (Exception, BaseException, object)
    assert [b for b in error.__mro__ if b.__module__ == "builtins" and b not in general]
    assert error.__doc__
