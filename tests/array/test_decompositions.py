"""Decompositions: NumPy's functions on traced arrays, against NumPy and differences; what no choice of signs
and phases changes; equal values.
"""

from typing import Any

import numpy as np
import pytest
from tests.array.agreeing import agrees, close, difference, draw, same

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.jacobians import hessian
from adjoint.api.vectorize import vmap
from adjoint.errors import DerivativeError

LinAlgError = np.linalg.LinAlgError


def spread(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    """Matrices with eigenvalues and singular values far apart."""
    n = shape[-1]
    rows = np.eye(*shape[-2:]) * 2 * np.arange(1, n + 1)
    return draw(*shape, seed=seed, dtype=dtype) / 4 + rows.astype(dtype)


def hermitian(x: Any) -> Any:
    return (x + np.conj(np.swapaxes(x, -1, -2))) / 2


A, B, C = spread(3, 3), spread(2, 3, 3, seed=1), spread(3, 3, dtype=complex)
TALL, WIDE = spread(4, 2), spread(2, 3)
ROTATION = np.array([[1.0, -2.0, 0.3], [1.0, 1.2, 0.1], [0.2, -0.1, 4.0]])


def columns(v: Any) -> Any:
    """The projectors on the columns, weighted: no sign or phase changes it."""
    return (v * np.arange(1.0, v.shape[-1] + 1)) @ np.conj(np.swapaxes(v, -1, -2))


def svd_parts(x: Any, full: bool = False) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=full)
    k = s.shape[-1]
    return (
        columns(u[..., :k]),
        s,
        columns(np.conj(np.swapaxes(vh[..., :k, :], -1, -2))),
        u[..., :k] @ vh[..., :k, :],
    )


def beyond(x: Any) -> Any:
    """The projectors on what the singular vectors leave out."""
    u, s, vh = np.linalg.svd(x)
    k = s.shape[-1]
    left, right = u[..., k:], vh[..., k:, :]
    return left @ np.conj(np.swapaxes(left, -1, -2)), np.conj(np.swapaxes(right, -1, -2)) @ right


def qr_parts(x: Any, mode: str = "reduced") -> Any:
    q, r = np.linalg.qr(x, mode)
    k = min(x.shape[-2:])
    return columns(q[..., :k]), np.abs(r) ** 2, q @ r


CASES: dict[str, tuple[Any, ...]] = {
    "eigvalsh": (lambda x: np.linalg.eigvalsh(hermitian(x)), A),
    "eigvalsh of a stack": (lambda x: np.linalg.eigvalsh(hermitian(x)), B),
    "eigvalsh complex": (lambda x: np.linalg.eigvalsh(hermitian(x)), C),
    "eigh": (lambda x: columns(np.linalg.eigh(hermitian(x))[1]), A),
    "eigh upper": (lambda x: columns(np.linalg.eigh(hermitian(x), "u").eigenvectors), A),
    "eigh complex": (lambda x: columns(np.linalg.eigh(hermitian(x))[1]), C),
    "eigvals": (lambda x: np.linalg.eigvals(x), A),
    "eigvals of pairs": (lambda x: np.linalg.eigvals(x), ROTATION),
    "eigvals complex": (np.linalg.eigvals, C),
    "eig": (lambda x: tuple(np.linalg.eig(x)), A),
    "eig of pairs": (lambda x: tuple(np.linalg.eig(x)), ROTATION),
    "eig complex": (lambda x: tuple(np.linalg.eig(x)), C),
    "svd": (svd_parts, A),
    "svd tall": (svd_parts, TALL),
    "svd wide": (svd_parts, WIDE),
    "svd of a stack": (svd_parts, B),
    "svd complex": (svd_parts, C),
    "svd tall complex": (svd_parts, spread(4, 2, dtype=complex)),
    "svd wide complex": (svd_parts, spread(2, 4, dtype=complex)),
    "svd full tall": (lambda x: svd_parts(x, True), TALL),
    "svd full wide": (lambda x: svd_parts(x, True), WIDE),
    "svd beyond tall": (beyond, TALL),
    "svd beyond wide": (beyond, spread(2, 4, dtype=complex)),
    "svd hermitian": (lambda x: np.linalg.svd(hermitian(x), hermitian=True)[1], A),
    "svd hermitian vectors": (
        lambda x: (lambda u, s, vh: (columns(u), u @ vh))(*np.linalg.svd(hermitian(x), hermitian=True)),
        A - 3.2 * np.eye(3),
    ),
    "svdvals": (np.linalg.svdvals, B),
    "svd without vectors": (lambda x: np.linalg.svd(x, compute_uv=False), TALL),
    "qr": (qr_parts, A),
    "qr tall": (qr_parts, TALL),
    "qr wide": (qr_parts, WIDE),
    "qr of a stack": (qr_parts, B),
    "qr complex": (qr_parts, C),
    "qr complete": (lambda x: qr_parts(x, "complete"), TALL),
    "qr complete wide": (lambda x: qr_parts(x, "complete"), WIDE),
    "qr r": (lambda x: np.linalg.qr(x, mode="r"), TALL),
    "qr itself": (lambda x: tuple(np.linalg.qr(x)), A),
    "qr itself, complex": (lambda x: tuple(np.linalg.qr(x)), spread(4, 3, dtype=complex)),
}


