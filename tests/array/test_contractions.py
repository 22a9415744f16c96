"""Contractions: NumPy's functions on traced arrays, against NumPy and differences, to second order."""

from typing import Any

import numpy as np
import pytest
from tests.array.agreeing import agrees, draw, same

from adjoint import dtypes
from adjoint.api.compile import trace
from adjoint.api.derivatives import grad, jvp, vjp
from adjoint.api.vectorize import vmap

SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (1, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 3), (1, 1, 3, 4)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((6, 5, 2, 3), (1, 5, 3, 4)),
    ((1, 1, 2, 3), (3, 4)),
    ((3,), (1, 3, 4)),
    ((2, 0), (0, 3)),
    ((0, 2), (2, 3)),
    ((0, 2, 3), (3, 4)),
    ((4, 2, 0), (4, 0, 3)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
def test_matmul(left: Any, right: Any):
    x, y = draw(*left), draw(*right, seed=1)
    agrees(lambda x, y: x @ y, x, y, batch=0 not in left + right)
    agrees(lambda x: x @ y, x, stage=False)
    agrees(lambda y: x @ y, y, stage=False)
    agrees(np.matmul, x, y, batch=False, stage=False, second=0 not in left + right)


def test_a_stack_times_one_matrix_is_one_product():
    program = trace(np.matmul)(draw(5, 2, 3), draw(3, 4)).program
    products = [e for e in program.equations if e.primitive.name == "matmul"]
    assert [e.outputs[0].aval.shape for e in products] == [(10, 4)]
    assert not any(e.primitive.name == "broadcast" for e in program.equations)


M, N, P, V, W, Q = draw(2, 3), draw(3, 4, seed=1), draw(2, 4, seed=2), draw(3), draw(3, seed=3), draw(2, 3, 4)
C, D = draw(2, 3, dtype=complex), draw(3, 2, seed=1, dtype=complex)

PRODUCTS: dict[str, tuple[Any, ...]] = {
    "dot of vectors": (np.dot, V, W),
    "dot of matrices": (np.dot, M, N),
    "dot of matrix and vector": (np.dot, M, V),
    "dot of numbers": (np.dot, draw(), M),
    "dot of stacks": (np.dot, Q, draw(5, 4, 2, seed=1)),
    "dot of stack and vector": (np.dot, Q, draw(4)),
    "dot method": (lambda x, y: x.dot(y), M, N),
    "vdot": (np.vdot, M, draw(2, 3, seed=1)),
    "vdot complex": (np.vdot, C, draw(2, 3, seed=1, dtype=complex)),
    "inner": (np.inner, M, draw(5, 3)),
    "inner of vectors": (np.inner, V, W),
    "inner with a number": (np.inner, draw(), V),
    "outer": (np.outer, M, V),
    "linalg.outer": (np.linalg.outer, V, draw(4)),
    "tensordot 0": (lambda x, y: np.tensordot(x, y, 0), M, V),
    "tensordot 1": (lambda x, y: np.tensordot(x, y, 1), M, N),
    "tensordot 2": (np.tensordot, Q, draw(3, 4, 2, seed=1)),
    "tensordot axes": (lambda x, y: np.tensordot(x, y, ([0, -1], [1, 0])), Q, draw(4, 2, 5, seed=1)),
    "tensordot an axis": (lambda x, y: np.tensordot(x, y, axes=(1, 0)), Q, N),
    "linalg.tensordot": (lambda x, y: np.linalg.tensordot(x, y, axes=1), M, N),
    "kron": (np.kron, M, N[:2]),
    "kron of vectors": (np.kron, V, W),
    "kron of vector and matrix": (np.kron, V, M),
    "cross": (np.cross, M, V),
    "cross of axes": (lambda x, y: np.cross(x, y, axisa=0, axisb=1, axisc=0), draw(3, 5), draw(5, 3, seed=1)),
    "linalg.cross": (np.linalg.cross, M, draw(2, 3, seed=1)),
    "vecdot": (np.vecdot, Q, draw(3, 4)),
    "vecdot of vectors": (np.vecdot, V, W),
    "vecdot broadcast": (np.vecdot, draw(5, 1, 3), M),
    "vecdot complex": (np.vecdot, C, draw(2, 3, seed=1, dtype=complex)),
    "linalg.vecdot": (lambda x, y: np.linalg.vecdot(x, y, axis=0), M, draw(2, 3, seed=1)),
    "matvec": (np.matvec, Q, draw(2, 4)),
    "matvec of one matrix": (np.matvec, M, draw(5, 3)),
    "matvec of one vector": (np.matvec, Q, draw(4)),
    "vecmat": (np.vecmat, draw(5, 2), M),
    "vecmat of stacks": (np.vecmat, draw(2, 3, dtype=complex), Q.astype(complex)),
    "vecmat of one vector": (np.vecmat, V, Q),
    "linalg.matmul": (np.linalg.matmul, M, N),
    "matmul complex": (np.matmul, C, D),
    "multi_dot": (lambda x, y, z: np.linalg.multi_dot([x, y, z]), M, N, draw(4, 2)),
    "multi_dot of vectors": (lambda x, y, z: np.linalg.multi_dot([x, y, z]), V, N, draw(4)),
    "multi_dot of four": (lambda x, y: np.linalg.multi_dot([x, y, y.T, x.T]), M, N),
    "matrix_power": (lambda x: np.linalg.matrix_power(x, 5), draw(2, 3, 3) / 2),
    "matrix_power 1": (lambda x: np.linalg.matrix_power(x, 1), draw(3, 3)),
    "matrix_power 0": (lambda x: np.linalg.matrix_power(x, 0) * x[..., :1], draw(3, 3)),
    "convolve": (np.convolve, draw(5), V),
    "convolve same": (lambda x, y: np.convolve(x, y, "same"), V, draw(6)),
    "convolve valid": (lambda x, y: np.convolve(x, y, "valid"), draw(6), V),
    "correlate": (np.correlate, draw(6), V),
    "correlate same": (lambda x, y: np.correlate(x, y, "same"), V, draw(6)),
    "correlate same even": (lambda x, y: np.correlate(x, y, "same"), draw(6), draw(4)),
    "correlate full": (lambda x, y: np.correlate(x, y, "full"), C[0], D.T[1, :2]),
    "correlate full swapped": (lambda x, y: np.correlate(x, y, "full"), C[0, :2], D.T[1]),
    "polyval": (np.polyval, V, M),
    "polyval of numbers": (np.polyval, V, draw()),
}


@pytest.mark.parametrize(
    ("function", "arrays"), [pytest.param(f, a, id=name) for name, (f, *a) in PRODUCTS.items()]
)
def test_agrees_with_numpy(function: Any, arrays: Any):
    agrees(function, *arrays, second=all(a.dtype.kind == "f" for a in arrays))


SUMS = [
    ("ij,jk", (2, 3), (3, 4)),
    ("ij,jk->ki", (2, 3), (3, 4)),
    ("ij,kj", (2, 3), (4, 3)),
    ("i,i", (3,), (3,)),
    ("i,i->i", (3,), (3,)),
    ("i,j", (3,), (4,)),
    ("i,j->ji", (3,), (4,)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    ("bij,jk->bik", (5, 2, 3), (3, 4)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("...ij,...jk", (5, 1, 2, 3), (6, 3, 4)),
    ("i...,i...->...", (3, 2), (3, 1)),
    ("...i->...", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iij->ji", (3, 3, 2)),
    ("iii->i", (3, 3, 3)),
    ("ij->ji", (2, 3)),
    ("ji", (2, 3)),
    ("ij->i", (2, 3)),
    ("ij->", (2, 3)),
    ("ij", (2, 3)),
    ("ij,j->i", (2, 1), (3,)),
    ("ijk,ilm,njm,nlk->", (2, 3, 4), (2, 5, 6), (7, 3, 6), (7, 5, 4)),
    ("ij,jk,kl,lm->im", (2, 3), (3, 4), (4, 2), (2, 5)),
    ("ij,jk,ki", (2, 3), (3, 4), (4, 2)),
    ("i,j,k->kji", (2,), (3,), (4,)),
    ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)),
    ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("aij,bij->abi", (2, 3, 4), (5, 3, 4)),
    (",ij->ij", (), (2, 3)),
    ("iij,jk->ik", (3, 3, 2), (2, 4)),
    ("ij,jk", (0, 3), (3, 4)),
    ("ij,jk", (2, 0), (0, 4)),
]


@pytest.mark.parametrize(("text", "shapes"), [pytest.param(t, s, id=t) for t, *s in SUMS])
def test_einsum(text: str, shapes: Any):
    arrays = [draw(*shape, seed=i) for i, shape in enumerate(shapes)]
    full = all(0 not in shape for shape in shapes)
    agrees(lambda *a: np.einsum(text, *a), *arrays, second=full and len(arrays) < 4, batch=full)
    for optimize in (True, "optimal"):
        want = np.einsum(text, *arrays, optimize=optimize)
        value, _ = vjp(lambda *a, how=optimize: np.einsum(text, *a, optimize=how), *arrays)
        same(value, want, f"optimize={optimize}", rtol=1e-11)


def test_einsum_with_lists_of_labels():
    agrees(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), M, N)
    agrees(lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), M, N)
    agrees(lambda x, y: np.einsum(x, [..., 0], y, [..., 0], [...]), M, V)


