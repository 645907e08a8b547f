"""All graph measures of a correlation matrix at many thresholds, against networkx one threshold at a time."""

import networkx as nx
import numpy as np

from benchmarks import contest
from critnet.neurons.sweep import graph_metrics

THRESHOLDS = np.linspace(0.5, 0.95, 10)


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [sweep]


def sweep(device):
    """The anchor's 110 neurons, with the correlations of a few shared causes."""
    random = np.random.default_rng(0)
    causes, noise = random.standard_normal((6, 2000)), random.standard_normal((110, 2000))
    correlation = np.corrcoef(random.standard_normal((110, 6)) @ causes + noise)

    def ours():
        graph_metrics(correlation, THRESHOLDS, "absolute")
        return 1

    def networkx():
        for threshold in THRESHOLDS:
            measures(correlation, threshold)
        return 1

    found = graph_metrics(correlation, THRESHOLDS, "absolute")
    expected = np.transpose([measures(correlation, threshold) for threshold in THRESHOLDS])
    same = (found.n_edges, found.mean_degree, found.largest, found.susceptibility, found.entropy)
    np.testing.assert_allclose(same, expected, rtol=1e-9)  # the same work, or the comparison says nothing
    return contest("graph metrics, 110 neurons", {"critnet": ours, "networkx, the same measures": networkx}, 20, device)


def measures(correlation, threshold):
    """Edges, mean degree, component sizes, susceptibility and curvature entropy, as one writes them with networkx."""
    strength = np.abs(correlation)
    adjacency = np.where(strength >= threshold, strength, 0)
    np.fill_diagonal(adjacency, 0)
    graph = nx.from_numpy_array(adjacency)
    sizes = np.array(sorted(len(c) for c in nx.connected_components(graph)))
    finite = sizes[sizes < sizes[-1]]
    spread = (np.mean(finite**2) - np.mean(finite) ** 2) / np.mean(finite) if finite.size else 0.0
    degree = dict(graph.degree())
    curvature = []
    for u, v, weight in graph.edges(data="weight"):
        terms = [np.sqrt(graph[a][n]["weight"] / weight) for a, b in ((u, v), (v, u)) for n in graph[a] if n != b]
        curvature.append(4 - degree[u] - degree[v] - sum(terms))
    curvature = np.array(curvature)
    mass = curvature - min(curvature.min(), 0) + 0.1 if curvature.size else curvature
    share = mass / mass.sum()
    return graph.number_of_edges(), 2 * graph.number_of_edges() / len(graph), sizes[-1], spread, -np.sum(
        share * np.log(share))
