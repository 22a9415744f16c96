"""Statistics of bfloat16 have the dtype that NumPy gives them, in every mode."""

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import adjoint as ad

X = np.array([[0.5, 1.25, -2.0], [3.0, 0.75, 1.5]], ml_dtypes.bfloat16)
MASK = np.array([[True, False, True], [True, True, True]])

STATISTICS: list[Callable[..., Any]] = [
    np.mean,
    np.var,
    np.std,
    np.median,
    np.nanmean,
    np.nanvar,
    np.nanstd,
    np.average,
    lambda x, **options: np.var(x, ddof=1, **options),
    lambda x, **options: np.mean(x, where=MASK, **options),
    lambda x, **options: np.std(x, where=MASK, **options),
    lambda x, **options: np.std(x, dtype=np.float32, **options),
]


@pytest.mark.parametrize("axis", [None, 1])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_dtype(statistic: Callable[..., Any], axis: int | None) -> None:
    """The value's and the tangent's dtype is NumPy's; the value is NumPy's to bfloat16's precision."""

    def f(x: Any) -> Any:
        return statistic(x, axis=axis)

    wanted = f(X)
    value, tangent = ad.jvp(f, (X,), (X,))
    pulled, pullback = ad.vjp(f, X)
    staged, mapped = ad.trace(f)(X)(X), ad.vmap(f)(np.stack([X, X]))[0]
    for result in (value, tangent, pulled, staged, mapped, ad.linearize(f, X)[0]):
        assert result.dtype == wanted.dtype
    assert pullback(wanted)[0].dtype == X.dtype
    for result in (value, pulled):
        np.testing.assert_allclose(np.float64(result), np.float64(wanted), rtol=2.0**-6)


def test_many_are_counted_exactly() -> None:
    """A count above 256, which bfloat16 cannot hold, divides as it is."""
    x = np.ones(300, ml_dtypes.bfloat16)
    mask = np.arange(300) < 257
    _, tangent = ad.jvp(lambda v: np.mean(np.float32(257.0) * v, where=mask), (x,), (x,))
    assert float(tangent) == pytest.approx(257.0)
    slope = ad.grad(lambda v: np.var(v, where=mask, ddof=1) * 1.0)(x)
    assert slope.dtype == x.dtype
