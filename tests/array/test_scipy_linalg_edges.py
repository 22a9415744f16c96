"""`scipy.linalg` at its edges: singular matrices, equal eigenvalues, complex results of real matrices, bases,
narrow dtypes, staged functions, what is refused.
"""

from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from tests.array.agreeing import agrees, close, difference, draw, same
from tests.array.test_scipy_linalg import BAND, BY_VALUE, EVERY, A, B, C, V, columns, hermitian, regular

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.jacobians import jacobian
from adjoint.api.vectorize import vmap
from adjoint.errors import DerivativeError, TraceError

# --- functions of matrices at equal, zero and negative eigenvalues ------------------------------


@pytest.mark.parametrize("function", [sl.expm, sl.logm, sl.sqrtm, sl.sinhm, sl.cosm])
@pytest.mark.parametrize("x", [2 * np.eye(3), np.array([[2.0, 1.0], [0.0, 2.0]])], ids=["equal", "defective"])
def test_equal_eigenvalues_do_no_harm(function: Any, x: Any) -> None:
    agrees(function, x, second=True, batch=False, stage=False)


def test_exponential_at_zero_is_the_identity_to_first_order() -> None:
    move = draw(3, 3)
    np.testing.assert_allclose(jvp(sl.expm, (np.zeros((3, 3)),), (move,))[1], move, rtol=1e-14)
    hess = jvp(lambda x: jvp(sl.expm, (x,), (move,))[1], (np.zeros((3, 3)),), (move,))[1]
    np.testing.assert_allclose(hess, move @ move, rtol=1e-13)


def test_third_derivative_of_the_exponential() -> None:
    x, move = draw(3, 3) / 3, draw(3, 3, seed=1)

    def second(x: Any) -> Any:
        return jvp(lambda y: jvp(sl.expm, (y,), (move,))[1], (x,), (move,))[1]

    (want,) = difference(lambda h: second(x + h * move))
    close(jvp(second, (x,), (move,))[1], want, "the third derivative", 1e-8)


def test_expm_frechet_is_the_derivative_of_expm() -> None:
    x, move = draw(3, 3), draw(3, 3, seed=1)
    np.testing.assert_allclose(
        jvp(sl.expm, (x,), (move,))[1], sl.expm_frechet(x, move, compute_expm=False), rtol=1e-12
    )


@pytest.mark.parametrize("name", ["expm", "logm"])
def test_large_matrices(name: str) -> None:
    function = getattr(sl, name)
    x, move = np.eye(60) * 2 + draw(60, 60) / 40, draw(60, 60, seed=1)
    (want,) = difference(lambda h: function(x + h * move / 10))
    close(jvp(function, (x,), (move / 10,))[1], want, name, 1e-7)


def test_square_root_of_singular_matrices() -> None:
    assert grad(lambda x: sl.sqrtm(x)[0, 0])(np.array([[0.0]])) == np.inf
    with pytest.warns(sl.LinAlgWarning):
        slope = grad(lambda x: np.sum(sl.sqrtm(x)))(np.zeros((2, 2)))
    assert np.isnan(slope).all()


@pytest.mark.parametrize("function", [sl.logm, sl.sqrtm, lambda x: sl.fractional_matrix_power(x, 0.4)])
def test_complex_results_of_real_matrices(function: Any) -> None:
    """Decided by the matrix, as SciPy does; in a batch by all of them; the gradient of a real one is real."""
    for x in (A, -A):
        value, pull = vjp(function, x)
        same(value, function(x), "the value")
        assert pull(np.ones_like(value))[0].dtype == np.float64
    both = vmap(function)(np.stack([A, -A]))
    assert both.dtype == np.complex128
    np.testing.assert_allclose(both[1], function(-A), rtol=1e-12)


def test_staged_functions_of_real_matrices_are_real() -> None:
    program = trace(sl.sqrtm)(A)
    np.testing.assert_allclose(program(A), sl.sqrtm(A), rtol=1e-12)
    assert np.isnan(program(-A)).all()


def test_power_of_a_traced_exponent() -> None:
    def power(t: Any) -> Any:
        return sl.fractional_matrix_power(A, t)

    (want,) = difference(lambda h: power(0.3 + h))
    close(jvp(power, (0.3,), (1.0,))[1], want, "in the exponent", 1e-8)
    np.testing.assert_allclose(jacobian(power)(1e-300), sl.logm(A), rtol=1e-9)


def test_sign_and_function_of_eigenvalues_agree() -> None:
    x = A - 3 * np.eye(3)
    np.testing.assert_allclose(grad(lambda x: np.trace(sl.signm(x)))(x), np.zeros((3, 3)), atol=1e-13)
    slope = grad(lambda x: np.sum(sl.funm(x, np.exp)))(A)
    np.testing.assert_allclose(slope, grad(lambda x: np.sum(sl.expm(x)))(A), rtol=1e-10)


