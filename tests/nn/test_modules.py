"""Layers: trees of parameters that compute what they say, initialisers with the variance they promise."""

import dataclasses
import functools
import math
import pickle

import numpy as np
import pytest
from scipy import stats

from adjoint import nn, random, trees
from adjoint.api.derivatives import grad, value_and_grad
from adjoint.errors import ArgumentError, ContainerError, ShapeError

KEY = random.key(1)
X = np.random.default_rng(0).normal(size=(7, 4))


def network() -> nn.Sequential:
    a, b = random.split(KEY)
    return nn.Sequential(nn.Linear(a, 4, 6), nn.ReLU(), nn.Linear(b, 6, 3))


def test_linear():
    layer = nn.Linear(KEY, 4, 3)
    assert layer.weight.shape == (4, 3)
    assert layer.bias.shape == (3,)
    np.testing.assert_allclose(layer(X), X @ layer.weight + layer.bias)
    assert layer(X[0]).shape == (3,)
    assert layer(np.ones((2, 5, 4))).shape == (2, 5, 3)
    assert nn.Linear(KEY, 4, 3, init_bias=None).bias is None
    assert len(trees.leaves(nn.Linear(KEY, 4, 3, init_bias=None))) == 1
    assert nn.Linear(KEY, 4, 3, dtype=np.float32)(X.astype(np.float32)).dtype == np.float32


def test_the_leaves_are_the_parameters():
    net = network()
    assert trees.paths(net) == [
        ".layers[0].weight", ".layers[0].bias", ".layers[2].weight", ".layers[2].bias"
    ]  # fmt: skip
    assert trees.leaves(nn.LeakyReLU(0.2)) == trees.leaves(nn.Softmax(0)) == []
    doubled = trees.map_leaves(lambda w: 2 * w, net)
    assert type(doubled) is nn.Sequential
    np.testing.assert_array_equal(doubled[0].weight, 2 * net[0].weight)


def test_static_fields_belong_to_the_structure():
    assert trees.flatten(nn.LeakyReLU(0.2))[1] != trees.flatten(nn.LeakyReLU(0.3))[1]
    assert trees.flatten(nn.LeakyReLU(0.2))[1] == trees.flatten(nn.LeakyReLU(0.2))[1]


def test_modules_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        network()[0].weight = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        nn.LeakyReLU().slope = 1.0


def test_the_gradient_is_a_module():
    net, labels = network(), np.arange(7) % 3
    value, slopes = value_and_grad(lambda n: nn.softmax_cross_entropy(n(X), labels))(net)
    assert type(slopes) is nn.Sequential
    assert [g.shape for g in trees.leaves(slopes)] == [w.shape for w in trees.leaves(net)]
    hidden = np.maximum(X @ net[0].weight + net[0].bias, 0)
    logits = hidden @ net[2].weight + net[2].bias
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    delta = (p - np.eye(3)[labels]) / 7
    back = (delta @ net[2].weight.T) * (hidden > 0)
    assert value == pytest.approx(-np.mean(np.log(p[np.arange(7), labels])))
    np.testing.assert_allclose(slopes[2].weight, hidden.T @ delta, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes[2].bias, delta.sum(axis=0), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes[0].weight, X.T @ back, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes[0].bias, back.sum(axis=0), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("layer", "function"), [
    (nn.ReLU(), nn.relu),
    (nn.LeakyReLU(0.3), lambda x: nn.leaky_relu(x, 0.3)),
    (nn.Sigmoid(), nn.sigmoid),
    (nn.Tanh(), np.tanh),
    (nn.Softmax(), nn.softmax),
    (nn.Softmax(0), lambda x: nn.softmax(x, 0)),
    (nn.Sequential(), lambda x: x),
])  # fmt: skip
def test_layers_without_parameters(layer, function):
    np.testing.assert_array_equal(layer(X), function(X))
    seen = grad(lambda x: np.sum(layer(x) ** 2))(X)
    np.testing.assert_array_equal(seen, grad(lambda x: np.sum(function(x) ** 2))(X))


def test_sequential_is_a_sequence():
    net = network()
    assert len(net) == 3
    assert list(net)[1] == nn.ReLU()
    assert net[-1] is net.layers[2]
    assert repr(net) == "Sequential(Linear(4, 6), ReLU(), Linear(6, 3))"
    assert repr(nn.Linear(KEY, 2, 3, init_bias=None)) == "Linear(2, 3, no bias)"


def test_same_key_same_parameters():
    first, second = network(), network()
    for a, b in zip(trees.leaves(first), trees.leaves(second), strict=True):
        assert a.tobytes() == b.tobytes()
    assert not np.array_equal(nn.Linear(random.key(2), 4, 6).weight, first[0].weight)


def test_a_layer_can_be_pickled():
    copy = pickle.loads(pickle.dumps(network()))
    np.testing.assert_array_equal(copy(X), network()(X))