def test_einsum_path_may_be_given():
    arrays = (M, N, draw(4, 2))
    path = np.einsum_path("ij,jk,kl", *arrays)[0]
    agrees(lambda *a: np.einsum("ij,jk,kl", *a, optimize=path), *arrays)

    def f(*a: Any) -> Any:
        return np.einsum("ij,jk,kl", *a, optimize=np.einsum_path("ij,jk,kl", *a)[0])

    agrees(f, *arrays)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.einsum("ij,jk", x, x),
        lambda x: np.einsum("ij", x, x),
        lambda x: np.einsum("ijk", x),
        lambda x: np.einsum("i->i", x),
        lambda x: np.einsum("ij->ik", x),
        lambda x: np.einsum("ij->ii", x),
        lambda x: np.einsum("i!->i", x),
        lambda x: x @ x,
        lambda x: np.dot(x, x),
        lambda x: np.inner(x, x.T),
        lambda x: np.vdot(x, x[0]),
        lambda x: np.tensordot(x, x, 1),
        lambda x: np.tensordot(x, x, ([0, 1], [0])),
        lambda x: np.vecdot(x, x.T),
        lambda x: np.matvec(x, x[:, 0]),
        lambda x: np.vecmat(x[0], x),
        lambda x: np.linalg.outer(x, x),
        lambda x: np.linalg.matrix_power(x, 2),
        lambda x: np.linalg.multi_dot([x]),
        lambda x: np.linalg.multi_dot([x, x[None], x]),
        lambda x: np.convolve(x, x),
        lambda x: np.matmul(x, 2.0),
    ],
)
def test_misfits_are_errors_as_in_numpy(call: Any):
    with pytest.raises((ValueError, TypeError)):
        call(M)
    with pytest.raises((ValueError, TypeError)):
        grad(lambda x: np.sum(call(x)))(M)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_dtypes_are_kept(dtype: str):
    x, y = M.astype(dtype), N.astype(dtype)
    agrees(lambda x, y: x @ y, x, y)
    agrees(lambda x, y: np.einsum("ij,jk->ki", x, y), x, y)
    agrees(np.kron, x, y[:2])