# --- decompositions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.sin(sl.cholesky(x))),
        lambda x: np.sum(np.sin(sl.eigvalsh(x, lower=False))),
        lambda x: np.sum(np.sin(sl.solve(x, V, assume_a="pos"))),
        lambda x: np.sum(np.sin(sl.inv(x, assume_a="pos", lower=True))),
        lambda x: np.sum(np.sin(sl.eigvalsh(A + A.T, x))),
        lambda x: np.sum(np.sin(sl.pinvh(x))),
    ],
)
def test_the_derivative_is_symmetric(function: Any) -> None:
    x = hermitian(regular(3, 3, seed=4))
    found = grad(function)(x)
    np.testing.assert_allclose(found, found.T, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(found, grad(lambda x: function(hermitian(x)))(x), rtol=1e-10, atol=1e-13)


def test_singular_matrices_raise_as_scipys_do() -> None:
    singular = np.diag([1.0, 0.0, 2.0])
    for function in (
        lambda x: sl.solve_triangular(x, V),
        lambda x: sl.inv(x),
        lambda x: sl.solve(x, V),
        lambda x: sl.cholesky(x - np.eye(3)),
        lambda x: sl.solve_banded((0, 0), np.diagonal(x)[None], V),
    ):
        with pytest.raises(np.linalg.LinAlgError):
            function(singular)
        with pytest.raises(np.linalg.LinAlgError):
            vjp(function, singular)


def test_lu_of_a_singular_matrix_has_a_value() -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    value, pull = vjp(lambda x: sl.lu(x)[2], singular)
    same(value, sl.lu(singular)[2], "the value")
    assert np.isnan(pull(np.ones((2, 2)))[0]).any()
    np.testing.assert_allclose(grad(sl.det)(singular), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-14)


def test_permutations_of_lu() -> None:
    x = A[[1, 2, 0]]
    for options in ({}, {"p_indices": True}):
        got = vjp(lambda x, o=options: sl.lu(x, **o), x)[0]
        same(got, sl.lu(x, **options), "P, L, U")
    packed, pivots = vjp(sl.lu_factor, x)[0]
    same((packed, pivots), sl.lu_factor(x), "LU and pivots")
    got = vmap(lambda x: sl.lu(x))(np.stack([x, A]))
    same(tuple(g[0] for g in got), sl.lu(x), "P, L, U in a batch")
    got = vmap(lambda x, b: sl.lu_solve(sl.lu_factor(x), b))(np.stack([x, A]), np.stack([V, V]))
    np.testing.assert_allclose(got, [np.linalg.solve(x, V), np.linalg.solve(A, V)], rtol=1e-12)


def test_left_and_right_eigenvectors_are_scipys() -> None:
    for x in (A, C, A + np.roll(A, 1, 0) * 3):
        for options in ({"left": True}, {"left": True, "right": False}, {"right": False}, {}):
            same(vjp(lambda x, o=options: sl.eig(x, **o), x)[0], sl.eig(x, **options), f"eig {options}")
        same(vjp(lambda x: sl.eig(x, A, left=True), x)[0], sl.eig(x, A, left=True), "generalised")


def test_polar_and_procrustes_at_rotations() -> None:
    """Where all singular values are equal, as near to rotations, `svd` itself has no derivative."""
    turn = sl.expm(np.array([[0.0, 1.0, 0.2], [-1.0, 0.0, 0.5], [-0.2, -0.5, 0.0]]))
    agrees(lambda x: sl.polar(x), turn, second=True, batch=False, stage=False)
    agrees(lambda x: sl.orthogonal_procrustes(x, turn)[0], np.eye(3), second=True, batch=False, stage=False)


SPANNED = np.array([[1.0, 2.0], [0.5, 1.0], [2.0, 4.0]])


@pytest.mark.parametrize("function", [sl.orth, sl.null_space])
def test_bases(function: Any) -> None:
    """The projector on the span, at full rank; the value is SciPy's."""
    wide, tall = regular(2, 4), regular(4, 2)
    x = tall if function is sl.orth else wide

    def projector(x: Any) -> Any:
        basis = function(x)
        return basis @ np.conj(basis.T)

    agrees(projector, x, second=True, batch=False, stage=False)
    agrees(projector, x + 0.3j * draw(*x.shape, seed=3), batch=False, stage=False)
    same(vjp(function, x)[0], function(x), "the basis")
    same(vjp(function, SPANNED)[0], function(SPANNED), "the basis of one direction", rtol=1e-11)
    got = vmap(projector)(np.stack([x, 2 * x + 0.1]))
    np.testing.assert_allclose(got[1], projector(2 * x + 0.1), atol=1e-12)
    with pytest.raises(TraceError, match="the rank"):
        trace(function)(x)


def test_bases_along_matrices_of_one_rank() -> None:
    def projector(v: Any) -> Any:
        basis = sl.orth(np.outer(v, v[:2]))
        return basis @ basis.T

    agrees(projector, V, second=True, batch=False, stage=False)


# --- more ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize(
    "function",
    [
        *(sl.expm, sl.logm, sl.sqrtm, sl.inv, sl.det, sl.cosm, sl.pinv, sl.signm, sl.tanhm),
        *(lambda x: sl.fractional_matrix_power(x, 0.3), lambda x: sl.lstsq(x, x[0])[0], sl.svdvals),
        *(lambda x: sl.solve_toeplitz(x[0], x[1]), sl.pinvh, lambda x: sl.expm_frechet(x, x), sl.polar),
        *(lambda x: sl.lu(x)[1:], lambda x: sl.qr(x, mode="economic"), sl.polar),
        *(lambda x: sl.solve_triangular(x, x), lambda x: sl.solve_sylvester(x, x, x)),
        *(lambda x: columns(sl.eigh(hermitian(x))[1]), lambda x: sl.cholesky(hermitian(x))),
    ],
)
@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")
def test_narrow_dtypes_stay(function: Any, dtype: Any) -> None:
    x = regular(3, 3, dtype=np.complex128 if dtype is np.complex64 else np.float64)
    want = function(x.astype(dtype))
    value, pull = vjp(function, x.astype(dtype))
    same(value, want, "the value", rtol=2e-5)
    seeds = [np.ones_like(v) for v in (value if isinstance(value, tuple) else (value,))]
    (found,) = pull(tuple(seeds) if isinstance(value, tuple) else seeds[0])
    wide = vjp(function, x)[1]
    seeds = [s.astype(x.dtype if s.dtype.kind == "c" or x.dtype.kind == "f" else np.float64) for s in seeds]
    (expected,) = wide(tuple(seeds) if isinstance(value, tuple) else seeds[0])
    assert found.dtype == dtype
    close(found, expected, "the gradient", 5e-4)


