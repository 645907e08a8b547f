"""Graph measures of all snapshots of a run at ten thresholds, and maximal cliques, against networkx one by one."""

import networkx as nx
import numpy as np

from benchmarks import contest
from critnet.neurons.cliques import maximal_cliques
from critnet.neurons.sweep import graph_metrics
from critnet.paper import anchors, results
from critnet.paper.fig1 import series

THRESHOLDS = np.linspace(0.5, 0.95, 10)
EVERY = 10  # of the anchor's snapshots; time is per snapshot


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [sweep, cliques]


def sweep(device):
    """The anchor's 110 neurons over its training, ten thresholds a snapshot."""
    data = results.load("fig1")
    stack = np.array([series.matrix(data, step, "as-coded") for step in anchors.steps(data)[::EVERY]])

    def ours():
        graph_metrics(stack, THRESHOLDS, "absolute")
        return len(stack)

    def networkx():
        for correlation in stack:
            for threshold in THRESHOLDS:
                measures(correlation, threshold)
        return len(stack)

    found = graph_metrics(stack, THRESHOLDS, "absolute")
    expected = [[measures(correlation, threshold) for threshold in THRESHOLDS] for correlation in stack]
    same = (found.n_edges, found.mean_degree, found.largest, found.susceptibility, found.entropy)
    np.testing.assert_allclose(np.stack(same, axis=-1), expected, rtol=1e-9, atol=1e-12)  # the same work
    return contest("graph metrics, 110 neurons", {"critnet": ours, "networkx, the same measures": networkx}, 10, device)


def cliques(device):
    """410 neurons that share twenty causes: some 600 maximal cliques, about as many as in a trained network."""
    random = np.random.default_rng(0)
    causes, noise = random.standard_normal((20, 2000)), random.standard_normal((410, 2000))
    adjacency = np.abs(np.corrcoef(random.standard_normal((410, 20)) ** 3 @ causes + 4 * noise)) >= 0.5
    np.fill_diagonal(adjacency, False)

    def ours():
        maximal_cliques(adjacency)
        return 1

    def networkx():
        list(nx.find_cliques(nx.from_numpy_array(adjacency)))
        return 1

    members, truncated = maximal_cliques(adjacency)
    expected = sorted(tuple(sorted(clique)) for clique in nx.find_cliques(nx.from_numpy_array(adjacency)))
    if truncated or members != expected:
        raise AssertionError(f"{len(members)} cliques, networkx finds {len(expected)}: not the same work")
    return contest("maximal cliques, 410 neurons", {"critnet": ours, "networkx": networkx}, 20, device)


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
    if not curvature.size:
        return 0, 0.0, sizes[-1], spread, 0.0
    mass = curvature - min(curvature.min(), 0) + 0.1
    share = mass / mass.sum()
    return (
        graph.number_of_edges(),
        2 * graph.number_of_edges() / len(graph),
        sizes[-1],
        spread,
        -np.sum(share * np.log(share)),
    )
