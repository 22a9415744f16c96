"""A traced array is no key, a mask is not dropped, and no conversion loses the derivative in silence."""

import ml_dtypes
import numpy as np
import pytest

import adjoint as ad
from adjoint.errors import ContainerError, DtypeError

X = np.array([1.0, 2.0])


def test_no_hash() -> None:
    """As NumPy's arrays; what to do stands in the error."""
    for use in (lambda x: {x[0], x[1]}, lambda x: {x: 1}, hash):
        for transformed in (
            ad.grad(use),
            ad.trace(use),
            ad.jacfwd(use),
            lambda x, f=use: ad.vmap(f)(x[None]),
        ):
            with pytest.raises(TypeError, match=r"x\.item\(\)"):
                transformed(X)
    t = ad.tensor(X)
    assert len({t, t, ad.tensor(X)}) == 2


def test_masked_tensor() -> None:
    """`tensor` refuses what the other doors refuse."""
    masked = np.ma.array(X, mask=[True, False])
    with pytest.raises(ContainerError, match="where"):
        ad.tensor(masked)
    with pytest.raises(ContainerError):
        ad.grad(np.sum)(masked)


@pytest.mark.parametrize(
    "dtype", [ml_dtypes.float8_e4m3, ml_dtypes.float8_e5m2, ml_dtypes.float4_e2m1fn, object]
)
def test_floats_without_derivatives(dtype: type) -> None:
    """float8 is refused where it would be a derivative of zero; plain arrays and integers convert."""
    assert ad.vmap(lambda x: x.astype(dtype))(X).dtype == ad.tensor(X).astype(dtype).dtype == dtype
    conversions = (
        lambda x: x.astype(dtype),
        lambda x: (
            np.zeros_like(x, dtype=dtype).__setitem__(slice(None), x)
            if dtype is not object
            else x.astype(dtype)
        ),
    )
    for conversion in conversions:
        for transformed in (ad.grad, ad.trace, ad.jacfwd, lambda f: ad.grad(ad.vmap(f))):
            with pytest.raises(DtypeError, match="stop_gradient"):
                transformed(lambda x, c=conversion: c(x))(X)
    with pytest.raises(DtypeError):
        ad.tensor(X, requires_grad=True).astype(dtype)

    def whole(x: np.ndarray) -> np.ndarray:
        return np.sum(x * x.astype(ml_dtypes.int4).astype(float))

    np.testing.assert_array_equal(ad.grad(whole)(X), X)
