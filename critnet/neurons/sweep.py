"""All graph measures of many correlation matrices at many thresholds, in one vectorised pass.

Every (matrix, threshold) is a graph of its own; the neurons of all of them are numbered through, so that one edge list
holds all graphs side by side. Degrees, curvatures and entropies are then sums over that list, and one call of
scipy finds the components of all graphs. Equal to the functions of `graphs`, `components` and `ricci` one by one.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from critnet import checks
from critnet.errors import UsageError
from critnet.neurons.edges import weigh

CHUNK = 200_000  # matrix entries handled at once: a few MB of work space


class GraphMetrics(NamedTuple):
    """Measures of correlation graphs, each an array (..., n_thresholds), thresholds in the order they were given."""

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
    """All graph measures of one or many correlation matrices at many thresholds, fast.

    Parameters
    ----------
    correlation : array, shape (M, M) or (n_steps, M, M)
        A stack is quicker than one matrix after another.
    thresholds : float or array, shape (n_thresholds,), each in [0, 1], any order
    convention : "signed", "absolute" or "fisher"

    Returns
    -------
    GraphMetrics of arrays, shape (n_thresholds,) or (n_steps, n_thresholds)
        At a threshold without edges: 0 edges, M components, largest 1, entropies 0, susceptibility 0 as coded and
        (M - 1) / M in the control.

    Raises
    ------
    UsageError
        If a matrix is not square, symmetric, finite and in [-1, 1], a threshold is outside [0, 1] or there is none, or
        the convention is unknown.

    Source: METHODS D9 to D14.

    >>> c = np.array([[1, 0.8, 0], [0.8, 1, -0.6], [0, -0.6, 1]])
    >>> measured = graph_metrics(c, [0.5, 0.7], "absolute")
    >>> measured.n_edges.tolist(), measured.largest.tolist()
    ([2, 1], [3, 2])
    """
    checks.choice("convention", convention, checks.CONVENTIONS)
    correlation = checks.array("correlation", correlation)
    stack = correlation if correlation.ndim == 3 else correlation[None]
    if len(stack) == 0:
        raise UsageError("correlation holds no matrix; give at least one")
    asked = np.atleast_1d(checks.array("thresholds", thresholds))
    if asked.ndim != 1 or asked.size == 0:
        raise UsageError(f"thresholds have shape {asked.shape}; give a list of numbers in [0, 1]")
    for value in asked:
        checks.fraction("threshold", value)
    order = np.argsort(asked, kind="stable")
    back = np.argsort(order)

    step = max(1, CHUNK // max(stack[0].size, 1))
    parts = [
        _measure(checks.correlation_matrices(stack[start : start + step]), asked[order], convention)
        for start in range(0, len(stack), step)
    ]
    columns = (np.concatenate(column)[:, back] for column in zip(*parts, strict=True))
    return GraphMetrics(*(column if correlation.ndim == 3 else column[0] for column in columns))


def _measure(stack, rising, convention):
    """The measures of a stack (n, M, M) at rising thresholds, each of shape (n, n_thresholds)."""
    n, m = stack.shape[:2]
    shape = (n, rising.size)
    n_graphs = n * rising.size
    pair, value = _strong_pairs(stack, rising[0], convention)
    snapshot, first, second = pair
    weight = weigh(value, convention)
    level = np.searchsorted(rising, weight, side="right")  # how many thresholds the pair meets with >=
    level[weight <= 0] = 0
    n_edges = _at_least(snapshot, level, shape)
    beyond = _at_least(snapshot, np.searchsorted(rising, np.abs(value), side="left"), shape)  # passes with >
    own = np.abs(stack.diagonal(axis1=1, axis2=2)).ravel()
    diagonal = _at_least(np.repeat(np.arange(n), m), np.searchsorted(rising, own, side="left"), shape)

    pick = np.repeat(np.arange(level.size), level)  # the pair, once in each graph that it is an edge of
    graph = snapshot[pick] * rising.size + np.arange(pick.size) - np.repeat(np.cumsum(level) - level, level)
    u, v = graph * m + first[pick], graph * m + second[pick]
    root = np.sqrt(np.abs(weight).astype(np.float64))[pick]  # a pair of negative weight is picked nowhere
    return (
        n_edges,
        2 * n_edges / m,
        (2 * beyond + diagonal) / m**2,
        beyond / max(m * (m - 1) // 2, 1),
        *(measure.reshape(shape) for measure in _components(u, v, n_graphs, m)),
        *(measure.reshape(shape) for measure in _entropies(u, v, root, graph, n_graphs, m)),
    )


def _strong_pairs(stack, lowest, convention):
    """Pairs i < j that may be an edge or count as surviving at the lowest threshold: (step, i, j) and C_ij."""
    bound = 0.999999 * np.tanh(lowest) if convention == "fisher" else lowest  # artanh of the few that are left only
    strong = np.abs(stack) >= np.float64(bound)
    strong &= np.triu(np.ones(stack.shape[1:], dtype=bool), 1)
    flat = np.flatnonzero(strong)
    return np.unravel_index(flat, stack.shape), stack.ravel()[flat]


def _at_least(snapshot, level, shape):
    """How many entries of each snapshot have level >= 1, 2, ..., n_thresholds: shape (n, n_thresholds)."""
    n, n_thresholds = shape
    count = np.bincount(snapshot * (n_thresholds + 1) + level, minlength=n * (n_thresholds + 1))
    return np.cumsum(count.reshape(n, -1)[:, ::-1], axis=1)[:, -2::-1]


def _components(u, v, n_graphs, m):
    """Largest, number, mean finite size, susceptibility as coded and control, of each graph (METHODS D14)."""
    n_nodes = n_graphs * m
    ends = u.astype(np.int32), v.astype(np.int32)  # what scipy would convert to, only later
    edges = coo_array((np.ones(u.size), ends), shape=(n_nodes, n_nodes)).tocsr()
    n_found, label = connected_components(edges, directed=False)
    size = np.bincount(label)
    graph = np.empty(n_found, dtype=np.int64)
    graph[label] = np.repeat(np.arange(n_graphs), m)
    largest = np.zeros(n_graphs, dtype=np.int64)
    np.maximum.at(largest, graph, size)

    n_components = np.bincount(graph, minlength=n_graphs)
    squares = np.bincount(graph, weights=size**2, minlength=n_graphs)
    finite = size < largest[graph]
    graph, size = graph[finite], size[finite]
    number = np.bincount(graph, minlength=n_graphs)
    some = np.maximum(number, 1)
    mean = np.bincount(graph, weights=size, minlength=n_graphs) / some
    mean_square = np.bincount(graph, weights=size**2, minlength=n_graphs) / some
    return (
        largest,
        n_components,
        mean,
        (mean_square - mean**2) / np.where(number > 0, mean, 1),
        (squares - largest**2) / m,
    )


def _entropies(u, v, root, graph, n_graphs, m):
    """Forman-Ricci entropy of each graph, as coded and control (METHODS D13); `root` is sqrt(weight)."""
    ends, n_nodes = np.concatenate([u, v]), n_graphs * m
    degree = np.bincount(ends, minlength=n_nodes)
    around = np.bincount(ends, weights=np.concatenate([root, root]), minlength=n_nodes)
    combinatorial = 4 - (degree[u] + degree[v])
    curvature = combinatorial + 2 - (around[u] + around[v]) / root
    lowest = np.zeros(n_graphs)
    np.minimum.at(lowest, graph, curvature)
    mass = curvature - lowest[graph] + 0.1
    # with p = f / sum f,  -sum p ln p = ln(sum f) - sum f ln f / sum f
    total = np.bincount(graph, weights=mass, minlength=n_graphs)
    inner = np.bincount(graph, weights=mass * np.log(mass), minlength=n_graphs)
    n_edges = np.bincount(graph, minlength=n_graphs)
    empty = n_edges == 0
    total[empty], n_edges[empty] = 1.0, 1
    bin_ = graph * (2 * m) + 2 - combinatorial  # 2 - F lies in 0 ... 2 m - 4
    count = np.bincount(bin_)
    shared = np.bincount(graph, weights=np.log(count[bin_]), minlength=n_graphs)
    return np.log(total) - inner / total, np.maximum(np.log(n_edges) - shared / n_edges, 0.0)
