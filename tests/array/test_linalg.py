"""Solving, inverses and determinants: NumPy's functions on traced arrays, against NumPy, differences and
formulas; singular matrices.
"""

import itertools
from typing import Any

import numpy as np
import pytest
from tests.array.agreeing import agrees, draw

from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.jacobians import hessian, jacobian
from adjoint.api.vectorize import vmap

LinAlgError = np.linalg.LinAlgError


def regular(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    return draw(*shape, seed=seed, dtype=dtype) / 3 + 2 * np.eye(*shape[-2:]).astype(dtype)


A, B, C = regular(3, 3), regular(2, 3, 3, seed=1), regular(3, 3, dtype=complex)
APART = A @ np.diag([1.0, 2.0, 4.0])
TALL, WIDE = regular(4, 2), regular(2, 3)
FLAT = draw(4, 2) @ draw(2, 3, seed=1)

CASES: dict[str, tuple[Any, ...]] = {
    "solve": (np.linalg.solve, A, draw(3, 2)),
    "solve a vector": (np.linalg.solve, A, draw(3)),
    "solve a stack": (np.linalg.solve, B, draw(2, 3, 2)),
    "solve a stack of one vector": (np.linalg.solve, B, draw(3)),
    "solve stacks that broadcast": (np.linalg.solve, regular(2, 1, 2, 2), draw(3, 2, 4)),
    "solve one matrix with a stack": (np.linalg.solve, A, draw(4, 2, 3, 2)),
    "solve complex": (np.linalg.solve, C, draw(3, 2, dtype=complex)),
    "solve real with complex": (np.linalg.solve, A, draw(3, 2, dtype=complex)),
    "inv": (np.linalg.inv, A),
    "inv of a stack": (np.linalg.inv, B),
    "inv complex": (np.linalg.inv, C),
    "a negative power": (lambda x: np.linalg.matrix_power(x, -3), A),
    "tensorsolve": (np.linalg.tensorsolve, regular(6, 6).reshape(2, 3, 6), draw(2, 3)),
    "tensorsolve axes": (
        lambda a, b: np.linalg.tensorsolve(a, b, axes=(0,)),
        regular(6, 6).reshape(6, 3, 2),
        draw(3, 2),
    ),
    "tensorinv": (np.linalg.tensorinv, regular(6, 6).reshape(2, 3, 6)),
    "tensorinv 1": (lambda x: np.linalg.tensorinv(x, ind=1), regular(6, 6).reshape(6, 3, 2)),
    "pinv tall": (np.linalg.pinv, TALL),
    "pinv wide": (np.linalg.pinv, WIDE),
    "pinv square": (np.linalg.pinv, A),
    "pinv of a stack": (lambda x: np.linalg.pinv(x, rcond=np.array([1e-9, 1e-8])), B[:, :2]),
    "pinv complex": (np.linalg.pinv, regular(3, 2, dtype=complex)),
    "pinv rtol": (lambda x: np.linalg.pinv(x, rtol=None), TALL),
    "pinv hermitian": (lambda x: np.linalg.pinv(x + x.T, hermitian=True), A),
    "lstsq tall": (lambda a, b: np.linalg.lstsq(a, b)[0], TALL, draw(4)),
    "lstsq tall, many": (lambda a, b: np.linalg.lstsq(a, b)[0], TALL, draw(4, 3)),
    "lstsq wide": (lambda a, b: np.linalg.lstsq(a, b)[0], WIDE, draw(2)),
    "lstsq complex": (
        lambda a, b: np.linalg.lstsq(a, b)[0],
        regular(4, 2, dtype=complex),
        draw(4, dtype=complex),
    ),
    "lstsq residuals": (lambda a, b: np.linalg.lstsq(a, b)[1], TALL, draw(4, 2)),
    "lstsq singular values": (lambda a: np.linalg.lstsq(a, draw(4))[3], TALL),
    "det": (np.linalg.det, A),
    "det of order 4": (np.linalg.det, regular(4, 4)),
    "det of a stack": (np.linalg.det, B),
    "det complex": (np.linalg.det, C),
    "slogdet": (lambda x: np.linalg.slogdet(x)[1], A),
    "slogdet of a stack": (lambda x: np.linalg.slogdet(x).logabsdet, B),
    "slogdet complex": (lambda x: tuple(np.linalg.slogdet(x)), C),
    "cond": (np.linalg.cond, APART),
    "cond -2": (lambda x: np.linalg.cond(x, -2), TALL),
    "cond 1": (lambda x: np.linalg.cond(x, 1), A),
    "cond -1": (lambda x: np.linalg.cond(x, -1), A),
    "cond inf": (lambda x: np.linalg.cond(x, np.inf), B),
    "cond -inf": (lambda x: np.linalg.cond(x, -np.inf), A),
    "cond fro": (lambda x: np.linalg.cond(x, "fro"), A),
    "cond nuc": (lambda x: np.linalg.cond(x, "nuc"), A),
    "norm 2": (lambda x: np.linalg.norm(x, 2), TALL),
    "norm -2": (lambda x: np.linalg.norm(x, -2), TALL),
    "norm nuc": (lambda x: np.linalg.norm(x, "nuc"), A),
    "norm nuc of axes": (lambda x: np.linalg.norm(x, "nuc", axis=(2, 0), keepdims=True), draw(2, 2, 3)),
    "matrix_norm 2": (lambda x: np.linalg.matrix_norm(x, ord=2), np.stack([APART, APART.T + 1])),
    "norm nuc complex": (lambda x: np.linalg.norm(x, "nuc"), C),
}


@pytest.mark.parametrize("name", CASES)
def test_function(name: str) -> None:
    function, *arrays = CASES[name]
    known = name in ("lstsq residuals",)  # how many there are depends on the rank
    agrees(
        function,
        *arrays,
        second=not np.iscomplexobj(arrays[0]) and len(arrays) == 1,
        stage=not known,
        batch=not known,
    )


@pytest.mark.parametrize(
    "name", [n for n, (_, *arrays) in CASES.items() if len(arrays) == 2 and "complex" not in n]
)
def test_second_derivative_in_two_arguments(name: str) -> None:
    function, *arrays = CASES[name]
    agrees(function, *arrays, second=True, batch=False, stage=False)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_narrow_dtypes_stay(dtype: Any) -> None:
    a, b = regular(3, 3, dtype=dtype), draw(3, 2, dtype=dtype)
    agrees(np.linalg.solve, a, b)
    for function in (np.linalg.inv, np.linalg.det, np.linalg.pinv):
        agrees(function, a)
    agrees(lambda a, b: np.linalg.lstsq(a, b)[0], a[:, :2], b)


def test_promotion_is_numpys() -> None:
    singles, integers = regular(2, 2).astype(np.float32), np.array([[1, 2], [3, 5]])
    for a, b in ((singles, draw(2)), (integers, singles), (singles, np.ones(2, np.complex64))):
        assert vjp(np.linalg.solve, singles, b)[0].dtype == np.linalg.solve(singles, b).dtype
        value, pull = vjp(lambda s, a=a, b=b: np.linalg.solve(a, b) + s, 1.0)
        assert value.dtype == np.linalg.solve(a, b).dtype
        assert pull(np.ones_like(value))[0] == value.size
    with pytest.raises(TypeError, match="float16 is unsupported"):
        grad(lambda x: np.linalg.det(x))(np.eye(2, dtype=np.float16))


def test_identities() -> None:
    for x in (A, B, C):
        eye = np.broadcast_to(np.eye(3), x.shape)
        value, tangent = jvp(lambda x: x @ np.linalg.inv(x), (x,), (draw(*x.shape, seed=7, dtype=x.dtype),))
        np.testing.assert_allclose(value, eye, atol=1e-14)
        np.testing.assert_allclose(tangent, 0, atol=1e-14)
    np.testing.assert_allclose(grad(np.linalg.det)(A), np.linalg.det(A) * np.linalg.inv(A).T, rtol=1e-13)
    np.testing.assert_allclose(grad(lambda x: np.linalg.slogdet(x)[1])(A), np.linalg.inv(A).T, rtol=1e-13)
    _, pull = vjp(np.linalg.inv, A)
    x = np.linalg.inv(A)
    np.testing.assert_allclose(pull(A)[0], -x.T @ A @ x.T, rtol=1e-13)


def test_numpys_tuples() -> None:
    found = vjp(np.linalg.slogdet, A)[0]
    assert type(found) is type(np.linalg.slogdet(A))
    assert found.sign == 1.0


# --- determinants of singular matrices -----------------------------------------------------------


def minor(x: Any, rows: Any, columns: Any) -> float:
    """The determinant without these rows and columns, by Leibniz's formula."""
    left = np.delete(np.delete(x, rows, 0), columns, 1)
    n = len(left)
    total = 0.0
    for order in itertools.permutations(range(n)):
        sign = np.linalg.det(np.eye(n)[list(order)]).round() if n else 1.0
        total += sign * np.prod([left[i, j] for i, j in enumerate(order)])
    return total


def cofactors(x: Any) -> Any:
    n = len(x)
    return np.array([[(-1) ** (i + j) * minor(x, [i], [j]) for j in range(n)] for i in range(n)])


def second_cofactors(x: Any) -> Any:
    n = len(x)
    out = np.zeros((n,) * 4)
    for i, j, k, m in itertools.product(range(n), repeat=4):
        if i != k and j != m:
            sign = (-1) ** (i + j + k + m) * (1 if (k > i) == (m > j) else -1)
            out[i, j, k, m] = sign * minor(x, [i, k], [j, m])
    return out


def _of_rank(n: int, rank: int) -> Any:
    rng = np.random.default_rng([n, rank])
    return rng.integers(-3, 4, (n, rank)).astype(float) @ rng.integers(-3, 4, (rank, n)).astype(float)


SINGULAR = [
    *(_of_rank(n, rank) for n in (1, 2, 3, 4, 5) for rank in range(n)),
    np.diag([1.0, 2.0, 0.0, 3.0]),
    np.diag([1.0, 0.0, 0.0, 3.0]),
    np.ones((4, 4)),
]


@pytest.mark.parametrize("x", SINGULAR, ids=lambda x: f"{len(x)}-{np.linalg.matrix_rank(x)}")
def test_det_of_singular_matrices(x: Any) -> None:
    scale = max(1.0, np.abs(x).max()) ** (len(x) - 1)
    first, second = cofactors(x), second_cofactors(x)
    np.testing.assert_allclose(grad(np.linalg.det)(x), first, rtol=1e-12, atol=1e-13 * scale)
    tangents = np.eye(x.size).reshape(x.size, *x.shape)
    forward = [jvp(np.linalg.det, (x,), (t,))[1] for t in tangents]
    np.testing.assert_allclose(np.reshape(forward, x.shape), first, rtol=1e-12, atol=1e-13 * scale)
    np.testing.assert_allclose(hessian(np.linalg.det)(x), second, rtol=1e-12, atol=1e-12 * scale)
    twice = jacobian(grad(np.linalg.det))(x)
    np.testing.assert_allclose(twice, second, rtol=1e-12, atol=1e-12 * scale)
    reverse = [grad(lambda v, t=t: np.sum(grad(np.linalg.det)(v) * t))(x) for t in tangents]
    np.testing.assert_allclose(np.reshape(reverse, second.shape), second, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("n", [2, 3])
def test_det_of_zero_at_every_order(n: int) -> None:
    """det(t A + s B) at 0: the derivative of order n is all there is."""

    def along(t: float) -> Any:
        return np.linalg.det(t * A[:n, :n])

    function: Any = along
    for order in range(n + 2):
        value = function(0.0)
        want = np.linalg.det(A[:n, :n]) * [1, 1, 2, 6][order] if order == n else 0.0
        np.testing.assert_allclose(value, want, rtol=1e-13, atol=1e-13)
        function = grad(function)


def test_third_derivative_of_a_regular_determinant() -> None:
    def along(t: float) -> Any:
        return np.linalg.det(np.eye(5) + t * regular(5, 5))

    third = grad(grad(grad(along)))(0.0)
    coefficients = np.poly(-regular(5, 5))  # det(s I + A) with s = 1 / t
    np.testing.assert_allclose(third, 6 * coefficients[3], rtol=1e-10)


def test_slogdet_of_a_singular_matrix_can_be_masked() -> None:
    def masked(x: Any) -> Any:
        sign, log = np.linalg.slogdet(x)
        return np.sum(np.where(sign != 0, log, 0.0))

    stack = np.stack([np.ones((2, 2)), A[:2, :2]])
    np.testing.assert_allclose(
        grad(masked)(stack), [np.zeros((2, 2)), np.linalg.inv(A[:2, :2]).T], rtol=1e-13
    )
    assert np.isnan(grad(lambda x: np.linalg.slogdet(x)[1])(np.ones((2, 2)))).all()


# --- pseudo-inverses and least squares -----------------------------------------------------------


def test_pinv_of_lower_rank_moves_along_its_rank() -> None:
    left, right = draw(4, 2), draw(2, 3, seed=1)
    agrees(lambda x: np.linalg.pinv(x @ right), left, second=True)
    agrees(lambda x: np.linalg.lstsq(x @ right, draw(4))[0], left, second=True)
    value, rank = vjp(lambda x: np.linalg.lstsq(x @ right, draw(4))[1:3], left)[0]
    assert value.shape == (0,)
    assert rank == 2
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(np.linalg.pinv(x)))(np.zeros((3, 2))), np.zeros((3, 2))
    )


