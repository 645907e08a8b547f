"""Measures of the neuronal correlation graph, one by one and over many thresholds at once.

The parts are in `edges` (who is joined), `components` and `sweep` (all at once); import them from this file.
Sections of METHODS: D9 to D14 and section 10.
"""

import numpy as np

from critnet import checks
from critnet.neurons.components import (
    component_sizes,
    largest_component,
    largest_fraction,
    mean_finite_component,
    susceptibility,
)
from critnet.neurons.edges import adjacency, degrees, edge_weights, mean_degree, weighted_adjacency
from critnet.neurons.sweep import GraphMetrics, graph_metrics

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
    return float(np.sum(np.square(checks.correlation_matrix(correlation), dtype=np.float64)))


def survival_probability(correlation, threshold, *, definition="control"):
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

    >>> survival_probability(np.eye(4), 0.5, definition="as-coded"), survival_probability(np.eye(4), 0.5)
    (0.25, 0.0)
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    threshold = np.float64(checks.fraction("threshold", threshold))
    above = np.abs(checks.correlation_matrix(correlation)) > threshold
    n_neurons, pairs = len(above), int(np.triu(above, 1).sum())
    if definition == "as-coded":
        return (2 * pairs + int(above.diagonal().sum())) / n_neurons**2
    return pairs / max(n_neurons * (n_neurons - 1) // 2, 1)
