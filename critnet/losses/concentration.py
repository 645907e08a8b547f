"""How the losses of the samples are spread: exceedance, histogram, variance, the share of the largest."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.losses.tilting import loss_array

BINS = 100


class Histogram(NamedTuple):
    """A histogram: `edges`, shape (n_bins + 1,), in nats; `share` of the samples and `density` (1/nat) by bin.

    `zeros` is the share of samples left out of logarithmic bins because their loss is exactly 0.
    """

    edges: np.ndarray
    share: np.ndarray
    density: np.ndarray
    zeros: float


def exceedance(losses, b):
    """Concentration probability P(L >= b): the share of samples whose loss is at least b.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    b : float or array, nats
        The paper draws 100 values from 0 to 3.

    Returns
    -------
    float or array like b, in [0, 1], falling in b

    Raises
    ------
    UsageError
        If b is NaN or a loss is NaN, infinite or negative.

    Source: Liu & Wang 2025, Fig. 2b; METHODS D25.

    >>> exceedance([0.1, 0.2, 0.2, 3.0], [0.0, 0.2, 5.0]).tolist()
    [1.0, 0.75, 0.0]
    """
    losses, points = loss_array(losses), checks.array("b", b, None)
    if np.isnan(points).any():
        raise UsageError("b holds NaN; give numbers in nats")
    below = np.searchsorted(np.sort(losses), points.ravel(), side="left").reshape(points.shape)
    share = 1 - below / losses.size
    return share if points.ndim else float(share)


def loss_histogram(losses, n_bins=BINS, *, definition="control"):
    """Distribution p(L) of the loss over the samples.

    As coded: equal bins from the smallest to the largest loss; nearly all samples fall into the first. Control:
    bins of equal width in ln L, from the smallest positive loss.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    n_bins : int >= 1
        100 in Fig. 2c.
    definition : "as-coded" or "control"

    Returns
    -------
    Histogram
        Losses that are equal to rounding fall into one bin of a range of no consequence.

    Raises
    ------
    UsageError
        If the definition is unknown, n_bins < 1, a loss is NaN, infinite or negative; in the control also if no loss
        is positive.

    Source: Liu & Wang 2025, Fig. 2c; METHODS D26.

    >>> loss_histogram([0.0, 0.4, 1.0], 2, definition="as-coded").share.round(4).tolist()
    [0.6667, 0.3333]
    """
    losses = loss_array(losses).astype(np.float64)
    checks.choice("definition", definition, checks.DEFINITIONS)
    n_bins = checks.whole("n_bins", n_bins)
    kept, zeros = losses, 0.0
    edges = np.histogram_bin_edges(losses, n_bins, checks.even_range(losses, n_bins))
    if definition == "control":
        kept = losses[losses > 0]
        if kept.size == 0:
            raise UsageError('all losses are 0, so no logarithmic bin holds one; use definition="as-coded"')
        zeros = 1 - kept.size / losses.size
        low, high = kept.min(), kept.max()
        grain = 4 * (n_bins + 1) * np.finfo(np.float64).eps  # a range of rounding alone counts as none
        edges = np.geomspace(low, high if high > low * (1 + grain) else 2 * low, n_bins + 1)
    share = np.histogram(kept, edges)[0] / losses.size
    return Histogram(edges, share, share / np.diff(edges), zeros)


def relative_variance(losses):
    """epsilon = Var(L) / <L>^2, the squared coefficient of variation (population variance).

    Parameters
    ----------
    losses : array, shape (n_samples,), nats

    Returns
    -------
    float >= 0; 0 for equal losses, all zero among them

    Raises
    ------
    UsageError
        If a loss is NaN, infinite or negative.

    Source: Liu & Wang 2025, section 2.2 (an inequality there, taken with equality); METHODS D27a.

    >>> round(relative_variance([1.0, 3.0]), 12)
    0.25
    """
    losses = loss_array(losses).astype(np.float64)
    largest = losses.max()
    if largest == losses.min():
        return 0.0
    losses = losses / largest  # so that squares of tiny losses do not vanish
    return float(losses.var() / losses.mean() ** 2)


def top_share(losses, fraction=0.01):
    """Share of the summed loss that the largest losses carry.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    fraction : float in (0, 1]
        Of the samples, rounded up to whole ones; 0.01 by default.

    Returns
    -------
    float in [0, 1]; `fraction`, so rounded, if all losses are equal

    Raises
    ------
    UsageError
        If the fraction is outside (0, 1] or a loss is NaN, infinite or negative.

    Source: METHODS D26 (single big jump: Vezzani, Barkai, Burioni 2019); C54.

    >>> top_share([0.0, 0.0, 1.0, 3.0], 0.25)
    0.75
    """
    losses = loss_array(losses).astype(np.float64)
    fraction = checks.number("fraction", fraction, high=1, above=0)
    count = int(np.ceil(fraction * losses.size - 1e-9))
    total = losses.sum()
    if total == 0:
        return count / losses.size
    return float(np.partition(losses, losses.size - count)[losses.size - count :].sum() / total)


def batch_means(losses, batch_size, n_batches, random):
    """Mean losses of random batches, drawn with replacement.

    Their variance is Var(L) / batch_size: what makes a cut through the loss of a batch rough is this scatter.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    batch_size, n_batches : int >= 1
    random : numpy Generator

    Returns
    -------
    array, shape (n_batches,), nats

    Raises
    ------
    UsageError
        If a count is below 1 or a loss is NaN, infinite or negative.

    Source: METHODS D23.

    >>> batch_means([2.0, 2.0], 64, 3, np.random.default_rng(0)).tolist()
    [2.0, 2.0, 2.0]
    """
    losses = loss_array(losses).astype(np.float64)
    batch_size, n_batches = checks.whole("batch_size", batch_size), checks.whole("n_batches", n_batches)
    checks.generator(random)
    means = np.empty(n_batches)
    block = max(1, 2_000_000 // batch_size)  # batches at once: 16 MB
    for start in range(0, n_batches, block):
        n = min(block, n_batches - start)
        means[start : start + n] = losses[random.integers(0, losses.size, (n, batch_size))].mean(axis=1)
    return means
