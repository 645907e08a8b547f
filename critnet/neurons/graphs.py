"""Measures of the neuronal correlation graph, one by one and over many thresholds at once.

The parts are in `edges` (who is joined), `components` and `ricci`; this file is the place to import them from.
Sections of METHODS: D9 to D14 and section 10.
"""

from typing import NamedTuple

import numpy as np
from scipy.cluster.hierarchy import linkage

from critnet.errors import UsageError
from critnet.neurons import _check
from critnet.neurons.components import (
    component_sizes,
    largest_component,
    largest_fraction,
    mean_finite_component,
    susceptibility,
)
from critnet.neurons.edges import adjacency, degrees, edge_weights, mean_degree, weigh, weighted_adjacency
from critnet.neurons.ricci import edge_curvature, histogram_entropy, mass_entropy

__all__ = [
    "GraphMetrics",
    "adjacency",
    "component_sizes",
    "degrees",
    "edge_weights",
    "graph_metrics",
    "largest_component",
    "largest_fraction",
    "mean_degree",
    "mean_finite_component",
    "survival_probability",
    "susceptibility",
    "total_correlation_strength",
    "weighted_adjacency",
]


def total_correlation_strength(correlation):
    """F2 = sum_ij C_ij^2, diagonal included: the *squared* Frobenius norm, what the paper plots as ||C||_F.

    M <= F2 <= M^2, less one for every neuron without variance (its diagonal is 0).

    Parameters
    ----------
    correlation : array, shape (M, M)

    Returns
    -------
    float, dimensionless

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1].

    Source: Liu & Wang 2025, Fig. 1b, 1d; METHODS D10.

    >>> total_correlation_strength(np.eye(3)), total_correlation_strength(np.ones((3, 3)))
    (3.0, 9.0)
    """
    return float(np.sum(np.square(_check.correlation_matrix(correlation), dtype=np.float64)))


