"""Histograms of weights and the random control: the authors' numbers, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.weights.histograms import random_transfers, weight_histograms


@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_histograms_are_those_of_the_authors(reference, sign):
    weights = np.concatenate([reference[0][f"{n}_100"].ravel() for n in ("W1", "b1", "W2", "b2", "W3", "b3")])
    found = getattr(weight_histograms(weights), sign)
    centres, mass = reference[1][f"t100/wdist/{sign[:3]}_hist"]  # empty bins are left out there
    filled = found.counts > 0
    # float32 edges there: a weight within rounding of an edge may fall to the other side
    np.testing.assert_allclose((found.counts / found.counts.sum())[filled], mass, atol=2 / found.counts.sum())
    np.testing.assert_allclose(((found.edges[1:] + found.edges[:-1]) / 2)[filled], centres, rtol=1e-4)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=50), st.integers(1, 20))
def test_every_weight_is_counted_once(weights, bins):
    found = weight_histograms(weights, bins)
    assert found.positive.counts.sum() == sum(w >= 0 for w in weights)
    assert found.negative.counts.sum() == sum(w < 0 for w in weights)
    mirrored = weight_histograms([-w for w in weights if w], bins) if any(weights) else None
    if mirrored is not None and 0.0 not in weights and -0.0 not in weights:
        assert mirrored.positive.counts.tolist() == found.negative.counts.tolist()


def test_a_part_without_weights_has_no_edges():
    found = weight_histograms([1.0, 2.0])
    assert not found.negative.counts.any()
    assert np.isnan(found.negative.edges).all()


def test_transfers_keep_the_sum_and_add_the_variance_of_many_steps():
    weights = np.random.default_rng(0).normal(size=42_310)
    moved = random_transfers(weights, np.random.default_rng(1))
    assert moved.sum() == pytest.approx(weights.sum(), abs=1e-8)
    added = np.var(moved - weights)
    assert added == pytest.approx(2e5 * 0.01 / 42_310, rel=0.05)
    assert np.sqrt(added) == pytest.approx(0.217, abs=0.005)


def test_transfers_equal_a_loop():
    random = np.random.default_rng(2)
    pairs, amount = random.integers(4, size=(2, 30)), random.normal(0, 0.1, 30)
    expected = np.arange(4.0)
    for (i, j), d in zip(pairs.T, amount, strict=True):
        expected[i] += d
        expected[j] -= d
    found = random_transfers(np.arange(4.0), np.random.default_rng(2), n_transfers=30)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("weights", [[], [np.nan], np.zeros((2, 2))])
def test_weights_that_cannot_be_used(weights):
    for call in (weight_histograms, lambda w: random_transfers(w, np.random.default_rng(0))):
        with pytest.raises(UsageError, match="weights"):
            call(weights)


def test_numbers_that_cannot_be_used():
    with pytest.raises(UsageError, match="bins is 0"):
        weight_histograms([1.0], 0)
    with pytest.raises(UsageError, match="n_transfers is -1"):
        random_transfers([1.0], np.random.default_rng(0), n_transfers=-1)
    with pytest.raises(UsageError, match="spread is nan"):
        random_transfers([1.0], np.random.default_rng(0), spread=np.nan)