def test_lstsq_solves_the_normal_equations() -> None:
    b = draw(4)

    def direct(a: Any, b: Any) -> Any:
        return np.linalg.solve(a.T @ a, a.T @ b)

    def loss(solver: Any) -> Any:
        return lambda a, b: np.sum(np.sin(solver(a, b)))

    found = grad(loss(lambda a, b: np.linalg.lstsq(a, b)[0]), (0, 1))(TALL, b)
    for g, w in zip(found, grad(loss(direct), (0, 1))(TALL, b), strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-11, atol=1e-13)


def test_lstsq_is_numpys() -> None:
    for a, b in ((TALL, draw(4)), (TALL, draw(4, 2)), (WIDE, draw(2)), (FLAT, draw(4)), (TALL, draw(4, 0))):
        for rcond in (None, -1, 0.5):
            got = vjp(lambda a, b=b, rcond=rcond: np.linalg.lstsq(a, b, rcond)[:2], a)[0]
            want = np.linalg.lstsq(a, b, rcond)
            for g, w in zip(got, want[:2], strict=True):
                assert np.shape(g) == np.shape(w)
                np.testing.assert_allclose(g, w, rtol=1e-12, atol=1e-13)

    def parts(a: Any) -> Any:
        x, residuals, rank, values = np.linalg.lstsq(a, draw(4))
        assert rank == 2
        assert type(rank) is type(np.linalg.lstsq(TALL, draw(4))[2])
        return x.sum() + residuals.sum() + values.sum()

    assert grad(parts)(TALL).shape == TALL.shape