@pytest.mark.parametrize("pair", [("float32", "float64"), ("float32", "int64"), ("float16", "float32")])
def test_dtypes_promote(pair: Any):
    x, y = M.astype(pair[0]), (4 * N).astype(pair[1])
    for function in (np.matmul, np.dot, lambda x, y: np.einsum("ij,jk", x, y), np.outer, np.tensordot):
        own = (x, y[:2, :3].copy()) if function is np.tensordot else (x, y)
        value, pull = vjp(lambda x, f=function, y=own[1]: f(x, y), own[0])
        want = function(*own)
        same(value, want, str(pair), rtol=1e-6)
        assert pull(np.ones_like(want))[0].dtype == pair[0]


def test_bfloat16_as_numpy_has_it():
    x = np.asarray([[1.0, 2.0], [3.0, 4.0]], dtypes.bfloat16)
    for function in (np.matmul, np.dot, np.inner, np.outer, np.vdot, np.kron, np.vecdot, np.tensordot):
        value, pull = vjp(lambda x, f=function: f(x, x), x)
        want = function(x, x)
        assert value.dtype == want.dtype, function.__name__
        np.testing.assert_array_equal(value.astype(float), want.astype(float))
        assert pull(np.ones_like(want))[0].dtype == dtypes.bfloat16


