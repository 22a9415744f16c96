"""Every primitive, every rule, every dtype that it claims: the checks of checks.py."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from adjoint import control, primitives
from adjoint.core.primitive import Primitive

from .checks import CHECKS
from .samples import dtype_named

EVERY = (*primitives.ALL, *control.ALL)


def _sweep() -> Iterator[Any]:
    for primitive in EVERY:
        for name, (check, concerns) in CHECKS.items():
            for claimed in primitive.domain.dtypes:
                dtype = dtype_named(claimed)
                if concerns(dtype):
                    yield pytest.param(primitive, check, dtype, id=f"{primitive.name}-{name}-{claimed}")


@pytest.mark.parametrize(("primitive", "check", "dtype"), list(_sweep()))
def test_rule(primitive: Primitive, check: Any, dtype: Any) -> None:
    check(primitive, dtype)


@pytest.mark.parametrize("primitive", EVERY, ids=lambda p: p.name)
def test_every_primitive_claims_a_dtype(primitive: Primitive) -> None:
    assert primitive.domain.dtypes
    assert len(set(primitive.domain.dtypes)) == len(primitive.domain.dtypes)


def test_names_are_unique() -> None:
    names = [p.name for p in EVERY]
    assert sorted(set(names)) == sorted(names)


def test_no_primitive_stands_outside_of_all() -> None:
    """The sweep is of the tuples ALL; so nobody may forget to enter one there."""
    known = set(EVERY)
    outside = {
        f"{module.name}.{name}"
        for package in (primitives, control)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, Primitive) and value not in known
    }
    assert not outside
