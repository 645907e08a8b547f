"""The stationary law of preferential redistribution (Lynn, Holmes & Palmer 2024), exact, and its maximum likelihood."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from critnet import checks
from critnet.errors import UsageError

LARGEST_P = 0.999


class LynnFit(NamedTuple):
    """P_C by maximum likelihood, its standard error for independent pairs, the exponent of the tail, 1 + 1 / P_C."""

    probability: float
    error: float
    exponent: float


def lynn_law(largest, probability, mean):
    """Stationary probability that a pair has s units, s = 0 ... largest.

    A unit comes to a pair of s at a rate proportional to p s + (1 - p) mean, and all leave at the rate 1, so
    P(s) / P(s - 1) = (p (s - 1) + (1 - p) mean) / (1 + p s + (1 - p) mean): with a = mean (1 - p) / p,
    P(s) ~ Gamma(s + a) / Gamma(s + a + 1 + 1 / p), a tail of exponent 1 + 1 / p; geometric at p = 0.

    Parameters
    ----------
    largest : int >= 0
    probability : float in [0, 1], P_C
    mean : float > 0, units a pair

    Returns
    -------
    float64 array, shape (largest + 1,)

    Raises
    ------
    UsageError
        If an argument is outside its range.

    Source: Lynn, Holmes & Palmer 2024, Nature Physics 20; METHODS D39.

    >>> lynn_law(3, 0.0, 1.0).round(12).tolist()
    [0.5, 0.25, 0.125, 0.0625]
    >>> round(float(lynn_law(0, 0.5, 0.1)[0]), 12) == round(1 / 1.05, 12)
    True
    """
    largest = checks.whole("largest", largest, 0)
    probability, mean = checks.fraction("P_C", probability), checks.number("mean", mean, above=0)
    return np.exp(_log_law(largest, probability, mean))


def fit_lynn(counts, mean=None):
    """P_C of the exact law by maximum likelihood from how many units each pair has.

    Samples of one run taken 100 steps apart still share a third of their units: the error is then too small, and an
    interval over runs is right.

    Parameters
    ----------
    counts : array of whole numbers >= 0, any shape
    mean : float > 0 or None
        Units a pair; None: that of the counts, which the model conserves.

    Returns
    -------
    LynnFit; at P_C = 0, the geometric law, the error is NaN and the exponent infinite

    Raises
    ------
    UsageError
        If counts are no whole numbers, none is above 0, or the likelihood still rises at P_C = 0.999.

    Source: METHODS D39; claim C94.

    >>> fit_lynn([0] * 50 + [1] * 25 + [2] * 13 + [3] * 6 + [4] * 6).exponent > 5  # nearly geometric
    True
    """
    counts = checks.sample("counts", counts)
    if (counts != np.floor(counts)).any() or counts.min() < 0:
        raise UsageError("counts are not all whole numbers of at least 0; give the units of each pair")
    return fit_lynn_counts(np.bincount(counts.astype(np.int64)), mean)


def fit_lynn_counts(occurs, mean=None):
    """`fit_lynn` from how many pairs have 0, 1, 2 ... units, with the same errors.

    >>> fit_lynn_counts([50, 25, 13, 6, 6]) == fit_lynn([0] * 50 + [1] * 25 + [2] * 13 + [3] * 6 + [4] * 6)
    True
    """
    occurs = np.trim_zeros(checks.sample("occurs", occurs), "b")
    if (occurs < 0).any() or occurs.size < 2:
        raise UsageError("no pair has a unit, or a number of pairs is negative; there is nothing to fit")
    of_counts = float(occurs @ np.arange(occurs.size) / occurs.sum())
    mean = of_counts if mean is None else checks.number("mean", mean, above=0)

    def cost(p):
        return -float(occurs @ _log_law(occurs.size - 1, p, mean))

    found = minimize_scalar(cost, bounds=(0, LARGEST_P), method="bounded", options={"xatol": 1e-9})
    best = float(found.x)
    if cost(LARGEST_P) <= found.fun:
        raise UsageError(f"the likelihood still rises at P_C = {LARGEST_P}; the counts do not follow the law")
    if cost(0.0) <= found.fun:
        return LynnFit(0.0, np.nan, np.inf)
    step = 1e-3 * min(best, 1 - best)
    curvature = (cost(best + step) - 2 * cost(best) + cost(best - step)) / step**2
    return LynnFit(best, float(curvature**-0.5) if curvature > 0 else np.nan, 1 + 1 / best)


def _log_law(largest, p, mean):
    s = np.arange(1, largest + 1)
    fresh = (1 - p) * mean
    with np.errstate(divide="ignore"):  # at P_C = 1 no pair without a unit ever gets one
        steps = np.log(p * (s - 1) + fresh) - np.log1p(p * s + fresh)
    return np.cumsum([-np.log1p(fresh), *steps])
