"""Small networks of the shape of the paper's, for the tests of circuits."""

import numpy as np
import pytest


def _net(seed, n_inputs=5, n_first=4, n_second=3, n_outputs=6):
    random = np.random.default_rng(seed)
    shapes = {"W1": (n_first, n_inputs), "W2": (n_second, n_first), "W3": (n_outputs, n_second)}
    net = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    for layer in "123":
        net[f"b{layer}"] = random.standard_normal(len(net[f"W{layer}"])).astype(np.float32)
    return net


@pytest.fixture
def net():
    """Make a random network: 5 inputs, 4 and 3 hidden neurons, 6 outputs unless told otherwise."""
    return _net


@pytest.fixture
def planted():
    """A network in which class 1 is carried by one path: input 2 -> first 1 -> second 0 -> output 1.

    Output 0 has a bias of 0.5 and wins wherever output 1 stays below; the other edges feed output 2 weakly.
    """
    zeros = np.zeros
    net = {
        "W1": zeros((3, 4)),
        "b1": zeros(3),
        "W2": zeros((2, 3)),
        "b2": zeros(2),
        "W3": zeros((3, 2)),
        "b3": zeros(3),
    }
    net["W1"][1, 2], net["W2"][0, 1], net["W3"][1, 0] = 1.0, 2.0, 3.0  # the path: logit 1 is 6 x_2
    net["W1"][0, 0], net["W2"][1, 0], net["W3"][2, 1] = 1.0, 0.1, 0.1
    net["b3"][0] = 0.5
    images = np.array([[0, 0, 1, 0], [0, 0, 2, 0], [3, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0.05, 0]], float)
    labels = np.array([1, 1, 0, 0, 1])
    return net, images, labels, [(1, 1, 0), (2, 0, 1)]
