"""Optimizers against the papers' formulas by hand, their optima, their states, their dtypes."""

import math

import ml_dtypes
import numpy as np
import pytest

from adjoint import nn, optim, random, trees
from adjoint.api.derivatives import grad
from adjoint.data import load_safetensors, save_safetensors
from adjoint.errors import AdjointError, ArgumentError, ContainerError, DtypeError, ShapeError

THETA = np.array([1.0, -2.0, 0.5])
SLOPES = [np.array([0.3, -1.0, 2.0]), np.array([-0.7, 0.1, 4.0]), np.array([1.5, 0.0, -3.0])]


def steps(optimizer: optim.GradientTransformation, slopes=SLOPES, theta=THETA):
    """The parameters after each step, and the last state."""
    state, found = optimizer.init(theta), []
    for g in slopes:
        update, state = optimizer.update(g, state, theta)
        theta = optim.apply_updates(theta, update)
        found.append(theta)
    return found, state


# --- by hand, three steps ------------------------------------------------------------------------


def hand_sgd(eta=0.1):
    theta = THETA
    for g in SLOPES:
        theta = theta - eta * g
        yield theta


def hand_momentum(eta=0.1, mu=0.8):
    theta, v = THETA, 0
    for g in SLOPES:
        v = mu * v + g
        theta = theta - eta * v
        yield theta


def hand_nesterov(eta=0.1, mu=0.8):
    theta, v = THETA, 0
    for g in SLOPES:
        v = mu * v + g
        theta = theta - eta * (g + mu * v)
        yield theta


def hand_adam(eta=0.1, b1=0.8, b2=0.95, eps=1e-3, decay=0.0):
    theta, m, v = THETA, 0, 0
    for t, g in enumerate(SLOPES, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
        theta = theta - eta * (m_hat / (np.sqrt(v_hat) + eps) + decay * theta)
        yield theta


@pytest.mark.parametrize(("optimizer", "hand"), [
    (optim.sgd(0.1), hand_sgd()),
    (optim.momentum(0.1, 0.8), hand_momentum()),
    (optim.nesterov(0.1, 0.8), hand_nesterov()),
    (optim.momentum(0.1, 0.8, nesterov=True), hand_nesterov()),
    (optim.adam(0.1, 0.8, 0.95, 1e-3), hand_adam()),
    (optim.adamw(0.1, 0.8, 0.95, 1e-3, 0.3), hand_adam(decay=0.3)),
    (optim.adamw(0.1, 0.8, 0.95, 1e-3, 0.0), hand_adam()),
], ids=["sgd", "momentum", "nesterov", "momentum-nesterov", "adam", "adamw", "adamw-0"])  # fmt: skip
def test_three_steps_by_hand(optimizer, hand):
    for found, expected in zip(steps(optimizer)[0], hand, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_nesterov_is_sutskevers_in_the_point_looked_at():
    """V' = mu v - eta grad(theta + mu v), theta' = theta + v'; ours follows phi = theta + mu v."""
    curvature, eta, mu = np.array([1.0, 3.0, 0.2]), 0.1, 0.8
    theta, v = THETA, np.zeros(3)
    phi, optimizer = THETA, optim.nesterov(eta, mu)
    state = optimizer.init(phi)
    for _ in range(5):
        v = mu * v - eta * curvature * (theta + mu * v)
        theta = theta + v
        update, state = optimizer.update(curvature * phi, state)
        phi = optim.apply_updates(phi, update)
        np.testing.assert_allclose(phi, theta + mu * v, rtol=1e-13)


def test_bias_correction_makes_the_first_step_eta():
    """Whatever the betas and the size of the gradient, Adam's first step is eta against its sign."""
    for b1, b2 in [(0.0, 0.0), (0.9, 0.999), (0.99, 0.5)]:
        (first,), _ = steps(optim.adam(0.1, b1, b2, 1e-12), [np.array([1e-3, -50.0, 2.0])])
        np.testing.assert_allclose(THETA - first, [0.1, -0.1, 0.1], rtol=1e-8)


def test_a_steady_gradient_moves_adam_by_eta_each_step():
    found, _ = steps(optim.adam(0.1, eps=1e-12), [SLOPES[0]] * 4)
    np.testing.assert_allclose(found[-1], THETA - 0.4 * np.sign(SLOPES[0]), rtol=1e-9)


def test_adamw_is_not_adam_with_a_penalty():
    """A weight with a large gradient decays as fast as any other under AdamW, hardly under Adam + L2."""
    theta, big = np.array([1.0, 1.0]), np.array([1000.0, -1000.0])
    slopes = [big, -big] * 50
    adamw, _ = steps(optim.adamw(1e-3, b1=0.0, weight_decay=1.0), slopes, theta)
    plain, _ = steps(optim.adam(1e-3, b1=0.0), slopes, theta)
    optimizer, coupled = optim.adam(1e-3, b1=0.0), theta
    state = optimizer.init(coupled)
    for g in slopes:
        g = g + grad(lambda w: nn.l2_penalty(w, 0.5))(coupled)
        update, state = optimizer.update(g, state)
        coupled = optim.apply_updates(coupled, update)
    assert np.all(plain[-1] - adamw[-1] > 0.09)
    assert np.all(np.abs(plain[-1] - coupled) < 0.001)


# --- optima --------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [
    optim.sgd(0.3),
    optim.momentum(0.1, 0.8),
    optim.nesterov(0.1, 0.8),
    optim.adam(lambda t: 0.5 * 0.985**t, b2=0.9),
    optim.chain(optim.clip_by_global_norm(1.0), optim.momentum(0.1, 0.5)),
], ids=["sgd", "momentum", "nesterov", "adam", "clipped"])  # fmt: skip
def test_optimum_of_a_quadratic(optimizer):
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    target = np.array([1.0, -4.0])
    best = np.linalg.solve(matrix, target)
    slope = grad(lambda w: 0.5 * w @ (matrix @ w) - target @ w)
    theta, state = np.array([5.0, 5.0]), optimizer.init(np.zeros(2))
    for _ in range(400):
        update, state = optimizer.update(slope(theta), state, theta)
        theta = optim.apply_updates(theta, update)
    np.testing.assert_allclose(theta, best, atol=1e-4)


