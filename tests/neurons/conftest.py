"""The anchor network at t = 37 and 100, its activity on all training images, and the authors' numbers there."""

import pytest

from critnet.neurons.activity import correlation, forward


@pytest.fixture(scope="session", params=[37, 100], ids=["t37", "t100"])
def step(request):
    return request.param


@pytest.fixture(scope="session")
def anchor_activity(reference, mnist_train, step):
    weights = {name: reference[0][f"{name}_{step}"] for name in ("W1", "b1", "W2", "b2", "W3", "b3")}
    return forward(weights, mnist_train[0])


@pytest.fixture(scope="session")
def anchor_correlation(anchor_activity):
    return correlation(anchor_activity, definition="as-coded")


@pytest.fixture(scope="session")
def numbers(reference, step):
    """What the authors' functions give at this step: `numbers("F2")`."""
    return lambda key: reference[1][f"t{step}/{key}"]
