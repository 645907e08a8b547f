"""What each weight did over training, gathered one snapshot at a time."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

BINS = 1000


class Trajectories(NamedTuple):
    """Statistics of every weight over the snapshots so far, arrays (n_parameters,), float64, units of the weights.

    `weight` is the total weight of the snapshots and `squares` the weighted sum of squared deviations from `mean`.
    """

    weight: float
    mean: np.ndarray
    squares: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def variance(self):
        """Variance over the snapshots (of a population); 0 after one."""
        return self.squares / self.weight

    @property
    def displacement(self):
        """w_T - w_0."""
        return self.last - self.first


def add_snapshot(so_far, weights, weight=1.0):
    """Statistics with one more snapshot; nothing is kept of the snapshots but these five.

    Parameters
    ----------
    so_far : Trajectories, or None before the first snapshot
    weights : array, shape (n_parameters,)
    weight : float > 0
        How much the snapshot counts: 1 as the authors do it, the iterations it stands for in the control.

    Returns
    -------
    Trajectories

    Raises
    ------
    UsageError
        If weights are not a finite vector of the same length as before, or the weight is not positive.

    Source: METHODS D33; one pass after West 1979.

    >>> two = add_snapshot(add_snapshot(None, [1.0, 5.0]), [3.0, 5.0])
    >>> two.mean.tolist(), two.variance.tolist(), two.displacement.tolist()
    ([2.0, 5.0], [1.0, 0.0], [2.0, 0.0])
    """
    weights = checks.array("weights", weights).copy()
    if weights.ndim != 1 or not np.isfinite(weights).all():
        raise UsageError(f"weights of shape {weights.shape} are not a finite vector; leave out the diverged snapshots")
    weight = checks.number("weight", weight, above=0)
    if so_far is None:
        return Trajectories(weight, weights.copy(), np.zeros_like(weights), weights, weights)
    if weights.shape != so_far.mean.shape:
        raise UsageError(f"weights have length {weights.size} after {so_far.mean.size}; add snapshots of one network")
    total = so_far.weight + weight
    away = weights - so_far.mean
    mean = so_far.mean + away * (weight / total)
    squares = so_far.squares + weight * away * (weights - mean)
    return Trajectories(total, mean, squares, so_far.first, weights)


def relative_histogram(values, bins=BINS):
    """Histogram of the moduli divided by the largest, in linear bins over [0, 1] or less: (counts, edges).

    Parameters
    ----------
    values : array, shape (n_parameters,)
        Variances, last values or displacements.
    bins : int >= 1

    Returns
    -------
    counts : int array, shape (bins,)
    edges : array, shape (bins + 1,), from the smallest relative modulus to 1
        From 0.5 to 1.5 if all are equal to rounding.

    Raises
    ------
    UsageError
        If values are empty or not finite, or all 0.

    Source: METHODS D33.

    >>> counts, edges = relative_histogram([-4.0, 2.0, 0.0], bins=2)
    >>> counts.tolist(), edges.tolist()
    ([1, 2], [0.0, 0.5, 1.0])
    """
    moduli = np.abs(checks.array("values", values))
    if moduli.ndim != 1 or moduli.size == 0 or not np.isfinite(moduli).all():
        raise UsageError(f"values of shape {moduli.shape} are not a finite vector; leave out the diverged step first")
    if not moduli.any():
        raise UsageError("values are all 0, so none can be divided by the largest; take a run that has moved")
    bins, relative = checks.whole("bins", bins), moduli / moduli.max()
    return np.histogram(relative, bins, checks.even_range(relative, bins))
