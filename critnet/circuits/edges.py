"""Sub-graphs of the 784-h-h-10 network as lists of edges: which edges there are, how to choose some, what they cost.

An edge is a row (layer, source, target): layer 1 leads from neuron `source` of the first hidden layer to neuron
`target` of the second, layer 2 from the second hidden layer to an output; neurons count from 0 within their layer.
Input weights are no edges: a pixel is not a neuron. They come along with the first-layer neuron they feed.
"""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError


class Size(NamedTuple):
    """What a sub-graph keeps.

    `n_edges`; `n_first` and `n_second`, the hidden neurons that have an edge; `n_weights` = n_inputs n_first + n_edges,
    which counts the inputs of every kept first-layer neuron; `by_edges` and `reduction`, the weights of the full
    network over n_edges and over n_weights (infinite for an empty sub-graph).
    """

    n_edges: int
    n_first: int
    n_second: int
    n_weights: int
    by_edges: float
    reduction: float


def full_edges(weights):
    """Every edge between adjacent layers: the sub-graph that leaves nothing out.

    Parameters
    ----------
    weights : mapping with W1 (h1, n_inputs), W2 (h2, h1), W3 (n_outputs, h2) and biases b1, b2, b3

    Returns
    -------
    int array, shape (h1 h2 + h2 n_outputs, 3), sorted

    Source: METHODS D41.
    """
    _, W2, W3 = matrices(weights)
    return _listed(np.ones(W2.shape, bool), np.ones(W3.shape, bool))


def correlated_edges(correlation, sizes, threshold=0.5):
    """Edges whose two neurons correlate more strongly than a threshold, |C_ij| > c: the critical connections.

    Parameters
    ----------
    correlation : array, shape (M, M)
        Neurons of the first hidden layer, of the second, outputs; M = sum(sizes).
    sizes : (h1, h2, n_outputs)
    threshold : float in [0, 1]
        Strict.

    Returns
    -------
    int array, shape (n_edges, 3), sorted

    Raises
    ------
    UsageError
        If the matrix does not have M rows and columns, holds NaN, or the threshold is out of range.

    Source: Liu & Wang 2025, section 3.1; METHODS D31.

    >>> C = np.eye(3)
    >>> C[0, 1] = C[1, 0] = -0.8
    >>> correlated_edges(C, (1, 1, 1)).tolist()
    [[1, 0, 0]]
    """
    n_first, n_second, _ = sizes
    correlation = checks.array("correlation", correlation)  # float64: a float32 matrix is not to round the threshold
    if correlation.shape != (sum(sizes), sum(sizes)):
        raise UsageError(f"correlation has shape {correlation.shape}; layers of {sizes} ask for {sum(sizes)} neurons")
    if np.isnan(correlation).any():
        raise UsageError("correlation holds NaN; give a neuron without variance the correlation 0")
    threshold = checks.fraction("threshold", threshold)
    above = np.abs(correlation) > threshold
    middle = slice(n_first, n_first + n_second)
    return _listed(above[middle, :n_first], above[n_first + n_second :, middle])


def strongest_edges(weights, count):
    """The edges with the largest |weight|, both layers together; of equal ones the first in order.

    Parameters
    ----------
    weights : as for `full_edges`
    count : int, from 0 to the number of edges

    Returns
    -------
    int array, shape (count, 3), sorted

    Raises
    ------
    UsageError
        If there are not that many edges.
    """
    edges = full_edges(weights)
    count = checks.whole("count", count, 0, len(edges))
    order = np.argsort(-np.abs(edge_values(weights, edges)), kind="stable")
    return edges[np.sort(order[:count])]


def edges_to(edges, output):
    """The part of a sub-graph that leads to one output: its edges into that output, and those into their sources.

    >>> edges_to([[1, 0, 0], [1, 0, 1], [2, 0, 7], [2, 1, 3]], 7).tolist()
    [[1, 0, 0], [2, 0, 7]]
    """
    edges = np.asarray(edges, int).reshape(-1, 3)
    last = edges[(edges[:, 0] == 2) & (edges[:, 2] == output)]
    return np.concatenate([edges[(edges[:, 0] == 1) & np.isin(edges[:, 2], last[:, 1])], last])


