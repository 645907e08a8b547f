"""Coupling cost: two populations whose moments are known, the definition as loops, and what freezing separates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.circuits.coupling import energy, normalised_energy, sample_energy, standardise_neurons, terms
from critnet.circuits.edges import full_edges
from critnet.errors import UsageError


def two_populations(f, d, n=200_000):
    """Two neurons that stand d higher on the digit, a share f of the samples, with noise of 1."""
    random = np.random.default_rng(0)
    labels = (np.arange(n) < f * n).astype(int)
    return random.standard_normal((2, n)) + d * labels, labels


ONE_EDGE = {"W1": np.ones((1, 3)), "b1": [0], "W2": [[0.0]], "b2": [0], "W3": [[0.0]], "b3": [0]}


def test_two_gaussian_populations_couple_as_the_moments_say():
    f, d = 0.1, 5.0
    activity, labels = two_populations(f, d)
    z = standardise_neurons(np.r_[activity, activity[:1]])
    net = ONE_EDGE | {"W2": [[2.0]]}
    on, off = (terms(net, [[1, 0, 0]], z, labels, digit) for digit in (1, 0))
    whole = 1 + f * (1 - f) * d**2
    assert on.moment[0] == pytest.approx(((1 - f) * d) ** 2 / whole, rel=0.01)
    assert ((1 - f) * d) ** 2 / whole == pytest.approx(6.231, abs=1e-3)
    assert off.moment[0] == pytest.approx((f * d) ** 2 / whole, abs=0.005)
    assert on.signal[0] == pytest.approx(d**2, rel=0.02)
    assert energy(on.weight, on.moment) == -2 * on.moment[0]
    assert normalised_energy(on.weight, on.moment) == -on.moment[0]


@given(st.integers(0, 1000), st.integers(0, 2), st.lists(st.integers(0, 17), max_size=18))
def test_the_cost_is_that_of_the_loops(seed, digit, chosen):
    random = np.random.default_rng(seed)
    shapes = {"W1": (4, 5), "b1": 4, "W2": (3, 4), "b2": 3, "W3": (2, 3), "b3": 2}
    net = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    edges = full_edges(net)[sorted(set(chosen))]
    labels = random.integers(3, size=40)
    labels[:3] = 0, 1, 2
    activity = random.standard_normal((9, 40))
    z = standardise_neurons(activity)
    expected, moments = np.zeros(40), []
    for layer, i, j in edges:
        a, b = (i, 4 + j) if layer == 1 else (4 + i, 7 + j)
        one, two = ((activity[k] - activity[k].mean()) / activity[k].std() for k in (a, b))
        expected -= (net["W2"] if layer == 1 else net["W3"])[j, i] * one * two
        moments.append(np.mean((one * two)[labels == digit]))
    found = terms(net, edges, z, labels, digit)
    assert np.allclose(sample_energy(net, edges, z), expected, atol=1e-5)
    assert np.allclose(found.moment, moments, atol=1e-5)
    assert energy(found.weight, found.moment) == pytest.approx(expected[labels == digit].mean(), abs=1e-5)
    if not len(edges):
        assert energy(found.weight, found.moment) == 0
        assert np.isnan(normalised_energy(found.weight, found.moment))


def test_growing_weights_lower_the_cost_and_not_the_normalised_one():
    moment, weight = np.array([0.5, 0.1]), np.array([[1.0, -2.0], [3.0, -6.0]])
    assert energy(weight, moment)[1] == 3 * energy(weight, moment)[0]
    assert normalised_energy(weight, moment)[0] == pytest.approx(normalised_energy(weight, moment)[1])


def test_a_silent_neuron_couples_with_nothing():
    z = standardise_neurons([[0.0, 0, 0, 0], [1, 2, 3, 4], [0, 1, 0, 1]])
    net = ONE_EDGE | {"W2": [[1.0]], "W3": [[1.0]]}
    found = terms(net, [[1, 0, 0], [2, 0, 0]], z, np.array([0, 0, 1, 1]), 0)
    assert found.moment[0] == 0
    assert found.signal[0] == 0
    assert found.moment[1] != 0


def test_what_has_no_cost_is_refused():
    z, labels = np.zeros((3, 4)), np.zeros(4, int)
    with pytest.raises(UsageError, match="no sample is labelled 2"):
        terms(ONE_EDGE, [[1, 0, 0]], z, labels, 2)
    with pytest.raises(UsageError, match="3 neurons"):
        terms(ONE_EDGE, [[1, 0, 0]], z[:2], labels, 0)
    with pytest.raises(UsageError, match="leads outside"):
        sample_energy(ONE_EDGE, [[1, 1, 0]], np.zeros((3, 4)))
    for edge, words in (([1, 99, 0], "leads outside"), ([2, 0, 7], "leads outside"), ([3, 0, 0], "of layer 3")):
        with pytest.raises(UsageError, match=words):
            terms(ONE_EDGE, [edge], z, labels, 0)
        with pytest.raises(UsageError, match=words):
            sample_energy(ONE_EDGE, [edge], z)
    with pytest.raises(UsageError, match="a label a sample"):
        terms(ONE_EDGE, [[1, 0, 0]], z, labels[:3], 0)
    with pytest.raises(UsageError, match="NaN"):
        standardise_neurons([[1.0, np.nan]])
    with pytest.raises(UsageError, match="with samples"):
        standardise_neurons(np.zeros((3, 0)))


def test_a_circuit_pruned_to_nothing_costs_nothing_and_has_no_cost_per_unit_of_weight():
    none, z = np.zeros((0, 3), int), np.zeros((3, 4))
    found = terms(ONE_EDGE, none, z, np.array([0, 0, 1, 1]), 0)
    assert energy(found.weight, found.moment) == 0
    assert np.isnan(normalised_energy(found.weight, found.moment))
    assert sample_energy(ONE_EDGE, none, z).tolist() == [0, 0, 0, 0]
