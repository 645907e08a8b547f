"""Nulls: what they keep, what they destroy; and how often rules err in simulated worlds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from critnet.errors import UsageError
from critnet.statistics.error_rates import error_rates
from critnet.statistics.nulls import exponential_numbers, geometric_numbers, independent_neurons, shuffled_pairs
from critnet.statistics.tails import fit_tail


@given(st.integers(1, 12), st.integers(0, 1000))
def test_shuffled_pairs_keep_the_correlations_and_lose_the_places(n, seed):
    random = np.random.default_rng(seed)
    c = np.corrcoef(random.normal(size=(n, 20))).reshape(n, n).clip(-1, 1)
    shuffled = shuffled_pairs(c, random)
    assert (shuffled == shuffled.T).all()
    assert (shuffled.diagonal() == c.diagonal()).all()
    upper = np.triu_indices(n, 1)
    assert sorted(shuffled[upper]) == sorted(c[upper])


def test_shuffled_pairs_break_communities():
    two = np.kron(np.eye(2), np.ones((20, 20)))  # two cliques: every triangle closed
    shuffled = shuffled_pairs(two, np.random.default_rng(0))
    triangles = [np.trace(np.linalg.matrix_power(a - np.diag(a.diagonal()), 3)) for a in (two, shuffled)]
    assert triangles[0] == 2 * 20 * 19 * 18
    assert triangles[1] == pytest.approx(40 * 39 * 38 * (19 / 39) ** 3, rel=0.1)


def test_every_pair_goes_everywhere_alike():
    c, random = np.eye(4), np.random.default_rng(1)
    c[0, 1] = c[1, 0] = 0.9
    hits = sum(shuffled_pairs(c, random) == 0.9 for _ in range(3000))
    assert hits[np.triu_indices(4, 1)] == pytest.approx(np.full(6, 500), abs=90)


def test_independent_neurons_keep_their_values_only():
    random = np.random.default_rng(2)
    common = random.exponential(size=4000)
    activity = common + 0.1 * random.normal(size=(6, 4000))
    null = independent_neurons(activity, random)
    assert (np.sort(null) == np.sort(activity)).all()
    off = ~np.eye(6, dtype=bool)
    assert np.corrcoef(activity)[off].min() > 0.9
    assert np.abs(np.corrcoef(null)[off]).max() < 5 / np.sqrt(4000)


def test_numbers_of_equal_mean_have_no_power_law():
    random = np.random.default_rng(3)
    sizes = random.zipf(2.2, 20_000).clip(max=5000).astype(float)
    whole = geometric_numbers(sizes, random)
    assert whole.min() == 1
    assert (whole == np.rint(whole)).all()
    assert whole.mean() == pytest.approx(sizes.mean(), rel=0.05)
    assert geometric_numbers(sizes - 1, random, least=0).min() == 0
    real = exponential_numbers(sizes, random, least=1.0)
    assert real.mean() == pytest.approx(sizes.mean(), rel=0.05)
    assert real.min() > 1
    assert fit_tail(whole, discrete=True, x_min=1).ratio["exponential"] < 0
    assert fit_tail(real, x_min=1.0).ratio["exponential"] < 0
    assert fit_tail(sizes, discrete=True, x_min=1).ratio["exponential"] > 0


def world(mean):
    return lambda n_runs, random: random.normal(mean, 1, n_runs)


def by_interval(values):
    half = 1.96 / np.sqrt(values.size)
    low, high = values.mean() - half, values.mean() + half
    return "reproduced" if low > 0 else "not reproduced" if high < 0 else "undecided"


def test_error_rates_are_those_of_the_rule():
    found = error_rates(by_interval, world(0.5), world(0.0), n_runs=16, n_worlds=4000, random=np.random.default_rng(4))
    assert found.false_reproduce.low <= 0.025 <= found.false_reproduce.high
    assert not found.marked
    assert found.in_true["reproduced"] == pytest.approx(ndtr(2 - 1.96), abs=0.03)
    assert found.false_refute.value <= 0.001
    for shares in (found.in_true, found.in_false):
        assert sum(shares.values()) == pytest.approx(1)
    assert "undecided" in found.in_false


def test_a_rule_that_cannot_lose_is_marked():
    always = error_rates(lambda data: "reproduced", world(1), world(0), n_runs=5, random=np.random.default_rng(0))
    assert always.marked
    assert (always.false_reproduce.value, always.false_refute.value) == (1, 0)


def test_bad_input_is_refused():
    random = np.random.default_rng(0)
    for call, message in (
        (lambda: shuffled_pairs([[1, 2], [2, 1]], random), "modulus 2"),
        (lambda: shuffled_pairs(np.eye(2), None), "Generator"),
        (lambda: independent_neurons([1, 2], random), "a row a neuron"),
        (lambda: independent_neurons([[np.nan]], random), "NaN"),
        (lambda: geometric_numbers([0, 1], random), "below least = 1"),
        (lambda: geometric_numbers([], random), "at least 1"),
        (lambda: exponential_numbers([-1.0], random), "below least"),
        (lambda: error_rates(by_interval, world(1), world(0), n_runs=0, random=random), "n_runs is 0"),
        (lambda: error_rates(lambda d: None, world(1), world(0), n_runs=2, random=random), "a verdict is a word"),
    ):
        with pytest.raises(UsageError, match=message):
            call()
