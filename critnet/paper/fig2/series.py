"""Named series of data/fig2.nc: what the panels of Fig. 2a-e draw and the claims judge."""

import numpy as np

from critnet.losses.deviations import convergence_criterion
from critnet.paper.anchors import steps
from critnet.paper.published import LOSS_THRESHOLD
from critnet.statistics.courses import evenly

ESTIMATES = {"as-coded": "as-coded", "control": "control", "upper-tail": "upper-tail"}
KIND = {"as-coded": "single weights", "control": "sets"}
SAMPLING = {"as-coded": "independent", "control": "common"}


def probability(data):
    """P(L >= b), (seed, t, b)."""
    return data["above"].values / n_samples(data)


def n_samples(data):
    """Samples that the losses are of: at b = 0 all are counted."""
    return int(data["above"].values[..., 0].max())


def entropy_change(data, definition, b=LOSS_THRESHOLD):
    """Delta S (seed, t) at the stored b nearest to the one asked for, nats."""
    kept = data["entropy_change"].sel(estimate=definition).sel(entropy_b=b, method="nearest")
    return kept.values.astype(float)


def side(data, b=LOSS_THRESHOLD):
    """(seed, t): -1 where b lies below the mean loss, 1 where above the largest, else 0."""
    return data["side"].sel(entropy_b=b, method="nearest").values


def criterion(data, definition, b=LOSS_THRESHOLD):
    """ln(mean loss / Delta S), (seed, t); infinite where Delta S is 0."""
    return convergence_criterion(data["mean_loss"].values, entropy_change(data, definition, b))


def relative_variance(data):
    """epsilon = Var(L) / <L>^2, (seed, t)."""
    return data["variance_loss"].values / data["mean_loss"].values ** 2


def forces(data, definition, b=LOSS_THRESHOLD, first=1, n=60):
    """Driving forces over equal steps of ln t: iterations (n - 1,), |step of mean loss|, |lambda step of Delta S|.

    lambda is the one that gives both the same range over training (METHODS D27a). Shapes (seed, n - 1).
    """
    t = steps(data)
    grid, loss = evenly(t, data["mean_loss"].values, first, t[-1], n)
    _, entropy = evenly(t, entropy_change(data, definition, b), first, t[-1], n)
    spread = np.ptp(entropy, axis=1, keepdims=True)
    scale = np.ptp(loss, axis=1, keepdims=True) / np.where(spread > 0, spread, np.inf)
    middle = np.sqrt(grid[1:] * grid[:-1])
    return middle, np.abs(np.diff(loss, axis=1)), np.abs(scale * np.diff(entropy, axis=1))
