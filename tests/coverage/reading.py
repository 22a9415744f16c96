"""Samples: lines of code, each one call of a public function on arrays with agreed names.

    np.sort(x)
    ndarray.sort: a = x.copy(); a.sort(); a
    np.nonzero(x)  # vmap: the shape depends on the values

A line is an expression, or statements and an expression at the end. It is a sample of the first function
that it calls, or of the one named before a colon. The variables in it that are in `POINTS` are what is
differentiated. A comment says of a mode (value, jvp, vjp, second, vmap; or all) that it is refused, and why.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.spatial.distance
import scipy.special
import scipy.stats

MODES = ("value", "jvp", "vjp", "second", "vmap")


def _draw(seed: int, *shape: int) -> Any:
    """Numbers away from 0 and from each other."""
    rng = np.random.default_rng([seed, *shape])
    return rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)


def _between(seed: int, low: float, high: float, *shape: int) -> Any:
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


_MATRIX = _draw(3, 3, 3) + 3.0 * np.eye(3)

POINTS: dict[str, Any] = {
    "s": 0.7,
    "r": 1.3,
    "x": _draw(1, 5),
    "y": _draw(2, 5),
    "p": _between(1, 0.2, 0.9, 5),
    "q": _between(2, 0.2, 0.9, 5),
    "u": _between(1, 1.1, 3.0, 5),
    "v": _between(2, 1.1, 3.0, 5),
    "b": _draw(2, 3),
    "d": _draw(3, 3),
    "A": _MATRIX,
    "B": _draw(4, 3, 3) + 2.0 * np.eye(3),
    "S": _MATRIX @ _MATRIX.T + np.diag([1.0, 2.0, 3.0]),
    "L": np.tril(_MATRIX),
    "M": _draw(5, 3, 4),
    "N": _draw(6, 4, 3),
    "C": _draw(7, 2, 3, 4),
    "z": _draw(8, 5) + 1j * _draw(9, 5),
    "Z": _draw(10, 3, 3) + 1j * _draw(11, 3, 3) + 3.0 * np.eye(3),
}
"""What is differentiated, by name: numbers, vectors, those between 0 and 1 and above 1, matrices, complex."""

CONSTANTS: dict[str, Any] = {
    "np": np,
    "scipy": scipy,
    "i": np.array([0, 2, 1]),
    "j": np.array([4, 0, 0, 3]),
    "mask": np.array([True, False, True, True, False]),
    "grid": np.linspace(0.0, 2.0, 5),
    "rng": np.random.default_rng(0).normal(size=5),
    "at": np.array([0.3, 1.7]),
    "knots": np.array([0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 2.0, 2.0]),
    "steps": np.array([0.0, 0.1, 0.2]),
    "w": np.array([0.5, 1.0]),
}

REASONS = {
    "if": "it asks `if` of its values",
    "mask": "it takes elements by what their values are",
    "zeros": "how many elements are not zero differs from example to example",
    "distinct": "how many elements are distinct differs from example to example",
    "sizes": "a size is made of a value",
    "order": "it asks for the order of its values",
    "intervals": "the intervals depend on the integrand",
    "plain": "it makes a plain array of what it found",
}
"""Why a function that is followed lacks a mode, by the word for it in the samples."""


@dataclass(frozen=True)
class Line:
    """One sample: the public function that it is of, its code, its arguments, and the modes it lacks."""

    name: str
    code: str
    arguments: tuple[str, ...]
    lacks: dict[str, str] = field(default_factory=dict)

    def function(self) -> Callable[..., Any]:
        """The code as a function of its arguments."""
        *statements, result = ast.parse(self.code).body
        body = [*map(ast.unparse, statements), f"return {ast.unparse(result)}"]
        text = f"def f({', '.join(self.arguments)}):\n" + "\n".join(f"    {line}" for line in body)
        namespace = dict(CONSTANTS)
        exec(compile(text, f"<sample of {self.name}>", "exec"), namespace)
        return namespace["f"]

    def point(self) -> list[Any]:
        """Where it is differentiated."""
        return [np.copy(POINTS[a]) if np.ndim(POINTS[a]) else POINTS[a] for a in self.arguments]


_NAMED = re.compile(r"([A-Za-z_][\w.]*): (.*)")


def read(text: str) -> Iterator[Line]:
    """The samples of a text."""
    for row in filter(None, map(str.strip, text.splitlines())):
        code, _, notes = row.partition("  # ")
        named = _NAMED.fullmatch(code)
        name, code = named.groups() if named else ("", code)
        name = re.sub(r"^np\.", "numpy.", name)
        tree = ast.parse(code)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        lacks = dict(note.split(": ", 1) for note in filter(None, notes.split("; ")))
        lacks = {mode: REASONS.get(reason, reason) for mode, reason in lacks.items()}
        if "all" in lacks:
            lacks = dict.fromkeys(MODES, lacks["all"])
        if not set(lacks) <= set(MODES):
            raise ValueError(f"{row}: a mode is one of {MODES}, or all")
        yield Line(name or _called(tree), code, tuple(a for a in POINTS if a in used), lacks)


def _called(tree: ast.AST) -> str:
    """The dotted name of the innermost call of a package in the last expression; or the method there."""
    node: Any = tree.body[-1].value  # type: ignore[attr-defined]
    kind = type(node).__name__
    parts: list[str] = []
    outermost = ""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute):
            outermost = outermost or node.attr
            parts.append(node.attr)
            node = node.value
        else:
            parts = []
            node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name) and node.id in ("np", "scipy"):
        return ".".join([{"np": "numpy"}.get(node.id, node.id), *reversed(parts)])
    return f"ndarray.{outermost}" if outermost else kind