def test_integers_and_lists() -> None:
    same(vjp(lambda b: sl.solve([[2, 1], [1, 3]], b), V[:2])[0], sl.solve([[2, 1], [1, 3]], V[:2]), "solve")
    found = vjp(lambda x: sl.expm([[x, 0.0], [1.0, x]]), 0.5)[0]
    same(found, sl.expm([[0.5, 0.0], [1.0, 0.5]]), "expm of a list")


def test_operands_are_not_overwritten() -> None:
    a, b = A.copy(), V.copy()
    grad(lambda a, b: np.sum(sl.solve(a, b, overwrite_a=True, overwrite_b=True)) + np.sum(a), (0, 1))(a, b)
    np.testing.assert_array_equal(a, A)
    np.testing.assert_array_equal(b, V)


def test_not_finite() -> None:
    x = np.array([[np.nan, 1.0], [1.0, 2.0]])
    with pytest.raises(ValueError, match="infs or NaNs"):
        vjp(lambda x: sl.inv(x), x)
    assert np.isnan(vjp(lambda x: sl.solve_triangular(x, V[:2], lower=True, check_finite=False), x)[0]).any()


def test_questions_have_plain_answers() -> None:
    def f(x: Any) -> Any:
        assert sl.bandwidth(np.triu(x)) == (0, 2)
        assert not sl.issymmetric(x)
        assert sl.ishermitian(x + x.T)
        return np.sum(x)

    np.testing.assert_array_equal(grad(f)(A), np.ones((3, 3)))


@pytest.mark.parametrize("name", ["schur", "hessenberg", "ldl", "expm_cond", "matrix_balance"])
def test_refused_with_a_reason(name: str) -> None:
    with pytest.raises(DerivativeError, match=name):
        vjp(lambda x: getattr(sl, name)(x), A)


def test_empty_matrices() -> None:
    empty = np.zeros((0, 0))
    for function in (sl.expm, sl.sqrtm, sl.inv, sl.det, sl.lu_factor):
        value, _ = vjp(lambda x, f=function: (f(x),), empty)
        assert np.shape(value[0][0] if isinstance(value[0], tuple) else value[0]) in ((), (0, 0))


STAGED = sorted(
    name
    for name in set(EVERY) - BY_VALUE
    if not any(part in name for part in ("eig", "negative", "rotating", "funm", "lu_factor", "block_diag"))
    and not name.startswith(("companion", "subspace", "norm 2", "hankel"))
)


@pytest.mark.parametrize("name", STAGED)
def test_staged(name: str) -> None:
    function, *operands = EVERY[name]
    want = function(*operands)
    got = trace(lambda *args: function(*args))(*operands)(*operands)
    same(tuple(got) if isinstance(want, tuple | list) else got, want, name, rtol=1e-11)


def test_a_stack_of_bands() -> None:
    bands = np.stack([BAND, 2 * BAND])
    got = jacobian(lambda ab: sl.solve_banded((1, 1), ab, np.ones(4)))(bands)
    assert got.shape == (2, 4, 2, 3, 4)
    assert not got[0, :, 1].any()
    assert B.shape == (2, 3, 3)
