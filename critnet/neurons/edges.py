"""Edges of the neuronal correlation graph: which pairs are joined at a threshold, with what weight; degrees.

Edge conventions (the weight of an edge in brackets):

- "signed":    C_ij >= c            (C_ij)
- "absolute":  |C_ij| >= c          (|C_ij|)
- "fisher":    |artanh C_ij| >= c   (|artanh C_ij|, with |C| clipped to 0.999999)

A pair of weight exactly 0 is never an edge, not even at c = 0: a dead neuron stays isolated.
"""

import numpy as np

from critnet import checks

FISHER_CLIP = 0.999999


def weigh(values, convention):
    """Edge weight of correlation values under a (checked) convention."""
    if convention == "signed":
        return values
    if convention == "absolute":
        return np.abs(values)
    return np.arctanh(np.minimum(np.abs(values), FISHER_CLIP))


def edge_weights(correlation, convention):
    """Weight of every pair under a convention, before any threshold; diagonal 0.

    Parameters
    ----------
    correlation : array, shape (M, M)
    convention : "signed", "absolute" or "fisher"

    Returns
    -------
    array, shape (M, M)

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1], or the convention is unknown.

    Source: METHODS D9, D13 and section 10.

    >>> edge_weights(np.array([[1, -0.5], [-0.5, 1]]), "absolute").tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    checks.choice("convention", convention, checks.CONVENTIONS)
    weights = np.triu(weigh(checks.correlation_matrix(correlation), convention), 1)
    return weights + weights.T


def adjacency(correlation, threshold, convention):
    """Which pairs are joined: weight >= threshold, and > 0 (see the top of this file).

    Parameters
    ----------
    correlation : array, shape (M, M)
    threshold : float in [0, 1]
        C_th of the paper; under "fisher" it applies to |artanh C|, so 0.5 means |C| >= tanh 0.5 = 0.46212.
    convention : "signed", "absolute" or "fisher"

    Returns
    -------
    bool array, shape (M, M), symmetric, empty diagonal

    Raises
    ------
    UsageError
        As `edge_weights`, or if the threshold is outside [0, 1].

    Source: METHODS D9.

    >>> adjacency(np.array([[1, -0.5], [-0.5, 1]]), 0.5, "signed").tolist()
    [[False, False], [False, False]]
    """
    return weighted_adjacency(correlation, threshold, convention) > 0


def weighted_adjacency(correlation, threshold, convention):
    """Edge weights where a pair is joined, 0 elsewhere; what `ricci` takes. Arguments and errors as `adjacency`.

    >>> weighted_adjacency(np.array([[1, -0.5], [-0.5, 1]]), 0.5, "absolute").tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    threshold = np.float64(checks.fraction("threshold", threshold))  # float64: a float32 matrix is not to round it
    weights = edge_weights(correlation, convention)
    return np.where((weights >= threshold) & (weights > 0), weights, 0)


def degrees(adjacency):
    """Number of neighbours of each neuron.

    Parameters
    ----------
    adjacency : bool array, shape (M, M)
        Symmetric, empty diagonal; anything else raises UsageError.

    Returns
    -------
    int array, shape (M,)

    Source: METHODS D12.

    >>> degrees([[0, 1, 1], [1, 0, 0], [1, 0, 0]]).tolist()
    [2, 1, 1]
    """
    return (checks.square_graph("adjacency", adjacency) != 0).sum(axis=1)


def mean_degree(adjacency):
    """<k> = 2 n_edges / M over all neurons, isolated ones included. Arguments and errors as `degrees`.

    Source: METHODS D12.

    >>> mean_degree(np.ones((5, 5)) - np.eye(5))
    4.0
    """
    return float(degrees(adjacency).mean())
