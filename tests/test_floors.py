"""The house keeps its shape: floors, cycles, third-party packages, lengths of functions and files.

FLOORS is the table of the design. Each check below it takes the modules of a tree and yields one line a
fault; CHECKS names them all. The tree of `adjoint` passes every check, and for every check a small bad tree
shows that it can fail.
"""

import ast
import graphlib
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import adjoint

# A module imports lower floors or its own group; groups on one floor are siblings and stay strangers.
FLOORS = {
    group: floor
    for floor, groups in enumerate(
        [
            ["errors", "lazy"],
            ["dtypes", "trees"],
            ["core"],
            ["primitives"],
            ["transforms"],
            ["control"],
            ["array", "passes"],
            ["backends", "follow"],
            ["reader"],
            ["numpy", "scipy"],
            ["api"],
            ["linalg", "random"],
            ["nn", "optim", "data", "optimize", "diagnose"],
            ["cli"],
            ["__main__"],
            [""],  # the package's own __init__
        ]
    )
    for group in groups
}

ANYWHERE = {"numpy", "ml_dtypes"}
ONLY_IN = {
    "optree": "lazy",
    "scipy": "lazy",
    "matplotlib": "lazy",
    "llvmlite": "lazy",
    "typer": "cli",
    "rich": "cli",
}

FILE_LINES = 500
FUNCTION_LINES = 40
SHARE = 0.95


@dataclass(frozen=True)
class Module:
    """One parsed file, under its dotted name."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]

    @property
    def group(self) -> str:
        return f"{self.name}.".split(".")[1]

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


Tree = dict[str, Module]
Check = Callable[[Tree], Iterator[str]]


def read(root: Path) -> Tree:
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = [root.name, *path.relative_to(root).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        modules[name] = Module(name, path, ast.parse(text), len(text.splitlines()))
    return modules


def imports(module: Module, tree: Tree) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, however deep in the file the statement stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
                if "." in alias.name and alias.asname is None:  # `import a.b` binds `a`
                    yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            stem = module.package.split(".")
            stem = stem[: len(stem) - node.level + 1] if node.level else []
            base = ".".join([*stem, *filter(None, [node.module])])
            for alias in node.names:
                child = f"{base}.{alias.name}"
                yield node.lineno, child if child in tree else base


def inside(module: Module, tree: Tree) -> set[str]:
    """The other modules of the tree that a module imports."""
    return {name for _, name in imports(module, tree) if name in tree and name != module.name}


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def every_group_has_a_floor(tree: Tree) -> Iterator[str]:
    for module in tree.values():
        if module.group not in FLOORS:
            yield f"{module.name}: FLOORS does not name the group {module.group!r}"


def imports_go_down(tree: Tree) -> Iterator[str]:
    for module in tree.values():
        for name in sorted(inside(module, tree)):
            here, there = module.group, tree[name].group
            known = here in FLOORS and there in FLOORS
            if here != there and known and FLOORS[there] >= FLOORS[here]:
                yield f"{module.name} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})"


def no_cycle(tree: Tree) -> Iterator[str]:
    try:
        graphlib.TopologicalSorter({name: inside(m, tree) for name, m in tree.items()}).prepare()
    except graphlib.CycleError as error:
        yield "cycle: " + " <- ".join(error.args[1])


def the_bare_package_is_not_imported(tree: Tree) -> Iterator[str]:
    for module in tree.values():
        for line, name in imports(module, tree):
            if name == module.root:
                yield f"{module.name}:{line}: imports the bare package, which stands on the top floor"


def no_late_import(tree: Tree) -> Iterator[str]:
    """An import inside a function, or by a call: lazy alone may do it."""
    for module in tree.values():
        late = {
            node.lineno
            for function in functions(module)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        called = {
            node.lineno for node in ast.walk(module.tree) if spelt(node) & {"import_module", "__import__"}
        }
        if module.group != "lazy":
            yield from (f"{module.name}:{line}: an import inside a function" for line in sorted(late))
            yield from (f"{module.name}:{line}: an import by a call" for line in sorted(called))


def no_import_for_types_only(tree: Tree) -> Iterator[str]:
    """`if TYPE_CHECKING` is how a cycle is hidden from Python but not from the reader."""
    for module in tree.values():
        for node in ast.walk(module.tree):
            if "TYPE_CHECKING" in spelt(node):
                yield f"{module.name}:{getattr(node, 'lineno', 0)}: TYPE_CHECKING"


def spelt(node: ast.AST) -> set[str]:
    """The names that a node itself writes: a variable, an attribute, or what `from x import` takes."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.ImportFrom(names=names):
            return {alias.name for alias in names}
    return set()


def third_party_packages_keep_their_place(tree: Tree) -> Iterator[str]:
    for module in tree.values():
        for line, name in imports(module, tree):
            package = name.partition(".")[0]
            if package == module.root or package in sys.stdlib_module_names or package in ANYWHERE:
                continue
            if package not in ONLY_IN:
                yield f"{module.name}:{line}: {package} is not a dependency"
            elif module.group != ONLY_IN[package]:
                yield f"{module.name}:{line}: {package} is imported by {ONLY_IN[package]} alone"


def files_are_short(tree: Tree) -> Iterator[str]:
    for module in tree.values():
        if module.lines >= FILE_LINES:
            yield f"{module.name}: {module.lines} lines, and a file stays below {FILE_LINES}"


