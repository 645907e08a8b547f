"""Number of edges of the correlation graph seen through random mini-batches."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.neurons.activity import standardise_samples

CHUNK = 50  # batches correlated at once


def edge_count_distribution(
    activity, rng, *, definition="control", threshold=0.5, n_batches=1000, batch_size=64, shuffled=False
):
    """Edge counts N_E of the correlation graphs of random mini-batches.

    As coded: samples z-scored across neurons, and N_E counts ordered pairs **and the diagonal** with |C_ij| >= c, so a
    graph of E edges has N_E = M + 2 E; a neuron without variance in the batch takes its 1 off. The control correlates
    the raw activity and counts distinct pairs, N_E = E.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Raw activity, for either definition.
    rng : numpy.random.Generator
        Samples are drawn with replacement.
    definition : "as-coded" or "control"
    threshold : float in [0, 1]
        A pair with C = 0 exactly never counts.
    n_batches, batch_size : int >= 1
        With one sample a batch has no variance and no edges.
    shuffled : bool
        The null: each neuron gets samples of its own, which keeps its distribution and breaks all correlation (as
        coded, the z-scored values are shuffled).

    Returns
    -------
    int array, shape (n_batches,)

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix or holds NaN or infinity, or another argument is out of its range.

    Source: METHODS D15.

    >>> edge_count_distribution(np.array([[0.0, 1, 2], [0, 1, 2], [5, 5, 5]]), np.random.default_rng(0),
    ...                         definition="control", n_batches=3).tolist()
    [1, 1, 1]
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    threshold = checks.fraction("threshold", threshold)
    n_batches, batch_size = checks.whole("n_batches", n_batches), checks.whole("batch_size", batch_size)
    checks.generator(rng)
    values = standardise_samples(activity) if definition == "as-coded" else activity
    n_neurons, n_samples = values.shape
    neurons = np.arange(n_neurons)[:, None]
    counts = np.empty(n_batches, dtype=np.int64)
    for start in range(0, n_batches, CHUNK):
        stop = min(start + CHUNK, n_batches)
        if shuffled:
            picked = rng.integers(n_samples, size=(stop - start, n_neurons, batch_size))
            batches = values[neurons, picked]
        else:
            picked = rng.integers(n_samples, size=(stop - start, batch_size))
            batches = values[:, picked].transpose(1, 0, 2)
        pairs, live = _count(batches.astype(np.float64), threshold)
        counts[start:stop] = 2 * pairs + live if definition == "as-coded" else pairs
    return counts


def _count(batches, threshold):
    """Distinct pairs with |C| >= threshold and neurons with variance, of each of the batches (n, M, batch_size)."""
    constant = (batches == batches[..., :1]).all(axis=-1)
    batches -= batches.mean(axis=-1, keepdims=True)
    batches[constant] = 0.0
    norm = np.sqrt(np.einsum("bix,bix->bi", batches, batches))
    batches /= np.where(constant, 1.0, norm)[..., None]
    strength = np.abs(batches @ batches.transpose(0, 2, 1))
    strength[strength > 1 - 1e-12] = 1.0
    first, second = np.triu_indices(batches.shape[1], 1)
    strength = strength[:, first, second]
    return ((strength >= threshold) & (strength > 0)).sum(axis=1), (~constant).sum(axis=1)


def edge_count_density(counts, bins=30):
    """Histogram of edge counts as a density per thousand edges.

    Parameters
    ----------
    counts : int array, shape (n_batches,)
        From `edge_count_distribution`.
    bins : int >= 1

    Returns
    -------
    centres : array, shape (bins,), in thousands of edges
    density : array, shape (bins,), integrates to 1 over the thousands
        Equal counts fall into one bin of a range of width 1 around them.

    Raises
    ------
    UsageError
        If counts is empty or not finite, or bins < 1.

    Source: METHODS D15 and section 10.

    >>> centres, density = edge_count_density([1000, 1500, 2000], bins=2)
    >>> centres.tolist(), density.round(3).tolist()
    ([1.25, 1.75], [0.667, 1.333])
    """
    counts = checks.array("counts", counts)
    if counts.size == 0:
        raise UsageError("counts are empty; give the counts of at least one batch")
    checks.finite("counts", counts)
    counts, bins = counts / 1000, checks.whole("bins", bins)
    density, edges = np.histogram(counts, bins, checks.even_range(counts, bins), density=True)
    return (edges[1:] + edges[:-1]) / 2, density
