"""Prediction entropy, information gain and landmarks: known answers, bounds, the authors' numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.information import (
    class_probabilities,
    fixed_point_spread,
    information_gain,
    prediction_entropy,
    turning_point,
)


def certain(n_samples=600):
    return 200.0 * np.eye(10)[np.arange(n_samples) % 10].T


def test_perfect_predictions():  # T10
    assert prediction_entropy(certain(), definition="as-coded") == pytest.approx(0.3251, abs=5e-5)
    assert prediction_entropy(certain(), definition="as-coded") == pytest.approx(
        -0.9 * np.log(0.9) - 0.1 * np.log(0.1), rel=1e-6
    )
    assert prediction_entropy(certain(), "control") == pytest.approx(0, abs=1e-12)


def test_a_network_of_zeros():
    assert prediction_entropy(np.zeros((10, 5)), definition="as-coded") == pytest.approx(0, abs=1e-8)
    assert prediction_entropy(np.zeros((10, 5)), "control") == pytest.approx(np.log(10))


def test_one_class_and_one_sample():
    assert prediction_entropy([[3.0]], definition="as-coded") == pytest.approx(0, abs=1e-8)
    assert prediction_entropy([[3.0]], "control") == 0.0


def test_uniform_outputs_fill_all_bins():
    even = np.linspace(0.0005, 0.9995, 1000)  # the outputs of two classes, ten to a bin
    assert prediction_entropy(np.stack([np.log(even), np.log(1 - even)]), definition="as-coded") == pytest.approx(
        np.log(100), abs=1e-3
    )


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), shift=st.floats(-50, 50), scale=st.floats(0, 300))
def test_bounds_and_symmetries(seed, shift, scale):
    rng = np.random.default_rng(seed)
    logits = scale * rng.normal(size=(4, 30))
    moved = (logits + shift * rng.random(30))[rng.permutation(4)][:, rng.permutation(30)]
    np.testing.assert_allclose(class_probabilities(logits).sum(axis=0), 1, rtol=1e-12)
    control = prediction_entropy(logits, "control")
    assert 0 <= control <= np.log(4) + 1e-12
    assert prediction_entropy(moved, "control") == pytest.approx(control, abs=1e-9)
    assert 0 <= prediction_entropy(logits, definition="as-coded") <= np.log(100) + 1e-12


def test_control_equals_the_sum_written_out():
    logits = np.random.default_rng(0).normal(size=(3, 7))
    q = np.exp(logits) / np.exp(logits).sum(axis=0)
    written = [-sum(q[k, x] * np.log(q[k, x]) for k in range(3)) for x in range(7)]
    assert prediction_entropy(logits, "control") == pytest.approx(np.mean(written), rel=1e-12)


def test_gain_is_relative_to_either_reference():
    entropy, steps = [2.2, 2.1, 0.5], [0, 1, 100]
    assert information_gain(entropy, steps) == pytest.approx([-0.1, 0, 1.6])
    assert information_gain(entropy, steps, reference=0) == pytest.approx([0, 0.1, 1.7])


def test_landmarks():
    assert turning_point([3, 9, 9, 5], [0, 10, 20, 30]) == 10
    assert fixed_point_spread(np.r_[0, np.full(60, 5.0)]) == 0
    assert fixed_point_spread(np.full(50, 2.0)) == 0
    assert fixed_point_spread([0, 4, 1, 3], n_last=2) == pytest.approx(1 / 4)


def test_bad_input_is_refused():
    for logits in (np.array([[np.nan], [0]]), np.array([[np.inf], [0]]), np.ones(3), np.ones((0, 2))):
        for definition in ("as-coded", "control"):
            with pytest.raises(UsageError, match="logits"):
                prediction_entropy(logits, definition)
    with pytest.raises(UsageError, match="definition is 'x'"):
        prediction_entropy(np.ones((2, 2)), "x")
    with pytest.raises(UsageError, match="reference step 1 occurs 0 times"):
        information_gain([1.0], [0])
    with pytest.raises(UsageError, match="must agree"):
        information_gain([1.0, 2.0], [0])
    with pytest.raises(UsageError, match="strength holds 1 NaN"):
        turning_point([1.0, np.nan], [0, 1])
    with pytest.raises(UsageError, match="entropy has shape"):
        information_gain([], [])
    with pytest.raises(UsageError, match="only 3 values"):
        fixed_point_spread([1, 2, 3])


@pytest.mark.mnist
def test_entropy_matches_the_authors(anchor_activity, numbers):
    assert prediction_entropy(anchor_activity[-10:], definition="as-coded") == pytest.approx(
        numbers("S_pred"), rel=1e-5
    )


@pytest.mark.mnist
@pytest.mark.parametrize("start", [0, 1])
def test_gain_matches_the_authors(anchor_activity, reference, step, start):
    # S_pred at the start is not among the references, but it follows from their numbers at the *other* step
    other = 137 - step
    first = reference[1][f"t{other}/S_pred"] + reference[1][f"t{other}/info_gain_ref_t{start}"]
    gain = information_gain(
        [first, prediction_entropy(anchor_activity[-10:], definition="as-coded")], [start, step], reference=start
    )
    assert gain[1] == pytest.approx(reference[1][f"t{step}/info_gain_ref_t{start}"], rel=1e-5)