def test_a_module_of_ones_own():
    @dataclasses.dataclass(frozen=True, eq=False)
    class Residual(nn.Module):
        inner: nn.Module
        scale: float = trees.static(default=0.5)

        def __call__(self, x):
            return x + self.scale * self.inner(x)

    layer = Residual(nn.Linear(KEY, 4, 4))
    slopes = grad(lambda m: np.sum(m(X)))(layer)
    np.testing.assert_allclose(slopes.inner.bias, np.full(4, 3.5))
    assert slopes.scale == 0.5


@pytest.mark.parametrize(("call", "error", "said"), [
    (lambda: nn.Linear(KEY, 4, 3)(np.ones((4, 7))), ShapeError, r"4\) was asked for by Linear\(4, 3\)"),
    (lambda: nn.Linear(KEY, 4, 3)(1.0), ShapeError, "rows"),
    (lambda: nn.Linear(KEY, 0, 3), ArgumentError, "inputs must be an integer from 1 up"),
    (lambda: nn.Linear(KEY, 4, 2.5), ArgumentError, "outputs must be"),
    (lambda: nn.Linear(0, 4, 3), ArgumentError, r"random.key\(0\)"),
    (lambda: nn.Sequential(np.tanh), ContainerError, "layer 0 of a Sequential must be a module"),
    (lambda: nn.he_normal(KEY, (3,)), ShapeError, r"\(inputs, outputs\)"),
    (lambda: nn.he_normal(KEY, (3, 0)), ShapeError, "at least 1"),
    (lambda: nn.he_normal(KEY, (3, 2), mode="fan"), ArgumentError, "fan_in, fan_out, fan_avg"),
    (lambda: nn.he_normal(KEY, (3, 2), gain=-1.0), ArgumentError, "gain"),
])  # fmt: skip
def test_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_module_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        nn.Module()


# --- initialisers: each variance within 5 standard errors, each distribution by Kolmogorov-Smirnov ---

FANS = {"fan_in": 120, "fan_out": 300, "fan_avg": 210}
CASES = [
    (nn.he_normal, "fan_in", 2.0),
    (nn.he_uniform, "fan_in", 2.0),
    (nn.xavier_normal, "fan_avg", 1.0),
    (nn.xavier_uniform, "fan_avg", 1.0),
    (nn.lecun_normal, "fan_in", 1.0),
    (nn.lecun_uniform, "fan_in", 1.0),
]


def check_distribution(weights: np.ndarray, variance: float, uniform: bool) -> None:
    flat = weights.ravel().astype(float)
    bound = math.sqrt(3 * variance)
    law = stats.uniform(-bound, 2 * bound) if uniform else stats.norm(0, math.sqrt(variance))
    assert stats.kstest(flat, law.cdf).pvalue > 1e-3
    kurtosis = 1.8 if uniform else 3.0
    assert abs(flat.var() / variance - 1) < 5 * math.sqrt((kurtosis - 1) / flat.size)
    if uniform:
        assert np.abs(flat).max() <= bound


@pytest.mark.parametrize(("init", "mode", "squared_gain"), CASES)
def test_default_variance(init, mode, squared_gain):
    check_distribution(init(KEY, (120, 300)), squared_gain / FANS[mode], "uniform" in init.__name__)


@pytest.mark.parametrize("mode", FANS)
@pytest.mark.parametrize("init", [nn.he_normal, nn.lecun_uniform])
def test_modes_and_gains(init, mode):
    weights = init(KEY, (120, 300), mode=mode, gain=5 / 3)
    check_distribution(weights, (25 / 9) / FANS[mode], "uniform" in init.__name__)


@pytest.mark.parametrize(("init", "mode", "squared_gain"), CASES)
def test_initialisers_keep_to_key_and_dtype(init, mode, squared_gain):
    assert init(KEY, (3, 2), dtype=np.float32).dtype == np.float32
    assert np.array_equal(init(KEY, (3, 2)), init(KEY, (3, 2)))
    assert np.array_equal(nn.Linear(KEY, 3, 2, init=init).weight, init(random.split(KEY)[0], (3, 2)))


def test_zeros_and_partial():
    layer = nn.Linear(KEY, 3, 2, init=nn.zeros)
    assert np.array_equal(layer.weight, np.zeros((3, 2)))
    wide = nn.Linear(KEY, 3, 2, init=functools.partial(nn.he_normal, gain=0.0))
    assert np.array_equal(wide.weight, np.zeros((3, 2)))


def test_signals_keep_their_size():
    """What the initialisers are for: ten layers of relu neither blow up nor fade with He's variance."""
    x = random.normal(KEY, (200, 100))
    for key in random.split(random.key(4), 10):
        x = nn.relu(nn.Linear(key, 100, 100)(x))
    assert 0.3 < np.mean(x**2) < 3.0
