"""What a gradient costs of functions that scale: the time of `grad(f)` as a multiple of that of `f`.

    python benchmarks/scaling.py [--repeats 5] [--only name,name]

Every size is chosen so that the function itself takes a millisecond or more. Function and gradient run in
turn, in one process and one thread; each figure is the median over the repeats of the ratio of the two.
Pin the process to one core: `taskset -c 0 python benchmarks/scaling.py`.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

import adjoint  # noqa: E402

LIMIT = 4.0
RNG = np.random.default_rng(0)
N = 1_000_000


def spd(n: int) -> np.ndarray:
    """A symmetric matrix with positive eigenvalues."""
    a = RNG.normal(size=(n, n))
    return a @ a.T / n + np.eye(n)


VECTOR = RNG.normal(size=N)
OTHER = RNG.normal(size=N)
LONG = RNG.normal(size=4 * N)
WEIGHTS = RNG.normal(size=4 * N)
CUBE = VECTOR.reshape(100, 100, 100)
WIDE = RNG.normal(size=(4000, 1000))
SQUARE = RNG.normal(size=(400, 400))
SPD = spd(500)
TABLE = RNG.normal(size=(1000, 1000))
PLACES = RNG.integers(0, N, size=N)
KNOTS = np.linspace(-5.0, 5.0, 1000)


def stencil(u: Any) -> Any:
    """Squared differences of neighbours, by slices."""
    return np.sum((u[1:] - u[:-1]) ** 2)


def written(u: Any) -> Any:
    """One explicit step of diffusion, written into the middle of an array."""
    new = u.copy()
    new[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(new * new)


def softmax(z: Any) -> Any:
    """Cross entropy of a softmax over rows."""
    shifted = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(shifted)
    return -np.sum(np.log(e / np.sum(e, axis=1, keepdims=True)) * TABLE)


FUNCTIONS: dict[str, tuple[Callable[..., Any], np.ndarray]] = {
    "elementwise chain": (lambda x: np.sum(np.tanh(x) * np.exp(-x * x) + np.sin(x)), VECTOR),
    "product of arrays": (lambda x: np.sum(x * WEIGHTS), LONG),
    "sum of squares": (lambda x: np.sum(x * x), LONG),
    "powers": (lambda x: np.sum(x**3 - 2.0 * x**2 + x), VECTOR),
    "variance": (lambda x: np.var(x), LONG),
    "norms of rows": (lambda x: np.sum(np.linalg.norm(x, axis=1)), WIDE),
    "where": (lambda x: np.sum(np.where(x > 0.0, x * x, np.expm1(x))), VECTOR),
    "maximum": (lambda x: np.sum(np.maximum(x, 0.0) * WEIGHTS), LONG),
    "max over rows": (lambda x: np.sum(np.max(x, axis=1) ** 2), WIDE),
    "softmax": (softmax, TABLE),
    "broadcasting": (lambda x: np.sum((x - np.mean(x, axis=0)) * x[:, :1]), TABLE),
    "matrix product": (lambda a: np.sum((a @ SQUARE) * SQUARE), SQUARE),
    "matrix and vector": (lambda a: np.sum((a @ TABLE[0]) ** 2), WIDE),
    "einsum": (lambda a: np.sum(np.einsum("bij,jk->bik", a, SQUARE[:100, :100]) ** 2), CUBE),
    "solve": (lambda a: np.sum(np.linalg.solve(a, SPD[0]) ** 2), SPD),
    "inverse": (lambda a: np.sum(np.linalg.inv(a) * SPD), SPD),
    "log determinant": (lambda a: np.linalg.slogdet(a)[1], SPD),
    "cholesky": (lambda a: np.sum(np.linalg.cholesky(a) ** 2), SPD),
    "eigh": (lambda a: np.sum(np.linalg.eigh(a)[1][:, 0] * SPD[0]), SPD),
    "svd": (lambda a: np.sum(np.linalg.svd(a)[1] ** 3), SPD),
    "convolve": (lambda x: np.sum(np.convolve(x, KNOTS[:64], "valid") ** 2), VECTOR[:200_000]),
    "fft": (lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2 * OTHER), VECTOR),
    "real fft": (lambda x: np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(OTHER)) ** 2), VECTOR),
    "sort": (lambda x: np.sum(np.sort(x) * OTHER), VECTOR),
    "median": (lambda x: np.median(x), VECTOR),
    "cumsum": (lambda x: np.sum(np.cumsum(x) * OTHER), VECTOR),
    "cumprod": (lambda x: np.sum(np.cumprod(1.0 + 1e-6 * x) * OTHER), VECTOR),
    "gather": (lambda x: np.sum(x[PLACES] * OTHER), VECTOR),
    "boolean mask": (lambda x: np.sum(x[x > 0.5] ** 2), VECTOR),
    "interp": (lambda x: np.sum(np.interp(x, KNOTS, np.cos(KNOTS))), VECTOR),
    "slices": (stencil, LONG),
    "transposed": (lambda x: np.sum(x.T.reshape(-1)[::2] ** 2), WIDE),
    "stack": (lambda x: np.sum(np.concatenate([x, 2.0 * x]) * np.concatenate([OTHER, OTHER])), VECTOR),
    "in place": (written, VECTOR),
}


def seconds(function: Callable[..., Any], x: np.ndarray, budget: float = 0.15) -> float:
    """The least time of a call, over as many calls as fit the budget."""
    least, spent = float("inf"), 0.0
    while spent < budget:
        start = time.perf_counter()
        function(x)
        taken = time.perf_counter() - start
        least, spent = min(least, taken), spent + taken
    return least


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(FUNCTIONS)
    print(f"{'function':20s} {'ms':>8s} {'gradient ms':>12s} {'ratio':>7s}")
    over = []
    for name in chosen:
        function, x = FUNCTIONS[name]
        gradient = adjoint.grad(function)
        pairs = [(seconds(function, x), seconds(gradient, x)) for _ in range(options.repeats)]
        ratio = statistics.median(g / f for f, g in pairs)
        plain, both = (statistics.median(p[k] for p in pairs) * 1e3 for k in (0, 1))
        over += [name] * (ratio > LIMIT)
        print(f"{name:20s} {plain:8.2f} {both:12.2f} {ratio:7.2f}{'  over' * (ratio > LIMIT)}", flush=True)
    print(f"{len(chosen) - len(over)} of {len(chosen)} within {LIMIT} times the function")


if __name__ == "__main__":
    main()
