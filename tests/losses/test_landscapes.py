"""Planes through the landscape: solved by hand, against a forward pass at each point, and what must hold of any."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.losses import planes
from critnet.losses.landscapes import (
    NAMES,
    batch_surface,
    directions_within,
    flat_fraction,
    mean_surface,
    roughness,
    single_weight,
)

PIXELS, HIDDEN, CLASSES = 5, 4, 3
STEPS = np.linspace(-1, 1, 5)
W2, W3 = PIXELS * HIDDEN + HIDDEN, PIXELS * HIDDEN + HIDDEN + HIDDEN * HIDDEN + HIDDEN  # where they start


def network(random, scale=1.0, kind=np.float64):
    shapes = [(HIDDEN, PIXELS), (HIDDEN,), (HIDDEN, HIDDEN), (HIDDEN,), (CLASSES, HIDDEN), (CLASSES,)]
    return {
        name: (scale * random.standard_normal(shape)).astype(kind) for name, shape in zip(NAMES, shapes, strict=True)
    }


def samples(random, n=40, kind=np.float64):
    return random.standard_normal((n, PIXELS)).astype(kind), random.integers(0, CLASSES, n)


def losses(weights, images, labels):
    """The slow way, of one network."""
    hidden = np.maximum(images @ weights["W1"].T + weights["b1"], 0)
    hidden = np.maximum(hidden @ weights["W2"].T + weights["b2"], 0)
    logits = hidden @ weights["W3"].T + weights["b3"]
    return np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]


def moved(weights, change):
    ends = np.cumsum([weights[name].size for name in NAMES])[:-1]
    return {
        name: weights[name] + part.reshape(weights[name].shape)
        for name, part in zip(NAMES, np.split(change, ends), strict=True)
    }


def slow_surface(weights, images, labels, first, second, steps):
    return [[losses(moved(weights, a * first + b * second), images, labels).mean() for b in steps] for a in steps]


PLACES = {
    "first layer": 3,
    "first layer, same neuron": 4,
    "first layer, other neuron": PIXELS + 1,
    "first bias": PIXELS * HIDDEN + 1,
    "second layer": W2 + 2,
    "second layer, same neuron": W2 + 3,
    "second layer, other neuron": W2 + 2 * HIDDEN,
    "second bias": W2 + HIDDEN * HIDDEN,
    "third layer": W3 + 1,
    "third layer, behind the same neuron": W3,
    "third layer, same neuron, other class": W3 + HIDDEN,
    "third bias": W3 + CLASSES * HIDDEN + 2,
}


@pytest.mark.parametrize("pair", list(itertools.combinations_with_replacement(PLACES, 2)), ids=" and ".join)
def test_single_weights_agree_with_a_forward_pass_at_each_point(pair):
    random = np.random.default_rng(1)
    weights, (images, labels) = network(random), samples(random)
    first, second = (single_weight(PLACES[p], weights) for p in pair)
    expected = np.array(slow_surface(weights, images, labels, first, second, STEPS))
    assert mean_surface(weights, images, labels, first, second, STEPS) == pytest.approx(expected, rel=1e-12)
    assert mean_surface(weights, images, labels, second, first, STEPS) == pytest.approx(expected.T, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 30.0]), st.integers(0, 3))
def test_any_two_directions_agree_with_a_forward_pass_at_each_point(seed, scale, lowest):
    """From small losses to such as overflow float32, in the layers above `lowest`, where the sets may overlap."""
    random = np.random.default_rng(seed)
    weights, (images, labels) = network(random, scale), samples(random)
    size = W3 + CLASSES * HIDDEN + CLASSES
    begin = [0, 0, W2, W3][lowest]
    sets = [random.choice(np.arange(begin, size), 4, replace=False) for _ in range(2)]
    first, second = (directions_within(s, weights, random)[0] for s in sets)
    expected = slow_surface(weights, images, labels, first, second, STEPS)
    found = mean_surface(weights, images, labels, first, second, STEPS)
    assert np.allclose(found, expected, rtol=1e-10, atol=1e-13)


def test_losses_beyond_the_range_of_float32_come_out_in_float32():
    random = np.random.default_rng(2)
    weights, (images, labels) = network(random, 12, np.float32), samples(random, kind=np.float32)
    exact = {name: w.astype(np.float64) for name, w in weights.items()}
    for pair in ("second layer", "second layer, same neuron"), ("second layer", "third layer, behind the same neuron"):
        first, second = (single_weight(PLACES[p], weights) for p in pair)
        expected = np.array(slow_surface(exact, images.astype(float), labels, first, second, STEPS))
        found = mean_surface(weights, images, labels, first, second, STEPS)
        assert found.max() > 1000
        assert found == pytest.approx(expected, rel=1e-5)


def test_tiny_losses_keep_their_digits_in_float32():
    weights = {name: np.zeros(w.shape, np.float32) for name, w in network(np.random.default_rng(0)).items()}
    weights["b3"][0] = 25  # each image of class 0 has loss 2 e^-25, far below float32's 1 - 6e-8
    first, second = (single_weight(W3 + CLASSES * HIDDEN + k, weights) for k in (1, 2))
    surface = mean_surface(weights, np.ones((3, PIXELS), np.float32), np.zeros(3, int), first, second, [0.0, 1.0])
    expected = np.array([[2, 1 + np.e], [1 + np.e, 2 * np.e]]) * np.exp(-25)
    assert surface == pytest.approx(expected, rel=1e-6)


def test_shares_of_samples_add_up(monkeypatch):
    random = np.random.default_rng(3)
    weights, (images, labels) = network(random), samples(random, 23)
    plane = [single_weight(PLACES[p], weights) for p in ("second layer", "third layer, same neuron, other class")]
    whole = mean_surface(weights, images, labels, *plane, STEPS)
    monkeypatch.setattr(planes, "SAMPLES", 7)
    monkeypatch.setattr(planes, "PRODUCT_VALUES", 60)
    assert mean_surface(weights, images, labels, *plane, STEPS) == pytest.approx(whole, rel=1e-13)


def test_a_batch_of_its_own_at_each_point_gives_a_roughness_of_the_spread_over_the_root_of_its_size():
    random = np.random.default_rng(4)
    weights, (images, labels) = network(random), samples(random, 500)
    plane, steps = [single_weight(PLACES[p], weights) for p in ("second layer", "third layer")], np.linspace(-1, 1, 30)
    mean = mean_surface(weights, images, labels, *plane, steps)
    variance = np.mean(
        [[losses(moved(weights, a * plane[0] + b * plane[1]), images, labels).var() for b in steps] for a in steps]
    )
    for size in (16, 64):
        rough = batch_surface(weights, images, labels, *plane, steps, size, np.random.default_rng(5))
        assert roughness(rough, mean) == pytest.approx(np.sqrt(variance / size), rel=0.08)  # 900 points: 2.4 %


def test_a_common_batch_is_the_mean_surface_of_its_samples():
    random = np.random.default_rng(6)
    weights, (images, labels) = network(random), samples(random)
    plane = [single_weight(PLACES[p], weights) for p in ("second layer", "third layer")]
    found = batch_surface(weights, images, labels, *plane, STEPS, 8, np.random.default_rng(7), common=True)
    drawn = np.random.default_rng(7).integers(0, 40, 8)
    assert np.array_equal(found, mean_surface(weights, images[drawn], labels[drawn], *plane, STEPS))


@pytest.mark.parametrize("pair", [("first layer", "third layer"), ("second layer", "first bias"), ("third layer",) * 2])
def test_batches_of_equal_samples_have_the_mean_surface(pair):
    random = np.random.default_rng(8)
    weights, (images, labels) = network(random), samples(random, 1)
    plane = [single_weight(PLACES[p], weights) for p in pair]
    found = batch_surface(weights, images, labels, *plane, STEPS, 3, random)
    assert found == pytest.approx(mean_surface(weights, images, labels, *plane, STEPS), rel=1e-12)


def test_directions_within_a_set_are_orthogonal_and_as_long_as_the_set():
    random = np.random.default_rng(9)
    weights = network(random)
    places = [W2, W2 + 5, W3 + 1, W3 + 7]
    u, v = directions_within(places, weights, random, 2)
    vector = np.concatenate([weights[name].ravel() for name in NAMES])
    assert np.linalg.norm(u) == pytest.approx(np.linalg.norm(vector[places]))
    assert u @ v == pytest.approx(0, abs=1e-12)
    assert set(np.flatnonzero(u)) == set(places)


def test_flatness_and_roughness_by_hand():
    bowl = np.add.outer(STEPS**2, STEPS**2)  # of 25 points only the middle lies below 0.1
    assert flat_fraction(bowl) == 1 / 25
    assert flat_fraction(bowl, 0.3) == 5 / 25
    assert flat_fraction(np.ones((3, 3))) == 1
    assert roughness(bowl + 7, bowl) == pytest.approx(0, abs=1e-12)


def spoilt(**changes):
    random = np.random.default_rng(10)
    weights, (images, labels) = network(random), samples(random)
    given = {
        "weights": weights,
        "images": images,
        "labels": labels,
        "first": single_weight(W2, weights),
        "second": single_weight(W3, weights),
        "steps": STEPS,
    }
    return given | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {"W1": np.zeros((4, 5))}}, "weights lack b1"),
        ({"images": np.zeros((40, 6))}, r"images has shape \(40, 6\)"),
        ({"images": np.full((40, 5), np.nan)}, "images holds NaN"),
        ({"labels": np.full(40, 3)}, "0 to 2"),
        ({"labels": np.zeros(0, int), "images": np.zeros((0, 5))}, "n >= 1"),
        ({"steps": [0.0, np.inf]}, "steps"),
        ({"first": np.zeros(7)}, r"first has shape \(7,\)"),
        ({"second": np.full(W3 + CLASSES * (HIDDEN + 1), np.nan)}, "second"),
    ],
)
def test_bad_input_is_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        mean_surface(**spoilt(**changes))


def test_a_diverged_network_is_refused():
    given = spoilt()
    given["weights"]["W2"][0, 0] = np.inf
    with pytest.raises(UsageError, match="W2 holds NaN or infinite values"):
        batch_surface(**given, batch_size=4, random=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: single_weight(99, w), ">= 0 and <= 58"),
        (lambda w: directions_within([1, 1], w, np.random.default_rng(0)), "distinct"),
        (lambda w: directions_within([1], w, np.random.default_rng(0), 2), "2 directions"),
        (lambda w: directions_within([0], {n: 0 * v for n, v in w.items()}, np.random.default_rng(0)), "no length"),
        (lambda w: batch_surface(**spoilt(), batch_size=0, random=None), "batch_size is 0"),
        (lambda w: roughness(np.ones(2), np.ones(3)), "of one grid"),
        (lambda w: roughness([np.nan], [1.0]), "batch holds NaN"),
        (lambda w: flat_fraction([1.0, np.inf]), "mean holds NaN"),
        (lambda w: flat_fraction([1.0], 0), "height is 0"),
    ],
)
def test_bad_calls_are_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call(network(np.random.default_rng(0)))
