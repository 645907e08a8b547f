"""Edges, degrees, correlation strength, and the fast sweep against networkx and against the authors' numbers."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.neurons.graphs import (
    GraphMetrics,
    adjacency,
    degrees,
    edge_weights,
    graph_metrics,
    mean_degree,
    survival_probability,
    total_correlation_strength,
)

CONVENTIONS = ("signed", "absolute", "fisher")
THRESHOLDS = np.linspace(0.5, 1, 10)  # the scan of the paper


# --- edges and strictness


def test_edges_use_at_least_and_survival_uses_more_than():  # section 10, D9
    c = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert adjacency(c, 0.5, "signed")[0, 1]
    assert survival_probability(c, 0.5, definition="as-coded") == 0.5  # the diagonal alone
    assert survival_probability(c, 0.5, definition="control") == 0.0
    assert survival_probability(c, 0.49, definition="control") == 1.0
    assert survival_probability(np.eye(2), 1.0, definition="as-coded") == 0.0


def test_signed_leaves_negative_pairs_out():
    c = np.array([[1.0, -0.9], [-0.9, 1.0]])
    assert not adjacency(c, 0.5, "signed").any()
    assert adjacency(c, 0.5, "absolute")[0, 1]
    assert adjacency(c, 0.5, "fisher")[0, 1]


def test_fisher_threshold_of_one_half_is_tanh_one_half():  # T28
    assert np.tanh(0.5) == pytest.approx(0.46212, abs=5e-6)
    for value, joined in ((0.46212, True), (0.46211, False), (-0.46212, True)):
        c = np.array([[1.0, value], [value, 1.0]])
        assert adjacency(c, 0.5, "fisher")[0, 1] == joined


def test_fisher_weights_are_clipped_and_have_no_diagonal():
    weights = edge_weights(np.ones((3, 3)), "fisher")
    assert not weights.diagonal().any()
    assert weights[0, 1] == pytest.approx(np.arctanh(0.999999))


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_pair_without_correlation_is_never_joined(convention):
    assert not adjacency(np.diag([1.0, 0.0, 1.0]), 0.0, convention).any()
    assert graph_metrics(np.diag([1.0, 0.0, 1.0]), [0.0], convention).n_edges.tolist() == [0]


def test_a_float32_matrix_does_not_round_the_threshold():
    c = np.eye(2, dtype=np.float32)
    c[0, 1] = c[1, 0] = np.float32(0.7)  # a little less than 0.7
    assert not adjacency(c, 0.7, "signed").any()
    assert graph_metrics(c, [0.7], "signed").n_edges.tolist() == [0]


def test_degrees_of_a_cycle_and_a_complete_graph():  # D12
    ring = np.roll(np.eye(7), 1, axis=0) + np.roll(np.eye(7), -1, axis=0)
    assert mean_degree(ring) == 2
    assert mean_degree(np.ones((6, 6)) - np.eye(6)) == 5
    assert mean_degree(np.zeros((1, 1))) == 0


@pytest.mark.parametrize(("rho", "n_neurons"), [(0.0, 5), (0.3, 8), (1.0, 4)])
def test_strength_of_equicorrelated_neurons(rho, n_neurons):  # D10
    c = np.full((n_neurons, n_neurons), rho)
    np.fill_diagonal(c, 1)
    assert total_correlation_strength(c) == pytest.approx(n_neurons + n_neurons * (n_neurons - 1) * rho**2)


def test_dead_neurons_lower_the_strength_below_m():
    assert total_correlation_strength(np.diag([1.0, 0.0, 1.0])) == 2


# --- bad input


@pytest.mark.parametrize(
    "c",
    [
        np.ones((2, 3)),
        np.ones(3),
        np.empty((0, 0)),
        np.full((2, 2), np.nan),
        np.full((2, 2), 1.1),
        np.array([[1.0, 0.2], [0.3, 1.0]]),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(c):
    for call in (
        lambda: adjacency(c, 0.5, "signed"),
        lambda: edge_weights(c, "signed"),
        lambda: graph_metrics(c, [0.5], "signed"),
        lambda: total_correlation_strength(c),
        lambda: survival_probability(c, 0.5, definition="as-coded"),
    ):
        with pytest.raises(UsageError, match="correlation"):
            call()


@pytest.mark.parametrize("threshold", [-0.1, 1.01, np.nan, np.inf])
def test_a_threshold_outside_zero_to_one_is_refused(threshold):
    for call in (
        lambda: adjacency(np.eye(2), threshold, "signed"),
        lambda: survival_probability(np.eye(2), threshold, definition="as-coded"),
        lambda: graph_metrics(np.eye(2), [0.5, threshold], "signed"),
    ):
        with pytest.raises(UsageError, match=r"threshold is .*; it must lie in \[0, 1\]"):
            call()


def test_unknown_choices_and_empty_lists_are_refused():
    with pytest.raises(UsageError, match="convention is 'abs'"):
        graph_metrics(np.eye(2), [0.5], "abs")
    with pytest.raises(UsageError, match="thresholds"):
        graph_metrics(np.eye(2), [], "signed")
    with pytest.raises(UsageError, match="definition"):
        survival_probability(np.eye(2), 0.5, definition="both")
    with pytest.raises(UsageError, match="self-loops"):
        degrees(np.eye(2))
    with pytest.raises(UsageError, match="not symmetric"):
        degrees([[0, 1], [0, 0]])


# --- the authors' numbers


@pytest.mark.mnist
def test_strength_and_survival_match_the_authors(anchor_correlation, numbers):
    assert total_correlation_strength(anchor_correlation) == pytest.approx(numbers("F2"), rel=1e-5)
    m = len(anchor_correlation)
    swept = graph_metrics(anchor_correlation, THRESHOLDS, "signed")
    for k, threshold in enumerate(THRESHOLDS):
        p = survival_probability(anchor_correlation, threshold, definition="as-coded")
        assert round(p * m**2) == numbers(f"count_abs_gt_{threshold:.6f}_incl_diag")
        assert p == swept.survival[k] == pytest.approx(numbers(f"P_abs_gt_{threshold:.6f}"), rel=1e-12)
        assert swept.largest[k] == numbers(f"signed/S1_at_{threshold:.6f}")


@pytest.mark.mnist
@pytest.mark.parametrize(("convention", "key"), [("signed", "signed"), ("absolute", "abs"), ("fisher", "fisher")])
def test_graph_measures_match_the_authors(anchor_correlation, numbers, convention, key):
    graph = adjacency(anchor_correlation, 0.5, convention)
    assert degrees(graph).tolist() == numbers(f"{key}/degrees")
    (swept,) = zip(*graph_metrics(anchor_correlation, 0.5, convention), strict=True)
    swept = GraphMetrics(*swept)
    assert swept.n_edges == numbers(f"{key}/n_edges")
    assert swept.largest == numbers(f"{key}/S1")
    assert swept.n_components == numbers(f"{key}/n_components")
    assert swept.mean_degree == pytest.approx(numbers(f"{key}/mean_degree"), rel=1e-12)
    assert swept.entropy == pytest.approx(numbers(f"{key}/H_FR"), rel=1e-5)
    assert swept.mean_finite == pytest.approx(numbers(f"{key}/mean_finite_comp"), rel=1e-12)
    assert swept.susceptibility == pytest.approx(numbers(f"{key}/chi_formula_on_these_comps"), rel=1e-12, abs=1e-15)
    if key != "signed":  # their own output adds about 1e-12 to the denominator
        assert swept.susceptibility == pytest.approx(numbers(f"{key}/susceptibility"), rel=1e-5)
        assert swept.largest / 110 == pytest.approx(numbers(f"{key}/S1_over_M"), rel=1e-12)
        assert 2 * swept.n_edges / 110**2 == pytest.approx(numbers(f"{key}/P_offdiag_over_M2"), rel=1e-12)
