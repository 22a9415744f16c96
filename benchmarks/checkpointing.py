"""Memory of gradients: scans under each schedule, and a deep network beside PyTorch's and JAX's checkpoints.

    python benchmarks/checkpointing.py [--only scan,network] [--steps 10000] [--peers PYTHON] [--picture FILE]

The scan is in this process: its peak is that of live bytes as tracemalloc counts them, from which the
bytes that lived before are taken, in units of one state; its evaluations are counted by an operation in
the body. Each contender of the network is a process of its own, one thread: its memory is how much the
peak of resident bytes rises during its first gradient, its time the least of three. PYTHON
is an interpreter that has the peers, where this one has not.
"""

import argparse
import gc
import importlib
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np  # noqa: E402  (after the number of threads is set)

WIDTH, BATCH, LAYERS = 256, 64, 1000
SIZE = 2000  # elements of the scan's state


# --- the scan ------------------------------------------------------------------------------------


def schedules(steps: int) -> dict[str, dict[str, Any]]:
    """The options of `scan` under which it is measured."""
    return {
        "all": {},
        "none": {"checkpoint": "none"},
        "every 500": {"checkpoint": 500},
        "sqrt": {"checkpoint": "sqrt"},
        "doubling, 40 slots": {"checkpoint": "doubling", "slots": 40},
        **{f"binomial, {c} slots": {"checkpoint": "binomial", "slots": c} for c in (5, 10, 20, 40)},
    }


def scan_rows(steps: int) -> list[dict[str, Any]]:
    """Peak and evaluations under each schedule."""
    adjoint = importlib.import_module("adjoint")
    sine = importlib.import_module("adjoint.primitives.trigonometric").sin
    least = importlib.import_module("adjoint.control.schedules").least_steps
    evaluations = [0]

    def counted(x: Any) -> Any:
        evaluations[0] += 1
        return np.sin(x)

    operation = replace(sine, name="counted_sine", evaluate=counted)

    def last(s: Any, options: dict[str, Any]) -> Any:
        return np.sum(adjoint.scan(lambda s, _: (operation(s) + s, None), s, length=steps, **options)[0])

    start = np.linspace(0.1, 1.0, SIZE)
    rows = []
    for name, options in schedules(steps).items():
        gradient = adjoint.grad(lambda s, options=options: last(s, options))
        evaluations[0] = 0
        begun = time.perf_counter()
        gradient(start)
        seconds = time.perf_counter() - begun
        found = evaluations[0]
        peak = live_peak(lambda gradient=gradient: gradient(start)) / start.nbytes
        slots = options.get("slots") if "binomial" in name else None
        optimum = steps + least(steps, slots) if slots else None
        rows.append(
            {
                "name": name,
                "peak": peak,
                "evaluations": found,
                "optimum": optimum,
                "seconds": seconds,
                "slots": slots,
            }
        )
        shown = f"{optimum:>9}" if optimum else " " * 9
        print(
            f"{name:20} peak {peak:8.1f} states   evaluations {found:7} optimum {shown}   {seconds:6.2f} s",
            flush=True,
        )
    return rows


def live_peak(run: Callable[[], Any]) -> int:
    """How far live bytes rise while something runs."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def draw(rows: list[dict[str, Any]], steps: int, file: Path) -> None:
    """Peak against evaluations, with the curve of the optimum."""
    least = importlib.import_module("adjoint.control.schedules").least_steps
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(7.0, 4.2), layout="constrained")
    axes = figure.subplots()
    slots = np.unique(np.geomspace(3, steps, 120).astype(int))
    axes.plot(
        slots, [1 + least(steps, int(c)) / steps for c in slots], color="0.6", label="optimum t(n, c) / n + 1"
    )
    for row in rows:
        x, y = row["peak"], row["evaluations"] / steps
        axes.plot(x, y, "o", color="C0" if row["slots"] else "C1")
        axes.annotate(row["name"], (x, y), xytext=(4, 5), textcoords="offset points", fontsize=8)
    axes.set(
        xscale="log", xlabel="peak of live bytes, in states", ylabel=f"evaluations of the step / {steps}"
    )
    axes.legend()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
    print(f"{file}: {file.stat().st_size} bytes")


# --- the network ---------------------------------------------------------------------------------


def inputs() -> tuple[Any, Any]:
    """Weights and a batch."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((WIDTH, WIDTH)) / WIDTH**0.5, rng.standard_normal((BATCH, WIDTH))


