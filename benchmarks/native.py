"""Native code beside NumPy and, where it can be imported, jax.jit: time of a call, and time to compile.

    taskset -c 0 env OMP_NUM_THREADS=1 python benchmarks/native.py [rows]

Every row is one derivative of a plain NumPy function: its Program compiled, the same Program by its NumPy
source, and the same function written for JAX. All run in one process, one after another; the least of
repeated runs counts.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.backends.llvm.runtime import compile_program
from adjoint.backends.source import written

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = jnp = None

RNG = np.random.default_rng(1)
Case = tuple[Callable[..., Any], Callable[..., Any] | None, list[Any]]


def least(call: Callable[[], Any], seconds: float = 0.4) -> float:
    """The least time of a call, in microseconds."""
    call()
    start = time.perf_counter()
    call()
    rounds = max(1, int(seconds / 8 / max(time.perf_counter() - start, 1e-7)))
    found = np.inf
    for _ in range(8):
        start = time.perf_counter()
        for _ in range(rounds):
            call()
        found = min(found, (time.perf_counter() - start) / rounds)
    return found * 1e6


# --- the functions, over `np` or `jnp` -----------------------------------------------------------


def fused(xp: Any) -> Callable[..., Any]:
    """The sum of tanh(x w + b)² exp(-x)."""
    return lambda x, w, b: xp.sum(xp.tanh(x * w + b) ** 2 * xp.exp(-x))


def network(xp: Any) -> Callable[..., Any]:
    """The cross entropy of a network of two layers."""

    def loss(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
        out = xp.maximum(x @ w1 + b1, 0) @ w2 + b2
        top = xp.max(out, axis=1, keepdims=True)
        return xp.mean(xp.log(xp.sum(xp.exp(out - top), axis=1)) + top[:, 0] - xp.sum(out * y, axis=1))

    return loss


def residual(xp: Any, which: int) -> Callable[..., Any]:
    """The reprojection error of bundle adjustment: a camera of 11 numbers, a point, a weight, the feature."""

    def cross(a: Any, b: Any) -> Any:
        return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

    def total(*v: Any) -> Any:
        r, centre, f, u, k, point, w, feature = (
            v[0:3],
            v[3:6],
            v[6],
            v[7:9],
            v[9:11],
            v[11:14],
            v[14],
            v[15:17],
        )
        p = [point[i] - centre[i] for i in range(3)]
        angle = xp.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
        c, s = xp.cos(angle), xp.sin(angle)
        axis = [ri / angle for ri in r]
        along = (axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2]) * (1.0 - c)
        q = [p[i] * c + cross(axis, p)[i] * s + axis[i] * along for i in range(3)]
        a, b = q[0] / q[2], q[1] / q[2]
        square = a * a + b * b
        bend = 1.0 + k[0] * square + k[1] * square * square
        return xp.sum(w * ((a, b)[which] * bend * f + u[which] - feature[which]))

    return total


def bundle(xp: Any, grad: Callable[..., Any]) -> Callable[..., Any]:
    """Both rows of every observation's Jacobian."""
    both = [grad(residual(xp, which), tuple(range(15))) for which in (0, 1)]
    return lambda *v: (both[0](*v), both[1](*v))


def flow(xp: Any, scan: Any) -> Callable[..., Any]:
    """Runge and Kutta's method for 1000 steps of a ring of 50 coupled states."""

    def slope(y: Any, p: Any) -> Any:
        return (xp.roll(y, -1) - xp.roll(y, 2)) * xp.roll(y, 1) - y * p

    def end(y: Any, p: Any) -> Any:
        h = 0.005

        def step(y: Any, _: Any) -> Any:
            a = slope(y, p)
            b = slope(y + 0.5 * h * a, p)
            c = slope(y + 0.5 * h * b, p)
            d = slope(y + h * c, p)
            return y + h / 6.0 * (a + 2.0 * b + 2.0 * c + d), None

        return xp.sum(scan(step, y, None, length=1000)[0] ** 2)

    return end


