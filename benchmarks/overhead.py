"""What one operation costs: forward and backward of small programs, beside peers in one run.

    python benchmarks/overhead.py [--repeats 9] [--only scalar,vector,network,filling,import]

Every contender runs in the same process, one thread, in turn: A B C A B C ...; each figure is the
median over the repeats of the mean time of a call, and is shown as a ratio to each peer. Peers that
are not installed are left out. Pin the process to one core: `taskset -c 0 python benchmarks/overhead.py`.
"""

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

import adjoint  # noqa: E402

Contenders = dict[str, Callable[[], object]]


def peer(name: str):
    """A peer's module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def call_time(function: Callable[[], object], budget: float) -> float:
    """Mean seconds of a call, over as many calls as fit the budget."""
    start = time.perf_counter()
    function()
    count = max(1, int(budget / max(time.perf_counter() - start, 1e-7)))
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


def race(title: str, contenders: Contenders, repeats: int, budget: float = 0.05) -> None:
    """Print each contender's median time, and ours as a ratio to it, pair by pair."""
    for function in contenders.values():
        for _ in range(3):
            function()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, function in contenders.items():
            times[name].append(call_time(function, budget))
    print(f"\n{title}")
    ours = next(iter(times.values()))
    for name, values in times.items():
        ratio = statistics.median(a / b for a, b in zip(ours, values, strict=True))
        print(f"  {name:28s} {statistics.median(values) * 1e6:10.1f} us   adjoint/this {ratio:6.2f}")


def product_and_sine(x, y) -> Contenders:
    """Forward and backward of z = x*y + sin(x), both inputs differentiated, for an array or a number."""
    one = np.ones_like(x) if isinstance(x, np.ndarray) else 1.0

    def function(x, y):
        return x * y + np.sin(x)

    def functional():
        _, pullback = adjoint.vjp(function, x, y)
        return pullback(one)

    def tape():
        a, b = adjoint.tensor(x, requires_grad=True), adjoint.tensor(y, requires_grad=True)
        (a * b + np.sin(a)).backward(one)
        return a.grad, b.grad

    def by_hand():
        z = x * y + np.sin(x)
        return z, one * y + one * np.cos(x), one * x

    found: Contenders = {"adjoint vjp": functional, "adjoint tensor": tape, "numpy by hand": by_hand}
    if not isinstance(x, np.ndarray):
        gradient = adjoint.grad(lambda x, y: x * y + np.sin(x), argnums=(0, 1))
        found = {"adjoint grad": lambda: gradient(x, y), **found}
    if (torch := peer("torch")) is not None:
        torch.set_num_threads(1)
        seed = torch.ones(np.shape(x), dtype=torch.float64)

        def eager():
            a = torch.tensor(x, dtype=torch.float64, requires_grad=True)
            b = torch.tensor(y, dtype=torch.float64, requires_grad=True)
            (a * b + torch.sin(a)).backward(seed)
            return a.grad, b.grad

        found["torch eager"] = eager
    if (autograd := peer("autograd")) is not None:
        anp = importlib.import_module("autograd.numpy")
        make_vjp = autograd.make_vjp(lambda x, y: x * y + anp.sin(x), argnum=(0, 1))

        def taped():
            pullback, _ = make_vjp(x, y)
            return pullback(one)

        found["autograd"] = taped
    return found


LAYERS, WIDTH, BATCH = 50, 32, 16


def deep_network() -> Contenders:
    """The gradient of a 50-layer, 32-unit tanh network on a batch of 16, all weights and biases."""
    rng = np.random.default_rng(0)
    weights = [(rng.normal(size=(WIDTH, WIDTH)) / WIDTH**0.5, np.zeros(WIDTH)) for _ in range(LAYERS)]
    x = rng.normal(size=(BATCH, WIDTH))

    def loss(params):
        h = x
        for w, b in params:
            h = np.tanh(h @ w + b)
        return np.sum(h)

    gradient = adjoint.grad(loss)

    def by_hand():
        states = [x]
        for w, b in weights:
            states.append(np.tanh(states[-1] @ w + b))
        ct = np.ones_like(x)
        grads = []
        for (w, _), before, after in zip(weights[::-1], states[-2::-1], states[:0:-1], strict=True):
            ct = ct * (1.0 - after * after)
            grads.append((before.T @ ct, ct.sum(0)))
            ct = ct @ w.T
        return grads

    found: Contenders = {"adjoint grad": lambda: gradient(weights), "numpy by hand": by_hand}
    if (torch := peer("torch")) is not None:
        torch.set_num_threads(1)
        leaves = [
            (torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True)) for w, b in weights
        ]
        flat = [leaf for pair in leaves for leaf in pair]
        xt = torch.tensor(x)

        def eager():
            h = xt
            for w, b in leaves:
                h = torch.tanh(h @ w + b)
            return torch.autograd.grad(h.sum(), flat)

        found["torch eager"] = eager
    if (autograd := peer("autograd")) is not None:
        anp = importlib.import_module("autograd.numpy")

        def traced(params):
            h = x
            for w, b in params:
                h = anp.tanh(anp.dot(h, w) + b)
            return anp.sum(h)

        slope = autograd.grad(traced)
        found["autograd"] = lambda: slope(weights)
    return found


def filling() -> None:
    """Filling a vector element by element, and its gradient: the time an element must not grow with n."""

    def fill(x):
        out = np.zeros_like(x)
        for i in range(len(x)):
            out[i] = x[i] * x[i]
        return np.sum(out)

    print("\nfilling a vector element by element, gradient")
    gradient = adjoint.grad(fill)
    for n in (100, 1_000, 10_000, 40_000):
        x = np.linspace(0.0, 1.0, n)
        seconds = statistics.median(call_time(lambda x=x: gradient(x), 0.0) for _ in range(3))
        print(f"  n = {n:6d} {seconds * 1e3:10.2f} ms   {seconds / n * 1e6:6.2f} us an element")


def import_time(repeats: int) -> None:
    """`import adjoint` beside `import numpy`, each in a fresh interpreter."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    times: dict[str, list[float]] = {"adjoint": [], "numpy": []}
    for _ in range(repeats):
        for name, values in times.items():
            done = subprocess.run(
                [sys.executable, "-c", code.format(name)], capture_output=True, text=True, check=True
            )
            values.append(float(done.stdout))
    ratio = statistics.median(a / b for a, b in zip(times["adjoint"], times["numpy"], strict=True))
    print("\nimport")
    for name, values in times.items():
        print(f"  {name:28s} {statistics.median(values) * 1e3:10.1f} ms")
    print(f"  adjoint/numpy {ratio:.2f}")


def main() -> None:
    """Run the races that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--only", default="scalar,vector,network,filling,import")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if "filling" in wanted:  # before any peer is imported: their objects slow Python's garbage collector
        filling()
    if "scalar" in wanted:
        race("z = x*y + sin(x), scalar, forward and backward", product_and_sine(1.3, 2.1), options.repeats)
    if "vector" in wanted:
        rng = np.random.default_rng(0)
        vectors = product_and_sine(rng.normal(size=10), rng.normal(size=10))
        race("z = x*y + sin(x), n = 10, forward and backward", vectors, options.repeats)
    if "network" in wanted:
        race("50 layers of 32 tanh units, batch 16, gradient", deep_network(), options.repeats, budget=0.1)
    if "import" in wanted:
        import_time(options.repeats)


if __name__ == "__main__":
    main()
