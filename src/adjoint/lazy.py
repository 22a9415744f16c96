"""Late imports: the only place where a module is imported when it is first used.

Some packages are slow to import, and many runs need none of them. Each stands here once;
`special.erf` imports `scipy.special` at its first use. Our own rules for SciPy's many functions are among
them: few programs call one.
"""

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any


class LazyModule:
    """A module that is imported when an attribute of it is first read."""

    __slots__ = ("_module", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: ModuleType | None = None

    def __getattr__(self, attribute: str) -> Any:
        if self._module is None:
            self._module = importlib.import_module(self._name)
        return getattr(self._module, attribute)


def late_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: its names that are imported when first asked for.

    `homes` maps each name to the submodule that has it; a submodule is its own home.

    >>> late_names("adjoint", {"relu": "nn"})("relu") is adjoint.nn.relu
    True
    """

    def find(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{home}")
        return module if home == name else getattr(module, name)

    return find


def module_named(name: str) -> ModuleType:
    """The module `name`, imported now if it was not before.

    >>> module_named("math").pi
    3.141592653589793
    """
    return importlib.import_module(name)


def lazy(name: str) -> LazyModule:
    """A handle on module `name`, imported at its first use."""
    return LazyModule(name)


optree = lazy("optree")
special = lazy("scipy.special")
stats = lazy("scipy.stats")
von_mises = lazy("scipy.stats._stats")
signal = lazy("scipy.signal")
fft = lazy("scipy.fft")
ndimage = lazy("scipy.ndimage")
integrate = lazy("scipy.integrate")
distance = lazy("scipy.spatial.distance")
scipy_linalg = lazy("scipy.linalg")
sparse = lazy("scipy.sparse")
graphs = lazy("scipy.sparse.csgraph")
watched = lazy("adjoint.transforms.watched")
loops = lazy("adjoint.control.loop")
branches = lazy("adjoint.control.branch")
checkpoints = lazy("adjoint.control.again")
schedules = lazy("adjoint.control.schedules")
loop_writer = lazy("adjoint.backends.source.loops")
sweep_writer = lazy("adjoint.backends.source.sweeps")
sweeps = lazy("adjoint.control.sweep")
reruns = lazy("adjoint.control.rerun")
special_primitives = lazy("adjoint.primitives.special")
matrix_primitives = lazy("adjoint.primitives.matrix")
special_functions = lazy("adjoint.array.special")
scipy_rules = lazy("adjoint.array.scipy")
matplotlib = lazy("matplotlib")
figure = lazy("matplotlib.figure")
llvm = lazy("llvmlite.binding")
cython_blas = lazy("scipy.linalg.cython_blas")