def edge_values(weights, edges):
    """The weight of each edge, shape (n_edges,)."""
    edge_masks(weights, edges)  # checks them
    edges = np.asarray(edges, int).reshape(-1, 3)
    _, W2, W3 = matrices(weights)
    values = np.empty(len(edges))
    for layer, matrix in ((1, W2), (2, W3)):
        of = edges[:, 0] == layer
        values[of] = matrix[edges[of, 2], edges[of, 1]]
    return values


def size(weights, edges):
    """How much of the network a sub-graph keeps, its inputs counted.

    The paper's saving counts edges only; yet each first-layer neuron that is kept keeps all its input weights.

    Returns
    -------
    Size

    Source: Liu & Wang 2025, section 4.1; METHODS D41, caveat (ii).

    >>> net = {"W1": np.ones((2, 8)), "b1": [0, 0], "W2": np.ones((1, 2)), "b2": [0], "W3": [[1], [1]], "b3": [0, 0]}
    >>> size(net, [[1, 0, 0], [2, 0, 1]])
    Size(n_edges=2, n_first=1, n_second=1, n_weights=10, by_edges=10.0, reduction=2.0)
    """
    W1, W2, W3 = matrices(weights)
    first, second = edge_masks(weights, edges)
    n_edges, n_first = int(first.sum() + second.sum()), int(first.any(axis=0).sum())
    n_second = int((first.any(axis=1) | second.any(axis=0)).sum())
    kept, full = W1.shape[1] * n_first + n_edges, W1.size + W2.size + W3.size
    by_edges, reduction = (full / n if n else np.inf for n in (n_edges, kept))
    return Size(n_edges, n_first, n_second, kept, by_edges, reduction)


def edge_masks(weights, edges):
    """Masks of W2 and W3 that are true on the edges.

    Returns
    -------
    bool arrays, shapes (h2, h1) and (n_outputs, h2)

    Raises
    ------
    UsageError
        If an edge names a neuron or a layer that is not there, or the weights do not fit together.
    """
    _, W2, W3 = matrices(weights)
    edges = np.asarray(edges)
    if edges.size == 0:
        edges = edges.reshape(0, 3).astype(int)
    if edges.ndim != 2 or edges.shape[1] != 3 or edges.dtype.kind not in "iu":
        raise UsageError(f"edges have shape {edges.shape} and type {edges.dtype}; give whole numbers, a row "
                         "(layer, source, target) an edge")  # fmt: skip
    masks = np.zeros(W2.shape, bool), np.zeros(W3.shape, bool)
    for layer, mask in enumerate(masks, start=1):
        rows = edges[edges[:, 0] == layer]
        outside = (rows[:, 1:] < 0) | (rows[:, 1:] >= mask.shape[::-1])
        if outside.any():
            raise UsageError(
                f"edge {rows[outside.any(axis=1)][0].tolist()} leads outside; layer {layer} has "
                f"{mask.shape[1]} sources and {mask.shape[0]} targets, counted from 0"
            )
        mask[rows[:, 2], rows[:, 1]] = True
    if not np.isin(edges[:, 0], (1, 2)).all():
        strange = edges[~np.isin(edges[:, 0], (1, 2))][0].tolist()
        raise UsageError(f"edge {strange} is of layer {strange[0]}; edges leave layer 1 or layer 2")
    return masks


def matrices(weights):
    """W1, W2, W3 in float64, checked against each other and the biases."""
    missing = [name for name in ("W1", "b1", "W2", "b2", "W3", "b3") if name not in weights]
    if missing:
        raise UsageError(f"weights lack {missing[0]!r}; give a mapping with W1, b1, W2, b2, W3, b3")
    W1, W2, W3 = (checks.array(name, weights[name]) for name in ("W1", "W2", "W3"))
    shapes = [np.shape(weights[name]) for name in ("b1", "b2", "b3")]
    fits = all(m.ndim == 2 for m in (W1, W2, W3)) and shapes == [(len(m),) for m in (W1, W2, W3)]
    if not fits or W2.shape[1] != len(W1) or W3.shape[1] != len(W2):
        raise UsageError(
            f"W1 {W1.shape}, W2 {W2.shape}, W3 {W3.shape} with biases {shapes} do not fit together; "
            "give W (n_out, n_in) and b (n_out,), layer after layer"
        )
    return W1, W2, W3


def _listed(first, second):
    """Masks of W2 and W3 as sorted rows (layer, source, target)."""
    rows = [np.c_[np.full(mask.sum(), layer), np.argwhere(mask.T)] for layer, mask in ((1, first), (2, second))]
    return np.concatenate(rows).astype(int)
