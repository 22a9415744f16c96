"""Reference derivatives of functions written in plain NumPy: 994 cases, confirmed by independent sources.

A case has the source of a function `f`, inputs, cotangents of its outputs and tangents of its inputs, and
the value, vjp, jvp and hvp (the derivative of the vjp along the tangents) that belong to them. Primary
values come from mpmath, JAX or PyTorch and were kept only where a second source agreed. At an edge (a
point of no derivative, a tie, a bound) `edge_vjp` holds what each library gives there.

Complex numbers follow the transpose convention, without conjugation. float32 inputs: references were
computed in float64 at the same points.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One function at one point."""

    name: str
    group: str
    source: str
    argnums: tuple[int, ...]
    inputs: tuple[Any, ...]
    cotangents: tuple[Any, ...]
    tangents: tuple[Any, ...]
    value: tuple[Any, ...]
    vjp: tuple[Any, ...]
    jvp: tuple[Any, ...] | None
    hvp: tuple[Any, ...] | None
    tolerance: dict[str, float]
    edge: bool
    reach: str
    edge_vjp: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def function(self, **modules: Any) -> Any:
        """The function, with NumPy (and what else is given) in its namespace."""
        namespace = {"np": np, **modules}
        exec(compile(self.source, f"<case {self.name}>", "exec"), namespace)
        return namespace["f"]


def load() -> list[Case]:
    """All cases."""
    with np.load(FOLDER / "data.npz", allow_pickle=False) as archive:
        pool = {name: archive[name] for name in archive.files}

    def array(place: list[Any]) -> Any:
        name, start, shape = place
        return pool[name][start : start + int(np.prod(shape, dtype=int))].reshape(shape)

    def arrays(places: list[Any] | None) -> tuple[Any, ...] | None:
        return None if places is None else tuple(array(place) for place in places)

    found: list[Case] = []
    for entry in json.loads((FOLDER / "index.json").read_text()):
        inputs = [array(place) for place in entry["inputs"]]
        inputs = [
            a.item() if scalar else a.copy() for a, scalar in zip(inputs, entry["scalars"], strict=True)
        ]
        found.append(
            Case(
                name=entry["name"],
                group=entry["group"],
                source=entry["src"],
                argnums=tuple(entry["argnums"]),
                inputs=tuple(inputs),
                cotangents=arrays(entry["ct"]) or (),
                tangents=arrays(entry["t"]) or (),
                value=arrays(entry["value"]) or (),
                vjp=arrays(entry["vjp"]) or (),
                jvp=arrays(entry["jvp"]),
                hvp=arrays(entry["hvp"]),
                tolerance=entry["tol"],
                edge=entry["edge"],
                reach=entry["reach"],
                edge_vjp={k: arrays(v) or () for k, v in entry.get("edge_vjp", {}).items()},
            )
        )
    return found
