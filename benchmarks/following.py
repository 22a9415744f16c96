"""What following costs: the first call, which converts code, and every later one.

    python benchmarks/following.py [--repeats 9]

Each figure is the least over the repeats of the mean time of a call. "plain" is the untouched function on
plain numbers; "followed" is its copy on the same plain numbers, so that the difference is following alone.
"""

import argparse
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate, interpolate, linalg, optimize, special, stats
from sklearn.gaussian_process import kernels

import adjoint
from adjoint.follow.converter import Converter


def least(function: Callable[[], object], repeats: int, count: int = 2000) -> float:
    """The least mean time of a call, in seconds."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(count):
            function()
        best = min(best, (time.perf_counter() - start) / count)
    return best


def nothing_called(x: Any) -> Any:
    """A function that needs no copy."""
    return x


def calls_python(x: Any) -> Any:
    """Ten calls of a Python function."""
    for _ in range(10):
        x = nothing_called(x)
    return x


def calls_math(x: Any) -> Any:
    """Ten calls of a replaced function."""
    for _ in range(10):
        x = math.sin(x)
    return x


def calls_numpy(x: Any) -> Any:
    """Ten calls of a NumPy function."""
    for _ in range(10):
        x = np.sin(x)
    return x


def calls_operators(x: Any) -> Any:
    """Ten operators on numbers."""
    for _ in range(10):
        x = x + 1.0
    return x


def each_call(repeats: int) -> None:
    """What a call costs more in a copy."""
    convert = Converter().convert
    print("one call, plain and in a followed copy")
    for function, x in (
        (calls_python, 0.5),
        (calls_math, 0.5),
        (calls_numpy, np.ones(3)),
        (calls_operators, 0.5),
    ):
        copy = convert(function)
        plain = least(lambda f=function, x=x: f(x), repeats) / 10
        followed = least(lambda f=copy, x=x: f(x), repeats) / 10
        print(f"  {function.__name__:16s} {plain * 1e6:7.2f} us {followed * 1e6:7.2f} us")
    for function in (nothing_called, calls_python):
        found = least(lambda f=function: convert(f), repeats)
        print(f"  finding the copy of {function.__name__:16s} {found * 1e6:6.2f} us")


def decay(y: Any) -> Any:
    """An ordinary differential equation."""
    return integrate.solve_ivp(lambda t, u: -u, (0.0, 1.0), y).y[0, -1]


def kernel(x: Any) -> Any:
    """A kernel of a Gaussian process, made with traced parameters."""
    return np.sum(kernels.RationalQuadratic(length_scale=x[0], alpha=x[1])(np.arange(6.0).reshape(3, 2)))


PACKAGES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "optimize.rosen": (optimize.rosen, np.ones(4)),
    "optimize.rosen_hess": (lambda x: np.sum(optimize.rosen_hess(x)), np.ones(4)),
    "special.logsumexp": (special.logsumexp, np.ones(4)),
    "stats.gmean": (stats.gmean, np.ones(4)),
    "integrate.simpson": (integrate.simpson, np.ones(5)),
    "integrate.solve_ivp": (decay, np.ones(2)),
    "interpolate.Krogh": (lambda y: interpolate.KroghInterpolator(np.arange(4.0), y)(0.5), np.ones(4)),
    "linalg.toeplitz": (lambda x: np.sum(linalg.toeplitz(x) ** 2), np.arange(4.0)),
    "polynomial.chebval": (lambda x: np.sum(np.polynomial.chebyshev.chebval(x, [1.0, 2.0, 3.0])), np.ones(4)),
    "gaussian_process": (kernel, np.ones(2)),
}


def first_calls(repeats: int) -> None:
    """The first gradient, which converts what it meets, later ones, and the function: plain and followed.

    What following adds to a later call is the followed function on plain arrays less the function itself.
    """
    print("functions of packages:      first      later      plain   followed on plain arrays")
    total = 0.0
    for name, (function, x) in PACKAGES.items():
        gradient, convert = adjoint.grad(function), Converter().convert
        start = time.perf_counter()
        gradient(x)
        first = time.perf_counter() - start
        total += first
        later = least(lambda g=gradient, x=x: g(x), repeats, 20)
        plain = least(lambda f=function, x=x: f(x), repeats, 20)
        followed = least(lambda f=function, x=x, c=convert: c(f)(x), repeats, 20)
        times = "".join(f"{seconds * 1e3:8.2f} ms" for seconds in (first, later, plain, followed))
        print(f"  {name:22s} {times}")
    print(f"  the first gradients together {total * 1e3:.0f} ms")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    each_call(options.repeats)
    first_calls(options.repeats)


if __name__ == "__main__":
    main()
