"""scipy.integrate: sums over samples, and integrals of functions with Leibniz' rule."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.integrate as it

import adjoint
from adjoint.errors import DerivativeError

from .agreeing import agrees, draw

EVEN = 0.3 * np.arange(9.0)

SUMS: dict[str, Callable[..., Any]] = {
    "trapezoid": lambda y, x: it.trapezoid(y, x),
    "trapezoid, steps": lambda y, x: it.trapezoid(y, dx=x[0]),
    "simpson": lambda y, x: it.simpson(y, x=np.cumsum(2.0 + 0.3 * x)),
    "simpson, even": lambda y, x: it.simpson(y[:-1], x=np.cumsum(2.0 + 0.3 * x)[:-1]),
    "simpson, steps": lambda y, x: it.simpson(y[:-1], dx=0.4),
    "cumulative_trapezoid": lambda y, x: it.cumulative_trapezoid(y, np.cumsum(2.0 + 0.3 * x), initial=0),
    "cumulative_simpson": lambda y, x: it.cumulative_simpson(y, x=np.cumsum(2.0 + 0.3 * x)),
    "cumulative_simpson, steps": lambda y, x: it.cumulative_simpson(y, dx=0.5, initial=0.3),
    "romb": lambda y, x: it.romb(y, dx=0.3),
    "axis": lambda y, x: it.simpson(np.stack([y, x]), dx=0.2, axis=1),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums(name: str) -> None:
    agrees(SUMS[name], draw(9), draw(9, seed=1), second=True, batch="umulative_s" not in name, stage=False)


INTEGRALS: dict[str, Callable[..., Any]] = {
    "both ends": lambda a, b: it.quad(np.exp, a, b)[0],
    "python's functions": lambda a, b: it.quad(lambda x: math.sin(a * x) / (1 + x * x), 0.0, b)[0],
    "a closure": lambda a, b: it.quad(lambda x: np.exp(-a * x) * b, 0.0, 1.0)[0],
    "arguments": lambda a, b: it.quad(lambda x, p, q: np.cos(p * x) + q, -1.0, 2.0, args=(a, b))[0],
    "one argument": lambda a, b: it.quad(lambda x, p: np.cos(p * x), b, 2.0, args=a)[0],
    "to infinity": lambda a, b: it.quad(lambda x: np.exp(-b * x), a, np.inf)[0],
    "from minus infinity": lambda a, b: it.quad(lambda x: np.exp(b * x), -np.inf, a)[0],
    "the whole line": lambda a, b: it.quad(lambda x: np.exp(-a * x * x + b * x), -np.inf, np.inf)[0],
    "backwards": lambda a, b: it.quad(lambda x: a * x * x, 2.0 + a, b)[0],
    "backwards, to infinity": lambda a, b: it.quad(lambda x: np.exp(-b * x), np.inf, a)[0],
    "break points": lambda a, b: it.quad(lambda x: abs(x - 0.5) * a, 0.0, b, points=[0.5])[0],
    "complex": lambda a, b: abs(it.quad(lambda x: np.exp(1j * a * x), 0.0, b, complex_func=True)[0]),
    "with all": lambda a, b: it.quad(lambda x: a * x, 0.0, b, full_output=1)[0],
    "twice": lambda a, b: it.dblquad(lambda y, x: a * x * y * y, 0.0, 1.0, lambda x: b * x, 1.0)[0],
    "fixed_quad": lambda a, b: it.fixed_quad(lambda x: np.exp(a * x), 0.0, b, n=5)[0],
    "quad_vec": lambda a, b: it.quad_vec(lambda x: np.array([a * x, np.exp(b * x)]), 0.0, 1.0)[0],
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name: str) -> None:
    at = np.float64(0.7), np.float64(1.3)
    agrees(INTEGRALS[name], *at, second=True, batch=False, stage=False)


def test_an_empty_interval_moves_with_its_ends() -> None:
    slope = adjoint.grad(lambda a, b: it.quad(np.cos, a, b)[0], (0, 1))(0.4, 0.4)
    np.testing.assert_allclose(slope, [-np.cos(0.4), np.cos(0.4)])
    curved = adjoint.grad(adjoint.grad(lambda b: it.quad(np.cos, 0.4, b)[0]))(0.4)
    np.testing.assert_allclose(curved, -np.sin(0.4))


def test_singular_integrands() -> None:
    for integrand, want in (
        (lambda x, p: p / np.sqrt(x), 2.0),
        (lambda x, p: np.log(x) * p, -1.0),
        (lambda x, p: x**p, -1 / 0.25),
    ):
        slope = adjoint.grad(lambda p, f=integrand: it.quad(f, 0.0, 1.0, args=(p,))[0])(-0.5)
        np.testing.assert_allclose(slope, want, rtol=1e-6)


def test_what_its_intervals_do_not_resolve_is_refused() -> None:
    def weighted(p: Any) -> Any:
        return it.quad(lambda x: p * x, 0.0, 1.0, weight="cos", wvar=3.0)[0]

    with pytest.raises(DerivativeError, match="weight"):
        adjoint.grad(weighted)(1.5)


def test_solve_ivp_is_followed() -> None:
    def end(k: Any, y0: Any) -> Any:
        solution = it.solve_ivp(lambda t, y: -k * y, (0.0, 1.0), [y0, 2 * y0], rtol=1e-8, atol=1e-10)
        return solution.y[:, -1]

    k, y0 = 0.8, 1.5
    slope = adjoint.jacobian(end, (0, 1))(k, y0)
    want = y0 * np.exp(-k)
    np.testing.assert_allclose(slope[0], [-want, -2 * want], rtol=1e-6)
    np.testing.assert_allclose(slope[1], [want / y0, 2 * want / y0], rtol=1e-6)


def test_odeint_is_refused_and_plain_ones_run() -> None:
    times = np.linspace(0, 1, 3)
    for call in (
        lambda k: it.odeint(lambda y, t: -k * y, [1.0], times),
        lambda k: it.odeint(lambda y, t: -y, k, times),
        lambda k: it.odeint(lambda t, y, c: -c * y, [1.0], times, args=(k,), tfirst=True),
    ):
        with pytest.raises(DerivativeError, match="solve_ivp"):
            adjoint.grad(lambda k, call=call: np.sum(call(k)))(0.5)
    found = adjoint.grad(lambda k: k * it.odeint(lambda y, t: -y, [1.0], times)[-1, 0])(0.5)
    np.testing.assert_allclose(found, np.exp(-1.0), rtol=1e-6)