def survival_probability(correlation, threshold, *, definition="as-coded"):
    """Fraction of neuron pairs correlated more strongly than a threshold.

    P = |{(i, j) : |C_ij| > c}| / M^2 as coded: the diagonal counts, so P >= 1/M for c < 1 and live neurons.
    The control counts distinct pairs i < j only, so P = 0 for independent neurons; with one neuron it is 0.

    Parameters
    ----------
    correlation : array, shape (M, M)
    threshold : float in [0, 1]
    definition : "as-coded" or "control"

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1], or the threshold is outside [0, 1].

    Source: Liu & Wang 2025, section 1.1 and Fig. 1b; METHODS D11.

    >>> survival_probability(np.eye(4), 0.5), survival_probability(np.eye(4), 0.5, definition="control")
    (0.25, 0.0)
    """
    _check.choice("definition", definition, _check.DEFINITIONS)
    threshold = np.float64(_check.fraction("threshold", threshold))
    above = np.abs(_check.correlation_matrix(correlation)) > threshold
    n_neurons, pairs = len(above), int(np.triu(above, 1).sum())
    if definition == "as-coded":
        return (2 * pairs + int(above.diagonal().sum())) / n_neurons**2
    return pairs / max(n_neurons * (n_neurons - 1) // 2, 1)


class GraphMetrics(NamedTuple):
    """Measures of one correlation matrix, an array over the thresholds each, in the order they were given."""

    n_edges: np.ndarray  #: int
    mean_degree: np.ndarray  #: 2 n_edges / M
    survival: np.ndarray  #: of |C|, whatever the convention; as coded
    survival_control: np.ndarray  #: distinct pairs only
    largest: np.ndarray  #: int, size of the largest component
    n_components: np.ndarray  #: int, isolated neurons included
    mean_finite: np.ndarray  #: mean size of the components smaller than the largest
    susceptibility: np.ndarray  #: as coded
    susceptibility_control: np.ndarray
    entropy: np.ndarray  #: Forman-Ricci, as coded, nats
    entropy_control: np.ndarray  #: of the integers 4 - k_u - k_v, nats


def graph_metrics(correlation, thresholds, convention):
    """All graph measures of a correlation matrix at many thresholds, fast.

    Graphs at rising thresholds are nested: each pair is filed once under the number of thresholds it meets, an edge
    list sorted by that level holds every graph as a prefix, and one single-linkage clustering of the levels (whole
    numbers, so no rounding enters) holds the components of all. Equal to the functions of this wing one by one.

    Parameters
    ----------
    correlation : array, shape (M, M)
    thresholds : float or array, shape (n_thresholds,), each in [0, 1], any order
    convention : "signed", "absolute" or "fisher"

    Returns
    -------
    GraphMetrics of arrays, shape (n_thresholds,)
        At a threshold without edges: 0 edges, M components, largest 1, entropies and susceptibilities 0.

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1], a threshold is outside [0, 1] or there is
        none, or the convention is unknown.

    Source: METHODS D9 to D14.

    >>> c = np.array([[1, 0.8, 0], [0.8, 1, -0.6], [0, -0.6, 1]])
    >>> measured = graph_metrics(c, [0.5, 0.7], "absolute")
    >>> measured.n_edges.tolist(), measured.largest.tolist()
    ([2, 1], [3, 2])
    """
    _check.choice("convention", convention, _check.CONVENTIONS)
    correlation = _check.correlation_matrix(correlation)
    asked = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    if asked.ndim != 1 or asked.size == 0:
        raise UsageError(f"thresholds have shape {asked.shape}; give a list of numbers in [0, 1]")
    for value in asked:
        _check.fraction("threshold", value)
    order = np.argsort(asked, kind="stable")
    rising = asked[order]

    n_neurons = len(correlation)
    first, second = np.triu_indices(n_neurons, 1)
    pairs = correlation[first, second]
    weight = weigh(pairs, convention)
    level = np.searchsorted(rising, weight, side="right")  # thresholds met with >=
    level[weight <= 0] = 0
    joined = np.flatnonzero(level)
    joined = joined[np.argsort(-level[joined], kind="stable")]
    u, v, weight = first[joined], second[joined], weight[joined].astype(np.float64)

    n_edges = _at_least(level, rising.size)
    beyond = _at_least(np.searchsorted(rising, np.abs(pairs), side="left"), rising.size)  # thresholds passed with >
    diagonal = _at_least(np.searchsorted(rising, np.abs(correlation.diagonal()), side="left"), rising.size)
    rows = []
    for edges, sizes in zip(n_edges, _nested_component_sizes(level, rising.size, n_neurons), strict=True):
        graph = (u[:edges], v[:edges], weight[:edges], n_neurons)
        rows.append(
            (
                largest_component(sizes),
                sizes.size,
                mean_finite_component(sizes),
                susceptibility(sizes, "as-coded"),
                susceptibility(sizes, "control"),
                mass_entropy(edge_curvature(*graph, "as-coded")),
                histogram_entropy(edge_curvature(*graph, "control")),
            )
        )
    columns = [
        n_edges,
        2 * n_edges / n_neurons,
        (2 * beyond + diagonal) / n_neurons**2,
        beyond / max(n_neurons * (n_neurons - 1) // 2, 1),
        *map(np.array, zip(*rows, strict=True)),
    ]
    back = np.argsort(order)
    return GraphMetrics(*(column[back] for column in columns))


def _at_least(level, n_levels):
    """How many entries of `level` are >= 1, 2, ..., n_levels."""
    return np.cumsum(np.bincount(level, minlength=n_levels + 1)[::-1])[::-1][1:]


def _nested_component_sizes(level, n_levels, n_neurons):
    """Component sizes of the graphs of pairs with level >= 1, 2, ..., n_levels; `level` is condensed, as in scipy."""
    if n_neurons == 1:
        return [np.ones(1, dtype=np.int64)] * n_levels
    merges = linkage((n_levels - level).astype(np.float64), method="single")
    sizes = np.concatenate([np.ones(n_neurons), merges[:, 3]]).astype(np.int64)
    gone = np.empty(len(sizes), dtype=np.int64)  # the merge that swallows each cluster; the last one stays
    gone[merges[:, :2].astype(np.int64)] = np.arange(len(merges))[:, None]
    gone[-1] = len(merges)
    done = np.searchsorted(merges[:, 2], n_levels - np.arange(1, n_levels + 1), side="right")
    return [sizes[: n_neurons + n][gone[: n_neurons + n] >= n] for n in done]