# --- mistakes, and empty arrays ------------------------------------------------------------------


def test_singular_matrices_raise_as_in_numpy() -> None:
    for function in (np.linalg.inv, lambda x: np.linalg.solve(x, np.ones(2))):
        with pytest.raises(LinAlgError, match="Singular"):
            grad(lambda x, f=function: np.sum(f(x)))(np.ones((2, 2)))
        with pytest.raises(LinAlgError, match="Singular"):
            jvp(function, (np.ones((2, 2)),), (np.ones((2, 2)),))


def test_cond_of_singular_matrices() -> None:
    for order in (None, 1, "fro"):
        assert vjp(lambda x, o=order: np.linalg.cond(x, o), np.zeros((2, 2)))[0] == np.inf
    holes = np.array([[np.nan, 1.0], [0.0, 1.0]])
    assert np.isnan(vjp(lambda x: np.linalg.cond(x, 1), holes)[0])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: np.linalg.inv(x[:2]),
        lambda x: np.linalg.det(x[0]),
        lambda x: np.linalg.solve(x[:2], x),
        lambda x: np.linalg.slogdet(x[:2]),
        lambda x: np.linalg.lstsq(x, x[:2]),
        lambda x: np.linalg.lstsq(x, x[None]),
        lambda x: np.linalg.tensorsolve(x, x[:2]),
        lambda x: np.linalg.cond(x[:0]),
        lambda x: np.linalg.cond(x[:2], 1),
    ],
)
def test_mistakes_are_numpys(wrong: Any) -> None:
    with pytest.raises(LinAlgError):
        wrong(A)
    with pytest.raises(LinAlgError):
        vjp(wrong, A)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: np.linalg.solve(x, x[:2]),
        lambda x: np.linalg.solve(x, x[0, 0]),
        lambda x: np.linalg.tensorinv(x, 0),
        lambda x: np.linalg.pinv(x, 1e-3, rtol=1e-3),
        lambda x: np.linalg.norm(x[:0], -2),
        lambda x: np.linalg.norm(x, 3),
    ],
)
def test_mistakes_of_value(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"solve|ind|rtol|zero-size|norm"):
        wrong(A)
    with pytest.raises(ValueError, match=r"solve|ind|rtol|zero-size|norm"):
        vjp(wrong, A)


