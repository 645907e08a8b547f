"""Maximal cliques against networkx and against the authors' numbers; the budget."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.cliques import clique_activity, clique_bound, clique_size_counts, clique_sizes, maximal_cliques
from critnet.neurons.graphs import adjacency


def moon_moser(n_groups):
    """The graph with most maximal cliques: groups of three, everybody joined to all other groups; 3^n_groups."""
    group = np.repeat(np.arange(n_groups), 3)
    return group[:, None] != group


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), n_neurons=st.integers(1, 14), density=st.floats(0, 1))
def test_cliques_equal_networkx_and_the_bound_holds(seed, n_neurons, density):
    graph = np.triu(np.random.default_rng(seed).random((n_neurons, n_neurons)) < density, 1)
    graph |= graph.T
    found, truncated = maximal_cliques(graph)
    expected = sorted(tuple(sorted(clique)) for clique in nx.find_cliques(nx.from_numpy_array(graph)))
    assert found == expected
    assert not truncated
    assert len(found) <= clique_bound(graph) * (1 + 1e-12)


def test_isolated_neurons_are_cliques_of_one():
    assert maximal_cliques(np.zeros((3, 3))).members == [(0,), (1,), (2,)]
    assert maximal_cliques(np.zeros((1, 1))).members == [(0,)]
    assert [part.tolist() for part in clique_size_counts([])] == [[], []]
    assert clique_activity([], [1.0]).shape == (0,)


def test_the_budget_is_kept_and_told():
    graph = moon_moser(4)
    assert clique_bound(graph) >= 81
    assert len(maximal_cliques(graph, budget=10**6).members) == 81
    exact = maximal_cliques(graph, budget=81)  # enough, whatever the bound says
    assert (len(exact.members), exact.truncated) == (81, False)
    cut = maximal_cliques(graph, budget=80)
    assert (len(cut.members), cut.truncated) == (80, True)
    assert set(cut.members) < set(exact.members)


def test_a_graph_that_explodes_stops_at_the_budget():
    cut = maximal_cliques(moon_moser(60), budget=100)  # 3^60 cliques
    assert (len(cut.members), cut.truncated) == (100, True)


def test_clique_activity_adds_the_moduli_of_signed_means():
    assert clique_activity([(0, 2), (1,)], [-1.0, 4.0, 0.25]).tolist() == [1.25, 4.0]


def test_bad_input_is_refused():
    with pytest.raises(UsageError, match="budget is 0"):
        maximal_cliques(np.zeros((2, 2)), budget=0)
    with pytest.raises(UsageError, match="self-loops"):
        maximal_cliques(np.eye(2))
    with pytest.raises(UsageError, match="does not fit 2 neurons"):
        clique_activity([(0, 2)], [1.0, 2.0])
    with pytest.raises(UsageError, match="mean_activity"):
        clique_activity([(0,)], [np.nan])
    with pytest.raises(UsageError, match="mean_activity"):
        clique_activity([(0,)], [[1.0]])


@pytest.mark.mnist
@pytest.mark.parametrize(("convention", "key"), [("signed", "signed"), ("absolute", "abs"), ("fisher", "fisher")])
def test_cliques_match_the_authors(anchor_activity, anchor_correlation, numbers, convention, key):
    members, truncated = maximal_cliques(adjacency(anchor_correlation, 0.5, convention))
    assert not truncated
    assert len(members) == numbers(f"{key}/n_cliques")
    assert Counter(map(str, clique_sizes(members))) == numbers(f"{key}/clique_size_hist")
    found = clique_activity(members, anchor_activity.mean(axis=1, dtype=np.float64))
    summary = [len(found), found.mean(), found.std(), found.min(), found.max(), found.sum()]
    assert summary == pytest.approx(numbers(f"{key}/aC_n_mean_std_min_max_sum"), rel=1e-5)
    assert np.quantile(found, [0.1, 0.5, 0.9]) == pytest.approx(numbers(f"{key}/aC_quantiles_10_50_90"), rel=1e-5)
