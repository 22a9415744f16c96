"""`scipy.linalg` under its own import: values, forward, reverse, second order, batches, against SciPy and
differences.
"""

from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from tests.array.agreeing import agrees, draw, same

from adjoint.api.derivatives import vjp
from adjoint.api.vectorize import vmap


def regular(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    """Matrices with positive eigenvalues and singular values far apart."""
    rows = np.eye(*shape[-2:]) * 2 * np.arange(1, shape[-1] + 1)
    return draw(*shape, seed=seed, dtype=dtype) / 4 + rows.astype(dtype)


def hermitian(x: Any) -> Any:
    return (x + np.conj(np.swapaxes(x, -1, -2))) / 2


def columns(v: Any) -> Any:
    """The projectors on the columns, weighted: no sign or phase changes it."""
    return (v * np.arange(1.0, v.shape[-1] + 1)) @ np.conj(np.swapaxes(v, -1, -2))


A, B, C = regular(3, 3), regular(2, 3, 3, seed=1), regular(3, 3, dtype=complex)
A2, TALL, WIDE = regular(3, 3, seed=4), regular(4, 2), regular(2, 4)
TURNING = np.array([[1.0, -2.0, 0.3], [1.0, 1.2, 0.1], [0.2, -0.1, 4.0]])
V, M, VC = draw(3), draw(3, 2), draw(3, dtype=complex)
BAND = draw(3, 4) / 4 + np.array([[0.0], [3.0], [0.0]])
BANDC = draw(3, 4, dtype=complex) / 4 + np.array([[0.0], [3.0], [0.0]])
COLUMN = np.concatenate((np.array([4.0]), draw(3) / 3))
STABLE = draw(3, 3, seed=2) / 4

SOLVING: dict[str, tuple[Any, ...]] = {
    "solve": (sl.solve, A, V),
    "solve columns": (sl.solve, A, M),
    "solve a stack": (sl.solve, B, M),
    "solve one matrix, many sides": (sl.solve, A, draw(2, 3, 2)),
    "solve complex": (sl.solve, C, VC),
    "solve transposed": (lambda a, b: sl.solve(a, b, transposed=True), A, V),
    "solve sym": (lambda a, b: sl.solve(hermitian(a), b, assume_a="sym"), A, V),
    "solve sym lower": (lambda a, b: sl.solve(hermitian(a), b, lower=True, assume_a="sym"), A, V),
    "solve pos": (lambda a, b: sl.solve(hermitian(a), b, assume_a="pos"), A, V),
    "solve her": (lambda a, b: sl.solve(hermitian(a), b, assume_a="her"), C, VC),
    "solve sym complex": (lambda a, b: sl.solve((a + a.T) / 2, b, assume_a="sym"), C, VC),
    "solve diagonal": (lambda a, b: sl.solve(a, b, assume_a="diagonal"), A, V),
    "solve tridiagonal": (lambda a, b: sl.solve(a, b, assume_a="tridiagonal"), A, V),
    "solve upper": (lambda a, b: sl.solve(a, b, assume_a="upper triangular"), A, V),
    "solve lower": (lambda a, b: sl.solve(a, b, assume_a="lower triangular"), A, V),
    "solve banded matrix": (lambda a, b: sl.solve(np.triu(np.tril(a, 1), -1), b, assume_a="banded"), A, V),
    "solve one": (sl.solve, np.array([[2.0]]), np.array([3.0])),
    "inv": (sl.inv, A),
    "inv a stack": (sl.inv, B),
    "inv sym": (lambda a: sl.inv(hermitian(a), assume_a="sym"), A),
    "inv upper": (lambda a: sl.inv(a, assume_a="upper triangular"), A),
    "det": (sl.det, A),
    "det a stack": (sl.det, B),
    "det complex": (sl.det, C),
    "norm": (sl.norm, A),
    "norm 1": (lambda a: sl.norm(a, 1), A),
    "norm 2": (lambda a: sl.norm(a, 2), A),
    "norm nuc": (lambda a: sl.norm(a, "nuc"), A),
    "norm axis": (lambda a: sl.norm(a, axis=0), A),
    "norm axes": (lambda a: sl.norm(a, axis=(1, 2), keepdims=True), B),
    "norm of a vector": (lambda a: sl.norm(a, 3), V),
    "solve_triangular": (sl.solve_triangular, A, V),
    "solve_triangular lower": (lambda a, b: sl.solve_triangular(a, b, lower=True), A, M),
    "solve_triangular T": (lambda a, b: sl.solve_triangular(a, b, trans="T"), A, V),
    "solve_triangular 1 lower": (lambda a, b: sl.solve_triangular(a, b, 1, True), A, M),
    "solve_triangular C": (lambda a, b: sl.solve_triangular(a, b, trans="C"), C, VC),
    "solve_triangular 2 lower": (lambda a, b: sl.solve_triangular(a, b, 2, True), C, VC),
    "solve_triangular unit": (lambda a, b: sl.solve_triangular(a, b, unit_diagonal=True), A, V),
    "solve_triangular a stack": (lambda a, b: sl.solve_triangular(a, b, lower=True), B, V),
    "cho_solve": (lambda c, b: sl.cho_solve((c, True), b), A, V),
    "cho_solve upper": (lambda c, b: sl.cho_solve((c, False), b), A, M),
    "cho_solve complex": (lambda c, b: sl.cho_solve((c, True), b), C, VC),
    "cho_solve a stack": (lambda c, b: sl.cho_solve((c, True), b), B, M),
    "solve_banded": (lambda ab, b: sl.solve_banded((1, 1), ab, b), BAND, draw(4)),
    "solve_banded wide": (lambda ab, b: sl.solve_banded((2, 0), ab, b), BAND[::-1][[1, 0, 2]], draw(4, 2)),
    "solve_banded upper": (lambda ab, b: sl.solve_banded((0, 2), ab, b), BAND[[0, 2, 1]], draw(4, 2)),
    "solve_banded complex": (lambda ab, b: sl.solve_banded((1, 1), ab, b), BANDC, draw(4, dtype=complex)),
    "solve_banded a stack": (
        lambda ab, b: sl.solve_banded((1, 1), ab, b),
        np.stack([BAND, 2 * BAND]),
        draw(4, 2),
    ),
    "solve_toeplitz": (sl.solve_toeplitz, COLUMN, draw(4)),
    "solve_toeplitz row": (
        lambda c, r, b: sl.solve_toeplitz((c, r), b),
        COLUMN,
        draw(4, seed=3) / 3,
        draw(4, 2),
    ),
    "solve_toeplitz complex": (sl.solve_toeplitz, COLUMN * (1 + 0j), draw(4, dtype=complex)),
    "matmul_toeplitz": (lambda c, r, x: sl.matmul_toeplitz((c, r), x), COLUMN, draw(3), draw(3, 2)),
    "matmul_toeplitz column": (sl.matmul_toeplitz, COLUMN, draw(4)),
    "solve_circulant": (sl.solve_circulant, COLUMN, draw(4)),
    "pinv": (sl.pinv, A),
    "pinv tall": (sl.pinv, TALL),
    "pinv rtol": (lambda a: sl.pinv(a, rtol=1e-3, atol=1e-6), WIDE),
    "pinv a stack": (sl.pinv, B),
    "pinvh": (lambda a: sl.pinvh(hermitian(a)), A),
    "pinvh upper": (lambda a: sl.pinvh(hermitian(a), lower=False), C),
    "lstsq": (lambda a, b: sl.lstsq(a, b)[0], TALL, draw(4)),
    "lstsq residuals": (lambda a, b: sl.lstsq(a, b)[1], TALL, draw(4)),
    "lstsq values": (lambda a, b: sl.lstsq(a, b)[3], TALL, draw(4, 2)),
    "lstsq wide": (lambda a, b: sl.lstsq(a, b, lapack_driver="gelsy")[0], WIDE, draw(2, 3)),
    "lstsq complex": (lambda a, b: sl.lstsq(a, b)[:2], regular(4, 2, dtype=complex), draw(4, dtype=complex)),
    "lstsq a stack": (lambda a, b: sl.lstsq(a, b)[0], regular(2, 4, 2), draw(4, 2)),
}
POSITIVE: dict[str, tuple[Any, ...]] = {
    "cholesky": (lambda a: sl.cholesky(hermitian(a)), A),
    "cholesky lower": (lambda a: sl.cholesky(hermitian(a), lower=True), B),
    "cholesky complex": (lambda a: sl.cholesky(hermitian(a)), C),
    "cho_factor": (lambda a: sl.cho_factor(hermitian(a))[0], A),
    "cho_factor lower": (lambda a: sl.cho_factor(hermitian(a), lower=True)[0], C),
    "cho_factor and cho_solve": (lambda a, b: sl.cho_solve(sl.cho_factor(hermitian(a)), b), A, V),
    "cholesky_banded": (sl.cholesky_banded, BAND[:2]),
    "cholesky_banded lower": (lambda x: sl.cholesky_banded(x, lower=True), BANDC.real[1:] + 0j),
    "cho_solve_banded": (
        lambda x, b: sl.cho_solve_banded((sl.cholesky_banded(x), False), b),
        BAND[:2],
        draw(4),
    ),
    "cho_solve_banded lower": (
        lambda x, b: sl.cho_solve_banded((sl.cholesky_banded(x, lower=True), True), b),
        BAND[1:],
        draw(4, 2),
    ),
    "solveh_banded": (sl.solveh_banded, BAND[:2], draw(4)),
    "solveh_banded lower": (lambda x, b: sl.solveh_banded(x, b, lower=True), BAND[1:], draw(4, 2)),
    "solveh_banded of three": (
        lambda x, b: sl.solveh_banded(x, b, lower=True),
        BAND[[1, 0, 2]],
        draw(4),
    ),
    "solveh_banded complex": (sl.solveh_banded, np.stack([BANDC[0], BAND[1]]), draw(4, dtype=complex)),
    "eigh generalised": (lambda a, b: sl.eigh(hermitian(a), hermitian(b))[0], A, A2),
    "eigh generalised vectors": (
        lambda a, b: columns(sl.eigh(hermitian(a), hermitian(b))[1]),
        A,
        A2,
    ),
    "eigh of type 2": (lambda a, b: columns(sl.eigh(hermitian(a), hermitian(b), type=2)[1]), A, A2),
    "eigh of type 3": (lambda a, b: columns(sl.eigh(hermitian(a), hermitian(b), type=3)[1]), A, A2),
    "eigh generalised complex": (
        lambda a, b: columns(sl.eigh(hermitian(a), hermitian(b), lower=False)[1]),
        C,
        regular(3, 3, seed=4, dtype=complex),
    ),
    "eigvalsh generalised": (lambda a, b: sl.eigvalsh(hermitian(a), hermitian(b)), A, A2),
}
FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "expm": (sl.expm, STABLE),
    "expm large": (sl.expm, 3 * TURNING),
    "expm a stack": (sl.expm, draw(2, 3, 3)),
    "expm complex": (sl.expm, draw(3, 3, dtype=complex)),
    "expm of one": (sl.expm, np.array([[0.7]])),
    "expm_frechet": (sl.expm_frechet, STABLE, draw(3, 3)),
    "expm_frechet alone": (lambda a, e: sl.expm_frechet(a, e, compute_expm=False), STABLE, draw(3, 3)),
    "sinm": (sl.sinm, STABLE),
    "cosm": (sl.cosm, STABLE),
    "tanm": (sl.tanm, STABLE),
    "sinhm": (sl.sinhm, STABLE),
    "coshm": (sl.coshm, draw(2, 2, 2)),
    "tanhm": (sl.tanhm, STABLE),
    "sinm complex": (sl.sinm, STABLE + 0.1j * draw(3, 3, seed=7)),
    "tanm complex": (sl.tanm, STABLE + 0.1j * draw(3, 3, seed=7)),
    "signm": (sl.signm, A - 3 * np.eye(3)),
}
ROOTS: dict[str, tuple[Any, ...]] = {
    "logm": (sl.logm, A),
    "logm rotating": (sl.logm, TURNING),
    "logm a stack": (sl.logm, B),
    "logm complex": (sl.logm, C),
    "logm negative": (sl.logm, -A),
    "sqrtm": (sl.sqrtm, A),
    "sqrtm rotating": (sl.sqrtm, TURNING),
    "sqrtm a stack": (sl.sqrtm, B),
    "sqrtm complex": (sl.sqrtm, C),
    "sqrtm negative": (sl.sqrtm, -A),
    "sqrtm of one": (sl.sqrtm, np.array([[0.7]])),
    "fractional_matrix_power": (lambda a: sl.fractional_matrix_power(a, 0.3), A),
    "fractional_matrix_power of a stack": (lambda a: sl.fractional_matrix_power(a, -1.3), B),
    "fractional_matrix_power whole": (lambda a: sl.fractional_matrix_power(a, 3), A),
    "fractional_matrix_power complex": (lambda a: sl.fractional_matrix_power(a, 0.3), C),
    "fractional_matrix_power rotating": (lambda a: sl.fractional_matrix_power(a, 0.3), TURNING),
    "fractional_matrix_power in the exponent": (sl.fractional_matrix_power, A, 0.3),
    "funm": (lambda a: sl.funm(a, lambda x: np.sin(x) * x), A),
    "funm rotating": (lambda a: sl.funm(a, np.exp), TURNING),
}
FACTORS: dict[str, tuple[Any, ...]] = {
    "lu": (lambda a: sl.lu(a)[1:], A),
    "lu tall": (lambda a: sl.lu(a)[1:], TALL[::-1].copy()),
    "lu wide": (lambda a: sl.lu(a)[1:], WIDE),
    "lu a stack": (lambda a: sl.lu(a)[1:], B[..., ::-1].copy()),
    "lu permuted": (lambda a: sl.lu(a, permute_l=True), A[[1, 2, 0]]),
    "lu complex": (lambda a: sl.lu(a, permute_l=True), C),
    "lu_factor": (lambda a: sl.lu_factor(a)[0], A),
    "lu_factor and lu_solve": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b), A[[1, 2, 0]], V),
    "lu_solve T": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b, trans=1), A[[1, 2, 0]], M),
    "lu_solve C": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b, trans=2), C[[1, 2, 0]], VC),
    "lu_solve a stack": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b), B, M),
    "qr": (lambda a: sl.qr(a), A),
    "qr tall": (lambda a: sl.qr(a)[1], TALL),
    "qr economic": (lambda a: sl.qr(a, mode="economic"), TALL),
    "qr r": (lambda a: sl.qr(a, mode="r")[0], WIDE),
    "qr pivoting": (lambda a: sl.qr(a, pivoting=True, mode="economic")[:2], A),
    "qr complex": (lambda a: sl.qr(a, mode="economic"), regular(4, 3, dtype=complex)),
    "rq": (lambda a: sl.rq(a), A),
    "rq wide": (lambda a: sl.rq(a, mode="economic"), WIDE),
    "rq tall": (lambda a: sl.rq(a), TALL[::-1].copy()),
    "rq full": (lambda a: sl.rq(a, mode="r"), WIDE),
    "rq complex": (lambda a: sl.rq(a), C),
    "rq a stack": (lambda a: sl.rq(a), B),
    "qr_multiply": (lambda a, c: sl.qr_multiply(a, c), TALL, draw(3, 4)),
    "qr_multiply left": (lambda a, c: sl.qr_multiply(a, c, mode="left"), TALL, draw(2)),
    "qr_multiply right": (lambda a, c: sl.qr_multiply(a, c, pivoting=True)[:2], A, V),
    "svd": (lambda a: (columns(sl.svd(a)[0]), sl.svd(a)[1]), A),
    "svd thin": (lambda a: columns(sl.svd(a, full_matrices=False)[0]), TALL),
    "svdvals": (sl.svdvals, B),
    "svd without vectors": (lambda a: sl.svd(a, compute_uv=False), WIDE),
    "polar": (sl.polar, A),
    "polar left": (lambda a: sl.polar(a, side="left"), A),
    "polar tall": (sl.polar, TALL),
    "polar wide": (lambda a: sl.polar(a, side="left"), WIDE),
    "polar complex": (sl.polar, C),
    "polar of equal values": (sl.polar, np.eye(3)),
    "polar a stack": (sl.polar, B),
    "orthogonal_procrustes": (sl.orthogonal_procrustes, TALL, regular(4, 2, seed=3)),
    "subspace_angles": (sl.subspace_angles, TALL, draw(4, 1, seed=3)),
}
EIGENVALUES: dict[str, tuple[Any, ...]] = {
    "eig": (lambda a: sl.eig(a), A),
    "eig rotating": (lambda a: sl.eig(a), TURNING),
    "eig left": (lambda a: (sl.eig(a, left=True)[0], columns(sl.eig(a, left=True, right=False)[1])), A),
    "eig both": (lambda a: columns(sl.eig(a, left=True)[1]) @ columns(sl.eig(a, left=True)[2]), TURNING),
    "eig generalised": (lambda a, b: sl.eig(a, b)[0], A, A2),
    "eig generalised vectors": (lambda a, b: columns(sl.eig(a, b)[1]), A, A2),
    "eig generalised complex": (
        lambda a, b: columns(sl.eig(a, b)[1]),
        C,
        regular(3, 3, seed=4, dtype=complex),
    ),
    "eigvals": (sl.eigvals, TURNING),
    "eigvals generalised": (sl.eigvals, A, A2),
    "eigh": (lambda a: (sl.eigh(hermitian(a))[0], columns(sl.eigh(hermitian(a))[1])), A),
    "eigh a stack": (lambda a: columns(sl.eigh(hermitian(a), lower=False, driver="evd")[1]), B),
    "eigh some": (lambda a: columns(sl.eigh(hermitian(a), subset_by_index=[1, 2])[1]), A),
    "eigh between": (lambda a: sl.eigh(hermitian(a), subset_by_value=[3.0, 9.0], eigvals_only=True), A),
    "eigvalsh": (lambda a: sl.eigvalsh(hermitian(a)), C),
    "eigh_tridiagonal": (
        lambda d, e: (sl.eigh_tridiagonal(d, e)[0], columns(sl.eigh_tridiagonal(d, e)[1])),
        np.array([1.0, 3.0, 6.0, 7.0]),
        draw(3),
    ),
    "eigvalsh_tridiagonal": (
        lambda d, e: sl.eigvalsh_tridiagonal(d, e, select="i", select_range=(1, 2)),
        np.array([1.0, 3.0, 6.0, 7.0]),
        draw(3),
    ),
    "eig_banded": (
        lambda x: (sl.eig_banded(x)[0], columns(sl.eig_banded(x)[1])),
        draw(3, 4) + np.array([[0.0], [0.0], [1.0]]) * np.arange(4),
    ),
    "eigvals_banded": (
        lambda x: sl.eigvals_banded(x, lower=True),
        draw(2, 4) + np.array([[1.0], [0.0]]) * np.arange(4),
    ),
}
NEAR_ONE = np.eye(3) + draw(3, 3, seed=12) / 20
INPUT = regular(3, 2, seed=2)
Q, R = hermitian(regular(3, 3, seed=6)), hermitian(regular(2, 2, seed=7))
EQUATIONS: dict[str, tuple[Any, ...]] = {
    "solve_sylvester": (sl.solve_sylvester, A, regular(2, 2), M),
    "solve_sylvester complex": (sl.solve_sylvester, C, A + 0j, C),
    "solve_sylvester a stack": (sl.solve_sylvester, B, A, B),
    "solve_continuous_lyapunov": (sl.solve_continuous_lyapunov, A, A2),
    "solve_continuous_lyapunov complex": (sl.solve_continuous_lyapunov, C, C),
    "solve_lyapunov": (sl.solve_lyapunov, A, A2),
    "solve_discrete_lyapunov": (sl.solve_discrete_lyapunov, STABLE, A2),
    "solve_discrete_lyapunov complex": (sl.solve_discrete_lyapunov, STABLE * (0.6 + 0.4j), C),
    "solve_discrete_lyapunov bilinear": (
        lambda a, q: sl.solve_discrete_lyapunov(a, q, method="bilinear"),
        STABLE,
        A2,
    ),
    "solve_continuous_are": (
        lambda a, b, q, r: sl.solve_continuous_are(a, b, hermitian(q), hermitian(r)),
        *(STABLE, INPUT, Q, R),
    ),
    "solve_continuous_are with e and s": (
        lambda a, b, e, s: sl.solve_continuous_are(a, b, Q, R, e, s, balanced=False),
        *(STABLE, INPUT, NEAR_ONE, draw(3, 2, seed=8) / 9),
    ),
    "solve_discrete_are": (
        lambda a, b, q, r: sl.solve_discrete_are(a, b, hermitian(q), hermitian(r)),
        *(STABLE, INPUT, Q, R),
    ),
    "solve_discrete_are with e and s": (
        lambda a, b, e, s: sl.solve_discrete_are(a, b, Q, R, e, s, balanced=False),
        *(STABLE, INPUT, NEAR_ONE, draw(3, 2, seed=8) / 9),
    ),
}
SPECIAL: dict[str, tuple[Any, ...]] = {
    "toeplitz": (sl.toeplitz, V),
    "toeplitz row": (sl.toeplitz, V, draw(4)),
    "toeplitz complex": (sl.toeplitz, VC),
    "toeplitz a stack": (sl.toeplitz, M, draw(3, 4)),
    "circulant": (sl.circulant, V),
    "hankel": (sl.hankel, V),
    "hankel row": (sl.hankel, V, draw(4)),
    "block_diag": (sl.block_diag, A, M, V),
    "companion": (sl.companion, V),
    "leslie": (sl.leslie, V, draw(2)),
    "fiedler": (sl.fiedler, V),
    "fiedler_companion": (sl.fiedler_companion, draw(4)),
    "convolution_matrix": (lambda a: sl.convolution_matrix(a, 4), V),
    "convolution_matrix same": (lambda a: sl.convolution_matrix(a, 4, mode="same"), V),
    "khatri_rao": (sl.khatri_rao, M, draw(2, 2)),
    "diagsvd": (lambda s: sl.diagsvd(s, 3, 4), V),
}
EVERY = {**SOLVING, **POSITIVE, **FUNCTIONS, **ROOTS, **FACTORS, **EIGENVALUES, **EQUATIONS, **SPECIAL}


