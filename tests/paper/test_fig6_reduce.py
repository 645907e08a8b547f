"""Manifold and funnels: against direct computation on small networks."""

import itertools

import numpy as np
import pytest

from critnet.circuits.masks import logits
from critnet.errors import UsageError
from critnet.neurons.activity import forward
from critnet.neurons.manifold import components_for, fisher_ratio
from critnet.paper.fig6 import reduce
from critnet.training.datasets import Digits
from critnet.training.mlp import flatten, init_weights, unflatten


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(0)
    labels = np.arange(600) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((600, 784))).astype(np.float32)
    return Digits(images, labels, images[:120], labels[:120], "synthetic")


COURSES = {
    0: {0: init_weights(8, seed=0), 100: init_weights(8, seed=10), 700: init_weights(8, seed=33)},
    3: {0: init_weights(8, seed=3), 700: init_weights(8, seed=39)},
}


@pytest.fixture(scope="module")
def data(digits):
    return reduce.assembly(COURSES, digits)


def test_dimension_and_separation_are_those_of_the_activity(data, digits):
    for s, (seed, networks) in enumerate(COURSES.items()):
        for step, weights in networks.items():
            activity = forward(weights, digits.images)
            here = data.sel(seed=seed, t=step)
            for name, rows in (("hidden", slice(0, 16)), ("first", slice(0, 8)), ("outputs", slice(16, 26))):
                assert float(here["components"].sel(neurons=name)) == components_for(activity[rows])
                assert float(here["fisher"].sel(neurons=name)) == pytest.approx(
                    fisher_ratio(activity[rows], digits.labels), rel=1e-5
                )
        assert 0 < int(data["n_circuit"].values[s]) <= 16
    assert np.isnan(data["fisher"].sel(seed=3, t=100)).all()


def test_places_are_centred_scaled_and_turned_towards_the_end(data):
    assert data["kept"].values.tolist() == [0, 100, 700]
    places = data["place"].values.astype(float)
    assert np.allclose(np.mean(np.sum(places**2, axis=1), axis=1), 1, atol=2e-3)
    for early, late in itertools.pairwise(places):
        left, _, right = np.linalg.svd(late @ early.T)
        assert np.allclose(left @ right, np.eye(3), atol=2e-2)  # no rotation brings them nearer


def test_a_funnel_is_the_loss_of_the_batches_along_the_way(digits):
    found = reduce.funnels(COURSES[0], 100, digits.images, digits.labels, points=7)
    assert found.shape == (2, 3, 30, 7)
    steps = reduce.way_steps(7)
    zero = [int(np.flatnonzero(np.isclose(way, 0))[0]) for way in steps]
    assert np.allclose(found[0, :, :, zero[0]], found[1, :, :, zero[1]])  # both pass through the network
    start = int(np.flatnonzero(np.isclose(steps[1], 1))[0])
    answers = logits(COURSES[0][0], digits.images)
    losses = np.log(np.exp(answers).sum(axis=1)) - answers[np.arange(600), digits.labels]
    assert found[1, 2, :, start].mean() == pytest.approx(losses.mean(), rel=0.05)  # at 1 it is the start of training
    spread = found[1, :, :, start].std(axis=1)
    assert spread[0] > spread[1] > spread[2]  # larger batches scatter less
    assert spread[0] == pytest.approx(losses.std() / 4, rel=0.5)
    middle = unflatten((flatten(COURSES[0][0]) + flatten(COURSES[0][100])) / 2, 8)
    half = int(np.flatnonzero(np.isclose(steps[1], 0.5))[0])
    between = logits(middle, digits.images)
    loss = np.log(np.exp(between).sum(axis=1)) - between[np.arange(600), digits.labels]
    assert found[1, 2, :, half].mean() == pytest.approx(loss.mean(), rel=0.05)


def test_both_ways_pass_through_the_network_and_the_second_through_the_start():
    aside, back = reduce.way_steps()
    assert np.isclose(aside, 0).sum() == np.isclose(back, 0).sum() == np.isclose(back, 1).sum() == 1


def test_networks_without_any_circuit_have_no_manifold(digits):
    dead = {name: np.zeros_like(values) for name, values in COURSES[0][0].items()}
    with pytest.raises(UsageError, match="no digit has a circuit"):
        reduce.of_seed({0: dead}, digits)
