"""The vector functions against exact values: errors in units in the last place, and NumPy's edges."""

from typing import Any

import mpmath
import numpy as np
import pytest

from adjoint import primitives
from adjoint.backends.llvm.math import FUNCTIONS
from adjoint.backends.llvm.runtime import compile_program
from adjoint.core.avals import aval_of
from adjoint.core.trace import stage

NAMED = {p.name: p for p in primitives.ALL}

BOUNDS = {
    "exp": 1.0,
    "expm1": 2.0,
    "log": 1.0,
    "log1p": 1.0,
    "sin": 2.5,
    "cos": 2.5,
    "tan": 3.0,
    "tanh": 2.5,
    "sech2": 5.0,
    "logistic": 2.0,
    "erf": 1.1,
    "power": 1.0,
    "sqrt": 0.5,
}
"""The greatest error in float64, which the module's docstring states; in float32 it is half a unit."""

EXACT: dict[str, Any] = {
    **{
        n: getattr(mpmath, n)
        for n in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh", "erf", "power", "sqrt")
    },
    "sech2": lambda x: 1 / mpmath.cosh(x) ** 2,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
}


def points(name: str, rng: np.random.Generator) -> list[np.ndarray]:
    def spread(*sizes: float) -> np.ndarray:
        return np.concatenate([rng.normal(size=250) * s for s in sizes])

    match name:
        case "log" | "sqrt":
            return [np.concatenate([np.exp(spread(1.0, 150.0)), rng.uniform(0.5, 2.0, 300)])]
        case "log1p":
            return [np.concatenate([np.exp(spread(1.0, 10.0)), rng.uniform(-0.9999, 1.0, 300), spread(1e-5)])]
        case "sin" | "cos" | "tan":
            near = np.round(spread(100.0)) * np.pi / 2
            return [np.concatenate([spread(1.0, 1e3, 1e8, 1e14), near])]
        case "power":
            x = np.concatenate([np.exp(spread(0.01, 1.0, 20.0)), -np.exp(spread(1.0))])
            y = np.concatenate([spread(100.0, 10.0, 3.0), np.round(spread(5.0))])
            return [x, y]
        case _:
            return [np.clip(spread(1e-3, 0.3, 1.0, 5.0, 100.0), -700.0, 700.0)]


def native(name: str, *args: Any) -> Any:
    program = stage(lambda *xs: [NAMED[name](*xs)], [aval_of(a) for a in args])
    return compile_program(program)(*args)[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", BOUNDS)
def test_error(name: str, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        args = [a.astype(dtype) for a in points(name, np.random.default_rng(2))]
    found, info = native(name, *args), np.finfo(dtype)
    worst = 0.0
    with mpmath.workprec(200):
        for got, *values in zip(found, *args, strict=True):
            if not np.isfinite(values).all() or (name in ("log", "sqrt") and values[0] <= 0):
                continue
            exact = EXACT[name](*(mpmath.mpf(float(v)) for v in values))
            if not info.tiny <= abs(exact) <= info.max:
                continue
            unit = float(np.spacing(np.abs(dtype(float(exact)))))
            worst = max(worst, float(abs(mpmath.mpf(float(got)) - exact) / unit))
    assert worst <= (BOUNDS[name] if dtype is np.float64 else 0.501)


EDGES = (
    0.0,
    1.0,
    0.5,
    2.0,
    3.0,
    1e-310,
    5e-324,
    1e-20,
    1e300,
    709.0,
    710.0,
    745.0,
    746.0,
    1.7e308,
    1e16,
    np.inf,
)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("exp_square",)])
def test_edges_are_numpys(name: str, dtype: Any) -> None:
    """NaN, infinities, signs of zeros; subnormal results to a few of their own steps."""
    with np.errstate(all="ignore"):
        each = np.array([*EDGES, *(-e for e in EDGES), np.nan], dtype)
        args = [each] if name != "power" else [a.ravel().copy() for a in np.meshgrid(each, each)]
        wanted = NAMED[name].evaluate(*args)
    found = native(name, *args)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    zeros = (wanted == 0) | np.isinf(wanted)
    np.testing.assert_array_equal(found[zeros], wanted[zeros])
    np.testing.assert_array_equal(np.signbit(found[zeros]), np.signbit(wanted[zeros]))
    rest = ~zeros & ~np.isnan(wanted)
    info = np.finfo(dtype)
    np.testing.assert_allclose(
        found[rest], wanted[rest], rtol=8 * float(info.eps), atol=4 * float(info.smallest_subnormal)
    )


@pytest.mark.parametrize(
    "name",
    ["sqrt", "maximum", "minimum", "fmax", "fmin", "larger", "scale", "sign", "rint", "floor", "absolute"],
)
def test_edges_of_the_rest(name: str) -> None:
    each = np.array([*EDGES, *(-e for e in EDGES), np.nan])
    two = [a.ravel().copy() for a in np.meshgrid(each, each)]
    args = two if len(NAMED[name].jvp) == 2 else [each]
    with np.errstate(all="ignore"):
        wanted = NAMED[name].evaluate(*args)
    np.testing.assert_array_equal(native(name, *args), wanted)