def test_complex_parameters_step_along_the_conjugate():
    target = 2.0 - 3.0j
    slope = grad(lambda z: np.real(z - target) ** 2 + np.imag(z - target) ** 2)
    for optimizer in (optim.sgd(0.2), optim.momentum(0.05), optim.nesterov(0.05), optim.adam(0.05)):
        z = np.complex128(1j)
        state = optimizer.init(z)
        for _ in range(500):
            update, state = optimizer.update(slope(z), state)
            z = optim.apply_updates(z, update)
        assert abs(z - target) < 1e-2
    assert state.square.dtype == np.float64
    assert state.mean.dtype == np.complex128


def test_adamw_decays_complex_parameters_towards_zero():
    optimizer, z = optim.adamw(0.1, weight_decay=0.5), np.array([1 + 2j])
    update, _ = optimizer.update(np.zeros(1, complex), optimizer.init(z), z)
    np.testing.assert_allclose(update, -0.05 * z)


# --- schedules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [optim.sgd, optim.momentum, optim.nesterov, optim.adam, optim.adamw])
def test_a_schedule_is_asked_with_the_step(make):
    seen = []

    def schedule(step):
        seen.append(step)
        return np.float64(0.1)

    scheduled, _ = steps(make(schedule))
    assert seen == [0, 1, 2]
    assert all(type(s) is int for s in seen)
    for a, b in zip(scheduled, steps(make(0.1))[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_schedule_gives_one_number():
    optimizer = optim.sgd(lambda step: np.ones(2))
    with pytest.raises(ArgumentError, match="schedule"):
        optimizer.update(THETA, optimizer.init(THETA))


# --- states and dtypes ---------------------------------------------------------------------------

ALL = [
    optim.sgd(0.1),
    optim.momentum(0.1),
    optim.nesterov(0.1),
    optim.adam(0.1),
    optim.adamw(0.1),
    optim.chain(optim.clip_by_global_norm(0.5), optim.clip_by_value(0.1), optim.adam(0.1)),
]
NAMES = ["sgd", "momentum", "nesterov", "adam", "adamw", "chain"]
each = pytest.mark.parametrize("optimizer", ALL, ids=NAMES)


def tree() -> dict:
    return {"net": nn.Linear(random.key(0), 3, 2), "scale": 1.5, "one": np.float64(2.0), "none": None}


@each
def test_every_leaf_of_a_state_is_an_array_and_its_structure_stays(optimizer, tmp_path):
    params = tree()
    state = optimizer.init(params)
    _, after = optimizer.update(params, state, params)
    assert trees.flatten(after)[1] == trees.flatten(state)[1]
    for a, b in zip(trees.leaves(state), trees.leaves(after), strict=True):
        assert type(a) is type(b) is np.ndarray
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
    names = dict(zip(trees.paths(after), trees.leaves(after), strict=True))
    save_safetensors(tmp_path / "state.safetensors", names)
    loaded, _ = load_safetensors(tmp_path / "state.safetensors")
    again = trees.unflatten(trees.flatten(after)[1], [loaded[name] for name in trees.paths(after)])
    one, two = (optimizer.update(params, s, params)[0] for s in (after, again))
    for a, b in zip(trees.leaves(one), trees.leaves(two), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


@each
def test_nothing_is_changed_in_place(optimizer):
    params = tree()
    state = optimizer.init(params)
    _, state = optimizer.update(params, state, params)
    before = [np.array(x) for x in trees.leaves((params, state))]
    update, _ = optimizer.update(params, state, params)
    optim.apply_updates(params, update)
    for a, b in zip(before, trees.leaves((params, state)), strict=True):
        np.testing.assert_array_equal(a, b)


@each
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64"])
def test_dtypes_are_kept(optimizer, dtype):
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    if kind.kind == "c" and optimizer is ALL[-1]:
        with pytest.raises(AdjointError):
            optimizer.update(THETA.astype(kind), optimizer.init(THETA.astype(kind)))
        return
    theta = THETA.astype(kind)
    state = optimizer.init(theta)
    for g in SLOPES:
        update, state = optimizer.update(g.astype(kind), state, theta)
        assert update.dtype == kind
        theta = optim.apply_updates(theta, update)
        assert theta.dtype == kind
    moments = [leaf.dtype for leaf in trees.leaves(state) if leaf.shape]
    assert all(m == (np.float32 if kind.itemsize == 2 else kind) or m == np.float32 for m in moments)


@each
def test_kinds_of_numbers_are_kept(optimizer):
    params = tree()
    update, _ = optimizer.update(params, optimizer.init(params), params)
    after = optim.apply_updates(params, update)
    assert type(after["scale"]) is float
    assert type(after["one"]) is np.float64
    assert type(after["net"]) is nn.Linear
    assert after["scale"] < 1.5


@each
def test_integers_stay_as_they_are(optimizer):
    params, slopes = {"w": THETA, "n": 3}, {"w": SLOPES[0], "n": np.int64(0)}
    update, state = optimizer.update(slopes, optimizer.init(params), params)
    after = optim.apply_updates(params, update)
    assert after["n"] == 3
    assert type(after["n"]) is int
    optimizer.update(slopes, state, after)


@each
def test_nan_is_not_hidden(optimizer):
    slopes = np.array([math.nan, 1.0, 1.0])
    update, _ = optimizer.update(slopes, optimizer.init(THETA), THETA)
    assert np.isnan(update[0])


def test_the_step_differentiates_with_respect_to_the_learning_rate():
    """A hypergradient: the loss after one step, as a function of eta."""
    for make in (optim.sgd, optim.momentum, optim.adam, optim.adamw):

        def after(eta, make=make):
            optimizer = make(eta)
            update, _ = optimizer.update(SLOPES[0], optimizer.init(THETA), THETA)
            return np.sum(optim.apply_updates(THETA, update) ** 2)

        difference = (after(0.1 + 1e-6) - after(0.1 - 1e-6)) / 2e-6
        assert grad(after)(0.1) == pytest.approx(difference, rel=1e-6)


def test_unrolled_steps_differentiate_with_respect_to_the_start():
    def after(theta):
        optimizer = optim.adam(0.1)
        state = optimizer.init(theta)
        for _ in range(3):
            update, state = optimizer.update(theta**3, state, theta)
            theta = optim.apply_updates(theta, update)
        return np.sum(theta**2)

    slope = grad(after)(THETA)
    for i, e in enumerate(np.eye(3) * 1e-6):
        assert slope[i] == pytest.approx((after(THETA + e) - after(THETA - e)) / 2e-6, rel=1e-5)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("call", [
    lambda: optim.sgd(-0.1),
    lambda: optim.sgd(math.nan),
    lambda: optim.sgd(math.inf),
    lambda: optim.sgd("fast"),
    lambda: optim.sgd(True),
    lambda: optim.momentum(0.1, 1.0),
    lambda: optim.momentum(0.1, -0.1),
    lambda: optim.adam(0.1, b1=1.0),
    lambda: optim.adam(0.1, b2=2.0),
    lambda: optim.adam(0.1, eps=0.0),
    lambda: optim.adamw(0.1, weight_decay=-1.0),
    lambda: optim.clip_by_value(0.0),
    lambda: optim.clip_by_global_norm(-1.0),
])  # fmt: skip
def test_arguments_out_of_range(call):
    with pytest.raises(ArgumentError):
        call()


def test_what_does_not_fit():
    optimizer = optim.adam(0.1)
    state = optimizer.init({"w": np.zeros((2, 3))})
    with pytest.raises(ShapeError, match=r"\(2, 3\) was asked for"):
        optimizer.update({"w": np.zeros(3)}, state)
    with pytest.raises(ContainerError):
        optimizer.update({"v": np.zeros((2, 3))}, state)
    with pytest.raises(ShapeError, match="parameter's shape"):
        optim.apply_updates(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(ContainerError):
        optim.apply_updates({"w": 1.0}, {"v": 1.0})
    with pytest.raises(ContainerError, match="state, params"):
        optim.adamw(0.1).update(THETA, optim.adamw(0.1).init(THETA))
    with pytest.raises(ArgumentError, match="1 of them"):
        optim.chain(optimizer, optimizer).update(THETA, (optimizer.init(THETA),))


@pytest.mark.parametrize("make", [optim.momentum, optim.nesterov, optim.adam, optim.adamw])
def test_a_complex_gradient_of_a_real_parameter_is_refused(make):
    optimizer = make(0.1)
    with pytest.raises(DtypeError, match="real part"):
        optimizer.update(np.array([1j, 2.0]), optimizer.init(np.zeros(2)), np.zeros(2))
    step, _ = optimizer.update(
        np.array([1j, 2.0]), optimizer.init(np.zeros(2, complex)), np.zeros(2, complex)
    )
    assert step.dtype == np.complex128
