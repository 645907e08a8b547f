"""Maximal cliques of the correlation graph, within a stated budget, and their activity."""

from typing import NamedTuple

import igraph
import numpy as np

from critnet import checks
from critnet.errors import UsageError


class Cliques(NamedTuple):
    """Maximal cliques as sorted tuples of neurons, in lexical order, and whether the budget cut the list short."""

    members: list
    truncated: bool


def clique_bound(adjacency):
    """Upper bound (n - d) 3^(d/3) on the number of maximal cliques, from the degeneracy d of the graph.

    A float: dense graphs go beyond any integer type. At least 1. Arguments and errors as `maximal_cliques`.

    Source: Eppstein, Loffler, Strash 2010 (d rounded up to a multiple of 3, n >= d + 3); Moon and Moser's 3^(n/3)
    elsewhere.

    >>> clique_bound(np.zeros((4, 4)))
    4.0
    """
    graph = _graph(adjacency)
    n, d = graph.vcount(), max(graph.coreness())
    d += -d % 3
    return (n - d) * 3.0 ** (d / 3) if n >= d + 3 else 3.0 ** (n / 3)


def _graph(adjacency):
    adjacency = checks.square_graph("adjacency", adjacency)
    first, second = np.divmod(np.flatnonzero(adjacency), len(adjacency))
    once = first < second
    return igraph.Graph(n=len(adjacency), edges=np.stack([first[once], second[once]], axis=1))


def maximal_cliques(adjacency, *, budget=1_000_000):
    """All maximal cliques, or the first `budget` of them; an isolated neuron is a clique of size 1.

    Their number can grow as 3^(M/3), so igraph stops listing them at the budget. A truncated list is a biased sample:
    use it to say "at least so many", never for a distribution.

    Parameters
    ----------
    adjacency : bool array, shape (n_neurons, n_neurons)
        Symmetric, empty diagonal.
    budget : int >= 1
        Largest number of cliques to list.

    Returns
    -------
    Cliques(members, truncated)

    Raises
    ------
    UsageError
        If adjacency is not square, symmetric, finite and without self-loops, or the budget is below 1.

    Source: METHODS D19.

    >>> maximal_cliques([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]])
    Cliques(members=[(0, 1, 2), (3,)], truncated=False)
    """
    budget = checks.whole("budget", budget)
    found = _graph(adjacency).maximal_cliques(max_results=budget + 1)
    members = sorted(map(tuple, map(sorted, found[:budget])))
    return Cliques(members, len(found) > budget)


def clique_sizes(members):
    """Number of neurons in each clique.

    >>> clique_sizes([(0, 1, 2), (3,)]).tolist()
    [3, 1]
    """
    return np.array([len(clique) for clique in members], dtype=np.int64)


def clique_size_counts(members):
    """How many cliques there are of each size that occurs: (sizes, counts), both int arrays.

    Source: METHODS D19.

    >>> [part.tolist() for part in clique_size_counts([(0, 1, 2), (3,), (4,)])]
    [[1, 3], [2, 1]]
    """
    sizes, counts = np.unique(clique_sizes(members), return_counts=True)
    return sizes, counts


def clique_activity(members, mean_activity):
    """Activity of each clique, a_C = sum over its neurons of |mean raw activity|.

    Parameters
    ----------
    members : list of tuples of neuron indices
        From `maximal_cliques`.
    mean_activity : array, shape (n_neurons,)
        Mean over the samples of the raw activity, signed.

    Returns
    -------
    array, shape (n_cliques,)

    Raises
    ------
    UsageError
        If mean_activity is not a finite vector, or a clique names a neuron that it does not hold.

    Source: METHODS D19.

    >>> clique_activity([(0, 1), (2,)], [1.0, -2.0, 0.5]).tolist()
    [3.0, 0.5]
    """
    mean_activity = np.abs(checks.array("mean_activity", mean_activity))
    if mean_activity.ndim != 1:
        raise UsageError(f"mean_activity has shape {mean_activity.shape}; give one number a neuron")
    checks.finite("mean_activity", mean_activity)
    for clique in members:
        if len(clique) == 0 or not 0 <= min(clique) <= max(clique) < len(mean_activity):
            raise UsageError(f"clique {clique} does not fit {len(mean_activity)} neurons; both must be of one network")
    return np.array([mean_activity[list(clique)].sum() for clique in members])
