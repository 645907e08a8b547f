"""How the parameters of a network are distributed: linear histograms by sign, and the random control."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

BINS = 100


class Histogram(NamedTuple):
    """`counts`, shape (n_bins,), int, and `edges`, shape (n_bins + 1,), NaN if there is nothing to count."""

    counts: np.ndarray
    edges: np.ndarray


class SignedHistograms(NamedTuple):
    """Histograms of the values >= 0, and of -w for the values below 0."""

    positive: Histogram
    negative: Histogram


def weight_histograms(weights, bins=BINS):
    """Histograms of the positive and of the negative parameters, linear bins from the smallest to the largest modulus.

    Moduli that are equal to rounding fall into one bin of a range of width one around them.

    Parameters
    ----------
    weights : array, shape (n_parameters,)
        All parameters, biases included, for the paper's figure.
    bins : int >= 1

    Returns
    -------
    SignedHistograms
        A value of 0 counts as positive. Edges in the units of the weights.

    Raises
    ------
    UsageError
        If weights are empty or not finite, or bins is below 1.

    Source: METHODS D32.

    >>> found = weight_histograms([0.0, 1.0, 2.0, -3.0], bins=2)
    >>> found.positive.counts.tolist(), found.positive.edges.tolist(), int(found.negative.counts.sum())
    ([1, 2], [0.0, 1.0, 2.0], 1)
    """
    weights = _parameters(weights)
    bins = checks.whole("bins", bins)
    positive = weights >= 0
    return SignedHistograms(_histogram(weights[positive], bins), _histogram(-weights[~positive], bins))


def random_transfers(weights, random, *, n_transfers=100_000, spread=0.1):
    """The paper's randomised network: w_i += d, w_j -= d for random pairs i, j and Gaussian d, over and over.

    Their sum is kept; each weight gains a Gaussian of variance 2 n_transfers spread^2 / n_parameters.

    Parameters
    ----------
    weights : array, shape (n_parameters,)
    random : numpy.random.Generator
    n_transfers : int >= 0
    spread : float >= 0, standard deviation of d, in the units of the weights

    Returns
    -------
    array, shape (n_parameters,), float64

    Raises
    ------
    UsageError
        If weights are empty or not finite, or a number is negative.

    Source: METHODS D32.

    >>> random_transfers([1.0, 2.0], np.random.default_rng(0), n_transfers=0).tolist()
    [1.0, 2.0]
    """
    moved = _parameters(weights).astype(np.float64)
    n_transfers, spread = checks.whole("n_transfers", n_transfers, 0), checks.number("spread", spread, 0)
    checks.generator(random)
    pairs = random.integers(moved.size, size=(2, n_transfers))
    amount = random.normal(0, spread, n_transfers)
    np.add.at(moved, pairs[0], amount)
    np.subtract.at(moved, pairs[1], amount)
    return moved


def _histogram(values, bins):
    if not values.size:
        return Histogram(np.zeros(bins, np.int64), np.full(bins + 1, np.nan))
    values = values.astype(np.float64)
    return Histogram(*np.histogram(values, bins, checks.even_range(values, bins)))


def _parameters(weights):
    weights = checks.array("weights", weights, None)
    if weights.ndim != 1 or weights.size == 0:
        raise UsageError(f"weights have shape {weights.shape}; give one vector of parameters, at least one")
    if not np.isfinite(weights).all():
        raise UsageError("weights hold NaN or infinite values; leave out the diverged step first")
    return weights
