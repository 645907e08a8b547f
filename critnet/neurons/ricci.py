"""Forman-Ricci curvature of the edges of a correlation graph, and the entropy of its distribution.

Three curvatures of an edge e = (u, v) with weight w_e and degrees k:

- as coded:  4 - k_u - k_v - sum_{n ~ u, n != v} sqrt(w_un / w_e) - sum_{n ~ v, n != u} sqrt(w_vn / w_e),
  a hybrid that counts degrees and weights both, with Sreejith's ratio turned over;
- Sreejith et al., unit node weights:  2 - sum_{n ~ u, n != v} sqrt(w_e / w_un) - sum_{n ~ v, n != u} sqrt(w_e / w_vn);
- control:  4 - k_u - k_v, which both of the above should reduce to at unit weights (the first does not).

Each sum over neighbours is a node sum less the edge itself, so all edges take O(edges) work.
"""

import numpy as np

from critnet import checks
from critnet.errors import UsageError

CURVATURES = ("as-coded", "sreejith", "control")


def edge_list(weights):
    """Edges u < v of a weighted graph and their weights.

    Parameters
    ----------
    weights : array, shape (n_neurons, n_neurons)
        Symmetric, weight > 0 on edges, 0 elsewhere and on the diagonal.

    Returns
    -------
    u, v : int arrays, shape (n_edges,)
    weight : float array, shape (n_edges,)

    Raises
    ------
    UsageError
        If weights is not square, symmetric, finite, non-negative and without self-loops.

    >>> [part.tolist() for part in edge_list([[0, 0.5], [0.5, 0]])]
    [[0], [1], [0.5]]
    """
    weights = checks.square_graph("weights", weights)
    if weights.min() < 0:
        raise UsageError(f"weights hold {weights.min()}; an edge needs a weight > 0 (take absolute values), else 0")
    u, v = np.nonzero(np.triu(weights, 1))
    return u, v, weights[u, v].astype(np.float64)


def edge_curvature(u, v, weight, n_neurons, definition="control"):
    """Forman-Ricci curvature of each edge of an edge list (see the top of this file).

    Parameters
    ----------
    u, v : int arrays, shape (n_edges,)
        Each undirected edge once.
    weight : float array, shape (n_edges,), > 0
    n_neurons : int
    definition : "as-coded", "sreejith" or "control"

    Returns
    -------
    array, shape (n_edges,); integers under "control"

    Source: Sreejith et al. 2016, J. Stat. Mech. 063206; METHODS D13.

    >>> edge_curvature(np.array([0, 1]), np.array([1, 2]), np.ones(2), 3, "as-coded").tolist()  # a path of three
    [0.0, 0.0]
    """
    checks.choice("definition", definition, CURVATURES)
    ends = np.concatenate([u, v])
    degree = np.bincount(ends, minlength=n_neurons)
    combinatorial = 4 - degree[u] - degree[v]
    if definition == "control":
        return combinatorial
    root = np.sqrt(weight)
    if definition == "sreejith":
        around = np.bincount(ends, weights=np.tile(1 / root, 2), minlength=n_neurons)  # sum_n 1/sqrt(w_un), edge too
        return 4 - root * (around[u] + around[v])
    around = np.bincount(ends, weights=np.tile(root, 2), minlength=n_neurons)  # sum_n sqrt(w_un), edge too
    return combinatorial + 2 - (around[u] + around[v]) / root


def forman_curvature(weights, definition="control"):
    """Forman-Ricci curvature as a matrix: entry (u, v) on edges, NaN elsewhere.

    Parameters
    ----------
    weights : array, shape (n_neurons, n_neurons)
        Weighted adjacency, from `graphs.weighted_adjacency`: symmetric, > 0 on edges, 0 elsewhere.
    definition : "as-coded", "sreejith" or "control"

    Returns
    -------
    float array, shape (n_neurons, n_neurons)

    Raises
    ------
    UsageError
        As `edge_list`, or if the definition is unknown.

    Source: METHODS D13.

    >>> forman_curvature(np.ones((4, 4)) - np.eye(4), "sreejith")[0].tolist()
    [nan, -2.0, -2.0, -2.0]
    """
    u, v, weight = edge_list(weights)
    curvature = np.full(np.shape(weights), np.nan)
    curvature[u, v] = curvature[v, u] = edge_curvature(u, v, weight, len(curvature), definition)
    return curvature


def mass_entropy(curvature):
    """Entropy over edges of curvature taken as a mass, as coded.

    f_e = F_e - min F + 0.1 where min F < 0, else F_e + 0.1; p = f / sum f; H = -sum p ln p <= ln(n_edges), in nats.
    0 if there is no edge.

    Source: METHODS D13.

    >>> round(mass_entropy(np.array([0.0, -2.0, 0.0])), 5)  # the path of four neurons
    0.78748
    """
    if np.size(curvature) == 0:
        return 0.0
    mass = curvature - min(curvature.min(), 0.0) + 0.1
    share = mass / mass.sum()
    return float(-np.dot(share, np.log(share)))


def histogram_entropy(curvature):
    """Shannon entropy, in nats, of the distribution of integer curvatures; 0 if there is no edge.

    Source: METHODS D13 (control).

    >>> round(histogram_entropy(np.array([1, 0, 1, 0])), 6)
    0.693147
    """
    if np.size(curvature) == 0:
        return 0.0
    count = np.bincount(curvature - curvature.min())
    share = count[count > 0] / curvature.size
    return abs(float(np.dot(share, np.log(share))))


def forman_entropy(weights, definition="control"):
    """Entropy H_FR of the Forman-Ricci curvature of a graph, in nats.

    As coded: `mass_entropy` of the hybrid curvature; "sreejith": the same of Sreejith's; control: `histogram_entropy`
    of 4 - k_u - k_v. Under the first two a regular graph has ln(n_edges): H_FR largely counts edges; under the control
    it has 0.

    Parameters
    ----------
    weights : array, shape (n_neurons, n_neurons)
        Weighted adjacency, from `graphs.weighted_adjacency`.
    definition : "as-coded", "sreejith" or "control"

    Returns
    -------
    float >= 0; 0 for an empty graph or a single neuron

    Raises
    ------
    UsageError
        As `edge_list`, or if the definition is unknown.

    Source: METHODS D13.

    >>> ring = np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0)
    >>> bool(np.isclose(forman_entropy(ring, definition="as-coded"), np.log(6))), forman_entropy(ring, "control")
    (True, 0.0)
    """
    u, v, weight = edge_list(weights)
    curvature = edge_curvature(u, v, weight, np.shape(weights)[0], definition)
    return histogram_entropy(curvature) if definition == "control" else mass_entropy(curvature)
