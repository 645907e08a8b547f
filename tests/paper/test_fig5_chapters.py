"""What chapters 4.2 and 4.3 say in words is so: their numbers against the ledger and the committed results."""

import numpy as np
import pytest

from critnet.paper import ledger, results
from critnet.paper.fig5 import ageing, frozen_panels, size_laws, stored
from critnet.paper.fig5.coupling_panels import costs
from critnet.statistics.avalanches import log_bin_slope
from critnet.statistics.tails import fit_tail


@pytest.fixture(scope="module")
def judged():
    return {(row.id, row.definition): row for row in ledger.read()}


@pytest.fixture(scope="module")
def rows():
    data = results.load_all(("circuits", "runs"))
    return stored.sizes(stored.frame(data["circuits"], data["runs"]))


@pytest.fixture(scope="module")
def coupling():
    return results.load("coupling")


def test_the_pool(rows, judged):
    assert len(rows) == 890
    assert rows.groupby("network").guessing.first().sum() == 9  # one in ten
    assert rows.n_neurons.max() == 48
    for quantity in ("n_neurons", "n_edges"):
        for constant in (True, False):
            pools = size_laws.universes(rows, quantity, constant=constant)
            inside = [1.35 <= value <= 1.65 for value in pools.values()]
            assert not any(inside) if quantity == "n_neurons" else 0 < sum(inside) < len(inside)
            for (weighting, *kinds), value in pools.items():
                if weighting == "each network":
                    assert value > pools["each model size", *kinds]
    least, most = judged["C120", "as-coded"].also, judged["C120", "control"].also
    assert round(least["smallest exponent of the pools"][0], 1) == 0.5
    assert round(most["largest exponent of the pools"][0], 1) == 1.8
    (null,) = judged["C120", "as-coded"].null.values()
    assert null[1] < judged["C120", "as-coded"].value < null[2]
    assert [round(end, 1) for end in null[1:]] == [1.1, 1.6]
    beside = "of a critical branching process cut at the largest size"
    assert [round(each[beside][0], 1) for each in (least, most)] == [1.5, 1.5]


def test_what_the_pool_explorer_makes(rows):
    values = rows.n_neurons.values
    assert [round(-log_bin_slope(values, bins).slope, 2) for bins in (4, 24)] == [1.1, 1.45]
    assert round(fit_tail(values, discrete=True, x_min=1).alpha, 2) == 1.44
    assert round(fit_tail(values, discrete=True, x_min=10).alpha, 1) == 3.3
    assert round(-log_bin_slope(rows[rows.hidden >= 100].n_neurons.values).slope, 1) == 0.1


def test_pruned_and_never_pruned(rows):
    never = rows[rows.untouched & (rows.n_edges >= 1)].n_edges.median()
    assert never == 50
    assert rows[~rows.untouched & (rows.n_edges >= 1)].n_edges.median() == 8
    both = rows.assign(some=rows.n_edges >= 1)
    assert size_laws.slope(both[both.untouched], "n_edges") < size_laws.slope(both[~both.untouched], "n_edges") - 0.5


def test_growth_mobility_and_digits(judged):
    growth = judged["C116", "control"].also
    assert round(growth["elasticity of N_V to M"][0], 1) == 0.4
    assert round(growth["elasticity of N_E to M"][0], 1) == 0.6
    change = judged["C117", "control"]
    assert change.value == pytest.approx(0.9, abs=0.06)  # nearly its own mean
    low, high = change.also["of batch sizes alone"][1:]
    assert low < -0.2 < 0.2 < high
    assert change.also["of learning rates alone"][1] > 0.2
    eight = judged["C119", "as-coded"].also
    assert eight["share of its circuits that are constant"][0] > 0.5
    assert eight["place of its output bias from the largest"] == [1.0]
    assert eight["place at equal output bias"] == judged["C119", "control"].also["place at equal output bias"] == [1.0]
    assert judged["C118", "as-coded"].also["share of anchors that show it alone"][0] == 0
    assert 0.01 < judged["C118", "as-coded"].also["its p"][0] < 0.05


def test_shares_of_the_fall(coupling):
    of = {at: frozen_panels.shares(coupling, at) for at in (1, 100, 1000)}
    assert len(of[100]) == 48
    for at in (100, 1000):
        assert (of[at].coherence > of[at].weights).all()
    assert round(of[100].coherence.median(), 1) == 0.7
    assert round(of[100].weights.median(), 1) == 0.1
    assert of[1000].coherence.median() > 0.95
    assert of[1].coherence.median() < 0.1
    assert of[1].weights.median() == pytest.approx(1 / 3, abs=0.05)


def test_least_cost_per_unit_of_weight(coupling):
    at = []
    for seed in coupling["seed"].values:
        for digit in ageing.usable(coupling, seed):
            t, cost = costs(coupling, seed, digit, form="per unit of weight")
            at.append(t[cost.argmin()])
    at = np.array(at)
    assert (at < 200_000).sum() == 42
    assert ((at >= 1000) & (at <= 20_000)).sum() > 42 / 2
    assert len(coupling["t"]) == 64


def test_outputs_neurons_and_laws(judged):
    one = judged["C124", "as-coded"].also
    assert 1 / one["share of the neurons"][0] == pytest.approx(8, abs=0.5)
    assert one["the same of neurons drawn at random"][0] == pytest.approx(0.4, abs=0.01)
    assert judged["C124", "as-coded"].low >= 5
    two = judged["C122", "as-coded"].also
    assert 1 / two["1 - AUC of the circuit alone"][0] == pytest.approx(6, abs=0.5)
    assert 1 / two["1 - AUC of the full network"][0] == pytest.approx(350, abs=5)
    three = judged["C123", "as-coded"]
    assert round(three.value) == 16
    assert round(three.also["that at t = 1 over that at t = 100"][0]) == 5
    five = judged["C125", "as-coded"]
    found = five.value, five.also["output alone"][0], five.also["without output edges"][0]
    assert found == pytest.approx((0.96, 0.997, 0.85), abs=0.005)
    assert 0.2 < judged["C127", "as-coded"].value < 0.23
    law = judged["C128", "as-coded"]
    errors = [law.also[f"median error of a{name}"][0] for name in (" power law", " stretched exponential")]
    assert [law.also["median error of the logarithm"][0], *errors] == pytest.approx([0.10, 0.21, 0.27], abs=0.006)
    assert law.also["share foretold within 10 %"][0] == 0.4
    (weights,) = law.null.values()
    assert weights == [0.0]
    assert law.also["with weights as at t = 100"][0] == 0
    assert judged["C129", "as-coded"].value == 1
    for given in judged["C129", "as-coded"].null.values():
        assert given == [1.0]
