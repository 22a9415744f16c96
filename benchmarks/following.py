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
from scipy import integrate, interpolate, special, stats

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
    return x * x


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


def each_call(repeats: int) -> None:
    """What a call costs more in a copy."""
    convert = Converter().convert
    print("one call, plain and in a followed copy")
    for function, x, count in ((calls_python, 0.5, 10), (calls_math, 0.5, 10), (calls_numpy, np.ones(3), 10)):
        copy = convert(function)
        plain = least(lambda f=function, x=x: f(x), repeats) / count
        followed = least(lambda f=copy, x=x: f(x), repeats) / count
        print(f"  {function.__name__:16s} {plain * 1e6:7.2f} us {followed * 1e6:7.2f} us")
    for function in (nothing_called, calls_python):
        found = least(lambda f=function: convert(f), repeats)
        print(f"  finding the copy of {function.__name__:16s} {found * 1e6:6.2f} us")


PACKAGES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "special.logsumexp": (special.logsumexp, np.ones(4)),
    "stats.gmean": (stats.gmean, np.ones(4)),
    "integrate.simpson": (integrate.simpson, np.ones(5)),
    "KroghInterpolator": (lambda y: interpolate.KroghInterpolator(np.arange(4.0), y)(0.5), np.ones(4)),
    "solve_ivp": (lambda y: integrate.solve_ivp(lambda t, u: -u, (0.0, 1.0), y).y[0, -1], np.ones(2)),
}


def first_calls(repeats: int) -> None:
    """The first gradient, which converts what it meets, and later ones, beside the function itself."""
    print("functions of packages: first gradient, later ones, the function")
    for name, (function, x) in PACKAGES.items():
        gradient = adjoint.grad(function)
        start = time.perf_counter()
        gradient(x)
        first = time.perf_counter() - start
        later = least(lambda g=gradient, x=x: g(x), repeats, 20)
        plain = least(lambda f=function, x=x: f(x), repeats, 20)
        print(f"  {name:20s} {first * 1e3:8.1f} ms {later * 1e3:8.2f} ms {plain * 1e3:8.2f} ms")


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
