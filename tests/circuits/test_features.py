"""Feature images: a circuit built to look for a picture, and the three definitions as loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.circuits.edges import full_edges
from critnet.circuits.features import DEFINITIONS, feature_image, feature_match
from critnet.errors import UsageError


@given(st.integers(0, 1000), st.integers(0, 5), st.lists(st.integers(0, 29), max_size=30), st.sampled_from(DEFINITIONS))
def test_a_feature_image_is_that_of_the_loops(seed, digit, chosen, definition):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (6, 3), "b3": 6}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    edges, mean = full_edges(net)[sorted(set(chosen))], random.random(4)
    kept = {tuple(map(int, edge)) for edge in edges}
    expected = np.zeros(5)
    for i in range(4):
        if not any(layer == 1 and source == i for layer, source, _ in kept):
            continue
        paths = sum(
            net["W2"][j, i] * net["W3"][digit, j] for j in range(3) if (1, i, j) in kept and (2, j, digit) in kept
        )
        factor = {"paths x activity": mean[i] * paths, "activity": mean[i], "paths": paths}[definition]
        expected += factor * net["W1"][i]
    found = feature_image(net, edges, mean, digit, definition=definition)
    if any(layer == 1 for layer, _, _ in kept):
        assert np.allclose(found, expected)
    else:
        assert np.isnan(found).all()


def test_a_circuit_that_looks_for_a_class_matches_it():
    means = np.random.default_rng(0).random((5, 30))
    features = means - means.mean(axis=0)
    found = feature_match(np.r_[features, np.full((1, 30), np.nan), np.ones((1, 30))], means)
    assert found[:5].argmax(axis=1).tolist() == list(range(5))
    assert np.allclose(found[:5].diagonal(), 1)
    assert np.isnan(found[5:]).all()
    assert np.allclose(feature_match(-features, means).diagonal(), -1)


def test_what_has_no_feature_is_refused(net):
    with pytest.raises(UsageError, match="'paths x activity'"):
        feature_image(net(0), [], np.ones(4), 0, definition="sum")
    with pytest.raises(UsageError, match="6 outputs"):
        feature_image(net(0), [], np.ones(4), 6)
    with pytest.raises(UsageError, match="4 first-layer"):
        feature_image(net(0), [], np.ones(3), 0)
    with pytest.raises(UsageError, match="row of inputs"):
        feature_match(np.ones((2, 3)), np.ones((2, 4)))