BY_VALUE = {"eigh between", "fiedler_companion"}
"""What asks for values, and so has no batch."""


def tupled(function: Any) -> Any:
    """SciPy gives several results of a stack as a list."""

    def call(*args: Any) -> Any:
        found = function(*args)
        return tuple(found) if isinstance(found, list) else found

    return call


@pytest.mark.parametrize("name", EVERY)
def test_function(name: str) -> None:
    function, *operands = EVERY[name]
    results = function(*operands)
    parts = results if isinstance(results, tuple | list) else (results,)
    is_real = not any(map(np.iscomplexobj, (*operands, *parts)))
    agrees(tupled(function), *operands, batch=False, stage=False, second=is_real)
    value, _ = vjp(lambda *args: (function(*args),), *operands)
    assert type(value[0]) is type(results) or np.ndim(results) == 0


@pytest.mark.parametrize("name", sorted(set(EVERY) - BY_VALUE))
def test_in_a_batch(name: str) -> None:
    function, *operands = EVERY[name]
    scales = (1.0, 1.25)
    batches = [np.stack([k * np.asarray(x) for k in scales]) for x in operands]
    got = vmap(function)(*batches)
    for i, k in enumerate(scales):
        want = function(*(k * x for x in operands))
        parts = [g[i] for g in got] if isinstance(want, tuple | list) else got[i]
        same(parts, want, f"example {i} of a batch", rtol=1e-11)
