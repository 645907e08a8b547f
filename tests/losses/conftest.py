"""The anchor network's losses at t = 37 and 100, and the authors' numbers there."""

import numpy as np
import pytest


@pytest.fixture(scope="session", params=[37, 100], ids=["t37", "t100"])
def anchor(request, reference, mnist_train):
    """Float32 losses on the training images, and `numbers("loss/mean")`, what the authors' functions give on theirs."""
    images, labels = mnist_train
    w = {name: reference[0][f"{name}_{request.param}"] for name in ("W1", "b1", "W2", "b2", "W3", "b3")}
    hidden = np.maximum(images @ w["W1"].T + w["b1"], 0)
    hidden = np.maximum(hidden @ w["W2"].T + w["b2"], 0)
    logits = hidden @ w["W3"].T + w["b3"]
    logits -= logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]
    return losses, lambda key: reference[1][f"t{request.param}/{key}"]
