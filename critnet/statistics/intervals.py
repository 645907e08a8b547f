"""How sure a number is: bootstrap of a slope, range over seeds."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError


class Interval(NamedTuple):
    """A value between `low` and `high`."""

    value: float
    low: float
    high: float


def slope_interval(x, y, *, n_bootstrap=1000, level=0.95, random):
    """Least-squares slope of y on x, with the percentile interval of a bootstrap that redraws the points.

    Take logarithms first for an exponent.

    Parameters
    ----------
    x, y : array, shape (n,), n >= 3
    n_bootstrap : int >= 1
    level : float in (0, 1)
    random : numpy Generator

    Returns
    -------
    Interval
        Redraws whose points share one x have no slope and are left out.

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, there are fewer than three points or two different x, or a
        parameter is out of range.

    Source: METHODS section 9 (Efron 1979); the exponents of the ledger.

    >>> slope_interval([0, 1, 2, 3], [1, 3, 5, 7], random=np.random.default_rng(0))
    Interval(value=2.0, low=2.0, high=2.0)
    """
    x, y = checks.array("x", x), checks.array("y", y)
    if x.shape != y.shape or x.ndim != 1 or x.size < 3:
        raise UsageError(f"x has shape {x.shape} and y {y.shape}; give one y an x, at least three")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UsageError("x or y holds NaN or infinite values; leave those points out")
    if np.ptp(x) == 0:
        raise UsageError(f"all {x.size} points are at x = {x[0]}; a slope needs two different x")
    n_bootstrap, level = checks.whole("n_bootstrap", n_bootstrap), checks.level(level)
    checks.generator(random)
    drawn = random.integers(0, x.size, (n_bootstrap, x.size))
    slopes = _slopes(x[drawn], y[drawn])
    low, high = np.nanquantile(slopes, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(_slopes(x[None], y[None])[0]), float(low), float(high))


def seed_range(values):
    """Median, smallest and largest value over the seeds.

    The range of n seeds holds the median of all seeds with probability 1 - 2^(1 - n): 94 % for five.

    Parameters
    ----------
    values : array, shape (n_seeds,)

    Returns
    -------
    Interval

    Raises
    ------
    UsageError
        If there is no value or one is NaN.

    Source: CLAIMS (convention: at least five seeds, median and range).

    >>> seed_range([3.0, 1.0, 2.0])
    Interval(value=2.0, low=1.0, high=3.0)
    """
    values = checks.array("values", values).ravel()
    if values.size == 0 or np.isnan(values).any():
        raise UsageError(f"values holds {int(np.isnan(values).sum())} NaN of {values.size}; give one number a seed")
    return Interval(float(np.median(values)), float(values.min()), float(values.max()))


def _slopes(x, y):
    """Slope of each row; NaN where all x of a row are equal."""
    x = x - x.mean(axis=1, keepdims=True)
    square = (x**2).sum(axis=1)
    same = square <= 1e-24 * np.maximum(np.abs(x).max(), 1.0)
    return np.where(same, np.nan, (x * y).sum(axis=1) / np.where(same, 1.0, square))