def deep(xp: Any, count: int) -> Callable[..., Any]:
    """So many operations, one after another."""

    def chain(x: Any, y: Any) -> Any:
        for _ in range(count // 4):
            x, y = xp.sin(x) * 0.9 + y * 0.1, x
        return xp.sum(x)

    return chain


def rows() -> dict[str, Callable[[], Case]]:
    """Each row's function for us, for JAX, and its arguments."""

    def jaxs(make: Callable[[], Any]) -> Any:
        return make() if jax else None

    def ones(n: int) -> Case:
        args = [RNG.normal(size=n) for _ in range(3)]
        pick = (0, 1, 2)
        return (
            ad.value_and_grad(fused(np), pick),
            jaxs(lambda: jax.value_and_grad(fused(jnp), pick)),
            args,
        )

    def net(batch: int) -> Case:
        shapes = ((784, 128), (128,), (128, 10), (10,), (batch, 784), (batch, 10))
        args = [(RNG.normal(size=s) * 0.1).astype(np.float32) for s in shapes]
        pick = (0, 1, 2, 3)
        return (
            ad.value_and_grad(network(np), pick),
            jaxs(lambda: jax.value_and_grad(network(jnp), pick)),
            args,
        )

    def adjust() -> Case:
        args = [RNG.normal(size=10_000) * 0.3 + (8.0 if k == 13 else 0.0) for k in range(17)]
        return bundle(np, ad.grad), jaxs(lambda: bundle(jnp, jax.grad)), args

    def integrate() -> Case:
        args = [RNG.normal(size=50), RNG.uniform(0.9, 1.1, 50)]
        return (
            ad.value_and_grad(flow(np, ad.scan), (0, 1)),
            jaxs(lambda: jax.value_and_grad(flow(jnp, jax.lax.scan), (0, 1))),
            args,
        )

    def chain(count: int) -> Case:
        args = [RNG.normal(size=100), RNG.normal(size=100)]
        return ad.grad(deep(np, count)), jaxs(lambda: jax.grad(deep(jnp, count))), args

    def line() -> Case:
        args = [RNG.normal(size=100) for _ in range(3)]
        return lambda x, w, b: x * w + b, lambda x, w, b: x * w + b, args

    return {
        "x*w+b, n=100": line,
        "a: n=100": lambda: ones(100),
        "a: n=10 000": lambda: ones(10_000),
        "a: n=1 000 000": lambda: ones(1_000_000),
        "b: network, batch 32": lambda: net(32),
        "b: network, batch 256": lambda: net(256),
        "c: bundle adjustment": adjust,
        "d: RK4, 1000 steps": integrate,
        "chain of 50": lambda: chain(50),
        "chain of 500": lambda: chain(500),
        "chain of 3000": lambda: chain(3000),
    }


def jax_times(function: Callable[..., Any], args: list[Any]) -> tuple[float, float]:
    """Microseconds of a call and milliseconds of compiling by jax.jit."""
    compiled, given = jax.jit(function), [jnp.asarray(a) for a in args]
    start = time.perf_counter()
    jax.block_until_ready(compiled(*given))
    spent = (time.perf_counter() - start) * 1e3
    return least(lambda: jax.block_until_ready(compiled(*given))), spent


def run(name: str, case: Case) -> None:
    """Print one row."""
    ours, theirs, args = case
    start = time.perf_counter()
    program = ad.trace(ours)(*args).program
    traced = time.perf_counter()
    native = compile_program(program)
    compiled = time.perf_counter()
    plain = written(program)
    with np.errstate(all="ignore"):
        for found, want in zip(native(*args), plain(*args), strict=True):
            size = float(np.max(np.abs(want), initial=1e-30))
            assert np.max(np.abs(found - want)) < 1e-4 * size
        call = native.call
        took = least(lambda: call(*args))
        numpys = least(lambda: plain(*args))
    text = f"{name:24}{took:10.2f} µs   NumPy {numpys:10.1f} ({numpys / took:6.1f}×)"
    times = f"trace {(traced - start) * 1e3:7.0f} ms, compile {(compiled - traced) * 1e3:7.0f} ms"
    if theirs is not None and jax:
        jaxs, spent = jax_times(theirs, args)
        text += f"   JAX {jaxs:10.1f} ({jaxs / took:6.1f}×)"
        times += f", JAX {spent:7.0f} ms"
    print(
        f"{text}   {times}   {native.cost()['nests']} nests, {native.cost()['arena_bytes']} bytes", flush=True
    )


if __name__ == "__main__":
    wanted = sys.argv[1:]
    least(lambda: compile_program(ad.trace(np.exp)(np.ones(3)).program), 0.01)  # LLVM is loaded, and warm
    for name, make in rows().items():
        if not wanted or any(name.startswith(w) for w in wanted):
            run(name, make())
