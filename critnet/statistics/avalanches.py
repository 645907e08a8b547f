"""Sizes of avalanches: the reference law of a branching process, and exponents of counts as the authors read them."""

import numpy as np
from scipy.special import gammaln

from critnet.errors import UsageError
from critnet.statistics.tails import line


def progeny_law(n, ratio=1.0):
    """Probability that a branching process with Poisson offspring dies with n individuals in all, its first included.

    P(n) = e^{-R n} (R n)^{n-1} / n!; at R = 1 it falls as n^{-3/2} / sqrt(2 pi).

    Parameters
    ----------
    n : array of whole numbers >= 1
    ratio : float in [0, 1]
        Mean number of offspring, R.

    Returns
    -------
    array, the shape of n

    Source: Borel 1942; Beggs and Plenz 2003, J. Neurosci. 23, 11167; METHODS D44.

    >>> round(float(progeny_law(1)), 6), round(float(progeny_law(np.arange(1, 10**6)).sum()), 3)
    (0.367879, 0.999)
    """
    n = np.asarray(n)
    if not 0 <= ratio <= 1 or (n < 1).any() or (n != np.rint(n)).any():
        raise UsageError(f"ratio is {ratio}, n from {n.min()}; give a ratio in [0, 1] and whole numbers >= 1")
    n = n.astype(np.float64)
    if ratio == 0:
        return (n == 1).astype(float)
    return np.exp(-ratio * n + (n - 1) * np.log(ratio * n) - gammaln(n + 1))


def draw_progeny(count, ratio=1.0, *, random, largest=10**6):
    """Total progeny of so many branching processes, whole numbers; those that reach `largest` are cut there.

    A generation of the processes is drawn at once: the sum of k Poisson numbers is Poisson.

    >>> bool((draw_progeny(5, 0.0, random=np.random.default_rng(0)) == 1).all())
    True
    """
    if not 0 <= ratio <= 1 or count < 1 or largest < 1:
        raise UsageError(f"count {count}, ratio {ratio}, largest {largest}; give count, largest >= 1, ratio in [0, 1]")
    total = np.ones(count, np.int64)
    alive, born = np.arange(count), np.ones(count, np.int64)
    while alive.size:
        born = random.poisson(ratio * born)
        total[alive] += born
        goes_on = (born > 0) & (total[alive] < largest)
        alive, born = alive[goes_on], born[goes_on]
    return np.minimum(total, largest)


def log_bin_slope(values, bins=10, *, weights=None):
    """Line in ln-ln through the density of sizes in bins that grow geometrically; the exponent is minus its slope.

    Parameters
    ----------
    values : array of whole numbers >= 1
    bins : int
        Geometric bins from the smallest to the largest value; each holds the whole numbers within, and
        counts as wide as their number. Bins without a value, and the bins that hold no whole number, are left out.
    weights : array, shape of values, >= 0, or None
        How much each value counts, such as one over how many models of its kind there are; None for all alike.

    Returns
    -------
    LineFit
        Density against the geometric mean of a bin's first and last whole number.

    Raises
    ------
    UsageError
        If a value is below 1, fewer than two bins hold one, or a weight is negative, not finite or lacks its value.

    Source: METHODS D44.

    >>> log_bin_slope(np.repeat([1, 2, 4, 8], [8, 4, 2, 1]), 4).slope < 0
    True
    """
    values = np.asarray(values)
    if not values.size or (values < 1).any():
        raise UsageError(f"{values.size} sizes from {values.min() if values.size else '-'}; give whole numbers >= 1")
    weights = np.ones(values.shape) if weights is None else np.asarray(weights, np.float64)
    if weights.shape != values.shape or not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise UsageError(f"{values.size} sizes and weights of shape {weights.shape}; give each a finite weight >= 0")
    edges = np.unique(np.ceil(np.geomspace(values.min(), values.max() + 1, bins + 1) - 1e-9).astype(int))
    counts, width = np.histogram(values, edges, weights=weights)[0], np.diff(edges)
    centre = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    some = counts > 0
    return line(centre[some], counts[some] / width[some] / weights.sum())
