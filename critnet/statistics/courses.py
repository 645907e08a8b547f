"""Courses over training: resampled evenly in ln t, cut where their slope changes, ranked against another quantity."""

import numpy as np
from scipy.stats import spearmanr


def evenly(t, values, first, last, n=80):
    """Values of a series, a row a seed, at n equal steps of ln t; (n,) iterations and (seed, n) values."""
    grid = np.geomspace(first, last, n)
    kept = t >= 1
    return grid, np.array([np.interp(np.log(grid), np.log(t[kept]), row[kept]) for row in values])


def change_point(x, y, *, edge=4):
    """Where two straight lines, one before and one after, leave the least squares; and what share one line leaves more.

    >>> x = np.arange(20.0)
    >>> change_point(x, np.where(x < 12, 0.0, x))[0]
    11.5
    """

    def left(part):
        return np.sum((y[part] - np.polyval(np.polyfit(x[part], y[part], 1), x[part])) ** 2)

    places = range(edge, len(x) - edge + 1)
    sums = [left(slice(None, i)) + left(slice(i, None)) for i in places]
    best = int(np.argmin(sums))
    i, whole = places[best], left(slice(None))
    return float((x[i - 1] + x[i]) / 2), float(1 - sums[best] / whole) if whole > 0 else 0.0


def rank_correlation(x, y):
    """Spearman's; 0 where one of the two is constant."""
    return 0.0 if np.ptp(x) == 0 or np.ptp(y) == 0 else float(spearmanr(x, y).statistic)
