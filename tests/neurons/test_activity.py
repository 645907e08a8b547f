"""Activity and correlations: known answers, exact consequences of the per-sample z-score, the authors' numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.activity import (
    BLOCK,
    correlation,
    dead_neurons,
    forward,
    rarely_active,
    standardise_samples,
)


def random_activity(seed, n_neurons=12, n_samples=200):
    rng = np.random.default_rng(seed)
    return np.maximum(rng.normal(size=(n_neurons, 3)) @ rng.normal(size=(3, n_samples)), -1.5) + rng.normal()


def random_weights(rng, n_inputs=7, hidden=4, n_classes=3):
    shapes = [(hidden, n_inputs), (hidden, hidden), (n_classes, hidden)]
    weights = {f"W{k}": rng.normal(size=shape) for k, shape in enumerate(shapes, 1)}
    return weights | {f"b{k}": rng.normal(size=shape[0]) for k, shape in enumerate(shapes, 1)}


# --- forward


def test_forward_equals_the_formula_sample_by_sample_and_crosses_block_borders():
    rng = np.random.default_rng(0)
    weights, images = random_weights(rng), rng.normal(size=(BLOCK + 5, 7))
    activity = forward(weights, images)
    assert activity.shape == (11, BLOCK + 5)
    assert activity.dtype == np.float32
    for sample in (0, BLOCK - 1, BLOCK, BLOCK + 4):
        first = np.maximum(weights["W1"] @ images[sample] + weights["b1"], 0)
        second = np.maximum(weights["W2"] @ first + weights["b2"], 0)
        logits = weights["W3"] @ second + weights["b3"]
        np.testing.assert_allclose(activity[:, sample], np.concatenate([first, second, logits]), rtol=2e-5, atol=2e-5)


def test_a_network_of_zeros_is_silent():
    weights = {name: np.zeros_like(value) for name, value in random_weights(np.random.default_rng(0)).items()}
    assert not forward(weights, np.ones((3, 7))).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("b2"), "lack 'b2'"),
        (lambda w: w.update(W2=np.zeros((4, 5))), "do not fit a layer of 4 inputs"),
        (lambda w: w.update(b1=np.zeros(5)), "do not fit"),
        (lambda w: w.update(W1=np.full((4, 7), np.nan)), "W1 holds 28 NaN"),
        (lambda w: w.update(W1=np.full((4, 7), 3e38), W2=np.full((4, 4), 3e38)), "activity holds"),
    ],
)
def test_forward_names_what_does_not_fit(change, message):
    weights = random_weights(np.random.default_rng(0))
    change(weights)
    with pytest.raises(UsageError, match=message):
        forward(weights, np.ones((2, 7)))


@pytest.mark.parametrize("images", [np.ones((2, 6)), np.ones(7), np.ones((0, 7)), np.full((2, 7), np.inf)])
def test_forward_refuses_images_it_cannot_use(images):
    with pytest.raises(UsageError, match="images"):
        forward(random_weights(np.random.default_rng(0)), images)


# --- the per-sample z-score (T3)


def test_every_sample_has_sum_zero_and_square_sum_m():
    z = standardise_samples(random_activity(1, 12, BLOCK + 3))
    np.testing.assert_allclose(z.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((z**2).sum(axis=0), 12, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 + 0.1])
def test_a_sample_without_spread_becomes_zero(value):
    activity = random_activity(2)
    activity[:, 7] = value
    z = standardise_samples(activity)
    assert not z[:, 7].any()
    assert np.isfinite(z).all()


def test_one_neuron_has_no_spread_across_neurons():
    assert not standardise_samples([[1.0, 2.0]]).any()


def test_float32_stays_float32_and_integers_become_float64():
    assert standardise_samples(np.eye(3, dtype=np.float32)).dtype == np.float32
    assert standardise_samples(np.eye(3, dtype=int)).dtype == np.float64


# --- correlation


@pytest.mark.parametrize("definition", ["as-coded", "control"])
@pytest.mark.parametrize("n_samples", [2, 200, BLOCK + 1])
def test_correlation_equals_numpys(definition, n_samples):
    activity = random_activity(3, 12, n_samples)
    values = activity if definition == "control" else (activity - activity.mean(0)) / activity.std(0)
    np.testing.assert_allclose(correlation(activity, definition=definition), np.corrcoef(values), atol=1e-10)


def test_correlation_times_spread_is_zero():  # T4
    activity = random_activity(4, 20, 5000)
    np.testing.assert_allclose(
        correlation(activity, definition="as-coded") @ standardise_samples(activity).std(axis=1), 0, atol=1e-12
    )


def test_silent_neurons_correlate_at_exactly_one_as_coded_and_not_at_all_in_the_control():  # T5
    activity = random_activity(5, 20, 5000)
    activity[[3, 11]] = 0.0
    assert correlation(activity, definition="as-coded")[3, 11] == 1.0
    control = correlation(activity, definition="control")
    for neuron in (3, 11):
        assert not control[neuron].any()
        assert not control[:, neuron].any()
    assert np.isfinite(control).all()
    assert np.count_nonzero(control.diagonal()) == 18


def test_rarely_active_neurons_correlate_strongly_as_coded_only():
    rng = np.random.default_rng(6)
    activity = np.maximum(rng.normal(size=(40, 20000)), 0)
    activity[:2] *= rng.random((2, 20000)) < 0.005
    assert correlation(activity, definition="as-coded")[0, 1] > 0.5  # an edge at the threshold of the paper
    assert abs(correlation(activity, definition="control")[0, 1]) < 0.02


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3e5])
def test_a_constant_neuron_has_no_correlation_in_the_control_whatever_its_value(value):
    activity = random_activity(7, 5, 999)
    activity[2] = value
    control = correlation(activity, definition="control")
    assert not control[2].any()
    assert not control[:, 2].any()


def test_a_neuron_active_on_the_first_sample_alone_keeps_its_precision():
    activity = random_activity(8, 4, 3 * BLOCK)
    activity[1] = 0.0
    activity[1, 0] = 5.0
    np.testing.assert_allclose(correlation(activity, definition="control"), np.corrcoef(activity), atol=1e-9)


def test_one_sample_and_one_neuron():
    for definition in ("as-coded", "control"):
        assert not correlation(np.array([[1.0], [2.0]]), definition=definition).any()
    assert correlation([[1.0, 2.0, 4.0]], definition="as-coded").tolist() == [[0.0]]
    assert correlation([[1.0, 2.0, 4.0]], definition="control").tolist() == [[1.0]]


def test_a_gaussian_process_gives_its_own_correlations_back():  # D8
    rng = np.random.default_rng(9)
    mixing, n_samples = rng.normal(size=(6, 6)), 40000
    covariance = mixing @ mixing.T
    spread = np.sqrt(covariance.diagonal())
    found = correlation(mixing @ rng.normal(size=(6, n_samples)), definition="control")
    assert np.abs(found - covariance / np.outer(spread, spread)).max() < 4 / np.sqrt(n_samples)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    scale=st.floats(1e-3, 1e3),
    offset=st.floats(-100, 100),
    definition=st.sampled_from(["as-coded", "control"]),
)
def test_correlation_properties(seed, scale, offset, definition):
    activity = random_activity(seed, 7, 60)
    found = correlation(activity, definition=definition)
    assert np.array_equal(found, found.T)
    assert np.abs(found).max() <= 1
    assert (found.diagonal() == 1).all()
    assert 7 <= (found**2).sum() <= 49  # T6
    # a new order of neurons is a new order of rows and columns; a new order of samples changes nothing
    rng = np.random.default_rng(seed)
    neurons, samples = rng.permutation(7), rng.permutation(60)
    shuffled = correlation(activity[neurons][:, samples], definition=definition)
    np.testing.assert_allclose(shuffled, found[np.ix_(neurons, neurons)], atol=1e-10)
    # one affine map for all neurons leaves both definitions as they are; one for each neuron only the control
    np.testing.assert_allclose(correlation(scale * activity + offset, definition=definition), found, atol=1e-7)
    own = np.geomspace(0.1, 10, 7)[:, None]
    moved = correlation(scale * own * activity + offset * own, definition=definition)
    assert np.allclose(moved, found, atol=1e-7) == (definition == "control")


# --- dead and rare


def test_dead_and_rarely_active():
    activity = np.zeros((4, 1000))
    activity[1, :9] = activity[2, :10] = 1.0
    activity[3] = -2.0
    assert dead_neurons(activity).tolist() == [True, False, False, True]
    assert rarely_active(activity).tolist() == [True, True, False, True]


@pytest.mark.parametrize("function", [standardise_samples, correlation, dead_neurons, rarely_active])
@pytest.mark.parametrize(
    "activity", [np.array([[1.0, np.nan]]), np.array([[np.inf, 1.0]]), np.ones(3), np.ones((0, 3)), np.ones((3, 0))]
)
def test_unusable_activity_is_refused(function, activity):
    with pytest.raises(UsageError, match="activity"):
        function(activity)


def test_unknown_definition_and_fraction_are_refused():
    with pytest.raises(UsageError, match=r"'raw'.*'as-coded', 'control'"):
        correlation(np.eye(3), definition="raw")
    with pytest.raises(UsageError, match=r"fraction is 1\.5.*\[0, 1\]"):
        rarely_active(np.eye(3), 1.5)


# --- the authors' numbers


@pytest.mark.mnist
def test_mean_activity_dead_and_rare_neurons_match_the_authors(anchor_activity, numbers):
    ours = anchor_activity.mean(axis=1, dtype=np.float64)
    theirs = np.array(numbers("mean_raw_activity"))
    # float32 sums of 60000 terms of both signs: a mean near 0 is judged on the scale of its terms
    scale = np.abs(anchor_activity).mean(axis=1, dtype=np.float64)
    assert (np.abs(ours - theirs) <= 1e-5 * scale).all()
    assert dead_neurons(anchor_activity).sum() == numbers("n_dead_neurons")
    assert rarely_active(anchor_activity).sum() == numbers("n_active_lt_1pct")


@pytest.mark.mnist
def test_correlation_histogram_entries_match_the_authors(anchor_correlation, numbers):  # D22
    inside = (anchor_correlation > 0.1) & (anchor_correlation < 0.99)
    assert inside.sum() == numbers("corr_hist_0.1_0.99/n_entries")
