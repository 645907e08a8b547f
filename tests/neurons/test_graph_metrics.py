"""The fast sweep over thresholds against literal, slow versions of the definitions with networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.graphs import (
    GraphMetrics,
    adjacency,
    component_sizes,
    graph_metrics,
    largest_component,
    mean_degree,
    mean_finite_component,
    survival_probability,
    susceptibility,
    weighted_adjacency,
)
from critnet.neurons.ricci import forman_entropy

CONVENTIONS = ("signed", "absolute", "fisher")
THRESHOLDS = np.linspace(0.5, 1, 10)  # the scan of the paper


def random_correlation(seed, n_neurons=9, decimals=None):
    rng = np.random.default_rng(seed)
    values = np.corrcoef(rng.normal(size=(n_neurons, 4))) if n_neurons > 1 else np.ones((1, 1))
    values = np.clip((values + values.T) / 2, -1, 1)
    values = values if decimals is None else values.round(decimals)
    np.fill_diagonal(values, 1.0)
    return values


def slow_graph(correlation, threshold, convention):
    """The thresholded graph, pair by pair."""
    built = nx.Graph()
    built.add_nodes_from(range(len(correlation)))
    for i in range(len(correlation)):
        for j in range(i + 1, len(correlation)):
            c = float(correlation[i, j])
            weight = {"signed": c, "absolute": abs(c), "fisher": float(np.arctanh(min(abs(c), 0.999999)))}[convention]
            if weight >= threshold and weight > 0:
                built.add_edge(i, j, weight=weight)
    return built


def slow_curvature(built, u, v, definition):
    """METHODS D13, neighbour by neighbour."""
    edge = built[u][v]["weight"]
    others = [built[u][n]["weight"] for n in built[u] if n != v] + [built[v][n]["weight"] for n in built[v] if n != u]
    degrees = built.degree(u) + built.degree(v)
    if definition == "control":
        return 4 - degrees
    if definition == "sreejith":
        return edge * (1 / edge + 1 / edge - sum(1 / np.sqrt(edge * other) for other in others))
    return 4 - degrees - sum(np.sqrt(other / edge) for other in others)


def slow_entropy(values, definition):
    """METHODS D13, entropy of curvatures."""
    if not values:
        return 0.0
    if definition == "control":
        share = np.unique(values, return_counts=True)[1] / len(values)
    else:
        lowest = min(values)
        mass = np.array([value - lowest + 0.1 if lowest < 0 else value + 0.1 for value in values])
        share = mass / mass.sum()
    return float(-sum(p * np.log(p) for p in share))


def slow_susceptibility(sizes, definition):
    """METHODS D14, component by component."""
    if definition == "control":
        rest = sorted(sizes)[:-1]
        return sum(s * s for s in rest) / sum(sizes)
    rest = [s for s in sizes if s < max(sizes)]
    if not rest:
        return 0.0
    mean = sum(rest) / len(rest)
    return (sum(s * s for s in rest) / len(rest) - mean**2) / mean


def slow_metrics(correlation, threshold, convention):
    """What `graph_metrics` gives at one threshold, in its order."""
    built = slow_graph(correlation, threshold, convention)
    n_neurons = len(correlation)
    sizes = [len(part) for part in nx.connected_components(built)]
    above = np.abs(correlation) > threshold
    distinct = sum(bool(above[i, j]) for i in range(n_neurons) for j in range(i + 1, n_neurons))
    finite = [s for s in sizes if s < max(sizes)]
    return (
        built.number_of_edges(),
        sum(dict(built.degree()).values()) / n_neurons,
        above.sum() / n_neurons**2,
        distinct / max(n_neurons * (n_neurons - 1) / 2, 1),
        max(sizes),
        len(sizes),
        sum(finite) / len(finite) if finite else 0.0,
        slow_susceptibility(sizes, "as-coded"),
        slow_susceptibility(sizes, "control"),
        slow_entropy([slow_curvature(built, u, v, "as-coded") for u, v in built.edges], "as-coded"),
        slow_entropy([slow_curvature(built, u, v, "control") for u, v in built.edges], "control"),
    )


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    n_neurons=st.integers(1, 11),
    convention=st.sampled_from(CONVENTIONS),
    thresholds=st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.55, 0.7, 0.9, 1.0]), min_size=1, max_size=6),
    decimals=st.sampled_from([None, 1]),  # rounded: many ties, many pairs exactly on a threshold
    dead=st.booleans(),
)
def test_the_sweep_equals_networkx(seed, n_neurons, convention, thresholds, decimals, dead):
    c = random_correlation(seed, n_neurons, decimals)
    if dead:
        c[0] = c[:, 0] = 0.0
    swept = graph_metrics(c, thresholds, convention)
    for k, threshold in enumerate(thresholds):
        slow = slow_metrics(c, threshold, convention)
        np.testing.assert_allclose([column[k] for column in swept], slow, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), convention=st.sampled_from(CONVENTIONS))
def test_the_sweep_does_not_see_the_order_of_neurons(seed, convention):
    c = random_correlation(seed, 30)
    order = np.random.default_rng(seed).permutation(30)
    for one, other in zip(
        graph_metrics(c, THRESHOLDS, convention),
        graph_metrics(c[np.ix_(order, order)], THRESHOLDS, convention),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_sweep_equals_the_functions_one_by_one(convention):
    c = random_correlation(1, 40)
    swept = graph_metrics(c, THRESHOLDS, convention)
    for k, threshold in enumerate(THRESHOLDS):
        weights = weighted_adjacency(c, threshold, convention)
        sizes = component_sizes(weights > 0)
        alone = GraphMetrics(
            np.count_nonzero(weights) // 2,
            mean_degree(adjacency(c, threshold, convention)),
            survival_probability(c, threshold, definition="as-coded"),
            survival_probability(c, threshold, definition="control"),
            largest_component(sizes),
            len(sizes),
            mean_finite_component(sizes),
            susceptibility(sizes, definition="as-coded"),
            susceptibility(sizes, "control"),
            forman_entropy(weights, definition="as-coded"),
            forman_entropy(weights, "control"),
        )
        np.testing.assert_allclose([column[k] for column in swept], alone, rtol=1e-12)


def test_the_empty_graph_and_one_neuron():
    for c in (np.eye(4), np.eye(1)):
        swept = graph_metrics(c, 0.5, "absolute")
        m = len(c)
        assert [column.tolist() for column in swept] == [
            [0], [0.0], [1 / m], [0.0], [1], [m], [0.0], [0.0], [(m - 1) / m], [0.0], [0.0]
        ]  # fmt: skip


def test_dead_neurons_form_a_clique_as_coded_alone():  # D8: what the control is for
    dead_together = np.eye(6)
    dead_together[:3, :3] = 1.0
    swept = graph_metrics(dead_together, [1.0], "signed")
    assert (swept.n_edges.tolist(), swept.largest.tolist()) == ([3], [3])


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_stack_gives_what_its_matrices_give(convention, monkeypatch):
    monkeypatch.setattr("critnet.neurons.sweep.CHUNK", 2 * 15**2)  # several chunks, the last one short
    stack = np.stack([random_correlation(seed, 15) for seed in range(7)])
    stack[3] = np.eye(15)
    thresholds = [0.9, 0.0, 0.5, 0.5]
    together = graph_metrics(stack, thresholds, convention)
    for k, c in enumerate(stack):
        for ours, alone in zip(together, graph_metrics(c, thresholds, convention), strict=True):
            assert ours.shape == (7, 4)
            np.testing.assert_allclose(ours[k], alone, rtol=1e-12, atol=1e-12)


def test_a_bad_stack_is_refused():
    for stack, message in [
        (np.empty((0, 3, 3)), "no matrix"),
        (np.ones((2, 2, 3)), "square"),
        (np.stack([np.eye(2), np.full((2, 2), np.nan)]), "4 NaN"),
    ]:
        with pytest.raises(UsageError, match=message):
            graph_metrics(stack, [0.5], "signed")