def ours(kind: str, depth: int) -> Callable[[], Any]:
    """H = h + 0.1 tanh(h w), a thousand times."""
    adjoint = importlib.import_module("adjoint")
    w, x = inputs()

    def layer(w: Any, h: Any) -> Any:
        return h + 0.1 * np.tanh(h @ w)

    def layers(w: Any, h: Any, count: int) -> Any:
        for _ in range(count):
            h = layer(w, h)
        return h

    def loss(w: Any) -> Any:
        if kind.startswith("scan"):
            option: Any = kind.partition(" ")[2]
            options: dict[str, Any] = {"slots": 20} if option == "binomial" else {}
            step = lambda h, _: (layer(w, h), None)  # noqa: E731
            return np.mean(adjoint.scan(step, x, length=depth, checkpoint=option, **options)[0] ** 2)
        h = x
        if kind == "plain":
            return np.mean(layers(w, h, depth) ** 2)
        size = 1 if kind == "each layer" else 32
        part = adjoint.checkpoint(layers)
        for start in range(0, depth, size):
            h = part(w, h, min(size, depth - start))
        return np.mean(h**2)

    gradient = adjoint.grad(loss)
    return lambda: gradient(w)


def torchs(kind: str, depth: int) -> Callable[[], Any]:
    """The same in PyTorch."""
    torch = importlib.import_module("torch")
    checkpoint = importlib.import_module("torch.utils.checkpoint").checkpoint
    torch.set_num_threads(1)
    w, x = (torch.tensor(v) for v in inputs())
    w.requires_grad_(True)

    def layers(h: Any, count: int) -> Any:
        for _ in range(count):
            h = h + 0.1 * torch.tanh(h @ w)
        return h

    def run() -> Any:
        w.grad = None
        h, size = x, {"plain": depth, "each layer": 1, "32 layers": 32}[kind]
        for start in range(0, depth, size):
            count = min(size, depth - start)
            h = layers(h, count) if kind == "plain" else checkpoint(layers, h, count, use_reentrant=False)
        (h**2).mean().backward()
        return w.grad.numpy()

    return run


def jaxs(kind: str, depth: int) -> Callable[[], Any]:
    """The same in JAX, compiled."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    w, x = inputs()

    def layer(w: Any, h: Any) -> Any:
        return h + 0.1 * jax.numpy.tanh(h @ w)

    def loss(w: Any) -> Any:
        def step(h: Any, _: Any) -> Any:
            return layer(w, h), None

        if kind == "plain":
            h = jax.lax.scan(step, x, None, length=depth)[0]
        elif kind == "each layer":
            h = jax.lax.scan(jax.checkpoint(step), x, None, length=depth)[0]
        else:
            inner = jax.checkpoint(lambda h, _: (jax.lax.scan(step, h, None, length=32)[0], None))
            h = jax.lax.scan(inner, x, None, length=depth // 32)[0]
            h = jax.lax.scan(jax.checkpoint(step), h, None, length=depth % 32)[0]
        return (h**2).mean()

    gradient = jax.jit(jax.grad(loss)).lower(w).compile()
    return lambda: np.asarray(gradient(w))


WORKERS = {"adjoint": ours, "torch": torchs, "jax": jaxs}
KINDS = {
    "adjoint": ["plain", "each layer", "32 layers", "scan all", "scan sqrt", "scan binomial"],
    "torch": ["plain", "each layer", "32 layers"],
    "jax": ["plain", "each layer", "32 layers"],
}


def status(name: str) -> int:
    """A line of the process's status, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def work(library: str, kind: str) -> None:
    """One contender, alone in its process: prints what it measured."""
    WORKERS[library](kind, 40)()  # what is imported and compiled is there
    run = WORKERS[library](kind, LAYERS)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak starts anew
    before = status("VmRSS")
    result = run()
    peak = status("VmHWM") - before
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    print(json.dumps({"peak": peak, "seconds": min(times), "norm": float(np.linalg.norm(result))}))


def network_rows(peers: str) -> None:
    """Every contender in a process of its own, once for the time and once for the memory."""
    one = BATCH * WIDTH * 8
    for library, kinds in KINDS.items():
        for kind in kinds:
            python = sys.executable if library == "adjoint" else peers
            command = [python, __file__, "--worker", f"{library}:{kind}"]
            # For the memory, what is freed goes back to the system at once, in every library alike.
            tidy = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
            runs = [
                subprocess.run(command, capture_output=True, text=True, check=False, env=e)
                for e in (tidy, None)
            ]
            if any(run.returncode for run in runs):
                print(f"{library:8} {kind:14} not measured: {runs[0].stderr.strip().splitlines()[-1:]}")
                continue
            memory, timed = (json.loads(run.stdout.splitlines()[-1]) for run in runs)
            peak = f"{memory['peak'] / 2**20:7.1f} MiB ({memory['peak'] / one:6.0f} activations)"
            print(
                f"{library:8} {kind:14} peak {peak}   {timed['seconds']:6.3f} s   |g| {timed['norm']:.9g}",
                flush=True,
            )


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="scan,network")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(*options.worker.split(":"))
        return
    if "scan" in options.only:
        rows = scan_rows(options.steps)
        if options.picture:
            draw(rows, options.steps, options.picture)
    if "network" in options.only:
        network_rows(options.peers)


if __name__ == "__main__":
    main()