@pytest.mark.parametrize("name", CASES)
def test_function(name: str) -> None:
    function, x = CASES[name]
    eig = name.startswith("eig") and "h" not in name[:4]
    plain = not np.iscomplexobj(x) and not eig
    agrees(function, x, second=plain, batch=not eig, stage=not (eig and not np.iscomplexobj(x)))


CHOLESKY = {
    "lower": (lambda x: np.linalg.cholesky(hermitian(x)), A),
    "upper": (lambda x: np.linalg.cholesky(hermitian(x), upper=True), A),
    "a stack": (lambda x: np.linalg.cholesky(hermitian(x)), B),
    "complex": (lambda x: np.linalg.cholesky(hermitian(x)), C),
    "complex upper": (lambda x: np.linalg.cholesky(hermitian(x), upper=True), C),
}


@pytest.mark.parametrize("name", CHOLESKY)
def test_cholesky(name: str) -> None:
    function, x = CHOLESKY[name]
    agrees(function, x, second="complex" not in name, batch=False)
    factor = vmap(function)(np.stack([x, 2 * x]))
    same(factor[1], function(2 * x), "a batch")


def test_second_derivatives_of_complex_matrices() -> None:
    def loss(x: Any) -> Any:
        w, v = np.linalg.eig(x)
        values = np.sum(np.sin(np.linalg.svdvals(x))) + np.sum(np.abs(w) ** 2 * np.arange(1, 4))
        return values + np.sum(np.abs(columns(v)) ** 2) + np.sum(np.abs(svd_parts(x)[0]) ** 2).real

    move = draw(3, 3, seed=3, dtype=complex)
    slope = grad(loss)
    (want,) = difference(lambda h: slope(C + h * move))
    close(jvp(slope, (C,), (move,))[1], want, "forward over reverse", 1e-7)
    (want,) = difference(lambda h: np.sum(slope(C + h * move) * move).real)
    close(jvp(lambda x: np.sum(slope(x) * move).real, (C,), (move,))[1], want, "the same, a number", 1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_narrow_dtypes_stay(dtype: Any) -> None:
    x = spread(3, 3, dtype=dtype)
    for function in (np.linalg.svdvals, lambda x: np.linalg.eigvalsh(hermitian(x)), lambda x: qr_parts(x)[0]):
        agrees(function, x)
    agrees(lambda x: np.linalg.cholesky(hermitian(x)), x, batch=False)
    assert grad(lambda x: np.sum(np.abs(np.linalg.eigvals(x))))(x).dtype == dtype


def test_numpys_tuples_and_dtypes() -> None:
    for function in (np.linalg.eigh, np.linalg.eig, np.linalg.qr, np.linalg.svd):
        for x in (A, ROTATION, C, A.astype(np.float32), np.array([[2, 1], [1, 3]])):
            got, want = vjp(lambda s, f=function, x=x: f(x), 1.0)[0], function(x)
            moving = x if x.dtype.kind != "i" else None
            if moving is not None:
                got = vjp(function, x)[0]
            assert type(got) is type(want)
            same(tuple(got), tuple(want), function.__name__)


def test_eigenvalues_not_yet_known_are_complex() -> None:
    values = vmap(np.linalg.eigvals)(np.stack([A, A.T]))
    assert values.dtype == np.complex128
    np.testing.assert_allclose(values[0], np.linalg.eigvals(A), rtol=1e-12)
    staged = trace(np.linalg.eigvals)(A)(A)
    assert staged.dtype == np.complex128


# --- one triangle is read, the derivative is symmetric -------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.sin(np.linalg.eigvalsh(x))),
        lambda x: np.sum(np.sin(np.linalg.eigvalsh(x, "U"))),
        lambda x: np.sum(np.sin(columns(np.linalg.eigh(x)[1]).real)),
        lambda x: np.sum(np.sin(np.linalg.cholesky(x).real)),
        lambda x: np.sum(np.sin(np.linalg.cholesky(x, upper=True).real)),
        lambda x: np.sum(np.sin(np.linalg.pinv(x, hermitian=True).real)),
    ],
)
@pytest.mark.parametrize("dtype", [float, complex])
def test_the_derivative_is_symmetric(function: Any, dtype: Any) -> None:
    x = hermitian(spread(3, 3, dtype=dtype))
    found = grad(function)(x)
    np.testing.assert_array_equal(found, found.T.conj())
    np.testing.assert_allclose(found, grad(lambda x: function(hermitian(x)))(x), rtol=1e-12, atol=1e-14)
    move = draw(3, 3, seed=2, dtype=dtype)
    (want,) = difference(lambda h: function(x + h * hermitian(move)))
    close(jvp(function, (x,), (move,))[1], want, "along the symmetric part", 1e-8)


