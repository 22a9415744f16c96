"""The promise: which names are public, that each shows an example, and that nothing else leaks."""

import inspect
import sys
from types import ModuleType

import pytest

import adjoint

# fmt: off
FUNCTIONS = [
    "grad", "value_and_grad", "jvp", "vjp", "linearize", "jacfwd", "jacrev", "jacobian", "hessian", "hvp",
    "vmap", "stop_gradient", "custom_jvp", "custom_vjp", "trace", "dual", "tensor", "Tensor", "no_grad",
    "check_grads", "debug", "cond", "switch", "while_loop", "fori_loop", "scan", "associative_scan", "map",
    "checkpoint", "checkpoint_name", "jit", "source",
]
# fmt: on
SUBMODULES = ["nn", "optim", "data", "linalg", "diagnose", "random", "errors"]

NAMESPACES = ["numpy", "scipy"]
"""Their names, docstrings and examples are NumPy's and SciPy's; `tests/numpy` looks at them."""


def public(module: ModuleType) -> list[tuple[str, object]]:
    return [(f"{module.__name__}.{name}", getattr(module, name)) for name in module.__all__]


def leaks(module: ModuleType) -> list[str]:
    """Names without an underscore that are neither promised nor a submodule under its own name."""
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name not in module.__all__
        and not (isinstance(value, ModuleType) and value is sys.modules.get(f"{module.__name__}.{name}"))
    )


def faults(name: str, value: object) -> list[str]:
    """What a public name's docstring lacks; an error class is shown by the call that raises it."""
    text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    if not (text or "").strip():
        return [f"{name} has no docstring"]
    raised = inspect.isclass(value) and issubclass(value, BaseException)
    if callable(value) and not raised and ">>>" not in text:
        return [f"{name} has no example"]
    return []


ALL = [*public(adjoint), *(pair for name in SUBMODULES for pair in public(getattr(adjoint, name)))]


def test_names_are_the_promised_ones():
    assert sorted(adjoint.__all__) == sorted([*FUNCTIONS, *SUBMODULES, *NAMESPACES])


def test_submodules_are_modules_and_the_rest_are_callables():
    assert all(
        getattr(adjoint, name) is sys.modules[f"adjoint.{name}"] for name in (*SUBMODULES, *NAMESPACES)
    )
    assert not [name for name in FUNCTIONS if not callable(getattr(adjoint, name))]


@pytest.mark.parametrize(
    "module", [adjoint, *(getattr(adjoint, name) for name in SUBMODULES)], ids=lambda m: m.__name__
)
def test_no_name_twice(module: ModuleType):
    assert len(set(module.__all__)) == len(module.__all__)


def test_nothing_else_leaks():
    assert not leaks(adjoint)


@pytest.mark.parametrize(("name", "value"), ALL, ids=[name for name, _ in ALL])
def test_docstring_and_example(name: str, value: object):
    assert not faults(name, value)


def test_the_checks_can_fail():
    def bare(): ...
    def told():
        """Said, not shown."""

    def shown():
        """Said.

        >>> shown()
        """

    class Heir(dict): ...

    class Wrong(Exception):
        """Raised by `shown`."""

    found = [faults("f", value) for value in (bare, told, Heir, shown, Wrong, pytest)]
    assert found == [["f has no docstring"], ["f has no example"], ["f has no docstring"], [], [], []]
    module = ModuleType("house")
    vars(module).update(__all__=["a"], a=1, b=2, _c=3, sys=sys)
    assert leaks(module) == ["b", "sys"]
