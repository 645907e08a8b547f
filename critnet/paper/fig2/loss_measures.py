"""What Fig. 2b-e reads of the losses of one snapshot."""

import numpy as np
from scipy.stats import kurtosis, norm, skew

from critnet.losses.concentration import batch_means, exceedance, loss_histogram, top_share
from critnet.losses.deviations import DEFINITIONS, entropy_change, extrapolated
from critnet.paper.published import LOSS_THRESHOLD
from critnet.statistics.likelihoods import RIVALS
from critnet.statistics.tails import fit_tail

EXCEEDANCE = np.linspace(0, 3, 100)  # b of Fig. 2b, nats
ENTROPY = np.array([5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.5])  # b of Fig. 2d; 5e-3 in the paper
TENTH = 0.1  # C55
BINS = 100
MULTIPLES = (1.25, 1.5, 2.0, 3.0)  # of the mean loss; then the paper's b
BATCH, DRAWS = 64, 100_000
BATCH_SIZES = (1, 4, 16, 64, 256, 1024)
SAMPLED = 10_000_000  # losses drawn for each variance of a batch mean
RANGES = ("as-coded", "control")
BOOTSTRAP = 20


def of_all(losses):
    """At every snapshot: moments, exceedance counts, entropy changes, and on which side of the losses b lies."""
    full = losses.astype(np.float64)
    n = losses.size
    return {
        "mean_loss": full.mean(),
        "variance_loss": full.var(),
        "max_loss": full.max(),
        "above": np.rint(n * exceedance(losses, EXCEEDANCE)),
        "above_tenth": np.rint(n * exceedance(losses, TENTH)),
        "entropy_change": [entropy_change(losses, ENTROPY, definition=d) for d in DEFINITIONS],
        "side": extrapolated(losses, ENTROPY),
        "top_share": top_share(losses),
        "largest_share": full.max() / full.sum(),
    }


def of_shape(losses):
    """Histograms with linear bins as coded and logarithmic ones, their first and last edges, moments of ln L."""
    linear, logarithmic = (loss_histogram(losses, BINS, definition=d) for d in RANGES)
    logs = np.log(losses[losses > 0].astype(np.float64))
    z = np.sort((logs - logs.mean()) / logs.std())
    steps = np.arange(z.size + 1) / z.size
    return {
        "histogram": np.rint(losses.size * np.array([linear.share, logarithmic.share])),
        "histogram_range": [h.edges[[0, -1]] for h in (linear, logarithmic)],
        "log_moments": [logs.mean(), logs.std(), skew(z), kurtosis(z)],
        "log_distance": max((norm.cdf(z) - steps[:-1]).max(), (steps[1:] - norm.cdf(z)).max()),
    }


def of_tail(losses, random):
    """Power law and rivals, fitted above two lower ends.

    As coded: above the first of the hundred linear bins, which is what the log-log plot of Fig. 2c resolves. Control:
    above the x_min of least Kolmogorov-Smirnov distance, with the p-value of 20 bootstraps.
    """
    positive = losses[losses > 0].astype(np.float64)
    first = positive.min() + np.ptp(positive) / BINS
    fits = fit_tail(positive, x_min=first), fit_tail(positive, n_bootstrap=BOOTSTRAP, random=random)
    return {
        "tail": [[f.alpha, f.error, f.x_min, f.n_tail, f.decades, f.p_value] for f in fits],
        "tail_ratio": [[f.ratio[r] for r in RIVALS] for f in fits],
        "tail_ratio_p": [[f.ratio_p[r] for r in RIVALS] for f in fits],
    }


def of_batches(losses, random):
    """Batches drawn at random: how often their mean reaches b, the rate that bounds it, and their variance by size."""
    mean = losses.mean(dtype=np.float64)
    b = np.array([*(m * mean for m in MULTIPLES), LOSS_THRESHOLD])
    reached = batch_means(losses, BATCH, DRAWS, random)[:, None] >= b
    with_replacement = [
        np.mean((batch_means(losses, size, min(SAMPLED // size, SAMPLED // 10), random) - mean) ** 2)
        for size in BATCH_SIZES
    ]
    return {
        "bound_b": b,
        "bound_reached": reached.sum(axis=0),
        "bound_rate": [entropy_change(losses, b, definition=d) for d in DEFINITIONS],
        "batch_variance": [with_replacement, _without_replacement(losses.astype(np.float64), mean, random)],
    }


def _without_replacement(losses, mean, random):
    """Variance of the means of the batches into which shuffled losses are cut, as a training loop cuts them."""
    sums, rounds = np.zeros(len(BATCH_SIZES)), max(1, SAMPLED // losses.size)
    for _ in range(rounds):
        shuffled = random.permutation(losses)
        for i, size in enumerate(BATCH_SIZES):
            whole = losses.size // size * size
            sums[i] += np.mean((shuffled[:whole].reshape(-1, size).mean(axis=1) - mean) ** 2) if whole else np.nan
    return sums / rounds