def test_textbook_gradients() -> None:
    x = hermitian(A)
    v = np.linalg.eigh(x)[1][:, -1]
    np.testing.assert_allclose(grad(lambda x: np.linalg.eigvalsh(x)[-1])(x), np.outer(v, v), atol=1e-14)
    low = np.linalg.cholesky(x)
    log = grad(lambda x: 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(x)))))
    np.testing.assert_allclose(log(x), np.linalg.inv(low @ low.T), rtol=1e-12)
    u, _, vh = np.linalg.svd(A)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.linalg.svdvals(x) ** 2))(A), 2 * A, rtol=1e-12)
    np.testing.assert_allclose(grad(lambda x: np.linalg.norm(x, "nuc"))(A), u @ vh, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(grad(lambda x: np.linalg.norm(x, 2))(A), np.outer(u[:, 0], vh[0]), atol=1e-14)


def test_losses_that_no_sign_or_phase_changes() -> None:
    """The gradient is the same whatever LAPACK chose: of vectors turned by hand too."""
    phases = np.exp(1j * np.array([0.3, 1.1, 2.9]))

    def turned(x: Any, by: Any) -> Any:
        v = np.linalg.eigh(x)[1] * by
        return np.sum(np.abs(v[0]) ** 2 * np.arange(3)) + np.abs(v[:, 1].conj() @ draw(3)) ** 2

    x = hermitian(C)
    np.testing.assert_allclose(
        grad(lambda x: turned(x, phases))(x), grad(lambda x: turned(x, 1.0))(x), atol=1e-14
    )


# --- equal values --------------------------------------------------------------------------------


def equal_pair(n: int = 4) -> Any:
    q = np.linalg.qr(draw(n, n))[0]
    return hermitian(q @ np.diag([1.0, 1.0, *range(2, n)]) @ q.T)


@pytest.mark.parametrize("x", [np.eye(3), np.zeros((3, 3)), np.diag([1.0, 1.0, 2.0]), equal_pair()], ids=str)
def test_functions_of_equal_eigenvalues(x: Any) -> None:
    """Sum f(w) has the gradient f'(X), at any multiplicity."""
    found = grad(lambda x: np.sum(np.sin(np.linalg.eigvalsh(x))))(x)
    w, v = np.linalg.eigh(x)
    np.testing.assert_allclose(found, (v * np.cos(w)) @ v.T, atol=1e-14)
    _, tangent = jvp(lambda x: np.sum(np.exp(np.linalg.eigvalsh(x))), (x,), (hermitian(draw(*x.shape)),))
    np.testing.assert_allclose(tangent, np.sum((v * np.exp(w)) @ v.T * hermitian(draw(*x.shape))), rtol=1e-12)
    general = grad(lambda x: np.sum(np.sin(np.linalg.eigvals(x))).real)(x)
    np.testing.assert_allclose(general, (v * np.cos(w)) @ v.T, atol=1e-13)


def test_vectors_of_equal_eigenvalues_have_no_derivative() -> None:
    x = equal_pair()
    assert np.isnan(grad(lambda x: np.sum(np.linalg.eigh(x)[1][:, 0]))(x)).all()
    assert np.isnan(grad(lambda x: np.sum(np.linalg.eig(x)[1]).real)(np.eye(2))).all()
    assert np.isnan(grad(lambda x: np.sum(np.linalg.svd(x)[0]))(np.eye(2))).all()


def test_a_vector_apart_from_equal_ones_has_its_derivative() -> None:
    x, move = equal_pair(), hermitian(draw(4, 4))

    def loss(x: Any) -> Any:
        return np.sum(np.linalg.eigh(x)[1][:, -1] ** 4)

    (want,) = difference(lambda h: loss(x + h * move))
    close(jvp(loss, (x,), (move,))[1], want, "forward", 1e-8)
    close(np.sum(grad(loss)(x) * move), want, "in reverse", 1e-8)


def test_a_defective_matrix_has_its_eigenvalues() -> None:
    value, pull = vjp(np.linalg.eigvals, np.array([[1.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(value, [1.0, 1.0])
    assert pull(np.ones(2))[0].shape == (2, 2)


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((3, 2)),
        np.eye(3),
        np.diag([2.0, 2.0, 0.0]),
        np.diag([3.0, 0.0, 0.0]),
        draw(4, 2) @ draw(2, 3),
        np.outer(draw(3), draw(4)),
        equal_pair(),
    ],
    ids=lambda x: f"{x.shape} of rank {np.linalg.matrix_rank(x)}",
)
def test_nuclear_norm_has_the_least_subgradient(x: Any) -> None:
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    rank = np.linalg.matrix_rank(x)
    want = u[:, :rank] @ vh[:rank]
    for loss in (lambda x: np.linalg.norm(x, "nuc"), lambda x: np.sum(np.linalg.svdvals(x))):
        np.testing.assert_allclose(grad(loss)(x), want, atol=1e-14)
        move = draw(*x.shape, seed=4)
        np.testing.assert_allclose(jvp(loss, (x,), (move,))[1], np.sum(want * move), rtol=1e-12, atol=1e-14)


def test_the_spectral_norm_shares_evenly() -> None:
    q = np.linalg.qr(draw(3, 3))[0]
    np.testing.assert_allclose(grad(lambda x: np.linalg.norm(x, 2))(q), q / 3, atol=1e-15)
    np.testing.assert_allclose(grad(lambda x: np.linalg.norm(x, -2))(q), q / 3, atol=1e-15)
    np.testing.assert_array_equal(grad(lambda x: np.linalg.norm(x, 2))(np.zeros((2, 3))), np.zeros((2, 3)))


def test_hessian_of_a_spectral_function() -> None:
    """sum(w**3) = tr X^3: its second derivative along E is 6 tr(X E E), for eigenvalues far apart."""
    x, e = hermitian(A), hermitian(draw(3, 3))
    found = hessian(lambda t: np.sum(np.linalg.eigvalsh(x + t * e) ** 3))(0.0)
    np.testing.assert_allclose(found, 6 * np.trace(x @ e @ e), rtol=1e-12)


# --- rank, mistakes, empty arrays ----------------------------------------------------------------


def test_matrix_rank_is_an_integer() -> None:
    for x in (A, np.ones((3, 2)), np.zeros((2, 2)), B, np.zeros((0, 3))):
        got = vjp(lambda x: (np.linalg.matrix_rank(x), np.sum(x)), x)[0][0]
        np.testing.assert_array_equal(got, np.linalg.matrix_rank(x))
        assert np.asarray(got).dtype.kind == "i"
    assert vjp(lambda x: np.linalg.matrix_rank(x, 1.5) + 0 * x[0, 0], A)[0] == np.linalg.matrix_rank(A, 1.5)
    assert vjp(lambda x: np.linalg.matrix_rank(x, rtol=0.6) + 0 * x[0, 0], A)[0] == np.linalg.matrix_rank(
        A, rtol=0.6
    )
    x = hermitian(A)
    assert vjp(lambda x: np.linalg.matrix_rank(x, hermitian=True) + 0 * x[0, 0], x)[0] == 3
    assert vjp(lambda x: np.linalg.matrix_rank(x) + 0 * x[0], np.ones(2))[0] == 1
    np.testing.assert_array_equal(vmap(np.linalg.matrix_rank)(np.stack([np.eye(2), np.ones((2, 2))])), [2, 1])


def test_mistakes() -> None:
    for wrong in (np.linalg.eigh, np.linalg.eig, np.linalg.cholesky, np.linalg.eigvals, np.linalg.eigvalsh):
        with pytest.raises(LinAlgError, match="square"):
            vjp(wrong, A[:2])
    for wrong in (np.linalg.svd, np.linalg.qr, np.linalg.svdvals):
        with pytest.raises(LinAlgError, match="two-dimensional"):
            vjp(wrong, A[0])
    with pytest.raises(LinAlgError, match="positive definite"):
        vjp(np.linalg.cholesky, -np.eye(2))
    with pytest.raises(ValueError, match="UPLO"):
        vjp(lambda x: np.linalg.eigh(x, "X"), A)
    with pytest.raises(ValueError, match="mode"):
        vjp(lambda x: np.linalg.qr(x, "other"), A)
    with pytest.raises(DerivativeError, match="raw"):
        vjp(lambda x: np.linalg.qr(x, "raw"), A)


@pytest.mark.parametrize(
    "function",
    [np.linalg.eigh, np.linalg.eig, np.linalg.svd, np.linalg.qr, lambda x: (np.linalg.cholesky(x), x)],
)
@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2)])
def test_empty(function: Any, shape: Any) -> None:
    x = np.zeros(shape)
    value, pull = vjp(function, x)
    same(tuple(value), tuple(function(x)), "the value")
    assert pull(value)[0].shape == shape
    for t, v in zip(jvp(function, (x,), (x,))[1], value, strict=True):
        assert np.shape(t) == np.shape(v)


@pytest.mark.parametrize("shape", [(0, 2), (3, 0)])
def test_empty_rectangles(shape: Any) -> None:
    x = np.zeros(shape)
    for function in (np.linalg.svd, np.linalg.qr, lambda x: np.linalg.qr(x, "complete")):
        value, pull = vjp(function, x)
        same(tuple(value), tuple(function(x)), "the value")
        assert pull(value)[0].shape == shape
