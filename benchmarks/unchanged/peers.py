"""The same functions with autograd, JAX and PyTorch, each as its users would try it.

    python -m benchmarks.unchanged.peers < gradients.json > verdicts.json

runs in the Python that has them, with the packages of the other one at the end of its path. Each library gets
the point, and then the constants too, as its own arrays; the best of its attempts counts.
"""

import contextlib
import importlib
import json
import math
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from .entry import Entry, weights_of
from .tables import entries

Attempt = Callable[[], Any]

CLOSE = 1e-4
"""How far a gradient may be off, relative to its largest entry, to be right."""

SECONDS = 30


def summed(out: Any, weights: Any) -> Any:
    """The outputs with their weights, in the library's own arithmetic."""
    if isinstance(out, list | tuple):
        return sum(summed(part, weights[i]) for i, part in enumerate(out))
    return (out * weights).sum() if np.ndim(weights) else out * weights


def by_autograd(entry: Entry, weights: Any) -> Iterator[Attempt]:
    """`autograd.grad`."""
    autograd = importlib.import_module("autograd")
    yield lambda: autograd.grad(lambda x: summed(entry.call(x, *entry.constants), weights))(entry.x)


def by_jax(entry: Entry, weights: Any) -> Iterator[Attempt]:
    """`jax.grad` in double precision, the constants as they are and as JAX's arrays."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    x = jax.numpy.asarray(entry.x)
    for constants in (entry.constants, tuple(map(jax.numpy.asarray, entry.constants))):
        yield lambda c=constants: jax.grad(lambda v: summed(entry.call(v, *c), jax.numpy.asarray(weights)))(x)


def by_torch(entry: Entry, weights: Any) -> Iterator[Attempt]:
    """`torch.func.grad` and `backward()`, the constants as they are and as tensors."""
    torch = importlib.import_module("torch")
    for constants in (entry.constants, tuple(map(torch.from_numpy, entry.constants))):
        for own in (torch.from_numpy(np.asarray(weights)), weights):
            yield lambda c=constants, w=own: torch.func.grad(lambda v: summed(entry.call(v, *c), w))(
                torch.from_numpy(entry.x.copy())
            )
            yield lambda c=constants, w=own: _backward(torch, entry, c, w)


def _backward(torch: Any, entry: Entry, constants: Any, weights: Any) -> Any:
    x = torch.from_numpy(entry.x.copy()).requires_grad_()
    summed(entry.call(x, *constants), weights).backward()
    return x.grad


PEERS = {"autograd": by_autograd, "JAX": by_jax, "PyTorch": by_torch}


def verdict(attempts: Iterator[Attempt], wanted: Any) -> tuple[str, str]:
    """Whether it is right, wrong or refused, and why: the best that any attempt gives."""
    best = ("refused", "")
    for attempt in attempts:
        try:
            with time_limit(SECONDS), contextlib.redirect_stdout(sys.stderr):
                found = attempt()
            if found is None:
                raise TypeError("no gradient: the value is not connected to x")
            off = float(np.max(np.abs(np.asarray(found, float) - wanted)) / np.max(np.abs(wanted)))
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
            best = best if best[1] else ("refused", reason[:300])
            continue
        if off <= CLOSE:
            return "right", f"off by {off:.1e}"
        best = ("wrong", f"off by {off:.1e}" if math.isfinite(off) else "not finite")
    return best


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise where a block takes longer."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """Judge every function whose gradient stands on the standard input."""
    warnings.simplefilter("ignore")
    gradients = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    with contextlib.redirect_stdout(sys.stderr):
        for entry in entries():
            if entry.name not in gradients:
                continue
            wanted = np.array(gradients[entry.name])
            weights = weights_of(np.shape(entry.call(entry.x.copy(), *entry.constants)))
            verdicts = {name: verdict(peer(entry, weights), wanted) for name, peer in PEERS.items()}
            out.write(json.dumps({"name": entry.name, "peers": verdicts}) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