@pytest.mark.parametrize("spacing", [(), (0.5,), (0.5, draw(4).cumsum() ** 2)])
@pytest.mark.parametrize("edge_order", [1, 2])
def test_gradient(spacing: Any, edge_order: int):
    if spacing and np.ndim(spacing[-1]):
        spacing = (0.5, np.array([0.0, 0.4, 1.1, 1.3]))
    agrees(lambda x: np.gradient(x, *spacing, edge_order=edge_order), N, second=True)
    agrees(lambda x: np.gradient(x, axis=1, edge_order=edge_order), N)
    agrees(lambda x: np.gradient(x, 2.0, axis=(1, 0), edge_order=edge_order), N)
    agrees(lambda x: np.gradient(x[0], np.arange(4.0), edge_order=edge_order), N)


def test_gradient_is_differentiable_in_the_points():
    points = np.array([0.0, 0.4, 1.1, 1.3])
    agrees(lambda y, t: np.gradient(y, t, edge_order=2), N[0], points, second=True, batch=False, stage=False)


def test_interp():
    x, knots = np.array([-1.0, 0.1, 0.7, 2.5, 9.0]), np.array([0.0, 0.5, 2.0, 3.0])
    agrees(np.interp, x, knots, draw(4), second=True, batch=False, stage=False)
    agrees(lambda x, y: np.interp(x, knots, y, left=-1.0, right=2.0), x, draw(4), batch=False, stage=False)
    agrees(lambda x: np.interp(x, [1.0], [2.0]) * x, x, batch=False, stage=False)
    at_knot = grad(lambda x: np.interp(x, knots, knots**2))(0.5)
    assert at_knot == pytest.approx(0.25 / 0.5)  # the smaller of the slopes on either side


def test_infinities_are_ieees():
    x, y = np.array([[np.inf, 1.0]]), np.array([[0.5], [1.0]])
    _, tangent = jvp(lambda y: x @ y, (y,), (np.zeros((2, 1)),))
    _, pull = vjp(lambda y: x @ y, y)
    (found,) = pull(np.zeros((1, 1)))
    assert np.isnan(tangent).all()
    np.testing.assert_array_equal(found, [[np.nan], [0.0]])


def test_matmul_in_place():
    def f(x: Any) -> Any:
        y = x.copy()
        y @= x
        return np.sum(y)

    np.testing.assert_allclose(grad(f)(N[:, :3]), grad(lambda x: np.sum(x @ x))(N[:, :3]))


def test_a_batch_of_one_side_is_one_product():
    np.testing.assert_allclose(vmap(lambda x: x @ N)(M), M @ N)
    np.testing.assert_allclose(vmap(lambda y: M @ y)(N.T), N.T @ M.T)
    np.testing.assert_allclose(vmap(lambda y: V @ y, in_axes=1)(N), V @ N)
    _, tangent = jvp(vmap(lambda x, y: x @ y), (M, draw(2, 3)), (M, M))
    assert tangent.shape == (2,)
