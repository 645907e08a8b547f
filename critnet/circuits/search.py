"""The search for a digit's critical computational graph: cluster neurons, grow the digit's cluster, prune its edges.

As coded, the search looks at images of its own digit only, so it asks for *recall* and for nothing else; the search in
`balanced` asks for the other half too. Neurons are numbered as in a correlation matrix: first hidden layer, second,
outputs.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from critnet import checks
from critnet.circuits.edges import matrices
from critnet.circuits.trial import Trial
from critnet.errors import UsageError

NEIGHBOURS = 8  # smallest of 1 - C, the neuron itself included


class Circuit(NamedTuple):
    """A circuit and how the search came to it.

    `seed` and `grown` hold the hidden neurons (ascending, first layer from 0, second from h1 on) after clustering and
    after growing, `edges` the pruned sub-graph, rows (layer, source, target). `hits_seed`, `hits_grown` and `hits` are
    the images of the digit that are recognised after each stage, `hits_full` those that the full network recognises, of
    `n_images`. The first two are with the bias of every second-layer neuron, the third with those that are fed: a set
    without a neuron of the first layer may lose all its hits between them.
    """

    digit: int
    seed: np.ndarray
    grown: np.ndarray
    edges: np.ndarray
    n_grown_edges: int
    hits_seed: int
    hits_grown: int
    hits: int
    hits_full: int
    n_images: int

    @property
    def n_edges(self):
        """N_E, the edges between neurons."""
        return len(self.edges)

    @property
    def n_neurons(self):
        """N_V, the distinct neurons with an edge, and the output, which is there without one too."""
        ends = {(int(layer) + step, int(end)) for layer, *pair in self.edges for step, end in enumerate(pair)}
        return len(ends | {(3, self.digit)})

    @property
    def is_constant(self):
        """Whether no neuron of the first layer is left: the answer is b3, whatever the image."""
        return not (self.edges[:, 0] == 1).any()

    @property
    def is_untouched(self):
        """Whether the pruning rule let nothing go because the grown set recalls less than the full network."""
        return self.n_edges == self.n_grown_edges and self.hits_grown < self.hits_full


def clusters(correlation):
    """Connected components of the graph that joins each neuron to its most correlated partner.

    What UMAP with two neighbours and k-means come to in the authors' program for up to 75 neurons a layer, but
    deterministic. A neuron that correlates alike with all others (a silent one in the control) has no partner, and of
    equal ones the first is taken.

    Parameters
    ----------
    correlation : array, shape (M, M)

    Returns
    -------
    int array, shape (M,)
        Number of each neuron's cluster, from 0 in the order of their first neurons.

    Raises
    ------
    UsageError
        If the matrix is not square or holds NaN.

    Source: METHODS D41 and section 10.

    >>> C = np.eye(5)
    >>> C[0, 1] = C[1, 0] = 0.9
    >>> C[1, 3] = C[3, 1] = 0.5
    >>> clusters(C).tolist()
    [0, 0, 1, 0, 2]
    """
    C = _correlation(correlation).copy()
    if len(C) < 2:
        return np.zeros(len(C), int)
    np.fill_diagonal(C, -np.inf)
    partner, best = C.argmax(axis=1), C.max(axis=1)
    np.fill_diagonal(C, np.inf)
    joined = np.flatnonzero(best > C.min(axis=1)) if len(C) > 2 else np.flatnonzero(best > 0)
    graph = coo_array((np.ones(len(joined)), (joined, partner[joined])), shape=C.shape)
    return connected_components(graph, directed=False)[1].astype(int)


def neighbours(correlation, neuron, count=NEIGHBOURS):
    """The neurons that share a list of nearest neighbours with one neuron, ascending, without it.

    Each neuron has a list: the `count` smallest of 1 - C in its row, itself among them. In the graph that joins all
    members of each list, these are the neuron's neighbours; they are also the members of all maximal cliques with it.

    >>> C = np.array([[1, 0.9, 0.1, 0.2], [0.9, 1, 0.8, 0], [0.1, 0.8, 1, 0.7], [0.2, 0, 0.7, 1]])
    >>> neighbours(C, 0, 2).tolist(), neighbours(C, 1, 2).tolist()
    ([1], [0, 2])
    """
    lists = np.argsort(1 - _correlation(correlation), axis=1, kind="stable")[:, :count]
    found = np.unique(lists[(lists == neuron).any(axis=1)])
    return found[found != neuron]


def grow(trial, seed, candidates, *, sweeps=2):
    """Add candidates, one after the other, if the digit's recall rises strictly above the last accepted one.

    Parameters
    ----------
    trial : Trial on images of the digit
        Left as the grown set with all edges between its adjacent layers.
    seed, candidates : int arrays, hidden neurons, the second layer counted on from the first

    Returns
    -------
    members : int array, ascending
    hits_seed, hits : images recognised with the seed, and with all members

    Source: METHODS D41 and sections 10 and 11.
    """
    members = [int(neuron) for neuron in seed]
    _set_members(trial, members)
    start = best = int(trial.says_yes().sum())
    for _ in range(sweeps):
        for neuron in candidates:
            if int(neuron) in members:
                continue
            _set_members(trial, [*members, int(neuron)])
            hits = int(trial.says_yes().sum())
            if hits > best:
                best = hits
                members.append(int(neuron))
    _set_members(trial, members)
    return np.array(sorted(members), int), start, best


def prune(trial, hits_full):
    """Take edges 1 -> 2 away while the digit's recall stays at or above that of the full network.

    Edges stand in a queue: those to the output first, then those between the hidden layers, the last first (sources and
    targets ascending). As many turns are made as there are edges at the start; each takes the head. An edge to the
    output goes to the tail untested. Any other is taken away if the recall allows it, together with the edge to the
    output that then dangles; else it goes to the tail. A set below the full network's recall loses nothing by this
    rule, unless taking an edge away lifts it there.

    Parameters
    ----------
    trial : Trial on images of the digit, holding the grown set; left as the pruned circuit.
    hits_full : int
        Images of the digit that the full network recognises.

    Source: METHODS D41 and section 10.
    """
    trial.keep(trial.kept, trial.leads)  # biases as in pruning
    start = trial.edges()
    queue = [tuple(map(int, edge)) for edge in start[start[:, 0] == 2][::-1]]
    queue += [tuple(map(int, edge)) for edge in start[start[:, 0] == 1][::-1]]
    if len(queue) == trial.leads.sum():
        return  # no edge that could be tested
    for _ in range(len(queue)):
        edge = queue.pop(0)
        layer, source, target = edge
        if layer == 1:
            sources = trial.kept[target].copy()
            sources[source] = False
            if int(trial.without(target, sources).sum()) >= hits_full:
                trial.feed(target, sources)
                if not sources.any():
                    queue.remove((2, target, trial.digit))
                continue
        queue.append(edge)


def search(weights, correlation, first, labels, digit):
    """The critical computational graph of a digit: cluster, grow, prune, as coded but for the clustering.

    Parameters
    ----------
    weights : mapping with W1, b1, W2, b2, W3, b3
    correlation : array, shape (M, M), M = h1 + h2 + n_outputs
        Of all neurons over the training images (METHODS D8).
    first : array, shape (h1, n_samples)
        Activity of the first hidden layer on the training images, after the ReLU.
    labels : int array, shape (n_samples,)
    digit : int

    Returns
    -------
    Circuit
        Without edges if no path to the output was found. Deterministic: the same on every machine unless a recall
        hangs on the last bit of a logit.

    Raises
    ------
    UsageError
        If the digit is unknown or has no image, arrays do not fit together or the correlation holds NaN.

    Source: METHODS D41 and sections 10 and 11.
    """
    _, W2, W3 = matrices(weights)
    n_first, n_hidden = W2.shape[1], W2.shape[1] + len(W2)
    C = _correlation(correlation)
    if len(C) != n_hidden + len(W3):
        raise UsageError(f"correlation has {len(C)} neurons; the network has {n_hidden + len(W3)}")
    if not 0 <= digit < len(W3):
        raise UsageError(f"digit is {digit}; the outputs are 0 to {len(W3) - 1}")
    labels, first = np.asarray(labels), np.asarray(first)
    if first.ndim != 2 or labels.shape != first.shape[1:]:
        raise UsageError(f"first has shape {first.shape} and labels {labels.shape}; give a column and a label a sample")
    own = np.flatnonzero(labels == digit)
    if not len(own):
        raise UsageError(f"no image is labelled {digit}; a circuit is searched on images of its digit")
    trial = Trial(weights, first[:, own], digit)
    trial.keep(np.ones(W2.shape, bool), np.ones(len(W2), bool), growing=True)
    hits_full = int(trial.says_yes().sum())
    labelled = clusters(C)
    seed = np.flatnonzero(labelled[:n_hidden] == labelled[n_hidden + digit])
    candidates = neighbours(C, n_hidden + digit)
    grown, hits_seed, hits_grown = grow(trial, seed, candidates[candidates < n_hidden])
    n_grown_edges = int((grown < n_first).sum() + 1) * int((grown >= n_first).sum())
    prune(trial, hits_full)
    hits = int(trial.says_yes().sum())
    return Circuit(digit, seed, grown, trial.edges(), n_grown_edges, hits_seed, hits_grown, hits, hits_full, len(own))


def relabelled(edges, n_first, n_second, *, random):
    """A random sub-graph of equal shape: the circuit's hidden neurons replaced by random ones of their layer.

    Numbers of neurons, of edges and all degrees stay as they are; so does the output.

    Parameters
    ----------
    edges : int array, shape (n_edges, 3)
    n_first, n_second : neurons in the hidden layers
    random : numpy Generator

    Returns
    -------
    int array, shape (n_edges, 3), sorted

    Source: METHODS D41, caveat (iii).

    >>> relabelled([[1, 0, 0], [2, 0, 7]], 1, 1, random=np.random.default_rng(0)).tolist()
    [[1, 0, 0], [2, 0, 7]]
    """
    edges = np.array(edges, int).reshape(-1, 3)
    first, second = random.permutation(n_first), random.permutation(n_second)
    middle = edges[:, 0] == 1
    edges[middle, 1], edges[middle, 2] = first[edges[middle, 1]], second[edges[middle, 2]]
    edges[~middle, 1] = second[edges[~middle, 1]]
    return edges[np.lexsort(edges.T[::-1])]


def _set_members(trial, members):
    """All pairs of adjacent layers within a set of hidden neurons and the digit's output."""
    n_second, n_first = trial.W2.shape
    inside = np.zeros(n_first + n_second, bool)
    inside[members] = True
    trial.keep(np.outer(inside[n_first:], inside[:n_first]), inside[n_first:], growing=True)


def _correlation(correlation):
    C = checks.array("correlation", correlation)
    if C.ndim != 2 or C.shape[0] != C.shape[1]:
        raise UsageError(f"correlation has shape {C.shape}; give a square matrix")
    if np.isnan(C).any():
        raise UsageError("correlation holds NaN; give a neuron without variance the correlation 0")
    return C
