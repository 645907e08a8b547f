"""The search for a circuit that says no as well: a planted one, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.circuits.balanced import search_balanced
from critnet.circuits.masks import logits, masked_weights, score
from critnet.circuits.scores import balanced_accuracy
from critnet.errors import UsageError


def asked(net, edges, images, labels, digit):
    found = score(logits(masked_weights(net, edges, definition="as-coded"), images), labels, digit)
    return float(balanced_accuracy(found.recall, found.false_positive_rate))


def test_the_planted_path_is_all_that_is_left(planted):
    net, images, labels, path = planted
    labels = np.where(images[:, 2] * 6 > 0.5, 1, 0)  # what the path can tell
    found = search_balanced(net, np.maximum(images @ net["W1"].T, 0).T, labels, 1, margin=0.0)
    assert found.edges.tolist() == [list(edge) for edge in path]
    assert (found.accuracy, found.accuracy_full) == (1.0, 1.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 5), st.sampled_from([0.0, 0.02, 0.1]))
def test_the_accuracy_is_kept_and_no_edge_more_can_go(seed, digit, margin):
    random = np.random.default_rng(seed)
    shapes = {"W1": (6, 5), "b1": 6, "W2": (5, 6), "b2": 5, "W3": (6, 5), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    images = random.standard_normal((120, 5))
    labels = logits(net, images).argmax(axis=1)
    labels[:6] = np.arange(6)
    first = np.maximum(net["W1"] @ images.T + net["b1"][:, None], 0)
    found = search_balanced(net, first, labels, digit, margin=margin)
    assert found.accuracy == pytest.approx(asked(net, found.edges, images, labels, digit))
    full = asked(net, np.array([(1, i, j) for i in range(6) for j in range(5)] + [(2, j, digit) for j in range(5)]),
                 images, labels, digit)  # fmt: skip
    assert found.accuracy_full == pytest.approx(full)
    assert found.accuracy >= full - margin - 1e-12
    for row, (layer, _, target) in enumerate(found.edges):
        if layer == 1:
            left = np.delete(found.edges, row, axis=0)
            if not ((left[:, 0] == 1) & (left[:, 2] == target)).any():
                left = left[(left[:, 0] == 1) | (left[:, 1] != target)]
            assert asked(net, left, images, labels, digit) < full - margin + 1e-12


def test_what_cannot_be_searched_is_refused(net):
    weights, first = net(0), np.ones((4, 6))
    with pytest.raises(UsageError, match="0 of 6 samples show 3"):
        search_balanced(weights, first, np.zeros(6, int), 3)
    with pytest.raises(UsageError, match="6 of 6 samples show 0"):
        search_balanced(weights, first, np.zeros(6, int), 0)
    with pytest.raises(UsageError, match="0 to 5"):
        search_balanced(weights, first, np.arange(6), 6)
    with pytest.raises(UsageError, match="a column and a label"):
        search_balanced(weights, first, np.arange(5), 1)
    with pytest.raises(UsageError, match="margin is 1"):
        search_balanced(weights, first, np.arange(6), 1, margin=1)