@pytest.mark.parametrize(
    "function",
    [
        np.linalg.inv,
        np.linalg.det,
        np.linalg.pinv,
        lambda x: np.linalg.slogdet(x)[1],
        lambda x: np.linalg.solve(x, x),
        lambda x: np.linalg.lstsq(x, x)[0],
        lambda x: np.linalg.norm(x, 2),
        lambda x: np.linalg.norm(x, "nuc"),
    ],
)
def test_empty(function: Any) -> None:
    x = np.zeros((0, 0))
    value, pull = vjp(function, x)
    want = function(x)
    assert (np.shape(value), np.asarray(value).dtype) == (np.shape(want), np.asarray(want).dtype)
    np.testing.assert_array_equal(value, want)
    assert pull(value)[0].shape == (0, 0)
    assert np.shape(jvp(function, (x,), (x,))[1]) == np.shape(want)


def test_batches_and_programs_of_programs() -> None:
    stack, sides = regular(4, 3, 3), draw(4, 3)
    got = vmap(lambda a, b: grad(lambda a: np.sum(np.linalg.solve(a, b) ** 2))(a))(stack, sides)
    want = [
        grad(lambda a, b=b: np.sum(np.linalg.solve(a, b) ** 2))(a) for a, b in zip(stack, sides, strict=True)
    ]
    np.testing.assert_allclose(got, want, rtol=1e-12)
    program = trace(lambda a, b: grad(lambda a: np.sum(np.linalg.lstsq(a, b)[0]))(a))(TALL, draw(4))
    np.testing.assert_allclose(
        program(TALL, draw(4)), grad(lambda a: np.sum(np.linalg.lstsq(a, draw(4))[0]))(TALL), rtol=1e-12
    )
