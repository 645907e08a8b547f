"""How a quantity grows with the size of a system: the exponent, with an interval over sizes and seeds."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.intervals import Interval
from critnet.statistics.resampling import sizes_interval


class Exponent(NamedTuple):
    """A law y = exp(intercept) size^value; `low` and `high` bound the exponent, `n_sizes` sizes and `n_runs` runs."""

    value: float
    low: float
    high: float
    intercept: float
    n_sizes: int
    n_runs: int


def scaling_exponent(size, value, *, n_bootstrap=1000, level=0.95, random):
    """Least-squares slope of ln value on ln size, each size counted once however many runs it has.

    The runs of a size are averaged in the logarithm first. The bootstrap redraws sizes, and for each drawn size its
    runs: the interval holds the scatter over seeds and that from size to size, which also grows where the law is not
    one power.

    Parameters
    ----------
    size, value : array, shape (n_runs,), all > 0
        The size of the system of each run, and the quantity measured on it.
    n_bootstrap : int >= 1
    level : float in (0, 1)
    random : numpy Generator

    Returns
    -------
    Exponent
        Redraws of a single size have no slope and are left out.

    Raises
    ------
    UsageError
        If the shapes differ, a number is not positive and finite, there are fewer than three sizes, or a parameter is
        out of range.

    Source: METHODS D20.

    >>> fit = scaling_exponent([1, 10, 100, 100], [2, 2e3, 2e6, 2e6], random=np.random.default_rng(0))
    >>> round(fit.value, 9), round(fit.low, 9), round(float(np.exp(fit.intercept)), 9), fit.n_sizes
    (3.0, 3.0, 2.0, 3)
    """
    size, value = checks.array("size", size), checks.array("value", value)
    if size.shape != value.shape or size.ndim != 1:
        raise UsageError(f"size has shape {size.shape} and value {value.shape}; give one size a value")
    bad = ~(np.isfinite(size) & np.isfinite(value) & (size > 0) & (value > 0))
    if bad.any():
        raise UsageError(f"{int(bad.sum())} of {size.size} runs have a size or a value that is not positive; drop them")
    n_bootstrap, level = checks.whole("n_bootstrap", n_bootstrap), checks.level(level)
    checks.generator(random)
    sizes, group = np.unique(size, return_inverse=True)
    if sizes.size < 3:
        raise UsageError(f"the runs have {sizes.size} different sizes; an exponent needs three")
    x, y = np.log(sizes), np.log(value)
    n_runs = np.bincount(group)
    slope, intercept = np.polyfit(x, np.bincount(group, y) / n_runs, 1)

    order = np.argsort(group, kind="stable")  # the runs of one size side by side
    first = np.cumsum(n_runs) - n_runs
    drawn = random.integers(0, sizes.size, (n_bootstrap, sizes.size))
    total = np.zeros(drawn.shape)
    for k in range(n_runs.max()):  # as many runs of each drawn size as it has
        pick = first[drawn] + (random.random(drawn.shape) * n_runs[drawn]).astype(int)
        total += np.where(k < n_runs[drawn], y[order[pick]], 0)
    slopes = _slopes(x[drawn], total / n_runs[drawn])
    low, high = np.nanquantile(slopes, [(1 - level) / 2, (1 + level) / 2])
    return Exponent(float(slope), float(low), float(high), float(intercept), int(sizes.size), int(size.size))


def _slopes(x, y):
    """Slope of each row; NaN where all x of a row are equal."""
    same = np.ptp(x, axis=1) == 0
    x = x - x.mean(axis=1, keepdims=True)
    return np.where(same, np.nan, (x * y).sum(axis=1) / np.where(same, 1.0, (x**2).sum(axis=1)))


def peak_position(x, y):
    """Where a series that was measured at a few points is largest, between them.

    The vertex of the parabola through the largest value and its two neighbours. Points need not be evenly spaced. A
    largest value at an end stays there.

    Parameters
    ----------
    x : array, shape (n,), rising
    y : array, shape (n,)

    Returns
    -------
    Interval
        The vertex, between the two neighbours of the largest point: that is all the points say for sure of one smooth
        peak.

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, x does not rise, or there is no point.

    Source: METHODS D17 (the turning point) on a coarse grid.

    >>> peak_position([0, 1, 2, 4], [0, 3, 4, 0])  # on 4 - (x - 2)^2
    Interval(value=2.0, low=1.0, high=4.0)
    """
    x, y = checks.array("x", x), checks.array("y", y)
    if x.shape != y.shape or x.ndim != 1 or x.size == 0 or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UsageError(f"x has shape {x.shape} and y {y.shape}; give one finite y an x, at least one")
    if (np.diff(x) <= 0).any():
        raise UsageError("x does not rise; sort the points and leave out repeated ones")
    i = int(y.argmax())
    low, high = float(x[max(i - 1, 0)]), float(x[min(i + 1, x.size - 1)])
    if i in (0, x.size - 1):
        return Interval(float(x[i]), low, high)
    left, right = x[i] - x[i - 1], x[i + 1] - x[i]
    down, up = (y[i] - y[i - 1]) / left, (y[i] - y[i + 1]) / right  # how much it falls to both sides, both >= 0
    if down == 0 and up == 0:
        return Interval(float(x[i]), low, high)
    return Interval(float(x[i] + (down * right - up * left) / (2 * (down + up))), low, high)


def exponent_with_zeros(size, value, *, n_bootstrap=500, level=0.95, random):
    """Exponent of a law whose values may be 0, where a line through logarithms would have to drop them.

    The mean of the values at a size is taken to be exp(intercept) size^exponent, and the exponent is that of the
    likelihood of counts (Poisson), which needs the mean to be right and no more; each size counts once. The bootstrap
    is that of `scaling_exponent`.

    Parameters
    ----------
    size, value : array, shape (n_runs,), sizes > 0, values >= 0 and not all 0
    n_bootstrap, level, random : as for `scaling_exponent`

    Returns
    -------
    Exponent

    Raises
    ------
    UsageError
        As `scaling_exponent`.

    Source: Santos Silva and Tenreyro 2006, Review of Economics and Statistics 88, 641; LEDGER 6 (C32).

    >>> fit = exponent_with_zeros([1, 10, 100, 100], [2, 20, 0, 400], random=np.random.default_rng(0))
    >>> round(fit.value, 6)
    1.0
    """
    size, value = np.asarray(size, np.float64), np.asarray(value, np.float64)
    if not (np.isfinite(value).all() and (value >= 0).all() and (value > 0).any()):
        raise UsageError("a value is negative or not finite, or all are 0; an exponent needs values >= 0")
    sizes, group = np.unique(size, return_inverse=True)
    x, total = np.log(size / size.max()), value.max()

    def fit(drawn, place):
        n = np.bincount(place)
        mean, where = np.bincount(place, value[drawn]) / n / total, x[drawn[np.unique(place, return_index=True)[1]]]
        return _poisson_slope(where, mean)

    interval = sizes_interval(lambda d, p: fit(d, p)[0], size, n_bootstrap=n_bootstrap, level=level, random=random)
    slope, intercept = fit(np.arange(size.size), group)
    intercept += np.log(total) - slope * np.log(size.max())
    return Exponent(slope, interval.low, interval.high, float(intercept), sizes.size, size.size)


def _poisson_slope(x, y):
    """Slope and intercept of ln mean y on x that maximise sum(y ln m - m), by Newton's method; NaN if all y are 0."""
    if not y.any() or np.ptp(x) == 0:
        return np.nan, np.nan
    slope = 0.0
    for _ in range(100):  # the intercept follows from the slope: sum m = sum y
        weight = np.exp(slope * x - (slope * x).max())
        share = weight / weight.sum()
        mean = share @ x
        step = (y @ x / y.sum() - mean) / max(share @ (x - mean) ** 2, 1e-12)
        slope += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    return slope, float(np.log(y.sum()) - np.log(np.exp(slope * x).sum()))
