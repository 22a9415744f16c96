"""A network that learns: the two-layer network on the digits, with the defaults of the command line."""

import numpy as np
import pytest

from adjoint import nn, optim, random, trees
from adjoint.api.derivatives import value_and_grad
from adjoint.data import batches, load_digits

DIGITS = load_digits()


def train(seed: int, epochs: int) -> nn.Sequential:
    first, second = random.split(random.key(seed))
    network = nn.Sequential(nn.Linear(first, 64, 64), nn.ReLU(), nn.Linear(second, 64, 10))
    optimizer = optim.adam(3e-3)
    state = optimizer.init(network)
    slopes = value_and_grad(lambda net, x, labels: nn.softmax_cross_entropy(net(x), labels))
    for epoch in range(epochs):
        for x, labels in batches((DIGITS.train_images, DIGITS.train_labels), 32, seed, epoch):
            _, gradient = slopes(network, x, labels)
            step, state = optimizer.update(gradient, state, network)
            network = optim.apply_updates(network, step)
    return network


@pytest.mark.parametrize("seed", [0, 1])
def test_digits_are_learnt(seed):
    network = train(seed, epochs=30)
    right = np.argmax(network(DIGITS.test_images), axis=1) == DIGITS.test_labels
    assert right.mean() >= 0.97


def test_the_same_seed_gives_the_same_weights():
    once, again = (trees.leaves(train(3, epochs=2)) for _ in range(2))
    assert [w.tobytes() for w in once] == [w.tobytes() for w in again]
