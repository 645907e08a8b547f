"""Forman-Ricci curvature and its entropy: graphs solved by hand, a literal oracle, the authors' numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.neurons.graphs import weighted_adjacency
from critnet.neurons.ricci import edge_list, forman_curvature, forman_entropy


def graph(n_neurons, edges):
    weights = np.zeros((n_neurons, n_neurons))
    for i, j in edges:
        weights[i, j] = weights[j, i] = 1.0
    return weights


COMPLETE = np.ones((4, 4)) - np.eye(4)
CYCLE = graph(6, [(i, (i + 1) % 6) for i in range(6)])
STAR = graph(6, [(0, leaf) for leaf in range(1, 6)])
PATH = graph(4, [(0, 1), (1, 2), (2, 3)])


def on_edges(weights, definition):
    u, v, _ = edge_list(weights)
    return forman_curvature(weights, definition)[u, v]


def literal(weights, u, v, definition):
    """METHODS D13, neighbour by neighbour."""
    edge = weights[u, v]
    neighbours = [weights[u, n] for n in range(len(weights)) if n != v and weights[u, n] > 0]
    neighbours += [weights[v, n] for n in range(len(weights)) if n != u and weights[v, n] > 0]
    if definition == "sreejith":
        return edge * (1 / edge + 1 / edge - sum(1 / np.sqrt(edge * other) for other in neighbours))
    unweighted = 4 - (len(neighbours) + 2)
    return unweighted - (definition == "as-coded") * sum(np.sqrt(other / edge) for other in neighbours)


@pytest.mark.parametrize(
    ("weights", "sreejith", "as_coded"),
    [
        (COMPLETE, [-2] * 6, [-6] * 6),
        (CYCLE, [0] * 6, [-2] * 6),
        (STAR, [-2] * 5, [-6] * 5),
        (PATH, [1, 0, 1], [0, -2, 0]),
    ],
    ids=["complete", "cycle", "star", "path"],
)
def test_curvature_at_unit_weights(weights, sreejith, as_coded):  # T7
    assert on_edges(weights, "sreejith").tolist() == sreejith
    assert on_edges(weights, "control").tolist() == sreejith
    assert on_edges(weights, "as-coded").tolist() == as_coded


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n_neurons=st.integers(2, 9),
    definition=st.sampled_from(["as-coded", "sreejith", "control"]),
)
def test_curvature_of_weighted_graphs_equals_the_literal_sum(seed, n_neurons, definition):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((n_neurons, n_neurons)) * (rng.random((n_neurons, n_neurons)) < 0.6), 1)
    weights += weights.T
    curvature = forman_curvature(weights, definition)
    assert np.array_equal(np.isnan(curvature), weights == 0)
    for u, v in np.argwhere(weights):
        assert curvature[u, v] == pytest.approx(literal(weights, u, v, definition), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("weights", [COMPLETE, CYCLE], ids=["complete", "cycle"])
def test_a_regular_graph_has_the_entropy_of_its_number_of_edges(weights):  # T8
    for definition in ("as-coded", "sreejith"):
        assert forman_entropy(weights, definition) == pytest.approx(np.log(np.count_nonzero(weights) // 2))
    assert forman_entropy(weights, "control") == 0.0


def test_entropy_of_the_path():  # T8
    assert forman_entropy(PATH, "sreejith") == pytest.approx(0.84186, abs=5e-6)
    assert forman_entropy(PATH, definition="as-coded") == pytest.approx(0.78748, abs=5e-6)
    assert forman_entropy(PATH, "control") == pytest.approx(-(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)))


def test_entropy_without_edges_and_with_one():
    for definition in ("as-coded", "sreejith", "control"):
        assert forman_entropy(np.zeros((3, 3)), definition) == 0.0
        assert forman_entropy(np.zeros((1, 1)), definition) == 0.0
        assert forman_entropy(graph(2, [(0, 1)]), definition) == 0.0


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e3))
def test_entropy_is_bounded_and_blind_to_order_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((8, 8)) * (rng.random((8, 8)) < 0.7), 1)
    weights += weights.T
    n_edges = np.count_nonzero(weights) // 2
    order = rng.permutation(8)
    for definition in ("as-coded", "sreejith", "control"):
        found = forman_entropy(weights, definition)
        assert 0 <= found <= np.log(max(n_edges, 1)) + 1e-12
        assert forman_entropy(weights[np.ix_(order, order)], definition) == pytest.approx(found, abs=1e-10)
        assert forman_entropy(scale * weights, definition) == pytest.approx(found, abs=1e-6)


def test_bad_graphs_are_refused():
    for weights, message in [
        (-CYCLE, "weight > 0"),
        (np.ones((3, 3)), "self-loops"),
        (np.triu(CYCLE), "not symmetric"),
        (np.ones((2, 3)), "square"),
        (np.where(CYCLE > 0, np.nan, 0), "NaN"),
    ]:
        with pytest.raises(UsageError, match=message):
            forman_entropy(weights, definition="as-coded")
    with pytest.raises(UsageError, match="definition is 'forman'"):
        forman_curvature(CYCLE, "forman")


@pytest.mark.mnist
@pytest.mark.parametrize(("convention", "key"), [("signed", "signed"), ("absolute", "abs"), ("fisher", "fisher")])
def test_entropy_matches_the_authors(anchor_correlation, numbers, convention, key):
    weights = weighted_adjacency(anchor_correlation, 0.5, convention)
    assert forman_entropy(weights, definition="as-coded") == pytest.approx(numbers(f"{key}/H_FR"), rel=1e-5)


@pytest.mark.mnist
def test_curvature_matches_the_authors(anchor_correlation, numbers):
    found = on_edges(weighted_adjacency(anchor_correlation, 0.5, "signed"), "as-coded")
    assert [found.mean(), found.min(), found.max()] == pytest.approx(numbers("signed/FR_curv_mean_min_max"), rel=1e-5)
