"""The coupling cost of a circuit: how coherently its neurons act on the images of its digit, edge by edge.

E_G = - sum over edges of w_ij <z_i z_j>, the mean over the digit's images. Weights and moments are kept apart, since
the sum mixes two things: weights that grow, and neurons that come to act together. Holding one of the two at its value
of some moment leaves the other.
"""

from typing import NamedTuple

import numpy as np

from critnet.circuits.edges import edge_masks, edge_values
from critnet.errors import UsageError


class Terms(NamedTuple):
    """What each edge brings to the coupling cost, arrays of shape (n_edges,).

    `weight` w_ij; `moment` the mean of z_i z_j over the digit's images; `signal` r_i r_j, with r_i the difference of a
    neuron's means on and off the digit over the root of their mean variance.
    """

    weight: np.ndarray
    moment: np.ndarray
    signal: np.ndarray


def standardise_neurons(activity):
    """z-score each neuron (row) over all samples; a neuron without variance is 0 throughout.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        As coded, the activity that was standardised sample by sample before (METHODS D7).

    Returns
    -------
    array of the same shape, float32, statistics in float64

    Raises
    ------
    UsageError
        If it is not a matrix with samples, or holds NaN or infinity.

    Source: METHODS D46 and section 10.

    >>> standardise_neurons([[1, 3], [2, 2]]).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    activity = np.asarray(activity)
    if activity.ndim != 2 or not activity.shape[1]:
        raise UsageError(f"activity has shape {activity.shape}; give (n_neurons, n_samples) with samples")
    z = np.empty(activity.shape, np.float32)
    for row, values in zip(z, activity, strict=True):
        if not np.isfinite(values).all():
            raise UsageError("activity holds NaN or infinity")
        centred = values - values.mean(dtype=np.float64)
        spread = 0.0 if (values == values[0]).all() else np.sqrt(np.mean(np.square(centred, dtype=np.float64)))
        row[:] = centred / spread if spread > 0 else 0
    return z


def terms(weights, edges, z, labels, digit):
    """Weight, moment and signal of each edge of a circuit.

    Parameters
    ----------
    weights : mapping with W1, b1, W2, b2, W3, b3
    edges : int array, shape (n_edges, 3)
    z : array, shape (h1 + h2 + n_outputs, n_samples)
        From `standardise_neurons`.
    labels : int array, shape (n_samples,)
    digit : int

    Returns
    -------
    Terms
        `signal` is 0 where a neuron does not vary within either group, NaN if no sample is off the digit.

    Raises
    ------
    UsageError
        If no sample shows the digit, an edge does not exist or shapes do not fit.

    Source: METHODS D46.
    """
    i, j = _rows(weights, edges, z)
    labels = np.asarray(labels)
    if labels.shape != z.shape[1:]:
        raise UsageError(f"z has shape {z.shape} and labels {labels.shape}; give a label a sample")
    own = labels == digit
    if not own.any():
        raise UsageError(f"no sample is labelled {digit}; its coupling cost is a mean over them")
    used, place = np.unique(np.r_[i, j], return_inverse=True)
    on, off = (z[used][:, group].astype(np.float64) for group in (own, ~own))
    gram = on @ on.T / on.shape[1]
    if off.shape[1]:
        noise = np.sqrt((on.var(axis=1) + off.var(axis=1)) / 2)
        apart = on.mean(axis=1) - off.mean(axis=1)
        ratio = np.divide(apart, noise, out=np.zeros_like(apart), where=noise > 0)
    else:
        ratio = np.full(len(used), np.nan)
    a, b = place[: len(i)], place[len(i) :]
    return Terms(edge_values(weights, edges), gram[a, b], ratio[a] * ratio[b])


def energy(weight, moment):
    """E_G = - sum over edges (the last axis) of weight x moment; negative means coherent.

    With `weight` of all times and `moment` of one time this is the cost with the coherence frozen; the other way round,
    that with the weights frozen. With `Terms.signal` for the moment it is the signal-to-noise form.

    Source: Liu & Wang 2025, section 4.3; METHODS D46.

    >>> energy(np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([0.5, 0.25])).tolist()
    [-1.0, -2.0]
    """
    return -np.sum(np.asarray(weight) * np.asarray(moment), axis=-1)


def normalised_energy(weight, moment):
    """E_G / sum |w|: the cost per unit of weight, which growth of all weights alone does not change; in [-m, m].

    NaN for a circuit without edges.

    Source: METHODS D46 (i).

    >>> float(normalised_energy([2.0, -2.0], [0.5, -0.5]))
    -0.5
    """
    total = np.abs(weight).sum(axis=-1)
    return np.divide(energy(weight, moment), total, out=np.full(np.shape(total), np.nan), where=total > 0)


def sample_energy(weights, edges, z):
    """E_G(x) of each sample, shape (n_samples,): - sum over edges of w_ij z_i(x) z_j(x).

    Parameters
    ----------
    weights, edges, z : as for `terms`

    Source: METHODS D46.
    """
    i, j = _rows(weights, edges, z)
    values = edge_values(weights, edges)
    found = np.zeros(z.shape[1])
    for a, b, value in zip(i, j, values, strict=True):
        found -= value * z[a].astype(np.float64) * z[b]
    return found


def _rows(weights, edges, z):
    """Rows of the two ends of each edge among all neurons."""
    h1, h2, n_outputs = (len(weights[name]) for name in ("b1", "b2", "b3"))
    if np.ndim(z) != 2 or len(z) != h1 + h2 + n_outputs:
        raise UsageError(f"z has shape {np.shape(z)}; the network has {h1 + h2 + n_outputs} neurons")
    edge_masks(weights, edges)  # refuses what is no edge of the network
    edges = np.asarray(edges, int).reshape(-1, 3)
    start = np.array([0, 0, h1, h1 + h2])
    return start[edges[:, 0]] + edges[:, 1], start[edges[:, 0] + 1] + edges[:, 2]
