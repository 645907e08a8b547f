"""The reduction for the circuit explorer, on a tiny run and on the committed results."""

import numpy as np
import pytest

from critnet.circuits.edges import correlated_edges
from critnet.circuits.masks import logits
from critnet.neurons.activity import correlation, forward
from critnet.paper import results
from critnet.paper.fig5 import reduce
from critnet.training.config import RunConfig
from critnet.training.datasets import Digits, normalise
from critnet.training.mlp import NAMES
from critnet.training.runs import open_run
from critnet.training.train import train

LAYERS = (50, 50, 10)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = random.integers(10, size=300)
    images = normalise(random.integers(256, size=(300, 784)))
    digits = Digits(images, labels, images[:120], labels[:120], "synthetic")
    (folder,) = train([RunConfig(hidden=8, batch_size=32, steps=40)], digits, cache=tmp_path_factory.mktemp("cache"))
    return folder, digits, reduce.circuits(folder, digits, samples=3)


def test_weights_and_correlations_are_those_of_the_last_snapshot(small):
    folder, digits, data = small
    (last,) = open_run(folder).snapshots([40])
    for name in NAMES:
        assert np.array_equal(data[name].values, last.weights[name])
    activity = forward(last.weights, digits.images)
    for definition in ("as-coded", "control"):
        stored = data["correlation"].sel(definition=definition).values
        assert np.allclose(stored, correlation(activity, definition=definition), atol=1e-9)


def test_samples_are_the_first_of_each_digit_in_file_order(small):
    _, digits, data = small
    expected, seen = [], dict.fromkeys(range(10), 0)
    for position, label in enumerate(digits.test_labels.tolist()):
        seen[label] += 1
        if seen[label] <= 3:
            expected.append(position)
    assert data["position"].values.tolist() == expected
    assert data["label"].values.tolist() == digits.test_labels[expected].tolist()


def test_storing_the_images_changes_no_value_and_so_no_answer(small):
    _, digits, data = small
    again = normalise(data["pixels"].values.reshape(-1, 784))
    assert np.array_equal(again, digits.test_images[data["position"].values])


def test_an_image_that_whole_grey_values_cannot_give_is_refused():
    with pytest.raises(ValueError, match="no grey value"):
        reduce.pixels_of(normalise(np.array([[3, 4]])) + np.float32(1e-3))
    with pytest.raises(ValueError, match="no grey value"):
        reduce.pixels_of(normalise(np.array([[300, -7]])))


@pytest.mark.mnist
def test_committed_samples_are_the_images_of_the_test_set(mnist_test):
    images, labels = mnist_test
    data = results.load("fig5")
    assert np.bincount(data["label"].values).tolist() == [100] * 10
    assert np.array_equal(labels[data["position"].values], data["label"].values)
    stored = normalise(data["pixels"].values.reshape(-1, 784))
    assert np.array_equal(stored, images[data["position"].values])
    weights = {name: data[name].values for name in NAMES}
    right = logits(weights, images).argmax(axis=1) == labels
    assert right.mean() == pytest.approx(data.attrs["test_accuracy"], abs=2e-4)


@pytest.mark.mnist
def test_committed_correlations_are_those_of_the_committed_weights(mnist_train):
    images, labels = mnist_train
    data = results.load("fig5")
    activity = forward({name: data[name].values for name in NAMES}, images[np.argsort(labels, kind="stable")])
    for definition in ("as-coded", "control"):
        stored, again = (
            data["correlation"].sel(definition=definition).values,
            correlation(activity, definition=definition),
        )
        assert np.abs(stored - again).max() < 1e-6
        assert correlated_edges(stored, LAYERS).tolist() == correlated_edges(again, LAYERS).tolist()