def functions_fit_a_screen(tree: Tree) -> Iterator[str]:
    """The 95th percentile of all lengths, from `def` to the last line, docstring and all."""
    sizes = sorted(
        ((f.end_lineno or f.lineno) - f.lineno + 1, f"{m.name}.{f.name}")
        for m in tree.values()
        for f in functions(m)
    )
    if sizes and (size := sizes[math.ceil(SHARE * len(sizes)) - 1][0]) >= FUNCTION_LINES:
        longest = ", ".join(f"{name} {lines}" for lines, name in reversed(sizes[-12:]))
        yield f"the longest 5% of functions begin at {size} lines, not below {FUNCTION_LINES}: {longest}"


CHECKS: list[Check] = [
    every_group_has_a_floor,
    imports_go_down,
    no_cycle,
    the_bare_package_is_not_imported,
    no_late_import,
    no_import_for_types_only,
    third_party_packages_keep_their_place,
    files_are_short,
    functions_fit_a_screen,
]


@pytest.fixture(scope="module")
def house() -> Tree:
    tree = read(Path(adjoint.__file__).parent)
    assert len(tree) > 1, "only the package's __init__ was found"
    return tree


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_house(check: Check, house: Tree):
    assert not (faults := list(check(house))), "\n".join(faults)


# A tree that keeps every rule; each line of BAD adds the files that break exactly one.
GOOD = {
    "__init__.py": "from .api.derivatives import grad\nfrom . import nn\n",
    "errors.py": "",
    "lazy.py": "from importlib import import_module\nimport scipy\ndef late(name):\n    import llvmlite\n",
    "core/__init__.py": "from house.core.avals import Aval\n",
    "core/avals.py": "import numpy as np\nfrom .. import errors\nclass Aval: ...\n",
    "core/trace.py": "import house.core.avals as avals\nfrom .avals import Aval\n",
    "api/__init__.py": "",
    "api/derivatives.py": "from ..core import Aval\nfrom house import errors\ndef grad(f):\n    return f\n",
    "nn/__init__.py": "from ..api import derivatives\n",
    "optim/__init__.py": "from ..api.derivatives import grad\n",
    "cli.py": "import typer\nfrom rich.table import Table\nfrom . import nn, optim\n",
}
BAD: list[tuple[Check, dict[str, str]]] = [
    (every_group_has_a_floor, {"attic/box.py": ""}),
    (imports_go_down, {"core/up.py": "from ..api.derivatives import grad\n"}),
    (imports_go_down, {"core/up.py": "import house.api.derivatives as derivatives\n"}),
    (imports_go_down, {"core/up.py": "def f():\n    from house.api import derivatives\n"}),
    (imports_go_down, {"optim/sibling.py": "from .. import nn\n"}),
    (imports_go_down, {"core/up.py": "try:\n    from .. import cli\nexcept ImportError:\n    pass\n"}),
    (
        no_cycle,
        {
            "core/a.py": "from . import b\n",
            "core/b.py": "from .c import z\n",
            "core/c.py": "from .a import x\n",
        },
    ),
    (no_cycle, {"core/avals.py": "from house.core import Aval\n"}),
    (the_bare_package_is_not_imported, {"core/bare.py": "import house\n"}),
    (the_bare_package_is_not_imported, {"core/bare.py": "from house import grad\n"}),
    (the_bare_package_is_not_imported, {"core/bare.py": "from .. import grad\n"}),
    (the_bare_package_is_not_imported, {"core/bare.py": "import house.core.avals\n"}),
    (no_late_import, {"core/late.py": "def f():\n    import math\n"}),
    (no_late_import, {"core/late.py": "class A:\n    async def f(self):\n        from math import pi\n"}),
    (no_late_import, {"core/late.py": "import importlib\nm = importlib.import_module('math')\n"}),
    (no_late_import, {"core/late.py": "from importlib import import_module as get\n"}),
    (no_late_import, {"core/late.py": "m = __import__('math')\n"}),
    (no_import_for_types_only, {"core/types.py": "from typing import TYPE_CHECKING as T\n"}),
    (
        no_import_for_types_only,
        {"core/types.py": "import typing\nif typing.TYPE_CHECKING:\n    import math\n"},
    ),
    (third_party_packages_keep_their_place, {"core/heavy.py": "import scipy\n"}),
    (third_party_packages_keep_their_place, {"scipy/special.py": "from scipy.special import erf\n"}),
    (third_party_packages_keep_their_place, {"diagnose/graph.py": "import matplotlib.pyplot as plt\n"}),
    (third_party_packages_keep_their_place, {"backends/llvm/emit.py": "from llvmlite import ir\n"}),
    (third_party_packages_keep_their_place, {"nn/table.py": "from rich.table import Table\n"}),
    (third_party_packages_keep_their_place, {"api/command.py": "import typer\n"}),
    (third_party_packages_keep_their_place, {"data/frame.py": "import pandas\n"}),
    (files_are_short, {"core/long.py": "x = 1\n" * FILE_LINES}),
    (functions_fit_a_screen, {"core/tall.py": "def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)}),
]


def build(root: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return read(root)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_good_tree_passes(check: Check, tmp_path: Path):
    longest_allowed = {
        "core/long.py": "x = 1\n" * (FILE_LINES - 1),
        "core/tall.py": "def f():\n" + "    pass\n" * (FUNCTION_LINES - 2),
    }
    assert not list(check(build(tmp_path / "house", GOOD | longest_allowed)))


@pytest.mark.parametrize(("check", "files"), BAD, ids=lambda value: getattr(value, "__name__", ""))
def test_bad_tree_fails(check: Check, files: dict[str, str], tmp_path: Path):
    faults = list(check(build(tmp_path / "house", GOOD | files)))
    where = [Path(name).stem for name in files]
    assert len(faults) == 1, faults
    assert any(name in faults[0] for name in [*where, "attic"]), faults


def test_every_check_is_seen_to_fail():
    assert {check for check, _ in BAD} == set(CHECKS)
