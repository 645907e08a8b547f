"""Choosing edges and counting what they keep: known answers, loops, properties."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from critnet.circuits.edges import correlated_edges, edge_values, edges_to, full_edges, size, strongest_edges
from critnet.errors import UsageError


def as_set(edges):
    return {tuple(edge) for edge in np.asarray(edges).tolist()}


def test_the_full_network_has_every_pair_of_adjacent_layers(net):
    expected = [(1, i, j) for i, j in itertools.product(range(4), range(3))]
    expected += [(2, j, k) for j, k in itertools.product(range(3), range(6))]
    assert full_edges(net(0)).tolist() == [list(edge) for edge in expected]


def test_the_full_network_of_the_paper_is_not_reduced():
    zeros = np.zeros
    weights = {"W1": zeros((50, 784)), "b1": zeros(50), "W2": zeros((50, 50)), "b2": zeros(50), "W3": zeros((10, 50)),
               "b3": zeros(10)}  # fmt: skip
    everything = size(weights, full_edges(weights))
    assert everything[:4] == (3000, 50, 50, 42_200)
    assert everything.reduction == 1
    few = size(weights, [[1, i, 0] for i in range(4)] + [[2, 0, 7]])
    assert few == (5, 4, 1, 3141, 42_200 / 5, 42_200 / 3141)  # eight thousand by edges, thirteen with the inputs
    assert size(weights, [[2, 3, 7]]) == (1, 0, 1, 1, 42_200, 42_200)
    assert size(weights, []) == (0, 0, 0, 0, np.inf, np.inf)


@given(st.integers(0, 9), st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_correlated_edges_are_those_of_the_loops(seed, threshold):
    half = np.random.default_rng(seed).choice([0, 0.3, 0.5, -0.5, 0.6, -0.95, 1], size=(9, 9))
    C = np.triu(half, 1) + np.triu(half, 1).T + np.eye(9)
    expected = {(1, i, j) for i in range(3) for j in range(4) if abs(C[i, 3 + j]) > threshold}
    expected |= {(2, j, k) for j in range(4) for k in range(2) if abs(C[3 + j, 7 + k]) > threshold}
    assert as_set(correlated_edges(C, (3, 4, 2), threshold)) == expected


def test_the_strongest_edges_are_the_first_of_a_sorted_list(net):
    weights = net(4)
    ranked = sorted(full_edges(weights).tolist(), key=lambda e: -abs(weights[f"W{e[0] + 1}"][e[2], e[1]]))
    for count in (0, 1, 7, 30):
        assert as_set(strongest_edges(weights, count)) == {tuple(edge) for edge in ranked[:count]}
    values = edge_values(weights, full_edges(weights))
    assert values[0] == weights["W2"][0, 0]
    assert values[-1] == weights["W3"][5, 2]


def test_of_equally_strong_edges_the_first_is_taken():
    weights = {name: np.ones((2, 2)) for name in ("W1", "W2", "W3")} | {name: [0, 0] for name in ("b1", "b2", "b3")}
    assert strongest_edges(weights, 3).tolist() == [[1, 0, 0], [1, 0, 1], [1, 1, 0]]


@given(st.lists(st.integers(0, 29), max_size=30), st.integers(0, 5))
def test_what_leads_to_an_output_is_what_the_loops_find(chosen, output):
    weights = {"W1": np.ones((4, 5)), "b1": np.ones(4), "W2": np.ones((3, 4)), "b2": np.ones(3), "W3": np.ones((6, 3)),
               "b3": np.ones(6)}  # fmt: skip
    edges = as_set(full_edges(weights)[chosen])
    expected = {e for e in edges if e[0] == 2 and e[2] == output}
    expected |= {e for e in edges if e[0] == 1 and any(last[1] == e[2] for last in expected if last[0] == 2)}
    found = edges_to(sorted(edges), output)
    assert as_set(found) == expected
    assert as_set(edges_to(found, output)) == expected


def test_what_cannot_be_is_refused(net):
    with pytest.raises(UsageError, match="<= 30"):
        strongest_edges(net(0), 31)
    with pytest.raises(UsageError, match="ask for 6 neurons"):
        correlated_edges(np.eye(5), (1, 2, 3))
    with pytest.raises(UsageError, match="must lie in"):
        correlated_edges(np.eye(6), (1, 2, 3), 1.5)
    with pytest.raises(UsageError, match="NaN"):
        correlated_edges(np.full((6, 6), np.nan), (1, 2, 3))
    with pytest.raises(UsageError, match="leads outside"):
        size(net(0), [[2, 3, 0]])
